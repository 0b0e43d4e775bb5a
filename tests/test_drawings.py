"""The drawings: whole, within their canvas, in the style, and true where they are computed."""

import re
import xml.etree.ElementTree as ET
from importlib.resources import files

import numpy as np
import pytest
from brian2 import second

import forcelib
from forcebook import drawings
from forcelib import ParameterError

ALL = {
    name: getattr(drawings, name)()
    for name in (
        *("circuit", "clamp", "clocks", "generator", "loop", "methods", "moments"),
        *("network", "outlier", "outputs", "step", "theta_circle", "twins", "update", "wirings"),
    )
}
ALL |= {f"network {part}": drawings.network(part) for part in drawings.PARTS}
ALL["activity"] = drawings.activity(
    forcelib.run(
        seed=1,
        parameters=forcelib.Parameters(
            N=50, rls_start=1.2 * second, rls_stop=2.4 * second, duration=3.5 * second, gain="textbook"
        ),
    )
)
each = pytest.mark.parametrize("drawing", ALL.values(), ids=ALL)


def shapes(drawing, tag):
    return ET.fromstring(drawing.svg()).iter(f"{{http://www.w3.org/2000/svg}}{tag}")


@each
def test_it_is_told_to_those_who_do_not_see_it(drawing):
    root = ET.fromstring(drawing.svg())
    assert root.get("role") == "img"
    assert len(root.get("aria-label")) > 60


@each
def test_nothing_lies_outside(drawing):
    found = [
        tuple(map(float, place))
        for shape in (*shapes(drawing, "path"), *shapes(drawing, "polygon"))
        for place in re.findall(r"(-?[\d.]+)[ ,](-?[\d.]+)", shape.get("d") or shape.get("points"))
    ]
    for shape in shapes(drawing, "circle"):
        x, y, radius = (float(shape.get(name)) for name in ("cx", "cy", "r"))
        found += [(x - radius, y - radius), (x + radius, y + radius)]
    found += [(float(text.get("x")), float(text.get("y"))) for text in shapes(drawing, "text")]
    x, y = np.array(found).T
    assert x.min() >= 0
    assert y.min() >= 0
    assert x.max() <= drawings.WIDTH
    assert y.max() <= drawing.height


@each
def test_every_kind_of_shape_has_a_style(drawing):
    style = files("forcebook").joinpath("drawings.css").read_text(encoding="utf-8")
    named = set(re.findall(r"\.([a-z]+)", style))
    used = {name for found in re.findall(r'class="([^"]+)"', drawing.svg()) for name in found.split()}
    free = {
        "part",
        "cell",
        "signal",
        "rls",
        "small",
        *drawings.PARTS,
    }  # names for scripts, and of sizes of arrows
    assert {name for name in used if not name.startswith("cell-")} - free <= named


@pytest.mark.parametrize("part", drawings.PARTS)
def test_one_part_is_lit(part):
    groups = [group.get("class").split() for group in shapes(drawings.network(part), "g")]
    assert any(part in group for group in groups)
    for group in groups:
        assert ("unlit" in group) == (part not in group)


def test_a_part_that_is_none():
    with pytest.raises(ParameterError, match="lit = 'axon' must be one of 'neuron', 'filter'"):
        drawings.network("axon")


def centres(drawing, kind):
    return np.array(
        [
            (float(shape.get("cx")), float(shape.get("cy")))
            for shape in shapes(drawing, "circle")
            if kind in shape.get("class")
        ]
    )


def test_a_pair_of_eigenvalues_has_left_the_disc():
    drawing = ALL["outlier"]
    (centre,) = (shape for shape in shapes(drawing, "circle") if shape.get("class") == "shape grey")
    x, y, radius = (float(centre.get(name)) for name in ("cx", "cy", "r"))
    pair = (centres(drawing, "solid blue") - (x, y)) / radius
    wanted = 1.5 * np.exp([0.6j, -0.6j])
    assert np.abs(np.sort_complex(pair[:, 0] - 1j * pair[:, 1]) - np.sort_complex(wanted)).max() < 1e-2
    inside = (centres(drawing, "solid grey") - (x, y)) / radius
    assert np.hypot(*inside.T).max() < 1.15


def test_an_update_shrinks_P_along_r_alone():
    drawing = ALL["update"]
    before, after = (
        np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", shape.get("d")), dtype=float)
        for shape in shapes(drawing, "path")
        if shape.get("d").endswith("Z")
    )
    centre = before.mean(axis=0)
    sizes = [np.linalg.svd(ellipse - centre, compute_uv=False) for ellipse in (before, after)]
    across, along = sizes[1] / sizes[0]
    assert across == pytest.approx(1, abs=0.01)
    q = 1.3**2
    assert along == pytest.approx(1 / (1 + q), abs=0.01)


def test_the_theta_neuron_stands_still_at_the_fixed_points_that_are_drawn():
    filled, *_ = centres(ALL["theta_circle"], "solid blue")
    v = np.arctan2(82 - filled[1], filled[0] - 70)
    drive = {current: 1 - np.cos(v) + np.pi**2 * (1 + np.cos(v)) * current for current in (-0.055, 0.0)}
    assert abs(drive[-0.055]) < 0.01 < drive[0.0]
    assert len(centres(ALL["theta_circle"], "solid blue")) == 1
