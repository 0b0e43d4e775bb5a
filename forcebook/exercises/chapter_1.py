"""Exercises of chapter 1."""

from __future__ import annotations

import numpy as np
from brian2 import ms

from forcebook.exercises.base import Exercise, Hint, close
from forcelib import Parameters, neuron

#: The neuron of the book, and another one, whose bias is not at its threshold.
USUAL = Parameters()
OTHER = Parameters(tau_m=20 * ms, tau_ref=1 * ms, v_reset=-70.0, v_threshold=-50.0, I_bias=-52.0)


def time_to_threshold(v, current, parameters):
    """Return the time in seconds from v to the threshold."""
    I_inf = parameters.I_bias + current
    if I_inf <= parameters.v_threshold:
        return np.inf
    return float(parameters.tau_m) * np.log((I_inf - v) / (I_inf - parameters.v_threshold))


def _time(v, current, parameters, start=None, log=np.log, scale=1.0, extra=0.0):
    """Return the time to the threshold, or what one of the mistakes makes of it."""
    I_inf = parameters.I_bias + current
    if I_inf <= parameters.v_threshold:
        return np.inf
    v = v if start is None else start
    tau_m = float(parameters.tau_m)
    return scale * (tau_m * log((I_inf - v) / (I_inf - parameters.v_threshold)) + extra)


def _time_from_reset(v, current, parameters):
    return _time(v, current, parameters, start=parameters.v_reset)


def _time_with_refractory(v, current, parameters):
    return _time(v, current, parameters, extra=float(parameters.tau_ref))


def _time_in_ms(v, current, parameters):
    return _time(v, current, parameters, scale=1e3)


def _time_log10(v, current, parameters):
    return _time(v, current, parameters, log=np.log10)


def check_time_to_threshold(answer):
    """Try potentials above and below the reset, two neurons, and a current that is too small."""
    for parameters in (USUAL, OTHER):
        for v, current in ((-65.0, 5.0), (-55.0, 5.0), (-60.0, 12.0), (-90.0, 3.0)):
            case = (v, current, parameters)
            got, right = answer(*case), time_to_threshold(*case)
            if close(got, right):
                continue
            if hasattr(got, "dim"):
                raise Hint("Return a plain number of seconds; float(parameters.tau_m) is one.")
            if close(got, _time_from_reset(*case)):
                raise Hint(f"That is the time from the reset. The neuron starts at v = {v:g}.")
            if close(got, _time_with_refractory(*case)):
                raise Hint(
                    "That includes a refractory period. The neuron is free already: only the rise counts."
                )
            if close(got, _time_in_ms(*case)):
                raise Hint("That looks like milliseconds: return seconds.")
            if close(got, _time_log10(*case)):
                raise Hint(
                    "That takes the logarithm to base 10; the solution has e, so it must be the natural one."
                )
            if close(got, _time(v, current - parameters.I_bias, parameters)):
                raise Hint("The bias is missing: v heads for I_inf = I_bias + I.")
            if close(got, -right):
                raise Hint("The sign is wrong: a time that lies ahead is positive.")
            if parameters is OTHER:
                raise Hint(
                    "Right for the neuron of the book, wrong for another one: take every number, the "
                    "bias too, from parameters."
                )
            raise Hint(f"For v = {v:g} and I = {current:g} expected {right:.6g} s, got {got!r}.")
        for current in (parameters.v_threshold - parameters.I_bias, -3.0):
            try:
                got = answer(-60.0, current, parameters)
            except ZeroDivisionError:
                got = None
            if not close(got, np.inf):
                raise Hint(
                    f"With I = {current:g} v never reaches the threshold: find that out before you "
                    "divide, and return np.inf."
                )
    return "From the reset, and with the refractory period added, this is one interval of the f-I curve."


def current_for_rate(rate, parameters):
    """Return the current at which a neuron fires at rate (Hz)."""
    rise = 1 / rate - float(parameters.tau_ref)
    distance = parameters.v_threshold - parameters.v_reset
    above = distance / np.expm1(rise / float(parameters.tau_m))
    return parameters.v_threshold - parameters.I_bias + above


