"""The live lab in Chromium: the network in the reader's browser, its controls, and what is shown without it.

Nothing here is timed. The tests wait on the time of the network and measure on what the worker sends to the
page: that does not depend on how fast a machine is.
"""

import json
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from browser import ROOT
from playwright.sync_api import TimeoutError

PAGE = "pages/live_lab.html"
FEW = "N=500&alpha=-4.75"
SMALL = f"{FEW}&pace=0"  # a small network, as fast as it can
PATIENCE = 120_000  # ms
PRESETS = json.loads((ROOT / "lab" / "presets.json").read_text("utf-8"))
INTERVALS = [0.5, 1, 2.5, 5, 10, 20, 40]  # ms

# Keeps what the last worker sent: readout and teacher each ms, spikes, decoders, updates, switches of RLS.
SPY = """() => {
    const Before = window.Worker;
    window.Worker = class extends Before {
        constructor(program) {
            super(program);
            const seen = {z: [], target: [], spikes: [], decoders: [], updates: [], switches: []};
            window.seen = seen;
            this.addEventListener("message", ({data: {frame, learning}}) => {
                if (learning) seen.switches.push([learning.on, learning.step / 20]);
                if (!frame) return;
                const ms = (frame.start + frame.steps) / 20;
                seen.z.push(...frame.z);
                seen.target.push(...frame.target);
                seen.updates.push([ms, frame.updates]);
                seen.decoders.push([ms, [...frame.decoder]]);
                for (let k = 0; k < frame.spikes.length; k += 2)
                    seen.spikes.push([frame.spikes[k], frame.spikes[k + 1] / 20]);
            });
        }
    };
}"""

# Keeps the contexts of sound, and what their volume was last set to.
EAR = """() => {
    const Before = window.AudioContext;
    window.heard = [];
    window.volume = 0;
    window.AudioContext = class extends Before {
        constructor() { super(); window.heard.push(this); }
        createGain() {
            const node = super.createGain(), set = node.gain.setTargetAtTime.bind(node.gain);
            node.gain.setTargetAtTime = (value, ...rest) => set(window.volume = value, ...rest);
            return node;
        }
    };
}"""


