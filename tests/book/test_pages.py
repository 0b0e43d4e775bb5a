"""The built book in Chromium: each page is opened once in each mode, and asked everything."""

import functools
import io
import json
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import url2pathname

import fetch_mathjax
import numpy as np
import pytest
import yaml
from browser import CHAPTERS, HTML, PAGES, ROOT, need, settle
from bs4 import BeautifulSoup
from PIL import Image
from set_address import has_address

STATIC = HTML / "_static"
OTHERS = ["genindex.html", "py-modindex.html", "search.html?q=refractory"]
# What axe-core finds in the theme itself: a button whose label is not its text, and bars outside landmarks.
THEME = {"label-content-name-mismatch", "region"}

# What axe-core finds. Contrasts take it long, so it looks at one text of each kind: of the same tags, classes
# and colour. The other words of code are most of a page, and become plain text. Screen readers get
# MathML, and not what MathJax draws.
RUN_AXE = """async colours_alone => {
    const kinds = new Map(), words = [];
    for (const one of document.querySelectorAll("body *:not(mjx-container *, script, style)")) {
        if (![...one.childNodes].some(node => node.nodeType == 3 && node.data.trim())) continue;
        const kind = [getComputedStyle(one).color, getComputedStyle(one).fontSize];
        for (let [up, k] = [one, 0]; up && k < 4; [up, k] = [up.parentElement, k + 1])
            kind.push(up.tagName, up.className);
        if (!kinds.has(kind.join()) && one.checkVisibility()) kinds.set(kind.join(), one);
        else if (one.matches(":is(.highlight, .sig) span")) words.push(one);
    }
    for (const word of words) word.replaceWith(...word.childNodes);
    await Promise.allSettled(document.getAnimations().map(change => change.finished));
    const runOnly = ["color-contrast", "link-in-text-block"], resultTypes = ["violations"];
    const found = [await axe.run({include: [...kinds.values()]}, {runOnly, resultTypes})];
    const rules = Object.fromEntries(runOnly.map(rule => [rule, {enabled: false}]));
    if (!colours_alone) found.push(await axe.run({exclude: ["mjx-math"]}, {rules, resultTypes}));
    return {passes: found.every(one => one.passes.length), violations: found.flatMap(one => one.violations)};
}"""

# Nothing makes the page wider than the window; this is what does.
WIDE = """() => {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const clipped = element => element && element != document.body &&
        (getComputedStyle(element).overflowX != "visible" || clipped(element.parentElement));
    return [...document.querySelectorAll("body *")]
        .filter(element => element.getBoundingClientRect().right > innerWidth)
        .filter(element => !clipped(element.parentElement))
        .map(element => element.outerHTML.slice(0, 100)).slice(0, 10);
}"""


@functools.cache
def source(path):
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


@functools.cache
def anchors(path):
    return {tag.get("id") or tag.get("name") for tag in source(path).select("[id], a[name]")}


def pixels(locator):
    """What is seen of an element, as an array of colours from 0 to 255."""
    picture = Image.open(io.BytesIO(locator.screenshot(animations="disabled"))).convert("RGB")
    return np.asarray(picture, dtype=float)


def colour(page, selector, name):
    """A computed colour of an element."""
    said = page.locator(selector).first.evaluate(f"element => getComputedStyle(element).{name}")
    return np.array([float(number) for number in re.findall(r"[\d.]+", said)[:3]])


# Each question returns what is wrong with a page: an empty list, text or dictionary if nothing is.


def ask_heading(page, name):
    return [] if page.locator("h1:visible").first.inner_text().strip() else "no heading"


