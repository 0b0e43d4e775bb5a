"""Sounds: the pitch is that of the signal, the ends fade, the player has a name and words."""

import base64
import io
import re
import wave
from html.parser import HTMLParser

import numpy as np
import pytest
from brian2 import Hz, ms, mV, second
from hypothesis import given, settings
from hypothesis import strategies as st
from pitch import pitch

from forcebook import sound
from forcelib import ParameterError


@settings(max_examples=20)
@given(
    frequency=st.floats(0.5, 8),
    size=st.floats(0, 1.2),
    phase=st.floats(-3, 3),
    carrier=st.floats(300, 500),
    depth=st.floats(-0.6, 0.6),
    rate=st.sampled_from([8000, 11025, 16000]),
    dt=st.sampled_from([0.05, 0.1, 0.5]),
)
def test_the_pitch_is_that_of_the_signal(frequency, size, phase, carrier, depth, rate, dt):
    t = np.arange(round(1000 / dt)) * dt * 1e-3
    x = size * np.sin(2 * np.pi * frequency * t + phase)
    samples = sound.carried(x, dt * ms, carrier=carrier * Hz, depth=depth, sample_rate=rate * Hz, fade=0 * ms)
    between = (np.arange(len(samples) - 1) + 0.5) / rate
    wanted = carrier * 2.0 ** (depth * np.interp(between, t, x))
    # The ends of an analytic signal are not those of the tone.
    middle = slice(len(between) // 10, -len(between) // 10)
    assert pitch(samples, rate)[middle] == pytest.approx(wanted[middle], rel=0.02)


@given(count=st.integers(300, 5000), dt=st.sampled_from([0.05, 0.5, 1.0]), rate=st.integers(4000, 20_000))
def test_time_is_kept(count, dt, rate):
    samples = sound.carried(np.zeros(count), dt * ms, sample_rate=rate * Hz, fade=5 * ms)
    assert abs(len(samples) / rate - count * dt * 1e-3) < 1.001 / rate
    # The carrier is the tone of zero.
    inside = slice(rate // 200 + 1, -(rate // 200) - 1)
    exact = np.sin(2 * np.pi * 400 * np.arange(len(samples)) / rate)
    np.testing.assert_allclose(samples[inside], exact[inside], rtol=0, atol=1e-6)


def test_the_ends_fade_and_the_rest_has_full_size():
    x = np.sin(np.arange(20_000) * 0.05e-3 * 2 * np.pi * 5)
    whole = sound.carried(x, 0.05 * ms, fade=0 * ms)
    faded = sound.carried(x, 0.05 * ms, fade=50 * ms)
    assert np.array_equal(faded[400:-400], whole[400:-400])
    rise = np.sin(0.5 * np.pi * np.arange(400) / 400) ** 2
    assert faded[:400] == pytest.approx(whole[:400] * rise)
    assert faded[-400:] == pytest.approx(whole[-400:] * rise[::-1])
    assert faded[0] == faded[-1] == 0
    assert np.abs(whole).max() > 0.99


def test_a_jump_of_the_signal_does_not_click():
    """The tone changes its pitch and never its value at once."""
    x = np.where(np.arange(20_000) < 10_000, -1.0, 1.0)
    samples = sound.carried(x, 0.05 * ms, fade=0 * ms)
    steepest = 2 * np.pi * 400 * 2**0.5 / 8000
    assert np.abs(np.diff(samples)).max() < 1.001 * steepest


def test_the_same_signal_gives_the_same_bytes():
    x = np.random.default_rng(1).normal(size=20_000) * 0.1
    kept = x.copy()
    first, second_time = (sound.Clip("Noise", sound.carried(x, 0.05 * ms), "Noise.").wav() for _ in range(2))
    assert first == second_time
    assert np.array_equal(x, kept)


@pytest.mark.parametrize(
    ("signal", "changes", "message"),
    [
        ([], {}, "signal must be two or more finite numbers; got 0"),
        ([0.0, np.nan, np.inf], {}, "got 3, 1 of them finite"),
        (np.zeros((5, 2)), {}, r"signal must be one row of numbers; got shape \(5, 2\)"),
        ("siren", {}, "signal must be numbers; got str"),
        (np.zeros(10), {}, "longer than two fades"),
        (np.zeros(10), {"dt": 1 * mV}, "dt = .* must be positive and finite, with its unit"),
        (np.zeros(10), {"dt": 1e-3}, "dt = .* must be positive"),
        (np.zeros(5000), {"carrier": -400 * Hz}, "carrier = .* must be positive"),
        (np.zeros(5000), {"sample_rate": np.inf * Hz}, "sample_rate = .* must be positive and finite"),
        (
            np.zeros(5000),
            {"sample_rate": 800 * Hz},
            "below half the sample rate, 400 Hz; it would rise to 400",
        ),
        (np.full(5000, 7.0), {}, "below half the sample rate, 4000 Hz; it would rise to 4525"),
        (np.zeros(5000), {"depth": np.nan}, "depth"),
        (np.zeros(5000), {"depth": 1 * mV}, "depth"),
        (np.zeros(5000), {"fade": -1 * ms}, "fade = .* must be a time, zero or above"),
        (np.zeros(5000), {"fade": 20}, "fade = .* must be a time, zero or above"),
    ],
)
def test_what_cannot_be_carried(signal, changes, message):
    arguments = {"dt": 1 * ms, **changes}
    with pytest.raises(ParameterError, match=message):
        sound.carried(signal, **arguments)


def test_a_wav_file_holds_the_samples():
    samples = sound.carried(np.sin(np.arange(20_000) * 1e-3), 0.05 * ms, sample_rate=11_025 * Hz)
    clip = sound.Clip("Tone", samples, "A tone.", sample_rate=11_025 * Hz)
    with wave.open(io.BytesIO(clip.wav())) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 11_025)
        stored = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert stored / 16384 == pytest.approx(samples, abs=0.6 / 16384)
    assert clip.seconds == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": " "}, "label of a clip must not be empty"),
        ({"heard": ""}, "heard of a clip must not be empty"),
        ({"samples": []}, "samples of the clip Tone must be numbers between -1 and 1"),
        ({"samples": [0.0, np.nan]}, "samples of the clip Tone must be numbers between -1 and 1"),
        ({"samples": np.zeros((3, 2))}, "samples must be one row"),
        ({"sample_rate": 8000.5 * Hz}, "whole number of hertz"),
        ({"sample_rate": 1 * second}, "sample_rate = .* must be positive"),
    ],
)
def test_what_is_no_clip(changes, message):
    with pytest.raises(ParameterError, match=message):
        sound.Clip(**{"label": "Tone", "samples": [0.0, 0.5], "heard": "A tone.", **changes})


