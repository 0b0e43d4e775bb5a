"""The tasks of Nicola and Clopath (2017): their 44 programs as data, each run by one line."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from brian2 import Hz, ms, second

from . import experiment, measures, teachers
from ._checks import check_seed
from .errors import ParameterError
from .model import IZHIKEVICH, LIF, THETA
from .parameters import Parameters
from .reservoir import Reservoir
from .result import Recorded, Result
from .teachers import Teacher

__all__ = ["TASKS", "Task", "get"]


@dataclass(frozen=True, kw_only=True)
class Task:
    """A program of the authors: a network, what it is trained on, and for how long.

    What a task draws, noise or points, it draws once, so that it is the same in each run; the seed of a run
    draws the network.

    Parameters
    ----------
    name : str
        As in ``"izhikevich/sine"``.
    title : str
    parameters : Parameters
        The published ones, in the units of forcelib.
    teacher : Teacher or None
        None where the authors have not supplied the target: :meth:`run` is then to be given one.
    input : Teacher, optional
        The input, if there is one.
    input_weights : callable, optional
        Makes the input weights, of shape (N, inputs), from N and a RandomState; by default they are those of
        :meth:`forcelib.reservoir.Reservoir.draw`.
    kind : {"oscillation", "lorenz", "tune", "classification", "replay"}, default "oscillation"
        What it is, which decides what is measured.
    source : str, optional
        The program, in ModelDB 190565.

    References
    ----------
    Nicola and Clopath, Nat. Commun. 8:2208 (2017), and their programs, ModelDB 190565.

    Examples
    --------
    >>> from brian2 import ms
    >>> from forcelib import tasks
    >>> task = tasks.get("izhikevich/sine")
    >>> task.teacher.name, task.parameters.G, task.parameters.rls_interval
    ('5 Hz sine', 5.0, 0.8 * msecond)
    >>> task.run(seed=1, parameters=task.parameters.replace(N=50, duration=20 * ms)).steps
    500
    """

    name: str
    title: str
    parameters: Parameters
    teacher: Teacher | None
    input: Teacher | None = None
    input_weights: Callable[[int, np.random.RandomState], np.ndarray] | None = None
    kind: str = "oscillation"
    source: str = ""

    def draw(
        self, seed: int, parameters: Parameters | None = None, teacher: Teacher | None = None
    ) -> Reservoir:
        """Draw the network of a seed.

        Parameters
        ----------
        seed : int
            Seed in [0, 2**32).
        parameters : Parameters, optional
            Those of the task by default.
        teacher : Teacher, optional
            That of the task by default; decides how many outputs there are.

        Returns
        -------
        Reservoir

        Raises
        ------
        ParameterError
            If the seed is none, or neither the task nor the caller has a teacher.

        Examples
        --------
        >>> from forcelib import tasks
        >>> task = tasks.get("izhikevich/classification")
        >>> small = task.parameters.replace(N=50)
        >>> task.draw(1, small).input_weights.shape
        (50, 2)
        """
        parameters = self.parameters if parameters is None else parameters
        outputs = teachers.sample(self._teacher(teacher), 1, parameters.dt).shape[1]
        inputs = 0 if self.input is None else teachers.sample(self.input, 1, parameters.dt).shape[1]
        reservoir = Reservoir.draw(parameters, check_seed(seed), outputs, inputs)
        if self.input_weights is None:
            return reservoir
        weights = self.input_weights(parameters.N, np.random.RandomState([seed, 1]))
        return Reservoir(reservoir.weights, reservoir.encoders, reservoir.potentials, weights)

    def _teacher(self, teacher: Any = None) -> Any:
        """Return what the network is trained on, or raise."""
        chosen = self.teacher if teacher is None else teacher
        if chosen is None:
            raise ParameterError(
                f"teacher: {self.name} needs one, as the authors supply none: run(teacher=...), for example "
                "teachers.samples(array, dt, periodic=True)"
            )
        return chosen

    def run(self, seed: int = 1, **options: Any) -> Result:
        """Run the task as published.

        Parameters
        ----------
        seed : int, default 1
            Seed of the network.
        **options
            As of :func:`forcelib.experiment.run`; `parameters`, `teacher` and `input` take the place of the
            task's own.

        Returns
        -------
        Result

        Raises
        ------
        ParameterError
            If an argument is outside its limits, or no teacher is there.

        Examples
        --------
        >>> from brian2 import ms
        >>> from forcelib import tasks
        >>> task = tasks.get("theta/lorenz")
        >>> small = task.parameters.replace(N=50, duration=10 * ms)
        >>> task.run(seed=1, parameters=small).readout.shape
        (1000, 3)
        """
        teacher = self._teacher(options.pop("teacher", None))
        parameters = options.pop("parameters", self.parameters)
        signal = options.pop("input", self.input)
        if signal is self.input and "reservoir" not in options:
            options["reservoir"] = self.draw(seed, parameters, teacher)
        return experiment.run(teacher, input=signal, seed=seed, parameters=parameters, **options)

    def score(self, span: Recorded) -> dict[str, float]:
        """Measure what fits the task.

        Parameters
        ----------
        span : Result or Span
            Of a run of it; that after training tells what was learned.

        Returns
        -------
        dict of str to float
            ``"error"``, the RMS error against the clock, and by the kind of the task ``"waveform error"``
            where the target repeats, with ``"frequency"`` in hertz and ``"amplitude"``, relative to that of
            the target, for one output; ``"notes"``; ``"accuracy"``; and of Lorenz the maxima of z in a
            second, their mean relative to that of the target, and the changes of lobe in a second.

        Examples
        --------
        >>> from brian2 import ms
        >>> from forcelib import tasks
        >>> task = tasks.get("lif/sine")
        >>> small = task.parameters.replace(N=50, duration=600 * ms)
        >>> sorted(task.score(task.run(seed=1, parameters=small)))
        ['amplitude', 'error', 'frequency', 'waveform error']
        """
        found = {"error": span.rms_error()}
        seconds, dt = span.steps * float(span.parameters.dt), span.parameters.dt
        if self.kind == "classification":
            found["accuracy"] = float(np.mean(measures.choices(span.readout, span.target)))
        elif self.kind == "lorenz":
            x, _, z = span.readout.T
            level = float(np.std(span.target[:, 0]))
            found["turns per second"] = len(measures.maxima(z, dt)[0]) / seconds
            heights = [measures.maxima(signal[:, 2], dt)[1] for signal in (span.readout, span.target)]
            found["mean maximum"] = float(heights[0].mean() / heights[1].mean()) if heights[0].size else 0.0
            found["changes per second"] = np.count_nonzero(np.diff(measures.lobes(x, level))) / seconds
        elif span.frequency is not None and seconds * span.frequency >= 1:
            found["waveform error"] = measures.waveform_error(
                span.readout, span.target, dt, span.frequency * Hz
            )
            if self.kind == "tune":
                notes = slice(None, 5)
                found["notes"] = measures.notes_heard(
                    span.readout[:, notes], span.target[:, notes], dt, span.frequency * Hz
                )
            elif span.readout.ndim == 1 and seconds * span.frequency > 2.01:
                own, given = (
                    measures.demodulate(signal, dt, span.frequency * Hz)
                    for signal in (span.readout, span.target)
                )
                found["frequency"] = own.frequency
                found["amplitude"] = float(own.amplitude.mean() / given.amplitude.mean())
        return found


def _on_a_circle(N: int, random: np.random.RandomState) -> np.ndarray:
    """Draw input weights of two inputs: of length 500, each neuron's in a direction of its own."""
    angle = 2 * np.pi * random.uniform(size=N)
    return 500 * np.stack([np.cos(angle), np.sin(angle)], axis=-1)