def ask_head(page, name):
    """Icons and preview."""
    head = source(HTML / name.partition("?")[0]).head
    wrong = []
    for selector, file in (
        ('link[rel="icon"]:not([sizes])', "favicon.svg"),
        ('link[rel="icon"][sizes="32x32"]', "favicon-32.png"),
        ('link[rel="apple-touch-icon"]', "favicon-180.png"),
    ):
        links = [urljoin((HTML / name).as_uri(), link["href"]) for link in head.select(selector)]
        if links != [(STATIC / file).as_uri()]:
            wrong.append(f"{selector}: {links}")
    if name in PAGES:
        said = {tag["property"]: tag["content"] for tag in head.select('meta[property^="og:"]')}
        for key, pattern in {
            "og:image": r".*/_static/social\.png",
            "og:image:width": "1200",
            "og:image:height": "630",
            "og:image:alt": ".+",
            "og:url": rf".*/{name}",
            "og:title": rf"(?=.)(?:{re.escape(said.get('og:title', ''))})",
            "og:site_name": "FORCE training of spiking networks",
        }.items():
            if not re.fullmatch(pattern, said.get(key, "")):
                wrong.append(f"{key}: {said.get(key)}")
        if said.get("og:title", "?") not in head.title.text:
            wrong.append("og:title is not the title")
    return wrong


def ask_links(page, name):
    """What is linked inside the book is there, to the anchor."""
    wrong = []
    path = HTML / name.partition("?")[0]
    for tag in source(path).select("a[href], link[href], img[src], script[src], audio[src], source[src]"):
        where = urlsplit(urljoin(path.as_uri(), tag.get("href") or tag.get("src")))
        if where.scheme != "file":
            continue
        target = Path(url2pathname(where.path))
        anchored = target.suffix == ".html" and where.fragment
        if not target.is_file() or (anchored and unquote(where.fragment) not in anchors(target)):
            wrong.append(str(tag)[:120])
    return wrong


def ask_width(page, name):
    return page.evaluate(WIDE)


def ask_equations(page, name):
    found = page.evaluate("""() => [...document.querySelectorAll(".math")].map(math => ({
        html: math.outerHTML.slice(0, 200),
        set: math.querySelectorAll("mjx-container mjx-math > *").length,
        wrong: math.querySelectorAll("mjx-merror, merror").length,
        spoken: math.querySelectorAll("mjx-assistive-mml math").length,
        label: math.querySelector(".eqno")?.firstChild.textContent,
    }))""")
    wrong = [math["html"] for math in found if not math["set"] or math["wrong"] or not math["spoken"]]
    if "\\(" in page.locator("main").inner_text():
        wrong.append("mathematics that is not set")
    labels = [math["label"] for math in found if math["label"] is not None]
    references = page.locator(".bd-article a.reference[href*='#equation-']").all_text_contents()
    wrong += [label for label in [*labels, *references] if not re.fullmatch(r"\((\d\.)?\d+\)", label)]
    if len(set(labels)) < len(labels):
        wrong.append("two equations of one number")
    if name in CHAPTERS and not (len(found) > 10 and labels and references):
        wrong.append("no equations")
    if found and not page.evaluate(
        "[...document.fonts].some(font => font.status == 'loaded' && /MJXTEX/.test(font.family))"
    ):
        wrong.append("no font of MathJax")
    return wrong


def ask_icons(page, name):
    """Icons of the theme are letters of a font that is there."""
    return page.evaluate("""async () => {
        await document.fonts.load('900 16px "Font Awesome 6 Free"');
        const icons = [...document.querySelectorAll(":is(header, .article-header-buttons) i[class*='fa-']")];
        if (icons.length < 3) return ["no icons"];
        return icons.filter(icon => {
            const {content, fontFamily} = getComputedStyle(icon, "::before");
            return ["none", "normal"].includes(content) || !fontFamily.includes("Font Awesome");
        }).map(icon => icon.outerHTML);
    }""")


