"""The parameters of the network and of its training, with units, checked when they are made."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from brian2 import Quantity, get_unit, ms, second

from ._checks import finite_number, has_unit, shown, whole_number, within
from ._random import numbers
from .errors import ParameterError
from .model import LIF, NeuronModel

__all__ = ["GAINS", "Parameters"]

#: The two choices of RLS gain (chapter 4).
GAINS = ("published", "textbook")

#: Times are counted in steps, of which a run has less than this: a spike keeps its step in 32 bits.
STEPS = 2**32

#: The refractory period is shorter than the time that neurons are held to be silent when a run starts.
MAX_REFRACTORY_STEPS = 10**9

#: The times of Brian2 count steps in 64 bits up to 1e9 s.
MIN_DT = 1e-9 * second

#: Rounding errors grow with alpha. Engines agree to some 1e-7 here, and in no digit ten million times higher.
MAX_ALPHA = 1e3


def _field(default: Any, symbol: str, meaning: str, reference: str, **bounds: Any) -> Any:
    """Declare a parameter: its symbol, meaning, name in the reference program, and bounds."""
    metadata = {"symbol": symbol, "meaning": meaning, "reference": reference, "bounds": bounds}
    if isinstance(default, Quantity):
        shared = _seconds(float(default))
        return field(default_factory=lambda: shared, metadata=metadata)
    return field(default=default, metadata=metadata)


def _seconds(number: float) -> Quantity:
    """Make a time that cannot be changed in place."""
    array = np.array(number)
    array.setflags(write=False)  # before the quantity views it, which then cannot be made writeable
    return Quantity(array, dim=second.dim)


@dataclass(frozen=True, kw_only=True)
class Parameters:
    r"""Parameters of the FORCE-trained network; the defaults are those of the reference program.

    The object is frozen, its quantities included: make a changed copy with :meth:`replace`. Equal
    parameters are one key of a dict. Times are Brian2 quantities; voltages and currents have no unit
    in this model (chapter 1).

    Parameters
    ----------
    N : int, default 2000
        Number of neurons.
    p : float, default 0.1
        Connection probability, in (0, 1].
    G : float, default 0.04
        Coupling strength: scale of the static weights.
    Q : float, default 10
        Feedback strength; the encoders are uniform in [-Q, Q).
    balanced : bool, default False
        Whether each neuron's incoming weights are shifted to zero mean, as in the authors'
        MATLAB; the reference program does not.
    alpha : float, default 5e-6
        Scale of the initial inverse correlation matrix, P(0) = alpha I. It acts as the learning rate.
    gain : {"published", "textbook"}, default "published"
        Whether the decoder moves by P r (the published code) or by P r / (1 + rᵀ P r) (textbook RLS).
    tau_m, tau_ref, tau_r, tau_d : Quantity, default 10 ms, 2 ms, 2 ms, 20 ms
        Membrane time constant, refractory period, rise and decay time of the synaptic filter.
    v_reset, v_threshold, I_bias, v_start : float, default -65, -40, -40, 30
        Reset and threshold of the membrane potential, bias current, and the upper end of the
        initial membrane potentials, which are uniform in [v_reset, v_start).
    dt : Quantity, default 0.05 ms
        Time step of the Euler integration.
    duration, rls_start, rls_stop, rls_interval : Quantity, default 15 s, 5 s, 10 s, 2.5 ms
        Length of the run; RLS is due at each multiple of `rls_interval` that lies
        strictly between `rls_start` and `rls_stop`.
    neuron : NeuronModel, default LIF
        The neuron. The parameters `tau_m`, `tau_ref`, `v_reset`, `v_threshold`, `I_bias` and `v_start` are
        those of :data:`forcelib.model.LIF`; other models have constants of their own in their place.
    Q_in : float, default 1
        Input strength; the input weights are uniform in [-Q_in, Q_in).
    noise : float, default 0
        White noise current, the same in no two neurons: in each step it has the standard deviation
        ``noise / sqrt(dt)``, with dt in seconds.
    feedback_noise : float, default 0
        Standard deviation of the noise that is added in each step to what is fed back.
    forgetting : float, default 1
        Forgetting factor of RLS, in (0, 1]: an error counts by this factor less with each later update.
    rls_random : bool, default False
        Whether an update is due at each time step with the probability ``dt / rls_interval``, in place of
        regular ones.

    Raises
    ------
    ParameterError
        If a value has the wrong unit or lies outside its limits; the message names all three.

    References
    ----------
    Nicola and Clopath, Nat. Commun. 8:2208 (2017), doi 10.1038/s41467-017-01827-3; the values are
    those of the Brian2 reference program by S. Schmitt (2022). Built up in chapters 1 to 5.

    Examples
    --------
    >>> from brian2 import ms, second
    >>> from forcelib import Parameters
    >>> parameters = Parameters(N=500, tau_d=30 * ms)
    >>> parameters.N, parameters.tau_d
    (500, 30. * msecond)
    >>> parameters.replace(Q=0).Q
    0.0
    >>> Parameters(p=1.5)
    Traceback (most recent call last):
    ...
    forcelib.errors.ParameterError: p = 1.5 must be above 0 and at most 1
    """

    N: int = _field(2000, "N", "number of neurons", "N", low=2, below=2**31)
    p: float = _field(0.1, "p", "connection probability", "p", above=0, high=1)
    G: float = _field(0.04, "G", "coupling strength", "G", low=0)
    Q: float = _field(10.0, "Q", "feedback strength", "Q", low=0)
    balanced: bool = _field(False, "", "zero mean input weight per neuron", "")
    alpha: float = _field(
        5e-6, r"\alpha", "learning rate: scale of the initial P", "alpha", above=0, high=MAX_ALPHA
    )
    gain: str = _field("published", "", "RLS gain", "")
    tau_m: Quantity = _field(10 * ms, r"\tau_m", "membrane time constant", "tm", above=0 * second)
    tau_ref: Quantity = _field(2 * ms, r"\tau_\mathrm{ref}", "refractory period", "tref", low=0 * second)
    tau_r: Quantity = _field(2 * ms, r"\tau_r", "rise time of the synaptic filter", "tr", above=0 * second)
    tau_d: Quantity = _field(20 * ms, r"\tau_d", "decay time of the synaptic filter", "td", above=0 * second)
    v_reset: float = _field(-65.0, r"v_\mathrm{reset}", "reset potential", "vreset")
    v_threshold: float = _field(-40.0, r"v_\mathrm{th}", "threshold potential", "vpeak")
    I_bias: float = _field(-40.0, r"I_\mathrm{bias}", "bias current", "BIAS")
    v_start: float = _field(30.0, r"v_\mathrm{start}", "upper end of the initial potentials", "30")
    dt: Quantity = _field(0.05 * ms, r"\Delta t", "time step", "defaultclock.dt", low=MIN_DT)
    duration: Quantity = _field(15 * second, "T", "length of the run", "T", above=0 * second)
    rls_start: Quantity = _field(5 * second, r"t_\mathrm{on}", "start of training", "imin", low=0 * second)
    rls_stop: Quantity = _field(10 * second, r"t_\mathrm{off}", "end of training", "icrit")
    rls_interval: Quantity = _field(
        2.5 * ms, r"\Delta t_\mathrm{RLS}", "time between updates", "step", above=0 * second
    )
    neuron: NeuronModel = _field(LIF, "", "neuron model", "")
    Q_in: float = _field(1.0, r"Q_\mathrm{in}", "input strength", "", low=0)
    noise: float = _field(0.0, r"\sigma_I", "noise current, white", "", low=0)
    feedback_noise: float = _field(0.0, r"\sigma_z", "noise in what is fed back", "", low=0)
    forgetting: float = _field(1.0, r"\lambda_\mathrm{f}", "forgetting factor", "", above=0, high=1)
    rls_random: bool = _field(False, "", "updates at random times", "")

    def __post_init__(self) -> None:
        # Brian2 overflows when it writes extreme times, which here happens in messages only.
        with np.errstate(all="ignore"):
            for spec in dataclasses.fields(self):
                value = _CONVERT[spec.type](spec.name, getattr(self, spec.name))  # type: ignore[index]
                object.__setattr__(self, spec.name, value)
                within(spec.name, value, spec.metadata["bounds"])
            self._check_together()

    def _check_together(self) -> None:
        """Check what concerns two parameters."""
        if self.gain not in GAINS:
            raise ParameterError(f"gain = {self.gain!r} must be one of {', '.join(map(repr, GAINS))}")
        if float(self.tau_ref) / float(self.dt) > MAX_REFRACTORY_STEPS:
            raise ParameterError(
                f"tau_ref = {self.tau_ref} must not exceed {MAX_REFRACTORY_STEPS} steps of dt = {self.dt}"
            )
        for name in ("tau_m", "tau_r", "tau_d"):
            if name in dict(self.neuron.parameters) and getattr(self, name) <= self.dt:
                raise ParameterError(
                    f"{name} = {getattr(self, name)} must be longer than dt = {self.dt}: "
                    "Euler steps would be unstable"
                )
        for low, relation, high in (
            ("v_reset", "below", "v_threshold"),
            ("v_reset", "at most", "v_start"),
            ("rls_start", "below", "rls_stop"),
        ):
            one, other = getattr(self, low), getattr(self, high)
            if one > other or (one == other and relation == "below"):
                raise ParameterError(f"{low} = {shown(one)} must be {relation} {high} = {shown(other)}")
        if not np.isfinite(self.v_start - self.v_reset):
            raise ParameterError(
                f"v_start = {self.v_start:g} is too far above v_reset = {self.v_reset:g}: "
                "their difference must be finite"
            )
        for name in ("duration", "rls_interval"):
            self.in_steps(name)
        unused = _OF_LIF - {*dict(self.neuron.parameters), *self.neuron.start}
        for spec in dataclasses.fields(self):
            value = getattr(self, spec.name)
            if spec.name in unused and value != _default(spec):
                raise ParameterError(
                    f"{spec.name} = {shown(value)}: the {self.neuron} neuron does not use it; neuron.replace "
                    f"changes its own constants, {', '.join(one.name for one in self.neuron.constants)}"
                )
        bottom, top = self.start_span
        if not bottom <= top or not np.isfinite(top - bottom):
            raise ParameterError(f"neuron: it starts from {bottom:g} to {top:g}, which is no interval")

    def value(self, name: str | float) -> float:
        """Return what a name stands for in the equations of the neuron.

        Parameters
        ----------
        name : str or float
            One of the neuron's constants, or else a parameter; a number is itself.

        Returns
        -------
        float
            In SI units.

        Raises
        ------
        ParameterError
            If nothing is called so.

        Examples
        --------
        >>> from forcelib import IZHIKEVICH, Parameters
        >>> Parameters().value("v_reset"), Parameters(neuron=IZHIKEVICH).value("v_peak")
        (-65.0, 30.0)
        """
        if not isinstance(name, str):
            return float(name)
        own = {one.name: one.value for one in self.neuron.constants}
        found = own.get(name, getattr(self, name, None))
        if found is None:
            raise ParameterError(f"neuron: {name} is neither a constant of it nor a parameter")
        return float(found)

    @property
    def start_span(self) -> tuple[float, float]:
        """(float, float): Initial potentials are uniform in [first, second)."""
        low, high = map(self.value, self.neuron.start)
        return low, high

    def __hash__(self) -> int:
        return hash(tuple((self.to_dict() | {"neuron": self.neuron}).values()))

    def __reduce__(self) -> tuple:
        # NumPy unpickles and copies arrays as writeable ones.
        return type(self).from_dict, (self.to_dict(),)

    def in_steps(self, name: str) -> int:
        """Return a time as a whole number of time steps.

        Parameters
        ----------
        name : str
            The name of one of the times, e.g. ``"rls_interval"``.

        Returns
        -------
        int
            The number of time steps, at least 1.

        Raises
        ------
        ParameterError
            If the time is not a multiple of `dt`.

        Examples
        --------
        >>> from forcelib import Parameters
        >>> Parameters().in_steps("rls_interval")
        50
        """
        return multiple_of(name, getattr(self, name), self.dt)

    @property
    def steps(self) -> int:
        """int: Number of time steps in `duration`."""
        return self.in_steps("duration")

    def rls_steps(self, start: float = 0.0, seed: int | None = None) -> np.ndarray:
        """Return the time steps at which RLS is due.

        Parameters
        ----------
        start : float, default 0
            Time of the first step in seconds; not zero for a continued run.
        seed : int, optional
            That of the run, which random updates need.

        Returns
        -------
        ndarray of int64, shape (updates,)
            Multiples of the RLS interval, or with `rls_random` random steps, strictly between `rls_start`
            and `rls_stop`, and before the end of the run; counted from the first step.

        Raises
        ------
        ParameterError
            If updates are random, and there is no seed.

        Examples
        --------
        >>> from forcelib import Parameters
        >>> due = Parameters().rls_steps()
        >>> len(due), int(due[0]), int(due[-1])
        (1999, 100050, 199950)
        """
        every = self.in_steps("rls_interval")
        first = round(start / float(self.dt))
        step = np.arange(-(-first // every) * every, first + self.steps, every)
        if self.rls_random:
            step = first + np.flatnonzero(numbers("updates", seed, first, self.steps)[:, 0] < 1 / every)
        tolerance = 1e-6  # of a step: start and stop need not be multiples of dt
        after = step > float(self.rls_start) / float(self.dt) + tolerance
        before = step < float(self.rls_stop) / float(self.dt) - tolerance
        return step[after & before] - first

    def replace(self, **changes: Any) -> Parameters:
        """Return a copy with some parameters changed, checked like a new one.

        Parameters
        ----------
        **changes
            New values by name.

        Returns
        -------
        forcelib.parameters.Parameters
            A new object.

        Raises
        ------
        ParameterError
            If a name is unknown or a value is outside its limits.

        Examples
        --------
        >>> from forcelib import Parameters
        >>> Parameters().replace(G=0.1).G
        0.1
        """
        known = {spec.name for spec in dataclasses.fields(self)}
        for name in changes:
            if name not in known:
                raise ParameterError(f"{name} is not a parameter; there are {', '.join(sorted(known))}")
        return dataclasses.replace(self, **changes)

    def exact_decay(self) -> Parameters:
        """Return parameters with which the filters decay exactly, as in the programs of the authors.

        These let each filter variable decay by exp(-dt/tau) in a step, and couple the two by Euler. So does
        Euler with a slightly longer time constant, dt / (1 - exp(-dt/tau)). Its kicks are smaller, by the
        factor c, the ratio of the new product of time constants to the old one. G and alpha make up for it:
        the currents, the readout and its learning are those of exact decay. Of what is recorded, filtered
        rates are smaller by c, and decoders larger.

        Returns
        -------
        forcelib.parameters.Parameters
            A new object; tau_r, tau_d, G and alpha differ.

        References
        ----------
        The programs of Nicola and Clopath, ModelDB 190565; chapter 5.

        Examples
        --------
        >>> from forcelib import Parameters
        >>> exact = Parameters().exact_decay()
        >>> round(exact.tau_r / exact.dt, 3), round(exact.G / Parameters().G, 4)
        (40.502, 1.0138)
        """
        dt = float(self.dt)
        old = np.array([float(self.tau_r), float(self.tau_d)])
        new = dt / -np.expm1(-dt / old)
        c = float(np.prod(new / old))
        tau_r, tau_d = new * second
        return self.replace(tau_r=tau_r, tau_d=tau_d, G=c * self.G, alpha=c**2 * self.alpha)

    def _repr_markdown_(self) -> str:
        lines = ["| name | symbol | value | meaning | reference program |", "|---|---|---|---|---|"]
        for spec in dataclasses.fields(self):
            value = getattr(self, spec.name)
            if spec.name in _OPTIONS and value == _default(spec):
                continue
            if isinstance(value, Quantity):
                unit, name = (second, "s") if value >= 1 * second else (ms, "ms")
                value = f"{float(value / unit):g} {name}"
            elif isinstance(value, float):
                value = f"{value:g}"
            symbol, reference = (spec.metadata[key] for key in ("symbol", "reference"))
            cells = [f"`{spec.name}`", symbol and f"${symbol}$", str(value), spec.metadata["meaning"]]
            lines.append(" | ".join(["", *cells, reference and f"`{reference}`", ""]).strip())
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values by name, times in seconds.

        Returns
        -------
        dict
            Ready for JSON; :meth:`from_dict` reads it back exactly.

        Examples
        --------
        >>> from forcelib import Parameters
        >>> Parameters().to_dict()["tau_d"]
        0.02
        """
        plain = {}
        for spec in dataclasses.fields(self):
            value = getattr(self, spec.name)
            plain[spec.name] = float(value) if isinstance(value, Quantity) else value
        return plain | {"neuron": dataclasses.asdict(self.neuron)}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Parameters:
        """Make parameters from what :meth:`to_dict` returned.

        Parameters
        ----------
        plain : dict
            Values by name, times in seconds. Missing names keep their defaults.

        Returns
        -------
        forcelib.parameters.Parameters
            A new object.

        Raises
        ------
        ParameterError
            If a name is unknown or a value is outside its limits.

        Examples
        --------
        >>> from forcelib import Parameters
        >>> Parameters.from_dict({"N": 100, "tau_d": 0.03}).tau_d
        30. * msecond
        """
        types = {spec.name: spec.type for spec in dataclasses.fields(cls)}
        changes = {
            name: value * second if types.get(name) == "Quantity" else value for name, value in plain.items()
        }
        if isinstance(changes.get("neuron"), dict):
            changes["neuron"] = NeuronModel(**changes["neuron"])
        return cls().replace(**changes)


