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
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

import forcelib
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
    """Keep the frames of each test apart."""
    monkeypatch.setenv("FORCELIB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("FORCELIB_FRAMES", raising=False)
    yield
    plt.close("all")


@pytest.fixture
def sequential(monkeypatch):
    """Draw in one process, as on one core."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")


def line(slope, colour="blue"):
    figure, ax = plt.subplots(figsize=(1.5, 1))
    ax.plot([0, 1], [0, slope], color=colour)
    return figure, f"A {colour} line of slope {slope}."


SLOPE = Control("slope", "Slope", [1, 2, 4, 8])
COLOUR = Control("colour", "Colour", ["blue", "red"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "a slope"}, "name of a control must be a Python name; got 'a slope'"),
        ({"values": [1]}, "values of the control slope must be two or more; got [1]"),
        ({"values": []}, "two or more; got []"),
        ({"values": [1, 1]}, "finite numbers in growing order; got [1, 1]"),
        ({"values": [2, 1]}, "finite numbers in growing order; got [2, 1]"),
        ({"values": [0, float("nan")]}, "finite numbers in growing order"),
        ({"values": [0, float("inf")]}, "finite numbers in growing order"),
        ({"values": [False, True]}, "finite numbers in growing order"),
        ({"values": [1, "two"]}, "finite numbers in growing order; got [1, 'two']"),
        ({"values": ["a", "b", "a"]}, "different words; got ['a', 'b', 'a']"),
        ({"log": True, "values": [0, 1]}, "above zero for log=True; got 0"),
        ({"default": 3}, "default of the control slope must be one of [1, 2, 4]; got 3"),
        ({"values": ["a", "b"], "play": True}, "play of the control slope needs numbers"),
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
    ],
)
def test_a_wrong_explorer_names_value_and_limit(controls, texts, words):
    with pytest.raises(ParameterError, match=re.escape(words)):
        explore(line, *controls, **{**TEXTS, **texts})


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
    assert control.default == 0.5


@pytest.mark.usefixtures("sequential")
def test_frames_come_in_the_order_of_the_product(page):
    explorer = explore(page["draw"], SLOPE, COLOUR, **TEXTS)
    frames = explorer.frames()
    assert [frame.caption for frame in frames] == [
        f"A {colour} line of slope {slope}."
        for slope, colour in itertools.product(SLOPE.values, COLOUR.values)
    ]
    for frame, (slope, colour) in zip(frames, itertools.product(SLOPE.values, COLOUR.values), strict=True):
        assert frame == explorer.frame(slope=slope, colour=colour)
        assert frame.picture.startswith(b"RIFF")
        assert (frame.width, frame.height) == (180, 120)


def test_one_and_two_workers_draw_the_same_frames(tmp_path, monkeypatch):
    page = Page(
        tmp_path / "page",
        """
import os
import matplotlib.pyplot as plt
import numpy as np
from pathlib import Path

def draw(slope):
    with Path({log!r}).open("a") as file:
        file.write(f"{{os.getpid()}} ")
    figure, ax = plt.subplots(figsize=(1.5, 1))
    ax.plot(np.random.default_rng(slope).normal(size=50))
    return figure, f"Noise {{slope}}."
""",
    )
    drawn = {}
    for workers, repetition in itertools.product((1, 2), (0, 1)):
        monkeypatch.setenv("LOKY_MAX_CPU_COUNT", str(workers))
        monkeypatch.setenv("FORCELIB_CACHE", str(tmp_path / f"cache-{workers}-{repetition}"))
        drawn[workers, repetition] = explore(page["draw"], SLOPE, **TEXTS).frames()
        processes = set(page.log.read_text().split())
        page.log.unlink()
        assert (str(os.getpid()) in processes) == (workers == 1)
    assert all(frames == drawn[1, 0] for frames in drawn.values())
    assert len({frame.picture for frame in drawn[1, 0]}) == len(SLOPE.values)


@pytest.fixture
def cells(monkeypatch):
    """The code of the page so far, as IPython tells it."""
    import IPython

    cells = ["", "import forcelib"]
    shell = SimpleNamespace(history_manager=SimpleNamespace(input_hist_parsed=cells))
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    return cells


@pytest.mark.usefixtures("sequential")
class TestKept:
    """Frames that were drawn before."""

    def frames(self, page, **texts):
        return explore(page["draw"], SLOPE, **{**TEXTS, **texts}).frames()

    def test_frames_are_drawn_once(self, page, cells):
        first = self.frames(page)
        assert page.drawn() == 4
        assert self.frames(page) == first
        assert page.drawn() == 0
        folder = Path(os.environ["FORCELIB_CACHE"], "frames")
        assert len(list(folder.iterdir())) == 4

    def test_outside_of_a_notebook_nothing_is_kept(self, page):
        self.frames(page)
        self.frames(page)
        assert page.drawn() == 8

    def test_new_values_alone_are_drawn(self, page, cells):
        self.frames(page)
        page.drawn()
        more = Control("slope", "Slope", [1, 2, 3, 4, 8])
        explore(page["draw"], more, **TEXTS).frames()
        assert page.drawn() == 1

    def test_other_words_around_the_figure_are_no_reason_to_draw(self, page, cells):
        self.frames(page)
        self.frames(page, caption="Other words.", alt="Other lines.")
        assert page.drawn() == 4

    def test_a_changed_page_is_drawn_anew(self, page, cells):
        self.frames(page)
        cells[1] += "\nseed = 2"
        self.frames(page)
        assert page.drawn() == 8
        cells.append("another = 3")
        self.frames(page)
        assert page.drawn() == 4

    def test_another_explorer_of_the_same_page_has_its_own_frames(self, tmp_path, page, cells):
        self.frames(page)
        other = Page(tmp_path / "other", PAGE.replace("(1.5, 1)", "(1.5, 1.25)"))
        assert {frame.height for frame in self.frames(other, name="other")} == {150}

    def test_another_resolution_is_drawn_anew(self, page, cells):
        self.frames(page)
        explore(page["draw"], SLOPE, **TEXTS, dpi=60).frames()
        assert page.drawn() == 8

    def test_a_folder_that_cannot_be_written_still_works(self, page, cells, tmp_path, monkeypatch):
        file = tmp_path / "file"
        file.write_text("")
        monkeypatch.setenv("FORCELIB_CACHE", str(file / "below a file"))
        assert len(self.frames(page)) == 4
        folder = tmp_path / "taken"
        folder.mkdir()
        (folder / "frames").write_text("")
        monkeypatch.setenv("FORCELIB_CACHE", str(folder))
        page.drawn()
        assert len(self.frames(page)) == 4
        assert page.drawn() == 4

    @pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"picture": "!"}', '{"caption": "x"}'])
    def test_a_damaged_frame_is_drawn_anew(self, page, cells, damage):
        first = self.frames(page)
        page.drawn()
        path = next(Path(os.environ["FORCELIB_CACHE"], "frames").iterdir())
        path.write_text(damage)
        assert self.frames(page) == first
        assert page.drawn() == 1


def test_a_built_notebook_draws_anew_what_has_changed(tmp_path, monkeypatch):
    shutil.copytree(
        Path(forcelib.__file__).parent,
        tmp_path / "copy" / "forcelib",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    log = tmp_path / "log"
    for name, value in {
        "PYTHONPATH": str(tmp_path / "copy"),
        "FORCELIB_FRAMES": "1",
        "LOKY_MAX_CPU_COUNT": "1",
    }.items():
        monkeypatch.setenv(name, value)
    last = (
        "from forcebook.explorer import Control, explore\n"
        "slope = Control('slope', 'Slope', [1, 2, 4, 8])\n"
        "explore(draw, slope, name='try', caption='All lines.', alt='A line.')"
    )
    page = PAGE.format(log=str(log), factor=1)

    def drawn(*cells):
        log.write_text("")
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        # A kernel looks for modules where it was started first, and that must not be beside forcelib.
        where = {"metadata": {"path": str(tmp_path)}}
        NotebookClient(notebook, kernel_name="python3", timeout=300, resources=where).execute()
        data = notebook.cells[2].outputs[0].data
        return len(log.read_text().split()), Parsed(data["text/html"]).texts["explorer-caption"]

    assert drawn(page, "", last) == (4, "A blue line of slope 4.")
    # What comes after the explorer does not matter to it.
    assert drawn(page, "", last, "1 + 1") == (0, "A blue line of slope 4.")
    changed = "def draw(slope, old=draw): return old(slope, 'red')"
    assert drawn(page, changed, last) == (4, "A red line of slope 4.")
    version = tmp_path / "copy" / "forcelib" / "_version.py"
    version.write_text(version.read_text().replace('"', '"1', 1))
    assert drawn(page, changed, last) == (4, "A red line of slope 4.")


@pytest.mark.usefixtures("sequential")
def test_figures_of_different_size_are_refused(tmp_path):
    page = Page(tmp_path / "page", PAGE.replace("figsize=(1.5, 1)", "figsize=(1.5, slope)"))
    with pytest.raises(ParameterError, match=r"figures of the explorer try must have one size; got \[\(180"):
        explore(page["draw"], SLOPE, **TEXTS).frames()


@pytest.mark.usefixtures("sequential")
def test_an_error_of_the_drawing_function_fails_the_frames(tmp_path):
    page = Page(tmp_path / "page", PAGE.replace("slope * {factor}", "1 / (slope - 4)"))
    with pytest.raises(ZeroDivisionError):
        explore(page["draw"], SLOPE, **TEXTS).frames()


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
        return [Frame(b"picture", self.sentence(values), 2, 1) for values in self.products()]

    def products(self):
        return list(itertools.product(*(control.values for control in self.controls)))

    def sentence(self, values):
        return f"This is {values!r}."


def told(*counts, cls=Told):
    controls = [Control(f"c{k}", f"Control {k}", range(count)) for k, count in enumerate(counts)]
    return cls(lambda **values: None, controls, **TEXTS)


@given(st.lists(st.integers(2, 7), min_size=1, max_size=3), st.data())
def test_the_player_has_the_frame_of_every_position(counts, data):
    explorer = told(*counts)
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


@pytest.mark.usefixtures("sequential")
def test_the_player_asks_nobody_for_anything(page):
    control = Control("slope", "Slope", SLOPE.values, play=True)
    player = explore(page["draw"], control, COLOUR, **TEXTS).player()
    addresses = [
        a.get("src") or a.get("href") for _, a in Parsed(player).elements if "src" in a or "href" in a
    ]
    assert all(address.startswith("data:image/webp;base64,") for address in addresses)
    assert len(addresses) == 1
    plain = re.sub(r"[A-Za-z0-9+/=]{200,}", "", player)
    assert not re.search(r"https?:|//\w|@import|url\(|fetch\(|import\(|XMLHttp", plain)


@pytest.mark.usefixtures("sequential")
def test_the_player_says_what_it_cost(page):
    player = Parsed(explore(page["draw"], SLOPE, COLOUR, **TEXTS).player())
    figure = player.all("figure")[0]
    assert figure["id"] == "try"
    assert figure["data-frames"] == "8"
    assert float(figure["data-seconds"]) >= 0


def test_the_player_has_play_only_where_it_is_asked_for():
    assert "explorer-play" not in told(3).player().split("<script")[0]
    played = Told(lambda t: None, [Control("t", "Time", [0, 1], play=True)], **TEXTS)
    assert 'class="explorer-play"' in played.player()


class Live:
    """The parts of a live widget."""

    def __init__(self, draw, *controls):
        explorer = explore(draw, *controls, **TEXTS)
        self.box = explorer.widget()
        self.picture, self.controls, self.bar, self.status, self.caption = self.box.children

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


def test_moving_a_live_control_computes(live_page):
    live = Live(live_page, SLOPE, COLOUR)
    assert live_page.calls == [(4, "red")]
    before = live.shown.all("img")[0]
    live.move(2)  # a value between the ends
    live.move("blue", 1)
    assert live_page.calls == [(4, "red"), (2, "red"), (2, "blue")]
    assert live.sentence == "Slope 2, blue."
    after = live.shown.all("img")[0]
    assert after["alt"] == "A line. Slope 2, blue."
    assert after["src"] != before["src"]
    assert live.status.value == ""
    assert live.bar.layout.visibility == "hidden"


def test_equal_values_are_not_computed_again(live_page):
    live = Live(live_page, SLOPE)
    live.move(4)
    live.move(2)
    live.move(4)
    live.move(2)
    assert [slope for slope, _ in live_page.calls] == [4, 2]
    assert live.sentence == "Slope 2, blue."


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        (7, "No figure for these values: slope must not be 7 &amp; &lt;up&gt;"),
        (6, "Interrupted: the figure is the last one that was finished."),
        (5, "Interrupted: the figure is the last one that was finished."),
    ],
    ids=["an error of forcelib", "Ctrl-C", "a run that was interrupted"],
)
@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.default_int_handler], ids=["ignored", "default"])
def test_without_a_new_figure_the_last_one_stays(live_page, slope, words, handler):
    before = signal.signal(signal.SIGINT, handler)
    try:
        live = Live(live_page, SLOPE)
        kept = live.picture.value
        live.move(slope)
        assert live.picture.value == kept
        assert live.status.value == words
        assert live.bar.layout.visibility == "hidden"
        assert signal.getsignal(signal.SIGINT) == handler
        # It is asked for anew, not remembered; and the next value is computed.
        live.move(2)
        assert live.sentence == "Slope 2, blue."
        assert live.status.value == ""
        live.move(slope)
        assert [value for value, _ in live_page.calls] == [4, slope, 2, slope]
        assert signal.getsignal(signal.SIGINT) == handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_mistake_of_the_page_does_not_look_like_computing(live_page):
    live = Live(live_page, SLOPE)
    with contextlib.suppress(ZeroDivisionError):
        live.move(3)
    assert "Computing" not in live.status.value
    assert live.sentence == "Slope 4, blue."
    live.move(2)
    assert live.sentence == "Slope 2, blue."


def test_the_progress_of_a_run_moves_the_bar():
    seen = []

    def draw(seed, progress=None):
        result = forcelib.run(seed=seed, parameters=parameters, engine="brian2", progress=progress)
        return plt.figure(figsize=(1.5, 1)), f"{len(result.t)} steps."

    import brian2

    parameters = forcelib.Parameters(N=50, duration=0.2 * brian2.second)
    live = Live(draw, Control("seed", "Seed", [1, 2, 3]))
    live.bar.observe(lambda change: seen.append((change["new"], live.bar.layout.visibility)), "value")
    live.move(3)
    grown = [value for value, visible in seen if visible == "visible" or value > 0]
    assert len(grown) >= 2
    assert all(0 < value <= 1 for value in grown)
    assert grown == sorted(grown)
    assert live.bar.value == 0
    assert live.bar.layout.visibility == "hidden"


@pytest.mark.parametrize(
    ("control", "kind", "value"),
    [
        (SLOPE, "IntSlider", 3),
        (Control("slope", "Slope", [0.5, 1, 2], digits=1), "FloatSlider", 1.7),
        (Control("slope", "Slope", [0.01, 1, 100], log=True), "FloatLogSlider", 10.0),
        (Control("slope", "Slope", [1, 2, 4], fixed=True), "SelectionSlider", 4),
        (Control("slope", "Slope", [1, 2, 4], play=True), "SelectionSlider", 1),
        (Control("slope", "Slope", ["up", "down"]), "ToggleButtons", "up"),
    ],
)
def test_each_control_has_its_widget(control, kind, value):
    def draw(slope):
        return plt.figure(figsize=(1.5, 1)), f"Slope {slope}."

    live = Live(draw, control)
    widget = live.controls.children[0]
    assert type(widget).__name__ == kind
    assert widget.value == control.default
    live.move(value)
    assert live.sentence == f"Slope {value}."


def test_play_runs_through_the_values_of_its_control(live_page):
    live = Live(live_page, Control("slope", "Slope", [1, 2, 4, 8], play=True))
    _, play = live.controls.children
    assert type(play).__name__ == "Play"
    assert (play.min, play.max) == (0, 3)
    # The button stands at the value that is shown, so that playing goes on from there.
    assert play.value == 2
    play.value = 1
    assert live.sentence == "Slope 2, blue."
    live.move(8)
    assert play.value == 3


def test_what_matplotlib_was_set_to_stays(live_page, page, sequential):
    with mpl.rc_context({"font.size": 23, "axes.grid": True}):
        before = dict(mpl.rcParams)
        live = Live(live_page, SLOPE)
        for slope in (2, 7, 5):
            live.move(slope)
        explore(page["draw"], SLOPE, **TEXTS).frames()
        assert dict(mpl.rcParams) == before


@pytest.mark.usefixtures("sequential")
@pytest.mark.parametrize("values", [[1, 2], [1, 2, 3, 4, 5]], ids=["few frames", "more frames"])
def test_frames_leave_the_backend_of_the_page(page, values):
    # A page whose figures go into the page must go on doing so after an explorer.
    with mpl.rc_context():
        plt.switch_backend("svg")
        try:
            explore(page["draw"], Control("slope", "Slope", values), **TEXTS).frames()
            assert mpl.get_backend().lower() == "svg"
        finally:
            plt.switch_backend("agg")


@pytest.mark.parametrize("slope", [3, 5, 6, 7])
def test_a_failed_figure_is_closed(live_page, slope):
    # Left open, it would be shown below the next cell of a notebook.
    live = Live(live_page, SLOPE)
    with contextlib.suppress(ZeroDivisionError):
        live.move(slope)
    assert plt.get_fignums() == []


def test_other_figures_stay_open(live_page):
    mine = plt.figure()
    Live(live_page, SLOPE).move(2)
    assert plt.get_fignums() == [mine.number]


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
    assert json.loads(Parsed(bundle["text/html"]).texts["explorer-data"])["frames"][3][1].endswith("slope 8.")


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
