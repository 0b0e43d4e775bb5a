"""Neuron models, inputs, noise, forgetting: the same on every engine, as closed forms say, and continued."""

import dataclasses
import functools

import numpy as np
import pytest
from brian2 import Hz, ms, mV, second
from scipy import sparse

import forcelib
from forcelib import IZHIKEVICH, LIF, THETA, NeuronModel, ParameterError, Parameters, Reservoir, State, neuron
from forcelib.engines import choose
from forcelib.model import Constant

KERNELS = pytest.mark.parametrize("engine", ["native", "portable"], indirect=True)

#: Near the published parameters, for networks of a hundred neurons.
PUBLISHED = {
    LIF: {"rls_interval": 2.5 * ms},
    THETA: {"G": 10, "Q": 1e4, "alpha": 1e-5, "dt": 0.02 * ms, "rls_interval": 0.5 * ms, "balanced": True},
    IZHIKEVICH: {"G": 5, "Q": 5e3, "alpha": 2e-6, "dt": 0.04 * ms, "rls_interval": 0.8 * ms},
}
#: All options at once, as strong as the currents of each model are.
STRENGTH = {LIF: 1, THETA: 10, IZHIKEVICH: 100}
NAMES = {"ids": str}


def everything(model, N=60, milliseconds=1000):
    strength, duration = STRENGTH[model], milliseconds * ms
    options = {"Q_in": 3 * strength, "noise": 0.01 * strength, "feedback_noise": 0.05, "forgetting": 0.999}
    times = {"duration": duration, "rls_start": 0.1 * duration, "rls_stop": 0.9 * duration}
    return Parameters(N=N, neuron=model, rls_random=True, **options, **times, **PUBLISHED[model])


def teacher(t):
    return np.stack([np.sin(2 * np.pi * 5 * t), np.cos(2 * np.pi * 3 * t)], axis=-1)


def pulses(t):
    return np.stack([np.maximum(np.sin(60 * t), 0), np.sin(40 * t), t * 0], axis=-1)


@functools.cache
def run(model, engine, **changes):
    return forcelib.run(teacher, input=pulses, seed=3, parameters=everything(model, **changes), engine=engine)


def assert_same_run(one, other, tolerance):
    assert len(other.spike_step) > 5 * other.parameters.N
    np.testing.assert_array_equal(one.spike_neuron, other.spike_neuron)
    np.testing.assert_array_equal(one.spike_step, other.spike_step)
    assert np.abs(other.readout).max() > 0.3
    assert np.abs(one.readout - other.readout).max() < tolerance
    assert np.abs(one.decoder - other.decoder).max() < tolerance * np.abs(other.decoder).max()
    for name in ("v", "further", "s", "r"):
        found, expected = (getattr(each.state, name) for each in (one, other))
        np.testing.assert_allclose(
            found, expected, rtol=0, atol=tolerance * (1 + np.abs(expected).max(initial=0))
        )


@KERNELS
@pytest.mark.parametrize("model", PUBLISHED, **NAMES)
def test_with_every_option_the_kernels_agree_with_brian2(model, engine):
    assert_same_run(run(model, engine), run(model, "brian2"), 1e-9)


@pytest.mark.parametrize("model", PUBLISHED, **NAMES)
def test_a_run_saved_and_continued_is_the_uninterrupted_one(model, tmp_path):
    whole = run(model, "portable", milliseconds=400)
    p, cut = whole.parameters, 123.4 * ms
    options = {"input": pulses, "teacher": teacher, "engine": "portable"}
    first = forcelib.run(seed=3, parameters=p.replace(duration=cut), **options)
    first.save(tmp_path / "first", P=True)
    first = forcelib.load(tmp_path / "first")
    assert first.state.further.shape == (len(model.state) - 1, p.N)
    then = first.continued(p.duration - cut, train=True, parameters=p, **options)
    n = first.steps
    np.testing.assert_array_equal(then.spike_step, whole.spike_step[whole.spike_step >= n] - n)
    assert np.abs(then.input - whole.input[n:]).max() < 1e-12
    assert np.abs(then.readout - whole.readout[n:]).max() < 1e-9
    np.testing.assert_allclose(then.state.P, whole.state.P, rtol=0, atol=1e-9 * np.abs(whole.state.P).max())


