"""Prints the built book as one PDF, _build/html/book.pdf, and names it on the front page: make pdf.

The pages are put behind each other as they were built, solutions at the end, and printed by the Chromium of
the tests: once to learn on which page each section begins, and once with contents that say so.
"""

import html
import json
import posixpath
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from bs4 import BeautifulSoup, Tag
from pypdf import PdfReader

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "book"))

import browser
from browser import HTML, PATIENCE, ROOT, chromium, settle

PDF = HTML / "book.pdf"
MERGED = HTML / "book_for_print.html"
STYLE = Path(__file__).with_suffix(".css")

#: The reference of the packages is for the screen: on paper it would be as long as three chapters.
PAGES = [name for name in browser.PAGES if name != "pages/api.html"]

#: What paper cannot do, what only a script would show, and the code of figures, which is folded.
USELESS = ".headerlink, script, audio, button, [hidden], .explorer-controls, .explorer-handle, .above-input"
USELESS += ", .lab-why"


def slug(name: str) -> str:
    """Return what the names of a page's anchors begin with."""
    return re.sub(r"\W+", "-", name.removesuffix(".html"))


def soup_of(name: str) -> BeautifulSoup:
    """Return a built page."""
    return BeautifulSoup((HTML / name).read_text("utf-8"), "html.parser")


def new(name: str, content: str = "", **attributes: str) -> Tag:
    """Return a new element."""
    tag = BeautifulSoup("", "html.parser").new_tag(name, attrs=attributes)
    tag.append(BeautifulSoup(content, "html.parser"))
    return tag


def lead(tag: Tag, key: str, name: str) -> None:
    """Let a link or picture of a page lead from the merged page to the same thing."""
    where = urlsplit(tag[key])
    if where.scheme:
        return
    path = posixpath.normpath(posixpath.join(posixpath.dirname(name), where.path)) if where.path else name
    if path in PAGES:
        tag[key] = f"#{slug(path)}-{where.fragment}" if where.fragment else f"#{slug(path)}"
    elif key == "src":
        tag[key] = path
    else:  # an index of the site, or a file
        tag.unwrap()


def article(name: str) -> Tag:
    """Return a page as it is printed."""
    page = soup_of(name).select_one(".bd-article")
    for tag in page.select(USELESS):
        tag.decompose()
    for tag in page.select(":is([id], [for]):not(svg *)"):
        for key in {"id", "for"} & tag.attrs.keys():
            tag[key] = f"{slug(name)}-{tag[key]}"
    for tag in page.select("a[href]"):
        lead(tag, "href", name)
    for tag in page.select("img[src]"):
        lead(tag, "src", name)
        tag.attrs.pop("loading", None)
    for tag in page.select("details"):
        tag["open"] = ""
    page.name, page["class"], page["id"] = "section", "part", slug(name)
    return page


def take_solutions(page: Tag, title: str, pages: dict[str, int]) -> Tag | None:
    """Move the solutions of a page and the answers to its questions into a section of their own."""

    def link_to(word: str, name: str) -> str:
        return f'<a class="to-solution" href="#{name}">{word} on page {pages.get(name, "")}</a>'

    own = new("section")
    own.append(new("h2", html.escape(title)))
    for solution in page.select(".solution"):
        link = solution.select_one(".admonition-title a")
        exercise = page.find(id=link["href"].removeprefix("#"))
        exercise.append(new("p", link_to("Solution", solution["id"])))
        own.append(solution.extract())
    for number, question in enumerate(page.select("#" + page["id"] + "-self-test details"), 1):
        words = question.select_one(".sd-summary-text").decode_contents()
        answer = question.select_one(".sd-summary-content")
        there, back = f"{page['id']}-answer-{number}", f"{page['id']}-question-{number}"
        own.append(new("p", f'<a href="#{back}">{words}</a>', **{"class": "question", "id": there}))
        own.append(answer.extract())
        asked = new("p", f"{words} {link_to('Answer', there)}", **{"class": "question", "id": back})
        question.replace_with(asked)
    return own if len(own.find_all(True, recursive=False)) > 1 else None


