"""Explorers: their frames, their player as text, and their live widget without a browser."""

import base64
import contextlib
import html.parser
import itertools
import json
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from brian2 import ms
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient
from traitlets import TraitError

import forcelib
from forcebook import glue
from forcebook.explorer import Control, Explorer, Frame, explore
from forcelib import ParameterError

TEXTS = {"name": "try", "caption": "All lines.", "alt": "A line."}

PAGE = """
import os
import matplotlib.pyplot as plt
from pathlib import Path

log = Path({log!r})

def height(slope):
    return slope * {factor}

def draw(slope, colour="blue"):
    with log.open("a") as file:
        file.write("drawn\\n")
    figure, ax = plt.subplots(figsize=(1.5, 1))
    ax.plot([0, 1], [0, height(slope)], color=colour)
    return figure, f"A {{colour}} line of slope {{slope}}."
"""


class Page:
    """What a page of the book is to an explorer: functions of a namespace that nobody can import."""

    def __init__(self, folder, source=PAGE, **words):
        folder.mkdir()
        self.log = folder / "log"
        path = folder / "page.py"
        path.write_text(source.format(**{"log": str(self.log), "factor": 1, **words}))
        self.names = {"__name__": "page"}
        exec(compile(path.read_text(), path, "exec"), self.names)

    def drawn(self):
        """Count the figures drawn since the last time."""
        count = len(self.log.read_text().split()) if self.log.exists() else 0
        self.log.write_text("")
        return count

    def __getitem__(self, name):
        return self.names[name]


@pytest.fixture
def page(tmp_path):
    return Page(tmp_path / "page")


@pytest.fixture(autouse=True)
def own_frames(tmp_path, monkeypatch):
    """Keep the frames of each test apart, and draw them in one process."""
    monkeypatch.setenv("FORCELIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    monkeypatch.delenv("FORCELIB_FRAMES", raising=False)
    yield
    plt.close("all")


def line(slope, colour="blue"):
    figure, ax = plt.subplots(figsize=(1.5, 1))
    ax.plot([0, 1], [0, slope], color=colour)
    return figure, f"A {colour} line of slope {slope}."


def frames(page, control=None, **texts):
    return explore(page["draw"], control or SLOPE, **{**TEXTS, **texts}).frames()


SLOPE = Control("slope", "Slope", [1, 2, 4, 8])
COLOUR = Control("colour", "Colour", ["blue", "red"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "a slope"}, "name of a control must be a Python name; got 'a slope'"),
        ({"values": [1]}, "values of the control slope must be two or more; got [1]"),
        ({"values": [2, 1]}, "finite numbers in growing order; got [2, 1]"),
        ({"values": [0, float("nan")]}, "finite numbers in growing order"),
        ({"values": [False, True]}, "finite numbers in growing order"),
        ({"values": [1, "two"]}, "finite numbers in growing order; got [1, 'two']"),
        ({"values": ["a", "b", "a"]}, "different words; got ['a', 'b', 'a']"),
        ({"log": True, "values": [0, 1]}, "above zero for log=True; got 0"),
        ({"default": 3}, "default of the control slope must be one of [1, 2, 4]; got 3"),
        ({"values": ["a", "b"], "play": True}, "play of the control slope needs numbers"),
        ({"values": ["a", "b"], "axes": 0}, "axes of the control slope needs numbers"),
    ],
)
def test_a_wrong_control_names_value_and_limit(arguments, words):
    with pytest.raises(ParameterError, match=re.escape(words)):
        Control(**{"name": "slope", "label": "Slope", "values": [1, 2, 4], **arguments})


