"""Recursive least squares for the decoder (chapter 4)."""

from __future__ import annotations

import numpy as np

from ._checks import finite_number, whole_number
from .errors import ParameterError
from .parameters import GAINS

__all__ = ["RLS"]


class RLS:
    r"""Recursive least squares with several outputs that share one matrix P.

    P starts as :math:`\alpha I` and loses one outer product per update. It is kept as
    :math:`P = P_0 - U^\mathsf{T} U`, where each update appends a row to U; after `n // 2` rows
    they are folded into a dense :math:`P_0`, so that neither time nor memory grows any further.

    Parameters
    ----------
    n : int
        Number of neurons, at least 1.
    alpha : float
        Scale of the initial P, positive.
    outputs : int, default 1
        Number of readouts.
    gain : {"published", "textbook"}, default "published"
        Whether the decoder moves by :math:`P r` with the old P, as in the published code, or by
        :math:`P r / (1 + r^\mathsf{T} P r)`, as in the textbook.
    decoder : array_like, shape (n,) or (n, outputs), optional
        Initial decoder, zero by default.
    P : array_like, shape (n, n), optional
        Initial P, symmetric, to go on with an earlier training; alpha times the identity by default.

    Attributes
    ----------
    decoder : ndarray of float64, shape (n, outputs)
        The decoder :math:`\phi`.
    updates : int
        Number of updates so far.

    Raises
    ------
    ParameterError
        If an argument is outside its limits.

    References
    ----------
    Sussillo and Abbott, Neuron 63:544 (2009); Nicola and Clopath (2017), Methods. Built in chapter 4.

    Examples
    --------
    >>> import numpy as np
    >>> from forcelib import RLS
    >>> rls = RLS(2, alpha=1.0, gain="textbook")
    >>> rls.update([1.0, 0.0], target=1.0)
    array([0.])
    >>> rls.decoder[:, 0], rls.P.round(9)
    (array([0.5, 0. ]), array([[0.5, 0. ],
           [0. , 1. ]]))
    """

    def __init__(
        self,
        n: int,
        alpha: float,
        *,
        outputs: int = 1,
        gain: str = "published",
        decoder: np.ndarray | None = None,
        P: np.ndarray | None = None,
    ) -> None:
        self.n, outputs = whole_number("n", n, 1), whole_number("outputs", outputs, 1)
        self.alpha = finite_number("alpha", alpha)
        if self.alpha <= 0:
            raise ParameterError(f"alpha = {alpha!r} must be positive")
        if gain not in GAINS:
            raise ParameterError(f"gain = {gain!r} must be one of {', '.join(map(repr, GAINS))}")
        self.gain = gain
        self.updates = 0
        self.decoder = np.zeros((n, outputs))
        if decoder is not None:
            decoder = np.asarray(decoder, dtype=float)
            if decoder.shape != (n, outputs) and (decoder.shape, outputs) != ((n,), 1):
                raise ParameterError(f"decoder of shape {decoder.shape} must be of shape ({n}, {outputs})")
            self.decoder[:] = decoder.reshape(n, outputs)
        self._dense: np.ndarray | None = None  # P0 once U was folded; alpha I before
        if P is not None:
            self._dense = np.array(P, dtype=float)
            if self._dense.shape != (n, n) or not np.all(np.isfinite(self._dense)):
                raise ParameterError(f"P of shape {self._dense.shape} must be finite, of shape ({n}, {n})")
        self._U = np.empty((max(1, n // 2), n))  # of which the system provides the rows that are written
        self._rows = 0

    def gain_vector(self, r: np.ndarray) -> np.ndarray:
        """Return P r.

        Parameters
        ----------
        r : array_like, shape (n,)
            Filtered rates.

        Returns
        -------
        ndarray of float64, shape (n,)

        Examples
        --------
        >>> from forcelib import RLS
        >>> RLS(2, alpha=0.1).gain_vector([1.0, 2.0])
        array([0.1, 0.2])
        """
        r = np.asarray(r, dtype=float)
        U = self._U[: self._rows]
        start = self.alpha * r if self._dense is None else self._dense @ r
        return start - (U @ r) @ U

    def update(
        self, r: np.ndarray, target: np.ndarray | float, readout: np.ndarray | None = None
    ) -> np.ndarray:
        """Make one update towards a target.

        Parameters
        ----------
        r : array_like, shape (n,)
            Filtered rates.
        target : array_like, shape (outputs,) or a number
            What the readout should have been.
        readout : array_like, shape (outputs,), optional
            The readout, if it is known already; by default the decoder applied to `r`.

        Returns
        -------
        ndarray of float64, shape (outputs,)
            The readout before the update.

        Raises
        ------
        ParameterError
            If `r`, `target` or `readout` has the wrong shape, or `r` is not finite.

        References
        ----------
        Chapter 4, equation of the update.

        Examples
        --------
        >>> import numpy as np
        >>> from forcelib import RLS
        >>> rls = RLS(3, alpha=1.0, outputs=2)
        >>> rls.update(np.ones(3), target=[1.0, -1.0])
        array([0., 0.])
        >>> rls.decoder[0]
        array([ 1., -1.])
        """
        r = np.asarray(r, dtype=float)
        if r.shape != (self.n,):
            raise ParameterError(f"r of shape {r.shape} must be of shape ({self.n},)")
        if not np.all(np.isfinite(r)):
            raise ParameterError("r holds NaN or infinite values; all must be finite")
        outputs = self.decoder.shape[1]
        z = r @ self.decoder if readout is None else np.asarray(readout, dtype=float)
        if z.shape != (outputs,):
            raise ParameterError(f"readout of shape {z.shape} must be of shape ({outputs},)")
        target = np.asarray(target, dtype=float)
        if target.size not in (1, outputs) or target.ndim > 1:
            raise ParameterError(f"target of shape {target.shape} must be of shape ({outputs},)")
        error = z - target
        k = self.gain_vector(r)
        norm = 1 + r @ k
        step = k / norm if self.gain == "textbook" else k
        self.decoder -= np.multiply.outer(step, np.broadcast_to(error, outputs))
        self._append(k / np.sqrt(norm))
        self.updates += 1
        return z

    @property
    def P(self) -> np.ndarray:
        """Ndarray of float64, shape (n, n): The matrix P, put together when asked for."""
        U = self._U[: self._rows]
        start = self.alpha * np.eye(self.n) if self._dense is None else self._dense
        return start - U.T @ U

    def _append(self, row: np.ndarray) -> None:
        """Append a row to U, or begin a new one if it is full."""
        if self._rows == len(self._U):
            self._dense, self._rows = self.P, 0
        self._U[self._rows] = row
        self._rows += 1
