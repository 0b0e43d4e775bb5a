"""A short run through the built book in Firefox; all else is asked in Chromium."""

import json

import pytest
from browser import CHAPTERS, HTML, SETTLED, need
from firefox import firefox
from test_pages import WIDE

# WebDriver's names of keys.
ENTER, RIGHT = "\ue007", "\ue014"


@pytest.fixture(scope="module")
def window():
    with firefox() as opened:
        yield opened


@pytest.fixture
def open_page(window, request):
    """Open a page of the book, by file or by http; at the end nothing may have been wrong with it."""

    def opener(name, scheme="file", **size):
        need((HTML / "index.html").exists(), "the book is not built: make book")
        root = HTML.as_uri() if scheme == "file" else request.getfixturevalue("site")
        window.complaints.clear()
        window.open(f"{root}/{name}", **size)
        return window

    yield opener
    window.ask("() => document.title")  # what was said before the answer has been heard
    assert window.complaints == []


def mode(page):
    return page.ask("() => document.documentElement.dataset.theme")


def test_what_is_wrong_is_noticed(window, site):
    """The other tests rest on it: requests to other hosts, errors of scripts, files that are not there."""
    window.open(f"{site}/index.html")
    window.complaints.clear()
    window.ask("""async () => {
        const image = Object.assign(new Image(), {src: "http://example.org/a.png"});
        await image.decode().catch(() => {});
        await fetch("missing.html");
        setTimeout(() => { throw new Error("thrown"); });
        await new Promise(done => setTimeout(done, 50));
    }""")
    said = "\n".join(window.complaints)
    assert all(words in said for words in ("outside: http://example.org", "404: http", "thrown")), said
    window.complaints.clear()


def test_the_front_page_shows_no_line_of_the_skip_link_and_changes_its_mode(open_page):
    page = open_page("index.html", "http")
    assert page.ask("() => document.querySelector('h1').innerText").strip()
    below = "() => document.querySelector('.skip-link').getBoundingClientRect().bottom"
    assert page.ask(below) <= -1
    page.wait("() => document.querySelector('.bd-article img').complete")
    seen = [mode(page)]
    for _ in range(3):
        page.click(".theme-switch-button")
        seen.append(mode(page))
    assert set(seen) == {"light", "dark"}


def test_an_explorer_moves_by_mouse_and_keyboard(open_page):
    page = open_page(CHAPTERS[0])
    assert page.wait("() => document.querySelectorAll('mjx-container').length") > 10
    figure = "figure.explorer"
    frames = json.loads(
        page.ask("name => document.querySelector(name).querySelector('.explorer-data').textContent", figure)
    )["frames"]
    look = """async name => {
        const figure = document.querySelector(name), image = figure.querySelector("img");
        await image.decode();
        return [image.src.split(",")[1], figure.querySelector(".explorer-caption").textContent];
    }"""
    shown = [page.ask(look, figure)]
    x, y, width, height = page.box(f"{figure} input[type=range]")
    now = page.ask("name => { const one = document.querySelector(name + ' input'); "
                   "return one.value / one.max; }", figure)  # fmt: skip
    middle = y + height / 2
    page.mouse((x + 8 + now * (width - 16), middle), (x + width / 2, middle), (x + 2, middle))
    shown.append(page.ask(look, figure))
    page.press(RIGHT)
    shown.append(page.ask(look, figure))
    page.press(RIGHT)
    shown.append(page.ask(look, figure))
    assert all(one in frames for one in shown)
    assert len({words for _, words in shown}) == 4


def test_search_finds_a_word(open_page):
    page = open_page(CHAPTERS[1])
    page.click("button.search-button__button")
    page.click(".search-button__search-container input[type=search]")
    page.press(*"refractory", ENTER)
    page.wait("() => /search.html\\?q=refractory/.test(location.href)")
    # Until the last result is there, the list moves.
    page.wait("() => document.querySelector('.search-summary')?.innerText.includes('finished')")
    page.click("ul.search > li a[href*='chapters/01_neuron.html']")
    page.wait("() => /01_neuron.html/.test(location.href) && document.readyState == 'complete'")
    page.ask(SETTLED)


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_the_live_lab_locks(open_page, scheme):
    page = open_page("pages/live_lab.html#lab?pace=0&N=500", scheme)
    page.click("#lab [data-do=run]")
    says = "words => document.querySelector('.lab-status').innerText.includes(words)"
    page.wait(says, "500 neurons and")
    page.click("#lab [data-do=learn]")
    page.wait(says, "Locked.")
    page.wait("() => Math.abs(document.querySelector('#lab').dataset.frequency - 5) < 0.25")
    page.click("#lab [data-do=run]")


@pytest.mark.parametrize("name", ["pages/api.html", "index.html", CHAPTERS[0]])
def test_no_page_is_wider_than_a_phone(open_page, name):
    assert open_page(name, width=390).ask(WIDE) == []
