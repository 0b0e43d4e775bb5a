"""Exercises of chapter 2."""

import numpy as np
from brian2 import ms, second

from forcebook.exercises.base import ByHand, Function, Hint, Measure, Mend, altered, close
from forcelib import Parameters, synaptic_filter


def _shown(values):
    """Write numbers without the names of their types."""
    try:
        return ", ".join(f"{value:.6g}" for value in np.ravel(np.asarray(values, dtype=float)))
    except (TypeError, ValueError):
        return repr(values)


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
        if any(close(got, round_up(ratio**2 * nu**k)) for round_up in (np.ceil, float) for k in (-1, 1)):
            raise Hint(
                f"For {case} you return {got:g}. Mind the powers of nu: the variance sigma_r^2 grows with nu, and is "
                "compared with the square of a fraction of nu."
            )
        if not close(got, np.ceil(ratio**2)):
            raise Hint(f"For {case} you return {_shown(got)}, which is wrong.")
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
    if close(got, (c_r * r + b / (tau_r * tau_d) * h, c_d * h)):
        raise Hint("Your b is kappa(dt): that is r after a kick of 1/(tau_r tau_d), and b is r after h = 1.")
    if close(got, (c_d * r + b * h, c_r * h)):
        raise Hint("The two times are swapped: r decays with tau_r, h with tau_d.")
    if close(got, (c_r * r + b * c_d * h, c_d * h)):
        raise Hint("Without a spike r already sees the updated h: use the h from the start of the step.")
    if close(got, (c_d * h, c_r * r + b * h)):
        raise Hint("The order is r first, then h.")
    if not close(got, (c_r * r + b * h, c_d * h)):
        raise Hint(
            f"Without a spike, from r = {r:g} Hz and h = {h:g} Hz/s with dt = 1 ms, you return {_shown(got)}."
        )
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
        raise Hint(f"Right without a spike; with one, r = {r:g} Hz and h = {h:g} Hz/s give {_shown(got)}.")
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
        raise Hint(f"{where}: you return {_shown(got)}. Plot the last two periods: has r settled?")
    slow, fast = (answer(nu, 2e-3, 20e-3, 5e-5) for nu in (20.0, 200.0))
    return f"The swing is {slow:.0f} Hz at 20 Hz, and still {fast:.0f} Hz at ten times that rate."


def half_amplitude():
    a, b = 10e-3, 30e-3  # seconds
    # 1 + (a**2 + b**2) x + (a b)**2 x**2 = 4, with x = (2 pi f)**2
    root = np.sqrt((a**2 + b**2) ** 2 + 12 * (a * b) ** 2)
    x = (root - a**2 - b**2) / (2 * (a * b) ** 2)
    print(f"2 pi f = {np.sqrt(x):.2f} per second")
    return np.sqrt(x) / (2 * np.pi)


def neuron_and_filter(current, duration, dt, parameters):
    """Return the spikes of each step, and r (Hz) at its start."""
    tau_m, tau_r, tau_d = (float(getattr(parameters, name)) for name in ("tau_m", "tau_r", "tau_d"))
    held = round(float(parameters.tau_ref) / dt)
    v, r, h, free_from = parameters.v_reset, 0.0, 0.0, 0
    spikes, trace = [], []
    for step in range(round(duration / dt)):
        trace.append(r)
        fired = False
        if step >= free_from:
            v = v + dt / tau_m * (-v + parameters.I_bias + current)
            fired = v >= parameters.v_threshold
        r, h = r + dt * (h - r / tau_r), h - dt * h / tau_d
        if fired:
            h = h + 1 / (tau_r * tau_d)
            v, free_from = parameters.v_reset, step + held
        spikes.append(fired)
    return np.array(spikes), np.array(trace)


FILTER_HELD = (
    "\n        r, h = r + dt * (h - r / tau_r), h - dt * h / tau_d",
    "\n            r, h = r + dt * (h - r / tau_r), h - dt * h / tau_d",
)


