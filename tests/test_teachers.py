import math
import pickle

import numpy as np
import pytest
from brian2 import Hz, Quantity, TimedArray, ms, mV, second
from hypothesis import given
from hypothesis import strategies as st

from forcelib import ParameterError, Teacher, teachers

frequencies = st.floats(0.1, 50)
times = np.linspace(0, 3, 500)


def test_default_sine_is_the_task_of_the_reference_program():
    t = np.arange(2000) * 0.05e-3
    teacher = teachers.sine()
    np.testing.assert_array_equal(teacher(t), np.sin(2 * np.pi * 5 * t))
    assert teacher.frequency == 5.0
    assert teacher.name == "5 Hz sine"


@given(frequencies, st.floats(-100, 100))
def test_sine(frequency, amplitude):
    teacher = teachers.sine(frequency * Hz, amplitude)
    expected = amplitude * np.sin(2 * np.pi * frequency * times)
    # The phase reaches 1000 rad, known to 1e-13.
    np.testing.assert_allclose(teacher(times), expected, rtol=0, atol=1e-12 * abs(amplitude))
    assert teacher.frequency == pytest.approx(frequency, rel=1e-15)


@given(frequencies)
def test_sawtooth_is_a_triangular_wave(frequency):
    teacher = teachers.sawtooth(frequency * Hz)
    quarter = 1 / (4 * frequency)
    corners = teacher(np.arange(9) * quarter)
    # Near a corner asin loses half of the digits.
    np.testing.assert_allclose(corners, np.pi / 2 * np.array([0, 1, 0, -1, 0, 1, 0, -1, 0]), atol=1e-6)
    rising = teacher(np.linspace(-0.9, 0.9, 20) * quarter)
    np.testing.assert_allclose(rising, np.linspace(-0.9, 0.9, 20) * np.pi / 2, atol=1e-12)


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 0.5, 0.125]))
def test_product_of_sines_and_its_period(first, second, unit):
    teacher = teachers.product_of_sines(first * unit * Hz, second * unit * Hz)
    f, g = first * unit, second * unit
    product = np.sin(2 * np.pi * f * times) * np.sin(2 * np.pi * g * times)
    np.testing.assert_allclose(teacher(times), product, rtol=0, atol=1e-12)
    np.testing.assert_allclose(teacher(times + 1 / teacher.frequency), product, rtol=0, atol=1e-10)
    # No shorter period: half of it, a third of it, and so on, are none.
    for parts in (2, 3, 5, 7):
        assert np.abs(teacher(times + 1 / (parts * teacher.frequency)) - product).max() > 1e-3


def rates_of_change(signal, dt):
    """Fourth-order differences of a periodic signal."""
    ahead, behind = (lambda k: np.roll(signal, -k, axis=0)), (lambda k: np.roll(signal, k, axis=0))
    return (8 * (ahead(1) - behind(1)) - (ahead(2) - behind(2))) / (12 * dt)


# Periods in the oscillator's own time: series for small mu, tables for large (Zonneveld 1966).
@pytest.mark.parametrize(
    ("mu", "period", "amplitude"),
    [
        (0.01, 2 * np.pi, 2.0),
        (0.3, 2 * np.pi * (1 + 0.3**2 / 16 - 5 * 0.3**4 / 3072), 2.0),
        (1.0, 6.66329, 2.00862),
        (5.0, 11.61223, 2.02151),
    ],
)
def test_van_der_pol_satisfies_its_equation(mu, period, amplitude):
    frequency = 4.0
    teacher = teachers.van_der_pol(mu, frequency * Hz)
    signal = teacher(np.arange(4000) / (4000 * frequency))
    X, Y = signal.T
    np.testing.assert_allclose(np.abs(signal).max(axis=0), 1, rtol=1e-5)
    speed = rates_of_change(signal, 1 / (4000 * frequency)) / (period * frequency)
    # With x = a X and y = b Y: a X' = mu (a X - a^3 X^3 / 3 - b Y) and b Y' = a X / mu.
    coefficients, *_ = np.linalg.lstsq(np.column_stack([X, X**3, Y]), speed[:, 0], rcond=None)
    across, *_ = np.linalg.lstsq(X[:, None], speed[:, 1], rcond=None)
    fitted = np.column_stack([np.column_stack([X, X**3, Y]) @ coefficients, across[0] * X])
    # The signal is interpolated between 4001 points of a cycle, which limits all that follows.
    np.testing.assert_allclose(speed, fitted, rtol=0, atol=1e-3 * np.abs(speed).max())
    assert coefficients[0] == pytest.approx(mu, rel=2e-3)
    assert -coefficients[2] * across[0] == pytest.approx(1, rel=2e-3)
    assert np.sqrt(-3 * coefficients[1] / coefficients[0]) == pytest.approx(amplitude, rel=1e-3)


