"""Make assets/mathjax anew from the npm package of MathJax, with the npm client.

Only what the book needs is kept: TeX in, HTML out, MathML for screen readers, the fonts, the licence.
Without MathJax's menu, whose settings ask for further files. SHA256SUMS holds the sum of each file, for
``sha256sum --check``.
"""

import argparse
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "assets" / "mathjax"
VERSION = "3.2.2"
# startup.js loads the others, see mathjax3_config in _config.yml; core.js is part of what they need.
SCRIPTS = [
    "startup.js",
    "core.js",
    "input/tex.js",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml.js",
]
FONTS = "output/chtml/fonts/woff-v2/"


def wanted(name):
    """Where a file of the package goes, or None."""
    if name == "package/LICENSE":
        return "LICENSE"
    inside = name.removeprefix("package/es5/")
    if inside in SCRIPTS or (inside.startswith(FONTS) and inside.endswith(".woff")):
        return inside
    return None


def sums(folder=FOLDER):
    """The sum of each file below a folder but the list itself, as text of SHA256SUMS."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in files
    )
    return "".join(lines)


def fetch(version=VERSION, folder=FOLDER):
    """Fill a folder from the package of this version."""
    with tempfile.TemporaryDirectory() as scratch:
        command = ["npm", "pack", "--silent", f"mathjax@{version}"]
        done = subprocess.run(command, cwd=scratch, check=True, capture_output=True, text=True)
        with tarfile.open(Path(scratch) / done.stdout.split()[-1]) as package:
            found = {wanted(member.name): package.extractfile(member).read() for member in package}
    found.pop(None, None)
    missing = {*SCRIPTS, "LICENSE"} - set(found)
    if missing:
        raise SystemExit(f"mathjax {version} has no {', '.join(sorted(missing))}")
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "VERSION").write_text(f"{version}\n")
    (folder / "SHA256SUMS").write_text(sums(folder))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--version", default=VERSION, help=f"of MathJax, {VERSION} unless given")
    fetch(options.parse_args().version)
