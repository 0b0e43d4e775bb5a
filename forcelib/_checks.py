"""Checks of arguments that several modules share."""

from __future__ import annotations

from typing import Any

import numpy as np
from brian2 import DimensionMismatchError, Quantity, have_same_dimensions

from .errors import ParameterError

__all__ = ["check_seed", "finite_number", "has_unit"]


def has_unit(value: Any, unit: Any) -> bool:
    """Tell whether a value is a quantity of the given unit, or of none for ``unit=1``.

    Parameters
    ----------
    value : object
        Anything.
    unit : Unit or 1
        The unit.

    Returns
    -------
    bool

    Examples
    --------
    >>> from brian2 import ms, second
    >>> from forcelib._checks import has_unit
    >>> has_unit(5 * ms, second), has_unit(5, second), has_unit("5 ms", second)
    (True, False, False)
    """
    try:
        return bool(have_same_dimensions(value, unit))
    except (TypeError, ValueError, DimensionMismatchError):  # no numbers, ragged, or several units
        return False


def finite_number(name: str, value: Any) -> float:
    """Return a value as a float, or raise.

    Parameters
    ----------
    name : str
        Name of the parameter, for the message.
    value : object
        Anything.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        If the value is not a finite number without a unit.

    Examples
    --------
    >>> from forcelib._checks import finite_number
    >>> finite_number("G", 1)
    1.0
    """
    try:
        if isinstance(value, (str, bytes, bool)):
            raise TypeError
        if isinstance(value, Quantity) and not has_unit(value, 1):
            raise TypeError
        number = float(value)
    except OverflowError:
        raise ParameterError(f"{name} must be finite; it has {len(str(value))} digits") from None
    except (TypeError, ValueError):
        raise ParameterError(f"{name} = {value!r} must be a number without a unit") from None
    if not np.isfinite(number):
        raise ParameterError(f"{name} = {value} must be finite")
    return number


def frozen(values: Any, kind: type = float) -> np.ndarray:
    """Return values as an array that nobody can change; it is a copy, unless it was one already."""
    array = np.asarray(values)
    if array.dtype != kind or array.flags.writeable or not array.flags.c_contiguous:
        array = np.array(array, dtype=kind, order="C")
        array.setflags(write=False)
    return array


def check_seed(seed: Any) -> None:
    """Raise unless a seed is a whole number in [0, 2**32).

    Parameters
    ----------
    seed : object
        Anything.

    Raises
    ------
    ParameterError
        If it is not such a number.

    Examples
    --------
    >>> from forcelib._checks import check_seed
    >>> check_seed(1)
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**32:
        raise ParameterError(f"seed = {seed!r} must be a whole number in [0, 2**32)")


def whole_number(name: str, value: Any, low: int) -> int:
    """Return a value as an int, or raise unless it is a whole number, at least `low`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < low:
        raise ParameterError(f"{name} = {value!r} must be a whole number, at least {low}")
    return int(value)


def positive(name: str, value: Any, unit: Any, example: str, most: float = np.finfo(float).max) -> float:
    """Return a quantity in SI units, or raise unless it has the unit and lies in (0, most]."""
    if not has_unit(value, unit) or np.ndim(value) or not 0 < float(value) <= most:
        limit = "and finite" if most == np.finfo(float).max else f"and at most {most:g} {unit}"
        raise ParameterError(f"{name} = {value!r} must be positive {limit}, with its unit, as in {example}")
    return float(value)
