"""The tasks of Nicola and Clopath (2017): their 44 programs as data, each run by one line."""

from __future__ import annotations

import dataclasses
import difflib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from brian2 import Hz, Quantity, ms, second

from . import experiment, measures, teachers
from ._checks import check_seed, positive
from ._files import atomic_write
from .engines import State
from .errors import FileFormatError, ParameterError
from .model import IZHIKEVICH, LIF, THETA
from .parameters import Parameters, multiple_of
from .reservoir import Reservoir, draw_potentials
from .result import Recorded, Result, load
from .teachers import Teacher

__all__ = ["TASKS", "Task", "get", "replay"]


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
        return dataclasses.replace(reservoir, input_weights=weights)

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

    def pieces(
        self,
        seed: int = 1,
        *,
        piece: Quantity = 10 * second,
        folder: str | os.PathLike | None = None,
        **options: Any,
    ) -> Iterator[Result]:
        """Run the task piece by piece, each of which goes on where the one before ended.

        A long run need not be kept whole: measure each piece, and let it go. (The 500 lines of input of
        ``izhikevich/songbird`` alone take 10 GB for its 100 s.) What was stopped goes on exactly.

        Parameters
        ----------
        seed : int, default 1
            Seed of the network.
        piece : Quantity in seconds, default 10 s
            Length of a piece; the last is as long as what remains.
        folder : path-like, optional
            Where to keep the last piece, ``last.npz``, with what training needs to go on; then it begins
            after that, if it is there. What is learned so far is in ``trained.npz``, for :func:`replay`.
        **options
            `engine`, `progress`, `record_decoders`, `record_potentials`, as of
            :func:`forcelib.experiment.run`.

        Yields
        ------
        Result
            Each on the time axis of the whole run.

        Raises
        ------
        ParameterError
            If an argument is outside its limits, or the folder holds another run.

        Examples
        --------
        >>> from dataclasses import replace
        >>> from brian2 import ms
        >>> from forcelib import tasks
        >>> task = tasks.get("izhikevich/sine")
        >>> short = replace(task, parameters=task.parameters.replace(N=50, duration=50 * ms))
        >>> [round(piece.end, 3) for piece in short.pieces(piece=20 * ms)]
        [0.02, 0.04, 0.05]
        """
        p, teacher = self.parameters, self._teacher()
        once = multiple_of("piece", positive("piece", piece, second, "10*second") * second, p.dt)
        kept = None if folder is None else Path(folder)
        last = None
        if kept is not None:
            kept.mkdir(parents=True, exist_ok=True)
            if (kept / "last.npz").exists():
                last = load(kept / "last.npz")
                self._check_same(last, check_seed(seed))
        done = 0 if last is None else round(last.end / float(p.dt))
        while done < p.steps:
            length = min(once, p.steps - done) * p.dt
            now = p.replace(duration=length)
            if last is None:
                last = self.run(seed, parameters=now, **options)
            else:
                train = len(now.rls_steps(last.end, seed)) > 0
                more = {"teacher": teacher, "input": self.input, "parameters": now, **options}
                last = last.continued(length, train=train, **more)
            done += last.steps
            if kept is not None:
                last.save(kept / "last.npz", P=last.end < float(p.rls_stop))
                self.keep(last, kept / "trained.npz")
            yield last

    def _check_same(self, last: Result, seed: int) -> None:
        """Raise unless a piece is one of this run."""
        if last.seed != seed:
            raise ParameterError(f"folder: its run has the seed = {last.seed}, not {seed}")
        if last.teacher != self._teacher().name:
            raise ParameterError(f"folder: its run has the teacher {last.teacher!r}, not that of {self.name}")
        if last.parameters.replace(duration=self.parameters.duration) != self.parameters:
            raise ParameterError(f"folder: its run has other parameters than {self.name}")

    def keep(self, result: Result, path: str | os.PathLike) -> None:
        """Save what it takes to draw a trained network again: seed, decoder, and parameters.

        Parameters
        ----------
        result : Result
            Of this task, by its own seed.
        path : path-like
            The ``.npz`` file: 200 kB for five outputs of 5000 neurons.

        Raises
        ------
        OSError
            If it cannot be written.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> from brian2 import ms
        >>> from forcelib import tasks
        >>> task = tasks.get("izhikevich/sine")
        >>> result = task.run(seed=1, parameters=task.parameters.replace(N=50, duration=20 * ms))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     task.keep(result, pathlib.Path(folder, "trained.npz"))
        ...     tasks.replay(pathlib.Path(folder, "trained.npz"), 10 * ms, seed=2).steps
        250
        """
        about = {"task": self.name, "seed": result.seed, "parameters": result.parameters.to_dict()}
        with atomic_write(Path(path)) as draft:
            np.savez_compressed(draft, trained=np.array(json.dumps(about)), decoder=result.decoder)

    def replay(self, path: str | os.PathLike, duration: Quantity, *, seed: int, **options: Any) -> Result:
        """Let a trained network run from a fresh initial state, without training: that of a small file.

        Parameters
        ----------
        path : path-like
            What :meth:`pieces` or :meth:`keep` of this task left.
        duration : Quantity in seconds
            How long.
        seed : int
            Seed of the new initial potentials.
        **options
            As of :meth:`run`. An input may be another than the one of the training.

        Returns
        -------
        Result
            Its time axis begins at 0.

        Raises
        ------
        FileFormatError
            If the file is not such a one.
        OSError
            If it cannot be read.
        ParameterError
            If an argument is outside its limits, or the file is that of another task.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> from brian2 import ms
        >>> from forcelib import tasks
        >>> task = tasks.get("izhikevich/sine")
        >>> result = task.run(seed=1, parameters=task.parameters.replace(N=50, duration=20 * ms))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     task.keep(result, pathlib.Path(folder, "trained.npz"))
        ...     task.replay(pathlib.Path(folder, "trained.npz"), 10 * ms, seed=2).steps
        250
        """
        about, kept = _trained(path)
        if about["task"] != self.name:
            raise ParameterError(
                f"path = {path}: its network was trained on {about['task']}, not {self.name}"
            )
        parameters = Parameters.from_dict(about["parameters"]).replace(duration=duration)
        drawn = self.draw(about["seed"], parameters, options.get("teacher"))
        fresh = draw_potentials(parameters, np.random.RandomState(check_seed(seed)))
        decoder = kept.reshape(drawn.N, -1)
        start = State.initial(dataclasses.replace(drawn, potentials=fresh), decoder, parameters.neuron)
        return self.run(seed, parameters=parameters, reservoir=drawn, state=start, train=False, **options)

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
    rows: list[tuple] = []
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


