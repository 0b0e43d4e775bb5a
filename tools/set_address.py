"""Carry the author and the address of the repository from _config.yml into the files that hold a copy.

    python tools/set_address.py

`_config.yml` is the only place where they are set. The citation, the licence, the metadata of the package,
the README and the cells that install forcelib in Colab cannot read it, so they hold copies, of values that
CITATION.cff tells.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]


class Address(NamedTuple):
    """Who wrote the book, where its source is, and where its pages are."""

    author: str
    repository: str
    pages: str


def pages_address(repository: str) -> str:
    """Return where GitHub publishes the pages of a repository."""
    found = re.fullmatch(r"https://github\.com/([\w-]+)/([\w.-]+)", repository)
    if not found:
        raise ValueError(f"repository.url = {repository!r} must be of the form https://github.com/OWNER/NAME")
    owner, name = found.groups()
    home = f"{owner.lower()}.github.io"
    return f"https://{home}/" if name.lower() == home else f"https://{home}/{name}/"


def has_address(repository: str) -> bool:
    """Tell whether the book has an address: until then a link to its repository would lead nowhere."""
    return repository.split("/")[3] != "OWNER"


def wanted(root: Path) -> Address:
    """Read the address from the configuration of the book; pages on a domain of their own have a baseurl."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    repository = config["repository"]["url"]
    pages = pages_address(repository)
    return Address(config["author"], repository, config["html"].get("baseurl", pages))


def present(root: Path) -> Address:
    """Read the address that the copies have."""
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    return Address(citation["authors"][0]["name"], citation["repository-code"], citation["url"])


def set_address(root: Path, files: list[str]) -> list[str]:
    """Write the wanted address into files below `root`; return the names of those that changed."""
    old, new = present(root), wanted(root)
    slugs = (
        old.repository.removeprefix("https://github.com/"),
        new.repository.removeprefix("https://github.com/"),
    )
    changed = []
    for name in files:
        path = root / name
        if name == "_config.yml" or not path.is_file():
            continue
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            continue
        after = text
        for before, value in (*zip(old, new, strict=True), slugs):
            end = "" if before.endswith("/") else r"(?![\w-])"
            after = re.sub(re.escape(before) + end, lambda _, value=value: value, after)
        if after != text:
            path.write_bytes(after.encode())
            changed.append(name)
    return changed


def main() -> int:
    """Set the address in all tracked files."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    changed = set_address(ROOT, listed.stdout.splitlines())
    print(f"Changed {', '.join(changed)}" if changed else "All copies agree with _config.yml")
    return 0


if __name__ == "__main__":
    sys.exit(main())
