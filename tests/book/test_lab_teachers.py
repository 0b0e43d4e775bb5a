"""The lab's teachers are those of forcelib: their formulas, read as JavaScript, give the same numbers."""

import json
import re
import subprocess

import live_lab
import numpy as np
import pytest
from brian2 import Hz
from browser import NODE

from forcelib import teachers

# Seconds; none is near a corner of the sawtooth, where asin loses half of the digits.
TIMES = np.arange(0, 15, 0.002) + 0.0005


@pytest.fixture(scope="module")
def in_node():
    """Values of each shape, for a teacher of 5 cycles in a second."""
    program = f"""{(live_lab.LAB / "measures.js").read_text("utf-8")}
        {live_lab.shapes()}
        const cycles = {(5 * TIMES).tolist()};
        const values = Object.entries(SHAPES).map(([name, shape]) => [name, cycles.map((x) => shape(x))]);
        console.log(JSON.stringify(Object.fromEntries(values)));"""
    done = subprocess.run([NODE, "-"], input=program, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("shape", "teacher"),
    [
        ("sine", teachers.sine(5 * Hz)),
        ("sawtooth", teachers.sawtooth(5 * Hz)),
        ("product", teachers.product_of_sines(4 * Hz, 6 * Hz)),
    ],
)
def test_the_lab_has_the_teachers_of_forcelib(in_node, shape, teacher):
    # The phase reaches 500 rad, known to 1e-13.
    np.testing.assert_allclose(np.ravel(in_node[shape]), teacher(TIMES), rtol=0, atol=5e-13)


@pytest.mark.parametrize("shape", live_lab.PAIRS)
def test_the_pairs_are_those_of_forcelib(in_node, shape):
    np.testing.assert_allclose(in_node[shape], live_lab.PAIRS[shape](5 * TIMES), rtol=0, atol=5e-6)


def test_a_reader_can_choose_every_shape(in_node):
    page = (live_lab.LAB / "lab.html").read_text("utf-8")
    choice = re.search(r'<select id="lab-shape".*?</select>', page, re.DOTALL).group()
    assert re.findall(r'value="(\w+)"', choice) == [*live_lab.SHAPES, "own", "memory", *live_lab.PAIRS]