#: What the programs of a model have in common; those of LIF and of theta balance the weights.
_MODELS: dict[str, dict[str, Any]] = {
    "lif": {"neuron": LIF, "balanced": True, "dt": 0.05 * ms, "rls_interval": 2.5 * ms},
    "theta": {"neuron": THETA, "balanced": True, "dt": 0.01 * ms, "rls_interval": 0.5 * ms},
    "izhikevich": {"neuron": IZHIKEVICH, "dt": 0.04 * ms, "rls_interval": 0.8 * ms},
}
_OTHER_B = IZHIKEVICH.replace(b=0.0, v_t=-20.0)
_WITH_HDTS = IZHIKEVICH.replace(a=2.0, b=0.0, d=100.0, v_t=-40.0)

_SINE, _SAW, _PROD = teachers.sine(), teachers.sawtooth(), teachers.product_of_sines()
_NOISY, _UNIFORM = (teachers.noisy(_PROD, 0.05, seed=1, uniform=uniform) for uniform in (False, True))
_HARMONIC, _REL = (teachers.van_der_pol(mu, published=True) for mu in (0.5, 5))
_THREE = teachers.product_of_sines(2 * Hz, 3 * Hz, 7 * Hz)
_CLASSES, _POINTS = teachers.classification(seed=1)

