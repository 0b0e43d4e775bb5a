"""What the notebooks need of the book that is built from them."""

from __future__ import annotations

from importlib.util import find_spec
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
    shell = running_shell()
    if shell is None or find_spec("myst_nb") is None:
        return
    from IPython.display import display as show

    # What MyST-NB's own glue does, which would import all of Sphinx.
    shown, metadata = shell.display_formatter.format(value)
    prefix = "" if display else "application/papermill.record/"
    metadata["scrapbook"] = {"name": name, "mime_prefix": prefix}
    show({prefix + kind: data for kind, data in shown.items()}, raw=True, metadata=metadata)
