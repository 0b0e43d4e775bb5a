"""The model, stated once: neuron, synaptic filter and network, as Brian2 equations with units.

Every engine runs this text: Brian2 reads it, and the statements of the kernel are written from it.
Chapters 1 to 3 build it up, chapter 5 runs it.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CURRENT",
    "FILTERED_RATE",
    "LIF",
    "RATE_KICK",
    "SYNAPSE",
    "SYNAPTIC_CURRENT",
    "SYNAPTIC_KICK",
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


@dataclass(frozen=True)
class NeuronModel:
    """A neuron, as Brian2 reads it.

    Parameters
    ----------
    name : str
        How the field calls it.
    equations : str
        Brian2 equations with units of the neuron's own state variables; `I` is the current that enters.
    threshold, reset : str
        The condition under which the neuron spikes, and what a spike does to it.
    refractory : str
        How long it is held after a spike: the name of a parameter.
    state : tuple of str
        Its own state variables; the first is the membrane potential.
    parameters : tuple of (str, str)
        Name and unit of each parameter, of the neuron and of the synaptic filter, in the order in which the
        kernel takes them. They are fields of :class:`forcelib.parameters.Parameters`.

    References
    ----------
    Chapter 1.

    Examples
    --------
    >>> from forcelib import LIF
    >>> print(LIF.equations)
    dv/dt = (-v + I_bias + I) / tau_m : 1 (unless refractory)
    >>> LIF.threshold, LIF.reset
    ('v >= v_threshold', 'v = v_reset')
    """

    name: str
    equations: str
    threshold: str
    reset: str
    refractory: str
    state: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]


#: The leaky integrate-and-fire neuron of Nicola and Clopath (2017).
LIF = NeuronModel(
    name="leaky integrate-and-fire",
    equations="dv/dt = (-v + I_bias + I) / tau_m : 1 (unless refractory)",
    threshold="v >= v_threshold",
    reset="v = v_reset",
    refractory="tau_ref",
    state=("v",),
    parameters=(
        ("tau_m", "second"),
        ("tau_ref", "second"),
        ("tau_r", "second"),
        ("tau_d", "second"),
        ("v_reset", "1"),
        ("v_threshold", "1"),
        ("I_bias", "1"),
    ),
)


def state_variables(neuron: NeuronModel = LIF) -> tuple[str, ...]:
    """Name the variables that a time step changes: those of the neuron, then those of the two filters."""
    return (*neuron.state, "s", "h", "r", "h_r")


def output_names(symbol: str, outputs: int) -> list[str]:
    """Name a variable that exists once per output: ``z`` alone, or ``z_1``, ``z_2``, ..."""
    return [symbol] if outputs == 1 else [f"{symbol}_{k + 1}" for k in range(outputs)]


def network_equations(outputs: int = 1, neuron: NeuronModel = LIF) -> str:
    """Return the equations of one neuron of the network.

    Parameters
    ----------
    outputs : int, default 1
        Number of outputs, each with a readout z, a decoder phi and an encoder E.
    neuron : NeuronModel, default LIF
        The neuron.

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
    lines = [CURRENT, "J = " + " + ".join(f"{e}*{x}" for e, x in zip(encoder, z, strict=True)) + " : 1"]
    for names in zip(z, phi, encoder, strict=True):
        lines += [f"{names[0]} : 1 (shared)", f"{names[1]} : second", f"{names[2]} : 1"]
    shared = [f"{name} : {unit} (shared, constant)" for name, unit in neuron.parameters]
    parts = [neuron.equations, *lines, SYNAPTIC_CURRENT, FILTERED_RATE, *shared]
    return "\n".join(part.strip() for part in parts)