_SHORT = (15, 5, 10)

#: The oscillators: name, teacher, end of the run, start and stop of training (s), G (s), Q, tau_d (ms),
#: alpha (s²), program. That of the harmonic theta oscillator of 50 ms multiplies its encoders by Q twice; the
#: paper has one Q, and so has this.
# fmt: off
_OSCILLATORS = (
    ("lif/sine", _SINE, _SHORT, 0.04, 10, 20, 5e-6, "FORCESINE"),
    ("lif/product-supplement-10ms", _PROD, (60, 5, 30), 0.1, 30, 10, 2.5e-6, "FORCEPRODSINE"),
    ("lif/noisy-product-supplement-10ms", _UNIFORM, (60, 5, 30), 0.1, 30, 10, 2.5e-6, "FORCEPRODSINENOISE"),
    ("lif/sine-supplement-20ms", _SINE, _SHORT, 0.1, 30, 20, 2.5e-6, "FORCESINE"),
    ("lif/sawtooth-supplement-20ms", _SAW, _SHORT, 0.1, 30, 20, 2.5e-6, "FORCESAWTOOTH"),
    ("lif/van-der-pol-harmonic-supplement-20ms", _HARMONIC, _SHORT, 0.05, 30, 20, 2.5e-6, "FORCEVDPHARMONIC"),
    ("lif/van-der-pol-relaxation-supplement-20ms", _REL, _SHORT, 0.05, 30, 20, 2.5e-6, "FORCEVDPRELAXATION"),
    ("lif/product-supplement-20ms", _PROD, (60, 5, 30), 0.1, 30, 20, 2.5e-6, "FORCEPRODSINE"),
    ("lif/noisy-product-supplement-20ms", _NOISY, (60, 5, 30), 0.1, 30, 20, 2.5e-6, "FORCEPRODSINENOISE"),
    ("lif/sine-supplement-30ms", _SINE, _SHORT, 0.05, 10, 30, 5e-6, "FORCESINE"),
    ("lif/sawtooth-supplement-30ms", _SAW, _SHORT, 0.1, 20, 30, 2.5e-6, "FORCESAWTOOTH"),
    ("lif/van-der-pol-harmonic-supplement-30ms", _HARMONIC, _SHORT, 0.05, 30, 30, 2.5e-6, "FORCEVDPHARMONIC"),
    ("lif/van-der-pol-relaxation-supplement-30ms", _REL, _SHORT, 0.05, 30, 30, 2.5e-6, "FORCEVDPRELAXATION"),
    ("lif/product-supplement-30ms", _PROD, (60, 5, 25), 0.1, 30, 30, 2.5e-6, "FORCEPRODSINE"),
    ("lif/noisy-product-supplement-30ms", _NOISY, (60, 5, 30), 0.1, 30, 30, 2.5e-6, "FORCEPRODSINENOISE"),
    ("theta/sine", _SINE, _SHORT, 10, 1e4, 20, 1e-5, "FORCESINE"),
    ("theta/sawtooth", _SAW, _SHORT, 10, 1e4, 20, 1e-5, "FORCESAWTOOTH"),
    ("theta/van-der-pol-harmonic", _HARMONIC, _SHORT, 10, 1e4, 20, 1e-5, "FORCEVDPHARMONIC"),
    ("theta/van-der-pol-relaxation", _REL, _SHORT, 15, 1e4, 20, 1e-5, "FORCEVDPRELAX"),
    ("theta/product", _PROD, (80, 5, 55), 25, 1e4, 20, 1e-5, "PRODSINES"),
    ("theta/noisy-product", _NOISY, (80, 5, 55), 15, 1e4, 20, 1e-5, "NOISYPRODSINES"),
    ("theta/product-supplement-20ms", _PROD, (80, 5, 55), 25, 1e4, 20, 1e-5, "PRODSINES"),
    ("theta/noisy-product-supplement-20ms", _NOISY, (80, 5, 55), 15, 1e4, 20, 1e-5, "NOISYPRODSINES"),
    ("theta/sine-supplement-50ms", _SINE, _SHORT, 50, 2e4, 50, 1e-4, "FORCESINE"),
    ("theta/sawtooth-supplement-50ms", _SAW, _SHORT, 50, 2e4, 50, 1e-4, "FORCESAWTOOTH"),
    ("theta/van-der-pol-harmonic-supplement-50ms", _HARMONIC, _SHORT, 10, 1e4, 50, 2e-5, "FORCEVDPHARMONIC"),
    ("theta/van-der-pol-relaxation-supplement-50ms", _REL, _SHORT, 10, 1e4, 50, 2e-5, "FORCEVDPRELAX"),
    ("theta/product-supplement-50ms", _PROD, (70, 5, 55), 50, 2e4, 50, 1e-4, "FORCEPRODSINE"),
    ("theta/noisy-product-supplement-50ms", _NOISY, (70, 5, 55), 50, 2e4, 50, 1e-4, "FORCEPRODSINENOISE"),
    ("izhikevich/sine", _SINE, _SHORT, 5, 5e3, 20, 2e-6, "FORCESINE"),
    ("izhikevich/sine-supplement", _SINE, _SHORT, 5, 5e3, 20, 2e-6, "FORCESINE"),
    ("izhikevich/sawtooth", _SAW, _SHORT, 5, 4e3, 20, 2e-6, "FORCESAWTOOTH"),
    ("izhikevich/van-der-pol-harmonic", _HARMONIC, _SHORT, 10, 9e3, 20, 2e-6, "FORCEVDPHARDMONIC"),
    ("izhikevich/van-der-pol-relaxation", _REL, _SHORT, 10, 2e4, 20, 2e-6, "FORCEVDPRELAX"),
    ("izhikevich/product", _PROD, (20, 5, 10), 10, 9e3, 20, 2e-6, "FORCEPRODSINE"),
    ("izhikevich/noisy-product", _UNIFORM, (20, 5, 10), 10, 8e3, 20, 2e-6, "FORCEPRODSINENOISE"),
    ("izhikevich/three-sines", _THREE, (50, 5, 25), 10, 1e4, 20, 2e-6, "FORCECOMPLEXOSCILLATOR1"),
    ("izhikevich/three-sines-again", _THREE, (50, 5, 25), 10, 1e4, 20, 2e-6, "FORCECOMPLEXOSCILLATOR2"),
)
# fmt: on