@pytest.mark.parametrize("mu", [0.3, 5, 100])
def test_van_der_pol_has_its_frequency_and_begins_rising(mu):
    teacher = teachers.van_der_pol(mu, 2.5 * Hz)
    assert teacher.frequency == 2.5
    t = np.arange(4000) / 4000
    np.testing.assert_allclose(teacher(t + 0.4), teacher(t), atol=1e-6)
    x, y = teacher(np.arange(40_000) / 4000).T  # 10 s
    assert np.count_nonzero((x[:-1] < 0) & (x[1:] >= 0)) in (24, 25)
    assert abs(x[0]) < 1e-6
    assert x[1] > 0 > y[0]


def test_noise():
    clean, noisy = teachers.sine(), teachers.noisy(teachers.sine(), 0.2, seed=1)
    t = np.arange(20_000) * 1e-3
    noise = noisy(t) - clean(t)
    # Five standard errors each.
    assert noise.std() == pytest.approx(0.2, rel=5 / np.sqrt(2 * len(t)))
    assert noise.mean() == pytest.approx(0, abs=0.2 * 5 / np.sqrt(len(t)))
    assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 5 / np.sqrt(len(t))
    # The same times always get the same noise, as when a run is continued, and other seeds another.
    np.testing.assert_array_equal(noisy(t[500:]), noisy(t)[500:])
    assert np.abs(noisy(t) - teachers.noisy(clean, 0.2, seed=2)(t)).max() > 0.1
    np.testing.assert_array_equal(teachers.noisy(clean, 0, seed=1)(t), clean(t))
    assert noisy.frequency == 5


def test_uniform_noise():
    t = np.arange(20_000) * 1e-3
    noise = teachers.noisy(teachers.sine(), 0.05, seed=1, uniform=True)(t) - teachers.sine()(t)
    assert noise.min() > -1e-12
    assert noise.max() < 0.05
    assert noise.mean() == pytest.approx(0.025, abs=5 * 0.05 / np.sqrt(12 * len(t)))


def test_product_of_three_and_sum_of_sines():
    three = teachers.product_of_sines(2 * Hz, 3 * Hz, 7 * Hz)
    parts = [np.sin(2 * np.pi * f * times) for f in (2, 3, 7)]
    np.testing.assert_allclose(three(times), np.prod(parts, axis=0), rtol=0, atol=1e-13)
    assert three.frequency == 2  # of the cosines of 12, 8, 6 and 2 Hz
    total = teachers.sum_of_sines([2, 3, 7] * Hz, [1, -2, 0.5])
    np.testing.assert_allclose(total(times), np.dot([1, -2, 0.5], parts), rtol=0, atol=1e-13)
    assert total.frequency == 1
    np.testing.assert_array_equal(teachers.sum_of_sines([5] * Hz)(times), teachers.sine()(times))


@pytest.mark.parametrize("mu", [0.5, 5])
def test_the_published_van_der_pol_satisfies_the_equations_of_the_program(mu):
    teacher = teachers.van_der_pol(mu, published=True)
    dt = 1 / (4000 * teacher.frequency)
    signal = teacher(np.arange(4000) * dt)
    x, y = signal.T
    speed = np.stack([20 * mu * (x - 100 * x**3 / 3 - y), 20 * x / mu], axis=-1)
    np.testing.assert_allclose(
        rates_of_change(signal, dt), speed, rtol=0, atol=2e-3 * np.abs(speed).max(axis=0).min()
    )