def driven(model, currents, duration, **changes):
    """Neurons that hear nobody, each with a constant current of its own."""
    n = len(currents)
    p = Parameters(N=n, neuron=model, duration=duration, **changes)
    low, _ = p.start_span
    reservoir = Reservoir(np.zeros((n, n)), np.zeros(n), np.full(n, low), currents)
    return forcelib.run(input=1.0, reservoir=reservoir, parameters=p, train=False, engine="portable")


def test_the_theta_neuron_fires_at_the_root_of_its_current():
    currents = np.array([-1.0, 0.0, 25.0, 400.0, 900.0])
    result = driven(THETA, currents, 2 * second, dt=0.01 * ms, rls_interval=1 * ms)
    expected = neuron.firing_rate(currents, result.parameters)
    np.testing.assert_allclose(np.asarray(expected), [0, 0, 5, 20, 30])
    for k, rate in enumerate(expected):
        times = result.spike_t[result.spike_neuron == k]
        assert (len(times) == 0) == (rate == 0)
        if len(times):
            assert 1 / np.diff(times).mean() == pytest.approx(float(rate), rel=5e-3)  # of Euler


@KERNELS
def test_the_cosine_of_the_kernels_is_that_of_numpy(engine):
    v = np.linspace(-2 * np.pi, 0.5, 4001)
    n, long = len(v), {"dt": 1 * second, "tau_r": 2 * second, "tau_d": 2 * second}
    p = Parameters(N=n, neuron=THETA, duration=2 * second, rls_interval=1 * second, **long)
    quiet = Reservoir(sparse.csr_array((n, n)), np.zeros(n), v)
    found = forcelib.run(reservoir=quiet, parameters=p, train=False, engine=engine, record_potentials=n)
    step = found.potential_trace[:, 1] - v - 1  # minus cos v, rounded as a potential is
    assert np.abs(step + np.cos(v)).max() < 3e-15


@pytest.mark.parametrize("b", [-2.0, 0.0])
def test_the_rheobase_of_the_izhikevich_neuron(b):
    # Below it v and u have a fixed point: k x (x - (v_t - v_r)) - b x + I = 0 has a root, x = v - v_r.
    model = IZHIKEVICH.replace(b=b, v_t=-19.2 if b else -20)
    rheobase = (b + model["k"] * (model["v_t"] - model["v_r"])) ** 2 / (4 * model["k"])
    assert rheobase == pytest.approx(1000)
    currents = rheobase - model["I_bias"] + np.array([-5.0, 5.0])
    late = driven(model, currents, 6 * second, dt=0.04 * ms, rls_interval=1 * ms).between(2 * second)
    counts = np.bincount(late.spike_neuron, minlength=2)
    assert counts[0] == 0
    assert counts[1] > 2


@pytest.mark.parametrize("gain", ["published", "textbook"])
def test_exact_decay_is_that_of_the_authors(gain):
    """A loop as theirs: filters decay by exp(-dt/tau), and couple by Euler."""
    p = forcelib.Parameters(
        N=40, G=0.2, gain=gain, duration=60 * ms, rls_start=10 * ms, rls_stop=50 * ms, alpha=1e-5
    )
    run = forcelib.run(seed=2, parameters=p.exact_decay(), record_decoders=range(40))
    drawn = forcelib.Reservoir.draw(p, 2)
    omega, E = drawn.weights.toarray().T, drawn.encoders[:, 0]
    dt, tau_m, tau_r, tau_d = (float(getattr(p, name)) for name in ("dt", "tau_m", "tau_r", "tau_d"))
    v, held = drawn.potentials.copy(), np.zeros(40, int)
    h, r, phi, P = np.zeros(40), np.zeros(40), np.zeros(40), p.alpha * np.eye(40)
    due, readout = set(p.rls_steps()), np.zeros(p.steps)
    for step in range(p.steps):
        z = readout[step] = phi @ r
        current = omega @ r + E * z
        if step in due:
            Pr = P @ r
            gained = Pr / (1 + r @ Pr)
            phi = phi - (Pr if gain == "published" else gained) * (z - run.target[step])
            P = P - np.outer(gained, Pr)
        v = np.where(held > 0, v, v + dt / tau_m * (-v + p.I_bias + current))
        fired = (held == 0) & (v >= p.v_threshold)
        r = r * np.exp(-dt / tau_d) + h * dt
        h = h * np.exp(-dt / tau_r) + fired / (tau_r * tau_d)
        v, held = (
            np.where(fired, p.v_reset, v),
            np.where(fired, p.in_steps("tau_ref") - 1, np.maximum(held - 1, 0)),
        )
    np.testing.assert_allclose(run.readout, readout, atol=1e-9)
    assert np.count_nonzero(phi) > 30
    c = np.sqrt(run.parameters.alpha / p.alpha)
    np.testing.assert_allclose(run.decoder[:, 0] if run.decoder.ndim > 1 else run.decoder, c * phi, rtol=1e-9)
    np.testing.assert_allclose(run.state.r * c, r, rtol=1e-9)


