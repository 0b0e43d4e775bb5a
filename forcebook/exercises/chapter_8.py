"""Exercises of chapter 8."""

import numpy as np
from brian2 import Hz, ms, second

import forcelib
from forcebook.exercises.base import ByHand, Exercise, Function, Hint, Measure, Mend, altered, close
from forcelib import IZHIKEVICH, tasks


def theta_rest(current):
    """Return the angle (radians) at which a theta neuron rests."""
    return -2 * np.arctan(np.pi * np.sqrt(-current))


def check_theta_rest(answer):
    """Raise a hint if the answer is wrong."""
    for current in (-0.01, -0.1, -4.0):
        where = f"For a current of {current:g}"
        found, right = answer(current), theta_rest(current)
        if close(found, right, rtol=1e-4):
            continue
        if close(found, -right, rtol=1e-4):
            raise Hint(
                f"{where}: that is the other fixed point. Pushed a little beyond it, the neuron spikes."
            )
        if close(found, right / 2, rtol=1e-4):
            raise Hint(f"{where}: w is the tangent of half the angle.")
        if close(found, -2 * np.arctan(np.sqrt(-current)), rtol=1e-4):
            raise Hint(f"{where}: the square of w is pi squared times the size of the current.")
        if close(found, np.degrees(right), rtol=1e-4):
            raise Hint(f"{where}: give the angle in radians.")
        if close(found, -np.pi * np.sqrt(-current), rtol=1e-4):
            raise Hint(f"{where}: that is w itself, or the angle of a very weak current.")
        raise Hint(f"{where}: set the right side of the equation to zero. The angle is about {right:.3f}.")
    return "The weaker the inhibition, the nearer the neuron rests to 0, where both fixed points meet."


def other_rheobase():
    k, b, v_r, v_t = 0.7, -2.0, -60.0, -40.0
    rheobase = (k * (v_t - v_r) + b) ** 2 / (4 * k)
    print(f"parabola and line touch at a current of {rheobase:.2f} pA")
    return rheobase


def local_irregularity(intervals):
    """Return how unequal successive intervals are, from 0 to 2."""
    one, next_one = np.asarray(intervals[:-1]), np.asarray(intervals[1:])
    return np.mean(2 * np.abs(next_one - one) / (next_one + one))


def _intervals():
    """Return intervals, in words: equal, in turn, drifting, and random."""
    random = np.random.default_rng(1)
    return {
        "equal intervals": np.full(12, 0.02),
        "intervals of 10, 10 and 40 ms in turn": np.array([0.01, 0.01, 0.04] * 5),
        "intervals that grow slowly, from 10 to 100 ms": np.geomspace(0.01, 0.1, 200),
        "the random intervals of a Poisson process": random.exponential(0.02, 400),
    }


def check_local_irregularity(answer):
    """Raise a hint if the answer is wrong."""
    for words, intervals in _intervals().items():
        where = f"For {words}"
        found, right = answer(intervals), local_irregularity(intervals)
        if np.shape(found) != ():
            raise Hint(f"{where}: return one number, the mean over all pairs.")
        if close(found, right, rtol=1e-4, atol=1e-9):
            continue
        change, total = np.diff(intervals), intervals[1:] + intervals[:-1]
        if close(found, right / 2, rtol=1e-4):
            raise Hint(f"{where}: you divide by the sum of the two. Their mean is half of it.")
        if close(found, np.mean(2 * change / total), rtol=1e-4, atol=1e-9):
            raise Hint(f"{where}: longer and shorter cancel. Take the size of each difference.")
        if close(found, intervals.std() / intervals.mean(), rtol=1e-3):
            raise Hint(f"{where}: that is the coefficient of variation, which slow changes enlarge.")
        if close(found, np.abs(change).mean() / intervals.mean(), rtol=1e-4):
            raise Hint(f"{where}: divide each difference by the mean of its own pair, not of all intervals.")
        raise Hint(f"{where}: expected about {right:.4f}.")
    drifting = _intervals()["intervals that grow slowly, from 10 to 100 ms"]
    variation = drifting.std() / drifting.mean()
    return (
        f"The intervals that grow slowly have a coefficient of variation of {variation:.2f}, and are locally "
        f"almost even, with {local_irregularity(drifting):.3f}. A Poisson process has about 1 by both."
    )


def rate_after(current, duration, dt, c):
    """Return the rate (Hz) of an Izhikevich neuron by its last interval."""
    v, u, last, interval = c["v_r"], 0.0, None, np.inf
    for step in range(round(duration / dt)):
        drive = c["k"] * (v - c["v_r"]) * (v - c["v_t"]) + c["I_bias"]
        dv = (drive - u + current) / c["C"]
        du = c["a"] * (c["b"] * (v - c["v_r"]) - u)
        v, u = v + dt * dv, u + dt * du
        if v >= c["v_peak"]:
            v, u = c["v_reset"], u + c["d"]
            interval = np.inf if last is None else dt * (step - last)
            last = step
    return 1 / interval


