"""The network of the lab is forcelib's, for each neuron: same draws and spikes, in Node and in Chromium."""

import base64
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from brian2 import Hz, ms, second
from browser import NODE, ROOT, need
from live_lab import NETWORKS, PAIRS, defaults, networks
from spike_digest import spike_digests

import forcelib
from forcelib import Parameters, Reservoir, teachers
from forcelib.engines.build import MODULE

NETWORK = ROOT / "lab" / "network.js"
DRIVER = Path(__file__).with_name("drive_module.js")
ARRAYS = {"neuron": np.int32, "step": np.int32}
TEXTS = ("encoders", "potentials", "weights", "inputs", "readout", "potential", "decoder", "neuron", "step")


def job(parameters, seed=1, events=(), teacher=None, model="lif", **more):
    """What the driver is told, for the sine of the reference program by default."""
    p = parameters
    target = teachers.sample(teacher or teachers.sine(), p.steps, p.dt)
    told = defaults() | networks()[model] | {"outputs": target.shape[1], "span": p.start_span}
    told |= {name: getattr(p, name) for name in ("N", "p", "G", "Q", "Q_in", "alpha", "balanced")}
    told |= {"every": p.in_steps("rls_interval"), "textbook": p.gain == "textbook", "seed": seed}
    return told | {"target": base64.b64encode(target.tobytes()).decode(), "events": list(events)} | more


def training(parameters):
    """RLS on and off so that it is due at the same time steps as in forcelib."""
    due = parameters.rls_steps()
    return [[int(due[0]), "learn", 1], [int(due[-1]) + 1, "learn", 0]]


def unpack(answer):
    arrays = {
        name: np.frombuffer(base64.b64decode(answer[name]), ARRAYS.get(name, np.float64)) for name in TEXTS
    }
    return answer | arrays


def in_node(told, module=MODULE):
    done = subprocess.run(
        [NODE, DRIVER, NETWORK, module], input=json.dumps(told), capture_output=True, text=True
    )
    assert not done.returncode, done.stderr
    return unpack(json.loads(done.stdout))


def in_chromium(told, open_page):
    page = open_page("pages/live_lab.html")
    for path in (NETWORK, DRIVER):
        page.add_script_tag(content=path.read_text(encoding="utf-8"))
    bytes_ = base64.b64encode(MODULE.read_bytes()).decode()
    return unpack(page.evaluate("([bytes, job]) => drive(unpack(bytes), job)", [bytes_, told]))


def same_run(found, result):
    np.testing.assert_array_equal(found["neuron"], result.spike_neuron)
    np.testing.assert_array_equal(found["step"], result.spike_step)
    assert np.abs(found["readout"] - result.readout.ravel()).max() < 1e-9
    assert np.abs(found["decoder"] - result.decoder.T.ravel()).max() < 1e-13


@pytest.fixture(scope="module")
def recording():
    with np.load(ROOT / "tests" / "reference" / "seed1.npz", allow_pickle=False) as stored:
        return dict(stored)


@pytest.mark.parametrize("place", ["node", "chromium"])
def test_all_spikes_of_the_reference_recording(place, recording, request):
    p = Parameters()
    told = job(p, events=training(p))
    found = in_node(told) if place == "node" else in_chromium(told, request.getfixturevalue("open_page"))
    assert len(found["neuron"]) == recording["spikes"] == 707_506
    assert found["updates"] == 1999
    assert spike_digests(found["neuron"], found["step"], p.steps) == list(recording["digests"])
    every = int(recording["every"])
    assert np.abs(found["readout"][::every] - recording["readout"]).max() < 1e-9
    assert np.abs(found["decoder"] - recording["decoder"]).max() < 1e-13


SHORT = Parameters(N=300, duration=1 * second, rls_start=0.3 * second, rls_stop=0.7 * second, alpha=3e-5)


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_it_draws_the_networks_of_forcelib(seed):
    p = Parameters(N=701, p=0.3, Q_in=7, duration=1 * ms, rls_interval=1 * ms)
    reservoir = Reservoir.draw(p, seed, outputs=2, inputs=1)
    found = in_node(job(p, seed, teacher=PAIRS["circle"]))
    np.testing.assert_array_equal(found["encoders"], reservoir.encoders.T.ravel())
    np.testing.assert_array_equal(found["inputs"], reservoir.input_weights[:, 0])
    np.testing.assert_array_equal(found["potentials"], reservoir.potentials)
    # JavaScript's logarithm may differ from NumPy's in the last bit, which the product with G can make four.
    np.testing.assert_array_max_ulp(found["weights"], reservoir.weights.data, 4)


