"""Explorers in a page without a kernel, moved by mouse, keyboard and touch in Chromium."""

import base64
import html
import itertools
import json
import re
from urllib.parse import unquote, urlparse

import matplotlib.pyplot as plt
import pytest
from browser import CHAPTERS, HTML, need, serve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forcebook.explorer import Control, Explorer, Frame, explore

HEAVIEST = 2.5e6  # bytes of a chapter with its pictures
HOSTILE = """<b>5 < 6 & "quoted" 'too'</b></script><!-- <script> \\ &amp; é"""

DOCUMENT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>An explorer</title>
<style>:root {{ color-scheme: light dark; }} body {{ font-family: sans-serif; margin: 1rem; }}</style></head>
<body><main><h1>An explorer</h1>{player}</main></body></html>
"""


def draw(current, gain, moment):
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.plot([0, 1, 2], [0, current, moment])
    ax.set_title(gain)
    return figure, f'Current {current}, gain "{gain}", moment {moment} & no <b>more</b>.'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a page that has an explorer of three controls."""
    explorer = explore(
        draw,
        Control("current", "Input current", [-2, -1, 0.5, 2], unit="mV", default=-1, digits=1),
        Control("gain", "Gain", ["published", "textbook"]),
        Control("moment", "Moment", [1, 2, 3], unit="s", play=True),
        name="three",
        caption="A broken line.",
        alt="A line of two pieces.",
    )
    folder = tmp_path_factory.mktemp("pages")
    (folder / "page.html").write_text(DOCUMENT.format(player=explorer.player()), "utf-8")
    return folder


@pytest.fixture(scope="module")
def served(folder):
    with serve(folder) as address:
        yield address


@pytest.fixture(params=["file", "http"])
def address(folder, request):
    """The page, as a file and over http."""
    if request.param == "file":
        return (folder / "page.html").as_uri()
    return f"{request.getfixturevalue('served')}/page.html"


