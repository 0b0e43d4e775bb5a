"""Checks of arguments that several modules share."""

from __future__ import annotations

import numbers
import operator
import reprlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from brian2 import DimensionMismatchError, Quantity, have_same_dimensions

from .errors import ParameterError

#: What a bound says of a value, and how it is checked.
_BOUNDS = {
    "above": ("above", operator.gt),
    "low": ("at least", operator.ge),
    "below": ("below", operator.lt),
    "high": ("at most", operator.le),
}


def within(name: str, value: Any, bounds: dict[str, Any]) -> None:
    """Raise unless a value lies within its bounds."""
    if not all(_BOUNDS[kind][1](value, limit) for kind, limit in bounds.items()):
        limits = " and ".join(f"{_BOUNDS[kind][0]} {limit}" for kind, limit in bounds.items())
        raise ParameterError(f"{name} = {shown(value)} must be {limits}")


def has_unit(value: Any, unit: Any) -> bool:
    """Tell whether a value is a quantity of the given unit, or of none for ``unit=1``."""
    try:
        return bool(have_same_dimensions(value, unit))
    except (TypeError, ValueError, DimensionMismatchError):  # no numbers, ragged, or several units
        return False


def shown(value: Any) -> str:
    """Write a value for a message."""
    if isinstance(value, Quantity):
        return str(value)
    return f"{value:.12g}" if isinstance(value, float) else reprlib.repr(value)


def finite_number(name: str, value: Any) -> float:
    """Return a value as a float, or raise unless it is a finite number without a unit."""
    try:
        if isinstance(value, (str, bytes, bool)) or not has_unit(value, 1):
            raise TypeError
        number = float(value)
    except OverflowError:
        raise ParameterError(f"{name} = {shown(value)} must be finite") from None
    except (TypeError, ValueError):
        raise ParameterError(f"{name} = {value!r} must be a number without a unit") from None
    if not np.isfinite(number):
        raise ParameterError(f"{name} = {value} must be finite")
    return number


def whole_number(name: str, value: Any, low: int | None = None, below: int | None = None) -> int:
    """Return a value as an int, or raise unless it is a whole number within its limits."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or (low is not None and value < low) or (below is not None and value >= below):
        limits = " and ".join(
            f"{word} {limit}" for word, limit in (("at least", low), ("below", below)) if limit is not None
        )
        raise ParameterError(
            f"{name} = {reprlib.repr(value)} must be a whole number{', ' if limits else ''}{limits}"
        )
    return int(value)


def check_seed(seed: Any) -> int:
    """Return a seed as an int, or raise unless it is a whole number in [0, 2**32)."""
    return whole_number("seed", seed, 0, 2**32)


def frozen(values: Any, kind: type = float) -> np.ndarray:
    """Return values as an array that nobody can change; it is a copy, unless it was one already."""
    array = np.asarray(values)
    if array.dtype != kind or array.flags.writeable or not array.flags.c_contiguous:
        array = np.array(array, dtype=kind, order="C")
        array.setflags(write=False)
    return array


def positive(name: str, value: Any, unit: Any, example: str, most: float = np.finfo(float).max) -> float:
    """Return a quantity in SI units, or raise unless it has the unit and lies in (0, most]."""
    if not has_unit(value, unit) or np.ndim(value) or not 0 < float(value) <= most:
        limit = "and finite" if most == np.finfo(float).max else f"and at most {most:g} {unit}"
        raise ParameterError(f"{name} = {value!r} must be positive {limit}, with its unit, as in {example}")
    return float(value)


def neuron_indices(name: str, wanted: int | Sequence[int], N: int) -> np.ndarray:
    """Turn a number of neurons, or a list of them, into an array of indices."""
    if isinstance(wanted, (int, np.integer)) and not isinstance(wanted, bool):
        return np.arange(min(whole_number(name, wanted, 0), N))
    ids = np.asarray(wanted)
    if ids.ndim != 1 or (ids.size and not np.issubdtype(ids.dtype, np.integer)):
        raise ParameterError(f"{name} = {wanted!r} must be a number of neurons or a list of them")
    if ids.size and (ids.min() < 0 or ids.max() >= N):
        raise ParameterError(
            f"{name}: neuron {ids.max() if ids.max() >= N else ids.min()} must lie in [0, {N})"
        )
    return ids.astype(np.int64)
