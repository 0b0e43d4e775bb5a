"""Drawings of the book: vector graphics in one style, which take the colours of the page they stand on.

Each drawing is 400 units wide, so that its words are legible on a telephone. What follows from the model is
computed with forcelib, and the rest is laid out by hand.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files

import numpy as np
from brian2 import ms

from forcelib import Parameters, Reservoir, neuron, synaptic_filter
from forcelib.errors import ParameterError
from forcelib.result import Recorded

__all__ = [
    "PARTS", "Drawing", "activity", "circuit", "clocks", "generator", "loop", "methods", "network", "outlier",
    "step", "theta_circle", "twins", "update", "wirings",
]  # fmt: skip

#: The parts of the network, each of which a chapter is about.
PARTS = ("neuron", "filter", "reservoir", "readout")

WIDTH = 400
Point = tuple[float, float]


class Drawing:
    """Shapes on a canvas that is 400 units wide, in the order in which they are added.

    Words may hold symbols: ``*v*`` is set in italics, and ``*v*_th_`` has a subscript.

    Parameters
    ----------
    height : float
        Of the canvas.
    alt : str
        What the drawing shows, for those who do not see it.
    caption : str, default ""
        Written below.

    Examples
    --------
    >>> from forcebook.drawings import Drawing
    >>> drawing = Drawing(50, "An arrow to the right.")
    >>> drawing.arrow([(10, 25), (390, 25)])
    >>> drawing
    <Drawing: An arrow to the right.>
    """

    def __init__(self, height: float, alt: str, caption: str = "") -> None:
        self.height, self.alt, self.caption = height, alt, caption
        self._shapes: list[str] = []

    def __repr__(self) -> str:
        return f"<Drawing: {self.alt}>"

    def _repr_html_(self) -> str:
        style = files(__package__).joinpath("drawings.css").read_text(encoding="utf-8")
        caption = f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        return f'<figure class="drawing"><style>{style}</style>{self.svg()}{caption}</figure>'

    def svg(self) -> str:
        """Return the drawing as SVG, which takes its colours and fonts from the page around it."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height:g}" role="img" '
            f'aria-label="{html.escape(self.alt)}">{"".join(self._shapes)}</svg>'
        )

    @contextmanager
    def group(self, kind: str) -> Iterator[None]:
        """Put the shapes that are added within into a group of this kind."""
        self._shapes.append(f'<g class="{kind}">')
        yield
        self._shapes.append("</g>")

    def text(self, at: Point, words: str, kind: str = "", anchor: str = "middle") -> None:
        """Write words; `anchor` says whether `at` is their start, middle or end."""
        marked = re.sub(r"\*(.+?)\*", r'<tspan class="symbol">\1</tspan>', html.escape(words))
        marked = re.sub(
            r"_(.+?)_(.?)", r'<tspan dy="4" font-size="0.75em">\1</tspan><tspan dy="-4">\2</tspan>', marked
        )
        self._shapes.append(
            f'<text x="{at[0]:g}" y="{at[1] + 4.5:g}" text-anchor="{anchor}" class="{kind}">{marked}</text>'
        )

    def line(self, points: Iterable[Point], kind: str = "", closed: bool = False) -> None:
        """Draw a line through points."""
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self._shapes.append(f'<path class="line {kind}" d="M{path}{"Z" if closed else ""}"/>')

    def arrow(self, points: Sequence[Point], kind: str = "", bend: float = 0.0) -> None:
        """Draw an arrow along points; one of two points can be bent to its left, by a part of its length."""
        (x1, y1), (x2, y2) = points[-2:]
        line = list(points)
        if bend:
            middle = ((x1 + x2) / 2 + bend * (y2 - y1), (y1 + y2) / 2 - bend * (x2 - x1))
            t = np.linspace(0, 1, 17)[:, np.newaxis]
            curve = (1 - t) ** 2 * points[0] + 2 * t * (1 - t) * np.array(middle) + t**2 * np.array(points[1])
            line = [tuple(point) for point in curve]
            x1, y1 = line[-2]
        angle = math.atan2(y2 - y1, x2 - x1)
        size = 6 if "small" in kind else 8
        tip = [
            (x2 + size * math.cos(angle + turn), y2 + size * math.sin(angle + turn))
            for turn in (math.pi - 0.4, math.pi + 0.4)
        ]
        line[-1] = (x2 - 0.7 * size * math.cos(angle), y2 - 0.7 * size * math.sin(angle))
        self.line(line, kind)
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in ((x2, y2), *tip))
        self._shapes.append(f'<polygon class="head {kind}" points="{corners}"/>')

    def circle(self, at: Point, radius: float, kind: str = "", words: str = "") -> None:
        """Draw a circle, with words in it."""
        self._shapes.append(
            f'<circle class="shape {kind}" cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius:g}"/>'
        )
        if words:
            self.text(at, words, kind)

    def box(self, at: Point, size: Point, kind: str = "", words: str = "") -> None:
        """Draw a box around a point, with words in it."""
        (x, y), (width, height) = at, size
        self._shapes.append(
            f'<rect class="shape {kind}" x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width:g}" '
            f'height="{height:g}" rx="4"/>'
        )
        self.text((x, y), words, kind)

    def trace(
        self, at: Point, size: Point, values: np.ndarray, kind: str = "", span: Point | None = None
    ) -> None:
        """Draw values as a curve in a box of this size around a point; its height stands for `span`."""
        values = np.asarray(values, dtype=float)
        low, high = (values.min(), values.max()) if span is None else span
        x = at[0] + size[0] * (np.linspace(0, 1, len(values)) - 0.5)
        y = at[1] + size[1] * (0.5 - (values - low) / (high - low))
        self.line(zip(x, y, strict=True), kind)