def test_lorenz_satisfies_its_equations_across_pieces():
    teacher = teachers.lorenz()
    t = 9.5 + np.arange(4001) * 2.5e-4  # a new piece begins at 10
    signal = teacher(t)
    x, y, z = signal.T
    speed = np.stack([10 * (y - x), 28 * x - 70 * x * z - y, 70 * x * y - 8 * z / 3], axis=-1)
    inner = slice(2, -2)
    np.testing.assert_allclose(rates_of_change(signal, 2.5e-4)[inner], speed[inner], atol=1e-5)
    # Both wings are visited; read in any order, it is the same trajectory.
    long = teacher(np.arange(0, 30, 0.01))
    assert long[:, 0].min() < -0.1 < 0.1 < long[:, 0].max()
    np.testing.assert_array_equal(teacher(t[::-1]), signal[::-1])
    np.testing.assert_array_equal(teachers.lorenz(speed=0.5)(2 * t), signal)


def test_a_tune_is_what_one_writes_down_note_by_note():
    teacher = teachers.tune([("E", 1), ("C", 0.5), (None, 1), ("C", 1.5)], "CE", beat=1 * second)
    t = np.arange(800) / 100
    expected = np.zeros((800, 2))
    for begin, length, output in ((0, 1, 1), (1, 0.5, 0), (2.5, 1.5, 0)):
        for late in (0, 4):  # it repeats
            inside = (t >= begin + late) & (t < begin + late + length)
            expected[inside, output] = np.sin(np.pi * (t[inside] - begin - late) / length)
    np.testing.assert_allclose(teacher(t), expected, rtol=0, atol=1e-12)
    assert teacher.frequency == 0.25
    assert teachers.tune([("E", 1), ("C", 1)]) == teachers.tune([("E", 1), ("C", 1)], ["E", "C"])


def test_ode_to_joy_is_that_of_the_authors():
    # Times in the middle of beats; the half note at the end has its only peak between the last two.
    middle = np.arange(64) * 0.25 + 0.125
    short, long = teachers.ode_to_joy(), teachers.ode_to_joy(whole=True)
    heard = "".join("CDEFG"[note] for note in long(middle)[:, :5].argmax(axis=1))
    assert heard == "EEFGGFEDCCDEEDDD" + "EEFGGFEDCCDEDCCC" + "DDECDFECDFEDCDGG" + "EEFGGFEDCCDEDCCC"
    np.testing.assert_allclose(short(middle[:16]), long(middle[:16])[:, :5], atol=1e-12)
    peaks = short(middle[:16]).max(axis=1)
    np.testing.assert_allclose(peaks, [1] * 14 + [np.sqrt(0.5)] * 2)
    assert short([3.75])[0, 1] == pytest.approx(1)
    np.testing.assert_allclose(long(middle)[:, 5:], np.eye(64), atol=1e-9)
    assert (short.frequency, long.frequency) == (0.25, 0.0625)


def test_hdts_is_one_bump_after_the_other():
    signal = teachers.hdts(7, 350 * ms)(times)
    np.testing.assert_allclose(signal.sum(axis=1), np.abs(np.sin(7 * np.pi * times / 0.35)), atol=1e-12)
    assert (np.count_nonzero(signal > 1e-6, axis=1) <= 1).all()
    part = np.floor(times / 0.05 + 1e-9).astype(int) % 7
    inside = signal.max(axis=1) > 1e-6
    np.testing.assert_array_equal(signal.argmax(axis=1)[inside], part[inside])


def test_points_are_shown_in_every_other_interval_and_their_class_is_asked_for():
    teacher, points = teachers.classification(seed=1)
    t = np.arange(40_000) * 0.025  # ten steps an interval
    x, y = points(t).reshape(-1, 20, 2)[:, :10].transpose(2, 0, 1)
    assert not points(t).reshape(-1, 20, 2)[:, 10:].any()
    assert not teacher(t).reshape(-1, 20)[:, 10:].any()
    assert (x == x[:, :1]).all()
    up, bump = (y > x)[:, :1], 0.5 * np.sin(np.pi * np.arange(10) / 10)
    np.testing.assert_allclose(teacher(t).reshape(-1, 20)[:, :10], np.where(up, bump, -bump), atol=1e-9)
    # Uniform in the unit square: five standard errors.
    for drawn in (x[:, 0], y[:, 0]):
        assert drawn.mean() == pytest.approx(0.5, abs=5 / np.sqrt(12 * len(drawn)))
        assert 0 < drawn.min() < 0.01 < 0.99 < drawn.max() < 1
    assert up.mean() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(len(up)))


