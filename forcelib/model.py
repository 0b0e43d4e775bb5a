"""The model, stated once: neuron, synaptic filter and network, as Brian2 equations with units.

Every engine runs this text: Brian2 reads it, and the statements of the kernel are written from it.
Chapters 1 to 3 build it up, chapter 5 runs it.

Potentials and currents have no unit, times have. So the numbers of the authors' Izhikevich programs, in pA,
mV and ms, are converted:

=================  ===============  =============================
published          in forcelib      for example
=================  ===============  =============================
C in pF            milliseconds     250 pF is ``C=250*ms``
a in 1/ms          hertz            0.01 is ``a=10*Hz``
G in pA ms         seconds          5000 is ``G=5``
alpha in ms²       s²               2 is ``alpha=2e-6``
k, b, d, Q, I, v   the same number  Q = 5000 is ``Q=5000``
=================  ===============  =============================
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from brian2 import Equations, Quantity, get_dimensions, get_unit
from brian2.core.functions import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS
from brian2.core.namespace import DEFAULT_UNITS
from brian2.equations.equations import EquationError, dimensions_and_type_from_string
from brian2.utils.stringtools import get_identifiers

from ._checks import finite_number, within
from .errors import ParameterError

__all__ = [
    "CURRENT",
    "FILTERED_RATE",
    "IZHIKEVICH",
    "LIF",
    "NEURONS",
    "RATE_KICK",
    "SYNAPSE",
    "SYNAPTIC_CURRENT",
    "SYNAPTIC_KICK",
    "THETA",
    "Constant",
    "NeuronModel",
    "network_equations",
]

#: The filtered rate `r` of a neuron's own spikes, which the decoder reads (chapter 2).
FILTERED_RATE = """
dr/dt = -r/tau_r + h_r : Hz
dh_r/dt = -h_r/tau_d : Hz/second
"""

#: What each of a neuron's own spikes adds: a filtered spike has unit area.
RATE_KICK = "h_r += 1/(tau_r*tau_d)"

#: The recurrent input `s`: the same filter, fed by the weighted spikes of other neurons (chapter 2).
SYNAPTIC_CURRENT = """
ds/dt = -s/tau_r + h : 1
dh/dt = -h/tau_d : Hz
"""

#: A synapse, and what a spike of its presynaptic neuron adds.
SYNAPSE = "omega : second"
SYNAPTIC_KICK = "h += omega/(tau_r*tau_d)"

#: The current that enters a neuron: the recurrent input, and what comes from outside (chapter 3).
CURRENT = "I = s + J : 1"


#: Names of the network, which a neuron's variables and constants cannot have.
_TAKEN = {"s", "h", "r", "h_r", "I", "J", "X", "z", "phi", "E", "omega", "decoder", "P", "i", "t"}


@dataclass(frozen=True)
class Constant:
    """A constant of a neuron model.

    Parameters
    ----------
    name : str
        As the equations call it.
    value : float or Quantity
        Kept as a number in SI units.
    unit : str, optional
        That of the value by default.
    meaning : str, optional
    bounds : tuple of (str, float), optional
        What the number must be: pairs of ``"above"``, ``"low"``, ``"below"`` or ``"high"``, and the limit.

    Raises
    ------
    ParameterError
        If the value is not finite, has another unit, or lies outside its bounds.

    Examples
    --------
    >>> from brian2 import ms
    >>> from forcelib.model import Constant
    >>> Constant("tau_u", 100 * ms)
    Constant(name='tau_u', value=0.1, unit='second', meaning='', bounds=())
    """

    name: str
    value: float
    unit: str = ""
    meaning: str = ""
    bounds: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        dim = get_dimensions(self.value) if isinstance(self.value, Quantity) else None
        unit = self.unit or ("1" if dim is None or dim.is_dimensionless else repr(get_unit(dim)))
        if dim is not None and dim != dimensions_and_type_from_string(unit)[0]:
            raise ParameterError(f"{self.name} = {self.value} must have the unit {unit}")
        plain = self.value if dim is None else float(self.value)
        object.__setattr__(self, "value", finite_number(self.name, plain))
        object.__setattr__(self, "unit", unit)
        object.__setattr__(self, "bounds", tuple((kind, limit) for kind, limit in self.bounds))
        within(self.name, self.value, dict(self.bounds))


@dataclass(frozen=True)
class NeuronModel:
    r"""A neuron, as Brian2 reads it.

    Models are values: equal if all they say is equal. The engine ``"brian2"`` runs any; the kernels run
    :data:`LIF`, :data:`THETA` and :data:`IZHIKEVICH`, whatever their constants.

    Parameters
    ----------
    name : str
        How the field calls it.
    equations : str
        Brian2 equations with units of the neuron's own state variables; `I` is the current that enters.
    threshold, reset : str
        The condition under which the neuron spikes, and what a spike does to it.
    refractory : str, optional
        How long it is held after a spike: the name of a parameter. Without one it is never held.
    state : tuple of str, default ("v",)
        Its own state variables; the first is the membrane potential.
    parameters : tuple of (str, str), optional
        Name and unit of those fields of :class:`forcelib.parameters.Parameters` that the equations use, in
        the order in which the kernel takes them; by default the time constants of the synaptic filter,
        which every model has.
    constants : tuple of Constant, or dict, optional
        What else the equations use: with a dict, values by name.
    start : (low, high), optional
        Initial potentials are uniform in [low, high): numbers, or names of parameters or constants.
    rest : tuple of float, optional
        Initial values of the further state variables, in SI units; zero by default.

    Raises
    ------
    ParameterError
        If the equations cannot be read, or do not have these state variables, or if threshold, reset or
        equations have a name that nothing gives a value to.

    References
    ----------
    Chapter 1.

    Examples
    --------
    >>> from forcelib import IZHIKEVICH, LIF, NeuronModel
    >>> print(LIF.equations)
    dv/dt = (-v + I_bias + I) / tau_m : 1 (unless refractory)
    >>> LIF.threshold, LIF.reset
    ('v >= v_threshold', 'v = v_reset')
    >>> IZHIKEVICH.replace(b=0, v_t=-20)["v_t"]
    -20.0

    A model of one's own, here a quadratic neuron that adapts:

    >>> from brian2 import ms
    >>> model = NeuronModel(
    ...     name="adapting quadratic",
    ...     equations="dv/dt = (v**2 + I - u) / tau : 1\ndu/dt = -u / tau_u : 1",
    ...     threshold="v >= 10",
    ...     reset="v = -10; u += 1",
    ...     state=("v", "u"),
    ...     constants={"tau": 10 * ms, "tau_u": 100 * ms},
    ...     start=(-10, 10),
    ... )
    >>> model["tau_u"]
    0.1
    """

    name: str
    equations: str
    threshold: str
    reset: str
    refractory: str = ""
    state: tuple[str, ...] = ("v",)
    parameters: tuple[tuple[str, str], ...] = (("tau_r", "second"), ("tau_d", "second"))
    constants: tuple[Constant, ...] = ()
    start: tuple[str | float, str | float] = (0.0, 0.0)
    rest: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        given = self.constants
        if isinstance(given, dict):
            given = [Constant(name, value) for name, value in given.items()]
        parts = {name: tuple(getattr(self, name)) for name in ("state", "start")}
        parts["parameters"] = tuple((name, unit) for name, unit in self.parameters)
        parts["constants"] = tuple(one if isinstance(one, Constant) else Constant(**one) for one in given)
        parts["rest"] = tuple(
            finite_number("rest", value) for value in self.rest or [0.0] * len(self.state[1:])
        )
        for name, value in parts.items():
            object.__setattr__(self, name, value)
        self._check()

    def _check(self) -> None:
        """Raise unless the texts fit together."""
        try:
            equations = Equations(self.equations)
            used = equations.identifiers | get_identifiers(self.threshold) | get_identifiers(self.reset)
        except (EquationError, SyntaxError, ValueError, TypeError) as error:
            raise ParameterError(f"{self.name}: its equations cannot be read: {error}") from None
        if equations.diff_eq_names != set(self.state) or len(self.rest) != len(self.state) - 1:
            raise ParameterError(
                f"{self.name}: state = {self.state} must be the variables of its differential equations, "
                f"{sorted(equations.diff_eq_names)}, and rest = {self.rest} one number for each but the first"
            )
        own = {*self.state, *equations.subexpr_names, *dict(self.declared)}
        if taken := own & _TAKEN:
            raise ParameterError(f"{self.name}: {', '.join(sorted(taken))} is a name of the network")
        known = own | {"I", "t", "dt", "t_in_timesteps", "not_refractory", "lastspike"}
        known |= {*DEFAULT_FUNCTIONS, *DEFAULT_CONSTANTS, *DEFAULT_UNITS, "and", "or", "not", "True", "False"}
        if unknown := used - known:
            raise ParameterError(f"{self.name}: nothing gives a value to {', '.join(sorted(unknown))}")

    def __str__(self) -> str:
        return self.name

    def __getitem__(self, name: str) -> float:
        """Return the value of a constant in SI units."""
        return {one.name: one.value for one in self.constants}[name]

    @property
    def declared(self) -> tuple[tuple[str, str], ...]:
        """Tuple of (str, str): Name and unit of each parameter, then of each constant."""
        return (*self.parameters, *((one.name, one.unit) for one in self.constants))

    def replace(self, **values: Any) -> NeuronModel:
        """Return a copy with other values of constants, checked as before.

        Parameters
        ----------
        **values
            New values by name: with a unit, or plain numbers in SI units.

        Returns
        -------
        NeuronModel

        Raises
        ------
        ParameterError
            If there is no such constant, or a value has another unit or lies outside its limits.

        Examples
        --------
        >>> from brian2 import ms
        >>> from forcelib import IZHIKEVICH
        >>> IZHIKEVICH.replace(C=100 * ms)["C"]
        0.1
        >>> IZHIKEVICH.replace(C=-1)
        Traceback (most recent call last):
        ...
        forcelib.errors.ParameterError: C = -1 must be above 0
        """
        names = [one.name for one in self.constants]
        for name in values:
            if name not in names:
                raise ParameterError(
                    f"{name} is not a constant of the {self} neuron; there are {', '.join(names) or 'none'}"
                )
        constants = [replace(one, value=values.get(one.name, one.value)) for one in self.constants]
        return replace(self, constants=tuple(constants))

    def same_equations(self, other: NeuronModel) -> bool:
        """Tell whether two models differ at most in the values of constants, and in where they start.

        Parameters
        ----------
        other : NeuronModel

        Returns
        -------
        bool

        Examples
        --------
        >>> from forcelib import IZHIKEVICH, THETA
        >>> IZHIKEVICH.same_equations(IZHIKEVICH.replace(b=0)), IZHIKEVICH.same_equations(THETA)
        (True, False)
        """
        texts = ("equations", "threshold", "reset", "refractory", "state", "declared")
        return all(getattr(self, name) == getattr(other, name) for name in texts)


#: The leaky integrate-and-fire neuron of Nicola and Clopath (2017). Its parameters are fields of
#: :class:`forcelib.parameters.Parameters`.
LIF = NeuronModel(
    name="leaky integrate-and-fire",
    equations="dv/dt = (-v + I_bias + I) / tau_m : 1 (unless refractory)",
    threshold="v >= v_threshold",
    reset="v = v_reset",
    refractory="tau_ref",
    parameters=(
        ("tau_m", "second"),
        ("tau_ref", "second"),
        ("tau_r", "second"),
        ("tau_d", "second"),
        ("v_reset", "1"),
        ("v_threshold", "1"),
        ("I_bias", "1"),
    ),
    start=("v_reset", "v_start"),
)

#: The theta neuron of Nicola and Clopath (2017): `v` is an angle, and the neuron spikes where it passes pi.
#: Under a constant current I > 0 it fires at sqrt(I) / tau. It has no bias and no refractory period.
THETA = NeuronModel(
    name="theta",
    equations="dv/dt = (1 - cos(v) + pi**2*(1 + cos(v))*I) / tau : 1",
    threshold="v >= pi",
    reset="v = -pi",
    constants=(Constant("tau", 1.0, "second", "time constant", (("above", 0),)),),
    start=(-math.pi, math.pi),
)

#: The Izhikevich neuron of Nicola and Clopath (2017), as in their programs that make oscillations (the other
#: programs have b = 0 and v_t = -20). They count in pA, mV and ms. Here, as everywhere in forcelib,
#: voltages and currents have no unit, and times are in seconds. So a pF, which is a pA ms / mV, is a
#: millisecond, and the published G = 5000 pA ms is G = 5; alpha = 2 ms² is 2e-6.
IZHIKEVICH = NeuronModel(
    name="Izhikevich",
    equations="""