def test_an_input_passes_the_leak_and_noise_has_the_variance_that_it_should():
    silent = {"I_bias": -60.0, "v_start": -65.0, "v_threshold": -20.0, "tau_m": 10 * ms}
    result = driven(LIF, [0.0, 3.0], 100 * ms, **silent)
    start, rest = -65.0, np.array([-60.0, -57.0])
    t = 100 * ms / (10 * ms)
    np.testing.assert_allclose(result.state.v, rest + (start - rest) * np.exp(-t), atol=2e-3)
    # White noise of intensity sigma through a leak: sigma^2 / (2 tau_m).
    p = Parameters(N=400, G=0, noise=0.2, duration=60 * ms, **silent)
    v = forcelib.run(seed=1, parameters=p, train=False, engine="portable").state.v
    assert v.std() == pytest.approx(0.2 / np.sqrt(2 * 10e-3), rel=0.1)


def test_noise_belongs_to_the_seed_and_the_step():
    p = Parameters(N=20, duration=30 * ms, noise=0.1)
    one, same, other = (forcelib.run(seed=seed, parameters=p, train=False) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.state.v, same.state.v)
    assert np.abs(one.state.v - other.state.v).max() > 0.01
    with pytest.raises(ParameterError, match="seed: noise need one"):
        forcelib.run(reservoir=one.reservoir, parameters=p)


def test_random_updates_are_as_many_as_regular_ones_and_none_is_repeated():
    p = Parameters(rls_random=True, duration=12 * second)
    due, again = p.rls_steps(0, 1), p.rls_steps(0, 1)
    np.testing.assert_array_equal(due, again)
    assert (due.min() > 100_000) & (due.max() < 200_000)
    assert len(due) == pytest.approx(2000, abs=4 * np.sqrt(2000))
    late = p.replace(duration=5 * second).rls_steps(7.0, 1)
    np.testing.assert_array_equal(late, due[due >= 140_000] - 140_000)
    with pytest.raises(ParameterError, match="seed: updates that are random need one"):
        p.rls_steps()


OWN = NeuronModel(
    name="exponential",
    equations="dv/dt = (-v + exp(v) * cos(w) + I + 1) / tau : 1\ndw/dt = (v - w) / tau_w : 1",
    threshold="v > 5",
    reset="v = -1\nw += 0.5",
    state=("v", "w"),
    constants={"tau": 10 * ms, "tau_w": 100 * ms},
    start=(-1, 5),
    rest=(0.25,),
)


