"""The rate twin: in place of spikes a neuron gives the rate at which it would fire under its present current.

The filter, the weights, the encoders and RLS are those of the spiking network, so a decoder can be moved from
one to the other. What is left out is what makes single spikes: the time at which they come, and their noise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from .. import neuron
from .._progress import on_interrupt
from . import NEVER, Job, Recording
from ._steps import Steps

__all__ = ["simulate"]


def simulate(job: Job, report: Callable[[int], None]) -> Recording:
    """Run a job; what is recorded as a potential is the current that enters.

    Parameters
    ----------
    job : Job
    report : callable
        Called with the number of time steps done.

    Returns
    -------
    Recording
    """
    p, reservoir, state = job.parameters, job.reservoir, job.state
    dt, tau_r, tau_d = (p.value(name) for name in ("dt", "tau_r", "tau_d"))
    # The currents s and h are weighted sums of r and h_r, as all pass the same filter.
    weights = sparse.csr_array(reservoir.weights.T)
    r, h_r, current = state.r.copy(), state.h_r.copy(), np.zeros(p.N)
    low, high = p.start_span
    s, h = state.s - weights @ r, state.h - weights @ h_r  # what else there was at the start decays
    if not r.any() and not h_r.any() and low < high:
        # Spikes begin with the potentials, rates would rest at zero: each neuron is given a part of a spike.
        h_r += np.clip((state.v - low) / (high - low), 0, 1) / (tau_r * tau_d)
    steps, curve = Steps(job, r, current, report), neuron.rate_curve(p)
    with on_interrupt(lambda: None) as interrupted, np.errstate(all="ignore"):
        while steps.done < len(job.target) and not steps.diverged and not interrupted():
            external = job.external(steps.done, steps.done + 1)[0] if job.has_external else 0.0
            feedback = reservoir.encoders @ steps.begin()  # first, as it records the current that there is
            current[:] = weights @ r + s + external + feedback
            for x, y, drive in ((r, h_r, curve(current)), (s, h, 0.0)):
                x += dt * (y - x / tau_r)
                y += dt * (drive / (tau_r * tau_d) - y / tau_d)
    none = np.empty(0, dtype=np.int64)
    own = dict(zip(p.neuron.state, (state.v, *state.further), strict=True))
    filters = {"s": s + weights @ r, "h": h + weights @ h_r, "r": r, "h_r": h_r}
    return steps.end(own | filters | {"since_spike": np.full(p.N, NEVER)}, none, none)
