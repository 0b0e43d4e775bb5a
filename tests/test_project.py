"""What keeps the project in order: notebooks, requirements, text."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml

import forcelib

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_there_are_five_chapters_in_the_table_of_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    assert [f"chapters/{path.stem}" for path in NOTEBOOKS] == [n for n in listed if n.startswith("chapters/")]
    assert len(NOTEBOOKS) == 5


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_clean(path):
    notebook = nbformat.read(str(path), as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_chapter_follows_the_template(path):
    text = [cell.source for cell in nbformat.read(str(path), as_version=4).cells]
    first, words = text[0], "\n".join(text)
    assert first.startswith("# ")
    for part in ("What you will learn", "What you need"):
        assert part in first
    assert "## Key points" in words
    assert "## What comes next" in words
    assert re.search(r"^(from|import) forcelib", words, re.MULTILINE)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_figure_has_caption_and_alt_text(path):
    for cell in nbformat.read(str(path), as_version=4).cells:
        if cell.cell_type == "code" and "plt.show()" in cell.source:
            about = cell.metadata.get("mystnb", {})
            assert len(about.get("image", {}).get("alt", "")) > 40, cell.id
            assert len(about.get("figure", {}).get("caption", "")) > 40, cell.id


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_code_fits_the_page(path):
    for cell in nbformat.read(str(path), as_version=4).cells:
        if cell.cell_type == "code":
            for line in cell.source.splitlines():
                assert len(line) <= 78, (cell.id, line)


def test_requirements_pin_every_direct_dependency_for_each_python():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + [
        d for extra in project["optional-dependencies"].values() for d in extra
    ]
    pins = (ROOT / "requirements.txt").read_text().splitlines()
    assert all(re.match(r"[\w.-]+(\[[\w,]+\])?==[\w.+!]+( ;|$)", line) for line in pins if line.strip())
    pinned = {line.split("==")[0].split("[")[0] for line in pins}
    assert {re.match(r"[\w.-]+", name)[0] for name in wanted} <= pinned


def test_no_path_of_a_machine_and_no_registry():
    path = re.compile(r"(?<![\w.])/(?:work|root|farm)/")
    for file in tracked():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if file != Path(__file__):
            assert not path.search(text), file
            assert not re.search(r"pypi\.org|pythonhosted\.org|registry\.npmjs", text), file


def test_the_part_of_the_recording_is_small():
    assert (ROOT / "tests" / "reference" / "seed1.npz").stat().st_size < 300_000


def test_citation_and_package_agree_on_the_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == forcelib.__version__


def test_importing_forcelib_changes_nothing():
    program = """
import json, signal, warnings
import brian2, matplotlib.pyplot, numpy as np, scipy.integrate, scipy.sparse
def look():
    return [str(brian2.get_device()), float(brian2.defaultclock.dt), repr(brian2.prefs.as_file),
            str(np.random.get_state()[1].sum()), str(np.geterr()), repr(sorted(matplotlib.rcParams.items())),
            str(signal.getsignal(signal.SIGINT)), str(len(warnings.filters))]
before = look()
import forcelib, forcelib.figures, forcelib.__main__
print(json.dumps([before, look()]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    before, after = json.loads(done.stdout)
    assert before == after
