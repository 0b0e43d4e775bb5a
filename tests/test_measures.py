import numpy as np
import pytest
from brian2 import Hz, ms, mV, second
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forcelib import ParameterError, measures, teachers

phases = st.floats(-3, 3)
samples = arrays(float, 20, elements=st.floats(-1e3, 1e3))


def clock(periods, per_period=200, frequency=5.0):
    """Times of samples in seconds, a whole number of them per period, and their distance."""
    dt = 1 / (frequency * per_period)
    return np.arange(round(periods * per_period)) * dt, dt * second


@given(samples, samples, st.floats(-10, 10))
def test_rms_error_is_a_distance(x, y, offset):
    error = measures.rms_error(x, y)
    assert error == measures.rms_error(y, x)
    assert error == pytest.approx(np.linalg.norm(x - y) / np.sqrt(20), rel=1e-12, abs=1e-150)
    assert measures.rms_error(x, x) == 0
    assert measures.rms_error(x + offset, x) == pytest.approx(abs(offset), rel=1e-9, abs=1e-12)


def test_rms_error_of_several_outputs():
    assert measures.rms_error([[1, 2], [3, 4]], [[1, 0], [3, 0]]) == pytest.approx(np.sqrt(20 / 4))


@given(
    frequency=st.floats(1, 20),
    detuning=st.floats(-0.02, 0.02),
    amplitude=st.floats(0.1, 100),
    phase=phases,
    growth=st.floats(-0.03, 0.03),
    wobble=st.floats(0, 0.2),
    offset=st.floats(-1, 1),
    start=st.floats(0, 20),
    periods=st.integers(12, 40),
)
def test_demodulate_recovers_a_slowly_changing_sine(
    frequency, detuning, amplitude, phase, growth, wobble, offset, start, periods
):
    t, dt = clock(periods, frequency=frequency)
    cycles = frequency * t
    slow_phase = phase + 2 * np.pi * detuning * cycles + wobble * np.sin(2 * np.pi * cycles / 10)
    slow_amplitude = amplitude * np.exp(growth * cycles / 4)
    signal = slow_amplitude * np.sin(2 * np.pi * frequency * (start + t) + slow_phase) + offset * amplitude
    found = measures.demodulate(signal, dt, frequency * Hz, start * second)

    middle = slice(100, 100 + len(found.t))
    np.testing.assert_allclose(found.t, start + t[middle], rtol=0, atol=1e-9)
    # Averaging over one period is exact for a steady sine. Otherwise an image at twice the frequency
    # remains, of half the change per period divided by 2 pi.
    change = 2 * np.pi * (abs(detuning) + wobble / 10) + abs(growth) / 4
    allowed = 1e-9 + change / (2 * np.pi) * 0.75
    np.testing.assert_allclose(
        found.amplitude / slow_amplitude[middle], 1, rtol=0, atol=allowed + change**2 / 12
    )
    error = (found.phase - slow_phase[middle] + np.pi) % (2 * np.pi) - np.pi
    # The window of an even number of samples is centred half a sample early.
    assert np.abs(error).max() < allowed + change**2 / 12 + change / 400
    assert np.abs(np.diff(found.phase)).max() < np.pi
    true_slope = np.polyfit(found.t - found.t[0], slow_phase[middle], 1)[0]
    assert found.frequency == pytest.approx(
        frequency + true_slope / (2 * np.pi), abs=frequency * 6 * allowed / (2 * np.pi * (periods - 1)) + 1e-9
    )


@pytest.mark.parametrize("periods", [2, 2.25, 2.5, 3.75, 10.5])
def test_a_pure_sine_leaves_no_residual(periods):
    t, dt = clock(periods)
    found = measures.demodulate(2 * np.sin(2 * np.pi * 5 * t + 0.3), dt, 5 * Hz)
    assert found.residual < 1e-9
    assert found.frequency == pytest.approx(5, abs=1e-9)
    np.testing.assert_allclose(found.amplitude, 2, rtol=1e-9)
    np.testing.assert_allclose(found.phase, 0.3, rtol=1e-9)


@pytest.mark.parametrize("harmonic", [2, 3, 7])
def test_residual_is_what_the_harmonics_add(harmonic):
    t, dt = clock(20)
    x = 2 * np.pi * 5 * t
    found = measures.demodulate(np.sin(x) + 0.3 * np.sin(harmonic * x + 1), dt, 5 * Hz)
    assert found.residual == pytest.approx(0.3 / np.sqrt(2), rel=1e-2)
    np.testing.assert_allclose(found.amplitude, 1, rtol=1e-9)


