"""Write the exercises of the chapters into their notebooks, from their one source in forcebook.exercises.

python tools/fill_exercises.py [NOTEBOOK ...]; all chapters by default.
"""

import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from forcebook import exercises
from forcebook.exercises.base import Measure

CHAPTERS = Path(__file__).parents[1] / "chapters"
HIDDEN = {"jupyter": {"source_hidden": True}}


def cells(exercise):
    """Return the cells of one exercise: task, stub, folded solution."""
    label, call = exercise.label, f"\n\n\n{exercise.call}"
    made = [
        new_markdown_cell(
            f"```{{exercise-start}} {exercise.heading}\n:label: {label}\n```\n"
            f"*{exercise.about}*\n\n{exercise.task.strip()}"
        ),
        new_code_cell(formatted(exercise.stub + call)),
        new_markdown_cell("```{exercise-end}\n```"),
        new_markdown_cell(f"```{{solution-start}} {label}\n:class: dropdown\n```\n{explained(exercise)}"),
        new_code_cell(formatted(exercise.source + call), metadata=HIDDEN),
        new_markdown_cell("```{solution-end}\n```"),
    ]
    for cell, part in zip(made, ("task", "stub", "end", "why", "solution", "solution-end"), strict=True):
        cell.id = f"{label}-{part}"
    return made


def explained(exercise):
    """Return the words above a solution."""
    words = exercise.explanation.strip()
    if isinstance(exercise, Measure):
        words += "\n\nThe cell measures, and prints a defence. Mark your own, a point for each of these:\n"
        words += "".join(f"\n- {mark}" for mark in exercise.marks)
    return words


def formatted(source):
    """Format code as the chapters are."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--line-length",
        "78",
        "--stdin-filename",
        "cell.py",
        "-",
    ]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def filled(notebook, chapter):
    """Return the cells of a notebook with its exercises in place."""
    others = [cell for cell in notebook.cells if not cell.id.startswith("ex-")]
    place = 1 + next(k for k, cell in enumerate(others) if cell.id == "exercises")
    new = [cell for exercise in exercises.of_chapter(int(chapter[:2])) for cell in cells(exercise)]
    return others[:place] + new + others[place:]


def main(paths):
    """Fill the notebooks."""
    for path in map(Path, paths):
        with open(path, encoding="utf-8") as file:
            notebook = nbformat.read(file, as_version=4)
        notebook.cells = filled(notebook, path.stem)
        with open(path, "w", encoding="utf-8") as file:
            nbformat.write(notebook, file)


if __name__ == "__main__":
    main(sys.argv[1:] or sorted(CHAPTERS.glob("*.ipynb")))
