"""The experiment against the model written by hand; what a run keeps, refuses, saves, continues."""

import dataclasses
import functools
import os
import zipfile

import brian2
import numpy as np
import pytest
from brian2 import Hz, ms, mV, second
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

import forcelib
from forcelib import (
    DivergenceError,
    FileFormatError,
    ParameterError,
    Parameters,
    Reservoir,
    State,
    Teacher,
    measures,
    synaptic_filter,
    teachers,
)
from forcelib.engines import Job, brian, choose, kernel

N = 100
SHORT = Parameters(N=N, duration=200 * ms, rls_start=20 * ms, rls_stop=180 * ms)
TINY = Parameters(N=20, duration=20 * ms, rls_start=3 * ms, rls_stop=15 * ms)
STATE = ("v", "s", "h", "r", "h_r", "decoder", "since_spike")
KERNELS = pytest.mark.parametrize("engine", ["native", "portable"], indirect=True)


def run(*args, parameters=SHORT, seed=1, **options):
    return forcelib.run(*args, seed=seed, parameters=parameters, **options)


@functools.cache
def tiny():
    return run(parameters=TINY, record_potentials=2)


def own_weights(kind):
    drawn = Reservoir.draw(SHORT, seed=3)
    weights = {
        "no connection": np.zeros((N, N)),
        "zeros only": sparse.csr_array((np.zeros(3), ([0, 1, 5], [1, 0, 7])), shape=(N, N)),
        "some zeros": drawn.weights.copy(),
        "dense": np.random.default_rng(1).normal(size=(N, N)) * 0.02,
    }[kind]
    if kind == "some zeros":
        weights.data[::3] = 0
    return {"reservoir": Reservoir(weights, drawn.encoders, drawn.potentials), "seed": None}


TWO = teachers.van_der_pol(0.3, 20 * Hz)
OTHERS = {"tau_m": 8 * ms, "tau_ref": 3.1 * ms, "tau_r": 3 * ms, "tau_d": 12 * ms}
OTHERS |= {"v_reset": -70, "v_threshold": -45, "I_bias": -44}
CASES = {
    "published": ({"rls_interval": 1 * ms}, {}),
    "textbook": ({"gain": "textbook", "alpha": 1e-3}, {}),
    "balanced": ({"balanced": True}, {}),
    "two outputs": ({"balanced": True, "gain": "textbook"}, {"teacher": TWO}),
    "RLS every 0.5 ms": ({"rls_interval": 0.5 * ms}, {"teacher": teachers.sine(20 * Hz)}),
    "teacher forcing": ({}, {"feedback": "target"}),
    "teacher forcing of two": ({"gain": "textbook"}, {"teacher": TWO, "feedback": "target"}),
    "not refractory": ({"tau_ref": 0 * ms}, {}),
    "other constants": (OTHERS, {}),
    **{kind: ({}, own_weights(kind)) for kind in ("no connection", "zeros only", "some zeros", "dense")},
}


@functools.cache
def result_of(case, engine="auto"):
    changes, options = CASES[case]
    # No multiple of the RLS interval: the last sample of the decoders comes before the end.
    return run(
        parameters=SHORT.replace(**{"duration": 201.3 * ms, **changes}),
        engine=engine,
        record_decoders=[0, 70, 33],
        record_potentials=[3, 99],
        **options,
    )


@functools.cache
def by_hand(case):
    """The network and its training in dense NumPy, in the order of the reference program."""
    result = result_of(case)
    p, network, target = result.parameters, result.reservoir, two_dimensional(result.target)
    plain = {name: value for name, value in p.to_dict().items() if name.startswith(("tau", "v_", "I_", "dt"))}
    dt, tau_m, tau_r, tau_d = (plain[name] for name in ("dt", "tau_m", "tau_r", "tau_d"))
    held_for = round(plain["tau_ref"] / dt)
    every = round(float(p.rls_interval) / dt)
    omega, E, v = network.weights.toarray(), network.encoders, network.potentials.copy()
    s, h, r, h_r = np.zeros((4, p.N))
    phi = np.zeros(E.shape)
    P = np.eye(p.N) * p.alpha
    last = np.full(p.N, -(10**9))
    spikes, readout, decoders, potentials = [], [], [], []
    for step in range(p.steps):
        z = r @ phi
        readout.append(z)
        if step % every == 0 and float(p.rls_start) < step * dt < float(p.rls_stop):
            cd = P @ r
            norm = 1 + r @ cd
            phi = phi - np.outer(cd / norm if p.gain == "textbook" else cd, z - target[step])
            P -= np.outer(cd, cd) / norm
        if step % every == 0:
            decoders.append(phi)
        if result.feedback == "target":
            z = target[step]
        potentials.append(v)
        held = step - last < held_for
        moved = v + dt * (-v + p.I_bias + s + E @ z) / tau_m
        v = np.where(held, v, moved)
        s, h = s + dt * (-s / tau_r + h), h - dt * h / tau_d
        r, h_r = r + dt * (-r / tau_r + h_r), h_r - dt * h_r / tau_d
        fired = np.flatnonzero((v >= p.v_threshold) & ~held)
        h += omega[fired].sum(axis=0) / (tau_r * tau_d)
        h_r[fired] += 1 / (tau_r * tau_d)
        v[fired] = p.v_reset
        last[fired] = step
        spikes += [(step, i) for i in fired]
    spikes = np.array(spikes)
    state = State(v, s, h, r, h_r, phi, p.steps - last)
    return spikes[:, 0], spikes[:, 1], *map(np.array, (readout, decoders, potentials)), state


