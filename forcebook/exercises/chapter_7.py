"""Exercises of chapter 7."""

import numpy as np
from brian2 import ms, second

import forcelib
from forcebook.exercises.base import ByHand, Function, Hint, Measure, Mend, altered, close
from forcelib import teachers


def decide(z, threshold, start):
    """Return the state, 1 or -1, at each sample of the readout z.

    It becomes 1 where z is above `threshold`, and -1 where z is below
    -threshold. Between these it stays as it was; `start` is the state
    before the first sample.
    """
    state, states = start, []
    for value in z:
        if value > threshold:
            state = 1
        elif value < -threshold:
            state = -1
        states.append(state)
    return np.array(states)


def check_decide(answer):
    """Raise a hint if the answer is wrong."""
    random = np.random.default_rng(7)
    slow = np.sin(np.linspace(0, 9, 300))
    for z, threshold, start in (
        (np.array([0.2, 0.9, 0.3, -0.3, -0.9, 0.1]), 0.5, -1),
        (slow + 0.2 * random.standard_normal(300), 0.6, 1),
        (0.3 * slow, 0.4, 1),
    ):
        found, right = answer(z, threshold, start), decide(z, threshold, start)
        where = f"For {len(z)} samples, a threshold of {threshold} and a start at {start}"
        if close(found, right):
            continue
        if np.shape(found) == () and not isinstance(found, (str, dict)):
            raise Hint(f"{where}: return a state for each sample, not one alone.")
        if close(found, np.sign(z)):
            raise Hint(f"{where}: that is the sign of each sample, which flickers near zero.")
        if close(found, np.where(np.abs(z) > threshold, np.sign(z), 0)):
            raise Hint(f"{where}: between the thresholds the state is not 0. It is what it was before.")
        if close(found, np.where(np.abs(z) > threshold, np.sign(z), start)):
            raise Hint(
                f"{where}: between the thresholds you return to the start. Carry the last state along."
            )
        if close(found, decide(z, threshold, -start)) or close(found, decide(z, threshold, 0)):
            raise Hint(f"{where}: the first samples are wrong. Begin with the state that is given.")
        raise Hint(f"{where}: expected {right[:6]} as the first states, as an array of {len(z)} numbers.")
    return "Two thresholds in place of one are called hysteresis. The network has it in its loop."


def shortest_pulse():
    towards = (-40 - -44) / 10
    print(f"v must go {towards:.0%} of the way to where it heads")
    return 10 * ms * np.log(1 / (1 - towards))


def bumps_of(t, m, period):
    """Return the m lines of an HDTS at the times t, of shape (len(t), m).

    Line k is |sin(pi m t / period)| during the k-th of the m equal parts
    of the period, and zero else; after the period it begins anew.
    """
    phase = m * t / period
    signal = np.zeros((len(t), m))
    line = np.floor(phase).astype(int) % m
    signal[np.arange(len(t)), line] = np.abs(np.sin(np.pi * phase))
    return signal


def check_bumps_of(answer):
    """Raise a hint if the answer is wrong."""
    for m, period, stop in ((3, 0.3, 0.29), (7, 1.4, 1.39), (4, 1.0, 2.7)):
        t = np.arange(0.003, stop, 0.007)
        found, right = answer(t, m, period), bumps_of(t, m, period)
        where = f"For {m} lines in {period} s, up to {stop} s"
        if close(found, right, atol=1e-9):
            continue
        shape = np.shape(found) if isinstance(found, np.ndarray) else ()
        if shape == right.T.shape and close(found, right.T, atol=1e-9):
            raise Hint(f"{where}: time runs along the first axis, and the lines along the second.")
        if shape != right.shape:
            raise Hint(f"{where}: return an array of shape {right.shape}, not {shape}.")
        if close(np.abs(found), right, atol=1e-9):
            raise Hint(f"{where}: every other bump is upside down. Take the size of the sine.")
        if close(found, np.abs(np.sin(np.pi * m * t / period))[:, None] * np.ones(m), atol=1e-9):
            raise Hint(f"{where}: all lines have all bumps. Each line has only the bump of its own part.")
        if close(found, (right > 0) * 1.0, atol=1e-9):
            raise Hint(f"{where}: these are steps. A bump is half a sine.")
        if close(found[t < period], right[t < period], atol=1e-9):
            raise Hint(
                f"{where}: the first period is right, the next is not. Which line comes after the last?"
            )
        raise Hint(f"{where}: line 0 must be {right[5, 0]:.3f} at {t[5]:.3f} s.")
    return "At any time one line alone speaks, so the network is told the time by who speaks."


