import copy
import dataclasses
import json
import pickle
import re

import numpy as np
import pytest
from brian2 import Hz, Quantity, ms, mV, second
from hypothesis import given
from hypothesis import strategies as st

from forcelib import ParameterError, Parameters

TIMES = ("tau_m", "tau_ref", "tau_r", "tau_d", "dt", "duration", "rls_start", "rls_stop", "rls_interval")


def test_defaults_are_those_of_the_reference_program():
    assert Parameters().to_dict() == {
        "N": 2000,
        "p": 0.1,
        "G": 0.04,
        "Q": 10.0,
        "balanced": False,
        "alpha": pytest.approx(0.05e-3 * 0.1, rel=1e-15),
        "gain": "published",
        "tau_m": pytest.approx(0.010, rel=1e-15),
        "tau_ref": pytest.approx(0.002, rel=1e-15),
        "tau_r": pytest.approx(0.002, rel=1e-15),
        "tau_d": pytest.approx(0.020, rel=1e-15),
        "v_reset": -65.0,
        "v_threshold": -40.0,
        "I_bias": -40.0,
        "v_start": 30.0,
        "dt": pytest.approx(0.05e-3, rel=1e-15),
        "duration": 15.0,
        "rls_start": 5.0,
        "rls_stop": 10.0,
        "rls_interval": pytest.approx(2.5e-3, rel=1e-15),
    }


def test_schedule_of_the_reference_program():
    parameters = Parameters()
    due = parameters.rls_steps()
    assert parameters.steps == 300_000
    # Every 50 steps while 5 s < t < 10 s, both ends excluded.
    np.testing.assert_array_equal(due, np.arange(100_050, 200_000, 50))


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (0 * ms, 1 * second, [50, 100, 150]),  # the end of the run comes first
        (2.5 * ms, 7.5 * ms, [100]),
        (2.4 * ms, 7.6 * ms, [50, 100, 150]),
        (2.53 * ms, 2.57 * ms, []),
        (2 * second, 3 * second, []),
    ],
)
def test_rls_is_due_strictly_between_start_and_stop(start, stop, expected):
    parameters = Parameters(duration=10 * ms, rls_start=start, rls_stop=stop)
    np.testing.assert_array_equal(parameters.rls_steps(), expected)


def test_times_have_a_unit_and_numbers_have_none():
    for spec in dataclasses.fields(Parameters):
        value = getattr(Parameters(), spec.name)
        assert isinstance(value, Quantity) == (spec.name in TIMES)
        if spec.name in TIMES:
            assert value.dim is second.dim


def test_times_may_be_given_in_any_unit_of_time():
    parameters = Parameters(tau_d=30 * ms, duration=1 / (2 * Hz))
    assert float(parameters.tau_d) == pytest.approx(0.03, rel=1e-15)
    assert float(parameters.duration) == 0.5


def test_cannot_be_changed():
    parameters = Parameters()
    with pytest.raises(dataclasses.FrozenInstanceError):
        parameters.N = 3
    assert parameters.N == 2000
    copies = [pickle.loads(pickle.dumps(parameters)), copy.copy(parameters), copy.deepcopy(parameters)]
    for each in [parameters, parameters.replace(N=300), *copies]:
        with pytest.raises(ValueError, match="read-only"):
            each.dt[...] = 1 * ms
    assert float(Parameters().dt) == 0.05e-3


def test_a_time_taken_out_can_be_reckoned_with():
    parameters = Parameters()
    dt = parameters.dt
    dt *= 2
    assert (float(dt), float(parameters.dt)) == (0.1e-3, 0.05e-3)


def test_replace_changes_a_copy():
    parameters = Parameters(G=0.1)
    changed = parameters.replace(N=300, tau_d=30 * ms)
    assert (changed.N, float(changed.tau_d), changed.G) == (300, 0.03, 0.1)
    assert (parameters.N, float(parameters.tau_d)) == (2000, 0.02)


def test_replace_checks_like_a_new_one():
    with pytest.raises(ParameterError, match=r"p = 2 must be above 0 and at most 1"):
        Parameters().replace(p=2)


def test_numpy_numbers_become_plain_ones():
    parameters = Parameters(N=np.int64(100), p=np.float32(0.5), balanced=np.bool_(True), Q=0)
    plain = parameters.to_dict()
    assert {type(plain[name]) for name in ("N", "p", "balanced", "Q")} == {int, float, bool}
    json.dumps(plain)


