"""The experiment: free run, training, run on alone; its result, saved, loaded, continued (chapter 5)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import Hz, Quantity, second
from scipy import sparse

from . import engines, measures, synaptic_filter, teachers
from ._checks import check_seed, has_unit
from ._files import replacing
from ._progress import progress_bar
from .engines import Job, Recording, State
from .errors import DivergenceError, FileFormatError, ParameterError, RunInterrupted
from .parameters import Parameters, multiple_of
from .reservoir import Reservoir, draw_potentials

__all__ = ["Result", "load", "run"]

#: Version of the file format; raised whenever a file of an earlier forcelib would be misread.
FORMAT = 2


@dataclass(frozen=True, eq=False)
class Result:
    """A run: what it was given, what it recorded, and the state it ended in.

    Arrays of one output drop the axis of outputs: `readout` is then of shape (steps,).

    Attributes
    ----------
    parameters : Parameters
    seed : int or None
        The seed given; None if the reservoir was.
    teacher : str
        Name of the teacher.
    frequency : float or None
        Frequency of the teacher in hertz, if it has one.
    engine : {"native", "portable", "brian2"}
    feedback : {"readout", "target"}
        What was fed back.
    start : float
        Time of the first step in seconds; not zero for a continued run.
    seconds : float
        Wall-clock time of the simulation.
    ended : {"finished", "interrupted", "diverged"}
    spike_neuron : ndarray of uint16 or uint32, shape (spikes,)
        Neuron of every spike, in order of time.
    spike_step : ndarray of uint32, shape (spikes,)
        Time step of every spike, counted from `start`: t = start + step * dt.
    readout, target : ndarray of float64, shape (steps,) or (steps, outputs)
        Readout and target at the start of each step.
    decoder : ndarray of float64, shape (N,) or (N, outputs)
        Final decoder, in seconds.
    decoder_ids : ndarray of int64, shape (traces,)
        Neurons whose decoders were recorded.
    decoder_trace : ndarray of float64, shape (traces, samples) or (traces, samples, outputs)
        Their decoders at each multiple of the RLS interval, after the update if one was due.
    potential_ids : ndarray of int64, shape (neurons,)
        Neurons whose membrane potentials were recorded.
    potential_trace : ndarray of float64, shape (neurons, steps)
        Their membrane potentials at the start of each step.
    reservoir : Reservoir
    initial : State
        The state at the start of the first step.
    state : State or None
        The state after the last step; None after a divergence to infinite values.

    Examples
    --------
    >>> from brian2 import ms
    >>> import forcelib
    >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
    >>> result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
    >>> result.readout.shape, result.decoder_trace.shape
    ((400,), (10, 8))
    """

    parameters: Parameters
    seed: int | None
    teacher: str
    frequency: float | None
    engine: str
    feedback: str
    start: float
    seconds: float
    ended: str
    spike_neuron: np.ndarray
    spike_step: np.ndarray
    readout: np.ndarray
    target: np.ndarray
    decoder: np.ndarray
    decoder_ids: np.ndarray
    decoder_trace: np.ndarray
    potential_ids: np.ndarray
    potential_trace: np.ndarray
    reservoir: Reservoir
    initial: State
    state: State | None

    @property
    def steps(self) -> int:
        """int: Number of time steps done."""
        return len(self.readout)

    @property
    def t(self) -> np.ndarray:
        """Ndarray of float64, shape (steps,): Time of each step in seconds."""
        return self.start + np.arange(self.steps) * float(self.parameters.dt)

    @property
    def decoder_t(self) -> np.ndarray:
        """Ndarray of float64, shape (samples,): Time of each sample of `decoder_trace` in seconds."""
        every = float(self.parameters.rls_interval)
        return self.start + np.arange(self.decoder_trace.shape[1]) * every

    @property
    def spike_t(self) -> np.ndarray:
        """Ndarray of float64, shape (spikes,): Time of every spike in seconds."""
        return self.start + self.spike_step * float(self.parameters.dt)

    def rms_error(self, start: Quantity | None = None, stop: Quantity | None = None) -> float:
        """RMS error of the readout against the clock over a span of time.

        Parameters
        ----------
        start, stop : Quantity in seconds, optional
            The span, on the time axis of the run; all of it by default.

        Returns
        -------
        float

        Raises
        ------
        ParameterError
            If the span holds no step.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=50, duration=200 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
        >>> round(result.rms_error(), 4)  # of a sine, by a readout of zero
        0.7071
        """
        part = self._window(start, stop)
        return measures.rms_error(self.readout[part], self.target[part])

    def oscillation(
        self, start: Quantity | None = None, stop: Quantity | None = None
    ) -> measures.Oscillation:
        """Amplitude, phase and frequency of the readout over a span of time.

        Parameters
        ----------
        start, stop : Quantity in seconds, optional
            The span; all of the run by default.

        Returns
        -------
        forcelib.measures.Oscillation

        Raises
        ------
        ParameterError
            If the teacher has no frequency, there are several outputs, or the span is too short.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=500 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
        >>> float(result.oscillation(100 * ms).amplitude.max())  # untrained: a readout of zero
        0.0
        """
        part = self._window(start, stop)
        return measures.demodulate(
            self.readout[part], self.parameters.dt, self._frequency() * Hz, self.t[part][0] * second
        )

    def phase_aligned_error(self, start: Quantity | None = None, stop: Quantity | None = None) -> float:
        """RMS error of the readout over a span of time, its slow drift of phase taken out.

        Parameters
        ----------
        start, stop : Quantity in seconds, optional
            The span; all of the run by default.

        Returns
        -------
        float

        Raises
        ------
        ParameterError
            If the teacher has no frequency, there are several outputs, or the span is too short.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=500 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
        >>> round(result.phase_aligned_error(), 2)  # untrained: as large as the sine itself
        0.71
        """
        part = self._window(start, stop)
        return measures.phase_aligned_error(
            self.readout[part],
            self.target[part],
            self.parameters.dt,
            self._frequency() * Hz,
            self.t[part][0] * second,
        )

    def mean_rate(self, start: Quantity | None = None, stop: Quantity | None = None) -> Quantity:
        """Mean firing rate per neuron over a span of time.

        Parameters
        ----------
        start, stop : Quantity in seconds, optional
            The span; all of the run by default.

        Returns
        -------
        Quantity in hertz

        Raises
        ------
        ParameterError
            If the span holds no step.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
        >>> forcelib.run(seed=1, parameters=parameters, engine="brian2").mean_rate()
        37. * hertz
        """
        part = self._window(start, stop)
        dt = self.parameters.dt
        return measures.mean_rate(self.spike_step, self.parameters.N, dt, part.start * dt, part.stop * dt)

    def firing_rates(self, start: Quantity | None = None, stop: Quantity | None = None) -> Quantity:
        """Firing rate of each neuron over a span of time.

        Parameters
        ----------
        start, stop : Quantity in seconds, optional
            The span; all of the run by default.

        Returns
        -------
        Quantity in hertz, shape (N,)

        Raises
        ------
        ParameterError
            If the span holds no step.

        References
        ----------
        Used from chapter 3 on.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
        >>> bool(result.firing_rates().mean() == result.mean_rate())
        True
        """
        part = self._window(start, stop)
        dt, N = self.parameters.dt, self.parameters.N
        return measures.firing_rates(
            self.spike_neuron, self.spike_step, N, dt, part.start * dt, part.stop * dt
        )

    def interval_cv(
        self, start: Quantity | None = None, stop: Quantity | None = None, least: int = 5
    ) -> np.ndarray:
        """Coefficient of variation of each neuron's intervals between spikes over a span of time.

        Parameters
        ----------
        start, stop : Quantity in seconds, optional
            The span; all of the run by default.
        least : int, default 5
            How many intervals a neuron must have.

        Returns
        -------
        ndarray of float64, shape (N,)
            NaN for neurons with fewer intervals.

        Raises
        ------
        ParameterError
            If the span holds no step.

        References
        ----------
        Used from chapter 3 on.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=200 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
        >>> result.interval_cv().shape
        (100,)
        """
        part = self._window(start, stop)
        inside = (self.spike_step >= part.start) & (self.spike_step < part.stop)
        return measures.interval_cv(
            self.spike_neuron[inside], self.spike_step[inside], self.parameters.N, least
        )

    def filtered_rates(
        self, every: Quantity | None = None, start: Quantity | None = None, stop: Quantity | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Filtered rate r of each neuron, sampled; computed from the spikes.

        Parameters
        ----------
        every : Quantity in seconds, optional
            Time between samples, which are counted from the start of the run; the RLS interval by default.
        start, stop : Quantity in seconds, optional
            The span; all of the run by default.

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
        The filter of chapter 2; used from chapter 4 on.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
        >>> t, r = result.filtered_rates(start=10 * ms)
        >>> t, r.shape
        (array([0.01  , 0.0125, 0.015 , 0.0175]), (4, 100))
        """
        p = self.parameters
        if every is not None and not has_unit(every, second):
            raise ParameterError(f"every = {every!r} must be a time, for example 2.5*ms")
        steps = p.in_steps("rls_interval") if every is None else multiple_of("every", every, p.dt)
        part = self._window(start, stop)
        wanted = np.arange(-(-part.start // steps) * steps, part.stop, steps)
        if not len(wanted):
            raise ParameterError(f"every = {every}: no sample lies between {start} and {stop}")
        samples = synaptic_filter.filter_network(
            self.spike_neuron,
            self.spike_step,
            part.stop,
            steps,
            synaptic_filter.propagator(p.tau_r, p.tau_d, p.dt),
            1 / float(p.tau_r * p.tau_d),
            self.initial.r,
            self.initial.h_r,
        )
        r = np.empty((len(wanted), p.N))
        first = wanted[0] // steps
        for sample, rates in enumerate(samples):
            if sample >= first:
                r[sample - first] = rates
        return self.t[wanted], r

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
            `teacher`, `parameters`, `feedback`, `engine`, `progress`, `record_decoders`,
            `record_potentials`, as of :func:`run`. The parameters are those of this run by default, and their
            duration does not count. Without a teacher the target is zero.

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
        >>> result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
        >>> round(float(result.continued(10 * ms, engine="brian2").t[0]), 6)
        0.02
        >>> result.continued(10 * ms, silenced=range(50), kick=5.0, engine="brian2").reservoir.weights.nnz
        478
        """
        if self.state is None:
            raise ParameterError(f"state: a run that {self.ended} has no final state to continue from")
        if train and self.state.P is None and np.any(self.state.decoder):
            raise ParameterError(
                "P: the matrix of the training so far is not here (save(path, P=True) keeps it); "
                "forcelib.run(state=result.state, ...) trains with a new one"
            )
        end = self.start + self.steps * float(self.parameters.dt)
        state, reservoir = self.state, self.reservoir
        if silenced is not None:
            mute = _neurons("silenced", list(silenced), reservoir.N)
            decoder = state.decoder.copy()
            decoder[mute] = 0
            state, reservoir = replace(state, decoder=decoder), reservoir.silenced(mute)
        push = np.asarray(kick, dtype=float)
        if push.shape not in ((), (reservoir.N,)) or not np.all(np.isfinite(push)):
            raise ParameterError(
                f"kick of shape {push.shape} must be one finite number or {reservoir.N} of them"
            )
        state = replace(state, v=state.v + push)
        return self._again(duration, reservoir, state, self.seed, end, options, train)

    def replayed(self, duration: Quantity, *, seed: int, **options: Any) -> Result:
        """Let the trained network run from a fresh initial state, without training.

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

        Raises
        ------
        ParameterError
            If an argument is outside its limits.

        Examples
        --------
        >>> from brian2 import ms
        >>> import forcelib
        >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
        >>> result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
        >>> result.replayed(10 * ms, seed=2, engine="brian2").steps
        200
        """
        check_seed(seed)
        potentials = draw_potentials(self.parameters, np.random.RandomState(seed))
        fresh = Reservoir(self.reservoir.weights, self.reservoir.encoders, potentials)
        state = State.initial(fresh, self.decoder.reshape(fresh.N, fresh.outputs))
        return self._again(duration, self.reservoir, state, seed, 0.0, options)

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
        >>> result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result.save(pathlib.Path(folder, "run.npz"))
        ...     again = forcelib.load(pathlib.Path(folder, "run.npz"))
        >>> bool((again.readout == result.readout).all())
        True
        """
        path = Path(path)
        facts = {name: getattr(self, name) for name in _FACTS}
        facts |= {"format": FORMAT, "parameters": self.parameters.to_dict()}
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        weights = self.reservoir.weights
        arrays |= {
            "about": np.array(json.dumps(facts)),
            "weights_data": weights.data,
            "weights_indices": weights.indices,
            "weights_indptr": weights.indptr,
            "encoders": self.reservoir.encoders,
            "potentials": self.reservoir.potentials,
        }
        for moment in ("initial", "state"):
            state = getattr(self, moment)
            if state is not None:
                arrays |= {f"{moment}_{name}": getattr(state, name) for name in _STATE}
        if P and self.state is not None and self.state.P is not None:
            arrays["state_P"] = self.state.P
        with replacing(path) as draft:
            np.savez(draft, **arrays)

    def _again(
        self,
        duration: Quantity,
        reservoir: Reservoir,
        state: State,
        seed: int | None,
        start: float,
        options: dict[str, Any],
        train: bool = False,
    ) -> Result:
        known = {
            "teacher",
            "parameters",
            "feedback",
            "engine",
            "progress",
            "record_decoders",
            "record_potentials",
        }
        if set(options) - known:
            raise ParameterError(
                f"{', '.join(sorted(set(options) - known))}: not an option; there are {known}"
            )
        parameters = options.pop("parameters", self.parameters)
        if not isinstance(parameters, Parameters) or parameters.N != self.parameters.N:
            raise ParameterError(
                f"parameters = {parameters!r} must be a forcelib.Parameters of {self.parameters.N} neurons"
            )
        multiple_of("duration", duration, parameters.dt)
        parameters = parameters.replace(duration=duration)
        if train and options.get("teacher") is None:
            raise ParameterError("teacher: training needs one")
        if train and not len(parameters.rls_steps(start)):
            raise ParameterError(
                f"train: no update is due in {duration} from {start:g} s on, as RLS is on from "
                f"{parameters.rls_start} to {parameters.rls_stop}; give other parameters"
            )
        teacher = options.pop("teacher", None)
        if teacher is None:
            teacher = teachers.Teacher(
                "none", lambda t: np.zeros((len(t), self.reservoir.outputs)), self.frequency
            )
        return _run(
            teacher,
            seed,
            parameters,
            reservoir=reservoir,
            state=state,
            train=train,
            start=start,
            **options,
        )

    def _window(self, start: Quantity | None, stop: Quantity | None) -> slice:
        offset = self.start * second
        return measures.window(
            self.steps,
            self.parameters.dt,
            None if start is None else start - offset,
            None if stop is None else stop - offset,
        )

    def _frequency(self) -> float:
        if self.frequency is None:
            raise ParameterError(f"teacher = {self.teacher!r} has no frequency to compare with")
        if self.readout.ndim > 1:
            raise ParameterError(f"outputs = {self.readout.shape[1]}: choose one and use forcelib.measures")
        return self.frequency


_FACTS = ("seed", "teacher", "frequency", "engine", "feedback", "start", "seconds", "ended")
_ARRAYS = (
    "spike_neuron",
    "spike_step",
    "readout",
    "target",
    "decoder",
    "decoder_ids",
    "decoder_trace",
    "potential_ids",
    "potential_trace",
)
_STATE = tuple(spec.name for spec in fields(State) if spec.name != "P")


def run(
    teacher: teachers.Teacher | Callable | np.ndarray | float | None = None,
    *,
    seed: int | None = None,
    parameters: Parameters | None = None,
    reservoir: Reservoir | None = None,
    state: State | None = None,
    train: bool = True,
    feedback: str = "readout",
    engine: str = "auto",
    record_decoders: int | Sequence[int] = 10,
    record_potentials: int | Sequence[int] = 0,
    progress: bool | None = None,
) -> Result:
    """Run the experiment: free, then with RLS on, then off.

    Parameters
    ----------
    teacher : Teacher, callable, array_like or float, optional
        The target: a function of time in seconds, samples of shape (steps,) or (steps, outputs), or a
        constant; see :func:`forcelib.teachers.sample`. The default is a 5 Hz sine.
    seed : int, optional
        Seed in [0, 2**32) of the reservoir; required unless `reservoir` is given.
    parameters : Parameters, optional
        Those of the reference program by default.
    reservoir : Reservoir, optional
        A reservoir of your own instead of a drawn one.
    state : State, optional
        Initial state; by default the reservoir's potentials, filters and decoder at zero. Training begins
        with its matrix P, or with alpha times the identity if it has none.
    train : bool, default True
        Whether RLS is used at all.
    feedback : {"readout", "target"}, default "readout"
        What is fed back: the readout, or the target in its place (teacher forcing). The recorded readout
        is decoder times rates in either case.
    engine : {"auto", "native", "portable", "brian2"}, default "auto"
        See :func:`forcelib.engines.choose`.
    record_decoders, record_potentials : int or sequence of int, default 10 and 0
        How many neurons, or which, to record.
    progress : bool, optional
        Whether to show a progress bar; by default where someone watches.

    Returns
    -------
    Result

    Raises
    ------
    ParameterError
        If an argument is outside its limits; nothing has been started then.
    CompilerError
        If the native kernel was asked for and was not built here.
    DivergenceError
        If the readout grows beyond 100 times the target, or values are no longer finite; its `result`
        holds the run so far.
    RunInterrupted
        At Ctrl-C; its `result` holds the run so far.

    References
    ----------
    Nicola and Clopath, Nat. Commun. 8:2208 (2017), and the Brian2 program by S. Schmitt (2022),
    which a seed reproduces spike for spike; chapter 5.

    Examples
    --------
    >>> from brian2 import ms
    >>> import forcelib
    >>> parameters = forcelib.Parameters(
    ...     N=100, duration=100 * ms, rls_start=50 * ms, rls_stop=80 * ms
    ... )
    >>> result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
    >>> result.ended, len(result.spike_step) > 0
    ('finished', True)
    """
    if parameters is None:
        parameters = Parameters() if reservoir is None else Parameters(N=reservoir.N)
    if not isinstance(parameters, Parameters):
        raise ParameterError(f"parameters = {parameters!r} must be a forcelib.Parameters object")
    if seed is None and reservoir is None:
        raise ParameterError(
            "seed: every run needs one (or a reservoir); for the reference program's it is 1"
        )
    if seed is not None:
        check_seed(seed)
    return _run(
        teachers.sine() if teacher is None else teacher,
        seed,
        parameters,
        reservoir=reservoir,
        state=state,
        train=train,
        feedback=feedback,
        engine=engine,
        record_decoders=record_decoders,
        record_potentials=record_potentials,
        progress=progress,
    )


def _run(
    teacher: teachers.Teacher | Callable | np.ndarray | float,
    seed: int | None,
    parameters: Parameters,
    *,
    reservoir: Reservoir | None,
    state: State | None,
    train: bool,
    feedback: str = "readout",
    engine: str = "auto",
    record_decoders: int | Sequence[int] = 10,
    record_potentials: int | Sequence[int] = 0,
    progress: bool | None = None,
    start: float = 0.0,
) -> Result:
    N = parameters.N
    if feedback not in ("readout", "target"):
        raise ParameterError(f"feedback = {feedback!r} must be 'readout' or 'target'")
    traced = _neurons("record_decoders", record_decoders, N)
    watched = _neurons("record_potentials", record_potentials, N)
    samples = teachers.sample(teacher, parameters.steps, parameters.dt, start=start)
    outputs = samples.shape[1]
    for name, value, kind in (("reservoir", reservoir, Reservoir), ("state", state, State)):
        if value is not None and not isinstance(value, kind):
            raise ParameterError(f"{name} = {value!r} must be a forcelib.{kind.__name__}")
    if reservoir is not None and (reservoir.N, reservoir.outputs) != (N, outputs):
        raise ParameterError(
            f"reservoir: its {reservoir.N} neurons and {reservoir.outputs} outputs must be N = {N} "
            f"and the {outputs} of the teacher"
        )
    if state is not None and state.decoder.shape != (N, outputs):
        raise ParameterError(
            f"state: decoder of shape {state.decoder.shape} must be of shape ({N}, {outputs})"
        )

    due = parameters.rls_steps(start) if train else np.empty(0, dtype=np.int64)
    synapses = parameters.p * N**2 if reservoir is None else reservoir.weights.nnz
    name, simulate = engines.choose(engine, parameters, synapses=synapses, train=len(due) > 0)
    if reservoir is None:
        assert seed is not None  # run() requires one of the two
        reservoir = Reservoir.draw(parameters, seed, outputs)
    if state is None:
        state = State.initial(reservoir)
    job = Job(parameters, reservoir, state, samples, due, traced, watched, forced=feedback == "target")
    begin = time.perf_counter()
    with progress_bar(parameters.steps, f"{N} neurons, {name} engine", progress) as report:
        recording = simulate(job, report)
    result = _result(job, recording, seed, teacher, name, start, time.perf_counter() - begin)
    reached = (
        f"at t = {start + result.steps * float(parameters.dt):g} s; the run so far is in the error's .result"
    )
    if recording.ended == "diverged":
        limit = engines.divergence_limit(samples)
        large = not np.all(np.abs(recording.readout) < limit)
        raise DivergenceError(
            f"{f'the readout exceeded {limit:g}' if large else 'values became NaN or infinite'} {reached}. "
            f"Try a smaller alpha (it is {parameters.alpha:g}) or gain='textbook' "
            f"(it is {parameters.gain!r})",
            result,
        )
    if recording.ended == "interrupted":
        raise RunInterrupted(f"stopped {reached}", result)
    return result


def _result(
    job: Job,
    recording: Recording,
    seed: int | None,
    teacher: object,
    engine: str,
    start: float,
    seconds: float,
) -> Result:
    single = job.reservoir.outputs == 1
    decoder_trace = np.swapaxes(recording.decoders, 0, 1)
    state = recording.state
    decoder = np.full_like(job.state.decoder, np.nan) if state is None else state.decoder
    steps = len(recording.readout)
    small = np.uint16 if job.reservoir.N <= 2**16 else np.uint32
    return Result(
        parameters=job.parameters,
        seed=None if seed is None else int(seed),
        teacher=getattr(teacher, "name", getattr(teacher, "__name__", "samples")),
        frequency=getattr(teacher, "frequency", None),
        engine=engine,
        feedback="target" if job.forced else "readout",
        start=start,
        seconds=seconds,
        ended=recording.ended,
        spike_neuron=recording.spike_neuron.astype(small),
        spike_step=recording.spike_step.astype(np.uint32),
        readout=recording.readout[:, 0].copy() if single else recording.readout,
        target=job.target[:steps, 0].copy() if single else job.target[:steps],
        decoder=decoder[:, 0].copy() if single else decoder,
        decoder_ids=job.record_decoders,
        decoder_trace=np.ascontiguousarray(decoder_trace[..., 0] if single else decoder_trace),
        potential_ids=job.record_potentials,
        potential_trace=np.ascontiguousarray(recording.potentials.T),
        reservoir=job.reservoir,
        initial=job.state,
        state=state,
    )


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
        N = parameters.N
        pieces = tuple(arrays[f"weights_{part}"] for part in ("data", "indices", "indptr"))
        weights = sparse.csr_array(pieces, shape=(N, N))
        reservoir = Reservoir(weights, arrays["encoders"], arrays["potentials"])
        initial = State(**{name: arrays[f"initial_{name}"] for name in _STATE})
        state = None
        if any(f"state_{name}" in arrays for name in _STATE):
            state = State(**{name: arrays[f"state_{name}"] for name in _STATE}, P=arrays.get("state_P"))
        result = Result(
            parameters=parameters,
            **{name: facts[name] for name in _FACTS},
            **{name: arrays[name] for name in _ARRAYS},
            reservoir=reservoir,
            initial=initial,
            state=state,
        )
    except KeyError as error:
        raise FileFormatError(
            f"{path} was not saved by forcelib, or is damaged: {error} is missing"
        ) from None
    except (ParameterError, ValueError, TypeError) as error:
        raise FileFormatError(f"{path} is damaged: {error}") from None
    single = reservoir.outputs == 1
    shapes = {
        "spike_step": result.spike_neuron.shape,
        "readout": (result.steps,) if single else (result.steps, reservoir.outputs),
        "target": result.readout.shape,
        "decoder": (N,) if single else (N, reservoir.outputs),
        "decoder_trace": (
            len(result.decoder_ids),
            -(-result.steps // parameters.in_steps("rls_interval")),
            *result.readout.shape[1:],
        ),
        "potential_trace": (len(result.potential_ids), result.steps),
        "encoders": (N, reservoir.outputs),
        "initial_decoder": (N, reservoir.outputs),
    }
    if state is not None:
        shapes["state_decoder"] = (N, reservoir.outputs)
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise FileFormatError(
                f"{path} is damaged: {name} of shape {arrays[name].shape} must be of shape {shape}"
            )
    return result


def _neurons(name: str, wanted: int | Sequence[int], N: int) -> np.ndarray:
    """Turn a number of neurons, or a list of them, into an array of indices."""
    if isinstance(wanted, (int, np.integer)) and not isinstance(wanted, bool):
        if wanted < 0:
            raise ParameterError(f"{name} = {wanted} must not be negative")
        return np.arange(min(int(wanted), N))
    ids = np.asarray(wanted)
    if ids.ndim != 1 or (ids.size and not np.issubdtype(ids.dtype, np.integer)):
        raise ParameterError(f"{name} = {wanted!r} must be a number of neurons or a list of them")
    if ids.size and (ids.min() < 0 or ids.max() >= N):
        raise ParameterError(
            f"{name}: neuron {ids.max() if ids.max() >= N else ids.min()} must lie in [0, {N})"
        )
    return ids.astype(np.int64)
