"""Measure forcelib against the reference program's algorithm, side by side, and print ratios.

    python benchmarks/compare.py [--quick]

Times depend on the machine and on what else it does; the ratios hardly do. With --quick the networks run
for 2 s of biology instead of 15, without training, and the large ones are left out.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import forcelib
from forcelib.engines import build, fast

HERE = Path(__file__).parent
ENGINES = Path(fast.__file__).parent


def tree(pid: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def timed(command: list[str], home: Path) -> tuple[float, dict[str, float]]:
    """Run a command with caches in `home`; return seconds, and peak memory in MB by program name."""
    environment = {k: v for k, v in os.environ.items() if k not in ("FORCELIB_CACHE", "XDG_CACHE_HOME")}
    environment["HOME"] = str(home)
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    peak: dict[str, float] = {}
    while process.poll() is None:
        for pid in tree(process.pid):
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
            name = "python" if pid == process.pid else fields["Name"].strip()
            memory = int(fields.get("VmHWM", "0 kB").split()[0]) / 1e3
            peak[name] = max(peak.get(name, 0), memory)
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.perf_counter() - begin, peak


def whole_programs(quick: bool) -> None:
    duration = 2.0 if quick else 15.0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        reference = [sys.executable, str(HERE / "reference_program.py"), "--seed", "1"]
        reference += ["--duration", str(duration), "--output", str(home / "reference.npz")]
        ours = [sys.executable, "-m", "forcelib", "--seed", "1", "--engine", "fast"]
        ours += ["--duration", str(duration), "--output", str(home / "ours")]
        print(f"Whole programs, {duration:g} s of 2000 neurons (s):")
        print(f"{'':16}{'reference':>12}{'forcelib':>12}{'ratio':>8}")
        for caches in ("cold", "warm"):
            theirs, their_memory = timed(reference, home)
            mine, memory = timed(ours, home)
            print(f"{caches + ' caches':16}{theirs:12.1f}{mine:12.1f}{theirs / mine:8.1f}", flush=True)
        with np.load(home / "reference.npz", allow_pickle=False) as stored:
            seconds = float(stored["seconds"])
            theirs = {name: stored[name] for name in ("i", "s", "z")}
        result = forcelib.load(home / "ours" / "run.npz")
        print(f"{'simulation':16}{seconds:12.1f}{result.seconds:12.1f}{seconds / result.seconds:8.1f}")
        print(f"{'times real time':16}{duration / seconds:12.2f}{duration / result.seconds:12.2f}")
        same = np.array_equal(theirs["i"], result.spike_neuron) and np.array_equal(
            theirs["s"], result.spike_step
        )
        difference = np.abs(theirs["z"] - result.readout).max()
        print(
            f"the same {len(result.spike_step)} spikes: {same}; "
            f"largest difference of readout: {difference:.1e}"
        )
        print(
            f"Peak memory (MB): reference {their_memory['python']:.0f}; "
            f"forcelib, simulation {memory['main']:.0f}, Python {memory['python']:.0f}\n"
        )


def rls_updates(quick: bool) -> None:
    compiler = fast.find_compiler()
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "rls")
        subprocess.run(
            [*compiler.command, *compiler.flags, f"-I{ENGINES}", HERE / "rls.cpp", "-o", program], check=True
        )
        print("RLS in C++, 23 Hz: time per update, and as a multiple of reading the N x N matrix P once,")
        print("and of reading once the bytes that the update touches")
        print(f"{'N':>6}{'updates':>9}{'threads':>9}{'ms/update':>11}{'of P':>7}{'of bytes':>10}")
        sizes = [(N, 2000) for N in (500, 1000, 2000, 4000, 8000)]
        sizes += [(2000, updates) for updates in (500, 1000, 5000, 10_000, 20_000)]
        if quick:
            sizes = [(500, 500), (2000, 500)]
        for N, updates in sizes:
            for threads in range(1, min(2, build.available_cores()) + 1):
                words = [program, str(N), str(updates), str(23 * 2.5e-3), str(threads)]
                done = subprocess.run(words, check=True, capture_output=True, text=True)
                spent, read, touched, _ = map(float, done.stdout.split())
                print(
                    f"{N:6}{updates:9}{threads:9}{1e3 * spent:11.3f}{spent / read:7.2f}"
                    f"{spent / (touched * read):10.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    command = argparse.ArgumentParser()
    command.add_argument("--quick", action="store_true")
    options = command.parse_args()
    whole_programs(options.quick)
    rls_updates(options.quick)
