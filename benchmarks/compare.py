"""Measure forcelib against the reference program's algorithm, side by side, and print ratios.

    python benchmarks/compare.py [--quick]

Needs a C++ compiler, and builds the native kernel if it is not there. Times depend on the machine and on what
else it does; the ratios hardly do. With --quick the whole programs run for 2 s of biology instead of 15,
without training, and the largest cases of RLS are left out.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from brian2 import ms, second

import forcelib
from forcelib.engines import build

HERE = Path(__file__).parent
KERNELS = ("native", "portable")


def timed(*command: str) -> tuple[float, float]:
    """Run a Python program; return seconds, and the peak of its memory in MB."""
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{shlex.join(command)} failed")
    return time.perf_counter() - begin, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def whole_programs(duration: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "run.npz")
        reference = [str(HERE / "reference_program.py"), "--seed", "1", "--output", str(output)]
        timed(*reference, "--N", "20", "--duration", "0.1")  # compiles what Brian2 keeps
        process, memory = timed(*reference, "--duration", str(duration))
        with np.load(output, allow_pickle=False) as stored:
            i, s, z, seconds = (stored[name] for name in ("i", "s", "z", "seconds"))
        print(f"Whole programs, {duration:g} s of 2000 neurons, {len(i)} spikes:")
        print("             process (s)  ratio  simulation (s)  ratio  x real time  peak memory (MB)")
        row = "{:10}{:14.1f}{:7.1f}{:16.2f}{:7.1f}{:13.2f}{:18.0f}"
        print(row.format("reference", process, 1, seconds, 1, duration / seconds, memory), flush=True)
        agreement = []
        for engine in KERNELS:
            program = ["-m", "forcelib", "--seed", "1", "--engine", engine, "--output", folder]
            mine, memory = timed(*program, "--duration", str(duration))
            run = forcelib.load(output)
            ratios = process / mine, run.seconds, seconds / run.seconds, duration / run.seconds
            print(row.format(engine, mine, *ratios, memory), flush=True)
            same = np.array_equal(i, run.spike_neuron) and np.array_equal(s, run.spike_step)
            differ = np.abs(z - run.readout).max()
            agreement.append(f"{engine}: the same spikes: {same}; largest difference of z: {differ:.1e}")
        print(*agreement, sep="\n")


def small_runs() -> None:
    half = forcelib.Parameters(N=500, duration=2 * second, rls_start=0.5 * second, rls_stop=1.5 * second)
    tiny = forcelib.Parameters(N=20, duration=1 * ms)
    print("\nforcelib.run as a whole (ms):       native  portable  ratio")
    for name, parameters in {"2 s of N = 500, RLS in half of it": half, "1 ms of N = 20": tiny}.items():
        spent: dict[str, list[float]] = {engine: [] for engine in KERNELS}
        for engine in KERNELS * 5:
            begin = time.perf_counter()
            forcelib.run(seed=1, parameters=parameters, engine=engine)
            spent[engine].append(time.perf_counter() - begin)
        native, portable = (1e3 * min(spent[engine]) for engine in KERNELS)
        print(f"{name:33}{native:9.2f}{portable:10.2f}{portable / native:7.1f}", flush=True)


def phases() -> None:
    print("\nWhere the time of the 15 s goes (s):")
    print("            before  training  after   network    RLS  ms per update")
    five, updates = 5 * second, len(forcelib.Parameters().rls_steps())
    untrained = forcelib.Parameters(duration=five)
    for engine in KERNELS:
        before = forcelib.run(seed=1, parameters=untrained, train=False, engine=engine)
        training = before.continued(five, train=True, teacher=forcelib.teachers.sine(), engine=engine)
        after = training.continued(five, engine=engine)
        spent = [run.seconds for run in (before, training, after)]
        network = 1.5 * (spent[0] + spent[2])
        rls = sum(spent) - network
        print(f"{engine:10}{spent[0]:8.2f}{spent[1]:10.2f}{spent[2]:7.2f}{network:10.2f}{rls:7.2f}", end="")
        print(f"{1e3 * rls / updates:15.3f}", flush=True)


def rls_updates(sizes: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "rls")
        compiler = shlex.split(os.environ.get("CXX", "c++"))
        flags = [*build.FLAGS, *build.X86, "-pthread", f"-I{build.HERE}"]
        subprocess.run([*compiler, *flags, HERE / "update.cpp", "-o", program], check=True)
        print("\nRLS of the native kernel, 23 Hz: time per update, as a multiple of the time to read once")
        print("the N x N matrix P, and the bytes that an update must touch")
        print("     N  updates  ms/update   of P  of bytes")
        for N, updates in sizes:
            words = [program, str(N), str(updates), str(23 * 2.5e-3)]
            done = subprocess.run(words, check=True, capture_output=True, text=True)
            spent, read, touched, _ = map(float, done.stdout.split())
            print(
                f"{N:6}{updates:9}{1e3 * spent:11.3f}{spent / read:7.2f}{spent / (touched * read):10.2f}",
                flush=True,
            )


if __name__ == "__main__":
    command = argparse.ArgumentParser()
    command.add_argument("--quick", action="store_true")
    quick = command.parse_args().quick
    if not build.native_path().exists():
        build.build_native()
    whole_programs(2.0 if quick else 15.0)
    small_runs()
    phases()
    sizes = [(N, 2000) for N in (500, 1000, 2000, 4000, 8000)] + [(2000, 20_000)]
    rls_updates([(500, 500), (2000, 500)] if quick else sizes)
