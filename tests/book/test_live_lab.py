"""The page of the live lab in Chromium: what a reader sets, presses, sees and hears.

What the network makes of it is tested in Node, by test_lab_worker.py. Here, in all but three tests a stand-in
takes the place of the worker: it keeps what the page sends, and sends what the test says.
"""

import json
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from browser import ROOT
from live_lab import PAIRS, defaults, networks
from PIL import Image

PAGE = "pages/live_lab.html"
PRESETS = json.loads((ROOT / "lab" / "presets.json").read_text("utf-8"))

STAND_IN = (ROOT / "tests" / "book" / "lab_stand_in.js").read_text("utf-8")


class Lab:
    """The lab of a page that is open."""

    def __init__(self, page):
        self.page, self.section = page, page.locator("#lab")

    @property
    def status(self):
        return self.section.locator(".lab-status").inner_text()

    @property
    def link(self):
        return self.page.locator("#lab-link").input_value()

    @property
    def linked(self):
        """The settings that the link holds."""
        held = parse_qs(urlsplit(self.link).fragment.partition("?")[2])
        return {name: values[0] for name, values in held.items()}

    @property
    def shown(self):
        """The settings that the controls show."""
        return self.section.locator("[data-setting]").evaluate_all(
            "all => Object.fromEntries(all.map(one => [one.dataset.setting, one.value]))"
        )

    @property
    def posted(self):
        return self.page.evaluate("posted")

    @property
    def start(self):
        """The settings with which the last network was started."""
        return self.posted[0]["start"]

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

    def reads(self, name, words):
        self.section.locator(f'dd[data-reading="{name}"]', has_text=words).wait_for()

    def says(self, words):
        self.section.locator(".lab-status", has_text=words).wait_for()

    def wait(self, condition, arg=None):
        self.page.wait_for_function(condition, arg=arg)

    def run(self, script):
        return self.page.evaluate(script)


@pytest.fixture
def open_lab(open_page):
    """Open the lab with settings as a link has them, and with another worker than the stand-in, if told."""

    def opener(settings="", scheme="file", worker="StandIn", **options):
        name = f"{PAGE}#lab?{settings}" if settings else PAGE
        return Lab(open_page(name, scheme, before=f"{STAND_IN};window.Worker = {worker}", **options))

    return opener


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_a_network_learns_in_the_browser(open_lab, scheme):
    """The real worker, in a thread of its own, which may be made in a page of either kind."""
    lab = open_lab("pace=0" if scheme == "http" else "pace=0&N=500", scheme, "Worker")
    lab.reads("speed", "–")
    lab.press("Start")
    lab.says("2000 neurons and" if scheme == "http" else "500 neurons and")
    assert len(lab.page.workers) == 1
    assert lab.page.evaluate("typeof Network") == "undefined"
    lab.press("RLS on")
    lab.says("Locked.")
    lab.wait("lab.dataset.error < 0.1 && Math.abs(lab.dataset.frequency - 5) < 0.25")
    lab.press("RLS off")
    lab.wait("lab.dataset.learns == 'false'")
    updates = set()
    for _ in range(2):  # what the worker did before it heard of it may still be on its way
        before = float(lab.section.get_attribute("data-time"))
        lab.wait("before => lab.dataset.time > before + 0.5", before)
        updates.add(lab.section.get_attribute("data-updates"))
    assert len(updates) == 1
    lab.press("Pause")
    lab.reads("speed", "paused")
    assert lab.page.record.complaints() == {}


def test_another_model_two_readouts_and_an_input_in_the_browser(open_lab):
    """The real worker again: a link with nothing as it is by default, and then another model."""
    lab = open_lab("model=izhikevich&shape=lissajous&N=500&pace=0&textbook=true&onset=once", worker="Worker")
    lab.press("Start")
    lab.press("RLS on")
    lab.wait("lab.dataset.time > 1.5 && lab.dataset.error < 0.3")
    for name in ("up", "second"):
        lab.wait("colour => painted(colour) > 100", ["readout", f"--lab-{name}"])
    lab.wait("painted(['orbit', '--lab-up']) > 200")
    lab.press("RLS off")
    up = lab.section.locator('[data-pulse="1"]')
    up.focus()
    lab.page.keyboard.down("Space")
    lab.wait("painted(['readout', '--lab-line']) > 20")
    lab.page.keyboard.up("Space")
    lab.set("model", "theta")
    lab.says("500 neurons and")
    lab.press("Pulse down")
    lab.wait("lab.dataset.time > 0.3 && lab.dataset.running == 'true'")
    assert lab.page.record.complaints() == {}


