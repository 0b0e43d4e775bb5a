"""Exercises of chapter 3."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
from brian2 import ms, second

import forcelib
from forcebook.exercises.base import ByHand, Function, Hint, Measure, Mend, altered, close


def coupling_for_radius(radius, p):
    """Return the G (s) that gives a spectral radius (s)."""
    return radius * np.sqrt(p)


def _usual_scale(radius, p):
    return radius


def _divided(radius, p):
    return radius / np.sqrt(p)


def _without_root(radius, p):
    return radius * p


def check_coupling_for_radius(answer):
    """Try several radii and densities."""
    for radius, p in ((0.2, 0.1), (0.04, 0.25), (1.5, 1.0), (0.1, 0.01)):
        got = answer(radius, p)
        if close(got, coupling_for_radius(radius, p)):
            continue
        case = f"For radius = {radius:g} s and p = {p:g}"
        if close(got, _usual_scale(radius, p)):
            raise Hint(f"{case} you return the radius itself. That is right on the usual scale only.")
        if close(got, _divided(radius, p)):
            raise Hint(f"{case} your G gives a larger radius yet: solve for G, do not apply the law again.")
        if close(got, _without_root(radius, p)):
            raise Hint(f"{case} the order of G in p is wrong: the law has a square root of p.")
        raise Hint(f"{case} you return {got!r}: that gives another radius.")
    return (
        "For the spectral radius of 0.126 s that the reference program has at p = 0.1, a network with p = 0.4 needs "
        "twice the G."
    )


def balanced_weights(weights):
    """Return the weights, balanced by scaling the negative ones."""
    excitation = np.maximum(weights, 0).sum(axis=0)
    inhibition = np.maximum(-weights, 0).sum(axis=0)
    both = (excitation > 0) & (inhibition > 0)
    factor = np.ones(len(weights))
    factor[both] = excitation[both] / inhibition[both]
    return np.where(weights < 0, weights * factor, weights)


def _balanced(weights, axis=0, inverted=False, positive=False, at_once=False):
    """Return the weights scaled, or what one of the mistakes makes of them."""
    parts = [np.maximum(sign * weights, 0).sum(axis=axis, keepdims=True) for sign in (1, -1)]
    if at_once:
        parts = [part.sum(keepdims=True) for part in parts]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = parts[1] / parts[0] if positive or inverted else parts[0] / parts[1]
    factor = np.where((parts[0] > 0) & (parts[1] > 0), factor, 1)
    scaled = weights > 0 if positive else weights < 0
    return np.where(scaled, weights * factor, weights)


def _balanced_outgoing(weights):
    return _balanced(weights, axis=1)


def _balanced_inverted(weights):
    return _balanced(weights, inverted=True)


def _balanced_positive(weights):
    return _balanced(weights, positive=True)


def _balanced_at_once(weights):
    return _balanced(weights, at_once=True)


def _balanced_by_shifting(weights):
    connected = weights != 0
    means = weights.sum(axis=0) / np.maximum(connected.sum(axis=0), 1)
    return np.where(connected, weights - means, 0.0)


def check_balanced_weights(answer):
    """Try a small matrix, and ones with a neuron that nobody reaches, excites or inhibits."""
    small = np.array(
        [[0.0, 2.0, 3.0, 1.0], [3.0, 0.0, 1.0, 2.0], [-1.0, -4.0, 0.0, -2.0], [-0.5, -0.5, -6.0, 0.0]]
    )
    lonely = small.copy()
    lonely[:, 3] = 0
    lonely[:2, 0] = 0
    random = np.random.default_rng(3)
    signs = np.where(np.arange(40) < 30, 1.0, -1.0)[:, np.newaxis]
    large = signs * np.abs(random.normal(size=(40, 40))) * (random.random((40, 40)) < 0.3)
    for weights in (small, lonely, large):
        given = weights.copy()
        got = answer(given)
        if not np.array_equal(given, weights):
            raise Hint("Your function changes the matrix that it is given. Return a new one.")
        if close(got, balanced_weights(weights), atol=1e-12):
            continue
        if close(got, _balanced_by_shifting(weights), atol=1e-12):
            raise Hint(
                "You subtract a mean, and some excitatory neurons now inhibit. Scale the negative weights."
            )
        if close(got, _balanced_outgoing(weights), atol=1e-12):
            raise Hint(
                "You balanced what each neuron sends. Balance what it receives: the first index sends."
            )
        if close(got, _balanced_inverted(weights), atol=1e-12):
            raise Hint("Your factor is upside down: the inhibition must become as large as the excitation.")
        if close(got, _balanced_positive(weights), atol=1e-12):
            raise Hint(
                "The sums are zero, but you scaled the excitation. Leave the positive weights as they are."
            )
        if close(got, _balanced_at_once(weights), atol=1e-12):
            raise Hint(
                "One factor for the whole matrix does not balance the individual neuron: take one per column."
            )
        if np.shape(got) == weights.shape and not np.all(np.isfinite(got)):
            raise Hint(
                "There are infinities or NaNs: a neuron that nobody inhibits has no factor, and keeps its weights."
            )
        if np.shape(got) == weights.shape and np.any(np.all(got == 0, axis=0) & np.any(weights != 0, axis=0)):
            raise Hint(
                "A neuron that nobody excites has lost its inhibition. It keeps its weights as they are."
            )
        raise Hint(f"For the weights\n{weights[:4, :4]}\n... you return\n{got!r}")
    return "Whoever excited excites, whoever inhibited inhibits, and a rate that all share has no effect."


def mean_input(weights, spike_neuron, duration):
    """Return the mean excitation and inhibition of each neuron."""
    counts = np.bincount(spike_neuron, minlength=len(weights))
    rates = counts / duration
    excitation = rates @ np.maximum(weights, 0)
    inhibition = rates @ np.minimum(weights, 0)
    return np.array([excitation, inhibition])


def _mean_input(weights, spike_neuron, duration, transposed=False, same=False, counts_only=False):
    counts = np.bincount(spike_neuron, minlength=len(weights))
    rates = counts if counts_only else counts / duration
    if same:
        rates = np.full(len(weights), rates.mean())
    parts = np.maximum(weights, 0), np.minimum(weights, 0)
    return np.array([part @ rates if transposed else rates @ part for part in parts])


def _mean_input_transposed(weights, spike_neuron, duration):
    return _mean_input(weights, spike_neuron, duration, transposed=True)


def _mean_input_of_mean_rate(weights, spike_neuron, duration):
    return _mean_input(weights, spike_neuron, duration, same=True)


def _mean_input_of_counts(weights, spike_neuron, duration):
    return _mean_input(weights, spike_neuron, duration, counts_only=True)


def check_mean_input(answer):
    """Try a network of three neurons, one with silent last neurons, and a larger one."""
    three = np.array([[0.0, 0.2, 0.4], [0.3, 0.0, -0.1], [-0.3, 0.0, 0.0]])
    random = np.random.default_rng(5)
    large = random.normal(size=(30, 30))
    cases = (
        (three, np.array([0, 0, 1, 2, 2, 2]), 0.5),
        (three, np.array([0, 1, 0, 0], dtype=np.uint16), 2.0),
        (large, random.integers(30, size=400), 1.5),
    )
    for weights, spikes, duration in cases:
        case = f"For {len(weights)} neurons, {len(spikes)} spikes and {duration:g} s"
        try:
            got = answer(weights, spikes, duration)
        except ValueError as error:
            if spikes.max() + 1 < len(weights):
                raise Hint(
                    f"{case} your function raises “{error}”. Here the last neuron never spikes: it has a rate, too."
                ) from None
            raise
        right = mean_input(weights, spikes, duration)
        try:
            got = np.array(got, dtype=float)
        except (TypeError, ValueError):
            raise Hint("Return two rows: the excitation of each neuron, and its inhibition.") from None
        if close(got, right, atol=1e-12):
            continue
        if close(got, right.sum(axis=0), atol=1e-12):
            raise Hint(
                f"{case} you return their sum, the mean input. Keep positive and negative weights apart."
            )
        if close(got, np.abs(right), atol=1e-12):
            raise Hint(f"{case} your inhibition is positive. It is an input below zero.")
        if close(got, right[::-1], atol=1e-12):
            raise Hint(f"{case} the rows are exchanged: the excitation comes first.")
        if close(got, _mean_input_transposed(weights, spikes, duration), atol=1e-12):
            raise Hint(f"{case} you sum over the neurons that receive. The first index of the weights sends.")
        if close(got, _mean_input_of_counts(weights, spikes, duration), atol=1e-12):
            raise Hint(f"{case} you weight numbers of spikes. A rate is spikes per second.")
        if close(got, _mean_input_of_mean_rate(weights, spikes, duration), atol=1e-12):
            raise Hint(f"{case} you give all neurons the same rate. Each has its own.")
        raise Hint(f"{case} you return {got!r}.")
    run = _before()
    parts = mean_input(run.reservoir.weights.toarray(), run.spike_neuron, 0.2)
    return (
        f"In the first 0.2 s of the balanced network of seed 1 the mean excitation is {parts[0].mean():.1f}, the mean inhibition "
        f"{parts[1].mean():.1f}, and their sum differs from neuron to neuron by {parts.sum(axis=0).std():.1f} only."
    )


def first_difference(before, kick, duration):
    """Return the seconds until a kick makes a difference."""
    alone = before.continued(duration)
    kicked = before.continued(duration, kick=kick)
    one, other = (
        set(zip(run.spike_step.tolist(), run.spike_neuron.tolist(), strict=True)) for run in (alone, kicked)
    )
    if one == other:
        return np.inf
    return min(one ^ other)[0] * float(before.parameters.dt)


def _first_difference(before, kick, duration, absolute=False, times_only=False, common=False, steps=False):
    alone, kicked = before.continued(duration), before.continued(duration, kick=kick)
    runs = [
        [
            (step, 0 if times_only else neuron)
            for step, neuron in zip(run.spike_step.tolist(), run.spike_neuron.tolist(), strict=True)
        ]
        for run in (alone, kicked)
    ]
    if common:
        differing = [min(a, b) for a, b in zip(*runs, strict=False) if a != b]
    else:
        differing = sorted(set(runs[0]) ^ set(runs[1]))
    if not differing:
        return np.inf
    step = min(differing)[0]
    return step if steps else step * float(before.parameters.dt) + absolute * alone.start


def _difference_on_the_clock(before, kick, duration):
    return _first_difference(before, kick, duration, absolute=True)


def _difference_of_times(before, kick, duration):
    return _first_difference(before, kick, duration, times_only=True)


def _difference_in_common(before, kick, duration):
    return _first_difference(before, kick, duration, common=True)


def _difference_in_steps(before, kick, duration):
    return _first_difference(before, kick, duration, steps=True)


def _difference_minus_the_start(before, kick, duration):
    found, run = first_difference(before, kick, duration), before.continued(duration)
    return found - run.start


def _difference_place_by_place(before, kick, duration, run=0):
    """Take the spike of one of the runs at the first place where the two lists differ."""
    runs = before.continued(duration), before.continued(duration, kick=kick)
    lists = [np.column_stack([x.spike_step, x.spike_neuron]) for x in runs]
    least = min(map(len, lists))
    differing = np.flatnonzero(np.any(lists[0][:least] != lists[1][:least], axis=1))
    if not len(differing):
        return np.inf
    return float(lists[run][differing[0], 0]) * float(before.parameters.dt)


def _shown(value):
    """Write a number without the name of its type."""
    return f"{value:.6g}" if isinstance(value, float | np.number) else repr(value)


@functools.cache
def _before():
    """Return a short run of the network of the chapter."""
    parameters = forcelib.Parameters(N=500, balanced=True, duration=200 * ms)
    return forcelib.run(seed=1, parameters=parameters, train=False, progress=False)


class _Scripted:
    """A run whose two continuations are known: spikes (step, neuron) without a kick, and with one."""

    def __init__(self, alone, kicked):
        before = _before()
        self.parameters, self.state, self.start, self.steps = (
            before.parameters,
            before.state,
            0.0,
            before.steps,
        )
        self.frame = before.continued(10 * ms)
        self.spikes = alone, kicked

    def continued(self, duration, kick=0.0, **options):
        """Return the one continuation or the other."""
        spikes = np.array(self.spikes[bool(np.any(kick))], dtype=np.uint32).reshape(-1, 2)
        return replace(self.frame, spike_step=spikes[:, 0], spike_neuron=spikes[:, 1].astype(np.uint16))


def check_first_difference(answer):
    """Try continuations that are known, then the network itself."""
    kick, dt = np.zeros(500), float(_before().parameters.dt)
    kick[3] = 1.0
    alone = [(2, 4), (10, 3), (40, 0), (90, 7)]
    cases = (
        ("no spike differs", alone, np.inf),
        ("a spike has come one step earlier", [(2, 4), (9, 3), (40, 0), (90, 7)], 9 * dt),
        ("a spike has come later", [(2, 4), (10, 3), (60, 0), (90, 7)], 40 * dt),
        ("another neuron spikes in that step", [(2, 4), (10, 3), (40, 1), (90, 7)], 40 * dt),
        ("there is one more spike, after all others", [*alone, (120, 3)], 120 * dt),
        ("the last spike is missing", alone[:-1], 90 * dt),
    )
    for words, kicked, right in cases:
        case = (_Scripted(alone, kicked), kick, 10 * ms)
        got, words = answer(*case), f"In a test where {words}"
        if close(got, right, rtol=1e-4):
            continue
        if hasattr(got, "dim"):
            raise Hint("Return a plain number of seconds.")
        if np.isinf(right):
            raise Hint(f"{words} you return {_shown(got)}. Return np.inf.")
        if close(got, _difference_in_steps(*case)):
            raise Hint(f"{words} you return {_shown(got)}: that is a number of steps. Return seconds.")
        if close(got, _difference_on_the_clock(*case), rtol=1e-4):
            raise Hint(f"{words} you return the time since the start of the first run. Count from the kick.")
        if close(got, _difference_minus_the_start(*case), rtol=1e-4):
            raise Hint(
                f"{words} you return {_shown(got)}. Steps of a continued run begin at its own start: subtract nothing."
            )
        if close(got, _difference_of_times(*case), rtol=1e-4):
            raise Hint(f"{words} you miss it. A spike is a step and a neuron: compare both.")
        if close(got, _difference_in_common(*case), rtol=1e-4):
            raise Hint(f"{words} you miss it. The runs need not have equally many spikes.")
        if any(close(got, _difference_place_by_place(*case, run=run), rtol=1e-4) for run in (0, 1)):
            raise Hint(
                f"{words}, at {right:g} s, you return {_shown(got)}. Look for the first spike that only one of the runs "
                "has, whichever run that is. Two spikes at the same place of the lists need not belong together."
            )
        raise Hint(f"{words}, at {right:g} s, you return {_shown(got)}.")

    before = _before()
    state, free = before.state, int(np.argmax(before.state.since_spike))
    forced = np.zeros(500)
    forced[free] = 1 + before.parameters.v_threshold - state.v[free]
    found = answer(before, forced, 100 * ms)
    if not close(found, 0.0, atol=2e-4):
        raise Hint(f"A neuron that is lifted over the threshold spikes at once; you return {_shown(found)}.")
    if not close(answer(before, np.full(500, 1e-9), 50 * ms), np.inf):
        raise Hint(
            "A kick of 1e-9 moves no spike within 50 ms. Give the kick to one of the runs, and only that."
        )
    return (
        "In a run of the network, too: one neuron lifted over its threshold makes a difference at once, and a kick of "
        "1e-9 to all 500 makes none within 50 ms."
    )


def spread_of_inputs():
    rho = 0.05 / np.sqrt(0.04)  # seconds
    mean = 2 / 3 * 30  # Hz
    variance = 2 / 3 * 30**2 - mean**2
    print(f"rho = {rho:.2f} s, variance of the rates {variance:.0f} Hz²")
    return rho * np.sqrt(variance)


def received(weights, spike_step, spike_neuron, steps, parameters):
    """Return s of all neurons after some steps, from all spikes."""
    dt, tau_r, tau_d = (float(getattr(parameters, name)) for name in ("dt", "tau_r", "tau_d"))
    s, h = np.zeros(len(weights)), np.zeros(len(weights))
    for step in range(steps):
        s, h = s + dt * (h - s / tau_r), h - dt * h / tau_d
        for i in spike_neuron[spike_step == step]:
            h = h + weights[i] / (tau_r * tau_d)
    return s


TRANSPOSED = ("weights[i] /", "weights[:, i] /")


def check_received(answer):
    """Try a spike in a network of three, then a run of the network against its own state."""
    three = np.array([[0.0, 0.2, 0.0], [0.0, 0.0, -0.1], [0.3, 0.0, 0.0]])
    run = _before()
    weights = run.reservoir.weights.toarray()
    first = (three, np.array([0]), np.array([0]), 100, run.parameters)
    case = (weights, run.spike_step, run.spike_neuron, run.steps, run.parameters)
    broken = altered(received, TRANSPOSED)
    got, right = answer(*first), received(*first)
    if np.shape(got) != (3,):
        raise Hint("Return one s for each neuron, as the program did.")
    if not np.all(np.isfinite(np.asarray(got))):
        raise Hint("Some of the inputs are not finite numbers.")
    if close(got, broken(*first)):
        alike = float(np.corrcoef(answer(*case), run.state.s)[0, 1])
        raise Hint(
            f"Over the neurons of a balanced network, your inputs and those of the run correlate by {alike:.2f} only. Try "
            "a network of three neurons, in which you know who reaches whom."
        )
    rise, decay = (float(getattr(run.parameters, name)) for name in ("tau_r", "tau_d"))
    if any(close(got, right * lost) for lost in (rise, decay, rise * decay)):
        raise Hint(
            "The right neurons are reached, but the kick has lost its 1/(tau_r tau_d), or a part of it."
        )
    if close(got, received(*first[:3], first[3] + 1, first[4])):
        raise Hint("The right neuron is reached, but one step early: a kick comes after s and h have moved.")
    if not close(got, right, rtol=1e-6, atol=1e-12):
        if np.flatnonzero(got).tolist() == [1]:
            raise Hint(
                f"The right neuron is reached, but with {float(got[1]):.6g} in place of {right[1]:.6g}."
            )
        raise Hint("Neuron 0 spikes and reaches only neuron 1. Now other neurons have an input, too.")
    got, right = answer(*case), run.state.s
    if close(got, right, rtol=1e-6, atol=1e-9):
        return "Neuron by neuron, these are the inputs that the run itself ended with."
    if close(got, broken(*case), rtol=1e-6, atol=1e-9):
        raise Hint("Right for three neurons, but in the network of this page nothing has changed.")
    alike = float(np.corrcoef(got, right)[0, 1])
    raise Hint(
        f"Right for three neurons. In the network of this page your inputs and those of the run have a correlation of "
        f"{alike:.2f}."
    )


def same_radius():
    def mean_rate(p, G, seed):
        """Run a balanced network for 2 s; return its rate in the second."""
        parameters = forcelib.Parameters(N=500, balanced=True, p=p, G=G, duration=2 * second)
        run = forcelib.run(seed=seed, parameters=parameters, train=False, progress=False)
        return np.asarray(run.between(1 * second).firing_rates()).mean()

    seeds = list(range(1, 11))
    networks = {
        "rate_sparse": (0.1, 0.08),
        "rate_same_G": (0.4, 0.08),
        "rate_same_radius": (0.4, 0.16),
    }
    measured = {"seeds": seeds, "G_same_radius": 0.16}
    for name, (p, G) in networks.items():
        measured[name] = np.median([mean_rate(p, G, k) for k in seeds])
    sparse, dense, equal = (measured[name] for name in networks)
    print(f"""