#: The others: the same, with the folder, what else is special about the network, and about the task.
_OTHERS: tuple[tuple[str, Teacher | None, tuple, float, float, float, str, dict, dict], ...] = (
    (
        "theta/lorenz",
        teachers.lorenz(),
        (100, 5, 50),
        15,
        1e4,
        1e-5,
        "CODE FOR FIGURE 2/THETALORENZ",
        {"N": 5000},
        {"kind": "lorenz"},
    ),
    (
        "izhikevich/ode-to-joy",
        teachers.ode_to_joy(),
        (1000, 1, 900),
        10,
        4e3,
        2e-6,
        "CODE FOR FIGURE 3 (ODE TO JOY)/IZFORCESONG",
        {"N": 5000, "rls_interval": 4 * ms, "neuron": _OTHER_B},
        {"kind": "tune"},
    ),
    (
        "izhikevich/ode-to-joy-long",
        teachers.ode_to_joy(whole=True),
        (1000, 1, 500),
        10,
        4e3,
        2e-6,
        "CODE FOR SUPPLEMENTARY ODE TO JOY EXAMPLE/IZFORCESONG",
        {"N": 5000, "rls_interval": 4 * ms, "neuron": _OTHER_B},
        {"kind": "tune"},
    ),
    (
        "izhikevich/songbird",
        None,
        (100, 1, 50),
        13,
        1e3,
        2e-6,
        "CODE FOR FIGURE 4 (USER SUPPLIED SUPERVISOR)/IZSONGBIRDFORCE",
        {"N": 1000, "rls_interval": 4 * ms, "neuron": _WITH_HDTS, "Q_in": 8e3},
        {"kind": "replay", "input": teachers.hdts(500, 5 * second)},
    ),
    (
        "izhikevich/movie",
        None,
        (100, 1, 50),
        5,
        400,
        2e-6,
        "CODE FOR FIGURE 5 (USER SUPPLIED SUPERVISOR)/IZFORCEMOVIE",
        {"N": 1000, "rls_interval": 4 * ms, "neuron": _WITH_HDTS, "Q_in": 4e3},
        {"kind": "replay", "input": teachers.hdts(32, 8 * second)},
    ),
    (
        "izhikevich/classification",
        _CLASSES,
        (1000, 1, 400),
        6,
        5e3,
        3e-5,
        "CODE FOR FIGURE SUPPLEMENTARY CLASSIFICATION FIGURES 10-12/IZFORCECLASSIFICATION",
        {"neuron": _OTHER_B},
        {"kind": "classification", "input": _POINTS, "input_weights": _on_a_circle},
    ),
)