class TestControls:
    """Every control and every button sends what it says, and shows it."""

    def test_settings_reach_the_network_that_runs(self, open_lab):
        lab = open_lab()
        lab.press("Start")
        assert lab.start == {**defaults(), "learns": False, "own": lab.start["own"]}
        for name, value, sent, words in (
            ("Q", "0", 0, "0"),
            ("Q_in", "25", 25, "25"),
            ("G", "0.2", 0.2, "0.2"),
            ("alpha", "-8", pytest.approx(1e-8), "1 · 10⁻⁸ s²"),
            ("every", "0", 10, "0.5 ms"),
            ("every", "6", 800, "40 ms"),
            ("textbook", "true", True, None),
            ("onset", "crest", "crest", None),
            ("shape", "sawtooth", "sawtooth", None),
            ("frequency", "11.5", 11.5, "11.5 Hz"),
            ("pace", "0", 0, None),
        ):
            lab.set(name, value)
            assert lab.posted[-1]["set"][name] == sent
            assert lab.shown[name] == value
            assert lab.control(name).get_attribute("aria-valuetext") == words
            if words:
                assert lab.section.locator(f"output[for=lab-{name}]").inner_text() == words
        for name, value, told in (("N", "1000", 1000), ("seed", "4294967295", 2**32 - 1)):
            lab.set(name, value)
            assert lab.start[name] == told
        assert lab.start["alpha"] == 1e-5  # as large a first step
        assert lab.start["frequency"] == 11.5
        for wrong in ("-1", "1.5", "4294967296", ""):
            lab.set("seed", wrong)
            assert "whole number" in lab.status, wrong
            assert lab.linked["seed"] == "4294967295"
        assert lab.page.record.complaints() == {}

    def test_buttons_act_on_the_network(self, open_lab):
        lab = open_lab()
        for name in ("RLS on", "Kick", "Silence a fifth", "Forget", "Keep for comparison", "Save the data"):
            assert lab.section.get_by_role("button", name=name, exact=True).is_disabled()
        for name, sent, words in (
            ("Start", {"more": True}, "500"),
            ("RLS on", {"set": {"learns": True}}, "next zero"),
            ("RLS off", {"set": {"learns": False}}, "goes on alone"),
            ("Kick", {"act": "kick"}, "Kicked"),
            ("Silence a fifth", {"act": "silence"}, "400 neurons"),
            ("Wake them", {"act": "wake"}, "All neurons"),
            ("Silence a fifth", {"act": "silence"}, "400 neurons"),
            ("Forget", {"act": "forget"}, "zero again"),
            ("Pause", {"run": False}, ""),
            ("Go on", {"run": True}, ""),
        ):
            lab.press(name)
            assert lab.posted[-1] == sent, name
            assert words in lab.status or name == "Start"
        assert lab.button("silence").get_attribute("data-on") is not None
        lab.press("RLS on")
        lab.press("Begin anew")
        assert "start" in lab.posted[0]
        assert {"run": True} in lab.posted
        for do, words in (("run", "Pause"), ("learn", "RLS on"), ("silence", "Silence a fifth")):
            assert lab.button(do).inner_text() == words
            assert lab.button(do).get_attribute("data-on") is None
        # While the next network is drawn, the reader may pause.
        lab.run("window.busy = true")
        lab.press("Begin anew")
        assert "Drawing a network of 2000" in lab.status
        lab.press("Pause")
        lab.run("worker.begin()")
        assert {"run": True} not in lab.posted
        assert lab.page.record.complaints() == {}

    def test_presets_set_what_they_say_and_keep_size_and_pace(self, open_lab):
        others = "Q=33&seed=7&every=0&frequency=8&shape=sawtooth&textbook=true&onset=once&G=0.2"
        lab = open_lab(f"{others}&pace=0&N=500")
        buttons = lab.page.locator("[data-preset]")
        assert set(buttons.evaluate_all("all => all.map(one => one.dataset.preset)")) == set(PRESETS)
        for button in buttons.all():
            button.evaluate("button => button.click()")
            preset = dict(PRESETS[button.get_attribute("data-preset")])
            soon = preset.pop("learns", None)
            own = networks()[preset.get("model", "lif")]
            wanted = {**defaults(), **own, "pace": 0, **preset, "N": 500}
            wanted["outputs"] = 2 if wanted["shape"] in PAIRS else 1
            wanted["alpha"] = pytest.approx(wanted["alpha"] * own["N"] / 500)
            assert {name: lab.start[name] for name in wanted} == wanted
            assert lab.button("run").inner_text() == "Pause"
            # Some switch RLS on as well, after half a second, and once.
            lab.run("send(sine(490, 0))")
            assert {"set": {"learns": True}} not in lab.posted
            lab.run("send(sine(20, 0)); send(sine(20, 0))")
            assert lab.posted.count({"set": {"learns": True}}) == bool(soon)
            assert ("crest" in lab.status) == bool(soon)

    def test_a_model_brings_its_settings_and_ranges(self, open_lab):
        lab = open_lab("N=1000&G=0.1&every=0&Q=33")
        lab.press("Start")
        for model, N, interval in (
            ("izhikevich", 1000, "0.8 ms"),
            ("theta", 500, "0.5 ms"),
            ("lif", 1000, "2.5 ms"),
        ):
            lab.set("model", model)
            own = networks()[model]
            alpha = pytest.approx(own["alpha"] * own["N"] / N)
            wanted = {**own, "model": model, "N": N, "alpha": alpha}
            assert {name: lab.start[name] for name in wanted} == wanted
            assert lab.control("every").get_attribute("aria-valuetext") == interval
            for name in ("Q", "G", "Q_in"):
                assert float(lab.control(name).get_attribute("max")) >= 4 * own[name]
                assert float(lab.control(name).input_value()) == pytest.approx(own[name])
        assert lab.linked == {"N": "1000", "alpha": "-5"}
        lab.set("model", "theta")
        assert lab.linked == {"model": "theta"}
        assert lab.page.record.complaints() == {}

    def test_a_pulse_lasts_as_long_as_its_button_is_pressed(self, open_lab):
        lab = open_lab()
        up, down = (lab.section.locator(f'[data-pulse="{value}"]') for value in (1, -1))
        assert up.is_disabled()
        lab.press("Start")

        def told():
            return [one["press"] for one in lab.posted if "press" in one]

        up.scroll_into_view_if_needed()
        box = up.bounding_box()
        lab.page.mouse.move(box["x"] + 5, box["y"] + 5)
        lab.page.mouse.down()
        assert told() == [1]
        assert up.get_attribute("data-on") is not None
        lab.page.mouse.move(5, 5)  # it ends where the button is let go, wherever the pointer is
        lab.page.mouse.up()
        assert told() == [1, 0]
        assert up.get_attribute("data-on") is None
        for key in ("Space", "Enter"):
            down.focus()
            for _ in range(3):  # a key that is held comes again and again
                lab.page.keyboard.down(key)
            lab.page.keyboard.up(key)
        assert told() == [1, 0, -1, 0, -1, 0]
        lab.page.keyboard.down("Space")
        lab.page.keyboard.press("Tab")
        lab.page.keyboard.up("Space")
        assert told()[6:] == [-1, 0]
        up.evaluate("button => button.click()")  # a screen reader
        assert told()[8:] == [1, 0]
        lab.press("Pulse up")
        assert told()[10:] == [1, 0]
        # It is seen at the edge to which it pushes.
        lab.run("send(sine(100), sine(100), {input: Array(100).fill(1)})")
        lab.wait("painted(['readout', '--lab-line']) > 20")
        assert lab.page.record.complaints() == {}

    def test_a_button_of_the_text_sets_up_and_leads_to_the_lab_and_back(self, open_lab):
        lab = open_lab()
        lab.page.locator('.lab-setup[data-preset="no-feedback"]').click()
        lab.wait("document.activeElement.dataset.do == 'run'")
        assert lab.shown["Q"] == "0"
        lab.wait("""() => {
            const {left, top, bottom} = document.activeElement.getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight &&
                document.elementFromPoint(left + 5, (top + bottom) / 2) == document.activeElement;
        }""")
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


