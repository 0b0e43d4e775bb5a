"""Exercises of chapter 1."""

from __future__ import annotations

import numpy as np
from brian2 import ms, second

from forcebook.exercises.base import ByHand, Function, Hint, Measure, Mend, altered, close
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


def spike_after_a_pause():
    held, pause, current = 2e-3, 10e-3, 10.0  # times in seconds
    v = -40 - 25 * np.exp(-pause / 10e-3)
    print(f"v = {v:.2f} when the input begins")
    rise = 10e-3 * np.log((-40 + current - v) / current)
    print(f"the rise takes {1e3 * rise:.2f} ms")
    return (held + pause + rise) * second


def rates_by_counting(current, duration, dt, parameters):
    """Return the firing rate (Hz) for each constant current."""
    tau_ref = float(parameters.tau_ref)
    decay = np.exp(-dt / float(parameters.tau_m))
    I_inf = parameters.I_bias + np.asarray(current, dtype=float)
    v = np.full(I_inf.shape, parameters.v_reset)
    left = np.zeros(I_inf.shape)  # of the refractory period, in seconds
    count = np.zeros(I_inf.shape)
    for _ in range(round(duration / dt)):
        left = left - dt
        v = np.where(left > 0, v, I_inf + (v - I_inf) * decay)
        fired = (v >= parameters.v_threshold) & (left <= 0)
        count = count + fired
        v = np.where(fired, parameters.v_reset, v)
        left = np.where(fired, tau_ref, left)
    return count / duration


NOT_HELD = (
    "v = np.where(left > 0, v, I_inf + (v - I_inf) * decay)",
    "v = I_inf + (v - I_inf) * decay",
)


def check_rates_by_counting(answer):
    """Compare with the f-I curve, for currents alone and together, and for two neurons."""
    broken = altered(rates_by_counting, NOT_HELD)
    counted = True
    for parameters in (USUAL, OTHER):
        for current in ([5.0], [5.0, 20.0, 100.0, 400.0]):
            case = (np.array(current), 1.0, 1e-4, parameters)
            got, right = answer(*case), np.asarray(neuron.firing_rate(case[0], parameters))
            # A rate may be off by a spike at the end, and by the rounding of a period to steps.
            if close(got, right, rtol=0.05, atol=1.5):
                counted = counted and close(got, np.rint(got))
                continue
            where = f"At I = {', '.join(f'{one:g}' for one in current)}"
            if hasattr(got, "dim"):
                raise Hint(f"{where}: return plain numbers, in hertz and without a unit, as the program did.")
            if np.shape(got) != right.shape:
                raise Hint(f"{where}: return one rate for each current, as the program did.")
            if close(got, broken(*case), rtol=0.02):
                ratio = float(np.max(np.asarray(got) / right))
                raise Hint(
                    f"{where} the neuron still fires up to {ratio:.2f} times as fast as the f-I curve says. By how many "
                    "milliseconds is an interval too short?"
                )
            if close(got, 1 / (1 / broken(*case) + float(parameters.tau_ref)), rtol=0.05, atol=1.0):
                raise Hint(
                    f"{where} the rate is wrong, though it is right for weaker currents. You have corrected the rate, and "
                    "not the neuron: what does v do in the refractory period?"
                )
            if np.all(np.asarray(got) <= 1):
                raise Hint(
                    f"{where} the neuron spikes once, and then never again: its refractory period does not end."
                )
            if len(current) > 1:
                raise Hint(
                    f"{where} together the neurons do not fire as each does alone: one of them holds the others."
                )
            raise Hint(f"{where} expected {right[0]:.0f} Hz, got {got!r}.")
    if not counted:
        raise Hint(
            "The rates are right, but no count. In the second that the check asks for, a neuron fires a whole number of "
            "spikes. Mend the program, and let it count."
        )
    return "One neuron or many, weak current or strong, the rates are those of `neuron.firing_rate`."


