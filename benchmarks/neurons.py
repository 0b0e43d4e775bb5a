"""Compare what the neuron models cost, side by side: ``python benchmarks/neurons.py``.

For each published sine: nanoseconds for a neuron and a step of the network alone, by both kernels in turn,
and the whole published run with its training. Times are of the processor, so that other
programs count little.
"""

import time

import numpy as np
from brian2 import second

from forcelib import tasks

MODELS = ("lif", "theta", "izhikevich")
ENGINES = ("native", "portable")


def cost(task: tasks.Task, engine: str) -> float:
    """Return the nanoseconds for a neuron and a step, without training."""
    parameters, drawn = task.parameters.replace(duration=1 * second), task.draw(1)
    options = {"parameters": parameters, "reservoir": drawn, "train": False, "progress": False}
    begin = time.process_time()
    run = task.run(engine=engine, **options)
    took = time.process_time() - begin
    return 1e9 * took / (run.steps * parameters.N)


def main() -> None:
    """Measure, and print a table."""
    head = f"{'model':12}{'engine':10}{'ns/neuron/step':>16}{'of LIF native':>15}"
    print(f"{head}{'published run':>15}{'RMS error':>11}")
    base = None
    for model in MODELS:
        task = tasks.get(f"{model}/sine")
        found = {engine: [] for engine in ENGINES}
        for _ in range(3):
            for engine in ENGINES:
                found[engine].append(cost(task, engine))
        for engine in ENGINES:
            each = float(np.median(found[engine]))
            base = base or each
            begin = time.process_time()
            run = task.run(seed=1, engine=engine, progress=False)
            took = time.process_time() - begin
            stop = task.parameters.rls_stop
            error = run.between(stop - 2 * second, stop).rms_error()
            costs = f"{each:16.2f}{each / base:15.2f}{took:13.1f} s"
            print(f"{model:12}{engine:10}{costs}{error:11.4f}", flush=True)


if __name__ == "__main__":
    main()
