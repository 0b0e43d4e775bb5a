"""Exercises of chapter 5."""

import numpy as np
from brian2 import second

import forcelib
from forcebook.exercises.base import Function, Hint, close


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
        if np.shape(found) != (2,):
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
        if close(found, _measures_all(training, small, seed), rtol=2e-3):
            raise Hint(
                f"{where}: that is measured over the whole run, training included, not over its last second."
            )
        raise Hint(f"{where}: expected {expected[0]:.3f} Hz and amplitude {expected[1]:.3f}.")
    return (
        f"For seed {seed}: {'; '.join(said)}. One period, 80 updates, already leaves a sine, though not yet its "
        "frequency; a quarter of a period leaves no oscillation, only a constant."
    )


def _stops_too_soon(training, parameters, seed):
    changed = parameters.replace(rls_stop=training * second, duration=(training + 2) * second)
    alone = forcelib.run(seed=seed, parameters=changed).between((training + 1) * second).oscillation()
    return alone.frequency, alone.amplitude.mean()


def _measures_all(training, parameters, seed):
    stop = parameters.rls_start + training * second
    changed = parameters.replace(rls_stop=stop, duration=stop + 2 * second)
    everything = forcelib.run(seed=seed, parameters=changed).oscillation()
    return everything.frequency, everything.amplitude.mean()


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
]
