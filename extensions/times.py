"""How long the pages take, computed from what is in them, and the marks of their sections.

A section of a chapter says in the line below its heading whether it is ``*Core.*`` or ``*Optional.*``; a part
of a section may be marked by itself. What follows in that line is for the reader, and where it says that a
sitting begins, one does. The core sections are the short path through the book.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import nbformat
import yaml
from docutils import nodes
from docutils.parsers.rst import directives
from run_notebooks import read
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

ROOT = Path(__file__).resolve().parents[1]

#: Minutes for one of each, and what it is called where the rates are stated.
RATES = {
    "words": (1 / 130, "words of prose and captions, 130 a minute"),
    "equations": (2.0, "displayed equations, 2 minutes each"),
    "figures": (1.0, "figures and drawings, 1 minute each"),
    "lines": (1 / 10, "lines of code that are shown, 10 a minute"),
    "predictions": (1.5, "predictions, a minute and a half each"),
    "explorers": (5.0, "explorers, 5 minutes each"),
    "questions": (1.0, "questions of the self-test, 1 minute each, and their answers as prose"),
}

#: Minutes for an exercise of each kind, with one, two and three stars.
EXERCISES = {
    "Write a function": (8, 13, 20),
    "Mend a program": (6, 10, 15),
    "By hand": (5, 10, 15),
    "Measure and defend": (15, 25, 35),
}

#: The headings that end every chapter. They need no mark: one reads them after any path, exercises aside.
LAST = ("Exercises", "Self-test", "Key points", "What comes next")

#: Pages to look things up in, and the one that states the times.
LOOKED_UP = tuple(
    f"pages/{name}"
    for name in ("before_you_begin", "notation", "glossary", "api", "bibliography", "exam", "marking")
)

#: What a task says of itself. One that does not is a function with two stars.
ABOUT = re.compile(r"^\*(.+)\. Difficulty ([1-3]) of 3\.\*$", re.MULTILINE)

MARK = re.compile(r"^\*(Core|Optional)\.\*(.*)$")


@dataclass
class Section:
    """A heading, and what stands below it up to the next one."""

    heading: str
    level: int
    mark: str = ""
    opens_sitting: bool = False
    content: Counter = field(default_factory=Counter)
    exercises: list[tuple[str, int]] = field(default_factory=list)

    @property
    def minutes(self) -> float:
        """Minutes to read it, exercises aside."""
        return sum(count * RATES[kind][0] for kind, count in self.content.items())


def _take_prose(text: str, found: list[Section]) -> None:
    """Count what is in a cell of Markdown."""
    text = re.sub(r"^\$\$\n.*?^\$\$.*?$", "$$", text, flags=re.MULTILINE | re.DOTALL)
    code = False  # a fence without the name of a directive holds code
    open_fences: list[bool] = []
    for line in text.splitlines():
        heading = re.match(r"(#{1,3}) (.+)", line)
        if heading and not code:
            level = len(heading[1])
            found.append(Section(heading[2].strip(), level, found[-1].mark if level == 3 else ""))
            continue
        if not found:
            continue  # the front matter of a page
        if fence := re.match(r"(?:`{3,}|:{3,})(.*)", line):
            if fence[1] or not open_fences:
                open_fences.append("{" not in fence[1])
            else:
                open_fences.pop()
            code = any(open_fences)
            if code or not fence[1]:
                continue
            line = re.sub(r"^\{[\w-]+\}", "", fence[1])
        section = found[-1]
        if mark := MARK.match(line):
            section.mark = mark[1].lower()
            section.opens_sitting = "sitting begins" in mark[2]
        elif code:
            section.content["lines"] += bool(line.strip())
        elif line == "$$":
            section.content["equations"] += 1
        elif not line.startswith(":"):
            section.content["words"] += len(re.sub(r"\$[^$]+\$", "x", line).split())
        if fence:
            section.content["predictions"] += fence[1].startswith("{admonition} Predict")
            section.content["questions"] += bool(re.match(r"\{dropdown\} \d+\. ", fence[1]))


def _take_code(cell: nbformat.NotebookNode, section: Section) -> None:
    """Count what is seen of a cell of code."""
    tags = set(cell.metadata.get("tags", []))
    if "remove-cell" in tags:
        return
    if re.search(r"^explore\(", cell.source, re.MULTILINE):
        section.content["explorers"] += 1
        return
    section.content["figures"] += "plt.show()" in cell.source or "drawings." in cell.source
    section.content["words"] += len(
        cell.metadata.get("mystnb", {}).get("figure", {}).get("caption", "").split()
    )
    if not tags & {"hide-input", "remove-input"}:
        section.content["lines"] += sum(bool(line.strip()) for line in cell.source.splitlines())


def sections(path: Path) -> list[Section]:
    """Return the sections of a page, in order, with what they contain.

    Parameters
    ----------
    path : Path
        A notebook, or a page of Markdown.

    Returns
    -------
    list of Section
    """
    notebook = read(path)
    cells = notebook.cells if notebook else [nbformat.v4.new_markdown_cell(path.read_text(encoding="utf-8"))]
    found: list[Section] = []
    for cell in cells:
        if cell.get("id", "").startswith("ex-"):
            if "{exercise-start}" in cell.source:
                said = ABOUT.search(cell.source)
                found[-1].exercises.append((said[1], int(said[2])) if said else ("Write a function", 2))
        elif cell.cell_type == "markdown":
            _take_prose(cell.source, found)
        elif cell.cell_type == "code" and found:
            _take_code(cell, found[-1])
    return found


def chapters() -> dict[str, list[Section]]:
    """Return the sections of each chapter, by the name of its page."""
    paths = sorted((ROOT / "chapters").glob("*.ipynb"))
    return {f"chapters/{path.stem}": sections(path) for path in paths}


def chapters_of() -> dict[str, list[str]]:
    """Return the names of the chapters of the first part, "chapters", and of the second, "beyond"."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    numbered = [part["chapters"] for part in toc["parts"] if "numbered" in part]
    return {
        name: [entry["file"] for entry in part]
        for name, part in zip(("chapters", "beyond"), numbered, strict=True)
    }


