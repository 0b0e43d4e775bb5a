"""The kernel, ``kernel.cpp``, in this process: native, as a library, or portable, as WebAssembly."""

from __future__ import annotations

import atexit
import ctypes
import functools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .._progress import on_interrupt
from ..errors import CompilerError, ParameterError
from ..model import LIF, state_variables
from . import Job, Recording, divergence_limit, recording
from .build import MODULE, native_path

__all__ = ["simulate"]

#: Steps of one call of the kernel. Between two calls progress is reported, and Ctrl-C is heard.
STEPS_AT_ONCE = 1000

#: What may be due at a step.
UPDATE, TRACE = 1, 2

#: Result and arguments of its functions: a text, an address, a whole number, a number, or nothing.
FUNCTIONS = {
    "reals": "t", "integers": "t", "real": "aaii", "integer": "aaii", "length": "iaii", "matrix": "aa",
    "make": "aiid", "discard": "-a", "learning": "-adii", "feedback": "-aid", "begin": "-a",
    "run": "iai", "diverged": "ia",
}  # fmt: skip
TYPES = {"t": ctypes.c_char_p, "a": ctypes.c_void_p, "i": ctypes.c_int, "d": ctypes.c_double, "-": None}

#: WebAssembly counts the bytes of its memory with 32 bits, and those of one array with 31.
MEMORY, ARRAY = 2**32, 2**31

TRIAL = "import ctypes, sys; sys.exit(ctypes.CDLL(sys.argv[1]).trial(70, 2, 130))"


class Native:
    """The kernel as a library that a C++ compiler has made."""

    def __init__(self, path: Path) -> None:
        library = ctypes.CDLL(str(path))
        for name, kinds in FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, *function.argtypes = (TYPES[kind] for kind in kinds)
            setattr(self, name, function)

    def address(self, pointer: int) -> int:
        """Return where in this process something is."""
        return pointer


class Portable:
    """The kernel as WebAssembly, with a memory of its own."""

    def __init__(self) -> None:
        import wasmtime

        engine, module = _compiled_module()
        self._store = wasmtime.Store(engine)
        exports: Any = wasmtime.Instance(self._store, module, []).exports(self._store)
        self._memory = exports["memory"]
        exports["_initialize"](self._store)
        for name, kinds in FUNCTIONS.items():
            function = functools.partial(exports[name], self._store)
            setattr(self, name, self._text(function) if kinds[0] == "t" else function)

    def address(self, pointer: int) -> int:
        """Return where in this process something is; that changes when the memory grows."""
        start = ctypes.addressof(self._memory.data_ptr(self._store).contents)
        return start + pointer % 2**32

    def _text(self, function: Callable[[], int]) -> Callable[[], bytes]:
        return lambda: ctypes.string_at(self.address(function()))


@functools.cache
def _compiled_module() -> tuple[Any, Any]:
    import wasmtime

    atexit.register(_compiled_module.cache_clear)  # later wasmtime could no longer free it
    engine = wasmtime.Engine()
    return engine, wasmtime.Module(engine, MODULE.read_bytes())


def load_portable() -> Callable[[], Portable]:
    """Return what makes a portable kernel, of a module that is read once in this process."""
    _compiled_module()
    return Portable


def check_size(N: int, synapses: float, train: bool) -> None:
    """Raise unless a network fits into the memory of the portable kernel."""
    P = 8 * N**2 if train else 0
    if P >= ARRAY or P + 12 * synapses + 2000 * N >= MEMORY:
        raise ParameterError(
            f"N = {N}: P needs {P / 1e9:.1f} GB and the synapses {12 * synapses / 1e9:.1f} GB; "
            "the portable kernel has room for 2 GB of P and 4 GB in all. The native one has no such limit; "
            "to build it: python -m forcelib.engines.build"
        )


@functools.cache
def load_native() -> Callable[[], Native]:
    """Return what makes a native kernel.

    Raises
    ------
    CompilerError
        If it was not built, or was built for another processor.
    """
    path = native_path()
    if not path.exists():
        raise CompilerError("the native kernel is not built; to build it: python -m forcelib.engines.build")
    try_native(path)
    library = Native(path)
    return lambda: library


