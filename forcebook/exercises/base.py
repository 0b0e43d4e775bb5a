"""What an exercise is, of each of the four kinds: its task, solution and checker, in one place."""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import numbers
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import brian2
import numpy as np
from brian2 import Quantity

__all__ = ["ByHand", "Exercise", "Function", "Hint", "Measure", "Mend", "Verdict", "altered", "close"]


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


@dataclass(frozen=True, kw_only=True)
class Exercise(ABC):
    """One exercise of a chapter: what all four kinds have.

    Attributes
    ----------
    title : str
    task : str
        Markdown: what is given and what is asked for, with units.
    solution : callable
        A function; its name names the exercise.
    explanation : str
        Markdown, shown above the solution.
    stars : int
        Difficulty, 1 to 3.
    kind : str
        What the exercise asks for, in words.
    praise : str
        First word to an answer that passes.

    Examples
    --------
    >>> from forcebook import exercises
    >>> first = exercises.of_chapter(1)[0]
    >>> first.label, first.about
    ('ex-time-to-threshold', 'Write a function. Difficulty 1 of 3.')
    """

    title: str
    task: str
    solution: Callable
    explanation: str
    stars: int
    kind: ClassVar[str]
    praise: ClassVar[str] = "Correct."

    @property
    def name(self) -> str:
        """str: Name of the solution."""
        return self.solution.__name__

    @property
    def label(self) -> str:
        """str: Label of the exercise on its page."""
        return f"ex-{self.name.replace('_', '-')}"

    @property
    def heading(self) -> str:
        """str: Title with the stars."""
        return f"{self.title} {'★' * self.stars}{'☆' * (3 - self.stars)}"

    @property
    def about(self) -> str:
        """str: Kind and difficulty in words."""
        return f"{self.kind}. Difficulty {self.stars} of 3."

    @property
    @abstractmethod
    def source(self) -> str:
        """str: Source of the solution, as the page shows it."""

    @property
    @abstractmethod
    def stub(self) -> str:
        """str: What the reader begins with."""

    @property
    @abstractmethod
    def call(self) -> str:
        """str: The line that asks for the verdict."""

    @abstractmethod
    def _judge(self, answer: Any) -> str | None:
        """Raise a `Hint`, or return a sentence to show beside the praise."""

    def verdict(self, answer: Any) -> Verdict:
        """Judge an answer.

        Parameters
        ----------
        answer : object
            What the exercise asks for: a function, a number with or without a unit, or a dictionary.

        Returns
        -------
        Verdict
            Whatever the answer is or does, short of not returning at all; errors it raises become words.

        Examples
        --------
        >>> from forcebook import exercises
        >>> first = exercises.of_chapter(1)[0]
        >>> first.verdict(first.solution).passed
        True
        """
        try:
            words = self._judge(answer)
        except Hint as hint:
            return Verdict(False, str(hint))
        except Exception as error:
            return Verdict(False, f"{self.name} raised {type(error).__name__}: {error}")
        return Verdict(True, words or "")


@dataclass(frozen=True, kw_only=True)
class Function(Exercise):
    """An exercise that asks for a function.

    Attributes
    ----------
    check : callable
        Given an answer (a function), raises `Hint`, or returns a sentence to show beside the praise.

    Examples
    --------
    >>> from forcebook import exercises
    >>> exercises.of_chapter(1)[0].stub.endswith("...")
    True
    """

    check: Callable[[Callable], str | None]
    kind: ClassVar[str] = "Write a function"

    @property
    def source(self) -> str:
        """str: Source of the solution."""
        return _source(self.solution)

    @property
    def stub(self) -> str:
        """str: The solution's signature and docstring, its body replaced by dots."""
        function = ast.parse(self.source).body[0]
        assert isinstance(function, ast.FunctionDef)
        docstring = function.body[0]
        head = self.source.splitlines()[: docstring.end_lineno]
        return "\n".join([*head, "    ..."])

    @property
    def call(self) -> str:
        """str: The line that asks for the verdict."""
        return f"exercises.check({self.name})"

    def _judge(self, answer: Any) -> str | None:
        """Raise a `Hint`, or return a sentence to show beside the praise."""
        if not callable(answer):
            raise Hint(f"{self.name} must be a function, not {type(answer).__name__}.")

        def watched(*arguments: Any, **options: Any) -> Any:
            found = answer(*arguments, **options)
            if found is None or found is ...:
                raise Hint(f"{self.name} returns nothing: replace the dots, and return the result.")
            return found

        return self.check(watched)


