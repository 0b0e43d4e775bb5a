"""The book as one PDF: all of it is there, in order, and can be found."""

import re

import pytest
from browser import HTML, need
from bs4 import BeautifulSoup
from make_pdf import PAGES, PDF, main
from pypdf import PdfReader


@pytest.fixture(scope="module")
def printed():
    """The PDF, printed anew."""
    need((HTML / "index.html").exists(), "the book is not built: make book")
    main()
    return PdfReader(PDF)


def words(text):
    return re.sub(r"\s+", "", text)


@pytest.mark.weekly
def test_the_pdf_holds_the_whole_book(printed):
    pages = [BeautifulSoup((HTML / name).read_text("utf-8"), "html.parser") for name in PAGES]
    texts = [page.extract_text() for page in printed.pages]
    whole = words("".join(texts))
    assert PDF.stat().st_size < 25e6
    # Titles are bookmarks, in order; each begins a page.
    for page in pages:
        for link in page.select(".headerlink"):
            link.decompose()
    titles = [words(page.select_one(".bd-article h1").get_text()) for page in pages[1:]]
    marks = [entry for entry in printed.outline if not isinstance(entry, list)]
    assert [words(mark.title) for mark in marks if words(mark.title) in titles] == titles
    for mark in marks:
        text = words(texts[printed.get_destination_page_number(mark)])
        assert words(mark.title) in text[:400], mark.title
    captions = [words(tag.get_text()) for page in pages for tag in page.select("figcaption .caption-number")]
    assert captions
    assert [caption for caption in captions if caption not in whole] == []
    # Code has ends of lines, and no other backslash.
    assert re.findall(r"\\(?!n)[a-zA-Z(\[]\w*", "".join(texts)) == [], "TeX"


@pytest.mark.weekly
def test_links_of_the_pdf_lead_somewhere(printed):
    places = printed.named_destinations
    links = [note.get_object() for page in printed.pages for note in page.get("/Annots", [])]
    inside = [link["/Dest"] for link in links if "/Dest" in link]
    assert len(inside) > 500
    assert [name for name in inside if isinstance(name, str) and name not in places] == []
    solutions = [name for name in inside if "answer" in str(name)]
    assert solutions


@pytest.mark.weekly
def test_the_front_page_offers_it(printed):
    front = BeautifulSoup((HTML / "index.html").read_text("utf-8"), "html.parser")
    assert [link["href"] for link in front.select("#pdf a")] == [PDF.name]
