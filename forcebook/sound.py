"""Signals to listen to: a slow signal as the pitch of a tone, and a plain player for the page."""

from __future__ import annotations

import base64
import dataclasses
import html
import io
import re
import wave
from collections.abc import Sequence

import numpy as np
from brian2 import Hz, Quantity, ms, second

from forcelib._checks import finite_number, has_unit, positive
from forcelib.errors import ParameterError

__all__ = ["Clip", "Clips", "carried", "listen"]

_STYLE = """
.clips { margin: 1rem 0; }
.clips ul { list-style: none; margin: 0; padding: 0; }
.clips li { margin: 0 0 1rem; }
.clips p { margin: 0; }
.clips audio { display: block; margin: 0.25rem 0; max-width: 100%; width: 26rem; }
.clips summary { cursor: pointer; display: list-item; padding: 0.25rem 0; width: fit-content; }
@media print { .clips audio { display: none; } }
"""


def carried(
    signal: np.ndarray,
    dt: Quantity,
    *,
    carrier: Quantity = 400 * Hz,
    depth: float = 0.5,
    sample_rate: Quantity = 8000 * Hz,
    fade: Quantity = 20 * ms,
) -> np.ndarray:
    r"""Turn a slow signal into a tone whose pitch follows it.

    The tone has the frequency :math:`f_0\, 2^{d\, x(t)}`, with the carrier :math:`f_0`, the depth :math:`d`
    and the signal :math:`x`: zero is the carrier, and one is d octaves above it. Time is kept, so a signal
    of 5 Hz is heard as a siren of five rises a second.

    Parameters
    ----------
    signal : array_like, shape (samples,)
        The signal.
    dt : Quantity in seconds
        Time between its samples.
    carrier : Quantity in hertz, default 400 Hz
        Frequency of the tone where the signal is zero.
    depth : float, default 0.5
        Octaves that the tone rises for a signal of one.
    sample_rate : Quantity in hertz, default 8000 Hz
        Samples of sound per second.
    fade : Quantity in seconds, default 20 ms
        Time in which the sound comes and goes at its ends, so that they do not click.

    Returns
    -------
    ndarray of float64
        The sound, between -1 and 1: as many samples as fit into the duration of the signal.

    Raises
    ------
    ParameterError
        If the signal is not one row of finite numbers, a parameter is out of its limits, the sound is
        shorter than its two fades, or the tone would rise above half the sample rate.

    References
    ----------
    Chapter 5, "Listen to the readout".

    Examples
    --------
    >>> import numpy as np
    >>> from brian2 import ms
    >>> from forcebook import sound
    >>> samples = sound.carried(np.zeros(1000), 1 * ms)
    >>> len(samples), round(float(np.abs(samples).max()), 3)
    (8000, 1.0)
    """
    x = _row("signal", signal)
    if len(x) < 2 or not np.isfinite(x).all():
        raise ParameterError(
            f"signal must be two or more finite numbers; got {len(x)}, {np.isfinite(x).sum()} of them finite"
        )
    step = positive("dt", dt, second, "0.05*ms")
    f0 = positive("carrier", carrier, Hz, "400*Hz")
    rate = positive("sample_rate", sample_rate, Hz, "8000*Hz")
    d = finite_number("depth", depth)
    if not has_unit(fade, second) or not 0 <= float(fade) < np.inf:
        raise ParameterError(f"fade = {fade!r} must be a time, zero or above, for example 20*ms")
    duration = len(x) * step
    length = int(np.floor(duration * rate + 1e-6))
    ramp = round(float(fade) * rate)
    if length < max(1, 2 * ramp):
        raise ParameterError(f"signal of {duration:g} s must be longer than two fades, of {fade} each")
    octaves = d * x
    highest = f0 * 2.0 ** min(float(octaves.max()), 1000.0)
    if highest >= rate / 2:
        raise ParameterError(
            f"the tone must stay below half the sample rate, {rate / 2:g} Hz; it would rise to {highest:g} Hz"
        )
    # The phase is summed at the samples of the signal and read between them: it has no jumps to click.
    turns = np.concatenate([[0.0], np.cumsum(f0 * 2.0**octaves) * step])
    at = np.interp(np.arange(length) / rate, np.arange(len(x) + 1) * step, turns)
    samples = np.sin(2 * np.pi * at)
    if ramp:
        rise = np.sin(0.5 * np.pi * np.arange(ramp) / ramp) ** 2
        samples[:ramp] *= rise
        samples[length - ramp :] *= rise[::-1]
    return samples


