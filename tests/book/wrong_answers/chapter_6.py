"""Typical wrong answers to the exercises of chapter 6, each with words that only its own hint has."""

import numpy as np

from forcebook.exercises.base import altered
from forcebook.exercises.chapter_6 import (
    ONE_ERROR,
    _any_pair,
    _not_around,
    _present_only,
    _squared,
    _strictly,
    clock_hands,
    closest_twins,
    update_outputs,
)


def _sines(t, f, number):
    return clock_hands(t, f, number)[:, 0::2]


def _rows(t, f, number):
    return clock_hands(t, f, number).T


def _sorted(t, f, number):
    hands = clock_hands(t, f, number)
    return np.concatenate([hands[:, 0::2], hands[:, 1::2]], axis=-1)


def _one_moves(P, decoders, r, target):
    moved, P = update_outputs(P, decoders, r, target)
    return np.concatenate([moved[:, :1], decoders[:, 1:]], axis=1), P


MEASURED = {"seeds": range(10), "slow_20": 0.8, "slow_60": 0.02, "fast_20": 0.2, "fast_60": 0.43}

WRONG = {
    "clock_hands": {
        "turned over": (_rows, "turned over"),
        "sines only": (_sines, "a hand has two signals"),
        "1, 2, 3": (altered(clock_hands, ("2**k", "(k + 1)")), "and not 1, 2, 3"),
        "all sines first": (_sorted, "beside each other"),
        "cosine first": (
            altered(clock_hands, ("[np.sin(turn), np.cos(turn)]", "[np.cos(turn), np.sin(turn)]")),
            "the sine comes first",
        ),
        "no 2 pi": (altered(clock_hands, ("2 * np.pi * f", "f")), "too slow by that factor"),
    },
    "update_outputs": {
        "as it was": (altered(update_outputs, ONE_ERROR), "watch both decoders"),
        "the largest error": (
            altered(update_outputs, (ONE_ERROR[0], "errors = np.max(decoders.T @ r - target)")),
            "all decoders still move alike",
        ),
        "the first one": (_one_moves, "the others never learn"),
        "the sign": (
            altered(update_outputs, ("decoders - np.outer", "decoders + np.outer")),
            "the wrong way",
        ),
        "P as well": (
            altered(update_outputs, ("P - np.outer(gain, P @ r)", "P - np.outer(gain, gain)")),
            "P was right",
        ),
        "exchanged": (lambda *given: update_outputs(*given)[::-1], "decoders come first"),
    },
    "closest_twins": {
        "neighbours": (_any_pair, "the distance of neighbours"),
        "not around": (_not_around, "a neighbour of its first one"),
        "no past": (_present_only, "present values alone"),
        "squared": (_squared, "take its root"),
        "strictly": (_strictly, "exactly `apart` steps"),
        "the mean": (altered(closest_twins, (".min()", ".mean()")), "expected a distance"),
    },
    "longer_echo": {
        "exchanged": (
            MEASURED | {"slow_20": 0.02, "slow_60": 0.8, "fast_20": 0.43, "fast_60": 0.2},
            "or the two frequencies",
        ),
        "tau_d not set": (MEASURED | {"slow_20": 0.75, "slow_60": 0.8, "fast_60": 0.22}, "Was tau_d set"),
        "against the clock": (MEASURED | {"slow_60": 0.3}, "the shift in time taken out"),
        "the largest": (MEASURED | {"slow_20": 1.7}, "which differ much"),
        "in training": (MEASURED | {"fast_20": 0.08}, "after training, with Q = 30"),
        "other deviation": (MEASURED | {"fast_60": 0.2}, "not by that of z"),
    },
}
