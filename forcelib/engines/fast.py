"""The fast engine: Brian2's C++ standalone code with the RLS in C++, compiled once and kept."""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import importlib.util
import json
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import brian2
import numpy as np

from .. import reservoir as model
from .. import synaptic_filter
from ..errors import CompilerError
from ..folders import own_folder
from ..progress import on_interrupt
from . import NEVER, Job, Recording, State, build, divergence_limit
from .runtime import SHARED

__all__ = ["Compiler", "cache_directory", "compiled_network", "find_compiler", "simulate"]

FLAGS = ["-std=c++14", "-O3", "-ffast-math", "-fno-finite-math-only", "-w", "-pthread"]

#: What a compiler may use of an x86 processor, by its macros, and an instruction that needs it.
INSTRUCTIONS = {
    "__SSE4_2__": "pcmpgtq %%xmm0, %%xmm0",
    "__POPCNT__": "popcnt %%rax, %%rax",
    "__AVX__": "vaddpd %%ymm0, %%ymm0, %%ymm0",
    "__BMI__": "andn %%rax, %%rax, %%rax",
    "__BMI2__": "shlx %%rax, %%rax, %%rax",
    "__AVX2__": "vpaddq %%ymm0, %%ymm0, %%ymm0",
    "__FMA__": "vfmadd231pd %%ymm0, %%ymm0, %%ymm0",
    "__AVX512F__": "vaddpd %%zmm0, %%zmm0, %%zmm0",
    "__AVX512BW__": "vpaddw %%zmm0, %%zmm0, %%zmm0",
    "__AVX512DQ__": "vpmullq %%zmm0, %%zmm0, %%zmm0",
    "__AVX512VL__": "vpternlogq $1, %%ymm0, %%ymm0, %%ymm0",
}

_building = threading.Lock()


class Compiler(NamedTuple):
    """A C++ compiler.

    Parameters
    ----------
    command : tuple of str
        How it is called: a path, or a program and its first arguments.
    flags : tuple of str
        The options to use.

    Examples
    --------
    >>> from forcelib.engines import fast
    >>> print(fast.Compiler(("/usr/bin/ccache", "c++"), ("-O3",)))
    /usr/bin/ccache c++
    """

    command: tuple[str, ...]
    flags: tuple[str, ...] = tuple(FLAGS)

    def __str__(self) -> str:
        return shlex.join(self.command)

    @property
    def is_zig(self) -> bool:
        """Whether it is zig, which has ways of its own."""
        return "ziglang" in self.command or Path(self.command[0]).name == "zig"


def find_compiler() -> Compiler:
    """Find a C++ compiler that works.

    Returns
    -------
    Compiler
        That of the environment variable ``CXX`` if set, else the first that works of c++, g++,
        clang++ and the one in the Python package ziglang. It compiles for the processor that the
        environment variable ``FORCELIB_MARCH`` names, by default for that of this machine; for
        any of its kind, if this machine cannot run what is compiled for that.

    Raises
    ------
    CompilerError
        If there is none, or if none can compile a program; the message says which. If the
        compiler does not know the processor that ``FORCELIB_MARCH`` names.

    Examples
    --------
    >>> import forcelib
    >>> from forcelib.engines import fast
    >>> try:
    ...     command, flags = fast.find_compiler()
    ... except forcelib.CompilerError as error:
    ...     print("no fast engine here:", error)
    """
    if os.name != "posix":
        raise CompilerError("The fast engine runs on Linux and macOS only")
    march = os.environ.get("FORCELIB_MARCH") or "native"
    return _first_that_works(
        os.environ.get("CXX"), os.environ.get("PATH"), importlib.util.find_spec("ziglang") is not None, march
    )


@functools.lru_cache
def _first_that_works(wanted: str | None, path: str | None, ziglang: bool, march: str) -> Compiler:
    names = [wanted] if wanted else ["c++", "g++", "clang++"]
    commands = [command for command in map(_command, names) if command]
    if ziglang and not wanted:
        commands.append((sys.executable, "-m", "ziglang", "c++"))
    complaints = []
    for command in commands:
        found, complaint = _probe(Compiler(command), march)
        if found:
            return found
        complaints.append(f"The C++ compiler {shlex.join(command)} does not work\n{complaint}")
    if complaints:
        raise CompilerError("\n".join(complaints))
    looked_for = names if wanted else [*names, "the package ziglang"]
    raise CompilerError(f"No C++ compiler found (looked for {', '.join(looked_for)})")


