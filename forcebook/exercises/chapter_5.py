"""Exercises of chapter 5."""

import numpy as np
from brian2 import second

import forcelib
from forcebook.exercises.base import ByHand, Function, Hint, Measure, Mend, altered, close


def clock_error(frequency, target, t):
    """Return the RMS error against the clock around `t` seconds."""
    theta = 2 * np.pi * (frequency - target) * t
    return np.sqrt(2) * np.abs(np.sin(theta / 2))


def check_clock_error(answer):
    """Raise a hint if the answer is wrong."""
    for frequency, target, t in ((5.02, 5.0, 3.0), (4.97, 5.0, 10.0), (10.01, 10.0, 70.0)):
        where = f"For {frequency} Hz against {target} Hz after {t} s"
        found, expected = answer(frequency, target, t), clock_error(frequency, target, t)
        cycles = (frequency - target) * t
        if close(found, expected, rtol=1e-3):
            continue
        if close(found, np.sqrt(2) * abs(np.sin(cycles / 2)), rtol=1e-3):
            raise Hint(f"{where}: that takes periods for a phase in radians; where is the factor 2 pi?")
        if close(found, np.sqrt(2) * abs(np.sin(2 * np.pi * cycles)), rtol=1e-3):
            raise Hint(f"{where}: compare the argument of your sine with that of the equation, theta / 2.")
        if close(found, np.sqrt(2) * abs(np.pi * cycles), rtol=1e-3):
            raise Hint(f"{where}: that grows for ever; it holds for small phases only.")
        if close(found, -expected, rtol=1e-3):
            raise Hint(f"{where}: an error that is a root of a mean square cannot be negative.")
        raise Hint(f"{where}: expected an error of about {expected:.3f}, as one number.")
    return "A sine that is off by 0.05 Hz is half a period off after 10 s, and in step again after 20 s."


def amplitude_and_phase(z, t, f):
    """Return amplitude and phase (radians) of samples `z` at times `t`."""
    dt = t[1] - t[0]
    periods = np.floor(len(t) * dt * f + 1e-6)
    samples = round(periods / (f * dt))
    mean = np.mean(z[:samples] * np.exp(-2j * np.pi * f * t[:samples]))
    return np.abs(mean) * 2, np.angle(2j * mean)


def check_amplitude_and_phase(answer):
    """Raise a hint if the answer is wrong."""
    cases = (
        # amplitude, phase, offset, frequency, start and length in seconds
        (1.0, 0.0, 0.0, 5.0, 0.0, 1.0),
        (0.8, 1.2, 0.0, 5.0, 0.0, 1.0),
        (1.3, -2.0, 0.0, 4.0, 7.3, 2.0),
        (0.7, 0.5, 0.6, 5.0, 0.0, 0.75),
    )
    for amplitude, phase, offset, f, start, length in cases:
        t = start + np.arange(round(length * 2000)) / 2000
        z = offset + amplitude * np.sin(2 * np.pi * f * t + phase)
        where = f"For a sine of amplitude {amplitude} and phase {phase} at {f:g} Hz, {length:g} s of it"
        where += f" with the constant {offset} added" if offset else ""
        found = answer(z, t, f)
        try:
            a, theta = (float(value) for value in found)
        except (TypeError, ValueError):
            raise Hint(f"{where}: return two numbers, the amplitude and the phase.") from None
        turned = np.angle(np.exp(1j * (theta - phase)))
        if close(a, amplitude, rtol=2e-3) and abs(turned) < 3e-3:
            continue
        if close(a, amplitude / 2, rtol=2e-3):
            raise Hint(
                f"{where}: the amplitude comes out half as large. A sine is made of two exponentials, of f and -f; "
                "the mean keeps one of them."
            )
        if close(a, amplitude, rtol=2e-3) and abs(abs(turned) - np.pi / 2) < 3e-3:
            raise Hint(f"{where}: your phase is a quarter of a period off: it is that of a cosine.")
        if close(a, amplitude, rtol=2e-3) and abs(np.angle(np.exp(1j * (theta + phase)))) < 3e-3:
            raise Hint(f"{where}: your phase has the wrong sign.")
        if (
            close(a, amplitude, rtol=2e-3)
            and start
            and abs(np.angle(np.exp(1j * (turned - 2 * np.pi * f * start)))) < 3e-3
        ):
            raise Hint(
                f"{where}, beginning at {start} s: count the phase from t = 0, not from the first sample."
            )
        if offset:
            raise Hint(
                f"{where}: the mean over a part of a period does not vanish. Use only as many samples from the "
                "beginning as make whole periods."
            )
        raise Hint(f"{where}: expected ({amplitude}, {phase}), not ({a:.3f}, {theta:.3f}).")
    return "Taken in a window that moves along, this is how `result.oscillation` follows a drifting phase."