@st.composite
def parameter_sets(draw):
    dt = draw(st.floats(1e-6, 1e-3))
    reset = draw(st.floats(-100, 100))
    start = draw(st.floats(0, 20))
    return Parameters(
        N=draw(st.integers(2, 10**6)),
        p=draw(st.floats(0, 1, exclude_min=True)),
        G=draw(st.floats(0, 1e6)),
        Q=draw(st.floats(0, 1e6)),
        balanced=draw(st.booleans()),
        alpha=draw(st.floats(0, 1000, exclude_min=True)),
        gain=draw(st.sampled_from(["published", "textbook"])),
        v_reset=reset,
        v_threshold=reset + draw(st.floats(0.1, 100)),
        I_bias=draw(st.floats(-1e6, 1e6)),
        v_start=reset + draw(st.floats(0, 100)),
        dt=dt * second,
        tau_ref=draw(st.floats(0, 0.1)) * second,
        **{name: dt * draw(st.floats(1.01, 1e4)) * second for name in ("tau_m", "tau_r", "tau_d")},
        duration=draw(st.integers(1, 10**6)) * dt * second,
        rls_interval=draw(st.integers(1, 1000)) * dt * second,
        rls_start=start * second,
        rls_stop=(start + draw(st.floats(0.01, 10))) * second,
    )


@given(parameter_sets())
def test_survives_json_exactly(parameters):
    plain = parameters.to_dict()
    again = Parameters.from_dict(json.loads(json.dumps(plain)))
    assert again.to_dict() == plain
    assert again == parameters
    assert again.steps == parameters.steps
    assert len({parameters, again, pickle.loads(pickle.dumps(parameters))}) == 1


def test_hash_fits_equality():
    assert len({Parameters(I_bias=0.0), Parameters(I_bias=-0.0)}) == 1
    assert len({Parameters(), Parameters(tau_d=30 * ms), Parameters(gain="textbook")}) == 3


def test_from_dict_keeps_defaults_for_missing_names():
    assert Parameters.from_dict({"tau_d": 0.03}) == Parameters(tau_d=30 * ms)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("N", 1),
        ("N", 0),
        ("N", -5),
        ("N", 2.5),
        ("N", 2000.0),
        ("N", "2000"),
        ("N", True),
        ("N", None),
        ("p", 0),
        ("p", -0.1),
        ("p", 1.1),
        ("p", "0.1"),
        ("p", None),
        ("p", 0.1 * second),
        ("G", -0.04),
        ("Q", -10),
        ("alpha", 0),
        ("alpha", -1e-6),
        ("v_reset", -30),
        ("v_threshold", -65),
        ("v_start", -65.5),
        ("I_bias", -40 * mV),
        ("balanced", 1),
        ("balanced", "yes"),
        ("gain", "other"),
        ("gain", None),
        *((name, bad) for name in ("p", "G", "Q", "alpha", "I_bias") for bad in (np.nan, np.inf, -np.inf)),
        *((name, bad) for name in ("v_reset", "v_threshold", "v_start") for bad in (np.nan, np.inf)),
        *((name, bad * second) for name in TIMES for bad in (np.nan, np.inf)),
        *((name, -1 * ms) for name in TIMES),
        *((name, 0 * ms) for name in TIMES if name not in ("tau_ref", "rls_start")),
        *((name, 5) for name in TIMES),
        *((name, 5 * mV) for name in TIMES),
        *((name, 5 * Hz) for name in TIMES),
        *((name, bad) for name in ("tau_m", "duration") for bad in ([1, 2] * ms, None, "5 ms", True)),
        ("tau_m", [1 * ms, 2 * mV]),
        ("tau_m", [[1, 2], [3]]),
        ("rls_interval", 0.07 * ms),
        ("rls_interval", 0.02 * ms),
        ("duration", 10.02 * ms),
        ("rls_stop", 4 * second),
        ("rls_stop", 5 * second),
        ("rls_start", 10 * second),
        ("tau_m", 0.05 * ms),
        ("tau_r", 0.04 * ms),
        ("tau_d", 0.01 * ms),
    ],
)
def test_bad_values(name, value):
    # The message may show a value in another way than str() does: -5 as -5, 10 * mV as 10. mV.
    shown = {str(value), repr(value)}
    if isinstance(value, (int, float)):
        shown.add(f"{value:g}")
    if isinstance(value, Quantity) and not np.isfinite(value).all():
        shown.add(str(float(value)))
    words = "|".join(re.escape(text) for text in shown)
    with pytest.raises(ParameterError, match=rf"\b{name} = ({words})(?![\d.])"):
        Parameters(**{name: value})


@pytest.mark.parametrize("name", ["tau_m", "tau_r", "tau_d"])
def test_dt_longer_than_a_time_constant(name):
    slow = {"tau_m": 1 * second, "tau_r": 1 * second, "tau_d": 1 * second, name: 3 * ms}
    with pytest.raises(ParameterError, match=rf"{name} = 3\. ms must be longer than dt = 5\. ms"):
        Parameters(dt=5 * ms, rls_interval=5 * ms, **slow)


def test_unknown_names():
    with pytest.raises(ParameterError, match="tau_syn is not a parameter"):
        Parameters().replace(tau_syn=5 * ms)
    with pytest.raises(ParameterError, match="tau_syn is not a parameter"):
        Parameters.from_dict({"tau_syn": 0.005})
    with pytest.raises(TypeError, match="tau_syn"):
        Parameters(tau_syn=5 * ms)


def test_parameter_error_is_a_value_error():
    with pytest.raises(ValueError, match="p = 0"):
        Parameters(p=0)