def network(lit: str | None = None) -> Drawing:
    """Draw the whole network.

    Parameters
    ----------
    lit : {"neuron", "filter", "reservoir", "readout"}, optional
        The part that is drawn in full, the others pale; by default all are drawn in full.

    Returns
    -------
    Drawing

    Raises
    ------
    ParameterError
        If there is no such part.

    Examples
    --------
    >>> from forcebook import drawings
    >>> "unlit" in drawings.network().svg(), "unlit" in drawings.network("neuron").svg()
    (False, True)
    """
    if lit not in (None, *PARTS):
        raise ParameterError(f"lit = {lit!r} must be one of {', '.join(map(repr, PARTS))}, or None")
    drawing = Drawing(
        232,
        "The network. Neurons in a circle, the reservoir, send spikes to each other through synaptic "
        "filters, with weights omega. All of them lead, weighted by the decoder phi, to one readout z. The "
        "readout goes back to every neuron through the encoder E. RLS compares the readout with the target "
        "x and changes the decoder." + (f" Lit: {_LIT[lit]}." if lit else ""),
    )

    def part(*names: str) -> str:
        return "part " + " ".join(names) + ("" if lit in (None, *names) else " unlit")

    centre, radius, readout = (150.0, 104.0), 66.0, (285.0, 104.0)
    places = [
        (centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle))
        for angle in np.linspace(0, 2 * math.pi, 12, endpoint=False) + math.pi / 12
    ]
    inner = [
        (centre[0] + 29 * math.cos(angle), centre[1] + 29 * math.sin(angle)) for angle in (0.4, 2.5, 4.6)
    ]
    places += inner
    with drawing.group(part("reservoir", "filter")):
        for one, other in _CONNECTIONS:
            start, end = _between(places[one], places[other], 8, 9)
            drawing.arrow([start, end], "thin small", bend=0.12)
    with drawing.group(part("readout")):
        for place in places[:3] + places[9:12] + [inner[0]]:
            drawing.line(_between(place, readout, 7, 17), "blue signal")
        drawing.text((246, 72), "*φ*", "blue")
        down = [(285, 121), (285, 205), (42, 205), (42, 104)]
        drawing.line(down, "blue signal")
        for place in (places[4], places[5], places[6], places[7]):
            drawing.arrow(list(_between((42, 104), place, 0, 8)), "blue small")
        drawing.text((62, 70), "*E*", "blue")
        drawing.text((163, 219), "feedback", "small")
        drawing.circle(readout, 16, "blue", "*z*")
        drawing.text((330, 126), "readout", "small")
    for number, place in enumerate(places):
        with drawing.group(part("neuron", "reservoir")):
            drawing.circle(
                place, 6.5, f"cell cell-{number}" + (" solid" if lit in ("neuron", "reservoir") else "")
            )
    with drawing.group(part("neuron", "reservoir")):
        drawing.text((105, 16), "reservoir", "small")
    with drawing.group(part("reservoir", "filter")):
        drawing.text((163, 128), "*ω*")
    if lit == "filter":
        with drawing.group("part filter"):
            kernel = synaptic_filter.kernel(np.linspace(0, 100, 60) * ms, 2 * ms, 20 * ms)
            drawing.box((240, 172), (72, 30), "blue")
            drawing.trace((240, 172), (60, 20), np.asarray(kernel), "blue")
            drawing.arrow([(204, 166), (176, 152)], "blue small")
    with drawing.group(part("readout") + " rls"):
        drawing.box((285, 34), (56, 30), "orange", "RLS")
        drawing.arrow([(285, 87), (285, 50)], "orange")
        drawing.text((366, 34), "*x*", "orange")
        drawing.text((366, 58), "target", "small")
        drawing.arrow([(356, 34), (315, 34)], "orange")
        drawing.arrow([(257, 36), (232, 62)], "orange")
    return drawing


