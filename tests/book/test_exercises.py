"""Each solution passes, the stub alone does not, typical mistakes are recognised, pages are in step."""

import importlib
import itertools
from collections import Counter

import brian2
import nbformat
import numpy as np
import pytest
from brian2 import ms, mV
from fill_exercises import CHAPTERS, filled

from forcebook import exercises
from forcebook.exercises.base import ByHand, Function, Hint, Measure, Mend, altered, close
from forcelib import ParameterError

ALL = [
    pytest.param(chapter, exercise, id=f"{chapter}: {exercise.name}")
    for chapter in exercises.CHAPTERS
    for exercise in exercises.of_chapter(chapter)
]
# By exercise: a typical mistake, a function that makes it, and words that only its own hint has.
WRONG = {
    name: answers
    for chapter in exercises.CHAPTERS
    for name, answers in importlib.import_module(f"wrong_answers.chapter_{chapter}").WRONG.items()
}
# A number by hand has its typical mistakes beside its answer.
for one in ALL:
    exercise = one.values[1]
    if isinstance(exercise, ByHand):
        unit = getattr(brian2, exercise.unit) if exercise.unit else 1
        WRONG[exercise.name] = {words[:40]: (slip * unit, words) for words, slip in exercise.slips.items()}


def of_kind(kind):
    return [one for one in ALL if isinstance(one.values[1], kind)]


def notebook(chapter):
    (path,) = CHAPTERS.glob(f"{chapter:02}_*.ipynb")
    with open(path, encoding="utf-8") as file:
        return nbformat.read(file, as_version=4)


def after_setup(chapter):
    """Return the names that a page's setup cell defines."""
    names = {}
    exec(next(cell.source for cell in notebook(chapter).cells if cell.id == "setup"), names)
    return names


@pytest.mark.parametrize("chapter", exercises.CHAPTERS)
def test_a_chapter_has_exercises_of_each_kind_the_easy_ones_first(chapter):
    own = exercises.of_chapter(chapter)
    kinds = Counter(type(exercise) for exercise in own)
    assert 2 <= kinds[Function] <= 4
    assert kinds == {Function: kinds[Function], ByHand: 1, Mend: 1, Measure: 1}
    stars = [exercise.stars for exercise in own]
    assert stars == sorted(stars)
    assert set(stars) <= {1, 2, 3}
    everywhere = [parameter.values[1].name for parameter in ALL]
    assert len(set(everywhere)) == len(everywhere)


@pytest.mark.parametrize("chapter", exercises.CHAPTERS)
def test_the_notebook_carries_what_the_source_says(chapter):
    stored = notebook(chapter)
    fresh = filled(stored, f"{chapter:02}")
    assert [(cell.id, cell.source) for cell in stored.cells] == [(cell.id, cell.source) for cell in fresh]


@pytest.mark.parametrize(("chapter", "exercise"), ALL)
def test_the_solution_passes_on_its_page(chapter, exercise, capsys):
    names = after_setup(chapter)
    exec(f"{exercise.source}\n{exercise.call}", names)
    said = capsys.readouterr().out.split(exercise.praise)
    assert len(said) == 2, said
    assert said[1].strip()


@pytest.mark.parametrize(("chapter", "exercise"), ALL)
def test_the_stub_alone_does_not(chapter, exercise, capsys):
    names = after_setup(chapter)
    exec(exercise.stub, names)
    capsys.readouterr()
    exec(exercise.call, names)
    said = capsys.readouterr().out
    assert said.startswith("Not yet. ")
    if not isinstance(exercise, Mend):
        assert "eplace the dots" in said


@pytest.mark.parametrize(("chapter", "exercise"), [one for one in ALL if type(one.values[1]) is Function])
def test_a_stub_does_not_give_the_solution_away(chapter, exercise):
    body = exercise.source.splitlines()[len(exercise.stub.splitlines()) - 1 :]
    assert body
    assert not any(line.strip() in exercise.stub for line in body if len(line.strip()) > 3)


@pytest.mark.parametrize(
    ("exercise", "mistake"),
    [
        pytest.param(one.values[1], mistake, id=f"{one.values[1].name}: {mistake}")
        for one in ALL
        for mistake in WRONG[one.values[1].name]
    ],
)
def test_a_typical_mistake_is_recognised(exercise, mistake):
    wrong, words = WRONG[exercise.name][mistake]
    verdict = exercise.verdict(wrong)
    assert not verdict.passed
    assert words in verdict.words


@pytest.mark.parametrize(("chapter", "exercise"), ALL)
def test_each_mistake_has_its_own_hint(chapter, exercise):
    hints = [words for _, words in WRONG[exercise.name].values()]
    assert len(hints) >= 2
    for words in hints:
        assert len(words) >= 4
        assert sum(words in other for other in hints) == 1


JUNK = ["text", np.zeros((3, 2)), np.nan, {}, 1j, [[]], (1, 2, 3, 4, 5), 3 * mV, None, ...]