@pytest.mark.parametrize(("gain", "interval", "seed"), [("published", 2.5, 3), ("textbook", 0.5, 4)])
def test_the_runs_are_those_of_forcelib(gain, interval, seed, native):
    p = SHORT.replace(gain=gain, rls_interval=interval * ms)
    result = forcelib.run(seed=seed, parameters=p, engine="native", record_potentials=[17])
    assert np.abs(result.decoder).max() > 0
    found = in_node(job(p, seed, training(p), watched=17))
    same_run(found, result)
    assert np.abs(found["potential"] - result.potential_trace[0]).max() < 1e-9


@pytest.mark.parametrize("model", NETWORKS)
def test_every_model_with_two_outputs_and_an_input_is_that_of_forcelib(model, native):
    """The teacher is a figure eight, and one of both gains; the input is up for a time, and then down."""
    p = NETWORKS[model].replace(N=200, duration=0.5 * second, rls_start=0.1 * second, rls_stop=0.3 * second)
    p = p.replace(alpha=10 * p.alpha, Q_in=p.Q / 2, gain="published" if model == "lif" else "textbook")
    eight = teachers.side_by_side(teachers.sine(5 * Hz), teachers.sine(10 * Hz))
    presses = [[round(at / float(p.dt)), "give", value] for at, value in ((0.2, 1), (0.35, 0), (0.4, -1))]
    pulses = np.zeros((p.steps, 1))
    for step, _, value in presses:
        pulses[step:] = value
    reservoir = Reservoir.draw(p, 3, outputs=2, inputs=1)
    result = forcelib.run(
        eight, input=teachers.samples(pulses, p.dt), reservoir=reservoir, parameters=p, engine="native",
        record_potentials=[17],
    )  # fmt: skip
    events = sorted([*training(p), *presses], key=lambda event: event[0])
    found = in_node(job(p, 3, events, eight, model, watched=17))
    assert found["updates"] > 50
    assert len(found["neuron"]) > 200
    same_run(found, result)
    assert np.abs(found["potential"] - result.potential_trace[0]).max() < 1e-9


@pytest.mark.parametrize("model", NETWORKS)
def test_a_silenced_neuron_spikes_no_more_until_it_wakes_where_it_was(model):
    p = NETWORKS[model].replace(N=100, duration=0.3 * second)
    first, last = p.steps // 3, 2 * p.steps // 3
    silenced = [[first, "silence", 7, True], [first + 10, "kick"], [last, "silence", 7, False]]
    calm, found = (in_node(job(p, 3, events, model=model, watched=7)) for events in ([], silenced))
    at = found["step"][found["neuron"] == 7]
    assert not ((at >= first) & (at < last)).any()
    assert np.isnan(found["potential"][first:last]).all()
    assert found["potential"][last] == calm["potential"][first]
    assert np.isfinite(found["readout"]).all()
    assert len(np.unique(found["neuron"][found["step"] > first])) > 10


def test_how_many_steps_are_done_at_once_makes_no_difference():
    p = SHORT.replace(duration=0.4 * second)
    whole = in_node(job(p, 3, training(p)))
    parts = in_node(job(p, 3, training(p), chunk=7))
    for name in ("neuron", "step", "readout", "decoder"):
        np.testing.assert_array_equal(parts[name], whole[name])


