"""Exercises of chapter 4."""

from __future__ import annotations

import tracemalloc

import numpy as np
from brian2 import Hz, ms, second

import forcelib
from forcelib import teachers

from .base import ByHand, Function, Hint, Measure, Mend, altered, close

# --- 1: the error after one update


def error_again(P, r, e, gain):
    """Return the error for the same `r` after the update that `e` caused."""
    q = r @ P @ r
    return e / (1 + q) if gain == "textbook" else (1 - q) * e


def check_error_again(answer):
    """Try both gains, overshoots below and above 1, and a P that is no multiple of the identity."""
    for alpha in (0.05, 2.0):
        for r, e in ((np.array([1.0, 2.0]), 0.5), (np.array([0.5, -0.2]), -0.3)):
            P = alpha * np.array([[1.0, 0.3], [0.3, 0.5]])
            q = r @ P @ r
            for gain in ("textbook", "published"):
                got, expected = answer(P, r, e, gain), error_again(P, r, e, gain)
                where = f"For q = {q:.2f}, e = {e} and the {gain} gain"
                other = error_again(P, r, e, "published" if gain == "textbook" else "textbook")
                if close(got, expected, rtol=1e-6):
                    continue
                if close(got, other):
                    raise Hint(f"{where} you return the error that the other gain leaves.")
                if close(got, abs(expected)):
                    raise Hint(f"{where} the error left is negative; you return its size, without the sign.")
                if close(got, error_again(P - np.outer(P @ r, P @ r) / (1 + q), r, e, gain)):
                    raise Hint(
                        f"{where} you take q from the new P. The equation means that before the update."
                    )
                if close(got, (1 + q) * e):
                    raise Hint(f"{where} you let the error grow to (1 + q) e. Which way does phi move?")
                if close(got, e - expected) or close(got, expected - e):
                    raise Hint(f"{where} you return the change of the error, not what is left of it.")
                raise Hint(f"{where} the error left is {expected:.4f}; check q, which is a number, r · P r.")
    return "With the textbook gain the error never changes its sign; with the code's gain it does as soon as q exceeds 1."


# --- 2: one update of RLS


def rls_update(P, phi, r, x):
    """Return P and phi after one update, for rates `r` and target `x`."""
    k = P @ r
    q = r @ k
    e = phi @ r - x
    return P - np.outer(k, k) / (1 + q), phi - k / (1 + q) * e


def _published(P, phi, r, x):
    k = P @ r
    return P - np.outer(k, k) / (1 + r @ k), phi - k * (phi @ r - x)


def _wrong_sign(P, phi, r, x):
    k = P @ r
    norm = 1 + r @ k
    return P - np.outer(k, k) / norm, phi + k / norm * (phi @ r - x)


def _divided_twice(P, phi, r, x):
    k = P @ r
    new = P - np.outer(k, k) / (1 + r @ k)
    k = new @ r
    return new, phi - k / (1 + r @ k) * (phi @ r - x)


def _new_P_divided(P, phi, r, x):
    k = P @ r
    q = r @ k
    new = P - np.outer(k, k) / (1 + q)
    return new, phi - new @ r / (1 + q) * (phi @ r - x)


def _no_denominator(P, phi, r, x):
    k = P @ r
    return P - np.outer(k, k), phi - k / (1 + r @ k) * (phi @ r - x)