1. The radius G / sqrt(p) sets the mean rate, and G alone does not.
2. {sparse:.1f} Hz sparse; {dense:.1f} Hz dense with the same G, and
   {equal:.1f} Hz with the same radius; medians over {len(seeds)} seeds.
3. The inputs vary by rho times the rates over neurons and time. G and p
   enter only in rho, and a neuron at its threshold fires on what varies.
4. Four times the connections could matter by themselves. They are in the
   third network too, and change its rate little.
5. Another rate at the same radius, in most seeds, by as much as at the
   same G.
""")
    return measured


def check_same_radius(found):
    """Compare with medians of five of 20 seeds, for runs of other lengths a little wider."""
    if close(found["G_same_radius"], 0.04):
        raise Hint(
            '"G_same_radius" makes the radius smaller yet. A denser network needs more G: solve rho = G/sqrt(p).'
        )
    if close(found["G_same_radius"], 0.32):
        raise Hint('"G_same_radius" is too large: the radius has a square root of p.')
    if not close(found["G_same_radius"], 0.16, rtol=0.01):
        raise Hint('"G_same_radius" must give 0.08 s / sqrt(0.1) at p = 0.4.')
    sparse, same_G, same_radius = (found[f"rate_{name}"] for name in ("sparse", "same_G", "same_radius"))
    if 17 < same_radius < 20 and 23.5 < same_G < 28:
        raise Hint("The two dense networks are exchanged.")
    if max(sparse, same_G, same_radius) > 30:
        raise Hint("That is too fast for balanced weights. Is `balanced=True` set in all three?")
    if sparse < 1:
        raise Hint("That looks like spikes per millisecond: give hertz.")
    for name, value, low, high in (
        ("rate_sparse", sparse, 23, 28),
        ("rate_same_G", same_G, 17, 20),
        ("rate_same_radius", same_radius, 23.5, 28),
    ):
        if not low < value < high:
            raise Hint(
                f'"{name}" is not plausible. Leave out the first second, and take N = 500 and no training.'
            )
    return "Compare radii, not coupling strengths. Now mark your defence by the three points."


EXERCISES = [
    Function(
        title="The coupling strength for a radius",
        stars=1,
        task=r"""
