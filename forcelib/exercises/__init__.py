"""The exercises of the chapters: task, stub, checker and solution of each in one source.

A module per chapter holds them. The notebooks carry what ``tools/fill_exercises.py`` writes from it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from ..errors import ParameterError
from .base import Exercise

__all__ = ["CHAPTERS", "check", "of_chapter"]

#: The module of each chapter's exercises.
CHAPTERS = {
    "01_neuron": "neuron",
    "02_synaptic_filter": "synaptic_filter",
    "03_reservoir": "reservoir",
    "04_rls": "rls",
    "05_reproduction": "experiment",
}


def of_chapter(module: str) -> list[Exercise]:
    """Return the exercises of a chapter.

    Parameters
    ----------
    module : str
        The module's name, for example ``"neuron"``.

    Returns
    -------
    list of Exercise

    Raises
    ------
    ParameterError
        If no chapter has a module of this name.

    Examples
    --------
    >>> from forcelib import exercises
    >>> 2 <= len(exercises.of_chapter("neuron")) <= 4
    True
    """
    if module not in CHAPTERS.values():
        raise ParameterError(f"module = {module!r} must be one of {', '.join(CHAPTERS.values())}")
    return importlib.import_module(f"{__name__}.{module}").EXERCISES


def check(answer: Callable) -> None:
    """Judge an answer to an exercise, and print what is right or wrong with it.

    Parameters
    ----------
    answer : callable
        Your function, under the name that the exercise gave it.

    Raises
    ------
    ParameterError
        If no exercise asks for a function of this name.

    Examples
    --------
    >>> from forcelib import exercises
    >>> exercises.check(exercises.of_chapter("neuron")[0].solution)  # doctest: +ELLIPSIS
    Correct. ...
    """
    wanted = getattr(answer, "__name__", repr(answer))
    for module in CHAPTERS.values():
        for exercise in of_chapter(module):
            if exercise.name == wanted:
                verdict = exercise.verdict(answer)
                print(("Correct. " if verdict.passed else "Not yet. ") + verdict.words)
                return
    raise ParameterError(f"answer = {wanted}: no exercise asks for a function of this name")