class TestShown:
    """What the page makes of what the network does."""

    @pytest.mark.parametrize("hertz", [1, 5, 15])
    def test_readings(self, open_lab, hertz):
        lab = open_lab(f"frequency={hertz}")
        lab.press("Start")
        lab.press("RLS on")
        lab.run("send(sine(100, 0)); learning()")
        lab.says("changes all 2000 decoders every 2.5 ms")
        lab.run(f"""() => {{
            const more = {{number: 4000, updates: 1234}};
            send(sine(100, {hertz}, 1, 0.3), sine(100, {hertz}), more);
            for (let k = 0; k < 39; k++) send(sine(100, {hertz}, 1, 0.1), sine(100, {hertz}), more);
        }}""")
        lab.says("Since 100 ms after RLS came on the readout has stayed within 0.2")
        shown = {"time": "4.1 s", "error": "0.100", "rate": "20.0 Hz", "updates": "1,234"}
        shown |= {"amplitude": "1.00", "phase": "0°", "aligned": "0.100"}
        for name, words in (shown | {"frequency": f"{hertz}.0"}).items():
            lab.reads(name, words)
        assert f"{hertz}.0 hertz" in lab.section.locator("[data-panel=readout]").get_attribute("aria-label")
        # Once forgotten it has not locked, until it has again.
        lab.press("Forget")
        lab.run("send(sine(500))")
        assert "next zero" in lab.status
        lab.run("learning(); send(sine(200))")
        lab.says("Locked. From the first update on")

    def test_a_readout_that_drifts_is_told_from_one_that_dies(self, open_lab):
        lab = open_lab()
        lab.press("Start")
        lab.run("send(sine(3000, 4.95, 0.9), sine(3000))")
        # At 3 s it is 54 degrees behind, and half a period ago 1.8 degrees less.
        for name, words in {"frequency": "4.95 Hz", "phase": "−52°", "amplitude": "0.90"}.items():
            lab.reads(name, words)
        assert float(lab.section.get_attribute("data-error")) > 0.5
        assert float(lab.section.get_attribute("data-aligned")) < 0.1
        # Of the teacher's amplitude less than a quarter is left.
        lab.run("send(sine(1500, 5, 0.2), sine(1500))")
        for name, words in {"frequency": "–", "phase": "–", "amplitude": "0.200"}.items():
            lab.reads(name, words)

    def test_two_readouts_have_an_orbit(self, open_lab):
        lab = open_lab("shape=circle")
        orbit, drawing = lab.section.locator("[data-panel=orbit]"), lab.section.locator("#lab-drawing")
        assert orbit.is_visible()
        assert not drawing.is_visible()
        box = orbit.bounding_box()
        assert box["width"] > 200
        assert box["width"] == pytest.approx(box["height"], abs=1)
        lab.press("Start")
        assert lab.start["outputs"] == 2
        lab.press("RLS on")
        lab.run("""learning(); for (let k = 0; k < 8; k++)
            send(sine(100, 5, 0.8), sine(100), {z2: sine(100, 10, 0.8), target2: sine(100, 10)})""")
        for panel, name in (("orbit", "up"), ("readout", "up"), ("readout", "second")):
            lab.wait("what => painted(what) > 100", [panel, f"--lab-{name}"])
        lab.set("shape", "sine")
        assert lab.start["outputs"] == 1
        assert drawing.is_visible()
        assert not orbit.is_visible()
        with lab.page.expect_download():
            lab.run("send(sine(1000))")
            lab.press("Save a picture")
        assert lab.page.record.complaints() == {}

    def test_the_memory_has_no_phase_and_tells_what_it_holds(self, open_lab):
        lab = open_lab("shape=memory")
        lab.press("Start")
        lab.press("RLS on")
        lab.run("learning(); send(Array(3000).fill(0.9), Array(3000).fill(1))")
        assert "Pulses come by themselves" in lab.status
        for name in ("amplitude", "phase", "frequency", "aligned"):
            lab.reads(name, "–")
        lab.reads("error", "0.100")
        assert "Locked" not in lab.status
        assert "readout 0.9, teacher 1" in lab.section.locator("[data-panel=readout]").get_attribute(
            "aria-label"
        )
        assert lab.page.record.complaints() == {}

    def test_a_divergence_is_told(self, open_lab):
        lab = open_lab()
        lab.press("Start")
        lab.press("RLS on")
        lab.run("send(sine(100, 5, 150), sine(100), {diverged: true})")
        lab.says("passed 100: learning diverged")
        assert {"run": False} in lab.posted
        lab.reads("speed", "paused")
        assert lab.button("learn").is_disabled()
        assert lab.button("learn").inner_text() == "RLS on"
        # The button that had the focus can no longer be pressed.
        assert lab.run("document.activeElement.dataset.do") == "run"
        lab.press("Start")
        assert {"run": False} not in lab.posted
        assert lab.page.record.complaints() == {}

    def test_spikes_that_are_in_sight_stay_there(self, open_lab):
        lab = open_lab()
        lab.press("Start")
        fewest = lab.run("""async () => {
            let fewest = Infinity;
            for (let k = 0; k < 60; k++) {
                send(sine(100), sine(100), {spikes: k % 10 ? [] : spikes(20)});
                await pictures(2);
                fewest = Math.min(fewest, painted(["raster", "--lab-up"]));
            }
            return fewest;
        }""")
        assert fewest > 10

    def test_frames_come_no_faster_than_they_are_drawn_and_leave_nothing(self, open_lab):
        lab = open_lab()
        lab.press("Start")
        go = """async frames => {
            posted.length = 0;
            for (let k = 0; k < frames; k++) {
                send(sine(100), sine(100), {spikes: spikes(50)});
                if (k % 10 == 9) await pictures(2);
            }
            return posted.splice(0).filter(one => one.more).length;
        }"""
        session = lab.page.context.new_cdp_session(lab.page)
        used = []
        for frames in (100, 1000):
            assert lab.page.evaluate(go, frames) == frames
            sizes = []
            for _ in range(3):
                session.send("HeapProfiler.collectGarbage")
                sizes.append(session.send("Runtime.getHeapUsage")["usedSize"])
            used.append(min(sizes))
        assert used[1] - used[0] < 1e6

    def test_time_and_sound_stand_still_while_the_page_is_hidden(self, open_lab):
        lab = open_lab()
        lab.press("Start")
        lab.press("Sound")
        lab.wait("heard[0].state == 'running'")
        lab.run("hide(true)")
        assert lab.posted[-1] == {"run": False}
        assert lab.button("run").inner_text() == "Pause"
        lab.wait("heard[0].state == 'suspended'")
        lab.run("hide(false)")
        assert lab.posted[-1] == {"run": True}
        lab.wait("heard[0].state == 'running'")
        # Who paused it finds it paused, and a network that is ready while nobody looks waits.
        lab.press("Pause")
        lab.run("hide(true); hide(false)")
        assert lab.posted[-1] == {"run": False}
        lab.run("hide(true)")
        lab.button("renew").evaluate("button => button.click()")
        assert {"run": True} not in lab.posted
        lab.run("hide(false)")
        assert lab.posted[-1] == {"run": True}

    def test_sound_is_made_on_request_and_closed_again(self, open_lab):
        lab = open_lab()
        lab.press("Sound")
        for name, loud in (("Start", True), ("Pause", False), ("Go on", True), ("Begin anew", True)):
            lab.press(name)
            if loud:
                lab.run("send(sine(100))")
            lab.wait("loud => volume > 0 == loud", loud)
        lab.press("Sound off")
        lab.wait("heard[0].state == 'closed'")
        assert lab.run("heard.length") == 1
        assert lab.button("sound").inner_text() == "Sound"


