"""Runs the notebooks of the book, several at a time, before Sphinx reads them.

A run is kept in MyST-NB's cache, with what it was made from: the code of the page and of the packages,
without comments and docstrings. Sphinx reads every page from there, and executes nothing.
"""

import ast
import asyncio
import hashlib
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.db import NbCacheRecord
from jupyter_cache.cache.main import JupyterCacheBase
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from nbclient import NotebookClient
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from forcelib.engines.build import native_path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "_build" / ".jupyter_cache"

#: Explorers draw all their frames, for a page without a kernel; one thread of linear algebra for each.
ENVIRONMENT = {"FORCELIB_FRAMES": "1", "OPENBLAS_NUM_THREADS": "1"}
ENVIRONMENT |= {"MATPLOTLIBRC": str(Path(__file__).with_name("matplotlibrc"))}

#: Figures are shown as vectors and as pixels, untrimmed, so that all have one scale, and undated.
FIGURES = [
    "--InlineBackend.figure_formats={'svg', 'png'}",
    "--InlineBackend.print_figure_kwargs={'bbox_inches': None, 'metadata': {'Date': None}}",
]

#: Characters. A figure that has more of them as vectors, as a raster of many spikes has, stays a picture.
HEAVY = 90_000

#: Files of the packages that a run may use.
KINDS = {".py", ".h", ".cpp", ".wasm", ".mplstyle", ".css", ".js"}


class NotebookError(Exception):
    """Notebooks failed."""


def _digest(path: Path) -> str:
    """Return a number for what a file does: of Python its code, of anything else its bytes."""
    content = path.read_bytes()
    if path.suffix == ".py":
        tree = ast.parse(content)
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
                ast.get_docstring(node, clean=False) is not None
            ):
                node.body = node.body[1:]
        content = ast.dump(tree).encode()
    return hashlib.sha256(content).hexdigest()[:16]


def made_from(root: Path = ROOT) -> dict[str, str]:
    """Return what every run depends on beside its page: a digest for each name."""
    paths = [path for package in ("forcelib", "forcebook") for path in sorted((root / package).rglob("*"))]
    # The library is built from the other files; the command line is used by no page.
    paths = [path for path in paths if path.suffix in KINDS]
    paths = [path for path in paths if path.name != "__main__.py"]
    found = {path.relative_to(root).as_posix(): _digest(path) for path in [*paths, root / "requirements.txt"]}
    return found | {
        "the Python version": sys.version,
        "whether there is a native kernel": str(native_path().exists()),
        "how figures are shown": f"{FIGURES} {HEAVY}",
    }


def of_page(page: str, sources: dict[str, str]) -> dict[str, str]:
    """Return the part of the sources that a page depends on: of the exercises only those of its chapter."""
    others = "forcebook/exercises/chapter_"
    chapter = re.match(r"chapters/0*(\d+)_", page)
    own = f"{others}{chapter[1]}.py" if chapter else ""
    return {name: value for name, value in sources.items() if name == own or not name.startswith(others)}


def read(path: Path) -> NotebookNode | None:
    """Return the notebook in a file as MyST-NB sees it, or None if it is prose alone."""
    text = path.read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), MdParserConfig(), NbParserConfig(), text)
    return reader.read(text) if reader else None


def _last(cache: JupyterCacheBase, page: str) -> NbCacheRecord | None:
    records = [record for record in cache.list_cache_records() if record.uri == page]
    return max(records, key=lambda record: record.pk, default=None)


def reason(cache: JupyterCacheBase, page: str, notebook: NotebookNode, sources: dict[str, str]) -> str:
    """Return why a page has to run; empty if its last run is of these sources."""
    last = _last(cache, page)
    if last is None:
        return "no run is kept"
    if last.hashkey != cache.create_hashed_notebook(notebook)[1]:
        return "its code changed"
    then, now = last.data.get("made_from", {}), of_page(page, sources)
    changed = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    return f"{', '.join(changed[:3])}{' and more' * (len(changed) > 3)} changed" if changed else ""


