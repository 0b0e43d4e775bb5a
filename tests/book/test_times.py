"""The times that the pages state, and the marks of their sections."""

import re
from itertools import chain

import pytest
import times
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes
from test_notation import CHAPTERS, FRONT, chapter_rows, prose

PAGE = "chapters/01_neuron"
BEFORE = (times.ROOT / "pages" / "before_you_begin.md").read_text(encoding="utf-8")
chapters = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def page(*cells):
    """A notebook; texts are cells of Markdown."""
    made = [new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    return writes(
        new_notebook(cells=made, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    )


def test_what_is_counted(tmp_path):
    exercise = new_markdown_cell(
        "```{exercise-start} T \u2605\u2606\u2606\n:label: ex-t\n```\n*By hand. Difficulty 3 of 3.*\n\nTask."
    )
    exercise.id = "ex-t-task"
    hidden = {"tags": ["hide-input"], "mystnb": {"figure": {"caption": "Two words"}}}
    path = tmp_path / "page.ipynb"
    path.write_text(
        page(
            "# Title\n\nthree words $a + b$\n\n$$\na + b\n$$ (eq-a)",
            "## One\n\n*Optional.* Not counted.\n\n```{admonition} Predict\n:class: predict\nWhat?\n```",
            new_code_cell("x = 1\n\ny = 2"),
            new_code_cell("plt.show()", metadata=hidden),
            new_code_cell("z = 3", metadata={"tags": ["remove-cell"]}),
            "### Part\n\n```{dropdown} 1. Why?\nSo.\n```\n\n```python\n# no heading\n```",
            new_code_cell("explore(f)", metadata={"tags": ["hide-input"]}),
            "## Two\n\n*Core.* The second sitting begins here.",
            exercise,
        ),
        encoding="utf-8",
    )
    title, one, part, two = times.sections(path)
    assert +title.content == {"words": 3, "equations": 1}
    assert +one.content == {"words": 4, "predictions": 1, "lines": 2, "figures": 1}
    assert +part.content == {"words": 3, "questions": 1, "lines": 1, "explorers": 1}
    assert [(s.heading, s.level, s.mark, s.opens_sitting) for s in (title, one, part, two)] == [
        ("Title", 1, "", False),
        ("One", 2, "optional", False),
        ("Part", 3, "optional", False),
        ("Two", 2, "core", True),
    ]
    assert two.exercises == [("By hand", 3)]
    assert [len(sitting) for sitting in times.sittings([title, one, part, two])] == [3, 1]
    assert title.minutes == pytest.approx(2 + 3 * times.RATES["words"][0])


@chapters
def test_a_chapter_states_its_times_and_marks_its_sections(path):
    sections = times.chapters()[f"chapters/{path.stem}"]
    assert times.unmarked(sections) == []
    opening = prose(path).partition("\n## ")[0]
    stated = re.findall(r"\{time\}`(\w+)`", opening)
    assert stated[:3] == ["minutes", "path", "exercises"]
    sitting = [times.reading(part) for part in times.sittings(sections)]
    assert all(minutes < 75 for minutes in sitting) or len(sitting) > 1, "too long for one sitting"
    assert ("begins" in stated) == (len(sitting) == 2)
    said = {what: times.state(f"chapters/{path.stem}", what) for what in stated}
    if len(sitting) == 2:
        assert int(said["1"]) + int(said["2"]) == int(said["minutes"])


def test_a_plan_adds_pages_and_sections():
    idea, neuron = (times.reading(times.sections(times.ROOT / f"{n}.ipynb")) for n in ("pages/idea", PAGE))
    threshold = next(s.minutes for s in times.chapters()[PAGE] if s.heading == "At the threshold")
    assert times.plan(f"pages/idea + {PAGE}") == times.rounded(idea + neuron)
    assert times.plan(f"{PAGE} without At the threshold") == times.rounded(neuron - threshold)
    assert times.plan(f"pages/idea + {PAGE} only At the threshold") == times.rounded(idea + threshold)
    with pytest.raises(ValueError, match="Nowhere"):
        times.plan(f"{PAGE} without Nowhere")


def test_the_core_takes_about_four_hours_and_the_short_way_three():
    pages = [times.chapters()[name] for name in times.chapters_of()["chapters"]]
    assert 220 <= sum(map(times.minutes_of_path, pages)) <= 265
    total = sum(round(section.minutes) for one in pages for section in times.short_path(one))
    assert times.state("chapters", "path") == str(total)
    short = [
        "pages/idea minutes",
        *(f"chapters/{name} path" for name in ("01_neuron", "04_rls", "05_reproduction")),
    ]
    assert 165 <= sum(int(times.state(*one.split())) for one in short) <= 195
    assert [one for one in short if f"{{time}}`{one}`" not in BEFORE] == []


def test_the_rates_give_the_times_of_readers_who_had_not_seen_the_chapters():
    """Two a chapter; minutes are their mean, counts those of the chapters as they read them."""
    counts = [
        (3176, 7, 5, 150, 2, 1, 5),
        (3691, 17, 8, 196, 3, 1, 7),
        (5492, 16, 10, 254, 3, 1, 6),
        (5963, 14, 13, 304, 5, 2, 6),
        (6189, 2, 15, 339, 6, 1, 7),
    ]
    for minutes, count in zip((73.5, 103.5, 125, 141, 144), counts, strict=True):
        section = times.Section("", 2)
        section.content.update(dict(zip(times.RATES, count, strict=True)))
        assert section.minutes == pytest.approx(minutes, rel=0.25)


def test_the_front_page_has_the_times_of_the_chapters():
    assert [*chain(*times.chapters_of().values())] == [f"chapters/{path.stem}" for path in CHAPTERS]
    for table, (part, names) in zip(chapter_rows(), times.chapters_of().items(), strict=True):
        for row, name in zip(table, [*names, part], strict=True):
            assert row["Read (min)"] == f"{{time}}`{name} minutes`"
            assert row["Exercises (min)"] == f"{{time}}`{name} exercises`"
        for what in ("minutes", "exercises"):
            assert int(times.state(part, what)) == sum(int(times.state(name, what)) for name in names)
    assert "{time}`chapters path`" in FRONT


def test_a_time_that_is_none():
    with pytest.raises(ValueError, match="weeks"):
        times.state("chapters/01_neuron", "weeks")
