"""Random numbers of a run, which belong to its seed and to a time step, however the run is cut."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ._checks import frozen
from .errors import ParameterError

#: What is drawn, each by a stream of its own.
KINDS = ("noise", "feedback_noise", "updates")

#: Steps that are drawn at once.
CHUNK = 100


def numbers(kind: str, seed: int | None, first: int, steps: int, width: int = 1) -> np.ndarray:
    """Return normal numbers, for updates uniform ones, of steps from the first on, shape (steps, width)."""
    if seed is None:
        raise ParameterError(f"seed: {kind.replace('_', ' ')} that are random need one")
    chunks = range(first // CHUNK, -(-(first + steps) // CHUNK))
    drawn = [_chunk(KINDS.index(kind), seed, chunk, width) for chunk in chunks]
    begin = first % CHUNK
    return np.concatenate(drawn)[begin : begin + steps]


@lru_cache(maxsize=4)  # an engine that asks step by step
def _chunk(kind: int, seed: int, chunk: int, width: int) -> np.ndarray:
    """Draw the numbers of one chunk of steps."""
    random, shape = np.random.default_rng([seed, kind, chunk]), (CHUNK, width)
    return frozen(random.random(shape) if KINDS[kind] == "updates" else random.standard_normal(shape))
