import copy
import pickle

import brian2 as b2
import numpy as np
import pytest
from brian2 import Hz, ms, second
from brian2.units.fundamentalunits import DIMENSIONLESS
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from forcelib import ParameterError, Parameters, Reservoir, model, reservoir


def reference_draws(N, p, G, Q, v_reset, v_start, seed):
    """The draws of the reference program, dense, in its order."""
    random = np.random.RandomState(seed)
    E = (2 * random.uniform(size=N) - 1) * Q
    v = v_reset + random.uniform(size=N) * (v_start - v_reset)
    omega = G * (random.normal(size=(N, N)) * (random.uniform(size=(N, N)) < p)) / (np.sqrt(N) * p)
    return E, v, omega


# From N = 1025 on, the matrix is drawn in blocks of 2**20 // N rows.
@pytest.mark.parametrize(
    ("N", "seed"), [(2, 1), (100, 0), (1024, 1), (1025, 2), (1500, 1), (1500, 2**32 - 1)]
)
def test_draws_are_those_of_the_reference_program(N, seed):
    E, v, omega = reference_draws(N, 0.1, 0.04, 10, -65, 30, seed)
    drawn = Reservoir.draw(Parameters(N=N), seed)
    np.testing.assert_array_equal(drawn.encoders, E[:, None])
    np.testing.assert_array_equal(drawn.potentials, v)
    np.testing.assert_array_equal(drawn.weights.toarray(), omega)
    assert drawn.weights.nnz == np.count_nonzero(omega)
    assert (drawn.N, drawn.outputs) == (N, 1)


@pytest.mark.parametrize("p", [0.02, 0.5, 1])
def test_draws_with_other_parameters(p):
    parameters = Parameters(N=150, p=p, G=0.7, Q=3, v_reset=-70, v_start=-45)
    E, v, omega = reference_draws(150, p, 0.7, 3, -70, -45, 5)
    drawn = Reservoir.draw(parameters, 5)
    np.testing.assert_array_equal(drawn.encoders[:, 0], E)
    np.testing.assert_array_equal(drawn.potentials, v)
    np.testing.assert_array_equal(drawn.weights.toarray(), omega)


def test_a_network_may_have_no_connection():
    drawn = Reservoir.draw(Parameters(N=5, p=1e-9), seed=1)
    assert drawn.weights.nnz == 0
    assert drawn.weights.shape == (5, 5)


def test_statistics():
    N, p, G, Q = 1200, 0.2, 0.05, 4
    drawn = Reservoir.draw(Parameters(N=N, p=p, G=G, Q=Q), seed=3)
    omega = drawn.weights.data
    # Five standard errors each.
    assert drawn.weights.nnz / N**2 == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p)) / N)
    variance = G**2 / (N * p**2)
    assert omega.mean() == pytest.approx(0, abs=5 * np.sqrt(variance / len(omega)))
    assert omega.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / len(omega)))
    for values, low, high in ((drawn.encoders, -Q, Q), (drawn.potentials, -65, 30)):
        assert low <= values.min() < low + 0.02 * (high - low)
        assert high - 0.02 * (high - low) < values.max() < high
        assert values.mean() == pytest.approx((low + high) / 2, abs=5 * (high - low) / np.sqrt(12 * N))


def test_the_global_generator_is_left_alone():
    np.random.seed(123)  # noqa: NPY002
    before = np.random.get_state()  # noqa: NPY002
    Reservoir.draw(Parameters(N=50), seed=1, outputs=2)
    after = np.random.get_state()  # noqa: NPY002
    np.testing.assert_array_equal(before[1], after[1])
    assert before[2:] == after[2:]


@pytest.mark.parametrize("balanced", [False, True])
def test_further_outputs_leave_the_rest_unchanged(balanced):
    parameters = Parameters(N=120, balanced=balanced)
    one, three = (Reservoir.draw(parameters, 4, outputs=outputs) for outputs in (1, 3))
    assert three.encoders.shape == (120, 3)
    assert three.outputs == 3
    np.testing.assert_array_equal(three.encoders[:, 0], one.encoders[:, 0])
    np.testing.assert_array_equal(three.potentials, one.potentials)
    np.testing.assert_array_equal(three.weights.toarray(), one.weights.toarray())
    for k in range(3):
        assert np.abs(three.encoders[:, k]).max() <= 10
        for other in range(k):
            assert abs(np.corrcoef(three.encoders[:, k], three.encoders[:, other])[0, 1]) < 0.4


def test_balanced_draw_is_the_balanced_reference_draw():
    omega = reference_draws(300, 0.1, 0.04, 10, -65, 30, 7)[2]
    drawn = Reservoir.draw(Parameters(N=300, balanced=True), seed=7).weights.toarray()
    connected = omega != 0
    np.testing.assert_array_equal(drawn != 0, connected)
    means = omega.sum(axis=0) / connected.sum(axis=0)
    np.testing.assert_allclose(drawn, (omega - means) * connected, rtol=0, atol=1e-16)
    np.testing.assert_allclose(drawn.sum(axis=0), 0, atol=1e-15)  # of weights of about 0.02