@pytest.mark.parametrize(
    ("controls", "texts", "words"),
    [
        ([SLOPE], {"name": "Try it"}, "lower-case letters, digits and hyphens; got 'Try it'"),
        ([SLOPE], {"caption": " "}, "caption of the explorer try must not be empty"),
        ([SLOPE], {"alt": ""}, "alt of the explorer try must not be empty"),
        ([], {}, "controls must be one to three; got 0"),
        ([SLOPE] * 4, {}, "controls must be one to three; got 4"),
        ([SLOPE, SLOPE], {}, "different names; got ['slope', 'slope']"),
        ([Control("size", "Size", [1, 2])], {}, "controls ['size'] do not fit line"),
        ([COLOUR], {}, "controls ['colour'] do not fit line: missing a required argument: 'slope'"),
        ([Control("slope", "Slope", range(401))], {}, "frames must be 400 at most; the controls make 401"),
        (
            [Control(name, name, [0, 1], play=True) for name in ("slope", "colour")],
            {},
            "play must be set for one control at most",
        ),
        (
            [Control(name, name, [0, 1], axes=0) for name in ("slope", "colour")],
            {},
            "axes must be set for one control at most",
        ),
    ],
)
def test_a_wrong_explorer_names_value_and_limit(controls, texts, words):
    with pytest.raises(ParameterError, match=re.escape(words)):
        explore(line, *controls, **{**TEXTS, **texts})


def test_an_axis_that_no_figure_has():
    with pytest.raises(ParameterError, match=r"axes of the control slope must lie in \[0, 1\); got 3"):
        explore(line, Control("slope", "Slope", [1, 2], axes=3), **TEXTS).player()


@pytest.mark.parametrize("returned", ["None", "figure", "(figure, '')", "('figure', 'Words.')"])
def test_a_drawing_function_returns_figure_and_sentence(tmp_path, returned):
    source = "import matplotlib.pyplot as plt\ndef draw(slope):\n    figure = plt.figure()\n    return "
    draw = Page(tmp_path / "page", source + returned)["draw"]
    with pytest.raises(ParameterError, match="draw must return a figure and a sentence; got"):
        explore(draw, SLOPE, **TEXTS).frame()


@given(
    st.lists(
        st.floats(-1e6, 1e6, allow_nan=False) | st.integers(-1000, 1000), min_size=2, max_size=9, unique=True
    ),
    st.data(),
)
def test_a_control_keeps_its_numbers_and_its_default(numbers, data):
    values = sorted(numbers)
    default = data.draw(st.sampled_from(values))
    control = Control("slope", "Slope", np.array(values, dtype=object), default=default)
    assert list(control.values) == values
    assert control.default == default
    assert Control("slope", "Slope", values).default == values[len(values) // 2]
    text = control.text(default)
    assert float(text.replace("\N{MINUS SIGN}", "-")) == pytest.approx(default, abs=0.5)
    assert "-" not in text


def test_numbers_of_numpy_become_those_of_python():
    control = Control("slope", "Slope", np.linspace(0, 1, 3))
    assert [type(value) for value in control.values] == [float] * 3


def test_frames_come_in_the_order_of_the_product(page):
    explorer = explore(page["draw"], SLOPE, COLOUR, **TEXTS)
    product = list(itertools.product(SLOPE.values, COLOUR.values))
    for frame, (slope, colour) in zip(explorer.frames(), product, strict=True):
        assert frame == explorer.frame(slope=slope, colour=colour)
        assert frame.caption == f"A {colour} line of slope {slope}."
        assert frame.picture.startswith(b"RIFF")
        assert (frame.width, frame.height) == (180, 120)


@pytest.mark.weekly
def test_one_and_two_workers_draw_the_same_frames(tmp_path, monkeypatch):
    page = Page(tmp_path / "page", PAGE.replace('"drawn\\n"', 'f"{{os.getpid()}} "'))
    monkeypatch.setattr("forcebook.explorer._ALONE", 0)
    drawn = []
    for workers in (1, 2):
        monkeypatch.setenv("LOKY_MAX_CPU_COUNT", str(workers))
        drawn.append(frames(page))
        processes = set(page.log.read_text().split())
        page.log.unlink()
        assert (processes == {str(os.getpid())}) == (workers == 1)
    assert drawn[0] == drawn[1]
    assert len({frame.picture for frame in drawn[0]}) == len(SLOPE.values)


@pytest.fixture
def notebook(monkeypatch):
    """What an explorer asks IPython for: the code of the page so far."""
    import IPython

    # pyplot looks for a shell too, when it chooses a backend, and this is not a whole one.
    plt.switch_backend("agg")
    shell = SimpleNamespace(history_manager=SimpleNamespace(input_hist_parsed=["", "import forcelib"]))
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)


