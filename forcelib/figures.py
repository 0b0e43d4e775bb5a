"""Figures in one style: colour-blind safe, axes with units, readable on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from brian2 import second
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from . import measures
from ._checks import whole_number
from .errors import ParameterError
from .model import LIF
from .result import Recorded, Result

__all__ = [
    "BLUE",
    "COLOURS",
    "GREY",
    "ORANGE",
    "choices",
    "decoders",
    "error",
    "four_panels",
    "orbit",
    "potentials",
    "raster",
    "readout",
    "return_map",
    "spectrum",
    "style",
]

STYLE = mpl.rc_params_from_file(Path(__file__).with_name("book.mplstyle"), use_default_template=False)

#: The colours of the style, which the colour-blind can tell apart.
COLOURS = tuple(STYLE["axes.prop_cycle"].by_key()["color"])
BLUE, ORANGE, GREY = COLOURS[0], COLOURS[1], COLOURS[6]

#: More outputs than this are drawn above each other, and no more than this many of them.
TOGETHER, ROWS = 3, 12


@contextmanager
def style() -> Iterator[None]:
    """Draw figures in the style of the book, and leave Matplotlib as it was.

    Yields
    ------
    None

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from forcelib import figures
    >>> with figures.style():
    ...     fig, ax = plt.subplots()
    >>> plt.close(fig)
    """
    with mpl.rc_context(STYLE):
        yield


def raster(
    ax: Axes,
    result: Recorded,
    neurons: int = 20,
    *,
    signs: bool = False,
) -> None:
    """Draw the spikes of the first neurons.

    Parameters
    ----------
    ax : Axes
    result : Result or Span
    neurons : int, default 20
        How many neurons.
    signs : bool, default False
        Whether to colour neurons with a positive encoder blue and those with a negative one orange.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from brian2 import ms
    >>> import forcelib
    >>> from forcelib import figures
    >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
    >>> result = forcelib.run(seed=1, parameters=parameters)
    >>> fig, ax = plt.subplots()
    >>> figures.raster(ax, result)
    >>> plt.close(fig)
    """
    t, i = result.spike_t, result.spike_neuron
    shown = i < neurons
    positive = result.reservoir.encoders[i, 0] >= 0
    groups = [(shown & positive, BLUE), (shown & ~positive, ORANGE)] if signs else [(shown, "black")]
    for part, colour in groups:
        ax.plot(t[part], i[part], "|", color=colour, markersize=5, markeredgewidth=0.8)
    if not shown.any():
        ax.text(0.5, 0.5, "no spikes", color=GREY, ha="center", va="center", transform=ax.transAxes)
    ax.set(xlim=_limits(result), ylim=(-1, neurons), xlabel="Time (s)", ylabel="Neuron", title="Spike raster")
    ax.grid(False)


def readout(ax: Axes, result: Recorded) -> None:
    """Draw target and readout; more than three outputs above each other, the first twelve of them.

    Parameters
    ----------
    ax : Axes
    result : Result or Span

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from brian2 import ms
    >>> import forcelib
    >>> from forcelib import figures
    >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
    >>> result = forcelib.run(seed=1, parameters=parameters)
    >>> fig, ax = plt.subplots()
    >>> figures.readout(ax, result)
    >>> plt.close(fig)
    """
    targets, readouts = _columns(result.target), _columns(result.readout)
    largest = np.abs(result.target).max(initial=0.0) or 1.0
    # What is above each other is apart by the span of the targets; one that is never negative has half of it.
    apart = 0.0
    if len(targets) > TOGETHER:
        targets, readouts = targets[:ROWS], readouts[:ROWS]
        apart = 1.2 * (largest - min(result.target.min(initial=0.0), 0))
    for k, (x, z) in enumerate(zip(targets, readouts, strict=True)):
        ax.plot(result.t, z + k * apart, color=COLOURS[k % len(COLOURS)], label="readout" if k == 0 else None)
        ax.plot(result.t, x + k * apart, "--", color="black", linewidth=1, label="target" if k == 0 else None)
    ax.set(xlim=_limits(result), ylim=(-1.7 * largest, 1.7 * largest))
    ax.set(xlabel="Time (s)", ylabel="Signal (no unit)", title="Target and readout")
    if apart:
        rows = np.arange(len(targets))
        ax.set(ylim=(-0.7 * apart, (len(rows) + 0.6) * apart), ylabel="Output")
        ax.set_yticks(rows * apart, [str(k + 1) for k in rows])
    ax.legend(loc="upper left", ncols=2, borderaxespad=0)


def error(ax: Axes, result: Recorded) -> None:
    """Draw the error of the readout against the clock.

    Parameters
    ----------
    ax : Axes
    result : Result or Span

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from brian2 import ms
    >>> import forcelib
    >>> from forcelib import figures
    >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
    >>> result = forcelib.run(seed=1, parameters=parameters)
    >>> fig, ax = plt.subplots()
    >>> figures.error(ax, result)
    >>> plt.close(fig)
    """
    for k, (x, z) in enumerate(zip(_columns(result.target), _columns(result.readout), strict=True)):
        ax.plot(result.t, z - x, color=COLOURS[k % len(COLOURS)], linewidth=1)
    largest = np.abs(result.target).max(initial=0.0) or 1.0
    ax.set(xlim=_limits(result), ylim=(-1.1 * largest, 1.1 * largest))
    ax.set(xlabel="Time (s)", ylabel="Readout − target (no unit)", title="Error")


def decoders(ax: Axes, result: Recorded) -> None:
    """Draw the recorded decoders.

    Parameters
    ----------
    ax : Axes
    result : Result or Span

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from brian2 import ms
    >>> import forcelib
    >>> from forcelib import figures
    >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
    >>> result = forcelib.run(seed=1, parameters=parameters)
    >>> fig, ax = plt.subplots()
    >>> figures.decoders(ax, result)
    >>> plt.close(fig)
    """
    traces = result.decoder_trace if result.decoder_trace.ndim == 2 else result.decoder_trace[..., 0]
    ax.plot(result.decoder_t, 1e6 * traces.T, linewidth=1)
    ax.set(xlim=_limits(result), xlabel="Time (s)", ylabel="Decoder (µs)", title=f"{len(traces)} decoders")


def spectrum(ax: Axes, eigenvalues: np.ndarray, radius: float | None = None) -> None:
    """Draw eigenvalues in the complex plane.

    Parameters
    ----------
    ax : Axes
    eigenvalues : array_like of complex, shape (n,)
        In seconds, as those of the weights are.
    radius : float, optional
        Radius in seconds of a circle to draw beside them.

    References
    ----------
    Chapters 3 and 5.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from forcelib import figures
    >>> fig, ax = plt.subplots()
    >>> figures.spectrum(ax, [0.1, 0.05j, -0.05j], radius=0.1)
    >>> plt.close(fig)
    """
    values = np.asarray(eigenvalues)
    ax.plot(values.real, values.imag, ".", markersize=3)
    if radius is not None:
        circle = radius * np.exp(2j * np.pi * np.linspace(0, 1, 200))
        ax.plot(circle.real, circle.imag, color=ORANGE)
    ax.set(xlabel="Real part (s)", ylabel="Imaginary part (s)", aspect="equal")


def potentials(ax: Axes, result: Recorded) -> None:
    """Draw the recorded membrane potentials, one above the other, with their spikes as strokes.

    Parameters
    ----------
    ax : Axes
    result : Result or Span
        Of a run with `record_potentials`.

    Raises
    ------
    ParameterError
        If the run recorded no membrane potential.

    References
    ----------
    Chapter 5.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from brian2 import ms
    >>> import forcelib
    >>> from forcelib import figures
    >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
    >>> result = forcelib.run(seed=1, parameters=parameters, record_potentials=[3, 5])
    >>> fig, ax = plt.subplots()
    >>> figures.potentials(ax, result)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['3', '5']
    >>> plt.close(fig)
    """
    if not len(result.potential_ids):
        raise ParameterError("record_potentials = 0: the run recorded no membrane potential to draw")
    p = result.parameters
    # Each trace gets one unit of height, from low inputs at the bottom to the stroke of a spike at the top.
    reset, threshold = p.start_span  # of other neurons these are close to where potentials begin
    if p.neuron.same_equations(LIF):
        reset, threshold = p.v_reset, p.v_threshold
    height = threshold - reset
    low = reset - 0.4 * height
    for row, (i, v) in enumerate(zip(result.potential_ids, result.potential_trace, strict=True)):
        scaled = np.maximum(v - low, 0) / (2 * height)
        colour = COLOURS[row % len(COLOURS)]
        ax.plot(result.t, row + scaled, color=colour, linewidth=0.9)
        t = result.spike_t[result.spike_neuron == i]
        ax.vlines(t, row + (threshold - low) / (2 * height), row + 0.9, color=colour, linewidth=0.9)
        ax.axhline(row + (threshold - low) / (2 * height), color=GREY, linestyle=":", linewidth=0.7)
    ax.set(
        xlim=_limits(result),
        ylim=(-0.05, len(result.potential_ids)),
        yticks=np.arange(len(result.potential_ids)) + (threshold - low) / (2 * height),
        yticklabels=[str(i) for i in result.potential_ids],
        xlabel="Time (s)",
        ylabel="Neuron",
        title="Membrane potentials",
    )
    ax.grid(False)


def orbit(ax: Axes, result: Recorded, first: int = 0, second: int = 1) -> None:
    """Draw one output against another: a limit cycle, or an attractor.

    Parameters
    ----------
    ax : Axes
    result : Result or Span
        Of a run with several outputs.
    first, second : int, default 0 and 1
        The outputs along the horizontal and the vertical axis; 0 and 2 show both wings of Lorenz.

    Raises
    ------
    ParameterError
        If there are no such outputs.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from brian2 import ms
    >>> import forcelib
    >>> from forcelib import figures, teachers
    >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
    >>> result = forcelib.run(teachers.van_der_pol(), seed=1, parameters=parameters)
    >>> fig, ax = plt.subplots()
    >>> figures.orbit(ax, result)
    >>> plt.close(fig)
    """
    targets, readouts = _columns(result.target), _columns(result.readout)
    for name, value in (("first", first), ("second", second)):
        whole_number(name, value, 0, len(targets))
    ax.plot(readouts[first], readouts[second], color=BLUE, linewidth=1, label="readout")
    ax.plot(targets[first], targets[second], "--", color="black", linewidth=0.8, label="target")
    ax.set(xlabel=f"Output {first + 1} (no unit)", ylabel=f"Output {second + 1} (no unit)", title="Orbit")
    ax.legend(loc="upper left", ncols=2, borderaxespad=0)


def return_map(ax: Axes, result: Recorded, output: int = -1) -> None:
    """Draw each maximum of an output against the one before: of Lorenz' z, points on a curve with a cusp.

    Parameters
    ----------
    ax : Axes
    result : Result or Span
    output : int, default -1
        Which output; the last by default.

    References
    ----------
    E. N. Lorenz, J. Atmos. Sci. 20:130 (1963), figure 4; :func:`forcelib.measures.maxima`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from brian2 import ms
    >>> import forcelib
    >>> from forcelib import figures, teachers
    >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
    >>> result = forcelib.run(teachers.lorenz(), seed=1, parameters=parameters)
    >>> fig, ax = plt.subplots()
    >>> figures.return_map(ax, result)
    >>> plt.close(fig)
    """
    signals = (
        (result.target, "black", "o", "target"),
        (result.readout, ORANGE, "x", "readout"),
    )
    for signal, colour, marker, label in signals:
        _, heights = measures.maxima(_columns(signal)[output], result.parameters.dt)
        ax.plot(heights[:-1], heights[1:], marker, color=colour, markersize=4, label=label, fillstyle="none")
    ax.set(xlabel="Maximum (no unit)", ylabel="Next maximum (no unit)", title="Return map")
    ax.legend(loc="upper left", ncols=2, borderaxespad=0)


def choices(ax: Axes, result: Recorded) -> None:
    """Draw the points of a classification in the plane, as the readout chose: blue up, orange down.

    Parameters
    ----------
    ax : Axes
    result : Result or Span
        Of a run with two inputs; what it chose wrongly is a cross.

    Raises
    ------
    ParameterError
        If the run had not two inputs.

    References
    ----------
    Nicola and Clopath (2017), supplement; :func:`forcelib.measures.choices`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from brian2 import second
    >>> from forcelib import figures, tasks
    >>> task = tasks.get("izhikevich/classification")
    >>> small = task.parameters.replace(N=50, duration=1.1 * second)
    >>> fig, ax = plt.subplots()
    >>> figures.choices(ax, task.run(seed=1, parameters=small))
    >>> plt.close(fig)
    """
    if result.input is None or result.input.ndim != 2 or result.input.shape[1] != 2:
        raise ParameterError("input: there must be two, the coordinates of the points")
    right = measures.choices(result.readout, result.target)
    sign = np.sign(result.target)
    begin = np.flatnonzero(np.diff(sign, prepend=0) != 0)
    begin = begin[sign[begin] != 0]
    x, y = result.input[begin].T
    up = (sign[begin] > 0) == right
    for chosen, colour, name in ((up, BLUE, "up"), (~up, ORANGE, "down")):
        for true, marker, how in ((right, "o", "right"), (~right, "x", "wrong")):
            part = chosen & true
            ax.plot(
                x[part], y[part], marker, color=colour, markersize=5, fillstyle="none", label=f"{name}, {how}"
            )
    ax.set(xlabel="Input 1 (no unit)", ylabel="Input 2 (no unit)", title="Choices", aspect="equal")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))


def four_panels(result: Result, columns: int = 1) -> Figure:
    """Draw the four panels of the reference program: raster, target and readout, error, decoders.

    Parameters
    ----------
    result : Result
    columns : {1, 2, 4}, default 1
        In how many columns.

    Returns
    -------
    Figure

    Raises
    ------
    ParameterError
        If four panels cannot be laid out in so many columns.

    References
    ----------
    Figure of the reference program (S. Schmitt, 2022); chapter 5.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from brian2 import ms
    >>> import forcelib
    >>> from forcelib import figures
    >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
    >>> result = forcelib.run(seed=1, parameters=parameters)
    >>> fig = figures.four_panels(result)
    >>> [ax.get_title(loc="left") for ax in fig.axes]
    ['Spike raster', 'Target and readout', 'Error', '10 decoders']
    >>> plt.close(fig)
    """
    if columns not in (1, 2, 4):
        raise ParameterError(f"columns = {columns!r} must be 1, 2 or 4")
    on, off = (float(getattr(result.parameters, f"rls_{name}")) for name in ("start", "stop"))
    near: Recorded = result
    rest: Recorded = result
    if result.start < on < result.end:
        near = result.between((on - 2) * second, (on + 2) * second)
        rest = result.between((on - 1) * second)
    with style():
        fig, axes = plt.subplots(4 // columns, columns, figsize=(6.4 * columns, 2.6 * 4 / columns))
        axes = np.ravel(axes)
        raster(axes[0], near)
        for ax, draw in zip(axes[1:], (readout, error, decoders), strict=True):
            draw(ax, rest)
        for ax in axes:
            _mark(ax, on, "RLS on")
            _mark(ax, off, "RLS off")
    return fig


def _mark(ax: Axes, t: float, label: str) -> None:
    """Mark an instant by a line and a label, if it lies inside the axes."""
    first, last = ax.get_xlim()
    if first < t < last:
        ax.axvline(t, color=ORANGE, linewidth=1)
        ax.annotate(
            label,
            (t, 0),
            (4, 6),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            color=ORANGE,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
        )


def _columns(signal: np.ndarray) -> np.ndarray:
    """Return a row per output."""
    return signal.reshape(len(signal), -1).T


def _limits(result: Recorded) -> tuple[float, float]:
    """Return the times at which a span begins and ends, without the rounding that would move ticks."""
    return round(float(result.t[0]), 12), round(result.end, 12)