class Player:
    """An explorer in a page, and what it must show."""

    def __init__(self, page, name):
        self.page = page
        self.figure = page.locator(f"figure#{name}")
        data = json.loads(self.figure.locator(".explorer-data").text_content())
        self.alt, self.frames, self.values = (
            data["alt"],
            data["frames"],
            [c["values"] for c in data["controls"]],
        )
        self.defaults = [control["default"] for control in data["controls"]]
        self.controls = self.figure.locator(".explorer-control").all()
        self.caption = self.figure.locator(".explorer-caption")
        self.picture = self.figure.locator(".explorer-picture img")
        # All positions in the order of the frames: the first control moves slowest.
        self.order = list(itertools.product(*(range(len(values)) for values in self.values)))
        assert len(self.order) == len(self.frames) == int(self.figure.get_attribute("data-frames"))

    def kind(self, k):
        return "range" if self.controls[k].locator("input[type=range]").count() else "radio"

    def range(self, k):
        return self.controls[k].locator("input[type=range]")

    def radio(self, k, position):
        return self.controls[k].locator("input[type=radio]").nth(position)

    def label(self, k):
        kind = "label" if self.kind(k) == "range" else "legend"
        return self.controls[k].locator(kind).inner_text()

    def position(self, k):
        if self.kind(k) == "range":
            return int(self.range(k).input_value())
        checked = [one.is_checked() for one in self.controls[k].locator("input").all()]
        assert checked.count(True) == 1
        return checked.index(True)

    @property
    def positions(self):
        return [self.position(k) for k in range(len(self.controls))]

    def seen(self):
        return {
            "picture": self.picture.get_attribute("src").split(",")[1],
            "alt": self.picture.get_attribute("alt"),
            "caption": self.caption.text_content(),
        }

    def check(self, *positions):
        """The controls are at these positions, and all that follows them has followed."""
        positions = list(positions or self.positions)
        assert self.positions == positions
        picture, words = self.frames[self.order.index(tuple(positions))]
        assert self.seen() == {"picture": picture, "alt": f"{self.alt} {words}", "caption": words}
        assert self.picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        for k, position in enumerate(positions):
            if self.kind(k) == "range":
                assert self.range(k).get_attribute("aria-valuetext") == self.values[k][position]
                assert self.controls[k].locator(".explorer-value").inner_text() == self.values[k][position]

    def point(self, k, position):
        """Where on the screen the thumb of a slider is at a position."""
        self.range(k).scroll_into_view_if_needed()
        box = self.range(k).bounding_box()
        share = position / (len(self.values[k]) - 1)
        return box["x"] + 8 + share * (box["width"] - 16), box["y"] + box["height"] / 2

    def reset(self):
        self.figure.get_by_role("button", name="Reset").click()
        self.check(*self.defaults)

    def at(self, k, position):
        return [position if k == other else default for other, default in enumerate(self.defaults)]

    def check_change(self, k, visited):
        """What moving one control shows differs in picture and in words."""
        frames = [self.frames[self.order.index(tuple(self.at(k, position)))] for position in visited]
        assert len({picture for picture, _ in frames}) > 1, self.label(k)
        assert len({words for _, words in frames}) > 1, self.label(k)

    def check_announced(self):
        assert self.caption.get_attribute("aria-live") == "polite"
        group = self.figure.get_by_role("group", name="Controls of the figure", exact=True)
        assert group.is_visible()
        for k in range(len(self.controls)):
            if self.kind(k) == "range":
                assert group.get_by_role("slider", name=self.label(k), exact=True).count() == 1
            else:
                choices = group.get_by_role("group", name=self.label(k), exact=True)
                for value in self.values[k]:
                    assert choices.get_by_role("radio", name=value, exact=True).count() == 1

    def move_by_mouse(self):
        for k, values in enumerate(self.values):
            last = len(values) - 1
            if self.kind(k) == "radio":
                for position in range(last, -1, -1):
                    self.controls[k].locator("label").nth(position).click()
                    self.check(*self.at(k, position))
            else:
                for position in (0, last):
                    self.page.mouse.click(*self.point(k, position))
                    self.check(*self.at(k, position))
                self.page.mouse.down()
                self.page.mouse.move(*self.point(k, last // 2), steps=4)
                self.check(*self.at(k, last // 2))
                self.page.mouse.move(*self.point(k, 0), steps=4)
                self.page.mouse.up()
                self.check(*self.at(k, 0))
            self.check_change(k, range(last + 1))
            self.reset()

    def move_by_keyboard(self):
        press = self.page.keyboard.press
        for k, values in enumerate(self.values):
            last, default = len(values) - 1, self.defaults[k]
            if self.kind(k) == "radio":
                self.radio(k, default).focus()
                for step in range(1, last + 2):
                    press("ArrowRight")
                    self.check(*self.at(k, (default + step) % (last + 1)))
                press("ArrowLeft")
                self.check(*self.at(k, (default - 1) % (last + 1)))
            else:
                self.range(k).focus()
                for key, position in (
                    ("Home", 0),
                    ("ArrowLeft", 0),
                    ("ArrowRight", 1),
                    ("ArrowUp", min(2, last)),
                    ("ArrowDown", min(2, last) - 1),
                    ("End", last),
                    ("ArrowRight", last),
                    ("ArrowLeft", last - 1),
                ):
                    press(key)
                    self.check(*self.at(k, position))
            self.figure.get_by_role("button", name="Reset").focus()
            press("Enter")
            self.check(*self.defaults)

    def move_by_touch(self):
        for k, values in enumerate(self.values):
            last = len(values) - 1
            for position in (last, 0):
                if self.kind(k) == "radio":
                    self.controls[k].locator("label").nth(position).tap()
                else:
                    self.page.touchscreen.tap(*self.point(k, position))
                self.check(*self.at(k, position))
            self.figure.get_by_role("button", name="Reset").tap()
            self.check(*self.defaults)

    def check_targets(self):
        """What a finger must hit is 24 pixels wide and high."""
        targets = self.figure.locator(".explorer-controls").locator(
            "input[type=range], button, label:has(input)"
        )
        for one in targets.all():
            box = one.bounding_box()
            assert box["width"] >= 24
            assert box["height"] >= 24, one.evaluate("one => one.outerHTML")

    def check_width(self):
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        for one in self.figure.locator("*:visible").all():
            box = one.bounding_box()
            if box and box["width"]:
                right = box["x"] + box["width"]
                assert right <= self.page.viewport_size["width"] + 1, one.evaluate("one => one.outerHTML")

    def check_print(self):
        """Paper has the default frame and no controls, and afterwards all is as it was."""
        k = next(k for k in range(len(self.controls)) if self.kind(k) == "range")
        self.range(k).focus()
        self.page.keyboard.press("End" if self.defaults[k] != len(self.values[k]) - 1 else "Home")
        before = self.positions
        assert before != self.defaults
        self.check(*before)
        # Noted by a listener that comes after those of the page.
        self.figure.evaluate("""figure => window.addEventListener("beforeprint", () => {
            figure.dataset.printed = figure.querySelector("img").src + figure.querySelector(
                ".explorer-caption").textContent;
            figure.dataset.controls = matchMedia("print").matches;
        })""")
        self.page.pdf()
        picture, words = self.frames[self.order.index(tuple(self.defaults))]
        assert self.figure.get_attribute("data-printed").endswith(f",{picture}{words}")
        self.check(*before)
        self.page.emulate_media(media="print")
        assert not self.figure.locator(".explorer-controls").is_visible()
        assert self.picture.is_visible()
        assert self.caption.is_visible()
        self.page.emulate_media(media="screen")
        assert self.figure.locator(".explorer-controls").is_visible()
        self.reset()

    @property
    def play(self):
        return self.figure.locator(".explorer-play")

    @property
    def time(self):
        return next(k for k in range(len(self.controls)) if self.controls[k].locator("[data-play]").count())

    def check_play(self):
        """Play runs, pauses, runs on and ends."""
        k = self.time
        last = len(self.values[k]) - 1
        self.range(k).focus()
        self.page.keyboard.press("Home")
        assert self.play.inner_text() == "Play"
        self.play.click()
        assert self.play.inner_text() == "Pause"
        # The words of every frame in a run would drown each other.
        assert self.caption.get_attribute("aria-live") == "off"
        self.play.click()
        assert self.play.inner_text() == "Play"
        assert self.caption.get_attribute("aria-live") == "polite"
        paused = self.position(k)
        assert 1 <= paused <= last
        self.check(*self.at(k, paused))
        if last > 3:
            # From near its end, so that nobody has to wait for all frames.
            self.page.mouse.click(*self.point(k, last - 3))
        reached = self.position(k)
        self.play.click()
        self.page.wait_for_function(
            "([slider, value]) => Number(slider.value) != value",
            arg=[self.range(k).element_handle(), reached],
        )
        self.figure.get_by_role("button", name="Play", exact=True).wait_for()
        self.check(*self.at(k, last))
        # From the end it begins again; a hand on a control stops it.
        self.play.click()
        self.page.wait_for_function(
            "([slider, value]) => Number(slider.value) < value", arg=[self.range(k).element_handle(), last]
        )
        self.range(k).focus()
        self.page.keyboard.press("End")
        assert self.play.inner_text() == "Play"
        self.check(*self.at(k, last))
        self.reset()

    def check_single_steps(self):
        k = self.time
        assert self.play.inner_text() == "Next"
        last = len(self.values[k]) - 1
        for step in range(1, 3):
            self.play.click()
            self.check(*self.at(k, (self.defaults[k] + step) % (last + 1)))
            assert self.caption.get_attribute("aria-live") == "polite"
            assert self.play.inner_text() == "Next"
        # Nothing moves by itself, though the clock does.
        self.page.clock.run_for(5000)
        self.check(*self.at(k, (self.defaults[k] + 2) % (last + 1)))


def players(page):
    """All explorers of a page."""
    names = [figure.get_attribute("id") for figure in page.locator("figure.explorer[id]").all()]
    assert names
    assert len(set(names)) == len(names)
    return [Player(page, name) for name in names]


class TestPage:
    """A page with a range, a choice and a play control."""

    def test_controls_move_by_mouse_and_keyboard(self, open_page, address):
        page = open_page(address)
        (player,) = players(page)
        player.check(*player.defaults)
        player.check_announced()
        player.move_by_mouse()
        player.move_by_keyboard()
        assert page.record.complaints() == {}

    def test_controls_move_by_touch(self, open_page, address):
        page = open_page(address, width=390, height=800, has_touch=True, is_mobile=True)
        (player,) = players(page)
        player.check_targets()
        player.check_width()
        player.move_by_touch()
        assert page.record.complaints() == {}

    def test_all_frames_are_reached(self, open_page, folder):
        (player,) = players(open_page((folder / "page.html").as_uri()))
        for positions in player.order:
            for k, position in enumerate(positions):
                if player.kind(k) == "radio":
                    player.radio(k, position).check()
                else:
                    player.range(k).fill(str(position))
            player.check(*positions)

    def test_play(self, open_page, folder):
        (player,) = players(open_page((folder / "page.html").as_uri()))
        player.check_play()

    def test_reduced_motion_has_single_steps(self, open_page, folder):
        page = open_page((folder / "page.html").as_uri(), reduced_motion="reduce")
        page.clock.install()
        (player,) = players(page)
        player.check_single_steps()
        # Who changes the wish gets what they wish for.
        page.emulate_media(reduced_motion="no-preference")
        player.figure.get_by_role("button", name="Play", exact=True).wait_for()

    def test_paper_has_the_default_frame(self, open_page, folder):
        page = open_page((folder / "page.html").as_uri())
        (player,) = players(page)
        player.check_print()

    def test_without_scripts_there_is_the_default_frame(self, open_page, address):
        page = open_page(address, java_script_enabled=False)
        (player,) = players(page)
        check_without_scripts(player)

    @pytest.mark.parametrize("mode", ["light", "dark"])
    def test_axe_finds_nothing(self, open_page, folder, mode, axe):
        page = open_page((folder / "page.html").as_uri(), mode=mode)
        page.evaluate(axe)
        wrong = page.evaluate("axe.run({resultTypes: ['violations']}).then(all => all.violations)")
        assert [(rule["id"], rule["nodes"][0]["failureSummary"]) for rule in wrong] == []

    def test_two_explorers_of_a_page_do_not_meddle(self, open_page, tmp_path):
        both = "".join(told(3, name=name).player() for name in ("one", "two"))
        (tmp_path / "page.html").write_text(DOCUMENT.format(player=both), "utf-8")
        one, two = players(open_page((tmp_path / "page.html").as_uri()))
        one.range(0).fill("2")
        one.check(2)
        two.check(1)
        two.range(0).fill("0")
        one.check(2)
        two.check(0)


def check_without_scripts(player):
    picture, words = player.frames[player.order.index(tuple(player.defaults))]
    assert player.seen() == {"picture": picture, "alt": f"{player.alt} {words}", "caption": words}
    assert player.picture.is_visible()
    assert player.caption.is_visible()
    assert not player.figure.locator(".explorer-controls").is_visible()


# The smallest picture there is, as the frames of explorers whose arithmetic and words are tested.
PIXEL = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="


class Told(Explorer):
    """An explorer whose frames are told and not drawn."""

    def frames(self):
        products = itertools.product(*(control.values for control in self.controls))
        return [Frame(base64.b64decode(PIXEL), self.sentence(values), 1, 1) for values in products]

    def sentence(self, values):
        return f"This is {values!r}."


def told(*counts, name="told"):
    controls = [Control(f"c{k}", f"Control {k}", range(count)) for k, count in enumerate(counts)]
    return Told(lambda **values: None, controls, name, "All.", "Nothing.")


@given(st.lists(st.integers(2, 7), min_size=1, max_size=3), st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_frame_shown_is_that_of_the_values(browser, counts, data):
    positions = [data.draw(st.integers(0, count - 1)) for count in counts]
    explorer = told(*counts)
    page = browser.new_page()
    try:
        page.set_content(DOCUMENT.format(player=explorer.player()))
        (player,) = players(page)
        for k, position in enumerate(positions):
            player.range(k).fill(str(position))
        assert player.caption.text_content() == explorer.sentence(tuple(positions))
        player.check(*positions)
    finally:
        page.close()


def test_captions_arrive_as_text(open_page, tmp_path):
    class Hostile(Told):
        def sentence(self, values):
            return f"{HOSTILE} {values[0]}"

    controls = [
        Control("a", HOSTILE, [0, 1], unit="<i>", default=0),
        Control("b", "B", ["first", "</label>"], default="first"),
    ]
    explorer = Hostile(lambda a, b: None, controls, "hostile", HOSTILE, HOSTILE)
    after = "<p id='after'>after</p>"
    (tmp_path / "page.html").write_text(DOCUMENT.format(player=explorer.player() + after), "utf-8")
    page = open_page((tmp_path / "page.html").as_uri())
    (player,) = players(page)
    for position in (1, 0):
        player.range(0).fill(str(position))
        player.check(position, 0)
        assert player.caption.text_content() == f"{HOSTILE} {position}"
        assert player.picture.get_attribute("alt") == f"{HOSTILE} {HOSTILE} {position}"
        assert player.range(0).get_attribute("aria-valuetext") == f"{position} <i>"
    assert player.figure.locator("figcaption").text_content() == HOSTILE
    assert player.figure.locator("b, i").count() == 0
    # Nothing of the page was swallowed.
    assert page.locator("#after").is_visible()
    assert page.record.complaints() == {}


@pytest.mark.parametrize("name", CHAPTERS)
class TestChapter:
    """Every explorer of a chapter of the built book."""

    def test_controls_move_by_mouse_and_keyboard(self, open_page, name):
        page = open_page(name, "http")
        for player in players(page):
            player.check(*player.defaults)
            player.check_announced()
            player.move_by_mouse()
            player.move_by_keyboard()
            player.check_print()
            if player.play.count():
                player.check_play()
        assert page.record.complaints() == {}

    def test_controls_move_by_touch(self, open_page, name):
        page = open_page(name, width=390, height=800, has_touch=True, is_mobile=True)
        for player in players(page):
            player.check_targets()
            player.check_width()
            player.move_by_touch()
        assert page.record.complaints() == {}

    def test_reduced_motion_has_single_steps(self, open_page, name):
        page = open_page(name, reduced_motion="reduce")
        playing = [player for player in players(page) if player.play.count()]
        page.clock.install()
        for player in playing:
            player.check_single_steps()
        assert name != CHAPTERS[-1] or playing

    def test_without_scripts_there_is_the_default_frame(self, open_page, name):
        for player in players(open_page(name, java_script_enabled=False)):
            check_without_scripts(player)

    def test_the_page_is_light(self, name):
        need((HTML / name).exists(), "the book is not built: make book")
        path = HTML / name
        text = path.read_text("utf-8")
        files = {path}
        for source in re.findall(r'<(?:img|audio|video|source)\b[^>]*?\ssrc="([^"]+)"', text):
            where = urlparse(html.unescape(source))
            if not where.scheme:
                files.add((path.parent / unquote(where.path)).resolve())
        assert sum(file.stat().st_size for file in files) < HEAVIEST