def test_a_flip_flop_holds_the_sign_of_the_last_pulse():
    teacher, pulses = teachers.flip_flop(3, seed=2, interval=100 * ms, width=30 * ms)
    t = np.arange(10_000) * 1e-3
    x, given = teacher(t), pulses(t)
    held = np.zeros(3)
    for n in range(len(t)):
        assert np.count_nonzero(given[n]) == (n % 100 < 30)
        held = np.where(given[n], given[n], held)
        np.testing.assert_array_equal(x[n], held)
    assert len(np.unique(x[1000:], axis=0)) == 8
    np.testing.assert_array_equal(teacher(t[5000:]), x[5000:])  # as a continued run asks for it


def test_a_pitchfork_follows_its_equation_from_beside_zero():
    teacher, pulses = teachers.pitchfork(seed=1, tau=100 * ms)
    t = np.arange(20_000) * 1e-3
    x = teacher(t).reshape(20, 1000)
    sign = pulses(t).reshape(20, 1000)[:, :1]
    assert set(sign.ravel()) == {-1, 1}
    np.testing.assert_allclose(x[:, :1], 0.1 * sign, rtol=1e-9)
    rising = (8 * (x[:, 3:-1] - x[:, 1:-3]) - (x[:, 4:] - x[:, :-4])) / 12e-3
    middle = x[:, 2:-2]
    np.testing.assert_allclose(0.1 * rising, middle - middle**3, atol=1e-7)
    np.testing.assert_allclose(x[:, -1:], sign, atol=1e-5)


def test_samples_are_read_between_and_end_where_they_end():
    values = np.array([[0.0, 1.0], [2.0, -1.0], [4.0, 0.0]])
    once = teachers.samples(values, 100 * ms)
    np.testing.assert_allclose(once([0, 0.05, 0.2, 0.29]), [[0, 1], [1, 0], [4, 0], [4, 0]], atol=1e-12)
    with pytest.raises(ParameterError, match=r"its 3 samples cover 0 to 0\.3 s, and t = 0\.31 s was asked"):
        once(np.array([0.1, 0.31]))
    again = teachers.samples(values, 100 * ms, periodic=True)
    np.testing.assert_allclose(again([0.25, 0.35]), [[2, 0.5], [1, 0]], atol=1e-12)
    assert (once.frequency, again.frequency) == (None, pytest.approx(10 / 3))
    assert teachers.sample(teachers.samples(values[:, 0], 5 * ms), 10, 1 * ms).shape == (10, 1)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("song.npy", np.save),
        ("song.npz", lambda path, values: np.savez(path, song=values)),
        ("song.csv", lambda path, values: np.savetxt(path, values, delimiter=",")),
        (
            "headed.csv",
            lambda path, values: np.savetxt(path, values, delimiter=",", header="left,right", comments=""),
        ),
    ],
)
def test_samples_from_a_file(name, write, tmp_path):
    values = np.array([[0.5, 1e-5], [2.0, -1.0], [4.0, 0.0]])
    write(tmp_path / name, values)
    teacher = teachers.samples(tmp_path / name, 1 * ms)
    assert teacher == teachers.samples(values, 1 * ms, name=name)


def test_files_that_hold_no_samples(tmp_path):
    np.savez(tmp_path / "two.npz", a=[1.0], b=[2.0])
    (tmp_path / "words.csv").write_text("a,b\n1,two\n", encoding="utf-8")
    np.save(tmp_path / "objects.npy", np.array([None]), allow_pickle=True)
    for name, words in (
        ("two.npz", r"must hold one array, not \['a', 'b'\]"),
        ("words.csv", "holds no array of numbers"),
        ("objects.npy", "holds no array of numbers"),
    ):
        with pytest.raises(ParameterError, match=words):
            teachers.samples(tmp_path / name, 1 * ms)
    with pytest.raises(FileNotFoundError):
        teachers.samples(tmp_path / "none.npy", 1 * ms)