def heard_spikes(x, W, tau_m, dt):
    """Return the times (s) at which a neuron spikes that hears x.

    Its constant input would hold it at -44, just below the threshold.
    """
    v, times = -44.0, []
    for n, heard in enumerate(x):
        v += dt / tau_m * (-44.0 - v + W * heard)
        if v >= -40.0:
            v = -65.0
            times.append((n + 1) * dt)
    return np.array(times)


DEAF = ("(-44.0 - v + W * heard)", "(-44.0 - v) + dt * W * heard")


def check_spike_times(answer):
    """Try inputs of several shapes, time steps and time constants."""
    others = {
        "You add the whole input in each step, so a smaller time step makes it stronger.": (
            DEAF[0],
            "(-44.0 - v) + W * heard",
        ),
        "That is right for a membrane of 10 ms only.": (DEAF[0], "(-44.0 - v) + 100 * dt * W * heard"),
        "The input has the wrong sign.": ("+ W * heard", "- W * heard"),
        "After a spike the potential must go to the reset at -65.": ("v = -65.0", "v = -44.0"),
    }
    for dt, tau_m, W, length in ((1e-4, 0.01, 10, 0.05), (5e-5, 0.01, 25, 0.1), (1e-4, 0.02, 30, 0.2)):
        t = np.arange(round(length / dt)) * dt
        x = (t > 0.01) * (1 + 0.3 * np.sin(60 * t))
        case = (x, W, tau_m, dt)
        found, right = answer(*case), heard_spikes(*case)
        where = f"With tau_m = {tau_m} s, W = {W} and steps of {dt} s"
        if close(found, right, rtol=0, atol=1e-9):
            continue
        for words, change in others.items():
            if close(found, altered(heard_spikes, change)(*case), rtol=0, atol=1e-9):
                raise Hint(f"{where}: {words}")
        if isinstance(found, np.ndarray) and found.shape == (0,):
            raise Hint(f"{where} it never spikes, and it should {len(right)} times. How far does v move?")
        raise Hint(f"{where} it should spike {len(right)} times, first at {right[0]:.4f} s.")
    return "An input is a current like any other: it stands where the other currents stand."


def least_height():
    def trained(seed):
        """Train a memory of one bit for five seconds."""
        state, pulses = teachers.flip_flop(seed=seed)
        parameters = forcelib.Parameters(
            N=500,
            Q_in=10,
            rls_start=0.5 * second,
            rls_stop=5.5 * second,
            duration=5.5 * second,
        )
        return forcelib.run(state, input=pulses, seed=seed, parameters=parameters, progress=False)

    def switches(memory, height, width):
        """Put the memory at -1; tell whether this pulse brings it up."""

        def heard(t):
            reset = -1.0 * ((t >= 0.1) & (t < 0.15))
            return reset + height * ((t >= 0.6) & (t < 0.6 + width))

        run = memory.replayed(1.2 * second, seed=1, input=heard, teacher=0.0, progress=False)
        return run.between(1 * second).readout.mean() > 0

    def least(memory, width):
        """Halve the range of heights again and again."""
        low, high = 0.0, 1.6
        for _ in range(5):
            middle = (low + high) / 2
            if switches(memory, middle, width):
                high = middle
            else:
                low = middle
        return high

    seeds = list(range(1, 11))
    networks = [trained(seed) for seed in seeds]
    long, short = ([least(one, width) for one in networks] for width in (0.1, 0.02))
    measured = {
        "seeds": seeds,
        "long": np.median(long),
        "short": np.median(short),
    }
    print(f"""
1. A shorter pulse must be higher.
2. {np.median(long):.2f} for 100 ms and {np.median(short):.2f} for 20 ms;
   medians over {len(seeds)} networks, heights halved five times.
3. The pulse must last until the readout has passed the unstable fixed
   point. Membrane and filter need time, so in 20 ms it must push harder.
4. Chance: near the threshold noise decides. Five halvings of one fresh
   start do not tell how wide that range is.
5. Networks in which 20 ms need no higher pulse than 100 ms.
""")
    return measured


def check_least_height(found):
    """Compare with what 20 seeds give, a little wider."""
    long, short = found["long"], found["short"]
    if long > short:
        raise Hint('"long" is above "short": are the two exchanged? A long pulse has more time to act.')
    if long > 1 or short > 1.6:
        raise Hint("These are too high: is it a current, height times Q_in? Give the height of the pulse.")
    if close(long, short, rtol=0.05):
        raise Hint("Both are equal. Does the width of your second pulse change?")
    if not LONG[0] < long < LONG[1]:
        raise Hint('"long" is not plausible. Start at -1, and look half a second after the pulse.')
    if not SHORT[0] < short < SHORT[1]:
        raise Hint('"short" is not plausible. Is it a pulse of 20 ms, with Q_in = 10?')
    return "A memory must ignore what is weak or short, and that has its price. Now mark your defence."


