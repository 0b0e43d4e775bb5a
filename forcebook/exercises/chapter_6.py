"""Exercises of chapter 6."""

import numpy as np
from brian2 import Hz, ms, second

import forcelib
from forcebook.exercises.base import ByHand, Function, Hint, Measure, Mend, altered, close
from forcelib import measures, teachers


def clock_hands(t, f, number):
    """Return sine and cosine of f, 2f, 4f and so on, one column each."""
    columns = []
    for k in range(number):
        turn = 2 * np.pi * f * 2**k * t
        columns += [np.sin(turn), np.cos(turn)]
    return np.stack(columns, axis=-1)


def check_clock_hands(answer):
    """Raise a hint if the answer is wrong."""
    t = np.arange(600) / 1000
    for f, number in ((2.0, 1), (0.5, 3), (3.0, 2)):
        found, right = answer(t, f, number), clock_hands(t, f, number)
        where = f"For {number} hands from {f:g} Hz on"
        shape = np.shape(found)
        if close(found, right, atol=1e-6):
            continue
        if shape == right.shape[::-1] and shape != right.shape:
            raise Hint(f"{where}: a row per time and a column per signal, please: yours is turned over.")
        if shape == (len(t), number):
            raise Hint(f"{where}: a hand has two signals, and so {2 * number} columns are asked for.")
        if shape != right.shape:
            raise Hint(f"{where}: the shape must be {right.shape}, not {shape}.")
        if number > 1:
            grown = np.concatenate([clock_hands(t, f * (k + 1), 1) for k in range(number)], axis=-1)
            if number > 2 and close(found, grown, atol=1e-6):
                raise Hint(
                    f"{where}: each hand is twice as fast as the one before: 1, 2, 4, and not 1, 2, 3."
                )
            apart = np.concatenate([right[:, 0::2], right[:, 1::2]], axis=-1)
            if close(found, apart, atol=1e-6):
                raise Hint(f"{where}: keep sine and cosine of one hand beside each other.")
        pairs = right.reshape(len(t), number, 2)[..., ::-1].reshape(right.shape)
        if close(found, pairs, atol=1e-6):
            raise Hint(f"{where}: the sine comes first, then the cosine.")
        if close(found, clock_hands(t, f / (2 * np.pi), number), atol=1e-6):
            raise Hint(f"{where}: a turn has 2 pi radians; your hands are too slow by that factor.")
        raise Hint(f"{where}: the shape is right, the values are not. Plot one column.")
    return "With `teachers.side_by_side` such hands can be added to any teacher."


def loudest_news():
    tau_d = 50 * ms
    return 1 / (2 * np.pi * tau_d)


def update_outputs(P, decoders, r, target):
    """Update all decoders and P with the textbook gain; return both."""
    errors = decoders.T @ r - target
    overshoot = r @ P @ r
    gain = P @ r / (1 + overshoot)
    decoders = decoders - np.outer(gain, errors)
    P = P - np.outer(gain, P @ r)
    return decoders, P


ONE_ERROR = ("errors = decoders.T @ r - target", "errors = np.mean(decoders.T @ r - target)")