def kept():
    return list(Path(os.environ["FORCELIB_CACHE"], "frames").iterdir())


@pytest.mark.usefixtures("notebook")
class TestKept:
    """Frames that were drawn before."""

    def test_only_what_is_new_is_drawn(self, page, tmp_path, monkeypatch):
        first = frames(page)
        assert page.drawn() == len(kept()) == 4
        assert frames(page, caption="Other words.", alt="Other lines.") == first
        assert page.drawn() == 0
        frames(page, Control("slope", "Slope", [1, 2, 3, 4, 8]))
        assert page.drawn() == 1
        frames(page, dpi=60)
        assert page.drawn() == 4
        copy = shutil.copytree(Path(forcelib.__file__).parent, tmp_path / "forcelib")
        monkeypatch.setattr(forcelib, "__file__", str(copy / "__init__.py"))
        frames(page)
        assert page.drawn() == 0
        for name in ("figures.py", "book.mplstyle"):
            (copy / name).write_text("# another forcelib")
            frames(page)
            assert page.drawn() == 4
        other = Page(tmp_path / "other", PAGE.replace("(1.5, 1)", "(1.5, 1.25)"))
        assert {frame.height for frame in frames(other, name="other")} == {150}

    @pytest.mark.parametrize("taken", ["cache", "cache/frames"])
    def test_a_folder_that_cannot_be_written_still_works(self, page, tmp_path, taken):
        (tmp_path / taken).parent.mkdir(exist_ok=True)
        (tmp_path / taken).write_text("")
        assert len(frames(page)) == 4

    def test_a_damaged_frame_is_drawn_anew(self, page):
        first = frames(page)
        for damage in ("", "{", "[]", "null", '{"picture": "!"}', '{"caption": "x"}'):
            page.drawn()
            kept()[0].write_text(damage)
            assert frames(page) == first
            assert page.drawn() == 1


def test_outside_of_a_notebook_nothing_is_kept(page):
    frames(page)
    frames(page)
    assert page.drawn() == 8


def test_glue_outside_of_a_notebook_starts_none():
    from IPython import get_ipython

    glue("spikes", 42)
    assert get_ipython() is None


def test_a_built_notebook_draws_anew_what_has_changed(tmp_path, monkeypatch):
    monkeypatch.setenv("FORCELIB_FRAMES", "1")
    log = tmp_path / "log"
    last = (
        "from forcebook.explorer import Control, explore\n"
        "slope = Control('slope', 'Slope', [1, 2, 4, 8])\n"
        "explore(draw, slope, name='try', caption='All lines.', alt='A line.')"
    )
    page = PAGE.format(log=str(log), factor=1)
    changed = "def draw(slope, old=draw): return old(slope, 'red')"

    def drawn(*cells):
        log.write_text("")
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
        shown = [Parsed(cell.outputs[0].data["text/html"]) for cell in notebook.cells if cell.source == last]
        return len(log.read_text().split()), [player.texts["explorer-caption"] for player in shown]

    blue, red = "A blue line of slope 4.", "A red line of slope 4."
    assert drawn(page, last) == (4, [blue])
    # What comes after an explorer does not matter to it; what comes before does.
    assert drawn(page, last, changed, last) == (4, [blue, red])


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("(1.5, 1)", "(1.5, slope)", ParameterError, r"explorer try must have one size; got \[\(180"),
        ("slope * {factor}", "1 / (slope - 4)", ZeroDivisionError, "division by zero"),
    ],
    ids=["figures of different size", "an error of the drawing function"],
)
def test_frames_that_cannot_be_drawn(tmp_path, old, new, error, words):
    with pytest.raises(error, match=words):
        frames(Page(tmp_path / "page", PAGE.replace(old, new)))


