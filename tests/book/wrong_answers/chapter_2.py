"""Typical wrong answers to the exercises of chapter 2, each with words that its own hint has."""

import numpy as np

from forcebook.exercises.base import altered
from forcebook.exercises.chapter_2 import FILTER_HELD, _settled, neuron_and_filter


def _ms(tau_r, tau_d):
    return 1e3 * (tau_r + tau_d), 1e3 * np.hypot(tau_r, tau_d)


def _tau_d_only(tau_r, tau_d):
    return tau_d, tau_d


def _peak(tau_r, tau_d):
    return tau_r * tau_d / (tau_d - tau_r) * np.log(tau_d / tau_r), np.hypot(tau_r, tau_d)


def _variance(tau_r, tau_d):
    return tau_r + tau_d, tau_r**2 + tau_d**2


def _widths_add(tau_r, tau_d):
    return tau_r + tau_d, tau_r + tau_d


def _second_moment(tau_r, tau_d):
    return tau_r + tau_d, np.sqrt(2 * (tau_r**2 + tau_r * tau_d + tau_d**2))


def _one_number(tau_r, tau_d):
    return tau_r + tau_d


def _not_squared(relative, nu, tau_r, tau_d):
    return int(np.ceil(1 / np.sqrt(2 * nu * (tau_r + tau_d)) / relative))


def _only_tau_d(relative, nu, tau_r, tau_d):
    return int(np.ceil(1 / (2 * nu * tau_d * relative**2)))


def _in_hertz(relative, nu, tau_r, tau_d):
    return int(np.ceil(nu / (2 * (tau_r + tau_d)) / relative**2))


def _no_whole_number(relative, nu, tau_r, tau_d):
    return 1 / (2 * nu * (tau_r + tau_d) * relative**2)


def _rounded_down(relative, nu, tau_r, tau_d):
    return int(1 / (2 * nu * (tau_r + tau_d) * relative**2))


def _step(r, h, count, tau_r, tau_d, dt, updated=False, early=False, swapped=False, mixed=False, kick=None):
    """Make one step, with a mistake."""
    c_r, c_d = np.exp(-dt / tau_r), np.exp(-dt / tau_d)
    b = dt if mixed else tau_r * tau_d * (c_d - c_r) / (tau_d - tau_r)
    if swapped:
        c_r, c_d = c_d, c_r
    kick = count / (tau_r * tau_d) if kick is None else count * kick
    if early:
        return c_r * r + b * (h + kick), c_d * (h + kick)
    new = c_d * h + kick
    return c_r * r + b * (new if updated else h), new


def _kernel_for_b(r, h, count, tau_r, tau_d, dt):
    c_r, c_d = np.exp(-dt / tau_r), np.exp(-dt / tau_d)
    return c_r * r + (c_d - c_r) / (tau_d - tau_r) * h, c_d * h + count / (tau_r * tau_d)


def _euler(r, h, count, tau_r, tau_d, dt):
    return r + dt * (-r / tau_r + h), h - dt * h / tau_d + count / (tau_r * tau_d)


def _measured(nu, tau_r, tau_d, measure):
    return measure(_settled(nu, tau_r, tau_d))


def _one_spike(nu, tau_r, tau_d, dt):
    t = np.arange(0, 0.2, dt)
    return ((np.exp(-t / tau_d) - np.exp(-t / tau_r)) / (tau_d - tau_r)).max()


def _scaled(current, duration, dt, parameters):
    spikes, r = altered(neuron_and_filter, FILTER_HELD)(current, duration, dt, parameters)
    right = neuron_and_filter(current, duration, dt, parameters)[1]
    return spikes, r * right[2000:].mean() / r[2000:].mean()


def _kick_first(*arguments):
    right = neuron_and_filter(*arguments)[1]
    spikes, longer = neuron_and_filter(arguments[0], arguments[1] + arguments[2], *arguments[2:])
    assert np.array_equal(right, longer[:-1])
    return spikes[:-1], longer[1:]


MEASURED = {"seeds": [1, 2, 3], "mean_gap": 40.1, "std_poisson": 30.2, "std_gap": 19.6}

