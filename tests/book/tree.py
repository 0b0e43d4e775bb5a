"""The files of the project."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE = {"_build", ".venv", "build", "dist", "__pycache__", ".hypothesis"}
MADE |= {".mypy_cache", ".pytest_cache", ".ruff_cache"}


def project_files():
    """What git tracks; where there is no git, as in an archive of the sources, what was not made here."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if not listed.returncode:
        return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    paths = (path.relative_to(ROOT) for path in sorted(ROOT.rglob("*")) if path.is_file())
    return [ROOT / path for path in paths if not MADE & set(path.parts) and path.suffix != ".bin"]