def check_neuron_and_filter(answer):
    """Compare r with the filter of forcelib, for a weak and a strong current."""
    broken = altered(neuron_and_filter, FILTER_HELD)
    for current in (5.0, 60.0):
        case = (current, 0.3, 5e-5, Parameters())
        got = answer(*case)
        fired = neuron_and_filter(*case)[0].astype(float)
        filtered = np.asarray(synaptic_filter.filter_spikes(fired, 2 * ms, 20 * ms, 0.05 * ms))
        where = f"At I = {current:g}"
        try:
            spikes, r = (np.asarray(one, dtype=float) for one in got)
        except (TypeError, ValueError):
            raise Hint("Return two arrays as the program did: the spikes, and r.") from None
        if spikes.shape != fired.shape or r.shape != filtered.shape:
            raise Hint(f"{where}: return the spikes and r of each of the {len(fired)} steps.")
        if not close(spikes, fired):
            raise Hint(
                f"{where} the spikes are no longer those of the neuron. They were right before: leave v alone."
            )
        if close(r, filtered, rtol=1e-6, atol=1e-9):
            continue
        mean, rate, held = r[2000:].mean(), spikes[2000:].sum() / 0.2, broken(*case)[1]
        if close(r, held, rtol=1e-6, atol=1e-9):
            raise Hint(
                f"{where} the neuron fires at {rate:.0f} Hz, and the mean of r is still {mean:.0f} Hz. Plot r around a "
                "few spikes."
            )
        if close(r, held * (r.max() / held.max()), rtol=1e-6, atol=1e-9):
            raise Hint(
                f"{where} the course of r is wrong, whatever its mean: r is still held, and you only scaled it."
            )
        if mean < 0.01 * rate:
            raise Hint(f"{where} r is nearly zero: is the kick of a spike still 1/(tau_r tau_d)?")
        if close(r[:-1], filtered[1:], rtol=1e-6, atol=1e-9):
            raise Hint(
                f"{where} r is one step ahead. The kick of a spike comes after r and h have moved: keep this order."
            )
        if not np.all(np.isfinite(r)):
            raise Hint(f"{where} some values of r are not finite numbers.")
        largest = float(np.abs(r - filtered).max())
        raise Hint(f"{where} r is off by up to {largest:.3g} Hz. Change nothing but what is held.")
    return "A refractory neuron holds its membrane. What it has sent goes on its way."


def noise_with_a_gap():
    def fluctuation(gap, seed, rate=40.0, duration=5.0, neurons=40):
        """Filter trains with a least interval; return mean and std of r."""
        random = np.random.default_rng(seed)
        dt = 0.1e-3
        counts = np.zeros((round(duration / dt), neurons))
        for train in counts.T:
            size = round(2 * rate * duration)
            intervals = gap + random.exponential(1 / rate - gap, size)
            at = np.cumsum(intervals)
            np.add.at(train, (at[at < duration] / dt).astype(int), 1)
        filtered = synaptic_filter.filter_spikes(counts, 2 * ms, 20 * ms, dt * second)
        late = np.asarray(filtered)[round(0.5 / dt) :]
        return late.mean(), late.std()

    seeds = [1, 2, 3]
    without = np.median([fluctuation(0.0, k) for k in seeds], axis=0)
    with_gap = np.median([fluctuation(10e-3, k) for k in seeds], axis=0)
    measured = {
        "seeds": seeds,
        "mean_gap": with_gap[0],
        "std_poisson": without[1],
        "std_gap": with_gap[1],
    }
    less = 100 * (1 - with_gap[1] / without[1])
    print(f"""
1. A gap of 10 ms takes away {less:.0f} % of the fluctuation.
2. {without[1]:.1f} Hz without a gap and {with_gap[1]:.1f} Hz with it,
   at {with_gap[0]:.1f} Hz; 40 trains of 5 s, medians over {len(seeds)} seeds.
3. The intervals have the CV (25 - 10) / 25 = 0.6, where Poisson has 1. The
   filter counts over some intervals, and counts vary by this factor.
4. A lower rate would do the same to the relative size, but the mean is
   the same here.
5. As large a fluctuation with the gap, in trains of the same rate.
""")
    return measured


def check_noise_with_a_gap(found):
    """Compare with what 20 seeds give; the first is the formula of the page."""
    mean, poisson, gap = found["mean_gap"], found["std_poisson"], found["std_gap"]
    if 27 < mean < 30:
        raise Hint('"mean_gap" is too low: the mean interval must stay 25 ms, with the gap in it.')
    if not 38 < mean < 42:
        raise Hint('"mean_gap" should be the rate, 40 Hz. Leave out the beginning, where r still rises.')
    if poisson < 2 and gap < 2:
        raise Hint("That looks like a fluctuation relative to the rate: give hertz.")
    if 800 < poisson < 1000:
        raise Hint('"std_poisson" looks like a variance: give the standard deviation.')
    if 18 < poisson < 21.5 and 28 < gap < 33:
        raise Hint("The two fluctuations are exchanged.")
    if poisson < 18:
        raise Hint(
            "The fluctuation is that of one train. You have averaged r over trains before you took it."
        )
    if not 28 < poisson < 33:
        raise Hint(
            f'"std_poisson" is not plausible: by the formula of this page it is {np.sqrt(40 / 0.044):.1f} Hz.'
        )
    if gap > 0.9 * poisson:
        raise Hint('"std_gap" is that of a train without a gap: is there really no interval below 10 ms?')
    if not 18 < gap < 21.5:
        raise Hint(
            '"std_gap" is not plausible. Are the intervals 10 ms, plus an exponential part of 15 ms on average?'
        )
    return "A gap makes a train steadier. Now mark your defence by the three points."


