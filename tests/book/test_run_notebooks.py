"""What has to run again after a change, and what becomes of a run that fails."""

import re

import nbformat
import pytest
import run_notebooks
from jupyter_cache import get_cache
from nbformat.v4 import new_code_cell, new_notebook

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
MARKDOWN = """---
jupytext: {text_representation: {format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---
Prose.

```{code-cell} ipython3
print(3)
```
"""


@pytest.fixture
def project(tmp_path):
    """Packages of a few lines, in the place of those of the book."""
    texts = {
        "forcelib/rls.py": '"""RLS."""\n\n\ndef step(x):\n    """Step."""\n    return x + 1\n',
        "forcelib/engines/kernel.cpp": "int N = 1;\n",
        "forcebook/exercises/chapter_1.py": "EXERCISES = [1]\n",
        "requirements.txt": "numpy==2.3\n",
        "chapters/01_a.ipynb": notebook("import os; print(os.environ['FORCELIB_FRAMES'])"),
        "pages/b.ipynb": notebook("print(2)"),
        "pages/c.md": MARKDOWN,
        "pages/d.md": "Prose alone.\n",
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def notebook(source):
    return nbformat.writes(new_notebook(metadata=KERNEL, cells=[new_code_cell(source)]))


def pages(root):
    paths = [*root.glob("chapters/*"), *root.glob("pages/*")]
    found = {f"{path.parent.name}/{path.stem}": run_notebooks.read(path) for path in paths}
    return {page: notebook for page, notebook in sorted(found.items()) if notebook}


def run(root):
    """Run what has to; return why, for each page that does."""
    said = []
    run_notebooks.run(pages(root), root, root / "cache", say=said.append)
    assert {line.split()[0] for line in said} == {*pages(root)}
    return dict(line.split(" runs: ") for line in said if " runs: " in line)


def kept(root, page):
    made_from = run_notebooks.made_from(root)
    return not run_notebooks.reason(get_cache(root / "cache"), page, pages(root)[page], made_from)


def edit(path, before, after):
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


class Client:
    """Runs nothing."""

    km = None

    def __init__(self, notebook, **_):
        pass

    async def async_execute(self, **_):
        pass


def test_only_what_a_change_can_affect_runs_again(project, monkeypatch):
    monkeypatch.setattr(run_notebooks, "NotebookClient", Client)
    assert run(project) == dict.fromkeys(("chapters/01_a", "pages/b", "pages/c"), "no run is kept")
    rls = project / "forcelib" / "rls.py"
    edit(rls, "RLS.", "Recursive least squares.")
    edit(rls, '"""Step."""\n', '"""Return the next one."""\n    # a comment\n')
    edit(project / "pages/c.md", "Prose", "More prose")
    assert run(project) == {}
    edit(project / "forcebook/exercises/chapter_1.py", "[1]", "[2]")
    assert run(project) == {"chapters/01_a": "forcebook/exercises/chapter_1.py changed"}
    edit(project / "pages/b.ipynb", "print(2)", "print(4)")
    assert run(project) == {"pages/b": "its code changed"}
    edit(rls, "x + 1", "x + 2")
    edit(project / "forcelib/engines/kernel.cpp", "1", "2")
    assert run(project) == dict.fromkeys(
        pages(project), "forcelib/engines/kernel.cpp, forcelib/rls.py changed"
    )


def test_a_run_that_fails_is_told_and_the_others_are_kept(project):
    (project / "pages/b.ipynb").write_text(notebook("1 / 0"))
    edit(project / "pages/c.md", "print(3)", "import sys; print('oh', file=sys.stderr)")
    with pytest.raises(run_notebooks.NotebookError) as told:
        run(project)
    assert re.search(r"(?s)^pages/b: .*ZeroDivisionError", str(told.value), re.MULTILINE)
    assert re.search(r"^pages/c: oh", str(told.value), re.MULTILINE)
    assert {page for page in pages(project) if not kept(project, page)} == {"pages/b", "pages/c"}
    kept_run = get_cache(project / "cache").merge_match_into_notebook(pages(project)["chapters/01_a"])[1]
    assert kept_run.cells[0].outputs[0].text == "1\n"  # FORCELIB_FRAMES
