"""The doors to the book: one address for all of them, Binder, Colab, notebooks to download."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from browser import HTML, PAGES, ROOT, need
from bs4 import BeautifulSoup
from set_address import Address, pages_address, present, set_address, wanted
from tree import project_files

NOTEBOOKS = [name for name in PAGES if (ROOT / name).with_suffix(".ipynb").exists()]
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text())


@pytest.fixture
def copy(tmp_path):
    """A copy of the project's files, and their names."""
    names = [path.relative_to(ROOT).as_posix() for path in project_files()]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path, names


def test_all_copies_of_the_address_agree(copy):
    assert set_address(*copy) == []


def test_a_new_address_is_set_in_one_place(copy):
    root, names = copy
    before = present(root)
    config = root / "_config.yml"
    text = config.read_text()
    after = Address("Ada Example", "https://github.com/ada/neurons.jl", "https://ada.github.io/neurons.jl/")
    for old, new in zip(before[:2], after[:2], strict=True):
        assert text.count(old) == 1
        text = text.replace(old, new)
    config.write_text(text)
    changed = set_address(root, names)
    holders = {"CITATION.cff", "LICENSE", "README.md", "pyproject.toml", "chapters/01_neuron.ipynb"}
    assert holders <= set(changed)
    assert present(root) == after
    owner = re.search(r"github\.com/([\w-]+)/", before.repository)[1]
    for name in names:
        try:
            left = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        assert not re.search(rf"\b{owner}[/.](?!NAME)|{re.escape(before.author)}", left), name
    assert set_address(root, names) == []


@pytest.mark.parametrize(
    ("repository", "pages"),
    [
        ("https://github.com/Ada/force", "https://ada.github.io/force/"),
        ("https://github.com/Ada/ada.github.io", "https://ada.github.io/"),
    ],
)
def test_address_of_the_pages(repository, pages):
    assert pages_address(repository) == pages


@pytest.mark.parametrize(
    "repository", ["git@github.com:ada/force.git", "https://github.com/ada", "ada/force"]
)
def test_address_that_is_none(repository):
    with pytest.raises(ValueError, match=r"repository\.url = .+ must be of the form"):
        pages_address(repository)


def install_cell(path):
    (found,) = (cell for cell in nbformat.read(str(path), as_version=4).cells if cell.id == "install")
    return found


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_first_code_installs_what_is_missing(name):
    path = (ROOT / name).with_suffix(".ipynb")
    code = [cell for cell in nbformat.read(str(path), as_version=4).cells if cell.cell_type == "code"]
    assert code[0].id == "install"
    assert "remove-cell" in code[0].metadata.tags
    repository = CONFIG["repository"]["url"]
    assert f'%pip install --quiet "forcelib @ git+{repository}"' in code[0].source
    assert code[0].source == install_cell(ROOT / "chapters" / "01_neuron.ipynb").source


def run_install_cell(missing):
    """Run the cell in a fresh IPython; return what it asks pip for."""
    program = f"""
import importlib.util, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
asked = []
shell.register_magic_function(asked.append, magic_name="pip")
if {missing}:
    importlib.util.find_spec = lambda name: None
shell.run_cell({install_cell(ROOT / "chapters" / "01_neuron.ipynb").source!r}).raise_error()
print(asked)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_first_cell_does_nothing_where_forcelib_is():
    assert run_install_cell(missing=False) == "[]"


def test_the_first_cell_installs_where_forcelib_is_not():
    repository = CONFIG["repository"]["url"]
    assert run_install_cell(missing=True) == repr([f'install --quiet "forcelib @ git+{repository}"'])


def built(name):
    path = HTML / name
    need(path.exists(), "the book is not built: make book")
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("name", [*PAGES, "search.html", "genindex.html"])
def test_the_doors_of_a_page(name):
    """Its address, what runs it elsewhere, and the notebook to download."""
    page = built(name)
    slug = CONFIG["repository"]["url"].removeprefix("https://github.com/")
    binder = f"https://mybinder.org/v2/gh/{slug}/main?urlpath=lab/tree/"
    notebook = name.replace(".html", ".ipynb")
    doors = {"Binder": f"{binder}index.md"}
    if name in NOTEBOOKS:
        doors = {
            "Binder": binder + notebook,
            "Colab": f"https://colab.research.google.com/github/{slug}/blob/main/{notebook}",
        }
        links = [link["href"] for link in page.select(".dropdown-download-buttons a[href]")]
        (found,) = [link for link in links if link.endswith(".ipynb")]
        assert ((HTML / name).parent / found).read_bytes() == (ROOT / notebook).read_bytes()
    links = page.select(".dropdown-launch-buttons a[href]")
    assert {link.get_text(strip=True): link["href"] for link in links} == doors
    if name in PAGES:
        assert page.select_one("link[rel=canonical]")["href"] == wanted(ROOT).pages + name


def test_binder_opens_markdown_as_pages():
    overrides = json.loads((ROOT / "binder" / "overrides.json").read_text())
    viewers = overrides["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"]
    assert viewers["markdown"] == "Jupytext Notebook"
    for name in ("postBuild", "start"):
        script = ROOT / "binder" / name
        assert os.access(script, os.X_OK), name
        assert script.read_text().startswith("#!/usr/bin/env bash\n"), name


def test_binder_has_a_python_that_forcelib_supports():
    version = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"Programming Language :: Python :: {version}" in Path(ROOT / "pyproject.toml").read_text()