class Lab:
    """The lab of a page that is open."""

    def __init__(self, page):
        self.page, self.section = page, page.locator("#lab")
        self.status = self.section.locator(".lab-status")
        page.evaluate(SPY)

    def press(self, name):
        self.section.get_by_role("button", name=name, exact=True).click()

    def button(self, do):
        return self.section.locator(f'[data-do="{do}"]')

    def control(self, name):
        return self.section.locator(f'[data-setting="{name}"]')

    def set(self, name, value):
        control = self.control(name)
        if control.evaluate("control => control.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
            control.blur()

    def reading(self, name):
        return self.section.locator(f'dd[data-reading="{name}"]').inner_text()

    def data(self, name):
        return self.section.get_attribute(f"data-{name}")

    def is_on(self, do):
        return self.button(do).get_attribute("data-on") is not None

    @property
    def time(self):
        return float(self.data("time") or 0)

    @property
    def seen(self):
        seen = self.page.evaluate("seen")
        return {name: np.array(values) for name, values in seen.items() if name != "decoders"} | {
            "decoders": np.array([values for _, values in seen["decoders"]])
        }

    def until(self, condition, arg=None):
        """Wait for a condition on `lab`, its data attributes."""
        self.wait(f"arg => {{ const lab = document.getElementById('lab').dataset; return {condition} }}", arg)

    def run_to(self, seconds):
        self.wait("ms => window.seen && seen.z.length > ms", 1000 * seconds)

    def wait(self, condition, arg=None):
        """Wait for a condition on the page, and tell what the lab does if it never holds."""
        try:
            self.page.wait_for_function(condition, arg=arg, timeout=PATIENCE)
        except TimeoutError as error:
            worker = "({running, asked, waiting, due, step: network?.step, waits, settings})"
            state = {
                "status": self.status.inner_text(),
                "data": self.section.evaluate("lab => ({...lab.dataset})"),
                "workers": [one.evaluate(worker) for one in self.page.workers],
                "complaints": self.complaints(),
            }
            raise AssertionError(f"{condition} did not come true: {state}") from error

    def run_for(self, seconds):
        """Let so much time of the network go by, from when it is asked; gives the moments in ms."""
        start = self.page.evaluate("seen.z.length")
        self.run_to(start / 1000 + seconds)
        return start, start + int(1000 * seconds)

    def ready(self):
        self.wait("!document.querySelector('#lab [data-do=learn]').disabled")

    def begin(self):
        """Draw the network and wait at its first time step."""
        self.button("run").evaluate("button => { button.click(); button.click(); }")
        self.ready()
        assert self.page.evaluate("seen.z.length") == 0

    def train(self, seconds):
        """Train from the first time step on: every run of the same settings is the same."""
        self.begin()
        self.press("RLS on")
        self.press("Go on")
        self.run_to(seconds)

    def complaints(self):
        return self.page.record.complaints()


@pytest.fixture
def open_lab(open_page):
    """Open the lab with settings as a link has them."""

    def opener(settings=SMALL, scheme="file", **options):
        return Lab(open_page(f"{PAGE}#lab?{settings}" if settings else PAGE, scheme, **options))

    return opener


def rms(seen, start, stop):
    part = slice(int(1000 * start), int(1000 * stop))
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


def smoothed(points, most):
    """One period of a drawing with its first harmonics alone."""
    parts = np.fft.rfft(points) / len(points)
    k = np.arange(1, most + 1)

    def at(x):
        return parts[0].real + 2 * (parts[1 : most + 1] * np.exp(2j * np.pi * np.outer(x, k))).sum(1).real

    return at


def settings_of(link):
    return {name: values[0] for name, values in parse_qs(urlsplit(link).fragment.partition("?")[2]).items()}


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_the_full_network_locks_and_goes_on_alone(open_lab, scheme):
    lab = open_lab("pace=0", scheme)
    assert lab.reading("speed") == "–"
    lab.press("Start")
    lab.ready()
    lab.run_to(0.3)
    assert "2000 neurons" in lab.status.inner_text()
    lab.press("RLS on")
    lab.until("lab.locked")
    assert float(lab.data("locked")) <= 0.2
    assert lab.status.inner_text().startswith("Locked.")
    lab.run_for(2)
    lab.until("lab.error < 0.05")
    seen = lab.seen
    assert rms(seen, len(seen["z"]) / 1000 - 0.5, len(seen["z"]) / 1000) < 0.05
    assert int(lab.data("updates")) > 700
    assert int(lab.reading("updates").replace(",", "")) > 700
    lab.press("RLS off")
    lab.wait("seen.switches.length == 2")
    off = int(lab.seen["switches"][1][1])
    lab.run_to(off / 1000 + 1.2)
    seen = lab.seen
    alone = seen["z"][off:]
    assert abs(frequency(alone) - 5) < 0.25
    assert 0.8 < np.ptp(alone[-400:]) / 2 < 1.3
    # Alone means alone: no decoder changes any more.
    after = seen["updates"][:, 0] >= off
    assert np.ptp(seen["updates"][after, 1]) == 0
    assert np.ptp(seen["decoders"][after], axis=0).max() == 0
    assert np.abs(seen["decoders"][-1]).max() > 0
    lab.until("Math.abs(lab.frequency - 5) < 0.25")
    assert abs(float(lab.reading("frequency").split()[0]) - 5) < 0.25
    assert lab.complaints() == {}


class TestControls:
    """Every control has its effect. Networks trained from their first step on are the same in every run."""

    @pytest.mark.parametrize(
        ("changes", "least", "most"),
        [
            ({}, 0, 0.1),
            ({"Q": "0"}, 0.2, 1),
            ({"G": "0"}, 0.2, 1),
            ({"alpha": "-8"}, 0.5, 1),
            ({"every": "0"}, 0, 0.045),
            ({"shape": "sawtooth"}, 0, 0.15),
            ({"shape": "product"}, 0, 0.2),
            ({"frequency": "8"}, 0, 0.1),
            ({"textbook": "true", "alpha": "-2"}, 0, 0.1),
        ],
        ids=str,
    )
    def test_what_is_learnt(self, open_lab, changes, least, most):
        lab = open_lab()
        for name, value in changes.items():
            lab.set(name, value)
        lab.train(2)
        seen = lab.seen
        assert least < rms(seen, 1.5, 2) < most
        hertz = float(changes.get("frequency", 5))
        x = hertz * np.arange(2000) / 1000
        teacher = {
            "sine": np.sin(2 * np.pi * x),
            "sawtooth": np.arcsin(np.sin(2 * np.pi * x)),
            "product": np.sin(2 * np.pi * 0.8 * x) * np.sin(2 * np.pi * 1.2 * x),
        }[changes.get("shape", "sine")]
        assert seen["target"][:2000] == pytest.approx(teacher, abs=1e-9)
        if changes.keys() <= {"frequency"}:
            assert frequency(seen["z"][500:2000]) == pytest.approx(hertz, abs=0.25)
        interval = INTERVALS[int(changes.get("every", 2))]
        ms, updates = seen["updates"].T
        assert updates == pytest.approx(ms / interval, abs=1)
        assert lab.complaints() == {}

    def test_a_large_alpha_diverges_with_the_published_gain_and_the_lab_says_so(self, open_lab):
        lab = open_lab()
        lab.set("alpha", "-2")
        lab.train(0)
        lab.until("lab.diverged == 'true'")
        assert "diverged" in lab.status.inner_text()
        assert lab.data("running") == "false"
        assert lab.button("run").inner_text() != "Go on"  # it cannot
        assert lab.reading("speed") == "paused"
        lab.button("run").click()
        lab.run_to(0.1)
        lab.until("lab.diverged == 'false' && lab.learns == 'false'")
        assert np.abs(lab.seen["z"]).max() == 0
        assert lab.complaints() == {}

    @pytest.mark.parametrize(("G", "least", "most"), [("0", 0, 3), ("0.04", 15, 30), ("0.2", 60, 120)])
    def test_coupling_sets_the_mean_rate(self, open_lab, G, least, most):
        lab = open_lab(f"{SMALL}&G={G}")
        lab.press("Start")
        lab.run_to(1)
        lab.until("lab.time > 1")
        assert least < float(lab.reading("rate").split()[0]) + 1e-9 < most

    def test_a_slider_acts_on_the_network_that_runs(self, open_lab):
        lab = open_lab()
        lab.train(1)
        lab.set("Q", "0")
        start, stop = lab.run_for(1)
        assert rms(lab.seen, start / 1000 + 0.5, stop / 1000) > 0.1
        assert lab.control("Q").get_attribute("aria-valuetext") == "0"
        assert lab.section.locator("output[for=lab-Q]").inner_text() == "0"
        assert lab.complaints() == {}

    def test_a_new_alpha_keeps_the_decoder(self, open_lab):
        lab = open_lab()
        lab.train(1)
        lab.press("RLS off")
        lab.run_for(0.1)
        lab.press("Pause")
        before = lab.seen["decoders"][-1]
        lab.set("alpha", "-8")
        lab.press("Go on")
        lab.run_for(0.3)
        seen = lab.seen
        assert np.abs(before).max() > 0
        assert np.array_equal(seen["decoders"][-1], before)
        assert lab.complaints() == {}

    def test_an_alpha_as_before_forgets_no_p(self, open_lab):
        lab = open_lab()
        lab.train(1)
        lab.set("every", "1")
        start, stop = lab.run_for(0.5)
        assert rms(lab.seen, start / 1000 + 0.1, stop / 1000) < 0.1
        ms, updates = lab.seen["updates"].T
        late = ms > start + 100
        steps = np.diff(updates[late]) - np.diff(ms[late])
        assert np.abs(steps).max() <= 1

    @pytest.mark.parametrize(("at_zero", "moment"), [("true", 50), ("false", 0)])
    def test_rls_waits_for_a_zero_of_the_teacher_or_does_not(self, open_lab, at_zero, moment):
        # A cosine begins at its crest, and its first zero is a quarter of a period later.
        drawn = "_".join(str(round(50 * np.cos(2 * np.pi * k / 96))) for k in range(96))
        lab = open_lab(f"{SMALL}&shape=own&own={drawn}&at_zero={at_zero}")
        lab.begin()
        lab.press("RLS on")
        if at_zero == "true":
            assert "next zero" in lab.status.inner_text()
        lab.press("Go on")
        lab.run_to(0.2)
        ((on, when),) = lab.seen["switches"]
        assert on
        assert abs(when - moment) <= 2
        assert lab.status.inner_text().startswith(("RLS is on", "Locked"))

    @pytest.mark.parametrize("every", ["0", "6"])
    def test_the_first_update_falls_on_the_zero(self, open_lab, every):
        lab = open_lab(f"{SMALL}&every={every}&frequency=7")
        lab.press("Start")
        lab.run_to(0.2)
        lab.press("RLS on")
        lab.until("lab.updates > 1")
        seen = lab.seen
        ((_, when),) = seen["switches"]
        assert 14 * when / 1000 == pytest.approx(round(14 * when / 1000), abs=0.002)
        assert np.flatnonzero(seen["z"])[0] == int(when) + 1

    def test_a_wait_goes_on_for_the_zeros_of_another_teacher(self, open_lab):
        lab = open_lab(f"{SMALL}&frequency=15")
        pause_after(lab, 0.2)
        lab.press("RLS on")
        lab.set("frequency", "1")
        lab.press("Go on")
        lab.until("lab.updates > 0")
        seen = lab.seen
        ((_, when),) = seen["switches"]
        assert abs(seen["target"][int(when)]) < 0.01

    def test_a_wait_ends_when_it_is_no_longer_asked_for(self, open_lab):
        # The gain of the textbook learns from every moment on.
        lab = open_lab(f"{SMALL}&frequency=1&textbook=true")
        pause_after(lab, 0.1)
        now = lab.page.evaluate("seen.z.length")
        lab.press("RLS on")
        lab.set("at_zero", "false")
        lab.press("Go on")
        lab.run_for(0.1)
        assert lab.seen["switches"].tolist() == [[1, now]]

    def test_a_new_frequency_does_not_make_the_teacher_jump(self, open_lab):
        lab = open_lab()
        lab.press("Start")
        lab.run_to(0.33)
        lab.set("frequency", "11.5")
        start, _ = lab.run_for(1)
        target = lab.seen["target"]
        assert np.abs(np.diff(target)).max() < 2 * np.pi * 11.5 / 1000 * 1.01
        assert frequency(target[start + 200 :]) == pytest.approx(11.5, abs=0.05)

    @pytest.mark.parametrize("hertz", ["1", "15"])
    def test_the_frequency_is_read_at_both_ends_of_the_slider(self, open_lab, hertz):
        lab = open_lab(f"{SMALL}&frequency={hertz}")
        lab.train(4.5)
        lab.until("lab.time > 4.5")
        assert float(lab.reading("frequency").split()[0]) == pytest.approx(float(hertz), rel=0.1)

    @pytest.mark.parametrize(("pace", "fastest"), [("0.1", 0.11), ("1", 1.01)])
    def test_time_does_not_run_faster_than_the_pace(self, open_lab, pace, fastest):
        lab = open_lab(f"{FEW}&pace={pace}")
        lab.begin()
        begun = lab.page.evaluate("performance.now()")
        lab.press("Go on")
        lab.run_to(0.3)
        simulated, now = lab.page.evaluate("[seen.z.length, performance.now()]")
        assert simulated / (now - begun) < fastest

    def test_another_pace_for_a_network_that_runs(self, open_lab):
        lab = open_lab()
        lab.press("Start")
        lab.run_to(0.3)
        lab.set("pace", "0.1")
        lab.run_for(0.3)
        # What was due before is done: from here on the pace holds.
        lab.page.evaluate("window.then = [seen.z.length, performance.now()]")
        lab.run_for(0.3)
        simulated, passed = lab.page.evaluate("[seen.z.length - then[0], performance.now() - then[1]]")
        assert simulated / passed < 0.5

    def test_another_size_is_another_network(self, open_lab):
        lab = open_lab()
        lab.press("Start")
        lab.run_to(1)
        lab.set("N", "1000")
        lab.ready()
        assert lab.status.inner_text().startswith("1000 neurons")
        assert lab.page.evaluate("seen.z.length") < 1000
        assert lab.control("alpha").get_attribute("aria-valuetext") == "1 · 10⁻⁵ s²"
        lab.press("RLS on")
        lab.run_for(1)
        seen = lab.seen
        assert rms(seen, len(seen["z"]) / 1000 - 0.3, len(seen["z"]) / 1000) < 0.1
        assert lab.complaints() == {}

    def test_the_same_seed_gives_the_same_run_and_another_does_not(self, open_lab):
        lab = open_lab()
        runs = []
        for seed in ("1", "4294967295", "1"):
            lab.set("seed", seed)
            lab.page.evaluate("delete window.seen")
            if lab.button("run").inner_text() != "Start":
                lab.button("renew").evaluate("""button => {
                    button.click();
                    document.querySelector("#lab [data-do=run]").click();
                }""")
                lab.ready()
            else:
                lab.begin()
            lab.press("RLS on")
            lab.press("Go on")
            lab.run_to(1)
            lab.press("Pause")
            seen = lab.seen
            spikes = {(neuron, round(20 * ms)) for neuron, ms in seen["spikes"] if ms < 1000}
            runs.append((seen["z"][:1000].tolist(), spikes))
        assert runs[0] == runs[2]
        assert len(runs[0][1]) > 500
        assert runs[0][1] != runs[1][1]
        assert runs[0][0] != runs[1][0]

    def test_a_seed_that_is_none_is_refused_with_words(self, open_lab):
        lab = open_lab()
        for wrong in ("-1", "1.5", "4294967296", ""):
            lab.set("seed", wrong)
            assert "whole number" in lab.status.inner_text(), wrong
            assert "seed" not in settings_of(lab.page.locator("#lab-link").input_value())
            lab.set("seed", "1")
        lab.press("Start")
        lab.run_to(0.1)
        assert lab.complaints() == {}


def spikes_of(lab, do=None):
    """Spikes of the first half second, after something was done at the first step."""
    lab.begin()
    if do:
        lab.press(do)
    lab.press("Go on")
    lab.run_to(0.5)
    return {(int(neuron), ms) for neuron, ms in lab.seen["spikes"] if ms < 500}


class TestActions:
    """Every button has its effect."""

    def test_the_sine_returns_after_a_kick(self, open_lab):
        lab = open_lab("pace=0")
        lab.train(2)
        lab.press("RLS off")
        lab.run_for(0.2)
        lab.press("Kick")
        assert "Kicked" in lab.status.inner_text()
        start, stop = lab.run_for(1.5)
        z = lab.seen["z"][start + 500 : stop]
        assert frequency(z) == pytest.approx(5, abs=0.5)
        assert 0.7 < np.ptp(z) / 2 < 1.5
        assert lab.complaints() == {}

    def test_a_kick_moves_the_spikes(self, open_lab):
        assert spikes_of(open_lab()) != spikes_of(open_lab(), "Kick")

    def test_a_fifth_is_silenced_and_wakes(self, open_lab):
        lab = open_lab()
        spikes = spikes_of(lab, "Silence a fifth")
        assert "100 neurons" in lab.status.inner_text()
        assert lab.is_on("silence")
        neurons = {neuron for neuron, _ in spikes}
        assert not any(neuron % 5 == 4 for neuron in neurons)
        assert len(neurons) > 30
        lab.press("Wake them")
        assert not lab.is_on("silence")
        start, _ = lab.run_for(1)
        awake = {neuron for neuron, ms in lab.seen["spikes"] if ms > start and neuron % 5 == 4}
        assert len(awake) >= 3
        assert lab.complaints() == {}

    def test_without_a_fifth_the_rest_learns_again(self, open_lab):
        lab = open_lab()
        lab.train(1)
        lab.press("RLS off")
        lab.press("Silence a fifth")
        lab.run_for(1)
        lab.press("RLS on")
        start, stop = lab.run_for(1.5)
        assert rms(lab.seen, start / 1000 + 1, stop / 1000) < 0.15
        # The network that is drawn next has all its neurons.
        lab.press("Begin anew")
        assert lab.button("silence").inner_text() == "Silence a fifth"
        lab.ready()
        lab.run_to(1)
        assert any(neuron % 5 == 4 for neuron, _ in lab.seen["spikes"])

    def test_what_is_forgotten_is_gone_and_can_be_learnt_again(self, open_lab):
        lab = open_lab()
        lab.train(1)
        lab.press("RLS off")
        lab.run_for(0.1)
        lab.press("Forget")
        assert "zero" in lab.status.inner_text()
        # Frames that were on their way when the button was pressed still have the old decoder.
        lab.wait("seen.decoders.at(-1)[1].every((weight) => weight === 0)")
        start, stop = lab.run_for(0.5)
        seen = lab.seen
        assert np.abs(seen["z"][start:stop]).max() == 0
        assert np.abs(seen["decoders"][-1]).max() == 0
        lab.press("RLS on")
        lab.until("lab.locked")
        start, stop = lab.run_for(1)
        assert rms(lab.seen, start / 1000 + 0.5, stop / 1000) < 0.1
        assert lab.complaints() == {}

    def test_what_is_forgotten_while_it_learns_is_learnt_again_from_a_zero(self, open_lab):
        lab = open_lab()
        lab.train(0.5)
        # How often RLS had come on whenever the lab said that it locked.
        lab.page.evaluate("""() => {
            window.locks = [];
            const section = document.getElementById("lab");
            new MutationObserver(() => {
                if (section.dataset.locked) locks.push(seen.switches.filter(([on]) => on).length);
            }).observe(section, {attributeFilter: ["data-locked"]});
        }""")
        for k in range(3):
            words = lab.button("forget").evaluate("""button => {
                button.click();
                return document.querySelector(".lab-status").textContent;
            }""")
            assert "next zero" in words
            lab.wait("k => locks.length > k", k)
            lab.run_for(0.23)
        assert lab.page.evaluate("locks") == [2, 3, 4]
        assert lab.status.inner_text().startswith("Locked")
        seen = lab.seen
        on = [when for on, when in seen["switches"] if on]
        assert len(on) == 4
        for when in on:
            assert when / 100 == pytest.approx(round(when / 100), abs=0.001)
        assert lab.data("diverged") == "false"
        assert lab.complaints() == {}

    def test_it_begins_anew(self, open_lab):
        lab = open_lab()
        lab.train(1)
        lab.until("lab.locked && lab.time > 1")
        lab.page.evaluate("delete window.seen")
        lab.press("Begin anew")
        assert lab.button("run").inner_text() == "Pause"
        assert not lab.is_on("learn")
        lab.run_to(0.2)
        assert np.abs(lab.seen["z"]).max() == 0
        lab.until("lab.updates == 0 && lab.learns == 'false' && Number(lab.error) > 0.5")
        assert lab.complaints() == {}

    def test_pause_and_go_on(self, open_lab):
        lab = open_lab()
        pause_after(lab, 0.2)
        assert lab.reading("speed") == "paused"
        assert lab.data("running") == "false"
        lab.press("Go on")
        lab.run_for(0.2)
        lab.until("lab.running == 'true'")
        assert lab.complaints() == {}


def still(lab):
    """Wait until the network stands still: a second, and no time of the network in it."""
    lab.page.evaluate("""() => { window.still = 0; let last = -1; const clock = setInterval(() => {
        window.still = seen.z.length == last ? window.still + 1 : 0;
        last = seen.z.length;
        if (window.still == 10) clearInterval(clock);
    }, 100)}""")
    lab.wait("window.still == 10")


def pause_after(lab, seconds):
    """Start the network, and pause it not before so much of its time."""
    lab.press("Start")
    lab.run_to(seconds)
    lab.press("Pause")
    still(lab)


class TestSound:
    """The readout as a tone."""

    def test_it_is_made_on_request_and_closed_again(self, open_lab):
        lab = open_lab()
        lab.page.evaluate(EAR)
        lab.press("Start")
        lab.run_to(0.2)
        assert lab.page.evaluate("heard.length") == 0
        lab.press("Sound")
        lab.wait("heard.length == 1 && volume > 0")
        lab.press("Pause")
        lab.wait("volume == 0")
        still(lab)
        assert lab.page.evaluate("volume") == 0
        lab.press("Go on")
        lab.wait("volume > 0")
        lab.press("Sound off")
        lab.wait("heard[0].state == 'closed'")
        assert lab.button("sound").inner_text() == "Sound"
        assert lab.complaints() == {}

    @pytest.mark.parametrize("after", ["nothing", "start"])
    def test_a_network_begins_with_the_sound_on(self, open_lab, after):
        lab = open_lab()
        lab.page.evaluate(EAR)
        if after == "start":
            lab.press("Start")
            lab.run_to(0.2)
        lab.press("Sound")
        lab.page.evaluate("delete window.seen")
        lab.press("Start" if after == "nothing" else "Begin anew")
        lab.run_to(0.2)
        lab.wait("volume > 0")
        assert lab.complaints() == {}

    def test_it_is_silent_while_the_page_is_hidden(self, open_lab):
        lab = open_lab()
        lab.page.evaluate(EAR)
        lab.press("Start")
        lab.run_to(0.2)
        lab.press("Sound")
        hide(lab, True)
        lab.wait("heard[0].state == 'suspended'")
        hide(lab, False)
        lab.wait("heard[0].state == 'running'")


def hide(lab, hidden):
    lab.page.evaluate(
        """hidden => {
        Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
        Object.defineProperty(document, "visibilityState", {
            configurable: true, get: () => hidden ? "hidden" : "visible"});
        document.dispatchEvent(new Event("visibilitychange"));
    }""",
        hidden,
    )


def test_time_stands_still_while_the_page_is_hidden(open_lab):
    lab = open_lab()
    lab.train(0.5)
    hide(lab, True)
    still(lab)
    assert lab.button("run").inner_text() == "Pause"
    hide(lab, False)
    lab.run_for(0.5)
    lab.press("Pause")
    # Who paused it finds it paused.
    hide(lab, True)
    hide(lab, False)
    still(lab)
    # A network that is ready while nobody looks waits.
    hide(lab, True)
    lab.button("renew").evaluate("button => button.click()")
    lab.ready()
    still(lab)
    assert lab.page.evaluate("seen.z.length") == 0
    hide(lab, False)
    lab.run_to(0.1)
    assert lab.complaints() == {}


class TestDrawing:
    """A teacher drawn by the reader."""

    def drawn(self, lab):
        found = settings_of(lab.page.locator("#lab-link").input_value())
        assert found["shape"] == "own"
        assert lab.control("shape").input_value() == "own"
        return np.array([float(y) / 50 for y in found["own"].split("_")])

    def check_learnt(self, lab, most):
        points = self.drawn(lab)
        teacher = smoothed(points, 3)(5 * np.arange(2000) / 1000)
        seen = lab.seen
        assert seen["target"][:2000] == pytest.approx(teacher, abs=1e-9)
        assert np.ptp(teacher) > 0.5
        assert rms(seen, 1.5, 2) < most

    def test_by_mouse(self, open_lab):
        lab = open_lab()
        canvas = lab.section.locator('[data-panel="own"]')
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()

        def at(x, y):
            return box["x"] + x * box["width"], box["y"] + (1 - y) / 2 * box["height"]

        mouse = lab.page.mouse
        mouse.move(*at(0.005, -0.8))
        mouse.down()
        mouse.move(*at(0.4, 0.8), steps=8)
        mouse.move(*at(0.995, -0.8), steps=8)
        mouse.up()
        mouse.move(*at(0.2, -1))  # without a button: nothing is drawn
        points = self.drawn(lab)
        x = (np.arange(96) + 0.5) / 96
        assert points == pytest.approx(np.interp(x, [0.005, 0.4, 0.995], [-0.8, 0.8, -0.8]), abs=0.1)
        assert canvas.get_attribute("aria-valuenow") == str(round(100 * points[2]))
        lab.train(2)
        self.check_learnt(lab, 0.2)
        assert lab.complaints() == {}

    def test_by_keyboard(self, open_lab):
        lab = open_lab()
        canvas = lab.section.locator('[data-panel="own"]')
        lab.press("Clear the drawing")
        assert np.abs(self.drawn(lab)).max() == 0
        assert canvas.get_attribute("aria-valuetext") == "place 1 of 24: 0.0"
        canvas.focus()
        # A rectangle: up in the places 1 to 12, down in the others.
        for place in range(24):
            for _ in range(7):
                lab.page.keyboard.press("ArrowUp" if place < 12 else "ArrowDown")
            value = 70 if place < 12 else -70
            assert canvas.get_attribute("aria-valuenow") == str(value)
            assert canvas.get_attribute("aria-valuetext") == f"place {place + 1} of 24: {value / 100}"
            lab.page.keyboard.press("ArrowRight")
        assert self.drawn(lab) == pytest.approx(np.repeat([0.7, -0.7], 48), abs=0.011)
        lab.page.keyboard.press("ArrowLeft")
        assert canvas.get_attribute("aria-valuetext").startswith("place 24 of 24")
        for keys in (["End"], ["Home"], ["End"] + 30 * ["ArrowDown"]):
            for key in keys:
                lab.page.keyboard.press(key)
            assert canvas.get_attribute("aria-valuenow") == ("100" if keys == ["End"] else "-100")
        lab.train(2)
        self.check_learnt(lab, 0.25)
        assert lab.complaints() == {}

    def test_a_drawing_made_while_it_trains_is_learnt(self, open_lab):
        lab = open_lab()
        lab.train(0.5)
        lab.set("shape", "own")
        start, stop = lab.run_for(1.5)
        seen = lab.seen
        assert rms(seen, start / 1000 + 1, stop / 1000) < 0.2
        assert 0.7 < np.abs(seen["target"][start + 1000 : stop]).max() < 1
        # Cleared, it is flat.
        lab.press("Clear the drawing")
        start, stop = lab.run_for(1)
        assert np.abs(lab.seen["target"][start + 300 : stop]).max() < 1e-12
        assert lab.complaints() == {}


def shown(lab):
    """The settings that the controls show."""
    return lab.section.locator("[data-setting]").evaluate_all(
        "all => Object.fromEntries(all.map(one => [one.dataset.setting, one.value]))"
    )


class TestSettings:
    """Presets, and links that hold settings."""

    def as_linked(self, preset):
        """What the link of a preset must say."""
        to = {
            "alpha": lambda value: pytest.approx(np.log10(value)),
            "every": lambda value: INTERVALS.index(value * 0.05),
            "shape": lambda value: value,
        }
        text = {"textbook": str, "at_zero": str}
        return {
            name: str(value).lower() if name in text else to.get(name, lambda value: value)(value)
            for name, value in preset.items()
        }

    def test_each_preset_sets_what_it_says(self, open_lab):
        others = "Q=33&seed=7&every=0&frequency=8&shape=sawtooth&textbook=true&at_zero=false&G=0.2"
        lab = open_lab(f"{others}&pace=0")
        buttons = lab.page.locator("[data-preset]")
        names = buttons.evaluate_all("all => all.map(one => one.dataset.preset)")
        assert set(names) == set(PRESETS)
        for button in buttons.all():
            lab.page.evaluate("delete window.seen")
            button.click()
            found = settings_of(lab.page.locator("#lab-link").input_value())
            assert found.pop("pace") == "0"  # that is the reader's
            found = {k: v if k in ("textbook", "at_zero", "shape") else float(v) for k, v in found.items()}
            assert found == self.as_linked(PRESETS[button.get_attribute("data-preset")])
            assert lab.button("run").inner_text() == "Pause"
            assert lab.page.evaluate("!!window.seen")  # another worker has been made

    def test_the_preset_that_diverges_does(self, open_lab):
        lab = open_lab("pace=0")
        lab.press("α too large")
        lab.ready()
        lab.press("RLS on")
        lab.until("lab.diverged == 'true'")
        assert "diverged" in lab.status.inner_text()
        assert lab.button("learn").inner_text() == "RLS on"
        assert not lab.is_on("learn")
        # The button that had the focus can no longer be pressed.
        assert lab.page.evaluate("document.activeElement.dataset.do") == "run"
        assert lab.complaints() == {}

    def test_a_preset_keeps_size_and_pace(self, open_lab):
        lab = open_lab(f"{SMALL}&Q=33")
        lab.press("Two sines")
        found = settings_of(lab.page.locator("#lab-link").input_value())
        assert (found["N"], found["pace"], found["Q"]) == ("500", "0", "30")
        assert 10 ** float(found["alpha"]) == pytest.approx(1e-5)  # as large a first step as with 2000
        lab.ready()
        assert lab.status.inner_text().startswith("500 neurons")

    def test_a_button_of_the_text_sets_up_and_leads_to_the_lab(self, open_lab):
        lab = open_lab(SMALL)
        button = lab.page.locator('.lab-setup[data-preset="no-feedback"]')
        button.click()
        lab.wait("document.activeElement.dataset.do == 'run'")
        assert shown(lab)["Q"] == "0"
        lab.wait("""() => {
            const {top, bottom} = document.querySelector("#lab [data-do=run]").getBoundingClientRect();
            const at = document.elementFromPoint(
                document.activeElement.getBoundingClientRect().left + 5, (top + bottom) / 2);
            return top >= 0 && bottom <= innerHeight && at == document.activeElement;
        }""")
        # And back to the text.
        back = lab.section.locator(".lab-back")
        assert back.inner_text() == "Back to 4. A network that does not hear itself"
        back.click()
        lab.wait("""() => {
            const heading = document.querySelector("#a-network-that-does-not-hear-itself h3");
            const {top} = heading.getBoundingClientRect();
            return top >= 0 && top < innerHeight;
        }""")
        lab.press("As published")
        assert not back.is_visible()

    def test_a_link_restores_the_settings(self, open_lab):
        lab = open_lab(None)
        before = shown(lab)
        changes = {
            "N": "500", "Q": "17", "G": "0.07", "alpha": "-5", "every": "4", "textbook": "true",
            "at_zero": "false", "frequency": "6.5", "pace": "0", "seed": "12", "shape": "sawtooth",
        }  # fmt: skip
        for name, value in changes.items():
            assert before[name] != value
            lab.set(name, value)
        link = lab.page.locator("#lab-link").input_value()
        assert shown(lab) == changes
        other = open_lab(urlsplit(link).fragment.partition("?")[2])
        assert shown(other) == changes
        assert other.page.locator("#lab-link").input_value() == link
        # They are the settings of the network too, and not of the controls alone.
        assert "N=500" in link
        other.train(0.5)
        assert other.seen["target"][:500] == pytest.approx(
            np.arcsin(np.sin(2 * np.pi * 6.5 * np.arange(500) / 1000)), abs=1e-9
        )
        assert other.status.inner_text().startswith(("RLS is on: it changes all 500 decoders", "Locked"))
        ms, updates = other.seen["updates"].T
        assert updates == pytest.approx(ms / 10, abs=1)

    def test_a_link_restores_a_drawing(self, open_lab):
        lab = open_lab()
        lab.section.locator('[data-panel="own"]').focus()
        for key in ["ArrowRight", "ArrowUp", "ArrowUp", "ArrowRight", "ArrowDown"]:
            lab.page.keyboard.press(key)
        link = lab.page.locator("#lab-link").input_value()
        other = open_lab(urlsplit(link).fragment.partition("?")[2])
        assert other.page.locator("#lab-link").input_value() == link
        assert shown(other)["shape"] == "own"
        # It is the drawing itself, to the last bit.
        for one in (lab, other):
            one.train(0.2)
        np.testing.assert_array_equal(lab.seen["target"][:200], other.seen["target"][:200])

    def test_a_link_with_another_size_alone_has_the_alpha_of_that_size(self, open_lab):
        lab = open_lab("N=500")
        assert lab.control("alpha").get_attribute("aria-valuetext") == "2 · 10⁻⁵ s²"

    @pytest.mark.parametrize(
        "wrong",
        [
            "N=3&Q=-5&alpha=abc&seed=1.5&own=garbage&shape=square&pace=-1&frequency=0&every=7&textbook=1&G=NaN",
            "N=500.5&Q=41&alpha=-9&seed=-1&pace=Infinity&frequency=&every=1.5&textbook=&G=0.21&dt=1&p=2&watched=999",
            "N=0500&Q=3.7&alpha=&seed=4294967296&frequency=5.3&every=-1&G=0.043&&=&%&own="
            + "_".join(["51"] * 96),
            "Q=1e999&seed=abc&frequency=5Hz&every=ms&shape=&own=" + "_".join(["x"] * 96),
        ],
    )
    def test_what_no_control_could_have_is_left_out(self, open_lab, wrong):
        right = {
            "N": "2000",
            "Q": "10",
            "G": "0.04",
            "every": "2",
            "frequency": "5",
            "shape": "sine",
            "seed": "1",
        }
        lab = open_lab(f"{wrong}&at_zero=false")
        assert shown(lab).items() >= {**right, "textbook": "false", "pace": "1"}.items()
        assert lab.control("alpha").get_attribute("aria-valuetext") == "5 · 10⁻⁶ s²"
        assert settings_of(lab.page.locator("#lab-link").input_value()) == {"at_zero": "false"}
        assert lab.complaints() == {}

    def test_a_link_followed_on_the_page_itself_is_taken_over(self, open_lab):
        lab = open_lab(None)
        assert shown(lab)["Q"] == "10"
        lab.page.evaluate("location.hash = '#lab?Q=3'")
        lab.wait("document.querySelector('#lab-Q').value == '3'")
        assert "settings of the link" in lab.status.inner_text()

    def test_the_link_is_copied(self, open_lab):
        lab = open_lab(f"{SMALL}&Q=20", "http", permissions=["clipboard-read", "clipboard-write"])
        lab.press("Copy a link to these settings")
        lab.wait("document.querySelector('.lab-status').textContent.includes('copied')")
        copied = lab.page.evaluate("navigator.clipboard.readText()")
        assert copied == lab.page.locator("#lab-link").input_value()
        assert settings_of(copied)["Q"] == "20"

    def test_the_link_is_selected_where_copying_is_not_allowed(self, open_lab):
        lab = open_lab(f"{SMALL}&Q=20")
        lab.page.evaluate("""Object.defineProperty(navigator, "clipboard", {value: undefined})""")
        lab.press("Copy a link to these settings")
        lab.wait("document.activeElement.id == 'lab-link'")
        assert lab.page.evaluate("getSelection().toString()") == lab.page.locator("#lab-link").input_value()
        assert "selected" in lab.status.inner_text()


# Resolves when nothing has scrolled for ten pictures.
SETTLED = """() => new Promise(done => {
    let [last, same] = [scrollY, 0];
    const look = () => {
        same = scrollY == last ? same + 1 : 0;
        last = scrollY;
        if (same == 10) done();
        else requestAnimationFrame(look);
    };
    look();
})"""

# What has focus: is it seen to have it, and does nothing cover it?
FOCUS = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const outlined = style.outlineStyle != "none" && parseFloat(style.outlineWidth) > 0;
    const seen = y => {
        const there = document.elementFromPoint((box.left + box.right) / 2, y);
        return one.contains(there);
    };
    return {
        what: one.id || one.dataset.do || one.dataset.preset || one.dataset.panel || one.tagName,
        inside: !!one.closest("#lab"),
        ring: outlined || style.boxShadow != "none",
        covered: !seen(box.top + 2) || !seen((box.top + box.bottom) / 2),
    };
}"""


class TestKeyboard:
    """Without a mouse."""

    def tab_to(self, lab, selector, key="Tab"):
        for _ in range(300):
            if lab.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            lab.page.keyboard.press(key)
        raise AssertionError(f"{selector} is not reached")

    def test_from_the_top_of_the_page_to_a_network_that_learns(self, open_lab):
        lab = open_lab(None)
        lab.page.evaluate("scrollTo(0, 0)")
        press = lab.page.keyboard.press
        self.tab_to(lab, "#lab-N")
        press("ArrowUp")
        press("ArrowUp")
        assert lab.control("N").input_value() == "500"
        self.tab_to(lab, "#lab-pace", "Shift+Tab")
        press("End")
        assert lab.control("pace").input_value() == "0"
        self.tab_to(lab, "#lab [data-do=run]", "Shift+Tab")
        press("Enter")
        lab.ready()
        lab.run_to(0.2)
        press("Tab")
        press("Space")
        lab.until("lab.learns == 'true' && lab.locked")
        # The button that was pressed still has the focus, with its new words.
        assert lab.page.evaluate("document.activeElement.textContent") == "RLS off"
        press("Space")
        lab.until("lab.learns == 'false'")
        self.tab_to(lab, "#lab-Q")
        press("Home")
        assert lab.control("Q").get_attribute("aria-valuetext") == "0"
        press("ArrowRight")
        assert lab.control("Q").get_attribute("aria-valuetext") == "1"
        self.tab_to(lab, "#lab-shape")
        press("ArrowDown")
        start, _ = lab.run_for(1)
        assert lab.control("shape").input_value() == "sawtooth"
        assert lab.seen["target"][start + 300 :].max() == pytest.approx(np.pi / 2, abs=0.05)
        assert lab.complaints() == {}

    @pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
    @pytest.mark.parametrize("size", [(1280, 700), (390, 700)])
    def test_what_has_focus_is_seen(self, open_lab, key, size):
        width, height = size
        lab = open_lab(SMALL, width=width, height=height)
        lab.begin()
        lab.section.locator("details").evaluate("folded => { folded.open = true }")
        first, last = "#lab [data-do=run]", "#lab-link"
        start, end = (first, last) if key == "Tab" else (last, first)
        lab.page.locator(start).focus()
        # One step out, so that the focus comes back by the keyboard.
        lab.page.keyboard.press("Shift+Tab" if key == "Tab" else "Tab")
        found = []
        for _ in range(60):
            lab.page.keyboard.press(key)
            lab.page.evaluate(SETTLED)
            found.append(lab.page.evaluate(FOCUS))
            if lab.page.evaluate("selector => document.activeElement.matches(selector)", end):
                break
        found = [one for one in found if one["inside"]]
        assert len(found) == 7 + 1 + 6 + 11 + 2 + 2
        assert [one["what"] for one in found if not one["ring"]] == []
        assert [one["what"] for one in found if one["covered"]] == []


class TestInstead:
    """Who cannot run the lab, or does not want to see it move, finds a recorded run and the reason."""

    def check(self, page, why):
        lab, words = page.locator("#lab"), page.locator("#lab-instead")
        assert not lab.is_visible()
        assert page.locator("#fig-recorded img").is_visible()
        assert words.is_visible()
        assert why in words.inner_text()

    def check_no_dead_button(self, page):
        assert [one.inner_text() for one in page.locator("[data-preset]").all() if one.is_visible()] == []

    def test_the_lab_stands_in_for_the_recorded_run(self, open_lab):
        lab = open_lab(None)
        assert lab.section.is_visible()
        assert not lab.page.locator("#fig-recorded").is_visible()
        assert not lab.page.locator("#lab-instead").is_visible()
        # Paper does not move.
        lab.page.emulate_media(media="print")
        assert not lab.section.is_visible()
        assert lab.page.locator("#fig-recorded img").is_visible()

    @pytest.mark.parametrize(
        "lacking",
        ["delete window.WebAssembly", "delete window.Worker", "WebAssembly.validate = () => false"],
    )
    def test_without_what_it_needs(self, open_page, lacking):
        page = open_page(PAGE, before=lacking)
        self.check(page, "Your browser cannot run WebAssembly")
        self.check_no_dead_button(page)
        assert page.record.complaints() == {}

    def test_without_scripts(self, open_page):
        page = open_page(PAGE, java_script_enabled=False)
        self.check(page, "Without JavaScript")
        self.check_no_dead_button(page)

    def test_a_worker_that_is_refused_is_told(self, open_lab):
        lab = open_lab()
        lab.page.evaluate("""() => { window.Worker = class {
            postMessage() { setTimeout(() => this.onerror(new ErrorEvent("error", {message: "refused"}))); }
            terminate() {}
        }}""")
        lab.press("Start")
        lab.wait("document.querySelector('.lab-status').textContent.includes('refused')")
        assert lab.button("run").inner_text() == "Start"

    def test_a_page_that_may_have_no_worker_is_told(self, open_lab):
        lab = open_lab()
        lab.page.evaluate(
            "() => { window.Worker = class { constructor() { throw new Error('forbidden') } } }"
        )
        lab.press("Start")
        assert lab.status.inner_text() == "The network could not be started: forbidden"
        assert lab.button("run").inner_text() == "Start"
        assert lab.complaints() == {}

    def test_with_less_motion_it_is_shown_on_request(self, open_page):
        page = open_page(f"{PAGE}#lab?{SMALL}", reduced_motion="reduce")
        self.check(page, "less motion")
        page.get_by_role("button", name="Run the live lab all the same").click()
        lab = Lab(page)
        assert lab.section.is_visible()
        assert not page.locator("#fig-recorded").is_visible()
        assert not page.locator("#lab-instead").is_visible()
        assert page.evaluate("document.activeElement.dataset.do") == "run"
        lab.train(1)
        assert rms(lab.seen, 0.7, 1) < 0.1
        assert page.record.complaints() == {}

    def test_with_less_motion_a_button_of_the_text_shows_it_too(self, open_page):
        page = open_page(f"{PAGE}#lab?{SMALL}", reduced_motion="reduce")
        page.locator('.lab-setup[data-preset="published"]').first.click()
        assert page.locator("#lab").is_visible()
        assert page.evaluate("document.activeElement.dataset.do") == "run"


def test_memory_stays_flat_over_three_minutes(open_page):
    page = open_page(f"{PAGE}#lab?{SMALL}")
    lab = Lab(page)
    page.evaluate("() => { window.Worker = Object.getPrototypeOf(window.Worker) }")  # keep nothing
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def heap():
        session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize")

    lab.press("Start")
    lab.ready()
    lab.press("RLS on")
    lab.until("lab.time > 10")
    memory, before = lab.data("memory"), heap()
    assert float(memory) > 2e6
    lab.until("lab.time > 180")
    assert lab.data("memory") == memory
    assert heap() - before < 3e6
    # So small a network follows worse after minutes of training than after seconds, but it follows.
    lab.until("lab.error < 0.15")
    assert lab.data("diverged") == "false"
    assert lab.complaints() == {}


def test_the_page_answers_while_the_largest_network_works(open_lab):
    lab = open_lab("N=4000&pace=0&alpha=-5.5")
    # While the network is drawn, pictures go on, and the reader may pause.
    pictures = lab.page.evaluate("""() => new Promise(done => {
        let pictures = 0;
        const learn = document.querySelector("#lab [data-do=learn]");
        const next = () => learn.disabled ? (pictures++, requestAnimationFrame(next)) : done(pictures);
        document.querySelector("#lab [data-do=run]").click();
        next();
    })""")
    assert pictures > 5
    lab.press("RLS on")
    lab.wait("seen.switches.length")
    lab.run_for(0.05)
    lab.press("Pause")
    still(lab)
    assert lab.data("running") == "false"
    # A click that comes while the next network is being drawn.
    words = lab.button("renew").evaluate("""button => {
        button.click();
        document.querySelector("#lab [data-do=run]").click();
        return document.querySelector(".lab-status").textContent;
    }""")
    assert "Drawing" in words
    assert lab.button("run").inner_text() == "Go on"
    assert lab.complaints() == {}


# Does a canvas hold pixels of this colour?
PAINTED = """([panel, name]) => {
    const canvas = document.querySelector(`canvas[data-panel=${panel}]`);
    const colour = getComputedStyle(document.getElementById("lab")).getPropertyValue(name).trim();
    const [r, g, b] = [1, 3, 5].map(k => parseInt(colour.slice(k, k + 2), 16));
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy.drawImage(canvas, 0, 0);
    const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
    let number = 0;
    for (let k = 0; k < data.length; k += 4) number += data[k + 3] > 128 &&
        Math.abs(data[k] - r) < 6 && Math.abs(data[k + 1] - g) < 6 && Math.abs(data[k + 2] - b) < 6;
    return number;
}"""
COLOURS = [
    ("raster", "--lab-up"),
    ("raster", "--lab-down"),
    ("readout", "--lab-up"),
    ("readout", "--lab-teacher"),
    ("error", "--lab-line"),
    ("decoders", "--lab-line"),
    ("potential", "--lab-line"),
]


def test_on_a_phone_all_fits_and_is_drawn_in_both_modes(open_page):
    page = open_page(
        f"{PAGE}#lab?{SMALL}", width=390, height=800, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    lab = Lab(page)
    assert not lab.section.locator(".lab-controls").is_visible()
    lab.section.locator("summary").tap()
    for do in ("run", "learn"):
        lab.ready() if do == "learn" else None
        lab.button(do).tap()
    lab.run_to(1.5)
    for mode in ("light", "dark"):
        for _ in range(4):
            if page.evaluate("document.documentElement.dataset.theme") == mode:
                break
            page.locator(".theme-switch-button:visible").first.tap()
        assert page.evaluate("document.documentElement.dataset.theme") == mode
        lab.run_for(0.2)
        for panel, name in COLOURS:
            assert page.evaluate(PAINTED, [panel, name]) > 20, (mode, panel, name)
        assert page.evaluate(PAINTED, ["own", "--lab-text"]) > 20
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    wide = lab.section.locator("*:visible").evaluate_all("""all => all
        .filter(one => one.getBoundingClientRect().right > innerWidth || one.getBoundingClientRect().left < 0)
        .map(one => one.outerHTML.slice(0, 80))""")
    assert wide == []
    # Drawing by finger: the canvas takes it, and the page does not scroll.
    canvas = lab.section.locator('[data-panel="own"]')
    canvas.scroll_into_view_if_needed()
    canvas.tap()
    assert lab.control("shape").input_value() == "own"
    small = lab.section.locator(":is(button, select, input, summary):visible").evaluate_all("""all => all
        .filter(one => one.getBoundingClientRect().height < 24).map(one => one.outerHTML.slice(0, 80))""")
    assert small == []
    assert lab.complaints() == {}


def test_spikes_that_are_in_sight_stay_there(open_lab):
    # Without coupling and feedback a kick brings a few spikes, and nothing else does.
    lab = open_lab(f"{FEW}&pace=1&G=0&Q=0")
    lab.press("Start")
    lab.run_to(0.1)
    fewest = lab.page.evaluate(
        """painted => new Promise(done => {
        let [kicked, fewest] = [0, Infinity];
        const count = eval(painted);
        const look = () => {
            const now = seen.z.length;
            if (now > kicked + 1000) {
                document.querySelector("#lab [data-do=kick]").click();
                kicked = now;
            }
            const recent = seen.spikes.filter(([, ms]) => ms > now - 1500 && ms < now - 500).length;
            if (now > 1500 && recent > 10)
                fewest = Math.min(fewest, count(["raster", "--lab-up"]) + count(["raster", "--lab-down"]));
            if (now < 4500) requestAnimationFrame(look);
            else done(fewest);
        };
        look();
    })""",
        PAINTED,
    )
    assert 10 < fewest < np.inf
