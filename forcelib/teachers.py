"""Teachers: the signals that the readout is trained to follow."""

from __future__ import annotations

import numbers
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import DimensionMismatchError, Hz, Quantity, get_dimensions, get_unit, ms, second
from scipy.special import ndtri

from ._checks import check_seed, finite_number, frozen, positive, whole_number
from .errors import ParameterError

__all__ = [
    "Teacher",
    "classification",
    "flip_flop",
    "hdts",
    "lorenz",
    "noisy",
    "ode_to_joy",
    "pitchfork",
    "product_of_sines",
    "sample",
    "samples",
    "sawtooth",
    "side_by_side",
    "sine",
    "sum_of_sines",
    "tune",
    "van_der_pol",
]


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


def product_of_sines(first: Quantity = 4 * Hz, second: Quantity = 6 * Hz, *more: Quantity) -> Teacher:
    """Product of two sines or more.

    Parameters
    ----------
    first, second, *more : Quantity in hertz, default 4 Hz and 6 Hz
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
    Nicola and Clopath (2017), figure 2, and the supplement: 2, 3 and 7 Hz; the authors' MATLAB code,
    ModelDB 190565.

    Examples
    --------
    >>> from brian2 import Hz
    >>> from forcelib import teachers
    >>> teachers.product_of_sines().frequency
    2.0
    >>> teachers.product_of_sines(2 * Hz, 3 * Hz, 7 * Hz).name
    'product of 2 Hz, 3 Hz and 7 Hz sines'
    """
    factors = [_frequency(first, "first"), _frequency(second, "second")]
    factors += [_frequency(value, f"more[{k}]") for k, value in enumerate(more)]
    names = ("f", "g", *(f"f_{k + 3}" for k in range(len(more))))
    signal = _formula(
        " * ".join(f"sin(2*pi*{name}*t)" for name in names), **dict(zip(names, factors, strict=True))
    )
    # A product of sines is a sum of cosines of all sums and differences of their frequencies.
    signs = product((1, -1), repeat=len(factors) - 1)
    parts = [abs(factors[0] + np.dot(sign, factors[1:])) for sign in signs]
    return Teacher(f"product of {_listed(factors)} sines", signal, _common(parts))


def sum_of_sines(frequencies: Quantity, amplitudes: Sequence[float] | None = None) -> Teacher:
    """Sum of sines.

    Parameters
    ----------
    frequencies : Quantity in hertz, shape (sines,)
        Positive; whole numbers of millihertz give the period of the sum exactly.
    amplitudes : sequence of float, shape (sines,), optional
        1 each by default.

    Returns
    -------
    Teacher

    Raises
    ------
    ParameterError
        If a frequency is outside its limits, or there is not one finite amplitude for each.

    References
    ----------
    Sussillo and Abbott (2009) train rate networks on such sums.

    Examples
    --------
    >>> from brian2 import Hz
    >>> from forcelib import teachers
    >>> both = teachers.sum_of_sines([4, 6] * Hz, [1.0, 0.5])
    >>> both.name, both.frequency
    ('sum of 4 Hz and 6 Hz sines', 2.0)
    """
    values = np.atleast_1d(frequencies)
    terms = [_frequency(value, f"frequencies[{k}]") for k, value in enumerate(values)]
    sizes = [1.0] * len(terms) if amplitudes is None else list(np.atleast_1d(amplitudes))
    if len(sizes) != len(terms) or not terms:
        raise ParameterError(f"amplitudes: {len(sizes)} for {len(terms)} frequencies; each must have one")
    sizes = [finite_number(f"amplitudes[{k}]", value) for k, value in enumerate(sizes)]
    constants = {f"f_{k + 1}": f for k, f in enumerate(terms)} | {
        f"a_{k + 1}": a for k, a in enumerate(sizes)
    }
    text = " + ".join(f"a_{k + 1}*sin(2*pi*f_{k + 1}*t)" for k in range(len(terms)))
    return Teacher(f"sum of {_listed(terms)} sines", _formula(text, **constants), _common(terms))


