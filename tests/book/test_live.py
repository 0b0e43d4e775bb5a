"""Explorers in a real JupyterLab: a server, a kernel, and Chromium in front of it."""

import ast
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from browser import PATIENCE, ROOT, need

SLOW = """
import time
from pathlib import Path

import matplotlib.pyplot as plt

import forcelib
from brian2 import second
from forcebook.explorer import Control, explore


def draw(delay, kind):
    with Path("drawn").open("a") as file:
        file.write(f"{delay} {kind}\\n")
    said = f"Delay {delay}, {kind}."
    if kind == "long":
        Path("started").touch()
        time.sleep(600)
    if kind == "run":
        parameters = forcelib.Parameters(N=100, duration=3 * second)
        result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
        said = f"{len(result.t)} steps of a run."
    time.sleep(0.3)
    fig, ax = plt.subplots(figsize=(3, 1))
    ax.plot([0, 1], [0, delay])
    return fig, said


explore(
    draw,
    Control("delay", "Delay", [0, 50, 100], unit="ms"),
    Control("kind", "Kind", ["short", "long", "run"], default="short"),
    name="slow",
    caption="Slow lines.",
    alt="A line.",
)
"""


class Lab:
    """A JupyterLab server and what its REST interface says."""

    def __init__(self, folder, address, token):
        self.folder, self.address, self.token = folder, address, token

    def ask(self, path, method="GET"):
        request = urllib.request.Request(
            f"{self.address}api/{path}",
            method=method,
            data=b"{}" if method == "POST" else None,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE / 1000) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def kernel(self, notebook):
        """Id of the kernel of a notebook."""
        return next(one["kernel"]["id"] for one in self.ask("sessions") if one["path"] == notebook)


