"""What runs elsewhere: workflows, hooks, a container; and what tells people how to take part."""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml

import forcelib

ROOT = Path(__file__).parents[2]
WORKFLOWS = {
    path.stem: yaml.safe_load(path.read_text())
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PYTHONS = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: Python :: \d", line)]
MAKEFILE = (ROOT / "Makefile").read_text()
PROGRAMS = Path(sys.executable).parent
AUTHOR = ["-c", "user.name=a", "-c", "user.email=a@example.org"]


def run(*command, cwd=ROOT, **environment):
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env=os.environ | environment, timeout=120
    )


@pytest.fixture
def copy(tmp_path):
    """A git repository of its own with all tracked files; its .venv has the programs of this environment."""
    listed = run("git", "ls-files")
    if listed.returncode:
        pytest.skip("not a git checkout")
    root = tmp_path / "copy"
    for name in filter(lambda name: (ROOT / name).is_file(), listed.stdout.splitlines()):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / ".venv").mkdir()
    (root / ".venv" / "bin").symlink_to(PROGRAMS)
    run("git", "init", "--quiet", cwd=root)
    run("git", "add", "--all", cwd=root)
    run("git", *AUTHOR, "commit", "--quiet", "--no-verify", "-m", "all", cwd=root)
    return root


def jobs():
    return [(name, job) for workflow in WORKFLOWS.values() for name, job in workflow["jobs"].items()]


def scripts(job):
    """What a job runs, with each value of its matrix in turn."""
    matrix = job.get("strategy", {}).get("matrix", {})
    for step in job["steps"]:
        variables = step.get("env", {})
        for words in [step.get("run", "")]:
            found = re.search(r'"\$(\w+)"', words)
            key = re.fullmatch(r"\$\{\{ matrix\.(\S+) \}\}", variables.get(found[1], "")) if found else None
            if not key:
                yield words
                continue
            for row in [{key[1]: value} for value in matrix[key[1]]] + matrix["include"]:
                yield words.replace(found[0], row[key[1]])


def make_commands():
    """Every call of make in workflows, in the container and in what contributors read."""
    text = [words for _, job in jobs() for words in scripts(job)]
    text += re.findall(r"`(make [^`]+)`", (ROOT / "CONTRIBUTING.md").read_text())
    text += re.findall(r"^ {4}(make \S+)|`(make [^`]+)`", (ROOT / "README.md").read_text(), re.MULTILINE)
    text += json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text()).values()
    lines = [part for entry in text for part in (entry if isinstance(entry, tuple) else (entry,))]
    return sorted({line for line in lines if isinstance(line, str) and line.startswith("make ")})


@pytest.mark.parametrize("command", make_commands())
def test_make_knows_what_it_is_asked_for(command):
    done = run(*shlex.split(command), "--dry-run")
    assert done.returncode == 0, done.stderr


def test_the_wheel_is_tested_with_the_lowest_and_the_newest_versions():
    commands = make_commands()
    for versions in ("pinned", "lowest", "newest"):
        assert f"make wheel PYTHON=python VERSIONS={versions}" in commands


@pytest.mark.parametrize(("workflow", "job"), [("test", "package"), ("book", "build")])
def test_every_supported_python_is_in_the_matrix(workflow, job):
    assert WORKFLOWS[workflow]["jobs"][job]["strategy"]["matrix"]["python"] == PYTHONS
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"


def test_the_weekly_report_hears_of_every_job():
    weekly = WORKFLOWS["weekly"]["jobs"]
    report = weekly["report"]
    assert {*report["needs"], "report"} == set(weekly)
    (said,) = (step for step in report["steps"] if "run" in step)
    results = {value for value in said["env"].values() if ".result" in value}
    assert results == {f"${{{{ needs.{name}.result }}}}" for name in report["needs"]}
    assert all(f'"${key}"' in said["run"] for key, value in said["env"].items() if ".result" in value)


def test_an_action_has_one_version():
    pinned = {}
    for _, job in jobs():
        for step in job["steps"]:
            if "uses" in step:
                name, _, commit = step["uses"].partition("@")
                pinned.setdefault(name, set()).add(commit)
    assert pinned
    assert [name for name, commits in pinned.items() if len(commits) > 1] == []