def _task(
    name: str,
    teacher: Teacher | None,
    times: tuple[float, float, float],
    G: float,
    Q: float,
    alpha: float,
    source: str,
    special: Mapping[str, Any],
    own: Mapping[str, Any] = MappingProxyType({}),
) -> Task:
    """Make a task of its row."""
    model, _, short = name.partition("/")
    duration, on, off = (time * second for time in times)
    network = _MODELS[model] | {"G": G, "Q": Q, "alpha": alpha} | dict(special)
    return Task(
        name=name,
        title=short.replace("-", " ") if teacher is None else teacher.name,
        parameters=Parameters(**network, duration=duration, rls_start=on, rls_stop=off),
        teacher=teacher,
        source=f"{source}.m",
        **own,
    )


def _all() -> Iterator[Task]:
    """Make the tasks, in the order of the neuron models."""
    rows = []
    for name, teacher, times, G, Q, tau_d, alpha, program in _OSCILLATORS:
        prefix = "IZ" if name.startswith("izhikevich") else name.split("/")[0].upper()
        folder = "CODE FOR FIGURE 2"
        if "supplement" in name or (prefix == "IZ" and name != "izhikevich/sine"):
            panel = "IZHIKEVICH" if prefix == "IZ" else f"{prefix} MODEL"
            folder = f"CODE FOR SUPPLEMENTARY OSCILLATOR PANEL/{panel} {tau_d}"
        source = f"{folder}/{prefix}{program}"
        rows.append((name, teacher, times, G, Q, alpha, source, {"tau_d": tau_d * ms}))
    for model in _MODELS:
        yield from (_task(*row) for row in (*rows, *_OTHERS) if row[0].startswith(model))


#: The 44 programs, by name.
TASKS: Mapping[str, Task] = MappingProxyType({task.name: task for task in _all()})


def get(name: str) -> Task:
    """Find a task.

    Parameters
    ----------
    name : str
        As in :data:`TASKS`.

    Returns
    -------
    Task

    Raises
    ------
    ParameterError
        If there is none of this name; the message has the nearest ones.

    Examples
    --------
    >>> from forcelib import tasks
    >>> len(tasks.TASKS), tasks.get("lif/sine").title
    (44, '5 Hz sine')
    >>> tasks.get("lorenz")
    Traceback (most recent call last):
    ...
    forcelib.errors.ParameterError: task = 'lorenz' is none of the 44; near it are theta/lorenz
    """
    if isinstance(name, str) and name in TASKS:
        return TASKS[name]
    word = str(name)
    near = [known for known in TASKS if word and word in known]
    near = near or difflib.get_close_matches(word, TASKS, n=5, cutoff=0.4) or list(TASKS)[:3]
    raise ParameterError(f"task = {name!r} is none of the {len(TASKS)}; near it are {', '.join(near[:5])}")