You want a network whose weights, drawn with {eq}`eq-weights`, have the spectral radius `radius` (in seconds) at
the connection probability `p`. Return the coupling strength $G$ in seconds.
""",
        solution=coupling_for_radius,
        explanation=r"""
The spectral radius {eq}`eq-radius` is $\rho = G/\sqrt{p}$. Solve it for $G$. On the usual scale, $1/\sqrt{Np}$, the answer would
be $\rho$ itself.
""",
        check=check_coupling_for_radius,
    ),
    ByHand(
        title="The spread of the inputs",
        stars=2,
        task=r"""
On paper. A large network with $G = 0.05$ s and $p = 0.04$ has balanced weights. For a while a third of its neurons are
silent, and all others fire at 30 Hz. How much do the mean recurrent inputs differ from neuron to neuron? Give their
standard deviation to two decimals, for weights that have nothing to do with the rates.
""",
        solution=spread_of_inputs,
        explanation=r"""
1. The radius {eq}`eq-radius` is $\rho = G / \sqrt{p}$.
2. The spread {eq}`eq-spread` is $\rho\, \nu_\mathrm{rms}$ for weights as drawn. Balanced weights {eq}`eq-balance` cancel
   whatever all neurons have in common. What is left of $\nu_\mathrm{rms}$ is the standard deviation of the rates.
