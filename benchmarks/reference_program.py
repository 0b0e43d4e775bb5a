"""The reference program's algorithm, written anew: all N x N synapses, the readout and an RLS that allocates
two N x N matrices per update as Python calls between the steps. It is what forcelib is measured against and,
for small N, checked against.

    python benchmarks/reference_program.py --seed 1 --N 2000 --output run.npz
"""

import argparse
import time

import numpy as np
from brian2 import (
    Clock,
    Hz,
    Network,
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    network_operation,
    second,
)
from brian2 import ms as millisecond

EQUATIONS = """
dv/dt = (-v + bias + current + encoder*x_hat)/tau_m : 1 (unless refractory)
dcurrent/dt = -current/tau_r + g : 1
dg/dt = -g/tau_d : 1/second
drate/dt = -rate/tau_r + g_rate : 1
dg_rate/dt = -g_rate/tau_d : 1/second
decoder : 1
encoder : 1
x_hat : 1 (shared)
"""


def simulate(
    seed: int,
    N: int = 2000,
    duration: float = 15.0,
    rls_start: float = 5.0,
    rls_stop: float = 10.0,
    frequency: float = 5.0,
    p: float = 0.1,
    G: float = 0.04,
    Q: float = 10.0,
    alpha: float = 5e-6,
    codeobj_class: type | None = None,
) -> dict[str, np.ndarray]:
    """Run the program; times in seconds. Return spikes (i, s), readout z, decoder phi and seconds spent."""
    namespace = {
        "tau_m": 10 * millisecond,
        "tau_r": 2 * millisecond,
        "tau_d": 20 * millisecond,
        "bias": -40,
        "threshold": -40,
        "reset": -65,
    }
    random = np.random.RandomState(seed)
    clock = Clock(0.05 * millisecond)
    neurons = NeuronGroup(
        N,
        EQUATIONS,
        method="euler",
        threshold="v >= threshold",
        reset="v = reset; g_rate += 1/(tau_r*tau_d)*second",
        refractory=2 * millisecond,
        clock=clock,
        namespace=namespace,
        codeobj_class=codeobj_class,
    )
    neurons.encoder = (2 * random.uniform(size=N) - 1) * Q
    neurons.v = -65 + random.uniform(size=N) * (30 + 65)
    synapses = Synapses(
        neurons,
        neurons,
        "weight : second",
        on_pre="g += weight/(tau_r*tau_d)",
        clock=clock,
        namespace=namespace,
        codeobj_class=codeobj_class,
    )
    synapses.connect()
    weights = G * (random.normal(size=(N, N)) * (random.uniform(size=(N, N)) < p)) / (np.sqrt(N) * p)
    synapses.weight = weights.flatten() * second
    del weights
    spikes = SpikeMonitor(neurons, codeobj_class=codeobj_class)
    readout = StateMonitor(neurons, "x_hat", record=[0], codeobj_class=codeobj_class)
    inverse = np.eye(N) * alpha

    @network_operation(clock=clock, name="a_decode")
    def decode() -> None:
        neurons.x_hat = np.dot(neurons.decoder, neurons.rate)

    @network_operation(dt=2.5 * millisecond, name="b_learn")
    def learn(t: object) -> None:
        nonlocal inverse
        if rls_start * second < t < rls_stop * second:
            gain = inverse @ neurons.rate
            error = neurons.x_hat - np.sin(2 * np.pi * frequency * Hz * t)
            neurons.decoder -= gain * error
            inverse = inverse - np.outer(gain, gain) / (1 + np.dot(neurons.rate, gain))

    network = Network(neurons, synapses, spikes, readout, decode, learn)
    network.run(0 * second)  # code generation is not simulation
    begin = time.perf_counter()
    network.run(duration * second)
    seconds = time.perf_counter() - begin
    return {
        # Copies: Brian2 2.11 frees the arrays behind these views with their monitor.
        "i": np.array(spikes.i[:]),
        "s": np.rint(spikes.t / clock.dt).astype(np.uint32),
        "z": np.array(readout.x_hat[0]),
        "phi": np.array(neurons.decoder[:]),
        "seconds": np.array(seconds),
    }


if __name__ == "__main__":
    command = argparse.ArgumentParser()
    command.add_argument("--seed", type=int, required=True)
    command.add_argument("--N", type=int, default=2000)
    command.add_argument("--duration", type=float, default=15.0)
    command.add_argument("--output", required=True)
    options = command.parse_args()
    np.savez(options.output, **simulate(options.seed, options.N, options.duration))
