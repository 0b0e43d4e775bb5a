"""What a neuron does, above all the leaky integrate-and-fire one (chapter 1); its equations are in model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from brian2 import Hz, Quantity

from .errors import ParameterError
from .model import LIF, THETA
from .parameters import Parameters

__all__ = ["euler_step", "firing_rate", "rate"]


def euler_step(v: np.ndarray, current: np.ndarray, parameters: Parameters) -> np.ndarray:
    r"""Advance the membrane potential by one Euler step, before threshold and reset.

    Parameters
    ----------
    v : array_like, shape (n,)
        Membrane potentials, without unit.
    current : array_like, shape (n,)
        Input current `I` beside the bias, without unit.
    parameters : Parameters
        `I_bias`, `tau_m` and `dt` are used.

    Returns
    -------
    ndarray of float64, shape (n,)
        :math:`v + \Delta t\,(-v + I_\mathrm{bias} + I)/\tau_m`.

    References
    ----------
    Built in chapter 1; the equation is that of Nicola and Clopath (2017), Methods, LIF.

    Examples
    --------
    >>> from forcelib import Parameters, neuron
    >>> float(neuron.euler_step(-65.0, 0.0, Parameters()))
    -64.875
    """
    v = np.asarray(v, dtype=float)
    dt_over_tau = float(parameters.dt / parameters.tau_m)
    return v + dt_over_tau * (-v + parameters.I_bias + np.asarray(current, dtype=float))


def firing_rate(current: np.ndarray, parameters: Parameters) -> Quantity:
    r"""Firing rate of a LIF or theta neuron under constant input: the f-I curve.

    Parameters
    ----------
    current : array_like, any shape
        Input current `I` beside the bias, without unit.
    parameters : Parameters
        `neuron` is used, and for the LIF neuron `I_bias`, `tau_m`, `tau_ref`, `v_reset` and `v_threshold`.

    Returns
    -------
    Quantity in hertz, same shape
        :math:`1 / (\tau_\mathrm{ref} + \tau_m \ln\frac{I_\infty - v_\mathrm{reset}}
        {I_\infty - v_\mathrm{th}})` with :math:`I_\infty = I_\mathrm{bias} + I`, and 0 where
        :math:`I_\infty \le v_\mathrm{th}`. For the theta neuron :math:`\sqrt{I} / \tau`, and 0 where
        :math:`I \le 0`.

    Raises
    ------
    ParameterError
        If a current is not finite, or the rate of this neuron has no formula.

    References
    ----------
    Derived in chapter 1 from the solution of the membrane equation between two spikes. For the theta neuron
    :math:`x = \tan(v/2)` obeys :math:`\tau \dot x = x^2 + \pi^2 I`, and takes :math:`\tau / \sqrt{I}` from
    :math:`-\infty` to :math:`\infty`.

    Examples
    --------
    >>> from forcelib import Parameters, neuron
    >>> neuron.firing_rate([0.0, 5.0], Parameters())
    array([ 0.        , 50.20686561]) * hertz
    """
    current = np.asarray(current, dtype=float)
    if not np.all(np.isfinite(current)):
        raise ParameterError(f"current = {current} must be finite")
    return rate(current, parameters) * Hz


def rate(current: np.ndarray, parameters: Parameters) -> np.ndarray:
    """Compute :func:`firing_rate` in hertz, without unit and without a look at the currents.

    Parameters
    ----------
    current : ndarray of float64
    parameters : Parameters

    Returns
    -------
    ndarray of float64, same shape

    Examples
    --------
    >>> from forcelib import THETA, Parameters, neuron
    >>> neuron.rate(np.array([-1.0, 25.0]), Parameters(neuron=THETA))
    array([0., 5.])
    """
    return rate_curve(parameters)(current)


def rate_curve(parameters: Parameters) -> Callable[[np.ndarray], np.ndarray]:
    """Return :func:`rate` as a function of the current alone, for those who ask in every time step."""
    if parameters.neuron.same_equations(THETA):
        tau = parameters.neuron["tau"]
        return lambda current: np.sqrt(np.maximum(current, 0.0)) / tau
    if not parameters.neuron.same_equations(LIF):
        raise ParameterError(f"neuron: there is no formula for the rate of the {parameters.neuron} neuron")
    tau_m, tau_ref = float(parameters.tau_m), float(parameters.tau_ref)
    threshold, span = parameters.v_threshold, parameters.v_threshold - parameters.v_reset

    def of_lif(current: np.ndarray) -> np.ndarray:
        above = parameters.I_bias + current - threshold
        fires = above > 0
        rise = tau_m * np.log1p(span / np.where(fires, above, 1.0))
        return np.where(fires, 1 / (tau_ref + rise), 0.0)

    return of_lif
