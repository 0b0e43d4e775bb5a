"""The program of pages/idea.ipynb is whole: forty lines, NumPy alone, and it learns."""

import ast

import numpy as np
from browser import ROOT
from run_notebooks import read


def test_the_program_of_the_idea_is_forty_lines_of_numpy_and_learns():
    (source,) = (cell.source for cell in read(ROOT / "pages" / "idea.ipynb").cells if cell.id == "program")
    assert len(source.splitlines()) <= 40
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert [ast.unparse(node) for node in imports] == ["import numpy as np"]
    names: dict = {}
    exec(source, names)
    z, x, off = names["z"], names["x"], names["off"]
    assert np.sqrt(np.mean((z - x)[off:] ** 2)) < 0.1
    assert np.sqrt(np.mean(x**2)) > 0.5
