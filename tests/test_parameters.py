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

from forcelib import LIF, ParameterError, Parameters

TIMES = ("tau_m", "tau_ref", "tau_r", "tau_d", "dt", "duration", "rls_start", "rls_stop", "rls_interval")
DEFAULTS = {
    "N": 2000,
    "p": 0.1,
    "G": 0.04,
    "Q": 10.0,
    "balanced": False,
    "alpha": 0.05e-3 * 0.1,
    "gain": "published",
    "tau_m": 0.010,
    "tau_ref": 0.002,
    "tau_r": 0.002,
    "tau_d": 0.020,
    "v_reset": -65.0,
    "v_threshold": -40.0,
    "I_bias": -40.0,
    "v_start": 30.0,
    "dt": 0.05e-3,
    "duration": 15.0,
    "rls_start": 5.0,
    "rls_stop": 10.0,
    "rls_interval": 2.5e-3,
    "neuron": dataclasses.asdict(LIF),
    "Q_in": 1.0,
    "noise": 0.0,
    "feedback_noise": 0.0,
    "forgetting": 1.0,
    "rls_random": False,
}


def test_defaults_and_schedule_are_those_of_the_reference_program():
    parameters = Parameters()
    for (name, value), (expected_name, expected) in zip(
        parameters.to_dict().items(), DEFAULTS.items(), strict=True
    ):
        assert name == expected_name
        assert value == (pytest.approx(expected, rel=1e-15) if type(expected) is float else expected)
        assert isinstance(getattr(parameters, name), Quantity) == (name in TIMES)
    assert parameters.steps == 300_000
    # Every 50 steps while 5 s < t < 10 s, both ends excluded.
    np.testing.assert_array_equal(parameters.rls_steps(), np.arange(100_050, 200_000, 50))


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


def test_cannot_be_changed():
    parameters = Parameters()
    with pytest.raises(dataclasses.FrozenInstanceError):
        parameters.N = 3
    copies = [pickle.loads(pickle.dumps(parameters)), copy.copy(parameters), copy.deepcopy(parameters)]
    for each in [parameters, parameters.replace(N=300), *copies]:
        with pytest.raises(ValueError, match="read-only"):
            each.dt[...] = 1 * ms
    taken = parameters.dt
    taken *= 2
    assert (float(taken), float(parameters.dt), float(Parameters().dt)) == (0.1e-3, 0.05e-3, 0.05e-3)


def test_replace_changes_a_copy_and_takes_any_unit_of_time():
    parameters = Parameters(G=0.1)
    changed = parameters.replace(N=300, tau_d=30 * ms, duration=1 / (2 * Hz))
    assert (changed.N, float(changed.tau_d), float(changed.duration), changed.G) == (300, 0.03, 0.5, 0.1)
    assert (parameters.N, float(parameters.tau_d)) == (2000, 0.02)


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


def test_hash_fits_equality_and_missing_names_have_their_defaults():
    assert len({Parameters(I_bias=0.0), Parameters(I_bias=-0.0)}) == 1
    assert len({Parameters(), Parameters(tau_d=30 * ms), Parameters(gain="textbook")}) == 3
    assert Parameters.from_dict({"tau_d": 0.03}) == Parameters(tau_d=30 * ms)


BAD = {
    "N": [1, -5, 2.5, 2000.0, "2000", True, None],
    "p": [0, -0.1, 1.1, "0.1", None, 0.1 * second],
    "G": [-0.04],
    "Q": [-10],
    "alpha": [0, -1e-6],
    "v_reset": [-30],
    "v_threshold": [-65],
    "v_start": [-65.5],
    "I_bias": [-40 * mV],
    "balanced": [1, "yes"],
    "gain": ["other", None],
    "tau_m": [[1, 2] * ms, None, "5 ms", True, [1 * ms, 2 * mV], [[1, 2], [3]], 0.05 * ms],
    "tau_r": [0.04 * ms],
    "tau_d": [0.01 * ms],
    "duration": [10.02 * ms],
    "rls_interval": [0.07 * ms, 0.02 * ms],
    "rls_stop": [4 * second, 5 * second],
    "rls_start": [10 * second],
}
NUMBERS = ("p", "G", "Q", "alpha", "I_bias", "v_reset", "v_threshold", "v_start")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, bad) for name, values in BAD.items() for bad in values),
        *((name, bad) for name in NUMBERS for bad in (np.nan, np.inf, -np.inf)),
        *((name, bad) for name in TIMES for bad in (np.nan * ms, np.inf * ms, -1 * ms, 5, 5 * mV, 5 * Hz)),
        *((name, 0 * ms) for name in TIMES if name not in ("tau_ref", "rls_start")),
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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"p": 2}, "p = 2 must be above 0 and at most 1"),
        ({"tau_syn": 5 * ms}, "tau_syn is not a parameter"),
        ({"N": 10**400}, "N = 1000.* must be at least 2 and below 2147483648"),
        ({"alpha": 10**400}, "alpha = 1000.* must be finite"),
        ({"alpha": 1001}, r"alpha = 1001 must be above 0 and at most 1000"),
        ({"gain": "other"}, "gain = 'other' must be one of 'published', 'textbook'"),
        ({"rls_stop": 4 * second}, r"rls_start = 5\. s must be below rls_stop = 4\. s"),
        ({"dt": 0.9e-9 * second}, r"dt = 0\.9 ns must be at least 1\. ns"),
        ({"dt": 2.5 * ms}, r"tau_r = 2\. ms must be longer than dt = 2\.5 ms"),
        ({"duration": 1e300 * second}, "duration = .* must be below 4294967296 steps of dt = 50. us"),
        ({"rls_interval": 1e300 * second}, "rls_interval = .* must be below 4294967296 steps"),
        ({"rls_interval": 0.07 * ms}, "rls_interval = 70. us must be a whole multiple of dt = 50. us"),
        ({"tau_ref": 50_001 * second}, "tau_ref = 50.001 ks must not exceed 1000000000 steps of dt"),
        ({"v_reset": -1e308, "v_start": 1e308}, r"v_start = 1e\+308 is too far above v_reset = -1e\+308"),
    ],
)
def test_the_message_names_the_limit(changes, words):
    with pytest.raises(ValueError, match=words) as error:
        Parameters().replace(**changes)
    assert error.type is ParameterError