def other_pages() -> dict[str, list[Section]]:
    """Return the sections of the other pages of the table of contents that one reads, in its order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    found = {}
    for name in names:
        if not name.startswith("chapters/") and name not in LOOKED_UP:
            found[name] = sections(next(ROOT.glob(f"{name}.*")))
    return found


def rounded(minutes: float) -> int:
    """Round to five minutes, and to no less than five."""
    return max(5, 5 * round(minutes / 5))


def reading(page: Iterable[Section]) -> float:
    """Return the minutes to read a page once, without running or changing anything."""
    return sum(section.minutes for section in page)


def exercises(page: Iterable[Section]) -> float:
    """Return the minutes for the exercises of a page."""
    return sum(EXERCISES[kind][stars - 1] for section in page for kind, stars in section.exercises)


def sittings(page: list[Section]) -> list[list[Section]]:
    """Part a page where it says that a sitting begins."""
    starts = [0, *(k for k, section in enumerate(page) if section.opens_sitting), len(page)]
    return [page[start:stop] for start, stop in pairwise(starts)]


def short_path(page: list[Section]) -> list[Section]:
    """Return what one reads of a chapter on the short path: how it begins, its core, and its key points."""
    taken = [section for section in page if section.mark == "core" or section.heading in LAST[2:]]
    return page[:1] + taken


def minutes_of_path(page: list[Section]) -> int:
    """Return the minutes of a chapter on the short path, as the sum of what is shown for its sections."""
    return sum(round(section.minutes) for section in short_path(page))


def unmarked(page: list[Section]) -> list[str]:
    """Return the headings of a chapter that are neither core nor optional, nor end it."""
    return [part.heading for part in page[1:] if not part.mark and part.heading not in LAST]


def plan(text: str) -> int:
    """Return the minutes to read several pages, or some sections of them.

    Parameters
    ----------
    text : str
        Names of pages, with `` + `` between them. After a name may stand ``without`` or ``only``, and
        headings with ``; `` between them.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If a page has no such heading.
    """
    minutes = 0.0
    for part in text.split(" + "):
        name, _, said = part.partition(" ")
        how, _, said = said.partition(" ")
        named = said.split("; ") if said else []
        page = sections(next(ROOT.glob(f"{name}.*")))
        if missing := set(named) - {section.heading for section in page}:
            raise ValueError(f"text = {text!r}: {name} has no section {sorted(missing)}")
        minutes += reading(section for section in page if (section.heading in named) == (how == "only"))
    return rounded(minutes)


def state(page: str, what: str) -> str:
    """Return what a page says of a time.

    Parameters
    ----------
    page : str
        Its name, or "chapters" for the five of the first part, or "beyond" for those of the second.
    what : str
        "minutes" to read it, for its "exercises", of its sitting "1" and "2", of the short "path"; or the
        heading at which the second sitting "begins".

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the page has no such time.
    """
    found = [sections(next(ROOT.glob(f"{name}.*"))) for name in chapters_of().get(page, [page])]
    if what == "path":
        return str(sum(map(minutes_of_path, found)))
    if what == "minutes":  # rounded before they are added, as a reader adds them
        return str(sum(rounded(reading(part)) for one in found for part in sittings(one)))
    if what == "exercises":
        return str(sum(rounded(exercises(one)) for one in found))
    parts = sittings(found[0])
    if what == "begins" and len(parts) == 2:
        return parts[1][0].heading
    if what in ("1", "2") and len(parts) == 2:
        return str(rounded(reading(parts[int(what) - 1])))
    raise ValueError(f"what = {what!r}: {page} has no such time")


class Time(SphinxRole):
    """A time of this page, or of another that is named before it: ``{time}`chapters/01_neuron minutes```.

    After ``plan`` stands what is read, as ``{time}`plan pages/idea + chapters/01_neuron without Self-test```.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return it as text."""
        if self.text.startswith("plan "):
            return [nodes.Text(str(plan(self.text.removeprefix("plan "))))], []
        *page, what = self.text.split()
        return [nodes.Text(state(page[0] if page else self.env.docname, what))], []


def table(
    head: list[str], rows: list[list[str | list[nodes.Node]]], classes: Iterable[str] = ()
) -> nodes.table:
    """Return a table of text and nodes."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in head), cols=len(head))
    for part, lines in ((nodes.thead(), [head]), (nodes.tbody(), rows)):
        for line in lines:
            row = nodes.row()
            for cell in line:
                inside = [nodes.Text(cell)] if isinstance(cell, str) else cell
                row += nodes.entry("", nodes.paragraph("", "", *inside))
            part += row
        group += part
    return nodes.table("", group, classes=["colwidths-auto", *classes])