@dataclass(frozen=True, kw_only=True)
class Mend(Function):
    """An exercise that gives a program with one fault.

    Attributes
    ----------
    fault : tuple of str
        A text of the solution that is there once, and what stands in its place in the broken program.
    symptom : str
        What to say of the program as it was given: what it does wrong, and not why. Empty to check it as any other.

    Examples
    --------
    >>> from forcebook import exercises
    >>> one = next(x for x in exercises.of_chapter(1) if x.kind == "Mend a program")
    >>> one.stub == one.source, one.verdict(one.broken).passed
    (False, False)
    """

    fault: tuple[str, str]
    symptom: str = ""
    kind: ClassVar[str] = "Mend a program"

    @property
    def stub(self) -> str:
        """str: Source of the broken program."""
        return _replaced(self.source, self.fault)

    @property
    def broken(self) -> Callable:
        """callable: The broken program."""
        return altered(self.solution, self.fault)

    def _judge(self, answer: Any) -> str | None:
        """Raise a `Hint`, or return a sentence to show beside the praise."""
        if self.symptom and _steps(answer) == _steps(self.broken):
            raise Hint(f"The program is as it was. {self.symptom}")
        return super()._judge(answer)


@dataclass(frozen=True, kw_only=True)
class ByHand(Exercise):
    """An exercise on paper, whose answer is a number.

    Attributes
    ----------
    slips : mapping of str to float
        By what is wrong with it: a typical wrong answer, in the unit of the answer.
    meaning : str
        A sentence to show beside the praise.
    unit : str
        Name of the answer's unit in Brian2, or empty if it is a plain number.
    note : str
        What the cell says of a plain number.
    accuracy : float, default 0.01
        How far off an answer may be, relative.

    Examples
    --------
    >>> from forcebook import exercises
    >>> one = next(x for x in exercises.of_chapter(1) if x.kind == "By hand")
    >>> one.verdict(one.right).passed, one.verdict("text").words
    (True, 'answer must be one number, not str.')
    """

    slips: Mapping[str, float]
    meaning: str
    unit: str = ""
    note: str = "a plain number"
    accuracy: float = 0.01
    kind: ClassVar[str] = "By hand"

    @property
    def source(self) -> str:
        """str: The lines of the solution, which compute `answer`."""
        return _script(self.solution, "answer")

    @property
    def right(self) -> Any:
        """float or Quantity: The answer."""
        with contextlib.redirect_stdout(io.StringIO()):
            return self.solution()

    @property
    def stub(self) -> str:
        """str: A line for the answer."""
        return "answer = ...  # " + (f"with its unit, as in 1 * {self.unit}" if self.unit else self.note)

    @property
    def call(self) -> str:
        """str: The line that asks for the verdict."""
        return f'exercises.check(answer, "{self.label}")'

    def _judge(self, answer: Any) -> str:
        """Raise a `Hint`, or return a sentence to show beside the praise."""
        if answer is None or answer is ...:
            raise Hint("There is no answer yet: replace the dots.")
        one: Any = getattr(brian2, self.unit) if self.unit else 1.0
        if isinstance(answer, Quantity) and not self.unit:
            raise Hint("The answer is a plain number, without a unit.")
        if isinstance(answer, Quantity) and answer.dim is not one.dim:
            raise Hint(f"answer has the wrong unit, {answer.dim}: it must be one of {self.unit}.")
        if np.shape(answer) != () or not np.isrealobj(answer) or not _is_number(np.asarray(answer)[()]):
            raise Hint(f"answer must be one number, not {type(answer).__name__}.")
        found, right = float(answer), float(self.right)
        if not np.isfinite(found):
            raise Hint(f"answer must be a finite number, not {found}.")
        if self.unit and not isinstance(answer, Quantity):
            raise Hint(f"Give the answer with its unit, as in 1 * {self.unit}.")
        if close(found, right, rtol=self.accuracy):
            return self.meaning
        for words, wrong in self.slips.items():
            if close(found, wrong * float(one), rtol=self.accuracy):
                raise Hint(words)
        if _is_rounded(found, right):
            raise Hint("Right as far as it goes, but rounded too much: give one digit more.")
        if close(-found, right, rtol=self.accuracy):
            raise Hint("The size is right, the sign is not.")
        for factor in (1e3, 1e-3):
            if close(factor * found, right, rtol=self.accuracy):
                raise Hint("You are off by a factor of a thousand: is it seconds or milliseconds?")
        for factor in (2, 0.5):
            if close(factor * found, right, rtol=self.accuracy):
                raise Hint("You are off by a factor of 2.")
        raise Hint(f"That is too {'large' if found > right else 'small'}. Go through your steps once more.")