FORGETS = ('c["v_reset"], u + c["d"]', 'c["v_reset"], c["d"]')


def check_rate_after(answer):
    """Try two currents, and a neuron that does not tire."""
    broken = altered(rate_after, FORGETS)
    minus = altered(rate_after, (FORGETS[0], 'c["v_reset"], u - c["d"]'))
    more = altered(rate_after, (FORGETS[0], 'c["v_reset"], 2 * c["d"]'))
    decay = altered(rate_after, (FORGETS[0], 'c["v_reset"], u'))
    for current, duration, model, words in (
        (500.0, 0.6, IZHIKEVICH, "the neuron of this page"),
        (1500.0, 0.4, IZHIKEVICH, "the neuron of this page"),
        (500.0, 0.4, IZHIKEVICH.replace(d=50), "a neuron of d = 50"),
    ):
        case = (current, duration, 4e-5, model)
        found, right = answer(*case), rate_after(*case)
        where = f"For {words} under {current:g} pA"
        plain = np.asarray(found)
        if hasattr(found, "dim") or plain.shape != () or plain.dtype.kind not in "fiu":
            raise Hint("Return one plain number, in hertz.")
        if close(found, right, rtol=0.01):
            continue
        if close(found, broken(*case), rtol=1e-3):
            raise Hint(f"{where} it still finds {found:.1f} Hz. Print u after each spike.")
        if close(found, minus(*case), rtol=1e-3):
            raise Hint(f"{where} each spike makes the next one easier: a sign has changed.")
        if close(found, more(*case), rtol=1e-3):
            raise Hint(f"{where} a larger jump makes it slower, but u still has no memory of earlier spikes.")
        if close(found, decay(*case), rtol=1e-3):
            raise Hint(f"{where} spikes leave no trace in u at all.")
        raise Hint(f"{where} you find {found:.1f} Hz, and not {right:.1f} Hz.")
    return "Now u climbs from spike to spike, until it loses in an interval what a spike adds."


def does_it_help_to_tire():
    def train(d, seed):
        """Return rate (Hz) and aligned error of a network that runs alone."""
        parameters = tasks.get("izhikevich/sine").parameters.replace(
            N=500,
            neuron=IZHIKEVICH.replace(d=d),
            rls_interval=2.4 * ms,
            rls_start=0.24 * second,
            rls_stop=1.74 * second,
            duration=3.24 * second,
        )
        run = forcelib.run(seed=seed, parameters=parameters, progress=False)
        alone = run.between(parameters.rls_stop)
        return alone.mean_rate() / Hz, alone.phase_aligned_error()

    seeds = list(range(1, 11))
    tiring, tireless = (np.median([train(d, seed) for seed in seeds], axis=0) for d in (200, 0))
    measured = {
        "seeds": seeds,
        "rate_with": tiring[0],
        "error_with": tiring[1],
        "rate_without": tireless[0],
        "error_without": tireless[1],
    }
    print(f"""
1. No: for this sine the network is better off without adaptation.
2. Error {tiring[1]:.3f} with it and {tireless[1]:.3f} without,
   rates {tiring[0]:.0f} and {tireless[0]:.0f} Hz;
   medians over {len(seeds)} networks.
3. Without it the neurons fire more spikes for the same current. So each
   spike weighs less in the readout, and adds less noise.
4. The curve may count, and not the number of spikes: d changes both.
5. Networks of equal rates, with a smaller Q where d = 0, that still differ.
""")
    return measured


def check_does_it_help_to_tire(measured):
    """Raise a hint if the numbers are not plausible."""
    rate, error = measured["rate_with"], measured["error_with"]
    free_rate, free_error = measured["rate_without"], measured["error_without"]
    if min(measured.values()) < 0:
        raise Hint("Rates and errors are not negative.")
    if free_rate < 1 or rate < 1:
        raise Hint("A mean rate of less than 1 Hz: rates are asked for in hertz.")
    if 50 < rate < 100 and 25 < free_rate < 50:
        raise Hint("The neurons that tire fire more than the others? With and without may be exchanged.")
    if close(rate, free_rate, rtol=0.1):
        raise Hint("The rates hardly differ. Was d = 0 in one half of your networks?")
    if max(error, free_error) > 0.25:
        raise Hint("The errors are too large. Take the aligned error, not that against the clock.")
    if not 28 < rate < 45 or not 55 < free_rate < 95:
        raise Hint(
            f"Rates of {rate:.0f} and {free_rate:.0f} Hz are not those of these networks after training."
        )
    if error < free_error:
        raise Hint("By your numbers adaptation helps. Look at single seeds: are the errors exchanged?")
    if not 0.045 < error < 0.16 or not 0.01 < free_error < 0.06:
        raise Hint("Errors of this size are not those of these networks alone. Is training left out?")
    return f"In your networks the error falls by a factor of {error / free_error:.1f} without adaptation."


