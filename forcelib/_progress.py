"""Progress bars that show where someone watches, and nowhere else; and a clean Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["on_interrupt", "progress_bar", "report_to", "someone_watches"]

_listener: Callable[[int, int, str], None] | None = None


def someone_watches() -> bool:
    """Tell whether a progress bar would be seen.

    Returns
    -------
    bool
        True in a terminal and in a live notebook; False in a pipe, in a log and while a notebook
        is executed to build the book or to test it.

    Examples
    --------
    >>> from forcelib import _progress
    >>> _progress.someone_watches() in (True, False)
    True
    """
    kernel = _kernel()
    if kernel is not None:
        # nbclient, which runs notebooks for Jupyter Book and nbmake, cannot answer input().
        return bool(getattr(kernel, "_allow_stdin", True))
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def progress_bar(total: int, label: str, show: bool | None = None) -> Iterator[Callable[[int], None]]:
    """Show the progress of a task.

    Parameters
    ----------
    total : int
        Number of units of work.
    label : str
        Text beside the bar.
    show : bool, optional
        Whether to show it; by default, :func:`someone_watches` decides.

    Yields
    ------
    callable
        Takes the number of units done so far.

    Examples
    --------
    >>> from forcelib import _progress
    >>> with _progress.progress_bar(10, "working", show=False) as report:
    ...     report(10)
    """
    if _listener is not None:
        listener = _listener
        yield lambda done: listener(done, total, label)
        return
    if not (someone_watches() if show is None else show):
        yield lambda done: None
        return
    if _kernel() is not None:
        from tqdm.notebook import tqdm
    else:
        from tqdm import tqdm
    with tqdm(total=total, desc=label, unit="step", unit_scale=True) as bar:
        yield lambda done: bar.update(done - bar.n) and None


@contextmanager
def report_to(listener: Callable[[int, int, str], None]) -> Iterator[None]:
    """Send all progress to a function instead of to bars, as a widget wants that has a bar of its own.

    Parameters
    ----------
    listener : callable
        Takes the units done, their total and the label.

    Yields
    ------
    None

    Examples
    --------
    >>> from forcelib import _progress
    >>> seen = []
    >>> with _progress.report_to(lambda done, total, label: seen.append((done, total, label))):
    ...     with _progress.progress_bar(10, "working") as report:
    ...         report(5)
    >>> seen
    [(5, 10, 'working')]
    """
    global _listener
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before


@contextmanager
def on_interrupt(stop: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a call, so that work can stop between two steps.

    A second Ctrl-C raises KeyboardInterrupt at once. Outside the main thread, where Python
    delivers no Ctrl-C, nothing is changed.

    Parameters
    ----------
    stop : callable
        Called at the first Ctrl-C.

    Yields
    ------
    callable
        Tells whether Ctrl-C was pressed.

    Examples
    --------
    >>> from forcelib import _progress
    >>> with _progress.on_interrupt(lambda: None) as pressed:
    ...     pressed()
    False
    """
    count = 0

    def handle(number: int, frame: object) -> None:
        nonlocal count
        count += 1
        if count > 1:
            raise KeyboardInterrupt
        stop()

    in_main = threading.current_thread() is threading.main_thread()
    previous = signal.signal(signal.SIGINT, handle) if in_main else None
    try:
        yield lambda: count > 0
    finally:
        if in_main:
            signal.signal(signal.SIGINT, previous)


def _kernel() -> object | None:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None)