@dataclass(frozen=True, kw_only=True)
class Measure(Exercise):
    """An exercise whose answer is measured, and then defended in five lines.

    Attributes
    ----------
    asked : mapping of str to str
        By name: what a number means, with its unit.
    check : callable
        Given the numbers by name, raises `Hint` if they are not plausible, or returns a sentence.
    marks : tuple of str
        Three things that a defence should have; a point for each.
    least : int, default 3
        Number of seeds that it takes.

    Examples
    --------
    >>> from forcebook import exercises
    >>> one = next(x for x in exercises.of_chapter(1) if x.kind == "Measure and defend")
    >>> one.verdict({"seeds": [1]}).words
    'The measurement takes at least 3 different seeds; "seeds" has 1.'
    """

    asked: Mapping[str, str]
    check: Callable[[dict[str, float]], str | None]
    marks: tuple[str, str, str]
    least: int = 3
    kind: ClassVar[str] = "Measure and defend"
    praise: ClassVar[str] = "Plausible."
    lines: ClassVar[tuple[str, ...]] = (
        "My claim:",
        "What I measured, and how often:",
        "Why it is so:",
        "What else could explain it:",
        "What would prove me wrong:",
    )

    @property
    def source(self) -> str:
        """str: The lines of the solution, which make `measured` and print a defence."""
        return _script(self.solution, "measured")

    @property
    def stub(self) -> str:
        """str: A dictionary for the numbers, and five lines for the defence."""
        rows = [f'    "{name}": ...,  # {words}' for name, words in self.asked.items()]
        seeds = f'    "seeds": ...,  # a list of {self.least} or more whole numbers'
        lines = [f"{number}. {words}" for number, words in enumerate(self.lines, start=1)]
        return "\n".join(["measured = {", seeds, *rows, "}", 'defence = """', *lines, '"""'])

    @property
    def call(self) -> str:
        """str: The line that asks for the verdict."""
        return f'exercises.check(measured, "{self.label}")'

    def _judge(self, answer: Any) -> str | None:
        """Raise a `Hint`, or return a sentence to show beside the praise."""
        if not isinstance(answer, Mapping):
            raise Hint(f"measured must be a dictionary as in the cell, not {type(answer).__name__}.")
        seeds = answer.get("seeds")
        if seeds is None or seeds is ...:
            raise Hint('Say which seeds you used: replace the dots of "seeds".')
        try:
            seeds = list(seeds)
        except TypeError:
            raise Hint(f'"seeds" must be a list of whole numbers, not {type(seeds).__name__}.') from None
        if not all(isinstance(seed, numbers.Integral) for seed in seeds):
            raise Hint('"seeds" must be a list of whole numbers.')
        if len(set(seeds)) < self.least:
            raise Hint(
                f'The measurement takes at least {self.least} different seeds; "seeds" has {len(set(seeds))}.'
            )
        found = {}
        for name, words in self.asked.items():
            value = answer.get(name, ...)
            if value is None or value is ...:
                raise Hint(f'"{name}" is missing: {words}. Replace the dots.')
            if isinstance(value, Quantity):
                raise Hint(f'Give "{name}" as a plain number: {words}.')
            if np.shape(value) != () or not _is_number(np.asarray(value)[()]) or not np.isfinite(value):
                raise Hint(f'"{name}" must be one finite number: {words}.')
            found[name] = float(value)
        return self.check(found)


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)


def _is_rounded(found: float, right: float) -> bool:
    """Say whether a number is another one, rounded to one or two digits and by no more than 5 %."""
    return close(found, right, rtol=0.05) and any(
        close(found, float(f"{right:.{digits}e}"), rtol=1e-9) for digits in (0, 1)
    )


def _steps(function: Any) -> tuple | None:
    """Return what a function does, in the interpreter's steps: the same for a text that is only set otherwise."""
    code = getattr(function, "__code__", None)
    return code and (code.co_code, code.co_names, code.co_varnames, code.co_consts)


def _source(function: Callable) -> str:
    return textwrap.dedent(inspect.getsource(function)).strip()


def _script(function: Callable, name: str) -> str:
    """Return the lines of a function, with what it returns under a name."""
    source = _source(function)
    whole = ast.parse(source).body[0]
    assert isinstance(whole, ast.FunctionDef)
    last = whole.body[-1]
    assert isinstance(last, ast.Return)
    lines = source.splitlines()
    body = lines[whole.body[0].lineno - 1 : last.lineno - 1]
    end = lines[last.lineno - 1 : last.end_lineno]
    if not (isinstance(last.value, ast.Name) and last.value.id == name):
        body += [end[0].replace("return", f"{name} =", 1), *end[1:]]
    return "\n".join(line.removeprefix("    ") for line in body)  # text within a string may have no margin


def _replaced(source: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        if source.count(old) != 1:
            raise ValueError(f"{old!r} is in the source {source.count(old)} times, not once")
        source = source.replace(old, new)
    return source


def altered(function: Callable, *changes: tuple[str, str]) -> Callable:
    """Return a function with some of its text replaced: a fault, or a typical mistake.

    Parameters
    ----------
    function : callable
    *changes : tuple of str
        A text that its source has once, and what stands in its place.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If its source has such a text not once.

    Examples
    --------
    >>> from forcebook.exercises.base import altered
    >>> from forcebook.exercises.chapter_3 import coupling_for_radius
    >>> wrong = altered(coupling_for_radius, ("radius *", "radius /"))
    >>> float(coupling_for_radius(1.0, 0.25)), float(wrong(1.0, 0.25))
    (0.5, 2.0)
    """
    names = dict(function.__globals__)  # type: ignore[attr-defined]
    exec(_replaced(_source(function), *changes), names)
    return names[function.__name__]


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
