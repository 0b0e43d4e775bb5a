"""Typical wrong answers to the exercises of chapter 1, each with words that its own hint has."""

from __future__ import annotations

import numpy as np
from brian2 import Hz, ms

from forcebook.exercises.base import altered
from forcebook.exercises.chapter_1 import (
    NOT_HELD,
    _current,
    _current_with_bias,
    _current_without_one,
    _current_without_refractory,
    _steps,
    _steps_of_the_exact_solution,
    _steps_of_the_formula,
    _steps_without_refractory,
    _time,
    _time_from_reset,
    _time_in_ms,
    _time_log10,
    _time_with_refractory,
    rates_by_counting,
    spike_times,
)
from forcelib import neuron


def _time_without_bias(v, current, parameters):
    return _time(v, current - parameters.I_bias + parameters.v_threshold, parameters)


def _time_bias_forgotten(v, current, parameters):
    return _time(v, current - parameters.I_bias, parameters)


def _time_always_divided(v, current, parameters):
    I_inf = parameters.I_bias + current
    return float(parameters.tau_m) * np.log((I_inf - v) / (I_inf - parameters.v_threshold))


def _time_never_infinite(v, current, parameters):
    return _time(v, abs(current) + 10.0, parameters) if current < 0 else _time(v, current, parameters)


def _current_above_threshold(rate, parameters):
    return _current(rate, parameters) - parameters.v_threshold + parameters.I_bias


def _steps_one_too_many(current, dt, parameters):
    return _steps(current, dt, parameters, less=0)


def _steps_one_too_few(current, dt, parameters):
    return _steps(current, dt, parameters, less=2)


def _steps_of_the_book(current, dt, parameters):
    return _steps(current, float(parameters.dt), parameters)


def _times_step_by_step(current, dt, parameters, euler=False, where="exact", refractory=True):
    """Return spike times of a simulation that is free, or not, for whole steps only."""
    tau_m, tau_ref = float(parameters.tau_m), float(parameters.tau_ref)
    v, free, times = parameters.v_reset, 0.0, []
    for step, I_inf in enumerate(parameters.I_bias + np.asarray(current)):
        t = step * dt
        if t < free - 1e-12:
            continue
        decay = 1 - dt / tau_m if euler else np.exp(-dt / tau_m)
        after = I_inf + (v - I_inf) * decay
        if after < parameters.v_threshold:
            v = after
            continue
        part = {
            "grid": 0.0,
            "line": dt * (parameters.v_threshold - v) / (after - v),
            "exact": tau_m * np.log((I_inf - v) / (I_inf - parameters.v_threshold)),
        }[where]
        times.append(t + part)
        v, free = parameters.v_reset, (t + part + tau_ref if refractory else t + dt)
    return np.array(times)


def _times_on_the_grid(current, dt, parameters):
    return _times_step_by_step(current, dt, parameters, euler=True, where="grid")


def _times_on_a_line(current, dt, parameters):
    return _times_step_by_step(current, dt, parameters, where="line")


def _times_free_on_the_grid(current, dt, parameters):
    return _times_step_by_step(current, dt, parameters)


def _times_without_refractory(current, dt, parameters):
    return spike_times(current, dt, parameters.replace(tau_ref=0 * ms))


def _times_one_per_step(current, dt, parameters):
    tau_m, tau_ref = float(parameters.tau_m), float(parameters.tau_ref)
    v, free, times = parameters.v_reset, 0.0, []
    for step, I_inf in enumerate(parameters.I_bias + np.asarray(current)):
        start = max(free, step * dt)
        rest = (step + 1) * dt - start
        if rest <= 0:
            continue
        rise = np.inf
        if I_inf > parameters.v_threshold:
            rise = tau_m * np.log((I_inf - v) / (I_inf - parameters.v_threshold))
        if rise < rest:
            times.append(start + rise)
            v, free = parameters.v_reset, start + rise + tau_ref
            rest = (step + 1) * dt - free
            if rest > 0:  # dropped: the neuron starts the next step at the reset
                free = (step + 1) * dt
        else:
            v = I_inf + (v - I_inf) * np.exp(-rest / tau_m)
    return np.array(times)


def _times_with_any_logarithm(current, dt, parameters):
    tau_m, tau_ref = float(parameters.tau_m), float(parameters.tau_ref)
    v, t, times = parameters.v_reset, 0.0, []
    for step, I_inf in enumerate(parameters.I_bias + np.asarray(current)):
        end = (step + 1) * dt
        while t < end:
            rise = tau_m * np.log(abs((I_inf - v) / (I_inf - parameters.v_threshold)))
            if t + rise <= end:
                times.append(t + rise)
                v, t = parameters.v_reset, t + rise + tau_ref
            else:
                v = I_inf + (v - I_inf) * np.exp(-(end - t) / tau_m)
                t = end
    return np.array(times)