class TestWholeRun:
    """What is kept of a run: strips, a comparison, files, and news for a drawing."""

    def test_a_kept_run_stays_pale_behind_the_next(self, open_lab):
        lab = open_lab("Q=20")
        key = lab.section.locator("[data-kept]")
        assert not lab.button("drop").is_visible()
        assert not key.is_visible()
        lab.press("Start")
        lab.run("send(sine(4000, 4.95, 0.6), sine(4000))")
        lab.wait("painted(['run_phase', '--lab-up']) > 50")
        assert lab.run("painted(['run_amplitude', '--lab-kept'])") == 0
        lab.press("Keep for comparison")
        assert key.is_visible()
        lab.control("Q").fill("10")
        assert "Feedback Q 20" in key.inner_text()
        lab.press("Begin anew")
        lab.run("send(sine(4000), sine(4000))")
        for panel in ("run_error", "run_amplitude", "run_phase"):
            lab.wait("panel => painted([panel, '--lab-kept']) > 50", panel)
        lab.press("Drop what is kept")
        assert not key.is_visible()
        assert lab.run("painted(['run_amplitude', '--lab-kept'])") == 0
        assert lab.button("keep").evaluate("button => button == document.activeElement")
        assert lab.page.record.complaints() == {}

    def test_a_long_run_is_kept_whole(self, open_lab):
        lab = open_lab()
        lab.press("Start")
        lab.run("() => { for (let k = 0; k < 300; k++) send(sine(500), sine(500)); }")
        lab.reads("time", "150.0 s")
        lab.wait("painted(['run_amplitude', '--lab-up']) > 200")

    def test_the_data_of_a_run_are_saved(self, open_lab):
        lab = open_lab("seed=7&N=500")
        lab.press("Start")
        lab.press("RLS on")
        lab.run("learning(); send(sine(1000, 5, 0.5), sine(1000))")
        lab.press("Save the data")
        assert lab.posted[-1] == {"ask": "decoder"}
        with lab.page.expect_download() as saved:
            lab.run("worker.onmessage({data: {decoder: Array.from(Array(500), (_, i) => i / 1e6)}})")
        assert saved.value.suggested_filename == "live-lab-seed-7.json"
        data = json.loads(saved.value.path().read_text("utf-8"))
        assert data["settings"].items() >= {"N": 500, "seed": 7, "onset": "zero"}.items()
        t = data["start"] + data["step"] * np.arange(len(data["target"]))
        assert t[-1] == pytest.approx(0.999)
        assert data["target"] == pytest.approx(np.sin(10 * np.pi * t), abs=1e-5)
        assert data["readout"] == pytest.approx(0.5 * np.sin(10 * np.pi * t), abs=1e-5)
        assert data["rls"] == [[0, True]]
        assert data["decoder"] == pytest.approx(np.arange(500) / 1e6)

    @pytest.mark.parametrize("mode", ["light", "dark"])
    def test_a_picture_shows_all_panels(self, open_lab, mode):
        lab = open_lab(mode=mode)
        lab.press("Start")
        lab.run("send(sine(3000, 4.95), sine(3000), {spikes: spikes(50)})")
        with lab.page.expect_download() as saved:
            lab.press("Save a picture")
        picture = Image.open(saved.value.path())
        heights = lab.section.locator("canvas:not([data-panel=own])").evaluate_all(
            "all => all.reduce((sum, one) => sum + one.height, 0)"
        )
        assert picture.height > heights
        corner = sum(picture.convert("RGB").getpixel((2, 2)))
        assert corner > 600 if mode == "light" else corner < 200
        assert len(picture.convert("RGB").getcolors(picture.width * picture.height)) > 50

    def test_the_drawing_of_the_network_is_alive(self, open_lab):
        lab = open_lab()
        drawing = lab.section.locator("#lab-drawing svg")

        def shown():
            spiking = drawing.locator(".cell").evaluate_all(
                "cells => cells.flatMap((cell, n) => (cell.classList.contains('spiking') ? [n] : []))"
            )
            heights = drawing.locator("circle.solid").evaluate_all(
                "dots => dots.map((dot) => dot.cy.baseVal.value)"
            )
            return spiking, heights, "unlit" not in drawing.locator(".rls").get_attribute("class")

        lab.press("Start")
        lab.press("RLS on")
        lab.run("send(sine(100, 5, 0.5), sine(100), {spikes: [3, 20, 4, 40]}); send(sine(51), sine(51))")
        lab.wait("document.querySelector('#lab-drawing .spiking')")
        spiking, (readout, target), learns = shown()
        assert spiking == [3, 4]
        assert (readout, target) == pytest.approx((104 + 14, 34 + 14), abs=0.5)  # both at a trough, and below
        assert not learns  # it waits
        lab.run("learning(); send(sine(10))")
        lab.wait("!document.querySelector('#lab-drawing .spiking')")
        assert shown()[2]


