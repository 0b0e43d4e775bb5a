"""The command line, as a user calls it."""

import subprocess
import sys

import numpy as np
import pytest
from brian2 import ms

import forcelib
from forcelib import tasks
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


def test_lists_the_tasks(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 44
    row = next(line for line in lines if line.startswith("izhikevich/songbird "))
    assert row.split()[:10] == [
        "izhikevich/songbird",
        "100",
        "1",
        "50",
        "1000",
        "13",
        "1000",
        "2e-06",
        "20",
        "4",
    ]
    assert "not supplied" in row
    assert "HDTS of 500 bumps" in row


@pytest.mark.parametrize(
    ("options", "neuron", "outputs", "inputs"),
    [
        (["--task", "izhikevich/sine"], "izhikevich", 1, 0),
        (["--task", "theta/lorenz"], "theta", 3, 0),
        (["--task", "izhikevich/classification"], "izhikevich", 1, 2),
        (["--task", "izhikevich/ode-to-joy-long"], "izhikevich", 69, 0),
        (["--neuron", "theta", "--teacher", "sawtooth", "--frequency", "8"], "theta", 1, 0),
        (["--teacher", "flip-flop"], "lif", 1, 1),
        (["--teacher", "relaxation", "--input", "hdts:10:1", "--Q-in", "3"], "lif", 2, 10),
    ],
)
def test_runs_tasks_neurons_teachers_and_inputs(options, neuron, outputs, inputs, tmp_path, capsys):
    small = ["--N", "60", "--duration", "0.4", "--rls-start", "0.1", "--rls-stop", "0.2", "--no-progress"]
    assert main(["--seed", "2", "--output", str(tmp_path), *small, *options]) in (0, 1)
    assert "during training" in capsys.readouterr().out
    result = forcelib.load(tmp_path / "run.npz")
    assert result.parameters.neuron.name == forcelib.model.NEURONS[neuron].name
    assert (result.reservoir.outputs, result.reservoir.inputs) == (outputs, inputs)
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_a_task_is_run_as_published_but_for_what_is_given(tmp_path):
    few = ["--N", "60", "--duration", "0.04"]
    assert main(["--seed", "1", "--output", str(tmp_path), "--task", "theta/product", *few]) == 0
    run = forcelib.load(tmp_path / "run.npz")
    published = tasks.get("theta/product").parameters
    assert run.parameters == published.replace(N=60, duration=40 * ms)
    again = tasks.get("theta/product").run(seed=1, parameters=run.parameters)
    np.testing.assert_array_equal(again.spike_neuron, run.spike_neuron)


def test_a_task_in_pieces_goes_on_where_it_was(tmp_path, capsys):
    few = ["--N", "60", "--duration", "11", "--rls-start", "1", "--rls-stop", "1.5", "--no-progress"]
    task = ["--seed", "1", "--task", "lif/van-der-pol-harmonic-supplement-20ms", *few]
    assert main([*task, "--output", str(tmp_path), "--resume"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in said[:2]] == ["0 s to 10 s", "10 s to 11 s"]
    assert "waveform error" in said[1]
    assert forcelib.load(tmp_path / "run.npz").start == 10
    assert (tmp_path / "trained.npz").exists()
    assert main([*task, "--output", str(tmp_path), "--resume"]) == 0
    assert " s to " not in capsys.readouterr().out  # nothing is left to do
    with pytest.raises(SystemExit):
        main([*task, "--output", str(tmp_path), "--resume", "--seed", "2"])
    assert "folder: its run has the seed = 1, not 2" in capsys.readouterr().err


def test_a_teacher_from_a_file(tmp_path):
    np.save(tmp_path / "song.npy", np.sin(np.arange(50)).reshape(25, 2))
    song = ["--teacher", str(tmp_path / "song.npy"), "--sampling", "0.01"]
    assert main(["--seed", "1", "--output", str(tmp_path), *SMALL, *song]) == 0
    result = forcelib.load(tmp_path / "run.npz")
    assert (result.teacher, result.frequency) == ("song.npy", 4)
    np.testing.assert_allclose(result.target[200], np.sin([2, 3]), atol=1e-9)


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--task", "izhikevich/sinus"], "near it are izhikevich/sine"),
        (["--task", "izhikevich/songbird"], "the authors supply none"),
        (["--task", "lif/sine", "--neuron", "theta"], "neuron: the task decides it"),
        (["--resume"], "resume: it needs a task"),
        (["--neuron", "hodgkin"], "invalid choice: 'hodgkin'"),
        (["--teacher", "cosine"], "teacher = 'cosine' must be one of sine"),
        (["--teacher", "lorenz", "--frequency", "3"], "frequency: lorenz has its own"),
        (["--teacher", "flip-flop", "--input", "sine"], "input = sine: flip-flop brings its own"),
        (["--input", "hdts:x"], "input = hdts:x: write hdts:M:SECONDS"),
        (["--teacher", "song.npy"], "--sampling must say the time between its samples"),
        (["--teacher", "no/song.npy", "--sampling", "1"], "teacher = no/song.npy cannot be read"),
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


@pytest.mark.parametrize("given", [[], ["--seed", "1"], ["--output", "run"]])
def test_seed_and_output_are_needed(given, capsys):
    with pytest.raises(SystemExit):
        main(given)
    missing = "--output" if "--seed" in given else "--seed"
    assert f"the following arguments are required: {missing}" in capsys.readouterr().err


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