def _current(rate, parameters, tau_ref=None, growth=np.expm1):
    """Return the current for a rate, or what one of the mistakes makes of it."""
    tau_ref = float(parameters.tau_ref) if tau_ref is None else tau_ref
    distance = parameters.v_threshold - parameters.v_reset
    above = distance / growth((1 / rate - tau_ref) / float(parameters.tau_m))
    return parameters.v_threshold - parameters.I_bias + above


def _current_without_refractory(rate, parameters):
    return _current(rate, parameters, tau_ref=0.0)


def _current_with_bias(rate, parameters):
    return _current(rate, parameters) + parameters.I_bias


def _current_without_one(rate, parameters):
    return _current(rate, parameters, growth=np.exp)


def check_current_for_rate(answer):
    """Try rates from 5 to 200 Hz for two neurons."""
    for parameters in (USUAL, OTHER):
        for rate in (50.0, 5.0, 10.0, 200.0):
            case = (rate, parameters)
            got, right = answer(*case), current_for_rate(*case)
            if close(got, right, atol=1e-12):
                continue
            if close(got, _current_without_refractory(*case)):
                raise Hint("The refractory period is missing: it takes its part of every interval.")
            if close(got, _current_with_bias(*case)):
                raise Hint("That is I_inf. The bias is part of it: return what I must add.")
            if close(got, _current_without_one(*case)):
                raise Hint(
                    "Almost: write I_inf - v_reset as (I_inf - v_th) + (v_th - v_reset) and solve again."
                )
            if parameters is OTHER:
                raise Hint(
                    "Right for the neuron of the book, wrong for one whose bias is not at its threshold: "
                    "the current must also make up for the difference."
                )
            raise Hint(f"At {rate:g} Hz expected I = {right:.6g}, got {got!r}.")
    return "Look at the current for 5 Hz: at the threshold, an input of almost nothing is enough."


def steps_between_spikes(current, dt, parameters):
    """Return the number of Euler steps between two spikes."""
    I_inf = parameters.I_bias + current
    a = dt / float(parameters.tau_m)
    L = np.log((I_inf - parameters.v_reset) / (I_inf - parameters.v_threshold))
    n = np.ceil(L / -np.log(1 - a))
    n_ref = round(float(parameters.tau_ref) / dt)
    return int(n_ref + n - 1)


def _steps(current, dt, parameters, euler=True, refractory=True, less=1):
    """Return the steps between spikes, or what one of the mistakes makes of them."""
    I_inf = parameters.I_bias + current
    a = dt / float(parameters.tau_m)
    L = np.log((I_inf - parameters.v_reset) / (I_inf - parameters.v_threshold))
    n = np.ceil(L / (-np.log(1 - a) if euler else a))
    n_ref = round(float(parameters.tau_ref) / dt) if refractory else 0
    return int(n_ref + n - less)


def _steps_of_the_exact_solution(current, dt, parameters):
    return _steps(current, dt, parameters, euler=False)


def _steps_without_refractory(current, dt, parameters):
    return _steps(current, dt, parameters, refractory=False)


def _steps_of_the_formula(current, dt, parameters):
    return round(1 / (float(neuron.firing_rate(current, parameters)) * dt))


def check_steps_between_spikes(answer):
    """Try currents and steps for which the exact solution needs more steps than Euler's."""
    cases = [
        (current, dt, USUAL)
        for current in (0.01, 5.0, 0.5, 20.0)
        for dt in (0.05e-3, 0.5e-3, 0.2e-3, 0.01e-3)
    ]
    cases += [(current, 0.1e-3, OTHER) for current in (2.5, 7.0)]
    for current, dt, parameters in cases:
        case = (current, dt, parameters)
        got, right = answer(*case), steps_between_spikes(*case)
        if close(got, right):
            continue
        if close(got, _steps_without_refractory(*case)) or close(got, _steps_without_refractory(*case) + 1):
            raise Hint("The refractory period is missing: most of it is steps in which v is held.")
        if close(got, right + 1):
            raise Hint(
                "One step too many: the step that ends in the spike already counts as the first of the "
                "refractory period."
            )
        if close(got, right - 1):
            raise Hint("One step too few: v must have reached the threshold, so round up; count again.")
        if close(got, steps_between_spikes(current, float(parameters.dt), parameters)):
            raise Hint("That is right for the step of the book; here dt is an argument of its own.")
        if close(got, _steps_of_the_formula(*case)):
            raise Hint(
                "That is the exact interval, rounded. Euler's interval is different: count the steps of its rise."
            )
        if close(got, _steps_of_the_exact_solution(*case)):
            raise Hint(
                "That is the exact solution on a grid. Euler's own solution shrinks by 1 - dt/tau_m per step."
            )
        if close(got, right, atol=1.0, rtol=0.0):
            raise Hint(
                "That lies between two steps: a neuron spikes on a step, so the answer is a whole number."
            )
        raise Hint(f"For I = {current:g} and dt = {1e3 * dt:g} ms expected {right} steps, got {got!r}.")
    return "You have predicted a simulation to the step without running it."