def check_rls_update(answer):
    """Compare with the update, then with a ridge fit of all samples."""
    random = np.random.default_rng(4)
    P, phi = 0.5 * np.eye(4), np.zeros(4)
    for _ in range(3):  # make P and phi no special case
        P, phi = rls_update(P, phi, random.normal(size=4), random.normal())
    r, x = random.normal(size=4), random.normal()
    kept = P.copy(), phi.copy(), r.copy()
    try:
        new_P, new_phi = answer(P, phi, r, x)
    except (TypeError, ValueError) as error:
        if "unpack" in str(error):
            raise Hint("Return two things: the new P and the new phi, in this order.") from None
        raise
    if not all(np.array_equal(a, b) for a, b in zip((P, phi, r), kept, strict=True)):
        raise Hint("Your function changes P, phi or r in place; leave the arguments, and return new arrays.")
    right_P, right_phi = rls_update(P, phi, r, x)
    if not close(new_P, right_P):
        if close(new_P, _no_denominator(P, phi, r, x)[0]):
            raise Hint("In P the outer product lacks its denominator, 1 + q.")
        raise Hint(
            "The new P is wrong: it loses one outer product of k with itself (np.outer), over a number."
        )
    if not close(new_phi, right_phi):
        if close(new_phi, _wrong_sign(P, phi, r, x)[1]):
            raise Hint("phi moves the wrong way: the error is z - x, and its step is subtracted.")
        if close(new_phi, _published(P, phi, r, x)[1]):
            raise Hint("This is the published gain for phi; the textbook gain divides by 1 + q.")
        if any(close(new_phi, wrong(P, phi, r, x)[1]) for wrong in (_divided_twice, _new_P_divided)):
            raise Hint("You took k from the new P, which holds the division already, and divided again.")
        raise Hint("P is right, phi is not: it moves by the gain, which is a vector, times the error.")
    R, targets = random.normal(size=(20, 4)), random.normal(size=20)
    P, phi = 0.5 * np.eye(4), np.zeros(4)
    for r, x in zip(R, targets, strict=True):
        P, phi = answer(P, phi, r, x)
    ridge = np.linalg.solve(2 * np.eye(4) + R.T @ R, R.T @ targets)
    if not close(phi, ridge, rtol=1e-6, atol=1e-9):
        raise Hint(
            "One update is right, but twenty do not give the ridge fit: does it depend on earlier calls?"
        )
    return "Twenty of your updates give the ridge fit of their samples."


# --- 3: the product P r without P


def low_rank_product(U, alpha, r):
    """Return P r for P = alpha 1 - U^T U, without an N x N matrix."""
    return alpha * r - (U @ r) @ U


def _dense(U, alpha, r):
    return (alpha * np.eye(len(r)) - U.T @ U) @ r


def _wrong_way_round(U, alpha, r):
    return alpha * r + (U @ r) @ U


def _forgot_alpha(U, alpha, r):
    return r - (U @ r) @ U


def check_low_rank_product(answer):
    """Compare with the dense product, and watch the memory."""
    random = np.random.default_rng(3)
    for rows, N, alpha in ((0, 5, 0.1), (3, 5, 0.1), (7, 5, 2.0)):
        U, r = 0.1 * random.normal(size=(rows, N)), random.normal(size=N)
        try:
            got = answer(U, alpha, r)
        except ValueError as error:
            if "matmul" in str(error) or "shape" in str(error):
                raise Hint(
                    f"With {rows} rows and {N} columns in U two shapes do not fit: "
                    f"U @ r has {rows} numbers, one per update."
                ) from None
            raise
        expected = _dense(U, alpha, r)
        if close(got, expected, rtol=1e-6, atol=1e-12):
            continue
        if rows and close(got, _wrong_way_round(U, alpha, r)):
            raise Hint("U^T U is subtracted from P, and so is its product with r.")
        if close(got, _forgot_alpha(U, alpha, r)):
            raise Hint("Without any row in U the product is alpha times r: you forgot alpha.")
        raise Hint(f"For {rows} rows and {N} neurons the result is not P r; what shape has U r?")
    U, r = random.normal(size=(4, 2000)), random.normal(size=2000)
    tracemalloc.start()
    try:
        answer(U, 0.1, r)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    if peak > 8e6:
        raise Hint(
            f"The values are right, but 2000 neurons took {peak / 1e6:.0f} MB: you form an N x N matrix. "
            "Which product should come first?"
        )
    return f"For 2000 neurons and four rows it took {peak / 1e6:.2f} MB; P alone has 32 MB."