def van_der_pol(mu: float = 0.3, frequency: Quantity = 5 * Hz, *, published: bool = False) -> Teacher:
    r"""Van der Pol oscillator on its limit cycle, two outputs.

    Parameters
    ----------
    mu : float, default 0.3
        Nonlinearity, in (0, 1000]: 0.3 is nearly harmonic, 5 a relaxation oscillation.
    frequency : Quantity in hertz, default 5 Hz
        Frequency of the limit cycle.
    published : bool, default False
        Whether to scale as the authors' programs do: x and y are a tenth of those of the equation, and time
        goes 20 times as fast. The frequency then follows from mu, and is not to be given.

    Returns
    -------
    Teacher
        With outputs x and y of shape (steps, 2), each scaled to amplitude 1 unless `published`.

    Raises
    ------
    ParameterError
        If an argument is outside its limits, or a frequency is given with `published`.

    References
    ----------
    Nicola and Clopath (2017), figure 2; :math:`\dot x = \mu(x - x^3/3 - y),\ \dot y = x/\mu`. The programs,
    ModelDB 190565, have mu = 0.5 and 5.

    Examples
    --------
    >>> from forcelib import teachers
    >>> teachers.van_der_pol()([0.0, 0.1]).shape
    (2, 2)
    >>> relaxation = teachers.van_der_pol(5, published=True)
    >>> round(relaxation.frequency, 3)
    1.722
    """
    f, mu = _frequency(frequency), finite_number("mu", mu)
    if not 0 < mu <= 1000:
        raise ParameterError(f"mu = {mu:g} must lie in (0, 1000]")
    name = f"Van der Pol oscillator, mu = {mu:g}"
    if not published:
        return Teacher(name, _formula("van_der_pol(t, mu, f)", mu=mu, f=f), f)
    if f != 5:
        raise ParameterError(f"frequency = {f:g} Hz must be left out with published=True: mu decides it")
    f = 20 / _limit_cycle(mu)[0]
    return Teacher(name, _formula("van_der_pol(t, mu, f, 0.1)", mu=mu, f=f), f)


def lorenz(start: Sequence[float] = (0.1, 0.1, 0.1), speed: float = 1.0) -> Teacher:
    r"""Lorenz system, three outputs, scaled as by the authors: x, y and z are a seventieth of the usual ones.

    Parameters
    ----------
    start : sequence of float, shape (3,), default 0.1 each
        x, y and z at time 0, so scaled. A trajectory from elsewhere is soon another one.
    speed : float, default 1
        How fast time goes, positive and at most 1000.

    Returns
    -------
    Teacher
        With outputs x, y and z of shape (steps, 3). It is solved once, for times from 0 on, in pieces as they
        are needed.

    Raises
    ------
    ParameterError
        If an argument is outside its limits.

    References
    ----------
    Nicola and Clopath (2017), figure 2; :math:`\dot x = 10(y - x),\ \dot y = 28x - 70xz - y,\
    \dot z = 70xy - 8z/3`. The authors' MATLAB code, ModelDB 190565.

    Examples
    --------
    >>> from forcelib import teachers
    >>> teachers.lorenz()([0.0])
    array([[0.1, 0.1, 0.1]])
    """
    values = np.ravel(start)
    if len(values) != 3:
        raise ParameterError(f"start = {start!r} must be three numbers: x, y and z")
    begin = tuple(finite_number(f"start[{k}]", value) for k, value in enumerate(values))
    if max(map(abs, begin)) > 10:
        raise ParameterError(f"start = {begin} must lie in [-10, 10]: the attractor is within 1")
    speed = finite_number("speed", speed)
    if not 0 < speed <= 1000:
        raise ParameterError(f"speed = {speed:g} must lie in (0, 1000]")
    return Teacher("Lorenz system", _formula("lorenz(t, start, speed)", start=begin, speed=speed))