def check_update_outputs(answer):
    """Try one, two and three outputs, for several updates in a row."""
    random = np.random.default_rng(1)
    for outputs in (1, 2, 3):
        P, decoders = 0.5 * np.eye(6), random.normal(size=(6, outputs))
        right = P.copy(), decoders.copy()
        where = f"With {outputs} output{'s' * (outputs > 1)}"
        for n in range(3):
            r, target = random.uniform(0.2, 1, 6), random.normal(size=outputs)
            before = right
            right = update_outputs(before[0], before[1], r, target)[::-1]
            found = answer(before[0].copy(), before[1].copy(), r, target)
            try:
                shapes = [np.shape(part) for part in found]
            except (TypeError, ValueError):
                raise Hint("Return two arrays, the decoders and P.") from None
            if len(shapes) != 2:
                raise Hint("Return two arrays, the decoders and P.")
            if shapes == [(6, 6), (6, outputs)]:
                raise Hint("The decoders come first, then P.")
            if shapes != [(6, outputs), (6, 6)]:
                raise Hint(f"{where}: the decoders must keep the shape {(6, outputs)}, and P its own.")
            if not close(found[1], right[0], rtol=1e-8, atol=1e-10):
                raise Hint(f"{where}: P was right in the program as it was. Now its update {n + 1} is not.")
            if close(found[0], right[1], rtol=1e-8, atol=1e-10):
                continue
            moved = np.asarray(found[0]) - before[1]
            if outputs > 1 and np.allclose(moved, moved[:, :1]):
                raise Hint(f"{where}: all decoders still move alike, although their targets differ.")
            if close(-moved, right[1] - before[1], rtol=1e-8, atol=1e-10):
                raise Hint(f"{where}: the decoders move the wrong way. Errors are readout minus target.")
            if outputs > 1 and np.count_nonzero(np.abs(moved).max(axis=0) > 1e-12) == 1:
                raise Hint(f"{where}: one decoder moves, and the others never learn.")
            raise Hint(f"{where}: the decoders are wrong after update {n + 1}.")
    return "One gain, and an error for each output: that is all it takes."


def closest_twins(x, lag, apart):
    """Return the least distance of two memories `apart` or more samples."""
    memory = np.stack([x, np.roll(x, lag)], axis=-1)
    distance = np.linalg.norm(memory[:, None] - memory, axis=-1)
    n = np.arange(len(x))
    steps = np.abs(n[:, None] - n)
    steps = np.minimum(steps, len(x) - steps)
    return distance[steps >= apart].min()


def _present_only(x, lag, apart):
    return closest_twins(x, 0, apart) / np.sqrt(2)


_not_around = altered(closest_twins, ("    steps = np.minimum(steps, len(x) - steps)\n", ""))
_any_pair = altered(closest_twins, ("[steps >= apart]", "[steps >= 1]"))
_strictly = altered(closest_twins, ("[steps >= apart]", "[steps > apart]"))
_squared = altered(closest_twins, (".min()", ".min() ** 2"))


def check_closest_twins(answer):
    """Try sines of several frequencies, and bumps with a pause."""
    t = np.arange(200) / 200
    bumps = np.where(t < 0.5, np.sin(2 * np.pi * t), 0)
    cases = (
        ("a sine of 5 Hz, in steps of 1 ms", np.sin(2 * np.pi * t), 20, 50),
        ("a sine of 1 Hz, in steps of 5 ms", np.sin(2 * np.pi * t), 4, 50),
        ("a random signal", np.sin(2 * np.pi * t) + 0.7 * np.cos(6 * np.pi * t + 0.4), 8, 30),
        ("bumps with a pause, in steps of 1 ms", bumps, 20, 40),
    )
    for name, x, lag, apart in cases:
        found, right = answer(x.copy(), lag, apart), closest_twins(x, lag, apart)
        plain = np.asarray(found)
        if plain.shape != () or plain.dtype.kind not in "fiu" or hasattr(found, "dim"):
            raise Hint("Return one plain number, a distance.")
        where = f"For {name}"
        if close(found, right, rtol=1e-6, atol=1e-9):
            continue
        if close(found, _any_pair(x, lag, apart), rtol=1e-6, atol=1e-9):
            raise Hint(f"{where}: that is the distance of neighbours. Leave out pairs closer than `apart`.")
        if close(found, _strictly(x, lag, apart), rtol=1e-6, atol=1e-9):
            raise Hint(f"{where}: moments that are exactly `apart` steps from each other count too.")
        if close(found, _not_around(x, lag, apart), rtol=1e-6, atol=1e-9):
            raise Hint(f"{where}: the signal is periodic. Its last sample is a neighbour of its first one.")
        if close(found, _present_only(x, lag, apart), rtol=1e-6, atol=1e-9):
            raise Hint(
                f"{where}: that compares the present values alone. Where is the past, `lag` samples ago?"
            )
        if close(found, _squared(x, lag, apart), rtol=1e-6, atol=1e-9):
            raise Hint(f"{where}: that is a squared distance; take its root.")
        raise Hint(f"{where}: expected a distance of {right:.4f}, not {float(found):.4f}.")
    return (
        "The sine of 1 Hz has its twins much nearer than that of 5 Hz. In the pause there are twins without any "
        "difference."
    )