3. Two thirds of the rates are 30 Hz. Their mean is $\frac{2}{3} \cdot 30$, the mean of their squares
   $\frac{2}{3} \cdot 30^2$, and the variance is the second minus the square of the first.
4. Second times hertz has no unit, as it should be for an input.
""",
        slips={
            "That is the spread of weights as drawn. Balanced weights cancel the mean rate.": 6.1237,
            "You took the mean of the rates. Balanced weights cancel just that.": 5.0,
            "You took G in place of the radius, as on the usual scale.": 0.70711,
            "You divided G by p. The radius has the square root of p.": 17.6777,
            "You took the variance of the rates. The spread has its root.": 50.0,
            "All neurons count, not only those that fire: their rates differ from the silent ones'.": 7.5,
            "That is the variance of the inputs. Take its root.": 12.5,
            "You squared the radius, but took the root of the variance of the rates.": 0.883883,
            "You divided by one less, as for a sample of three. The three stand for a large network.": 4.33013,
        },
        meaning="Silent and active neurons alone keep the inputs apart, though the weights into each sum to zero.",
    ),
    Function(
        title="Balance that keeps the signs",
        stars=2,
        task=r"""
In the cortex a neuron excites all its targets, or it inhibits all. Its weights have one sign. Subtracting a mean, as the
balance {eq}`eq-balance` does, could turn the signs of some. Balance otherwise. Multiply the negative weights into each
neuron by one factor, such that all weights into it sum to zero. Leave the positive ones as they are. `weights` is a
dense matrix, `weights[i, j]` the weight from neuron `i` to neuron `j`, and zero means no connection. A neuron that lacks
excitation or inhibition keeps its weights. Return a new matrix.
""",
        solution=balanced_weights,
        explanation=r"""