matrices = arrays(float, (8, 8), elements=st.one_of(st.just(0.0), st.integers(-9, 9).map(float)))


@given(matrices)
def test_balance(dense):
    weights = sparse.csr_array(dense)
    data = weights.data.copy()
    balanced = reservoir.balance(weights)
    np.testing.assert_array_equal(balanced.indices, weights.indices)
    np.testing.assert_array_equal(balanced.indptr, weights.indptr)
    np.testing.assert_array_equal(weights.data, data)
    np.testing.assert_allclose(balanced.toarray().sum(axis=0), 0, atol=1e-13)
    # Within a column every connection is shifted by the same amount.
    shift = np.where(dense != 0, balanced.toarray() - dense, np.nan)
    for column in shift.T:
        known = column[~np.isnan(column)]
        assert known.size == 0 or np.ptp(known) < 1e-13


def small(**changes):
    given = {"weights": np.eye(3), "encoders": np.ones(3), "potentials": np.zeros(3)}
    return Reservoir(**(given | changes))


@pytest.mark.parametrize(
    "kind", [np.asarray, np.ndarray.tolist, sparse.csr_array, sparse.csc_matrix, sparse.coo_array]
)
def test_weights_of_any_kind(kind):
    dense = np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 3.0], [0.5, 0.0, 0.0]])
    own = small(weights=kind(dense))
    np.testing.assert_array_equal(own.weights.toarray(), dense)
    assert own.weights.dtype == np.float64
    assert (own.N, own.outputs, own.encoders.shape) == (3, 1, (3, 1))


def test_duplicate_entries_add_up():
    weights = sparse.csr_array(([1.0, 2.0, 4.0], [1, 1, 2], [0, 2, 3, 3]), shape=(3, 3))
    own = small(weights=weights)
    assert own.weights.nnz == 2
    assert own.weights[0, 1] == 3


def test_later_changes_of_the_arrays_given_do_not_change_the_reservoir():
    weights, encoders, potentials = sparse.csr_array(np.eye(3)), np.ones((3, 1)), np.zeros(3)
    own = Reservoir(weights, encoders, potentials)
    weights.data[:] = 99
    encoders[:] = 99
    potentials[:] = 99
    np.testing.assert_array_equal(own.encoders, 1)
    np.testing.assert_array_equal(own.potentials, 0)
    np.testing.assert_array_equal(own.weights.toarray(), np.eye(3))


def test_arrays_cannot_be_changed():
    own = small()
    copies = [pickle.loads(pickle.dumps(own)), copy.copy(own), copy.deepcopy(own)]
    for each in [own, own.silenced([0]), *copies]:
        w = each.weights
        for array in (w.data, w.indices, w.indptr, each.encoders, each.potentials):
            with pytest.raises(ValueError, match="read-only"):
                array[:] = 0
    with pytest.raises(ValueError, match="read-only"):
        own.weights[0, 0] = 7


def test_equal_by_value():
    drawn = Reservoir.draw(Parameters(N=30), seed=1)
    again = pickle.loads(pickle.dumps(drawn))
    given_in_another_way = Reservoir(drawn.weights.toarray(), drawn.encoders.tolist(), drawn.potentials)
    assert len({drawn, again, given_in_another_way}) == 1
    others = [
        Reservoir.draw(Parameters(N=30), seed=2),
        Reservoir.draw(Parameters(N=30, G=0.1), seed=1),
        Reservoir.draw(Parameters(N=30, Q=5), seed=1),
        Reservoir.draw(Parameters(N=30), seed=1, outputs=2),
        drawn.silenced([3]),
        Reservoir(drawn.weights, drawn.encoders, -drawn.potentials),
        Reservoir(drawn.weights.T, drawn.encoders, drawn.potentials),
    ]
    assert len({drawn, *others}) == 8
    assert drawn != "a reservoir"


