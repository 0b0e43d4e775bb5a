"""Two engines for one model: what they are given, what they return, and which one is used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from ..errors import CompilerError, ParameterError
from ..parameters import Parameters
from ..reservoir import Reservoir

__all__ = ["ENGINES", "Job", "Recording", "State", "check_engine", "choose", "divergence_limit"]

#: Names accepted wherever an engine is asked for.
ENGINES = ("auto", "fast", "runtime")

#: A neuron that has not spiked yet is given this many steps since its last spike.
NEVER = 10**9


@dataclass(frozen=True, eq=False)
class State:
    """Everything that changes while the network runs, at the start of one time step.

    Parameters
    ----------
    v, s, h, r, h_r : ndarray of float64, shape (N,)
        Membrane potential, recurrent input and its auxiliary variable, filtered rate and its
        auxiliary variable, in SI units.
    decoder : ndarray of float64, shape (N, outputs)
        The decoder phi.
    since_spike : ndarray of int64, shape (N,)
        Time steps since each neuron's last spike.

    Raises
    ------
    ParameterError
        If shapes do not fit together or a value is not finite.

    Examples
    --------
    >>> from forcelib import Parameters, Reservoir, State
    >>> float(State.initial(Reservoir.draw(Parameters(N=10), seed=1)).r.sum())
    0.0
    """

    v: np.ndarray
    s: np.ndarray
    h: np.ndarray
    r: np.ndarray
    h_r: np.ndarray
    decoder: np.ndarray
    since_spike: np.ndarray

    def __post_init__(self) -> None:
        n = len(self.v)
        for spec in fields(self):
            value = np.asarray(getattr(self, spec.name))
            if len(value) != n or value.ndim != (2 if spec.name == "decoder" else 1):
                raise ParameterError(f"{spec.name} of shape {value.shape} does not fit {n} neurons")
            if not np.all(np.isfinite(value)):
                raise ParameterError(f"{spec.name} holds NaN or infinite values; all must be finite")
            kind = np.int64 if spec.name == "since_spike" else np.float64
            object.__setattr__(self, spec.name, np.array(value, dtype=kind))

    @classmethod
    def initial(cls, reservoir: Reservoir, decoder: np.ndarray | None = None) -> State:
        """Return the state at the start of a run.

        Parameters
        ----------
        reservoir : Reservoir
            Gives the initial membrane potentials.
        decoder : ndarray of float64, shape (N, outputs) or (N,), optional
            Zero by default.

        Returns
        -------
        State
            With every filter at zero and no neuron refractory.

        Examples
        --------
        >>> from forcelib import Parameters, Reservoir, State
        >>> reservoir = Reservoir.draw(Parameters(N=10), seed=1)
        >>> bool((State.initial(reservoir).v == reservoir.potentials).all())
        True
        """
        zeros = np.zeros(reservoir.N)
        if decoder is None:
            decoder = np.zeros((reservoir.N, reservoir.outputs))
        elif np.ndim(decoder) == 1:
            decoder = np.reshape(decoder, (-1, 1))
        never = np.full(reservoir.N, NEVER)
        return cls(reservoir.potentials, zeros, zeros, zeros, zeros, decoder, never)


@dataclass(frozen=True, eq=False)
class Job:
    """What an engine is to do; all of it has been checked.

    Parameters
    ----------
    parameters : Parameters
    reservoir : Reservoir
    state : State
    target : ndarray of float64, shape (steps, outputs)
    rls_steps : ndarray of int64, shape (updates,)
        Time steps at which RLS is due; empty for a run without training.
    record_decoders, record_potentials : ndarray of int64
        Neurons whose decoders (at each multiple of the RLS interval) and membrane potentials (at
        each step) are recorded.
    forced : bool, default False
        Whether the target is fed back in place of the readout (teacher forcing).
    """

    parameters: Parameters
    reservoir: Reservoir
    state: State
    target: np.ndarray
    rls_steps: np.ndarray
    record_decoders: np.ndarray
    record_potentials: np.ndarray
    forced: bool = False


@dataclass(frozen=True, eq=False)
class Recording:
    """What an engine returns; shorter than asked for if it was stopped.

    Parameters
    ----------
    spike_neuron, spike_step : ndarray, shape (spikes,)
    readout : ndarray of float64, shape (steps, outputs)
    decoders : ndarray of float64, shape (samples, neurons, outputs)
    potentials : ndarray of float64, shape (steps, neurons)
    state : State or None
        None if the values were no longer finite.
    ended : {"finished", "interrupted", "diverged"}
        Diverged are also values of the state that are no longer finite.
    """

    spike_neuron: np.ndarray
    spike_step: np.ndarray
    readout: np.ndarray
    decoders: np.ndarray
    potentials: np.ndarray
    state: State | None
    ended: str


def divergence_limit(target: np.ndarray) -> float:
    """Return the size of readout that counts as divergence.

    Parameters
    ----------
    target : ndarray of float64, shape (steps, outputs)
        The target signal.

    Returns
    -------
    float
        A hundred times the largest target, or 100 if the target is zero throughout; always finite.

    Examples
    --------
    >>> import numpy as np
    >>> from forcelib import engines
    >>> engines.divergence_limit(np.array([[0.5], [-2.0]]))
    200.0
    """
    largest = float(np.abs(target).max())
    # Compiled programs take numbers below the smallest normal one for zero, and read no "inf".
    limit = 100 * largest if largest >= sys.float_info.min else 100.0
    return min(limit, sys.float_info.max)


def check_engine(name: str) -> None:
    """Raise unless a name is that of an engine.

    Parameters
    ----------
    name : object
        Anything.

    Raises
    ------
    ParameterError
        If it is none of "auto", "fast" and "runtime".

    Examples
    --------
    >>> from forcelib import engines
    >>> engines.check_engine("fast")
    """
    if name not in ENGINES:
        raise ParameterError(f"engine = {name!r} must be one of {', '.join(map(repr, ENGINES))}")


def choose(
    name: str, parameters: Parameters, outputs: int = 1, announce: Callable[[], None] = lambda: None
) -> tuple[str, Callable[..., Recording]]:
    """Pick an engine, and compile its network if that is new.

    Parameters
    ----------
    name : {"auto", "fast", "runtime"}
        ``"auto"`` is the fast engine where a C++ compiler works, else the runtime engine, and
        then prints one line that says so and how long the run will take.
    parameters : Parameters
        `N`, `dt` and `duration` are used.
    outputs : int, default 1
        Number of outputs.
    announce : callable, optional
        Called once before a compilation starts.

    Returns
    -------
    str
        ``"fast"`` or ``"runtime"``.
    callable
        Takes a Job and a progress callback and returns a Recording.

    Raises
    ------
    ParameterError
        If the name is unknown.
    CompilerError
        If ``"fast"`` was asked for and no C++ compiler works.

    Examples
    --------
    >>> from forcelib import Parameters, engines
    >>> engines.choose("runtime", Parameters())[0]
    'runtime'
    """
    from . import fast, runtime

    check_engine(name)
    if name == "runtime":
        return "runtime", runtime.simulate
    try:
        fast.compiled_network(parameters.N, outputs, float(parameters.dt), announce)
    except CompilerError as error:
        if name == "fast":
            raise
        reason = str(error).splitlines()[0]
        estimate = runtime.estimate(parameters.steps, parameters.N)
        print(f"{reason}: using the runtime engine, {estimate}.", flush=True)
        return "runtime", runtime.simulate
    return "fast", fast.simulate
