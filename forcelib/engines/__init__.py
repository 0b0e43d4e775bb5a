"""Three engines for one model, and its rate twin: what they are given and return, and which one is used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
from scipy import sparse

from .._checks import frozen
from .._random import numbers
from ..errors import CompilerError, ParameterError
from ..model import LIF, NEURONS, NeuronModel
from ..neuron import firing_rate
from ..parameters import Parameters
from ..reservoir import Reservoir

__all__ = ["ENGINES", "Job", "Recording", "State", "choose", "divergence_limit"]

#: Names accepted wherever an engine is asked for.
ENGINES = ("auto", "native", "portable", "brian2", "rate")

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
    P : ndarray of float64, shape (N, N), optional
        The matrix of RLS; None where no update was made, which is alpha times the identity.
    further : ndarray of float64, shape (variables, N), optional
        The neuron's state variables beyond the potential, in the order of its `state`; none by default.

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
    P: np.ndarray | None = None
    further: np.ndarray = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        n = len(self.v)
        if self.further is None:
            object.__setattr__(self, "further", np.zeros((0, n)))
        for spec in fields(self):
            if spec.name == "P" and self.P is None:
                continue
            value = np.asarray(getattr(self, spec.name))
            shapes = {"decoder": (n, *value.shape[1:2]), "P": (n, n), "further": (*value.shape[:1], n)}
            shape = shapes.get(spec.name, (n,))
            if value.shape != shape or (spec.name == "decoder" and value.ndim != 2):
                raise ParameterError(f"{spec.name} of shape {value.shape} does not fit {n} neurons")
            if not np.all(np.isfinite(value)):
                raise ParameterError(f"{spec.name} holds NaN or infinite values; all must be finite")
            kind = np.int64 if spec.name == "since_spike" else np.float64
            object.__setattr__(self, spec.name, frozen(value, kind))

    @classmethod
    def initial(
        cls, reservoir: Reservoir, decoder: np.ndarray | None = None, neuron: NeuronModel = LIF
    ) -> State:
        """Return the state at the start of a run.

        Parameters
        ----------
        reservoir : Reservoir
            Gives the initial membrane potentials.
        decoder : ndarray of float64, shape (N, outputs) or (N,), optional
            Zero by default.
        neuron : NeuronModel, default LIF
            Gives the initial values of further state variables.

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
        further = np.repeat(np.reshape(neuron.rest, (-1, 1)), reservoir.N, axis=1)
        return cls(reservoir.potentials, zeros, zeros, zeros, zeros, decoder, never, further=further)

    def variables(self, neuron: NeuronModel) -> dict[str, np.ndarray]:
        """Return what a time step changes.

        Parameters
        ----------
        neuron : NeuronModel

        Returns
        -------
        dict of str to ndarray of float64, shape (N,)
            The neuron's own variables by its names, then those of the filters.

        Examples
        --------
        >>> from forcelib import IZHIKEVICH, Parameters, Reservoir, State
        >>> parameters = Parameters(N=10, neuron=IZHIKEVICH)
        >>> state = State.initial(Reservoir.draw(parameters, seed=1), neuron=IZHIKEVICH)
        >>> list(state.variables(IZHIKEVICH))
        ['v', 'u', 's', 'h', 'r', 'h_r']
        """
        filters = {name: getattr(self, name) for name in ("s", "h", "r", "h_r")}
        return dict(zip(neuron.state, (self.v, *self.further), strict=True)) | filters


@dataclass(frozen=True, eq=False)
class Job:
    """What an engine is to do; all of it has been checked.

    `target` has the shape (steps, outputs); at `rls_steps` RLS is due. Decoders are recorded at each
    multiple of the RLS interval, potentials at each step. If `forced`, the target is fed back. `input` has
    the shape (steps, inputs). Noise is that of `seed`, from the step `first` of all runs on.
    """

    parameters: Parameters
    reservoir: Reservoir
    state: State
    target: np.ndarray
    rls_steps: np.ndarray
    record_decoders: np.ndarray
    record_potentials: np.ndarray
    forced: bool = False
    input: np.ndarray | None = None
    seed: int | None = None
    first: int = 0

    @property
    def has_external(self) -> bool:
        """Whether a current enters from outside."""
        return self.input is not None or self.parameters.noise > 0

    def external(self, start: int, stop: int) -> np.ndarray:
        """Return the current of inputs and noise at some steps, shape (steps, N)."""
        p, current = self.parameters, np.zeros((stop - start, self.reservoir.N))
        if self.input is not None:  # whose channels may be many, of which few are not zero
            current += sparse.csr_array(self.input[start:stop]) @ self.reservoir.input_weights.T
        if p.noise:
            drawn = numbers("noise", self.seed, self.first + start, len(current), self.reservoir.N)
            current += p.noise / np.sqrt(float(p.dt)) * drawn
        return current

    def feedback_noise(self, start: int, stop: int) -> np.ndarray:
        """Return what is added to what is fed back at some steps, shape (steps, outputs)."""
        sigma, outputs = self.parameters.feedback_noise, self.reservoir.outputs
        if not sigma:
            return np.zeros((stop - start, outputs))
        return sigma * numbers("feedback_noise", self.seed, self.first + start, stop - start, outputs)