def tune(
    notes: Sequence[tuple[str | None, float]],
    pitches: Sequence[str] | None = None,
    *,
    beat: Quantity = 250 * ms,
    name: str = "tune",
) -> Teacher:
    r"""Melody, played again and again: an output per pitch, and for each note a bump half a sine long.

    Parameters
    ----------
    notes : sequence of (str, float)
        Pitch and length in beats of each note; the pitch None is a rest.
    pitches : sequence of str, optional
        The pitches in the order of the outputs; by default those of the notes, as they first appear.
    beat : Quantity in seconds, default 250 ms
        Length of a beat, positive.
    name : str, default "tune"
        Name of the teacher.

    Returns
    -------
    Teacher
        With samples of shape (steps, outputs), and the frequency at which the melody repeats.

    Raises
    ------
    ParameterError
        If a note is no such pair, its length is not positive, or its pitch is not among the pitches.

    References
    ----------
    Nicola and Clopath (2017), figure 3.

    Examples
    --------
    >>> import numpy as np
    >>> from forcelib import teachers
    >>> cuckoo = teachers.tune([("E", 1), ("C", 2), (None, 1)])
    >>> cuckoo.frequency  # it lasts four beats
    1.0
    >>> np.round(cuckoo([0.125, 0.5, 0.875]), 6)  # in the middle of each note
    array([[1., 0.],
           [0., 1.],
           [0., 0.]])
    """
    length = positive("beat", beat, second, "250*ms")
    pairs = []
    for k, note in enumerate(notes):
        if (
            not isinstance(note, (tuple, list))
            or len(note) != 2
            or not isinstance(note[0], (str, type(None)))
        ):
            raise ParameterError(f"notes[{k}] = {note!r} must be a pair of pitch and beats, as in ('E', 1)")
        beats = finite_number(f"notes[{k}]: beats", note[1])
        if beats <= 0:
            raise ParameterError(f"notes[{k}]: beats = {beats:g} must be positive")
        pairs.append((note[0], beats))
    heard = dict.fromkeys(pitch for pitch, _ in pairs if pitch is not None)
    order = tuple(heard if pitches is None else pitches)
    if unknown := [pitch for pitch in heard if pitch not in order]:
        raise ParameterError(f"notes: {unknown[0]!r} must be one of the pitches {', '.join(order)}")
    if not order or len(set(order)) < len(order):
        raise ParameterError(f"pitches = {order!r} must be one pitch or more, each once")
    rows = tuple((-1 if pitch is None else order.index(pitch), beats) for pitch, beats in pairs)
    if not rows:
        raise ParameterError("notes: there must be one note or more")
    signal = _formula("tune(t, notes, outputs, beat)", notes=rows, outputs=len(order), beat=length)
    return Teacher(name, signal, 1 / (length * sum(beats for _, beats in rows)))


#: The first line, and all four, as in the authors' files; the last note of a line is a half note.
_ODE = "EEFGGFEDCCDEEDD"
_ODE_LONG = (_ODE, "EEFGGFEDCCDEDCC", "DDECDFECDFEDCDG", "EEFGGFEDCCDEDCC")


def ode_to_joy(*, whole: bool = False) -> Teacher:
    """Ode to Joy as published: five outputs, C to G, 16 beats of 0.25 s, the last two of them one half note.

    Parameters
    ----------
    whole : bool, default False
        Whether to play the four lines of the supplement's example instead of the first, which take 16 s.
        As there, 64 more outputs mark the beats one after the other: the HDTS is a part of the target.

    Returns
    -------
    Teacher
        With samples of shape (steps, 5) or (steps, 69).

    References
    ----------
    Nicola and Clopath (2017), figure 3 and supplement; the authors' MATLAB code, ModelDB 190565.

    Examples
    --------
    >>> import numpy as np
    >>> from forcelib import teachers
    >>> teachers.ode_to_joy().frequency
    0.25
    >>> "".join("CDEFG"[note] for note in teachers.ode_to_joy()(np.arange(16) / 4 + 0.125).argmax(axis=1))
    'EEFGGFEDCCDEEDDD'
    """
    lines = _ODE_LONG if whole else (_ODE,)
    notes = [(pitch, 1 + (k == len(line) - 1)) for line in lines for k, pitch in enumerate(line)]
    melody = tune(notes, "CDEFG", name="Ode to Joy")
    if not whole:
        return melody
    return Teacher(
        "Ode to Joy, four lines", side_by_side(melody, hdts(64, 16 * second)).function, melody.frequency
    )


def hdts(m: int, period: Quantity) -> Teacher:
    r"""High-dimensional temporal signal: m bumps, one after the other, each on a line of its own.

    Parameters
    ----------
    m : int
        Number of bumps, and of lines; at least 1, below 100 000.
    period : Quantity in seconds
        How long all of them take; then they begin anew.

    Returns
    -------
    Teacher
        With samples of shape (steps, m), for the input of a run: line k is
        :math:`|\sin(\pi m t / T)|` in the k-th of m equal parts of the period T, and zero elsewhere.

    Raises
    ------
    ParameterError
        If an argument is outside its limits.

    References
    ----------
    Nicola and Clopath (2017), figures 4 and 5: 500 bumps in 5 s for a bird's song, 32 in 8 s for a movie.

    Examples
    --------
    >>> from brian2 import ms
    >>> from forcelib import teachers
    >>> teachers.hdts(3, 300 * ms)([0.05, 0.15, 0.25])
    array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.]])
    """
    m = whole_number("m", m, 1, 100_000)
    length = positive("period", period, second, "5*second")
    signal = _formula("hdts(t, m, period)", m=m, period=length)
    return Teacher(f"HDTS of {m} bumps in {length:g} s", signal, 1 / length)


