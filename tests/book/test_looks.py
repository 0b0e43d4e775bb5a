"""How the built book looks in Chromium: light and dark, wide and narrow, on screen and on paper."""

import io
import re
from urllib.parse import urljoin

import numpy as np
import pytest
from browser import CHAPTERS, HTML, PAGES, need
from bs4 import BeautifulSoup
from PIL import Image

import forcelib

STATIC = HTML / "_static"
ALONE = "chapters/01_neuron.html"


@pytest.fixture(scope="module")
def built():
    need((HTML / "index.html").exists(), "the book is not built: make book")


def pixels(locator):
    """What is seen of an element, as an array of colours from 0 to 255."""
    picture = Image.open(io.BytesIO(locator.screenshot(animations="disabled"))).convert("RGB")
    return np.asarray(picture, dtype=float)


def colour(page, selector, name):
    """A computed colour of an element."""
    said = page.locator(selector).first.evaluate(f"element => getComputedStyle(element).{name}")
    return np.array([float(number) for number in re.findall(r"[\d.]+", said)[:3]])


@pytest.mark.parametrize(
    ("name", "size"),
    [("favicon-32.png", (32, 32)), ("favicon-180.png", (180, 180)), ("social.png", (1200, 630))],
)
def test_pictures_have_their_size_and_are_not_empty(built, name, size):
    with Image.open(STATIC / name) as picture:
        assert picture.size == size
        assert len(picture.convert("RGB").getcolors(size[0] * size[1])) > 20


@pytest.mark.parametrize("name", PAGES)
def test_each_page_names_icons_and_preview(built, name):
    address = (HTML / name).as_uri()
    head = BeautifulSoup((HTML / name).read_text(), "html.parser").head
    for selector, file in (
        ('link[rel="icon"]:not([sizes])', "favicon.svg"),
        ('link[rel="icon"][sizes="32x32"]', "favicon-32.png"),
        ('link[rel="apple-touch-icon"]', "favicon-180.png"),
    ):
        (link,) = head.select(selector)
        assert urljoin(address, link["href"]) == (STATIC / file).as_uri()
    said = {tag["property"]: tag["content"] for tag in head.select('meta[property^="og:"]')}
    assert said["og:image"].endswith("/_static/social.png")
    assert (said["og:image:width"], said["og:image:height"]) == ("1200", "630")
    assert said["og:url"].endswith(f"/{name}")
    assert said["og:image:alt"]
    assert said["og:title"] in head.title.text
    assert said["og:site_name"] == "FORCE training of spiking networks"


def test_the_logo_follows_the_mode(open_page):
    shown = {}
    for mode in ("light", "dark"):
        logo = open_page(ALONE, mode=mode).locator(".logo__image:visible")
        assert logo.evaluate("image => image.complete && image.naturalWidth") > 0
        shown[mode] = logo.get_attribute("src")
    assert shown["light"] != shown["dark"]


def test_the_icon_is_the_readout_through_onset(built):
    text = (STATIC / "favicon.svg").read_text()
    points = np.array(
        [
            [float(number) for number in pair.split(",")]
            for pair in re.search('points="([^"]+)"', text)[1].split()
        ]
    )
    x, y = points.T
    onset = np.flatnonzero(np.abs(y - y[0]) > 0.5)[0]
    assert 0.1 < (x[onset] - x[0]) / (x[-1] - x[0]) < 0.5
    assert np.ptp(y[:onset]) < 0.5
    assert np.ptp(y[onset:]) > 12


def test_pictures_are_drawn_once_for_the_same_sources(tmp_path):
    import make_pictures

    assert make_pictures.make_pictures(tmp_path)
    first = {name: (tmp_path / name).read_bytes() for name in make_pictures.PICTURES}
    assert not make_pictures.make_pictures(tmp_path)
    (tmp_path / "social.png").unlink()
    assert make_pictures.make_pictures(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in make_pictures.PICTURES} == first


def test_the_pictures_show_the_run_of_the_last_chapter():
    from brian2 import second

    short = forcelib.run(seed=1, parameters=forcelib.Parameters(duration=6 * second), progress=False)
    full = forcelib.run(seed=1, progress=False)
    np.testing.assert_array_equal(short.readout, full.readout[: len(short.readout)])


@pytest.mark.parametrize("name", ["index.html", *CHAPTERS])
def test_in_the_dark_figures_are_light_on_the_ground_of_the_page(open_page, name):
    page = open_page(name, mode="dark")
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    ground = colour(page, "body", "backgroundColor")
    assert ground.max() < 60
    figures = page.locator(".bd-article .cell_output img:visible")
    assert figures.count() > 0
    for figure in figures.all():
        seen = pixels(figure)
        corner = seen[2:8, -8:-2].mean(axis=(0, 1))
        assert np.abs(corner - ground).max() <= 4, "a figure has a ground of its own"
        assert np.percentile(seen.max(axis=2), 99.5) > 150, "a figure is not light in the dark"


def test_in_the_dark_blue_stays_blue_and_orange_orange(open_page):
    hues = {}
    for mode in ("light", "dark"):
        page = open_page("index.html", mode=mode)
        seen = pixels(page.locator(".bd-article .cell_output img").first).reshape(-1, 3)
        vivid = seen[np.ptp(seen, axis=1) > 90]
        hues[mode] = (vivid[:, 2] > vivid[:, 0]).mean()
    assert 0.05 < hues["light"] < 0.95
    assert abs(hues["dark"] - hues["light"]) < 0.2