# --- 4: an experiment


def longest_interval(intervals, teacher, reservoir, parameters):
    """Return the longest interval with which training succeeds."""
    good = []
    for interval in intervals:
        changed = parameters.replace(rls_interval=interval)
        try:
            run = forcelib.run(teacher, reservoir=reservoir, parameters=changed)
        except forcelib.DivergenceError:
            continue
        if run.between(changed.duration - 1 * second).rms_error() < 0.25:
            good.append(interval)
    return max(good)


def check_longest_interval(answer):
    """Try a sine of 5 Hz and one of 15 Hz, on a reservoir that no figure used."""
    parameters = forcelib.Parameters(
        N=500,
        G=0.08,
        Q=30,
        balanced=True,
        duration=3 * second,
        rls_start=0.5 * second,
        rls_stop=3 * second,
    )
    reservoir = forcelib.Reservoir.draw(parameters, seed=4)
    of_slow = None
    for f in (5, 15):
        intervals = [10 * ms, 40 * ms, 5 * ms]
        teacher = teachers.sine(f * Hz)
        try:
            got = answer(intervals, teacher, reservoir, parameters)
        except forcelib.DivergenceError:
            raise Hint(
                f"With one of the intervals the {f} Hz sine makes the run diverge: catch "
                "forcelib.DivergenceError with try and except, and go on with the next interval."
            ) from None
        except ValueError as error:
            if "empty" not in str(error):
                raise
            raise Hint(
                f"For the {f} Hz sine none of the intervals meets your condition, though one trains. "
                "The error that counts is that of the last second, not of the whole run."
            ) from None
        expected = longest_interval(intervals, teacher, reservoir, parameters)
        if close(got, expected):
            of_slow = got
            continue
        if close(got, float(expected)) or close(got, float(expected / ms)):
            raise Hint("Return one of the intervals as it was given, with its unit.")
        if not any(close(got, interval) for interval in intervals):
            raise Hint(f"For the {f} Hz sine you return {got!r}, which is none of the intervals.")
        if of_slow is not None and close(got, of_slow):
            raise Hint(
                f"With {got} the {f} Hz sine is not learned, only the 5 Hz sine. Is it `teacher` that "
                "your runs are given? Without it they train the 5 Hz sine."
            )
        if got > expected:
            raise Hint(
                f"With {got} the {f} Hz sine is not learned, although the run may end without an error: "
                "look at the RMS error of the last second."
            )
        raise Hint(f"For the {f} Hz sine a longer interval than {got} trains, too. The list is in no order.")
    return "In this reservoir, and of these intervals, 5 Hz tolerates 10 ms and 15 Hz only 5 ms."


# --- 5: by hand


def error_after_ten():
    alpha, size = 5e-4, 12**2 + 16**2  # s², Hz²
    print(f"alpha |r|² = {alpha * size:.2f}")
    return -1 / (1 + alpha * 10 * size)


# --- 6: a program to mend


def decoders_for(R, targets, alpha):
    """Return the decoder of each target, a column each, by RLS."""
    P = alpha * np.eye(R.shape[1])
    phi = np.zeros((R.shape[1], targets.shape[1]))
    for r, x in zip(R, targets, strict=True):
        for j in range(len(x)):
            k = P @ r
            q = r @ k
            e = phi[:, j] @ r - x[j]
            phi[:, j] -= k / (1 + q) * e
        P -= np.outer(k, k) / (1 + q)
    return phi


ONCE_A_TARGET = (
    "\n        P -= np.outer(k, k) / (1 + q)",
    "\n            P -= np.outer(k, k) / (1 + q)",
)