def until(condition, what):
    """Wait until a condition holds and return what it gave."""
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE / 1000} s for {what}")


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """A JupyterLab server on this machine over a copy of the chapters."""
    program = Path(sys.executable).with_name("jupyter-lab")
    need(program.exists(), "JupyterLab is not installed")
    root = tmp_path_factory.mktemp("lab")
    folder = root / "book"
    shutil.copytree(ROOT / "chapters", folder / "chapters")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(SLOW.strip(), id="slow")],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, folder / "slow.ipynb")
    # No news, no questions, no look for newer versions.
    settings = root / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    environment = {**os.environ, **{name: str(root / path) for name, path in folders.items()}}
    environment.pop("FORCELIB_FRAMES", None)
    environment["OPENBLAS_NUM_THREADS"] = "1"
    token = "of-the-tests"
    options = [
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        f"--ServerApp.root_dir={folder}",
        f"--IdentityProvider.token={token}",
        "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    ]
    with open(root / "log", "w") as log:
        process = subprocess.Popen(
            [program, *options],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:

            def address():
                assert process.poll() is None, (root / "log").read_text()
                for path in (root / "runtime").glob("jpserver-*.json"):
                    with contextlib.suppress(ValueError):
                        return json.loads(path.read_text())["url"]
                return None

            yield Lab(folder, until(address, "the server"), token)
        finally:
            # It ends its kernels before it ends.
            process.terminate()
            try:
                process.wait(PATIENCE / 1000)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def open_notebook(lab, open_page):
    """Open a notebook in JupyterLab and run all its cells."""

    def opener(path):
        name = path.replace("/", "-").removesuffix(".ipynb")
        page = open_page(f"{lab.address}lab/workspaces/{name}/tree/{path}?token={lab.token}&reset")
        page.locator(".jp-NotebookPanel .jp-Notebook .jp-Cell").first.wait_for()
        # The kernel is asked for when the notebook is open, and cells run before it is there are lost.
        until(lambda: any(one["path"] == path for one in lab.ask("sessions")), "the kernel")
        page.locator(".jp-NotebookPanel:visible .jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        return page

    return opener


class Live:
    """A live explorer in a page of JupyterLab."""

    def __init__(self, page):
        self.page = page
        self.output = page.locator(".jp-OutputArea-output", has=page.locator(".widget-slider"))
        self.slider = self.output.get_by_role("slider").first
        self.slider.wait_for()
        self.picture = self.output.locator(".explorer-picture img")
        self.picture.wait_for()
        self.picture.scroll_into_view_if_needed()

    @property
    def value(self):
        return float(self.slider.get_attribute("aria-valuenow"))

    def shown(self):
        """Address and alternative text of the picture, and its sentence."""
        return {
            "picture": self.picture.get_attribute("src"),
            "alt": self.picture.get_attribute("alt"),
            "sentence": self.output.locator(".explorer-caption").text_content(),
        }

    def says(self, words):
        """Wait for words of the explorer."""
        self.output.get_by_text(words, exact=True).wait_for()

    def press(self, key):
        self.slider.focus()
        self.page.keyboard.press(key)


def offered(path, name):
    """Return the values of a control, as they stand in the source of a notebook."""
    for cell in nbformat.read(str(path), as_version=4).cells:
        if cell.cell_type == "code" and "explore(" in cell.source:
            for call in ast.walk(ast.parse(cell.source)):
                control = isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Control"
                if control and ast.literal_eval(call.args[0]) == name:
                    return ast.literal_eval(call.args[2])
    raise AssertionError(f"{path.name} has no control {name}")


def test_a_chapter_runs_and_its_explorer_answers(lab, open_notebook):
    name = "chapters/01_neuron.ipynb"
    live = Live(open_notebook(name))
    before = live.shown()
    value = live.value
    live.press("ArrowRight")
    until(lambda: live.shown()["picture"] != before["picture"], "another picture")
    after = live.shown()
    # No frame of the built page has this value: the model was run for it.
    assert value in offered(lab.folder / name, "current")
    assert value < live.value < max(offered(lab.folder / name, "current"))
    assert live.value not in offered(lab.folder / name, "current")
    assert after["sentence"] != before["sentence"]
    assert after["alt"].endswith(after["sentence"])
    assert after["alt"] != before["alt"]
    live.press("ArrowLeft")
    until(lambda: live.shown() == before, "the picture of before")
    assert live.slider.evaluate("slider => slider === document.activeElement")
    assert live.page.record.outside == []


@pytest.mark.weekly
def test_drags_interrupts_and_runs_of_a_slow_explorer(lab, open_notebook):
    live = Live(open_notebook("slow.ipynb"))
    page, drawn, started = live.page, lab.folder / "drawn", lab.folder / "started"

    # A drag through many values: those asked for while one was computed are passed over but for the last.
    passed = live.slider.evaluate_handle("""slider => {
        const passed = [];
        const note = () => passed.push(Number(slider.getAttribute("aria-valuenow")));
        new MutationObserver(note).observe(slider, {attributeFilter: ["aria-valuenow"]});
        return passed;
    }""")
    live.slider.scroll_into_view_if_needed()
    box = live.slider.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = len(drawn.read_text().splitlines())
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y, steps=30)
    page.mouse.up()
    released = len(drawn.read_text().splitlines())
    values = passed.json_value()
    assert len(set(values)) >= 20
    live.says(f"Delay {live.value:.0f}, short.")
    # It is the last one, and nothing comes after it: the kernel has nothing left to do.
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    assert live.value == values[-1]
    assert live.shown()["sentence"] == f"Delay {live.value:.0f}, short."
    computed = drawn.read_text().splitlines()[before:]
    assert computed[-1] == f"{live.value:.0f} short"
    assert len(computed) - (released - before) <= 2
    assert len(computed) < len(set(values)) / 2

    # Interrupting a long computation, by the menu and by the interface of the server.
    for interrupt in ("menu", "interface"):
        kept = live.shown()
        started.unlink(missing_ok=True)
        live.output.get_by_role("button", name="long", exact=True).click()
        until(started.exists, "the computation")
        live.says("Computing…")
        if interrupt == "menu":
            page.get_by_role("menuitem", name="Kernel", exact=True).click()
            page.get_by_role("menuitem", name="Interrupt Kernel").click()
        else:
            lab.ask(f"kernels/{lab.kernel('slow.ipynb')}/interrupt", "POST")
        live.says("Interrupted: the figure is the last one that was finished.")
        assert live.shown() == kept
        live.output.get_by_role("button", name="short", exact=True).click()
        live.press("ArrowRight")
        live.says(f"Delay {live.value:.0f}, short.")
        assert live.shown() != kept

    # The progress of a run.
    bar = live.output.locator(".widget-hprogress .progress-bar")
    assert not bar.is_visible()
    live.output.get_by_role("button", name="run", exact=True).click()
    bar.wait_for(state="visible")
    share = "bar => bar.getBoundingClientRect().width / bar.parentElement.getBoundingClientRect().width"
    first = until(lambda: bar.evaluate(share), "progress")
    assert first < 1
    until(lambda: bar.evaluate(share) > first, "more progress")
    live.output.get_by_text(re.compile(r"^\d+ steps of a run\.$")).wait_for()
    bar.wait_for(state="hidden")
    assert page.record.outside == []
