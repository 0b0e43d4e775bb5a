"""The result of a run: what it recorded, what can be asked of it, saved, loaded, continued (chapter 5)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import Hz, Quantity, second
from scipy import sparse

from . import measures, synaptic_filter, teachers
from ._checks import check_seed, has_unit, neuron_indices
from ._files import atomic_write
from .engines import State
from .errors import FileFormatError, ParameterError
from .parameters import Parameters, multiple_of
from .reservoir import Reservoir, draw_potentials

__all__ = ["Recorded", "Result", "Span", "load"]

#: Version of the file format; raised whenever a file of an earlier forcelib would be misread.
FORMAT = 2


@dataclass(frozen=True, eq=False)
class Recorded:
    """What a run, or a span of it, recorded, and what can be asked of it: times, errors, rates.

    This is what :class:`Result` and :class:`Span` have in common; it is not made by hand.

    Arrays of one output drop the axis of outputs: `readout` is then of shape (steps,).

    Attributes
    ----------
    parameters : Parameters
    teacher : str
        Name of the teacher.
    frequency : float or None
        Frequency of the teacher in hertz, if it has one.
    start : float
        Time of the first step in seconds; not zero for a continued run and for a span.
    spike_neuron : ndarray of uint16 or uint32, shape (spikes,)
        Neuron of every spike, in order of time.
    spike_step : ndarray of uint32, shape (spikes,)
        Time step of every spike, counted from `start`: t = start + step * dt.
    readout : ndarray of float64, shape (steps,) or (steps, outputs)
        Readout at the start of each step.
    target : ndarray of float64, same shape
        Target at the start of each step.
    input : ndarray of float64, shape (steps,) or (steps, inputs), or None
        Input at the start of each step, if there is one.
    decoder_ids : ndarray of int64, shape (traces,)
        Neurons whose decoders were recorded.
    decoder_trace : ndarray of float64, shape (traces, samples) or (traces, samples, outputs)
        Their decoders at each multiple of the RLS interval, after the update if one was due.
    potential_ids : ndarray of int64, shape (neurons,)
        Neurons whose membrane potentials were recorded.
    potential_trace : ndarray of float64, shape (neurons, steps)
        Their membrane potentials at the start of each step.
    reservoir : Reservoir

    References
    ----------
    The measures are those of :mod:`forcelib.measures`; used from chapter 3 on.

    Examples
    --------
    >>> from brian2 import ms
    >>> import forcelib
    >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
    >>> result = forcelib.run(seed=1, parameters=parameters)
    >>> result.mean_rate(), result.between(10 * ms).mean_rate()
    (37. * hertz, 5. * hertz)
    """

    parameters: Parameters
    teacher: str
    frequency: float | None
    start: float
    spike_neuron: np.ndarray
    spike_step: np.ndarray
    readout: np.ndarray
    target: np.ndarray
    input: np.ndarray | None
    decoder_ids: np.ndarray
    decoder_trace: np.ndarray
    potential_ids: np.ndarray
    potential_trace: np.ndarray
    reservoir: Reservoir

    @property
    def _place(self) -> tuple[Result, int]:
        """The run, and its step at which this begins."""
        raise NotImplementedError

    @property
    def steps(self) -> int:
        """int: Number of time steps."""
        return len(self.readout)

    @property
    def t(self) -> np.ndarray:
        """Ndarray of float64, shape (steps,): Time of each step in seconds."""
        return self._times(np.arange(self.steps))

    @property
    def end(self) -> float:
        """float: Time after the last step in seconds."""
        return float(self._times(self.steps))

    @property
    def spike_t(self) -> np.ndarray:
        """Ndarray of float64, shape (spikes,): Time of every spike in seconds."""
        return self._times(self.spike_step.astype(np.int64))

    @property
    def decoder_t(self) -> np.ndarray:
        """Ndarray of float64, shape (samples,): Time of each sample of `decoder_trace` in seconds."""
        run, first = self._place
        samples = -(-first // run.parameters.in_steps("rls_interval")) + np.arange(
            self.decoder_trace.shape[1]
        )
        return run.start + samples * float(run.parameters.rls_interval)

    def _times(self, step: Any) -> Any:
        """Return the times of steps, exactly those of the run."""
        run, first = self._place
        return run.start + (step + first) * float(run.parameters.dt)

    def between(self, start: Quantity | None = None, stop: Quantity | None = None) -> Span:
        """Return a span of the run, of which the same can be asked.

        Parameters
        ----------
        start, stop : Quantity in seconds, optional
            The steps with start <= t < stop are taken, on the time axis of the run, which a span keeps. By
            default, and where a bound lies outside, the span begins or ends where the run does.

        Returns
        -------
        Span

        Raises
        ------
        ParameterError
            If a bound is not a time, or no step lies in the span.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters)
        >>> last = result.between(15 * ms)
        >>> last.steps, round(float(last.t[0]), 6)
        (100, 0.015)
        """
        p, (run, first) = self.parameters, self._place
        begin = self._times(0) * second
        bounds = (bound - begin if has_unit(bound, second) else bound for bound in (start, stop))
        part = measures.window(self.steps, p.dt, *bounds)
        first, stop_step = first + part.start, first + part.stop
        spikes = slice(*np.searchsorted(run.spike_step, (first, stop_step)))
        samples = slice(*(-(-step // p.in_steps("rls_interval")) for step in (first, stop_step)))
        cut = {
            "start": float(self._times(part.start)),
            "spike_neuron": run.spike_neuron[spikes],
            "spike_step": run.spike_step[spikes] - np.uint32(first),
            "readout": self.readout[part],
            "target": self.target[part],
            "input": None if self.input is None else self.input[part],
            "decoder_trace": run.decoder_trace[:, samples],
            "potential_trace": self.potential_trace[:, part],
        }
        whole = {spec.name: getattr(run, spec.name) for spec in fields(Recorded)}
        return Span(**whole | cut, run=run, first=first)

    def rms_error(self) -> float:
        """RMS error of the readout against the clock.

        Returns
        -------
        float

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=50, duration=200 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters)
        >>> round(result.rms_error(), 4)  # of a sine, by a readout of zero
        0.7071
        """
        return measures.rms_error(self.readout, self.target)

    def oscillation(self) -> measures.Oscillation:
        """Amplitude, phase and frequency of the readout.

        Returns
        -------
        forcelib.measures.Oscillation

        Raises
        ------
        ParameterError
            If the teacher has no frequency, there are several outputs, or there are less than two periods.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=500 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters)
        >>> float(result.between(100 * ms).oscillation().amplitude.max())  # untrained: a readout of zero
        0.0
        """
        return measures.demodulate(self.readout, *self._clock())

    def phase_aligned_error(self) -> float:
        """RMS error of the readout, its slow drift of phase taken out.

        Returns
        -------
        float

        Raises
        ------
        ParameterError
            If the teacher has no frequency, there are several outputs, there are less than two periods, or
            the target has no component of that frequency.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=500 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters)
        >>> round(result.phase_aligned_error(), 2)  # untrained: as large as the sine itself
        0.71
        """
        return measures.phase_aligned_error(self.readout, self.target, *self._clock())

    def _clock(self) -> tuple[Quantity, Quantity, Quantity]:
        """Return time step, frequency of the teacher, and time of the first step."""
        if self.frequency is None:
            raise ParameterError(f"teacher = {self.teacher!r} has no frequency to compare with")
        if self.readout.ndim > 1:
            raise ParameterError(f"outputs = {self.readout.shape[1]}: choose one and use forcelib.measures")
        return self.parameters.dt, self.frequency * Hz, self._times(0) * second

    def mean_rate(self) -> Quantity:
        """Mean firing rate per neuron.

        Returns
        -------
        Quantity in hertz

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
        >>> forcelib.run(seed=1, parameters=parameters).mean_rate()
        37. * hertz
        """
        return len(self.spike_step) / self.parameters.N / (self.steps * self.parameters.dt)

    def firing_rates(self) -> Quantity:
        """Firing rate of each neuron.

        Returns
        -------
        Quantity in hertz, shape (N,)

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters)
        >>> bool(result.firing_rates().mean() == result.mean_rate())
        True
        """
        counts = np.bincount(self.spike_neuron, minlength=self.parameters.N)
        return counts / (self.steps * self.parameters.dt)

    def interval_cv(self, least: int = 5) -> np.ndarray:
        """Coefficient of variation of each neuron's intervals between spikes.

        Parameters
        ----------
        least : int, default 5
            How many intervals a neuron must have.

        Returns
        -------
        ndarray of float64, shape (N,)
            NaN for neurons with fewer intervals.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=200 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters)
        >>> result.interval_cv().shape
        (100,)
        """
        return measures.interval_cv(self.spike_neuron, self.spike_step, self.parameters.N, least)

    def filtered_rates(self, every: Quantity | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Filtered rate r of each neuron, sampled; computed from the spikes.

        Parameters
        ----------
        every : Quantity in seconds, optional
            Time between samples, which are counted from the start of the run; the RLS interval by default.

        Returns
        -------
        t : ndarray of float64, shape (samples,)
            Times in seconds.
        r : ndarray of float64, shape (samples, N)
            Filtered rates in hertz, up to rounding those that the network had at the start of these steps.

        Raises
        ------
        ParameterError
            If `every` is not a time and a multiple of dt, or no sample lies in the span.

        References
        ----------
        The filter of chapter 2; used from chapter 3 on. It does not begin anew in a span: spikes before it
        count too.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters)
        >>> t, r = result.between(10 * ms).filtered_rates()
        >>> t, r.shape
        (array([0.01  , 0.0125, 0.015 , 0.0175]), (4, 100))
        """
        p, (run, begin) = self.parameters, self._place
        if every is not None and not has_unit(every, second):
            raise ParameterError(f"every = {every!r} must be a time, for example 2.5*ms")
        interval = p.in_steps("rls_interval") if every is None else multiple_of("every", every, p.dt)
        first, stop = -(-begin // interval), begin + self.steps
        wanted = np.arange(first * interval, stop, interval)
        if not len(wanted):
            raise ParameterError(
                f"every = {every}: no sample lies between {self.t[0]:g} s and {self.end:g} s"
            )
        propagator = synaptic_filter.propagator(p.tau_r, p.tau_d, p.dt)
        kick = 1 / float(p.tau_r * p.tau_d)
        samples = synaptic_filter.filter_network(
            run.spike_neuron, run.spike_step, stop, interval, propagator, kick, run.initial.r, run.initial.h_r
        )
        r = np.empty((len(wanted), p.N))
        for sample, rates in enumerate(samples):
            if sample >= first:
                r[sample - first] = rates
        return run.start + wanted * float(p.dt), r


@dataclass(frozen=True, eq=False)
class Span(Recorded):
    """A span of a run, made by :meth:`Recorded.between`: what was recorded, cut to it.

    It has all of :class:`Recorded`. Steps of spikes count from its own start; `parameters` are those of the
    whole run. It cannot be saved or continued; its `run` can.

    Attributes
    ----------
    run : Result
        The run.
    first : int
        Its step at which the span begins.
    """

    run: Result
    first: int

    @property
    def _place(self) -> tuple[Result, int]:
        return self.run, self.first


@dataclass(frozen=True, eq=False)
class Result(Recorded):
    """A run: what it was given, what it recorded, and the state it ended in.

    It has all of :class:`Recorded` too.

    Attributes
    ----------
    seed : int or None
        The seed given; None if the reservoir was.
    engine : {"native", "portable", "brian2", "rate"}
    feedback : {"readout", "target"}
        What was fed back.
    seconds : float
        Wall-clock time of the simulation.
    ended : {"finished", "interrupted", "diverged"}
    decoder : ndarray of float64, shape (N,) or (N, outputs)
        Final decoder, in seconds.
    initial : State
        The state at the start of the first step.
    state : State or None
        The state after the last step; None after a divergence to infinite values.

    Examples
    --------
    >>> from brian2 import ms
    >>> import forcelib
    >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
    >>> result = forcelib.run(seed=1, parameters=parameters)
    >>> result.readout.shape, result.decoder_trace.shape
    ((400,), (10, 8))
    """

    seed: int | None
    engine: str
    feedback: str
    seconds: float
    ended: str
    decoder: np.ndarray
    initial: State
    state: State | None

    @property
    def _place(self) -> tuple[Result, int]:
        return self, 0

    def continued(
        self,
        duration: Quantity,
        *,
        train: bool = False,
        silenced: Sequence[int] | None = None,
        kick: np.ndarray | float = 0.0,
        **options: Any,
    ) -> Result:
        """Let the network run on from its final state.

        Parameters
        ----------
        duration : Quantity in seconds
            How long.
        train : bool, default False
            Whether to train on, with the matrix P as it was. RLS is due at the times of `parameters`, on the
            time axis of the run, which goes on.
        silenced : sequence of int, optional
            Neurons that nobody hears from now on: their outgoing weights and decoders become zero.
        kick : float or ndarray, shape (N,), default 0
            Added to the membrane potentials at the start.
        **options
            `teacher`, `input`, `parameters`, `feedback`, `engine`, `progress`, `record_decoders`,
            `record_potentials`, as of :func:`~forcelib.experiment.run`. The parameters are those of this run
            by default, and their duration does not count. Without a teacher the target is zero, and
            :meth:`Recorded.oscillation` looks near the frequency of this run. Without an input there is none.

        Returns
        -------
        Result
            Its time axis begins where this run ended.

        Raises
        ------
        ParameterError
            If the duration is not a positive multiple of dt, the run has no final state, there are no such
            neurons to silence or kick, or training cannot go on: no teacher, no update due, or no P.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters)
        >>> round(float(result.continued(10 * ms).t[0]), 6)
        0.02
        >>> result.continued(10 * ms, silenced=range(50), kick=5.0).reservoir.weights.nnz
        478
        """
        state, reservoir = self.state, self.reservoir
        if state is None:
            raise ParameterError(f"state: a run that {self.ended} has no final state to continue from")
        if train and state.P is None and np.any(state.decoder):
            raise ParameterError(
                "P: the matrix of the training so far is not here (save(path, P=True) keeps it); "
                "forcelib.run(state=result.state, ...) trains with a new one"
            )
        if train and options.get("teacher") is None:
            raise ParameterError("teacher: training needs one")
        if silenced is not None:
            mute = neuron_indices("silenced", list(silenced), reservoir.N)
            decoder = state.decoder.copy()
            decoder[mute] = 0
            state, reservoir = replace(state, decoder=decoder), reservoir.silenced(mute)
        push = np.asarray(kick, dtype=float)
        if push.shape not in ((), (reservoir.N,)) or not np.all(np.isfinite(push)):
            raise ParameterError(
                f"kick of shape {push.shape} must be one finite number or {reservoir.N} of them"
            )
        return self._again(
            duration,
            options,
            seed=self.seed,
            reservoir=reservoir,
            state=replace(state, v=state.v + push),
            start=self.end,
            train=train,
        )

    def replayed(self, duration: Quantity, *, seed: int, **options: Any) -> Result:
        """Let the trained network run from a fresh initial state, without training.

        With ``engine="rate"`` the decoder runs in the rate twin of the network, and with another engine that
        of a rate twin among spikes.

        Parameters
        ----------
        duration : Quantity in seconds
            How long.
        seed : int
            Seed of the new initial membrane potentials.
        **options
            As of :meth:`continued`.

        Returns
        -------
        Result
            Its time axis begins at 0.

        Raises
        ------
        ParameterError
            If an argument is outside its limits.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters)
        >>> result.replayed(10 * ms, seed=2).steps
        200
        """
        potentials = draw_potentials(self.parameters, np.random.RandomState(check_seed(seed)))
        fresh = replace(self.reservoir, potentials=potentials)
        decoder = self.decoder.reshape(fresh.N, fresh.outputs)
        state = State.initial(fresh, decoder, self.parameters.neuron)
        return self._again(duration, options, seed=seed, reservoir=self.reservoir, state=state)

    def _again(
        self,
        duration: Quantity,
        options: dict[str, Any],
        start: float = 0.0,
        train: bool = False,
        **fixed: Any,
    ) -> Result:
        """Run this network again: its parameters, and towards zero, unless the options say more."""
        from .experiment import run

        if decided := sorted({"start", "train", *fixed} & set(options)):
            raise ParameterError(f"{', '.join(decided)}: not an option here, as the run before decides it")
        parameters = options.pop("parameters", self.parameters)
        if not isinstance(parameters, Parameters) or parameters.N != self.parameters.N:
            raise ParameterError(
                f"parameters = {parameters!r} must be a forcelib.Parameters of {self.parameters.N} neurons"
            )
        neuron = self.parameters.neuron
        if not parameters.neuron.same_equations(neuron):
            raise ParameterError(
                f"parameters: the {parameters.neuron} neuron cannot go on where the {neuron} neuron was"
            )
        parameters = parameters.replace(duration=duration)
        if train and not len(parameters.rls_steps(start, self.seed)):
            raise ParameterError(
                f"train: no update is due in {duration} from {start:g} s on, as RLS is on from "
                f"{parameters.rls_start} to {parameters.rls_stop}; give other parameters"
            )
        teacher = options.pop("teacher", None)
        if teacher is None:
            shape = (parameters.steps, self.reservoir.outputs)
            teacher = teachers.Teacher("none", lambda t: np.zeros(shape), self.frequency)
        if self.engine == "rate":
            options.setdefault("engine", "rate")
        return run(teacher, parameters=parameters, start=start * second, train=train, **fixed, **options)

    def save(self, path: str | os.PathLike, *, P: bool = False) -> None:
        """Save the run, with all that is needed to continue or replay it, to one ``.npz`` file.

        Parameters
        ----------
        path : path-like
            The file; it appears when it is complete.
        P : bool, default False
            Whether to save the matrix P too, with which training can be continued: 32 MB for N = 2000.

        Raises
        ------
        OSError
            If it cannot be written.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result.save(pathlib.Path(folder, "run.npz"))
        ...     again = forcelib.load(pathlib.Path(folder, "run.npz"))
        >>> bool((again.readout == result.readout).all())
        True
        """
        facts = {name: getattr(self, name) for name in _FACTS}
        facts |= {"format": FORMAT, "parameters": self.parameters.to_dict()}
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        arrays |= {f"weights_{part}": getattr(self.reservoir.weights, part) for part in _WEIGHTS}
        arrays |= {"about": np.array(json.dumps(facts))}
        arrays |= {"encoders": self.reservoir.encoders, "potentials": self.reservoir.potentials}
        if self.reservoir.inputs:
            arrays["input_weights"] = self.reservoir.input_weights
        if self.input is not None:
            arrays["input"] = self.input
        for moment, state in (("initial", self.initial), ("state", self.state)):
            if state is not None:
                arrays |= {f"{moment}_{name}": getattr(state, name) for name in _STATE}
                further = zip(self.parameters.neuron.state[1:], state.further, strict=True)
                arrays |= {f"{moment}_{name}": values for name, values in further}
        if P and self.state is not None and self.state.P is not None:
            arrays["state_P"] = self.state.P
        with atomic_write(Path(path)) as draft:
            np.savez(draft, **arrays)


_ARRAYS = tuple(spec.name for spec in fields(Result) if spec.type == "np.ndarray")
_FACTS = tuple(
    spec.name for spec in fields(Result) if str(spec.type).split(" ")[0] in ("int", "str", "float")
)
_STATE = tuple(spec.name for spec in fields(State) if spec.name not in ("P", "further"))
_WEIGHTS = ("data", "indices", "indptr")


def load(path: str | os.PathLike) -> Result:
    """Load a run that :meth:`Result.save` saved.

    Parameters
    ----------
    path : path-like
        The ``.npz`` file.

    Returns
    -------
    Result

    Raises
    ------
    FileFormatError
        If the file is not one of forcelib's, is damaged, or is of another version.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> import forcelib
    >>> forcelib.load("chapter.ipynb")
    Traceback (most recent call last):
    ...
    FileNotFoundError: [Errno 2] No such file or directory: 'chapter.ipynb'
    """
    path = Path(path)
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
        except Exception as error:  # a damaged file makes zipfile and NumPy raise almost anything
            raise FileFormatError(f"{path} is not a readable .npz file: {error}") from None
    try:
        facts = json.loads(str(arrays["about"]))
        if facts["format"] != FORMAT:
            raise FileFormatError(f"{path} has file format {facts['format']}; this forcelib reads {FORMAT}")
        parameters = Parameters.from_dict(facts["parameters"])
        weights = tuple(arrays[f"weights_{part}"] for part in _WEIGHTS)
        reservoir = Reservoir(
            sparse.csr_array(weights, shape=(parameters.N, parameters.N)),
            arrays["encoders"],
            arrays["potentials"],
            arrays.get("input_weights", np.zeros((parameters.N, 0))),
        )

        def stored(moment: str) -> State:
            further = [arrays[f"{moment}_{name}"] for name in parameters.neuron.state[1:]]
            own = {name: arrays[f"{moment}_{name}"] for name in _STATE}
            return State(**own, P=arrays.get(f"{moment}_P"), further=np.reshape(further, (-1, parameters.N)))

        ended = any(f"state_{name}" in arrays for name in _STATE)
        result = Result(
            parameters=parameters,
            **{name: facts[name] for name in _FACTS},
            **{name: arrays[name] for name in _ARRAYS},
            input=arrays.get("input"),
            reservoir=reservoir,
            initial=stored("initial"),
            state=stored("state") if ended else None,
        )
        _check_shapes(result, arrays)
    except FileFormatError:
        raise
    except KeyError as error:
        raise FileFormatError(
            f"{path} was not saved by forcelib, or is damaged: {error} is missing"
        ) from None
    except (ParameterError, ValueError, TypeError) as error:
        raise FileFormatError(f"{path} is damaged: {error}") from None
    return result


def _check_shapes(result: Result, arrays: dict[str, np.ndarray]) -> None:
    """Raise unless what a file holds fits together."""
    N, outputs = result.parameters.N, result.reservoir.outputs
    axis = () if outputs == 1 else (outputs,)
    samples = -(-result.steps // result.parameters.in_steps("rls_interval"))
    shapes = {
        "spike_step": result.spike_neuron.shape,
        "readout": (result.steps, *axis),
        "target": (result.steps, *axis),
        "decoder": (N, *axis),
        "decoder_trace": (len(result.decoder_ids), samples, *axis),
        "potential_trace": (len(result.potential_ids), result.steps),
        "encoders": (N, outputs),
        "input": (result.steps, *((result.reservoir.inputs,) if result.reservoir.inputs != 1 else ())),
        "initial_decoder": (N, outputs),
        "state_decoder": (N, outputs),
    }
    for name, shape in shapes.items():
        if name in arrays and arrays[name].shape != shape:
            raise ValueError(f"{name} of shape {arrays[name].shape} must be of shape {shape}")