def trained_for(training, parameters, seed):
    """Return frequency (Hz) and amplitude 1 to 2 s after the training."""
    stop = parameters.rls_start + training * second
    changed = parameters.replace(rls_stop=stop, duration=stop + 2 * second)
    result = forcelib.run(seed=seed, parameters=changed)
    alone = result.between(stop + 1 * second).oscillation()
    return alone.frequency, alone.amplitude.mean()


def _small():
    """Return the small network of chapter 4, which starts to learn after half a second."""
    return forcelib.Parameters(
        N=500, G=0.08, Q=30, balanced=True, alpha=5e-5, gain="textbook", rls_start=0.5 * second
    )


def check_trained_for(answer):
    """Raise a hint if the answer is wrong."""
    small, seed = _small(), 1
    said = []
    for training in (1.0, 0.2, 0.05):
        found, expected = answer(training, small, seed), trained_for(training, small, seed)
        where = f"After {training:g} s of training with seed {seed}"
        said.append(f"after {training:g} s of training amplitude {expected[1]:.2f}")
        try:
            two_numbers = np.shape(found) == (2,)
        except ValueError:  # one of the two is an array
            raise Hint(
                f"{where}: `amplitude` has a value at each moment. Return the frequency and the mean of these."
            ) from None
        if not two_numbers:
            raise Hint(f"{where}: return two numbers, the frequency and the mean amplitude.")
        if close(found, expected, rtol=2e-3):
            continue
        # Where the sine has died, its frequency is that of noise.
        if expected[1] < 0.1 and close(found[1], expected[1], rtol=0, atol=0.02):
            continue
        if close(found, expected[::-1], rtol=2e-3):
            raise Hint(f"{where}: the frequency comes first, the amplitude second.")
        if training > float(small.rls_start) and close(
            found, _stops_too_soon(training, small, seed), rtol=2e-3
        ):
            raise Hint(
                f"{where}: `rls_stop` is a time on the clock; training begins at `rls_start`, not at 0."
            )
        if close(found, _measures_both(training, small, seed), rtol=2e-3):
            raise Hint(f"{where}: that is measured over both seconds alone. Take the second one only.")
        if close(found, _measures_all(training, small, seed), rtol=2e-3):
            raise Hint(
                f"{where}: that is measured over the whole run, training included, not over its last second."
            )
        raise Hint(f"{where}: expected {expected[0]:.3f} Hz and amplitude {expected[1]:.3f}.")
    return (
        f"For seed {seed}: {'; '.join(said)}. One period, 79 updates, already leaves a sine, though not yet its "
        "frequency; a quarter of a period leaves no oscillation, only a constant."
    )


def _stops_too_soon(training, parameters, seed):
    changed = parameters.replace(rls_stop=training * second, duration=(training + 2) * second)
    alone = forcelib.run(seed=seed, parameters=changed).between((training + 1) * second).oscillation()
    return alone.frequency, alone.amplitude.mean()


def _measures_both(training, parameters, seed):
    stop = parameters.rls_start + training * second
    changed = parameters.replace(rls_stop=stop, duration=stop + 2 * second)
    alone = forcelib.run(seed=seed, parameters=changed).between(stop).oscillation()
    return alone.frequency, alone.amplitude.mean()


def _measures_all(training, parameters, seed):
    stop = parameters.rls_start + training * second
    changed = parameters.replace(rls_stop=stop, duration=stop + 2 * second)
    everything = forcelib.run(seed=seed, parameters=changed).oscillation()
    return everything.frequency, everything.amplitude.mean()


def lost_in_phase():
    spread = np.degrees(np.sqrt(2 * np.log(2)))
    print(f"the spread must be {spread:.1f} degrees")
    return (spread / 12) ** 2 * second


def frequency_of(z, t, target):
    """Return the frequency (Hz) of a readout that is near `target`."""
    period = round(1 / (target * (t[1] - t[0])))
    turned = z * np.exp(-2j * np.pi * target * t)
    sums = np.cumsum(np.append(0, turned))
    slow = (sums[period:] - sums[:-period]) / period
    phase = np.unwrap(np.angle(slow))
    slope = np.polyfit(t[: len(phase)], phase, 1)[0]
    return target + slope / (2 * np.pi)