#: What medians of ten networks may be.
LONG, SHORT = (0.08, 0.4), (0.3, 1.4)


EXERCISES = [
    Function(
        title="Read the bit",
        stars=1,
        task=r"""The readout of the memory is noisy, and it needs some time to switch. Who reads the bit should not flicker. Write
`decide(z, threshold, start)`. It gets samples `z` of the readout, and returns the state at each of them as an array. The state becomes 1
where `z` is above `threshold`, and $-1$ where `z` is below `-threshold`. Between the two it stays as it was.""",
        solution=decide,
        explanation=r"""The state of one sample is needed for the next, so it is carried along. The threshold must be larger than the
noise of the readout, and smaller than the size of the fixed points.""",
        check=check_decide,
    ),
    ByHand(
        title="How long must a pulse be?",
        stars=2,
        task=r"""
On paper. A neuron of this book ($\tau_m = 10$ ms, threshold $-40$) has a constant input that holds it at $-44$. It rests
there. Then a pulse of height 1 arrives, through an input weight $W = 10$. How long must the pulse last, at least, for the
neuron to spike? Leave out all other inputs.
""",
        solution=shortest_pulse,
        explanation=r"""
1. During the pulse the potential heads for $-44 + 10 = -34$.
2. It goes there exponentially {eq}`eq-solution`: $v(t) = -34 - 10\, e^{-t/\tau_m}$.
3. It reaches the threshold when $e^{-t/\tau_m} = 0.6$, at $t = \tau_m \ln(1 / 0.6)$.
""",
        unit="second",
        slips={
            "That is the time until 60 % of the way. Which part of the way is it to the threshold?": 0.0091629,
            "You took the logarithm to base 10.": 0.0022185,
            "You started at the reset, -65. The neuron rests at -44 when the pulse comes.": 0.0164205,
            "That is with the decay time of the synaptic filter. An input reaches the membrane directly.": 0.0102165,
            "The potential does not rise along a straight line: it slows down.": 0.004,
        },
        meaning="A pulse of 2 ms through the same weight leaves this neuron silent.",
    ),
    Function(
        title="A clock of many lines",
        stars=2,
        task=r"""Write `bumps_of(t, m, period)`, the high-dimensional temporal signal of this page. It gets an array of times `t` (in
seconds, not negative), the number of lines `m`, and the `period` (in seconds). It returns an array of shape `(len(t), m)`. Count lines
from 0.""",
        solution=bumps_of,
        explanation=r"""$m t / T$ counts bumps. Its whole part, modulo $m$, is the line whose turn it is, and $|\sin(\pi m t / T)|$ has
one bump between each two whole numbers. All other lines are zero.""",
        check=check_bumps_of,
    ),
    Mend(
        title="A deaf neuron",
        stars=2,
        task=r"""
This program computes the spikes of one neuron with an input `x`. The neuron should be driven far above its threshold, but
it does not seem to hear anything. The program has one fault. Find it, and mend it.
""",
        solution=heard_spikes,
        explanation=r"""
The input is a current. In the equation of the membrane {eq}`eq-membrane` all currents stand together, and $\Delta t / \tau_m$
multiplies their sum. Outside the bracket the input was multiplied by $\Delta t$ alone, and so was a hundred times too weak.
""",
        check=check_spike_times,
        fault=DEAF,
        symptom="The neuron hears hardly anything. Print v during the input.",
    ),
    Measure(
        title="How loud must you knock?",
        stars=3,
        task=r"""
How high must a pulse be to switch the memory of this page, and does it depend on its length? Train networks of 500 neurons
with $Q_\mathrm{in} = 10$, as the page does, for five seconds each. Put each at $-1$ with a pulse of height $-1$ and 50 ms. Half a second
later give it a pulse that lasts 100 ms, and find the least height that switches it. Then do the same for 20 ms. Predict which
needs more, and how much.

Do it for at least ten networks. Then defend your answer in five lines.
""",
        solution=least_height,
        explanation=r"""
`replayed` begins each trial from the same fresh state, so that one height can be compared with another. Halving the range
five times is enough for this question. The cell takes some ten seconds.
""",
        asked={
            "long": "least height for 100 ms, median over the networks",
            "short": "least height for 20 ms",
        },
        check=check_least_height,
        least=10,
        marks=(
            "The claim compares both lengths, with the number of networks.",
            "The reason speaks of an unstable fixed point that must be passed, or of membrane and filter, which need time.",
            "It is said how exact the heights are.",
        ),
    ),
]
