"""Measures of a readout and of spiking: error, frequency, amplitude, phase, rates (chapter 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from brian2 import Hz, Quantity, ms, second

from ._checks import finite_number, has_unit, positive
from .errors import ParameterError

__all__ = [
    "Oscillation",
    "choices",
    "demodulate",
    "held",
    "interval_cv",
    "lobes",
    "maxima",
    "notes_heard",
    "phase_aligned_error",
    "rms_error",
    "waveform_error",
    "window",
]


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
    centred = t - t.mean()
    slope = np.mean(centred * phase) / np.mean(centred**2)
    fundamental = (slow / carrier[middle]).imag
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


def waveform_error(readout: np.ndarray, target: np.ndarray, dt: Quantity, frequency: Quantity) -> float:
    """RMS error of a periodic readout, each of its periods shifted in time to where it fits the target best.

    It is for any waveform and any number of outputs, which are shifted together;
    :func:`phase_aligned_error` follows the phase of one that is nearly a sine.

    Parameters
    ----------
    readout, target : array_like, shape (samples,) or (samples, outputs)
        Samples over the same span; of the target, the mean period counts.
    dt : Quantity in seconds
        Time between samples.
    frequency : Quantity in hertz
        At which the target repeats.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        If the shapes differ, or there is less than one period.

    Examples
    --------
    >>> import numpy as np
    >>> from brian2 import Hz, ms
    >>> from forcelib import measures
    >>> t = np.arange(5000) * 1e-3
    >>> target = np.stack([np.sin(8 * np.pi * t), np.sin(16 * np.pi * t)], axis=-1)
    >>> round(measures.waveform_error(np.roll(target, 60, axis=0) + 0.1, target, 1 * ms, 4 * Hz), 3)
    0.1
    """
    found, meant = _aligned_cycles(readout, target, dt, frequency)
    return rms_error(found, meant)


def notes_heard(
    readout: np.ndarray, target: np.ndarray, dt: Quantity, frequency: Quantity, beat: Quantity = 250 * ms
) -> float:
    """Share of the beats of a tune in which the loudest output is the right one.

    As in :func:`waveform_error`, each time that the tune is played is first shifted to where it fits best.

    Parameters
    ----------
    readout, target : array_like, shape (samples, outputs)
        Samples over the same span.
    dt : Quantity in seconds
        Time between samples.
    frequency : Quantity in hertz
        At which the tune repeats.
    beat : Quantity in seconds, default 250 ms
        Length of a beat.

    Returns
    -------
    float
        Between 0 and 1. Beats in which the target is silent do not count.

    Raises
    ------
    ParameterError
        If the shapes differ, there is less than one period, or no beat in it that sounds.

    Examples
    --------
    >>> import numpy as np
    >>> from brian2 import Hz, ms
    >>> from forcelib import measures, teachers
    >>> melody = teachers.ode_to_joy()(np.arange(8000) * 1e-3)
    >>> measures.notes_heard(np.roll(melody, 300, axis=0), melody, 1 * ms, 0.25 * Hz)
    1.0
    """
    length = max(1, round(positive("beat", beat, second, "250*ms") / float(dt)))
    found, meant = _aligned_cycles(readout, target, dt, frequency)
    beats = meant.shape[1] // length
    cut = (len(meant), beats, length, meant.shape[2])
    loud, right = (signal[:, : beats * length].reshape(cut).sum(axis=2) for signal in (found, meant))
    sounds = right.max(axis=-1, initial=0) > 0
    if not np.any(sounds):
        raise ParameterError(f"target: no beat of {beat} sounds in a period of it")
    return float(np.mean((loud.argmax(axis=-1) == right.argmax(axis=-1))[sounds]))


def _aligned_cycles(
    readout: np.ndarray, target: np.ndarray, dt: Quantity, frequency: Quantity
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a readout into periods, shifted as they fit the target best, and the mean period of that.

    Both are of shape (periods, samples, outputs).
    """
    readout, target = _same_shape(readout, target)
    period = 1 / (positive("frequency", frequency, Hz, "5*Hz") * float(dt))  # in samples, not always whole
    samples = round(period)
    periods = int((len(readout) + 0.5) // period)
    begin = np.rint(np.arange(periods) * period).astype(int)
    begin = begin[begin + samples <= len(readout)]
    if samples < 2 or not len(begin):
        raise ParameterError(
            f"readout of {len(readout)} samples must have at least one period of {period:.6g}"
        )
    readout, target = (signal.reshape(len(signal), -1) for signal in (readout, target))
    found = np.stack([readout[first : first + samples] for first in begin])
    meant = np.mean([target[first : first + samples] for first in begin], axis=0)
    # How well each shift fits, for all outputs together: a correlation along the circle.
    spectra = np.fft.rfft(found, axis=1), np.fft.rfft(meant, axis=0)
    fit = np.fft.irfft((np.conj(spectra[0]) * spectra[1]).sum(axis=-1), n=samples, axis=1)
    shifted = [np.roll(cycle, shift, axis=0) for cycle, shift in zip(found, fit.argmax(axis=1), strict=True)]
    return np.stack(shifted), np.broadcast_to(meant, found.shape)


def _same_shape(readout: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both as finite floats of one shape, or raise."""
    readout, target = np.asarray(readout, dtype=float), np.asarray(target, dtype=float)
    if readout.shape != target.shape or readout.size == 0:
        raise ParameterError(
            f"readout and target must have one shape, not {readout.shape} and {target.shape}"
        )
    for name, signal in (("readout", readout), ("target", target)):
        if not np.all(np.isfinite(signal)):
            raise ParameterError(f"{name} holds NaN or infinite values; all must be finite")
    return readout, target


def maxima(signal: np.ndarray, dt: Quantity, smooth: Quantity = 20 * ms) -> tuple[np.ndarray, np.ndarray]:
    """Find the successive maxima of a signal; those of Lorenz' z are each a function of the one before.

    Parameters
    ----------
    signal : array_like, shape (samples,)
        The signal.
    dt : Quantity in seconds
        Time between samples.
    smooth : Quantity in seconds, default 20 ms
        Over how long it is averaged first. What rises by less than a twentieth of its range is no maximum.

    Returns
    -------
    t : ndarray of float64, shape (maxima,)
        Times in seconds, from the first sample on.
    values : ndarray of float64, shape (maxima,)
        Of the averaged signal.

    Raises
    ------
    ParameterError
        If the signal has not one dimension, or holds values that are not finite.

    References
    ----------
    E. N. Lorenz, J. Atmos. Sci. 20:130 (1963), figure 4.

    Examples
    --------
    >>> import numpy as np
    >>> from brian2 import ms
    >>> from forcelib import measures
    >>> t, values = measures.maxima(np.sin(2 * np.pi * np.arange(0, 1, 1e-3) * 2), 1 * ms)
    >>> t
    array([0.125, 0.625])
    """
    from scipy.ndimage import uniform_filter1d  # here, for both take long to import
    from scipy.signal import find_peaks

    values, _ = _same_shape(signal, signal)
    if values.ndim != 1:
        raise ParameterError(f"signal of shape {values.shape} must have one dimension")
    width = max(1, round(positive("smooth", smooth, second, "20*ms") / float(dt)))
    values = uniform_filter1d(values, width + 1 - width % 2)  # of an odd number, so that nothing moves
    at, _ = find_peaks(values, prominence=0.05 * np.ptp(values))
    return at * float(dt), values[at]


def lobes(x: np.ndarray, threshold: float) -> np.ndarray:
    """Say on which lobe of the Lorenz attractor a trajectory turns.

    A change counts when x passes the threshold on the other side, so that noise about zero is none.

    Parameters
    ----------
    x : array_like, shape (samples,)
        The coordinate that tells the lobes apart.
    threshold : float
        Size that x must exceed on a lobe; not negative.

    Returns
    -------
    ndarray of int64, shape (samples,)
        1 and -1, and 0 as long as no lobe has been reached.

    Raises
    ------
    ParameterError
        If the threshold is negative or not finite.

    Examples
    --------
    >>> from forcelib import measures
    >>> measures.lobes([0.0, 0.3, 0.1, -0.1, 0.3, -0.3, 0.1], threshold=0.2)
    array([ 0,  1,  1,  1,  1, -1, -1])
    """
    threshold = finite_number("threshold", threshold)
    if threshold < 0:
        raise ParameterError(f"threshold = {threshold:g} must not be negative")
    x = np.asarray(x, dtype=float)
    side = np.sign(x) * (np.abs(x) > threshold)
    last = np.maximum.accumulate(np.where(side != 0, np.arange(len(x)), 0))
    return side[last].astype(np.int64)


def choices(readout: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Say for each trial of a classification whether the readout made the right choice.

    A trial is a span in which the target is not zero and does not change its sign. The choice is the sign of
    the readout, averaged over it with the size of the target as weight.

    Parameters
    ----------
    readout, target : array_like, shape (samples,)
        Samples over the same span.

    Returns
    -------
    ndarray of bool, shape (trials,)
        Their mean is the accuracy.

    Raises
    ------
    ParameterError
        If the shapes differ, or are not of one dimension.

    References
    ----------
    Nicola and Clopath (2017), supplement.

    Examples
    --------
    >>> from forcelib import measures
    >>> target = [0.0, 0.5, 0.5, 0.0, -0.5, -0.5, 0.0]
    >>> measures.choices([0.1, 0.4, -0.1, 0.0, 0.2, 0.1, -0.3], target)
    array([ True, False])
    """
    readout, target = _same_shape(readout, target)
    if target.ndim != 1:
        raise ParameterError(f"target of shape {target.shape} must have one dimension")
    sign = np.sign(target)
    begin = np.flatnonzero(np.diff(sign, prepend=0) != 0)
    begin = begin[sign[begin] != 0]
    if not len(begin):
        return np.empty(0, dtype=bool)
    # Outside the trials the target is zero, and adds nothing.
    return np.add.reduceat(readout * target, begin) > 0


def held(readout: np.ndarray, target: np.ndarray, dt: Quantity, settle: Quantity = 100 * ms) -> float:
    """Share of the time during which a flip-flop holds what it should: the sign of its target.

    Parameters
    ----------
    readout, target : array_like, shape (samples,) or (samples, outputs)
        Samples over the same span.
    dt : Quantity in seconds
        Time between samples.
    settle : Quantity in seconds, default 100 ms
        How long after a change of its target's sign an output does not count yet.

    Returns
    -------
    float
        Between 0 and 1, over all outputs. Where the target is zero nothing counts.

    Raises
    ------
    ParameterError
        If the shapes differ, or nothing counts.

    Examples
    --------
    >>> from brian2 import ms
    >>> from forcelib import measures
    >>> measures.held([0.9, 0.8, 0.1, -0.7, 0.2], [1, 1, -1, -1, -1], 1 * ms, settle=1 * ms)
    0.75
    """
    readout, target = _same_shape(readout, target)
    wait = round(positive("settle", settle, second, "100*ms") / float(dt))
    sign = np.sign(target.reshape(len(target), -1))
    step = np.arange(len(sign))[:, None]
    changed = np.diff(sign, axis=0, prepend=sign[:1]) != 0
    since = step - np.maximum.accumulate(np.where(changed, step, -wait), axis=0)
    counts = (sign != 0) & (since >= wait)
    if not np.any(counts):
        raise ParameterError(f"target: it is nowhere other than zero for longer than settle = {settle}")
    return float(np.mean((np.sign(readout.reshape(sign.shape)) == sign)[counts]))


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
