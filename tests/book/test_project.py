"""What keeps the project in order: notebooks, requirements, text."""

import re
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from predictions import NUMBER, in_the_open, predictions
from tree import project_files

import forcelib
from forcebook import exercises

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
PAGES = NOTEBOOKS + sorted((ROOT / "pages").glob("*.ipynb"))

chapters = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_the_table_of_contents_lists_every_chapter_in_order():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    assert [f"chapters/{path.stem}" for path in NOTEBOOKS] == [n for n in listed if n.startswith("chapters/")]
    numbers = [int(path.stem[:2]) for path in NOTEBOOKS]
    assert numbers == list(range(1, len(NOTEBOOKS) + 1))


#: The headings that end every chapter, in this order.
LAST = ("## Exercises", "## Self-test", "## Key points", "## What comes next")


def cells(path):
    with open(path, encoding="utf-8") as file:
        return nbformat.read(file, as_version=4).cells


def prose(path):
    return "\n\n".join(cell.source for cell in cells(path) if cell.cell_type == "markdown")


@chapters
def test_chapter_opens_as_the_template_says(path):
    title, install, clock, opener, setup = cells(path)[:5]
    assert [cell.id for cell in (title, install, clock, opener, setup)] == [
        "title",
        "install",
        "clock",
        "opener",
        "setup",
    ]
    assert "drawings.network(" in opener.source
    assert title.source.startswith("# ")
    parts = [title.source.find(f"**{part}**") for part in ("What you will learn", "What you need", "Time")]
    assert parts[0] > 200, "motivation comes first"
    assert parts == sorted(parts)
    learn = title.source[parts[0] : parts[1]]
    assert 3 <= learn.count("\n- ") <= 6
    assert re.search(
        r"^\| necessary \| .+\n\| helpful \| .+", title.source[parts[1] : parts[2]], re.MULTILINE
    )
    assert "{glue:text}`run_time:.0f` s" in title.source
    assert re.search(r"^(from|import) forcelib", setup.source, re.MULTILINE)
    assert "exercises" in setup.source


@chapters
def test_chapter_ends_as_the_template_says(path):
    headings = re.findall(r"^## .+", prose(path), re.MULTILINE)
    assert tuple(headings[-4:]) == LAST
    assert len(headings) >= 7
    last = dict(zip(LAST, re.split("|".join(LAST), prose(path))[-4:], strict=True))
    assert 4 <= len(re.findall(r"^`{3,}\{dropdown\} \d\. .+\?", last["## Self-test"], re.MULTILINE)) <= 7
    assert 4 <= last["## Key points"].count("\n- ") <= 7
    assert cells(path)[-1].id == "run-time"


@chapters
def test_a_prediction_comes_before_a_folded_figure(path):
    page = cells(path)
    asked = [k for k, cell in enumerate(page) if "{admonition} Predict" in cell.source]
    assert asked
    for k in asked:
        assert ":class: predict" in page[k].source
        assert "?" in page[k].source
        following = [cell for cell in page[k + 1 : k + 6] if "hide-output" in cell.metadata.get("tags", [])]
        assert following, page[k].id
        assert following[0].metadata.mystnb.code_prompt_show == "Reveal the {type}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_answer_stands_above_its_prediction(path):
    """Neither its numbers nor what is said of its figure; test_numbers.py looks at what cells print."""
    for asked, above, answer, numbers in predictions(cells(path)):
        revealed = [cell for cell in above if "hide-output" in cell.metadata.get("tags", [])]
        figures = {cell.metadata.get("mystnb", {}).get("figure", {}).get("name") for cell in revealed}
        told = {f"fig {name}" for name in re.findall(r"\{numref\}`([\w-]+)`", answer) if name in figures}
        told |= set(numbers)
        for cell in above:
            text = in_the_open(cell)
            seen = {f"fig {name}" for name in re.findall(r"\{numref\}`([\w-]+)`", text)}
            seen |= {name for name, _ in NUMBER.findall(text)}
            assert not told & seen, f"{cell.id} tells what {asked} asks"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_nothing_but_commentary_follows_an_explorer(path):
    """Until the next heading: what comes after the play is not read."""
    open_section = False
    for cell in cells(path):
        if "remove-cell" in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "code":
            explorer = re.search(r"^explore\(", cell.source, re.MULTILINE)
            assert explorer or not open_section, f"{cell.id} follows an explorer"
            open_section = bool(explorer)
        elif re.search(r"^#+ ", cell.source, re.MULTILINE):
            open_section = False


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_figure_has_caption_alt_text_and_units(path):
    figures = [cell for cell in cells(path) if cell.cell_type == "code" and "plt.show()" in cell.source]
    assert figures
    for cell in figures:
        about = cell.metadata.get("mystnb", {})
        if cell.source.startswith("with figures.style()"):
            assert "hide-input" in cell.metadata.tags, f"{cell.id}: how a figure is drawn is not the lesson"
        assert len(about.get("image", {}).get("alt", "")) > 60, cell.id
        caption = about.get("figure", {}).get("caption", "")
        assert len(caption) > 40, cell.id
        assert about["figure"]["name"].startswith("fig-")
        for label in re.findall(r"[xy]label=r?f?\"([^\"]+)\"", cell.source):
            assert "(" in label or label in WITHOUT_UNIT, (cell.id, label)


