"""The live lab: a directive that puts it into a page, buttons that set it up, and the files it needs."""

import base64
import html
import json
import math
from pathlib import Path

import numpy as np
from brian2 import Hz
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from forcebook import drawings
from forcelib import Parameters, Teacher, tasks, teachers
from forcelib.engines import divergence_limit
from forcelib.engines.build import MODULE
from forcelib.model import NEURONS

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

#: The network of each neuron model: that of chapter 5, and those of the published programs that make a sine.
NETWORKS = {"lif": Parameters()} | {
    name: tasks.get(f"{name}/sine").parameters for name in ("theta", "izhikevich")
}

#: The intervals of RLS (ms) that a reader can choose; all are whole time steps.
INTERVALS = dict.fromkeys(NETWORKS, (0.5, 1, 2.5, 5, 10, 20, 40)) | {
    "izhikevich": (0.4, 0.8, 2, 4, 10, 20, 40)
}

#: The teachers that the lab has beside the reader's drawing. A second here is a cycle there.
SHAPES = {
    "sine": teachers.sine(1 * Hz),
    "sawtooth": teachers.sawtooth(1 * Hz),
    "product": teachers.product_of_sines(0.8 * Hz, 1.2 * Hz),
}


def _circle(t: np.ndarray) -> np.ndarray:
    """Return sine and cosine."""
    return np.stack([np.sin(2 * np.pi * t), np.cos(2 * np.pi * t)], axis=-1)


#: Those of two outputs, which the lab makes of their harmonics.
PAIRS = {
    "circle": Teacher("circle", _circle, 1.0),
    "lissajous": teachers.side_by_side(teachers.sine(1 * Hz), teachers.sine(2 * Hz)),
    "van_der_pol": teachers.van_der_pol(1, 1 * Hz),
}


def shapes() -> str:
    """Write the shapes as functions in JavaScript: a formula of forcelib is an expression there, too."""
    functions = []
    for name, teacher in SHAPES.items():
        constants = "".join(f"const {symbol} = {value!r}; " for symbol, value in teacher.function.constants)
        functions.append(f"{name}: (t) => {{ {constants}return [{teacher.function.text}]; }}")
    for name, teacher in PAIRS.items():
        parts = json.dumps(harmonics(teacher))
        functions.append(f"{name}: ((parts) => (t) => parts.map((one) => MEASURES.series(one, t)))({parts})")
    return f"const SHAPES = (({{ PI: pi, asin, sin }}) => ({{ {', '.join(functions)} }}))(Math);"


def harmonics(teacher: Teacher) -> list[dict]:
    """Return the Fourier series of each output over a second, of harmonics above a millionth."""
    samples = 4096
    parts = np.fft.rfft(teacher(np.arange(samples) / samples), axis=0) / samples
    last = np.flatnonzero(np.abs(parts).max(axis=1) > 0.5e-6).max()
    parts = np.round(2 * parts[: last + 1], 9) + 0.0
    return [
        {"mean": one[0].real / 2, "cosines": one[1:].real.tolist(), "sines": (0.0 - one[1:].imag).tolist()}
        for one in parts.T
    ]


def fundamentals() -> dict[str, float | None]:
    """Return the frequency of each teacher's period, for one cycle in a second; the memory has none."""
    periods = {name: teacher.frequency for name, teacher in SHAPES.items()}
    return periods | dict.fromkeys((*PAIRS, "own"), 1.0) | {"memory": None}


def program() -> str:
    """Return the text of the lab's worker: the network, the shapes, and what makes time go on."""
    measures, network, worker = (
        (LAB / name).read_text(encoding="utf-8") for name in ("measures.js", "network.js", "worker.js")
    )
    return "\n".join((measures, network, shapes(), worker))


def networks() -> dict[str, dict]:
    """Return what the neuron model decides, for each: settings, and what the kernel is told of it."""
    return {name: _network(name, p) for name, p in NETWORKS.items()}


def _network(name: str, p: Parameters) -> dict:
    """Return it for one."""
    neuron = p.neuron
    # Of theta, with its short time steps, no browser runs more in real time.
    N = 500 if name == "theta" else p.N
    values = {symbol: p.value(symbol) for symbol, _ in neuron.declared} | {"pi": math.pi}
    # Where the potential is set by a spike, and where it spikes: "v = ..." and "v >= ...".
    ends = (neuron.reset.partition(";")[0].partition("=")[2], neuron.threshold.partition(">=")[2])
    return {
        **{symbol: getattr(p, symbol) for symbol in ("G", "Q", "balanced")},
        "Q_in": p.Q,  # an input of one then drives a neuron as a readout of one does
        "N": N,
        "alpha": p.alpha * p.N / N,  # so that the first steps are as large
        "dt": float(p.dt),
        "every": p.in_steps("rls_interval"),
        "intervals": list(INTERVALS[name]),
        "number": list(NEURONS).index(name),
        "parameters": [p.value(symbol) for symbol, _ in neuron.declared],
        "state": list(neuron.state),
        "rest": list(neuron.rest),
        "span": list(p.start_span),
        "ends": [float(eval(end, {}, values)) for end in ends],
    }


def defaults() -> dict:
    """Return the settings of the lab before a reader changes any: those of forcelib."""
    p = NETWORKS["lif"]
    return {
        "model": "lif",
        **networks()["lif"],
        "p": p.p,
        "textbook": p.gain == "textbook",
        "limit": divergence_limit(np.ones((1, 1))),
        "seed": 1,
        "onset": "zero",
        "shape": "sine",
        "outputs": 1,
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
        "networks": networks(),
        "fundamentals": fundamentals(),
        "pairs": list(PAIRS),
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