def _command(name: str) -> tuple[str, ...] | None:
    """Split a path, spaces and all, or a program with arguments; None if there is no such program."""
    try:
        choices = [[name], shlex.split(name)]
    except ValueError:
        choices = [[name]]
    for words in choices:
        program = shutil.which(words[0]) if words else None
        if program:
            return (program, *words[1:])
    return None


def _probe(compiler: Compiler, march: str) -> tuple[Compiler | None, str]:
    """Return the compiler with the options to use; or None, and what is wrong."""
    # Zig writes the names of processors with underscores.
    processor = march.replace("-", "_") if compiler.is_zig else march
    special = compiler._replace(flags=(*FLAGS, f"-march={processor}"))
    with _disk_errors("try the C++ compiler"), tempfile.TemporaryDirectory(prefix="forcelib-") as name:
        folder = Path(name)
        complaint = _compile_probe(special, folder)
        if not complaint and not _run_probe(folder):
            return special, ""
        plain = compiler._replace(flags=tuple(FLAGS))
        plain_complaint = _compile_probe(plain, folder) or _run_probe(folder)
    if plain_complaint:
        return None, plain_complaint
    if complaint and march != "native":
        raise CompilerError(
            f"FORCELIB_MARCH = {march!r} is not a processor that {compiler} can compile for\n{complaint}"
        )
    return plain, ""


def _compile_probe(compiler: Compiler, folder: Path) -> str:
    """Compile a program that dies where the processor lacks what it is compiled for; return complaints."""
    tests = "".join(
        f'#ifdef {macro}\nasm volatile("{instruction}" ::: "xmm0", "rax", "cc");\n#endif\n'
        for macro, instruction in INSTRUCTIONS.items()
    )
    (folder / "probe.cpp").write_text(
        f"#include <thread>\nint main() {{\n#ifdef __x86_64__\n{tests}#endif\n}}\n"
    )
    # The first program that zig links waits for its C++ library to be compiled. This one needs none.
    library = ["-nostdlib++"] if compiler.is_zig else []
    for arguments in (["-c", "probe.cpp", "-o", "probe.o"], [*library, "probe.o", "-o", "probe"]):
        try:
            done = subprocess.run(
                [*compiler.command, *compiler.flags, *arguments],
                cwd=folder,
                capture_output=True,
                text=True,
                env=_environment(),
            )
        except OSError as error:
            return str(error)
        if done.returncode:
            return done.stderr.strip() or f"it ended with status {done.returncode}"
    return ""


def _run_probe(folder: Path) -> str:
    try:
        status = subprocess.run([folder / "probe"]).returncode
    except OSError as error:
        return str(error)
    return f"a program compiled with it ended with status {status}" if status else ""


def _environment() -> dict[str, str]:
    """Return the environment of a compiler: zig keeps what it compiles beside the networks."""
    return {"ZIG_GLOBAL_CACHE_DIR": str(cache_directory() / "zig")} | dict(os.environ)


@contextlib.contextmanager
def _disk_errors(what: str) -> Iterator[None]:
    """Raise errors of the disk as those of the fast engine: the runtime engine works without one."""
    try:
        yield
    except OSError as error:
        raise CompilerError(f"The fast engine could not {what}: {error}") from error