WRONG = {
    "delay_and_width": {
        "milliseconds": (_ms, "milliseconds"),
        "decay time only": (_tau_d_only, "decay time alone"),
        "time of the peak": (_peak, "peak"),
        "variance": (_variance, "variance"),
        "widths add": (_widths_add, "do not add"),
        "second moment": (_second_moment, "second moment"),
        "one number": (_one_number, "two numbers"),
    },
    "neurons_needed": {
        "not squared": (_not_squared, "square root"),
        "decay time only": (_only_tau_d, "sum of both times"),
        "in hertz": (_in_hertz, "fraction"),
        "not whole": (_no_whole_number, "whole number"),
        "variance over the rate": (
            lambda e, nu, r, d: int(np.ceil(1 / (2 * (r + d)) / e**2)),
            "powers of nu",
        ),
        "rounded down": (_rounded_down, "round up"),
    },
    "exact_step": {
        "Euler": (_euler, "Euler"),
        "mixed": (lambda *a: _step(*a, mixed=True), "mixed"),
        "kernel for b": (_kernel_for_b, "is kappa(dt)"),
        "swapped times": (lambda *a: _step(*a, swapped=True), "swapped"),
        "updated h": (lambda *a: _step(*a, updated=True), "updated h"),
        "spike before the step": (lambda *a: _step(*a, early=True), "too early"),
        "kick of the single exponential": (lambda *a: _step(*a, kick=1 / a[4]), "single exponential"),
        "count has no effect": (lambda *a: _step(*a, kick=0), "no effect"),
        "other order": (lambda *a: _step(*a)[::-1], "r first"),
    },
    "swing": {
        "start counts": (lambda nu, tau_r, tau_d, dt: _measured(nu, tau_r, tau_d, np.max), "start"),
        "one spike": (_one_spike, "one spike"),
        "amplitude": (lambda nu, tau_r, tau_d, dt: _measured(nu, tau_r, tau_d, np.ptp) / 2, "half"),
        "standard deviation": (
            lambda nu, tau_r, tau_d, dt: _measured(nu, tau_r, tau_d, np.std),
            "standard deviation",
        ),
        "relative": (lambda nu, tau_r, tau_d, dt: _measured(nu, tau_r, tau_d, np.ptp) / nu, "relative"),
    },
    "neuron_and_filter": {
        "as it was": (altered(neuron_and_filter, FILTER_HELD), "Plot r around"),
        "kick before the filter moves": (_kick_first, "one step ahead"),
        "scaled": (_scaled, "only scaled it"),
        "v not held": (
            altered(neuron_and_filter, ("step >= free_from", "True")),
            "no longer those of the neuron",
        ),
        "a kick of 1": (altered(neuron_and_filter, ("1 / (tau_r * tau_d)", "1")), "nearly zero"),
        "r sees the new h": (
            altered(
                neuron_and_filter,
                (
                    "r, h = r + dt * (h - r / tau_r), h - dt * h / tau_d",
                    "h -= dt * h / tau_d; r += dt * (h - r / tau_r)",
                ),
            ),
            "off by up to",
        ),
        "r alone": (lambda *a: neuron_and_filter(*a)[1], "Return two arrays"),
    },
    "noise_with_a_gap": {
        "the gap added": (MEASURED | {"mean_gap": 28.6}, "gap in it"),
        "with the beginning": (MEASURED | {"mean_gap": 35.0}, "still rises"),
        "relative": (MEASURED | {"std_poisson": 0.75, "std_gap": 0.49}, "give hertz"),
        "variance": (MEASURED | {"std_poisson": 910.0, "std_gap": 384.0}, "a variance"),
        "exchanged": (MEASURED | {"std_poisson": 19.6, "std_gap": 30.2}, "exchanged"),
        "of the average": (MEASURED | {"std_poisson": 8.6, "std_gap": 5.6}, "averaged r over trains"),
        "no gap": (MEASURED | {"std_gap": 29.8}, "below 10 ms"),
    },
}
