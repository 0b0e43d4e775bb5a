"""The clips in a browser: played by keyboard, described, silent until asked."""

import numpy as np
import pytest
from brian2 import ms
from pitch import pitch

from forcebook import sound

#: What the browser makes of a clip: its sample rate and its samples.
DECODED = """async (player) => {
    const bytes = await (await fetch(player.src)).arrayBuffer();
    const sound = await new OfflineAudioContext(1, 1, 8000).decodeAudioData(bytes);
    return [sound.sampleRate, Array.from(sound.getChannelData(0))];
}"""


def announced(page, selector):
    """Return the name and the description that the browser gives to a screen reader."""
    session = page.context.new_cdp_session(page)
    document = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": document, "selector": selector})["nodeId"]
    tree = session.send("Accessibility.getPartialAXTree", {"nodeId": node, "fetchRelatives": False})
    first = tree["nodes"][0]
    return first["name"]["value"], first.get("description", {}).get("value")


def test_a_reader_plays_a_clip_by_keyboard_and_hears_its_samples(open_page, tmp_path):
    x = np.sin(2 * np.pi * 5 * np.arange(20_000) * 0.05e-3)
    clip = sound.Clip("Siren & more", sound.carried(x, 0.05 * ms), "A siren.")
    shown = sound.listen(clip, name="tones", caption="A siren.")
    path = tmp_path / "sound.html"
    path.write_text(f"<!doctype html><html lang=en><title>Sound</title>{shown.player()}", encoding="utf-8")
    page = open_page(path.as_uri(), width=390)
    assert announced(page, "audio") == ("Siren & more (1 s)", None)
    words = page.get_by_text("A siren.").first
    assert not words.is_visible()
    page.get_by_text("What is heard").focus()
    assert announced(page, "summary")[1] == "Siren & more (1 s)"
    page.keyboard.press("Enter")
    assert words.is_visible()
    player = page.locator("audio")
    page.wait_for_function("document.querySelector('audio').readyState > 0")
    assert player.evaluate("player => player.paused && player.duration") == pytest.approx(1, abs=0.001)
    player.focus()
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelector('audio').currentTime > 0")
    rate, samples = player.evaluate(DECODED)
    assert rate == 8000
    assert np.array(samples) / 0.5 == pytest.approx(clip.samples, abs=1e-3)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.record.complaints() == {}
    page.emulate_media(media="print")
    assert not player.is_visible()
    assert page.get_by_text("Siren & more").is_visible()


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_the_clips_of_chapter_5_are_silent_until_asked_and_differ(open_page, scheme):
    page = open_page("chapters/05_reproduction.html", scheme)
    players = page.locator(".clips audio")
    assert players.count() >= 3
    assert players.evaluate_all("all => all.every(player => player.paused && !player.autoplay)")
    spread = []
    for k in range(players.count()):
        rate, samples = players.nth(k).evaluate(DECODED)
        middle = slice(len(samples) // 4, -len(samples) // 4)
        spread.append(np.ptp(pitch(np.array(samples), rate)[middle]))
    # Before training one tone, then a siren of about an octave.
    assert spread[0] < 1
    assert min(spread[1:]) > 200
