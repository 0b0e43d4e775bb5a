"""Slides of the chapters, made of the pages that are built: ``make slides``."""

import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "extensions"), str(ROOT)]
BOOK = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))

project, author, copyright = BOOK["title"], BOOK["author"], BOOK["copyright"]
extensions = ["myst_parser", "sphinx_revealjs", "deck"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
html_title = project
html_copy_source = False
html_math_renderer = "mathjax"
mathjax_path = BOOK["sphinx"]["config"]["mathjax_path"]
mathjax3_config = BOOK["sphinx"]["config"]["mathjax3_config"]

revealjs_static_path = ["static", "../assets"]
revealjs_style_theme = "white"
revealjs_css_files = ["slides.css"]
revealjs_notes_from_comments = True
revealjs_script_conf = {
    "width": 1280,
    "height": 720,
    "margin": 0,
    "center": False,
    "hash": True,
    "slideNumber": True,
    "transition": "none",
}
revealjs_script_plugins = [{"name": "RevealNotes", "src": "revealjs/plugin/notes/notes.js"}]