class Parsed(html.parser.HTMLParser):
    """Elements of a player: their attributes, and the text of what has a class."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self._open = [], {}, []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if tag not in ("img", "input", "br"):
            self._open.append(attributes.get("class") or tag)

    def handle_endtag(self, tag):
        self._open.pop()

    def handle_data(self, data):
        if self._open:
            self.texts[self._open[-1]] = self.texts.get(self._open[-1], "") + data

    def all(self, tag):
        return [attributes for kind, attributes in self.elements if kind == tag]


HOSTILE = """<b>5 < 6 & "quoted" 'too'</b></script><!-- <script> \\ \u2028 &amp; é"""


class Told(Explorer):
    """An explorer whose frames are told and not drawn, so that there can be many."""

    def frames(self):
        products = itertools.product(*(control.values for control in self.controls))
        return [Frame(b"picture", self.sentence(values), 2, 1) for values in products]

    def sentence(self, values):
        return f"This is {values!r}."


@given(st.lists(st.integers(2, 7), min_size=1, max_size=3), st.data())
def test_the_player_has_the_frame_of_every_position(counts, data):
    controls = [Control(f"c{k}", f"Control {k}", range(count)) for k, count in enumerate(counts)]
    explorer = Told(lambda **values: None, controls, **TEXTS)
    positions = [data.draw(st.integers(0, count - 1)) for count in counts]
    player = Parsed(explorer.player())
    carried = json.loads(player.texts["explorer-data"])
    # The first control moves slowest, as the digits of a number do.
    index = np.ravel_multi_index(positions, counts)
    assert carried["frames"][index][1] == explorer.sentence(tuple(positions))
    assert [len(control["values"]) for control in carried["controls"]] == counts
    defaults = tuple(count // 2 for count in counts)
    assert player.texts["explorer-caption"] == explorer.sentence(defaults)
    assert [control["default"] for control in carried["controls"]] == list(defaults)
    assert player.all("img")[0]["alt"] == f"A line. {explorer.sentence(defaults)}"


def test_captions_arrive_as_text():
    class Hostile(Told):
        def sentence(self, values):
            return HOSTILE

    explorer = Hostile(
        lambda a, b: None,
        [Control("a", HOSTILE, [0, 1], unit="<i>"), Control("b", "B", [HOSTILE, "</label>"])],
        name="try",
        caption=HOSTILE,
        alt=HOSTILE,
    )
    player = Parsed(explorer.player())
    assert player.texts["explorer-caption"] == player.texts["figcaption"] == HOSTILE
    assert player.all("img")[0]["alt"] == f"{HOSTILE} {HOSTILE}"
    assert player.all("input")[0]["aria-valuetext"] == "1 <i>"
    carried = json.loads(player.texts["explorer-data"])
    assert {words for _, words in carried["frames"]} == {carried["alt"]} == {HOSTILE}
    assert carried["controls"][1]["values"] == [HOSTILE, "</label>"]
    assert not player.all("b")
    # Between "<!--" and "-->" a script element does not end where it ought to.
    assert "<!--" not in explorer.player()


def test_the_player_asks_nobody_for_anything_and_says_what_it_cost(page):
    control = Control("slope", "Slope", SLOPE.values, play=True)
    text = explore(page["draw"], control, COLOUR, **TEXTS).player()
    player = Parsed(text)
    elements = [attributes for _, attributes in player.elements]
    (address,) = [a.get("src") or a.get("href") for a in elements if "src" in a or "href" in a]
    assert address.startswith("data:image/webp;base64,")
    plain = re.sub(r"[A-Za-z0-9+/=]{200,}", "", text)
    assert not re.search(r"https?:|//\w|@import|url\(|fetch\(|import\(|XMLHttp", plain)
    figure = player.all("figure")[0]
    assert (figure["id"], figure["data-frames"]) == ("try", "8")
    assert float(figure["data-seconds"]) >= 0
    assert 'class="explorer-play"' in text
    without = explore(page["draw"], SLOPE, **TEXTS).player()
    assert "explorer-play" not in without.split("<script")[0]


class Live:
    """The parts of a live widget."""

    def __init__(self, draw, *controls):
        box = explore(draw, *controls, **TEXTS).widget()
        self.picture, self.controls, self.bar, self.status, _ = box.children

    @property
    def shown(self):
        return Parsed(self.picture.value)

    @property
    def sentence(self):
        return self.shown.texts["explorer-caption"]

    def move(self, value, k=0):
        self.controls.children[k].value = value


@pytest.fixture
def live_page(tmp_path):
    """Draw something that says how often it was called and fails for some values."""
    calls = []

    def draw(slope, colour="blue"):
        calls.append((slope, colour))
        figure, ax = plt.subplots(figsize=(1.5, 1))
        ax.plot([0, 1], [0, slope], color=colour)
        if slope == 7:
            raise ParameterError("slope must not be 7 & <up>")
        if slope == 6:
            signal.raise_signal(signal.SIGINT)
            time.sleep(10)
        if slope == 5:
            raise forcelib.RunInterrupted("stopped")
        if slope == 3:
            raise ZeroDivisionError("a mistake in the page")
        return figure, f"Slope {slope}, {colour}."

    draw.calls = calls
    return draw


def test_moving_a_live_control_computes_each_value_once(live_page):
    live = Live(live_page, SLOPE, COLOUR)
    before = live.shown.all("img")[0]
    live.move(2)
    live.move("blue", 1)
    assert live.sentence == "Slope 2, blue."
    after = live.shown.all("img")[0]
    assert after["alt"] == "A line. Slope 2, blue."
    assert after["src"] != before["src"]
    assert live.status.value == ""
    assert live.bar.layout.visibility == "hidden"
    live.move("red", 1)
    live.move(4)
    assert live.shown.all("img")[0] == before
    assert live_page.calls == [(4, "red"), (2, "red"), (2, "blue")]


INTERRUPTED = "Interrupted: the figure is the last one that was finished."


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        (7, "No figure for these values: slope must not be 7 &amp; &lt;up&gt;"),
        (6, INTERRUPTED),
        (5, INTERRUPTED),
        (3, "The figure could not be drawn. ZeroDivisionError: a mistake in the page"),
    ],
    ids=["an error of forcelib", "Ctrl-C", "a run that was interrupted", "a mistake of the page"],
)
@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.default_int_handler], ids=["ignored", "default"])
def test_without_a_new_figure_the_last_one_stays(live_page, slope, words, handler):
    mine = plt.figure()
    before = signal.signal(signal.SIGINT, handler)
    try:
        live = Live(live_page, SLOPE)
        kept = live.picture.value
        with contextlib.suppress(ZeroDivisionError):
            live.move(slope)
        assert live.picture.value == kept
        assert live.status.value == words
        assert live.bar.layout.visibility == "hidden"
        assert signal.getsignal(signal.SIGINT) == handler
        # It is asked for anew, not remembered; and the next value is computed.
        live.move(2)
        assert live.sentence == "Slope 2, blue."
        assert live.status.value == ""
        with contextlib.suppress(ZeroDivisionError):
            live.move(slope)
        assert [value for value, _ in live_page.calls] == [4, slope, 2, slope]
        assert signal.getsignal(signal.SIGINT) == handler
    finally:
        signal.signal(signal.SIGINT, before)
    # Left open, a failed figure would be shown below the next cell of a notebook.
    assert plt.get_fignums() == [mine.number]


def test_the_progress_of_a_run_moves_the_bar():
    def draw(seed, progress=None):
        def slow(done, total):
            time.sleep(0.4)  # before that no bar is needed
            progress(done, total)

        forcelib.run(
            seed=seed,
            parameters=forcelib.Parameters(N=20, duration=20 * ms),
            progress=slow if progress else None,
        )
        return plt.figure(figsize=(1.5, 1)), f"Seed {seed}."

    seen = []
    live = Live(draw, Control("seed", "Seed", [1, 2, 3]))
    live.bar.observe(lambda change: seen.append(change["new"]), "value")
    live.bar.layout.observe(lambda change: seen.append(change["new"]), "visibility")
    live.move(3)
    assert live.sentence == "Seed 3."
    assert seen[-2:] == ["hidden", 0]
    assert "visible" in seen
    grown = [value for value in seen[:-1] if not isinstance(value, str)]
    assert grown
    assert all(0 < value <= 1 for value in grown)
    assert grown == sorted(grown)


@pytest.mark.parametrize(
    ("control", "value"),
    [
        (SLOPE, 3),
        (Control("slope", "Slope", [0.5, 1, 2], digits=1), 1.7),
        (Control("slope", "Slope", [0.01, 1, 100], log=True), 10.0),
        (Control("slope", "Slope", [1, 2, 4], fixed=True), 4),
        (Control("slope", "Slope", [1, 2, 4], play=True), 1),
        (Control("slope", "Slope", ["up", "down"]), "up"),
    ],
)
def test_each_kind_of_control_is_followed(control, value):
    live = Live(lambda slope: (plt.figure(figsize=(1.5, 1)), f"Slope {slope}."), control)
    assert live.sentence == f"Slope {control.default}."
    live.move(value)
    assert live.sentence == f"Slope {value}."


def test_a_fixed_control_has_its_values_only(live_page):
    live = Live(live_page, Control("slope", "Slope", [1, 2, 4], fixed=True))
    with pytest.raises(TraitError):
        live.move(3)
    assert live_page.calls == [(2, "blue")]


def test_play_runs_through_the_values_of_its_control(live_page):
    live = Live(live_page, Control("slope", "Slope", [1, 2, 4, 8], play=True))
    _, play = live.controls.children
    # The button stands at the value that is shown, so that playing goes on from there.
    assert (play.min, play.value, play.max) == (0, 2, 3)
    play.value = 1
    assert live.sentence == "Slope 2, blue."
    live.move(8)
    assert play.value == 3


def test_what_matplotlib_was_set_to_stays(live_page, page):
    # A page whose figures go into the page must go on doing so after an explorer.
    with mpl.rc_context({"font.size": 23, "axes.grid": True}):
        plt.switch_backend("svg")
        try:
            before = dict(mpl.rcParams)
            live = Live(live_page, SLOPE)
            for slope in (2, 7, 5):
                live.move(slope)
            for values in ([1, 2], [1, 2, 3, 4, 5]):
                frames(page, Control("slope", "Slope", values))
            assert dict(mpl.rcParams) == before
        finally:
            plt.switch_backend("agg")


def test_a_built_page_gets_the_player_and_a_live_one_the_widget(page, monkeypatch):
    explorer = explore(page["draw"], SLOPE, **TEXTS)
    bundle = explorer._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
    # What shows where widgets do not: the figure of the defaults, without dead controls.
    still = Parsed(bundle["text/html"])
    assert still.texts["explorer-caption"] == bundle["text/plain"] == "A blue line of slope 4."
    assert not still.all("input")
    assert not still.all("script")
    monkeypatch.setenv("FORCELIB_FRAMES", "1")
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert Parsed(bundle["text/html"]).all("input")


def test_the_widget_is_shown_by_ipywidgets_7_too(page, monkeypatch):
    # Colab has version 7, whose widgets return no bundle.
    monkeypatch.delattr("ipywidgets.Widget._repr_mimebundle_", raising=False)
    shown = explore(page["draw"], SLOPE, **TEXTS)._repr_mimebundle_()
    view = shown["application/vnd.jupyter.widget-view+json"]
    assert view == {"version_major": 2, "version_minor": 0, "model_id": view["model_id"]}
    assert len(view["model_id"]) == 32


def test_without_ipywidgets_there_is_a_still_picture(page, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    explorer = explore(page["draw"], SLOPE, **TEXTS)
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    still = Parsed(bundle["text/html"])
    assert still.all("img")[0]["alt"] == "A line. A blue line of slope 4."
    assert base64.b64decode(still.all("img")[0]["src"].split(",")[1]) == explorer.frame().picture
    with pytest.raises(ImportError):
        explorer.widget()