def lint_commands():
    """The commands of make lint, without the folder of the programs."""
    recipe = re.search(r"^lint:.*\n((?:\t.+\n)+)", MAKEFILE, re.MULTILINE)[1]
    return [line.strip().replace("$(BIN)/", "") for line in recipe.splitlines()]


@pytest.mark.parametrize(
    ("name", "before", "after", "words"),
    [
        ("test", "make lint", "echo ${{ github.head_ref }}", "injection"),
        ("test", "make lint", "cd $HOME/$x", "SC2086"),
        ("book", "needs: build", "needs: built", "built"),
        ("book", "deploy-pages@cd2ce8fcbc39b97be8ca5fce6e763baed58fa128", "deploy-pages@v5", "unpinned"),
        ("weekly", "permissions: {}\n", "", "permissions"),
    ],
)
def test_lint_notices_a_mistake_in_a_workflow(copy, name, before, after, words):
    (command,) = (line for line in lint_commands() if line.startswith("jactionlint"))
    command = [str(PROGRAMS / "jactionlint"), *shlex.split(command)[1:-1], str(PROGRAMS / "shellcheck")]
    assert run(*command, cwd=copy).returncode == 0
    path = copy / ".github" / "workflows" / f"{name}.yml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    done = run(*command, cwd=copy)
    assert done.returncode == 1
    assert words in done.stdout


def hooks():
    return yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: hook["id"])
def test_a_hook_checks_what_lint_checks(hook):
    mends = {"--fix", "--force-exclude"}
    command = [word.removeprefix(".venv/bin/") for word in hook["entry"].split() if word not in mends]
    only = (".", "--check", "--verify")
    checks = [
        [word for word in line.split() if word not in only and not word.endswith(".ipynb")]
        for line in lint_commands()
    ]
    assert command in checks


def test_hooks_pass_and_change_nothing_and_notice_an_output(copy, tmp_path):
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
    done = run(*command, cwd=copy, PRE_COMMIT_HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("Passed") == len(hooks())
    assert run("git", "status", "--porcelain", cwd=copy).stdout == ""
    path = copy / "chapters" / "01_neuron.ipynb"
    clean = path.read_bytes()
    notebook = nbformat.read(str(path), as_version=4)
    next(cell for cell in notebook.cells if cell.id == "setup").outputs = [
        nbformat.v4.new_output("stream", text="1")
    ]
    nbformat.write(notebook, str(path))
    run("git", "add", "--all", cwd=copy)
    done = run(*command, cwd=copy, PRE_COMMIT_HOME=str(tmp_path / "home"))
    assert done.returncode == 1
    assert path.read_bytes() == clean


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
    done = run(
        str(REPORT),
        "https://run",
        "links",
        "failure",
        "audit",
        "success",
        PATH=path,
        OPEN=issue,
        SAID=str(said),
    )
    assert done.returncode == 0, done.stderr
    words = said.read_text().splitlines()
    assert words[: len(begins)] == begins
    assert words[len(begins)] == "--body"
    assert "https://run" in words[len(begins) + 1]
    assert words[-2:] == ["- links: failure", "- audit: success"]


def test_the_container_has_a_supported_python_and_what_ci_installs():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert re.search(r":([\d.]+)-", container["image"])[1] in PYTHONS
    wanted = re.findall(r"^install (\S+) ", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert wanted
    assert set(wanted) <= set(container["onCreateCommand"].split())


def test_the_changelog_is_in_its_form_and_begins_with_this_version():
    text = (ROOT / "CHANGELOG.md").read_text()
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (?:\d{4}-\d\d-\d\d|Unreleased)$", text, re.MULTILINE)
    assert released[0] == forcelib.__version__
    assert len(released) == text.count("\n## ")
    numbers = [tuple(map(int, version.split("."))) for version in released]
    assert numbers == sorted(set(numbers), reverse=True)
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= kinds
    repository = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    for version in released:
        assert f"\n[{version}]: {repository}/releases/tag/v{version}\n" in text


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
    source = importlib.util.spec_from_file_location("sphinx_pages", ROOT / "extensions" / "sphinx_pages.py")
    extension = importlib.util.module_from_spec(source)
    source.loader.exec_module(extension)
    asked = extension.ask_the_registry_of_dois
    assert asked(None, "https://doi.org/10.1038/nn.3658") == "https://doi.org/api/handles/10.1038/nn.3658"
    assert asked(None, "https://doi.org/the-identifier/") is None
    assert asked(None, "https://brian2.readthedocs.io") is None