def classification(*, seed: int, interval: Quantity = 250 * ms) -> tuple[Teacher, Teacher]:
    r"""Points to classify: two inputs, and a target whose sign is the class of the point shown.

    In every other interval a point of the unit square is shown, drawn by the seed. The target is then a bump
    half a sine long of height 0.5: up if the second coordinate is the larger one, down if it is the smaller.

    Parameters
    ----------
    seed : int
        Seed of the points.
    interval : Quantity in seconds, default 250 ms
        How long a point is shown, and how long the pause after it is.

    Returns
    -------
    teacher : Teacher
        With samples of shape (steps,).
    points : Teacher
        With samples of shape (steps, 2), for the input of a run; zero in the pauses.

    Raises
    ------
    ParameterError
        If an argument is outside its limits.

    References
    ----------
    Nicola and Clopath (2017), supplement, with the linear boundary; the authors' MATLAB code, ModelDB 190565,
    whose points were drawn like that.

    Examples
    --------
    >>> import forcelib
    >>> from forcelib import teachers
    >>> teacher, points = teachers.classification(seed=1)
    >>> shown = points([0.125])[0]
    >>> float(teacher([0.125])[0]) == (0.5 if shown[1] > shown[0] else -0.5)
    True
    """
    constants = {"seed": check_seed(seed), "interval": positive("interval", interval, second, "250*ms")}
    teacher = Teacher("classes of points", _formula("classes(t, seed, interval)", **constants))
    return teacher, Teacher("points", _formula("points(t, seed, interval)", **constants))


def flip_flop(
    bits: int = 1, *, seed: int, interval: Quantity = 500 * ms, width: Quantity = 50 * ms
) -> tuple[Teacher, Teacher]:
    """Memory of one bit or more: each output holds the sign of the last pulse on its own input.

    At the beginning of each interval one of the inputs has a pulse of +1 or -1, drawn by the seed.

    Parameters
    ----------
    bits : int, default 1
        Number of inputs, and of outputs; at least 1, below 1000.
    seed : int
        Seed of the pulses.
    interval : Quantity in seconds, default 500 ms
        Time between pulses.
    width : Quantity in seconds, default 50 ms
        Length of a pulse, at most the interval.

    Returns
    -------
    teacher : Teacher
        With samples of shape (steps, bits): -1, 1, and 0 before an input has had its first pulse.
    pulses : Teacher
        With samples of shape (steps, bits), for the input of a run.

    Raises
    ------
    ParameterError
        If an argument is outside its limits.

    References
    ----------
    The task of Sussillo and Barak, Neural Comput. 25:626 (2013).

    Examples
    --------
    >>> from forcelib import teachers
    >>> teacher, pulses = teachers.flip_flop(seed=1)
    >>> bool((teacher([0.4]) == pulses([0.0])).all())
    True
    """
    bits = whole_number("bits", bits, 1, 1000)
    constants = {"seed": check_seed(seed), **_pulse_times(interval, width), "bits": bits}
    held = _formula(
        "flip_flop(t, seed, interval, bits)", **{k: constants[k] for k in constants if k != "width"}
    )
    pulses = Teacher("pulses", _formula("pulses(t, seed, interval, width, bits)", **constants))
    return Teacher(f"flip-flop of {bits} bit{'s'[: bits > 1]}", held), pulses


