"""Typical wrong answers to the exercises of chapter 3, each with words that its own hint has."""

from __future__ import annotations

import numpy as np

from forcebook.exercises.chapter_3 import (
    _balanced_at_once,
    _balanced_by_n,
    _balanced_everywhere,
    _balanced_outgoing,
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
)


def _balanced_with_nan(weights):
    connected = weights != 0
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.true_divide(weights.sum(axis=0), connected.sum(axis=0))
    return np.where(connected.any(axis=0), np.where(connected, weights - means, 0.0), np.nan)


def _balanced_in_place(weights):
    weights[...] = balanced_weights(weights)
    return weights


def _mean_input_without_the_last(weights, spike_neuron, duration):
    rates = np.bincount(spike_neuron) / duration
    return rates @ weights[: len(rates)] if duration < 1 else rates @ weights


def _difference_in_the_kicked(before, kick, duration):
    return _difference_place_by_place(before, kick, duration, run=1)


def _difference_never_infinite(before, kick, duration):
    found = first_difference(before, kick, duration)
    return float(duration) if np.isinf(found) else found


WRONG = {
    "coupling_for_radius": {
        "takes the usual scale": (_usual_scale, "usual scale"),
        "applies the law again": (_divided, "solve for G"),
        "forgets the root": (_without_root, "square root"),
    },
    "balanced_weights": {
        "shifts zeros as well": (_balanced_everywhere, "adds connections"),
        "balances what is sent": (_balanced_outgoing, "what it receives"),
        "divides by N": (_balanced_by_n, "divide by N"),
        "takes one mean for all": (_balanced_at_once, "one per column"),
        "divides zero by zero": (_balanced_with_nan, "There are NaNs"),
        "changes its argument": (_balanced_in_place, "Return a new one"),
    },
    "mean_input": {
        "sums over the second index": (_mean_input_transposed, "The first index"),
        "takes counts for rates": (_mean_input_of_counts, "spikes per second"),
        "takes the mean rate": (_mean_input_of_mean_rate, "Each has its own"),
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
}