def two_dimensional(array):
    return array if array.ndim == 2 else array[:, None]


def assert_same_state(one, other, tolerance):
    for name in STATE[:-1]:
        expected = getattr(other, name)
        scale = max(1e-3, np.abs(expected).max())
        np.testing.assert_allclose(getattr(one, name), expected, rtol=0, atol=tolerance * scale, err_msg=name)
    # A neuron that has not spiked yet is given any number from 10**9 on.
    np.testing.assert_array_equal(*(np.minimum(state.since_spike, 10**9) for state in (one, other)))


def assert_same_run(one, other, tolerance=1e-12):
    """Same spikes; readout, traces and final state within a tolerance."""
    for name in ("spike_step", "spike_neuron", "target"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    # Decoders are some 1e-4, potentials some 50.
    for name, size in (("readout", 1), ("decoder", 1e-3), ("decoder_trace", 1e-3), ("potential_trace", 100)):
        found, expected = getattr(one, name), getattr(other, name)
        np.testing.assert_allclose(found, expected, rtol=0, atol=size * tolerance, err_msg=name)
    assert_same_state(one.state, other.state, tolerance)


@pytest.mark.parametrize("case", CASES)
def test_run_is_the_model_written_by_hand(case, engine):
    result = result_of(case, engine)
    assert result.engine == engine
    if "reservoir" not in CASES[case][1]:
        drawn = Reservoir.draw(result.parameters, 1, outputs=result.reservoir.outputs)
        assert_equal(result.reservoir, drawn)
    step, neuron, readout, decoders, potentials, state = by_hand(case)
    assert len(step) > 300
    assert np.abs(readout).max() > 0.1

    np.testing.assert_array_equal(result.spike_step, step)
    np.testing.assert_array_equal(result.spike_neuron, neuron)
    np.testing.assert_allclose(two_dimensional(result.readout), readout, rtol=0, atol=1e-9)
    trace = result.decoder_trace if result.decoder_trace.ndim == 3 else result.decoder_trace[..., None]
    np.testing.assert_allclose(trace, np.swapaxes(decoders[:, [0, 70, 33]], 0, 1), rtol=0, atol=1e-12)
    np.testing.assert_allclose(result.potential_trace, potentials[:, [3, 99]].T, rtol=1e-9)
    assert_same_state(result.state, state, 1e-9)
    assert_same_run(result, result_of(case, "brian2"))


def test_shapes_and_times_of_a_run():
    for case, outputs, samples in (("two outputs", (2,), 81), ("published", (), 202)):
        result = result_of(case)
        every = 201.3e-3 / 4026 * round(4025 / (samples - 1))
        assert result.readout.shape == result.target.shape == (4026, *outputs)
        assert result.decoder.shape == (N, *outputs)
        assert result.decoder_trace.shape == (3, samples, *outputs)
        assert result.potential_trace.shape == (2, 4026)
        np.testing.assert_array_equal(result.decoder_ids, [0, 70, 33])
        np.testing.assert_array_equal(result.potential_ids, [3, 99])
        np.testing.assert_allclose(result.t, np.arange(4026) * 0.05e-3, atol=1e-12)
        np.testing.assert_allclose(result.decoder_t, np.arange(samples) * every, atol=1e-12)
        np.testing.assert_allclose(result.spike_t, result.spike_step * 0.05e-3, atol=1e-12)
        assert (result.ended, result.start, result.seed) == ("finished", 0, 1)
        np.testing.assert_array_equal(two_dimensional(result.decoder), result.state.decoder)
        assert (result.spike_neuron.dtype, result.spike_step.dtype) == (np.uint16, np.uint32)
    np.testing.assert_array_equal(result_of("two outputs").target, TWO(np.arange(4026) * 5e-5))
    assert np.all(result.decoder_trace[:, :21] == 0)  # training begins after 20 ms, at 21 ms
    assert np.any(result.decoder_trace[:, 21] != 0)


def test_recording_changes_nothing_and_may_be_left_out(engine):
    bare = run(parameters=TINY.replace(N=N), engine=engine, record_decoders=0, record_potentials=[])
    full = run(parameters=TINY.replace(N=N), engine=engine, record_decoders=10**6, record_potentials=N)
    np.testing.assert_array_equal(bare.readout, full.readout)
    np.testing.assert_array_equal(bare.spike_step, full.spike_step)
    assert bare.decoder_trace.shape == (0, 8)
    assert bare.potential_trace.shape == (0, 400)
    assert full.decoder_trace.shape == (N, 8)
    assert full.potential_trace.shape == (N, 400)
    np.testing.assert_array_equal(full.potential_trace[:, 0], full.reservoir.potentials)


def test_same_seed_twice_is_identical_and_another_is_not():
    assert_same_run(run(), run(), tolerance=0)
    assert not np.array_equal(run(seed=2).spike_step, run().spike_step)


@given(st.lists(st.integers(0, 4026), min_size=4, max_size=4, unique=True), st.booleans())
def test_a_span_of_a_span_is_the_run_cut_to_it(bounds, continued):
    whole = later() if continued else result_of("two outputs")
    a, b, c, d = (int(step) for step in sorted(bounds))
    dt = whole.parameters.dt
    begin = whole.start * second
    span = whole.between(begin + a * dt, begin + d * dt).between(begin + b * dt, begin + c * dt)
    for name in ("readout", "target", "t"):
        np.testing.assert_array_equal(getattr(span, name), getattr(whole, name)[b:c])
    np.testing.assert_array_equal(span.potential_trace, whole.potential_trace[:, b:c])
    spikes = (whole.spike_step >= b) & (whole.spike_step < c)
    for name in ("spike_neuron", "spike_t"):
        np.testing.assert_array_equal(getattr(span, name), getattr(whole, name)[spikes])
    np.testing.assert_array_equal(span.spike_step, whole.spike_step[spikes] - b)
    samples = np.arange(whole.decoder_trace.shape[1]) * 50
    inside = (samples >= b) & (samples < c)
    np.testing.assert_array_equal(span.decoder_t, whole.decoder_t[inside])
    np.testing.assert_array_equal(span.decoder_trace, whole.decoder_trace[:, inside])
    assert (span.start, span.end) == (span.t[0], pytest.approx(whole.start + c * 5e-5, rel=1e-12))


@functools.cache
def later():
    return result_of("two outputs").continued(201.3 * ms, record_decoders=[0, 70, 33], record_potentials=2)


@pytest.mark.parametrize("every", [None, 0.05 * ms, 3.35 * ms])
def test_filtered_rates_are_those_the_network_had(every):
    result = result_of("published")
    t, r = result.filtered_rates(every)
    steps = np.arange(0, result.steps, 20 if every is None else round(every / ms / 0.05))
    np.testing.assert_array_equal(np.rint(t / 0.05e-3), steps)
    counts = np.zeros((result.steps, N))
    counts[result.spike_step, result.spike_neuron] = 1
    rates = np.asarray(synaptic_filter.filter_spikes(counts, 2 * ms, 20 * ms, 0.05 * ms))
    np.testing.assert_allclose(r, rates[steps], rtol=1e-10, atol=1e-10)
    if every is None:
        # After the update the trace holds the new decoder, the readout was made with the old one.
        decoders = by_hand("published")[3]
        before = np.concatenate([decoders[:1], decoders[:-1]])[..., 0]
        np.testing.assert_allclose((r * before).sum(axis=1), result.readout[steps], rtol=0, atol=1e-9)
    t, late = result.between(100 * ms, 150 * ms).filtered_rates(every)
    inside = (steps >= 2000) & (steps < 3000)
    np.testing.assert_array_equal(late, r[inside])
    np.testing.assert_allclose(t, steps[inside] * 0.05e-3, rtol=1e-12)


def test_filtered_rates_of_a_continued_run_begin_where_it_did():
    whole = run(train=False)
    np.testing.assert_array_equal(whole.decoder, 0)
    first = run(train=False, parameters=SHORT.replace(duration=100 * ms))
    then = first.continued(100 * ms)
    for found, expected in (
        (then, whole.between(100 * ms)),
        (then.between(150 * ms), whole.between(150 * ms)),
    ):
        (t, r), (expected_t, expected_r) = found.filtered_rates(), expected.filtered_rates()
        np.testing.assert_allclose(t, expected_t, rtol=1e-12)
        np.testing.assert_allclose(r, expected_r, rtol=1e-9)


def test_measures_of_a_span_are_those_of_its_samples():
    result = run(teachers.sine(20 * Hz))
    span, part = result.between(50 * ms, 150 * ms), slice(1000, 3000)
    readout, target = result.readout[part], result.target[part]
    assert span.rms_error() == pytest.approx(np.sqrt(np.mean((readout - target) ** 2)), rel=1e-12)
    clock = (0.05 * ms, 20 * Hz, 50 * ms)
    found, expected = span.oscillation(), measures.demodulate(readout, *clock)
    np.testing.assert_allclose(found.t, expected.t, rtol=1e-12)
    np.testing.assert_allclose(found.phase, expected.phase, rtol=1e-9)
    assert found.frequency == pytest.approx(expected.frequency, rel=1e-12)
    error = measures.phase_aligned_error(readout, target, *clock)
    assert span.phase_aligned_error() == pytest.approx(error, rel=1e-9)

    inside = (result.spike_step >= 1000) & (result.spike_step < 3000)
    counts = np.array([np.count_nonzero(result.spike_neuron[inside] == i) for i in range(N)])
    np.testing.assert_allclose(np.asarray(span.firing_rates()), counts / 0.1, rtol=1e-12)
    assert float(span.mean_rate()) == pytest.approx(counts.mean() / 0.1, rel=1e-12)
    cv = span.interval_cv(least=2)
    for i in range(N):
        intervals = np.diff(result.spike_t[inside & (result.spike_neuron == i)])
        assert cv[i] == pytest.approx(
            intervals.std() / intervals.mean() if len(intervals) >= 2 else np.nan, nan_ok=True
        )
    assert np.isfinite(cv).sum() > 10


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda run: run.between(3 * second), r"start = 3\. s"),
        (lambda run: run.between(stop=5), "stop = 5 must be a time"),
        (lambda run: run.between(0.1 * ms).filtered_rates(0.07 * ms), "every = 70. us must be a whole multi"),
        (lambda run: run.between(0.1 * ms).filtered_rates(3), "every = 3 must be a time"),
        (lambda run: run.between(0.1 * ms).filtered_rates(20 * ms), "every = 20. ms: no sample lies between"),
        (lambda run: result_of("two outputs").oscillation(), "outputs = 2: choose one"),
        (
            lambda run: forcelib.run(np.zeros(400), seed=1, parameters=TINY).phase_aligned_error(),
            "teacher = 'samples' has no frequency",
        ),
    ],
)
def test_what_cannot_be_asked_of_a_run(call, message):
    with pytest.raises(ParameterError, match=message):
        call(tiny())


