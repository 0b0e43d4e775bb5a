"""The reservoir: random sparse weights, encoders, initial potentials (chapter 3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from ._checks import check_seed, whole_number
from .errors import ParameterError
from .parameters import Parameters

__all__ = ["Reservoir", "balance"]

#: The largest network that is drawn; the draw takes 8 N^2 bytes.
MAX_N = 20_000


def balance(weights: sparse.csr_array) -> sparse.csr_array:
    r"""Shift each neuron's incoming weights so that their mean is zero.

    Parameters
    ----------
    weights : csr_array of float64, shape (N, N)
        ``weights[pre, post]`` in seconds.

    Returns
    -------
    csr_array of float64, shape (N, N)
        The same connections; the stored weights of every column with at least one sum to zero.

    References
    ----------
    The authors' MATLAB code, ModelDB 190565; chapter 3, "balanced input".

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> from forcelib import reservoir
    >>> weights = sparse.csr_array(np.array([[1.0, 0.0], [3.0, 5.0]]))
    >>> reservoir.balance(weights).toarray()
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    n = weights.shape[1]
    counts = np.bincount(weights.indices, minlength=n)
    sums = np.bincount(weights.indices, weights=weights.data, minlength=n)
    means = sums / np.maximum(counts, 1)
    shifted = weights.data - means[weights.indices]
    return sparse.csr_array((shifted, weights.indices, weights.indptr), shape=weights.shape)


