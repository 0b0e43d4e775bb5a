"""Thin a full recording of the reference program to the file that tests/test_exact.py reads.

    python tests/reference/thin.py seed1_full_run.npz

The recording is that of the reference program (S. Schmitt, 2022; Brian2 2.9.0, NumPy 2.3.5) with
np.random.seed(1), unchanged but for recording every spike. Its keys: i and s (neuron and time step of every
spike), z (readout at the start of each step), phi (final decoder).
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from spike_digest import spike_digests

EVERY = 10


def thin(recording: dict) -> dict:
    return {
        "spikes": np.array(len(recording["i"])),
        "digests": np.array(spike_digests(recording["i"], recording["s"], len(recording["z"]))),
        "every": np.array(EVERY),
        "readout": recording["z"][::EVERY],
        "decoder": recording["phi"],
    }


if __name__ == "__main__":
    with np.load(sys.argv[1], allow_pickle=False) as recording:
        np.savez(Path(__file__).with_name("seed1.npz"), **thin(recording))