def test_noise_of_several_outputs_is_independent():
    clean = teachers.van_der_pol()
    t = np.arange(5000) * 1e-3
    noise = teachers.noisy(clean, 0.1, seed=1)(t) - clean(t)
    assert noise.shape == (5000, 2)
    assert abs(np.corrcoef(noise.T)[0, 1]) < 5 / np.sqrt(5000)


@pytest.mark.parametrize(
    "make",
    [
        lambda: teachers.sine(3 * Hz, 2),
        lambda: teachers.sawtooth(3 * Hz),
        lambda: teachers.product_of_sines(3 * Hz, 5 * Hz),
        lambda: teachers.van_der_pol(0.5, 3 * Hz),
        lambda: teachers.noisy(teachers.van_der_pol(0.5, 3 * Hz), 0.1, seed=1),
        lambda: teachers.noisy(teachers.sine(), 0.1, seed=1, uniform=True),
        lambda: teachers.sum_of_sines([3, 5] * Hz, [1, 2]),
        lambda: teachers.van_der_pol(0.5, published=True),
        lambda: teachers.lorenz(),
        lambda: teachers.ode_to_joy(),
        lambda: teachers.hdts(5, 1 * second),
        lambda: teachers.side_by_side(teachers.sine(), teachers.lorenz()),
        lambda: teachers.samples([[1, 2], [3, 4]], 2 * second),
        *(
            lambda pair=pair, k=k: pair(seed=1)[k]
            for pair in (teachers.classification, teachers.flip_flop, teachers.pitchfork)
            for k in (0, 1)
        ),
    ],
)
def test_teachers_are_values(make):
    teacher = make()
    signal = teacher(times)
    stored = pickle.dumps(teacher)
    assert len(stored) < 1000  # no table of samples
    assert len({teacher, make(), pickle.loads(stored)}) == 1
    np.testing.assert_array_equal(pickle.loads(stored)(times), signal)


def test_other_arguments_make_another_teacher():
    sine = teachers.sine()
    different = [sine, teachers.sine(amplitude=2), teachers.sine(6 * Hz), teachers.sawtooth()]
    different += [teachers.noisy(sine, seed=seed) for seed in (1, 2)]
    different += [teachers.van_der_pol(mu) for mu in (0.3, 0.4)]
    different += [teachers.van_der_pol(published=True), teachers.noisy(sine, seed=1, uniform=True)]
    different += [teachers.samples(values, dt) for values in ([1, 2], [1, 3]) for dt in (1 * ms, 2 * ms)]
    different += [teachers.flip_flop(seed=seed)[0] for seed in (1, 2)]
    assert len(set(different)) == len(different)


