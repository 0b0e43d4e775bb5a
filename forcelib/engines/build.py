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

FLAGS = ["-std=c++17", "-O3", "-ffast-math", "-fno-finite-math-only", "-Wall"]

#: Any x86 processor of the last ten years has these instructions; on others the trial of a new kernel fails.
X86 = ["-mavx2", "-mfma"]

WASM = ["-target", "wasm32-wasi", "-mexec-model=reactor", "-msimd128", "-fno-exceptions", "-fno-rtti", "-s"]


def native_path() -> Path:
    """Return where the kernel for this machine is, if it was built: its name tells from which sources."""
    sources = [HERE / name for name in ("kernel.cpp", "kernel_rls.h", "build.py")] + [Path(model.__file__)]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    return HERE / f"native-{digest}.bin"


def header(neuron: model.NeuronModel = model.LIF) -> str:
    """Write ``model.h``: what Brian2's Euler updater and C++ renderer make of the equations.

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

    constants = [f"{name} : {unit} (constant)" for name, unit in neuron.parameters]
    inputs = [model.CURRENT, "J : 1", model.SYNAPTIC_CURRENT]
    step = euler(add_refractoriness(Equations("\n".join([neuron.equations, *inputs, *constants]))))
    rate_step = euler(Equations("\n".join([model.FILTERED_RATE, *constants])))
    stepped = (*neuron.state, "s", "h")
    own = "".join(f"&state[{k}][i], " for k in range(len(neuron.state)))
    macros = {
        "PARAMETERS": ", ".join(name for name, _ in neuron.parameters),
        "NAMES": f'"{" ".join(neuron.state)}"',
        "VARIABLES": str(len(neuron.state)),
        "STATE(i)": f"{{{own}&s[i], &h[i]}}",
        "VARIABLE(x, i)": "[[maybe_unused]] double "
        + ", ".join(f"&{name} = x[{k}][i]" for k, name in enumerate(stepped))
        + ";",
        "STEP": _cpp(step.replace("int(not_refractory)", "not_refractory")),  # which is 0.0 or 1.0
        "THRESHOLD": _cpp(neuron.threshold),
        "RESET": _cpp(neuron.reset),
        "REFRACTORY": neuron.refractory,
        "SYNAPTIC_KICK": _cpp(model.SYNAPTIC_KICK),
        "RATE_STEP": _cpp(rate_step),
        "RATE_KICK": _cpp(model.RATE_KICK),
    }
    lines = ["// Written by build.py from the equations in forcelib/model.py.", "#pragma once"]
    return "\n".join(lines + [f"#define {name} {text}" for name, text in macros.items()]) + "\n"


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
    from .kernel import try_native

    wanted = os.environ.get("CXX")
    compilers = [shlex.split(wanted)] if wanted else [["c++"], ["g++"], ["clang++"]]
    found = [words for words in compilers if words and shutil.which(words[0])]
    if not found:
        names = " ".join(words[0] for words in compilers if words)
        raise CompilerError(f"no C++ compiler: looked for {names}")
    flags = [*FLAGS, "-fPIC", "-fvisibility=hidden", "-pthread"]
    flags += X86 if platform.machine().lower() in ("x86_64", "amd64") else []
    complaints = []
    for compiler in found:
        path = native_path()
        try:
            with tempfile.TemporaryDirectory(dir=HERE, prefix="draft-") as folder:
                draft = Path(folder, path.name)
                _compile([*compiler, *flags, "-c"], Path(folder, "network.o"), Path(folder))
                # Linked with these options it would make all of Python take tiny numbers for zero.
                _call([*compiler, "-shared", "-pthread", str(Path(folder, "network.o")), "-o", str(draft)])
                try_native(draft)
                for old in HERE.glob("native-*.bin"):
                    old.unlink()
                draft.replace(path)
        except OSError as error:
            raise CompilerError(f"the kernel cannot be kept in the package: {error}") from error
        except CompilerError as error:
            complaints.append(f"{shlex.join(compiler)}: {error}")
        else:
            return path
    raise CompilerError("\n".join(complaints))


def build_module(output: Path | None = None) -> None:
    """Compile the portable kernel, by the compiler in the Python package ziglang.

    Parameters
    ----------
    output : Path, optional
        The one in the package by default.

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
    output = Path(output or MODULE).resolve()
    with tempfile.TemporaryDirectory() as folder:
        _compile([sys.executable, "-m", "ziglang", "c++", *FLAGS, *WASM], output, Path(folder))
    output.chmod(0o644)  # the compiler takes it for a program


def _compile(command: list[str], output: Path, folder: Path) -> None:
    (folder / "model.h").write_text(header(), encoding="utf-8")
    _call([*command, f"-I{folder}", f"-I{HERE}", str(HERE / "kernel.cpp"), "-o", str(output)])


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise CompilerError(
            done.stderr.strip() or f"{shlex.join(command)} ended with status {done.returncode}"
        )


def main() -> int:
    """Build what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m forcelib.engines.build", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--module", nargs="?", type=Path, const=MODULE, help="build the portable kernel instead"
    )
    module = parser.parse_args().module
    try:
        if module:
            build_module(module)
        print(f"built {module or build_native()}")
    except CompilerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
