"""The command line, as a user calls it."""

import subprocess
import sys

import numpy as np
import pytest

import forcelib
from forcelib.__main__ import main

SMALL = ["--N", "200", "--duration", "1.5", "--rls-start", "0.3", "--rls-stop", "0.8", "--engine", "brian2"]


def test_writes_run_and_figure(tmp_path, capsys):
    folder = tmp_path / "made" / "on the way"
    assert main(["--seed", "3", "--output", str(folder), *SMALL]) == 0
    with np.load(folder / "run.npz", allow_pickle=False) as stored:
        assert stored["spike_neuron"].dtype == np.uint16
        assert stored["spike_neuron"].shape == stored["spike_step"].shape
        assert stored["spike_step"].max() < 30_000
        assert stored["readout"].shape == (30_000,)
        assert stored["decoder"].shape == (200,)
    assert (folder / "figure.png").read_bytes().startswith(b"\x89PNG")
    words = capsys.readouterr().out
    for part in ("before training", "during training", "after training", "mean rate", "frequency"):
        assert part in words
    result = forcelib.load(folder / "run.npz")
    assert result.seed == 3
    assert result.parameters.N == 200


def test_options_reach_the_run(tmp_path):
    options = ["--gain", "textbook", "--balanced", "--Q", "7", "--G", "0.1", "--p", "0.2", "--alpha", "1e-6"]
    assert main(["--seed", "1", "--output", str(tmp_path), *SMALL, *options, "--frequency", "4"]) == 0
    result = forcelib.load(tmp_path / "run.npz")
    parameters = result.parameters
    assert (parameters.gain, parameters.balanced, parameters.Q) == ("textbook", True, 7)
    assert (parameters.G, parameters.p, parameters.alpha) == (0.1, 0.2, 1e-6)
    assert result.frequency == 4
    sums = np.bincount(result.reservoir.weights.indices, weights=result.reservoir.weights.data, minlength=200)
    assert np.abs(sums).max() < 1e-15


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--p", "1.5"], "p = 1.5 must be above 0 and at most 1"),
        (["--N", "1"], "N = 1 must be at least 2"),
        (["--rls-stop", "0.1"], "rls_start = 300. ms must be below rls_stop = 100. ms"),
        (["--alpha", "nan"], "alpha = nan must be finite"),
        (["--frequency", "-5"], "frequency = -5. Hz must be positive"),
        (["--engine", "gpu"], "invalid choice: 'gpu'"),
        (["--seed", "-1"], "seed = -1 must be a whole number"),
    ],
)
def test_bad_options(option, words, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--seed", "1", "--output", str(tmp_path), *SMALL, *option])
    assert stop.value.code == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "run.npz").exists()


def test_output_that_cannot_be_written(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit):
        main(["--seed", "1", "--output", str(tmp_path / "file"), *SMALL])
    assert "must be a folder that can be written" in capsys.readouterr().err


def test_divergence_keeps_the_run(tmp_path, capsys):
    assert main(["--seed", "1", "--output", str(tmp_path), *SMALL, "--alpha", "10"]) == 1
    captured = capsys.readouterr()
    assert "the readout exceeded 100" in captured.err
    assert "gain='textbook'" in captured.err
    assert forcelib.load(tmp_path / "run.npz").ended == "diverged"


def test_as_a_process(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "forcelib", "--seed", "1", "--output", str(tmp_path), *SMALL],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert done.stderr == ""  # no progress bar where nobody watches
    assert "run.npz and figure.png are in" in done.stdout
