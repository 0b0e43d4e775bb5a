"""Progress bars that show where someone watches, and nowhere else; and a clean Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def is_interactive() -> bool:
    """Tell whether a bar would be seen: in a terminal and a live notebook, not in a pipe or a built page."""
    kernel = _kernel()
    if kernel is not None:
        # nbclient, which runs notebooks for Jupyter Book and nbmake, cannot answer input().
        return bool(getattr(kernel, "_allow_stdin", True))
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def progress_bar(
    total: int, label: str, show: bool | Callable[[int, int], None] | None = None
) -> Iterator[Callable[[int], None]]:
    """Give a function that takes the steps done, and shows them in a bar, or hands them on with the total."""
    if callable(show):
        listener = show
        yield lambda done: listener(done, total)
    elif is_interactive() if show is None else show:
        if _kernel() is not None:
            from tqdm.notebook import tqdm
        else:
            from tqdm import tqdm
        with tqdm(total=total, desc=label, unit="step", unit_scale=True) as bar:
            yield lambda done: bar.update(done - bar.n) and None
    else:
        yield lambda done: None


@contextmanager
def on_interrupt(stop: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a call of `stop`, so that work ends between two steps; the second raises.

    Gives a function that tells whether Ctrl-C was pressed. Python delivers none outside the main thread.
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


def running_shell() -> Any:
    """Return the shell of IPython that runs this, or None; asking starts none."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _kernel() -> object | None:
    """Return the kernel of the notebook, if this is one."""
    return getattr(running_shell(), "kernel", None)