class TestDrawing:
    """A teacher drawn by the reader: all of it in the link, its first harmonics to the network."""

    def check(self, lab, points):
        assert lab.shown["shape"] == lab.linked["shape"] == "own"
        assert np.array(lab.linked["own"].split("_"), float) / 50 == pytest.approx(points, abs=1e-9)
        own = lab.page.evaluate("posted.findLast(one => one.set?.own).set.own")
        k = np.arange(1, 4)  # below 15 Hz at 5 Hz
        angles = 2 * np.pi * np.outer(np.arange(96), k) / 96
        assert own["mean"] == pytest.approx(np.mean(points), abs=1e-9)
        assert own["cosines"] == pytest.approx(points @ np.cos(angles) / 48, abs=1e-9)
        assert own["sines"] == pytest.approx(points @ np.sin(angles) / 48, abs=1e-9)

    def test_by_mouse(self, open_lab):
        lab = open_lab()
        lab.press("Start")
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
        points = np.array(lab.linked["own"].split("_"), float) / 50
        line = np.interp((np.arange(96) + 0.5) / 96, [0.005, 0.4, 0.995], [-0.8, 0.8, -0.8])
        assert points == pytest.approx(line, abs=0.1)
        self.check(lab, points)
        assert canvas.get_attribute("aria-valuenow") == str(round(100 * points[2]))
        # The link holds the drawing itself.
        other = open_lab(urlsplit(lab.link).fragment.partition("?")[2])
        assert other.link == lab.link
        other.press("Start")
        assert other.start["own"] == lab.page.evaluate("posted.findLast(one => one.set?.own).set.own")

    def test_by_keyboard(self, open_lab):
        lab = open_lab()
        lab.press("Start")
        canvas = lab.section.locator('[data-panel="own"]')
        lab.press("Clear the drawing")
        self.check(lab, np.zeros(96))
        assert canvas.get_attribute("aria-valuetext") == "place 1 of 24: 0.0"
        canvas.focus()
        press = lab.page.keyboard.press
        for key, value, words in (
            ("ArrowUp", "10", "place 1 of 24: 0.1"),
            ("ArrowUp", "20", "place 1 of 24: 0.2"),
            ("ArrowRight", "0", "place 2 of 24: 0.0"),
            ("ArrowDown", "-10", "place 2 of 24: -0.1"),
            ("ArrowLeft", "20", "place 1 of 24: 0.2"),
            ("ArrowLeft", "0", "place 24 of 24: 0.0"),
            ("End", "100", "place 24 of 24: 1.0"),
            ("ArrowUp", "100", "place 24 of 24: 1.0"),
            ("Home", "-100", "place 24 of 24: -1.0"),
        ):
            press(key)
            assert canvas.get_attribute("aria-valuenow") == value
            assert canvas.get_attribute("aria-valuetext") == words
        self.check(lab, np.repeat([0.2, -0.1, *[0] * 21, -1], 4))
        assert lab.page.record.complaints() == {}


