"""The slides, opened from a file in Chromium."""

import re
import subprocess
import sys

import deck
import pytest
from browser import HTML, ROOT, need

CHAPTERS = range(1, 9)

# What a slide shows beyond the edge of its window.
OVER = """() => [...Reveal.getCurrentSlide().querySelectorAll("*")]
    .filter(one => one.checkVisibility() && !one.closest("mjx-container *, svg *"))
    .filter(one => {
        const {width, left, top, right, bottom} = one.getBoundingClientRect();
        return width && (left < 0 || top < 0 || right > innerWidth + 1 || bottom > innerHeight + 1);
    }).map(one => one.outerHTML.slice(0, 100))"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    need((HTML / "index.html").exists(), "the book is not built: make book")
    folder = tmp_path_factory.mktemp("slides")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-E", "-b", "revealjs"]
    done = subprocess.run(
        [*command, "-d", str(folder / "doctrees"), str(ROOT / "slides"), str(folder / "made")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder / "made"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_a_deck_shows_of_its_page_is_there(chapter):
    need((HTML / "index.html").exists(), "the book is not built: make book")
    name = f"chapter_{chapter}"
    shown = re.findall(
        r"^```\{piece\} (.+)", (ROOT / "slides" / f"{name}.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(shown) >= 7
    for selector in shown:
        assert deck.find(deck.page_of(name), selector)


@pytest.mark.weekly
def test_every_deck_opens_and_no_slide_overflows(decks, open_page):
    wrong = {}
    for chapter in CHAPTERS:
        page = open_page((decks / f"chapter_{chapter}.html").as_uri(), height=720)
        page.wait_for_function("Reveal.isReady()")
        count = page.evaluate("Reveal.getTotalSlides()")
        assert 8 <= count <= 14
        for n in range(1, count + 1):
            images = page.evaluate("""() => Promise.all([...Reveal.getCurrentSlide().querySelectorAll("img")]
                .map(image => image.decode().then(() => image.alt, () => "")))""")
            notes = page.evaluate("Reveal.getSlideNotes()")
            if over := page.evaluate(OVER):
                wrong[chapter, n] = over
            elif not (notes and all(images)):
                wrong[chapter, n] = "no notes, or a picture is missing or has no text"
            page.evaluate("Reveal.next()")
        unset = ".slides .math:not(:has(mjx-container, mjx-math))"
        assert page.locator(unset).count() == 0
        assert page.locator("mjx-container").count() > 0
        assert page.record.complaints() == {}
    assert wrong == {}


@pytest.mark.weekly
def test_the_list_of_decks_leads_to_each(decks, open_page):
    page = open_page((decks / "index.html").as_uri(), height=720)
    links = page.locator(".slides a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links == [f"chapter_{chapter}.html" for chapter in CHAPTERS]
    assert page.evaluate(OVER) == []
    assert page.record.complaints() == {}