dv/dt = (k*(v - v_r)*(v - v_t) - u + I_bias + I) / C : 1
du/dt = a*(b*(v - v_r) - u) : 1
""",
    threshold="v >= v_peak",
    reset="v = v_reset; u += d",
    state=("v", "u"),
    constants=(
        Constant("C", 0.25, "second", "capacitance, 250 pF", (("above", 0),)),
        Constant("k", 2.5, "1", "scale of the v-nullcline, pA/mV²", (("above", 0),)),
        Constant("a", 10.0, "hertz", "rate at which u follows v", (("above", 0),)),
        Constant("b", -2.0, "1", "what v adds to u, pA/mV"),
        Constant("d", 200.0, "1", "what a spike adds to u, pA"),
        Constant("v_r", -60.0, "1", "resting potential, mV"),
        Constant("v_t", -19.2, "1", "threshold without u, mV; v_r + 40 - b/k"),
        Constant("v_peak", 30.0, "1", "potential at which a spike is cut off, mV"),
        Constant("v_reset", -65.0, "1", "reset potential, mV"),
        Constant("I_bias", 1000.0, "1", "bias current, pA; about the rheobase"),
    ),
    start=("v_r", "v_peak"),
)

#: The models that the kernels run, in the order of the kernel's own numbers.
NEURONS = {"lif": LIF, "theta": THETA, "izhikevich": IZHIKEVICH}


def state_variables(neuron: NeuronModel = LIF) -> tuple[str, ...]:
    """Name the variables that a time step changes: those of the neuron, then those of the two filters."""
    return (*neuron.state, "s", "h", "r", "h_r")


def output_names(symbol: str, outputs: int) -> list[str]:
    """Name a variable that exists once per output: ``z`` alone, or ``z_1``, ``z_2``, ..."""
    return [symbol] if outputs == 1 else [f"{symbol}_{k + 1}" for k in range(outputs)]


def network_equations(outputs: int = 1, neuron: NeuronModel = LIF, external: bool = False) -> str:
    """Return the equations of one neuron of the network.

    Parameters
    ----------
    outputs : int, default 1
        Number of outputs, each with a readout z, a decoder phi and an encoder E.
    neuron : NeuronModel, default LIF
        The neuron.
    external : bool, default False
        Whether a current `X` enters too, of inputs and noise.

    Returns
    -------
    str
        Brian2 equations with units. Parameters are shared variables.

    References
    ----------
    Nicola and Clopath (2017), Methods; assembled in chapter 3, run in chapter 5.

    Examples
    --------
    >>> from forcelib import model
    >>> model.network_equations().splitlines()[1:3]
    ['I = s + J : 1', 'J = E*z : 1']
    """
    z, phi, encoder = (output_names(symbol, outputs) for symbol in ("z", "phi", "E"))
    terms = [f"{e}*{x}" for e, x in zip(encoder, z, strict=True)] + ["X"] * external
    lines = [CURRENT, f"J = {' + '.join(terms)} : 1"] + ["X : 1"] * external
    for names in zip(z, phi, encoder, strict=True):
        lines += [f"{names[0]} : 1 (shared)", f"{names[1]} : second", f"{names[2]} : 1"]
    shared = [f"{name} : {unit} (shared, constant)" for name, unit in neuron.declared]
    parts = [neuron.equations, *lines, SYNAPTIC_CURRENT, FILTERED_RATE, *shared]
    return "\n".join(part.strip() for part in parts)