class TestLinks:
    """Links that hold settings."""

    def test_a_link_restores_the_settings(self, open_lab):
        changes = {
            "model": "izhikevich", "N": "500", "Q": "17500", "Q_in": "2500", "G": "7.5", "alpha": "-5",
            "every": "4", "textbook": "true", "onset": "later", "frequency": "6.5", "pace": "0",
            "seed": "12", "shape": "sawtooth",
        }  # fmt: skip
        lab = open_lab()
        before = lab.shown
        for name, value in changes.items():
            assert before[name] != value
            lab.set(name, value)
        assert lab.shown == changes
        other = open_lab(urlsplit(lab.link).fragment.partition("?")[2])
        assert other.shown == changes
        assert other.link == lab.link
        lab.press("Start")
        other.press("Start")
        assert other.start == lab.start
        assert other.start["every"] == 250

    def test_what_no_control_could_have_is_left_out(self, open_lab):
        lab = open_lab("N=500")
        assert lab.control("alpha").get_attribute("aria-valuetext") == "2 · 10⁻⁵ s²"
        assert "settings of the link" in lab.status
        # A link that is followed on the page itself is taken over.
        for wrong in (
            "model=hodgkin&Q_in=41&N=3&Q=-5&alpha=abc&seed=1.5&own=garbage&shape=square&pace=-1&frequency=0&every=7&textbook=1&G=NaN",
            "N=500.5&Q=41&alpha=-9&seed=-1&pace=Infinity&frequency=&every=1.5&textbook=&G=0.21&dt=1&watched=99",
            "N=0500&Q=3.7&alpha=&seed=4294967296&frequency=5.3&every=-1&G=0.043&&=&%&own="
            + "_".join(["51"] * 96),
            "Q=1e999&seed=abc&frequency=5Hz&every=ms&shape=&own=" + "_".join(["x"] * 96),
        ):
            lab.page.evaluate("wrong => { location.hash = `#lab?${wrong}&onset=once` }", wrong)
            lab.wait("document.querySelector('#lab-onset').value == 'once'")
            assert lab.linked == {"onset": "once"}
            right = {"N": "2000", "Q": "10", "G": "0.04", "every": "2", "frequency": "5", "shape": "sine"}
            assert (lab.shown["model"], lab.shown["Q_in"]) == ("lif", "10")
            assert lab.shown.items() >= {**right, "seed": "1", "textbook": "false", "pace": "1"}.items()
            assert lab.control("alpha").get_attribute("aria-valuetext") == "5 · 10⁻⁶ s²"
            lab.page.evaluate("location.hash = '#lab?'")
            lab.wait("document.querySelector('#lab-onset').value == 'zero'")
        assert lab.page.record.complaints() == {}

    def test_the_link_is_copied_or_selected(self, open_lab):
        lab = open_lab("Q=20", "http", permissions=["clipboard-read", "clipboard-write"])
        lab.press("Copy a link to these settings")
        lab.says("copied")
        assert lab.page.evaluate("navigator.clipboard.readText()") == lab.link
        assert lab.linked == {"Q": "20"}
        lab.page.evaluate("""Object.defineProperty(navigator, "clipboard", {value: undefined})""")
        lab.press("Copy a link to these settings")
        lab.says("selected")
        assert lab.page.evaluate("getSelection().toString()") == lab.link


