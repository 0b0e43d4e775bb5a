"""Typical wrong answers to the exercises of chapter 7, each with words that its own hint has."""

import numpy as np

from forcebook.exercises.base import altered
from forcebook.exercises.chapter_7 import DEAF, bumps_of, decide, heard_spikes


def _to_zero(z, threshold, start):
    return np.where(np.abs(z) > threshold, np.sign(z), 0)


def _to_start(z, threshold, start):
    return np.where(np.abs(z) > threshold, np.sign(z), start)


def _all_lines(t, m, period):
    return np.abs(np.sin(np.pi * m * t / period))[:, None] * np.ones(m)


def _upside_down(t, m, period):
    return bumps_of(t, m, period) * np.sign(np.sin(np.pi * m * t / period))[:, None]


def _once(t, m, period):
    return bumps_of(t, m, period) * (t < period)[:, None]


MEASURED = {"seeds": range(10), "long": 0.15, "short": 0.45}

WRONG = {
    "decide": {
        "the sign": (lambda z, threshold, start: np.sign(z), "flickers"),
        "zero between": (_to_zero, "is not 0"),
        "start between": (_to_start, "Carry the last state along"),
        "another start": (lambda z, threshold, start: decide(z, threshold, -start), "that is given"),
        "the last alone": (lambda *case: decide(*case)[-1], "not one alone"),
    },
    "bumps_of": {
        "transposed": (lambda *case: bumps_of(*case).T, "along the first axis"),
        "all lines": (_all_lines, "all bumps"),
        "no size": (_upside_down, "upside down"),
        "steps": (lambda *case: (bumps_of(*case) > 0) * 1.0, "half a sine"),
        "once": (_once, "after the last"),
    },
    "heard_spikes": {
        "as it was": (altered(heard_spikes, DEAF), "Print v during the input"),
        "no time step": (
            altered(heard_spikes, (DEAF[0], "(-44.0 - v) + W * heard")),
            "a smaller time step",
        ),
        "for 10 ms": (
            altered(heard_spikes, (DEAF[0], "(-44.0 - v) + 100 * dt * W * heard")),
            "10 ms only",
        ),
        "wrong sign": (altered(heard_spikes, ("+ W * heard", "- W * heard")), "the wrong sign"),
        "no reset": (altered(heard_spikes, ("v = -65.0", "v = -44.0")), "the reset at -65"),
    },
    "least_height": {
        "exchanged": (MEASURED | {"long": 0.45, "short": 0.15}, "exchanged"),
        "a current": (MEASURED | {"long": 1.5, "short": 4.5}, "height times Q_in"),
        "one width": (MEASURED | {"short": 0.15}, "Does the width"),
        "too low": (MEASURED | {"long": 0.01}, "half a second after"),
        "too weak": (MEASURED | {"short": 1.5}, "a pulse of 20 ms"),
    },
}
