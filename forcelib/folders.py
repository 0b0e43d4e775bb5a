"""Files and folders that a process makes for itself, and that the next one removes if it was killed."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows, where nothing is removed that is not known to be left over
    fcntl = None  # type: ignore[assignment]

__all__ = ["hold", "own_folder", "remove_left", "replacing"]


def hold(descriptor: int) -> bool | None:
    """Mark an open file or folder as in use, for as long as this process lives or has it open.

    Parameters
    ----------
    descriptor : int
        Of the open file or folder.

    Returns
    -------
    bool or None
        False if another process holds it; None where nothing can be held.

    Examples
    --------
    >>> import tempfile
    >>> from forcelib import folders
    >>> with tempfile.TemporaryFile() as file:
    ...     held = folders.hold(file.fileno())
    >>> held in (True, None)
    True
    """
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some network drives
        return None
    return True


def remove_left(parent: Path, prefix: str, suffix: str = "") -> None:
    """Remove files and folders that nobody holds, left by processes that were killed.

    Parameters
    ----------
    parent : Path
        Where they are.
    prefix, suffix : str
        What their names begin and end with.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from forcelib import folders
    >>> with tempfile.TemporaryDirectory() as name:
    ...     with folders.own_folder(Path(name), "draft-") as mine:
    ...         folders.remove_left(Path(name), "draft-")
    ...         mine.is_dir()
    True
    """
    if fcntl is None:
        return
    for path in parent.glob(f"{glob.escape(prefix)}*{glob.escape(suffix)}"):
        with contextlib.suppress(OSError):
            # A pipe that has such a name would wait for its writer.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            try:
                if os.fstat(descriptor).st_uid == os.getuid() and hold(descriptor):
                    shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
            finally:
                os.close(descriptor)


@contextlib.contextmanager
def own_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Make a folder and remove it at the end, and first those of processes that were killed.

    Parameters
    ----------
    parent : Path
        Where to make it.
    prefix : str
        What its name begins with, and that of no folder made in another way.

    Yields
    ------
    Path

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from forcelib import folders
    >>> with tempfile.TemporaryDirectory() as name:
    ...     with folders.own_folder(Path(name), "draft-") as mine:
    ...         mine.is_dir()
    ...     mine.exists()
    True
    False
    """
    remove_left(parent, prefix)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        descriptor = os.open(folder, os.O_RDONLY) if fcntl is not None else None
        # Between the two lines another process may have taken it for one that was left.
        if descriptor is None or (hold(descriptor) is not False and folder.exists()):
            break
        os.close(descriptor)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if descriptor is not None:
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
    >>> from forcelib import folders
    >>> with tempfile.TemporaryDirectory() as name:
    ...     with folders.replacing(Path(name, "note")) as draft:
    ...         written = draft.write(b"done")
    ...     [file.read_bytes() for file in Path(name).iterdir()]
    [b'done']
    """
    prefix, suffix = f"{path.name}.", ".part"
    remove_left(path.parent, prefix, suffix)
    while True:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=prefix, suffix=suffix)
        if hold(descriptor) is not False and os.path.exists(name):
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