def _times_in_ms(current, dt, parameters):
    return 1e3 * spike_times(current, dt, parameters)


def _rescaled(current, duration, dt, parameters):
    rate = altered(rates_by_counting, NOT_HELD)(current, duration, dt, parameters)
    return rate / (1 + rate * float(parameters.tau_ref))


MEASURED = {"seeds": [1, 2, 3], "rate_fast": 24.3, "rate_slow": 23.0, "cv_fast": 0.42, "cv_slow": 1.7}

WRONG = {
    "time_to_threshold": {
        "starts at the reset": (_time_from_reset, "from the reset"),
        "adds the refractory period": (_time_with_refractory, "refractory"),
        "milliseconds": (_time_in_ms, "milliseconds"),
        "decadic logarithm": (_time_log10, "base 10"),
        "forgets the bias": (_time_bias_forgotten, "bias is missing"),
        "divides without looking": (_time_always_divided, "before you divide"),
        "supposes the bias at the threshold": (_time_without_bias, "another one"),
        "finite where the threshold is never reached": (_time_never_infinite, "return np.inf"),
    },
    "current_for_rate": {
        "forgets the refractory period": (_current_without_refractory, "refractory"),
        "returns I_inf": (_current_with_bias, "I_inf"),
        "drops the one": (_current_without_one, "solve again"),
        "supposes the bias at the threshold": (_current_above_threshold, "not at its threshold"),
    },
    "steps_between_spikes": {
        "the exact solution in place of Euler's": (_steps_of_the_exact_solution, "exact solution"),
        "rounds the exact interval": (_steps_of_the_formula, "exact interval, rounded"),
        "one step too many": (_steps_one_too_many, "too many"),
        "one step too few": (_steps_one_too_few, "too few"),
        "forgets the refractory period": (_steps_without_refractory, "period is missing"),
        "takes dt from the parameters": (_steps_of_the_book, "argument of its own"),
    },
    "spike_times": {
        "spikes on the grid": (_times_on_the_grid, "on the grid"),
        "a straight line inside the step": (_times_on_a_line, "straight line"),
        "free again only at the next step": (_times_free_on_the_grid, "middle of a step"),
        "no refractory period": (_times_without_refractory, "refractory"),
        "milliseconds": (_times_in_ms, "milliseconds"),
        "a logarithm without the condition": (_times_with_any_logarithm, "v turns back"),
        "drops the rest of the step": (_times_one_per_step, "within the step of its spike"),
    },
    "rates_by_counting": {
        "as it was": (altered(rates_by_counting, NOT_HELD), "as it was. In one second it counts 55"),
        "another change": (
            altered(rates_by_counting, NOT_HELD, ("left = left - dt", "left -= dt")),
            "interval too short",
        ),
        "the formula in place of the program": (
            lambda current, duration, dt, parameters: np.asarray(neuron.firing_rate(current, parameters)),
            "but no count",
        ),
        "with a unit": (lambda *a: rates_by_counting(*a) * Hz, "without a unit"),
        "the rate corrected, not the neuron": (_rescaled, "not the neuron"),
        "one neuron holds all": (
            altered(rates_by_counting, ("left > 0,", "np.any(left > 0),")),
            "holds the others",
        ),
        "a period without an end": (altered(rates_by_counting, ("left = left - dt", "pass")), "does not end"),
        "all in one": (lambda *a: rates_by_counting(*a).mean(), "one rate for each"),
    },
    "regularity": {
        "counts": (MEASURED | {"rate_fast": 7300.0}, "per neuron, and per second"),
        "noise that dies out": (MEASURED | {"rate_fast": 15.0}, "standard deviation of the noise 5"),
        "per millisecond": (MEASURED | {"rate_fast": 0.0243}, "give hertz"),
        "exchanged": (MEASURED | {"cv_fast": 1.7, "cv_slow": 0.42}, "exchanged"),
        "squared": (MEASURED | {"cv_fast": 0.42**2}, "the root of it"),
        "pooled": (MEASURED | {"cv_fast": 0.9}, "median over neurons"),
        "a short run": (MEASURED | {"cv_slow": 0.8}, "long against 200 ms"),
        "a long run": (MEASURED | {"cv_slow": 2.06}, "runs of three seconds"),
        "one seed": (MEASURED | {"seeds": [1]}, "at least 3"),
    },
}
