"""Run the authors' programs and say how well each was learned: ``python benchmarks/tasks.py``.

A finished run is kept in _build/tasks.json, and not run again. The longest take hours; --scale 0.1 makes a
run and its training a tenth as long. Every number of the table is of the span that its column names. --keep
writes what was found at full length to where the page of the programs reads it.
"""

import argparse
import fnmatch
import json
import time
from pathlib import Path

import numpy as np
from brian2 import second

from forcebook import networks
from forcelib import DivergenceError, tasks

KEPT = Path(__file__).parents[1] / "_build" / "tasks.json"


def one(task: tasks.Task, seed: int, scale: float) -> dict:
    """Run a task; measure the last 2 s of training, and all that comes after it."""
    p = task.parameters
    times = {name: getattr(p, name) for name in ("duration", "rls_stop")}
    if scale != 1:
        times = {name: round(scale * float(value), 1) * second for name, value in times.items()}
    p = p.replace(**times)
    ended = "finished"
    begin = time.perf_counter()
    try:
        result = task.run(seed, parameters=p)
    except DivergenceError as error:
        result, ended = error.result, "diverged"
    seconds = time.perf_counter() - begin
    found = {"ended": ended, "seconds": seconds, "simulation": result.seconds, "scale": scale}
    stop = p.rls_stop
    spans = {
        "before": (0 * second, p.rls_start),
        "training": (max(p.rls_start, stop - 2 * second), stop),
        "after": (stop, None),
    }
    for name, (first, last) in spans.items():
        if float(first) >= result.end:
            continue
        span = result.between(first, last)
        found[name] = {"rate": float(span.mean_rate()), **task.score(span)}
    return found


def row(name: str, runs: dict[str, dict]) -> str:
    """Write a line of the table: seed 1, or medians over seeds with the range of the errors."""
    values = list(runs.values())
    words = [f"{name:45}{len(values):6d}"]
    words.append(f"{np.median([run['seconds'] for run in values]):8.1f}")
    for span in ("training", "after"):
        errors = [run[span]["error"] for run in values if span in run]
        words.append(f"{np.median(errors):10.3f}" if errors else f"{'-':>10}")
    more = [run["after"] for run in values if "after" in run]
    for key in more[0] if more else ():
        if key not in ("error",):
            measured = [each[key] for each in more if key in each]
            words.append(f"  {key} {np.median(measured):.3f} ({min(measured):.3f} to {max(measured):.3f})")
    diverged = sum(run["ended"] == "diverged" for run in values)
    return "".join(words) + (f"  {diverged} diverged" if diverged else "")


def keep(found: dict[str, dict[str, dict]]) -> None:
    """Write what was found at full length, in the order of the programs, to five digits."""
    kept = {}
    for name in tasks.TASKS:
        for seed, run in sorted(found.get(name, {}).items(), key=lambda one: int(one[0])):
            spans = {key: run[key] for key in ("before", "training", "after") if key in run}
            short = {
                span: {key: float(f"{value:.5g}") for key, value in measured.items()}
                for span, measured in spans.items()
            }
            kept.setdefault(name, {})[seed] = {"ended": run["ended"], **short}
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(runs)}" for name, runs in kept.items())
    networks.PROGRAMS.write_text(f"{{\n{lines}\n}}\n", "utf-8")


def main() -> None:
    command = argparse.ArgumentParser(description=__doc__)
    command.add_argument("names", nargs="*", default=["*"], help="tasks, or patterns such as 'lif/*'")
    command.add_argument("--seeds", type=int, default=1, help="how many, from 1 on")
    command.add_argument("--scale", type=float, default=1.0, help="of the length of runs and training")
    command.add_argument("--only-show", action="store_true", help="run nothing")
    command.add_argument("--keep", action="store_true", help="for the page of the programs")
    options = command.parse_args()
    chosen = [name for name in tasks.TASKS if any(fnmatch.fnmatch(name, each) for each in options.names)]
    KEPT.parent.mkdir(exist_ok=True)
    for seed in range(1, options.seeds + 1):
        for name in chosen:
            kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
            key = name if options.scale == 1 else f"{name} x {options.scale:g}"
            if options.only_show or tasks.get(name).teacher is None or str(seed) in kept.get(key, {}):
                continue
            found = one(tasks.get(name), seed, options.scale)
            kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
            kept.setdefault(key, {})[str(seed)] = found
            draft = KEPT.with_suffix(".part")
            draft.write_text(json.dumps(kept, indent=1), "utf-8")
            draft.replace(KEPT)
            print(row(key, {str(seed): found}), flush=True)
    print(f"\n{'task':45}{'seeds':>6}{'s':>8}{'training':>10}{'after':>10}  after training, by medians")
    if KEPT.exists():
        for key, runs in json.loads(KEPT.read_text("utf-8")).items():
            print(row(key, runs))
    if options.keep:
        keep(json.loads(KEPT.read_text("utf-8")))


if __name__ == "__main__":
    main()