def regularity():
    def spike_trains(correlation, seed, neurons=100, duration=3.0, dt=1e-4):
        """Drive neurons with noise; return the spike times of each."""
        random = np.random.default_rng(seed)
        keep = np.exp(-dt / correlation)
        noise = random.normal(size=neurons)
        v = np.full(neurons, -65.0)
        free_from = np.zeros(neurons, dtype=int)
        times = [[] for _ in range(neurons)]
        for step in range(round(duration / dt)):
            free = step >= free_from
            v = np.where(free, v + dt / 10e-3 * (-v - 40 + 5 * noise), v)
            for i in np.flatnonzero(v >= -40):
                times[i].append(dt * step)
                v[i], free_from[i] = -65, step + round(2e-3 / dt)
            fresh = random.normal(size=neurons)
            noise = keep * noise + np.sqrt(1 - keep**2) * fresh
        rate = sum(map(len, times)) / (neurons * duration)
        intervals = [np.diff(one) for one in times if len(one) > 5]
        return rate, np.median([x.std() / x.mean() for x in intervals])

    seeds = [1, 2, 3]
    fast = np.median([spike_trains(2e-3, k) for k in seeds], axis=0)
    slow = np.median([spike_trains(200e-3, k) for k in seeds], axis=0)
    measured = {
        "seeds": seeds,
        "rate_fast": fast[0],
        "rate_slow": slow[0],
        "cv_fast": fast[1],
        "cv_slow": slow[1],
    }
    print(f"""
1. The rate does not tell the two inputs apart, but the intervals do.
2. {fast[0]:.1f} and {slow[0]:.1f} Hz, CV {fast[1]:.2f} and {slow[1]:.2f};
   100 neurons for 3 s, medians over {len(seeds)} seeds.
3. The membrane averages over tau_m = 10 ms. It smooths the fast noise, so
   the rises are alike. It follows the slow noise, and fires in bursts
   while the input is positive, with pauses of the same length.
4. The length of the run: 3 s hold few bursts and cut off the longest
   pauses. A longer run should give a larger CV for the slow noise.
5. A CV near that of the fast noise for slow noise, in neurons that fire.
""")
    return measured


def check_regularity(found):
    """Compare with what 20 seeds give, wide enough for other numbers of neurons."""
    rates, cvs = (tuple(found[f"{name}_{which}"] for which in ("fast", "slow")) for name in ("rate", "cv"))
    for which, rate, low, high in (("fast", rates[0], 22, 27), ("slow", rates[1], 16, 30)):
        if 1e-3 * low < rate < 1e-3 * high:
            raise Hint(f'"rate_{which}" looks like spikes per millisecond: give hertz.')
        if rate > 60:
            raise Hint(f'"rate_{which}" is very high: a rate is per neuron, and per second.')
        if 12 < rate < low and which == "fast":
            raise Hint(
                '"rate_fast" is low. Is the standard deviation of the noise 5, and does it stay so from step to step?'
            )
        if not low < rate < high:
            raise Hint(
                f'"rate_{which}" is not plausible: count the spikes again, and divide by neurons and seconds.'
            )
    if 1.3 < cvs[0] < 2.3 and 0.35 < cvs[1] < 0.5:
        raise Hint("The two CVs are exchanged.")
    if not 0.35 < cvs[0] < 0.5:
        if 0.35 < np.sqrt(cvs[0]) < 0.5:
            raise Hint('"cv_fast" looks like a variance over a squared mean: the CV is the root of it.')
        raise Hint(
            '"cv_fast" is not plausible. The CV is that of the intervals of one neuron; take the median over neurons.'
        )
    if not 1.4 < cvs[1] < 1.95:
        if cvs[1] < 1.4:
            raise Hint('"cv_slow" is too small. Is the run three seconds, long against 200 ms?')
        raise Hint(
            '"cv_slow" is too large. Take it neuron by neuron, of intervals, not of times, and from runs of three seconds.'
        )
    return "Nearly one rate, and intervals that have nothing in common. Now mark your defence by the three points."


