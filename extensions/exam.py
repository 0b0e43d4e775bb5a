"""The questions of the exam, or its model answers and marking, from the files in ``trials``."""

import re
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

TRIALS = Path(__file__).resolve().parents[1] / "trials"
QUESTION = re.compile(
    r"## (?P<number>\d\.\d+) \((?P<kind>.+)\)\n+\*\*Question\.\*\* (?P<question>.+)\n+"
    r"\*\*Model answer\.\*\* (?P<answer>.+)\n+\*\*Marking\.\*\* (?P<marking>.+)\n"
)


def read_exam(chapter: int) -> tuple[str, list[dict[str, str]]]:
    """Return what is said before the questions on a chapter, and the questions."""
    text = (TRIALS / f"chapter_{chapter}.md").read_text(encoding="utf-8")
    said = text.split("\n\n")[1]
    return said, [found.groupdict() for found in QUESTION.finditer(text)]


class Exam(SphinxDirective):
    """``{exam} 3`` has the questions on chapter 3; with ``:marking:`` their answers and how to mark them."""

    required_arguments = 1
    option_spec: ClassVar = {"marking": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Parse the questions as a part of the page."""
        chapter = self.arguments[0]
        self.env.note_dependency(str(TRIALS / f"chapter_{chapter}.md"))
        said, questions = read_exam(chapter)
        marking = "marking" in self.options
        parts = [] if marking else [said]
        for one in questions:
            label = f"exam-{one['number'].replace('.', '-')}"
            if marking:
                parts.append(f"{{ref}}`{one['number']} <{label}>` ({one['kind']}). {one['answer']}")
                parts.append(f"*Marking.* {one['marking']}")
            else:
                parts.append(f"({label})=\n\n**{one['number']}** ({one['kind']}). {one['question']}")
        return self.parse_text_to_nodes("\n\n".join(parts))


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect with Sphinx."""
    app.add_directive("exam", Exam)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
