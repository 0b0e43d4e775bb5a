"""Typical wrong answers to the exercises of chapter 4, each with words that its own hint has."""

from __future__ import annotations

import numpy as np
from brian2 import ms, second

import forcelib
from forcebook.exercises.base import altered
from forcebook.exercises.chapter_4 import (
    ONCE_A_TARGET,
    _dense,
    _divided_twice,
    _forgot_alpha,
    _new_P_divided,
    _no_denominator,
    _published,
    _wrong_sign,
    _wrong_way_round,
    decoders_for,
    error_again,
    longest_interval,
)
from forcelib import teachers


def _gains_exchanged(P, r, e, gain):
    return error_again(P, r, e, "published" if gain == "textbook" else "textbook")


def _size_only(P, r, e, gain):
    return abs(error_again(P, r, e, gain))


def _alpha_times_r(P, r, e, gain):
    q = np.sqrt(r @ P @ r)
    return e / (1 + q) if gain == "textbook" else (1 - q) * e


def _of_the_new_P(P, r, e, gain):
    k = P @ r
    return error_again(P - np.outer(k, k) / (1 + r @ k), r, e, gain)


def _grows(P, r, e, gain):
    return (1 + r @ P @ r) * e


def _not_transposed(U, alpha, r):
    return alpha * r - U @ (U @ r)


def _without_divergence(intervals, teacher, reservoir, parameters):
    good = []
    for interval in intervals:
        try:
            forcelib.run(teacher, reservoir=reservoir, parameters=parameters.replace(rls_interval=interval))
            good.append(interval)
        except forcelib.DivergenceError:
            continue
    return max(good)


def _uncaught(intervals, teacher, reservoir, parameters):
    good = []
    for interval in intervals:
        run = forcelib.run(teacher, reservoir=reservoir, parameters=parameters.replace(rls_interval=interval))
        if run.between(2 * second).rms_error() < 0.25:
            good.append(interval)
    return max(good)


def _of_the_whole_run(intervals, teacher, reservoir, parameters):
    good = []
    for interval in intervals:
        try:
            run = forcelib.run(
                teacher, reservoir=reservoir, parameters=parameters.replace(rls_interval=interval)
            )
        except forcelib.DivergenceError:
            continue
        if run.rms_error() < 0.25:
            good.append(interval)
    return max(good)


def _without_teacher(intervals, teacher, reservoir, parameters):
    return longest_interval(intervals, teachers.sine(), reservoir, parameters)


def _shortest(intervals, teacher, reservoir, parameters):
    return min(intervals)


def _in_milliseconds(intervals, teacher, reservoir, parameters):
    return float(longest_interval(intervals, teacher, reservoir, parameters) / ms)


MEASURED = {
    "seeds": range(5),
    "training_200": 0.049,
    "training_800": 0.016,
    "alone_200": 0.049,
    "alone_800": 0.027,
}

WRONG = {
    "error_again": {
        "the gains exchanged": (_gains_exchanged, "other gain"),
        "the size of the error": (_size_only, "sign"),
        "the root of q": (_alpha_times_r, "check q"),
        "q from the new P": (_of_the_new_P, "from the new P"),
        "the error grows": (_grows, "Which way"),
    },
    "rls_update": {
        "the published gain": (_published, "published gain"),
        "the sign of the error": (_wrong_sign, "wrong way"),
        "k from the new P": (_divided_twice, "new P"),
        "k from the new P, and the old q": (_new_P_divided, "divided again"),
        "no denominator": (_no_denominator, "denominator"),
    },
    "low_rank_product": {
        "forms P": (_dense, "N x N"),
        "adds instead of subtracting": (_wrong_way_round, "subtracted"),
        "alpha forgotten": (_forgot_alpha, "alpha"),
        "not transposed": (_not_transposed, "shapes"),
    },
    "longest_interval": {
        "only divergence counts": (_without_divergence, "not learned"),
        "divergence not caught": (_uncaught, "DivergenceError"),
        "teacher forgotten": (_without_teacher, "`teacher`"),
        "the error of the whole run": (_of_the_whole_run, "not of the whole run"),
        "the shortest one": (_shortest, "longer interval"),
        "a bare number": (_in_milliseconds, "unit"),
    },
    "decoders_for": {
        "as it was": (altered(decoders_for, ONCE_A_TARGET), "when it is alone"),
        "P shrinks before the decoders move": (
            altered(
                decoders_for,
                (ONCE_A_TARGET[0], ""),
                (
                    "        for j in",
                    "        P -= np.outer(P @ r, P @ r) / (1 + r @ P @ r)\n        for j in",
                ),
            ),
            "now it is not",
        ),
        "at the first target only": (
            altered(decoders_for, (ONCE_A_TARGET[0], ONCE_A_TARGET[1].replace("P -=", "P -= (j == 0) *"))),
            "only target 1",
        ),
        "alpha divided among the targets": (
            altered(decoders_for, ONCE_A_TARGET, ("P = alpha *", "P = alpha / targets.shape[1] *")),
            "P alone",
        ),
        "every sample twice": (
            lambda R, targets, alpha: decoders_for(
                np.repeat(R, targets.shape[1], axis=0), np.repeat(targets, targets.shape[1], axis=0), alpha
            ),
            "every sample counts",
        ),
        "not a number": (lambda R, targets, alpha: np.nan * decoders_for(R, targets, alpha), "not finite"),
        "one decoder for all": (
            lambda R, targets, alpha: decoders_for(R, targets, alpha)[:, 0],
            "one column per target",
        ),
    },
    "four_times_the_neurons": {
        "exchanged": (
            MEASURED | {"training_200": 0.016, "training_800": 0.049, "alone_200": 0.027, "alone_800": 0.049},
            "sizes are exchanged",
        ),
        "two of the sizes exchanged": (
            MEASURED | {"alone_200": 0.027, "alone_800": 0.049},
            "changed places",
        ),
        "training and alone exchanged": (
            MEASURED | {"training_800": 0.027, "alone_800": 0.016},
            "in training and that alone",
        ),
        "against the clock": (MEASURED | {"alone_200": 0.22, "alone_800": 0.1}, "phase drift"),
        "with the free second": (MEASURED | {"training_200": 0.36, "training_800": 0.35}, "still off"),
        "the same network": (
            MEASURED | {"training_200": 0.017, "alone_200": 0.028},
            "drawn anew",
        ),
        "another alpha": (MEASURED | {"training_800": 0.03}, "nothing but N"),
        "one seed": (MEASURED | {"seeds": [1, 1, 1]}, "at least 5"),
    },
}