_LIT = {
    "neuron": "the neurons",
    "filter": "the connections, with their filters",
    "reservoir": "the neurons and the connections between them",
    "readout": "the decoder, the readout and its feedback, and RLS",
}

#: Connections between the neurons of the drawing, by their numbers.
_CONNECTIONS = (
    (0, 2), (1, 13), (2, 12), (3, 1), (4, 2), (5, 13), (6, 4), (7, 14), (8, 6), (9, 14), (10, 8), (11, 9),
    (12, 11), (12, 14), (13, 12), (13, 7), (14, 10), (14, 13), (3, 5), (0, 12),
)  # fmt: skip


def _between(one: Point, other: Point, after: float, before: float) -> tuple[Point, Point]:
    """Return the ends of the line from one point to another that keeps a distance from both."""
    (x1, y1), (x2, y2) = one, other
    length = math.hypot(x2 - x1, y2 - y1)
    x, y = (x2 - x1) / length, (y2 - y1) / length
    return (x1 + after * x, y1 + after * y), (x2 - before * x, y2 - before * y)


def circuit() -> Drawing:
    """Draw the membrane as a circuit of a capacitor and a resistor (chapter 1)."""
    drawing = Drawing(
        190,
        "A circuit. The current J flows from the inside of the cell through two branches side by side to "
        "the outside: a capacitor C, and a resistor R in series with a battery, the resting potential. The "
        "voltage between inside and outside is the membrane potential V.",
        caption="The membrane as a circuit. The current J charges the capacitor, or leaks through the "
        "resistor.",
    )
    top, bottom, left, right = 30, 160, 150, 265
    drawing.text((100, 30), "inside", "small", "end")
    drawing.text((100, 160), "outside", "small", "end")
    drawing.line([(108, top), (right, top)])
    drawing.line([(108, bottom), (right, bottom)])
    drawing.arrow([(207, 4), (207, top)], "orange")
    drawing.text((222, 10), "*J*", "orange")
    drawing.line([(left, top), (left, 88)])
    drawing.line([(left - 17, 88), (left + 17, 88)], "bold")
    drawing.line([(left - 17, 98), (left + 17, 98)], "bold")
    drawing.line([(left, 98), (left, bottom)])
    drawing.text((left + 28, 93), "*C*")
    drawing.line([(right, top), (right, 50)])
    drawing.box((right, 71), (18, 42))
    drawing.text((right + 24, 71), "*R*")
    drawing.line([(right, 92), (right, 117)])
    drawing.line([(right - 15, 117), (right + 15, 117)], "bold")
    drawing.line([(right - 7, 126), (right + 7, 126)], "bold")
    drawing.line([(right, 126), (right, bottom)])
    drawing.text((right + 40, 121), "*V*_rest_")
    drawing.arrow([(118, 145), (118, 45)], "blue")
    drawing.text((104, 95), "*V*", "blue")
    for y in (top, bottom):
        drawing.circle((left, y), 3, "solid")
    return drawing


def step() -> Drawing:
    """Draw what happens within one time step, in its order (chapter 2)."""
    drawing = Drawing(
        290,
        "The order of one time step, from t to t plus delta t, in six boxes. First the readout z is taken "
        "from the rates r. Second, if an update is due, RLS changes the decoder phi by this readout; the "
        "new decoder acts from the next step on. Third, v, s, h, r and h_r make one Euler step, all from "
        "their values at t, with z fed back. Fourth, neurons at or above the threshold spike. Fifth, each "
        "spike kicks h of its targets and its own h_r. Sixth, v of those that spiked is reset, and held "
        "for the refractory period.",
        caption="One time step. The numbers give the order.",
    )
    stages = (
        ("1", "readout", "*z* = *φ*ᵀ*r*", "blue"),
        ("2", "RLS, if due", "*P*, *φ* change", "orange"),
        ("3", "Euler step", "*v*, *s*, *h*, *r*, *h*_r_  from values at *t*", ""),
        ("4", "threshold", "*v* ≥ *v*_th_ : a spike", ""),
        ("5", "kicks", "*h* of the targets, own *h*_r_", ""),
        ("6", "reset", "*v* = *v*_reset_ , held for *τ*_ref_", ""),
    )
    drawing.text((38, 12), "*t*")
    drawing.arrow([(38, 22), (38, 266)], "grey")
    drawing.text((42, 279), "*t* + Δ*t*")
    for number, (digit, name, what, kind) in enumerate(stages):
        y = 38 + 40 * number
        drawing.circle((38, y), 11, kind, digit)
        drawing.text((62, y), name, f"strong {kind}", "start")
        drawing.text((165, y), what, "", "start")
    return drawing