class Times(SphinxDirective):
    """A table of times: of the chapters, those beyond, the pages or the short path, or their rates."""

    required_arguments = 1

    def _link(self, page: str, words: str, heading: str = "") -> nodes.reference:
        """Return a link to a page, or to a heading of it."""
        where = self.env.app.builder.get_relative_uri(self.env.docname, page)
        where += f"#{nodes.make_id(heading)}" if heading else ""
        return nodes.reference("", "", nodes.inline("", words), internal=True, refuri=where)

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        asked = directives.choice(
            self.arguments[0], ("chapters", "beyond", "pages", "path", "rates", "exercises")
        )
        return [getattr(self, f"_{asked}")()]

    def _beyond(self) -> nodes.table:
        return self._chapters("beyond")

    def _chapters(self, part: str = "chapters") -> nodes.table:
        rows = []
        for name in chapters_of()[part]:
            page = chapters()[name]
            sat = sittings(page)
            split = " and ".join(state(name, str(k + 1)) for k in range(len(sat))) if len(sat) > 1 else "one"
            core = str(minutes_of_path(page))
            link = self._link(name, page[0].heading)
            rows.append([[link], state(name, "minutes"), split, core, state(name, "exercises")])
        total = [state(part, what) for what in ("minutes", "path", "exercises")]
        rows.append(["In all", total[0], "", total[1], total[2]])
        head = ["Chapter", "Read all (min)", "In sittings of (min)", "Core alone (min)", "Exercises (min)"]
        return table(head, rows)

    def _pages(self) -> nodes.table:
        rows = [
            [[self._link(name, page[0].heading)], state(name, "minutes")]
            for name, page in other_pages().items()
        ]
        return table(["Page", "Read (min)"], rows)

    def _path(self) -> nodes.table:
        rows = []
        for name in chapters_of()["chapters"]:
            page = chapters()[name]
            cell: list[nodes.Node] = []
            for section in short_path(page):
                heading = section.heading if section.level > 1 else ""
                minutes = round(section.minutes)
                if minutes:
                    cell += [
                        nodes.Text(", " if cell else ""),
                        self._link(name, heading or "the opening", heading),
                    ]
                    cell.append(nodes.Text(f" ({minutes})"))
            rows.append([[self._link(name, page[0].heading)], cell, str(minutes_of_path(page))])
        rows.append(["In all", "", state("chapters", "path")])
        return table(["Chapter", "Sections, with their minutes", "Minutes"], rows)

    def _exercises(self) -> nodes.table:
        rows: list[list] = [[kind, *map(str, minutes)] for kind, minutes in EXERCISES.items()]
        return table(["Exercise", "One star (min)", "Two stars (min)", "Three stars (min)"], rows)

    def _rates(self) -> nodes.bullet_list:
        words = [words for _, words in RATES.values()]
        return nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", line)) for line in words))


def show_marks(app: Sphinx, doctree: nodes.document) -> None:
    """Say the minutes of a marked section in the line of its mark, and "optional" in the contents."""
    name = app.env.docname
    if not name.startswith("chapters/"):
        return
    found = sections(ROOT / f"{name}.ipynb")
    titled = [
        node
        for node in doctree.findall(nodes.section)
        if node.children[:1] and isinstance(node[0], nodes.title)
    ]
    for node, section in zip(titled, found, strict=True):  # exercises are sections without a title
        line = node[1] if len(node) > 1 else None
        said = line.astext() if isinstance(line, nodes.paragraph) else ""
        if not isinstance(line, nodes.paragraph) or not said.startswith(("Core.", "Optional.")):
            continue
        line["classes"].append("section-mark")
        word, minutes = said.partition(".")[0], max(1, round(section.minutes))
        unit = "minute" if minutes == 1 else "minutes"
        line[0].replace_self(nodes.strong("", f"{word}, {minutes} {unit}."))
        if section.mark == "optional":
            node[0] += nodes.inline("", " (optional)", classes=["optional-mark"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect with Sphinx."""
    app.add_role("time", Time())
    app.add_directive("times", Times)
    app.connect("doctree-read", show_marks, priority=400)  # before the tables of contents are collected
    return {"parallel_read_safe": True, "parallel_write_safe": True}