def try_native(path: Path) -> None:
    """Run a library in a process of its own, which dies in place of this one if the processor is another."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", TRIAL, str(path)], capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        reason = f"the native kernel does not run on this machine: status {done.returncode}"
        raise CompilerError("\n".join(filter(None, [reason, done.stderr.strip()])))


def available_cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Network:
    """One network in a kernel, whose arrays are read and written by name."""

    def __init__(self, kernel: Any, N: int, outputs: int, dt: float) -> None:
        self.kernel, self.N = kernel, N
        self._numbers = {name: (True, k) for k, name in enumerate(kernel.reals().decode().split())}
        self._numbers |= {name: (False, k) for k, name in enumerate(kernel.integers().decode().split())}
        self._network = kernel.make(N, outputs, dt)

    def __getattr__(self, function: str) -> Callable:
        """Return a function of the kernel, for this network."""
        return functools.partial(getattr(self.kernel, function), self._network)

    def __setitem__(self, name: str, values: Any) -> None:
        self._view(name, np.size(values))[:] = np.ravel(values)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._view(name, -1).copy()

    def _view(self, name: str, size: int) -> np.ndarray:
        real, k = self._numbers[name]
        pointer = (self.real if real else self.integer)(k, size)
        return self._array(pointer, self.length(k, real), ctypes.c_double if real else ctypes.c_int32)

    def _array(self, pointer: int, size: int, kind: Any) -> np.ndarray:
        if not size:
            return np.empty(0, kind)
        return np.ctypeslib.as_array((kind * size).from_address(self.kernel.address(pointer)))

    @property
    def P(self) -> np.ndarray:
        """The matrix of RLS, shape (N, N), to read and to write."""
        return self._array(self.matrix(), self.N**2, ctypes.c_double).reshape(self.N, self.N)


def simulate(make: Callable[[], Native | Portable], job: Job, report: Callable[[int], None]) -> Recording:
    """Run a job.

    Parameters
    ----------
    make : callable
        Makes a kernel: :func:`load_native` or :func:`load_portable` gives it.
    job : Job
    report : callable
        Called with the number of time steps done.

    Returns
    -------
    Recording
    """
    network = Network(make(), job.reservoir.N, job.reservoir.outputs, float(job.parameters.dt))
    try:
        _set_up(network, job)
        return _run(network, job, report)
    finally:
        network.discard()


def _set_up(network: Network, job: Job) -> None:
    parameters, reservoir, state = job.parameters, job.reservoir, job.state
    arrays = {name: getattr(state, name) for name in (*state_variables(), "since_spike")}
    arrays |= {"phi": state.decoder.T, "E": reservoir.encoders.T, "omega": reservoir.weights.data}
    arrays |= {"indptr": reservoir.weights.indptr, "indices": reservoir.weights.indices}
    arrays |= {"watched": job.record_potentials, "traced": job.record_decoders}
    arrays["parameters"] = [float(getattr(parameters, name)) for name, _ in LIF.parameters]
    for name, values in arrays.items():
        network[name] = values
    network.learning(parameters.alpha, parameters.gain == "textbook", min(2, available_cores()))
    network.feedback(job.forced, divergence_limit(job.target))
    if state.P is not None and len(job.rls_steps):
        network.P[:] = state.P
    network.begin()


def _run(network: Network, job: Job, report: Callable[[int], None]) -> Recording:
    N, outputs, steps = job.reservoir.N, job.reservoir.outputs, len(job.target)
    every = job.parameters.in_steps("rls_interval")
    schedule = np.zeros(steps, dtype=np.int32)
    schedule[::every] = TRACE
    schedule[job.rls_steps] |= UPDATE
    names = ("spike_neuron", "spike_step", "readout", "decoders", "potentials")
    pieces: dict[str, list] = {name: [] for name in names}
    done = 0
    with on_interrupt(lambda: None) as interrupted:
        while done < steps and not network.diverged() and not interrupted():
            part = slice(done, done + STEPS_AT_ONCE)
            network["target"], network["schedule"] = job.target[part], schedule[part]
            ran = network.run(len(schedule[part]))
            for name in names:
                pieces[name].append(network[name])
            pieces["spike_step"][-1] = pieces["spike_step"][-1].astype(np.uint32) + np.uint32(done)
            done += ran
            report(done)
    network.begin()
    state: dict[str, Any] = {name: network[name] for name in (*state_variables(), "since_spike")}
    state["decoder"] = network["phi"].reshape(outputs, N).T
    state["P"] = network.P if len(job.rls_steps) else job.state.P
    shapes: dict[str, tuple[int, ...]] = {"readout": (done, outputs)}
    shapes["decoders"] = (-(-done // every), len(job.record_decoders), outputs)
    shapes["potentials"] = (done, len(job.record_potentials))
    recorded = {name: np.concatenate(pieces[name]).reshape(shapes.get(name, -1)) for name in names}
    return recording(job, network.diverged(), state, **recorded)
