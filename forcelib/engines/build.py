"""Generate and compile a network; run as a program of its own, so that Brian2's global device,
preferences and clock are never touched in the process that asked for it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .. import reservoir as model

__all__ = ["compile_network", "generate"]

#: The headers that a generated network needs beside those of Brian2.
HEADERS = ("rls.h", "readout.h")

#: What a network that is run as a program adds to Brian2's code.
PROGRAM = Path(__file__).with_name("force.h")

#: Headers that every generated file includes.
COMMON_HEADERS = ('"objects.h"', '"brianlib/common_math.h"', "<cmath>", "<ctime>", "<fstream>", "<iostream>")

#: State variables read back after a run.
STATE = ("v", "s", "h", "r", "h_r", "lastspike")


#: What is read of the spikes: their number, and the neuron and time of each.
SPIKES = {"count": "N", "neuron": "i", "time": "t"}


def generate(
    N: int, outputs: int, dt: float, directory: Path, header: Path = PROGRAM, record: bool = True
) -> dict[str, str]:
    """Write the C++ source of a network.

    Parameters
    ----------
    N, outputs : int
        Number of neurons and outputs.
    dt : float
        Time step in seconds.
    directory : Path
        Where to write.
    header : Path, optional
        The C++ header that gives the network its connections and its readout; that of the fast engine by
        default. It is written as ``force.h``.
    record : bool, default True
        Whether Brian2 keeps all spikes.

    Returns
    -------
    dict of str
        The file that each recorded variable will be written to.
    """
    import brian2 as b2
    from brian2.codegen.generators.cpp_generator import CPPCodeGenerator
    from brian2.core.functions import DEFAULT_FUNCTIONS
    from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject

    class CodeObject(CPPStandaloneCodeObject):
        templater = CPPStandaloneCodeObject.templater.derive("forcelib.engines")

    # Brian2's function in floating point: few processors can make whole numbers of 64 bits of a vector.
    DEFAULT_FUNCTIONS["timestep"].implementations.add_implementation(
        CPPCodeGenerator,
        "static inline double _timestep(double t, double dt) { return std::trunc((t + 1e-3 * dt) / dt); }",
        name="_timestep",
    )
    b2.set_device("cpp_standalone", build_on_run=False, directory=str(directory))
    clock = b2.Clock(dt * b2.second, name="network_clock")
    neurons = b2.NeuronGroup(
        N,
        model.network_equations(outputs),
        method="euler",
        threshold=model.THRESHOLD,
        reset=model.RESET,
        refractory=model.REFRACTORY,
        clock=clock,
        name="neurons",
        namespace={"readout": _readout(outputs)},
        codeobj_class=CodeObject,
    )
    synapses = b2.Synapses(
        neurons,
        neurons,
        model.WEIGHT,
        on_pre=model.ON_PRE,
        clock=clock,
        name="synapses",
        codeobj_class=CodeObject,
    )
    connections = {
        name: _cpp_function(name, "integer", f"inline long {name}(long i) {{ return forcelib::{name}(i); }}")
        for name in ("first_synapse", "synapse_target")
    }
    synapses.connect(
        j="synapse_target(k) for k in range(first_synapse(i), first_synapse(i + 1))", namespace=connections
    )
    code = [f"{z} = readout({k})" for k, z in enumerate(model.output_names("z", outputs))]
    neurons.run_regularly("\n".join(code), when="start", clock=clock)
    # What follows in main() may be set on the command line; the run ends when force.h says so.
    b2.device.apply_run_args()
    network = b2.Network(neurons, synapses)
    if record:
        network.add(spikes := b2.SpikeMonitor(neurons, name="spikes"))
    network.run(1e9 * b2.second)
    b2.device.build(compile=False, run=False, directory=str(directory))
    sources = {name: Path(__file__).with_name(name) for name in HEADERS} | {"force.h": header}
    for name, source in sources.items():
        (directory / name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    files = {name: neurons.variables[name] for name in (*STATE, *model.output_names("phi", outputs))}
    if record:
        files |= {f"spike_{name}": spikes.variables[key] for name, key in SPIKES.items()}
    return {name: b2.device.get_array_filename(variable) for name, variable in files.items()}


def _cpp_function(name: str, returns: str, body: str) -> object:
    """Make a Brian2 function of one integer that exists in C++ only."""
    from brian2 import Function

    def not_in_python(argument: int) -> None:
        raise NotImplementedError(f"{name} exists in C++ only")

    function = Function(
        not_in_python,
        arg_units=[1],
        return_unit=1,
        arg_types=["integer"],
        return_type=returns,
        stateless=False,
    )
    # The header goes only where it is needed: it is what takes longest to compile.
    function.implementations.add_implementation(
        "cpp", body, name=name, compiler_kwds={"headers": ['"force.h"']}
    )
    return function


def _readout(outputs: int) -> object:
    """Make the function that begins a time step and returns the readouts, by the names of Brian2's arrays."""
    array = "brian::_array_neurons_{}".format
    decoders = ", ".join(array(name) for name in model.output_names("phi", outputs))
    return _cpp_function(
        "readout",
        "float",
        f"""
        inline double readout(long k) {{
            static forcelib::Experiment experiment(
                {{{array("v")}, {array("r")}, {array("h_r")}, {array("lastspike")}, {{{decoders}}}}});
            if (k == 0) experiment.begin_step();
            return experiment.output(k);
        }}
        """,
    )


def compile_network(directory: Path, compiler: list[str], flags: list[str]) -> None:
    """Compile a generated network into the program `main`, as many files at a time as there are cores.

    Parameters
    ----------
    directory : Path
        Where :func:`generate` wrote the source.
    compiler : list of str
        The command that calls the C++ compiler.
    flags : list of str
        Its options.

    Raises
    ------
    RuntimeError
        With the compiler's words, if it fails.
    """

    def run(*arguments: str) -> None:
        command = [*compiler, *flags, *arguments]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, errors="replace")
        if done.returncode:
            raise RuntimeError(
                done.stderr.strip() or f"{' '.join(compiler)} ended with status {done.returncode}"
            )

    def compile_source(name: str, *options: str) -> None:
        run("-I.", *options, "-c", name, "-o", name + ".o")

    sources = sorted(directory.rglob("*.cpp"), key=lambda path: path.stat().st_size, reverse=True)
    names = [str(path.relative_to(directory)) for path in sources]
    own = [name for name, path in zip(names, sources, strict=True) if "force.h" in path.read_text("utf-8")]
    (directory / "common.h").write_text("".join(f"#include {header}\n" for header in COMMON_HEADERS))
    # The headers that all files share are compiled once, beside the files that take longest.
    with ThreadPoolExecutor(available_cores()) as pool:
        common = pool.submit(run, "-I.", "-x", "c++-header", "common.h", "-o", "common.h.gch")
        longest = [pool.submit(compile_source, name) for name in own]
        common.result()
        others = [name for name in names if name not in own]
        list(pool.map(lambda name: compile_source(name, "-include", "common.h"), others))
        for each in longest:
            each.result()
    run(*(name + ".o" for name in names), "-o", "main")


def available_cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _end_with_parent() -> None:
    os.read(0, 1)  # nothing ever comes: this returns when the process that asked has died
    os.killpg(0, signal.SIGKILL)


def main() -> int:
    """Build the network of a specification, and write the list of files beside the program."""
    specification = json.loads(sys.argv[1])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    directory = Path(specification["directory"])
    try:
        files = generate(specification["N"], specification["outputs"], specification["dt"], directory)
        compile_network(directory, specification["compiler"], specification["flags"])
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    (directory / "files.json").write_text(json.dumps(files), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