@dataclass(frozen=True, eq=False)
class Reservoir:
    r"""The random parts of a network: weights, encoders, initial membrane potentials.

    The arrays are read-only copies of what is given. Reservoirs are equal if they have the same connections,
    weights, encoders and potentials.

    Parameters
    ----------
    weights : csr_array of float64, shape (N, N)
        ``weights[pre, post]``, in seconds; anything SciPy can make a CSR array of is accepted.
    encoders : ndarray of float64, shape (N, outputs)
        The feedback weights E, one column per output; shape (N,) is accepted for one.
    potentials : ndarray of float64, shape (N,)
        Initial membrane potentials.
    input_weights : ndarray of float64, shape (N, inputs), optional
        The weights W of inputs, one column per input; shape (N,) is accepted for one. None by default.

    Raises
    ------
    ParameterError
        If a shape does not fit or a value is not finite.

    References
    ----------
    Chapter 3.

    Examples
    --------
    >>> from forcelib import Parameters, Reservoir
    >>> reservoir = Reservoir.draw(Parameters(N=100), seed=1)
    >>> reservoir.weights.shape, reservoir.encoders.shape
    ((100, 100), (100, 1))
    """

    weights: sparse.csr_array
    encoders: np.ndarray
    potentials: np.ndarray
    input_weights: np.ndarray = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        try:
            if self.weights is None:  # SciPy 1.12 makes a matrix of it
                raise TypeError
            weights = sparse.csr_array(self.weights, dtype=float, copy=True)
            weights.check_format(full_check=True)
        except (TypeError, ValueError):
            raise ParameterError("weights must be a matrix of numbers, of shape (N, N)") from None
        if weights.ndim != 2 or weights.shape[0] != weights.shape[1]:
            raise ParameterError(f"weights of shape {weights.shape} must be of shape (N, N)")
        weights.sum_duplicates()
        weights.sort_indices()
        n = weights.shape[0]
        given = np.zeros((n, 0)) if self.input_weights is None else self.input_weights
        arrays = {"encoders": self.encoders, "input_weights": given, "potentials": self.potentials}
        arrays = {name: _floats(name, values) for name, values in arrays.items()}
        for name, least in (("encoders", 1), ("input_weights", 0)):
            if arrays[name].ndim == 1:
                arrays[name] = arrays[name][:, None]
            shape = arrays[name].shape
            if len(shape) != 2 or shape[0] != n or shape[1] < least:
                columns = name.replace("encoders", "outputs").replace("input_weights", "inputs")
                raise ParameterError(f"{name} of shape {shape} must be of shape ({n}, {columns})")
        potentials = arrays["potentials"]
        if potentials.shape != (n,):
            raise ParameterError(f"potentials of shape {potentials.shape} must be of shape ({n},)")
        for name, values in ({"weights": weights.data} | arrays).items():
            bad = np.count_nonzero(~np.isfinite(values))
            if bad:
                raise ParameterError(f"{name}: {bad} values are NaN or infinite; all must be finite")
        self.__setstate__({"weights": weights} | arrays)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for array in self._arrays():  # which NumPy unpickles and copies as writeable ones
            array.setflags(write=False)

    def _arrays(self) -> tuple[np.ndarray, ...]:
        weights = self.weights
        own = self.encoders, self.potentials, self.input_weights
        return weights.indptr, weights.indices, weights.data, *own

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reservoir):
            return NotImplemented
        return self is other or all(map(np.array_equal, self._arrays(), other._arrays()))

    def __hash__(self) -> int:
        # Of a part, which differs wherever the seed or G does; adding 0.0 makes -0.0 the 0.0 that it equals.
        parts = (self.weights.data[:1000], self.encoders, self.potentials, self.input_weights)
        return hash(tuple((part + 0.0).tobytes() for part in parts))

    @property
    def N(self) -> int:
        """int: Number of neurons."""
        return self.weights.shape[0]

    @property
    def outputs(self) -> int:
        """int: Number of outputs."""
        return self.encoders.shape[1]

    @property
    def inputs(self) -> int:
        """int: Number of inputs."""
        return self.input_weights.shape[1]

    @classmethod
    def draw(cls, parameters: Parameters, seed: int, outputs: int = 1, inputs: int = 0) -> Reservoir:
        r"""Draw a reservoir, in the order of the reference program.

        A weight is :math:`G\,\xi_{ij} b_{ij} / (\sqrt{N}\,p)` with :math:`\xi_{ij}` normal and
        :math:`b_{ij} = 1` with probability p; an encoder is uniform in [-Q, Q), an input weight in
        [-Q_in, Q_in).

        Parameters
        ----------
        parameters : Parameters
            `N`, `p`, `G`, `Q`, `Q_in`, `balanced` and where the potentials start, for the LIF neuron
            `v_reset` and `v_start`, are used.
        seed : int
            Seed in [0, 2**32); a seed gives the network that the reference program draws from it.
        outputs : int, default 1
            Number of outputs; encoders beyond the first are drawn after the weights.
        inputs : int, default 0
            Number of inputs, whose weights are drawn last.

        Returns
        -------
        Reservoir

        Raises
        ------
        ParameterError
            If the seed or the number of outputs or inputs is outside its limits.

        References
        ----------
        The reference program (S. Schmitt, 2022); chapter 3.

        Examples
        --------
        >>> from forcelib import Parameters, Reservoir
        >>> Reservoir.draw(Parameters(), seed=1).weights.nnz
        399926
        """
        check_seed(seed)
        whole_number("outputs", outputs, 1)
        whole_number("inputs", inputs, 0)
        N, p, Q = parameters.N, parameters.p, parameters.Q
        if N > MAX_N:
            raise ParameterError(
                f"N = {N} must not exceed {MAX_N}: to draw the weights as the reference program does "
                f"would take {8e-9 * N**2:.0f} GB; make a Reservoir of your own"
            )
        # The legacy generator is the reference program's; its stream is frozen by NumPy.
        random = np.random.RandomState(seed)
        uniform = [2 * random.uniform(size=N) - 1]
        potentials = draw_potentials(parameters, random)
        normal = random.normal(size=(N, N))
        pre, post, values = [], [], []
        rows = max(1, 2**20 // N)
        for first in range(0, N, rows):
            block = normal[first : first + rows]
            connected = random.uniform(size=block.shape) < p
            i, j = np.nonzero(connected)
            pre.append(i + first)
            post.append(j)
            values.append(block[connected])
        del normal, block
        with np.errstate(all="ignore"):  # what is not finite is found below
            scaled = parameters.G * np.concatenate(values) / (np.sqrt(N) * p)
            counts = np.bincount(np.concatenate(pre), minlength=N)
            ends = np.concatenate([[0], np.cumsum(counts)])
            weights = sparse.csr_array((scaled, np.concatenate(post), ends), shape=(N, N))
            if parameters.balanced:
                weights = balance(weights)
            uniform += [2 * random.uniform(size=N) - 1 for _ in range(outputs - 1)]
            encoders = Q * np.column_stack(uniform)
            input_weights = parameters.Q_in * (2 * random.uniform(size=(inputs, N)) - 1).T
        return cls(weights, encoders, potentials, input_weights)

    def effective_weights(self, decoder: np.ndarray) -> np.ndarray:
        r"""Return the weights with the feedback of the readout added to them.

        The readout is :math:`z = \phi \cdot r`, so that neuron j receives
        :math:`\sum_i (\omega_{ij} + \phi_i E_j)\, r_i`.

        Parameters
        ----------
        decoder : array_like of float64, shape (N, outputs) or (N,)
            The decoder phi, in seconds.

        Returns
        -------
        ndarray of float64, shape (N, N)
            ``[pre, post]``, in seconds.

        Raises
        ------
        ParameterError
            If the decoder's shape does not fit.

        References
        ----------
        Chapter 3, and with a learned decoder chapters 4 and 5.

        Examples
        --------
        >>> import numpy as np
        >>> from forcelib import Reservoir
        >>> two = Reservoir(np.zeros((2, 2)), [10.0, -5.0], [0.0, 0.0])
        >>> two.effective_weights([0.1, 0.2])
        array([[ 1. , -0.5],
               [ 2. , -1. ]])
        """
        phi = _floats("decoder", decoder)
        if phi.shape not in ((self.N, self.outputs), (self.N,) if self.outputs == 1 else ()):
            raise ParameterError(f"decoder of shape {phi.shape} must be of shape ({self.N}, {self.outputs})")
        return self.weights.toarray() + phi.reshape(self.N, self.outputs) @ self.encoders.T

    def silenced(self, neurons: np.ndarray) -> Reservoir:
        """Return a copy in which nobody hears some neurons: their outgoing weights are removed.

        Parameters
        ----------
        neurons : array_like of int
            Indices in [0, N).

        Returns
        -------
        Reservoir

        Raises
        ------
        ParameterError
            If there is no such neuron.

        References
        ----------
        Chapter 5.

        Examples
        --------
        >>> from forcelib import Parameters, Reservoir
        >>> reservoir = Reservoir.draw(Parameters(N=100), seed=1)
        >>> reservoir.silenced([0, 1]).weights[[0, 1]].nnz
        0
        """
        muted = np.asarray(neurons, dtype=np.int64)
        if np.any((muted < 0) | (muted >= self.N)):
            raise ParameterError(f"neurons: all must lie in [0, {self.N})")
        entries = self.weights.tocoo()
        kept = ~np.isin(entries.row, muted)
        places = entries.row[kept], entries.col[kept]
        weights = sparse.csr_array((entries.data[kept], places), shape=self.weights.shape)
        return replace(self, weights=weights)


def draw_potentials(parameters: Parameters, random: np.random.RandomState) -> np.ndarray:
    """Draw initial membrane potentials, uniform where the neuron starts, shape (N,)."""
    low, high = parameters.start_span
    with np.errstate(under="ignore"):
        return low + random.uniform(size=parameters.N) * (high - low)


def _floats(name: str, values: object) -> np.ndarray:
    """Return values as a new array of floats, or raise."""
    try:
        return np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must be an array of numbers") from None
