"""The built book, opened in Chromium from files and over http. Build it first: make book."""

import json
import re

import fetch_mathjax
import pytest
from browser import CHAPTERS, PAGES, settle

OTHERS = ["genindex.html", "py-modindex.html", "search.html"]
# What axe-core finds in the theme itself: a button whose label is not its text, and bars outside landmarks.
THEME = {"label-content-name-mismatch", "region"}
RUN_AXE = "rules => axe.run({exclude: ['mjx-math']}, {resultTypes: ['violations'], ...rules})"

# The words of code are most of a page, and take their colours from the few classes that they have.
ONE_WORD_OF_EACH_COLOUR = """() => {
    const seen = new Set();
    for (const word of document.querySelectorAll(".highlight span, .sig span")) {
        const block = word.closest(".highlight, .sig").parentElement;
        const around = [word.parentElement, block, word.closest(".cell")];
        const name = JSON.stringify([word, ...around].map(one => one?.className));
        if (seen.has(name)) word.replaceWith(...word.childNodes);
        seen.add(name);
    }
}"""


def unfold(page):
    """Open everything that is folded."""
    page.evaluate("""() => {
        document.querySelectorAll("details").forEach(folded => { folded.open = true });
        document.querySelectorAll(".toggle-button-hidden").forEach(button => button.click());
    }""")


def check_images(page, name):
    # The recorded run of the live lab is hidden where the lab itself can run.
    images = page.locator(".bd-article img:not([hidden] *)")
    for image in images.all():
        assert (image.get_attribute("alt") or "").strip(), image.get_attribute("src")
        image.scroll_into_view_if_needed()
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    if name in CHAPTERS:
        assert images.count() > 0


def check_equations(page, name):
    found = page.evaluate("""() => [...document.querySelectorAll(".math")].map(math => ({
        html: math.outerHTML.slice(0, 200),
        set: math.querySelectorAll("mjx-container mjx-math > *").length,
        wrong: math.querySelectorAll("mjx-merror, merror").length,
        spoken: math.querySelectorAll("mjx-assistive-mml math").length,
        label: math.querySelector(".eqno")?.firstChild.textContent,
    }))""")
    assert [math for math in found if not math["set"] or math["wrong"] or not math["spoken"]] == []
    assert "\\(" not in page.locator("main").inner_text()
    labels = [math["label"] for math in found if math["label"] is not None]
    references = page.locator(".bd-article a.reference[href*='#equation-']").all_text_contents()
    assert [label for label in [*labels, *references] if not re.fullmatch(r"\(\d+\)", label)] == []
    assert len(set(labels)) == len(labels)
    if name in CHAPTERS:
        assert len(found) > 10
        assert labels
        assert references


def check_width(page):
    """Nothing makes the page wider than the window; this is what does."""
    wide = page.evaluate("""() => {
        if (document.documentElement.scrollWidth <= innerWidth) return [];
        const clipped = element => element && element != document.body &&
            (getComputedStyle(element).overflowX != "visible" || clipped(element.parentElement));
        return [...document.querySelectorAll("body *")]
            .filter(element => element.getBoundingClientRect().right > innerWidth)
            .filter(element => !clipped(element.parentElement))
            .map(element => element.outerHTML.slice(0, 100)).slice(0, 10);
    }""")
    assert wide == []


@pytest.mark.parametrize("scheme", ["file", "http"])
@pytest.mark.parametrize("name", [*PAGES, *OTHERS])
def test_page(open_page, name, scheme):
    page = open_page(name, scheme)
    assert page.locator("h1:visible").first.inner_text().strip()
    check_width(page)
    check_equations(page, name)
    page.set_viewport_size({"width": 390, "height": 900})
    unfold(page)
    check_width(page)
    check_images(page, name)
    page.wait_for_load_state("networkidle")
    assert page.record.complaints() == {}
    assert len(page.record.requests) > 10


def test_the_record_sees_what_must_not_be(open_page):
    page = open_page("index.html", "http")
    page.evaluate("""() => {
        for (const address of ["https://example.org/a.js", "nowhere.js"]) {
            const script = document.createElement("script");
            script.src = address;
            document.body.append(script);
        }
        setTimeout(() => { throw new Error("thrown") });
        console.error("said");
    }""")
    page.wait_for_load_state("networkidle")
    seen = page.record.complaints()
    assert seen["outside"] == ["https://example.org/a.js"]
    assert any(entry.endswith("nowhere.js: 404") for entry in seen["failed"])
    assert any("thrown" in entry for entry in seen["said"])
    assert any("said" in entry for entry in seen["said"])


def test_an_unknown_macro_is_an_error_that_can_be_seen(open_page):
    page = open_page(CHAPTERS[0])
    page.evaluate("""async () => {
        document.querySelector(".math").textContent = "\\\\(\\\\nomacro\\\\)";
        await MathJax.typesetPromise();
    }""")
    with pytest.raises(AssertionError, match="mjx-merror"):
        check_equations(page, CHAPTERS[0])
    assert page.record.complaints() == {}


