"""The kernel, ``kernel.cpp``, in this process: native, as a library, or portable, as WebAssembly."""

from __future__ import annotations

import atexit
import ctypes
import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from .._progress import on_interrupt
from ..errors import CompilerError, ParameterError
from ..model import NEURONS, state_variables
from . import Job, Recording, divergence_limit, recording
from .build import FUNCTIONS, MODULE, native_path, try_native

__all__ = ["simulate"]

#: Steps of one call of the kernel. Between two calls progress is reported, and Ctrl-C is heard.
STEPS_AT_ONCE = 4000

#: What may be due at a step.
UPDATE, TRACE = 1, 2

RECORDED = ("spike_neuron", "spike_step", "readout", "decoders", "potentials")

#: WebAssembly counts the bytes of its memory with 32 bits, and those of one array with 31.
MEMORY, ARRAY = 2**32, 2**31

#: Makes a kernel: its functions, and what turns its addresses into those of this process.
Make = Callable[[], tuple[Any, Callable[[int], int]]]


@functools.cache
def load_portable() -> Make:
    """Return what makes a kernel as WebAssembly, with a memory of its own."""
    import wasmtime

    atexit.register(load_portable.cache_clear)  # later wasmtime could no longer free the module
    engine = wasmtime.Engine()
    module = wasmtime.Module(engine, MODULE.read_bytes())

    def make() -> tuple[Any, Callable[[int], int]]:
        store = wasmtime.Store(engine)
        exports: Any = wasmtime.Instance(store, module, []).exports(store)
        exports["_initialize"](store)
        functions = {name: functools.partial(exports[name], store) for name in FUNCTIONS}
        memory = exports["memory"]  # which moves when it grows

        def address(pointer: int) -> int:
            return ctypes.addressof(memory.data_ptr(store).contents) + pointer % 2**32

        return SimpleNamespace(**functions), address

    return make


@functools.cache
def load_native() -> Make:
    """Return what makes a kernel of this machine's library.

    Raises
    ------
    CompilerError
        If it was not built, or was built for another processor.
    """
    path = native_path()
    if not path.exists():
        raise CompilerError("the native kernel is not built; to build it: python -m forcelib.engines.build")
    try_native(path)
    library = ctypes.CDLL(str(path))
    for name, arguments in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = ctypes.c_ssize_t, [ctypes.c_ssize_t] * arguments
    return lambda: (library, int)


def check_size(N: int, synapses: float, train: bool) -> None:
    """Raise unless a network fits into the memory of the portable kernel."""
    P = 8 * N**2 if train else 0
    if P >= ARRAY or P + 12 * synapses + 2000 * N >= MEMORY:
        raise ParameterError(
            f"N = {N}: P needs {P / 1e9:.1f} GB and the synapses {12 * synapses / 1e9:.1f} GB; "
            "the portable kernel has room for 2 GB of P and 4 GB in all. The native one has no such limit; "
            "to build it: python -m forcelib.engines.build"
        )


class _Network:
    """One network in a kernel, whose arrays are read and written by name."""

    def __init__(self, kernel: Any, address: Callable[[int], int], neuron: int) -> None:
        self._kernel, self._address = kernel, address
        reals, integers = ctypes.string_at(address(kernel.names())).decode().split(";")
        self._numbers = {name: (True, k) for k, name in enumerate(reals.split(", "))}
        self._numbers |= {name: (False, k) for k, name in enumerate(integers.split(", "))}
        self._network = kernel.make(neuron)

    def __getattr__(self, function: str) -> Callable:
        """Return a function of the kernel, for this network."""
        return functools.partial(getattr(self._kernel, function), self._network)

    def __setitem__(self, name: str, values: Any) -> None:
        self._view(name, np.size(values))[:] = np.ravel(values)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._view(name, -1).copy()

    def _view(self, name: str, size: int) -> np.ndarray:
        """Return an array of the kernel, resized unless the size is negative."""
        real, k = self._numbers[name]
        pointer = (self.real if real else self.integer)(k, size)
        kind = ctypes.c_double if real else ctypes.c_int32
        if not (length := self.length(k, real)):
            return np.empty(0, kind)
        return np.ctypeslib.as_array((kind * length).from_address(self._address(pointer)))


def simulate(make: Make, job: Job, report: Callable[[int], None]) -> Recording:
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
    number = [job.parameters.neuron.same_equations(one) for one in NEURONS.values()].index(True)
    network = _Network(*make(), number)
    try:
        _set_up(network, job)
        return _run(network, job, report)
    finally:
        network.discard()


def _set_up(network: _Network, job: Job) -> None:
    """Give a network all that does not depend on time."""
    parameters, weights, state = job.parameters, job.reservoir.weights, job.state
    arrays: dict[str, Any] = state.variables(parameters.neuron)
    arrays["since_spike"] = state.since_spike
    arrays |= {"phi": state.decoder.T, "E": job.reservoir.encoders.T}
    arrays |= {"omega": weights.data, "indptr": weights.indptr, "indices": weights.indices}
    arrays |= {"watched": job.record_potentials, "traced": job.record_decoders, "forced": job.forced}
    arrays |= {name: getattr(parameters, name) for name in ("alpha", "forgetting")}
    arrays["textbook"] = parameters.gain == "textbook"
    arrays["limit"] = divergence_limit(job.target)
    arrays["parameters"] = [parameters.value(name) for name in ("dt", *dict(parameters.neuron.declared))]
    if state.P is not None and len(job.rls_steps):
        arrays["P"] = state.P
    for name, values in arrays.items():
        network[name] = values
    network.begin()


def _run(network: _Network, job: Job, report: Callable[[int], None]) -> Recording:
    """Run a network that is set up, and collect what it recorded."""
    N, outputs, steps = job.reservoir.N, job.reservoir.outputs, len(job.target)
    every = job.parameters.in_steps("rls_interval")
    schedule = np.zeros(steps, dtype=np.int32)
    schedule[::every] = TRACE
    schedule[job.rls_steps] |= UPDATE
    pieces = []
    with on_interrupt(lambda: None) as interrupted:
        for start in range(0, steps, STEPS_AT_ONCE):
            part = slice(start, min(start + STEPS_AT_ONCE, steps))
            if job.has_external:
                network["external"] = job.external(part.start, part.stop)
            if job.parameters.feedback_noise:
                network["feedback_noise"] = job.feedback_noise(part.start, part.stop)
            network["target"], network["schedule"] = job.target[part], schedule[part]
            done = start + network.run(len(schedule[part]))
            pieces.append({name: network[name] for name in RECORDED})
            pieces[-1]["spike_step"] = pieces[-1]["spike_step"].astype(np.uint32) + np.uint32(start)
            report(done)
            if network["diverged"][0] or interrupted():
                break
    network.begin()
    names = state_variables(job.parameters.neuron)
    state: dict[str, Any] = {name: network[name] for name in (*names, "since_spike", "P")}
    state["decoder"] = network["phi"].reshape(outputs, N).T
    state["P"] = state["P"].reshape(N, N) if len(state["P"]) else job.state.P
    recorded = {name: np.concatenate([piece[name] for piece in pieces]) for name in RECORDED}
    recorded["readout"] = recorded["readout"].reshape(done, outputs)
    recorded["decoders"] = recorded["decoders"].reshape(-(-done // every), len(job.record_decoders), outputs)
    recorded["potentials"] = recorded["potentials"].reshape(done, len(job.record_potentials))
    return recording(job, bool(network["diverged"][0]), state, **recorded)