def contents(parts: list[Tag], pages: dict[str, int]) -> Tag:
    """Return the table of contents."""
    lines = []
    for part in parts:
        for heading in part.find_all(["h1", "h2"]):
            holder = heading.find_parent(id=True) if heading.name == "h2" else part
            page = pages.get(holder["id"], "")
            words = f"<span>{heading.decode_contents()}</span><span>{page}</span>"
            lines.append(f'<li class="{heading.name}"><a href="#{holder["id"]}">{words}</a></li>')
    return new("section", f"<h1>Contents</h1><ol>{''.join(lines)}</ol>", **{"class": "contents part"})


def merged(pages: dict[str, int]) -> str:
    """Return the book as one page, with the numbers of the printed pages, as far as they are known."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    parts, solutions = [], new("section", "<h1>Solutions</h1>", **{"class": "part", "id": "solutions"})
    for name in PAGES:
        part = article(name)
        title = part.h1.get_text()
        if name == "index.html":
            part.h1.string = title = "What this book is"
        own = take_solutions(part, title, pages)
        if own:
            own["id"] = f"{part['id']}-solutions"
            solutions.append(own)
        parts.append(part)
    parts.append(solutions)
    heads = "".join(
        f"@page p{k} {{ @top-center {{ content: {json.dumps(part.h1.get_text(), ensure_ascii=False)}; }} }}"
        f"#{part['id']} {{ page: p{k}; }}"
        for k, part in enumerate(parts)
    )
    cover = new(
        "section",
        f"<p class='title'>{html.escape(config['title'])}</p><p>{html.escape(config['author'])}</p>"
        f"<p>© {config['copyright']}. Text and figures: CC BY 4.0; code: MIT.</p>",
        **{"class": "cover"},
    )
    head = soup_of(PAGES[0]).head
    for tag in head.select("meta[property], link:not([rel=stylesheet]), title"):
        tag.decompose()
    for tag in head.select("script"):
        if "MathJax" not in tag.text and "mathjax" not in tag.get("src", ""):
            tag.decompose()
    style = f"<style>{STYLE.read_text('utf-8')}{heads}</style>"
    body = "".join(map(str, [cover, contents(parts, pages), *parts]))
    return (
        f'<!doctype html><html lang="en" data-theme="light" data-content_root="./"><head>'
        f"<title>{html.escape(config['title'])}</title>{head.decode_contents()}{style}</head>"
        f'<body><main class="bd-main"><div class="bd-content"><div class="bd-article-container">'
        f'<article class="bd-article">{body}</article></div></div></main></body></html>'
    )


def print_pdf(program, pages: dict[str, int]) -> dict[str, int]:
    """Print the merged page; return on which page each anchor is."""
    MERGED.write_text(merged(pages), encoding="utf-8")
    page = program.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(MERGED.as_uri())
    settle(page)
    broken = page.evaluate("""async () => {
        const images = [...document.images];
        await Promise.allSettled(images.map(image => image.decode()));
        return images.filter(image => !image.naturalWidth).map(image => image.src.slice(0, 100));
    }""")
    if broken:
        sys.exit(f"No pictures: {broken}")
    page.pdf(path=PDF, prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    page.close()
    reader = PdfReader(PDF)
    return {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def offer() -> str:
    """Name the PDF on the front page; return what it says."""
    size = f"{len(PdfReader(PDF).pages)} pages, {PDF.stat().st_size / 1e6:.0f} MB"
    link = f'<p><a href="{PDF.name}">The book as one PDF</a> ({size})</p>'
    front = HTML / "index.html"
    text = re.sub(r'(?s)(<div id="pdf">).*?(</div>)', rf"\1{link}\2", front.read_text("utf-8"))
    front.write_text(text, encoding="utf-8")
    return size


def main() -> None:
    """Print the book, and offer it."""
    with chromium() as program:
        print_pdf(program, print_pdf(program, {}))
    MERGED.unlink()
    print(f"{PDF}: {offer()}")


if __name__ == "__main__":
    main()