def check_decoders_for(answer):
    """Compare with the ridge fits of one, two and three targets."""
    random = np.random.default_rng(6)
    R, alpha = random.normal(size=(30, 5)), 0.5
    X = random.normal(size=(30, 3)) + R[:, :3]
    broken = altered(decoders_for, ONCE_A_TARGET)
    for number in (1, 2, 3):
        case = (R, X[:, :number], alpha)
        got = answer(R.copy(), X[:, :number].copy(), alpha)
        right = np.linalg.solve(np.eye(5) / alpha + R.T @ R, R.T @ X[:, :number])
        if close(got, right, rtol=1e-6, atol=1e-9):
            continue
        where = f"With {number} target{'s' * (number > 1)}"
        if np.shape(got) != right.shape:
            raise Hint(f"{where}: return one column per target, and a row per neuron, as the program did.")
        if not np.all(np.isfinite(got)):
            raise Hint(f"{where} some decoders are not finite numbers.")
        if number > 1 and close(got, broken(*case), rtol=1e-6, atol=1e-9):
            off = np.abs(np.asarray(got) - right).max(axis=0)
            raise Hint(
                f"{where} the decoders still differ from the ridge fits, by up to {', '.join(f'{x:.3f}' for x in off)}. "
                "Even the first does, which is right when it is alone."
            )
        if number == 1:
            raise Hint(
                f"{where} the program was right, and now it is not. Change what depends on their number."
            )
        good = [j for j in range(number) if close(np.asarray(got)[:, j], right[:, j], rtol=1e-6, atol=1e-9)]
        if good:
            raise Hint(f"{where} only target {good[0] + 1} gets its ridge fit. All of them meet the same P.")
        weaker = np.linalg.solve(np.eye(5) / alpha + number * R.T @ R, number * R.T @ X[:, :number])
        if close(got, weaker, rtol=1e-6, atol=1e-9):
            raise Hint(f"{where} you get the fit in which every sample counts {number} times.")
        raise Hint(f"{where} the decoders are not the ridge fits. Look at P alone: on what does it depend?")
    return "P is about the rates alone: any number of readouts can share it."


# --- 7: an experiment to defend

#: As in the setup cell of the chapter.
parameters = forcelib.Parameters(
    N=500,
    G=0.08,
    Q=30,
    balanced=True,
    alpha=5e-5,
    gain="textbook",
    duration=6 * second,
    rls_start=1 * second,
    rls_stop=4 * second,
)


def four_times_the_neurons():
    def errors(N, seed):
        """Train a network; return its errors in training and alone."""
        run = forcelib.run(seed=seed, parameters=parameters.replace(N=N), progress=False)
        training = run.between(3 * second, 4 * second).rms_error()
        return training, run.between(4 * second).phase_aligned_error()

    seeds = list(range(1, 8))
    few, many = (np.median([errors(N, k) for k in seeds], axis=0) for N in (200, 800))
    measured = {
        "seeds": seeds,
        "training_200": few[0],
        "training_800": many[0],
        "alone_200": few[1],
        "alone_800": many[1],
    }
    ratio = few / many
    print(f"""
1. Alone the error falls by a factor of less than 2, in training by more.
2. Four times the neurons: {ratio[0]:.1f} times less in training,
   {ratio[1]:.1f} times less alone; medians over {len(seeds)} networks each.
3. A mean over four times as many independent neurons would fluctuate
   half as much, as the root of 4 is 2. These neurons share z and hear each
   other, and a readout is no plain mean. In training RLS corrects too,
   and with more decoders it has more to correct with.
4. The larger network has a larger |r|², and so learns faster at the same
   alpha. Networks of 200 with four times the alpha would tell.
5. A factor alone near 1, or of 2 and more, in twice as many networks.
""")
    return measured