def ask_folds(page, name):
    """Predictions, solutions and answers are folded, and open."""
    if name not in CHAPTERS:
        return []
    wrong = []
    predictions = page.locator("details", has=page.get_by_text("Reveal the output", exact=True))
    solutions = page.locator(".admonition.solution")
    answers = page.locator("#self-test details")
    if not predictions.count() >= page.locator(".admonition.predict").count() > 0:
        wrong.append("a prediction without an output")
    if not (5 <= solutions.count() <= 7 and 4 <= answers.count() <= 7):
        wrong.append(f"{solutions.count()} solutions, {answers.count()} answers")
    for kind, handle, inside in (
        (predictions, "summary", lambda one: one.locator("img, pre").first),
        (solutions, ".admonition-title", lambda one: one.get_by_text(re.compile(r"(Correct|Plausible)\. "))),
        (answers, "summary", lambda one: one.locator("p").last),
    ):
        for one in kind.all():
            before = inside(one).is_visible()
            one.locator(handle).first.click()
            inside(one).wait_for(state="visible")
            if before:
                wrong.append(f"not folded: {one.inner_text()[:80]}")
    return wrong


def unfold(page, name):
    """Open everything that is folded: what comes after is asked of all."""
    page.evaluate("""() => {
        document.querySelectorAll("details").forEach(folded => { folded.open = true });
        document.querySelectorAll(".toggle-button-hidden").forEach(button => button.click());
    }""")


def ask_images(page, name):
    # The recorded run of the live lab is hidden where the lab itself can run.
    images = page.locator(".bd-article img:not([hidden] *)")
    wrong = images.evaluate_all("""images => Promise.all(images.map(async image => {
        image.loading = "eager";
        await image.decode().catch(() => {});
        return image.naturalWidth > 0 && image.alt.trim() ? null : image.outerHTML.slice(0, 200);
    })).then(all => all.filter(Boolean))""")
    if name in CHAPTERS and not images.count():
        wrong.append("no images")
    return wrong


def ask_figures(page, name):
    """Figures are vectors, unless they weigh too much as such, or move; their words have one size."""
    figures = page.locator(".bd-article .cell_output img:visible")
    found = figures.evaluate_all("""images => images.map(image => ({
        alt: image.alt, drawn: image.naturalWidth, shown: image.getBoundingClientRect().width,
        kind: /\\.\\w+$/.exec(image.src)?.[0] ?? image.closest(".explorer").className,
    }))""")
    # What an inch is drawn with: in CSS, in the style of the figures, and in explorers.
    inch = {".svg": 96, ".png": 150, "explorer": 120}
    sizes = [figure["shown"] / figure["drawn"] * inch[figure["kind"]] / 72 for figure in found]
    # Words of 11 points are nearly as large as the text on a wide screen, and have 8.5 pixels on a phone.
    wanted = (688 if page.viewport_size["width"] > 1000 else 358) / 6.4 / 72
    wrong = [
        f"a point has {size:.3f} pixels: {figure['alt']}"
        for figure, size in zip(found, sizes, strict=True)
        if abs(size / wanted - 1) > 0.01
    ]
    return wrong or ([] if found or name not in CHAPTERS else "no figures")


def ask_code_width(page, name):
    """Code of a chapter needs no scrolling on a wide screen."""
    return page.evaluate("""() => [...document.querySelectorAll(".bd-article .cell_input pre")]
        .filter(code => code.checkVisibility() && code.scrollWidth > code.clientWidth + 1)
        .map(code => code.innerText.slice(0, 100))""")


def ask_lines(page, name):
    """On a large screen lines are not too long."""
    if name not in ["index.html", *CHAPTERS]:
        return []
    page.set_viewport_size({"width": 1600, "height": 900})
    wrong = page.evaluate(WIDE)
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
    if not 45 < longest < 85 and name in CHAPTERS:
        wrong.append(f"lines of {longest} characters")
    page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def ask_accent(page, name):
    """Links and admonitions have the one accent colour."""
    if name not in CHAPTERS:
        return []
    accent = page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--pst-color-primary').trim()"
    )
    wanted = [int(accent[k : k + 2], 16) for k in (1, 3, 5)]
    shown = {
        ".bd-article p > a.reference:not(:has(.std-term))": "color",
        ".admonition.predict": "borderLeftColor",
        ".admonition.exercise": "borderLeftColor",
    }
    return [one for one, what in shown.items() if colour(page, one, what).tolist() != wanted]