EXERCISES = [
    Function(
        title="Time to the threshold",
        stars=1,
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
    ByHand(
        title="A spike after a pause",
        stars=2,
        task=r"""
On paper. The neuron of this book, with the parameters of this page, spikes at time 0. For 12 ms its input is zero. Then
the input becomes 10, and stays so. When does the neuron spike next? Count the time from the first spike, and round to
0.1 ms.
""",
        solution=spike_after_a_pause,
        explanation=r"""
1. For $\tau_\mathrm{ref}$ the neuron is held at the reset. So 10 ms of the pause are left.
2. In these it heads for $I_\infty = I_\mathrm{bias}$, which is the threshold. By the solution {eq}`eq-solution` its
   distance shrinks to $25\, e^{-1}$, and $v = -40 - 25\, e^{-1}$.
3. From there it heads for $I_\infty = -40 + 10$, and meets the threshold after
   $\tau_m \ln \frac{I_\infty - v}{I_\infty - v_\mathrm{th}}$.
4. The answer is the sum of the three times. After a pause the rise is shorter than from the reset, because a neuron
   at its threshold comes near it by itself.
""",
        unit="second",
        slips={
            "The refractory period is missing: for its first 2 ms the neuron is held, and does not relax.": 17.613e-3,
            "The 12 ms count from the spike, and for the first 2 ms of them the neuron is held. How long does it relax?": 19.613e-3,
            "The rest of the pause counts as well, beside the time that v is held and the rise.": 8.522e-3,
            "That is the time since the neuron became free. Count from the spike, 2 ms before.": 16.522e-3,
            "The bias is missing after the pause: with an input of 10, v heads for the sum of both.": 13.688e-3,
            "Two slips: the held 2 ms lie within the 12 ms, and in what is left of these the neuron moves.": 26.528e-3,
            "That is the time since the input began. Count from the first spike.": 6.522e-3,
            "You let the neuron begin at the reset when the input comes. In the pause it has moved.": 24.528e-3,
            "You let the input act from the beginning. For 12 ms it is zero.": 14.528e-3,
            "That is a logarithm to base 10. The solution has e, so it must be the natural one.": 14.833e-3,
            "In the pause the neuron only comes near the threshold. It has not arrived when the input comes.": 12e-3,
        },
        meaning="Most of the way was done in the pause, without any input: that is what a bias at the threshold does.",
        accuracy=0.006,
    ),
    Function(
        title="The current for a wanted rate",
        stars=2,
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
    Mend(
        title="A neuron that fires too fast",
        stars=2,
        task=r"""
This program measures an f-I curve, with a step that is exact between spikes. But at $I = 5$ its rate is about a tenth
above the formula {eq}`eq-fi`, and at strong currents it is off by more. A smaller step changes nothing. The program has
one fault. Find it, and mend it.
""",
        solution=rates_by_counting,
        explanation=r"""
At $I = 5$ the intervals are too short by 2 ms, and at a strong current they are no shorter than 2 ms. So the refractory
period does block spikes, but $v$ moves on while it lasts. The interval is then the longer one of period and rise, and
not their sum. The line that moves $v$ has to leave out the neurons that are held. (Some models do
have a refractory period that only blocks spikes. So ask which of the two a rate was computed with.)
""",
        check=check_rates_by_counting,
        fault=NOT_HELD,
        symptom="In one second it counts 55 spikes at I = 5, where the f-I curve has 50 Hz, and 500 at I = 400, where it has 384 Hz.",
    ),
    Function(
        title="Predict the simulation to the step",
        stars=3,
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
    Function(
        title="Spikes off the grid",
        stars=3,
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
    Measure(
        title="The same rate, another rhythm",
        stars=3,
        task=r"""
Does a firing rate tell what kind of input a neuron has? Drive neurons of the book with the noise of the last section, of
standard deviation 5, once with a correlation time of 2 ms and once with 200 ms. What do you expect, and why?

Measure the mean rate, and how irregular the spikes are. For that take the standard deviation of a neuron's intervals
over their mean, the *coefficient of variation* (CV), and its median over the neurons with at least five intervals. Use
fifty neurons or more, runs of three seconds, and a step of at most 0.1 ms. Then defend your answer in five lines.
""",
        solution=regularity,
        explanation=r"""
The membrane averages its input over $\tau_m$. Noise that is much faster is smoothed, and noise that is much slower is
followed. The length of the run matters to the CV of the slow noise: a short run cuts off the longest pauses, so the CV
grows with the run. That is why the task fixes the length. This cell takes a few seconds.
""",
        asked={
            "rate_fast": "Hz, correlation time 2 ms, median over the seeds",
            "rate_slow": "Hz, correlation time 200 ms",
            "cv_fast": "no unit, 2 ms",
            "cv_slow": "no unit, 200 ms",
        },
        check=check_regularity,
        marks=(
            "The claim is about both inputs and names numbers, with how often they were measured.",
            "The reason compares a correlation time with $\\tau_m$.",
            "Something is named that could have come out otherwise, and that you would have seen.",
        ),
    ),
]
