"""Typical wrong answers to the exercises of chapter 5, each with words that its own hint has."""

import numpy as np

from forcebook.exercises.chapter_5 import _measures_all, _stops_too_soon, amplitude_and_phase, trained_for


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
        "amplitude first": (_swapped, "frequency comes first"),
    },
}
