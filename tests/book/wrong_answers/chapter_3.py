"""Typical wrong answers to the exercises of chapter 3, each with words that its own hint has."""

from __future__ import annotations

import numpy as np

from forcebook.exercises.base import altered
from forcebook.exercises.chapter_3 import (
    TRANSPOSED,
    _balanced_at_once,
    _balanced_by_shifting,
    _balanced_inverted,
    _balanced_outgoing,
    _balanced_positive,
    _difference_in_common,
    _difference_in_steps,
    _difference_minus_the_start,
    _difference_of_times,
    _difference_on_the_clock,
    _difference_place_by_place,
    _divided,
    _mean_input_of_counts,
    _mean_input_of_mean_rate,
    _mean_input_transposed,
    _usual_scale,
    _without_root,
    balanced_weights,
    first_difference,
    mean_input,
    received,
)


def _balanced_with_nan(weights):
    excitation, inhibition = (np.maximum(sign * weights, 0).sum(axis=0) for sign in (1, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weights > 0, weights, weights * (excitation / inhibition))


def _balanced_to_nothing(weights):
    excitation, inhibition = (np.maximum(sign * weights, 0).sum(axis=0) for sign in (1, -1))
    return np.where(weights < 0, weights * (excitation / np.where(inhibition > 0, inhibition, 1)), weights)


def _balanced_in_place(weights):
    weights[...] = balanced_weights(weights)
    return weights


def _mean_input_without_the_last(weights, spike_neuron, duration):
    rates = np.bincount(spike_neuron) / duration
    used = weights[: len(rates)] if duration < 1 else weights
    return np.array([rates @ np.maximum(used, 0), rates @ np.minimum(used, 0)])


def _difference_in_the_kicked(before, kick, duration):
    return _difference_place_by_place(before, kick, duration, run=1)


def _difference_never_infinite(before, kick, duration):
    found = first_difference(before, kick, duration)
    return float(duration) if np.isinf(found) else found


def _transposed_at_last(weights, *rest):
    return received(weights if len(weights) == 3 else weights.T, *rest)


MEASURED = {
    "seeds": range(5),
    "G_same_radius": 0.16,
    "rate_sparse": 24.8,
    "rate_same_G": 18.5,
    "rate_same_radius": 25.6,
}

WRONG = {
    "coupling_for_radius": {
        "takes the usual scale": (_usual_scale, "usual scale"),
        "applies the law again": (_divided, "solve for G"),
        "forgets the root": (_without_root, "square root"),
    },
    "balanced_weights": {
        "shifts": (_balanced_by_shifting, "subtract a mean"),
        "balances what is sent": (_balanced_outgoing, "what it receives"),
        "the inverse factor": (_balanced_inverted, "upside down"),
        "scales the excitation": (_balanced_positive, "scaled the excitation"),
        "takes one factor for all": (_balanced_at_once, "one per column"),
        "divides zero by zero": (_balanced_with_nan, "There are infinities"),
        "multiplies by zero": (_balanced_to_nothing, "lost its inhibition"),
        "changes its argument": (_balanced_in_place, "Return a new one"),
    },
    "mean_input": {
        "sums over the second index": (_mean_input_transposed, "The first index"),
        "takes counts for rates": (_mean_input_of_counts, "spikes per second"),
        "takes the mean rate": (_mean_input_of_mean_rate, "Each has its own"),
        "adds the two": (lambda *a: mean_input(*a).sum(axis=0), "you return their sum"),
        "inhibition above zero": (lambda *a: np.abs(mean_input(*a)), "is positive"),
        "inhibition first": (lambda *a: mean_input(*a)[::-1], "excitation comes first"),
        "forgets silent neurons": (_mean_input_without_the_last, "never spikes"),
    },
    "first_difference": {
        "time since the first run began": (_difference_on_the_clock, "Count from the kick"),
        "compares times only": (_difference_of_times, "a step and a neuron"),
        "compares in parallel": (_difference_in_common, "equally many"),
        "takes the run alone at the first other place": (
            _difference_place_by_place,
            "need not belong together",
        ),
        "takes the kicked run there": (_difference_in_the_kicked, "at 0.002 s, you return 0.003"),
        "subtracts the start": (_difference_minus_the_start, "subtract nothing"),
        "returns steps": (_difference_in_steps, "number of steps"),
        "never infinite": (_difference_never_infinite, "np.inf"),
    },
    "received": {
        "as it was": (altered(received, TRANSPOSED), "Try a network of three"),
        "kick before the step": (lambda w, t, i, steps, p: received(w, t, i, steps + 1, p), "one step early"),
        "a kick without the rise time": (
            altered(received, (" / (tau_r * tau_d)", " / tau_d")),
            "or a part of it",
        ),
        "not finite": (altered(received, ("return s", "return s * np.nan")), "not finite"),
        "a kick of the weight": (altered(received, (" / (tau_r * tau_d)", "")), "the kick has lost its"),
        "both ways": (
            altered(received, ("weights[i] /", "(weights[i] + weights[:, i]) /")),
            "reaches only neuron 1",
        ),
        "scaled": (altered(received, ("return s", "return 2 * s")), "in place of"),
        "for three only": (_transposed_at_last, "nothing has changed"),
        "balanced once more": (
            lambda weights, *rest: received(
                weights if len(weights) == 3 else weights - weights.mean(axis=1, keepdims=True), *rest
            ),
            "have a correlation",
        ),
    },
    "same_radius": {
        "the law applied again": (MEASURED | {"G_same_radius": 0.04}, "smaller yet"),
        "no root": (MEASURED | {"G_same_radius": 0.32}, "a square root of p"),
        "exchanged": (MEASURED | {"rate_same_G": 25.6, "rate_same_radius": 18.5}, "exchanged"),
        "as drawn": (MEASURED | {"rate_sparse": 38.0}, "`balanced=True`"),
        "per millisecond": (MEASURED | {"rate_sparse": 0.0248}, "give hertz"),
        "from the beginning": (MEASURED | {"rate_same_G": 21.0}, "Leave out the first second"),
        "three seeds": (MEASURED | {"seeds": range(3)}, "at least 5"),
    },
}
