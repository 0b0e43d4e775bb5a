"""The built book, opened in Chromium. Build it first: make book."""

import os
import shutil
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
HTML = ROOT / "_build" / "html"


def pages():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    files = [toc["root"]] + [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [f"{name}.html" for name in files]


def need(present, reason):
    """Skip with a reason, but never on CI."""
    if present:
        return
    if os.environ.get("CI"):
        pytest.fail(f"on CI: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    need(path, "no Chromium on this machine")
    need((HTML / "index.html").exists(), "the book is not built: make book")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    arguments += ["--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(params=[1280, 390])
def page(browser, request):
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    opened = context.new_page()
    opened.route("**/*", lambda route: route.abort() if _outside(route.request.url) else route.continue_())
    yield opened
    context.close()


def _outside(url):
    return not url.startswith(("file:", "data:", "blob:"))


@pytest.mark.parametrize("name", pages())
def test_page_opens(page, name):
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((HTML / name).as_uri())
    assert page.locator("h1").first.inner_text().strip()
    # MathJax and the scripts of widgets come from outside, which is refused here; THEBE_JS_URL is an
    # error of the theme, which declares it twice.
    known = ("MathJax", "require", "THEBE_JS_URL")
    assert [error for error in wrong if not any(word in error for word in known)] == []
    page.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = true })")
    images = page.locator(".bd-article img")
    for image in images.all():
        assert (image.get_attribute("alt") or "").strip(), image.get_attribute("src")
        image.scroll_into_view_if_needed()
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    if name.startswith("chapters/"):
        assert images.count() > 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_figure_of_the_last_chapter_has_its_caption(page):
    page.goto((HTML / "chapters" / "05_reproduction.html").as_uri())
    figure = page.locator("figure#fig-four-panels")
    assert figure.locator("figcaption").inner_text().startswith("Fig. ")
    assert "Four panels" in figure.locator("img").get_attribute("alt")


CHAPTERS = [name for name in pages() if name.startswith("chapters/")]


@pytest.mark.parametrize("name", CHAPTERS)
def test_predictions_hide_their_figures_until_revealed(page, name):
    page.goto((HTML / name).as_uri())
    folded = page.locator("details", has=page.get_by_text("Reveal the output", exact=True))
    assert folded.count() >= page.locator(".admonition.predict").count() > 0
    for one in folded.all():
        inside = one.locator("img, pre").first
        assert not inside.is_visible()
        one.locator("summary").click()
        assert inside.is_visible()


@pytest.mark.parametrize("name", CHAPTERS)
def test_solutions_are_folded_and_open(page, name):
    page.goto((HTML / name).as_uri())
    solutions = page.locator(".admonition.solution")
    assert 2 <= solutions.count() <= 4
    for one in solutions.all():
        said = one.get_by_text("Correct. ")
        assert not said.is_visible()
        one.locator(".admonition-title").first.click()
        said.wait_for(state="visible")


@pytest.mark.parametrize("name", CHAPTERS)
def test_answers_of_the_self_test_are_folded_and_open(page, name):
    page.goto((HTML / name).as_uri())
    answers = page.locator("#self-test details")
    assert 4 <= answers.count() <= 7
    for one in answers.all():
        text = one.locator("p").last
        assert not text.is_visible()
        one.locator("summary").click()
        assert text.is_visible()
