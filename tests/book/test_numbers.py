"""Every notebook ran without error as the book was built; every number in its prose is what these tables say.

The notebooks are not run again: make book first.
"""

import ast
import json
import re

import pytest
import yaml
from browser import ROOT
from build_book import changed
from jupyter_cache import get_cache
from predictions import predictions, shows_output
from run_notebooks import CACHE, HEAVY, made_from, read, reason

EXECUTED = ROOT / "_build" / "jupyter_execute"
PAGES = sorted([*(ROOT / "chapters").glob("*.ipynb"), *(ROOT / "pages").glob("*.ipynb")])
NOTEBOOKS = [*PAGES, *(path for path in (ROOT / "index.md", *(ROOT / "pages").glob("*.md")) if read(path))]
CHAPTERS = [path for path in PAGES if path.parent.name == "chapters"]
#: What every page says of itself: how long it took, in seconds.
CLOCK = "run_time"


def name(path):
    return path.stem


def expected(path):
    with open(ROOT / "tests" / "book" / "numbers" / f"{path.stem}.yml", encoding="utf-8") as file:
        return yaml.safe_load(file)


def in_prose(path):
    cells = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    return set(re.findall(r"\{glue:text\}`(\w+)(?::[^`]*)?`", "\n".join(cells)))


@pytest.fixture
def executed(request):
    """Return a page as it ran for the book, if that was with the present sources."""
    path, cache = request.param, get_cache(CACHE)
    notebook = read(path)
    page = path.relative_to(ROOT).with_suffix("").as_posix()
    assert reason(cache, page, notebook, made_from()) == "", "make book"
    return path, cache.merge_match_into_notebook(notebook)[1]


def glued(path):
    with open(EXECUTED / path.relative_to(ROOT).with_suffix(".glue.json"), encoding="utf-8") as file:
        stored = json.load(file)
    return {key: output["data"]["text/plain"] for key, output in stored.items()}


def test_the_book_is_of_the_present_sources():
    assert changed() == [], "make book"


@pytest.mark.parametrize("executed", NOTEBOOKS, ids=name, indirect=True)
def test_the_run_is_of_the_present_sources_and_without_error(executed):
    _, page = executed
    cells = [cell for cell in page.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error"] == []
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []


@pytest.mark.parametrize("executed", NOTEBOOKS, ids=name, indirect=True)
def test_figures_are_vectors_unless_they_would_be_heavy(executed):
    _, page = executed
    outputs = [output for cell in page.cells for output in cell.get("outputs", [])]
    shown = [
        output for output in outputs if any(kind.startswith("image/") for kind in output.get("data", {}))
    ]
    weights = [output.metadata.get("characters_as_vectors", 0) for output in shown]
    kinds = [{kind for kind in output.data if kind.startswith("image/")} for output in shown]
    assert kinds == [{"image/png" if weight > HEAVY else "image/svg+xml"} for weight in weights]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_the_table_lists_what_the_prose_uses(path):
    assert set(expected(path)) == in_prose(path) - {CLOCK}
    assert CLOCK in in_prose(path)


@pytest.mark.parametrize("executed", PAGES, ids=name, indirect=True)
def test_numbers_are_what_they_were(executed):
    path, _ = executed
    found = glued(path)
    assert set(expected(path)) | {CLOCK} == set(found), "glued, but not listed or not used"
    for key, wanted in expected(path).items():
        value = ast.literal_eval(found[key])
        if wanted.get("timing"):
            assert 0 < float(value) < 1e6, key
        elif isinstance(wanted["value"], str):
            assert value == wanted["value"], key
        else:
            assert abs(float(value) - wanted["value"]) <= wanted["tolerance"], (key, value, wanted)


@pytest.mark.parametrize("executed", PAGES, ids=name, indirect=True)
def test_no_answer_is_printed_above_its_prediction(executed):
    """A number of two digits may be there by chance; one of four, or two numbers in one output, are not."""
    path, page = executed
    said, cells, found = {}, read(path).cells, glued(path)
    for cell, ran in zip(cells, page.cells, strict=True):
        said[cell.id] = " ".join(output.get("text", "") for output in ran.get("outputs", []))
    for asked, above, _, numbers in predictions(cells):
        told = {format(ast.literal_eval(found[key]), form) for key, form in numbers.items()}
        digits = {number: len(re.sub(r"\D", "", number).lstrip("0")) for number in told}
        for cell in filter(shows_output, above):
            words = set(re.findall(r"\d+(?:\.\d+)?", said[cell.id]))
            seen = [number for number in told if digits[number] > 1 and number.lstrip("-") in words]
            chance = len(seen) < 2 and all(digits[number] < 4 for number in seen)
            assert chance, f"{cell.id} prints {seen}, which {asked} asks for"


@pytest.mark.parametrize("executed", CHAPTERS, ids=name, indirect=True)
def test_solutions_were_correct_and_stubs_not_yet(executed):
    _, page = executed
    said = {
        cell.id: "".join(output.get("text", "") for output in cell.outputs)
        for cell in page.cells
        if cell.cell_type == "code"
    }
    stubs = [text for cell, text in said.items() if cell.startswith("ex-") and cell.endswith("-stub")]
    solutions = [text for cell, text in said.items() if cell.startswith("ex-") and cell.endswith("-solution")]
    assert stubs
    assert len(stubs) == len(solutions)
    assert all(text.startswith("Not yet. ") for text in stubs)
    assert all(re.search(r"^(Correct|Plausible)\. ", text, re.MULTILINE) for text in solutions)
