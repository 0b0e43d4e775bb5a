"""Brian2 itself, in Python with NumPy: readable, and the one that the kernels are tested against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from brian2 import Clock, Network, NetworkOperation, NeuronGroup, SpikeMonitor, Synapses
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from .. import model
from .._progress import on_interrupt
from . import NEVER, Job, Recording
from ._steps import Steps

__all__ = ["simulate"]


def simulate(job: Job, report: Callable[[int], None]) -> Recording:
    """Run a job in this process.

    Parameters
    ----------
    job : Job
    report : callable
        Called with the number of time steps done.

    Returns
    -------
    Recording
    """
    dt, neuron = float(job.parameters.dt), job.parameters.neuron
    network, neurons, spikes = _build(job)
    steps = Steps(job, _values(neurons, "r"), _values(neurons, neuron.state[0]), report)
    external = _values(neurons, "X") if job.has_external else None
    z = [_values(neurons, name) for name in model.output_names("z", job.reservoir.outputs)]

    def force() -> None:
        if external is not None:
            external[:] = job.external(steps.done, steps.done + 1)[0]
        for variable, value in zip(z, steps.begin(), strict=True):
            variable[:] = value
        if steps.diverged:
            network.stop()

    network.add(NetworkOperation(force, clock=neurons.clock, when="start"))
    # What grows beyond all numbers is reported as a divergence, whatever NumPy is set to do about it.
    with on_interrupt(network.stop), np.errstate(all="ignore"):
        network.run(len(job.target) * job.parameters.dt, namespace={})
    state: dict[str, Any] = {name: _values(neurons, name) for name in model.state_variables(neuron)}
    # Copies: Brian2 2.11 frees the arrays behind the views with the monitor.
    spike_neuron, spike_step = np.array(spikes.i[:]), np.rint(np.asarray(spikes.t_[:]) / dt).astype(np.uint32)
    last = -job.state.since_spike
    last[spike_neuron] = spike_step  # in order of time, so that the last one stays
    state["since_spike"] = np.minimum(steps.done - last, NEVER)
    return steps.end(state, spike_neuron, spike_step)


def _build(job: Job) -> tuple[Network, NeuronGroup, SpikeMonitor]:
    """Make the Brian2 objects of a network and set its initial state."""
    reservoir, state, neuron = job.reservoir, job.state, job.parameters.neuron
    common = {"clock": Clock(job.parameters.dt), "codeobj_class": NumpyCodeObject, "namespace": {}}
    neurons = NeuronGroup(
        reservoir.N,
        model.network_equations(reservoir.outputs, neuron, job.has_external),
        method="euler",
        threshold=neuron.threshold,
        reset=f"{neuron.reset}\n{model.RATE_KICK}",
        refractory=neuron.refractory or False,
        **common,
    )
    spikes = SpikeMonitor(neurons, codeobj_class=NumpyCodeObject)
    network = Network(neurons, spikes)
    connected = reservoir.weights.tocoo()
    if connected.nnz:  # Brian2 warns of synapses that are in no network, and cannot run empty ones
        synapses = Synapses(neurons, neurons, model.SYNAPSE, on_pre=model.SYNAPTIC_KICK, **common)
        synapses.connect(i=connected.row, j=connected.col)
        synapses.omega_[:] = reservoir.weights.data
        network.add(synapses)
    initial: dict[str, Any] = {name: job.parameters.value(name) for name, _ in neuron.declared}
    initial |= state.variables(neuron)
    initial |= zip(model.output_names("E", reservoir.outputs), reservoir.encoders.T, strict=True)
    if neuron.refractory:
        initial["lastspike"] = -state.since_spike * float(job.parameters.dt)
    for name, values in initial.items():
        _values(neurons, name)[:] = values
    return network, neurons, spikes


def _values(group: NeuronGroup, name: str) -> np.ndarray:
    """Return the array behind a state variable, without unit, to read and to write."""
    return group.variables[name].get_value()
