"""Explorers in a page without a kernel, moved by mouse, keyboard and touch in Chromium."""

import html
import itertools
import json
import re
from urllib.parse import unquote, urlparse

import matplotlib.pyplot as plt
import pytest
from browser import CHAPTERS, HTML

from forcebook.explorer import Control, explore

HEAVIEST = 2.5e6  # bytes of a chapter with its pictures
EXPLORED = ["pages/idea.html", *CHAPTERS]
HOSTILE = """<b>5 < 6 & "quoted" 'too'</b></script><!-- <script> \\ &amp; é"""

DOCUMENT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>An explorer</title></head><body><main><h1>An explorer</h1>{player}</main></body></html>
"""

# What a reader of an explorer sees and hears.
LOOK = """async figure => {
    const image = figure.querySelector(".explorer-picture img");
    await image.decode();
    const controls = [...figure.querySelectorAll(".explorer-control")].map(control => ({
        range: control.querySelector("input[type=range]"),
        choices: [...control.querySelectorAll("input[type=radio]")],
        shown: control.querySelector(".explorer-value")?.innerText,
    }));
    return {
        positions: controls.map(({range, choices}) =>
            range ? Number(range.value) : choices.findIndex(one => one.checked)),
        values: controls.map(({range, shown}) => range ? [range.getAttribute("aria-valuetext"), shown] : []),
        width: image.naturalWidth > 0,
        picture: image.src.split(",")[1], alt: image.alt,
        caption: figure.querySelector(".explorer-caption").textContent,
    };
}"""

# What a finger can hardly hit, and what is wider than the window.
UNFIT = """figure => {
    const box = one => one.getBoundingClientRect();
    const all = [...figure.querySelectorAll("*")].filter(one => one.checkVisibility());
    const targets = ".explorer-controls :is(input[type=range], button, label:has(input))";
    const small = all.filter(one => one.matches(targets) && (box(one).width < 24 || box(one).height < 24));
    const wide = all.filter(one => box(one).width && box(one).right > innerWidth + 1);
    return [...small, ...wide].map(one => one.outerHTML.slice(0, 100));
}"""


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
        self.play = self.figure.locator(".explorer-play")
        self.kinds = [c.locator("input").first.get_attribute("type") for c in self.controls]
        # All positions in the order of the frames: the first control moves slowest.
        self.order = list(itertools.product(*(range(len(values)) for values in self.values)))
        assert len(self.order) == len(self.frames) == int(self.figure.get_attribute("data-frames"))

    def range(self, k):
        return self.controls[k].locator("input[type=range]")

    def radio(self, k, position):
        return self.controls[k].locator("input[type=radio]").nth(position)

    def label(self, k):
        kind = "label" if self.kinds[k] == "range" else "legend"
        return self.controls[k].locator(kind).inner_text()

    def look(self):
        return self.figure.evaluate(LOOK)

    def check(self, *positions):
        """The controls are at these positions, and all that follows them has followed."""
        positions = list(positions)
        picture, words = self.frames[self.order.index(tuple(positions))]
        told = [self.values[k][at] if self.kinds[k] == "range" else None for k, at in enumerate(positions)]
        assert self.look() == {
            "positions": positions,
            "values": [[value, value] if value else [] for value in told],
            "width": True,
            "picture": picture,
            "alt": f"{self.alt} {words}",
            "caption": words,
        }

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
            if self.kinds[k] == "range":
                assert group.get_by_role("slider", name=self.label(k), exact=True).count() == 1
            else:
                choices = group.get_by_role("group", name=self.label(k), exact=True)
                for value in self.values[k]:
                    assert choices.get_by_role("radio", name=value, exact=True).count() == 1

    def move_by_mouse(self):
        for k, values in enumerate(self.values):
            last = len(values) - 1
            if self.kinds[k] == "radio":
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
            if self.kinds[k] == "radio":
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
                if self.kinds[k] == "radio":
                    self.controls[k].locator("label").nth(position).tap()
                else:
                    self.page.touchscreen.tap(*self.point(k, position))
                self.check(*self.at(k, position))
            self.figure.get_by_role("button", name="Reset").tap()
            self.check(*self.defaults)

    def check_print(self):
        """Paper has the default frame and no controls, and afterwards all is as it was."""
        k = self.kinds.index("range")
        self.range(k).focus()
        self.page.keyboard.press("End" if self.defaults[k] != len(self.values[k]) - 1 else "Home")
        before = self.look()["positions"]
        assert before != self.defaults
        self.check(*before)
        controls = self.figure.locator(".explorer-controls")
        self.page.emulate_media(media="print")
        self.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        self.check(*self.defaults)
        assert not controls.is_visible()
        assert self.caption.is_visible()
        self.page.evaluate("dispatchEvent(new Event('afterprint'))")
        self.page.emulate_media(media="screen")
        self.check(*before)
        assert controls.is_visible()
        self.reset()

    def check_play(self):
        """Play runs, pauses, runs on and ends; who asked for less motion gets single steps."""
        (k,) = [k for k, control in enumerate(self.controls) if control.locator("[data-play]").count()]
        last = len(self.values[k]) - 1
        assert last > 1
        self.range(k).focus()
        self.page.keyboard.press("Home")
        for position in (1, 2):
            self.check(*self.at(k, position - 1))
            assert self.play.inner_text() == "Play"
            assert self.caption.get_attribute("aria-live") == "polite"
            self.play.click()
            assert self.play.inner_text() == "Pause"
            # The words of every frame in a run would drown each other.
            assert self.caption.get_attribute("aria-live") == "off"
            self.check(*self.at(k, position))
            self.play.click()
            self.page.clock.run_for(60_000)
            self.check(*self.at(k, position))
        self.play.click()
        if last > 4:
            self.page.clock.run_for(300)
            self.check(*self.at(k, 4))
        self.page.clock.run_for(60_000)
        assert self.play.inner_text() == "Play"
        self.check(*self.at(k, last))
        # From the end it begins again; a hand on a control stops it.
        self.play.click()
        self.check(*self.at(k, 0))
        self.range(k).focus()
        self.page.keyboard.press("End")
        assert self.play.inner_text() == "Play"
        self.check(*self.at(k, last))
        self.reset()
        self.page.emulate_media(reduced_motion="reduce")
        self.figure.get_by_role("button", name="Next", exact=True).wait_for()
        for step in (1, 2):
            self.play.click()
            self.page.clock.run_for(60_000)
            self.check(*self.at(k, (self.defaults[k] + step) % (last + 1)))
            assert self.play.inner_text() == "Next"
        self.page.emulate_media(reduced_motion="no-preference")
        self.figure.get_by_role("button", name="Play", exact=True).wait_for()
        self.reset()


def players(page):
    """All explorers of a page."""
    names = [figure.get_attribute("id") for figure in page.locator("figure.explorer[id]").all()]
    assert names
    assert len(set(names)) == len(names)
    return [Player(page, name) for name in names]


def write(folder, *explorers, after=""):
    """Write a page that has these explorers; gives its address."""
    path = folder / "page.html"
    path.write_text(DOCUMENT.format(player="".join(one.player() for one in explorers) + after), "utf-8")
    return path.as_uri()


def draw(current, gain, moment=0):
    figure = plt.figure(figsize=(1, 1))
    figure.text(0, 0, f"{current} {gain} {moment}")
    return figure, f'Current {current}, gain "{gain}", moment {moment} & no <b>more</b>.'


CURRENT = Control("current", "Input current", [-2, -1, 0.5, 2], unit="mV", default=-1, digits=1)
GAIN = Control("gain", "Gain", ["published", "textbook"])
MOMENT = Control("moment", "Moment", [1, 2, 3], unit="s", play=True)
WORDS = {"caption": "A broken line.", "alt": "A line of two pieces."}


def test_all_frames_are_reached_and_two_explorers_do_not_meddle(open_page, tmp_path):
    first = explore(draw, CURRENT, GAIN, MOMENT, name="three", **WORDS)
    page = open_page(write(tmp_path, first, explore(draw, GAIN, CURRENT, name="other", **WORDS)))
    player, other = players(page)
    for positions in player.order:
        for k, position in enumerate(positions):
            if player.kinds[k] == "radio":
                player.radio(k, position).check()
            else:
                player.range(k).fill(str(position))
        player.check(*positions)
    other.check(*other.defaults)
    other.range(1).fill("3")
    other.check(other.defaults[0], 3)
    player.check(*player.order[-1])
    assert page.record.complaints() == {}


def test_a_value_is_dragged_along_its_axis(open_page, tmp_path):
    def draw(current):
        figure, (_, ax) = plt.subplots(2, figsize=(4, 4))
        ax.set_xlim(-10, 10)
        return figure, f"{current}"

    current = Control("current", "Current", [-20, -10, 0, 18], axes=1, place=lambda value: value / 2)
    explorer = explore(draw, current, name="dragged", **WORDS)
    page = open_page(write(tmp_path, explorer))
    (player,) = players(page)
    box = player.figure.locator(".explorer-handle").bounding_box()
    picture = player.figure.locator("img").bounding_box()
    assert picture["y"] + picture["height"] / 2 < box["y"]  # the lower of two
    at = lambda value: box["x"] + (value + 10) / 20 * box["width"]  # noqa: E731
    page.mouse.move(at(-6), box["y"] + 5)
    page.mouse.down()
    player.check(1)
    for value, position in ((1, 2), (20, 3), (-30, 0)):  # also beyond the picture
        page.mouse.move(at(value), box["y"] + 5)
        player.check(position)
    page.mouse.up()
    page.mouse.move(at(0), box["y"] + 5)
    player.check(0)
    page.mouse.click(at(9), picture["y"] + 5)  # the other axes
    player.check(0)
    assert page.record.complaints() == {}


def test_captions_arrive_as_text(open_page, tmp_path):
    def draw(a, b):
        return plt.figure(figsize=(1, 1)), f"{HOSTILE} {a}"

    controls = [
        Control("a", HOSTILE, [0, 1], unit="<i>", default=0),
        Control("b", "B", ["first", "</label>"], default="first"),
    ]
    explorer = explore(draw, *controls, name="hostile", caption=HOSTILE, alt=HOSTILE)
    page = open_page(write(tmp_path, explorer, after="<p id='after'>after</p>"))
    (player,) = players(page)
    for position in (1, 0):
        player.range(0).fill(str(position))
        player.check(position, 0)
        assert player.caption.text_content() == f"{HOSTILE} {position}"
        assert player.figure.locator("img").get_attribute("alt") == f"{HOSTILE} {HOSTILE} {position}"
        assert player.range(0).get_attribute("aria-valuetext") == f"{position} <i>"
    assert player.figure.locator("figcaption").text_content() == HOSTILE
    assert player.figure.locator("b, i").count() == 0
    # Nothing of the page was swallowed.
    assert page.locator("#after").is_visible()
    assert page.record.complaints() == {}


@pytest.mark.parametrize("name", EXPLORED)
def test_every_control_of_a_page_moves(open_page, name):
    """By mouse, keyboard and touch, on paper, and by itself where it plays."""
    page = open_page(name, "http", width=390, height=800, has_touch=True)
    found = players(page)
    for player in found:
        player.check(*player.defaults)
        player.check_announced()
        assert player.figure.evaluate(UNFIT) == []
        player.move_by_mouse()
        player.move_by_keyboard()
        player.move_by_touch()
        player.check_print()
    playing = [player for player in found if player.play.count()]
    assert playing or name != CHAPTERS[4]
    if playing:
        page.clock.install(time=0)
        page.clock.pause_at(1)  # and goes on when told
    for player in playing:
        player.check_play()
    assert page.record.complaints() == {}


@pytest.mark.parametrize("name", EXPLORED)
def test_a_page_is_light_and_has_the_default_frames_without_scripts(open_page, name):
    page = open_page(name, java_script_enabled=False)
    for player in players(page):
        figure = player.figure
        picture, words = player.frames[player.order.index(tuple(player.defaults))]
        image = figure.locator(".explorer-picture img")
        assert image.get_attribute("src").endswith(f",{picture}")
        assert image.get_attribute("alt") == f"{player.alt} {words}"
        assert player.caption.text_content() == words
        assert image.is_visible()
        assert player.caption.is_visible()
        assert not figure.locator(".explorer-controls").is_visible()
    path = HTML / name
    files = {path}
    for source in re.findall(r'<(?:img|audio|video|source)\b[^>]*?\ssrc="([^"]+)"', path.read_text("utf-8")):
        where = urlparse(html.unescape(source))
        if not where.scheme:
            files.add((path.parent / unquote(where.path)).resolve())
    assert sum(file.stat().st_size for file in files) < HEAVIEST