@given(samples=arrays(float, 600, elements=st.floats(-1, 1)), factor=st.floats(0.01, 100))
def test_demodulate_scales_with_the_signal(samples, factor):
    t, dt = clock(3)
    signal = np.sin(2 * np.pi * 5 * t) + 0.3 * samples
    one, other = (measures.demodulate(x, dt, 5 * Hz) for x in (signal, factor * signal))
    np.testing.assert_allclose(other.amplitude, factor * one.amplitude, rtol=1e-9)
    np.testing.assert_allclose(other.phase, one.phase, rtol=0, atol=1e-9)
    assert other.residual == pytest.approx(factor * one.residual, rel=1e-9, abs=1e-12 * factor)


@given(st.floats(-0.5, 0.5), st.sampled_from(["sine", "sawtooth", "product"]))
def test_phase_aligned_error_of_a_shift_is_zero(shift, name):
    teacher = {
        "sine": teachers.sine(),
        "sawtooth": teachers.sawtooth(),
        "product": teachers.product_of_sines(),
    }[name]
    t = np.arange(3000) * 1e-3
    error = measures.phase_aligned_error(teacher(t + shift), teacher(t), 1 * ms, teacher.frequency * Hz)
    # The target is known at every millisecond only and interpolated between: 1 / (8 * 200**2) of
    # the curvature, and at a corner of the sawtooth half of the step, for one sample in a hundred.
    assert error < 2e-3


@pytest.mark.parametrize("detuning", [-0.1, -0.03, 0.05, 0.1])
def test_phase_aligned_error_of_a_small_detuning_is_small(detuning):
    t = np.arange(10_000) * 1e-3
    readout, target = np.sin(2 * np.pi * (5 + detuning) * t), teachers.sine()(t)
    error = measures.phase_aligned_error(readout, target, 1 * ms, 5 * Hz)
    # Half the relative detuning is the ripple of the phase that is read.
    assert error < 0.5 * abs(detuning) / 5
    assert measures.rms_error(readout, target) > 0.5


@given(st.floats(0.001, 0.5), st.integers(2, 9), phases, phases)
def test_phase_aligned_error_is_the_distortion(size, harmonic, shift, phase):
    t, dt = clock(12)
    x = 2 * np.pi * 5 * t
    distorted = np.sin(x + shift) + size * np.sin(harmonic * x + phase)
    error = measures.phase_aligned_error(distorted, np.sin(x), dt, 5 * Hz)
    # Eleven whole periods, one sample and the interpolation.
    assert error == pytest.approx(size / np.sqrt(2), rel=5e-3, abs=2e-4)


@pytest.mark.parametrize("factor", [0.0, 0.5, 0.97, 1.2])
def test_phase_aligned_error_sees_a_wrong_amplitude(factor):
    t, dt = clock(12)
    x = 2 * np.pi * 5 * t
    error = measures.phase_aligned_error(factor * np.sin(x + 1), np.sin(x), dt, 5 * Hz)
    assert error == pytest.approx(abs(1 - factor) / np.sqrt(2), rel=1e-2)


@given(st.floats(0, 100), st.floats(-0.2, 0.2))
def test_phase_aligned_error_does_not_depend_on_the_clock(start, shift):
    t, dt = clock(5)
    target = teachers.sawtooth()
    errors = [
        measures.phase_aligned_error(
            np.sin(2 * np.pi * 5 * (t + shift)), target(t), dt, 5 * Hz, time * second
        )
        for time in (0, start)
    ]
    assert errors[1] == pytest.approx(errors[0], rel=1e-6)


def test_two_periods_are_enough():
    assert len(measures.demodulate(np.sin(np.arange(400) * np.pi / 100), 1 * ms, 5 * Hz).t) == 201


# sin 4 Hz . sin 7 Hz has a period of 1 s but contains only 3 Hz and 11 Hz: no phase can be read at 1 Hz.
PRODUCT = teachers.product_of_sines(4 * Hz, 7 * Hz)(np.arange(5000) * 1e-3)
SPAN = r"start = .*, stop = .*: no sample lies in the span"


