"""The worker of the live lab in Node: what each setting and each button of the page does to the network."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from brian2 import second
from browser import NODE, ROOT
from live_lab import PAIRS, defaults, networks, program

import forcelib
from forcelib import Parameters
from forcelib.engines.build import MODULE

LAB = ROOT / "lab"
DRIVER = Path(__file__).with_name("drive_worker.js")
PROGRAM = program()
PRESETS = json.loads((LAB / "presets.json").read_text("utf-8"))
MS = 20  # time steps
SMALL = {"N": 500, "alpha": 2e-5, "pace": 0}


def change(**values):
    """A message of the page: new values of settings."""
    return "post", {"set": values}


def act(what):
    """A message of the page: something is done to the network."""
    return "post", {"act": what}


ON, OFF = change(learns=True), change(learns=False)
PAUSE, GO_ON = ("post", {"run": False}), ("post", {"run": True})


def press(input_):
    """A message of the page: an input begins, or ends."""
    return "post", {"press": input_}


def to(seconds):
    """Let the network run to this moment of its time, and to the end of a frame."""
    return "run", 1000 * seconds


def run(*script, **settings):
    """Start a network and follow the script; gives what the page gets, and when each part came."""
    start = {**defaults(), **SMALL, **settings, "learns": False}
    start["outputs"] = 2 if start["shape"] in PAIRS else 1
    begin = [("post", {"start": start}), ("post", {"more": True}), ("post", {"more": True}), GO_ON]
    told = json.dumps({"program": PROGRAM, "script": [*begin, *script]})
    done = subprocess.run([NODE, DRIVER, MODULE], input=told, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    seen = json.loads(done.stdout)
    frames = seen.pop("frames")
    seen |= {name: np.array([frame[name] for frame in frames]) for name in (frames or [{}])[0]}
    marks = seen.pop("marks")[len(begin) :]
    return {name: values if name == "ready" else np.array(values) for name, values in seen.items()} | {
        "at": [int(ms) for ms, _ in marks],
        "clock": [clock for _, clock in marks],
    }


def rms(seen, start, stop):
    part = slice(int(1000 * start), int(1000 * stop))
    assert len(seen["z"]) >= part.stop
    return np.sqrt(np.mean((seen["z"][part] - seen["target"][part]) ** 2))


def frequency(z):
    """Rises through zero in a second, counted once each time it was below -0.3."""
    rises, low = [], False
    for k in range(1, len(z)):
        low = low or z[k] < -0.3
        if low and z[k] >= 0:
            rises.append(k - z[k] / (z[k] - z[k - 1]))
            low = False
    return 1000 * (len(rises) - 1) / (rises[-1] - rises[0])


def teacher(shape, hertz, ms):
    x = hertz * np.arange(ms) / 1000
    return {
        "sine": np.sin(2 * np.pi * x),
        "sawtooth": np.arcsin(np.sin(2 * np.pi * x)),
        "product": np.sin(2 * np.pi * 0.8 * x) * np.sin(2 * np.pi * 1.2 * x),
    }[shape]


@pytest.mark.parametrize(
    ("changes", "least", "most"),
    [
        ({}, 0, 0.1),
        ({"Q": 0}, 0.2, 1),
        ({"G": 0}, 0.2, 1),
        ({"alpha": 1e-8}, 0.5, 1),
        ({"every": 10}, 0, 0.045),
        ({"shape": "sawtooth"}, 0, 0.15),
        ({"shape": "product"}, 0, 0.2),
        ({"frequency": 8}, 0, 0.1),
        ({"textbook": True, "alpha": 1e-2}, 0, 0.1),
    ],
    ids=str,
)
def test_what_is_learnt(changes, least, most):
    seen = run(change(**changes), ON, to(2))
    assert least < rms(seen, 1.5, 2) < most
    hertz = changes.get("frequency", 5)
    wanted = teacher(changes.get("shape", "sine"), hertz, 2000)
    assert seen["target"][:2000] == pytest.approx(wanted, abs=1e-9)
    assert seen["switches"].tolist() == [[1, 0]]
    if changes.keys() <= {"frequency"}:
        assert frequency(seen["z"][500:2000]) == pytest.approx(hertz, abs=0.25)
    assert seen["updates"] == pytest.approx(seen["ms"] / (changes.get("every", 50) / MS), abs=1)


@pytest.mark.parametrize(("G", "least", "most"), [(0, 0, 3), (0.04, 15, 30), (0.2, 60, 120)])
def test_coupling_sets_the_mean_rate(G, least, most):
    seen = run(to(1), G=G)
    assert least <= seen["number"].sum() / seen["ms"][-1] / 0.5 < most


def test_the_full_network_goes_on_alone():
    seen = run(to(0.3), ON, to(2.6), OFF, to(4), N=2000, alpha=5e-6)
    assert rms(seen, 2.1, 2.6) < 0.05
    (_, off) = seen["switches"][:, 1]
    alone = seen["z"][int(off) :]
    assert frequency(alone) == pytest.approx(5, abs=0.25)
    assert 0.8 < np.ptp(alone[-400:]) / 2 < 1.3
    # Alone means alone: no decoder changes any more.
    after = seen["ms"] > off
    assert np.ptp(seen["updates"][after]) == 0
    assert np.ptp(seen["decoder"][after], axis=0).max() == 0
    assert np.abs(seen["decoder"][-1]).max() > 0


def test_the_same_seed_gives_the_same_run_and_another_does_not():
    one, other, again = (run(ON, to(1), seed=seed) for seed in (1, 2**32 - 1, 1))
    for name in ("z", "spikes", "decoder"):
        np.testing.assert_array_equal(one[name], again[name])
        assert not np.array_equal(one[name], other[name])
    assert len(one["spikes"]) > 500
    assert one["ready"]["signs"] != other["ready"]["signs"]


# RMS error after two seconds; None where it diverges.
LEARNT = {
    "published": (0, 0.1),
    "later": (0, 0.1),
    "textbook": (0, 0.1),
    "crest": None,
    "crest-textbook": (0, 0.1),
    "no-feedback": (0.2, 0.6),
    "alpha-too-large": None,
    "too-seldom": (0.5, 2),
    "two-sines": (0, 0.15),
    "theta": (0, 0.2),
    "izhikevich": (0, 0.2),
    "figure-eight": (0, 0.15),
    "memory": (0, 0.5),
}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_does_what_the_page_says(preset):
    """RLS is pressed at a crest, and waits for a zero but where the preset says otherwise."""
    settings = networks()[PRESETS[preset].get("model", "lif")] | PRESETS[preset]
    settings.pop("learns", None)  # which the page does
    settings["alpha"] *= settings.pop("N") / SMALL["N"]
    seen = run(to(0.44), ON, to(2), **settings)
    assert seen["diverged"][-1] == (LEARNT[preset] is None)
    if LEARNT[preset]:
        least, most = LEARNT[preset]
        assert least < rms(seen, 1.5, 2) < most


@pytest.mark.parametrize("shape", PAIRS)
def test_two_readouts_follow_the_two_parts_of_a_teacher(shape):
    seen = run(ON, to(2), shape=shape, textbook=True)
    wanted = PAIRS[shape](5 * np.arange(2000) / 1000)
    for j, part in enumerate(("", "2")):
        assert seen[f"target{part}"][:2000] == pytest.approx(wanted[:, j], abs=1e-4)
        late = seen[f"z{part}"][1500:2000] - wanted[1500:, j]
        assert np.sqrt(np.mean(late**2)) < 0.2
    # One P, and so one update, for both.
    assert seen["updates"] == pytest.approx(seen["ms"] / 2.5, abs=1)


MEMORY = PRESETS["memory"]


def test_the_memory_holds_what_the_reader_presses():
    seen = run(
        ON, to(8), OFF, to(8.5), press(1), to(8.7), press(0), to(10.5),
        press(-1), press(0), to(12.5), press(-1), to(12.6), press(0), to(13), **MEMORY,
    )  # fmt: skip
    off, up, released, down = (seen["at"][k] for k in (2, 4, 6, 8))
    given = seen["input"]
    held = seen["z"]
    assert (given[up:released] == 1).all()
    assert not given[released : down - 1].any()
    assert held[up + 150 : down] == pytest.approx(1, abs=0.5)
    # A press that ends at once lasts for 50 ms; a second one that says the same changes nothing.
    assert (given[down : down + 50] == -1).all()
    assert not given[down + 50 : down + 1900].any()
    assert held[down + 150 : 13000] == pytest.approx(-1, abs=0.5)
    assert set(seen["target"][down + 1 : 13000]) == {-1}
    # By themselves pulses come while RLS is on, and both signs of them.
    edges = np.flatnonzero(np.diff(np.abs(given[:off]), prepend=0) > 0)
    lengths = (
        np.flatnonzero(np.diff(np.abs(given[:off]), append=0) < 0)[: len(edges)] + 1 - edges[: len(edges)]
    )
    assert 8 <= len(edges) <= 24
    assert set(given[edges]) == {-1, 1}
    assert lengths.min() >= 50
    assert lengths.max() <= 150
    assert not given[off + 151 : up].any()


def test_the_pulses_of_a_seed_are_the_same_at_every_pace_of_the_clock():
    one, other = (run(ON, to(2), **MEMORY, N=100, seed=seed) for seed in (1, 2))
    again = run(to(0), ON, to(0.33), change(pace=1), to(2), **MEMORY, N=100, seed=1)
    np.testing.assert_array_equal(one["input"][:2000], again["input"][:2000])
    assert not np.array_equal(one["input"][:2000], other["input"][:2000])


def test_a_pulse_reaches_a_network_through_its_input_weights():
    pressed, weak, calm = (
        run(to(0.3), *([press(1)] if Q_in else []), to(0.6), Q_in=Q_in, G=0) for Q_in in (30, 1, 0)
    )
    begin = pressed["at"][1]
    assert pressed["number"][pressed["ms"] > begin].sum() > 1.2 * calm["number"][calm["ms"] > begin].sum()
    assert pressed["number"].sum() > weak["number"].sum()
    assert not pressed["z"].any()  # no decoder hears it


def test_a_divergence_stops_the_network_for_good():
    seen = run(ON, to(1), GO_ON, to(1), alpha=1e-2)
    assert seen["diverged"].tolist()[-1]
    assert not seen["diverged"][:-1].any()
    assert np.abs(seen["z"][-1]) >= 100
    assert np.abs(seen["z"][:-1]).max() < 100
    assert seen["at"][-1] < 1000


def test_a_setting_acts_on_the_network_that_runs():
    seen = run(ON, to(1), change(Q=0), to(2))
    assert rms(seen, 0.7, 1) < 0.1 < rms(seen, 1.5, 2)


def test_a_new_alpha_keeps_the_decoder():
    seen = run(ON, to(1), OFF, to(1.1), change(alpha=1e-8), to(1.4))
    after = seen["decoder"][seen["ms"] > 1020]
    assert np.abs(after).max() > 0
    assert np.ptp(after, axis=0).max() == 0


def test_an_alpha_as_before_forgets_no_p():
    seen = run(ON, to(1), change(every=20), to(1.5))
    changed = seen["at"][2]
    assert rms(seen, changed / 1000, changed / 1000 + 0.4) < 0.1
    late = seen["ms"] >= changed
    assert np.diff(seen["updates"][late]) == pytest.approx(np.diff(seen["ms"][late]), abs=1)


@pytest.mark.parametrize(("onset", "moment"), [("zero", 50), ("later", 52.5), ("crest", 200), ("once", 0)])
def test_rls_waits_for_its_moment(onset, moment):
    # A cosine, a little after its crest: its first zero is a quarter of a period later.
    own = {"mean": 0, "cosines": [np.cos(0.01)], "sines": [np.sin(-0.01)]}
    seen = run(ON, to(0.3), shape="own", own=own, onset=onset, textbook=True)
    ((on, when),) = seen["switches"]
    assert on
    assert when == pytest.approx(moment, abs=0.5)


def test_one_interval_after_a_zero_the_first_error_is_that_of_chapter_5():
    """From 5 s on, which is a zero, it is the run of the reference program."""
    p = Parameters(duration=5.2 * second)
    wanted = forcelib.run(seed=1, parameters=p)
    seen = run(to(4.95), ON, to(5.15), N=p.N, alpha=p.alpha, onset="later")
    assert seen["switches"].tolist() == [[1, 5002.5]]
    assert seen["z"][:5150] == pytest.approx(wanted.readout[:103000:MS], abs=1e-9)
    far = np.flatnonzero(np.abs(wanted.readout - wanted.target)[100050:102000] > 0.2)
    assert far.size


def test_all_decoders_are_told_when_asked():
    seen = run(ON, to(0.5), ("post", {"ask": "decoder"}))
    assert len(seen["told"]) == SMALL["N"]
    np.testing.assert_array_equal(seen["told"][:10], seen["decoder"][-1])


def test_a_teacher_without_a_zero_is_learnt_after_a_period():
    own = {"mean": 0.5, "cosines": [0.1], "sines": [0.1]}
    seen = run(ON, to(0.5), shape="own", own=own, textbook=True)
    x = 2 * np.pi * 5 * np.arange(500) / 1000
    assert seen["target"][:500] == pytest.approx(0.5 + 0.1 * (np.cos(x) + np.sin(x)), abs=1e-9)
    ((on, when),) = seen["switches"]
    assert on
    assert 190 <= when <= 210


@pytest.mark.parametrize("every", [10, 800])
def test_the_first_update_falls_on_the_zero(every):
    seen = run(to(0.2), ON, to(0.4), every=every, frequency=7)
    ((_, when),) = seen["switches"]
    assert 14 * when / 1000 == pytest.approx(round(14 * when / 1000), abs=0.002)
    assert np.flatnonzero(seen["z"])[0] == int(when) + 1


def test_a_wait_goes_on_for_the_zeros_of_another_teacher():
    seen = run(to(0.22), ON, change(frequency=1), to(0.9), frequency=15)
    ((_, when),) = seen["switches"]
    assert when > seen["at"][2] + 100
    assert abs(seen["target"][int(when)]) < 0.01


def test_a_wait_ends_when_it_is_no_longer_asked_for():
    # The gain of the textbook learns from every moment on.
    seen = run(to(0.1), ON, change(onset="once"), to(0.2), frequency=1, textbook=True)
    assert seen["switches"].tolist() == [[1, seen["at"][2]]]


def test_rls_that_is_switched_off_while_it_waits_stays_off():
    seen = run(to(0.1), ON, OFF, to(1.2), frequency=1)
    assert not seen["switches"][:, 0].any()
    assert seen["updates"][-1] == 0


def test_a_new_frequency_does_not_make_the_teacher_jump():
    seen = run(to(0.33), change(frequency=11.5), to(1.4))
    assert np.abs(np.diff(seen["target"])).max() < 2 * np.pi * 11.5 / 1000 * 1.01
    assert frequency(seen["target"][seen["at"][1] + 50 :]) == pytest.approx(11.5, abs=0.05)


def test_a_drawing_replaces_the_teacher_while_it_trains():
    own = {"mean": 0, "cosines": [0.1, 0.2], "sines": [0.6, 0.2]}
    seen = run(
        ON,
        to(0.5),
        change(shape="own", own=own),
        to(2),
        change(own={**own, "sines": [0], "cosines": [0]}),
        to(2.5),
    )
    assert rms(seen, 1.5, 2) < 0.2
    x = 2 * np.pi * 5 * np.arange(1500, 2000) / 1000
    drawn = 0.1 * np.cos(x) + 0.2 * np.cos(2 * x) + 0.6 * np.sin(x) + 0.2 * np.sin(2 * x)
    assert seen["target"][1500:2000] == pytest.approx(drawn, abs=1e-9)
    assert np.abs(seen["target"][seen["at"][4] + 1 :]).max() == 0


@pytest.mark.parametrize("pace", [0.1, 1])
def test_time_runs_at_the_pace(pace):
    seen = run(to(0.3), change(pace=pace), to(0.8))
    simulated, passed = np.diff(seen["at"][-2:]), np.diff(seen["clock"][-2:])
    assert simulated == pytest.approx(pace * passed, rel=0.05)


def test_pause_and_go_on():
    seen = run(ON, to(0.5), PAUSE, to(1), GO_ON, to(1), pace=1)
    assert seen["at"][2] == seen["at"][4] < 700
    assert seen["at"][-1] >= 1000
    # The pause leaves no trace in the run.
    np.testing.assert_array_equal(seen["z"][:1000], run(ON, to(1))["z"][:1000])


def test_the_sine_returns_after_a_kick():
    seen = run(ON, to(1.5), OFF, to(1.6), act("kick"), to(2.9), N=1000, alpha=1e-5)
    kicked = seen["at"][4]
    assert frequency(seen["z"][kicked + 400 :]) == pytest.approx(5, abs=0.5)
    assert 0.7 < np.ptp(seen["z"][kicked + 400 :]) / 2 < 1.5


def test_a_fifth_is_silenced_and_wakes():
    seen = run(act("silence"), to(0.5), act("wake"), to(1.5))
    neuron, ms = seen["spikes"].T
    silent, woke = neuron % 5 == 4, seen["at"][2]
    assert not (silent & (ms < woke)).any()
    assert len(set(neuron[ms < woke])) > 30
    assert len(set(neuron[silent & (ms > woke)])) >= 3


def test_without_a_fifth_the_rest_learns_again():
    seen = run(ON, to(1), OFF, act("silence"), to(2), ON, to(3.5))
    assert rms(seen, 1.5, 2) > 0.2
    assert rms(seen, 3, 3.5) < 0.15


def test_what_is_forgotten_is_gone():
    """Without feedback the decoder changes no spike: it learns as it does without a before."""
    later = to(0.5), ON, to(0.7)
    seen = run(ON, to(0.3), OFF, to(0.35), act("forget"), *later, Q=0)
    forgotten, on = int(seen["at"][4]), int(seen["at"][6])
    assert np.abs(seen["z"][forgotten - 20 : forgotten]).max() > 0.1
    assert np.abs(seen["z"][forgotten:on]).max() == 0
    fresh = run(*later, Q=0)
    assert seen["z"][on:700] == pytest.approx(fresh["z"][on:700], abs=1e-12)
    assert np.abs(fresh["z"][on:700]).max() > 0.1


def test_what_is_forgotten_while_it_learns_is_learnt_again_from_a_zero():
    seen = run(ON, to(0.5), act("forget"), to(1.03), act("forget"), to(1.6), act("forget"), to(2.5))
    on = [when for on, when in seen["switches"] if on]
    assert len(on) == 4
    for when in on:
        assert when / 100 == pytest.approx(round(when / 100), abs=0.001)
    assert not seen["diverged"].any()
    assert rms(seen, 2.2, 2.5) < 0.1


def test_the_neuron_that_is_watched_is_the_one_asked_for():
    first, seventh, changed = run(to(0.1)), run(to(0.1), watched=7), run(change(watched=7), to(0.1))
    np.testing.assert_array_equal(changed["potential"], seventh["potential"])
    assert not np.array_equal(changed["potential"], first["potential"])


def test_minutes_of_training_take_no_more_memory():
    seen = run(ON, to(100), N=100, alpha=1e-4, textbook=True)
    assert seen["updates"][-1] == pytest.approx(100 * 400, abs=10)
    assert (
        len(set(seen["memory"][seen["ms"] > 1000])) == 1
    )  # in the first second the lists of spikes find their size
    assert np.isfinite(seen["decoder"]).all()
