"""Every engine reproduces the reference program, spike for spike."""

import functools
from pathlib import Path

import numpy as np
import pytest
from brian2 import second
from reference_program import simulate
from spike_digest import spike_digests

import forcelib
from forcelib import Parameters


@pytest.fixture(scope="module")
def recording():
    with np.load(Path(__file__).with_name("reference") / "seed1.npz", allow_pickle=False) as stored:
        return dict(stored)


@pytest.fixture(scope="module", params=["native", "portable", "brian2"])
def result(request):
    if request.param == "native":
        request.getfixturevalue("native")
    return forcelib.run(seed=1, engine=request.param)


def test_every_spike_of_the_reference_recording(result, recording):
    assert len(result.spike_step) == recording["spikes"] == 707_506
    digests = spike_digests(result.spike_neuron, result.spike_step, result.steps)
    assert digests == list(recording["digests"])


def test_readout_of_the_reference_recording(result, recording):
    every = int(recording["every"])
    assert result.steps == 300_000
    assert np.abs(result.readout[::every] - recording["readout"]).max() < 1e-12


def test_decoder_of_the_reference_recording(result, recording):
    # The decoders are some 1e-4; 1e-16 is a relative error of 1e-12.
    assert np.abs(result.decoder - recording["decoder"]).max() < 1e-15


SHORT = {"duration": 1.0, "rls_start": 0.3, "rls_stop": 0.7}


@functools.cache
def reference(seed):
    from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

    return simulate(seed, N=300, codeobj_class=NumpyCodeObject, **SHORT)


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_other_seeds_against_the_reference_algorithm(seed, engine):
    expected = reference(seed)
    times = {name: value * second for name, value in SHORT.items()}
    result = forcelib.run(seed=seed, engine=engine, parameters=Parameters(N=300, **times))
    assert len(expected["i"]) > 1000
    np.testing.assert_array_equal(result.spike_neuron, expected["i"])
    np.testing.assert_array_equal(result.spike_step, expected["s"])
    assert np.abs(expected["z"]).max() > 0.5
    assert np.abs(result.readout - expected["z"]).max() < 1e-12
