"""Measures of a readout and of spiking: error, frequency, amplitude, phase, rates (chapter 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from brian2 import Hz, Quantity, second

from ._checks import has_unit
from .errors import ParameterError

__all__ = ["Oscillation", "demodulate", "interval_cv", "phase_aligned_error", "rms_error", "window"]


def window(steps: int, dt: Quantity, start: Quantity | None, stop: Quantity | None) -> slice:
    """Turn a span of time into a slice of samples.

    Parameters
    ----------
    steps : int
        Number of samples.
    dt : Quantity in seconds
        Time between samples.
    start, stop : Quantity in seconds or None
        The span; None stands for the first sample, and for the end.

    Returns
    -------
    slice

    Raises
    ------
    ParameterError
        If the span holds no sample, or a bound is not a time.

    Examples
    --------
    >>> from brian2 import ms, second
    >>> from forcelib import measures
    >>> measures.window(1000, 1 * ms, 0.5 * second, None)
    slice(500, 1000, None)
    """
    for name, value in (("start", start), ("stop", stop)):
        if value is not None and not has_unit(value, second):
            raise ParameterError(f"{name} = {value!r} must be a time, for example 5*second")
    first = 0 if start is None else max(0, int(np.ceil(float(start / dt) - 1e-6)))
    last = steps if stop is None else min(steps, int(np.ceil(float(stop / dt) - 1e-6)))
    if first >= last:
        raise ParameterError(
            f"start = {start}, stop = {stop}: no sample lies in the span, of {steps} at dt = {dt}"
        )
    return slice(first, last)


def rms_error(readout: np.ndarray, target: np.ndarray) -> float:
    """Root of the mean squared difference, against the clock.

    Parameters
    ----------
    readout, target : array_like, same shape
        Samples.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        If the shapes differ or there are no samples.

    Examples
    --------
    >>> from forcelib import measures
    >>> measures.rms_error([1.0, 1.0], [0.0, 0.0])
    1.0
    """
    readout, target = np.asarray(readout, dtype=float), np.asarray(target, dtype=float)
    if readout.shape != target.shape or readout.size == 0:
        raise ParameterError(
            f"readout and target must have one shape, not {readout.shape} and {target.shape}"
        )
    return float(np.sqrt(np.mean((readout - target) ** 2)))


@dataclass(frozen=True)
class Oscillation:
    """A readout described as an oscillation of slowly changing amplitude and phase.

    Attributes
    ----------
    t : ndarray, shape (samples,)
        Times in seconds; half a period is missing at each end.
    amplitude : ndarray, shape (samples,)
        Amplitude of the fundamental.
    phase : ndarray, shape (samples,)
        Phase in radians ahead of a sine of the given frequency, unwrapped.
    frequency : float
        Mean frequency in hertz, from the slope of the phase.
    residual : float
        RMS of what remains after the fundamental is removed.
    """

    t: np.ndarray
    amplitude: np.ndarray
    phase: np.ndarray
    frequency: float
    residual: float


def demodulate(
    signal: np.ndarray, dt: Quantity, frequency: Quantity, start: Quantity = 0 * second
) -> Oscillation:
    r"""Follow the amplitude and phase of an oscillation near a given frequency.

    The signal is multiplied by :math:`e^{-2\pi i f t}` and averaged over one period, which leaves
    the slow amplitude and phase of its fundamental.

    Parameters
    ----------
    signal : array_like, shape (samples,)
        The readout.
    dt : Quantity in seconds
        Time between samples.
    frequency : Quantity in hertz
        The frequency f near which to look.
    start : Quantity in seconds, default 0
        Time of the first sample; phases count from time 0.

    Returns
    -------
    Oscillation

    Raises
    ------
    ParameterError
        If there are fewer than two periods of samples, or the frequency is not a positive one.

    References
    ----------
    Chapter 5, "After training".

    Examples
    --------
    >>> import numpy as np
    >>> from brian2 import Hz, ms
    >>> from forcelib import measures
    >>> t = np.arange(5000) * 1e-3
    >>> found = measures.demodulate(0.8 * np.sin(2 * np.pi * 5.05 * t), 1 * ms, 5 * Hz)
    >>> round(found.frequency, 3), round(float(found.amplitude.mean()), 3)
    (5.05, 0.8)
    """
    signal = np.asarray(signal, dtype=float)
    if not has_unit(frequency, Hz) or not 0 < float(frequency) < np.inf:
        raise ParameterError(f"frequency = {frequency} must be a positive frequency, for example 5*Hz")
    f, step = float(frequency), float(dt)
    period = round(1 / (f * step))
    if signal.ndim != 1 or len(signal) < 2 * period or period < 2:
        raise ParameterError(
            f"signal of shape {signal.shape} must have one dimension "
            f"and at least two periods of {period} samples"
        )
    if not np.all(np.isfinite(signal)):
        raise ParameterError("signal holds NaN or infinite values; all must be finite")
    t = float(start) + np.arange(len(signal)) * step
    carrier = np.exp(-2j * np.pi * f * t)
    slow = 2j * _moving_mean(signal * carrier, period)
    middle = slice(period // 2, period // 2 + len(slow))
    t = t[middle]
    amplitude, phase = np.abs(slow), np.unwrap(np.angle(slow))
    slope = np.polyfit(t - t[0], phase, 1)[0]
    fundamental = amplitude * np.sin(2 * np.pi * f * t + phase)
    residual = signal[middle] - _moving_mean(signal, period) - fundamental
    return Oscillation(
        t, amplitude, phase, f + float(slope) / (2 * np.pi), float(np.sqrt(np.mean(residual**2)))
    )


def phase_aligned_error(
    readout: np.ndarray, target: np.ndarray, dt: Quantity, frequency: Quantity, start: Quantity = 0 * second
) -> float:
    """RMS error after the slow drift of phase between readout and target is taken out.

    Parameters
    ----------
    readout, target : array_like, shape (samples,)
        Samples over the same span; the target is periodic.
    dt : Quantity in seconds
        Time between samples.
    frequency : Quantity in hertz
        Frequency of the target.
    start : Quantity in seconds, default 0
        Time of the first sample.

    Returns
    -------
    float
        RMS of the readout minus the target read at the readout's own phase.

    Raises
    ------
    ParameterError
        If there are fewer than two periods of samples, the shapes differ, or the target has no component
        of this frequency.

    References
    ----------
    Chapter 5, "After training".

    Examples
    --------
    >>> import numpy as np
    >>> from brian2 import Hz, ms
    >>> from forcelib import measures
    >>> t = np.arange(5000) * 1e-3
    >>> late = np.sin(2 * np.pi * 4.99 * t)
    >>> target = np.sin(2 * np.pi * 5 * t)
    >>> round(measures.rms_error(late, target), 2)
    0.13
    >>> measures.phase_aligned_error(late, target, 1 * ms, 5 * Hz) < 0.005
    True
    """
    readout, target = np.asarray(readout, dtype=float), np.asarray(target, dtype=float)
    if readout.shape != target.shape:
        raise ParameterError(
            f"readout and target must have one shape, not {readout.shape} and {target.shape}"
        )
    own = demodulate(readout, dt, frequency, start)
    given = demodulate(target, dt, frequency, start)
    if given.amplitude.min() < 1e-3 * np.std(target):
        raise ParameterError(f"target: it has no component of the frequency {frequency} to read a phase from")
    f = float(frequency)
    # One period of the target as a function of its phase, on a grid fine enough to interpolate.
    phase = (f * given.t + given.phase / (2 * np.pi)) % 1
    order = np.argsort(phase)
    first = round((own.t[0] - float(start)) / float(dt))
    samples = slice(first, first + len(own.t))
    at = (f * own.t + own.phase / (2 * np.pi)) % 1
    aligned = np.interp(at, phase[order], target[samples][order], period=1)
    return rms_error(readout[samples], aligned)


def _moving_mean(values: np.ndarray, samples: int) -> np.ndarray:
    total = np.concatenate([[0], np.cumsum(values)])
    return (total[samples:] - total[:-samples]) / samples


def interval_cv(spike_neuron: np.ndarray, spike_step: np.ndarray, N: int, least: int = 5) -> np.ndarray:
    """Coefficient of variation of each neuron's intervals between spikes: deviation over mean.

    Parameters
    ----------
    spike_neuron, spike_step : array_like of int, shape (spikes,)
        Neuron and time step of every spike, in order of time.
    N : int
        Number of neurons.
    least : int, default 5
        How many intervals a neuron must have.

    Returns
    -------
    ndarray of float64, shape (N,)
        0 for a clock, 1 for a Poisson process; NaN for neurons with fewer intervals.

    Raises
    ------
    ParameterError
        If `least` is not at least 2.

    References
    ----------
    Used from chapter 3 on.

    Examples
    --------
    >>> from forcelib import measures
    >>> measures.interval_cv([0, 1, 0, 1, 0, 1], [0, 0, 10, 5, 20, 20], 3, least=2)
    array([0. , 0.5, nan])
    """
    if least < 2:
        raise ParameterError(f"least = {least} must be at least 2 intervals")
    neuron = np.asarray(spike_neuron, dtype=np.int64)
    order = np.argsort(neuron, kind="stable")
    neuron, step = neuron[order], np.asarray(spike_step, dtype=np.int64)[order]
    same = neuron[1:] == neuron[:-1]
    owner, interval = neuron[1:][same], np.diff(step)[same].astype(float)
    count = np.bincount(owner, minlength=N)
    enough = count >= least
    mean, spread = np.full(N, np.nan), np.full(N, np.nan)
    mean[enough] = np.bincount(owner, interval, minlength=N)[enough] / count[enough]
    squares = np.bincount(owner, (interval - mean[owner]) ** 2, minlength=N)
    spread[enough] = np.sqrt(squares[enough] / count[enough])
    return spread / mean
