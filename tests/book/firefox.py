"""Firefox, driven by WebDriver BiDi over a WebSocket: Playwright drives none but its own build."""

import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import websocket
from browser import OUTSIDE, PATIENCE, ROOT, SETTLED

MACOS = "/Applications/Firefox.app/Contents/MacOS/firefox"
PATH = next(filter(None, map(shutil.which, ("firefox-esr", "firefox", MACOS))), None)

MISSING = (
    "The tests of the pages need Firefox, and it does not start. To install it, on Debian: apt-get install "
    "firefox-esr; elsewhere: the package of your system, or mozilla.org/firefox"
)

# Whatever asks another host, the page or Firefox itself, finds nobody at the discard port of this machine.
PREFERENCES = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "general.smoothScroll": False,
}


class Firefox:
    """A window of Firefox, and what was wrong with its pages.

    Attributes
    ----------
    complaints : list of str
        Addresses of other hosts, requests that failed, errors and warnings in the console.
    """

    def __init__(self, socket):
        self._socket = socket
        self._sent = 0
        self.complaints = []
        self.do("session.new", capabilities={})
        events = ["network.beforeRequestSent", "network.responseCompleted", "network.fetchError"]
        self.do("session.subscribe", events=[*events, "log.entryAdded"])
        self.window = self.do("browsingContext.getTree")["contexts"][0]["context"]

    def do(self, method, **parameters):
        """Give a command of WebDriver BiDi and return its result; what happens meanwhile is noted."""
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while (told := json.loads(self._socket.recv())).get("id") != self._sent:
            if told["type"] == "event":
                self._note(told["method"], told["params"])
        if told["type"] == "error":
            raise RuntimeError(f"{method}: {told['message']}")
        return told["result"]

    def _note(self, event, told):
        if event == "log.entryAdded":
            if told["level"] in ("error", "warn"):
                self.complaints.append(f"{told['level']}: {told['text']}")
            return
        url = told["request"]["url"]
        if event == "network.beforeRequestSent":
            if OUTSIDE.match(url):
                self.complaints.append(f"outside: {url}")
        elif event == "network.fetchError":
            # Who leaves a page at once leaves what it was fetching behind.
            if told["errorText"] != "NS_BINDING_ABORTED":
                self.complaints.append(f"{told['errorText']}: {url}")
        elif told["response"]["status"] >= 400:
            self.complaints.append(f"{told['response']['status']}: {url}")

    def open(self, url, width=1280, height=900):
        """Open a page in a window of that size."""
        self.do(
            "browsingContext.setViewport", context=self.window, viewport={"width": width, "height": height}
        )
        self.do("browsingContext.navigate", context=self.window, url=url, wait="complete")
        self.ask(SETTLED)

    def ask(self, function, *arguments):
        """Call a JavaScript function in the page with numbers and texts; return its result, of plain data."""
        done = self.do(
            "script.callFunction",
            functionDeclaration=f"async (...all) => JSON.stringify(await ({function})(...all) ?? null)",
            arguments=[
                {"type": "string" if isinstance(one, str) else "number", "value": one} for one in arguments
            ],
            target={"context": self.window},
            awaitPromise=True,
        )
        if done["type"] == "exception":
            raise AssertionError(done["exceptionDetails"]["text"])
        return json.loads(done["result"]["value"])

    def wait(self, function, *arguments):
        """Wait until a JavaScript function returns something true, across pages; return that."""
        end = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < end:
            # A page that is just being left answers nothing.
            with contextlib.suppress(RuntimeError):
                if found := self.ask(function, *arguments):
                    return found
            time.sleep(0.05)
        raise TimeoutError(function)

    def mouse(self, *steps):
        """Move the mouse to places (x, y) in the window; the button is down from the first to the last."""
        (x, y), *others = [[round(value) for value in step] for step in steps]
        moves = [{"type": "pointerMove", "x": x, "y": y} for x, y in others]
        actions = [{"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0}]
        actions += [*moves, {"type": "pointerUp", "button": 0}]
        self._perform({"type": "pointer", "id": "mouse", "actions": actions})

    def box(self, selector):
        """Where the first visible element is: left, top, width, height, once it is scrolled into sight."""
        return self.wait(
            """selector => {
                const all = [...document.querySelectorAll(selector)];
                const one = all.find(one => one.checkVisibility({visibilityProperty: true}));
                one?.scrollIntoView({block: "center", behavior: "instant"});
                const box = one?.getBoundingClientRect();
                return box?.width && [box.x, box.y, box.width, box.height];
            }""",
            selector,
        )

    def click(self, selector):
        """Click at the middle of the first visible element of a selector."""
        x, y, width, height = self.box(selector)
        self.mouse((x + width / 2, y + height / 2))

    def press(self, *keys):
        """Press keys one after the other: characters, as WebDriver names them."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._perform({"type": "key", "id": "keyboard", "actions": actions})

    def _perform(self, source):
        self.do("input.performActions", context=self.window, actions=[source])


def starts():
    """Say whether there is a Firefox that starts."""
    with contextlib.suppress(OSError), firefox():
        return True
    return False


@contextlib.contextmanager
def firefox():
    """A Firefox without a window on the screen, with a profile of its own."""
    with contextlib.ExitStack() as stack:
        if not PATH:
            raise OSError(MISSING)
        # Not in the system's folder for what passes: a Firefox that is a snap sees another.
        (ROOT / "_build").mkdir(exist_ok=True)
        profile = stack.enter_context(
            tempfile.TemporaryDirectory(dir=ROOT / "_build", prefix="firefox-", ignore_cleanup_errors=True)
        )
        lines = [
            f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()
        ]
        (Path(profile) / "user.js").write_text("\n".join(lines))
        command = [PATH, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"]
        process = stack.enter_context(
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        stack.callback(process.kill)
        address = Path(profile) / "WebDriverBiDiServer.json"
        while not (address.exists() and address.stat().st_size):
            if process.poll() is not None:
                raise OSError(MISSING)
            time.sleep(0.05)
        port = json.loads(address.read_text())["ws_port"]
        socket = websocket.create_connection(
            f"ws://127.0.0.1:{port}/session", suppress_origin=True, timeout=PATIENCE / 1000
        )
        stack.callback(socket.shutdown)
        window = Firefox(socket)
        yield window
        with contextlib.suppress(websocket.WebSocketException, OSError):
            window.do("browser.close")
            process.wait()
