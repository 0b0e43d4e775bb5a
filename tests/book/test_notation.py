"""Notation, glossary, bibliography and front page agree with the package and with the chapters."""

import dataclasses
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml
from brian2 import ms, second
from pybtex.database import parse_file

import forcelib
from forcelib import Parameters, measures, model, synaptic_filter

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
PAGES = [ROOT / "index.md", *sorted((ROOT / "pages").glob("*.md")), *sorted((ROOT / "pages").glob("*.ipynb"))]
DEFAULTS = Parameters()
UNITS = {"ms": ms, "s": second}
TERM = r"\{term\}`([^`]+)`"
CITE = r"\{cite(?::\w+)?\}`([^`]+)`"

#: What the chapters may take for granted to be in the glossary.
TERMS = """
spike; spike train; leaky integrate-and-fire neuron; membrane potential; membrane time constant;
threshold; reset; refractory period; bias current; f-I curve; Euler method; time step; synaptic
filter; filtered rate; kernel; Poisson process; coefficient of variation; reservoir; coupling
strength; connection probability; balanced weights; recurrent input; spectral radius; raster; chaos;
seed; encoder; feedback; feedback strength; decoder; readout; teacher; target; error; RMS error;
ridge regression; recursive least squares; inverse correlation matrix; learning rate; RLS gain;
overshoot; FORCE; onset; closed loop; teacher forcing; autonomous oscillator; phase drift;
phase-aligned error; low-rank form; effective weights; engine
"""
TERMS = [" ".join(term.split()) for term in TERMS.split(";")]