def cache_directory() -> Path:
    """Return the folder that keeps compiled networks.

    Returns
    -------
    Path
        ``$FORCELIB_CACHE`` if set, else ``forcelib`` in the user's cache folder; a temporary
        folder, removed at exit, where that cannot be written.

    Examples
    --------
    >>> from forcelib.engines import fast
    >>> fast.cache_directory().is_dir()
    True
    """
    wanted = os.environ.get("FORCELIB_CACHE")
    if not wanted:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        wanted = os.path.join(home, "forcelib")
    try:
        os.makedirs(wanted, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            return Path(wanted)
    except OSError:
        return _temporary_cache()


@functools.cache
def _temporary_cache() -> Path:
    stack = contextlib.ExitStack()
    folder = stack.enter_context(own_folder(Path(tempfile.gettempdir()), "forcelib-cache-"))
    atexit.register(stack.close)
    return folder


def compiled_network(
    N: int, outputs: int, dt: float, announce: Callable[[str], None] = lambda duration: None
) -> Path:
    """Return the folder of a compiled network, compiling it first if it is new.

    Parameters
    ----------
    N, outputs : int
        Number of neurons and outputs.
    dt : float
        Time step in seconds.
    announce : callable, optional
        Called once before a compilation starts, with words for how long it takes.

    Returns
    -------
    Path
        Holds the program ``main`` and the list ``files.json``.

    Raises
    ------
    CompilerError
        If the network cannot be compiled; with the compiler's words.

    Examples
    --------
    >>> import forcelib
    >>> from forcelib.engines import fast
    >>> try:
    ...     network = fast.compiled_network(N=100, outputs=1, dt=5e-5)
    ... except forcelib.CompilerError as error:
    ...     print("no fast engine here:", error)
    """
    compiler = find_compiler()
    specification = {
        "N": N,
        "outputs": outputs,
        "dt": dt,
        "compiler": list(compiler.command),
        "flags": list(compiler.flags),
    }
    with _building, _disk_errors("make the folder of its network"):
        cache = cache_directory()
        folder = cache / f"network-{N}-{outputs}-{_key(specification)}"
        if not (folder / "files.json").exists():
            announce("some 20 s, and the first time a minute or two" if compiler.is_zig else "some 10 s")
            _build(specification, cache, folder)
    return folder


def _key(specification: dict) -> str:
    """Digest of everything a compiled network depends on: of this processor only if it is compiled for it."""
    digest = hashlib.sha256(json.dumps(specification, sort_keys=True).encode())
    version = subprocess.run([*specification["compiler"], "--version"], capture_output=True).stdout
    sources = [Path(build.__file__), *sorted(Path(__file__).parent.rglob("*.h"))]
    sources += sorted(Path(__file__).parent.rglob("*.cpp"))
    for part in (
        brian2.__version__,
        platform.machine(),
        _processor() if "-march=native" in specification["flags"] else "",
        model.network_equations(specification["outputs"]),
    ):
        digest.update(part.encode())
    for text in (model.RESET, model.ON_PRE, model.THRESHOLD, model.REFRACTORY, model.WEIGHT):
        digest.update(text.encode())
    digest.update(version)
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), platform.processor())


def _build(specification: dict, cache: Path, folder: Path) -> None:
    environment = _environment()
    package = str(Path(__file__).parents[2])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [package, environment.get("PYTHONPATH")]))
    with own_folder(cache, "draft-") as draft:
        wanted = specification | {"directory": str(draft)}
        with subprocess.Popen(
            # -P: not another forcelib, of the working folder
            [sys.executable, "-P", "-m", "forcelib.engines.build", json.dumps(wanted)],
            stdin=subprocess.PIPE,  # never written to: closed by the death of this process, it ends the build
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=environment,
            start_new_session=True,  # with its compilers it can be stopped as one
        ) as process:
            assert process.stderr is not None
            try:
                words = process.stderr.read()
                process.wait()
            finally:
                _stop_group(process)
        if process.returncode:
            raise CompilerError(
                f"The fast engine could not be compiled with {shlex.join(specification['compiler'])}\n{words}"
            )
        for pattern in ("*.o", "*.gch"):
            for path in draft.rglob(pattern):
                path.unlink()
        try:
            draft.rename(folder)
        except OSError:
            if not (folder / "files.json").exists():  # else another process was first
                raise