def show_once(notebook: NotebookNode) -> None:
    """Leave each figure either as vectors, or as a picture, with what it would weigh as vectors."""
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        vectors = output.get("data", {}).get("image/svg+xml")
        if vectors is None:
            continue
        if len(vectors) > HEAVY:
            del output.data["image/svg+xml"]
            output.metadata["characters_as_vectors"] = len(vectors)
        else:
            output.data.pop("image/png", None)


def _keep(cache: JupyterCacheBase, page: str, notebook: NotebookNode, data: dict) -> None:
    """Put a run into the cache, in the place of the page's earlier ones."""
    bundle = CacheBundleIn(notebook, page, data=data)
    kept = cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    for record in cache.list_cache_records():
        if record.uri == page and record.pk != kept.pk:
            cache.remove_cache(record.pk)


def run(
    notebooks: dict[str, NotebookNode],
    root: Path = ROOT,
    folder: Path = CACHE,
    timeout: float = 3600,
    say: Callable[[str], None] = print,
    at_once: int = os.cpu_count() or 1,
) -> None:
    """Run those notebooks whose last run is not of the present sources.

    Raises
    ------
    NotebookError
        With the traceback, if a notebook fails or writes to stderr; the runs of the others are kept.
    """
    cache, sources = get_cache(folder), made_from(root)
    missing = []
    for page, notebook in notebooks.items():
        why = reason(cache, page, notebook, sources)
        say(f"{page} runs: {why}" if why else f"{page} is kept")
        if why:
            missing.append(page)

    def seconds_known(page: str) -> float:
        last = _last(cache, page)
        return last.data["execution_seconds"] if last else len(notebooks[page].cells)

    clients = {
        page: NotebookClient(
            notebooks[page],
            timeout=timeout,
            startup_timeout=600,  # seconds; on a machine that is busy
            record_timing=False,  # in the metadata it would make other notebooks of them
            resources={"metadata": {"path": (root / page).parent}},
            # It warns of its connection, which stays on this machine.
            extra_arguments=["--log-level=ERROR", *FIGURES],
        )
        for page in sorted(missing, key=seconds_known, reverse=True)
    }

    def execute(page: str) -> float:
        begin = time.monotonic()
        asyncio.run(clients[page].async_execute(env=os.environ | ENVIRONMENT))
        return time.monotonic() - begin

    failures = []
    pool = ThreadPoolExecutor(at_once)
    tasks = {pool.submit(execute, page): page for page in clients}
    try:
        for task in as_completed(tasks):
            page = tasks[task]
            outputs = [output for cell in notebooks[page].cells for output in cell.get("outputs", [])]
            complaints = [output.text for output in outputs if output.get("name") == "stderr"]
            if task.exception() or complaints:
                failures.append(f"{page}: {task.exception() or ''.join(complaints)}")
                say(f"{page} FAILED")
            else:
                show_once(notebooks[page])
                data = {"execution_seconds": task.result(), "made_from": of_page(page, sources)}
                _keep(cache, page, notebooks[page], data)
                say(f"{page} has run, in {task.result():.0f} s")
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for client in clients.values():  # kernels have sessions of their own: Ctrl-C does not reach them
            if client.km is not None and client.km.has_kernel:
                os.killpg(client.km.provisioner.pgid, signal.SIGKILL)
        raise
    finally:
        pool.shutdown()
    if failures:
        raise NotebookError("\n\n".join(failures))


def outdated(app: Sphinx, env: BuildEnvironment, *_) -> list[str]:
    """Run what has to run, and name the pages whose run is newer than what Sphinx has read."""
    config = env.mystnb_config
    if config.execution_mode != "cache":
        return []
    found = {name: read(Path(env.doc2path(name))) for name in sorted(env.found_docs)}
    pages = {name: notebook for name, notebook in found.items() if notebook}
    folder = Path(config.execution_cache_path)
    try:
        run(pages, Path(app.srcdir), folder, config.execution_timeout, logging.getLogger(__name__).info)
    except NotebookError as error:
        sys.exit(str(error))  # which says all: no traceback of Sphinx around it
    cache = get_cache(folder)
    made = {page: _last(cache, page).created.replace(tzinfo=UTC).timestamp() for page in pages}
    return [page for page in pages if made[page] * 1e6 > env.all_docs.get(page, 0)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect with Sphinx."""
    app.connect("env-get-outdated", outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