@pytest.mark.parametrize(
    ("measure", "arguments", "message"),
    [
        *(
            (measures.rms_error, pair, "readout and target must have one shape")
            for pair in (([1, 2], [1]), ([], []), ([[1, 2]], [1, 2]))
        ),
        *(
            (
                measures.demodulate,
                (signal, 1 * ms, 5 * Hz),
                "must have one dimension and at least two periods of 200 samples",
            )
            for signal in (np.zeros(399), np.zeros(0), np.zeros((1000, 2)), np.float64(1))
        ),
        *(
            (
                measures.demodulate,
                (np.zeros(1000), 1 * ms, bad),
                "frequency = .* must be a positive frequency",
            )
            for bad in (0 * Hz, -5 * Hz, np.nan * Hz, 5, 5 * second)
        ),
        (measures.demodulate, (np.full(1000, np.nan), 1 * ms, 5 * Hz), "signal holds NaN or infinite values"),
        (
            measures.phase_aligned_error,
            (np.zeros(1000), np.zeros(999), 1 * ms, 5 * Hz),
            "readout and target must have one shape",
        ),
        (measures.phase_aligned_error, (PRODUCT, PRODUCT, 1 * ms, 1 * Hz), "target: it has no component of"),
        (measures.interval_cv, ([0], [0], 1, 1), "least = 1 must be at least 2"),
        *((measures.window, (1000, 1 * ms, *span), SPAN) for span in ((5 * ms, 5 * ms), (6 * ms, 5 * ms))),
        *((measures.window, (1000, 1 * ms, *span), SPAN) for span in ((2 * second, None), (None, 0 * ms))),
        *((measures.window, (1000, 1 * ms, bad, None), "start = .* must be a time") for bad in (5, 5 * mV)),
        *((measures.window, (1000, 1 * ms, None, bad), "stop = .* must be a time") for bad in (5, 5 * Hz)),
    ],
)
def test_bad_arguments(measure, arguments, message):
    with pytest.raises(ParameterError, match=message):
        measure(*arguments)


trains = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 500)), max_size=60).map(
    lambda pairs: np.array(sorted(set(pairs), key=lambda pair: pair[1]), dtype=int).reshape(-1, 2).T
)


@given(trains, st.integers(2, 6))
def test_interval_cv_is_deviation_over_mean(train, least):
    neuron, step = train
    cv = measures.interval_cv(neuron, step, 6, least)
    assert cv.shape == (6,)
    for i in range(6):
        intervals = np.diff(step[neuron == i])
        if len(intervals) >= least:
            assert cv[i] == pytest.approx(intervals.std() / intervals.mean())
        else:
            assert np.isnan(cv[i])


def test_interval_cv_of_a_clock_and_of_a_poisson_process():
    rng = np.random.default_rng(1)
    step = np.flatnonzero(rng.random(10**6) < 0.002)
    assert measures.interval_cv(np.zeros(len(step), int), step, 1)[0] == pytest.approx(1, abs=0.05)
    assert measures.interval_cv(np.zeros(50, int), np.arange(50) * 37, 1)[0] == 0


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (None, 250 * ms, (0, 250)),
        (0.1 * second, 0.3 * second, (100, 300)),
        (99.5 * ms, 100.5 * ms, (100, 101)),
        (-5 * ms, 99 * second, (0, 1000)),
    ],
)
def test_window(start, stop, expected):
    assert measures.window(1000, 1 * ms, start, stop) == slice(*expected, None)


@given(st.integers(0, 10**6), st.integers(1, 1000))
def test_window_of_whole_steps(first, length):
    dt = 0.05 * ms
    found = measures.window(2 * 10**6, dt, first * dt, (first + length) * dt)
    assert (found.start, found.stop) == (first, first + length)


@pytest.mark.parametrize("frequency", [4.0, 3.7])  # whose period is a whole number of samples, and is not
def test_waveform_error_is_that_of_the_shape_and_not_of_the_time(frequency):
    t = np.arange(8000) * 1e-3
    target = np.stack([np.sin(2 * np.pi * frequency * k * t + k) ** 3 for k in (1, 2)], axis=-1)
    # Shifted back and forth by up to a tenth of a period, from one period to the next.
    when = t + 0.025 * np.sin(2 * np.pi * 0.1 * t)
    late = np.stack([np.sin(2 * np.pi * frequency * k * when + k) ** 3 for k in (1, 2)], axis=-1)
    exact = (1 * ms, frequency * Hz)
    assert measures.rms_error(late, target) > 0.25
    assert measures.waveform_error(late, target, *exact) < 0.04
    # Of another size it differs by that, and what is orthogonal to it at every shift cannot be shifted away.
    size = np.sqrt(np.mean(target**2))
    assert measures.waveform_error(1.3 * target, target, *exact) == pytest.approx(0.3 * size, abs=0.02)
    assert measures.waveform_error(0 * target, target, *exact) == pytest.approx(size, rel=5e-3)
    assert measures.waveform_error(target[:, 0], target[:, 0], *exact) < 0.01


def test_noise_of_the_target_is_averaged_out_of_its_period():
    t = np.arange(20_000) * 1e-3
    clean = teachers.product_of_sines()
    noisy = teachers.noisy(clean, 0.1, seed=1)
    error = measures.waveform_error(clean(t), noisy(t), 1 * ms, 2 * Hz)
    assert error < 0.1 / np.sqrt(40) * 1.2