The weights into neuron $j$ are column $j$, so both sums run over the first axis. The factor of a column is its
excitation over the size of its inhibition. Where one of the two is missing, there is nothing to balance with, and the
factor stays 1.
""",
        check=check_balanced_weights,
    ),
    Function(
        title="Excitation and inhibition",
        stars=2,
        task=r"""
The mean input {eq}`eq-constant-input` of a neuron is a sum of positive and negative parts. How large are they? Compute
both from a recording. `weights` is a dense matrix as before. `spike_neuron` holds the number of the neuron for every
spike of the run, in order of time. `duration` is the length of the run in seconds. Return an array of two rows, the mean
excitation of every neuron (from positive weights) and its mean inhibition (from negative ones, so not above zero).
Mind the neurons that never spike. The last ones among them are easily lost in counting.
""",
        solution=mean_input,
        explanation=r"""
A neuron's rate is its number of spikes over the duration. `np.bincount` counts, and `minlength` keeps a place for
neurons that never spike. The sum over the neurons that send is a sum over the first index, so the vector of rates
stands to the left of the matrices. Both parts are much larger than their sum.
""",
        check=check_mean_input,
    ),
    Mend(
        title="Who gets what",
        stars=2,
        task=r"""
This program finds the recurrent input of every neuron from the spikes of a run, by {eq}`eq-synaptic`. It should end with
the inputs that the run itself has at its end, `result.state.s`. But neuron by neuron the inputs are wrong. For weights as
drawn their spread over the neurons looks about right, and their mean is too high. With balanced weights the mean is zero,
and the spread is too large. The program has one fault. Find it, and mend it.
""",
        solution=received,
        explanation=r"""
