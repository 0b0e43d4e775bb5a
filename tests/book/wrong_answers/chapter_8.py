"""Typical wrong answers to the exercises of chapter 8, each with words that its own hint has."""

import numpy as np

from forcebook.exercises.base import altered
from forcebook.exercises.chapter_8 import FORGETS, local_irregularity, rate_after, theta_rest


def _against_the_mean(intervals):
    return np.abs(np.diff(intervals)).mean() / np.mean(intervals)


MEASURED = {
    "seeds": range(10),
    "rate_with": 36.0,
    "error_with": 0.095,
    "rate_without": 71.0,
    "error_without": 0.028,
}

WRONG = {
    "theta_rest": {
        "the unstable one": (lambda current: -theta_rest(current), "other fixed point"),
        "half": (lambda current: theta_rest(current) / 2, "half the angle"),
        "without pi": (altered(theta_rest, ("np.pi * ", "")), "pi squared"),
        "degrees": (lambda current: np.degrees(theta_rest(current)), "in radians"),
        "no arctan": (lambda current: -np.pi * np.sqrt(-current), "w itself"),
    },
    "local_irregularity": {
        "over the sum": (altered(local_irregularity, ("2 * ", "")), "mean is half of it"),
        "signed": (altered(local_irregularity, ("np.abs(next_one - one)", "(next_one - one)")), "cancel"),
        "variation": (lambda intervals: np.std(intervals) / np.mean(intervals), "slow changes enlarge"),
        "over all": (_against_the_mean, "its own pair"),
        "not averaged": (altered(local_irregularity, ("np.mean(", "(")), "return one number"),
    },
    "rate_after": {
        "the same in other words": (
            altered(rate_after, (FORGETS[0], 'c["v_reset"], 0.0 + c["d"]')),
            "u after each spike",
        ),
        "as it was": (altered(rate_after, FORGETS), "The program is as it was"),
        "minus": (altered(rate_after, (FORGETS[0], 'c["v_reset"], u - c["d"]')), "a sign has changed"),
        "a larger jump": (altered(rate_after, (FORGETS[0], 'c["v_reset"], 2 * c["d"]')), "no memory"),
        "no jump": (altered(rate_after, (FORGETS[0], 'c["v_reset"], u')), "no trace in u"),
        "the interval": (altered(rate_after, ("1 / interval", "interval")), "and not"),
    },
    "does_it_help_to_tire": {
        "exchanged": (
            MEASURED | {"rate_with": 71.0, "error_with": 0.028, "rate_without": 36.0, "error_without": 0.095},
            "may be exchanged",
        ),
        "d unchanged": (MEASURED | {"rate_without": 36.0}, "Was d = 0"),
        "against the clock": (MEASURED | {"error_with": 0.4, "error_without": 0.5}, "against the clock"),
        "errors exchanged": (MEASURED | {"error_with": 0.028, "error_without": 0.095}, "adaptation helps"),
        "in kilohertz": (MEASURED | {"rate_with": 0.036, "rate_without": 0.071}, "in hertz"),
        "negative": (MEASURED | {"error_with": -0.1}, "not negative"),
        "untrained": (
            MEASURED | {"rate_with": 5.0, "rate_without": 9.0},
            "not those of these networks after",
        ),
    },
}
