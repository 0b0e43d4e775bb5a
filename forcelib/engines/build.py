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
MODULE = HERE / "network.wasm"

FLAGS = ["-std=c++17", "-O3", "-ffast-math", "-fno-finite-math-only", "-Wall"]

#: Any x86 processor of the last ten years has these instructions; on others the trial of a new kernel fails.
X86 = ["-mavx2", "-mfma"]

WASM = ["-target", "wasm32-wasi", "-mexec-model=reactor", "-msimd128", "-fno-exceptions", "-fno-rtti", "-s"]


def native_path() -> Path:
    """Return where the kernel for this machine is, if it was built: its name tells from which sources."""
    sources = [HERE / name for name in ("network.cpp", "rls.h", "build.py")] + [Path(model.__file__)]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    return HERE / f"native-{digest}.bin"


def header(neuron: model.NeuronModel = model.LIF) -> str:
    """Write ``model.h``, in which Brian2's Euler updater and C++ renderer say what a time step does.

    Parameters
    ----------
    neuron : NeuronModel, default LIF
        The neuron.

    Returns
    -------
    str
        C++: a class with the parameters and, as functions, the statements of a step and of a spike.

    Examples
    --------
    >>> from forcelib.engines import build
    >>> print(*[line.strip() for line in build.header().splitlines() if "_v =" in line])
    const double _v = (1.0f*((dt * (((I_bias + J) + s) - v)) * not_refractory)/tau_m) + v;
    """
    from brian2 import Equations
    from brian2.equations.refractory import add_refractoriness
    from brian2.stateupdaters.explicit import euler

    names = [name for name, _ in neuron.parameters]
    constants = [f"{name} : {unit} (constant)" for name, unit in neuron.parameters]
    state = (*neuron.state, "s", "h")
    current = [model.CURRENT, "J : 1", model.SYNAPTIC_CURRENT]
    equations = Equations("\n".join([neuron.equations, *current, *constants]))
    step = euler(add_refractoriness(equations)).replace("int(not_refractory)", "not_refractory")  # 0.0 or 1.0
    rate = euler(Equations("\n".join([model.FILTERED_RATE, *constants])))
    load = "".join(f"{name}{{p[{k}]}}, " for k, name in enumerate(names)).rstrip(", ")
    local = "[[maybe_unused]] const double " + ", ".join(f"{name} = this->{name}" for name in names) + ";"
    return f"""\
// Written by build.py from the equations in forcelib/model.py.
#pragma once
#include <cmath>
#include <cstdint>

#define MODEL_STATE "{" ".join(neuron.state)}"

namespace forcelib {{

struct Model {{
    enum {{ variables = {len(neuron.state)} }};
    double {", ".join(names)};
    explicit Model(const double* p) : {load} {{}}
    double refractory() const {{ return {neuron.refractory}; }}

    // One step of n neurons with the current J from outside; returns whether one spikes.
    bool step(long n, double dt, const double* __restrict J_, const double* __restrict free_,
              double* const* x, double* __restrict fires) const {{
        {local}
        {" ".join(f"double* __restrict const {name}_ = x[{k}];" for k, name in enumerate(state))}
        double any = 0;
        for (long i = 0; i < n; i++) {{
            double {", ".join(f"{name} = {name}_[i]" for name in state)};
            const double J = J_[i], not_refractory = free_[i];
            {_cpp(step, 12)}
            {" ".join(f"{name}_[i] = {name};" for name in state)}
            fires[i] = {_cpp(neuron.threshold)} ? not_refractory : 0.0;
            any += fires[i];
        }}
        return any != 0;
    }}

    void reset(double* const* x) const {{
        double {", ".join(f"&{name} = *x[{k}]" for k, name in enumerate(neuron.state))};
        {_cpp(neuron.reset, 8)}
    }}

    void synapse_kick(const int32_t* __restrict target, const double* __restrict omega_, long n,
                      double* __restrict h_) const {{
        {local}
        for (long k = 0; k < n; k++) {{
            const double omega = omega_[k];
            double& h = h_[target[k]];
            {_cpp(model.SYNAPTIC_KICK)}
        }}
    }}

    void rate_step(double& r, double& h_r, double dt) const {{
        {_cpp(rate, 8)}
    }}

    void rate_kick(double& h_r) const {{
        {_cpp(model.RATE_KICK)}
    }}
}};

}}  // namespace forcelib
"""


def _cpp(code: str, indent: int = 0) -> str:
    """Render Brian2 statements, or one expression, as C++."""
    from brian2.parsing.rendering import CPPNodeRenderer

    rendered = []
    for line in filter(None, map(str.strip, re.split("[;\n]", code))):
        found = re.fullmatch(r"(\w+) ([-+*/]?=) (.*)", line)
        if not found:
            return CPPNodeRenderer().render_expr(line)
        name, operator, value = found.groups()
        declared = "const double " if name.startswith("_") else ""
        rendered.append(f"{declared}{name} {operator} {CPPNodeRenderer().render_expr(value)};")
    return ("\n" + " " * indent).join(rendered)


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


def build_module(output: Path = MODULE) -> None:
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
    with tempfile.TemporaryDirectory() as folder:
        _compile(
            [sys.executable, "-m", "ziglang", "c++", *FLAGS, *WASM], Path(output).resolve(), Path(folder)
        )
    Path(output).chmod(0o644)  # the compiler takes it for a program


def _compile(command: list[str], output: Path, folder: Path) -> None:
    (folder / "model.h").write_text(header(), encoding="utf-8")
    _call([*command, f"-I{folder}", f"-I{HERE}", str(HERE / "network.cpp"), "-o", str(output)])


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
