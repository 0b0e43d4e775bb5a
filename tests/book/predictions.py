"""The predictions of a page: where each is asked, and what its folded answer says."""

import re
from typing import NamedTuple

FOLDED = re.compile(r"^(`{3,})\{dropdown\} (.*)\n(?:.*\n)*?\1$", re.MULTILINE)
NUMBER = re.compile(r"\{glue:text\}`(\w+)(?::([^`]*))?`")


class Prediction(NamedTuple):
    """One prediction: its cell, the cells above its answer, the answer, and the numbers that it tells."""

    asked: str
    above: list
    answer: str
    numbers: dict


def in_the_open(cell):
    """The prose of a cell that is not folded; nothing for code."""
    return FOLDED.sub("", cell.source) if cell.cell_type == "markdown" else ""


def shows_output(cell):
    """Whether the output of a cell is seen at once."""
    hidden = {"remove-cell", "remove-output", "hide-output", "hide-cell"}
    return cell.cell_type == "code" and not hidden & set(cell.metadata.get("tags", []))


def predictions(cells):
    """Return the predictions of a page; what a question gives away itself is no part of its answer."""
    found = []
    for k, cell in enumerate(cells):
        if "{admonition} Predict" not in cell.source:
            continue
        for n in range(k + 1, len(cells)):
            folded = FOLDED.search(cells[n].source)
            if folded and folded[2] == "Answer":
                break
        else:
            raise AssertionError(f"{cell.id}: a prediction without a folded answer")
        box = re.search(r"^(`{3,})\{admonition\} Predict\n(?:.*\n)*?\1$", cell.source, re.MULTILINE)[0]
        given = dict(NUMBER.findall(box))
        told = {name: form for name, form in NUMBER.findall(folded[0]) if name not in given}
        found.append(Prediction(cell.id, cells[:n], folded[0], told))
    return found