def ask_ground(page, name):
    """In the dark, figures are light on the ground of the page."""
    if name not in ["index.html", *CHAPTERS]:
        return []
    ground = colour(page, "body", "backgroundColor")
    wrong = [] if ground.max() < 60 else ["the page is light"]
    figures = page.locator(".bd-article .cell_output img:visible").all()
    for figure in figures:
        seen = pixels(figure)
        corner = seen[2:8, -8:-2].mean(axis=(0, 1))
        if np.abs(corner - ground).max() > 4 or np.percentile(seen.max(axis=2), 99.5) <= 150:
            wrong.append(figure.get_attribute("alt"))
        edges = [seen[1], seen[-2], seen[:, 1], seen[:, -2]]
        if max(np.abs(edge - ground).max() for edge in edges) > 60:
            wrong.append(f"cut at an edge: {figure.get_attribute('alt')}")
    return wrong if figures else "no figures"


def ask_targets(page, name):
    """What is touched is large enough."""
    return page.evaluate("""() => [...document.querySelectorAll("button, summary, input, select, a.btn")]
        .filter(element => {
            const box = element.getBoundingClientRect();
            return element.checkVisibility({visibilityProperty: true}) && box.width > 0
                && !element.closest("label, .search-button__wrapper, .bd-sidebar")
                && (box.width < 24 || box.height < 24);
        }).map(element => element.outerHTML.slice(0, 120))""")


def ask_axe(page, name, colours_alone=False):
    found = page.evaluate(RUN_AXE, colours_alone)
    return {
        rule["id"]: [(node["target"], node["failureSummary"]) for node in rule["nodes"]]
        for rule in found["violations"]
        if rule["id"] not in THEME
    } or ([] if found["passes"] else "axe looked at nothing")


def ask_contrast(page, name):
    """The dark mode changes nothing but colours."""
    return ask_axe(page, name, colours_alone=True)


def ask_paper(page, name):
    """On paper all but drawing code is open, and light; afterwards all is as before."""
    if name not in CHAPTERS:
        return []
    page.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = false })")
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    wrong = page.evaluate("""() => {
        const all = selector => [...document.querySelectorAll(selector)];
        const shown = one => one?.checkVisibility() ?? false;
        const parts = {
            "folded": all("details:not([open], .above-input)").length > 0,
            "drawing code": !all("details.above-input:not([open])").length,
            "hidden solution": all(".admonition.toggle-hidden").length > 0 || !shown(all(".solution pre")[0]),
            "no figure": !shown(all(".bd-article .cell_output img").at(-1)),
            "no title": !shown(document.querySelector(".bd-article h1")),
            "filtered figure": getComputedStyle(all(".bd-article .cell_output img")[0]).filter != "none",
            "wide code": all(".bd-article pre").some(code => code.scrollWidth > code.clientWidth + 1),
            "light text": Math.max(...getComputedStyle(document.querySelector(".bd-article p"))
                .color.match(/[0-9.]+/g).slice(0, 3)) >= 80,
        };
        const bars = ["bd-sidebar-primary", "bd-sidebar-secondary", "bd-header-article", "toggle-button"];
        for (const name of bars) parts[name] = shown(document.querySelector(`.${name}`));
        return Object.keys(parts).filter(part => parts[part]);
    }""")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen", color_scheme="dark")
    after = page.evaluate(
        "[document.querySelectorAll('details[open]').length, document.documentElement.dataset.theme]"
    )
    if after != [0, "dark"]:
        wrong.append(f"after printing: {after}")
    return wrong


def ask_complaints(page, name):
    page.wait_for_load_state("networkidle")
    return page.record.complaints() or ([] if len(page.record.requests) > 10 else "nothing was asked for")