def wirings() -> Drawing:
    """Draw the three wirings of one network: open loop, forced and closed (chapter 4)."""
    drawing = Drawing(
        330,
        "Three wirings of one network. Open loop: nothing is fed back while the readout is fitted. Forced: "
        "the target x is fed back in place of the readout z. Closed, which is FORCE: the readout z itself "
        "is fed back while RLS keeps it near the target.",
        caption="Three wirings of one network. They differ in what is fed back.",
    )
    for number, (name, words) in enumerate(
        (("open loop", "fit, then close"), ("forced", "target fed back"), ("closed", "FORCE"))
    ):
        y = 48 + 108 * number
        kind = ("", "orange", "blue")[number]
        drawing.text((8, y - 10), name, "strong", "start")
        drawing.text((8, y + 10), words, "small", "start")
        drawing.box((200, y), (78, 46))
        drawing.text((200, y), "reservoir", "small")
        drawing.arrow([(239, y), (290, y)], "blue")
        drawing.text((264, y - 12), "*φ*", "blue")
        drawing.circle((304, y), 14, "blue", "*z*")
        drawing.text((386, y), "*x*", "orange")
        drawing.line([(320, y), (376, y)], "orange dashed")
        drawing.text((348, y - 13), "error", "small orange")
        if number == 0:
            drawing.line([(304, y + 14), (304, y + 40), (260, y + 40)], "grey dashed")
            drawing.line([(246, y + 32), (260, y + 40)])
            drawing.line([(244, y + 40), (132, y + 40), (132, y), (152, y)], "grey dashed")
            drawing.text((190, y + 53), "closed afterwards", "small")
        else:
            x = 386 if number == 1 else 304
            drawing.arrow([(x, y + 14), (x, y + 44), (132, y + 44), (132, y), (161, y)], kind)
        drawing.text((146, y - 11), "*E*", kind)
    return drawing


def update() -> Drawing:
    """Draw P in two dimensions before and after one update, and both gains (chapter 4).

    One update with r takes P r rᵀ P / (1 + rᵀ P r) from P: along r the ellipse shrinks by the factor
    1 + rᵀ P r.
    """
    drawing = Drawing(
        250,
        "Two ellipses around one centre: P before an update, and P after it, which is narrower along the "
        "direction of r and unchanged across it. From the centre two arrows in the direction of P r: the "
        "long one is the code's gain, P r; the short one is the textbook gain, divided by 1 + r'P r.",
        caption="P as an ellipse, before an update and after it, and the direction in which the decoder "
        "moves, with both gains. Each ellipse is P times the unit circle: the larger P along a direction, "
        "the longer it is there.",
    )
    centre, scale = np.array([190.0, 128.0]), 78.0
    P = np.array([[1.0, 0.0], [0.0, 1.0]])
    r = 1.3 * np.array([math.cos(0.5), math.sin(0.5)])
    q = r @ P @ r
    after = P - np.outer(P @ r, P @ r) / (1 + q)
    turn = np.linspace(0, 2 * math.pi, 72, endpoint=False)
    circle = np.array([np.cos(turn), np.sin(turn)])

    def place(points: np.ndarray) -> list[Point]:
        return [
            (float(centre[0] + scale * x), float(centre[1] - scale * y)) for x, y in np.atleast_2d(points)
        ]

    drawing.line(place((P @ circle).T), "grey", closed=True)
    drawing.line(place((after @ circle).T), "blue bold", closed=True)
    along = r / np.linalg.norm(r)
    drawing.line(place(np.array([-1.5 * along, 1.9 * along])), "grey dashed")
    drawing.arrow(place(np.array([0 * r, P @ r])), "orange")
    drawing.arrow(place(np.array([0 * r, P @ r / (1 + q)])), "green")
    x, y = place(P @ r)[0]
    drawing.text((x + 2, y - 14), "*P r*", "orange")
    drawing.text((x + 10, y + 16), "the code's gain", "small orange", "start")
    drawing.text((centre[0] + scale + 8, centre[1] + 12), "*P r* / (1 + *r*ᵀ*P r*)", "small green", "start")
    drawing.text((centre[0] - scale * 0.72, centre[1] - scale * 0.86), "*P* before", "small", "end")
    drawing.text((centre[0] + 38, centre[1] + scale + 12), "*P* after", "small blue", "start")
    x, y = place(-1.5 * along)[0]
    drawing.text((x - 4, y + 12), "along *r*", "small", "end")
    return drawing


