"""The lab's measures are those of forcelib: the same numbers from the same samples."""

import json
import subprocess

import numpy as np
import pytest
from brian2 import Hz, ms
from browser import NODE
from live_lab import LAB, PAIRS, SHAPES, fundamentals

from forcelib import measures, teachers

SAMPLES = 2600  # of 1 ms


def wobbling(frequency, mean=0.1):
    """A readout that drifts, swings and carries a harmonic and noise."""
    t = np.arange(SAMPLES) / 1000
    phase = 2 * np.pi * frequency * t + t**2 + 3
    noise = np.random.default_rng(1).normal(0, 0.05, SAMPLES)
    return (1 + 0.2 * np.sin(3 * t)) * np.sin(phase) + 0.2 * np.sin(2 * phase) + mean + noise


#: Frequency, first sample, readout and target.
CASES = {
    "sine": (5, 0, wobbling(5), teachers.sine(5 * Hz)),
    "later": (5, 12345, wobbling(5), teachers.sine(5 * Hz)),
    "a period of broken samples": (15, 700, wobbling(15), teachers.sine(15 * Hz)),
    "half a sample": (3.2, 0, wobbling(3.2), teachers.product_of_sines(6.4 * Hz, 9.6 * Hz)),
    "sawtooth": (6.5, 40, wobbling(6.5), teachers.sawtooth(6.5 * Hz)),
    "slow": (1, 0, wobbling(1), teachers.sine(1 * Hz)),
    "another phase": (5, 3, wobbling(5), lambda t: np.cos(2 * np.pi * 5 * t) + 0.3),
    "dead": (5, 0, wobbling(5) * 0.01, teachers.sine(5 * Hz)),
    "silent": (5, 0, np.zeros(SAMPLES), teachers.sine(5 * Hz)),
    "no fundamental": (5, 0, wobbling(5), teachers.sine(10 * Hz)),
    "no target": (5, 0, wobbling(5), lambda t: 0 * t),
}


@pytest.fixture(scope="module")
def in_node():
    told = {}
    for name, (frequency, first, readout, target) in CASES.items():
        t = (first + np.arange(SAMPLES)) / 1000
        told[name] = [readout.tolist(), target(t).tolist(), 0.001, frequency, first]
    program = f"""{(LAB / "measures.js").read_text("utf-8")}
        const told = {json.dumps(told)};
        const found = Object.entries(told).map(([name, [z, target, step, f, first]]) => [name, {{
            ...MEASURES.demodulate(z, step, f, first),
            part: MEASURES.fundamental((k) => z[k - first], first + 300,
                first + 300 + MEASURES.period(f, step), step, f),
            last: MEASURES.last(z, target, step, f, first),
        }}]);
        console.log(JSON.stringify(Object.fromEntries(found)));"""
    done = subprocess.run([NODE, "-"], input=program, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", CASES)
def test_amplitude_phase_and_frequency_are_those_of_forcelib(in_node, name):
    frequency, first, readout, _ = CASES[name]
    wanted = measures.demodulate(readout, 1 * ms, frequency * Hz, first * ms)
    found = in_node[name]
    np.testing.assert_allclose(found["t"], wanted.t, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found["amplitude"], wanted.amplitude, rtol=0, atol=1e-9)
    if readout.any():
        np.testing.assert_allclose(found["phase"], wanted.phase, rtol=0, atol=1e-6)
        assert found["frequency"] == pytest.approx(wanted.frequency, abs=1e-6)
    # One period on its own, as the strips of the whole run have it.
    assert found["part"]["amplitude"] == pytest.approx(wanted.amplitude[300], abs=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_what_is_shown_of_the_last_periods(in_node, name):
    frequency, first, readout, signal = CASES[name]
    told = 1 * ms, frequency * Hz, first * ms
    target = signal((first + np.arange(SAMPLES)) / 1000)
    own, given = measures.demodulate(readout, *told), measures.demodulate(target, *told)
    found = in_node[name]["last"]
    assert found["amplitude"] == pytest.approx(own.amplitude.mean(), abs=1e-9)
    assert found["teacher"] == pytest.approx(given.amplitude.mean(), abs=1e-9)
    if name in ("no fundamental", "no target"):
        assert found["aligned"] is found["phase"] is found["frequency"] is None
        return
    if name != "silent":  # whose phase is one of rounding errors
        error = measures.phase_aligned_error(readout, target, *told)
        assert found["aligned"] == pytest.approx(error, abs=1e-6)
    # Below a quarter of the teacher's amplitude nothing is said of phase and frequency.
    assert (found["frequency"] is None) == (found["phase"] is None) == (name in ("dead", "silent"))
    if found["phase"] is not None:
        ahead = own.phase[-1] - given.phase[-1]
        assert np.exp(1j * found["phase"]) == pytest.approx(np.exp(1j * ahead), abs=1e-6)
        assert abs(found["phase"]) <= np.pi
        assert found["frequency"] == pytest.approx(own.frequency, abs=1e-6)


@pytest.mark.parametrize("shape", [*SHAPES, *PAIRS, "own"])
def test_a_teacher_repeats_itself_after_a_period_and_no_earlier(shape):
    period = 1 / fundamentals()[shape]
    if shape == "own":
        assert period == 1
        return
    t = np.arange(0, 4, 0.001) + 0.0005
    signal = (SHAPES | PAIRS)[shape]
    assert signal(t + period) == pytest.approx(signal(t), abs=1e-9)
    for parts in (2, 3):
        assert np.abs(signal(t + period / parts) - signal(t)).max() > 0.1
