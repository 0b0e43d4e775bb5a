"""The fast engine: Brian2's C++ standalone code with the RLS in C++, compiled once and kept."""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import brian2
import numpy as np

from .. import reservoir as model
from .. import synaptic_filter
from ..errors import CompilerError
from ..folders import hold, own_folder, remove_left
from ..progress import on_interrupt
from . import NEVER, Job, Recording, State, build, divergence_limit
from .runtime import SHARED

__all__ = ["cache_directory", "compiled_network", "find_compiler", "simulate"]

FLAGS = ["-std=c++14", "-O3", "-ffast-math", "-fno-finite-math-only", "-w", "-pthread"]
NATIVE = ["-march=native"]

_building = threading.Lock()


def find_compiler() -> tuple[str, tuple[str, ...]]:
    """Find a C++ compiler that works.

    Returns
    -------
    str
        Its path: the environment variable ``CXX`` if set, else c++, g++ or clang++.
    tuple of str
        The options to use.

    Raises
    ------
    CompilerError
        If there is none, or if it cannot compile a program; the message says which.

    Examples
    --------
    >>> import forcelib
    >>> from forcelib.engines import fast
    >>> try:
    ...     compiler, flags = fast.find_compiler()
    ... except forcelib.CompilerError as error:
    ...     print("no fast engine here:", error)
    """
    return _probe(os.environ.get("CXX"), os.environ.get("PATH"))


@functools.lru_cache
def _probe(wanted: str | None, path: str | None) -> tuple[str, tuple[str, ...]]:
    if os.name != "posix":
        raise CompilerError("The fast engine runs on Linux and macOS only")
    names = [wanted] if wanted else ["c++", "g++", "clang++"]
    found = next((full for full in map(shutil.which, names) if full), None)
    if found is None:
        raise CompilerError(f"No C++ compiler found (looked for {', '.join(names)})")
    with _disk_errors("try the C++ compiler"), tempfile.TemporaryDirectory(prefix="forcelib-") as folder:
        source = Path(folder, "probe.cpp")
        source.write_text("#include <cstddef>\nint main() { return 0; }\n")
        for flags in (FLAGS + NATIVE, FLAGS):
            try:
                done = subprocess.run(
                    [found, *flags, "probe.cpp", "-o", "probe"], cwd=folder, capture_output=True, text=True
                )
                if done.returncode == 0 and subprocess.run([Path(folder, "probe")]).returncode == 0:
                    return found, tuple(flags)
                reason = done.stderr.strip()
            except OSError as error:
                reason = str(error)
    raise CompilerError(f"The C++ compiler {found} does not work\n{reason}")


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
    remove_left(Path(tempfile.gettempdir()), "forcelib-cache-")
    folder = tempfile.mkdtemp(prefix="forcelib-cache-")
    if os.name == "posix":
        hold(os.open(folder, os.O_RDONLY))  # as long as this process lives
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def compiled_network(N: int, outputs: int, dt: float, announce: Callable[[], None] = lambda: None) -> Path:
    """Return the folder of a compiled network, compiling it first if it is new.

    Parameters
    ----------
    N, outputs : int
        Number of neurons and outputs.
    dt : float
        Time step in seconds.
    announce : callable, optional
        Called once before a compilation starts.

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
    compiler, flags = find_compiler()
    specification = {"N": N, "outputs": outputs, "dt": dt, "compiler": compiler, "flags": list(flags)}
    with _building, _disk_errors("make the folder of its network"):
        cache = cache_directory()
        folder = cache / f"network-{N}-{outputs}-{_key(specification)}"
        if not (folder / "files.json").exists():
            announce()
            _build(specification, cache, folder)
    return folder


def _key(specification: dict) -> str:
    """Digest of everything a compiled network depends on, the processor included."""
    digest = hashlib.sha256(json.dumps(specification, sort_keys=True).encode())
    version = subprocess.run([specification["compiler"], "--version"], capture_output=True).stdout
    sources = [Path(build.__file__), *sorted(Path(__file__).parent.rglob("*.h"))]
    sources += sorted(Path(__file__).parent.rglob("*.cpp"))
    for part in (
        brian2.__version__,
        platform.machine(),
        _processor(),
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
    environment = dict(os.environ)
    package = str(Path(__file__).parents[2])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [package, environment.get("PYTHONPATH")]))
    with own_folder(cache, "draft-") as draft:
        wanted = specification | {"directory": str(draft)}
        with subprocess.Popen(
            [sys.executable, "-m", "forcelib.engines.build", json.dumps(wanted)],
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
                f"The fast engine could not be compiled with {specification['compiler']}\n{words}"
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
