"""Exercises of chapter 2."""

import numpy as np
from brian2 import second

from forcebook.exercises.base import Exercise, Hint, close
from forcelib import synaptic_filter


def delay_and_width(tau_r, tau_d):
    """Return mean and standard deviation of the delay.

    Arguments and results are plain numbers of seconds.
    """
    return tau_r + tau_d, np.hypot(tau_r, tau_d)


def check_delay_and_width(answer):
    """Judge `delay_and_width` at two pairs of time constants."""
    for tau_r, tau_d in ((2e-3, 20e-3), (4e-3, 30e-3)):
        got = answer(tau_r, tau_d)
        mean, width = tau_r + tau_d, np.hypot(tau_r, tau_d)
        where = f"tau_r = {1e3 * tau_r:g} ms, tau_d = {1e3 * tau_d:g} ms"
        try:
            first, other = got
        except (TypeError, ValueError):
            raise Hint("Return two numbers: the mean delay and its standard deviation.") from None
        if close(first, 1e3 * mean, rtol=2e-3):
            raise Hint("These are milliseconds: return seconds.")
        if close(first, tau_d, rtol=2e-3):
            raise Hint(f"At {where} the mean you return is the decay time alone; the rise adds to the delay.")
        if close(first, tau_r * tau_d / (tau_d - tau_r) * np.log(tau_d / tau_r), rtol=2e-3):
            raise Hint("This is the time of the peak. The long tail puts the mean later.")
        if not close(first, mean, rtol=2e-3):
            raise Hint(f"At {where} the mean delay is wrong: sum t kappa(t) dt on a fine grid and compare.")
        if close(other, width**2, rtol=2e-3):
            raise Hint("The mean is right. The second number is the variance: take its square root.")
        if close(other, mean, rtol=2e-3):
            raise Hint("The mean is right. Standard deviations do not add; variances do.")
        if close(other, np.sqrt(mean**2 + width**2), rtol=2e-3):
            raise Hint("The mean is right. The other is a second moment about 0, not about the mean.")
        if not close(other, width, rtol=2e-3):
            raise Hint(f"At {where} the mean is right, the standard deviation is not.")
    late = 1e3 * answer(2e-3, 20e-3)[0]
    return f"In this book a spike acts {late:.0f} ms late on average: after the peak, because of the tail."


def neurons_needed(relative, nu, tau_r, tau_d):
    """Return the smallest sufficient number of neurons.

    `relative` is the fluctuation allowed, a fraction of `nu`;
    `nu` is in hertz, the times are in seconds.
    """
    one_neuron = np.sqrt(nu / (2 * (tau_r + tau_d)))
    return int(np.ceil((one_neuron / (relative * nu)) ** 2))


def check_neurons_needed(answer):
    """Judge `neurons_needed` for three networks."""
    for relative, nu, tau_r, tau_d in (
        (0.05, 20.0, 2e-3, 20e-3),
        (0.1, 30.0, 2e-3, 20e-3),
        (0.02, 7.0, 5e-3, 30e-3),
    ):
        got = answer(relative, nu, tau_r, tau_d)
        ratio = np.sqrt(1 / (2 * nu * (tau_r + tau_d))) / relative
        case = f"relative = {relative:g}, nu = {nu:g} Hz, tau_r = {tau_r:g} s, tau_d = {tau_d:g} s"
        for rounding in (np.ceil, np.floor, lambda x: x):
            if close(got, rounding(ratio)):
                raise Hint(f"For {case} the average of {got:g} is not steady enough: mind the square root.")
            if close(got, rounding(1 / (2 * nu * tau_d * relative**2))):
                raise Hint("You use tau_d alone; the fluctuation depends on the sum of both times.")
            if close(got, rounding((ratio * nu) ** 2)):
                raise Hint("The fluctuation allowed is relative: a fraction of nu, not a number of hertz.")
        if close(got, ratio**2):
            raise Hint(f"For {case} you return {got:g}: return a whole number of neurons.")
        if close(got, np.floor(ratio**2)):
            raise Hint(f"For {case} {got:g} neurons are just too few: round up.")
        if not close(got, np.ceil(ratio**2)):
            raise Hint(f"For {case} you return {got}, which is wrong.")
    few, many = (answer(relative, 20.0, 2e-3, 20e-3) for relative in (0.05, 0.01))
    return f"At 20 Hz an average steady to 5 % takes {few} neurons, one steady to 1 % takes {many}."


