"""The exercises of the chapters: task, stub, checker and solution of each in one source.

A module per chapter holds them, ``chapter_1`` and so on. The notebooks carry what ``tools/fill_exercises.py`` writes from it.
"""

from __future__ import annotations

import importlib
from typing import Any

from forcelib.errors import ParameterError

from .base import Exercise

__all__ = ["CHAPTERS", "check", "of_chapter"]

#: The chapters that have exercises.
CHAPTERS = (1, 2, 3, 4, 5, 6, 7, 8)


def of_chapter(chapter: int) -> list[Exercise]:
    """Return the exercises of a chapter.

    Parameters
    ----------
    chapter : int
        The chapter's number.

    Returns
    -------
    list of Exercise

    Raises
    ------
    ParameterError
        If there is no such chapter.

    Examples
    --------
    >>> from forcebook import exercises
    >>> len(exercises.of_chapter(1))
    7
    """
    if chapter not in CHAPTERS:
        raise ParameterError(f"chapter = {chapter!r} must be one of {', '.join(map(str, CHAPTERS))}")
    return importlib.import_module(f"{__name__}.chapter_{chapter}").EXERCISES


def check(answer: Any, label: str | None = None) -> None:
    """Judge an answer to an exercise, and print what is right or wrong with it.

    Parameters
    ----------
    answer : object
        Your function, under the name that the exercise gave it; or your number, or what you measured.
    label : str, optional
        The label of the exercise, as ``"ex-two-spikes"``. A function needs none.

    Raises
    ------
    ParameterError
        If there is no such exercise, by its label or by the name of the function.

    Examples
    --------
    >>> from forcebook import exercises
    >>> exercises.check(exercises.of_chapter(1)[0].solution)  # doctest: +ELLIPSIS
    Correct. ...
    """
    if label is None and not callable(answer):
        print(
            f"Not yet. This is no function, but of type {type(answer).__name__}. A number or a measurement needs the "
            'label of its exercise, as in exercises.check(answer, "ex-spike-after-a-pause"). If the exercise asks for '
            "a function, define it under its name, and give that."
        )
        return
    wanted = getattr(answer, "__name__", repr(answer))
    for chapter in CHAPTERS:
        for exercise in of_chapter(chapter):
            if label == exercise.label or (label is None and wanted == exercise.name):
                verdict = exercise.verdict(answer)
                # In one piece: a kernel may send what print is given in several.
                print(f"{exercise.praise if verdict.passed else 'Not yet.'} {verdict.words}")
                return
    if label is not None:
        raise ParameterError(f"label = {label!r}: no exercise has this label")
    raise ParameterError(
        f"answer = {wanted}: no exercise asks for a function of this name; keep the name that it gives, or add its label"
    )