def test_a_silenced_neuron_is_heard_by_nobody():
    trained, mute = run(), [3, 50, 99]
    after = trained.continued(50 * ms, silenced=mute)
    expected = trained.decoder.copy()
    expected[mute] = 0
    np.testing.assert_array_equal(after.decoder, expected)
    weights = trained.reservoir.weights.toarray()
    weights[mute] = 0
    np.testing.assert_array_equal(after.reservoir.weights.toarray(), weights)
    # Whether they spike makes no difference: kicked below any spike, the others do the same.
    kick = np.zeros(N)
    kick[mute] = -1e4
    again = trained.continued(50 * ms, silenced=mute, kick=kick)
    assert not np.isin(again.spike_neuron, mute).any()
    heard = ~np.isin(after.spike_neuron, mute)
    assert not heard.all()
    np.testing.assert_array_equal(again.readout, after.readout)
    np.testing.assert_array_equal(again.spike_step, after.spike_step[heard])
    # They stay silenced, and the trained run is as it was.
    assert after.continued(5 * ms).reservoir.weights[mute].nnz == 0
    assert trained.reservoir.weights[mute].nnz > 0
    assert np.any(trained.decoder[mute] != 0)


@pytest.mark.parametrize("kick", [2, np.linspace(-3, 3, 20)], ids=["all alike", "each its own"])
def test_a_kick_moves_the_potentials_and_nothing_else(kick):
    result = tiny()
    kicked = result.continued(5 * ms, kick=kick).initial
    assert_equal(kicked, dataclasses.replace(result.state, v=result.state.v + kick))