def test_fonts_of_mathjax_are_used(open_page):
    page = open_page(CHAPTERS[0])
    fonts = page.evaluate("[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family)")
    assert any(family.strip('"').startswith("MJXTEX") for family in fonts)


def test_icons_of_the_theme_are_there(open_page):
    page = open_page("index.html")
    page.evaluate("document.fonts.load('900 16px \"Font Awesome 6 Free\"')")
    icons = page.locator("header i[class*='fa-'], .article-header-buttons i[class*='fa-']")
    assert icons.count() >= 3
    for icon in icons.all():
        shown = icon.evaluate("""icon => {
            const style = getComputedStyle(icon, "::before");
            return [style.content, style.fontFamily];
        }""")
        assert shown[0] not in ("none", "normal")
        assert "Font Awesome" in shown[1]


def test_mathjax_is_what_its_package_holds():
    folder = fetch_mathjax.FOLDER
    assert (folder / "SHA256SUMS").read_text() == fetch_mathjax.sums(folder)
    assert (folder / "VERSION").read_text().strip() == fetch_mathjax.VERSION
    assert f'"{fetch_mathjax.VERSION}"' in (folder / "core.js").read_text()
    assert "Apache License" in (folder / "LICENSE").read_text()


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_search_finds_and_shows_where(open_page, scheme):
    page = open_page("search.html?q=refractory", scheme)
    page.get_by_text("Search finished").wait_for()
    chapter = page.locator("ul.search > li", has=page.locator("a[href^='chapters/01_neuron.html']")).last
    assert "refractory" in chapter.locator("p.context").inner_text()
    assert page.record.complaints() == {}
    chapter.locator("a").click()
    page.wait_for_url("**/chapters/01_neuron.html*")
    settle(page)
    assert page.record.complaints() == {}


def test_search_from_a_page_leads_to_results(open_page):
    page = open_page(CHAPTERS[1])
    page.locator("button.search-button__button:visible").first.click()
    page.locator(".search-button__search-container input[type=search]").fill("decoder")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=decoder*")
    page.get_by_text("Search finished").wait_for()
    assert page.locator("ul.search > li p.context", has_text="decoder").count() > 3
    assert page.record.complaints() == {}


def test_search_says_when_nothing_is_found(open_page):
    page = open_page("search.html?q=xyzzyplugh")
    page.get_by_text("did not match any documents").wait_for()
    assert page.locator("ul.search > li").count() == 0
    assert page.record.complaints() == {}


@pytest.mark.parametrize("name", [*PAGES, "search.html?q=refractory"])
def test_axe_finds_nothing_in_light_and_dark(open_page, axe, name):
    page = open_page(name)
    unfold(page)
    page.evaluate(ONE_WORD_OF_EACH_COLOUR)
    page.evaluate(axe)
    wrong = {}
    # The dark mode changes nothing but colours. Screen readers get MathML, not what MathJax draws.
    for mode, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast", "link-in-text-block"]})):
        page.emulate_media(color_scheme=mode)
        page.wait_for_function("mode => document.documentElement.dataset.theme == mode", arg=mode)
        page.evaluate("Promise.allSettled(document.getAnimations().map(change => change.finished))")
        found = page.evaluate(RUN_AXE, rules)
        assert found["passes"]
        for rule in found["violations"]:
            if rule["id"] not in THEME:
                seen = [(node["target"], node["failureSummary"]) for node in rule["nodes"]]
                wrong[f"{mode}: {rule['id']}"] = seen
    assert wrong == {}, json.dumps(wrong, indent=1)


def test_the_figure_of_the_last_chapter_has_its_caption(open_page):
    page = open_page("chapters/05_reproduction.html")
    figure = page.locator("figure#fig-four-panels")
    assert figure.locator("figcaption").inner_text().startswith("Fig. ")
    assert "Four panels" in figure.locator("img").get_attribute("alt")


@pytest.mark.parametrize("name", CHAPTERS)
def test_what_is_folded_opens(open_page, name):
    page = open_page(name)

    predictions = page.locator("details", has=page.get_by_text("Reveal the output", exact=True))
    assert predictions.count() >= page.locator(".admonition.predict").count() > 0
    for one in predictions.all():
        inside = one.locator("img, pre").first
        assert not inside.is_visible()
        one.locator("summary").click()
        assert inside.is_visible()

    solutions = page.locator(".admonition.solution")
    assert 2 <= solutions.count() <= 4
    for one in solutions.all():
        said = one.get_by_text("Correct. ")
        assert not said.is_visible()
        one.locator(".admonition-title").first.click()
        said.wait_for(state="visible")

    answers = page.locator("#self-test details")
    assert 4 <= answers.count() <= 7
    for one in answers.all():
        text = one.locator("p").last
        assert not text.is_visible()
        one.locator("summary").click()
        assert text.is_visible()