def spike_times(current, dt, parameters):
    """Return the spike times (s) for one input per step."""
    tau_m, tau_ref = float(parameters.tau_m), float(parameters.tau_ref)
    v_threshold = parameters.v_threshold
    v, t, times = parameters.v_reset, 0.0, []
    for step, I_inf in enumerate(parameters.I_bias + np.asarray(current)):
        end = (step + 1) * dt
        while t < end:
            rise = np.inf
            if I_inf > v_threshold:
                rise = tau_m * np.log((I_inf - v) / (I_inf - v_threshold))
            if t + rise <= end:  # a spike inside the step
                times.append(t + rise)
                v, t = parameters.v_reset, t + rise + tau_ref
            else:
                v = I_inf + (v - I_inf) * np.exp(-(end - t) / tau_m)
                t = end
    return np.array(times)


def check_spike_times(answer):
    """Try a constant input, then one that jumps, then another neuron."""
    jumps = np.repeat([3.0, 12.0, -10.0, 8.0], [30, 25, 10, 35])
    cases = [
        (np.full(100, 5.0), 1e-3, USUAL),
        (np.full(400, 5.0), 0.25e-3, USUAL),
        (np.repeat([5.0, -10.0], [15, 10]), 1e-3, USUAL),
        (jumps, 1e-3, USUAL),
        (jumps, 1.1e-3, OTHER),
        (np.full(30, 5.0), 5e-3, USUAL),
    ]
    for case in cases:
        _, dt, parameters = case
        answered, right = answer(*case), spike_times(*case)
        try:
            got = np.array(answered, dtype=float)
        except (TypeError, ValueError) as error:
            raise Hint(f"The result does not make an array of spike times: {error}") from error
        if got.shape == right.shape and np.allclose(got, right, rtol=0, atol=1e-8):
            continue
        if got.ndim != 1:
            raise Hint("Return a list or one-dimensional array of spike times.")
        if not len(right):
            raise Hint(
                "Here the input falls before the first spike, and v turns back: no spike, an empty array. The "
                "logarithm has no meaning where I_inf is not above the threshold."
            )
        if not len(got):
            raise Hint("No spike was found, although the input lies above the threshold.")
        if abs(got[0] - 1e3 * right[0]) < 1e-5:
            raise Hint("That looks like milliseconds: return seconds.")
        if np.allclose(got / dt, np.rint(got / dt), rtol=0, atol=1e-6):
            raise Hint("All times lie on the grid: find where inside the step v meets the threshold.")
        if abs(got[0] - right[0]) > 1e-8:
            raise Hint(
                f"The first spike should come at {1e3 * right[0]:.5f} ms, not {1e3 * got[0]:.5f} ms. "
                "Inside a step v is neither an Euler step nor a straight line, but the exponential solution."
            )
        if len(got) < 2 or abs(got[1] - got[0] - (right[1] - right[0]) + float(parameters.tau_ref)) < 1e-8:
            raise Hint(
                "The first spike is right; then the refractory period is missing, or no further spike came."
            )
        if abs(got[1] - right[1]) > 1e-8 and dt <= float(parameters.tau_ref):
            raise Hint(
                "The first spike is right, the second is not: the neuron becomes free in the middle of a "
                "step, and the rest of that step counts."
            )
        if dt > float(parameters.tau_ref):
            raise Hint(
                "Right as long as a step is shorter than the refractory period. In a longer one the neuron "
                "is free again within the step of its spike, and moves on."
            )
        late = np.flatnonzero(np.abs(got[: len(right)] - right[: len(got)]) > 1e-8)
        which = int(late[0]) + 1 if len(late) else min(len(got), len(right)) + 1
        raise Hint(f"The spikes are right up to number {which}: look at what happens when the input changes.")
    return "No grid is left in these times: for this input they are exact, even with steps of a millisecond."