def longer_echo():
    def error(f, tau_d, seed):
        """Train on a sine, and return the relative error alone."""
        parameters = forcelib.Parameters(
            N=500,
            G=0.08,
            Q=30,
            balanced=True,
            alpha=5e-5,
            gain="textbook",
            tau_d=tau_d * ms,
            rls_start=0.5 * second,
            rls_stop=3.5 * second,
            duration=3.5 * second,
        )
        teacher = teachers.sine(f * Hz)
        run = forcelib.run(teacher, seed=seed, parameters=parameters, progress=False)
        alone = run.continued(2 * second, teacher=teacher, progress=False)
        z, x = alone.readout, alone.target
        return measures.waveform_error(z, x, parameters.dt, f * Hz) / x.std()

    seeds = list(range(1, 11))
    slow, fast = (
        [np.median([error(f, tau_d, seed) for seed in seeds]) for tau_d in (20, 60)] for f in (1, 30)
    )
    measured = {
        "seeds": seeds,
        "slow_20": slow[0],
        "slow_60": slow[1],
        "fast_20": fast[0],
        "fast_60": fast[1],
    }
    print(f"""
1. A slower filter helps the slow sine and harms the fast one.
2. 1 Hz: {slow[0]:.2f} to {slow[1]:.2f} as tau_d goes from 20 to 60 ms;
   30 Hz: {fast[0]:.2f} to {fast[1]:.2f}; medians over {len(seeds)} networks.
3. The news of the echo is |Im K(f)|. With the slower filter it is larger
   at 1 Hz, since the echo is older, and smaller at 30 Hz, since less of
   the signal is left.
4. A slower filter also smooths the spikes, which would help at every
   frequency. It does not help at 30 Hz.
5. The same change of the error at both frequencies, in most networks.
""")
    return measured


def check_longer_echo(found):
    """Compare with medians of ten of 30 seeds, a little wider."""
    if found["slow_20"] < found["slow_60"] and found["fast_20"] > found["fast_60"]:
        raise Hint("The two decay times are exchanged, or the two frequencies.")
    if found["slow_20"] < found["slow_60"]:
        raise Hint("1 Hz should be learned better at one of the decay times, by far. Was tau_d set, in ms?")
    if not found["slow_60"] < 0.06:
        raise Hint(
            '"slow_60" is too large. Is the shift in time taken out? Do the networks train for the whole 3 s?'
        )
    if not 0.2 < found["slow_20"] < 1.4:
        raise Hint('"slow_20" is not plausible. Take the median over the networks, which differ much.')
    if not 0.13 < found["fast_20"] < 0.45:
        raise Hint('"fast_20" is not plausible. Is it the relative error, after training, with Q = 30?')
    if not 0.28 < found["fast_60"] < 0.75:
        raise Hint(
            '"fast_60" is not plausible. Divide by the standard deviation of the sine, not by that of z.'
        )
    return (
        "At each frequency the echo foretells the better filter. Now mark your defence by the three points."
    )