def check_four_times_the_neurons(found):
    """Compare with medians of five of 20 seeds, a little wider."""
    bounds = {
        "training_200": (0.03, 0.09),
        "training_800": (0.01, 0.022),
        "alone_200": (0.03, 0.075),
        "alone_800": (0.02, 0.036),
    }
    few, many = (np.array([found[f"{name}_{N}"] for name in ("training", "alone")]) for N in (200, 800))
    if np.all(few < many):
        raise Hint("The two sizes are exchanged, or the larger network has not learned.")
    if np.any(few < many):
        raise Hint("One error is larger with 800 neurons than with 200: have two numbers changed places?")
    if many[0] > bounds["training_800"][1] > many[1]:
        raise Hint("For 800 neurons the error in training and that alone are exchanged.")
    if found["alone_200"] > 0.1 or found["alone_800"] > 0.05:
        raise Hint("An error alone is large: is the phase drift taken out of it?")
    if found["training_200"] > 0.15 and found["training_800"] > 0.1:
        raise Hint("The errors in training are large: leave out the second in which RLS is still off.")
    if few[0] < 0.02 and few[1] < 0.03:
        raise Hint("For 200 neurons that is too good. Is N really set, and the reservoir drawn anew?")
    for name, (low, high) in bounds.items():
        if not low < found[name] < high:
            raise Hint(f'"{name}" is not plausible. Change nothing but N in the parameters of this page.')
    return (
        "More neurons, less noise, and not for one reason alone. Now mark your defence by the three points."
    )


