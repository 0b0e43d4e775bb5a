"""Typical wrong answers to the exercises of chapter 4, each with words that its own hint has."""

from __future__ import annotations

import numpy as np
from brian2 import ms, second

import forcelib
from forcebook.exercises.chapter_4 import (
    _dense,
    _divided_twice,
    _forgot_alpha,
    _no_denominator,
    _published,
    _wrong_sign,
    _wrong_way_round,
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


def _without_teacher(intervals, teacher, reservoir, parameters):
    return longest_interval(intervals, teachers.sine(), reservoir, parameters)


def _shortest(intervals, teacher, reservoir, parameters):
    return min(intervals)


def _in_milliseconds(intervals, teacher, reservoir, parameters):
    return float(longest_interval(intervals, teacher, reservoir, parameters) / ms)


WRONG = {
    "error_again": {
        "the gains exchanged": (_gains_exchanged, "other gain"),
        "the size of the error": (_size_only, "sign"),
        "the root of q": (_alpha_times_r, "check q"),
    },
    "rls_update": {
        "the published gain": (_published, "published gain"),
        "the sign of the error": (_wrong_sign, "wrong way"),
        "k from the new P": (_divided_twice, "new P"),
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
        "the shortest one": (_shortest, "longer interval"),
        "a bare number": (_in_milliseconds, "unit"),
    },
}