@pytest.mark.parametrize(
    "bad", [0 * Hz, -5 * Hz, np.nan * Hz, 1.1e9 * Hz, 5, 5 * ms, [1, 2] * Hz, None, "5 Hz"]
)
def test_bad_frequencies(bad):
    for make in (
        lambda: teachers.sine(bad),
        lambda: teachers.sawtooth(bad),
        lambda: teachers.van_der_pol(0.3, bad),
    ):
        with pytest.raises(ParameterError, match=r"frequency = .* must be positive and at most 1e\+09 Hz"):
            make()
    with pytest.raises(ParameterError, match=r"second = .* must be positive"):
        teachers.product_of_sines(4 * Hz, bad)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: teachers.sine(amplitude=np.nan), "amplitude = nan must be finite"),
        (lambda: teachers.sine(amplitude="big"), "amplitude = 'big' must be a number"),
        (lambda: teachers.sine(amplitude=2 * mV), "amplitude = .* must be a number"),
        (lambda: teachers.van_der_pol(0), r"mu = 0 must lie in \(0, 1000\]"),
        (lambda: teachers.van_der_pol(1001), r"mu = 1001 must lie in \(0, 1000\]"),
        (lambda: teachers.van_der_pol(np.inf), "mu = inf must be finite"),
        (lambda: teachers.noisy(teachers.sine(), -0.1, seed=1), "sigma = -0.1 must not be negative"),
        (lambda: teachers.noisy(teachers.sine(), np.nan, seed=1), "sigma = nan must be finite"),
        (lambda: teachers.noisy(np.sin, seed=1), "teacher = .* must be a Teacher"),
        (lambda: teachers.product_of_sines(1 * Hz, 2 * Hz, 0 * Hz), r"more\[0\] = .* must be positive"),
        (lambda: teachers.sum_of_sines([1, -2] * Hz), r"frequencies\[1\] = .* must be positive"),
        (lambda: teachers.sum_of_sines([1, 2] * Hz, [1]), "amplitudes: 1 for 2 frequencies"),
        (lambda: teachers.van_der_pol(5, 2 * Hz, published=True), "frequency = 2 Hz must be left out"),
        (lambda: teachers.lorenz((1, 2)), r"start = \(1, 2\) must be three numbers"),
        (lambda: teachers.lorenz((1, 2, 11)), r"must lie in \[-10, 10\]"),
        (lambda: teachers.lorenz(speed=0), r"speed = 0 must lie in \(0, 1000\]"),
        (lambda: teachers.lorenz()(np.array([-1.0])), "begins at t = 0, and -1 s was asked for"),
        (lambda: teachers.tune(["E", "F"]), r"notes\[0\] = 'E' must be a pair"),
        (lambda: teachers.tune([("E", 1), ("F", 0)]), r"notes\[1\]: beats = 0 must be positive"),
        (lambda: teachers.tune([("H", 1)], "CDE"), "'H' must be one of the pitches C, D, E"),
        (lambda: teachers.tune([], "CDE"), "there must be one note or more"),
        (lambda: teachers.tune([(None, 1)]), r"pitches = \(\) must be one pitch or more"),
        (lambda: teachers.hdts(0, 1 * second), "m = 0 must be a whole number, at least 1"),
        (lambda: teachers.hdts(3, 1 * Hz), "period = .* must be positive"),
        (lambda: teachers.flip_flop(0, seed=1), "bits = 0 must be a whole number"),
        (lambda: teachers.flip_flop(seed=-1), "seed = -1 must be a whole number"),
        (
            lambda: teachers.flip_flop(seed=1, width=1 * second),
            "width = 1. s must not exceed interval = 0.5 s",
        ),
        (lambda: teachers.pitchfork(seed=1, tau=5), "tau = 5 must be positive"),
        (lambda: teachers.classification(seed=1)[1](np.array([-1.0])), "intervals begin at t = 0"),
        (lambda: teachers.samples([], 1 * ms), r"values of shape \(0,\) must be"),
        (lambda: teachers.samples([1, np.nan], 1 * ms), "values: some are NaN or infinite"),
        (lambda: teachers.samples([1, 2] * mV, 1 * ms), "values: samples with the unit volt"),
        (lambda: teachers.samples([1, 2], 1), "dt = 1 must be positive"),
        (lambda: teachers.samples("song.wav", 1 * ms), "'song.wav' must be a .npy, .npz or .csv file"),
        (lambda: teachers.side_by_side(), "teachers: there must be one or more"),
        (lambda: teachers.side_by_side(np.sin), "teacher = .* must be a Teacher"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ParameterError, match=message):
        make()


def test_sample_takes_functions_teachers_and_arrays():
    t = np.arange(100) * 0.5e-3
    for teacher in (
        lambda t: 3 * t,
        Teacher("ramp", lambda t: 3 * t),
        3 * t,
        list(3 * t),
        (3 * t)[:, None],
    ):
        samples = teachers.sample(teacher, 100, 0.5 * ms)
        assert samples.shape == (100, 1)
        assert samples.dtype == np.float64
        np.testing.assert_array_equal(samples[:, 0], 3 * t)
        assert not np.shares_memory(samples, teacher)
    assert teachers.sample(teachers.van_der_pol(), 100, 0.5 * ms).shape == (100, 2)


def doubled_in_place(t):
    t *= 2
    return 1.0 if t < 2 else -1.0


