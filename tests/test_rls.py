import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcelib import RLS, ParameterError


def dense(R, X, alpha, gain, decoder):
    """RLS as the reference program writes it, with the textbook gain if asked for."""
    P = np.eye(R.shape[1]) * alpha
    phi = decoder.copy()
    for r, x in zip(R, X, strict=True):
        cd = P @ r
        err = r @ phi - x
        phi -= np.outer(cd / (1 + r @ cd) if gain == "textbook" else cd, err)
        P -= np.outer(cd, cd) / (1 + r @ cd)
    return P, phi


@st.composite
def problems(draw, max_updates=60):
    n, outputs = draw(st.integers(1, 12)), draw(st.integers(1, 3))
    updates = draw(st.integers(1, max_updates))
    alpha = 10 ** draw(st.floats(-3, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    R = random.normal(size=(updates, n)) + draw(st.sampled_from([0, 1]))
    return R, random.normal(size=(updates, outputs)), alpha, random.normal(size=(n, outputs))


def trained(R, X, alpha, gain="textbook", decoder=None):
    rls = RLS(R.shape[1], alpha, outputs=X.shape[1], gain=gain, decoder=decoder)
    for r, x in zip(R, X, strict=True):
        rls.update(r, x)
    assert rls.updates == len(R)
    return rls


@given(problems(), st.booleans())
def test_textbook_gain_is_ridge_regression(problem, zero):
    R, X, alpha, start = problem
    start = 0 * start if zero else start
    # The decoder that minimises sum |r phi - x|^2 + |phi - start|^2 / alpha.
    best = start + np.linalg.solve(R.T @ R + np.eye(R.shape[1]) / alpha, R.T @ (X - R @ start))
    scale = max(1, np.abs(best).max())
    found = trained(R, X, alpha, decoder=None if zero else start).decoder
    np.testing.assert_allclose(found, best, rtol=0, atol=1e-8 * scale)


@given(problems(), st.sampled_from(["published", "textbook"]))
def test_P_is_the_inverse_correlation_matrix(problem, gain):
    R, X, alpha, _ = problem
    P = trained(R, X, alpha, gain).P
    correlation = np.eye(R.shape[1]) / alpha + R.T @ R
    np.testing.assert_allclose(P, np.linalg.inv(correlation), rtol=0, atol=1e-10 * alpha)
    np.testing.assert_allclose(P, P.T, rtol=0, atol=1e-14 * alpha)
    assert np.linalg.eigvalsh(P).min() > 0


@pytest.mark.parametrize("gain", ["published", "textbook"])
@pytest.mark.parametrize(("n", "updates"), [(1, 20), (6, 300), (40, 500), (200, 450)])
def test_folding_changes_nothing(n, updates, gain):
    # More updates than n // 2, so that the outer products are folded into a dense P, often.
    random = np.random.default_rng(n)
    R = random.normal(size=(updates, n)) + 0.5
    X = random.normal(size=(updates, 2))
    start = random.normal(size=(n, 2)) * 0.1
    rls = trained(R, X, 1e-3, gain, start)
    P, phi = dense(R, X, 1e-3, gain, start)
    np.testing.assert_allclose(rls.P, P, rtol=0, atol=1e-12 * np.abs(P).max())
    np.testing.assert_allclose(rls.decoder, phi, rtol=0, atol=1e-11 * np.abs(phi).max())
    probe = random.normal(size=n)
    np.testing.assert_allclose(
        rls.gain_vector(probe), P @ probe, rtol=0, atol=1e-11 * np.abs(P @ probe).max()
    )


@pytest.mark.parametrize(
    ("forgetting", "gain"), [(0.5, "textbook"), (0.9, "textbook"), (0.999, "textbook"), (0.999, "published")]
)
def test_what_is_forgotten_counts_less(forgetting, gain):
    n, updates, alpha = 7, 300, 0.01
    random = np.random.default_rng(2)
    R, X = random.normal(size=(updates, n)) + 0.5, random.normal(size=(updates, 2))
    rls = RLS(n, alpha, outputs=2, gain=gain, forgetting=forgetting)
    for r, x in zip(R, X, strict=True):
        before = rls.gain_vector(r)
        step = rls.decoder.copy()
        error = rls.update(r, x) - x
        if gain == "published":
            np.testing.assert_allclose(rls.decoder - step, -np.outer(before, error), rtol=1e-9)
    weights = forgetting ** np.arange(updates - 1, -1, -1)
    correlation = R.T * weights @ R + forgetting**updates / alpha * np.eye(n)
    np.testing.assert_allclose(rls.P @ correlation, np.eye(n), rtol=0, atol=1e-9)
    if gain == "textbook":
        best = np.linalg.solve(correlation, R.T * weights @ X)
        np.testing.assert_allclose(rls.decoder, best, rtol=0, atol=1e-9 * np.abs(best).max())


def bytes_held(rls):
    return sum(value.nbytes for value in vars(rls).values() if isinstance(value, np.ndarray))


def test_memory_is_bounded():
    n = 80
    rls = RLS(n, alpha=0.1)
    random = np.random.default_rng(1)
    held = []
    for _ in range(1000):
        rls.update(random.normal(size=n), 1.0)
        held.append(bytes_held(rls))
    # A dense P, half as much for the rows not folded yet, and the decoder.
    assert max(held) <= 8 * (n * n + n * n // 2 + n)
    assert max(held[:40]) < 8 * n * n  # no dense P before the first fold
    assert held[-1] == held[100]


@given(problems())
def test_published_gain_is_that_of_the_reference_program(problem):
    R, X, alpha, start = problem
    P, phi = dense(R, X, alpha, "published", start)
    rls = trained(R, X, alpha, "published", start)
    # This gain can amplify the error at every update, and rounding with it.
    scale = max(
        1, max(np.abs(dense(R[:k], X[:k], alpha, "published", start)[1]).max() for k in range(len(R) + 1))
    )
    np.testing.assert_allclose(rls.decoder, phi, rtol=0, atol=1e-9 * scale)
    np.testing.assert_allclose(rls.P, P, rtol=0, atol=1e-10 * alpha)


@given(problems(max_updates=1), st.integers(0, 2**32 - 1))
def test_error_after_the_first_update(problem, seed):
    R, X, alpha, start = problem
    r, target = R[0], X[0]
    before = r @ start - target
    rPr = alpha * r @ r
    for gain, factor in (("published", 1 - rPr), ("textbook", 1 / (1 + rPr))):
        rls = RLS(len(r), alpha, outputs=len(target), gain=gain, decoder=start)
        z = rls.update(r, target)
        np.testing.assert_allclose(z, r @ start, rtol=1e-12, atol=1e-12)
        after = r @ rls.decoder - target
        np.testing.assert_allclose(
            after, factor * before, rtol=0, atol=1e-12 * (1 + rPr) * np.abs(start).sum()
        )


def test_a_readout_given_is_used():
    r = np.array([1.0, 2.0])
    rls = RLS(2, alpha=0.1)
    assert rls.update(r, 1.0, readout=[3.0]) == [3.0]
    np.testing.assert_allclose(rls.decoder[:, 0], -0.1 * r * (3 - 1), rtol=1e-15)


def test_one_target_for_all_outputs():
    one, both = RLS(3, alpha=1.0, outputs=2), RLS(3, alpha=1.0, outputs=2)
    one.update(np.ones(3), 2.0)
    both.update(np.ones(3), [2.0, 2.0])
    np.testing.assert_array_equal(one.decoder, both.decoder)


def test_the_decoder_given_is_copied():
    start = np.ones(3)
    rls = RLS(3, alpha=1.0, decoder=start)
    rls.update(np.ones(3), 0.0)
    np.testing.assert_array_equal(start, 1)
    assert rls.decoder.shape == (3, 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n = 0 must be a whole number"),
        ({"n": -3}, "n = -3 must be a whole number"),
        ({"n": 2.0}, "n = 2.0 must be a whole number"),
        ({"n": True}, "n = True must be a whole number"),
        ({"outputs": 0}, "outputs = 0 must be a whole number"),
        ({"outputs": None}, "outputs = None must be a whole number"),
        ({"alpha": 0}, "alpha = 0 must be positive"),
        ({"alpha": -1.0}, r"alpha = -1\.0 must be positive"),
        ({"alpha": np.nan}, "alpha = nan must be finite"),
        ({"alpha": np.inf}, "alpha = inf must be finite"),
        ({"alpha": "x"}, "alpha = 'x' must be a number"),
        ({"alpha": None}, "alpha = None must be a number"),
        ({"gain": "other"}, "gain = 'other' must be one of 'published', 'textbook'"),
        ({"decoder": np.ones(4)}, r"decoder of shape \(4,\) must be of shape \(3, 1\)"),
        ({"decoder": np.ones((1, 3))}, r"decoder of shape \(1, 3\) must be of shape \(3, 1\)"),
        ({"outputs": 2, "decoder": np.ones(3)}, r"decoder of shape \(3,\) must be of shape \(3, 2\)"),
        ({"forgetting": 0}, "forgetting = 0 must be above 0 and at most 1"),
        ({"forgetting": 1.1}, r"forgetting = 1\.1 must be above 0 and at most 1"),
        ({"P": np.eye(4)}, r"P of shape \(4, 4\) must be finite, of shape \(3, 3\)"),
        ({"P": np.full((3, 3), np.nan)}, r"P of shape \(3, 3\) must be finite, of shape \(3, 3\)"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ParameterError, match=message):
        RLS(**({"n": 3, "alpha": 0.1} | arguments))


@pytest.mark.parametrize(
    ("r", "target", "readout", "message"),
    [
        (np.ones(4), 1.0, None, r"r of shape \(4,\) must be of shape \(3,\)"),
        (np.ones((3, 1)), 1.0, None, r"r of shape \(3, 1\) must be of shape \(3,\)"),
        (1.0, 1.0, None, r"r of shape \(\) must be of shape \(3,\)"),
        ([1.0, np.nan, 0.0], 1.0, None, "r holds NaN"),
        (np.ones(3), [1.0, 2.0, 3.0], None, r"target of shape \(3,\) must be of shape \(2,\)"),
        (np.ones(3), [[1.0, 2.0]], None, r"target of shape \(1, 2\) must be of shape \(2,\)"),
        (np.ones(3), 1.0, [1.0, 2.0, 3.0], r"readout of shape \(3,\) must be of shape \(2,\)"),
    ],
)
def test_bad_updates_change_nothing(r, target, readout, message):
    rls = RLS(3, alpha=0.1, outputs=2)
    with pytest.raises(ParameterError, match=message):
        rls.update(r, target, readout)
    assert rls.updates == 0
    np.testing.assert_array_equal(rls.decoder, 0)
    np.testing.assert_array_equal(rls.P, 0.1 * np.eye(3))


def test_training_goes_on_with_an_earlier_P():
    random = np.random.default_rng(5)
    R, X = random.normal(size=(200, 30)), random.normal(size=(200, 2))
    whole, half = trained(R, X, 0.1), trained(R[:90], X[:90], 0.1)
    then = RLS(30, 0.1, outputs=2, gain="textbook", decoder=half.decoder, P=half.P)
    for r, x in zip(R[90:], X[90:], strict=True):
        then.update(r, x)
    np.testing.assert_allclose(then.P, whole.P, rtol=0, atol=1e-14)
    np.testing.assert_allclose(then.decoder, whole.decoder, rtol=0, atol=1e-12)