def test_equations_of_ones_own_run_in_brian2():
    p = Parameters(N=30, neuron=OWN, Q=1, duration=100 * ms, rls_start=10 * ms, rls_stop=90 * ms)
    assert choose("auto", p)[0] == "brian2"
    result = forcelib.run(seed=1, parameters=p, record_potentials=30)
    np.testing.assert_array_equal(result.initial.further, np.full((1, 30), 0.25))
    v, w, dt = result.potential_trace, np.full(30, 0.25), 5e-5
    fired = np.zeros_like(v, dtype=bool)
    fired[result.spike_neuron, result.spike_step] = True
    assert fired.any()
    for step in range(result.steps - 1):
        held = dt * (v[:, step] - w) / 0.1 + w
        w = np.where(fired[:, step], held + 0.5, held)
    np.testing.assert_array_equal(v[:, 1:][fired[:, :-1]], -1)
    assert np.abs(result.readout).max() > 0.01
    with pytest.raises(
        ParameterError, match=r"'native': the kernels have .* exponential neuron use 'brian2'"
    ):
        choose("native", p)


def test_the_rate_twin_rests_where_the_curve_says():
    currents = np.array([-1.0, 0.5, 5.0, 40.0])
    for model, dt in ((LIF, 0.5 * ms), (THETA, 0.5 * ms)):
        n = len(currents)
        p = Parameters(N=n, neuron=model, dt=dt, duration=500 * ms)
        quiet = Reservoir(np.zeros((n, n)), np.zeros(n), np.zeros(n), currents)
        result = forcelib.run(input=1.0, reservoir=quiet, parameters=p, train=False, engine="rate")
        np.testing.assert_allclose(result.state.r, neuron.firing_rate(currents, p) / Hz, atol=1e-6)


TWIN = Parameters(N=300, dt=0.5 * ms, duration=1 * second, rls_start=0.1 * second, rls_stop=0.8 * second)
TWIN = TWIN.replace(gain="textbook", alpha=1e-4)


def test_the_rate_twin_learns_goes_on_and_swaps_its_decoder():
    result = forcelib.run(seed=1, parameters=TWIN, engine="rate")
    assert len(result.spike_step) == 0
    assert result.between(0.6 * second, 0.8 * second).rms_error() < 0.1
    half = forcelib.run(seed=1, parameters=TWIN.replace(duration=0.5 * second), engine="rate")
    then = half.continued(0.5 * second, train=True, teacher=forcelib.teachers.sine())
    assert then.engine == "rate"
    np.testing.assert_allclose(then.readout, result.readout[1000:], rtol=0, atol=1e-9)
    np.testing.assert_allclose(then.state.h, result.state.h, rtol=0, atol=1e-9 * np.abs(result.state.h).max())
    spikes = result.replayed(100 * ms, seed=2, engine="portable", parameters=TWIN.replace(dt=0.05 * ms))
    assert len(spikes.spike_step) > 300
    np.testing.assert_array_equal(spikes.decoder, result.decoder)
    with pytest.raises(ParameterError, match="no formula for the rate of the Izhikevich neuron"):
        choose("rate", Parameters(neuron=IZHIKEVICH))


def test_what_the_rate_twin_records_is_the_whole_current():
    p = TWIN.replace(duration=100 * ms, rls_start=200 * ms, rls_stop=300 * ms)
    state = State.initial(Reservoir.draw(p, 1), np.full((p.N, 1), 1e-4))
    found = forcelib.run(seed=1, parameters=p, state=state, engine="rate", record_potentials=p.N)
    last = found.continued(2 * p.dt, record_potentials=p.N).potential_trace[:, 1]
    expected = found.state.r @ found.reservoir.weights + found.reservoir.encoders[:, 0] * (
        found.decoder @ found.state.r
    )
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(last, expected, rtol=1e-9, atol=1e-9)


def test_models_are_values():
    assert IZHIKEVICH.replace(b=-2) == IZHIKEVICH
    changed = IZHIKEVICH.replace(C=100 * ms)
    assert (changed["C"], changed == IZHIKEVICH, changed.same_equations(IZHIKEVICH)) == (0.1, False, True)
    assert len({Parameters(neuron=each) for each in (LIF, THETA, IZHIKEVICH, IZHIKEVICH.replace(b=-2))}) == 3
    for each in (LIF, THETA, changed, OWN):
        p = Parameters(neuron=each)
        assert Parameters.from_dict(p.to_dict()) == p