def pitchfork(
    *, seed: int, interval: Quantity = 1000 * ms, width: Quantity = 50 * ms, tau: Quantity = 50 * ms
) -> tuple[Teacher, Teacher]:
    r"""Choice between two fixed points: a pulse puts the target beside zero, from where it falls away.

    Between pulses the target follows :math:`\tau\dot x = x - x^3`, whose zero is unstable and whose
    :math:`\pm 1` are stable. A pulse of +1 or -1, drawn by the seed, sets x to 0.1 of its sign.

    Parameters
    ----------
    seed : int
        Seed of the pulses.
    interval : Quantity in seconds, default 1 s
        Time between pulses.
    width : Quantity in seconds, default 50 ms
        Length of a pulse, at most the interval.
    tau : Quantity in seconds, default 50 ms
        Time constant, positive.

    Returns
    -------
    teacher : Teacher
        With samples of shape (steps,).
    pulses : Teacher
        With samples of shape (steps, 1), for the input of a run.

    Raises
    ------
    ParameterError
        If an argument is outside its limits.

    Examples
    --------
    >>> import numpy as np
    >>> from forcelib import teachers
    >>> teacher, pulses = teachers.pitchfork(seed=1)
    >>> np.round(np.abs(teacher([0.0, 0.9])), 3)
    array([0.1, 1. ])
    """
    constants = {"seed": check_seed(seed), **_pulse_times(interval, width)}
    slow = positive("tau", tau, second, "50*ms")
    falling = _formula(
        "pitchfork(t, seed, interval, tau)", seed=constants["seed"], interval=constants["interval"], tau=slow
    )
    pulses = Teacher("pulses", _formula("pulses(t, seed, interval, width, 1)", **constants))
    return Teacher("pitchfork", falling), pulses


def samples(
    values: np.ndarray | str | os.PathLike,
    dt: Quantity,
    *,
    periodic: bool = False,
    name: str | None = None,
) -> Teacher:
    """Teacher from samples with a time step of their own, interpolated: an array, or a file of one.

    Parameters
    ----------
    values : array_like or path-like
        Samples of shape (steps,) or (steps, outputs), the first of them at time 0; or a ``.npy`` or ``.npz``
        file of one such array, or a ``.csv`` file with a row per time and, if need be, a line of headings.
    dt : Quantity in seconds
        Time between samples.
    periodic : bool, default False
        Whether they begin anew after the last; else they cover ``len(values) * dt`` and no more.
    name : str, optional
        Name of the teacher; by default that of the file.

    Returns
    -------
    Teacher

    Raises
    ------
    ParameterError
        If these are no samples, or the step is no time. A time that they do not cover is an error when the
        teacher is asked for it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from brian2 import ms
    >>> from forcelib import teachers
    >>> ramp = teachers.samples([0.0, 1.0], 100 * ms, periodic=True)
    >>> ramp([0.05, 0.15, 0.2])
    array([0.5, 0.5, 0. ])
    """
    called = name
    if isinstance(values, (str, os.PathLike)):
        called, values = called or Path(values).name, _read(Path(values))
    given = _plain(values, values, "values")
    if given.ndim not in (1, 2) or given.size == 0:
        raise ParameterError(f"values of shape {given.shape} must be of shape (steps,) or (steps, outputs)")
    if not np.all(np.isfinite(given)):
        raise ParameterError("values: some are NaN or infinite; all must be finite")
    step = positive("dt", dt, second, "1*ms")
    signal = _Samples(given.tobytes(), given.shape, step, bool(periodic))
    return Teacher(called or "samples", signal, 1 / (len(given) * step) if periodic else None)


@dataclass(frozen=True)
class _Samples:
    """Samples with a time step of their own, read between them; bytes, so that equal ones are equal."""

    data: bytes
    shape: tuple[int, ...]
    dt: float
    periodic: bool

    def __call__(self, t: np.ndarray) -> np.ndarray:
        values = np.frombuffer(self.data).reshape(self.shape)
        place = np.asarray(t) / self.dt
        n = len(values)
        late = place >= n * (1 + 1e-12)
        if not self.periodic and np.any(late | (place < 0)):
            raise ParameterError(
                f"teacher: its {n} samples cover 0 to {n * self.dt:g} s, and t = "
                f"{np.asarray(t)[late | (place < 0)].flat[0]:g} s was asked for; "
                "periodic=True repeats them"
            )
        if self.periodic:
            place, values = place % n, np.concatenate([values, values[:1]])
        columns = values.reshape(len(values), -1).T
        read = np.stack([np.interp(place, np.arange(len(values)), column) for column in columns], axis=-1)
        return read.reshape(*np.shape(place), *self.shape[1:])


def _read(path: Path) -> np.ndarray:
    """Read the one array of a file."""
    if path.suffix not in (".npy", ".npz", ".csv"):
        raise ParameterError(f"values = {str(path)!r} must be a .npy, .npz or .csv file, or an array")
    try:
        if path.suffix == ".csv":
            with open(path, encoding="utf-8") as file:
                headings = any(character.isalpha() for character in file.readline().lower().replace("e", ""))
            return np.loadtxt(path, delimiter=",", skiprows=int(headings))
        stored = np.load(path, allow_pickle=False)
    except ValueError as error:
        raise ParameterError(f"values = {str(path)!r} holds no array of numbers: {error}") from None
    if isinstance(stored, np.ndarray):
        return stored
    with stored:
        if len(stored.files) != 1:
            raise ParameterError(f"values = {str(path)!r} must hold one array, not {stored.files}")
        return stored[stored.files[0]]