@pytest.mark.parametrize(
    ("teacher", "expected"),
    [
        (0.5, lambda t: 0.5 + 0 * t),
        (np.float64(0.5), lambda t: 0.5 + 0 * t),
        (lambda t: 0.5, lambda t: 0.5 + 0 * t),
        (math.sin, np.sin),
        (lambda t: 1.0 if t < 1 else -1.0, lambda t: np.where(t < 1, 1, -1)),
        (doubled_in_place, lambda t: np.where(t < 1, 1, -1)),
        (lambda t: (math.sin(t), 2), lambda t: np.stack([np.sin(t), 2 + 0 * t], axis=-1)),
        (Teacher("one time", math.cos), np.cos),
        (lambda t: np.sin(2 * np.pi * 5 * Hz * t), lambda t: np.sin(10 * np.pi * t)),
        (lambda t: 1.0 if t < 1 * second else -1.0, lambda t: np.where(t < 1, 1, -1)),
        (TimedArray([3, 4, 5], dt=500 * ms), lambda t: 3 + t // 0.5),
        (lambda t: Quantity(t, force_quantity=True), lambda t: t),
    ],
)
def test_sample_takes_constants_and_functions_of_one_time_or_of_a_time_with_its_unit(teacher, expected):
    values = expected(0.99 + np.arange(20) * 1e-3)
    samples = teachers.sample(teacher, 20, 1 * ms, start=0.99)
    np.testing.assert_allclose(samples, values.reshape(20, -1), rtol=1e-12, atol=1e-15)


@given(st.integers(1, 100), st.floats(1e-6, 1e-2), st.floats(0, 1e3))
def test_times_are_exact(steps, dt, start):
    def identity(t):
        return t

    t = np.arange(steps) * dt
    np.testing.assert_array_equal(teachers.sample(identity, steps, dt * second)[:, 0], t)
    np.testing.assert_array_equal(teachers.sample(identity, steps, dt * second, start=start)[:, 0], start + t)


def test_noise_on_a_function_of_one_time():
    at_once, one_by_one, with_unit = (
        teachers.sample(teachers.noisy(Teacher("switch", function), 0.1, seed=1), 20, 1 * ms)
        for function in (
            lambda t: np.where(t < 0.01, 1.0, -1.0),
            lambda t: 1.0 if t < 0.01 else -1.0,
            lambda t: 1.0 if t < 10 * ms else -1.0,
        )
    )
    np.testing.assert_array_equal(one_by_one, at_once)
    np.testing.assert_array_equal(with_unit, at_once)


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (lambda t: {}[t.size], KeyError, "10"),
        (lambda t: math.sqrt(t - 1), ValueError, "math domain error|nonnegative input"),
        (lambda: 1.0, TypeError, "positional argument"),
    ],
)
def test_errors_of_a_function_are_its_own(function, error, message):
    with pytest.raises(error, match=message) as caught:
        teachers.sample(function, 10, 1 * ms)
    assert caught.type is error


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        (np.zeros(9), r"samples of shape \(9,\) must be of shape \(10,\)"),
        (np.zeros((2, 10)), r"samples of shape \(2, 10\)"),
        (np.zeros((10, 2, 2)), r"samples of shape \(10, 2, 2\)"),
        (np.zeros((10, 0)), r"samples of shape \(10, 0\)"),
        (np.nan, "teacher = nan must be finite"),
        (True, "teacher = True must be a number"),
        (np.zeros(10) * mV, "samples with the unit volt must have none: divide them by it"),
        (lambda t: np.sin(t) * mV, "samples with the unit volt must have none"),
        (lambda t: (math.sin(t) * mV, 1 * mV), "samples with the unit volt must have none"),
        (lambda t: (np.sin(t), np.cos(t)), r"samples of shape \(2, 10\) .* np\.stack\(\[\.\.\.\], axis=-1\)"),
        # Not nine outputs: its array has the wrong length.
        (lambda t: t + np.zeros(9), r"for one time the function returned an array of shape \(9,\)"),
        (lambda t: None, "teacher = .* must be real numbers"),
        (lambda t: np.exp(1j * t), "teacher = .* must be real numbers"),
        ("sine", "teacher = 'sine' must be a function of time in seconds or an array"),
        ([[1, 2], [3]], "teacher = .* must be a function of time in seconds or an array"),
        ([0] * 4 + [np.nan] + [0] * 5, r"1 samples are NaN or infinite, first at t = 0\.004 s"),
        (lambda t: np.where(t > 0.0065, np.inf, t), r"3 samples are NaN or infinite, first at t = 0\.007 s"),
    ],
)
def test_bad_samples(teacher, message):
    with pytest.raises(ParameterError, match=message):
        teachers.sample(teacher, 10, 1 * ms)
