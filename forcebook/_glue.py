"""What the notebooks need of the book that is built from them."""

from __future__ import annotations

from typing import Any

from forcelib._progress import running_shell

__all__ = ["glue"]


def glue(name: str, value: Any, display: bool = False) -> None:
    """Keep a computed value for the prose, by MyST-NB where it is installed.

    Elsewhere, as in Colab or outside of a notebook, nothing inserts numbers into prose, and this does
    nothing.

    Parameters
    ----------
    name : str
        The name by which the prose asks for it.
    value : object
        Anything that can be displayed.
    display : bool, default False
        Whether to display it here too.

    References
    ----------
    Used in hidden cells of every chapter.

    Examples
    --------
    >>> from forcebook import glue
    >>> glue("spikes", 42)
    """
    if running_shell() is None:  # MyST-NB would start one
        return
    try:
        from myst_nb import glue as keep
    except ImportError:
        return
    keep(name, value, display=display)
