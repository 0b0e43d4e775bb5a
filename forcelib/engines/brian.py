"""Brian2 itself, in Python with NumPy: readable, and the one that the kernels are tested against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from brian2 import Clock, Network, NetworkOperation, NeuronGroup, SpikeMonitor, Synapses
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

from .. import model
from .._progress import on_interrupt
from ..rls import RLS
from . import NEVER, Job, Recording, divergence_limit, recording

__all__ = ["simulate"]


def build(job: Job) -> tuple[Network, NeuronGroup, SpikeMonitor]:
    """Make the Brian2 objects of a network and set its initial state.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Network, NeuronGroup, SpikeMonitor
    """
    parameters, reservoir, state = job.parameters, job.reservoir, job.state
    clock = Clock(parameters.dt)
    common = {"codeobj_class": NumpyCodeObject, "namespace": {}}
    neurons = NeuronGroup(
        reservoir.N,
        model.network_equations(reservoir.outputs),
        method="euler",
        threshold=model.LIF.threshold,
        reset=f"{model.LIF.reset}; {model.RATE_KICK}",
        refractory=model.LIF.refractory,
        clock=clock,
        **common,
    )
    objects = [neurons]
    connected = reservoir.weights.tocoo()
    if connected.nnz:  # Brian2 warns of synapses that are in no network, and cannot run empty ones
        synapses = Synapses(
            neurons, neurons, model.SYNAPSE, on_pre=model.SYNAPTIC_KICK, clock=clock, **common
        )
        synapses.connect(i=connected.row, j=connected.col)
        synapses.omega_[:] = reservoir.weights.data
        objects.append(synapses)
    for name, _ in model.LIF.parameters:
        setattr(neurons, name, getattr(parameters, name))
    for name in model.state_variables():
        values(neurons, name)[:] = getattr(state, name)
    for k, (phi, encoder) in enumerate(
        zip(*(model.output_names(x, reservoir.outputs) for x in ("phi", "E")), strict=True)
    ):
        values(neurons, phi)[:] = state.decoder[:, k]
        values(neurons, encoder)[:] = reservoir.encoders[:, k]
    values(neurons, "lastspike")[:] = -state.since_spike * float(parameters.dt)
    spikes = SpikeMonitor(neurons, codeobj_class=NumpyCodeObject)
    return Network(objects, spikes), neurons, spikes


def values(group: NeuronGroup, name: str) -> np.ndarray:
    """Return the array behind a state variable, without unit, to read and to write."""
    return group.variables[name].get_value()


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
    parameters, reservoir = job.parameters, job.reservoir
    outputs, steps = reservoir.outputs, len(job.target)
    network, neurons, spikes = build(job)
    r = values(neurons, "r")
    v = values(neurons, "v")
    z = [values(neurons, name) for name in model.output_names("z", outputs)]
    decoder_names = model.output_names("phi", outputs)
    phi = [values(neurons, name) for name in decoder_names]
    due = np.zeros(steps, dtype=bool)
    due[job.rls_steps] = True
    every = parameters.in_steps("rls_interval")
    readout = np.empty((steps, outputs))
    decoders = np.empty((-(-steps // every), len(job.record_decoders), outputs))
    potentials = np.empty((steps, len(job.record_potentials)))
    limit = divergence_limit(job.target)
    rls = RLS(
        reservoir.N,
        parameters.alpha,
        outputs=outputs,
        gain=parameters.gain,
        decoder=job.state.decoder,
        P=job.state.P,
    )
    step = 0
    diverged = False

    def force() -> None:
        # In the order of the reference program: readout from r(t), then RLS with that readout.
        nonlocal step, diverged
        for k in range(outputs):
            readout[step, k] = phi[k] @ r
            z[k][0] = job.target[step, k] if job.forced else readout[step, k]
        if not np.all(np.abs(readout[step]) < limit):
            diverged = True
            network.stop()
        elif due[step]:
            rls.update(r, job.target[step], readout[step])
            for k in range(outputs):
                phi[k][:] = rls.decoder[:, k]
        if step % every == 0:
            for k in range(outputs):
                decoders[step // every, :, k] = phi[k][job.record_decoders]
        potentials[step] = v[job.record_potentials]
        step += 1
        if step % 500 == 0:
            report(step)

    network.add(NetworkOperation(force, clock=neurons.clock, when="start"))
    # What grows beyond all numbers is reported as a divergence, whatever NumPy is set to do about it.
    with on_interrupt(network.stop), np.errstate(all="ignore"):
        network.run(steps * parameters.dt, namespace={})
    report(step)
    dt = float(parameters.dt)
    last = np.rint(values(neurons, "lastspike") / dt).astype(np.int64)
    found: dict[str, Any] = {name: values(neurons, name) for name in model.state_variables()}
    found |= {"decoder": np.column_stack(phi), "since_spike": np.minimum(step - last, NEVER)}
    found["P"] = rls.P if rls.updates else job.state.P
    return recording(
        job,
        diverged,
        found,
        # A copy: Brian2 2.11 frees the array behind the view with the monitor.
        spike_neuron=np.array(spikes.i[:]),
        spike_step=np.rint(np.asarray(spikes.t_[:]) / dt).astype(np.uint32),
        readout=readout[:step],
        decoders=decoders[: -(-step // every)],
        potentials=potentials[:step],
    )