def side_by_side(*teachers: Teacher) -> Teacher:
    """Put the outputs of several teachers beside each other.

    Parameters
    ----------
    *teachers : Teacher
        One or more.

    Returns
    -------
    Teacher
        With the outputs of the first, then those of the second, and so on; its frequency is theirs, if they
        have one in common.

    Raises
    ------
    ParameterError
        If there is none, or one is no Teacher.

    Examples
    --------
    >>> from forcelib import teachers
    >>> teachers.side_by_side(teachers.sine(), teachers.van_der_pol())([0.0, 0.1]).shape
    (2, 3)
    """
    if not teachers:
        raise ParameterError("teachers: there must be one or more")
    for teacher in teachers:
        _check_teacher(teacher)
    frequencies = {teacher.frequency for teacher in teachers}
    name = ", ".join(teacher.name for teacher in teachers)
    return Teacher(
        name,
        _formula("side_by_side(t, teachers)", teachers=teachers),
        frequencies.pop() if len(frequencies) == 1 else None,
    )


def noisy(teacher: Teacher, sigma: float = 0.05, *, seed: int, uniform: bool = False) -> Teacher:
    """Add white noise to a teacher.

    Parameters
    ----------
    teacher : Teacher
        The clean signal.
    sigma : float, default 0.05
        Standard deviation of the noise, not negative.
    seed : int
        Seed of the noise; the same times always get the same noise.
    uniform : bool, default False
        Whether the noise is uniform in [0, sigma), as in two of the authors' programs, not normal.

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
    _check_teacher(teacher)
    check_seed(seed)
    sigma = finite_number("sigma", sigma)
    if sigma < 0:
        raise ParameterError(f"sigma = {sigma:g} must not be negative")
    text = f"noisy(t, teacher, sigma, seed{', True' if uniform else ''})"
    signal = _formula(text, teacher=teacher, sigma=sigma, seed=int(seed))
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


def _plain(teacher: Any, values: Any, name: str = "teacher") -> np.ndarray:
    """Return values as a new array of floats, or raise if they are no real numbers without a unit."""
    try:
        if np.iscomplexobj(values):
            raise TypeError
        samples = np.array(values, dtype=float)
        dim = get_dimensions(values if isinstance(values, (Quantity, list, tuple)) else samples)
    except (TypeError, ValueError, DimensionMismatchError):
        words = "must be a function of time in seconds or an array of samples, which must be real numbers"
        raise ParameterError(f"{name} = {teacher!r:.200} {words}") from None
    if not dim.is_dimensionless:
        unit = get_unit(dim)
        raise ParameterError(f"{name}: samples with the unit {unit!r} must have none: divide them by it")
    return samples


def _frequency(value: Quantity, name: str = "frequency") -> float:
    """Return a frequency in hertz, or raise; the largest has one period in the shortest time step."""
    return positive(name, value, Hz, "5*Hz", most=1e9)


def _check_teacher(teacher: Any) -> None:
    """Raise unless this is a teacher."""
    if not isinstance(teacher, Teacher):
        raise ParameterError(f"teacher = {teacher!r} must be a Teacher; write Teacher(name, function)")


def _pulse_times(interval: Quantity, width: Quantity) -> dict[str, float]:
    """Return the time between pulses and their length, in seconds, or raise."""
    apart = positive("interval", interval, second, "500*ms")
    long = positive("width", width, second, "50*ms")
    if long > apart:
        raise ParameterError(f"width = {width} must not exceed interval = {interval}")
    return {"interval": apart, "width": long}


def _listed(frequencies: list[float]) -> str:
    """Write frequencies as one says them."""
    words = [f"{f:g} Hz" for f in frequencies]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _common(frequencies: list[float]) -> float | None:
    """Return the largest frequency of which all are multiples, in whole millihertz, or None."""
    return float(np.gcd.reduce([round(1000 * f) for f in frequencies]) / 1000) or None


def _van_der_pol(t: np.ndarray, mu: float, f: float, scale: float | None = None) -> np.ndarray:
    """Repeat the limit cycle, one column per output: of amplitude 1, or as solved, times a scale."""
    _, cycle = _limit_cycle(mu)
    phase, phases = t * f % 1, np.linspace(0, 1, len(cycle))
    factors = 1 / np.abs(cycle).max(axis=0) if scale is None else np.full(2, scale)
    columns = zip(cycle.T, factors, strict=True)
    return np.stack([np.interp(phase, phases, values * factor) for values, factor in columns], axis=-1)


@lru_cache
def _limit_cycle(mu: float) -> tuple[float, np.ndarray]:
    """Solve the Van der Pol equation: the period, and one cycle of x and y."""
    from scipy.integrate import solve_ivp  # here, for it takes long to import

    def slope(t: float, xy: np.ndarray) -> tuple[float, float]:
        x, y = xy
        return mu * (x - x**3 / 3 - y), x / mu

    span, exact = (0, 40 * max(1, mu) + 80), {"rtol": 1e-9, "atol": 1e-9, "dense_output": True}
    # For a large mu the equation is stiff.
    with np.errstate(all="ignore"):  # the solver's own steps may underflow
        path = solve_ivp(slope, span, (2, 0), "LSODA", events=lambda t, xy: xy[0], **exact)
    start, stop = path.t_events[0][1::2][-2:]  # from 2, x falls through zero first, then rises, and so on
    return float(stop - start), frozen(path.sol(np.linspace(start, stop, 4001)).T)


#: Units of its own time in which the Lorenz system is solved at once.
_LORENZ_PIECE = 10


def _lorenz(t: np.ndarray, start: tuple[float, ...], speed: float) -> np.ndarray:
    """Read the trajectory, piece by piece."""
    own = np.asarray(t) * speed
    if np.any(own < 0):
        raise ParameterError(f"teacher: the Lorenz system begins at t = 0, and {np.min(t):g} s was asked for")
    piece = (own // _LORENZ_PIECE).astype(int)
    signal = np.empty((*own.shape, 3))
    for number in np.unique(piece):
        for before in range(number):  # each piece begins where the one before ends: no deep recursion
            _lorenz_piece(before, start)
        here = piece == number
        signal[here] = _lorenz_piece(int(number), start)(own[here] - number * _LORENZ_PIECE)
    return signal


@lru_cache(maxsize=1000)
def _lorenz_piece(number: int, start: tuple[float, ...]) -> Callable:
    """Solve a piece of the trajectory."""
    from scipy.integrate import solve_ivp
    from scipy.interpolate import CubicHermiteSpline

    def slope(t: float, xyz: np.ndarray) -> list[np.ndarray]:
        x, y, z = xyz
        return [10 * (y - x), 28 * x - 70 * x * z - y, 70 * x * y - 8 / 3 * z]

    begin = start if number == 0 else tuple(_lorenz_piece(number - 1, start)(_LORENZ_PIECE).tolist())
    t = np.linspace(0, _LORENZ_PIECE, 1000 * _LORENZ_PIECE + 1)
    path = solve_ivp(slope, (0, _LORENZ_PIECE), begin, "DOP853", t_eval=t, rtol=1e-10, atol=1e-10).y
    return CubicHermiteSpline(t, path.T, np.stack(slope(0, path), axis=-1))


def _tune(t: np.ndarray, notes: tuple[tuple[int, float], ...], outputs: int, beat: float) -> np.ndarray:
    """Play notes, one column per output."""
    beats = np.array([length for _, length in notes])
    begin = np.concatenate([[0], np.cumsum(beats)])
    at = np.asarray(t) / beat % begin[-1]
    # A note that begins at this time, up to rounding, has begun.
    note = np.clip(np.searchsorted(begin, at + 1e-9, side="right") - 1, 0, len(notes) - 1)
    output = np.array([row for row, _ in notes])[note]
    bump = np.abs(np.sin(np.pi * (at - begin[note]) / beats[note]))
    return bump[..., None] * (output[..., None] == np.arange(outputs))


def _hdts(t: np.ndarray, m: int, period: float) -> np.ndarray:
    """Let one line after the other have its bump."""
    phase = np.asarray(t) * m / period
    signal = np.zeros((*phase.shape, m))
    line = np.floor(phase + 1e-9).astype(np.int64) % m
    np.put_along_axis(signal, line[..., None], np.abs(np.sin(np.pi * phase))[..., None], axis=-1)
    return signal


def _number(t: np.ndarray, interval: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of the interval in which each time lies, and how long ago that began."""
    t = np.asarray(t)
    if np.any(t < 0):
        raise ParameterError(f"teacher: its intervals begin at t = 0, and {np.min(t):g} s was asked for")
    number = np.floor(t / interval + 1e-9).astype(np.int64)
    return number, np.maximum(t - number * interval, 0)


