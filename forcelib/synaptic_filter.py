"""The double-exponential synaptic filter (chapter 2)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from brian2 import Hz, Quantity, second

from ._checks import has_unit, positive
from .errors import ParameterError

__all__ = ["filter_network", "filter_spikes", "kernel", "peak_time", "propagator"]


def kernel(t: Quantity, tau_r: Quantity, tau_d: Quantity) -> Quantity:
    r"""Response of the filter to one spike at time 0.

    Parameters
    ----------
    t : Quantity in seconds, any shape
        Times since the spike; the response is 0 before it.
    tau_r, tau_d : Quantity in seconds
        Rise and decay time. They may be equal.

    Returns
    -------
    Quantity in hertz, same shape as `t`
        :math:`(e^{-t/\tau_d} - e^{-t/\tau_r})/(\tau_d - \tau_r)`; its area is 1.

    Raises
    ------
    ParameterError
        If a time constant is not a positive time, or `t` is not a time.

    References
    ----------
    Derived in chapter 2; Nicola and Clopath (2017), Methods, synaptic filters.

    Examples
    --------
    >>> from brian2 import ms
    >>> from forcelib import synaptic_filter
    >>> synaptic_filter.kernel([0, 10] * ms, 2 * ms, 20 * ms)
    array([ 0.        , 33.32181737]) * hertz
    """
    rise, decay = _time_constants(tau_r, tau_d)
    if not has_unit(t, second):
        raise ParameterError(f"t = {t} must be a time, for example 5*ms")
    t = np.asarray(t, dtype=float)
    after = np.maximum(t, 0.0)
    if np.isclose(rise, decay, rtol=1e-6, atol=0):
        tau = (rise + decay) / 2
        response = after / tau**2 * np.exp(-after / tau)
    else:
        response = (np.exp(-after / decay) - np.exp(-after / rise)) / (decay - rise)
    return np.where(t > 0, response, 0.0) * Hz


def peak_time(tau_r: Quantity, tau_d: Quantity) -> Quantity:
    r"""Time from a spike to the peak of the filter's response.

    Parameters
    ----------
    tau_r, tau_d : Quantity in seconds
        Rise and decay time. They may be equal.

    Returns
    -------
    Quantity in seconds
        :math:`\frac{\tau_r \tau_d}{\tau_d - \tau_r} \ln\frac{\tau_d}{\tau_r}`.

    Raises
    ------
    ParameterError
        If a time constant is not a positive time.

    References
    ----------
    Derived in chapter 2 by setting the derivative of the kernel to zero.

    Examples
    --------
    >>> from brian2 import ms
    >>> from forcelib import synaptic_filter
    >>> synaptic_filter.peak_time(2 * ms, 20 * ms)
    5.11685576 * msecond
    """
    rise, decay = _time_constants(tau_r, tau_d)
    if np.isclose(rise, decay, rtol=1e-6, atol=0):
        return (rise + decay) / 2 * second
    return rise * decay / (decay - rise) * np.log(decay / rise) * second


def propagator(tau_r: Quantity, tau_d: Quantity, dt: Quantity, method: str = "euler") -> np.ndarray:
    r"""Matrix that advances the pair (r, h) by one time step without a spike.

    Parameters
    ----------
    tau_r, tau_d, dt : Quantity in seconds
        Rise time, decay time and time step.
    method : {"euler", "exact"}, default "euler"
        Euler as in the reference program, or the matrix exponential.

    Returns
    -------
    ndarray of float64, shape (2, 2)
        :math:`M` in :math:`(r, h)_{n+1} = M\,(r, h)_n`, in SI units.

    Raises
    ------
    ParameterError
        If a time is not positive or the method is unknown.

    References
    ----------
    Chapter 2, "Euler against the exact update".

    Examples
    --------
    >>> from brian2 import ms
    >>> from forcelib import synaptic_filter
    >>> synaptic_filter.propagator(2 * ms, 20 * ms, 0.05 * ms)
    array([[9.750e-01, 5.000e-05],
           [0.000e+00, 9.975e-01]])
    """
    rise, decay = _time_constants(tau_r, tau_d)
    step = positive("dt", dt, second, "0.05*ms")
    if method == "euler":
        return np.array([[1 - step / rise, step], [0.0, 1 - step / decay]])
    if method == "exact":
        both = float(kernel(step * second, tau_r, tau_d)) * rise * decay
        return np.array([[np.exp(-step / rise), both], [0.0, np.exp(-step / decay)]])
    raise ParameterError(f"method = {method!r} must be 'euler' or 'exact'")


def filter_spikes(
    counts: np.ndarray, tau_r: Quantity, tau_d: Quantity, dt: Quantity, method: str = "euler"
) -> Quantity:
    r"""Filter a spike train sampled on time steps, as the network does.

    Parameters
    ----------
    counts : array_like, shape (steps,) or (steps, n)
        Number of spikes in each time step.
    tau_r, tau_d, dt : Quantity in seconds
        Rise time, decay time and time step.
    method : {"euler", "exact"}, default "euler"
        See :func:`propagator`.

    Returns
    -------
    Quantity in hertz, same shape
        The filtered rate r at the start of each step; a spike in step s acts from step s + 1 on.

    Raises
    ------
    ParameterError
        If `counts` is empty or not finite, a time is not positive, or the method is unknown.

    References
    ----------
    Built in chapter 2.

    Examples
    --------
    >>> from brian2 import ms
    >>> from forcelib import synaptic_filter
    >>> synaptic_filter.filter_spikes([1, 0, 0, 0], 2 * ms, 20 * ms, 0.05 * ms)
    array([0.      , 0.      , 1.25    , 2.465625]) * hertz
    """
    counts = np.asarray(counts, dtype=float)
    if counts.ndim not in (1, 2) or len(counts) == 0 or not np.all(np.isfinite(counts)):
        raise ParameterError(
            f"counts of shape {counts.shape} must be finite, of shape (steps,) or (steps, n)"
        )
    matrix = propagator(tau_r, tau_d, dt, method)
    kick = 1 / (float(tau_r) * float(tau_d))
    rate = np.empty_like(counts)
    r, h = np.zeros((2, *counts.shape[1:]))
    for step, spikes in enumerate(counts):
        rate[step] = r
        r, h = matrix[0, 0] * r + matrix[0, 1] * h, matrix[1, 1] * h + kick * spikes
    return rate * Hz


def filter_network(
    spike_neuron: np.ndarray,
    spike_step: np.ndarray,
    steps: int,
    every: int,
    propagate: np.ndarray,
    kick: float,
    r: np.ndarray,
    h_r: np.ndarray,
) -> Iterator[np.ndarray]:
    r"""Filter the spikes of a whole network, and yield its rates at every so many steps.

    Between two samples the pair (r, h_r) is advanced at once by a power of the propagator, and each
    spike adds what it has become by then; up to rounding that is :func:`filter_spikes`.

    Parameters
    ----------
    spike_neuron, spike_step : ndarray of int, shape (spikes,)
        Neuron and time step of every spike, in order of time.
    steps, every : int
        Time steps in all, and between two samples.
    propagate : ndarray of float64, shape (2, 2)
        The matrix of :func:`propagator`.
    kick : float
        What a spike adds to h_r, in hertz per second.
    r, h_r : ndarray of float64, shape (N,)
        Initial values, in SI units.

    Yields
    ------
    ndarray of float64, shape (N,)
        r in hertz at the start of steps 0, `every`, 2 `every`, ...

    References
    ----------
    The filter of chapter 2, for the spikes of chapter 3.

    Examples
    --------
    >>> import numpy as np
    >>> from brian2 import ms
    >>> from forcelib import synaptic_filter
    >>> matrix = synaptic_filter.propagator(2 * ms, 20 * ms, 0.05 * ms)
    >>> rest = np.zeros(1)
    >>> samples = synaptic_filter.filter_network(
    ...     np.array([0]), np.array([0]), 4, 1, matrix, 25000.0, rest, rest
    ... )
    >>> np.ravel(list(samples))
    array([0.      , 0.      , 1.25    , 2.465625])
    """
    over = np.linalg.matrix_power(propagate, every)
    response = np.empty((every, 2))  # of a spike, so many steps before the next sample
    response[0] = 0, kick
    for age in range(1, every):
        response[age] = propagate @ response[age - 1]
    bounds = np.searchsorted(spike_step, np.arange(0, steps + every, every))
    for sample, first in enumerate(bounds[:-1]):
        yield r
        part = slice(first, bounds[sample + 1])
        added = response[(sample + 1) * every - 1 - spike_step[part].astype(np.int64)]
        both = [np.bincount(spike_neuron[part], added[:, k], minlength=len(r)) for k in (0, 1)]
        r, h_r = over[0, 0] * r + over[0, 1] * h_r + both[0], over[1, 1] * h_r + both[1]


def _time_constants(tau_r: Quantity, tau_d: Quantity) -> tuple[float, float]:
    """Return both in seconds, or raise."""
    return positive("tau_r", tau_r, second, "5*ms"), positive("tau_d", tau_d, second, "5*ms")
