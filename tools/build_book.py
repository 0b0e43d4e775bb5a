"""Builds the book into _build/html, unless it was built from these sources.

All pages are made anew, so that every build tells every warning; extensions/run_notebooks.py runs the
notebooks that have to.
"""

import hashlib
import json
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
STAMP = ROOT / "_build" / "built_from.json"

#: What the pages are made of.
SOURCES = (
    *("_config.yml", "_toc.yml", "index.md", "references.bib", "requirements.txt"),
    *("assets", "chapters", "extensions", "forcebook", "forcelib", "lab", "pages", "trials"),
    *("tools/build_book.py", "tools/make_pictures.py", "tools/set_address.py"),
    "_build/slides",  # which the page for teachers links, if they have been made
)


def sources(root: Path = ROOT) -> dict[str, str]:
    """Return a digest for each file that the pages are made of."""
    paths = [path for name in SOURCES for path in (root / name, *sorted((root / name).rglob("*")))]
    left_out = {"__pycache__", ".ipynb_checkpoints"}
    paths = [path for path in paths if path.is_file() and not left_out & set(path.parts)]
    # The library is built from the others.
    found = {path.relative_to(root).as_posix(): path for path in paths if path.suffix != ".bin"}
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for name, path in found.items()}
    return digests | {"the Python version": platform.python_version()}


def changed(root: Path = ROOT) -> list[str]:
    """Return what has changed since the book was built; everything if it was not."""
    stamp, now = root / STAMP.relative_to(ROOT), sources(root)
    then = (
        json.loads(stamp.read_text()) if stamp.exists() and (root / "_build/html/index.html").exists() else {}
    )
    return sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))


def main() -> int:
    """Build it if need be."""
    differs, now = changed(), sources()
    if not differs:
        print("Nothing to do: the book was built from these sources.")
        return 0
    print("The book is not built yet." if len(differs) == len(now) else f"Changed: {', '.join(differs)}")
    command = ["jupyter-book", "build", "--all", "-W", "-n", "--keep-going", "."]
    begin = time.time()
    STAMP.unlink(missing_ok=True)
    build = subprocess.Popen([Path(sys.executable).with_name(command[0]), *command[1:]], cwd=ROOT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the build, and then this
    if build.wait():
        return 1
    for page in HTML.rglob("*.html"):
        if page.stat().st_mtime < begin and "_static" not in page.parts:
            page.unlink()  # its source is gone
    (HTML / "book.pdf").unlink(missing_ok=True)  # which is of the pages before
    STAMP.write_text(json.dumps(now, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
