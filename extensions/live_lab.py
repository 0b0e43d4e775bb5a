"""The live lab: a directive that puts it into a page, buttons that set it up, and the files it needs."""

import base64
import html
import json
from pathlib import Path

import numpy as np
from brian2 import Hz
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from forcebook import drawings
from forcelib import Parameters, teachers
from forcelib.engines import divergence_limit
from forcelib.engines.build import MODULE
from forcelib.model import LIF

LAB = Path(__file__).resolve().parents[1] / "lab"
FILES = (
    "drawing.js",
    "lab.css",
    "lab.html",
    "lab.js",
    "measures.js",
    "network.js",
    "presets.json",
    "worker.js",
)

#: The teachers that the lab has beside the reader's drawing. A second here is a cycle there.
SHAPES = {
    "sine": teachers.sine(1 * Hz),
    "sawtooth": teachers.sawtooth(1 * Hz),
    "product": teachers.product_of_sines(0.8 * Hz, 1.2 * Hz),
}


def shapes() -> str:
    """Write the shapes as functions in JavaScript: a formula of forcelib is an expression there, too."""
    functions = []
    for name, teacher in SHAPES.items():
        constants = "".join(f"const {symbol} = {value!r}; " for symbol, value in teacher.function.constants)
        functions.append(f"{name}: (t) => {{ {constants}return {teacher.function.text}; }}")
    return f"const SHAPES = (({{ PI: pi, asin, sin }}) => ({{ {', '.join(functions)} }}))(Math);"


def fundamentals() -> dict[str, float]:
    """Return the frequency of each teacher's period, for one cycle in a second."""
    return {name: teacher.frequency for name, teacher in SHAPES.items()} | {"own": 1.0}


def program() -> str:
    """Return the text of the lab's worker: the network, the shapes, and what makes time go on."""
    network, worker = ((LAB / name).read_text(encoding="utf-8") for name in ("network.js", "worker.js"))
    return "\n".join((network, shapes(), worker))


def defaults() -> dict:
    """Return the settings of the lab before a reader changes any: those of forcelib."""
    p = Parameters()
    return {
        **{name: getattr(p, name) for name in ("N", "p", "G", "Q", "alpha", "v_reset", "v_start")},
        "dt": float(p.dt),
        "every": p.in_steps("rls_interval"),
        "textbook": p.gain == "textbook",
        "parameters": [float(getattr(p, name)) for name, _ in LIF.parameters],
        "limit": divergence_limit(np.ones((1, 1))),
        "seed": 1,
        "onset": "zero",
        "shape": "sine",
        "frequency": 5,
        "pace": 1,
        "watched": 0,
    }


class LiveLab(SphinxDirective):
    """The lab itself, and before it what a reader is told who sees a recorded run instead."""

    def run(self) -> list[nodes.Node]:
        """Return both as HTML."""
        for path in (MODULE, *(LAB / name for name in FILES)):
            self.env.note_dependency(str(path))
        self.env.metadata[self.env.docname]["live-lab"] = "true"
        text = (LAB / "lab.html").read_text(encoding="utf-8")
        text = text.replace(
            'id="lab-drawing"></div>', f'id="lab-drawing">{drawings.network()._repr_html_()}</div>'
        )
        return [nodes.raw("", text, format="html")]


class LabSetup(SphinxDirective):
    """A button that sets up the lab: the argument names the preset, the content is what it says."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the button as HTML."""
        known = json.loads((LAB / "presets.json").read_text(encoding="utf-8"))
        preset = directives.choice(self.arguments[0], list(known))
        words = html.escape(" ".join(self.content))
        # The script shows it where the lab can run.
        button = (
            f'<p><button type="button" class="lab-setup" data-preset="{preset}" hidden>{words}</button></p>'
        )
        return [nodes.raw("", button, format="html")]


def add_files(app: Sphinx, pagename: str, *_) -> None:
    """Name the files of the lab on its page alone."""
    if "live-lab" in app.env.metadata.get(pagename, {}):
        app.add_css_file("lab.css")
        app.add_js_file("lab_data.js", defer="defer")
        app.add_js_file("lab.js", defer="defer")


def write_files(app: Sphinx, failure: Exception | None) -> None:
    """Write style, script, and what the script starts from: pages on a disk may not read files."""
    if failure or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    data = {
        "module": base64.b64encode(MODULE.read_bytes()).decode(),
        "worker": program(),
        "defaults": defaults(),
        "fundamentals": fundamentals(),
        "presets": json.loads((LAB / "presets.json").read_text(encoding="utf-8")),
    }
    (static / "lab_data.js").write_text(f"const LAB = {json.dumps(data)};\n", encoding="utf-8")
    for name, parts in (("lab.css", ["lab.css"]), ("lab.js", ["measures.js", "drawing.js", "lab.js"])):
        text = "\n".join((LAB / part).read_text(encoding="utf-8") for part in parts)
        (static / name).write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect with Sphinx."""
    app.add_directive("live-lab", LiveLab)
    app.add_directive("lab-setup", LabSetup)
    app.connect("html-page-context", add_files)
    app.connect("build-finished", write_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
