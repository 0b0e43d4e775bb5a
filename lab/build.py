"""Build the module of the live lab: forcelib's network, by Brian2's C++ code and emscripten.

    python lab/build.py [OUTPUT]

Needs emscripten (`apt-get install emscripten` on Debian).
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from forcelib import Parameters
from forcelib.engines import build
from forcelib.engines.runtime import SHARED

LAB = Path(__file__).resolve().parent

#: The code is made for a network of this size, a number that occurs nowhere else. Then the size that the page
#: asks for is written in its place.
MARKER = 7_654_321

FLAGS = ["-std=c++17", "-fno-exceptions", "-w", "-msimd128", "-mnontrapping-fptoint"]

#: What runs at every step is made fast, by the options of the fast engine. All else is made small, and exact:
#: the draw gives NumPy's numbers.
FAST = ["-O3", "-ffast-math", "-fno-finite-math-only"]
SMALL = ["-Os"]

LINK = [
    "--no-entry",
    "-sSTANDALONE_WASM",
    "-sALLOW_MEMORY_GROWTH",
    "-sMAXIMUM_MEMORY=1GB",
    "-sFILESYSTEM=0",
    "-sMALLOC=emmalloc",
]


def write_setup(directory: Path) -> None:
    """Write as functions what Brian2's program does before its run."""
    main = (directory / "main.cpp").read_text(encoding="utf-8")
    (block,) = re.findall(r"using namespace brian;(.*?)network\.run\(", main, re.DOTALL)
    block, left_out = re.subn(r"set_from_command_line\(args\);", "", block)
    assert left_out == 1
    program = (directory / "run.cpp").read_text(encoding="utf-8")
    (start,) = re.findall(r"void brian_start\(\)\s*{(.*?)\n}", program, re.DOTALL)
    headers = re.findall(r'#include "code_objects/.*"', main)
    shared = ", ".join(f"_array_neurons_{name}" for name in SHARED)
    text = [
        "#pragma once",
        *headers,
        "inline void start() {" + start + "}",
        "inline void set_up() { using namespace brian; " + block + "}",
        f"#define SHARED {shared}",
        *(f"#define {name.upper()} {k}" for k, name in enumerate(SHARED)),
    ]
    (directory / "setup.h").write_text("\n".join(text) + "\n", encoding="utf-8")


def leave_size_open(directory: Path) -> None:
    """Write `network_size` for the number of neurons in all of Brian2's code."""
    replaced = 0
    for path in [*directory.rglob("*.cpp"), *directory.rglob("*.h")]:
        text = path.read_text(encoding="utf-8")
        for number, name in ((MARKER + 1, "(network_size + 1)"), (MARKER, "network_size")):
            text, times = re.subn(rf"\b{number}\b", name, text)
            replaced += times
        assert str(MARKER)[:-1] not in text, path
        path.write_text(text, encoding="utf-8")
    assert replaced


def compile_module(directory: Path, output: Path) -> None:
    """Compile a written network and link it into a module."""
    objects = []
    for source in directory.rglob("*.cpp"):
        if source.name in ("main.cpp", "run.cpp"):
            continue
        objects.append(source.with_suffix(".o"))
        speed = FAST if re.search("regularly|stateupdater|synapses_pre|thresholder", source.name) else SMALL
        subprocess.run(
            ["em++", *FLAGS, *speed, "-I.", "-include", "lab.h", "-c", source, "-o", objects[-1]],
            cwd=directory,
            check=True,
        )
    link = ["em++", "-O3", *LINK, *objects, "-o", output]
    subprocess.run(link, cwd=directory, check=True)


def main() -> int:
    """Build the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, nargs="?", default=LAB / "network.wasm")
    output = parser.parse_args().output.resolve()
    with tempfile.TemporaryDirectory(prefix="forcelib-") as name:
        directory = Path(name)
        build.generate(MARKER, 1, float(Parameters().dt), directory, header=LAB / "network.h", record=False)
        write_setup(directory)
        shutil.copy(LAB / "network.cpp", directory / "lab.cpp")
        shutil.copy(LAB / "lab.h", directory)
        leave_size_open(directory)
        compile_module(directory, output)
    output.chmod(0o644)  # emscripten takes it for a program
    return 0


if __name__ == "__main__":
    sys.exit(main())
