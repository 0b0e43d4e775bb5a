"""Every public thing is documented, and every example in a docstring runs.

With the doctest module itself, because importing Brian2 replaces a part of pytest's own.
"""

import doctest
import importlib
import inspect
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


def public():
    """Yield the name, the object and its owner for all that the modules list in __all__, and its methods."""
    for module in MODULES:
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name)
            if not callable(thing) or thing.__module__ != module.__name__:
                continue
            yield f"{module.__name__}.{name}", thing
            if inspect.isclass(thing):
                for method, member in vars(thing).items():
                    function = getattr(member, "__func__", member)
                    if not method.startswith("_") and inspect.isfunction(function):
                        yield f"{module.__name__}.{name}.{method}", function


@pytest.mark.parametrize(("name", "thing"), [pytest.param(n, t, id=n) for n, t in public()])
def test_docstring_is_complete(name, thing):
    text = inspect.getdoc(thing)
    assert text
    if inspect.isclass(thing):
        if issubclass(thing, Exception):
            return
        assert "Parameters\n---" in text or "Attributes\n---" in text
        return
    arguments = [p for p in inspect.signature(thing).parameters if p not in ("self", "cls")]
    if arguments:
        assert "Parameters\n---" in text
        section = text.split("Parameters\n---")[1]
        for argument in arguments:
            assert argument in section, f"{argument} is not described"
    returns = inspect.signature(thing).return_annotation
    if returns not in (None, "None", inspect.Signature.empty):
        assert "Returns\n---" in text or "Yields\n---" in text
    if "build_native" not in name and "simulate" not in name:
        assert ">>>" in text