EXERCISES = [
    Function(
        title="Delay and width of the kernel",
        stars=1,
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
    Function(
        title="How many neurons",
        stars=1,
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
    ByHand(
        title="Where half is lost",
        stars=2,
        task=r"""
On paper. A synapse rises with $\tau_r = 10$ ms and decays with $\tau_d = 30$ ms. The rate of a sender swings with the
frequency $f$ about its mean. At which $f$ does half of the amplitude of the swing come through? Give it in hertz, to one decimal.
""",
        solution=half_amplitude,
        explanation=r"""
1. What comes through is $|K(f)|$, and a modulus of a product is the product of the moduli. From the transfer function
   {eq}`eq-transfer`, with $x = (2\pi f)^2$,
   $|K|^2 = 1 / \big( (1 + x \tau_r^2)(1 + x \tau_d^2) \big)$.
2. Half of the amplitude means $|K|^2 = 1/4$, so $(1 + x \tau_r^2)(1 + x \tau_d^2) = 4$.
3. This is quadratic in $x$, and only the positive solution counts.
4. $f = \sqrt{x} / 2\pi$. With $\tau_d$ alone you would find a higher frequency. The rise takes its part, too.
""",
        note="in hertz",
        slips={
            "That is an angular frequency, in radians per second: divide by 2 pi.": 49.5659,
            "That is the frequency for tau_d alone. The rise takes its part of the amplitude as well.": 9.18881,
            "You set the square of the amplitude to one half. Half of the amplitude is a quarter of the square.": 4.83601,
            "You added the two times. The factors of the two filters are multiplied.": 6.89161,
            "You added the amplitudes' squares, 1 + x (tau_r^2 + tau_d^2), and dropped the last term.": 8.71727,
            "That is the frequency for tau_r alone. The decay takes most of the amplitude.": 27.5664,
            "That is 1 / (2 pi tau_d), where the decay alone leaves 1 / sqrt(2) of the amplitude.": 5.30516,
            "You multiplied 1 + 2 pi f tau. The modulus of each factor is a root of a sum of squares.": 3.42586,
        },
        meaning="Slower swings come through better, faster ones worse: a synapse is a low pass.",
        accuracy=0.006,
    ),
    Mend(
        title="A rate that is too high",
        stars=2,
        task=r"""
This neuron filters its own spikes. Its spikes are right, and at weak inputs $r$ looks right, too. But the mean of $r$ is
above the firing rate, the more so the faster the neuron fires. Every spike has the area 1, so the two should agree.
The program has one fault. Find it, and mend it.
""",
        solution=neuron_and_filter,
        explanation=r"""
In step 3 of the {ref}`time step <one-step>` a refractory neuron keeps its $v$, and its filters go on. Here the line of
the filter stands under the `if`, so $r$ does not decay while the neuron is refractory. The area of a response then grows
with every spike that follows. One indentation less mends it.
""",
        check=check_neuron_and_filter,
        fault=FILTER_HELD,
    ),
    Function(
        title="The swing of a regular train",
        stars=2,
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
    Function(
        title="One exact step",
        stars=3,
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
    Measure(
        title="What a gap is worth",
        stars=3,
        task=r"""
A Poisson train is an extreme, for a real neuron cannot fire twice at once. How much steadier is $r$ if no interval is
shorter than 10 ms? Compare trains of 40 Hz without and with this gap. With it, let each interval be 10 ms plus an
exponential part, such that the mean interval stays 25 ms. Which share of the fluctuation will the gap take away? Guess
first: less than a tenth, a third, or more than a half?

Measure the fluctuation of $r$ for one train, with the two time constants of the book, and the mean of $r$ with the gap.
The trains together should last a hundred seconds or more. Then defend your answer in five lines.
""",
        solution=noise_with_a_gap,
        explanation=r"""
{numref}`fig-regular` has the two extremes, and this train lies between them. The cell takes a few seconds.
""",
        asked={
            "mean_gap": "Hz, mean of r with the gap, median over the seeds",
            "std_poisson": "Hz, fluctuation of r without the gap",
            "std_gap": "Hz, with the gap",
        },
        check=check_noise_with_a_gap,
        marks=(
            "The claim is a ratio, or a share in percent, and the two numbers behind it are named.",
            "The rates are said to be the same, or the comparison allows for the difference.",
            "The reason speaks of intervals or counts that vary less, not of fewer spikes.",
        ),
    ),
]
