"""A digest of spikes, second by second, so that a difference is located by the first that differs."""

import hashlib
import itertools

import numpy as np

STEPS_PER_SECOND = 20_000


def spike_digests(neuron: np.ndarray, step: np.ndarray, steps: int) -> list[str]:
    """Return one SHA-256 for each second of all spikes, neuron and time step, in the order recorded."""
    edges = np.searchsorted(step, np.arange(0, steps + 1, STEPS_PER_SECOND))
    digests = []
    for first, last in itertools.pairwise(edges):
        digest = hashlib.sha256(np.asarray(neuron[first:last], dtype="<u2").tobytes())
        digest.update(np.asarray(step[first:last], dtype="<u4").tobytes())
        digests.append(digest.hexdigest())
    return digests