def test_notes_heard_counts_beats():
    tune = teachers.ode_to_joy()
    t = np.arange(8000) * 1e-3
    melody = tune(t)
    wrong = melody.copy()
    wrong[1000:1250] = np.roll(wrong[1000:1250], 1, axis=1)  # one of the 32 beats
    assert measures.notes_heard(wrong, melody, 1 * ms, 0.25 * Hz) == 31 / 32
    assert measures.notes_heard(0.3 * melody + 0.2, melody, 1 * ms, 0.25 * Hz) == 1
    rests = teachers.tune([("C", 1), (None, 3)], "CD")(t)
    assert measures.notes_heard(rests, rests, 1 * ms, 1 * Hz) == 1


def test_maxima_of_lorenz_lie_on_a_curve_with_a_cusp():
    t = np.arange(0, 40, 1e-3)
    z = teachers.lorenz()(t)[:, 2]
    noisy = z + 0.01 * np.random.default_rng(1).normal(size=len(z))
    at, values = measures.maxima(noisy, 1 * ms)
    exact = np.flatnonzero((z[1:-1] > z[:-2]) & (z[1:-1] >= z[2:])) + 1
    exact = exact[z[exact] > 0.3]
    assert len(at) == pytest.approx(len(exact), abs=3)
    nearest = np.abs(t[exact][:, None] - at).min(axis=1)
    assert np.median(nearest) < 0.01
    # Each is a function of the one before: neighbours on one axis are neighbours on the other.
    follows = values[1:][np.argsort(values[:-1])]
    assert np.median(np.abs(np.diff(follows))) < 0.05 * np.ptp(follows)
    assert measures.maxima(np.zeros(100), 1 * ms)[0].size == 0


def test_lobes_change_over_at_the_other_threshold():
    x = np.sin(2 * np.pi * np.arange(1000) / 500)
    lobe = measures.lobes(x, 0.5)
    assert lobe[0] == 0
    changes = np.flatnonzero(np.diff(lobe))
    # sin passes 1/2 at a twelfth of its period.
    np.testing.assert_allclose(changes, 500 / 12 + np.arange(4) * 250, atol=1)
    np.testing.assert_array_equal(np.unique(measures.lobes(-np.abs(x), 0.5)), [-1, 0])


def test_choices_of_trials_that_touch_and_that_are_cut():
    target = np.array([1, 1, -1, -1, 0, 0, 1, 1, 0, -1.0])
    np.testing.assert_array_equal(measures.choices(target, target), [True] * 4)
    np.testing.assert_array_equal(measures.choices(-target, target), [False] * 4)
    readout = np.array([1, 1, 1, 1, -9, 9, -1, -1, 0, -1.0])
    np.testing.assert_array_equal(measures.choices(readout, target), [True, False, False, True])
    assert measures.choices(np.zeros(5), np.zeros(5)).size == 0


def test_held_leaves_out_what_follows_a_change():
    teacher, _ = teachers.flip_flop(3, seed=1)
    target = teacher(np.arange(20_000) * 1e-3)
    slow = np.concatenate([np.zeros((100, 3)), target[:-100]])
    assert measures.held(slow[1000:], target[1000:], 1 * ms) == 1
    assert measures.held(slow[1000:], target[1000:], 1 * ms, settle=1 * ms) < 1
    assert measures.held(-target, target, 1 * ms) == 0
    half = measures.held(np.repeat(target[:, :1], 2, axis=1), target[:, :1] * [1, -1], 1 * ms)
    assert half == 0.5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: measures.waveform_error([1, 2], [1], 1 * ms, 5 * Hz), "must have one shape"),
        (lambda: measures.waveform_error([1, 2], [1, 2], 1 * ms, 5 * Hz), "at least one period of 200"),
        (lambda: measures.waveform_error([1, 2], [1, 2], 1 * ms, 5), "frequency = 5 must be positive"),
        (lambda: measures.waveform_error([np.nan], [1], 1 * ms, 5 * Hz), "readout holds NaN"),
        (lambda: measures.notes_heard([0] * 9, [0] * 9, 1 * ms, 200 * Hz, 2 * ms), "no beat of 2. ms sounds"),
        (lambda: measures.maxima([[1, 2]], 1 * ms), r"shape \(1, 2\) must have one dimension"),
        (lambda: measures.lobes([1], -1), "threshold = -1 must not be negative"),
        (lambda: measures.choices([[1]], [[1]]), r"shape \(1, 1\) must have one dimension"),
        (lambda: measures.held([1], [0], 1 * ms), "nowhere other than zero"),
        (lambda: measures.held([1], [1], 1 * ms, settle=-1 * ms), "settle = .* must be positive"),
    ],
)
def test_bad_input_of_the_measures_of_tasks(make, message):
    with pytest.raises(ParameterError, match=message):
        make()