EXERCISES = [
    Function(
        title="The error after an update",
        stars=1,
        task=r"""
Write `error_again(P, r, e, gain)`. It is given the matrix $P$ before an update, the rates `r`, the error `e` before the update, and the gain, `"textbook"` or `"published"` (the code's). It
returns the error {eq}`eq-gain` that the new decoder makes for the *same* `r`.
""",
        solution=error_again,
        explanation=r"""
The decoder moves by $-k e$ or $-k e / (1 + q)$, so the readout $r \cdot \phi$ moves by $-q e$ or $-q e / (1 + q)$, as $r \cdot k = q$.
""",
        check=check_error_again,
    ),
    ByHand(
        title="Ten times the same",
        stars=2,
        task=r"""
On paper. Two neurons have the rates $r = (12, 16)$ Hz, and the target is 1. RLS with the textbook gain begins with
$\phi = 0$ and $\alpha = 5 \cdot 10^{-4}$ s². It makes ten updates, all with this same $r$ and target. Which error
$e = z - x$ does the decoder make for $r$ after the tenth?
""",
        solution=error_after_ten,
        explanation=r"""
1. All samples lie along one direction, that of $r$. There the mean square of the activity is $|r|^2$.
2. What is left to learn shrinks as $P$ does, by {eq}`eq-geometry` to $1 / (1 + \alpha n |r|^2)$ after $n$ updates.
3. The first error is $0 - 1$. Multiply.
4. Update by update it is the same. One update divides the error by $1 + q$, and turns $q$ into $q / (1 + q)$. The
   product of the ten factors telescopes.
""",
        slips={
            "You divide by 1 + q ten times, with the first q. Each update makes P, and with it q, smaller.": -0.161506,
            "That is the code's gain, without the division by 1 + q.": -0.285714,
            "That is the code's gain, and with a P that does not change.": -0.107374,
            "That is the readout. The error is what it lacks.": 0.666667,
            "You took |r| in place of its square.": -0.909091,
            "You took q = 1 at each update. It is alpha |r|² at the first.": -0.0909091,
            "That is after one update.": -0.833333,
            "That is after two updates.": -0.714286,
            "That is after nine updates.": -0.357143,
            "That is after eleven updates.": -0.3125,
        },
        meaning="The more often a direction was seen, the less the next sample changes: the error falls as 1/n only.",
    ),
    Function(
        title="One update by hand",
        stars=2,
        task=r"""
Write `rls_update(P, phi, r, x)`. It makes one update of recursive least squares with the textbook gain, by {eq}`eq-sherman-morrison` and {eq}`eq-rls`. It is given $P$ and $\phi$ before the update, the rates `r` and the
target `x`, a number. It returns the new $P$ and the new $\phi$, and leaves the arrays it was given as they are.
""",
        solution=rls_update,
        explanation=r"""
Everything on the right is the old one: $k$ and $q$ come from the old $P$, the error from the old decoder. Only then are both replaced.
""",
        check=check_rls_update,
    ),
    Function(
        title="P r without P",
        stars=2,
        task=r"""
Write `low_rank_product(U, alpha, r)`. It returns $P r$ for $P = \alpha \mathbf{1} - U^\mathsf{T} U$, by {eq}`eq-low-rank`. `U` has one row per update, at first none at all, and one column per neuron. No
$N \times N$ matrix may be formed, and the cell checks the memory.
""",
        solution=low_rank_product,
        explanation=r"""
The brackets matter. $U^\mathsf{T} (U r)$ takes $2nN$ multiplications, $(U^\mathsf{T} U)\, r$ some $n N^2$, and $N^2$ numbers of memory.
""",
        check=check_low_rank_product,
    ),
    Mend(
        title="Two readouts, one network",
        stars=2,
        task=r"""
One network can have several readouts, each with a target of its own. This program finds all the decoders in one pass over
the samples (the rows of `R`). With one target it gives the ridge fit {eq}`eq-ridge`, as it should. With two, both
decoders are wrong. The program has one fault. Find it, and mend it.
""",
        solution=decoders_for,
        explanation=r"""
$P$ is the inverse of a sum over samples {eq}`eq-ridge`, and no target occurs in it. So a sample shrinks it once, however
many readouts there are. Here the line stands in the inner loop, and every target shrinks $P$ anew. Move it out, behind
the inner loop. All readouts then meet the same $k$ and $q$.
""",
        check=check_decoders_for,
        fault=ONCE_A_TARGET,
    ),
    Function(
        title="How seldom may the updates be?",
        stars=3,
        task=r"""
An experiment. Write `longest_interval(intervals, teacher, reservoir, parameters)`. It is given a list of intervals (with units, in no order), a teacher, a reservoir and parameters, with which training lasts to the end of the run. It trains once with
each interval (`parameters.replace(rls_interval=...)`) and returns the longest one with which training succeeds. Success means that the run does not diverge (`forcelib.run` raises `forcelib.DivergenceError` if it does), and that the RMS error of its last second is below 0.25. At least one of them succeeds. The cell tries your function with sines of 5 and 15 Hz
and the code's gain. How will the two differ?
""",
        solution=longest_interval,
        explanation=r"""
Both conditions are needed. With the code's gain and few updates a run can end without an error message and not have learned the sine ({ref}`atlas-seldom`).
""",
        check=check_longest_interval,
    ),
    Measure(
        title="Four times the neurons",
        stars=3,
        task=r"""
What do more neurons buy? Train networks of 200 and of 800 neurons on the sine of this page, with its `parameters` and
nothing changed but `N`. Predict by which factor the error falls, in training and alone.

Measure the RMS error of the last second of training, and the phase-aligned error of the two seconds after it, for at
least five networks of each size. Then defend your answer in five lines.
""",
        solution=four_times_the_neurons,
        explanation=r"""
By {eq}`eq-average` a mean over independent neurons fluctuates as $1/\sqrt{N}$. Are these neurons independent, and is the
readout a mean? The cell takes some seconds.
""",
        asked={
            "training_200": "no unit, median over the networks",
            "training_800": "no unit",
            "alone_200": "no unit, phase aligned",
            "alone_800": "no unit, phase aligned",
        },
        check=check_four_times_the_neurons,
        least=5,
        marks=(
            "The claim has two factors, one in training and one alone, and says how many networks they are of.",
            "The reason compares the factor alone with the root of 4.",
            "A difference other than N itself is named, such as the larger $|r|^2$.",
        ),
    ),
]
