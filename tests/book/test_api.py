"""All that pages/api.md shows is documented in full."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "pages" / "api.md"
MODULES = re.findall(r"automodule:: (\S+)\n +:members:(.*)", PAGE.read_text("utf-8"))


def shown():
    """Yield the functions and classes that the page shows, and the methods of the classes."""
    for name, members in MODULES:
        module = importlib.import_module(name)
        own = [each for each, thing in vars(module).items() if getattr(thing, "__module__", "") == name]
        public = [each for each in own if not each.startswith("_")]
        for member in re.findall(r"\w+", members) or getattr(module, "__all__", public):
            thing = getattr(module, member)
            if callable(thing):
                yield pytest.param(thing, id=f"{name}.{member}")
            if inspect.isclass(thing):
                for method, function in inspect.getmembers(thing, inspect.isroutine):
                    if not method.startswith("_") and str(getattr(function, "__module__", "")).startswith(
                        "force"
                    ):
                        yield pytest.param(function, id=f"{name}.{member}.{method}")


@pytest.mark.parametrize("thing", shown())
def test_docstring_is_complete(thing):
    text = inspect.getdoc(thing)
    assert text
    if inspect.isclass(thing):
        assert issubclass(thing, Exception) or "Parameters\n---" in text or "Attributes\n---" in text
        return
    signature = inspect.signature(thing)
    arguments = [name for name in signature.parameters if name != "self"]
    if arguments:
        section = text.split("Parameters\n---")[1]
        assert not [name for name in arguments if name not in section]
    if signature.return_annotation not in (None, "None", inspect.Signature.empty):
        assert "Returns\n---" in text or "Yields\n---" in text
    if thing.__name__ not in ("build_native", "simulate"):
        assert ">>>" in text