WRAPPED = ("np.unwrap(np.angle(slow))", "np.angle(slow)")


def check_frequency_of(answer):
    """Try sines that stay near the target, that slip by many periods, and one whose phase sways."""
    broken = altered(frequency_of, WRAPPED)
    one_turn = altered(frequency_of, (WRAPPED[0], "np.angle(slow) % (2 * np.pi)"))
    for target, offset, sway, length in (
        (5.0, 0.02, 0.0, 4.0),
        (5.0, -0.1, 0.0, 8.0),
        (5.0, 0.3, 0.0, 8.0),
        (10.0, 0.07, 1.0, 20.0),
    ):
        t = np.arange(round(1000 * length)) / 1000
        z = np.sin(2 * np.pi * (target + offset) * t + sway * np.cos(0.2 * np.pi * t))
        case = (z, t, target)
        got, right = answer(*case), frequency_of(*case)
        where = f"For {length:g} s of a sine of {target + offset:g} Hz"
        where += " with a phase that sways" if sway else ""
        plain = np.asarray(got)
        if hasattr(got, "dim") or plain.shape != () or plain.dtype.kind not in "fiu":
            raise Hint("Return one plain number, in hertz.")
        if close(got, right, rtol=0, atol=2e-3):
            continue
        if close(got, broken(*case), rtol=0, atol=1e-4):
            raise Hint(
                f"{where} and a target of {target:g} Hz the program still finds {float(got):.3f} Hz. Over that time its phase "
                f"slips by {360 * abs(offset) * length:.0f} degrees. Plot it."
            )
        if close(got, one_turn(*case), rtol=0, atol=1e-4):
            raise Hint(
                f"{where} you find {float(got):.3f} Hz. A phase between 0 and 2 pi jumps, too. Plot it."
            )
        if offset < 0 and close(got, target - offset, rtol=0, atol=2e-3):
            raise Hint(f"{where} you find one above the target. Networks can be slow, too: keep the sign.")
        if close(got, 2 * target - right, rtol=0, atol=2e-3):
            raise Hint(f"{where} you find a frequency on the other side of the target: a sign has changed.")
        if close(got, target, rtol=0, atol=1e-6):
            raise Hint(f"{where} you return the target itself.")
        if close(got - target, 2 * np.pi * (right - target), rtol=0.02):
            raise Hint(f"{where} the deviation is 2 pi times too large: a phase is in radians.")
        if close(got - target, np.degrees(right - target), rtol=0.02):
            raise Hint(f"{where} the slope is in degrees, but it is divided by the 2 pi radians of a turn.")
        if sway:
            raise Hint(f"{where} you find {float(got):.3f} Hz. The whole readout counts, not a part of it.")
        raise Hint(f"{where} you find {float(got):.3f} Hz.")
    return "A phase can now slip by any number of turns. `oscillation` unwraps it, too."


def feedback_as_reserve():
    def amplitudes(Q, seed):
        """Train, and run on whole or with a tenth of the neurons silenced."""
        parameters = forcelib.Parameters(
            N=500,
            G=0.08,
            Q=Q,
            balanced=True,
            alpha=5e-5,
            gain="textbook",
            rls_start=0.5 * second,
            rls_stop=2.5 * second,
            duration=2.5 * second,
        )
        run = forcelib.run(seed=seed, parameters=parameters, progress=False)
        tenth = np.random.default_rng(seed).permutation(500)[:50].tolist()
        alone = (run.continued(2 * second, silenced=ids) for ids in (tenth[:0], tenth))
        return [one.between(3.5 * second).oscillation().amplitude.mean() for one in alone]

    seeds = list(range(1, 11))
    weak, strong = (np.median([amplitudes(Q, seed) for seed in seeds], axis=0) for Q in (15, 60))
    measured = {
        "seeds": seeds,
        "whole_15": weak[0],
        "tenth_15": weak[1],
        "whole_60": strong[0],
        "tenth_60": strong[1],
    }
    print(f"""
1. Yes: with stronger feedback the same loss costs less amplitude.
2. {weak[0]:.2f} to {weak[1]:.2f} at Q = 15,
   {strong[0]:.2f} to {strong[1]:.2f} at Q = 60;
   medians over {len(seeds)} networks, one draw of neurons each.
3. The loss takes a tenth from the loop, and the slope mu must make up for
   it. Driven strongly, neurons are far up their f-I curves, so a slightly
   smaller swing already has the slope that is needed.
4. Networks at Q = 60 might just have learned a larger amplitude. They
   have not: whole, both are near 1.
5. The same amplitude after the loss at both Q, in most networks.
""")
    return measured


