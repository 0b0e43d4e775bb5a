"""Draws the icon, the logo and the social preview of the book from the run of its last chapter.

    python tools/make_pictures.py [FOLDER]

The folder is ``_build/pictures`` by default. What was drawn from the same sources is left alone. The run
takes seconds.
"""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

import matplotlib as mpl
import numpy as np
from brian2 import second
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

import forcelib
from forcelib import figures

ROOT = Path(__file__).resolve().parents[1]
PICTURES = (
    "favicon.svg",
    "favicon-32.png",
    "favicon-180.png",
    "logo-light.svg",
    "logo-dark.svg",
    "social.png",
)
STAMP = ".made-from"  # Sphinx copies no file whose name starts with a dot

DARK_BLUE = "#6DB9E8"  # the accent colour of the book in the dark, as in assets/book.css
ONSET = 5.0
ICON_SPAN = (4.9, 5.28)
ICON_BOX = (4.0, 7.0, 24.0, 18.0)
ICON_LINE = 2.5


def fingerprint() -> str:
    """Return what the pictures depend on, as one number."""
    digest = hashlib.sha256()
    package = Path(forcelib.__file__).parent
    sources = sorted(path for path in package.rglob("*") if path.suffix in (".py", ".h", ".cpp"))
    for path in [*sources, Path(__file__)]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for name in ("brian2", "matplotlib", "numpy", "pillow"):
        digest.update(version(name).encode())
    return digest.hexdigest()


def curve(
    result: forcelib.Result, start: float, stop: float, size: tuple[float, float, float, float]
) -> np.ndarray:
    """Return points of the readout between two times, fitted into a box (left, top, width, height)."""
    shown = (result.t >= start) & (result.t < stop)
    t, z = result.t[shown], result.readout[shown]
    left, top, width, height = size
    x = left + width * (t - start) / (stop - start)
    y = top + height * (1 - np.clip(z, -1.1, 1.1) / 1.1) / 2
    return np.column_stack((x, y))


def path(points: np.ndarray, colour: str, width: float) -> str:
    """Return the points as a line of an SVG."""
    step = max(1, len(points) // 160)
    words = " ".join(f"{x:.2f},{y:.2f}" for x, y in points[::step])
    return (
        f'<polyline points="{words}" fill="none" stroke="{colour}" stroke-width="{width}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def svg(width: int, height: int, *parts: str) -> str:
    """Return an SVG of these parts."""
    return "\n".join(
        (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">', *parts, "</svg>\n")
    )


def icon(result: forcelib.Result, size: int, rounded: bool) -> Image.Image:
    """Draw the icon as pixels, four times as large and then made smaller."""
    large = 4 * size
    image = Image.new("RGBA", (large, large))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle(
        (0, 0, large - 1, large - 1), radius=large * 6 / 32 if rounded else 0, fill=figures.BLUE
    )
    points = curve(result, *ICON_SPAN, tuple(large * part / 32 for part in ICON_BOX))
    width = large * ICON_LINE / 32
    draw.line([tuple(point) for point in points], fill="white", width=round(width), joint="curve")
    for x, y in points[:: len(points) - 1]:
        draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill="white")
    return image.resize((size, size), Image.Resampling.LANCZOS)


def social(result: forcelib.Result) -> Figure:
    """Draw the picture that is shown where somebody links to the book: title, spikes, readout."""
    start, stop = 4.6, 5.8
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="white")
    figure.text(0.06, 0.845, "FORCE training of spiking networks", size=36, weight="bold", color="#1F2429")
    figure.text(0.06, 0.76, "Two thousand neurons learn a 5 Hz sine", size=21, color="#545D66")

    raster = figure.add_axes((0.06, 0.37, 0.88, 0.32))
    figures.raster(raster, result.between(start * second, stop * second), 20, signs=True)
    for spikes in raster.lines:
        spikes.set(markersize=9, markeredgewidth=1.8)
    readout = figure.add_axes((0.06, 0.06, 0.88, 0.31))
    shown = (result.t >= start) & (result.t < stop)
    readout.plot(result.t[shown], result.target[shown], "--", color="#9AA2AA", linewidth=2)
    readout.plot(
        result.t[shown], result.readout[shown], color=figures.BLUE, linewidth=4, solid_capstyle="round"
    )
    readout.set(ylim=(-1.35, 1.35))
    for ax in (raster, readout):
        ax.axvspan(ONSET, stop, color="#FBEBDD", linewidth=0, zorder=0)
        ax.set(xlim=(start, stop), title="", xlabel="", ylabel="")
        ax.set_axis_off()
        ax.patch.set_visible(False)
    readout.text(ONSET + 0.008, -1.28, "RLS on", size=17, color="#A34700", va="bottom")
    return figure


def make_pictures(folder: Path) -> bool:
    """Draw all pictures, unless they were drawn from these sources.

    Parameters
    ----------
    folder : Path
        Where they go; made if it is not there.

    Returns
    -------
    bool
        Whether anything was drawn.
    """
    stamp, now = folder / STAMP, fingerprint()
    complete = all((folder / name).is_file() for name in PICTURES)
    if complete and stamp.is_file() and stamp.read_text() == now:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    # The first six seconds of the run of chapter 5.
    result = forcelib.run(seed=1, parameters=forcelib.Parameters(duration=6 * second), progress=False)

    ground = f'<rect width="32" height="32" rx="6" fill="{figures.BLUE}"/>'
    line = path(curve(result, *ICON_SPAN, ICON_BOX), "#FFFFFF", ICON_LINE)
    (folder / "favicon.svg").write_text(svg(32, 32, ground, line))
    icon(result, 32, rounded=True).save(folder / "favicon-32.png")
    icon(result, 180, rounded=False).save(folder / "favicon-180.png")
    for name, colour in (("light", figures.BLUE), ("dark", DARK_BLUE)):
        line = path(curve(result, 4.8, 5.8, (2, 2, 156, 32)), colour, 2.2)
        (folder / f"logo-{name}.svg").write_text(svg(160, 36, line))
    with mpl.rc_context({**mpl.rcParamsDefault, **figures.STYLE, "figure.constrained_layout.use": False}):
        social(result).savefig(folder / "social.png", dpi=100, metadata={"Software": None})
    stamp.write_text(now)
    return True


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "_build" / "pictures"
    print(f"{'drawn' if make_pictures(target) else 'up to date'}: {target}")