EXERCISES = [
    Function(
        title="Hands of a clock",
        stars=1,
        task=r"""Write `clock_hands(t, f, number)`. It gets times `t` (in seconds, an array), the frequency `f` of the slowest hand (in
hertz), and how many hands there are. Each hand turns twice as fast as the one before. It returns an array with a row per time and two columns
per hand, first its sine and then its cosine. So the columns are $\sin 2\pi f t$, $\cos 2\pi f t$, $\sin 4\pi f t$, $\cos 4\pi f t$, and
so on.""",
        solution=clock_hands,
        explanation=r"""The frequencies are $f\, 2^k$ for $k = 0, 1, \dots$ All hands are in step once per turn of the slowest one, so the
clock as a whole has its period.""",
        check=check_clock_hands,
    ),
    ByHand(
        title="The loudest news",
        stars=2,
        task=r"""
On paper. Take a synaptic filter with a decay time of $\tau_d = 50$ ms and a rise so fast that it does not count. Then
$K(f) = 1/(1 + 2\pi \mathrm{i} f \tau_d)$. By the caricature {eq}`eq-signals-echo` the echo of a sine brings news of the size
$|\operatorname{Im} K(f)|$. At which frequency is it largest?
""",
        solution=loudest_news,
        explanation=r"""
1. With $w = 2\pi f \tau_d$, $K = (1 - \mathrm{i} w)/(1 + w^2)$, so $|\operatorname{Im} K| = w/(1 + w^2)$.
2. Its derivative $(1 - w^2)/(1 + w^2)^2$ is zero at $w = 1$. There the news is one half.
3. So $f = 1/(2\pi \tau_d)$. A slower filter is made for slower signals.
""",
        unit="Hz",
        slips={
            "That is 1/tau_d. The transfer function has 2 pi f.": 20.0,
            "That is for the 20 ms of the page; here tau_d is 50 ms.": 7.957747,
            "There |K| is one half. Ask for the imaginary part.": 5.513289,
        },
        meaning="Half of the readout comes back as news. At 20 ms the best frequency is 2.5 times as high.",
    ),
    Mend(
        title="Two outputs, one error",
        stars=2,
        task=r"""
This program is one update of RLS for several outputs, with a column of `decoders` and an entry of `target` for each. For one
output it is right. With two outputs the network learns neither of them. The program has one fault. Find it, and mend it.
""",
        solution=update_outputs,
        explanation=r"""
The outputs share the gain, and not the error {eq}`eq-signals-update`. The mean made one number of all errors, and every decoder
moved by it. If one readout is too high and the other too low by as much, nothing moved at all.
""",
        check=check_update_outputs,
        fault=ONE_ERROR,
        symptom="With one output it is right. Give it two with different targets, and watch both decoders.",
    ),
    Function(
        title="Moments that look alike",
        stars=2,
        task=r"""How near do two moments of a signal come to each other, as a network sees them? Write `closest_twins(x, lag, apart)`. It
gets one period of a periodic signal as samples `x`. The memory of the moment $n$ is the pair $(x_n, x_{n - \mathrm{lag}})$, with the sample
from `lag` steps before. It returns the smallest distance in the plane between two memories, among all moments that are at least `apart`
steps from each other. Count these steps around the period, so that the last sample is one step from the first one.""",
        solution=closest_twins,
        explanation=r"""`np.roll` reads a periodic signal in the past. All distances make a matrix, and so do the steps between the
moments. Around a period of $n$ samples, moments that are $k$ steps apart in one direction are $n - k$ steps apart in the other. The smaller one counts.""",
        check=check_closest_twins,
    ),
    Measure(
        title="A longer echo",
        stars=3,
        task=r"""
If the echo decides, then the decay time of the filter decides which sines are learned. Take networks of 500 neurons with balanced
weights, $G = 0.08$ s, $Q = 30$, the textbook gain and $\alpha = 5 \cdot 10^{-5}$ s². Train them for 3 s on one sine, from 0.5 s on. Let them run alone for 2 s.
Do this for 1 Hz and for 30 Hz, once with $\tau_d = 20$ ms and once with 60 ms. Predict from {eq}`eq-signals-echo` first which
decay time is the better one for each frequency.

Measure the relative error {eq}`eq-relative-error` with `measures.waveform_error`, for at least ten networks. Then defend your answer in five lines.
""",
        solution=longer_echo,
        explanation=r"""
The news $|\operatorname{Im} K|$ moves to lower frequencies as the filter gets slower. The cell takes some seconds. Its medians are those of ten networks.
At 1 Hz the networks differ much, and so the median of the twenty in the chapter is another one.
""",
        asked={
            "slow_20": "relative error at 1 Hz and 20 ms, median over networks",
            "slow_60": "at 1 Hz and 60 ms",
            "fast_20": "at 30 Hz and 20 ms",
            "fast_60": "at 30 Hz and 60 ms",
        },
        check=check_longer_echo,
        least=10,
        marks=(
            "The claim is about both frequencies, with the number of networks.",
            "The prediction from the echo is stated, and compared with what was measured.",
            "Smoothing of the spikes, or another effect of a slow filter, is named as a different explanation.",
        ),
    ),
]
