"""Make the kernel: its statements from the model's equations, then machine code or WebAssembly.

python -m forcelib.engines.build             for this machine, by its C++ compiler
python -m forcelib.engines.build --module    the portable one that the package holds, by zig
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .. import model
from ..errors import CompilerError

__all__ = ["MODULE", "build_module", "build_native", "header"]

HERE = Path(__file__).parent

#: The portable kernel, which the live lab loads too.
MODULE = HERE / "kernel.wasm"

#: What the kernel exports, with the number of arguments: addresses or whole numbers, as the results are.
FUNCTIONS = {"names": 0, "real": 3, "integer": 3, "length": 3, "make": 1, "discard": 1, "begin": 1, "run": 2}

FLAGS = shlex.split(
    "-std=c++17 -O3 -ffast-math -fno-finite-math-only -fopenmp-simd -fvisibility=hidden -Wall"
)

#: Any x86 processor of the last ten years has these instructions; elsewhere the trial of a new kernel fails.
X86 = ["-mavx2", "-mfma"] if platform.machine().lower() in ("x86_64", "amd64") else []

WASM = shlex.split("-target wasm32-wasi -mexec-model=reactor -msimd128 -fno-exceptions -fno-rtti -s")
WASM += [f"-Wl,--export={name}" for name in FUNCTIONS]
WASM += ["-D_LIBCPP_VERBOSE_ABORT(...)=__builtin_trap()"]  # its words would bring half the library

TRIAL = "import ctypes, sys; sys.exit(ctypes.CDLL(sys.argv[1]).trial(70))"


def native_path() -> Path:
    """Return where the kernel for this machine is, if it was built: its name tells from which sources."""
    names = ("kernel.cpp", "kernel_rls.h", "kernel_step.h", "build.py")
    sources = [HERE / name for name in names] + [Path(model.__file__)]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    return HERE / f"native-{digest}.bin"


def header(neuron: model.NeuronModel = model.LIF) -> str:
    """Write what a neuron's network is: what Brian2's Euler updater and C++ renderer make of the equations.

    Parameters
    ----------
    neuron : NeuronModel, default LIF
        The neuron.

    Returns
    -------
    str
        C++ macros: the names of parameters and variables, the statements of a step and of a spike.

    Examples
    --------
    >>> from forcelib.engines import build
    >>> [line for line in build.header().splitlines() if "THRESHOLD" in line]
    ['#define THRESHOLD v >= v_threshold']
    """
    from brian2 import Equations
    from brian2.equations.refractory import add_refractoriness
    from brian2.stateupdaters.explicit import euler

    constants = [f"{name} : {unit} (constant)" for name, unit in neuron.declared]
    inputs = [model.CURRENT, "J : 1", model.SYNAPTIC_CURRENT]
    step = euler(add_refractoriness(Equations("\n".join([neuron.equations, *inputs, *constants]))))
    rate_step = euler(Equations("\n".join([model.FILTERED_RATE, *constants])))
    values = [f"{name} = parameters[{k}]" for k, name in enumerate(["dt", *dict(neuron.declared)])]
    references = [f"&{name} = this->{name}[i]" for name in (*neuron.state, "s", "h")]
    macros = {
        "PARAMETERS": f"[[maybe_unused]] const double {', '.join(values)};",
        "VARIABLES_OF(i)": f"[[maybe_unused]] double {', '.join(references)};",
        "STEP": _cpp(step.replace("int(not_refractory)", "not_refractory")),  # which is 0.0 or 1.0
        "THRESHOLD": _cpp(neuron.threshold),
        "RESET": _cpp(neuron.reset),
        "REFRACTORY": neuron.refractory or "0",
        "HELD": "true" if neuron.refractory else "false",  # nothing is paid for what is never held
        "SYNAPTIC_KICK": _cpp(model.SYNAPTIC_KICK),
        "RATE_STEP": _cpp(rate_step),
        "RATE_KICK": _cpp(model.RATE_KICK),
    }
    return "".join(f"#define {name} {text}\n" for name, text in macros.items())


def headers() -> str:
    """Write ``models.h``: the network of each neuron, and what makes one by its number."""
    text = "// Written by build.py from the equations in forcelib/model.py.\n"
    for name, neuron in model.NEURONS.items():
        macros = re.sub(
            r"(?m)^#define (\w+)", r"#undef \1\n\g<0>", f"#define NETWORK {name}\n{header(neuron)}"
        )
        text += f'{macros}#include "kernel_step.h"\n'
    makes = ", ".join(f"[]() -> Network* {{ return new {name}; }}" for name in model.NEURONS)
    return f"{text}namespace forcelib {{\nNetwork* (*const MAKE[])() = {{{makes}}};\n}}\n"


def _cpp(code: str) -> str:
    """Render Brian2 statements, or one expression, as C++ within a macro."""
    from brian2.parsing.rendering import CPPNodeRenderer

    rendered = []
    for line in filter(None, map(str.strip, re.split("[;\n]", code))):
        found = re.fullmatch(r"(\w+) ([-+*/]?=) (.*)", line)
        if not found:
            return CPPNodeRenderer().render_expr(line)
        name, operator, value = found.groups()
        declared = "const double " if name.startswith("_") else ""
        rendered.append(f"\\\n    {declared}{name} {operator} {CPPNodeRenderer().render_expr(value)};")
    return "".join(rendered)


def build_native() -> Path:
    """Compile the kernel for this machine, try it, and keep it in the package.

    Returns
    -------
    Path
        The library. Those of other sources are removed.

    Raises
    ------
    CompilerError
        If no C++ compiler works (that of the environment variable ``CXX`` if set, else c++, g++ or
        clang++), if what it compiles does not run here, or if the package's folder cannot be written.
    """
    wanted = shlex.split(os.environ.get("CXX", ""))
    compilers = [wanted] if wanted else [["c++"], ["g++"], ["clang++"]]
    found = [compiler for compiler in compilers if shutil.which(compiler[0])]
    if not found:
        raise CompilerError(f"no C++ compiler: looked for {' '.join(compiler[0] for compiler in compilers)}")
    path, complaints = native_path(), []
    for compiler in found:
        try:
            with tempfile.TemporaryDirectory(dir=HERE, prefix="draft-") as folder:
                draft, part = Path(folder, path.name), Path(folder, "kernel.o")
                _compile([*compiler, *FLAGS, *X86, "-fPIC", "-pthread", "-c"], part)
                # Linked with these flags it would make all of Python take tiny numbers for zero.
                _call([*compiler, "-shared", "-pthread", str(part), "-o", str(draft)])
                try_native(draft)
                for old in HERE.glob("native-*.bin"):
                    old.unlink()
                return draft.replace(path)
        except OSError as error:
            raise CompilerError(f"the kernel cannot be kept in the package: {error}") from error
        except CompilerError as error:
            complaints.append(f"{shlex.join(compiler)}: {error}")
    raise CompilerError("\n".join(complaints))


def try_native(path: Path) -> None:
    """Run a library in a process of its own, which dies in place of this one if the processor is another."""
    try:
        _call([sys.executable, "-I", "-S", "-c", TRIAL, str(path)])
    except CompilerError as error:
        raise CompilerError(f"the native kernel does not run on this machine: {error}") from error


def build_module(output: Path = MODULE) -> Path:
    """Compile the portable kernel, by the compiler in the Python package ziglang.

    Parameters
    ----------
    output : Path, optional
        The one in the package by default.

    Returns
    -------
    Path
        The module.

    Raises
    ------
    CompilerError
        If ziglang is not installed, or the compiler complains.

    Examples
    --------
    >>> from forcelib.engines import build
    >>> build.MODULE.stat().st_size < 80_000
    True
    """
    _compile([sys.executable, "-m", "ziglang", "c++", *FLAGS, *WASM], output)
    output.chmod(0o644)  # the compiler takes it for a program
    return output


def _compile(compiler: list[str], output: Path) -> None:
    """Compile the kernel."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "models.h").write_text(headers(), encoding="utf-8")
        _call([*compiler, f"-I{folder}", f"-I{HERE}", str(HERE / "kernel.cpp"), "-o", str(output)])


def _call(command: list[str]) -> None:
    """Run a command; raise what it says if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise CompilerError(f"status {done.returncode} {done.stderr}".strip())


def _main() -> None:
    """Build what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m forcelib.engines.build")
    parser.add_argument("--module", nargs="?", type=Path, const=MODULE, help="build the portable kernel")
    module = parser.parse_args().module
    try:
        print(f"built {build_module(module) if module else build_native()}")
    except CompilerError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    _main()