def replay(path: str | os.PathLike, duration: Quantity, *, seed: int, **options: Any) -> Result:
    """Let a trained network of one of the 44 programs run, by :meth:`Task.replay` of the one its file names.

    Parameters
    ----------
    path, duration, seed, **options
        As of :meth:`Task.replay`.

    Returns
    -------
    Result

    Raises
    ------
    FileFormatError, OSError, ParameterError
        As of :meth:`Task.replay`; also if the file's task is none of the 44.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from brian2 import ms
    >>> from forcelib import tasks
    >>> task = tasks.get("izhikevich/sine")
    >>> result = task.run(seed=1, parameters=task.parameters.replace(N=50, duration=20 * ms))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     task.keep(result, pathlib.Path(folder, "trained.npz"))
    ...     tasks.replay(pathlib.Path(folder, "trained.npz"), 10 * ms, seed=2).steps
    250
    """
    return get(_trained(path)[0]["task"]).replay(path, duration, seed=seed, **options)


def _trained(path: str | os.PathLike) -> tuple[dict[str, Any], np.ndarray]:
    """Read what :meth:`Task.keep` saved: what it says of the run, and the decoder."""
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
        except Exception as error:  # a damaged file makes zipfile and NumPy raise almost anything
            raise FileFormatError(f"{path} is not a readable .npz file: {error}") from None
    if set(arrays) != {"trained", "decoder"}:
        raise FileFormatError(f"{path} is not a trained network that a task has left")
    return json.loads(str(arrays["trained"])), arrays["decoder"]


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