A spike of neuron `i` goes to those that `i` reaches. The first index sends, so these are row `i` of the weights. Column
`i` has what neuron `i` receives. A random matrix and its transpose have the same statistics and eigenvalues, so the
spread hides the fault. But the rates tell rows from columns. As drawn, a neuron whose column has a large sum receives much,
and fires much. The fault sends its spikes along just this column, and so the mean becomes too high. Balance tells rows
from columns, too. All columns sum to zero, and with the fault so do the inputs of all neurons together. The rows do not sum
to zero, so the mean rate no longer cancels, and the spread is too large.
""",
        check=check_received,
        fault=TRANSPOSED,
    ),
    Function(
        title="The first difference",
        stars=3,
        task=r"""
An experiment. Let a run `before` go on for `duration` (a time with its unit) twice, once alone and once with `kick`
added to the potentials. Return after how many seconds the spikes of the two differ for the first time, by a spike
that one has and the other has not. Return `np.inf` if there is no difference. You need `before.continued`, and of its
result `spike_neuron` and `spike_step`, which counts from the kick. The time step is `before.parameters.dt`.
""",
        solution=first_difference,
        explanation=r"""
A spike is a pair of a step and a neuron. As sets of pairs the two runs have a symmetric difference, `^`, which
holds the spikes that only one of them has. Its smallest element is the earliest. Going through both lists in
parallel is not enough. One may be longer, and where they first differ, either run may have the earlier spike.
""",
        check=check_first_difference,
    ),
    Measure(
        title="The radius or G?",
        stars=3,
        task=r"""
This page says that you should compare two networks by their radii, and not by their $G$. Is it so for the activity?
Take the balanced network of 500 neurons with $p = 0.1$ and $G = 0.08$ s. Make it denser, $p = 0.4$, once with the same
$G$, and once with the $G$ that gives the same radius. Predict which of the two has the activity of the sparse network.

Measure the mean rate of all three without training, from one second on, for at least five seeds. Then defend your answer
in five lines.
""",
        solution=same_radius,
        explanation=r"""
By the spread {eq}`eq-spread` all that varies in the inputs grows with $\rho$. The cell takes a few seconds.
""",
        asked={
            "G_same_radius": "s, for the dense network",
            "rate_sparse": "Hz, p = 0.1, median over the seeds",
            "rate_same_G": "Hz, p = 0.4 and the same G",
            "rate_same_radius": "Hz, p = 0.4 and the same radius",
        },
        check=check_same_radius,
        least=5,
        marks=(
            "All three rates are compared, and the seeds behind them are named.",
            "The reason names a quantity in which G and p occur only together.",
            "It is said what was not tested: other G, other measures than the rate, or weights as drawn.",
        ),
    ),
]