def test_teacher_may_be_samples_or_a_plain_function():
    t = np.arange(TINY.steps) * 0.05e-3
    named = run(teachers.sine(3 * Hz), parameters=TINY)
    for teacher in (named.target, named.target[:, None], lambda t: np.sin(2 * np.pi * 3 * t)):
        other = run(teacher, parameters=TINY)
        np.testing.assert_allclose(other.target, np.sin(2 * np.pi * 3 * t), atol=1e-12)
        np.testing.assert_allclose(other.readout, named.readout, atol=1e-12)
        assert other.frequency is None
    assert (named.teacher, named.frequency) == ("3 Hz sine", 3.0)


def test_progress_is_handed_on(engine):
    told = []
    run(parameters=TINY, engine=engine, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (400, 400)


def test_continued_run_equals_the_uninterrupted_one(engine):
    cut = 121.35 * ms  # within a refractory period, and between two updates
    whole = run(engine=engine, record_potentials=5, parameters=SHORT.replace(rls_stop=cut))
    first = run(engine=engine, record_potentials=5, parameters=SHORT.replace(duration=cut))
    then = first.continued(78.65 * ms, engine=engine, record_potentials=5, teacher=teachers.sine())

    assert (first.state.since_spike < 40).any()
    late = whole.spike_step >= 2427
    assert late.sum() > 100
    np.testing.assert_array_equal(then.spike_step, whole.spike_step[late] - 2427)
    np.testing.assert_array_equal(then.spike_neuron, whole.spike_neuron[late])
    np.testing.assert_allclose(then.readout, whole.readout[2427:], rtol=0, atol=1e-12)
    np.testing.assert_allclose(then.potential_trace, whole.potential_trace[:, 2427:], rtol=1e-12)
    np.testing.assert_array_equal(then.decoder, whole.decoder)
    np.testing.assert_array_equal(then.decoder_trace, np.repeat(whole.decoder[:10, None], 32, axis=1))
    assert_same_state(then.state, whole.state, 1e-12)
    # The time axis goes on.
    np.testing.assert_allclose(then.t, whole.t[2427:], rtol=0, atol=1e-12)
    np.testing.assert_allclose(then.target, whole.target[2427:], rtol=0, atol=1e-12)
    np.testing.assert_allclose(then.spike_t, whole.spike_t[late], rtol=0, atol=1e-12)
    one, other = (each.between(150 * ms, 190 * ms) for each in (then, whole))
    assert one.rms_error() == pytest.approx(other.rms_error(), rel=1e-9)


def test_continued_again_and_across_engines(native):
    whole = run(parameters=SHORT.replace(rls_stop=100 * ms))
    part = run(engine="native", parameters=SHORT.replace(duration=100 * ms))
    for engine in ("brian2", "portable"):
        part = part.continued(50 * ms, engine=engine)
    assert part.start == pytest.approx(0.15, rel=1e-12)
    np.testing.assert_allclose(part.readout, whole.readout[3000:], rtol=0, atol=1e-9)
    np.testing.assert_array_equal(part.target, 0)
    assert_same_state(part.state, whole.state, 1e-9)


def test_training_stopped_saved_and_continued_is_one_training(engine, tmp_path):
    cut = 121.35 * ms  # between two updates
    parameters = SHORT.replace(alpha=2e-5)
    options = {"teacher": TWO, "engine": engine, "parameters": parameters}
    whole = run(**options)
    run(**options | {"parameters": parameters.replace(duration=cut)}).save(tmp_path / "half", P=True)
    half = forcelib.load(tmp_path / "half")
    then = half.continued(78.65 * ms, train=True, **options)
    late = whole.spike_step >= 2427
    np.testing.assert_array_equal(then.spike_step, whole.spike_step[late] - 2427)
    np.testing.assert_array_equal(then.spike_neuron, whole.spike_neuron[late])
    assert np.abs(then.decoder - half.decoder).max() > 1e-3 * np.abs(whole.decoder).max()
    np.testing.assert_allclose(then.readout, whole.readout[2427:], rtol=0, atol=1e-12)
    np.testing.assert_allclose(then.state.P, whole.state.P, rtol=0, atol=1e-12 * parameters.alpha)


@KERNELS
def test_updates_are_made_at_whatever_steps(engine):
    random = np.random.default_rng(4)
    due = np.unique(np.r_[0, 1, 2, 3, random.integers(100, 1500, 60), random.integers(3000, 4000, 300), 3999])
    recordings = []
    for each in (engine, "brian2"):
        network = Reservoir.draw(SHORT, 1, outputs=2)
        target = teachers.sample(teachers.van_der_pol(0.3, 20 * Hz), SHORT.steps, SHORT.dt)
        job = Job(SHORT, network, State.initial(network), target, due, np.arange(5), np.arange(2))
        recordings.append(choose(each, SHORT)[1](job, lambda done: None))
    one, other = recordings
    for name in ("spike_neuron", "spike_step"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert np.abs(other.readout).max() > 0.1
    for name, size in (("readout", 1), ("decoders", 1e-3), ("potentials", 100)):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=0, atol=1e-12 * size)
    np.testing.assert_allclose(one.state.P, other.state.P, rtol=0, atol=1e-12 * SHORT.alpha)


def test_replayed():
    trained = result_of("two outputs")
    replay = trained.replayed(50 * ms, seed=5, record_potentials=N)
    start = replay.potential_trace[:, 0]
    assert (replay.start, replay.seed) == (0, 5)
    assert ((start >= -65) & (start < 30)).all()
    assert np.abs(start - trained.reservoir.potentials).max() > 1
    np.testing.assert_array_equal(replay.readout[0], 0)  # the filters begin empty
    assert np.abs(replay.readout).max() > 0.1
    np.testing.assert_array_equal(replay.decoder, trained.decoder)

    fresh = Reservoir(trained.reservoir.weights, trained.reservoir.encoders, start)
    again = run(
        np.zeros((1000, 2)),
        reservoir=fresh,
        seed=None,
        state=State.initial(fresh, trained.decoder),
        parameters=trained.parameters.replace(duration=50 * ms),
        train=False,
    )
    np.testing.assert_array_equal(again.spike_step, replay.spike_step)
    np.testing.assert_array_equal(again.readout, replay.readout)
    assert not np.array_equal(trained.replayed(50 * ms, seed=6).spike_step, replay.spike_step)


@pytest.fixture
def no_simulation(monkeypatch):
    def never(*args, **kwargs):
        pytest.fail("a simulation was started")

    tiny(), result_of("two outputs")  # made before
    for engine in (kernel, brian):
        monkeypatch.setattr(engine, "simulate", never)


TRAIN = {"train": True, "teacher": teachers.sine()}


@pytest.mark.parametrize(
    ("duration", "options", "message"),
    [
        (0.07 * ms, {}, "duration = 70. us must be a whole multiple of dt"),
        (0 * ms, {}, "duration = 0. s must be above 0. s"),
        (5, {}, "duration = 5"),
        (5 * mV, {}, "duration = 5.* must be one time"),
        (5 * ms, {"seed": 1}, "seed: not an option"),
        (5 * ms, {"record_potentials": [20]}, "record_potentials: neuron 20"),
        (5 * ms, {"engine": "other"}, "engine = 'other'"),
        (5 * ms, {"silenced": [20]}, r"silenced: neuron 20 must lie in \[0, 20\)"),
        (5 * ms, {"silenced": [0.5]}, "silenced = .* must be a number of neurons"),
        (5 * ms, {"kick": np.zeros(3)}, r"kick of shape \(3,\) must be one finite"),
        (5 * ms, {"kick": np.inf}, "kick of shape .* must be one finite number"),
        (5 * ms, {"teacher": np.zeros(99)}, r"samples of shape \(99,\)"),
        (20 * ms, {"train": True}, "teacher: training needs one"),
        (20 * ms, TRAIN, r"train: no update is due in 20\. ms from 0\.02 s on, as RLS is on"),
        (20 * ms, TRAIN | {"parameters": SHORT}, r"parameters = .* of 20 neurons"),
    ],
)
def test_bad_continuations(no_simulation, duration, options, message):
    with pytest.raises(ParameterError, match=message):
        tiny().continued(duration, **options)


def test_bad_replays_and_what_is_missing(no_simulation, tmp_path):
    with pytest.raises(ParameterError, match="seed = -1 must be a whole number"):
        tiny().replayed(5 * ms, seed=-1)
    with pytest.raises(ParameterError, match=r"duration = .* must be a whole multiple of dt"):
        tiny().replayed(0.07 * ms, seed=1)
    stateless = dataclasses.replace(tiny(), state=None, ended="diverged")
    with pytest.raises(ParameterError, match="state: a run that diverged has no final state"):
        stateless.continued(5 * ms)
    tiny().save(tmp_path / "run")
    loaded, more = forcelib.load(tmp_path / "run"), TRAIN | {"parameters": TINY.replace(rls_stop=40 * ms)}
    with pytest.raises(ParameterError, match=r"P: .* is not here \(save\(path, P=True\) keeps it\)"):
        loaded.continued(20 * ms, **more)


def assert_equal(one, other, name="result"):
    """Compare everything, down to the types of the arrays."""
    assert type(one) is type(other), name
    if isinstance(one, Parameters):
        assert one.to_dict() == other.to_dict()
    elif dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            assert_equal(getattr(one, field.name), getattr(other, field.name), f"{name}.{field.name}")
    elif sparse.issparse(one):
        for part in ("data", "indices", "indptr"):
            np.testing.assert_array_equal(getattr(one, part), getattr(other, part), err_msg=name)
        assert one.shape == other.shape, name
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype, name
        np.testing.assert_array_equal(one, other, err_msg=name, strict=True)
    else:
        assert one == other, name


def diverged():
    with pytest.raises(DivergenceError) as caught:
        run(parameters=TINY.replace(alpha=1.0, rls_start=12 * ms))
    return caught.value.result


def with_weights(weights):
    return run(seed=None, parameters=TINY, reservoir=Reservoir(weights, np.ones(20), -50 * np.ones(20)))


SAVED = {
    "one output": tiny,
    "two outputs": lambda: run(
        TWO, parameters=TINY.replace(balanced=True, gain="textbook"), record_potentials=3
    ),
    "nothing recorded": lambda: run(lambda t: t, parameters=TINY, record_decoders=0),
    "no connection": lambda: with_weights(np.zeros((20, 20))),
    "zeros among the weights": lambda: with_weights(
        sparse.csr_array((np.zeros(2), ([0, 1], [1, 0])), shape=(20, 20))
    ),
    "continued": lambda: tiny().continued(10 * ms),
    "diverged": diverged,
    "no final state": lambda: dataclasses.replace(tiny(), state=None),
}


@pytest.mark.parametrize("kind", SAVED)
def test_save_and_load_keep_everything(kind, tmp_path):
    result = SAVED[kind]()
    path = tmp_path / "a run"
    path.write_text("old")
    result.save(str(path), P=True)
    loaded = forcelib.load(str(path))
    assert_equal(loaded, dataclasses.replace(result, initial=dataclasses.replace(result.initial, P=None)))
    assert os.listdir(tmp_path) == ["a run"]
    if result.state is not None and result.ended == "finished":
        for again in (
            lambda which: which.continued(10 * ms, record_potentials=3),
            lambda which: which.replayed(10 * ms, seed=3),
        ):
            one, other = (dataclasses.replace(again(which), seconds=0.0) for which in (loaded, result))
            assert_equal(one, other)


@pytest.mark.parametrize("where", ["missing/run.npz", "folder"])
def test_save_to_an_impossible_place_leaves_nothing(where, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "kept").touch()
    with pytest.raises(OSError, match=r"No such|[Ii]s a directory"):
        tiny().save(tmp_path / where)
    assert sorted(entry.name for entry in tmp_path.rglob("*")) == ["folder", "kept"]


def test_save_to_a_full_disk_keeps_the_file_that_was_there(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    tiny().save(path, P=True)

    def full(file, **arrays):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        SAVED["nothing recorded"]().save(path)
    monkeypatch.undo()
    assert_equal(forcelib.load(path), tiny())
    assert os.listdir(tmp_path) == ["run.npz"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "run.npz"
    run(parameters=TINY.replace(N=5, duration=5 * ms)).save(path)
    return path.read_bytes()


def refused(path, message=r"run\.npz"):
    with pytest.raises(FileFormatError, match=message):
        forcelib.load(path)


def test_load_of_a_truncated_file(saved, tmp_path):
    path = tmp_path / "run.npz"
    for length in [0, 1, 3, 4, 10, *range(29, len(saved), 97), len(saved) - 1]:
        path.write_bytes(saved[:length])
        refused(path)


def test_load_of_a_damaged_file(saved, tmp_path):
    path = tmp_path / "run.npz"
    path.write_bytes(saved)
    original = forcelib.load(path)
    first = saved.index(b"PK\x01\x02")
    # A bit in the data, and each bit of an entry of the table of contents.
    flips = [(position, 3) for position in range(50, first, 101)]
    flips += [(position, bit) for position in range(first, first + 46) for bit in range(8)]
    outcomes = set()
    for position, bit in flips:
        damaged = bytearray(saved)
        damaged[position] ^= 1 << bit
        path.write_bytes(damaged)
        try:
            # Some bits have no meaning, as the date of an entry.
            assert_equal(forcelib.load(path), original)
            outcomes.add("loaded")
        except FileFormatError:
            outcomes.add("refused")
    assert outcomes == {"loaded", "refused"}


def test_load_of_other_files(tmp_path):
    path = tmp_path / "run.npz"
    for content in (b"not an array\n", np.random.default_rng(1).bytes(1000)):
        path.write_bytes(content)
        refused(path)
    with open(path, "wb") as file:
        np.save(file, np.zeros(3))
    refused(path)
    others = [{"about": np.array(content)} for content in ("{}", "[]", "5", '{"format": 1}', "no json")]
    for arrays in ({}, {"readout": np.zeros(3)}, *others):
        np.savez(path, **arrays)
        refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("about", "{}")
        archive.writestr("picture.png", b"\x89PNG")
    refused(path)
    with pytest.raises(FileNotFoundError):
        forcelib.load(tmp_path / "missing.npz")


def rewritten(saved, path, **changes):
    """Write a saved run with some arrays changed, or left out where None is given."""
    path.write_bytes(saved)
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files} | changes
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    return path


def test_load_of_a_file_that_lacks_something_or_is_of_another_version(saved, tmp_path):
    path = tmp_path / "run.npz"
    path.write_bytes(saved)
    with np.load(path) as stored:
        names, about = stored.files, str(stored["about"])
    assert len(names) > 20
    for name in names:
        refused(rewritten(saved, path, **{name: None}), message=f"{name}' is missing")
    for old, new, message in (
        ('"format": 2', '"format": 1', "format 1"),
        ('"p": 0.1', '"p": 7', "p = 7 must be above 0"),
    ):
        refused(rewritten(saved, path, about=np.array(about.replace(old, new))), message)


class Malicious:
    """Makes a folder when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_load_never_unpickles(saved, tmp_path):
    made = tmp_path / "made"
    objects = np.array([Malicious(made)], dtype=object)
    for name in ("about", "readout", "unknown"):
        refused(rewritten(saved, tmp_path / "run.npz", **{name: objects}))
    assert not made.exists()


FILTERS = ("state_v", "state_s", "state_h", "state_r", "state_h_r", "state_since_spike")
FULL = {"weights_data": np.ones(4), "weights_indptr": np.array([0, 4, 4, 4, 4, 4])}


@pytest.mark.parametrize(
    "changes",
    [
        *({name: np.zeros(4)} for name in ("readout", "spike_step", "state_v", "decoder")),
        *({name: np.zeros((3, 2))} for name in ("decoder_trace", "potential_trace")),
        {"weights_indptr": np.array([0, 1])},
        {"weights_indices": np.full(4, 99, dtype=np.int32), **FULL},
        {"encoders": np.zeros((7, 1))},
        {"encoders": np.full((5, 1), np.nan)},
        {"state_r": np.full(5, np.nan)},
        {name: np.zeros(9) for name in FILTERS} | {"state_decoder": np.zeros((9, 1))},
    ],
    ids=lambda changes: ", ".join(changes),
)
def test_load_of_arrays_that_do_not_fit(changes, saved, tmp_path):
    refused(rewritten(saved, tmp_path / "run.npz", **changes))


def test_divergence(engine):
    parameters = SHORT.replace(alpha=1.0, rls_start=100 * ms)
    with pytest.raises(
        DivergenceError, match=r"the readout exceeded 100 at t = 0\.1\d* s.*alpha.*textbook"
    ) as caught:
        run(parameters=parameters, engine=engine, record_potentials=[5])
    result = caught.value.result
    first = parameters.rls_steps()[0]
    assert result.ended == "diverged"
    assert first < result.steps <= first + 50
    assert np.abs(result.readout[-1]) > 100
    assert np.abs(result.readout[:-1]).max() < 100
    assert result.potential_trace.shape == (1, result.steps)
    assert result.decoder_trace.shape == (10, -(-result.steps // 50))
    assert len(result.target) == result.steps

    before = run(engine=engine, train=False, record_potentials=[5])
    early = before.spike_step < first
    np.testing.assert_array_equal(result.spike_step[: early.sum()], before.spike_step[early])
    np.testing.assert_array_equal(result.potential_trace[:, :first], before.potential_trace[:, :first])


@KERNELS
def test_divergence_is_noticed_at_the_same_step_as_by_brian2(engine):
    results = []
    for each in (engine, "brian2"):
        with pytest.raises(DivergenceError) as caught:
            run(parameters=SHORT.replace(alpha=5e-4, G=0.1), engine=each)
        results.append(caught.value.result)
    one, other = results
    assert one.steps == other.steps
    np.testing.assert_array_equal(one.spike_step, other.spike_step)
    # The gain is beyond the stable range and multiplies differences at every update.
    np.testing.assert_allclose(one.readout, other.readout, rtol=0, atol=1e-6)


SMALL_STATE = State(*np.zeros((5, 19)), np.zeros((19, 1)), np.zeros(19))
OWN = Reservoir(np.zeros((19, 19)), np.ones(19), np.zeros(19))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"teacher": np.zeros(399)}, r"teacher: samples of shape \(399,\) must be of shape \(400,\)"),
        ({"teacher": lambda t: t[1:]}, r"teacher: samples of shape \(399,\)"),
        ({"teacher": "sine"}, "teacher = 'sine' must be a function"),
        ({"teacher": np.full(400, np.nan)}, "teacher: 400 samples are NaN or infinite"),
        ({"teacher": Teacher("pole", lambda t: np.where(t == 0, np.inf, t))}, "teacher: 1 samples are NaN"),
        ({"teacher": np.zeros((400, 0))}, "teacher|outputs"),
        ({"teacher": np.zeros((400, 2)), "reservoir": Reservoir.draw(TINY, 1)}, "outputs"),
        ({"teacher": teachers.sine(), "reservoir": Reservoir.draw(TINY, 1, outputs=2)}, "outputs"),
        ({"engine": "gpu"}, "engine = 'gpu' must be one of 'auto', 'native', 'portable', 'brian2'"),
        ({"feedback": "teacher"}, "feedback = 'teacher' must be 'readout' or 'target'"),
        ({"start": 5}, "start = 5 must be a time"),
        ({"start": np.inf * second}, "start = inf must be finite"),
        ({"seed": None}, "seed: every run needs one"),
        ({"seed": -1}, "seed = -1 must be a whole number"),
        ({"seed": 2**32}, "seed = 4294967296 must be a whole number"),
        ({"seed": "1", "reservoir": Reservoir.draw(TINY, 1)}, "seed = '1' must be a whole number"),
        ({"reservoir": OWN}, "reservoir: its 19 neurons .*must be N = 20"),
        ({"reservoir": np.zeros((20, 20))}, "reservoir"),
        ({"state": SMALL_STATE}, r"state: decoder of shape \(19, 1\) must be of shape \(20, 1\)"),
        (
            {"state": State(*np.zeros((5, 20)), np.zeros((20, 2)), np.zeros(20))},
            r"decoder of shape \(20, 2\)",
        ),
        ({"state": {"v": 0}}, "state"),
        ({"parameters": {"N": 20}}, "parameters = .* must be a forcelib.Parameters"),
        ({"record_decoders": [0, 20]}, r"record_decoders: neuron 20 must lie in \[0, 20\)"),
        ({"record_potentials": [-1]}, r"record_potentials: neuron -1 must lie in \[0, 20\)"),
        ({"record_decoders": -1}, "record_decoders = -1 must be a whole number, at least 0"),
        ({"record_potentials": [0.5]}, "record_potentials = .* must be a number of neurons or a list"),
        ({"record_potentials": True}, "record_potentials = True must be"),
        ({"record_decoders": "all"}, "record_decoders = 'all' must be"),
    ],
)
def test_bad_input_is_refused_before_anything_starts(no_simulation, arguments, message):
    options = {"seed": 1, "parameters": TINY}
    with pytest.raises(ParameterError, match=message):
        forcelib.run(**(options | arguments))


@pytest.mark.parametrize("name", STATE)
def test_bad_states(name):
    good = {each: getattr(tiny().state, each) for each in STATE}
    for value, message in (
        (good[name][:19], "of shape .* does not fit|.* does not fit 19 neurons"),
        (good[name][..., None], "of shape .* does not fit 20 neurons"),
        (np.full(good[name].shape, np.nan), "holds NaN or infinite values"),
    ):
        with pytest.raises(ParameterError, match=f"{name} {message}"):
            State(**(good | {name: value}))


def settings():
    generator = np.random.get_state()  # noqa: NPY002
    return {
        "random": (generator[1].tolist(), generator[2:]),
        "device": brian2.get_device(),
        "device module": brian2.device.__class__,
        "prefs": {name: brian2.prefs[name] for name in brian2.prefs},
        "dt": float(brian2.defaultclock.dt),
        "working folder": os.getcwd(),
        "environment": dict(os.environ),
        "tiny numbers": float(np.float64(5e-324) * 1.0),
    }


def test_a_run_neither_changes_global_state_nor_depends_on_it(engine, monkeypatch):
    expected = run(parameters=TINY, engine=engine)
    monkeypatch.setitem(brian2.prefs, "codegen.target", "cython")
    np.random.seed(77)  # noqa: NPY002
    brian2.seed(5)
    brian2.defaultclock.dt = 0.2 * ms
    try:
        before = settings()
        result = run(parameters=TINY, engine=engine)
        with pytest.raises(DivergenceError):
            run(parameters=SHORT.replace(alpha=1.0), engine=engine)
        after = settings()
    finally:
        brian2.defaultclock.dt = 0.1 * ms
        brian2.seed()
    assert after == before
    assert_same_run(result, expected, tolerance=0)


def test_own_reservoir_sets_the_default_number_of_neurons(monkeypatch):
    jobs = []

    def noted(job, report):
        jobs.append(job)
        raise KeyboardInterrupt

    monkeypatch.setattr(brian, "simulate", noted)
    with pytest.raises(KeyboardInterrupt):
        forcelib.run(reservoir=OWN, engine="brian2")
    assert jobs[0].parameters == Parameters(N=19)
