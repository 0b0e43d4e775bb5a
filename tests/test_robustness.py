"""Processes that are killed, NumPy set to raise, and parameters from everywhere."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from brian2 import Hz, ms, second
from hypothesis import given, settings
from hypothesis import strategies as st

import forcelib
from forcelib import DivergenceError, ForcelibError, Parameters, Reservoir, _files, teachers

N = 20
SHORT = Parameters(N=N, duration=50 * ms, rls_start=5 * ms, rls_stop=40 * ms)
SAVE = """
import os, signal, sys
import numpy as np
import forcelib
def savez(file, **arrays):
    file.write(b"half of it")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
np.savez = savez
forcelib.load(sys.argv[1]).save(sys.argv[1])
"""


def test_killed_while_saving(tmp_path):
    path = tmp_path / "[run].npz"
    forcelib.run(seed=1, parameters=SHORT).save(path)
    before = path.read_bytes()
    process = subprocess.run([sys.executable, "-c", SAVE, path])
    assert process.returncode == -signal.SIGKILL
    assert path.read_bytes() == before
    (left,) = set(tmp_path.iterdir()) - {path}
    long_ago = time.time() - 2 * _files.LEFT
    os.utime(left, (long_ago, long_ago))
    forcelib.load(path).save(path)
    assert list(tmp_path.iterdir()) == [path]


def test_numpy_set_to_raise_changes_nothing(engine):
    # Without input the filters decay below the smallest number.
    parameters = SHORT.replace(I_bias=-41, tau_r=0.06 * ms, tau_d=0.07 * ms)
    usual = forcelib.run(seed=1, parameters=parameters, engine=engine)
    assert len(usual.spike_step)
    assert np.abs(usual.state.h).max() < np.finfo(float).tiny
    with np.errstate(all="raise"):
        raising = forcelib.run(seed=1, parameters=parameters, engine=engine)
        for teacher in (teachers.van_der_pol(), teachers.noisy(teachers.sawtooth(), seed=1)):
            forcelib.run(teacher, seed=1, parameters=SHORT).continued(5 * ms)
    np.testing.assert_array_equal(raising.readout, usual.readout)
    np.testing.assert_array_equal(raising.spike_step, usual.spike_step)


def test_infinite_values_are_a_divergence(engine):
    drawn = Reservoir.draw(SHORT, seed=1)
    huge = Reservoir(np.full((N, N), 1e306), drawn.encoders, drawn.potentials)
    with pytest.raises(DivergenceError, match=r"values became NaN or infinite at t = 0\.05 s") as error:
        forcelib.run(seed=1, parameters=SHORT.replace(I_bias=0), reservoir=huge, train=False, engine=engine)
    result = error.value.result
    assert result.ended == "diverged"
    assert result.state is None
    assert result.steps == SHORT.steps


EXTREMES = [0.0, 1e-300, 1e-10, 1.0, 1e3, 1e10, 1e150, 1e306]
positive = st.sampled_from(EXTREMES) | st.floats(0, 100)
number = st.sampled_from(EXTREMES + [-value for value in EXTREMES]) | st.floats(-100, 100)
span = st.sampled_from([0, 1e-300, 1e-9, 5e-5, 1e-4, 0.02, 1e3, 1e300]) | st.floats(0, 0.1)
VALUES = {
    "p": st.sampled_from([1e-300, 0.01, 0.5, 1.0]),
    "G": positive,
    "Q": positive,
    "balanced": st.booleans(),
    "alpha": positive,
    "gain": st.just("textbook"),
    "tau_m": span,
    "tau_ref": span,
    "tau_r": span,
    "tau_d": span,
    "v_reset": number,
    "v_threshold": number,
    "I_bias": number,
    "v_start": number,
    "rls_start": span,
    "rls_stop": span,
    "rls_interval": st.sampled_from([5e-5, 1e-4, 0.01, 1e5, 1e300]),
    "noise": st.sampled_from([0.0, 1e-300, 0.1, 1e3]),
    "feedback_noise": st.sampled_from([0.0, 1e-300, 0.1, 10.0]),
    "forgetting": st.sampled_from([0.3, 0.9, 0.999, 1.0]),
    "rls_random": st.booleans(),
}
TIMES = ("tau_m", "tau_ref", "tau_r", "tau_d", "rls_start", "rls_stop", "rls_interval")
frequency = st.sampled_from([1e-300, 0.5, 20, 1e4, 1e9])
TEACHERS = st.one_of(
    st.builds(lambda f, a: teachers.sine(f * Hz, a), frequency, number),
    st.builds(lambda f: teachers.sawtooth(f * Hz), frequency),
    st.builds(lambda f, g: teachers.product_of_sines(f * Hz, g * Hz), frequency, frequency),
    st.builds(lambda mu, f: teachers.van_der_pol(mu, f * Hz), st.sampled_from([1e-3, 0.3, 5]), frequency),
    st.builds(lambda f, s: teachers.noisy(teachers.sine(f * Hz), s, seed=3), frequency, positive),
)


def outcome(engine, teacher, changes, options):
    """Name of the error and its words, or of the end, and the result."""
    times = {name: changes[name] * second for name in changes if name in TIMES}
    try:
        parameters = SHORT.replace(**(changes | times))
        result = forcelib.run(teacher, parameters=parameters, engine=engine, **options)
    except DivergenceError as error:
        return "DivergenceError", error.result
    except ForcelibError as error:
        return f"{type(error).__name__}: {error}", None
    return result.ended, result


@settings(max_examples=int(os.environ.get("FORCELIB_EXAMPLES", "20")))
@given(
    teacher=TEACHERS,
    changes=st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=3).flatmap(
        lambda names: st.fixed_dictionaries({name: VALUES[name] for name in names})
    ),
    seed=st.integers(0, 2**32 - 1),
    feedback=st.sampled_from(["readout", "target"]),
    train=st.booleans(),
)
def test_engines_agree_on_whatever_they_are_given(native, teacher, changes, seed, feedback, train):
    options = {"seed": seed, "feedback": feedback, "train": train}
    other_name, other = outcome("brian2", teacher, changes, options)
    for engine in ("native", "portable"):
        name, result = outcome(engine, teacher, changes, options)
        assert name == other_name
        if result is not None:
            assert result.steps == other.steps
        if name == "finished":
            assert np.all(np.isfinite(result.readout))
            np.testing.assert_array_equal(result.spike_step, other.spike_step)
            np.testing.assert_array_equal(result.spike_neuron, other.spike_neuron)
