"""The command line, as a user calls it."""

import subprocess
import sys

import numpy as np
import pytest

import forcelib
from forcelib.__main__ import main

SMALL = ["--N", "100", "--duration", "1", "--rls-start", "0.1", "--rls-stop", "0.4"]


def test_writes_run_and_figure(tmp_path, capsys):
    folder = tmp_path / "made" / "on the way"
    options = ["--gain", "textbook", "--balanced", "--Q", "7", "--G", "0.1", "--p", "0.2", "--alpha", "1e-6"]
    assert main(["--seed", "3", "--output", str(folder), *SMALL, *options, "--frequency", "4"]) == 0
    assert (folder / "figure.png").read_bytes().startswith(b"\x89PNG")
    words = capsys.readouterr().out
    for part in ("before training", "during training", "after training", "mean rate", "frequency"):
        assert part in words
    # As one reads it without forcelib.
    with np.load(folder / "run.npz", allow_pickle=False) as stored:
        assert stored["spike_neuron"].shape == stored["spike_step"].shape
        assert stored["readout"].shape == (20_000,)
    result = forcelib.load(folder / "run.npz")
    assert (result.seed, result.frequency) == (3, 4)
    changes = {"gain": "textbook", "balanced": True, "Q": 7, "G": 0.1, "p": 0.2, "alpha": 1e-6}
    times = {"duration": 1.0, "rls_start": 0.1, "rls_stop": 0.4}
    assert result.parameters == forcelib.Parameters.from_dict({"N": 100, **changes, **times})


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--p", "1.5"], "p = 1.5 must be above 0 and at most 1"),
        (["--rls-stop", "0.05"], "rls_start = 100. ms must be below rls_stop = 50. ms"),
        (["--frequency", "-5"], "frequency = -5. * hertz must be positive"),
        (["--engine", "gpu"], "invalid choice: 'gpu'"),
        (["--seed", "-1"], "seed = -1 must be a whole number"),
        (["--output", __file__], "must be a folder that can be written"),
    ],
)
def test_bad_options(option, words, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--seed", "1", "--output", str(tmp_path), *SMALL, *option])
    assert stop.value.code == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "run.npz").exists()


def test_divergence_keeps_the_run(tmp_path, capsys):
    assert main(["--seed", "1", "--output", str(tmp_path), *SMALL, "--alpha", "10"]) == 1
    captured = capsys.readouterr()
    assert "the readout exceeded 100" in captured.err
    assert "gain='textbook'" in captured.err
    assert forcelib.load(tmp_path / "run.npz").ended == "diverged"


def test_as_a_process(tmp_path):
    words = ["--seed", "1", "--output", str(tmp_path), *SMALL, "--engine", "brian2", "--duration", "0.3"]
    done = subprocess.run([sys.executable, "-m", "forcelib", *words], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == ""  # no progress bar where nobody watches
    assert "run.npz and figure.png are in" in done.stdout
    assert forcelib.load(tmp_path / "run.npz").engine == "brian2"