def _points(t: np.ndarray, seed: int, interval: float) -> np.ndarray:
    """Show a point in each even interval."""
    number, _ = _number(t, interval)
    return _uniform(number, seed, 2) * (number % 2 == 0)[..., None]


def _classes(t: np.ndarray, seed: int, interval: float) -> np.ndarray:
    """Say the class of the point shown."""
    x, y = np.moveaxis(_points(t, seed, interval), -1, 0)
    return 0.5 * np.abs(np.sin(np.pi * np.asarray(t) / interval)) * np.sign(y - x)


def _pulses(t: np.ndarray, seed: int, interval: float, width: float, bits: int) -> np.ndarray:
    """Give one input a pulse at the beginning of each interval."""
    number, since = _number(t, interval)
    bit, sign = _pulse(number, seed, bits)
    return (sign * (since < width * (1 - 1e-9)))[..., None] * (bit[..., None] == np.arange(bits))


def _pulse(number: np.ndarray, seed: int, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw input and sign of the pulse of each interval."""
    drawn = _uniform(number, seed, 2)
    return (bits * drawn[..., 0]).astype(np.int64), np.where(drawn[..., 1] < 0.5, -1.0, 1.0)


def _flip_flop(t: np.ndarray, seed: int, interval: float, bits: int) -> np.ndarray:
    """Hold the sign of the last pulse of each input."""
    number, _ = _number(t, interval)
    all_of_them = np.arange(number.max(initial=0) + 1)
    bit, sign = _pulse(all_of_them, seed, bits)
    last = np.where(bit[:, None] == np.arange(bits), all_of_them[:, None], -1)
    last = np.maximum.accumulate(last, axis=0)
    return np.where(last < 0, 0.0, sign[last])[number]


def _pitchfork(t: np.ndarray, seed: int, interval: float, tau: float) -> np.ndarray:
    """Fall from 0.1 towards 1, on the side of the last pulse: the solution of tau x' = x - x^3."""
    number, since = _number(t, interval)
    _, sign = _pulse(number, seed, 1)
    decay = np.exp(-2 * since / tau)
    return sign * 0.1 / np.sqrt(0.01 + 0.99 * decay)


def _side_by_side(t: np.ndarray, teachers: tuple[Teacher, ...]) -> np.ndarray:
    """Put signals beside each other."""
    signals = [_signal(teacher, t) for teacher in teachers]
    return np.concatenate([signal.reshape(*np.shape(t), -1) for signal in signals], axis=-1)


def _uniform(counter: np.ndarray, seed: int, outputs: int) -> np.ndarray:
    """Draw numbers in (0, 1), as many per counter as there are outputs: a hash (splitmix64) of all three."""
    output = np.arange(outputs, dtype=np.uint64)
    x = np.add.outer(
        counter.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15), output + np.uint64(1000 * seed)
    )
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    x ^= x >> np.uint64(31)
    return ((x >> np.uint64(11)).astype(float) + 0.5) / 2.0**53


def _noisy(t: np.ndarray, teacher: Teacher, sigma: float, seed: int, uniform: bool = False) -> np.ndarray:
    """Add white noise, drawn by seed, output and nanosecond, and made normal unless it is to be uniform."""
    clean = _signal(teacher, t)
    nanosecond = np.rint(np.atleast_1d(t) * 1e9).astype(np.int64)
    drawn = _uniform(nanosecond, seed, clean.shape[-1] if clean.ndim > np.ndim(t) else 1)
    return clean + sigma * (drawn if uniform else ndtri(drawn)).reshape(clean.shape)


#: What a formula may use. The live lab reads formulas as JavaScript, whose Math has numbers and functions.
_NAMES = {
    "pi": np.pi,
    "sin": np.sin,
    "asin": np.arcsin,
    "classes": _classes,
    "flip_flop": _flip_flop,
    "hdts": _hdts,
    "lorenz": _lorenz,
    "noisy": _noisy,
    "pitchfork": _pitchfork,
    "points": _points,
    "pulses": _pulses,
    "side_by_side": _side_by_side,
    "tune": _tune,
    "van_der_pol": _van_der_pol,
}