def prose(path):
    """Return the text of a page, without its code cells."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    with open(path, encoding="utf-8") as file:
        cells = nbformat.read(file, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


NOTATION = prose(ROOT / "pages" / "notation.md")
FRONT = prose(ROOT / "index.md")


def tables(text):
    """Return each table of a page as a list of rows, and each row as a dict by the heads of its columns."""
    found, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            found.append([dict(zip(rows[0], row, strict=True)) for row in rows[2:]])
            rows = []
    return found


def without_notes(cell):
    return re.sub(r"\s*\[\\\[\d+\\\]\]\(#note-[a-z]\)", "", cell)


def note(letter):
    _, found, rest = NOTATION.partition(f"(note-{letter})=\n")
    assert found, letter
    return " ".join(rest.split("\n\n")[0].split())


ROWS = [row for table in tables(NOTATION) for row in table]
OF_PARAMETERS = [row for row in ROWS if "Default" in row]


def test_the_notation_has_one_row_for_each_parameter():
    named = [row["`forcelib`"] for row in OF_PARAMETERS]
    assert sorted(named) == sorted(f"`{spec.name}`" for spec in dataclasses.fields(Parameters))


@pytest.mark.parametrize("spec", dataclasses.fields(Parameters), ids=lambda spec: spec.name)
def test_a_parameter_has_its_symbol_meaning_default_and_name_in_the_reference_program(spec):
    row = next(row for row in OF_PARAMETERS if row["`forcelib`"] == f"`{spec.name}`")
    about = spec.metadata
    assert row["Symbol"] == (f"${about['symbol']}$" if about["symbol"] else "(none)")
    assert without_notes(row["Meaning"]).replace("$", "") == about["meaning"]
    assert row["Reference"] == (f"`{about['reference']}`" if about["reference"] else "")
    value, shown = getattr(DEFAULTS, spec.name), row["Default"].replace("−", "-")
    if spec.type == "Quantity":
        assert float(value / UNITS[row["Unit"]]) == pytest.approx(float(shown), rel=1e-12)
    elif spec.type in ("int", "float"):
        assert float(shown) == value
        assert row["Unit"] in ("1", "s", "s²", "√s")
    else:
        assert (shown, row["Unit"]) == (str(value), "")


def test_no_symbol_stands_twice():
    symbols = [row["Symbol"] for row in ROWS if row["Symbol"] != "(none)"]
    assert len(set(symbols)) == len(symbols)
    assert all(re.fullmatch(r"\$[^$]+\$", symbol) for symbol in symbols)


def test_the_names_of_variables_exist_in_forcelib():
    homes = {
        "State": forcelib.State,
        "Result": forcelib.Result,
        "RLS": forcelib.RLS,
        "Reservoir": forcelib.Reservoir,
        "Oscillation": measures.Oscillation,
        "synaptic_filter": synaptic_filter,
    }
    equations = model.network_equations() + model.SYNAPSE
    names = [
        name for row in ROWS if "Default" not in row for name in re.findall(r"`(.+?)`", row["`forcelib`"])
    ]
    assert len(names) > 15
    for name in names:
        home, dot, attribute = name.partition(".")
        if dot:
            fields = getattr(homes[home], "__dataclass_fields__", {})
            assert attribute in fields or hasattr(homes[home], attribute), name
        else:
            assert re.search(rf"(?<![\w]){name}(?![\w])", equations), name


def test_every_row_leads_to_a_chapter_and_every_mark_to_a_note():
    for row in ROWS:
        number, path = re.fullmatch(r"\[(\d)\]\(\.\./(chapters/.+)\)", row["Ch."]).groups()
        assert (ROOT / path).name.startswith(f"0{number}_")
        assert (ROOT / path).exists()
    written = re.findall(r"\(note-([a-z])\)=\n\*\*(\d+)\. ", NOTATION)
    referred = re.findall(r"\[\\\[(\d+)\\\]\]\(#note-([a-z])\)", NOTATION)
    assert written == [(chr(ord("a") + k), str(k + 1)) for k in range(len(written))]
    assert set(referred) == {(number, letter) for letter, number in written}


def test_the_numbers_of_updates_in_the_notes():
    dt, steps = 5e-5, range(1, 300_001)
    start, stop = round(5 / dt), round(10 / dt)
    matlab = [i for i in steps if i % 50 == 1 and start < i < stop]
    due = DEFAULTS.rls_steps()
    text = note("g")
    assert f"its step {matlab[0]}, at {matlab[0] * dt:.5f} s: {len(matlab)} updates" in text
    assert f"{len(due)} updates, the first at {due[0] * dt:.4f} s" in text
    assert f"{len(matlab)} or {len(due)} updates" in text


def test_the_numbers_of_held_steps_in_the_notes():
    dt, tref = 0.00005, 0.002
    spikes = np.arange(1, 300_000, 7)
    later = np.arange(1, 60)
    free = dt * (spikes[:, None] + later) > (dt * spikes)[:, None] + tref
    held, often = np.unique(np.argmax(free, axis=1), return_counts=True)
    assert held.tolist() == [39, 40]
    assert often[1] > often[0]
    text = note("h")
    assert f"hold a neuron for {DEFAULTS.in_steps('tau_ref') - 1} steps" in text
    assert "most spikes for 40 steps and some for 39" in text
    assert "first 40 steps" in note("k")
    assert np.argmax(dt * later > 0.0 + tref) == 40  # from a last spike at zero


def test_the_area_of_a_filtered_spike_in_the_notes():
    rise, decay, dt = (float(getattr(DEFAULTS, name)) for name in ("tau_r", "tau_d", "dt"))
    mixed = dt**2 / ((1 - np.exp(-dt / rise)) * (1 - np.exp(-dt / decay)) * rise * decay)
    assert f"area that is {100 * (mixed - 1):.1f} % too large" in note("f")
    spike = np.zeros(20_000)
    spike[0] = 1
    euler = synaptic_filter.filter_spikes(spike, DEFAULTS.tau_r, DEFAULTS.tau_d, DEFAULTS.dt)
    assert float(np.sum(euler) * DEFAULTS.dt) == pytest.approx(1, abs=1e-9)


def glossary():
    """Return the text of each entry of the glossary."""
    body = re.search(
        r"```\{glossary\}\n:sorted:\n(.*?)\n```", prose(ROOT / "pages" / "glossary.md"), re.DOTALL
    )
    entries = re.split(r"\n(?=\S)", body[1].strip())
    return {entry.partition("\n")[0]: entry.partition("\n")[2] for entry in entries}


def used_terms(path):
    """Return the entries to which the terms of a page lead."""
    texts = (" ".join(text.split()) for text in re.findall(TERM, prose(path)))
    return {re.sub(r".*<(.+)>", r"\1", text) for text in texts}


GLOSSARY = glossary()


def test_the_glossary_has_every_entry_of_the_list():
    assert set(TERMS) <= set(GLOSSARY)


@pytest.mark.parametrize("path", [*CHAPTERS, *PAGES], ids=lambda path: path.stem)
def test_every_term_is_in_the_glossary(path):
    assert used_terms(path) - set(GLOSSARY) == set()


@pytest.mark.parametrize("entry", GLOSSARY)
def test_an_entry_links_to_a_page_that_uses_its_term(entry):
    home = ROOT / "pages"
    linked = [(home / name).resolve() for name in re.findall(r"\(([./\w]+\.ipynb)\)", GLOSSARY[entry])]
    assert linked
    assert any(entry in used_terms(path) for path in linked)
    sentences = re.findall(r"[.?](?=\s|$)", re.sub(r"\$[^$]*\$", "", GLOSSARY[entry]))
    assert 1 <= len(sentences) <= 5


BIBLIOGRAPHY = parse_file(ROOT / "references.bib").entries


def cited():
    text = "\n".join(prose(path) for path in [*CHAPTERS, *PAGES])
    return {key.strip() for keys in re.findall(CITE, text) for key in keys.split(",")}


def test_every_work_is_cited_and_every_citation_has_its_work():
    assert cited() == set(BIBLIOGRAPHY)


@pytest.mark.parametrize("key", BIBLIOGRAPHY)
def test_a_work_has_a_doi_or_says_why_not(key):
    entry = BIBLIOGRAPHY[key]
    assert {"title", "year"} <= set(entry.fields)
    assert entry.persons["author"]
    assert not {"url", "eprint"} & set(entry.fields)
    if "doi" in entry.fields:
        assert re.fullmatch(r"10\.\d{4,5}/\S+", entry.fields["doi"])
    elif entry.type in ("article", "book"):
        assert entry.fields["note"].startswith("No DOI")
    else:
        assert entry.fields["howpublished"]
    number = re.search(r"ISBN ([\d-]+X?)", entry.fields.get("note", ""))
    if number:
        digits = [10 if digit == "X" else int(digit) for digit in number[1].replace("-", "")]
        assert len(digits) == 10
        assert sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits, strict=True)) % 11 == 0


def chapter_rows():
    first, beyond = tables(FRONT)
    return first, beyond


def test_the_front_page_lists_the_chapters_and_their_modules():
    rows = [row for part in chapter_rows() for row in part[:-1]]
    assert len(rows) == len(CHAPTERS)
    for number, (row, path) in enumerate(zip(rows, CHAPTERS, strict=True), start=1):
        assert row["No."] == str(number)
        assert row["Chapter"].endswith(f"](chapters/{path.name})")
        assert (ROOT / "forcelib" / f"{row['In `forcelib`'].strip('`')}.py").exists()


def test_the_front_page_leads_to_every_page():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    wanted = {entry["file"] for part in toc["parts"] for entry in part["chapters"]}
    linked = {target.rpartition(".")[0] for target in re.findall(r"\]\(([\w/]+\.\w+)\)", FRONT)}
    assert linked == wanted
