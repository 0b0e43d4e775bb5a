"""What runs elsewhere, and what people are told, names what there is."""

import json
import os
import re
import shlex
import subprocess
import tomllib

import pytest
import yaml
from browser import ROOT
from sphinx_pages import ask_the_registry_of_dois

WORKFLOWS = {
    path.stem: yaml.safe_load(path.read_text())
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PYTHONS = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: Python :: \d", line)]


def run(*command, **environment):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | environment)


def make_commands():
    """Every call of make in workflows, in the container and in what contributors read."""
    jobs = [job for workflow in WORKFLOWS.values() for job in workflow["jobs"].values()]
    text = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    text += re.findall(r"`(make [^`]+)`", (ROOT / "CONTRIBUTING.md").read_text())
    text += re.findall(r"^(?: {4}|.*?`)(make [a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    text += re.findall(r"^(make .+)", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    text += json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text()).values()
    return sorted({line for line in text if isinstance(line, str) and line.startswith("make ")})


@pytest.mark.parametrize("command", make_commands())
def test_make_knows_what_it_is_asked_for(command):
    done = run(*shlex.split(command.replace("$VERSIONS", "newest")), "--dry-run")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("workflow", "job"), [("test", "package"), ("book", "build")])
def test_every_supported_python_is_in_the_matrix(workflow, job):
    assert WORKFLOWS[workflow]["jobs"][job]["strategy"]["matrix"]["python"] == PYTHONS
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"


REPORT = ROOT / ".github" / "report.sh"
#: A gh that has one open issue, or none, and writes down what else it is asked for.
GH = """#!/bin/sh
if [ "$2" = list ]; then echo "$OPEN"; else printf '%s\\n' "$@" > "$SAID"; fi
"""


@pytest.mark.parametrize(
    ("issue", "begins"),
    [("", ["issue", "create", "--title", "The weekly build is broken"]), ("7", ["issue", "comment", "7"])],
)
def test_the_report_opens_an_issue_or_joins_the_open_one(tmp_path, issue, begins):
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    said = tmp_path / "said"
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    arguments = ("https://run", "links", "failure", "audit", "success")
    done = run(str(REPORT), *arguments, PATH=path, OPEN=issue, SAID=str(said))
    assert done.returncode == 0, done.stderr
    words = said.read_text().splitlines()
    assert words[: len(begins)] == begins
    assert words[len(begins)] == "--body"
    assert "https://run" in words[len(begins) + 1]
    assert words[-2:] == ["- links: failure", "- audit: success"]


#: Not there before somebody makes them.
MADE = re.compile(r"\.venv/|_build/|dist/|~|.*\bname\b|.*06_name|run/|v0\.1\.0")


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "README.md", ".github/architecture.svg"])
def test_what_people_are_told_of_exists(name):
    text = (ROOT / name).read_text()
    quoted = re.findall(r">([^<\n]+)<" if name.endswith(".svg") else r'`([^`\n]+)`|src="(.+?)"', text)
    words = [
        word.strip(",")
        for entry in quoted
        for part in ([entry] if isinstance(entry, str) else entry)
        for word in part.split()
    ]
    paths = [
        word
        for word in words
        if re.fullmatch(r"[\w.-]+(/[\w.-]*)+|[\w-]+\.(md|py|yml|toml|bib|cff|txt)", word)
    ]
    paths = [path for path in paths if not MADE.match(path)]
    assert len(paths) >= 5
    missing = [
        path
        for path in paths
        if not any((ROOT / folder / path).exists() for folder in ("", "assets", "forcelib", "tools"))
    ]
    assert missing == []


def test_dois_are_asked_for_at_their_registry():
    asked = ask_the_registry_of_dois
    assert asked(None, "https://doi.org/10.1038/nn.3658") == "https://doi.org/api/handles/10.1038/nn.3658"
    assert asked(None, "https://doi.org/the-identifier/") is None
    assert asked(None, "https://brian2.readthedocs.io") is None
