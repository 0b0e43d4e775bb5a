"""Exercises of chapter 3."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
from brian2 import ms

import forcelib
from forcebook.exercises.base import Exercise, Hint, close


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
    """Return the weights with a mean of zero into each neuron."""
    connected = weights != 0
    counts = connected.sum(axis=0)
    means = weights.sum(axis=0) / np.maximum(counts, 1)
    return np.where(connected, weights - means, 0.0)


def _balanced_everywhere(weights):
    return weights - weights.mean(axis=0)


def _balanced_outgoing(weights):
    connected = weights != 0
    means = weights.sum(axis=1) / np.maximum(connected.sum(axis=1), 1)
    return np.where(connected, weights - means[:, None], 0.0)


def _balanced_by_n(weights):
    return np.where(weights != 0, weights - weights.mean(axis=0), 0.0)


def _balanced_at_once(weights):
    connected = weights != 0
    return np.where(connected, weights - weights[connected].mean(), 0.0)


def check_balanced_weights(answer):
    """Try a small matrix, and one with a neuron that nobody reaches."""
    small = np.array(
        [[0.0, 2.0, 0.0, 0.0], [3.0, 0.0, 1.0, 0.0], [1.0, 4.0, 0.0, 0.0], [0.0, 0.0, -4.0, 5.0]]
    )
    lonely = small.copy()
    lonely[:, 3] = 0
    random = np.random.default_rng(3)
    large = random.normal(size=(40, 40)) * (random.random((40, 40)) < 0.3)
    for weights in (small, lonely, large):
        given = weights.copy()
        got = answer(given)
        right = balanced_weights(weights)
        if not np.array_equal(given, weights):
            raise Hint("Your function changes the matrix that it is given. Return a new one.")
        if close(got, right, atol=1e-12):
            continue
        if close(got, _balanced_everywhere(weights), atol=1e-12):
            raise Hint(
                "Your function adds connections: zeros have become weights. Shift only those that exist."
            )
        if close(got, _balanced_outgoing(weights), atol=1e-12):
            raise Hint(
                "You balanced what each neuron sends. Balance what it receives: the first index sends."
            )
        if close(got, _balanced_by_n(weights), atol=1e-12):
            raise Hint("The columns do not sum to zero: you divide by N, but only some connections exist.")
        if close(got, _balanced_at_once(weights), atol=1e-12):
            raise Hint(
                "One mean for the whole matrix does not balance the individual neuron: take one per column."
            )
        if np.shape(got) == weights.shape and not np.all(np.isfinite(got)):
            raise Hint("There are NaNs: a neuron that nobody reaches has no mean. Its column stays zero.")
        raise Hint(f"For the weights\n{weights[:4, :4]}\n... you return\n{got!r}")
    return "The connections are the same as before, and a rate that all neurons share has no effect any more."


def mean_input(weights, spike_neuron, duration):
    """Return each neuron's mean recurrent input over a run."""
    counts = np.bincount(spike_neuron, minlength=len(weights))
    rates = counts / duration
    return rates @ weights


def _mean_input(weights, spike_neuron, duration, transposed=False, same=False, counts_only=False):
    counts = np.bincount(spike_neuron, minlength=len(weights))
    rates = counts if counts_only else counts / duration
    if same:
        rates = np.full(len(weights), rates.mean())
    return weights @ rates if transposed else rates @ weights


def _mean_input_transposed(weights, spike_neuron, duration):
    return _mean_input(weights, spike_neuron, duration, transposed=True)


def _mean_input_of_mean_rate(weights, spike_neuron, duration):
    return _mean_input(weights, spike_neuron, duration, same=True)


def _mean_input_of_counts(weights, spike_neuron, duration):
    return _mean_input(weights, spike_neuron, duration, counts_only=True)


def check_mean_input(answer):
    """Try a network of three neurons, one with silent last neurons, and a larger one."""
    three = np.array([[0.0, 0.2, 0.0], [0.0, 0.0, -0.1], [0.3, 0.0, 0.0]])
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
        if close(got, mean_input(weights, spikes, duration), atol=1e-12):
            continue
        if close(got, _mean_input_transposed(weights, spikes, duration), atol=1e-12):
            raise Hint(f"{case} you sum over the neurons that receive. The first index of the weights sends.")
        if close(got, _mean_input_of_counts(weights, spikes, duration), atol=1e-12):
            raise Hint(f"{case} you weight numbers of spikes. A rate is spikes per second.")
        if close(got, _mean_input_of_mean_rate(weights, spikes, duration), atol=1e-12):
            raise Hint(f"{case} you give all neurons the same rate. Each has its own.")
        raise Hint(f"{case} you return {got!r}.")
    return "The weights, in seconds, times rates, in hertz: no unit, as it should be for an input."


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
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


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
                f"{words}, at {right:g} s, you return {_shown(got)}. Two spikes at the same place of the lists need not "
                "belong together: look for a spike that one run has and the other has not."
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


EXERCISES = [
    Exercise(
        title="The coupling strength for a radius",
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
    Exercise(
        title="Balance by hand",
        task=r"""
Balance weights {eq}`eq-balance`. `weights` is a dense matrix. Its entry `weights[i, j]` is the weight from neuron `i`
to neuron `j`, and zero means that there is no connection. Return a new matrix with the same connections, in
which the weights into each neuron sum to zero. A neuron that nobody reaches keeps its column of zeros.
""",
        solution=balanced_weights,
        explanation=r"""
The weights into neuron $j$ are column $j$, so sums and counts run over the first axis. The mean is over the
connections that exist, and is subtracted from those only. Subtract it from the zeros as well, and a sparse
network becomes a dense one. `np.maximum` avoids a division by zero in a column without connections.
""",
        check=check_balanced_weights,
    ),
    Exercise(
        title="The mean input",
        task=r"""
Compute the mean input {eq}`eq-constant-input` from a recording. `weights` is a dense matrix as before. `spike_neuron` holds the
number of the neuron for every spike of the run, in order of time. `duration` is the length of the run in seconds.
Return the mean recurrent input of every neuron, an array of length $N$. The new point is the neurons that never spike.
The last ones among them are easily lost in counting (`minlength` of `np.bincount`).
""",
        solution=mean_input,
        explanation=r"""
A neuron's rate is its number of spikes over the duration. `np.bincount` counts, and `minlength` keeps a place for
neurons that never spike. The sum over the neurons that send is a sum over the first index, so the vector of rates
stands to the left of the matrix.
""",
        check=check_mean_input,
    ),
    Exercise(
        title="The first difference",
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
]
