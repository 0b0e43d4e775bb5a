"""The authors' programs: their parameters, and that each runs."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from brian2 import ms, second

from forcelib import IZHIKEVICH, LIF, THETA, FileFormatError, ParameterError, tasks, teachers

#: For each model: neuron, time step and time between updates in ms, balanced. As in every program of it.
MODELS = {
    "lif": (LIF, 0.05, 2.5, True),
    "theta": (THETA, 0.01, 0.5, True),
    "izhikevich": (IZHIKEVICH, 0.04, 0.8, False),
}


def test_there_are_44_programs():
    assert len(tasks.TASKS) == 44
    assert len({task.source for task in tasks.TASKS.values()}) == 44
    counts = {model: sum(name.startswith(model) for name in tasks.TASKS) for model in MODELS}
    assert counts == {"lif": 15, "theta": 15, "izhikevich": 14}
    assert [name for name, task in tasks.TASKS.items() if task.teacher is None] == [
        "izhikevich/songbird",
        "izhikevich/movie",
    ]


@pytest.mark.parametrize("name", tasks.TASKS)
def test_what_the_programs_of_a_model_have_in_common(name):
    task = tasks.TASKS[name]
    p = task.parameters
    neuron, dt, interval, balanced = MODELS[name.split("/")[0]]
    assert p.neuron.same_equations(neuron)
    assert (p.dt / ms, p.balanced, p.gain, p.p) == (pytest.approx(dt), balanced, "published", 0.1)
    slow = task.kind in ("tune", "replay")
    assert p.rls_interval / ms == pytest.approx(4 if slow else interval)
    assert (p.tau_r / ms, task.name) == (pytest.approx(2), name)
    words = name.split("-supplement-")
    assert p.tau_d / ms == pytest.approx(float(words[1][:-2]) if len(words) > 1 else 20)
    size = {"lorenz": 5000, "tune": 5000, "replay": 1000}.get(task.kind, 2000)
    assert size == p.N
    assert pickle.loads(pickle.dumps(task)) == task


@pytest.mark.parametrize(
    ("name", "times", "G", "Q", "alpha"),
    [
        ("lif/sine", (15, 5, 10), 0.04, 10, 5e-6),
        ("lif/van-der-pol-relaxation-supplement-30ms", (15, 5, 10), 0.05, 30, 2.5e-6),
        ("lif/product-supplement-30ms", (60, 5, 25), 0.1, 30, 2.5e-6),
        ("theta/van-der-pol-relaxation", (15, 5, 10), 15, 1e4, 1e-5),
        ("theta/noisy-product", (80, 5, 55), 15, 1e4, 1e-5),
        ("theta/lorenz", (100, 5, 50), 15, 1e4, 1e-5),
        ("theta/product-supplement-50ms", (70, 5, 55), 50, 2e4, 1e-4),
        ("izhikevich/sine", (15, 5, 10), 5, 5e3, 2e-6),
        ("izhikevich/three-sines", (50, 5, 25), 10, 1e4, 2e-6),
        ("izhikevich/ode-to-joy", (1000, 1, 900), 10, 4e3, 2e-6),
        ("izhikevich/songbird", (100, 1, 50), 13, 1e3, 2e-6),
        ("izhikevich/classification", (1000, 1, 400), 6, 5e3, 3e-5),
    ],
)
def test_published_parameters_in_units_of_forcelib(name, times, G, Q, alpha):
    p = tasks.get(name).parameters
    assert [float(time) for time in (p.duration, p.rls_start, p.rls_stop)] == pytest.approx(times)
    assert (p.G, p.Q, p.alpha) == pytest.approx((G, Q, alpha))


def test_neurons_and_inputs_that_differ():
    bird, movie, points = (
        tasks.get(f"izhikevich/{name}") for name in ("songbird", "movie", "classification")
    )
    for task in (bird, movie):
        assert [task.parameters.neuron[name] for name in ("a", "b", "d", "v_t")] == [2, 0, 100, -40]
    assert (bird.parameters.Q_in, movie.parameters.Q_in) == (8e3, 4e3)
    assert bird.input == teachers.hdts(500, 5 * second)
    assert (points.parameters.neuron["b"], points.parameters.neuron["v_t"]) == (0, -20)
    weights = points.draw(3).input_weights
    np.testing.assert_allclose(np.hypot(*weights.T), 500)
    # Directions are uniform: five standard errors of a mean of cosines.
    assert np.abs(weights.mean(axis=0) / 500).max() < 5 / np.sqrt(2 * 2000)
    assert not np.array_equal(weights, points.draw(4).input_weights)


@pytest.mark.parametrize(
    "name", ["lif/van-der-pol-harmonic-supplement-20ms", "theta/sine", "izhikevich/classification"]
)
def test_a_task_runs_and_is_measured(name):
    task = tasks.get(name)
    short = task.parameters.replace(
        N=100, duration=1.1 * second, rls_start=0.2 * second, rls_stop=0.9 * second
    )
    run = task.run(seed=2, parameters=short, record_decoders=0)
    assert run.parameters == short
    trained, free = (
        task.score(run.between(*span)) for span in ((0.5 * second, 0.9 * second), (0 * ms, 0.2 * second))
    )
    assert trained["error"] < free["error"]
    again = task.run(seed=2, parameters=short, record_decoders=0)
    np.testing.assert_array_equal(run.readout, again.readout)


def test_scores_of_a_perfect_run_and_of_none():
    for name, best, worst in (
        ("izhikevich/classification", {"accuracy": 1}, {"accuracy": 0}),
        ("izhikevich/ode-to-joy", {"waveform error": 0, "notes": 1}, {"notes": 2 / 16}),
        ("theta/lorenz", {"mean maximum": 1}, {"mean maximum": 0}),
    ):
        task = tasks.get(name)
        small = task.parameters.replace(N=20, duration=8 * second, dt=0.4 * ms, rls_interval=4 * ms)
        run = task.run(seed=1, parameters=small.replace(Q=0.0), train=False)
        perfect = task.score(Perfect(run))
        assert perfect["error"] == 0
        for key, value in best.items():
            assert perfect[key] == pytest.approx(value, abs=1e-9)
        for key, value in worst.items():
            assert task.score(run)[key] == pytest.approx(value)


class Perfect:
    """A run whose readout is its target."""

    def __init__(self, run):
        self.run = run

    def __getattr__(self, name):
        return getattr(self.run, "target" if name == "readout" else name)

    def rms_error(self):
        return 0.0


def test_a_task_without_a_target_takes_one():
    task = tasks.get("izhikevich/movie")
    small = task.parameters.replace(N=50, duration=40 * ms)
    with pytest.raises(
        ParameterError, match="teacher: izhikevich/movie needs one, as the authors supply none"
    ):
        task.run(seed=1, parameters=small)
    run = task.run(seed=1, parameters=small, teacher=teachers.samples(np.ones((80, 7)), 100 * ms))
    assert run.readout.shape == (1000, 7)
    assert run.input.shape == (1000, 32)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ode", "near it are izhikevich/ode-to-joy, izhikevich/ode-to-joy-long"),
        ("theta/sinus", "near it are theta/sine"),
        (None, "task = None is none of the 44"),
    ],
)
def test_an_unknown_task_is_told_its_neighbours(name, message):
    with pytest.raises(ParameterError, match=message):
        tasks.get(name)
    with pytest.raises(ParameterError, match="seed = -1 must be"):
        tasks.get("lif/sine").run(seed=-1)


def small(name, **changes):
    task = tasks.get(name)
    times = {"duration": 600 * ms, "rls_start": 100 * ms, "rls_stop": 420 * ms}
    return replace(task, parameters=task.parameters.replace(**{"N": 80} | times | changes))


@pytest.mark.parametrize("name", ["izhikevich/classification", "theta/van-der-pol-harmonic"])
def test_a_run_in_pieces_is_the_run(name):
    task = small(name, duration=100 * ms, rls_start=10 * ms, rls_stop=60 * ms)
    whole = task.run(seed=3)
    pieces = list(task.pieces(seed=3, piece=30 * ms))
    assert [piece.steps for piece in pieces] == [round(0.03 / float(task.parameters.dt))] * 3 + [
        round(0.01 / float(task.parameters.dt))
    ]
    for key in ("readout", "target"):
        joined = np.concatenate([getattr(piece, key) for piece in pieces])
        # P, which is kept as a matrix between the pieces, is rounded in another way.
        np.testing.assert_allclose(joined, getattr(whole, key), rtol=0, atol=1e-9)
    spikes = np.concatenate([piece.spike_neuron for piece in pieces])
    np.testing.assert_array_equal(spikes, whole.spike_neuron)


def test_what_was_stopped_goes_on_exactly(tmp_path):
    task = small("izhikevich/classification")
    through = [piece.readout for piece in task.pieces(seed=3, piece=100 * ms)]
    stopped = task.pieces(seed=3, piece=100 * ms, folder=tmp_path)
    first = [next(stopped).readout for _ in range(3)]  # while it trains
    stopped.close()
    rest = [piece.readout for piece in task.pieces(seed=3, piece=100 * ms, folder=tmp_path)]
    assert len(first) + len(rest) == 6
    np.testing.assert_array_equal(np.concatenate(first + rest), np.concatenate(through))
    assert not list(task.pieces(seed=3, piece=100 * ms, folder=tmp_path))  # all is done
    for change, words in (
        ({"seed": 4}, "seed = 3, not 4"),
        ({"task": small("izhikevich/classification", G=7)}, "other parameters"),
        ({"task": small("izhikevich/sine")}, "teacher"),
    ):
        with pytest.raises(ParameterError, match=words):
            next(change.get("task", task).pieces(seed=change.get("seed", 3), folder=tmp_path))


def test_a_small_file_replays_what_was_trained(tmp_path):
    task = small("theta/van-der-pol-harmonic")
    *_, last = task.pieces(seed=3, piece=200 * ms, folder=tmp_path)
    assert (tmp_path / "trained.npz").stat().st_size < 5000
    run = tasks.replay(tmp_path / "trained.npz", 100 * ms, seed=5)
    assert run.parameters == task.parameters.replace(duration=100 * ms)
    np.testing.assert_array_equal(run.decoder, last.decoder)
    # As if the run itself were begun anew.
    same = last.replayed(100 * ms, seed=5)
    np.testing.assert_array_equal(run.spike_neuron, same.spike_neuron)
    np.testing.assert_array_equal(run.readout, same.readout)
    np.testing.assert_allclose(run.target, task.teacher(run.t), atol=1e-12)
    again = task.replay(tmp_path / "trained.npz", 100 * ms, seed=5)
    np.testing.assert_array_equal(again.readout, run.readout)
    with pytest.raises(ParameterError, match=r"theta/van-der-pol-harmonic, not lif/sine"):
        small("lif/sine").replay(tmp_path / "trained.npz", 100 * ms, seed=5)
    last.save(tmp_path / "run.npz")
    with pytest.raises(FileFormatError, match=r"run.npz is not a trained network"):
        tasks.replay(tmp_path / "run.npz", 100 * ms, seed=5)
    (tmp_path / "none.npz").write_text("nothing", "utf-8")
    with pytest.raises(FileFormatError, match=r"none.npz is not a readable .npz file"):
        tasks.replay(tmp_path / "none.npz", 100 * ms, seed=5)
