from itertools import pairwise

import numpy as np
import pytest
from brian2 import Hz, ms, mV, second
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.integrate import quad
from scipy.linalg import expm
from scipy.optimize import minimize_scalar

from forcelib import ParameterError, synaptic_filter

constants = st.floats(0.2, 100)  # ms
CASES = [(2, 20), (2, 30), (20, 2), (0.1, 100), (5, 5), (5, 5.000001), (5, 5.05)]


def kernel(t, tau_r, tau_d):
    """Response in hertz; times in seconds, time constants in ms."""
    return np.asarray(synaptic_filter.kernel(t * second, tau_r * ms, tau_d * ms))


@pytest.mark.parametrize(("tau_r", "tau_d"), CASES)
def test_unit_area(tau_r, tau_d):
    slow = max(tau_r, tau_d) * 1e-3
    bounds = np.array([0, 0.1, 2, 45]) * slow
    parts = [quad(kernel, a, b, (tau_r, tau_d), epsrel=1e-11)[0] for a, b in pairwise(bounds)]
    assert sum(parts) == pytest.approx(1, rel=1e-9)


@given(constants, constants)
def test_kernel_is_zero_before_the_spike_and_positive_after(tau_r, tau_d):
    slow = max(tau_r, tau_d) * 1e-3
    assert np.all(kernel(np.linspace(-slow, 0, 20), tau_r, tau_d) == 0)
    assert np.all(kernel(np.linspace(1e-3, 20, 50) * slow, tau_r, tau_d) > 0)


@given(constants, constants)
def test_rise_and_decay_time_are_interchangeable(tau_r, tau_d):
    t = np.linspace(0, 0.1, 40)
    # Where the two are close, their difference cancels: 1e-16 / 1e-6.
    np.testing.assert_allclose(kernel(t, tau_r, tau_d), kernel(t, tau_d, tau_r), rtol=1e-9, atol=1e-9)


@given(constants, constants)
def test_peak_time(tau_r, tau_d):
    peak = float(synaptic_filter.peak_time(tau_r * ms, tau_d * ms))
    found = minimize_scalar(
        lambda x: -float(kernel(peak * x, tau_r, tau_d)),
        bounds=(0.2, 5),
        method="bounded",
        options={"xatol": 1e-10},
    )
    # At a maximum a relative change of 1e-8 in the value is one of 1e-4 in the place.
    assert found.x == pytest.approx(1, abs=1e-4)
    slope = float(kernel(peak * 1.001, tau_r, tau_d)) - float(kernel(peak / 1.001, tau_r, tau_d))
    assert abs(slope) < 1e-5 * float(kernel(peak, tau_r, tau_d))


def test_peak_time_of_the_reference_program():
    peak = float(synaptic_filter.peak_time(2 * ms, 20 * ms))
    assert peak == pytest.approx(20e-3 / 9 * np.log(10), rel=1e-14)


@pytest.mark.parametrize("tau", [0.001, 0.1, 5.0, 1000.0])
@pytest.mark.parametrize("apart", [0, 1e-12, 1e-9, 5e-7, 2e-6, 1e-5, 1e-4, 1e-3])
def test_equal_time_constants_are_the_limit_of_unequal_ones(tau, apart):
    tau_r, tau_d = tau * (1 - apart / 2), tau * (1 + apart / 2)
    seconds = tau * 1e-3
    t = np.linspace(0, 5, 50) * seconds
    alpha = t / seconds**2 * np.exp(-t / seconds)
    # Cancellation costs 1e-16 / apart just outside the branch for equal ones.
    allowed = (1e-9 + apart**2) / seconds
    np.testing.assert_allclose(kernel(t, tau_r, tau_d), alpha, rtol=0, atol=allowed)
    peak = float(synaptic_filter.peak_time(tau_r * ms, tau_d * ms))
    assert peak == pytest.approx(seconds, rel=1e-9 + apart**2)
    exact = synaptic_filter.propagator(tau_r * ms, tau_d * ms, 0.1 * tau * ms, method="exact")
    np.testing.assert_allclose(exact[0, 1] / seconds, 0.1 * np.exp(-0.1), rtol=1e-8 + apart**2)


def test_short_time_constants_are_not_taken_for_equal():
    # In units of a nanosecond the kernel is the same curve as in units of a millisecond.
    t = np.linspace(0, 50, 100)
    np.testing.assert_allclose(kernel(t * 1e-9, 2e-6, 5e-6) * 1e-9, kernel(t * 1e-3, 2, 5) * 1e-3, rtol=1e-12)


@given(constants, constants, st.floats(0.01, 20))
def test_exact_propagator_is_the_matrix_exponential(tau_r, tau_d, dt):
    slope = np.array([[-1 / tau_r, 1.0], [0.0, -1 / tau_d]])
    ours = synaptic_filter.propagator(tau_r * ms, tau_d * ms, dt * ms, method="exact")
    # Where the two constants are close, their difference cancels: 1e-16 / 1e-6.
    np.testing.assert_allclose(ours, expm(slope * dt) * [[1, 1e-3], [1, 1]], rtol=1e-9, atol=1e-15)


def test_euler_propagator_is_the_first_order():
    np.testing.assert_allclose(
        synaptic_filter.propagator(2 * ms, 20 * ms, 0.05 * ms),
        [[1 - 0.05 / 2, 0.05e-3], [0, 1 - 0.05 / 20]],
        rtol=1e-14,
    )


def response(method, dt, duration=100, tau_r=2, tau_d=20):
    """Filter one spike in step 0; times in ms."""
    counts = np.zeros(round(duration / dt))
    counts[0] = 1
    return np.asarray(synaptic_filter.filter_spikes(counts, tau_r * ms, tau_d * ms, dt * ms, method))


