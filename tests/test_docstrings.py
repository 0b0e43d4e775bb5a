"""Every example in a docstring runs.

With the doctest module itself, because importing Brian2 replaces a part of pytest's own.
"""

import doctest
import importlib
import pkgutil

import matplotlib
import pytest

import forcebook
import forcelib
from forcebook import exercises

#: Tasks and solutions, whose docstrings are those of stubs: test_exercises.py tries them.
SOLUTIONS = {f"forcebook.exercises.chapter_{chapter}" for chapter in exercises.CHAPTERS}
MODULES = [
    importlib.import_module(info.name)
    for package in (forcelib, forcebook)
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not info.name.rpartition(".")[2].startswith("_v") and info.name not in SOLUTIONS
]
EXAMPLES = [
    test
    for module in [forcelib, forcebook, *MODULES]
    for test in doctest.DocTestFinder().find(module)
    if test.examples
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda test: test.name)
def test_example_runs(example):
    words = []
    with matplotlib.rc_context({"backend": "agg"}):
        doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(example, out=words.append)
    assert not words, "".join(words)