def exact_step(r, h, count, tau_r, tau_d, dt):
    """Return (r, h) one time step later, exactly.

    `r` (Hz) and `h` (Hz/s) are those at the start of the step,
    `count` is its number of spikes; times are in seconds.
    """
    decay_r, decay_d = np.exp(-dt / tau_r), np.exp(-dt / tau_d)
    coupling = tau_r * tau_d * (decay_d - decay_r) / (tau_d - tau_r)
    kick = count / (tau_r * tau_d)
    return decay_r * r + coupling * h, decay_d * h + kick


def check_exact_step(answer):
    """Judge `exact_step` without and with a spike."""
    tau_r, tau_d, dt = 2e-3, 20e-3, 1e-3
    r, h, kick = 3.0, 4000.0, 1 / (2e-3 * 20e-3)
    c_r, c_d = np.exp(-dt / tau_r), np.exp(-dt / tau_d)
    b = tau_r * tau_d * (c_d - c_r) / (tau_d - tau_r)
    got = answer(r, h, 0, tau_r, tau_d, dt)
    if close(got, (r + dt * (-r / tau_r + h), h - dt * h / tau_d)):
        raise Hint("This is the Euler step: replace each entry of the matrix by that of the exponential.")
    if close(got, (c_r * r + dt * h, c_d * h)):
        raise Hint("This is the mixed scheme: both decays are exact, but h still enters r with dt.")
    if close(got, (c_d * r + b * h, c_r * h)):
        raise Hint("The two times are swapped: r decays with tau_r, h with tau_d.")
    if close(got, (c_r * r + b * c_d * h, c_d * h)):
        raise Hint("Without a spike r already sees the updated h: use the h from the start of the step.")
    if close(got, (c_d * h, c_r * r + b * h)):
        raise Hint("The order is r first, then h.")
    if not close(got, (c_r * r + b * h, c_d * h)):
        raise Hint(f"Without a spike, from r = {r:g} Hz and h = {h:g} Hz/s with dt = 1 ms, you return {got}.")
    got = answer(r, h, 1, tau_r, tau_d, dt)
    if close(got, (c_r * r + b * (h + kick), c_d * (h + kick))):
        raise Hint("The spike acts too early: it is added to h before the step, but belongs to its end.")
    if close(got, (c_r * r + b * (c_d * h + kick), c_d * h + kick)):
        raise Hint("The spike acts too early: r sees the updated h within the same step.")
    if close(got, (c_r * r + b * h, c_d * h + 1 / tau_d)):
        raise Hint("This kick is that of the single exponential; with two equations the area is not 1.")
    if close(got, (c_r * r + b * h, c_d * h)):
        raise Hint("Right without a spike, but `count` has no effect.")
    if not close(got, (c_r * r + b * h, c_d * h + kick)):
        raise Hint(f"Right without a spike; with one, r = {r:g} Hz and h = {h:g} Hz/s give {got}.")
    got = answer(0.0, 0.0, 3, 4e-3, 30e-3, 5e-5)
    if not close(got, (0.0, 3 / (4e-3 * 30e-3))):
        raise Hint("Three spikes in one step must count three times, and with the times that were passed.")
    return "Steps of any length now land on the kernel itself."


def swing(nu, tau_r, tau_d, dt):
    """Return highest minus lowest r of a settled regular train.

    `nu` and the result are in hertz, the times in seconds;
    `1 / (nu * dt)` is a whole number of steps.
    """
    period = round(1 / (nu * dt))
    periods = 1 + round(10 * max(tau_r, tau_d) * nu)  # the start is forgotten
    counts = np.zeros(periods * period)
    counts[::period] = 1
    r = np.asarray(synaptic_filter.filter_spikes(counts, tau_r * second, tau_d * second, dt * second))
    last = r[-period:]
    return last.max() - last.min()


def _settled(nu, tau_r, tau_d):
    """Return r over one period, from the closed form."""
    t = np.linspace(0, 1 / nu, 4001)
    a, b = (np.exp(-t / tau) / -np.expm1(-1 / (nu * tau)) for tau in (tau_d, tau_r))
    return (a - b) / (tau_d - tau_r)