@dataclasses.dataclass(frozen=True, eq=False)
class Clip:
    """A sound with a name, and with words for those who do not hear it.

    Parameters
    ----------
    label : str
        What the reader reads above its player.
    samples : array_like of float, shape (samples,)
        The sound, between -1 and 1.
    heard : str
        What is heard. The player folds it, so that one can listen first.
    sample_rate : Quantity in hertz, default 8000 Hz
        Samples per second, a whole number.

    Raises
    ------
    ParameterError
        If a text is empty, the sample rate is no whole number of hertz, or the samples are not one row of
        numbers between -1 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> from brian2 import ms
    >>> from forcebook import sound
    >>> tone = sound.Clip("Tone", sound.carried(np.zeros(500), 1 * ms), "A steady tone.")
    >>> tone.seconds
    0.5
    """

    label: str
    samples: np.ndarray
    heard: str
    sample_rate: Quantity = dataclasses.field(default_factory=lambda: 8000 * Hz)

    def __post_init__(self) -> None:
        for name in ("label", "heard"):
            if not str(getattr(self, name)).strip():
                raise ParameterError(f"{name} of a clip must not be empty")
        rate = positive("sample_rate", self.sample_rate, Hz, "8000*Hz")
        if rate != int(rate):
            raise ParameterError(f"sample_rate = {self.sample_rate} must be a whole number of hertz")
        samples = _row("samples", self.samples)
        if not len(samples) or not (np.abs(samples) <= 1).all():
            raise ParameterError(f"samples of the clip {self.label} must be numbers between -1 and 1")
        object.__setattr__(self, "samples", samples)

    @property
    def seconds(self) -> float:
        """float: How long it sounds."""
        return len(self.samples) / float(self.sample_rate)

    def wav(self) -> bytes:
        """Return the sound as a WAV file: one channel of 16 bits, at most half as loud as the file can be.

        Returns
        -------
        bytes

        Examples
        --------
        >>> from forcebook import sound
        >>> sound.Clip("Silence", [0.0] * 100, "Nothing.").wav()[:4]
        b'RIFF'
        """
        file = io.BytesIO()
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(int(self.sample_rate))
            out.writeframes(np.round(self.samples * 16384).astype("<i2").tobytes())
        return file.getvalue()


class Clips:
    """Sounds to listen to, as :func:`listen` makes them.

    Attributes
    ----------
    clips : tuple of Clip
        As given.
    name, caption : str
        As given.
    """

    # IPython.display.Audio can neither be named nor described for a screen reader.
    def __init__(self, clips: Sequence[Clip], name: str, caption: str) -> None:
        self.clips = tuple(clips)
        self.name, self.caption = name, caption
        if not self.clips:
            raise ParameterError("clips must be one or more; got none")
        if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
            raise ParameterError(
                f"name of clips must be lower-case letters, digits and hyphens; got {name!r}"
            )
        if not caption.strip():
            raise ParameterError(f"caption of the clips {name} must not be empty")

    def __repr__(self) -> str:
        return f"<Clips {self.name}: " + ", ".join(f"{c.label} {c.seconds:g} s" for c in self.clips) + ">"

    def _repr_html_(self) -> str:
        return self.player()

    def player(self) -> str:
        """Return the sounds as HTML, each with the browser's own player; nothing plays by itself.

        Returns
        -------
        str
            A figure that needs neither a kernel nor a network.

        Examples
        --------
        >>> import numpy as np
        >>> from brian2 import ms
        >>> from forcebook import sound
        >>> tone = sound.Clip("Tone", sound.carried(np.zeros(500), 1 * ms), "A steady tone.")
        >>> "<audio controls" in sound.listen(tone, name="tone", caption="A tone.").player()
        True
        """
        rows = "".join(
            f'<li><p id="{self.name}-{k}">{html.escape(clip.label)} ({clip.seconds:g} s)</p>'
            f'<audio controls preload="metadata" aria-labelledby="{self.name}-{k}" '
            f'src="data:audio/wav;base64,{base64.b64encode(clip.wav()).decode()}"></audio>'
            f'<details><summary aria-describedby="{self.name}-{k}">What is heard</summary>'
            f'<p id="{self.name}-{k}-heard">{html.escape(clip.heard)}</p></details></li>'
            for k, clip in enumerate(self.clips)
        )
        return (
            f'<figure class="clips" id="{self.name}" data-lm-suppress-shortcuts="true">'
            f"<style>{_STYLE}</style><ul>{rows}</ul><figcaption>{html.escape(self.caption)}</figcaption></figure>"
        )


def listen(*clips: Clip, name: str, caption: str) -> Clips:
    """Show sounds with a plain player for each: leave it as the last line of a cell.

    Parameters
    ----------
    *clips : Clip
        One or more.
    name : str
        Name on the page: lower-case letters, digits and hyphens.
    caption : str
        What all of them are.

    Returns
    -------
    Clips

    Raises
    ------
    ParameterError
        If there is no clip, the name is wrong, or the caption is empty.

    Examples
    --------
    >>> import numpy as np
    >>> from brian2 import ms
    >>> from forcebook import sound
    >>> tone = sound.Clip("Tone", sound.carried(np.zeros(500), 1 * ms), "A steady tone.")
    >>> sound.listen(tone, name="tone", caption="A tone.")
    <Clips tone: Tone 0.5 s>
    """
    return Clips(clips, name, caption)


def _row(name: str, values: np.ndarray) -> np.ndarray:
    try:
        row = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must be numbers; got {type(values).__name__}") from None
    if row.ndim != 1:
        raise ParameterError(f"{name} must be one row of numbers; got shape {row.shape}")
    return row
