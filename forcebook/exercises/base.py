"""What an exercise is: its task, solution and checker, in one place."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import Quantity

__all__ = ["Exercise", "Hint", "Verdict", "close"]


class Hint(Exception):  # noqa: N818
    """Raised by a checker: what is wrong with an answer, in words that help.

    Examples
    --------
    >>> from forcebook.exercises.base import Hint
    >>> str(Hint("This is the time from reset: start at v."))
    'This is the time from reset: start at v.'
    """


@dataclass(frozen=True)
class Verdict:
    """What a checker says of an answer.

    Attributes
    ----------
    passed : bool
    words : str
        One or more sentences for the reader.
    """

    passed: bool
    words: str


@dataclass(frozen=True)
class Exercise:
    """One exercise of a chapter: the page's task, checker, stub and solution.

    Attributes
    ----------
    title : str
    task : str
        Markdown: what the function is given and what it must return, with units.
    solution : callable
        The function asked for; its name names the exercise.
    explanation : str
        Markdown, shown above the solution.
    check : callable
        Given an answer (a function), raises `Hint`, or returns a sentence to show beside "Correct".

    Examples
    --------
    >>> from forcebook import exercises
    >>> exercises.of_chapter(1)[0].stub.endswith("...")
    True
    """

    title: str
    task: str
    solution: Callable
    explanation: str
    check: Callable[[Callable], str | None]

    @property
    def name(self) -> str:
        """str: Name of the function asked for."""
        return self.solution.__name__

    @property
    def source(self) -> str:
        """str: Source of the solution."""
        return textwrap.dedent(inspect.getsource(self.solution)).strip()

    @property
    def stub(self) -> str:
        """str: The solution's signature and docstring, its body replaced by dots."""
        source = self.source
        function = ast.parse(source).body[0]
        assert isinstance(function, ast.FunctionDef)
        docstring = function.body[0]
        head = source.splitlines()[: docstring.end_lineno]
        return "\n".join([*head, "    ..."])

    def verdict(self, answer: Any) -> Verdict:
        """Judge an answer.

        Parameters
        ----------
        answer : callable
            The reader's function.

        Returns
        -------
        Verdict
            Whatever the answer does, short of not returning at all; errors it raises become words.

        Examples
        --------
        >>> from forcebook import exercises
        >>> first = exercises.of_chapter(1)[0]
        >>> first.verdict(first.solution).passed
        True
        """
        if not callable(answer):
            return Verdict(False, f"{self.name} must be a function, not {type(answer).__name__}.")

        def watched(*arguments: Any, **options: Any) -> Any:
            found = answer(*arguments, **options)
            if found is None or found is ...:
                raise _Nothing
            return found

        try:
            praise = self.check(watched)
        except Hint as hint:
            return Verdict(False, str(hint))
        except _Nothing:
            return Verdict(False, f"{self.name} returns nothing: replace the dots, and return the result.")
        except Exception as error:
            return Verdict(False, f"{self.name} raised {type(error).__name__}: {error}")
        return Verdict(True, praise or "")


class _Nothing(Exception):  # noqa: N818
    """The answer returned nothing."""


def close(found: Any, expected: Any, rtol: float = 1e-6, atol: float = 0.0) -> bool:
    """Say whether a result is the expected one, whatever it is.

    Parameters
    ----------
    found : object
        What the reader's function returned.
    expected : array_like or Quantity
        What it should have returned.
    rtol, atol : float, default 1e-6 and 0
        Tolerances, relative and absolute.

    Returns
    -------
    bool
        False for a wrong shape or a thing that is no number, and for NaN.

    Examples
    --------
    >>> from forcebook.exercises.base import close
    >>> close([1.0, 2.0], (1, 2)), close("one", 1), close([1.0], [1.0, 1.0])
    (True, False, False)
    """
    if isinstance(found, Quantity) != isinstance(expected, Quantity):
        return False
    if isinstance(found, Quantity) and found.dim is not expected.dim:
        return False
    try:
        value, wanted = np.asarray(found), np.asarray(expected)
        return value.shape == wanted.shape and bool(np.allclose(value, wanted, rtol=rtol, atol=atol))
    except (TypeError, ValueError):
        return False