def _driven(currents: np.ndarray, parameters: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Return the potential of a LIF neuron under a current, and how many spikes each step has."""
    v, spikes, potentials = parameters.v_reset, np.zeros(len(currents)), np.empty(len(currents))
    hold, silent = parameters.in_steps("tau_ref"), 0
    for n, current in enumerate(currents):
        silent = max(0, silent - 1)
        if not silent:
            v = float(neuron.euler_step(np.array(v), np.array(current), parameters))
        if v >= parameters.v_threshold:
            v, spikes[n], silent = parameters.v_reset, 1, hold
        potentials[n] = v
    return potentials, spikes


def loop() -> Drawing:
    """Draw the loop that a signal runs through, with the signals at its stations (chapter 5).

    A neuron at the threshold is driven by its share of a sine; its spikes go through the synaptic filter.
    """
    parameters = Parameters()
    dt = float(parameters.dt)
    t = np.arange(0, 0.4, dt)
    z = np.sin(2 * math.pi * 5 * t)
    potentials, spikes = _driven(9 * z, parameters)
    steps = np.flatnonzero(spikes)
    r = np.asarray(synaptic_filter.filter_spikes(spikes, parameters.tau_r, parameters.tau_d, parameters.dt))
    h_r = np.zeros(len(t))
    decay = 1 - dt / float(parameters.tau_r)
    for n in range(1, len(t)):
        h_r[n] = h_r[n - 1] * decay + spikes[n - 1]
    drawing = Drawing(
        300,
        "A loop of six stations with the signal at each: the membrane potential v of a neuron, its spikes, "
        "their kicks in h_r, the filtered rate r, the readout z, a sine that is the weighted sum of all "
        "rates, and E z, this neuron's share of it, which drives v again.",
        caption="Once around the loop. All neurons together make z, and z drives each of them; the upper "
        "row and r are one neuron.",
    )
    size = (92.0, 42.0)
    stations = (
        ((70, 60), "*v*", "membrane", potentials[::20], ""),
        ((200, 60), "spikes", "threshold", None, ""),
        ((330, 60), "*h*_r_", "kicks", h_r[::20], ""),
        ((330, 220), "*r*", "rate", r[::20], ""),
        ((200, 220), "*z* = *φ*ᵀ*r*", "readout", z[::20], "blue"),
        ((70, 220), "*E z*", "feedback", 9 * z[::20], "blue"),
    )
    for (x, y), symbol, _, values, kind in stations:
        drawing.box((x, y), (size[0] + 10, size[1] + 14), "grey")
        if values is None:
            for n in steps:
                at = x + size[0] * (n / len(t) - 0.5)
                drawing.line([(at, y - 14), (at, y + 14)], kind)
        else:
            drawing.trace((x, y), size, values, kind)
        drawing.text((x, y + (-41 if y < 100 else 44)), symbol, kind)
    for start, end in (((123, 60), (147, 60)), ((253, 60), (277, 60)), ((330, 90), (330, 190))):
        drawing.arrow([start, end])
    for start, end in (((277, 220), (253, 220)), ((147, 220), (123, 220)), ((70, 190), (70, 90))):
        drawing.arrow([start, end], "blue")
    drawing.text((338, 140), "filter", "small", "start")
    drawing.text((265, 206), "*φ*", "blue")
    drawing.text((135, 206), "*E*", "blue")
    return drawing


def outlier() -> Drawing:
    """Draw the eigenvalues of a small reservoir, and those of the same one with a feedback (chapter 3).

    The decoder is the smallest that puts two eigenvalues at 1.5 exp(±0.6 i): those of the closed loop solve
    φᵀ (λ - W)⁻¹ E = 1, which are two real equations.
    """
    reservoir = Reservoir.draw(Parameters(N=150, p=1.0, G=1.0), seed=4)
    weights, E = reservoir.weights.toarray().T, reservoir.encoders[:, 0]
    wanted = 1.5 * np.exp(0.6j)
    response = np.linalg.solve(wanted * np.eye(150) - weights, E)
    phi = np.linalg.lstsq(np.array([response.real, response.imag]), np.array([1.0, 0.0]), rcond=None)[0]
    closed = np.linalg.eigvals(weights + np.outer(E, phi))
    outside = closed[np.argsort(-np.abs(closed))][:2]
    drawing = Drawing(
        215,
        "Eigenvalues in the complex plane. Those of the random weights fill a disc. The feedback adds a "
        "matrix of rank one: nearly all eigenvalues stay in the disc, and a complex pair lies far outside "
        "it, on the right, one above and one below the real axis.",
        caption="Eigenvalues of the random weights (grey), and the pair that a feedback through the "
        "readout adds (blue).",
    )
    centre, scale = (130.0, 106.0), 88.0

    def place(value: complex) -> Point:
        return centre[0] + scale * value.real, centre[1] - scale * value.imag

    drawing.circle(centre, scale, "grey")
    drawing.line([(20, centre[1]), (390, centre[1])], "grey")
    drawing.line([(centre[0], 4), (centre[0], 208)], "grey")
    for value in np.linalg.eigvals(weights):
        drawing.circle(place(value), 2, "solid grey")
    for value in outside:
        drawing.circle(place(value), 5, "solid blue")
        start = place(0.72 * value)
        drawing.arrow(_between(start, place(value), 4, 8), "blue small")
    x, y = place(wanted)
    drawing.text((x + 12, y), "growth and frequency", "small blue", "start")
    drawing.text((x + 12, y + 18), "of the readout", "small blue", "start")
    drawing.text((388, centre[1] + 14), "real", "small", "end")
    drawing.text((centre[0] + 6, 10), "imaginary", "small", "start")
    return drawing


def activity(result: Recorded) -> Drawing:
    """Draw the rates of a run in their first two principal components, a second each (chapter 5).

    Parameters
    ----------
    result : Recorded
        With more than a second before, during and after training.

    Returns
    -------
    Drawing
        The last second before RLS comes on, before it goes off, and of the run, about their means. The plane
        is that of the second one; each direction has its own scale.
    """
    p, second = result.parameters, 1000 * ms
    ends = (p.rls_start, p.rls_stop, result.end * second)
    rates = [result.between(end - second, end).filtered_rates()[1] for end in ends]
    rates = [part - part.mean(axis=0) for part in rates]
    axes = np.linalg.svd(rates[1], full_matrices=False)[2][:2]
    largest = np.abs(rates[1] @ axes.T).max(axis=0)
    paths = [54 * (part @ axes.T) / largest for part in rates]
    drawing = Drawing(
        160,
        "Three panels: the rates of all neurons in the plane of their first two principal components, for a "
        "second each. Before training the path is small and tangled. During training it runs around a wide "
        "closed loop, and after training it runs around the same loop.",
        caption="The rates of all neurons along their first two principal components, a second each. Each "
        "direction has a scale of its own.",
    )
    for path, x, words in zip(paths, (67, 200, 333), ("before", "during", "after"), strict=True):
        drawing.line([(x - 60, 66), (x + 60, 66)], "grey")
        drawing.line([(x, 6), (x, 126)], "grey")
        drawing.line([(x + one, 66 - other) for one, other in path], "blue")
        drawing.text((x, 146), words, "small")
    return drawing


def clocks() -> Drawing:
    """Draw drift as two hands of a clock, the target's and the readout's (chapter 5)."""
    drawing = Drawing(
        170,
        "Three clocks, one after the other. On each the dashed hand of the target and the solid hand of "
        "the readout. At first they lie together; later the readout's is a little ahead; later still it is "
        "ahead by a quarter of a turn. Only the angle between them, theta, grows.",
        caption="Drift. The solid hand is the phase of the readout, the dashed one that of the target.",
    )
    for number, (x, ahead) in enumerate(((70, 0.0), (200, 0.45), (330, 1.4))):
        centre, radius, angle = (x, 78.0), 50.0, 1.2
        drawing.circle(centre, radius, "grey")
        target = (x + 46 * math.cos(angle), 78 - 46 * math.sin(angle))
        hand = (x + 36 * math.cos(angle + ahead), 78 - 36 * math.sin(angle + ahead))
        drawing.line([centre, target], "orange dashed bold")
        drawing.arrow([centre, hand], "blue bold")
        if ahead:
            arc = np.linspace(angle + 0.06, angle + ahead - 0.06, 12)
            drawing.line([(x + 20 * math.cos(a), 78 - 20 * math.sin(a)) for a in arc])
            middle = angle + ahead / 2
            drawing.text((x + 30 * math.cos(middle), 78 - 30 * math.sin(middle)), "*θ*")
        drawing.text((x, 148), ("at the end of training", "later", "later still")[number], "small")
    return drawing


def generator() -> Drawing:
    """Draw a pattern generator of tanh units, whose signals add up to the readout (the idea in forty lines).

    The signals are those of 200 units at g = 1.5 that hear the target, in its fourth period; the readout is
    fitted to them.
    """
    random, dt, period = np.random.default_rng(3), 1e-3, 0.6
    omega = 1.5 * random.standard_normal((200, 200)) / math.sqrt(200)
    E, v = random.uniform(-1, 1, 200), random.standard_normal(200)
    angle = 2 * math.pi * dt * np.arange(round(4 * period / dt)) / period
    x = 0.8 * sum(size * np.sin(k * angle) for k, size in ((1, 1), (2, 1 / 2), (3, 1 / 6), (4, 1 / 3)))
    rates = []
    for heard in x:
        rates.append(np.tanh(v))
        v = v + dt / 0.01 * (-v + rates[-1] @ omega + E * heard)
    last = slice(round(3 * period / dt), None, 10)
    r, x = np.array(rates)[last], x[last]
    phi = np.linalg.solve(np.eye(200) + r.T @ r, r.T @ x)
    drawing = Drawing(
        236,
        "A network that generates a pattern. On the left four of its units, joined by arrows, each with its "
        "signal r, a wiggly line of its own. Each signal is multiplied by a weight phi, and all add up to "
        "one readout z, on the right a wavy line that lies on the dashed line of the target x. The readout "
        "goes back to every unit through weights E. The learning rule, RLS, changes phi by the error of z.",
        caption="A network that generates a pattern: four of its units, each with its signal. Only the "
        "weights φ are learned, by a rule (RLS) that sees the error of the readout.",
    )
    heights, readout = (34, 80, 126, 172), (222.0, 103.0)
    drawing.line([(222, 120), (222, 220), (14, 220), (14, heights[0])], "blue")
    drawing.text((120, 208), "feedback", "small")
    drawing.text((28, 200), "*E*", "blue")
    for one, other, bend in ((0, 1, 0.5), (1, 2, 0.4), (2, 3, 0.5), (3, 1, 0.24), (2, 0, 0.24)):
        ends = _between((48, heights[one]), (48, heights[other]), 10, 11)
        drawing.arrow(list(ends), "thin small", bend=bend if other > one else -bend)
    drawing.text((70, 57), "*ω*")
    for unit, y in zip((8, 31, 77, 120), heights, strict=True):
        drawing.arrow([(14, y), (39, y)], "blue small")
        drawing.circle((48, y), 8, "solid")
        drawing.trace((120, y), (84, 30), r[:, unit], span=(-1, 1))
        drawing.line(_between((164, y), readout, 0, 17), "blue")
    drawing.text((124, 14), "*r*")
    drawing.text((196, 58), "*φ*", "blue")
    drawing.circle(readout, 16, "blue", "*z*")
    drawing.arrow([(238, 103), (268, 103)], "blue")
    drawing.trace((326, 103), (104, 60), r @ phi, "blue bold", span=(-1.3, 1.3))
    drawing.trace((326, 103), (104, 60), x, "orange dashed", span=(-1.3, 1.3))
    drawing.text((326, 150), "readout *z*", "small blue")
    drawing.text((326, 168), "target *x*", "small orange")
    drawing.box((300, 28), (56, 30), "orange", "RLS")
    drawing.arrow([(300, 70), (300, 44)], "orange")
    drawing.text((326, 57), "error", "small orange")
    drawing.arrow([(272, 32), (208, 52)], "orange")
    return drawing


def methods() -> Drawing:
    """Draw ways to train a network, by what learns and by what a synapse must know (place in the field)."""
    drawing = Drawing(
        318,
        "A map of methods in two columns. On the left only the readout learns, on the right the recurrent "
        "weights. From top to bottom a synapse must know less. It needs all rates, or errors sent back in "
        "time: a ridge fit of a reservoir and FORCE with RLS on the left; full-FORCE, innate training and "
        "surrogate gradients on the right. It needs an error that is sent to it: the delta rule on the left, "
        "e-prop on the right. It needs one reward for all: Hoerzer and others on the left, Miconi on the "
        "right. At the bottom nothing learns and the weights are computed: the Neural Engineering Framework, "
        "and predictive coding.",
        caption="Ways to make a network do something, by what learns (columns), and by what each synapse "
        "must know to learn (rows). This book is about the one in the frame.",
    )
    rows: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
        (
            "needs all rates, or errors sent back in time",
            ("reservoir, ridge fit", "FORCE, RLS"),
            ("full-FORCE", "innate training", "surrogate gradients"),
        ),
        ("needs an error that is sent to it", ("delta rule",), ("e-prop",)),
        ("needs one reward, the same for all", ("Hoerzer et al.",), ("Miconi",)),
        ("needs nothing: the weights are computed", ("NEF",), ("predictive coding",)),
    )
    left, right, y = 106.0, 300.0, 14.0
    drawing.text((left, y), "the readout learns", "strong")
    drawing.text((right, y), "recurrent weights learn", "strong")
    for needs, *columns in rows:
        y += 26
        drawing.line([(28, y - 10), (392, y - 10)], "grey")
        drawing.text((28, y + 3), needs, "small grey", "start")
        for x, names in zip((left, right), columns, strict=True):
            for number, name in enumerate(names):
                at = (x, y + 25 + 21 * number)
                if name.startswith("FORCE"):
                    drawing.box(at, (104, 21), "blue", name)
                else:
                    drawing.text(at, name)
        y += 17 + 21 * max(map(len, columns))
    drawing.arrow([(12, 34), (12, y - 52)], "grey")
    return drawing


def theta_circle() -> Drawing:
    """Draw the theta neuron below, at and above the edge of firing, with its fixed points (chapter 8).

    The fixed points are those of :data:`forcelib.model.THETA`: tan²(v/2) = -pi² I.
    """
    drawing = Drawing(
        190,
        "Three circles, on each of which the angle v of a theta neuron moves, with pi, where it spikes, on "
        "the left and zero on the right. With a negative current there are two fixed points on the right: a "
        "stable one below and an unstable one above, and between them v runs back to the stable one. At zero "
        "current the two have met at angle zero. With a positive current there is none, and v runs around.",
        caption="The theta neuron is a point on a circle. Filled: stable fixed point; open: unstable one.",
    )
    for x, words, rest in ((70, "*I* < 0", -0.055), (200, "*I* = 0", 0.0), (330, "*I* > 0", None)):

        def place(v: float, x: float = x, r: float = 46.0) -> Point:
            return x + r * math.cos(v), 82 - r * math.sin(v)

        drawing.circle((x, 82), 46, "grey")
        drawing.line([place(math.pi, r=40), place(math.pi, r=52)], "orange bold")
        drawing.text(place(math.pi, r=30), "π", "orange")
        fixed = 0.0 if rest is None else 2 * math.atan(math.pi * math.sqrt(-rest))
        first = -2.6 if rest is None else -2.4
        for start, stop in (
            ((first, -fixed - 0.3), (fixed + 0.3, 2.6)) if rest is not None else ((first, 2.6),)
        ):
            path = [place(v, r=60) for v in np.linspace(start, stop, 40)]
            drawing.arrow(path, "blue small")
        if rest:
            drawing.arrow(
                [place(v, r=60) for v in np.linspace(fixed - 0.25, -fixed + 0.25, 12)], "blue small"
            )
            drawing.circle(place(-fixed), 5, "solid blue")
            drawing.circle(place(fixed), 5, "blue")
        elif rest is not None:
            drawing.circle(place(0), 5, "blue")
        drawing.text((x, 166), words, "small")
    return drawing


def twins() -> Drawing:
    """Draw a neuron and its rate twin under one current, with their filtered rates (chapter 8)."""
    parameters = Parameters()
    currents = 9 * np.sin(2 * math.pi * 5 * np.arange(0, 0.4, float(parameters.dt)))
    _, spikes = _driven(currents, parameters)
    rates = neuron.rate(currents, parameters)
    times = (parameters.tau_r, parameters.tau_d, parameters.dt)
    both = [spikes, rates * float(parameters.dt)]
    filtered = [np.asarray(synaptic_filter.filter_spikes(one, *times)) for one in both]
    top = max(one.max() for one in filtered)
    drawing = Drawing(
        220,
        "One current, a sine, goes two ways. Above, into a neuron, which makes bursts of spikes of it, and "
        "through the filter, which makes a wave with teeth of them. Below, into the f-I curve, which makes "
        "a smooth rate of it, and through the same filter, which makes a smooth wave.",
        caption="A spiking neuron (above) and its rate twin (below) under the same current.",
    )
    drawing.box((48, 110), (84, 56), "grey")
    drawing.trace((48, 110), (74, 42), currents[::20])
    drawing.text((48, 152), "current *I*", "small")
    for y, words, kind, values in (
        (48, "neuron", "blue", filtered[0]),
        (172, "*f*(*I*)", "orange", filtered[1]),
    ):
        drawing.arrow([(92, 110 + (y - 110) * 0.25), (116, y - (y - 110) * 0.15)])
        drawing.circle((138, y), 28, f"{kind} small", words)
        drawing.arrow([(168, y), (184, y)], kind)
        drawing.box((228, y), (84, 56), "grey")
        drawing.arrow([(272, y), (298, y)], kind)
        drawing.box((348, y), (92, 56), "grey")
        drawing.trace((348, y), (82, 46), values[::20], kind, (0.0, top))
    for n in np.flatnonzero(spikes):
        at = 228 + 74 * (n / len(spikes) - 0.5)
        drawing.line([(at, 34), (at, 62)], "blue")
    drawing.trace((228, 172), (74, 42), rates[::20], "orange")
    for y in (87, 211):
        drawing.text((285, y), "filter", "small")
    for x, high, low in ((228, "spikes", "rate"), (348, "*r*", "*r*")):
        drawing.text((x, 87), high, "small")
        drawing.text((x, 211), low, "small")
    return drawing