@dataclass(frozen=True, eq=False)
class Recording:
    """What an engine returns; shorter than asked for if it was stopped.

    Readout has the shape (steps, outputs), decoders (samples, neurons, outputs), potentials
    (steps, neurons). `state` is None if values were no longer finite; `ended` is "finished",
    "interrupted" or "diverged".
    """

    spike_neuron: np.ndarray
    spike_step: np.ndarray
    readout: np.ndarray
    decoders: np.ndarray
    potentials: np.ndarray
    state: State | None
    ended: str


def recording(
    job: Job, diverged: bool, state: dict, readout: np.ndarray, **recorded: np.ndarray
) -> Recording:
    """Return what was recorded, with a state if all its values are finite, and with how the run ended."""
    potential, *further = job.parameters.neuron.state
    whole = all(value is None or np.all(np.isfinite(value)) for value in state.values())
    short = len(readout) < len(job.target)
    ended = "diverged" if diverged or not whole else "interrupted" if short else "finished"
    if whole:
        rows = [state.pop(name) for name in further]
        more = {"v": state.pop(potential), "further": np.reshape(rows, (len(rows), job.reservoir.N))}
    return Recording(
        readout=readout, **recorded, state=State(**state, **more) if whole else None, ended=ended
    )


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


def choose(
    name: str, parameters: Parameters, *, synapses: float = 0, train: bool = True
) -> tuple[str, Callable[[Job, Callable[[int], None]], Recording]]:
    """Pick an engine.

    Parameters
    ----------
    name : {"auto", "native", "portable", "brian2", "rate"}
        ``"native"`` is the kernel compiled for this machine, ``"portable"`` the same kernel as WebAssembly,
        ``"brian2"`` Brian2 itself, some 30 times slower; ``"auto"`` is the native kernel where it was built,
        else the portable one, and Brian2 for a neuron that the kernels do not have. ``"rate"`` is
        another network, the rate twin: in place of spikes each neuron gives, by its f-I curve, the rate at
        which it would fire. Its steps may be ten times longer.
    parameters : Parameters
        `N` and `neuron` are used.
    synapses : float, default 0
        Their number, as far as it is known.
    train : bool, default True
        Whether there will be a matrix P.

    Returns
    -------
    str
        ``"native"``, ``"portable"``, ``"brian2"`` or ``"rate"``.
    callable
        Takes a Job and a progress callback and returns a Recording.

    Raises
    ------
    ParameterError
        If the name is unknown, the network does not fit into the memory of the portable kernel, or a kernel
        was asked for that does not have the neuron, or rates of one that has no formula for them.
    CompilerError
        If ``"native"`` was asked for and was not built here.

    Examples
    --------
    >>> from forcelib import Parameters, engines
    >>> engines.choose("brian2", Parameters())[0]
    'brian2'
    """
    from . import brian, kernel, rate

    if name not in ENGINES:
        raise ParameterError(f"engine = {name!r} must be one of {', '.join(map(repr, ENGINES))}")
    if name == "rate":
        firing_rate(np.zeros(1), parameters)  # raises if it has no formula
        return "rate", rate.simulate
    known = any(map(parameters.neuron.same_equations, NEURONS.values()))
    if name == "brian2" or (name == "auto" and not known):
        return "brian2", brian.simulate
    if not known:
        raise ParameterError(
            f"engine = {name!r}: the kernels have the neurons {', '.join(map(str, NEURONS.values()))}; "
            f"for the {parameters.neuron} neuron use 'brian2'"
        )
    if name != "portable":
        try:
            return "native", partial(kernel.simulate, kernel.load_native())
        except CompilerError as error:
            if name == "native":
                raise
            if kernel.native_path().exists():
                print(f"{str(error).splitlines()[0]}: using the portable kernel.", flush=True)
    kernel.check_size(parameters.N, synapses, train)
    return "portable", partial(kernel.simulate, kernel.load_portable())