def test_training_can_pause_and_go_on():
    """RLS that was off for a time goes on with P as it was, and agrees with NumPy's."""
    p = SHORT.replace(duration=0.6 * second)
    events = [[2000, "learn", 1], [4000, "learn", 0], [8000, "learn", 1]]
    found = in_node(job(p, 3, events))
    spikes = found["neuron"], found["step"]
    every = p.in_steps("rls_interval")
    samples = forcelib.synaptic_filter.filter_network(
        *spikes, p.steps, every, forcelib.synaptic_filter.propagator(p.tau_r, p.tau_d, p.dt),
        1 / float(p.tau_r * p.tau_d), np.zeros(p.N), np.zeros(p.N),
    )  # fmt: skip
    target = teachers.sample(teachers.sine(), p.steps, p.dt)
    rls = forcelib.RLS(p.N, p.alpha)
    for step, r in zip(range(0, p.steps, every), samples, strict=True):
        if 2000 <= step < 4000 or step >= 8000:
            rls.update(r, target[step], found["readout"][step : step + 1])
    assert np.abs(found["decoder"] - rls.decoder[:, 0]).max() < 1e-9 * np.abs(rls.decoder).max()


def test_a_new_alpha_begins_P_anew_and_keeps_the_decoder():
    p = SHORT.replace(duration=0.2 * second, gain="textbook")
    learn = [[1000, "learn", 1], [2000, "learn", 0]]
    kept = in_node(job(p, 3, learn))["decoder"]
    changed = in_node(job(p, 3, [*learn, [3000, "set_learning", 1e-6, 50, 1]]))["decoder"]
    np.testing.assert_array_equal(changed, kept)
    again = [3000, "learn", 1]
    with_old = in_node(job(p, 3, [*learn, again]))["decoder"]
    with_new = in_node(job(p, 3, [*learn, [3000, "set_learning", 1e-6, 50, 1], again]))["decoder"]
    assert np.abs(with_old - with_new).max() > 0
    # From a tiny alpha on, P allows the decoder hardly any change.
    tiny = in_node(job(p, 3, [*learn, [3000, "set_learning", 1e-12, 50, 1], again]))["decoder"]
    change = np.abs(tiny - kept).max()
    assert 0 < change < 1e-3 * np.abs(kept).max() < np.abs(with_new - kept).max()


@pytest.mark.parametrize("step", [2000, 2010])
@pytest.mark.parametrize("delay", [0, 30])
def test_the_first_update_comes_when_rls_comes_on(step, delay):
    p = SHORT.replace(duration=0.2 * second)
    found = in_node(job(p, 3, [[step, "learn", 1, delay]]))
    first = step + delay
    assert np.flatnonzero(found["readout"])[0] == first + 1
    assert found["updates"] == len(range(first, p.steps, 50))


def test_a_kick_draws_all_potentials_anew():
    p = SHORT.replace(duration=0.2 * second)
    kicked = in_node(job(p, 3, [[2000, "kick"]]))
    calm = in_node(job(p, 3))
    before = calm["step"] < 2000
    np.testing.assert_array_equal(kicked["neuron"][: before.sum()], calm["neuron"][before])
    # Potentials above the threshold, 70 of 95, spike at once; that has nothing to do with the encoders.
    spikes = np.isin(np.arange(p.N), kicked["neuron"][kicked["step"] == 2000])
    assert 0.6 < spikes.mean() < 0.8
    assert abs(np.corrcoef(spikes, kicked["encoders"])[0, 1]) < 0.2
    assert kicked["potential"][2000] != calm["potential"][2000]


def test_every_kick_is_another():
    p = SHORT.replace(duration=1 * ms)
    first = [in_node(job(p, 3, [[0, "kick"]] * kicks))["potential"][0] for kicks in range(4)]
    assert len(set(first)) == 4


@pytest.mark.weekly  # engines agree with it each day; the compiler's library takes a minute to build
def test_the_module_built_here_does_the_same(tmp_path):
    need(importlib.util.find_spec("ziglang"), "the package ziglang is not installed")
    built = tmp_path / "kernel.wasm"
    command = [sys.executable, "-m", "forcelib.engines.build", "--module", built]
    done = subprocess.run(command, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    told = job(SHORT, 5, [*training(SHORT), [15_000, "kick"], [16_000, "silence", 1, 1]])
    kept, fresh = in_node(told), in_node(told, built)
    for name in ("neuron", "step"):
        np.testing.assert_array_equal(fresh[name], kept[name])
    for name in ("readout", "decoder"):
        assert np.abs(fresh[name] - kept[name]).max() < 1e-12
