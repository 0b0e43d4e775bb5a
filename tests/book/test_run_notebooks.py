"""What has to run again after a change, and what becomes of a run that fails."""

import nbformat
import pytest
import run_notebooks
from jupyter_cache import get_cache
from nbformat.v4 import new_code_cell, new_notebook

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Packages of a few lines, in the place of those of the book."""
    texts = {
        "forcelib/rls.py": '"""RLS."""\n\n\ndef step(x):\n    """Step."""\n    return x + 1\n',
        "forcelib/engines/kernel.cpp": "int N = 1;\n",
        "forcebook/exercises/chapter_1.py": "EXERCISES = [1]\n",
        "requirements.txt": "numpy==2.3\n",
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    made_from = run_notebooks.made_from
    monkeypatch.setattr(run_notebooks, "made_from", lambda: made_from(tmp_path))
    return tmp_path


def notebook(root, page, *sources):
    path = root / f"{page}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(metadata=KERNEL, cells=[new_code_cell(source) for source in sources]), path)
    return {page: path}


def run(root, pages):
    """Run what has to; return what was said."""
    said = []
    run_notebooks.run(pages, root / "cache", say=said.append)
    return sorted(line for line in said if "has run" not in line)


def kept(root, pages, page):
    notebook = nbformat.read(pages[page], as_version=4)
    return not run_notebooks.reason(get_cache(root / "cache"), page, notebook, run_notebooks.made_from())


def edit(path, before, after):
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_only_what_a_change_can_affect_runs_again(project):
    pages = notebook(project, "chapters/01_a", "import os; print(os.environ['FORCELIB_FRAMES'])")
    pages |= notebook(project, "pages/b", "print(2)")
    assert run(project, pages) == ["chapters/01_a runs: no run is kept", "pages/b runs: no run is kept"]
    for page, said in (("chapters/01_a", "1\n"), ("pages/b", "2\n")):
        merged = get_cache(project / "cache").merge_match_into_notebook(nbformat.read(pages[page], 4))[1]
        assert merged.cells[0].outputs[0].text == said
    none = ["chapters/01_a is kept", "pages/b is kept"]
    rls = project / "forcelib" / "rls.py"
    edit(rls, "RLS.", "Recursive least squares.")
    edit(rls, '"""Step."""\n', '"""Return the next one."""\n    # a comment\n')
    assert run(project, pages) == none
    edit(project / "forcebook/exercises/chapter_1.py", "[1]", "[2]")
    assert run(project, pages) == ["chapters/01_a runs: forcebook/exercises/chapter_1.py changed", none[1]]
    edit(rls, "x + 1", "x + 2")
    edit(project / "forcelib/engines/kernel.cpp", "1", "2")
    why = "forcelib/engines/kernel.cpp, forcelib/rls.py changed"
    assert run(project, pages) == [f"chapters/01_a runs: {why}", f"pages/b runs: {why}"]
    pages |= notebook(project, "pages/b", "print(3)")
    assert run(project, pages) == [none[0], "pages/b runs: its code changed"]
    assert run(project, pages) == none


@pytest.mark.parametrize(
    ("source", "words"),
    [("1 / 0", "ZeroDivisionError"), ("import sys; print('oh', file=sys.stderr)", "oh")],
)
def test_a_run_that_fails_is_told_and_the_others_are_kept(project, source, words):
    pages = notebook(project, "pages/bad", source) | notebook(project, "pages/good", "print(1)")
    with pytest.raises(run_notebooks.NotebookError, match=f"(?s)^pages/bad: .*{words}"):
        run(project, pages)
    assert not kept(project, pages, "pages/bad")
    assert kept(project, pages, "pages/good")