@pytest.mark.parametrize(("tau_r", "tau_d"), [(2, 20), (20, 2), (5, 5), (1, 100)])
def test_exact_filter_samples_the_kernel(tau_r, tau_d):
    rate = response("exact", 0.05, tau_r=tau_r, tau_d=tau_d)
    assert rate[0] == 0
    # A spike in step 0 acts from step 1 on.
    t = np.arange(len(rate) - 1) * 0.05e-3
    np.testing.assert_allclose(rate[1:], kernel(t, tau_r, tau_d), rtol=0, atol=1e-12 * rate.max())


def test_euler_filter_converges_at_first_order():
    errors = []
    for dt in (0.2, 0.1, 0.05, 0.025):
        rate = response("euler", dt)
        errors.append(np.abs(rate[1:] - kernel(np.arange(len(rate) - 1) * dt * 1e-3, 2, 20)).max())
    ratios = np.divide(errors[:-1], errors[1:])
    np.testing.assert_allclose(ratios, 2, rtol=0.1)  # 2 in the limit of small dt


def test_euler_steps_give_a_spike_exactly_unit_area():
    assert response("euler", 0.05, duration=800).sum() * 0.05e-3 == pytest.approx(1, rel=1e-12)
    # The trapezoidal rule on the exact kernel is off by dt^2 / 12 times its initial slope.
    assert response("exact", 0.05, duration=800).sum() * 0.05e-3 == pytest.approx(1, rel=1e-5)


counts = arrays(float, (30, 2), elements=st.integers(0, 3).map(float))


@given(counts, counts, st.floats(-5, 5), st.sampled_from(["euler", "exact"]))
def test_superposition(x, y, factor, method):
    def filtered(spikes):
        return np.asarray(synaptic_filter.filter_spikes(spikes, 2 * ms, 20 * ms, 1 * ms, method))

    np.testing.assert_allclose(
        filtered(x + factor * y), filtered(x) + factor * filtered(y), rtol=1e-12, atol=1e-9
    )


@given(counts, st.integers(0, 29))
def test_a_later_spike_train_gives_a_later_response(x, delay):
    late = np.zeros_like(x)
    late[delay:] = x[: len(x) - delay]
    before = np.asarray(synaptic_filter.filter_spikes(x, 2 * ms, 20 * ms, 1 * ms))
    after = np.asarray(synaptic_filter.filter_spikes(late, 2 * ms, 20 * ms, 1 * ms))
    np.testing.assert_array_equal(after[delay:], before[: len(x) - delay])
    np.testing.assert_array_equal(after[:delay], 0)


@given(counts)
def test_columns_are_filtered_each_for_itself(x):
    both = synaptic_filter.filter_spikes(x, 2 * ms, 20 * ms, 1 * ms)
    for k in range(2):
        alone = synaptic_filter.filter_spikes(x[:, k], 2 * ms, 20 * ms, 1 * ms)
        np.testing.assert_array_equal(both[:, k], alone)


@pytest.mark.parametrize("name", ["tau_r", "tau_d"])
@pytest.mark.parametrize("bad", [0 * ms, -2 * ms, np.nan * second, np.inf * second, 2, 2 * mV])
def test_bad_time_constants(name, bad):
    given = {"tau_r": 2 * ms, "tau_d": 20 * ms, name: bad}
    for call in (
        lambda: synaptic_filter.kernel(1 * ms, **given),
        lambda: synaptic_filter.peak_time(**given),
        lambda: synaptic_filter.propagator(**given, dt=0.05 * ms),
        lambda: synaptic_filter.filter_spikes([1, 0], **given, dt=0.05 * ms),
    ):
        with pytest.raises(ParameterError, match=f"{name} = .* must be positive and finite, with its unit"):
            call()


@pytest.mark.parametrize("bad", [0 * ms, -1 * ms, np.nan * ms, np.inf * ms, 0.05, 1 * Hz])
def test_bad_time_step(bad):
    with pytest.raises(ParameterError, match=r"dt = .* must be positive and finite, with its unit"):
        synaptic_filter.propagator(2 * ms, 20 * ms, bad)


def test_bad_method():
    with pytest.raises(ParameterError, match="method = 'heun' must be 'euler' or 'exact'"):
        synaptic_filter.propagator(2 * ms, 20 * ms, 0.05 * ms, method="heun")


@pytest.mark.parametrize("bad", [1.0, [], np.zeros((2, 2, 2)), [0, np.nan], [[np.inf, 0]]])
def test_bad_counts(bad):
    with pytest.raises(ParameterError, match=r"counts of shape \(.*\) must be finite"):
        synaptic_filter.filter_spikes(bad, 2 * ms, 20 * ms, 0.05 * ms)


def test_kernel_of_something_that_is_no_time():
    with pytest.raises(ParameterError, match=r"t = .* must be a time"):
        synaptic_filter.kernel([0, 1, 2], 2 * ms, 20 * ms)


@given(
    arrays(np.int64, st.tuples(st.integers(1, 60), st.just(3)), elements=st.integers(0, 1)),
    st.integers(1, 9),
    arrays(float, (2, 3), elements=st.floats(0, 1000)),
)
def test_a_network_is_filtered_as_its_neurons_are(counts, every, start):
    step, neuron = np.nonzero(counts)
    matrix = synaptic_filter.propagator(2 * ms, 20 * ms, 0.05 * ms)
    found = list(synaptic_filter.filter_network(neuron, step, len(counts), every, matrix, 25e3, *start))
    pair, expected = start, []
    for now in counts:
        expected.append(pair[0])
        pair = matrix @ pair
        pair[1] += 25e3 * now
    assert len(found) == -(-len(counts) // every)
    np.testing.assert_allclose(found, expected[::every], rtol=1e-9, atol=1e-9)
