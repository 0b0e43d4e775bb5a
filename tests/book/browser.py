"""What tests of the built book in Chromium share: its pages, a server, a browser that stays inside."""

import contextlib
import functools
import http.server
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import playwright
import pytest
import yaml
from playwright.sync_api import Error, sync_playwright

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"

#: The Node.js that Playwright brings with it.
NODE = Path(playwright.__file__).parent / "driver" / ("node.exe" if sys.platform == "win32" else "node")

# Pages jump where they would glide: a button that glides away between the halves of a click is not clicked.
JUMP = "addEventListener('DOMContentLoaded', () => (document.documentElement.style.scrollBehavior = 'auto'))"

PATIENCE = (
    600_000  # ms: states are waited for, and never times; this is when a busy machine has had its chance
)

# The mathematics is set, and the fonts are there.
SETTLED = """async () => {
    if (document.querySelector(".math") && window.MathJax) await MathJax.startup.promise;
    await document.fonts.ready;
}"""

# Not what a page may ask for: files, what is in the page itself, and the server of the tests.
OUTSIDE = re.compile(r"^(?!file:|data:|blob:|about:|(?:http|ws)://127\.0\.0\.1[:/])")


def pages():
    """The pages of the book in its order, as paths below its folder."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    files = [toc["root"]] + [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [f"{name}.html" for name in files]


PAGES = pages()
CHAPTERS = [name for name in PAGES if name.startswith("chapters/")]


def need(present, reason):
    """Fail with a reason: nothing passes by being left out."""
    if not present:
        pytest.fail(reason, pytrace=False)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serve(folder):
    """Serve a folder on this machine alone; gives the address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def chromium():
    """A Chromium that asks nobody for anything of its own accord: this machine's, else Playwright's."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    arguments += ["--disable-component-update", "--disable-sync"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


def main():
    """Start each browser once; return what to install if one does not start. Playwright fetches Chromium."""
    from firefox import MISSING, starts

    fetch = [sys.executable, "-m", "playwright", "install", "chromium"]
    for command in (None, fetch):
        if command:
            subprocess.run(command, capture_output=True)
        with contextlib.suppress(Error), chromium():
            return None if starts() else MISSING
    return (
        "The tests of the pages need Chromium, and it cannot be fetched. To install it, on Debian: "
        "apt-get install chromium; on Ubuntu: sudo .venv/bin/playwright install --with-deps chromium"
    )


class Record:
    """What a page asked for and complained about since it was made.

    Attributes
    ----------
    requests : list of str
        Every address asked for.
    outside : list of str
        Those of other hosts; they are refused.
    failed : list of str
        Requests that failed, or were answered with an error.
    said : list of str
        Errors and warnings in the console, and errors of scripts.
    """

    def __init__(self, page):
        self.requests, self.outside, self.failed, self.said = [], [], [], []
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def _asked(self, url):
        self.requests.append(url)
        if OUTSIDE.match(url):
            self.outside.append(url)

    def _failed(self, request):
        # Who leaves a page at once leaves its icon behind.
        if request.failure != "net::ERR_ABORTED" or not request.url.endswith("/favicon.svg"):
            self.failed.append(f"{request.url}: {request.failure}")

    def _answered(self, response):
        if response.status >= 400:
            self.failed.append(f"{response.url}: {response.status}")

    def _heard(self, message):
        if message.type in ("error", "warning"):
            self.said.append(f"{message.text} ({message.location.get('url', '')})")

    def complaints(self):
        """Everything that must not be there, and empty if all is well."""
        return {
            kind: found
            for kind, found in (("outside", self.outside), ("failed", self.failed), ("said", self.said))
            if found
        }


def settle(page):
    """Wait until the mathematics is set, and the fonts are there."""
    page.evaluate(SETTLED)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests."""
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="session")
def site():
    """Address of a server of the built book."""
    need((HTML / "index.html").exists(), "the book is not built: make book")
    with serve(HTML) as address:
        yield address


@pytest.fixture
def open_page(browser, request):
    """Open a page of the book: ``page = open_page("index.html")``, or any address.

    The second argument is "file" or "http", ``width`` and ``height`` are those of the window, ``mode`` is
    "light" or "dark", ``before`` is a script that runs before those of the page; other options are those of
    Playwright's ``new_context``. Requests to other hosts are refused. The page has a ``record`` of what it
    asked for and complained about.
    """
    contexts = []

    def opener(name, scheme="file", *, width=1280, height=900, mode="light", before="", **options):
        if "://" not in name:
            need((HTML / "index.html").exists(), "the book is not built: make book")
            root = HTML.as_uri() if scheme == "file" else request.getfixturevalue("site")
            name = f"{root}/{name}"
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=mode, **options
        )
        contexts.append(context)
        context.route(OUTSIDE, lambda route: route.abort())
        context.add_init_script(f"{JUMP};{before}")
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.record = Record(page)
        page.goto(name)
        if options.get("java_script_enabled", True):
            settle(page)
        return page

    yield opener
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe():
    """The script of axe-core."""
    from axe_playwright_python.base import AXE_SCRIPT

    return AXE_SCRIPT


if __name__ == "__main__":
    sys.exit(main())