def ask_numbers(page, name):
    """A chapter, its figures, equations and exercises have its number."""
    found = re.match(r"chapters/0(\d)", name)
    if not found:
        return []
    numbered = ".caption-number, .eqno, .exercise > .admonition-title"
    texts = page.locator(f"h1 .section-number, .bd-article :is({numbered})").all_text_contents()
    wrong = [text for text in texts if not re.match(rf"\(?(Fig\. |Exercise )?{found[1]}\.", text.strip())]
    return wrong or ([] if len(texts) > 5 else "nothing has a number")


def ask_boxes(page, name):
    """Nothing is drawn over the title of a box."""
    return page.evaluate("""() => {
        const over = (title, part) => {
            const style = getComputedStyle(title, part);
            return !["none", "normal"].includes(style.content) && style.position != "static";
        };
        return [...document.querySelectorAll(".bd-article .admonition-title")]
            .filter(title => over(title, "::before") || over(title, "::after"))
            .map(title => title.outerHTML.slice(0, 100));
    }""")


def ask_doors(page, name):
    """The buttons that lead to the repository are shown once it has an address."""
    published = has_address(yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"])
    doors = page.locator(":is(.dropdown-launch-buttons, .dropdown-source-buttons)").all()
    return [] if doors and all(door.is_visible() == published for door in doors) else "a door"


LIGHT = [
    ask_heading, ask_head, ask_numbers, ask_boxes, ask_doors, ask_links, ask_width, ask_equations, ask_icons,
    ask_folds, unfold, ask_width, ask_images, ask_figures, ask_code_width, ask_lines, ask_accent,
    ask_complaints, ask_axe,
]  # fmt: skip
DARK = [
    ask_heading, ask_width, unfold, ask_width, ask_images, ask_figures, ask_equations, ask_targets,
    ask_accent, ask_ground, ask_complaints, ask_contrast, ask_paper,
]  # fmt: skip


def check(page, name, questions):
    wrong = {}
    for question in questions:
        if found := question(page, name):
            wrong.setdefault(question.__name__, found)
    assert wrong == {}, json.dumps(wrong, indent=1)


@pytest.mark.parametrize("name", [*PAGES, *OTHERS])
class TestPage:
    """A wide window from a file, in light; a phone over http, in the dark."""

    def test_wide_and_light(self, open_page, axe, name):
        page = open_page(name)
        page.evaluate(axe)
        check(page, name, LIGHT)

    def test_narrow_and_dark(self, open_page, axe, name):
        page = open_page(name, "http", width=390, mode="dark", has_touch=True, is_mobile=True)
        page.evaluate(axe)
        check(page, name, DARK)


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_search_finds_and_shows_where(open_page, scheme):
    page = open_page(CHAPTERS[1], scheme)
    page.locator("button.search-button__button:visible").first.click()
    page.locator(".search-button__search-container input[type=search]").fill("refractory")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=refractory*")
    page.get_by_text("Search finished").wait_for()
    chapter = page.locator("ul.search > li", has=page.locator("a[href^='chapters/01_neuron.html']")).last
    # What is missing is said at once: an excerpt that cannot come would be waited for.
    assert chapter.count()
    named = "typeof SEARCH_TEXTS == 'object' && SEARCH_TEXTS['chapters/01_neuron.html']"
    assert "refractory" in (page.evaluate(named) or ""), "search_texts.js"
    assert page.record.complaints() == {}
    assert "refractory" in chapter.locator("p.context").inner_text()
    chapter.locator("a").click()
    page.wait_for_url("**/chapters/01_neuron.html*")
    settle(page)
    page.goto(page.url.partition("/chapters/")[0] + "/search.html?q=xyzzyplugh")
    page.get_by_text("did not match any documents").wait_for()
    assert page.locator("ul.search > li").count() == 0
    assert page.record.complaints() == {}


def test_a_browser_that_stores_nothing(open_page):
    forbidden = "get() { throw new DOMException('denied', 'SecurityError'); }, configurable: true"
    page = open_page(
        CHAPTERS[0],
        before=f"""for (const name of ["localStorage", "sessionStorage"])
            Object.defineProperty(window, name, {{ {forbidden} }});""",
    )
    before = page.evaluate("document.documentElement.dataset.mode")
    page.locator(".theme-switch-button:visible").first.click()
    assert page.evaluate("document.documentElement.dataset.mode") != before
    assert page.record.complaints() == {}


def test_a_browser_without_scripts(open_page):
    page = open_page(CHAPTERS[0], java_script_enabled=False)
    assert page.locator("noscript p").is_visible()
    link = page.locator(".bd-article p a.reference:not(:has(> .std-term))").first
    assert link.evaluate("link => getComputedStyle(link).color") == "rgb(0, 114, 178)"


def test_modes_change_colours_and_not_hues(open_page):
    """Logo and figures follow the mode; blue stays blue and orange orange."""
    page = open_page("index.html")
    hues, logos = [], set()
    for mode in ("light", "dark"):
        page.emulate_media(color_scheme=mode)
        page.locator(f"html[data-theme={mode}]").wait_for()
        logo = page.locator(".logo__image:visible")
        assert logo.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        logos.add(logo.get_attribute("src"))
        seen = pixels(page.locator(".bd-article .cell_output img").first).reshape(-1, 3)
        vivid = seen[np.ptp(seen, axis=1) > 90]
        hues.append((vivid[:, 2] > vivid[:, 0]).mean())
    assert len(logos) == 2
    assert 0.05 < hues[0] < 0.95
    assert hues[1] == pytest.approx(hues[0], abs=0.2)


def test_the_switches_work_by_keyboard_and_show_where_one_is(open_page):
    page = open_page(CHAPTERS[0])
    switch = page.locator(".theme-switch-button").first
    modes = set()
    for _ in range(3):
        switch.focus()
        page.keyboard.press("Enter")
        modes.add(page.evaluate("document.documentElement.dataset.mode"))
    assert modes == {"light", "dark", "auto"}
    page.keyboard.press("Shift+Tab")
    style, width = page.evaluate("""() => {
        const style = getComputedStyle(document.activeElement);
        return [style.outlineStyle, parseFloat(style.outlineWidth)];
    }""")
    assert style == "solid"
    assert width >= 2


def test_reduced_motion_stops_all_motion(open_page):
    page = open_page(CHAPTERS[0], reduced_motion="reduce")
    moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter(element => {
        const style = getComputedStyle(element);
        const transitions = style.transitionDuration.split(", ").map(parseFloat);
        const fades = Math.max(...transitions) > 0 && style.transitionProperty !== "none";
        return style.animationName !== "none" || fades;
    }).length""")
    assert moving == 0


def test_the_printer_gets_the_opened_page(open_page):
    page = open_page(CHAPTERS[0], mode="dark")
    page.evaluate("""() => addEventListener("beforeprint", () => {
        window.atPrint = [document.querySelectorAll("details:not([open], .above-input)").length,
                          document.documentElement.dataset.theme];
    })""")
    assert page.pdf(format="A4", prefer_css_page_size=True).startswith(b"%PDF")
    assert page.evaluate("window.atPrint") == [0, "light"]
    assert page.locator("details:not([open])").count() > 0


def test_mathjax_is_what_its_package_holds():
    folder = fetch_mathjax.FOLDER
    assert (folder / "SHA256SUMS").read_text() == fetch_mathjax.sums(folder)
    assert (folder / "VERSION").read_text().strip() == fetch_mathjax.VERSION
    assert f'"{fetch_mathjax.VERSION}"' in (folder / "core.js").read_text()
    assert "Apache License" in (folder / "LICENSE").read_text()


@pytest.mark.parametrize(
    ("name", "size"),
    [("favicon-32.png", (32, 32)), ("favicon-180.png", (180, 180)), ("social.png", (1200, 630))],
)
def test_pictures_have_their_size_and_are_not_empty(name, size):
    need((STATIC / name).exists(), "the book is not built: make book")
    with Image.open(STATIC / name) as picture:
        assert picture.size == size
        assert len(picture.convert("RGB").getcolors(size[0] * size[1])) > 20
