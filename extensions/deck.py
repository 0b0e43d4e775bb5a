"""What the slides take from the book: pieces of the pages that are built, and drawings."""

import copy
import functools
import shutil
from pathlib import Path
from typing import ClassVar

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from forcebook import drawings

HTML = Path(__file__).resolve().parents[1] / "_build" / "html"


@functools.cache
def article(page: Path) -> Tag:
    """Return the text of a page."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one(".bd-article")


def find(page: Path, selector: str) -> Tag:
    """Return a copy of the first piece of a page that a CSS selector finds."""
    found = article(page).select_one(selector)
    if found is None:
        raise ValueError(f"{page.name} has nothing at {selector!r}; has its label changed?")
    return copy.copy(found)


def page_of(docname: str) -> Path:
    """Return the built page that a deck belongs to: chapter_3 to the third chapter."""
    number = docname.rpartition("_")[2]
    pages = sorted((HTML / "chapters").glob(f"0{number}_*.html"))
    if not pages:
        raise ValueError(f"chapter {number} is not built: make book")
    return pages[0]


class Piece(SphinxDirective):
    """``{piece} #fig-name`` shows a figure, an equation, a prediction or a table of the deck's chapter."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"class": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Take it out of the page, without links, and with its picture."""
        page = page_of(self.env.docname)
        try:
            piece = find(page, self.arguments[0])
        except ValueError as error:
            raise self.error(str(error)) from error
        self.env.note_dependency(str(page))
        picture = piece if piece.name == "img" else piece.select_one("img")
        if piece.name == "figure" and picture:
            piece = picture
        for part in piece.select(".headerlink, .eqno"):
            part.decompose()
        for link in piece.select("a"):
            link.unwrap()
        for part in [piece, *piece.find_all(id=True)]:
            part.attrs.pop("id", None)
        if picture:
            folder = Path(self.env.app.outdir) / "_images"
            folder.mkdir(parents=True, exist_ok=True)
            path = (page.parent / picture["src"]).resolve()
            shutil.copyfile(path, folder / path.name)
            picture["src"] = f"_images/{path.name}"
            picture.attrs.pop("loading", None)
        kind = self.options.get("class", "")
        return [nodes.raw("", f'<div class="piece {kind}">{piece}</div>', format="html")]


class Drawn(SphinxDirective):
    """``{drawn} network neuron`` shows a drawing of ``forcebook.drawings``, with its arguments."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Draw it."""
        name, *arguments = self.arguments[0].split()
        drawing = getattr(drawings, name)(*arguments)
        return [nodes.raw("", drawing._repr_html_(), format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect with Sphinx."""
    app.set_html_assets_policy("always")  # the mathematics of a piece is none that Sphinx sees
    app.add_directive("piece", Piece)
    app.add_directive("drawn", Drawn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