#: What the LIF neuron has and others need not.
_OF_LIF = {*dict(LIF.parameters), *LIF.start} - {"tau_r", "tau_d"}

#: What goes beyond the reference program, and is shown where it is used.
_OPTIONS = ("neuron", "Q_in", "noise", "feedback_noise", "forgetting", "rls_random")


def _default(spec: dataclasses.Field) -> Any:
    """Return the default of a parameter."""
    return spec.default if spec.default_factory is dataclasses.MISSING else spec.default_factory()


def _truth(name: str, value: Any) -> bool:
    """Return a truth value, or raise."""
    if not isinstance(value, (bool, np.bool_)):
        raise ParameterError(f"{name} = {value!r} must be True or False")
    return bool(value)


def _time(name: str, value: Any) -> Quantity:
    """Return one time, which cannot be changed, or raise."""
    if not has_unit(value, second) or np.ndim(value) != 0:
        unit = "" if not isinstance(value, Quantity) else f" (unit {get_unit(value.dim)})"
        raise ParameterError(f"{name} = {value!r}{unit} must be one time with its unit, for example 5*ms")
    return _seconds(finite_number(name, float(value)))


def _neuron(name: str, value: Any) -> NeuronModel:
    """Return a neuron model, or raise."""
    if not isinstance(value, NeuronModel):
        raise ParameterError(f"{name} = {value!r} must be a NeuronModel, as forcelib.LIF is")
    return value


#: How a value of each type of field is checked and made.
_CONVERT = {
    "int": whole_number,
    "float": finite_number,
    "bool": _truth,
    "str": lambda name, value: value,
    "Quantity": _time,
    "NeuronModel": _neuron,
}


def multiple_of(name: str, value: Quantity, dt: Quantity) -> int:
    """Return how many steps of `dt` a time has, or raise if it is not a multiple of `dt`."""
    ratio = float(value) / float(dt)
    with np.errstate(all="ignore"):  # Brian2 overflows when it writes extreme times
        if ratio >= STEPS:
            raise ParameterError(f"{name} = {value} must be below {STEPS} steps of dt = {dt}")
        steps = round(ratio)
        if steps < 1 or abs(ratio - steps) > 1e-6 * max(1, steps * 1e-3):
            raise ParameterError(f"{name} = {value} must be a whole multiple of dt = {dt}")
    return steps
