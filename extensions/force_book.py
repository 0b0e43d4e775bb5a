"""What the book needs of Sphinx beyond its configuration."""

import json
import os
import re
from pathlib import Path

from bs4 import BeautifulSoup
from sphinx.application import Sphinx


def draw_all_frames(app: Sphinx) -> None:
    """Tell the kernels of this build that explorers draw all their frames, for a page without a kernel."""
    os.environ["FORCELIB_FRAMES"] = "1"


def leave_out_thebe(app: Sphinx) -> None:
    """Take sphinx-thebe out of the pages: it names hosts and a kernel that the book does not use."""
    for event in ("env-before-read-docs", "doctree-resolved"):
        for listener in list(app.events.listeners[event]):
            if listener.handler.__module__ == "sphinx_thebe":
                app.disconnect(listener.id)


def add_search_scripts(app: Sphinx, pagename: str, *_) -> None:
    """Give the search page the texts for its excerpts."""
    if pagename == "search":
        app.add_js_file("search_texts.js", defer="defer")
        app.add_js_file("search.js", defer="defer")


def write_search_texts(app: Sphinx, failure: Exception | None) -> None:
    """Write the text of each page into a script: nothing but words, and the names that links lead to."""
    if failure or app.builder.name != "html":
        return
    texts = {}
    for name in sorted(app.env.found_docs):
        path = Path(app.builder.get_outfilename(name))
        article = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select_one(".bd-article")
        for part in article.select(".headerlink, script, style, svg"):
            part.decompose()
        for tag in article.find_all(True):
            if tag.name in ("dd", "dt", "h1", "h2", "h3", "li", "p", "pre", "td", "th"):
                tag.append(" ")
            if tag.get("id"):
                tag.name, tag.attrs = "div", {"id": tag["id"]}
            else:
                tag.unwrap()
        words = re.sub(r"\\[()\[\]]", "", article.decode_contents())  # the brackets of formulas
        words = re.sub(r"\s+", " ", words)
        texts[path.relative_to(app.outdir).as_posix()] = f'<div role="main">{words}</div>'
    script = f"const SEARCH_TEXTS = {json.dumps(texts, ensure_ascii=False)};\n"
    (Path(app.outdir) / "_static" / "search_texts.js").write_text(script, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect with Sphinx."""
    leave_out_thebe(app)
    app.connect("builder-inited", draw_all_frames)
    app.connect("html-page-context", add_search_scripts)
    app.connect("build-finished", write_search_texts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
