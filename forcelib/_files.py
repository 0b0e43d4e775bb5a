"""Files that appear when they are complete; what a process that was killed has left, the next one removes."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows, where nothing is removed that is not known to be left over
    fcntl = None  # type: ignore[assignment]

__all__ = ["replacing"]


def _hold(descriptor: int) -> bool | None:
    """Mark an open file as in use while this process lives; False if another holds it, None if none can."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some network drives
        return None
    return True


def _remove_left(parent: Path, prefix: str, suffix: str) -> None:
    """Remove files of such names that nobody holds."""
    if fcntl is None:
        return
    for path in parent.glob(f"{glob.escape(prefix)}*{glob.escape(suffix)}"):
        with contextlib.suppress(OSError):
            # A pipe that has such a name would wait for its writer.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            try:
                if os.fstat(descriptor).st_uid == os.getuid() and _hold(descriptor):
                    path.unlink()
            finally:
                os.close(descriptor)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a draft that takes the place of a file when it is complete, and is removed if that fails.

    Parameters
    ----------
    path : Path
        The file; what is there stays until then. Drafts of it left by processes that were killed go first.

    Yields
    ------
    binary file

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from forcelib import _files
    >>> with tempfile.TemporaryDirectory() as name:
    ...     with _files.replacing(Path(name, "note")) as draft:
    ...         written = draft.write(b"done")
    ...     [file.read_bytes() for file in Path(name).iterdir()]
    [b'done']
    """
    prefix, suffix = f"{path.name}.", ".part"
    _remove_left(path.parent, prefix, suffix)
    while True:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=suffix)
        if _hold(descriptor) is not False and os.path.exists(name):
            break
        os.close(descriptor)
    try:
        with open(descriptor, "wb") as draft:
            yield draft
            draft.flush()
            os.chmod(name, 0o644)
            if os.name == "posix":  # while it is held: let go, it could be taken for one that was left
                os.replace(name, path)
        if os.name != "posix":
            os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
