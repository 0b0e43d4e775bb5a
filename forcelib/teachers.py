"""Teachers: the signals that the readout is trained to follow."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from brian2 import DimensionMismatchError, Hz, Quantity, get_dimensions, get_unit, second
from scipy.integrate import solve_ivp
from scipy.special import ndtri

from ._checks import check_seed, finite_number, frozen, positive
from .errors import ParameterError

__all__ = ["Teacher", "noisy", "product_of_sines", "sample", "sawtooth", "sine", "van_der_pol"]


@dataclass(frozen=True)
class Teacher:
    """A target signal with a name and, if it is periodic, a frequency.

    Teachers are values: those that the functions of this module return are equal if their arguments are,
    and can be sent to another process. A lambda equals nothing but itself, and cannot be sent.

    Parameters
    ----------
    name : str
        For titles and files.
    function : callable
        Takes times in seconds, a float array of shape (steps,), and returns the signal, of shape
        (steps,) or (steps, outputs). :func:`sample` takes simpler ones, too.
    frequency : float, optional
        Frequency of the period in hertz; None if the signal has none.

    Examples
    --------
    >>> import numpy as np
    >>> from forcelib.teachers import Teacher
    >>> cosine = Teacher("2 Hz cosine", lambda t: np.cos(4 * np.pi * t), 2.0)
    >>> float(cosine(0.0))
    1.0
    """

    name: str
    function: Callable[[np.ndarray], np.ndarray]
    frequency: float | None = None

    def __call__(self, t: np.ndarray) -> np.ndarray:
        """Return the signal at times `t` in seconds."""
        return self.function(t)


@dataclass(frozen=True)
class _Formula:
    """A function of the times `t`, written with what _NAMES has and with constants."""

    text: str
    constants: tuple[tuple[str, Any], ...]

    def __call__(self, t: np.ndarray) -> np.ndarray:
        return eval(self.text, _NAMES | dict(self.constants) | {"t": np.asarray(t)})


def _formula(text: str, **constants: Any) -> _Formula:
    """Make a formula: as text, so that it can be compared and pickled, and the live lab can read it."""
    return _Formula(text, tuple(constants.items()))


def sine(frequency: Quantity = 5 * Hz, amplitude: float = 1.0) -> Teacher:
    r"""Sine, the task of the reference program.

    Parameters
    ----------
    frequency : Quantity in hertz, default 5 Hz
        Positive.
    amplitude : float, default 1
        Finite.

    Returns
    -------
    Teacher

    Raises
    ------
    ParameterError
        If an argument is outside its limits.

    References
    ----------
    Nicola and Clopath (2017), figure 2; chapter 5.

    Examples
    --------
    >>> from forcelib import teachers
    >>> round(float(teachers.sine()(0.05)), 6)
    1.0
    """
    f, a = _frequency(frequency), finite_number("amplitude", amplitude)
    return Teacher(f"{f:g} Hz sine", _formula("a*sin(2*pi*f*t)", a=a, f=f), f)


def sawtooth(frequency: Quantity = 5 * Hz) -> Teacher:
    r"""Triangular wave asin(sin), which the authors' code calls sawtooth.

    Parameters
    ----------
    frequency : Quantity in hertz, default 5 Hz
        Positive.

    Returns
    -------
    Teacher
        With amplitude :math:`\pi/2`.

    Raises
    ------
    ParameterError
        If the frequency is outside its limits.

    References
    ----------
    The authors' MATLAB code, ModelDB 190565.

    Examples
    --------
    >>> from forcelib import teachers
    >>> round(float(teachers.sawtooth()(0.05)), 6)
    1.570796
    """
    f = _frequency(frequency)
    return Teacher(f"{f:g} Hz sawtooth", _formula("asin(sin(2*pi*f*t))", f=f), f)


def product_of_sines(first: Quantity = 4 * Hz, second: Quantity = 6 * Hz) -> Teacher:
    """Product of two sines.

    Parameters
    ----------
    first, second : Quantity in hertz, default 4 Hz and 6 Hz
        Positive; whole numbers of millihertz give the period of the product exactly.

    Returns
    -------
    Teacher

    Raises
    ------
    ParameterError
        If a frequency is outside its limits.

    References
    ----------
    Nicola and Clopath (2017), figure 2; the authors' MATLAB code, ModelDB 190565.

    Examples
    --------
    >>> from forcelib import teachers
    >>> teachers.product_of_sines().frequency
    2.0
    """
    f, g = _frequency(first, "first"), _frequency(second, "second")
    signal = _formula("sin(2*pi*f*t) * sin(2*pi*g*t)", f=f, g=g)
    common = np.gcd(round(1000 * abs(f - g)), round(1000 * (f + g))) / 1000
    return Teacher(f"product of {f:g} Hz and {g:g} Hz sines", signal, float(common) or None)


def van_der_pol(mu: float = 0.3, frequency: Quantity = 5 * Hz) -> Teacher:
    r"""Van der Pol oscillator on its limit cycle, two outputs.

    Parameters
    ----------
    mu : float, default 0.3
        Nonlinearity, in (0, 1000]: 0.3 is nearly harmonic, 5 a relaxation oscillation.
    frequency : Quantity in hertz, default 5 Hz
        Frequency of the limit cycle.

    Returns
    -------
    Teacher
        With outputs x and y of shape (steps, 2), each scaled to amplitude 1.

    Raises
    ------
    ParameterError
        If an argument is outside its limits.

    References
    ----------
    Nicola and Clopath (2017), figure 2; :math:`\dot x = \mu(x - x^3/3 - y),\ \dot y = x/\mu`.

    Examples
    --------
    >>> from forcelib import teachers
    >>> teachers.van_der_pol()([0.0, 0.1]).shape
    (2, 2)
    """
    f, mu = _frequency(frequency), finite_number("mu", mu)
    if not 0 < mu <= 1000:
        raise ParameterError(f"mu = {mu:g} must lie in (0, 1000]")
    return Teacher(f"Van der Pol oscillator, mu = {mu:g}", _formula("van_der_pol(t, mu, f)", mu=mu, f=f), f)


def noisy(teacher: Teacher, sigma: float = 0.05, *, seed: int) -> Teacher:
    """Add white noise to a teacher.

    Parameters
    ----------
    teacher : Teacher
        The clean signal.
    sigma : float, default 0.05
        Standard deviation of the noise, not negative.
    seed : int
        Seed of the noise; the same times always get the same noise.

    Returns
    -------
    Teacher

    Raises
    ------
    ParameterError
        If the teacher is none, sigma is negative or not finite, or the seed is outside its limits.

    References
    ----------
    The authors' MATLAB code, ModelDB 190565, noisy product of sines.

    Examples
    --------
    >>> from forcelib import teachers
    >>> teachers.noisy(teachers.sine(), seed=1).name
    '5 Hz sine with noise 0.05'
    """
    if not isinstance(teacher, Teacher):
        raise ParameterError(f"teacher = {teacher!r} must be a Teacher; write Teacher(name, function)")
    check_seed(seed)
    sigma = finite_number("sigma", sigma)
    if sigma < 0:
        raise ParameterError(f"sigma = {sigma:g} must not be negative")
    signal = _formula("noisy(t, teacher, sigma, seed)", teacher=teacher, sigma=sigma, seed=int(seed))
    return Teacher(f"{teacher.name} with noise {sigma:g}", signal, teacher.frequency)


def sample(
    teacher: Teacher | Callable | np.ndarray | float, steps: int, dt: Quantity, *, start: float = 0.0
) -> np.ndarray:
    """Sample a teacher at the start of each time step.

    Parameters
    ----------
    teacher : Teacher, callable, array_like or float
        A function of time in seconds, its samples of shape (steps,) or (steps, outputs), or a constant.
        The function is called with all times and returns samples of these shapes. If it takes no array, or
        returns one number for all times, it is called once per time, and returns a number or a tuple of one
        per output. If units do not fit then, its times are quantities in seconds.
    steps : int
        Number of time steps.
    dt : Quantity in seconds
        Time step.
    start : float, default 0
        Time of the first step in seconds; samples given as an array begin there.

    Returns
    -------
    ndarray of float64, shape (steps, outputs)

    Raises
    ------
    ParameterError
        If the teacher is none of these, or its samples have the wrong shape or a unit, or are not finite.
        What the function itself raises is not changed.

    Examples
    --------
    >>> import numpy as np
    >>> from brian2 import Hz, ms
    >>> from forcelib import teachers
    >>> teachers.sample(lambda t: 10 * t, 3, 1 * ms)
    array([[0.  ],
           [0.01],
           [0.02]])
    >>> teachers.sample(lambda t: (0.5, 1.0 if t < 1 else -1.0), 2, 1 * ms, start=0.999)
    array([[ 0.5,  1. ],
           [ 0.5, -1. ]])
    >>> teachers.sample(lambda t: np.exp(-5 * Hz * t), 2, 100 * ms)
    array([[1.        ],
           [0.60653066]])
    """
    t = finite_number("start", start) + np.arange(steps) * float(dt)
    if callable(teacher):
        values = _signal(teacher, t)
    elif isinstance(teacher, numbers.Real):
        values = np.full(steps, finite_number("teacher", teacher))
    else:
        values = _plain(teacher, teacher)
    if values.ndim not in (1, 2) or len(values) != steps or values.size == 0:
        advice = ": write np.stack([...], axis=-1)" if values.shape[1:] == (steps,) else ""
        raise ParameterError(
            f"teacher: samples of shape {values.shape} must be of shape ({steps},) or ({steps}, outputs)"
            + advice
        )
    values = values.reshape(steps, -1)
    bad = t[~np.isfinite(values).all(axis=1)]
    if bad.size:
        raise ParameterError(f"teacher: {bad.size} samples are NaN or infinite, first at t = {bad[0]:g} s")
    return values


def _signal(function: Callable, t: np.ndarray) -> np.ndarray:
    """Call a function with times or, if units do not fit then, with times in seconds."""
    try:
        answer = _answer(function, t)
    except DimensionMismatchError:
        answer = _answer(function, t * second)
    return _plain(function, answer)


def _answer(function: Callable, t: np.ndarray) -> Any:
    """Call a function with all times at once or, if it cannot answer for all, with one after the other."""
    try:
        answer = function(t.copy())  # it may change its argument
        if np.ndim(answer) >= t.ndim:
            return answer
    except (TypeError, ValueError):
        return _one_by_one(function, t)  # here, so that an error of this call shows the one before
    # One number may be a constant, or the answer of a function that was written for one time.
    return _one_by_one(function, t)


def _one_by_one(function: Callable, t: np.ndarray) -> list:
    """Call a function once per time."""
    answers = []
    for time in t:
        answer = function(time)
        # An array would be as many outputs, though more likely it is of another length than the times.
        if np.ndim(answer) > isinstance(answer, (tuple, list)):
            raise ParameterError(
                f"teacher: for one time the function returned an array of shape {np.shape(answer)}; it must "
                "return a number or a tuple of one per output, or take an array of times"
            )
        answers.append(list(answer) if isinstance(answer, tuple) else answer)  # Brian2 reads units in lists
    return answers


def _plain(teacher: Any, values: Any) -> np.ndarray:
    """Return values as a new array of floats, or raise if they are no real numbers without a unit."""
    try:
        if np.iscomplexobj(values):
            raise TypeError
        samples = np.array(values, dtype=float)
        dim = get_dimensions(values if isinstance(values, (Quantity, list, tuple)) else samples)
    except (TypeError, ValueError, DimensionMismatchError):
        words = "must be a function of time in seconds or an array of samples, which must be real numbers"
        raise ParameterError(f"teacher = {teacher!r:.200} {words}") from None
    if not dim.is_dimensionless:
        unit = get_unit(dim)
        raise ParameterError(f"teacher: samples with the unit {unit!r} must have none: divide them by it")
    return samples


def _frequency(value: Quantity, name: str = "frequency") -> float:
    """Return a frequency in hertz, or raise; the largest has one period in the shortest time step."""
    return positive(name, value, Hz, "5*Hz", most=1e9)


def _van_der_pol(t: np.ndarray, mu: float, f: float) -> np.ndarray:
    """Repeat the limit cycle, one column per output."""
    cycle = _limit_cycle(mu)
    phase, phases = t * f % 1, np.linspace(0, 1, len(cycle))
    return np.stack([np.interp(phase, phases, values) for values in cycle.T], axis=-1)


@lru_cache
def _limit_cycle(mu: float) -> np.ndarray:
    """Solve the Van der Pol equation: one cycle of x and y, each of amplitude 1."""

    def slope(t: float, xy: np.ndarray) -> tuple[float, float]:
        x, y = xy
        return mu * (x - x**3 / 3 - y), x / mu

    span, exact = (0, 40 * max(1, mu) + 80), {"rtol": 1e-9, "atol": 1e-9, "dense_output": True}
    # For a large mu the equation is stiff.
    with np.errstate(all="ignore"):  # the solver's own steps may underflow
        path = solve_ivp(slope, span, (2, 0), "LSODA", events=lambda t, xy: xy[0], **exact)
    start, stop = path.t_events[0][1::2][-2:]  # from 2, x falls through zero first, then rises, and so on
    cycle = path.sol(np.linspace(start, stop, 4001)).T
    return frozen(cycle / np.abs(cycle).max(axis=0))


def _noisy(t: np.ndarray, teacher: Teacher, sigma: float, seed: int) -> np.ndarray:
    """Add white noise: a hash (splitmix64) of seed, output and nanosecond, made normal."""
    clean = _signal(teacher, t)
    output = np.arange(clean.shape[-1] if clean.ndim > t.ndim else 1, dtype=np.uint64)
    nanosecond = np.rint(np.atleast_1d(t) * 1e9).astype(np.int64).astype(np.uint64)
    x = np.add.outer(nanosecond * np.uint64(0x9E3779B97F4A7C15), output + np.uint64(1000 * seed))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    x ^= x >> np.uint64(31)
    uniform = ((x >> np.uint64(11)).astype(float) + 0.5) / 2.0**53
    return clean + sigma * ndtri(uniform).reshape(clean.shape)


#: What a formula may use. The live lab reads formulas as JavaScript, whose Math has numbers and functions.
_NAMES = {"pi": np.pi, "sin": np.sin, "asin": np.arcsin, "van_der_pol": _van_der_pol, "noisy": _noisy}