#: Labels of axes that count or name things.
WITHOUT_UNIT = {"", "Neuron", "Update", "Number of neurons", "Number of updates"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_hidden_cells_are_hidden_in_both_hosts(path):
    for cell in cells(path):
        if "remove-cell" in cell.metadata.get("tags", []):
            assert cell.cell_type == "code"
            assert cell.metadata.jupyter.source_hidden, cell.id
        elif cell.cell_type == "code":
            assert "glue(" not in cell.source, f"{cell.id}: glue is plumbing"
            # Texts too, which the formatter leaves as they are.
            assert max(map(len, cell.source.splitlines()), default=0) <= 78, f"{cell.id}: a line is too wide"


def test_every_equation_is_numbered_and_cited():
    everything = "\n".join(prose(path) for path in PAGES)
    everything += "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "pages").glob("*.md"))
    everything += "\n".join(
        exercise.task + exercise.explanation
        for chapter in exercises.CHAPTERS
        for exercise in exercises.of_chapter(chapter)
    )
    displayed = re.findall(r"^\$\$\n(?:.+\n)+?\$\$ *(.*)$", everything, re.MULTILINE)
    assert displayed
    labels = [re.fullmatch(r"\((eq-[\w-]+)\)", rest) for rest in displayed]
    assert all(labels), "an equation without a label"
    names = [label[1] for label in labels]
    assert len(set(names)) == len(names)
    cited = set(re.findall(r"\{eq\}`([\w-]+)`", everything))
    assert set(names) <= cited, set(names) - cited


@chapters
def test_terms_and_claims_are_linked(path):
    assert len(set(re.findall(r"\{term\}`([^`]+)`", prose(path)))) >= 5
    assert re.search(r"\{cite:?[pt]?\}`", prose(path))
    assert "{numref}`fig-" in prose(path)


def pins(name):
    """The packages that a file pins, with their versions."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if line.strip()]
    found = [re.match(r"([\w.-]+)(?:\[[\w,]+\])?==([\w.+!]+)(?: ;|$)", line) for line in lines]
    assert all(found), "a line that pins nothing"
    return {(pin[1], pin[2]) for pin in found}


def wanted(*extras):
    """The direct dependencies of forcelib with these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names, todo = set(), list(project["dependencies"])
    todo += [line for extra in extras for line in project["optional-dependencies"][extra]]
    while todo:
        line = todo.pop()
        if own := re.match(r"forcelib\[(.+)\]", line):
            todo += [more for extra in own[1].split(",") for more in project["optional-dependencies"][extra]]
        else:
            names.add(re.match(r"[\w.-]+", line)[0])
    return names


@pytest.mark.parametrize(
    ("name", "extra"),
    [("tests/requirements.txt", "develop"), ("requirements.txt", "book"), ("binder/requirements.txt", "lab")],
)
def test_requirements_pin_every_direct_dependency(name, extra):
    assert wanted(extra) <= {package for package, _ in pins(name)}


def test_all_have_the_same_versions():
    assert pins("binder/requirements.txt") <= pins("requirements.txt") <= pins("tests/requirements.txt")


def test_no_path_of_a_machine_and_no_registry():
    path = re.compile(r"(?<![\w.])/(?:work|root|farm)/")
    for file in project_files():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if file != Path(__file__):
            assert not path.search(text), file
            assert not re.search(r"pypi\.org|pythonhosted\.org|registry\.npmjs", text), file


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_notebook_asks_the_network(path):
    network = r"\b(aiohttp|ftplib|http|httpx|pooch|requests|smtplib|socket|ssl|urllib\d?)\b|https?://|^ *[!%]"
    for cell in cells(path):
        if cell.cell_type == "code" and cell.id != "install":
            assert not re.search(network, cell.source, re.MULTILINE), cell.id


def test_no_array_is_loaded_with_pickle():
    everywhere = [file for file in project_files() if file.suffix in (".py", ".ipynb", ".md")]
    for file in everywhere:
        if file.parent.name != "tests" and file != Path(__file__):
            text = file.read_text(encoding="utf-8")
            assert not re.search(r"np\.load\((?![^)]*allow_pickle=False)", text), file
            assert not re.search(r"allow_pickle=True|import pickle", text), file


def test_the_part_of_the_recording_is_small():
    assert (ROOT / "tests" / "reference" / "seed1.npz").stat().st_size < 300_000


def test_citation_and_package_agree_on_the_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == forcelib.__version__
