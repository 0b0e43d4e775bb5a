"""Typical wrong answers to the exercises of chapter 5, each with words that its own hint has."""

import numpy as np

from forcebook.exercises.base import altered
from forcebook.exercises.chapter_5 import (
    WRAPPED,
    _measures_all,
    _measures_both,
    _stops_too_soon,
    amplitude_and_phase,
    frequency_of,
    trained_for,
)


def _periods(frequency, target, t):
    return np.sqrt(2) * abs(np.sin((frequency - target) * t / 2))


def _whole_phase(frequency, target, t):
    return np.sqrt(2) * abs(np.sin(2 * np.pi * (frequency - target) * t))


def _small_phase(frequency, target, t):
    return np.sqrt(2) * np.pi * abs(frequency - target) * t


def _signed(frequency, target, t):
    return np.sqrt(2) * np.sin(np.pi * (frequency - target) * t)


def _half(z, t, f):
    a, theta = amplitude_and_phase(z, t, f)
    return a / 2, theta


def _cosine(z, t, f):
    a, theta = amplitude_and_phase(z, t, f)
    return a, theta - np.pi / 2


def _every_sample(z, t, f):
    mean = np.mean(z * np.exp(-2j * np.pi * f * t))
    return 2 * np.abs(mean), np.angle(2j * mean)


def _from_first_sample(z, t, f):
    return amplitude_and_phase(z, t - t[0], f)


def _swapped(training, parameters, seed):
    return trained_for(training, parameters, seed)[::-1]


def _not_averaged(training, parameters, seed):
    frequency, amplitude = trained_for(training, parameters, seed)
    return frequency, np.full(5, amplitude)


def _of_the_first_second(z, t, target):
    early = t < max(1.0, 0.1 * t[-1])
    return frequency_of(z[early], t[early], target)


MEASURED = {"seeds": range(10), "whole_15": 1.0, "tenth_15": 0.38, "whole_60": 1.0, "tenth_60": 0.76}

WRONG = {
    "clock_error": {
        "periods for radians": (_periods, "factor 2 pi"),
        "theta not halved": (_whole_phase, "theta / 2"),
        "small phases": (_small_phase, "small phases only"),
        "no absolute value": (_signed, "cannot be negative"),
    },
    "amplitude_and_phase": {
        "without the factor 2": (_half, "half as large"),
        "phase of a cosine": (_cosine, "quarter of a period"),
        "not whole periods": (_every_sample, "whole periods"),
        "phase from the first sample": (_from_first_sample, "count the phase from t = 0"),
    },
    "trained_for": {
        "rls_stop = training": (_stops_too_soon, "not at 0"),
        "measures the whole run": (_measures_all, "training included"),
        "measures both seconds": (_measures_both, "the second one only"),
        "amplitude not averaged": (_not_averaged, "at each moment"),
        "amplitude first": (_swapped, "frequency comes first"),
    },
    "frequency_of": {
        "as it was": (altered(frequency_of, WRAPPED), "Plot it"),
        "the other side": (altered(frequency_of, ("target + slope", "target - slope")), "a sign has changed"),
        "always ahead": (altered(frequency_of, ("target + slope", "target + abs(slope)")), "keep the sign"),
        "the target": (lambda z, t, target: target, "the target itself"),
        "radians": (altered(frequency_of, (" / (2 * np.pi)", "")), "in radians"),
        "modulo a turn": (
            altered(frequency_of, (WRAPPED[0], "np.angle(slow) % (2 * np.pi)")),
            "between 0 and 2 pi",
        ),
        "degrees": (
            altered(frequency_of, ("(np.angle(slow))", "(np.angle(slow)) * 180 / np.pi")),
            "in degrees",
        ),
        "a part of it": (_of_the_first_second, "not a part of it"),
        "no polynomial": (altered(frequency_of, ("[0]\n", "\n")), "one plain number"),
    },
    "feedback_as_reserve": {
        "whole and damaged exchanged": (
            MEASURED | {"whole_15": 0.38, "tenth_15": 1.0, "whole_60": 0.76, "tenth_60": 1.0},
            "Whole and damaged",
        ),
        "a range": (MEASURED | {"whole_15": 2.0, "whole_60": 2.0}, "Is it a range"),
        "root mean square": (MEASURED | {"whole_15": 0.71, "whole_60": 0.71}, "root of 2"),
        "not learned": (MEASURED | {"whole_15": 0.3}, "textbook gain"),
        "nobody silenced": (MEASURED | {"tenth_15": 1.0, "tenth_60": 1.0}, "Nothing was lost"),
        "Q exchanged": (MEASURED | {"tenth_15": 0.76, "tenth_60": 0.38}, "More is left at"),
        "losses": (MEASURED | {"tenth_15": 0.62, "tenth_60": 0.24}, "what was lost"),
        "at once": (MEASURED | {"tenth_15": 0.75, "tenth_60": 0.9}, "when it has settled"),
    },
}
