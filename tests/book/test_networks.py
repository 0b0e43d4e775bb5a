"""The trained networks that the pages replay are those of their tasks, and small."""

import json

import numpy as np
import pytest
from browser import ROOT

from forcebook.networks import NETWORKS, trained
from forcelib import ParameterError, Parameters


def test_every_file_has_its_task():
    files = {path.stem for path in (ROOT / "forcebook" / "networks").glob("*.npz")}
    assert files == set(NETWORKS)
    with pytest.raises(ParameterError, match="nothing"):
        trained("nothing")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_file_is_small_and_of_the_parameters_that_stand_in_the_book(name):
    assert trained(name).stat().st_size < 300_000
    with np.load(trained(name), allow_pickle=False) as stored:
        about = json.loads(str(stored["trained"]))
    assert (about["task"], about["seed"]) == (name, 1)
    kept, own = Parameters.from_dict(about["parameters"]), NETWORKS[name].parameters
    assert kept.replace(duration=own.duration) == own
