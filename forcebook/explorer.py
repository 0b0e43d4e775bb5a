"""Explorers: figures with sliders, alive in a kernel and alive in the built page.

A drawing function and the values of its parameters make an explorer. In a live kernel its controls are
those of ipywidgets and every value is computed anew. While the book is built all frames are drawn ahead,
and the page gets a small player of plain HTML that needs neither kernel nor network.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import hashlib
import html
import importlib.metadata
import inspect
import io
import itertools
import json
import math
import os
import re
import signal
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

import forcebook
import forcelib
from forcelib import figures
from forcelib._files import atomic_write
from forcelib._progress import progress_bar, running_shell
from forcelib.errors import ForcelibError, ParameterError, RunInterrupted

__all__ = ["Control", "Explorer", "Frame", "explore", "seconds_ahead"]

#: Set by the book's Sphinx extension: explorers draw all their frames.
BUILDING = "FORCELIB_FRAMES"
MOST_FRAMES = 400
_REMEMBERED = 64
_ALONE = 30  # seconds of drawing frames for which no workers are started
_ahead = 0.0
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_DRAWN_BY = ("brian2", "matplotlib", "numpy", "pillow", "scipy")


@dataclasses.dataclass(frozen=True)
class Control:
    """One parameter of an explorer, with the values it takes in the built page.

    Parameters
    ----------
    name : str
        Keyword of the drawing function.
    label : str
        What the reader reads beside the control.
    values : sequence of numbers, or of str
        Numbers in growing order make a slider; words make a choice of buttons.
    unit : str, default ""
        Written behind the value.
    default : number or str, optional
        The value shown first; one of `values`, by default the one in the middle.
    digits : int, default 0
        Decimals of the value as it is written.
    log : bool, default False
        Whether the slider of a live kernel moves on a logarithmic scale, and values are written with powers
        of ten.
    fixed : bool, default False
        Whether a live kernel offers `values` only, and not every value between.
    play : bool, default False
        Whether a Play button runs through the values, as for a time.
    axes : int, optional
        Number, in its figure, of the axes along whose horizontal axis the values lie: in the built page they
        can be dragged there.
    place : callable, optional
        Where on that axis a value lies; the value itself by default.

    Raises
    ------
    ParameterError
        If the name is no Python name, there are fewer than two values, they are neither growing finite
        numbers nor different words, or the default is not one of them.

    Examples
    --------
    >>> from forcebook.explorer import Control
    >>> current = Control("current", "Input current", [-50, -45, -40], unit="mV")
    >>> current.default, current.text(-45)
    (-45, '−45 mV')
    """

    name: str
    label: str
    values: Sequence[Any]
    unit: str = ""
    default: Any = None
    digits: int = 0
    log: bool = False
    fixed: bool = False
    play: bool = False
    axes: int | None = None
    place: Callable[[Any], float] | None = None

    def __post_init__(self) -> None:
        values = tuple(value.item() if hasattr(value, "item") else value for value in self.values)
        object.__setattr__(self, "values", values)
        if not str(self.name).isidentifier():
            raise ParameterError(f"name of a control must be a Python name; got {self.name!r}")
        where = f"values of the control {self.name}"
        if len(values) < 2:
            raise ParameterError(f"{where} must be two or more; got {list(values)}")
        if all(isinstance(value, str) for value in values):
            if len(set(values)) < len(values):
                raise ParameterError(f"{where} must be different words; got {list(values)}")
        else:
            numbers = all(
                isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
                for value in values
            )
            if not numbers or any(b <= a for a, b in itertools.pairwise(values)):
                raise ParameterError(f"{where} must be finite numbers in growing order; got {list(values)}")
            if self.log and values[0] <= 0:
                raise ParameterError(f"{where} must be above zero for log=True; got {values[0]}")
        if self.default is None:
            object.__setattr__(self, "default", values[len(values) // 2])
        if self.default not in values:
            raise ParameterError(
                f"default of the control {self.name} must be one of {list(values)}; got {self.default!r}"
            )
        if self.words and self.axes is not None:
            raise ParameterError(f"axes of the control {self.name} needs numbers; its values are words")
        if self.words and self.play:
            raise ParameterError(f"play of the control {self.name} needs numbers; its values are words")

    @property
    def words(self) -> bool:
        """Whether the values are words."""
        return isinstance(self.values[0], str)

    def text(self, value: Any) -> str:
        """Write a value with its unit.

        Parameters
        ----------
        value : number or str
            Any value.

        Returns
        -------
        str

        Examples
        --------
        >>> from forcebook.explorer import Control
        >>> Control("G", "Coupling strength", [0.02, 0.04], unit="s", digits=2).text(0.04)
        '0.04 s'
        >>> Control("alpha", "Learning rate", [1e-6, 5e-6], unit="s²", log=True).text(5e-6)
        '5 · 10⁻⁶ s²'
        """
        if isinstance(value, str):
            return value
        if self.log:
            mantissa, exponent = f"{value:.1e}".split("e")
            power = str(int(exponent)).translate(_SUPERSCRIPT)
            return f"{float(mantissa):g} · 10{power} {self.unit}".strip()
        # The hyphen that Python writes is no minus sign.
        return f"{value:.{self.digits}f} {self.unit}".strip().replace("-", "\N{MINUS SIGN}")


@dataclasses.dataclass(frozen=True)
class Frame:
    """One picture of an explorer.

    Parameters
    ----------
    picture : bytes
        The picture as WebP.
    caption : str
        The sentence that says what it shows.
    width, height : int
        Its size in pixels.
    """

    picture: bytes
    caption: str
    width: int
    height: int

    @property
    def source(self) -> str:
        """The picture as an address of its own, for ``<img src=...>``."""
        return "data:image/webp;base64," + base64.b64encode(self.picture).decode()


def explore(
    draw: Callable[..., tuple[Figure, str]],
    *controls: Control,
    name: str,
    caption: str,
    alt: str,
    dpi: float = 120,
) -> Explorer:
    """Make an explorer: the figures of a function, with a control for each of its parameters.

    Leave it as the last line of a cell. A live kernel shows sliders that call `draw` for any value; the
    built book shows sliders over frames that were drawn ahead, for the values of the controls.

    Parameters
    ----------
    draw : callable
        Takes a value for each control by keyword; returns a figure and one sentence that says what this
        figure shows. It is called within :func:`forcelib.figures.style`, and must depend on nothing but its
        arguments and what does not change. If it has a parameter ``progress=None``, it hands it on to
        :func:`forcelib.experiment.run`: a live kernel shows the progress beside the controls.
    *controls : Control
        One to three.
    name : str
        Name of the explorer on its page: lower-case letters, digits and hyphens.
    caption : str
        What all its figures show.
    alt : str
        What its figures look like, for those who do not see them; the sentence of each figure follows it.
    dpi : float, default 120
        Dots per inch of the pictures.

    Returns
    -------
    Explorer

    Raises
    ------
    ParameterError
        If a name is wrong, the controls do not fit the parameters of `draw`, there are more than three
        controls or more than 400 frames, or a text is empty.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from forcebook.explorer import Control, explore
    >>> def draw(slope):
    ...     figure, ax = plt.subplots()
    ...     ax.plot([0, 1], [0, slope])
    ...     return figure, f"A line of slope {slope}."
    >>> explore(draw, Control("slope", "Slope", [0, 1, 2]), name="line", caption="A line.", alt="A line.")
    <Explorer line: 3 frames of slope>
    """
    return Explorer(draw, controls, name, caption, alt, dpi)


def seconds_ahead() -> float:
    """Return the time this process has spent on drawing frames ahead, which a live page does not spend.

    Returns
    -------
    float
        Seconds.

    Examples
    --------
    >>> from forcebook import explorer
    >>> explorer.seconds_ahead() >= 0
    True
    """
    return _ahead


class Explorer:
    """A figure with controls, as :func:`explore` makes it.

    Attributes
    ----------
    controls : tuple of Control
        Its parameters.
    name, caption, alt : str
        As given.
    """

    def __init__(
        self,
        draw: Callable[..., tuple[Figure, str]],
        controls: Sequence[Control],
        name: str,
        caption: str,
        alt: str,
        dpi: float = 120,
    ) -> None:
        self.controls = tuple(controls)
        self.name, self.caption, self.alt = name, caption, alt
        self._draw, self._dpi = draw, dpi
        self._check()

    def __repr__(self) -> str:
        names = ", ".join(control.name for control in self.controls)
        return f"<Explorer {self.name}: {self._count()} frames of {names}>"

    def _count(self) -> int:
        return math.prod(len(control.values) for control in self.controls)

    def _check(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", self.name):
            raise ParameterError(
                f"name of an explorer must be lower-case letters, digits and hyphens; got {self.name!r}"
            )
        for text in ("caption", "alt"):
            if not getattr(self, text).strip():
                raise ParameterError(f"{text} of the explorer {self.name} must not be empty")
        if not 1 <= len(self.controls) <= 3:
            raise ParameterError(f"controls must be one to three; got {len(self.controls)}")
        asked = [control.name for control in self.controls]
        if len(set(asked)) < len(asked):
            raise ParameterError(f"controls must have different names; got {asked}")
        if sum(control.axes is not None for control in self.controls) > 1:
            raise ParameterError("axes must be set for one control at most")
        if sum(control.play for control in self.controls) > 1:
            raise ParameterError("play must be set for one control at most")
        try:
            inspect.signature(self._draw).bind(**dict.fromkeys(asked))
        except TypeError as error:
            raise ParameterError(f"controls {asked} do not fit {self._draw.__name__}: {error}") from None
        if self._count() > MOST_FRAMES:
            raise ParameterError(f"frames must be {MOST_FRAMES} at most; the controls make {self._count()}")

    @property
    def _tells_progress(self) -> bool:
        """Whether the drawing function takes what a run reports its progress to."""
        return "progress" in inspect.signature(self._draw).parameters

    @property
    def defaults(self) -> dict[str, Any]:
        """The values shown first."""
        return {control.name: control.default for control in self.controls}

    def frame(self, **values: Any) -> Frame:
        """Draw the figure for some values.

        Parameters
        ----------
        **values
            Values of controls; the others have their defaults.

        Returns
        -------
        Frame

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from forcebook.explorer import Control, explore
        >>> def draw(slope):
        ...     figure, ax = plt.subplots()
        ...     ax.plot([0, 1], [0, slope])
        ...     return figure, f"A line of slope {slope}."
        >>> slope = Control("slope", "Slope", [0, 1])
        >>> lines = explore(draw, slope, name="line", caption="A line.", alt="A line.")
        >>> lines.frame(slope=0.5).caption
        'A line of slope 0.5.'
        """
        return _drawn(self._draw, {**self.defaults, **values}, self._dpi)

    def frames(self) -> list[Frame]:
        """Draw the figure for all values of the controls, on all cores.

        In a notebook the frames are kept in ``~/.cache/forcelib``, or where ``FORCELIB_CACHE`` says,
        and drawn anew when the code of the page up to here, forcelib or a package that draws has changed.

        Returns
        -------
        list of Frame
            In the order of ``itertools.product`` over the values of the controls.

        Raises
        ------
        ParameterError
            If the figures differ in size.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from forcebook.explorer import Control, explore
        >>> def draw(slope):
        ...     figure, ax = plt.subplots()
        ...     ax.plot([0, 1], [0, slope])
        ...     return figure, f"A line of slope {slope}."
        >>> slope = Control("slope", "Slope", [0, 1])
        >>> lines = explore(draw, slope, name="line", caption="A line.", alt="A line.")
        >>> [frame.caption for frame in lines.frames()]
        ['A line of slope 0.', 'A line of slope 1.']
        """
        import joblib

        names = [control.name for control in self.controls]
        wanted = [
            dict(zip(names, values, strict=True))
            for values in itertools.product(*(control.values for control in self.controls))
        ]
        kept = _Kept(self.name, self._dpi)
        found = [kept.read(values) for values in wanted]
        missing = [k for k, frame in enumerate(found) if frame is None]
        with progress_bar(len(missing), f"Frames of {self.name}") as report:
            # The first tells how long they take. A worker begins by importing all that draws: for a few
            # seconds of drawing none is worth it.
            start = time.process_time()
            done, left = len(missing[:1]), missing[1:]
            for k in missing[:1]:
                frame = _drawn(self._draw, wanted[k], self._dpi)
                found[k] = frame
                kept.write(wanted[k], frame)
            seconds = len(left) * (time.process_time() - start)
            # Values that lie side by side take about the same time: every worker gets some of each.
            parts = [left[k::16] for k in range(min(16, len(left)))]
            tasks = (
                joblib.delayed(_drawn_all)(self._draw, [wanted[k] for k in part], self._dpi, os.getpid())
                for part in parts
            )
            pool = joblib.Parallel(n_jobs=-1 if seconds > _ALONE else 1, return_as="generator")
            for part, frames in zip(parts, pool(tasks), strict=True):
                for k, frame in zip(part, frames, strict=True):
                    found[k] = frame
                    kept.write(wanted[k], frame)
                done += len(part)
                report(done)
        sizes = {(frame.width, frame.height) for frame in found if frame is not None}
        if len(sizes) > 1:
            raise ParameterError(
                f"figures of the explorer {self.name} must have one size; got {sorted(sizes)}"
            )
        return [frame for frame in found if frame is not None]

    def player(self) -> str:
        """Return the explorer as HTML that works without a kernel and without a network.

        Returns
        -------
        str
            A figure with its controls, frames, style and script.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from forcebook.explorer import Control, explore
        >>> def draw(slope):
        ...     figure, ax = plt.subplots()
        ...     ax.plot([0, 1], [0, slope])
        ...     return figure, f"A line of slope {slope}."
        >>> slope = Control("slope", "Slope", [0, 1])
        >>> lines = explore(draw, slope, name="line", caption="A line.", alt="A line.")
        >>> "<input" in lines.player()
        True
        """
        start = time.perf_counter()
        frames = self.frames()
        global _ahead
        seconds = time.perf_counter() - start
        _ahead += seconds
        defaults = [control.values.index(control.default) for control in self.controls]
        shown = frames[self._index(defaults)]
        data = {
            "alt": self.alt,
            "controls": [
                {"values": [control.text(value) for value in control.values], "default": default}
                for control, default in zip(self.controls, defaults, strict=True)
            ],
            "frames": [[base64.b64encode(frame.picture).decode(), frame.caption] for frame in frames],
        }
        handle, drag = self._handle()
        data |= drag
        controls = "".join(
            _control(f"{self.name}-{control.name}", control, default)
            for control, default in zip(self.controls, defaults, strict=True)
        )
        play = '<button type="button" class="explorer-play">Play</button>'
        if not any(control.play for control in self.controls):
            play = ""
        return (
            f'<figure class="explorer" id="{self.name}" data-lm-suppress-shortcuts="true" '
            f'data-frames="{len(frames)}" data-seconds="{seconds:.1f}">'
            f"<style>{_asset('explorer.css')}</style>"
            f"{self._picture(shown, handle)}"
            f'<div class="explorer-controls" role="group" aria-label="Controls of the figure" hidden>'
            f"{controls}"
            f'<div class="explorer-buttons">{play}'
            f'<button type="button" class="explorer-reset">Reset</button></div></div>'
            f'<p class="explorer-caption" aria-live="polite">{html.escape(shown.caption)}</p>'
            f"<figcaption>{html.escape(self.caption)}</figcaption>"
            f'<script type="application/json" class="explorer-data">{_json(data)}</script>'
            f"<script>{_asset('explorer.js')}({json.dumps(self.name)});</script>"
            "</figure>"
        )

    def picture(self, **values: Any) -> str:
        """Return the figure for some values as HTML, without controls.

        Parameters
        ----------
        **values
            As in :meth:`frame`.

        Returns
        -------
        str

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from forcebook.explorer import Control, explore
        >>> def draw(slope):
        ...     figure, ax = plt.subplots()
        ...     return figure, f"A line of slope {slope}."
        >>> slope = Control("slope", "Slope", [0, 1])
        >>> lines = explore(draw, slope, name="line", caption="A line.", alt="A line.")
        >>> 'alt="A line. A line of slope 1."' in lines.picture(slope=1)
        True
        """
        return self._still(self.frame(**values))

    def _still(self, frame: Frame) -> str:
        return (
            f'<figure class="explorer">{self._picture(frame)}'
            f'<p class="explorer-caption">{html.escape(frame.caption)}</p></figure>'
        )

    def _picture(self, frame: Frame, handle: str = "") -> str:
        alt = html.escape(f"{self.alt} {frame.caption}")
        return (
            f'<div class="explorer-picture"><img src="{frame.source}" alt="{alt}" width="{frame.width}" '
            f'height="{frame.height}" decoding="sync" style="max-width: 100%; height: auto">{handle}</div>'
        )

    def _handle(self) -> tuple[str, dict[str, Any]]:
        """Return the part of the picture in which a control is dragged, and where its values lie in that."""
        found = [(k, control.axes) for k, control in enumerate(self.controls) if control.axes is not None]
        if not found:
            return "", {}
        ((number, axes),) = found
        control = self.controls[number]
        with _drawing():
            figure, _ = self._draw(**self.defaults)
            figure.canvas.draw()  # which lays it out
            if not 0 <= axes < len(figure.axes):
                raise ParameterError(
                    f"axes of the control {control.name} must lie in [0, {len(figure.axes)}); got {axes}"
                )
            ax = figure.axes[axes]
            place = control.place or (lambda value: value)
            points = [(place(value), ax.get_ylim()[0]) for value in control.values]
            places = ax.transAxes.inverted().transform(ax.transData.transform(points))[:, 0]
            box = ax.get_position()
        sizes = {"left": box.x0, "top": 1 - box.y1, "width": box.width, "height": box.height}
        style = "; ".join(f"{name}: {100 * size:.2f}%" for name, size in sizes.items())
        drag = {"control": number, "places": [round(float(place), 4) for place in places]}
        return f'<div class="explorer-handle" style="{style}"></div>', {"drag": drag}

    def _index(self, positions: Sequence[int]) -> int:
        index = 0
        for control, position in zip(self.controls, positions, strict=True):
            index = index * len(control.values) + position
        return index

    def widget(self) -> Any:
        """Return the explorer as a live widget, which calls the drawing function for every value.

        A value is computed at once, and while it is computed the page keeps only the latest one that is
        asked for. Progress is shown; "Interrupt the kernel" stops a computation and leaves the last figure.

        Returns
        -------
        ipywidgets.VBox

        Raises
        ------
        ImportError
            If ipywidgets is not installed.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from forcebook.explorer import Control, explore
        >>> def draw(slope):
        ...     figure, ax = plt.subplots()
        ...     return figure, f"A line of slope {slope}."
        >>> slope = Control("slope", "Slope", [0, 1])
        >>> lines = explore(draw, slope, name="line", caption="A line.", alt="A line.")
        >>> lines.widget().children[1].children[0].description
        'Slope'
        """
        return _Live(self).box

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        if os.environ.get(BUILDING):
            return {"text/html": self.player(), "text/plain": repr(self)}
        try:
            live = _Live(self)
        except ImportError:
            frame = self.frame()
            return {"text/html": self._still(frame), "text/plain": frame.caption}
        return {
            "application/vnd.jupyter.widget-view+json": live.box.get_view_spec(),
            "text/html": self._still(live.shown),
            "text/plain": live.shown.caption,
        }


class _Live:
    """The controls of ipywidgets, and the figure that follows them."""

    def __init__(self, explorer: Explorer) -> None:
        import ipywidgets

        self._explorer = explorer
        self._loop: asyncio.AbstractEventLoop | None = None
        with contextlib.suppress(RuntimeError):
            self._loop = asyncio.get_running_loop()
        self._remembered: OrderedDict[tuple[Any, ...], Frame] = OrderedDict()
        self._picture = ipywidgets.HTML()
        self._bar = ipywidgets.FloatProgress(min=0, max=1, layout={"visibility": "hidden", "width": "100%"})
        self._status = ipywidgets.HTML()
        self._inputs = [_widget(control) for control in explorer.controls]
        row = []
        for control, one in zip(explorer.controls, self._inputs, strict=True):
            one.observe(self._moved, "value")
            row.append(one)
            if control.play:
                row.append(self._player(control, one))
        controls = ipywidgets.Box(row, layout={"flex_flow": "row wrap"})
        caption = ipywidgets.HTML(f"<p><small>{html.escape(explorer.caption)}</small></p>")
        self.shown = explorer.frame()
        self._remember(self._values(), self.shown)
        self._show(self.shown)
        self.box = ipywidgets.VBox([self._picture, controls, self._bar, self._status, caption])

    def _player(self, control: Control, slider: Any) -> Any:
        import ipywidgets

        play = ipywidgets.Play(
            value=slider.index, max=len(control.values) - 1, interval=400, description=f"Play {control.label}"
        )
        ipywidgets.link((play, "value"), (slider, "index"))
        return play

    def _values(self) -> tuple[Any, ...]:
        return tuple(one.value for one in self._inputs)

    def _remember(self, values: tuple[Any, ...], frame: Frame) -> None:
        self._remembered[values] = frame
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)

    def _show(self, frame: Frame) -> None:
        self.shown = frame
        self._picture.value = self._explorer._still(frame)

    # The figure is computed within the message of the control: the page sends the next value only when
    # this one is done, and then the latest, so that none queues up. JupyterLab hands messages of widgets to
    # threads of their own, where neither Matplotlib nor Ctrl-C is safe: the main thread computes.
    def _moved(self, change: Any) -> None:
        if self._loop is None or threading.current_thread() is threading.main_thread():
            self._follow()
            return
        done: Future[None] = Future()

        def work() -> None:
            try:
                self._follow()
            except BaseException as error:
                done.set_exception(error)
            else:
                done.set_result(None)

        self._loop.call_soon_threadsafe(work)
        done.result()

    def _follow(self) -> None:
        values = self._values()
        known = self._remembered.get(values)
        if known is not None:
            self._show(known)
            self._status.value = ""
            return
        self._status.value = "Computing…"
        start = last = time.monotonic()

        def follow(done: int, total: int) -> None:
            nonlocal last
            now = time.monotonic()
            if now - start > 0.3 and now - last > 0.1:
                last = now
                self._bar.value = done / max(total, 1)
                self._bar.layout.visibility = "visible"

        try:
            asked = {c.name: v for c, v in zip(self._explorer.controls, values, strict=True)}
            if self._explorer._tells_progress:
                asked["progress"] = follow
            with _interruptible():
                frame = self._explorer.frame(**asked)
        except (KeyboardInterrupt, RunInterrupted):
            self._status.value = "Interrupted: the figure is the last one that was finished."
        except ForcelibError as error:
            self._status.value = html.escape(f"No figure for these values: {error}")
        except Exception as error:
            kind = type(error).__name__
            self._status.value = html.escape(f"The figure could not be drawn. {kind}: {error}")
            raise
        else:
            self._remember(values, frame)
            self._show(frame)
            self._status.value = ""
        finally:
            self._bar.layout.visibility = "hidden"
            self._bar.value = 0


def _widget(control: Control) -> Any:
    import ipywidgets

    common: dict[str, Any] = {
        "description": control.label,
        "style": {"description_width": "initial"},
        "layout": {"width": "auto", "min_width": "20em", "flex": "1 1 20em"},
    }
    if control.words:
        return ipywidgets.ToggleButtons(options=control.values, value=control.default, **common)
    if control.fixed or control.play:
        options = [(control.text(value), value) for value in control.values]
        return ipywidgets.SelectionSlider(options=options, value=control.default, **common)
    low, high = control.values[0], control.values[-1]
    common["description"] = f"{control.label} ({control.unit})" if control.unit else control.label
    if all(isinstance(value, int) for value in control.values):
        return ipywidgets.IntSlider(min=low, max=high, value=control.default, **common)
    if control.log:
        return ipywidgets.FloatLogSlider(
            min=math.log10(low),
            max=math.log10(high),
            step=math.log10(high / low) / 200,
            value=control.default,
            readout_format=".3g",
            **common,
        )
    return ipywidgets.FloatSlider(
        min=low,
        max=high,
        step=10.0**-control.digits if control.digits else (high - low) / 200,
        value=control.default,
        readout_format=f".{control.digits}f",
        **common,
    )


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let "Interrupt the kernel" reach the drawing function, outside of a cell too."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _control(identity: str, control: Control, default: int) -> str:
    label = html.escape(control.label)
    text = html.escape(control.text(control.default))
    if control.words:
        choices = "".join(
            f'<label><input type="radio" name="{identity}" value="{k}"{" checked" if k == default else ""}> '
            f"{html.escape(str(value))}</label>"
            for k, value in enumerate(control.values)
        )
        return f'<fieldset class="explorer-control"><legend>{label}</legend>{choices}</fieldset>'
    play = ' data-play="true"' if control.play else ""
    return (
        f'<div class="explorer-control"><label for="{identity}">{label}</label>'
        f'<span class="explorer-value" aria-hidden="true">{text}</span>'
        f'<input type="range" id="{identity}" min="0" max="{len(control.values) - 1}" step="1" '
        f'value="{default}" aria-valuetext="{text}" autocomplete="off"{play}></div>'
    )


def _json(data: Any) -> str:
    # Within a script element a "<" of the text could end it, or open a comment.
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _asset(name: str) -> str:
    return files("forcebook").joinpath(name).read_text("utf-8").strip()


def _drawn(draw: Callable[..., tuple[Figure, str]], values: Mapping[str, Any], dpi: float) -> Frame:
    with _drawing():
        return _checked(draw, draw(**values), dpi)


@contextlib.contextmanager
def _drawing() -> Iterator[None]:
    """Draw in the style of the book, and leave no figure open."""
    open_before = set(plt.get_fignums())
    with figures.style():
        try:
            yield
        finally:
            for number in set(plt.get_fignums()) - open_before:
                plt.close(number)


def _checked(draw: Callable[..., Any], drawn: Any, dpi: float) -> Frame:
    if not (
        isinstance(drawn, tuple)
        and len(drawn) == 2
        and isinstance(drawn[0], Figure)
        and isinstance(drawn[1], str)
        and drawn[1].strip()
    ):
        raise ParameterError(f"{draw.__name__} must return a figure and a sentence; got {drawn!r}")
    figure, caption = drawn
    picture, width, height = _encoded(figure, dpi)
    return Frame(picture, caption, width, height)


def _encoded(figure: Figure, dpi: float) -> tuple[bytes, int, int]:
    from PIL import Image

    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=dpi)
    png.seek(0)
    picture = Image.open(png).convert("RGB")
    # Line art has few colours: eleven levels of each keep its edges sharp at half the weight, and, unlike a
    # palette of its own, give every frame the same greys and a pure white.
    levels = [round(round(level / 25.5) * 25.5) for level in range(256)]
    small = picture.point(levels * 3)
    webp = io.BytesIO()
    small.save(webp, format="webp", lossless=True, quality=80, method=4)
    return webp.getvalue(), picture.width, picture.height


def _drawn_all(
    draw: Callable[..., Any], wanted: list[Mapping[str, Any]], dpi: float, page: int
) -> list[Frame]:
    if os.getpid() != page:
        mpl.use("Agg")
    return [_drawn(draw, values, dpi) for values in wanted]


class _Kept:
    """Frames on the disk, under names made from all that they depend on.

    That is the code of the page up to the explorer, forcelib, and the versions of what draws. Outside of a
    notebook nothing tells what a function depends on, and nothing is kept.
    """

    def __init__(self, name: str, dpi: float) -> None:
        self._folder: Path | None = None
        page = _page()
        if page is None:
            return
        versions = [importlib.metadata.version(package) for package in _DRAWN_BY]
        self._key = f"{name} {dpi} {versions} {_package()} {page}"
        with contextlib.suppress(OSError):
            folder = _cache_directory() / "frames"
            folder.mkdir(parents=True, exist_ok=True)
            self._folder = folder

    def _path(self, values: Mapping[str, Any]) -> Path | None:
        if self._folder is None:
            return None
        key = hashlib.sha256(f"{self._key} {sorted(values.items())!r}".encode()).hexdigest()
        return self._folder / f"{key[:40]}.json"

    def read(self, values: Mapping[str, Any]) -> Frame | None:
        path = self._path(values)
        try:
            kept = json.loads(path.read_text()) if path else None
            return Frame(base64.b64decode(kept.pop("picture")), **kept) if kept else None
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def write(self, values: Mapping[str, Any], frame: Frame) -> None:
        path = self._path(values)
        if path is None:
            return
        kept = dataclasses.asdict(frame) | {"picture": base64.b64encode(frame.picture).decode()}
        with contextlib.suppress(OSError), atomic_write(path) as draft:
            draft.write(json.dumps(kept).encode())


def _cache_directory() -> Path:
    """Return the folder that FORCELIB_CACHE names, or one in the user's cache."""
    user = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(os.environ.get("FORCELIB_CACHE") or Path(user, "forcelib"))


def _page() -> str | None:
    """Return the code of the page so far, or None outside of a notebook."""
    shell = running_shell()
    if shell is None:
        return None
    return "\n".join(shell.history_manager.input_hist_parsed)


def _package() -> str:
    roots = (Path(package.__file__ or "").parent for package in (forcelib, forcebook))
    sources = [path for root in roots for path in sorted(root.rglob("*"))]
    sources = [path for path in sources if path.suffix in {".py", ".mplstyle", ".h", ".cpp"}]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