def _stop_group(process: subprocess.Popen) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def simulate(job: Job, report: Callable[[int], None]) -> Recording:
    """Run a job in a compiled program of its own.

    Parameters
    ----------
    job : Job
    report : callable
        Called with the number of time steps done.

    Returns
    -------
    Recording

    Raises
    ------
    CompilerError
        If the network cannot be compiled, or the program fails.
    """
    parameters, reservoir = job.parameters, job.reservoir
    network = compiled_network(reservoir.N, reservoir.outputs, float(parameters.dt))
    with contextlib.ExitStack() as stack:
        with _disk_errors("write its input"):
            folder = stack.enter_context(own_folder(Path(tempfile.gettempdir()), "forcelib-run-"))
            arguments = _write_inputs(job, folder)
        diverged = False
        words: deque[str] = deque(maxlen=20)
        with subprocess.Popen(
            [network / "main", "--results_dir", f"{folder}{os.sep}", *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # not a file: the disk may be what is full
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches it from here only, as a request to stop
        ) as process:
            assert process.stdout is not None
            try:
                with on_interrupt(lambda: process.send_signal(signal.SIGINT)) as interrupted:
                    for line in process.stdout:
                        if line.strip() == "diverged":
                            diverged = True
                        elif line.strip().isdigit():
                            report(int(line))
                        else:
                            words.append(line)
                    process.wait()
            finally:
                _stop_group(process)
        if process.returncode:
            reason = "".join(words).strip() or f"it ended with status {process.returncode}"
            raise CompilerError(f"The compiled network failed: {reason}")
        recording = _read_outputs(job, folder, json.loads((network / "files.json").read_text()))
    done = len(recording["readout"])
    ended = (
        "diverged"
        if diverged or recording["state"] is None
        else "interrupted"
        if interrupted() and done < len(job.target)
        else "finished"
    )
    return Recording(**recording, ended=ended)


def _write_inputs(job: Job, folder: Path) -> list[str]:
    parameters, reservoir, state = job.parameters, job.reservoir, job.state
    every = parameters.in_steps("rls_interval")
    between_updates = np.linalg.matrix_power(
        synaptic_filter.propagator(parameters.tau_r, parameters.tau_d, parameters.dt), every
    )
    settings = {
        "N": reservoir.N,
        "steps": len(job.target),
        "rls_first": job.rls_steps[0] if len(job.rls_steps) else 0,
        "rls_last": job.rls_steps[-1] if len(job.rls_steps) else -1,
        "rls_every": every,
        "textbook": int(parameters.gain == "textbook"),
        "forced": int(job.forced),
        "alpha": parameters.alpha,
        "limit": divergence_limit(job.target),
        "dt": float(parameters.dt),
        "a": between_updates[0, 0],
        "b": between_updates[0, 1],
        "c": between_updates[1, 1],
        "threads": min(2, build.available_cores()),
    }
    (folder / "settings.txt").write_text("".join(f"{name} {value!s}\n" for name, value in settings.items()))
    arrays = {
        "target": job.target,
        "indptr": reservoir.weights.indptr.astype(np.int64),
        "indices": reservoir.weights.indices.astype(np.int32),
        "lastspike": -state.since_spike * float(parameters.dt),
        "record_decoders": job.record_decoders.astype(np.int64),
        "record_potentials": job.record_potentials.astype(np.int64),
    }
    by_name = {f"neurons.{name}": getattr(state, name) for name in ("v", "s", "h", "r", "h_r")}
    for k, (phi, encoder) in enumerate(
        zip(*(model.output_names(x, reservoir.outputs) for x in ("phi", "E")), strict=True)
    ):
        by_name[f"neurons.{phi}"] = state.decoder[:, k]
        by_name[f"neurons.{encoder}"] = reservoir.encoders[:, k]
    by_name["synapses.omega"] = reservoir.weights.data
    for name, values in (arrays | by_name).items():
        values.tofile(folder / f"{name}.bin")
    arguments = [f"{name}={folder / name}.bin" for name in by_name]
    return arguments + [f"neurons.{name}={float(getattr(parameters, name))!r}" for name in SHARED]


def _read_outputs(job: Job, folder: Path, files: dict[str, str]) -> dict:
    N, outputs = job.reservoir.N, job.reservoir.outputs

    def read(name: str, size: int, kind: type = np.float64) -> np.ndarray:
        path = folder / files.get(name, f"{name}.bin")
        values: np.ndarray = np.fromfile(path, kind) if size or path.exists() else np.empty(0, kind)
        if len(values) != size:
            raise CompilerError(
                f"The compiled network wrote {len(values)} of {size} values of {name} to "
                f"{tempfile.gettempdir()}: is the disk full?"
            )
        return values

    steps = (folder / "readout.bin").stat().st_size // (8 * outputs)
    readout = read("readout", steps * outputs).reshape(steps, outputs)
    samples = -(-steps // job.parameters.in_steps("rls_interval"))
    traced, watched = len(job.record_decoders), len(job.record_potentials)
    dt = float(job.parameters.dt)
    state = {name: read(name, N) for name in ("v", "s", "h", "r", "h_r")}
    state["decoder"] = np.column_stack([read(name, N) for name in model.output_names("phi", outputs)])
    state["since_spike"] = np.minimum(steps - np.rint(read("lastspike", N) / dt), NEVER).astype(np.int64)
    finite = all(np.all(np.isfinite(values)) for values in state.values())
    spikes = int(read("spike_count", 1, np.int32)[0])
    return {
        "spike_neuron": read("spike_neuron", spikes, np.int32),
        "spike_step": np.rint(read("spike_time", spikes) / dt).astype(np.uint32),
        "readout": readout,
        "decoders": read("decoders", samples * traced * outputs).reshape(samples, traced, outputs),
        "potentials": read("potentials", steps * watched).reshape(steps, watched),
        "state": State(**state) if finite else None,
    }