@pytest.mark.parametrize(("chapter", "exercise"), ALL)
@pytest.mark.parametrize("junk", JUNK, ids=lambda value: repr(value)[:12])
def test_junk_is_refused_in_words(chapter, exercise, junk):
    verdict = exercise.verdict(
        (lambda *arguments, **options: junk) if isinstance(exercise, Function) else junk
    )
    assert not verdict.passed
    assert len(verdict.words) > 10


@pytest.mark.parametrize(("chapter", "exercise"), of_kind(Measure))
def test_junk_among_what_was_measured_is_refused_by_its_name(chapter, exercise):
    right = next(iter(WRONG[exercise.name].values()))[0]
    for name, junk in itertools.product(exercise.asked, [*JUNK, np.inf]):
        words = exercise.verdict(right | {name: junk}).words
        assert words.startswith(('"', 'Give "'))
        assert f'"{name}"' in words
    for junk in ["text", np.nan, {}, [[]], 3 * mV, None, ..., [1, 1, 1], [1.5, 2.5, 3.5]]:
        assert "seeds" in exercise.verdict(right | {"seeds": junk}).words


@pytest.mark.parametrize(("chapter", "exercise"), of_kind(ByHand))
def test_slips_lie_apart(chapter, exercise):
    unit = float(getattr(brian2, exercise.unit)) if exercise.unit else 1
    values = [float(exercise.right) / unit, *exercise.slips.values()]
    assert all(abs(a / b - 1) > 2 * exercise.accuracy for a, b in itertools.combinations(values, 2))
    if exercise.unit:
        assert "with its unit" in exercise.verdict(values[0]).words
    assert "sign" in exercise.verdict(-exercise.right).words
    assert "finite" in exercise.verdict(np.nan).words
    rounded = float(f"{values[0]:.1e}") * (getattr(brian2, exercise.unit) if exercise.unit else 1)
    verdict = exercise.verdict(rounded)
    assert verdict.passed or "one digit more" in verdict.words


@pytest.mark.parametrize(("chapter", "exercise"), of_kind(Mend))
def test_a_broken_program_is_broken_for_one_reason(chapter, exercise):
    """One text of one to three lines makes the program right, and it runs as it is."""
    broken, mended = exercise.stub.splitlines(), exercise.source.splitlines()
    assert 8 <= len(broken) <= 25
    assert max(text.count("\n") for text in exercise.fault) <= 2
    assert len(set(broken) ^ set(mended)) <= 2
    verdict = exercise.verdict(exercise.broken)
    assert not verdict.passed
    assert "raised" not in verdict.words
    assert exercise.verdict(altered(exercise.solution)).passed


@pytest.mark.parametrize(("chapter", "exercise"), of_kind(Function))
def test_an_answer_that_fails_is_reported(chapter, exercise):
    def broken(*arguments, **options):
        raise ZeroDivisionError("of mine")

    assert exercise.verdict(broken).words == f"{exercise.name} raised ZeroDivisionError: of mine"
    assert "must be a function" in exercise.verdict(3.0).words


def test_check_prints_the_verdict(capsys):
    first = exercises.of_chapter(1)[0]
    exercises.check(first.solution)
    assert capsys.readouterr().out.startswith("Correct. ")

    def nothing(*arguments):
        return None

    nothing.__name__ = first.name
    exercises.check(nothing)
    assert capsys.readouterr().out.startswith("Not yet. ")
    with pytest.raises(ParameterError, match="no exercise asks"):
        exercises.check(test_check_prints_the_verdict)
    for answer in (None, "text", np.nan, 3 * ms, {}, ...):
        capsys.readouterr()
        exercises.check(answer)
        said = capsys.readouterr().out
        assert said.startswith("Not yet. ")
        assert "label of its exercise" in said
    with pytest.raises(ParameterError, match="no exercise has this label"):
        exercises.check(3.0, "ex-none")
    with pytest.raises(ParameterError, match="must be one of 1, "):
        exercises.of_chapter(9)


def test_a_checker_hears_a_hint():
    def check(answer):
        if answer(1) != 2:
            raise Hint("one more")

    def solution(x):
        """Return the next number."""
        return x + 1

    exercise = Function(title="t", task="t", solution=solution, explanation="e", check=check, stars=1)
    assert exercise.stub == 'def solution(x):\n    """Return the next number."""\n    ...'
    assert exercise.verdict(solution).passed
    assert exercise.verdict(lambda x: x).words == "one more"


@pytest.mark.parametrize(
    ("found", "expected", "same"),
    [
        (1.0, 1.0 + 1e-9, True),
        (1.0, 1.1, False),
        ("1", 1.0, False),
        (np.nan, 1.0, False),
        (None, 1.0, False),
        ([1, 2], (1, 2), True),
        ([1, 2], [1, 2, 3], False),
        ([[1, 2]], [1, 2], False),
        (3.0, 3 * ms, False),
        (3 * ms, 3.0, False),
        (3 * ms, 0.003, False),
        (3 * ms, 3 * ms, True),
        ({}, 1.0, False),
    ],
)
def test_close(found, expected, same):
    assert close(found, expected) is same
