"""The experiment: free run, training, run on alone (chapter 5)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from brian2 import Quantity, second

from . import engines, teachers
from ._checks import check_seed, finite_number, has_unit, neuron_indices
from ._progress import progress_bar
from .engines import Job, State
from .errors import DivergenceError, ParameterError, RunInterrupted
from .parameters import Parameters
from .reservoir import Reservoir
from .result import Result

__all__ = ["run"]


def run(
    teacher: teachers.Teacher | Callable | np.ndarray | float | None = None,
    *,
    input: teachers.Teacher | Callable | np.ndarray | float | None = None,
    seed: int | None = None,
    parameters: Parameters | None = None,
    reservoir: Reservoir | None = None,
    state: State | None = None,
    train: bool = True,
    feedback: str = "readout",
    engine: str = "auto",
    record_decoders: int | Sequence[int] = 10,
    record_potentials: int | Sequence[int] = 0,
    progress: bool | Callable[[int, int], None] | None = None,
    start: Quantity | None = None,
) -> Result:
    """Run the experiment: free, then with RLS on, then off.

    Parameters
    ----------
    teacher : Teacher, callable, array_like or float, optional
        The target: a function of time in seconds, samples of shape (steps,) or (steps, outputs), or a
        constant; see :func:`forcelib.teachers.sample`. The default is a 5 Hz sine.
    input : Teacher, callable, array_like or float, optional
        A signal of one dimension or more that enters through the reservoir's input weights, given as a target
        is. None by default.
    seed : int, optional
        Seed in [0, 2**32) of the reservoir, and of noise and random updates; required unless `reservoir` is
        given and there are none of these.
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
    engine : {"auto", "native", "portable", "brian2", "rate"}, default "auto"
        See :func:`forcelib.engines.choose`. The last is a network of rates in place of spikes.
    record_decoders, record_potentials : int or sequence of int, default 10 and 0
        How many neurons, or which, to record.
    progress : bool or callable, optional
        Whether to show a progress bar, by default where someone watches; or a function that takes the number
        of steps done and of all.
    start : Quantity in seconds, optional
        Time of the first step, by default 0: what the teacher and the times of RLS count from.

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
    for name, value, kind in (
        ("parameters", parameters, Parameters),
        ("reservoir", reservoir, Reservoir),
        ("state", state, State),
    ):
        if value is not None and not isinstance(value, kind):
            raise ParameterError(f"{name} = {value!r} must be a forcelib.{kind.__name__}")
    if seed is not None:
        seed = check_seed(seed)
    elif reservoir is None:
        raise ParameterError(
            "seed: every run needs one (or a reservoir); for the reference program's it is 1"
        )
    if feedback not in ("readout", "target"):
        raise ParameterError(f"feedback = {feedback!r} must be 'readout' or 'target'")
    if start is not None and not has_unit(start, second):
        raise ParameterError(f"start = {start!r} must be a time, for example 5*second")
    begin = 0.0 if start is None else finite_number("start", float(start))
    teacher = teachers.sine() if teacher is None else teacher
    random = [name for name in ("noise", "feedback_noise", "rls_random") if getattr(parameters, name)]
    if seed is None and random:
        raise ParameterError(f"seed: {', '.join(random)} need one")
    N, dt, neuron = parameters.N, parameters.dt, parameters.neuron
    traced = neuron_indices("record_decoders", record_decoders, N)
    watched = neuron_indices("record_potentials", record_potentials, N)
    target = teachers.sample(teacher, parameters.steps, dt, start=begin)
    entered = None
    if input is not None:
        try:
            entered = teachers.sample(input, parameters.steps, dt, start=begin)
        except ParameterError as error:
            raise ParameterError(
                str(error).replace("teacher", "input").replace("outputs", "inputs")
            ) from None
    outputs, inputs = target.shape[1], 0 if entered is None else entered.shape[1]
    if reservoir is not None and (reservoir.N, reservoir.outputs) != (N, outputs):
        raise ParameterError(
            f"reservoir: its {reservoir.N} neurons and {reservoir.outputs} outputs must be N = {N} "
            f"and the {outputs} of the teacher"
        )
    if reservoir is not None and inputs and reservoir.inputs != inputs:
        raise ParameterError(f"reservoir: it has weights of {reservoir.inputs} inputs for the {inputs} given")
    if state is not None and state.decoder.shape != (N, outputs):
        raise ParameterError(
            f"state: decoder of shape {state.decoder.shape} must be of shape ({N}, {outputs})"
        )
    if state is not None and len(state.further) != len(neuron.rest):
        raise ParameterError(
            f"state: it has {1 + len(state.further)} variables of a neuron, and the {neuron} neuron has "
            f"{', '.join(neuron.state)}"
        )
    due = parameters.rls_steps(begin, seed) if train else np.empty(0, dtype=np.int64)
    synapses = parameters.p * N**2 if reservoir is None else reservoir.weights.nnz
    name, simulate = engines.choose(engine, parameters, synapses=synapses, train=len(due) > 0)

    if reservoir is None:
        assert seed is not None
        reservoir = Reservoir.draw(parameters, seed, outputs, inputs)
    state = State.initial(reservoir, neuron=neuron) if state is None else state
    job = Job(
        parameters,
        reservoir,
        state,
        target,
        due,
        traced,
        watched,
        forced=feedback == "target",
        input=entered,
        seed=seed,
        first=round(begin / float(dt)),
    )
    clock = time.perf_counter()
    with progress_bar(parameters.steps, f"{N} neurons, {name} engine", progress) as report:
        found = simulate(job, report)
    steps = len(found.readout)

    def without_axis(array: np.ndarray) -> np.ndarray:
        """Drop the axis of outputs, or of inputs, if there is one."""
        return array[..., 0].copy() if array.shape[-1] == 1 else np.ascontiguousarray(array)

    decoder = np.full_like(state.decoder, np.nan) if found.state is None else found.state.decoder
    result = Result(
        parameters=parameters,
        seed=seed,
        teacher=getattr(teacher, "name", getattr(teacher, "__name__", "samples")),
        frequency=getattr(teacher, "frequency", None),
        engine=name,
        feedback=feedback,
        start=begin,
        seconds=time.perf_counter() - clock,
        ended=found.ended,
        spike_neuron=found.spike_neuron.astype(np.uint16 if N <= 2**16 else np.uint32),
        spike_step=found.spike_step.astype(np.uint32),
        readout=without_axis(found.readout),
        target=without_axis(target[:steps]),
        input=None if entered is None else without_axis(entered[:steps]),
        decoder=without_axis(decoder),
        decoder_ids=traced,
        decoder_trace=without_axis(np.swapaxes(found.decoders, 0, 1)),
        potential_ids=watched,
        potential_trace=np.ascontiguousarray(found.potentials.T),
        reservoir=reservoir,
        initial=state,
        state=found.state,
    )
    reached = f"at t = {result.end:g} s; the run so far is in the error's .result"
    if found.ended == "diverged":
        limit = engines.divergence_limit(target)
        large = not np.all(np.abs(found.readout) < limit)
        raise DivergenceError(
            f"{f'the readout exceeded {limit:g}' if large else 'values became NaN or infinite'} {reached}. "
            f"Try a smaller alpha (it is {parameters.alpha:g}) or gain='textbook' "
            f"(it is {parameters.gain!r})",
            result,
        )
    if found.ended == "interrupted":
        raise RunInterrupted(f"stopped {reached}", result)
    return result