def test_hash_fits_equality():
    # -0.0 equals 0.0, and weights of which only the last of many differ are different.
    assert len({small(potentials=np.zeros(3)), small(potentials=-np.zeros(3))}) == 1
    weights = np.ones((40, 40))
    changed = weights.copy()
    changed[39, 39] = 2
    one, other = (Reservoir(w, np.ones(40), np.zeros(40)) for w in (weights, changed))
    assert len({one, other}) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": np.full((3, 3), np.nan)}, "weights: 9 values are NaN or infinite"),
        ({"weights": np.diag([1, np.inf, 0])}, "weights: 1 values are NaN or infinite"),
        ({"weights": np.ones((3, 4))}, r"weights of shape \(3, 4\) must be of shape \(N, N\)"),
        ({"weights": np.ones(3)}, r"weights .*must be .*shape \(N, N\)"),
        ({"weights": np.ones((2, 3, 3))}, r"weights .*must be .*shape \(N, N\)"),
        ({"weights": "three"}, "weights must be a matrix of numbers"),
        ({"weights": None}, "weights must be a matrix of numbers"),
        ({"encoders": np.ones(4)}, r"encoders of shape \(4, 1\) must be of shape \(3, outputs\)"),
        ({"encoders": np.ones((1, 3))}, r"encoders of shape \(1, 3\) must be of shape \(3, outputs\)"),
        ({"encoders": np.ones((3, 0))}, r"encoders of shape \(3, 0\)"),
        ({"encoders": np.ones((3, 1, 1))}, r"encoders of shape \(3, 1, 1\)"),
        ({"encoders": 1.0}, r"encoders of shape \(\)"),
        ({"encoders": [1, np.nan, 1]}, "encoders: 1 values are NaN or infinite"),
        ({"encoders": ["a", "b", "c"]}, "encoders must be an array of numbers"),
        ({"potentials": np.zeros(2)}, r"potentials of shape \(2,\) must be of shape \(3,\)"),
        ({"potentials": np.zeros((3, 1))}, r"potentials of shape \(3, 1\) must be of shape \(3,\)"),
        ({"potentials": [0, -np.inf, np.nan]}, "potentials: 2 values are NaN or infinite"),
    ],
)
def test_bad_arrays(changes, message):
    with pytest.raises(ParameterError, match=message):
        small(**changes)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.0, "1", None, True, np.float64(1), [1, 2]])
def test_bad_seeds(seed):
    with pytest.raises(ParameterError, match=r"seed = .* must be a whole number, at least 0 and below"):
        Reservoir.draw(Parameters(N=10), seed)


@pytest.mark.parametrize("outputs", [0, -1, 1.0, "1", None, True])
def test_bad_outputs(outputs):
    with pytest.raises(ParameterError, match=r"outputs = .* must be a whole number, at least 1"):
        Reservoir.draw(Parameters(N=10), 1, outputs=outputs)


def test_a_network_too_large_to_draw():
    with pytest.raises(ParameterError, match=r"N = 100000 must not exceed"):
        Reservoir.draw(Parameters(N=100_000), 1)


def test_equations_have_consistent_units():
    for outputs in (1, 3):
        equations = b2.Equations(model.network_equations(outputs))
        assert {"v", "s", "h", "r", "h_r"} == equations.diff_eq_names
        dimensions = equations.dimensions
        for name in model.output_names("phi", outputs):
            assert dimensions[name] is second.dim
        for name in model.output_names("z", outputs) + model.output_names("E", outputs):
            assert dimensions[name] is DIMENSIONLESS
        assert dimensions["r"] is Hz.dim
        assert dimensions["tau_d"] is ms.dim


@pytest.mark.parametrize("outputs", [1, 2])
def test_effective_weights_give_the_whole_input(outputs):
    drawn = Reservoir.draw(Parameters(N=30), seed=1, outputs=outputs)
    rng = np.random.default_rng(2)
    phi, r = rng.normal(size=(30, outputs)), rng.normal(size=30)
    current = drawn.weights.toarray().T @ r + drawn.encoders @ (phi.T @ r)
    np.testing.assert_allclose(drawn.effective_weights(phi).T @ r, current, rtol=1e-12)
    if outputs == 1:
        np.testing.assert_array_equal(drawn.effective_weights(phi[:, 0]), drawn.effective_weights(phi))
    np.testing.assert_array_equal(drawn.effective_weights(0 * phi), drawn.weights.toarray())


@pytest.mark.parametrize("bad", [np.zeros(29), np.zeros((30, 2)), np.zeros((1, 30)), "text", 1.0])
def test_effective_weights_of_a_decoder_that_does_not_fit(bad):
    with pytest.raises(ParameterError, match="decoder"):
        Reservoir.draw(Parameters(N=30), seed=1).effective_weights(bad)


@given(st.sets(st.integers(0, 29)))
def test_silenced_neurons_lose_their_outgoing_weights_only(mute):
    drawn = Reservoir.draw(Parameters(N=30, p=0.3), seed=1)
    silenced = drawn.silenced(sorted(mute))
    expected = drawn.weights.toarray()
    expected[sorted(mute)] = 0
    np.testing.assert_array_equal(silenced.weights.toarray(), expected)
    assert silenced.weights.nnz == np.count_nonzero(expected)
    np.testing.assert_array_equal(silenced.encoders, drawn.encoders)


@pytest.mark.parametrize("neuron", [-1, 30])
def test_there_is_no_such_neuron_to_silence(neuron):
    with pytest.raises(ParameterError, match=r"must lie in \[0, 30\)"):
        Reservoir.draw(Parameters(N=30), seed=1).silenced([neuron])