class TestKeyboard:
    """Without a mouse."""

    def tab_to(self, lab, selector, key="Tab"):
        for _ in range(300):
            if lab.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            lab.page.keyboard.press(key)
        raise AssertionError(f"{selector} is not reached")

    def test_from_the_top_of_the_page_to_a_network_that_learns(self, open_lab):
        lab = open_lab()
        press = lab.page.keyboard.press
        self.tab_to(lab, "#lab [data-do=run]")
        press("Enter")
        press("Tab")
        press("Space")
        assert lab.posted[-1] == {"set": {"learns": True}}
        # The button that was pressed still has the focus, with its new words.
        assert lab.page.evaluate("document.activeElement.textContent") == "RLS off"
        self.tab_to(lab, "#lab-Q")
        press("Home")
        press("ArrowRight")
        assert lab.control("Q").get_attribute("aria-valuetext") == "1"
        assert lab.posted[-1] == {"set": {"Q": 1}}
        self.tab_to(lab, "#lab-shape")
        press("ArrowDown")
        assert lab.posted[-1]["set"]["shape"] == "sawtooth"

    @pytest.mark.parametrize("width", [1280, 390])
    def test_what_has_focus_is_seen(self, open_lab, width):
        lab = open_lab(width=width, height=700)
        lab.press("Start")
        lab.section.locator("details").evaluate("folded => { folded.open = true }")
        wanted = lab.section.locator(":is(button, select, input, summary, [tabindex]):visible").count()
        lab.page.locator("#lab-link").focus()
        lab.page.keyboard.press("Tab")
        number, wrong = 0, []
        while not lab.button("run").evaluate("button => button == document.activeElement"):
            # Backwards, what is above comes into sight under the bar.
            lab.page.keyboard.press("Shift+Tab")
            wrong += lab.run("focused()")
            number += 1
            assert number <= wanted
        assert wrong == []
        assert number == wanted


