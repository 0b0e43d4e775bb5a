"""What both engines in Python do at the start of each time step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..rls import RLS
from . import Job, Recording, divergence_limit, recording


class Steps:
    """Readout, RLS, what is fed back, and what is recorded; `r` and `potential` are arrays that change."""

    def __init__(self, job: Job, r: np.ndarray, potential: np.ndarray, report: Callable[[int], None]) -> None:
        self._job, self._r, self._potential, self._report = job, r, potential, report
        p, steps, outputs = job.parameters, len(job.target), job.reservoir.outputs
        self._due, self._limit = set(job.rls_steps.tolist()), divergence_limit(job.target)
        self._every = p.in_steps("rls_interval")
        self._readout = np.empty((steps, outputs))
        self._decoders = np.empty((-(-steps // self._every), len(job.record_decoders), outputs))
        self._potentials = np.empty((steps, len(job.record_potentials)))
        rule: dict[str, Any] = {"gain": p.gain, "forgetting": p.forgetting}
        rule |= {"decoder": job.state.decoder, "P": job.state.P}
        self._rls = RLS(job.reservoir.N, p.alpha, outputs=outputs, **rule)
        self.done, self.diverged = 0, False

    def begin(self) -> np.ndarray:
        """Begin a step, in the order of the reference program, and return what is fed back."""
        job, step = self._job, self.done
        z = self._readout[step] = self._r @ self._rls.decoder
        self.diverged = not np.all(np.abs(z) < self._limit)
        if step in self._due and not self.diverged:
            self._rls.update(self._r, job.target[step], z)
        if step % self._every == 0:
            self._decoders[step // self._every] = self._rls.decoder[job.record_decoders]
        self._potentials[step] = self._potential[job.record_potentials]
        self.done += 1
        if self.done % 500 == 0:
            self._report(self.done)
        return (job.target[step] if job.forced else z) + job.feedback_noise(step, step + 1)[0]

    def end(self, state: dict[str, Any], spike_neuron: np.ndarray, spike_step: np.ndarray) -> Recording:
        """Return what was recorded."""
        self._report(self.done)
        P = self._rls.P if self._rls.updates else self._job.state.P
        return recording(
            self._job,
            self.diverged,
            state | {"decoder": self._rls.decoder, "P": P},
            spike_neuron=spike_neuron,
            spike_step=spike_step,
            readout=self._readout[: self.done],
            decoders=self._decoders[: -(-self.done // self._every)],
            potentials=self._potentials[: self.done],
        )
