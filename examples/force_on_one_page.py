"""FORCE training on one page: 2000 spiking neurons learn to make a sine (Nicola and Clopath, 2017).

The network runs freely for 5 s, learns until 10 s, and then makes the sine alone. Everything is on this page,
in plain Brian2, except recursive least squares: `forcelib.RLS`, built in chapter 4 of the book. It takes
about a minute. `forcelib.run(seed=1)` gives the same spikes in seconds.
"""

import brian2 as b2
import matplotlib.pyplot as plt
import numpy as np
from brian2 import Hz, ms, second

from forcelib import RLS

b2.prefs.codegen.target = "numpy"  # Brian2 stays in Python: nothing is compiled
b2.defaultclock.dt = 0.05 * ms
tau_m, tau_ref, tau_r, tau_d = 10 * ms, 2 * ms, 2 * ms, 20 * ms
v_reset, v_threshold, v_start, I_bias = -65, -40, 30, -40
p, G, Q, alpha = 0.1, 0.04, 10, 5e-6

NEURON = """
dv/dt = (-v + I_bias + I) / tau_m : 1 (unless refractory)  # the membrane
I = s + E*z : 1                                            # its input: the other neurons, and the readout
ds/dt = -s/tau_r + h : 1                                   # the spikes of the other neurons, filtered
dh/dt = -h/tau_d : Hz
dr/dt = -r/tau_r + h_r : Hz                                # the spikes of the neuron itself, filtered
dh_r/dt = -h_r/tau_d : Hz/second
E : 1                                                      # the encoder
z : 1 (shared)                                             # the readout, one for all neurons
"""
RESET = "v = v_reset; h_r += 1/(tau_r*tau_d)"


def target(t):
    """Return what the readout is to be at the time t."""
    return np.sin(2 * np.pi * 5 * Hz * t)


def simulate(N=2000, duration=15 * second, rls_start=5 * second, rls_stop=10 * second, seed=1):
    """Return monitors of the spikes and of the readout."""
    random = np.random.RandomState(seed)
    encoders = Q * (2 * random.uniform(size=N) - 1)
    potentials = v_reset + random.uniform(size=N) * (v_start - v_reset)
    weights = G * random.normal(size=(N, N)) / (np.sqrt(N) * p)
    pre, post = np.nonzero(random.uniform(size=(N, N)) < p)

    neurons = b2.NeuronGroup(
        N, NEURON, threshold="v >= v_threshold", reset=RESET, refractory="tau_ref", method="euler"
    )
    neurons.E, neurons.v = encoders, potentials
    synapses = b2.Synapses(neurons, neurons, "omega : second", on_pre="h += omega/(tau_r*tau_d)")
    synapses.connect(i=pre, j=post)
    synapses.omega = weights[pre, post] * second
    rls = RLS(N, alpha)

    @b2.network_operation(order=0)  # at each step, first: read out, and feed back
    def feed_back():
        neurons.z = rls.decoder[:, 0] @ neurons.r_[:]

    @b2.network_operation(dt=2.5 * ms, order=1)  # 400 times a second, then: correct the decoder
    def learn(t):
        if rls_start < t < rls_stop:
            rls.update(neurons.r_[:], target(t))

    spikes, readout = b2.SpikeMonitor(neurons), b2.StateMonitor(neurons, "z", record=[0], when="end")
    b2.Network(neurons, synapses, feed_back, learn, spikes, readout).run(duration, report="text")
    return spikes, readout


if __name__ == "__main__":
    spikes, readout = simulate()
    print(spikes.num_spikes, "spikes")
    for name, start, stop in (("free", 0, 5), ("learning", 6, 10), ("alone", 10, 15)):
        part = (readout.t >= start * second) & (readout.t < stop * second)
        error = readout.z[0, part] - target(readout.t[part])
        print(f"{name}: RMS error {np.sqrt(np.mean(error**2)):.3f}")
    plt.plot(readout.t, readout.z[0], readout.t, target(readout.t), "k--")
    plt.gca().set(xlim=(9, 11), xlabel="Time (s)", ylabel="Signal (no unit)")
    plt.legend(["readout", "target"], loc="upper right")
    plt.show()
