"""Recursive least squares for the decoder (chapter 4)."""

from __future__ import annotations

import numpy as np

from ._checks import finite_number, whole_number, within
from .errors import ParameterError
from .parameters import GAINS

__all__ = ["RLS"]


class RLS:
    r"""Recursive least squares with several outputs that share one matrix P.

    P starts as :math:`\alpha I` and loses one outer product per update. It is kept as
    :math:`P = c\,(P_0 - U^\mathsf{T} U)`, where each update appends a row to U; after `n // 2` rows
    they are folded into a dense :math:`P_0`, so that neither time nor memory grows any further. The factor
    c is 1 unless something is forgotten: each update divides it by the forgetting factor.

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
        :math:`P r / (\lambda + r^\mathsf{T} P r)`, as in the textbook, where nothing is forgotten with
        :math:`\lambda = 1`.
    decoder : array_like, shape (n,) or (n, outputs), optional
        Initial decoder, zero by default.
    forgetting : float, default 1
        Forgetting factor :math:`\lambda` in (0, 1]. The decoder makes the errors
        :math:`\sum_m \lambda^{n-m} e_m^2` small, and P grows by :math:`1/\lambda` with each update, in all
        directions that r does not visit without bound.
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
        forgetting: float = 1.0,
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
        self.forgetting = finite_number("forgetting", forgetting)
        within("forgetting", self.forgetting, {"above": 0, "high": 1})
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
        self._scale = 1.0

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
        return self._scale * (start - (U @ r) @ U)

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
        norm = self.forgetting + r @ k
        step = k / norm if self.gain == "textbook" else k
        self.decoder -= np.multiply.outer(step, np.broadcast_to(error, outputs))
        self._append(k, norm)
        self.updates += 1
        return z

    @property
    def P(self) -> np.ndarray:
        """Ndarray of float64, shape (n, n): The matrix P, put together when asked for."""
        U = self._U[: self._rows]
        start = self.alpha * np.eye(self.n) if self._dense is None else self._dense
        return self._scale * (start - U.T @ U)

    def _append(self, k: np.ndarray, norm: float) -> None:
        """Append a row to U, or begin a new one if it is full, or if little of P0 is left in P."""
        if self._rows == len(self._U) or self._scale > 2:
            self._dense, self._rows, self._scale = self.P, 0, 1.0
        self._U[self._rows] = k / np.sqrt(self._scale * norm)
        self._rows += 1
        self._scale /= self.forgetting