def check_swing(answer):
    """Judge `swing` at three rates."""
    for nu, tau_r, tau_d in ((50.0, 2e-3, 20e-3), (20.0, 2e-3, 20e-3), (100.0, 4e-3, 30e-3)):
        got = answer(nu, tau_r, tau_d, 5e-5)
        r = _settled(nu, tau_r, tau_d)
        expected = r.max() - r.min()
        if close(got, expected, rtol=0.012):
            continue
        where = f"At {nu:g} Hz, tau_r = {tau_r:g} s, tau_d = {tau_d:g} s"
        peak = tau_r * tau_d / (tau_d - tau_r) * np.log(tau_d / tau_r)
        alone = (np.exp(-peak / tau_d) - np.exp(-peak / tau_r)) / (tau_d - tau_r)
        for typical, hint in (
            (
                r.max(),
                "this is the highest value; if you took the lowest at the start, leave the start out.",
            ),
            (alone, "this is the peak after one spike: the responses to earlier spikes are missing."),
            (
                expected / 2,
                "this is half of it: return highest minus lowest.",
            ),
            (r.std(), "this is the standard deviation, not the distance from the lowest to the highest."),
            (expected / nu, "this is relative to the rate: return hertz."),
        ):
            if close(got, typical, rtol=0.012):
                raise Hint(f"{where}: {hint}")
        raise Hint(f"{where}: you return {got}. Plot the last two periods: has r settled?")
    slow, fast = (answer(nu, 2e-3, 20e-3, 5e-5) for nu in (20.0, 200.0))
    return f"The swing is {slow:.0f} Hz at 20 Hz, and still {fast:.0f} Hz at ten times that rate."


EXERCISES = [
    Exercise(
        title="Delay and width of the kernel",
        task=r"""
The kernel {eq}`eq-kernel` is nowhere negative and has the area 1. So you can read it as the probability
density of a delay, of how long after a spike its effect comes. Write a function that returns the mean
delay $\int t\, \kappa(t)\, dt$ and the standard deviation of the delay, both in seconds.

A sum on a fine grid is accurate enough. Can you also find the two without integrating $\kappa$?
""",
        solution=delay_and_width,
        explanation=r"""
By its second form {eq}`eq-convolution` $\kappa$ is a convolution of two densities, and so the density of a sum of two
independent delays. An exponential density has the mean $\tau$ and the variance $\tau^2$. The means add,
$\tau_r + \tau_d$, and so do the variances, $\tau_r^2 + \tau_d^2$. The mean is also the delay $D(f)$ of
the filter {eq}`eq-delay` in the limit of slow signals. Faster signals are delayed less.
""",
        check=check_delay_and_width,
    ),
    Exercise(
        title="How many neurons",
        task=r"""
You want the average of $n$ independent Poisson neurons, each filtered, to fluctuate by no more than a
given fraction of their rate, $\sigma_n \le \varepsilon \nu$. Write a function that returns the smallest
$n$ for which that holds, from $\varepsilon$ (`relative`), $\nu$ in hertz and the two times in seconds.
""",
        solution=neurons_needed,
        explanation=r"""
The fluctuation of one neuron {eq}`eq-fluctuation` and of the average {eq}`eq-average` give $\sigma_n = \sigma_r / \sqrt{n}$. Solved for $n$, $n \ge
(\sigma_r / \varepsilon \nu)^2 = 1 / (2 \nu (\tau_r + \tau_d)\, \varepsilon^2)$, rounded up. Half the
fluctuation costs four times the neurons.
""",
        check=check_neurons_needed,
    ),
    Exercise(
        title="One exact step",
        task=r"""
Write one step of the exact update {eq}`eq-step`, without `propagator`: from $r$ (Hz) and $h_r$ (Hz/s) at the start of
the step and the number of spikes in it, return the pair `(r, h)` at the start of the next. The times
are in seconds, $\tau_r \ne \tau_d$. You have to find $b$. What does $r$ become in one step that starts
with $r = 0$ and some $h_r$? The spikes join $h_r$ at the end of the step.
""",
        solution=exact_step,
        explanation=r"""
Both decays are exponentials. The entry $b$ is $r$ after a step that starts with $r = 0$ and $h_r = 1$. A spike starts the pair with $h_r = 1/(\tau_r \tau_d)$, and $r$ is then $\kappa(\Delta
t)$, so $b = \tau_r \tau_d\, \kappa(\Delta t)$. Both right-hand sides use the old pair. If you
assign $r$ and $h_r$ one after the other, $r$ must come first.
""",
        check=check_exact_step,
    ),
    Exercise(
        title="The swing of a regular train",
        task=r"""
An experiment. Make a regular train of rate $\nu$, whose period is a whole number of steps. Filter it
with `synaptic_filter.filter_spikes` (Euler) until the start is forgotten. Return the highest minus the
lowest value of $r$, in hertz. `nu` is in hertz, and the times are in seconds. `filter_spikes` wants them as
`tau_r * second`.
""",
        solution=swing,
        explanation=r"""
After ten times the longer time constant, $e^{-10}$ of the start is left, and one period holds the
highest and the lowest value. The formula {eq}`eq-regular` gives the same, but for the error of the Euler steps. By
it, $r$ is lowest at a spike.
""",
        check=check_swing,
    ),
]