@pytest.mark.parametrize(
    ("count", "changes", "message"),
    [
        (0, {}, "clips must be one or more"),
        (1, {"name": "Two words"}, "got 'Two words'"),
        (1, {"caption": " "}, "caption of the clips tones must not be empty"),
    ],
)
def test_what_cannot_be_listened_to(count, changes, message):
    clips = [sound.Clip("Tone", [0.0, 0.5], "A tone.")] * count
    with pytest.raises(ParameterError, match=message):
        sound.listen(*clips, **{"name": "tones", "caption": "Tones.", **changes})


class Page(HTMLParser):
    """The attributes of each element, and the text of those with an id."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self._open = [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open.append(dict(attrs).get("id"))

    def handle_endtag(self, tag):
        self._open.pop()

    def handle_data(self, data):
        for name in self._open:
            self.texts[name] = self.texts.get(name, "") + data


def test_each_player_is_plain_named_and_described():
    words = 'A <b>tone</b> & "more"'
    clips = [
        sound.Clip("Before", sound.carried(np.zeros(500), 1 * ms), words),
        sound.Clip(words, sound.carried(np.ones(250), 1 * ms), "A higher tone."),
    ]
    shown = sound.listen(*clips, name="tones", caption=words)
    page = Page(shown._repr_html_())
    players = [attributes for tag, attributes in page.elements if tag == "audio"]
    folds = [attributes for tag, attributes in page.elements if tag == "details"]
    assert folds == [{}, {}]  # closed: one can listen first
    assert len(players) == 2
    for k, (player, clip) in enumerate(zip(players, clips, strict=True)):
        assert "controls" in player
        assert not {"autoplay", "loop"} & set(player)
        assert page.texts[player["aria-labelledby"]] == f"{clip.label} ({clip.seconds:g} s)"
        assert page.texts[f"tones-{k}-heard"] == clip.heard
        kind, content = player["src"].split(",", 1)
        assert kind == "data:audio/wav;base64"
        assert base64.b64decode(content) == clip.wav()
    assert not [tag for tag, _ in page.elements if tag in ("b", "script", "link")]
    assert not re.search(r"https?:|//", re.sub(r'src="[^"]*"', "", shown.player()))
    assert page.texts["tones"].endswith(words)
    assert repr(shown) == f"<Clips tones: Before 0.5 s, {words} 0.25 s>"