def own(**changes):
    return dataclasses.replace(OWN, **changes)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: IZHIKEVICH.replace(e=1), "e is not a constant of the Izhikevich neuron; there are C, k, a"),
        (lambda: IZHIKEVICH.replace(C=1 * mV), "C = 1. mV must have the unit second"),
        (lambda: IZHIKEVICH.replace(C=0), "C = 0 must be above 0"),
        (lambda: IZHIKEVICH.replace(a=np.nan), "a = nan must be finite"),
        (lambda: THETA.replace(tau=2 * Hz), "tau = 2. Hz must have the unit second"),
        (lambda: LIF.replace(tau_m=2), "tau_m is not a constant of the leaky .* there are none"),
        (lambda: own(equations="dv/dt = "), "exponential: its equations cannot be read"),
        (lambda: own(state=("v",)), r"exponential: state = \('v',\) must be the variables"),
        (lambda: own(rest=(1, 2)), "rest = .* one number for each but the first"),
        (lambda: own(threshold="v > peak"), "exponential: nothing gives a value to peak"),
        (lambda: own(constants={"tau": 1 * ms, "tau_w": 1 * ms, "h": 1}), "h is a name of the network"),
        (lambda: Parameters(neuron="lif"), "neuron = 'lif' must be a NeuronModel"),
        (lambda: Parameters(neuron=own(start=(1, -1))), "neuron: it starts from 1 to -1"),
        (lambda: Parameters(neuron=own(start=(1, "top"))), "neuron: top is neither a constant"),
        (lambda: Parameters(neuron=THETA, I_bias=0), "I_bias = 0: the theta neuron does not use it; .* tau"),
        (lambda: Parameters(neuron=IZHIKEVICH, tau_m=5 * ms), "tau_m = .* does not use it; .* C, k, a"),
        (lambda: Parameters(forgetting=0), "forgetting = 0 must be above 0 and at most 1"),
        (lambda: Parameters(noise=-1), "noise = -1 must be at least 0"),
        (lambda: Constant("c", 1 * mV, "second"), "c = 1. mV must have the unit second"),
        (
            lambda: neuron.firing_rate(1, Parameters(neuron=IZHIKEVICH)),
            "no formula for the rate of the Izhik",
        ),
        (lambda: forcelib.run(seed=1, input=np.zeros(3)), r"input: samples of shape \(3,\) must be of shape"),
        (lambda: forcelib.run(seed=1, input="noise"), "input = 'noise' must be a function"),
        (
            lambda: forcelib.run(input=1.0, reservoir=Reservoir(np.zeros((3, 3)), np.ones(3), np.zeros(3))),
            "reservoir: it has weights of 0 inputs for the 1 given",
        ),
        (
            lambda: forcelib.run(
                seed=1,
                parameters=Parameters(N=5, neuron=IZHIKEVICH, dt=0.05 * ms),
                state=State.initial(Reservoir.draw(Parameters(N=5), 1)),
            ),
            "state: it has 1 variables of a neuron, and the Izhikevich neuron has v, u",
        ),
        (
            lambda: Reservoir(np.zeros((3, 3)), np.ones(3), np.zeros(3), np.ones((2, 3))),
            r"input_weights of shape \(2, 3\) must be of shape \(3, inputs\)",
        ),
    ],
)
def test_bad_input(make, message):
    with pytest.raises(ParameterError, match=message):
        make()


def test_a_run_goes_on_with_its_own_neuron_and_a_file_with_its_own_variables(tmp_path):
    p = Parameters(N=5, neuron=IZHIKEVICH, duration=5 * ms)
    result = forcelib.run(seed=1, parameters=p)
    with pytest.raises(ParameterError, match="the theta neuron cannot go on where the Izhikevich neuron was"):
        result.continued(5 * ms, parameters=Parameters(N=5, neuron=THETA))
    assert result.replayed(5 * ms, seed=2).state.further.shape == (1, 5)
    result.save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as stored:
        arrays = {name: stored[name] for name in stored.files}
    assert {"initial_u", "state_u"} <= set(arrays)
    del arrays["state_u"]
    np.savez(tmp_path / "run.npz", **arrays)
    with pytest.raises(forcelib.FileFormatError, match="'state_u' is missing"):
        forcelib.load(tmp_path / "run.npz")