def check_feedback_as_reserve(found):
    """Compare with medians of ten of 60 seeds, a little wider: networks differ much."""
    whole, tenth = (np.array([found[f"{name}_{Q}"] for Q in (15, 60)]) for name in ("whole", "tenth"))
    if np.all(whole < tenth):
        raise Hint("Whole and damaged networks are exchanged.")
    if np.any(whole > 1.2):
        raise Hint(
            "An amplitude of a whole network is too large: the target has amplitude 1. Is it a range, or a sum?"
        )
    if np.all((whole > 0.6) & (whole < 0.8)):
        raise Hint("That looks like an RMS value: the amplitude of a sine is larger by the root of 2.")
    if np.any(whole < 0.9):
        raise Hint("A whole network is too weak: has it learned for two seconds, with the textbook gain?")
    if np.all(tenth > 0.95):
        raise Hint(
            "Nothing was lost. `silenced` takes the numbers of the neurons, 50 of 500, chosen anew for each network."
        )
    if tenth[0] > tenth[1]:
        raise Hint(
            "More is left at Q = 15 than at 60: are the two exchanged? Or is it what was lost, or too few networks?"
        )
    if not 0.05 < tenth[0] < 0.65:
        raise Hint(
            '"tenth_15" is not plausible. Measure in the second second after the loss, when it has settled.'
        )
    if not 0.45 < tenth[1] < 0.92:
        raise Hint(
            '"tenth_60" is not plausible. Measure in the second second after the loss, when it has settled.'
        )
    return "Strong feedback is a reserve. Now mark your defence by the three points."


