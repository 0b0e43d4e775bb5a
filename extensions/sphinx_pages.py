"""What the book needs of Sphinx beyond its configuration."""

import json
import re
import shutil
import sys
from pathlib import Path

from bs4 import BeautifulSoup
from PIL import Image, ImageChops
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging


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


#: What is no word in a formula; names of letters stay.
TEX = re.compile(r"\\(?:mathrm|mathsf|text|frac|left|right|bigl|bigr)\b|\\[()\[\],;!]|[{}]|\\(?=[a-zA-Z])")

#: For browsers that refuse to store anything: the theme and the search would stop at the first try.
STORAGE = """<script>
try { localStorage.length; } catch {
  const nothing = { getItem: () => null, setItem() {}, removeItem() {} };
  for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, name, { value: nothing });
}
</script>
"""
NOTICE = "<noscript><p>Without JavaScript, formulas show as TeX, and the lab does not run.</p></noscript>"


def serve_every_browser(app: Sphinx, pagename: str, templatename: str, context: dict, *_) -> None:
    """Give each page what a browser without storage or without JavaScript needs."""
    context["metatags"] = STORAGE + context.get("metatags", "")
    if "body" in context:
        context["body"] = NOTICE + context["body"]


def hide_doors(app: Sphinx, pagename: str, templatename: str, context: dict, *_) -> None:
    """Hide the buttons that lead to the repository, until it has an address."""
    if "published" not in app.tags:
        doors = ":is(.dropdown-launch-buttons, .dropdown-source-buttons)"
        hidden = f"<style>{doors} {{ display: none !important; }}</style>"
        context["metatags"] = context.get("metatags", "") + hidden


def mend_roles(app: Sphinx, pagename: str, templatename: str, context: dict, *_) -> None:
    """Make entries of the bibliography items of their list; the role that docutils gives is deprecated."""
    context["body"] = context.get("body", "").replace('role="doc-biblioentry"', 'role="listitem"')


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
        words = TEX.sub("", article.decode_contents())
        words = re.sub(r"\s+", " ", words)
        texts[path.relative_to(app.outdir).as_posix()] = f'<div role="main">{words}</div>'
    script = f"const SEARCH_TEXTS = {json.dumps(texts, ensure_ascii=False)};\n"
    (Path(app.outdir) / "_static" / "search_texts.js").write_text(script, encoding="utf-8")


def set_address(app: Sphinx, config: Config) -> None:
    """Name the address of the pages, for canonical links and previews in other places."""
    from set_address import has_address, pages_address

    repository = config.html_theme_options["repository_url"]
    config.html_baseurl = config.html_baseurl or pages_address(repository)
    config.ogp_site_name = config.html_title
    config.ogp_site_url = config.html_baseurl
    if has_address(repository):
        app.tags.add("published")


def mend_launch_buttons(app: Sphinx, pagename: str, templatename: str, context: dict, *_) -> None:
    """Let every page lead to Binder: a notebook to itself, any other page to the front page there.

    Colab opens notebooks only.
    """
    if context.get("page_source_suffix") == ".ipynb":
        return
    options = app.config.html_theme_options
    slug = options["repository_url"].removeprefix("https://github.com/")
    front = f"{options['launch_buttons']['binderhub_url']}/v2/gh/{slug}/{options['repository_branch']}"
    binder = {
        "type": "link",
        "text": "Binder",
        "tooltip": "Launch on Binder",
        "icon": "_static/images/logo_binder.svg",
        "url": f"{front}?urlpath=lab/tree/{app.config.root_doc}.md",
    }
    buttons = context.get("header_buttons", [])
    for group in buttons:
        if group.get("label") == "launch-buttons":
            group["buttons"] = [binder]
            return
    group = {"type": "group", "tooltip": "Launch interactive content", "icon": "fas fa-rocket"}
    buttons.insert(0, group | {"buttons": [binder], "label": "launch-buttons"})


def run_nothing_for_links(app: Sphinx) -> None:
    """Read the notebooks as they are stored while links are checked: no link is computed."""
    if app.builder.name == "linkcheck":
        app.config.nb_execution_mode = "off"
        app.config.suppress_warnings += ["mystnb.glue", "ref"]  # what runs would have made


def ask_the_registry_of_dois(app: Sphinx, uri: str) -> str | None:
    """Ask the registry whether a DOI exists, not the publisher, who turns programs away."""
    if uri.startswith("https://doi.org/10."):
        return uri.replace("https://doi.org/", "https://doi.org/api/handles/", 1)
    return None


def add_pictures(app: Sphinx, config: Config) -> None:
    """Draw the icon, the logo and the social preview, and name them in the configuration."""
    import make_pictures

    folder = Path(app.outdir).parent / "pictures"
    if make_pictures.make_pictures(folder):
        logging.getLogger(__name__).info("drew the icon, the logo and the social preview")
    config.html_static_path = [*config.html_static_path, str(folder)]
    config.html_favicon = str(folder / "favicon.svg")
    config.html_theme_options["logo"] = {
        "image_light": str(folder / "logo-light.svg"),
        "image_dark": str(folder / "logo-dark.svg"),
        "text": config.html_title,
    }


def add_icons(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Name the icons for browsers and phones that do not take the SVG."""
    static = context["pathto"]("_static", resource=True)
    context["metatags"] = context.get("metatags", "") + (
        f'\n<link rel="icon" type="image/png" sizes="32x32" href="{static}/favicon-32.png" />'
        f'\n<link rel="apple-touch-icon" sizes="180x180" href="{static}/favicon-180.png" />'
    )


def lighten_pictures(app: Sphinx, failure: Exception | None) -> None:
    """Give figures a palette, a third of the bytes, where that changes no colour to be seen."""
    if failure or app.builder.name != "html":
        return
    for path in sorted((Path(app.outdir) / "_images").glob("*.png")):
        with Image.open(path) as picture:
            if picture.mode == "P":
                continue
            full = picture.convert("RGB")
        light = full.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        worst = max(high for _, high in ImageChops.difference(full, light.convert("RGB")).getextrema())
        if worst <= 24:
            light.save(path, optimize=True)


SLIDES = Path(__file__).resolve().parents[1] / "_build" / "slides"


def look_for_slides(app: Sphinx, config: Config) -> None:
    """Let the page for teachers link the slides, if they have been made."""
    if (SLIDES / "index.html").exists():
        app.tags.add("slides")


def copy_slides(app: Sphinx, failure: Exception | None) -> None:
    """Put the slides beside the pages."""
    if not failure and app.builder.name == "html" and "slides" in app.tags:
        target = Path(app.outdir) / "slides"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(SLIDES, target, copy_function=shutil.copyfile)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect with Sphinx."""
    sys.path.append(str(Path(__file__).resolve().parents[1] / "tools"))
    leave_out_thebe(app)
    app.connect("config-inited", set_address)
    app.connect("config-inited", add_pictures)
    app.connect("config-inited", look_for_slides)
    app.connect(
        "builder-inited", run_nothing_for_links, priority=100
    )  # before MyST-NB reads its configuration
    app.connect("linkcheck-process-uri", ask_the_registry_of_dois)
    app.connect("html-page-context", add_icons)
    app.connect("html-page-context", serve_every_browser)
    app.connect("html-page-context", hide_doors)
    app.connect("html-page-context", add_search_scripts)
    app.connect("html-page-context", mend_launch_buttons, priority=900)
    app.connect("html-page-context", mend_roles)
    app.connect("build-finished", write_search_texts)
    app.connect("build-finished", lighten_pictures)
    app.connect("build-finished", copy_slides)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