EXERCISES = [
    Exercise(
        title="Time to the threshold",
        task=r"""
A neuron that is not refractory is at the potential `v`, anywhere below the threshold, and its input `current` is
constant. Use the solution {eq}`eq-solution` to find how long it takes to reach the threshold. Return seconds as a plain
number, and `np.inf` if it never does. `float(parameters.tau_m)` is the time constant in seconds; take the
other numbers from `parameters` as well.
""",
        solution=time_to_threshold,
        explanation=r"""
The distance to $I_\infty$ shrinks from $I_\infty - v$ to $I_\infty - v_\mathrm{th}$, by the factor
$e^{-t/\tau_m}$. So the time is $\tau_m$ times the logarithm of their ratio. If $I_\infty \le
v_\mathrm{th}$, the potential heads for a value that is not above the threshold, and never arrives.
""",
        check=check_time_to_threshold,
    ),
    Exercise(
        title="The current for a wanted rate",
        task=r"""
Invert the f-I curve {eq}`eq-fi`. Which constant input, beside the bias, makes a neuron fire at `rate`?
The rate is a plain number in hertz, above zero and below $1/\tau_\mathrm{ref}$. Check your answer with
`neuron.firing_rate`, which computes the curve.
""",
        solution=current_for_rate,
        explanation=r"""
The rise takes $1/f - \tau_\mathrm{ref}$. With $x$ for this time divided by $\tau_m$, the f-I curve {eq}`eq-fi` says
$I_\infty - v_\mathrm{reset} = e^x (I_\infty - v_\mathrm{th})$, so $I_\infty - v_\mathrm{th} =
(v_\mathrm{th} - v_\mathrm{reset}) / (e^x - 1)$. Subtract the bias from $I_\infty$. The function `np.expm1`
computes $e^x - 1$.
""",
        check=check_current_for_rate,
    ),
    Exercise(
        title="Predict the simulation to the step",
        task=r"""
How many Euler steps of `dt` seconds lie between two spikes at constant input `current`? Write a function that
returns this whole number and simulates nothing. Euler steps have a closed solution, too, because each of them
multiplies the distance to $I_\infty$ by $1 - \Delta t/\tau_m$. The appendix [Numerics](../pages/numerics.ipynb) derives
the length of the rise {eq}`eq-steps` and of the interval {eq}`eq-interval` from it, but try it yourself first. `dt` is
given apart from `parameters`, and divides the refractory period.
""",
        solution=steps_between_spikes,
        explanation=r"""
$n$ is the first step at which Euler's own solution has reached the threshold. So the logarithm is that of
$1 - \Delta t/\tau_m$, and the result is rounded up. The refractory period adds $n_\mathrm{ref} - 1$ steps and not
$n_\mathrm{ref}$, because its first step is the last of the rise before it.
""",
        check=check_steps_between_spikes,
    ),
    Exercise(
        title="Spikes off the grid",
        task=r"""
Remove the grid. `current` holds one input per step of `dt` seconds, constant within the step. The neuron
starts at the reset at time 0. Inside a step the solution {eq}`eq-solution` is exact, and so is the instant at which $v$
meets the threshold. The refractory period starts there, and ends in the middle of a later step, whose rest
counts. Return the spike times in seconds, as an array.
""",
        solution=spike_times,
        explanation=r"""
The loop goes from event to event. The next one is the threshold or the end of the step, whichever comes
first. Up to it, $v$ moves by the exact solution {cite:p}`rotter1999`, and at a spike, time jumps over the
refractory period. The result has no error of the order of $\Delta t$. But the loop has to treat every
neuron by itself, and the formula needs an input that is constant within the step. For both reasons networks are mostly
simulated on a grid.
""",
        check=check_spike_times,
    ),
]