EXERCISES = [
    Function(
        title="The error of a slow clock",
        stars=1,
        task=r"""A network has kept a perfect sine of amplitude 1, but its frequency is not quite that of the target. At
$t = 0$ the two were in step. Write `clock_error(frequency, target, t)`. It returns the RMS error against the clock over the period around
the time `t` (in seconds). `frequency` and `target` are in hertz. Use the error of a mere phase {eq}`eq-phase-error`. Over one period you
may take the phase $\theta$ as constant.""",
        solution=clock_error,
        explanation=r"""A frequency that is off by $\delta f$ gains $\delta f\, t$ periods in the time $t$. That is a phase of
$2\pi\, \delta f\, t$ radians, and the error of a mere phase {eq}`eq-phase-error` does the rest. The error rises to $\sqrt{2}$ when the sine
is half a period off. It falls to zero when the sine is a whole period off. So a small error late in a run does not prove that the frequency
was kept.""",
        check=check_clock_error,
    ),
    ByHand(
        title="When is the time lost?",
        stars=2,
        task=r"""
On paper. A trained network has exactly the right frequency and amplitude, but its phase diffuses. Over many futures the
phases are normally distributed about zero, with a standard deviation of 12 degrees after 1 s. After which time is the RMS
error against the clock, over all futures, as large as that of a readout of zero? For a normally distributed phase of
standard deviation $\sigma$ (in radians), $\langle \cos\theta \rangle = e^{-\sigma^2/2}$.
""",
        solution=lost_in_phase,
        explanation=r"""
1. The mean square error at a phase $\theta$ is $1 - \cos\theta$ {eq}`eq-phase-error`. Over the futures it is
   $1 - e^{-\sigma^2/2}$.
2. A readout of zero has the mean square error $1/2$. So $e^{-\sigma^2/2} = 1/2$, and $\sigma = \sqrt{2 \ln 2}$ radians.
3. The spread grows as the root of time {eq}`eq-drift`, $\sigma(t) = 12^\circ \sqrt{t / 1\,\mathrm{s}}$. Solve for $t$,
   in degrees or in radians, but not in both.
4. The error goes on to grow, towards 1 and not $\sqrt{2}$: of futures out of step, some are still in step by chance.
""",
        unit="second",
        slips={
            "You let all futures have one phase, 60 degrees. They are spread: average the cosine.": 25.0,
            "You took 1 - cos as half the square of the phase. At this size that is too much.": 22.797,
            "The spread grows as the root of time, and not in proportion to it.": 5.6218,
            "You put 1/sqrt(2) for the mean square error. Square it first.": 55.99,
            "Degrees and radians are mixed.": 0.0096270,
        },
        meaning="Long before that, single futures are out of step. A mean over futures is patient.",
    ),
    Function(
        title="Measure amplitude and phase",
        stars=2,
        task=r"""Write `amplitude_and_phase(z, t, f)`. It gets samples `z` of $a \sin(2\pi f t + \theta)$, perhaps with a constant added.
The times `t` (in seconds) are evenly spaced, and `f` is the frequency (in hertz). It returns $a$ and $\theta$, which is in radians, with any
multiple of $2\pi$ added or not. Multiply `z` by $e^{-2\pi \mathrm{i} f t}$ and take the mean. The size of the result holds the amplitude, and
its angle the phase. The samples may end within a period, and there are at least two whole ones.""",
        solution=amplitude_and_phase,
        explanation=r"""$a \sin(2\pi f t + \theta) = \frac{a}{2\mathrm{i}} \big( e^{\mathrm{i}\theta} e^{2\pi \mathrm{i} f t} -
e^{-\mathrm{i}\theta} e^{-2\pi \mathrm{i} f t} \big)$. The multiplication turns the first term into a constant,
$a\, e^{\mathrm{i}\theta} / 2\mathrm{i}$, and the second into an oscillation at $2f$. Over whole periods that oscillation has mean zero, and so
has any constant in `z`. So $2\mathrm{i}$ times the mean is $a\, e^{\mathrm{i}\theta}$.""",
        check=check_amplitude_and_phase,
    ),
    Mend(
        title="A clock that loses turns",
        stars=2,
        task=r"""
This program measures the frequency of a readout, as this page does: it turns the readout back by the target, averages
over a period, and takes the slope of the phase. For a readout near the target it is right. For one that slips far, it
finds a wrong frequency, and often one much too near to the target. The program has one fault. Find it, and mend it.
""",
        solution=frequency_of,
        explanation=r"""
`np.angle` returns a phase between $-\pi$ and $\pi$. Whenever the true phase passes that border, it jumps back by a whole
turn, and a line through such a saw is nearly flat. `np.unwrap` puts the turns back, provided that the phase changes by
less than half a turn from sample to sample.
""",
        check=check_frequency_of,
        fault=WRAPPED,
    ),
    Function(
        title="How much training is enough?",
        stars=2,
        task=r"""Five seconds are twenty-five periods. Would fewer do? Write `trained_for(training, parameters, seed)`. It trains a network
drawn with `seed` on the default sine for `training` seconds, counted from `parameters.rls_start`. Then it lets the network run alone for 2 s
more. It returns the frequency (in hertz) and the mean amplitude of the readout in the last second. Cut that second out with `between`, and
ask the span for its `oscillation`.

The checker uses the small network of [chapter 4](04_rls.ipynb), with `rls_start=0.5 * second`. Guess first: how many periods of training does
the sine need to survive?""",
        solution=trained_for,
        explanation=r"""`rls_stop` and `duration` are times on the clock of the run, so both count from `rls_start`. Call your function for
a range of times, and for several seeds. Look at amplitude and frequency separately, because they do not become right at the same time.""",
        check=check_trained_for,
    ),
    Measure(
        title="A reserve against loss",
        stars=3,
        task=r"""
The network of this page lost a good part of its amplitude with a tenth of its neurons. Would stronger feedback give it a
reserve? Take networks of 500 neurons with balanced weights, $G = 0.08$ s, the textbook gain and $\alpha = 5 \cdot 10^{-5}$
s², and train them on the default sine from 0.5 to 2.5 s, once with $Q = 15$ and once with $Q = 60$. Let each run on for 2 s,
whole and with a random tenth silenced. Predict which of them keeps more.

Measure the mean amplitude of the last of these seconds, for at least ten networks. They differ much. Then defend your answer
in five lines.
""",
        solution=feedback_as_reserve,
        explanation=r"""
By the condition {eq}`eq-loop` a smaller eigenvalue needs a larger slope, and only a smaller swing has it. How much smaller
it must be depends on how the slope falls with the swing. The cell takes some seconds.
""",
        asked={
            "whole_15": "amplitude at Q = 15, median over the networks",
            "tenth_15": "with a tenth silenced",
            "whole_60": "amplitude at Q = 60",
            "tenth_60": "with a tenth silenced",
        },
        check=check_feedback_as_reserve,
        least=10,
        marks=(
            "The claim compares what is left at both $Q$, with the number of networks.",
            "It is said that the whole networks have equal amplitudes, so that these can be compared.",
            "The reason speaks of the slope of rate against current, or of the loop, and not of loudness alone.",
        ),
    ),
]