EXERCISES: list[Exercise] = [
    Function(
        title="Where a theta neuron rests",
        stars=1,
        task=r"""For a negative current the theta neuron {eq}`eq-theta` has two fixed points. Write `theta_rest(current)`. It gets a negative
current and returns the angle of the stable one, in radians between $-\pi$ and $\pi$. The other coordinate {eq}`eq-quadratic` is the shorter way.""",
        solution=theta_rest,
        explanation=r"""The right side of {eq}`eq-quadratic` vanishes at $w = \pm \pi \sqrt{-I}$. Below the lower root $w$ rises and above it $w$ falls,
so the lower one is stable. With $w = \tan(v/2)$ its angle is $-2 \arctan (\pi \sqrt{-I})$.""",
        check=check_theta_rest,
    ),
    ByHand(
        title="The rheobase of another cell",
        stars=1,
        task=r"""
On paper. Another cell is modelled by an Izhikevich neuron with $k = 0.7$, $b = -2$, $v_r = -60$ and $v_t = -40$. It has no bias current.
Which constant current is its rheobase, in pA?
""",
        solution=other_rheobase,
        explanation=r"""
1. Parabola and line touch where {eq}`eq-rheobase` holds.
2. Here $k (v_t - v_r) + b = 0.7 \cdot 20 - 2 = 12$.
3. The square is 144, and $144 / 2.8$ is a little more than 51.
4. Without its bias the neuron of this page would need twenty times as much, for its threshold is twice as far from rest and its parabola is steeper.
""",
        note="in pA, a plain number",
        slips={
            "You left out b: the line of u is not flat.": 70.0,
            "b is negative, so it lowers the rheobase.": 256 / 2.8,
            "Square the bracket first.": 12 / 2.8,
            "That is the bracket. Square it, and divide by 4 k.": 12.0,
            "That is the neuron of this page. Put in the constants of the other cell.": 1000.0,
            "The square is divided by 4 k. Where is the 4?": 144 / 0.7,
            "You multiplied by k: the bracket is squared, then divided by 4 k.": 144 * 0.7 / 4,
        },
        meaning="Without its bias current the neuron of this page would need 1000 pA.",
    ),
    Function(
        title="Unequal, or only uneven in time?",
        stars=2,
        task=r"""The coefficient of variation is large for bursts, even if they are the same in each period. A local measure compares
intervals only with the next ones. For two neighbours $a$ and $b$ it takes the size of their difference over their mean, $(a + b)/2$.

Write `local_irregularity(intervals)`. It gets the intervals of one neuron, in order of time, and returns the mean of this quantity over all pairs
of neighbours. The first and the second make a pair, the second and the third, and so on.""",
        solution=local_irregularity,
        explanation=r"""A change that is slow against the intervals hardly moves the ratio of two neighbours. Apply it to the networks
of this page, for instance with `np.diff` of the spike times of a neuron. Does the order of the three networks remain?""",
        check=check_local_irregularity,
    ),
    Mend(
        title="A neuron that tires once",
        stars=2,
        task=r"""
This program integrates one Izhikevich neuron under a constant current, and returns its rate by the last interval. A neuron under 500 pA should
settle at about 21 Hz. The program returns twice as much. It has one fault. Find it, and mend it.
""",
        solution=rate_after,
        explanation=r"""
A spike *adds* $d$ to $u$. The program sets $u$ to $d$, so that each spike erases what the spikes before it have left. Then $u$ is as large
after the tenth spike as after the first, and the neuron cannot slow down any further.
""",
        check=check_rate_after,
        fault=FORGETS,
        symptom="Under 500 pA it still fires at about 41 Hz, and its intervals do not grow after the second.",
    ),
    Measure(
        title="Does it help to tire?",
        stars=3,
        task=r"""
Adaptation costs spikes. Is it good for anything here? Train the Izhikevich network on its sine, with `d=200` as published and with `d=0`. Take the
parameters of `tasks.get("izhikevich/sine")` with $N = 500$, an RLS interval of 2.4 ms, RLS from 0.24 to 1.74 s, and a duration of 3.24 s. Predict which
network has the smaller phase-aligned error when it runs alone.

Measure error and mean rate over the 1.5 s after training, for at least ten networks. Then defend your answer in five lines.
""",
        solution=does_it_help_to_tire,
        explanation=r"""
The noise of the readout is that of a rate times the length of the decoder {eq}`eq-spike-noise`. More spikes of smaller weight make less of it. Whether adaptation
helps with another signal, above all a slow one, is another question. The cell takes a few seconds.
""",
        asked={
            "rate_with": "mean rate with d = 200 (Hz), median over the networks",
            "error_with": "aligned error alone",
            "rate_without": "mean rate with d = 0 (Hz)",
            "error_without": "aligned error alone",
        },
        check=check_does_it_help_to_tire,
        least=10,
        marks=(
            "The claim compares errors, with the number of networks.",
            "The rates are named: a network without adaptation fires about twice as often.",
            "Another explanation is given that the measurement does not rule out, such as the shape of the curve.",
        ),
    ),
]
