"""The trained networks that the pages replay are those of their tasks, and small."""

import json

import numpy as np
import pytest
from brian2 import second
from browser import ROOT

from forcebook.networks import NETWORKS, programs, trained
from forcelib import ParameterError, Parameters, tasks


def test_every_file_has_its_task():
    files = {path.stem for path in (ROOT / "forcebook" / "networks").glob("*.npz")}
    assert files == set(NETWORKS)
    with pytest.raises(ParameterError, match="nothing"):
        trained("nothing")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_file_is_small_and_of_the_parameters_that_stand_in_the_book(name):
    path = trained(name)
    assert path.stat().st_size < 300_000
    with np.load(path, allow_pickle=False) as stored:
        about = json.loads(str(stored["trained"]))
    assert (about["task"], about["seed"]) == (name, 1)
    kept, own = Parameters.from_dict(about["parameters"]), NETWORKS[name].parameters
    assert kept.replace(duration=own.duration) == own


@pytest.mark.parametrize(("name", "seed"), [("lif/sine", 3), ("izhikevich/sine", 1)])
def test_what_is_kept_of_a_program_is_what_it_does(name, seed):
    """As far as two machines agree: before training, and in training, where the target holds the network."""
    kept, task = programs()[name][str(seed)], tasks.get(name)
    run = task.run(seed, parameters=task.parameters.replace(duration=task.parameters.rls_stop))
    training = run.between(task.parameters.rls_stop - 2 * second)
    assert run.between(0 * second, task.parameters.rls_start).mean_rate() == pytest.approx(
        kept["before"]["rate"], rel=1e-3
    )
    assert training.mean_rate() == pytest.approx(kept["training"]["rate"], rel=1e-3)
    assert training.rms_error() == pytest.approx(kept["training"]["error"], rel=0.05)


def test_the_seeds_of_a_kept_program_have_no_gap():
    found = programs()
    assert set(found) <= set(tasks.TASKS)
    for name, runs in found.items():
        assert list(runs) == [str(seed) for seed in range(1, len(runs) + 1)], name