def test_the_page_has_one_accent_colour(open_page):
    for mode in ("light", "dark"):
        page = open_page(ALONE, mode=mode)
        accent = page.evaluate(
            "getComputedStyle(document.documentElement).getPropertyValue('--pst-color-primary').trim()"
        )
        wanted = np.array([int(accent[k : k + 2], 16) for k in (1, 3, 5)])
        np.testing.assert_array_equal(
            colour(
                page,
                ".bd-article p > a.reference:not(:has(.std-term))",
                "color",
            ),
            wanted,
        )
        np.testing.assert_array_equal(colour(page, ".admonition.predict", "borderLeftColor"), wanted)
        np.testing.assert_array_equal(colour(page, ".admonition.exercise", "borderLeftColor"), wanted)


@pytest.mark.parametrize("name", CHAPTERS)
def test_lines_have_a_readable_length(open_page, name):
    page = open_page(name, width=1600)
    longest = page.evaluate(r"""() => {
        let longest = 0;
        for (const p of document.querySelectorAll(".bd-article section > p")) {
            if (p.querySelector(".math, code") || p.innerText.length < 300) continue;
            const height = parseFloat(getComputedStyle(p).lineHeight);
            const lines = Math.round(p.getBoundingClientRect().height / height);
            longest = Math.max(longest, p.innerText.length / lines);
        }
        return longest;
    }""")
    assert 45 < longest < 85


def test_a_wide_figure_is_wider_than_the_text_and_fits_a_phone(open_page):
    wide = open_page("index.html", width=1600, height=1000)
    figure = wide.locator(".cell.tag_full-width img")
    box, text = figure.bounding_box(), wide.locator(".bd-article section > p").first.bounding_box()
    assert box["width"] > 1.15 * text["width"]
    assert box["x"] + box["width"] <= 1600
    assert box["width"] <= figure.evaluate("image => image.naturalWidth")
    narrow = open_page("index.html", width=390)
    box = narrow.locator(".cell.tag_full-width img").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_figure_is_blown_up(open_page, name):
    page = open_page(name, width=1600)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    for image in page.locator(".bd-article .cell_output img:visible").all():
        shown, drawn = image.evaluate("image => [image.getBoundingClientRect().width, image.naturalWidth]")
        assert shown <= drawn + 0.5


@pytest.mark.parametrize("name", PAGES)
def test_what_is_touched_is_large_enough(open_page, name):
    page = open_page(name, width=390, has_touch=True, is_mobile=True)
    small = page.evaluate("""() => [...document.querySelectorAll("button, summary, input, select, a.btn")]
        .filter(element => {
            const box = element.getBoundingClientRect();
            return element.checkVisibility({visibilityProperty: true}) && box.width > 0
                && !element.closest("label, .search-button__wrapper, .bd-sidebar")
                && (box.width < 24 || box.height < 24);
        }).map(element => element.outerHTML.slice(0, 120))""")
    assert small == []


def test_the_switches_work_by_keyboard_and_show_where_one_is(open_page):
    page = open_page(ALONE)
    switch = page.locator(".theme-switch-button").first
    modes = set()
    for _ in range(3):
        switch.focus()
        page.keyboard.press("Enter")
        modes.add(page.evaluate("document.documentElement.dataset.mode"))
    assert modes == {"light", "dark", "auto"}
    page.keyboard.press("Shift+Tab")
    outline = page.evaluate("""() => {
        const style = getComputedStyle(document.activeElement);
        return [style.outlineStyle, parseFloat(style.outlineWidth)];
    }""")
    assert outline[0] == "solid"
    assert outline[1] >= 2


def test_reduced_motion_stops_all_motion(open_page):
    page = open_page(ALONE, reduced_motion="reduce")
    moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter(element => {
        const style = getComputedStyle(element);
        const transitions = style.transitionDuration.split(", ").map(parseFloat);
        const fades = Math.max(...transitions) > 0 && style.transitionProperty !== "none";
        return style.animationName !== "none" || fades;
    }).length""")
    assert moving == 0


@pytest.mark.parametrize("name", CHAPTERS)
def test_on_paper_all_but_drawing_code_is_open_and_light(open_page, name):
    page = open_page(name, mode="dark")
    folded = page.locator("details:not([open])").count()
    assert folded > 0
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open], .above-input)").count() == 0
    assert page.locator("details.above-input:not([open])").count() > 0  # code that draws takes no paper
    assert page.locator(".admonition.toggle-hidden").count() == 0
    assert page.locator(".solution").first.get_by_text("Correct. ").is_visible()
    assert page.locator(".bd-article .cell_output img").last.is_visible()
    for hidden in (".bd-sidebar-primary", ".bd-sidebar-secondary", ".bd-header-article", ".toggle-button"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator(".bd-article h1").is_visible()
    assert colour(page, ".bd-article p", "color").max() < 80
    assert (
        page.locator(".bd-article .cell_output img").first.evaluate("image => getComputedStyle(image).filter")
        == "none"
    )
    wide = page.evaluate("""() => [...document.querySelectorAll(".bd-article pre")]
        .filter(code => code.scrollWidth > code.clientWidth + 1).length""")
    assert wide == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() == folded
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_printer_gets_the_opened_page(open_page):
    page = open_page(ALONE, mode="dark")
    page.evaluate("""() => addEventListener("beforeprint", () => {
        window.atPrint = [document.querySelectorAll("details:not([open], .above-input)").length,
                          document.documentElement.dataset.theme];
    })""")
    assert page.pdf(format="A4", prefer_css_page_size=True).startswith(b"%PDF")
    assert page.evaluate("window.atPrint") == [0, "light"]
    assert page.locator("details:not([open])").count() > 0