class TestInstead:
    """Who cannot run the lab, or does not want to see it move, finds a recorded run and the reason."""

    def check(self, page, why):
        assert not page.locator("#lab").is_visible()
        assert page.locator("#fig-recorded img").is_visible()
        assert why in page.locator("#lab-instead").inner_text()

    @pytest.mark.parametrize(
        ("lacking", "why"),
        [
            ("delete window.WebAssembly", "cannot run WebAssembly"),
            ("delete window.Worker", "cannot run WebAssembly"),
            ("WebAssembly.validate = () => false", "cannot run WebAssembly"),
            (None, "Without JavaScript"),
        ],
    )
    def test_without_what_it_needs(self, open_page, lacking, why):
        page = open_page(PAGE, before=lacking or "", java_script_enabled=bool(lacking))
        self.check(page, why)
        assert page.locator("[data-preset]:visible").count() == 0
        assert not lacking or page.record.complaints() == {}

    @pytest.mark.parametrize(
        "refusal",
        [
            "constructor() { throw new Error('refused') }",
            "terminate() {} postMessage() { setTimeout(() => this.onerror({message: 'refused'})) }",
        ],
    )
    def test_a_worker_that_is_refused_is_told(self, open_lab, refusal):
        lab = open_lab(worker=f"class {{ {refusal} }}")
        lab.press("Start")
        lab.says("The network could not be started: refused")
        assert lab.button("run").inner_text() == "Start"
        assert lab.page.record.complaints() == {}

    def test_the_lab_stands_in_for_the_recorded_run_but_on_paper(self, open_lab):
        lab = open_lab()
        for media, shown in (("screen", True), ("print", False)):
            lab.page.emulate_media(media=media)
            assert lab.section.is_visible() == shown
            assert lab.page.locator("#fig-recorded img").is_visible() != shown
        assert not lab.page.locator("#lab-instead").is_visible()

    @pytest.mark.parametrize("way", ["#lab-instead button", '.lab-setup[data-preset="published"] >> nth=0'])
    def test_with_less_motion_it_is_shown_on_request(self, open_lab, way):
        lab = open_lab("N=500", reduced_motion="reduce")
        self.check(lab.page, "less motion")
        lab.page.locator(way).click()
        assert lab.section.is_visible()
        assert not lab.page.locator("#fig-recorded").is_visible()
        assert lab.page.evaluate("document.activeElement.dataset.do") == "run"
        assert lab.page.record.complaints() == {}


COLOURS = {
    "raster": ["up", "down"], "readout": ["up", "teacher"], "error": ["line"], "decoders": ["line"],
    "potential": ["line"], "own": ["text"], "run_error": ["line"], "run_amplitude": ["up"],
}  # fmt: skip


def test_on_a_phone_it_is_drawn_in_both_modes(open_lab):
    """The real worker: what it sends is what is drawn."""
    phone = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
    lab = open_lab("N=500&pace=0", worker="Worker", **phone)
    page = lab.page
    assert not lab.section.locator(".lab-controls").is_visible()
    lab.button("run").tap()
    lab.button("learn").tap()
    # The readout is in sight, from the first press on.
    box = lab.section.locator("[data-panel=readout]").bounding_box()
    assert 0 <= box["y"] <= box["y"] + box["height"] <= phone["height"]
    lab.section.locator("summary").tap()
    lab.wait("lab.dataset.time > 1.5 && lab.dataset.locked")
    for mode in ("light", "dark"):
        for _ in range(3):
            if page.evaluate("document.documentElement.dataset.theme") != mode:
                page.locator(".theme-switch-button:visible").first.tap()
        assert page.evaluate("document.documentElement.dataset.theme") == mode
        for panel, names in COLOURS.items():
            for name in names:
                lab.wait("colour => painted(colour) > 20", [panel, f"--lab-{name}"])
    # Drawing by finger: the canvas takes it.
    lab.section.locator('[data-panel="own"]').tap()
    assert lab.shown["shape"] == "own"
    assert page.record.complaints() == {}
