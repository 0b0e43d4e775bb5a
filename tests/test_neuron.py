import brian2 as b2
import numpy as np
import pytest
from brian2 import ms
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from hypothesis import given
from hypothesis import strategies as st

from forcelib import LIF, ParameterError, Parameters, neuron

currents = st.floats(-1e3, 1e6)


def simulate(current, parameters, steps):
    """Run the neuron by hand; return its potentials after each step, and whether it spiked."""
    held_for = round(float(parameters.tau_ref / parameters.dt))
    v = np.full(len(current), parameters.v_reset)
    last = np.full(len(current), -(10**9))
    potentials, spikes = np.empty((steps, len(current))), np.empty((steps, len(current)), dtype=bool)
    for step in range(steps):
        held = step - last < held_for
        v = np.where(held, v, neuron.euler_step(v, current, parameters))
        fired = (v >= parameters.v_threshold) & ~held
        v[fired] = parameters.v_reset
        last[fired] = step
        potentials[step], spikes[step] = v, fired
    return potentials, spikes


@pytest.mark.parametrize("changes", [{}, {"tau_ref": 5 * ms, "tau_m": 20 * ms}, {"tau_ref": 0 * ms}])
def test_firing_rate_is_that_of_the_simulated_neuron(changes):
    parameters = Parameters(dt=0.01 * ms, **changes)
    current = np.array([0.5, 1.0, 5.0, 20.0, 100.0, 1000.0])
    _, spikes = simulate(current, parameters, 30_000)
    for k, rate in enumerate(neuron.firing_rate(current, parameters)):
        when = np.flatnonzero(spikes[:, k])
        interval = np.diff(when).mean() * float(parameters.dt)
        # A spike is noticed up to one step late; Euler steps themselves shorten the rise by
        # about half a step for each time constant it takes.
        rise = 1 / float(rate) - float(parameters.tau_ref)
        late = float(parameters.dt) * (1 + 0.5 * rise / float(parameters.tau_m))
        assert len(when) > 2
        assert abs(interval - 1 / float(rate)) < late


def test_no_spike_up_to_the_rheobase():
    parameters = Parameters(I_bias=-45.0)
    current = np.array([-100.0, 0.0, 4.999, 5.0, 5.1])  # -45 + 5 = v_threshold
    rate = np.asarray(neuron.firing_rate(current, parameters))
    np.testing.assert_array_equal(rate > 0, [False, False, False, False, True])
    _, spikes = simulate(current, parameters, 4000)
    np.testing.assert_array_equal(spikes.any(axis=0), rate > 0)


def test_closed_form():
    parameters = Parameters(tau_m=20 * ms, tau_ref=4 * ms, v_reset=-70, v_threshold=-50, I_bias=-55)
    # Drive -45: 25 above reset, 5 above threshold.
    assert float(neuron.firing_rate(10.0, parameters)) == pytest.approx(
        1 / (4e-3 + 20e-3 * np.log(5)), rel=1e-14
    )


def test_large_currents_are_limited_by_the_refractory_period_alone():
    parameters = Parameters(tau_ref=3 * ms)
    rate = np.asarray(neuron.firing_rate([1e4, 1e6, 1e12], parameters))
    # tau_ref + tau_m x to first order of x = 25 / I; the next term is tau_m x^2 / 2.
    np.testing.assert_allclose(1 / rate, 3e-3 + 10e-3 * 25 / np.array([1e4, 1e6, 1e12]), rtol=1.1e-5)
    assert rate[-1] == pytest.approx(1 / 3e-3, rel=1e-9)


@given(st.lists(currents, min_size=2, max_size=20))
def test_firing_rate_grows_with_the_current(values):
    current = np.sort(values)
    rate = np.asarray(neuron.firing_rate(current, Parameters()))
    assert np.all(np.diff(rate) >= 0)
    assert np.all((rate >= 0) & (rate < 1 / 2e-3))
    np.testing.assert_array_equal(rate > 0, -40 + current > -40)


def test_firing_rate_keeps_the_shape():
    assert np.shape(neuron.firing_rate(3.0, Parameters())) == ()
    assert np.shape(neuron.firing_rate(np.ones((2, 3)), Parameters())) == (2, 3)


@pytest.mark.parametrize("bad", [np.nan, np.inf, [1.0, -np.inf]])
def test_firing_rate_of_no_number(bad):
    with pytest.raises(ParameterError, match=r"current = .*(nan|inf).* must be finite"):
        neuron.firing_rate(bad, Parameters())


@given(currents, st.floats(-100, 100))
def test_euler_step_moves_towards_the_drive(current, v):
    parameters = Parameters(dt=1 * ms, tau_m=4 * ms, rls_interval=1 * ms)
    after = float(neuron.euler_step(v, current, parameters))
    drive = parameters.I_bias + current
    assert after == pytest.approx(v + 0.25 * (drive - v), rel=1e-12, abs=1e-12)


def test_euler_step_leaves_its_argument_alone():
    v = np.full(3, -65.0)
    neuron.euler_step(v, 5.0, Parameters())
    np.testing.assert_array_equal(v, -65.0)


def test_brian2_runs_the_same_neuron():
    parameters = Parameters()
    current = np.linspace(-5, 200, 30)
    steps = 4000
    clock = b2.Clock(parameters.dt)
    names = ("tau_m", "tau_ref", "v_reset", "v_threshold", "I_bias")
    common = {"clock": clock, "codeobj_class": NumpyCodeObject}
    group = b2.NeuronGroup(
        len(current),
        LIF.equations + "\nI : 1 (constant)",
        method="euler",
        threshold=LIF.threshold,
        reset=LIF.reset,
        refractory=LIF.refractory,
        namespace={name: getattr(parameters, name) for name in names},
        **common,
    )
    group.v_ = parameters.v_reset
    group.I_ = current
    potentials = b2.StateMonitor(group, "v", record=True, when="end", **common)
    spikes = b2.SpikeMonitor(group, codeobj_class=NumpyCodeObject)
    b2.Network(group, potentials, spikes).run(steps * parameters.dt, namespace={})

    by_hand, fired = simulate(current, parameters, steps)
    np.testing.assert_allclose(potentials.v.T, by_hand, rtol=1e-12)
    step, which = np.nonzero(fired)
    np.testing.assert_array_equal(spikes.i, which)
    np.testing.assert_array_equal(np.rint(spikes.t / parameters.dt), step)
    assert len(step) > 500
