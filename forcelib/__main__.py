"""Run an experiment from the command line: ``python -m forcelib --seed 1 --output DIR``.

``--task izhikevich/sine`` runs one of the authors' programs as published, and ``python -m forcelib list``
prints them. ``--neuron``, ``--teacher`` and ``--input`` make an experiment of one's own.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib
from brian2 import Hz, second

from . import engines, figures, measures, teachers
from .errors import CompilerError, DivergenceError, ParameterError, RunInterrupted
from .experiment import run
from .model import NEURONS
from .parameters import GAINS, Parameters
from .result import Recorded, Result, load
from .teachers import Teacher

if TYPE_CHECKING:
    from .tasks import Task

__all__ = ["main", "summary", "table"]

#: Parameters that are options, in seconds where they are times.
PARAMETERS = ("N", "p", "G", "Q", "Q_in", "alpha", "duration", "rls_start", "rls_stop")

#: Teachers by the names of the command line, made with a frequency in hertz.
PERIODIC: dict[str, Callable[[float], Teacher]] = {
    "sine": lambda f: teachers.sine(f * Hz),
    "sawtooth": lambda f: teachers.sawtooth(f * Hz),
    "van-der-pol": lambda f: teachers.van_der_pol(frequency=f * Hz),
    "relaxation": lambda f: teachers.van_der_pol(5, f * Hz),
}

#: Teachers without one.
OTHER: dict[str, Callable[[], Teacher]] = {
    "product": teachers.product_of_sines,
    "lorenz": teachers.lorenz,
    "ode-to-joy": teachers.ode_to_joy,
}

#: Teachers that come with an input, made with the seed of the run.
PAIRS: dict[str, Callable[..., tuple[Teacher, Teacher]]] = {
    "classification": teachers.classification,
    "flip-flop": teachers.flip_flop,
    "pitchfork": teachers.pitchfork,
}


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; what is not given is not there, as a task may decide it."""
    default = Parameters().to_dict()
    command = argparse.ArgumentParser(
        prog="python -m forcelib",
        description="Train a spiking network, by default to make a sine, and write DIR/run.npz and "
        "DIR/figure.png; or list the tasks that the authors of the model have published.",
        argument_default=argparse.SUPPRESS,
    )
    command.add_argument(
        "list", nargs="?", choices=["list"], default=None, help="print the tasks, and do no more"
    )
    command.add_argument("--seed", type=int, help="seed of the network; needed")
    command.add_argument("--output", type=Path, metavar="DIR", help="folder for the results; needed")
    command.add_argument("--task", metavar="NAME", help="run a task as published, but for what is given too")
    command.add_argument(
        "--resume",
        action="store_true",
        help="run the task in pieces of 10 s, keep each in DIR/last.npz, and go on after the one that is "
        "there; what was learned is left in DIR/trained.npz; run.npz is the last piece",
    )
    command.add_argument(
        "--neuron",
        choices=NEURONS,
        help="neuron model (default: lif); others have the parameters of their published 5 Hz sine, but for "
        "what is given too",
    )
    names = ", ".join((*PERIODIC, *OTHER, *PAIRS))
    command.add_argument(
        "--teacher",
        metavar="NAME",
        help=f"target: {names}, or a .npy, .npz or .csv file, which is repeated (default: sine)",
    )
    command.add_argument(
        "--frequency", type=float, help=f"frequency of {', '.join(PERIODIC)} in Hz (default: 5)"
    )
    command.add_argument(
        "--input",
        metavar="NAME",
        help="input: hdts:M:SECONDS, or what a teacher can be; classification, flip-flop and pitchfork bring "
        "their own (default: none)",
    )
    command.add_argument("--sampling", type=float, help="time between the samples of a file, s")
    command.add_argument("--engine", choices=engines.ENGINES, default="auto", help="engine (default: auto)")
    command.add_argument("--gain", choices=GAINS, help=f"gain of the RLS (default: {default['gain']})")
    command.add_argument("--balanced", action="store_true", help="shift incoming weights to zero mean")
    for spec in dataclasses.fields(Parameters):
        if spec.name in PARAMETERS:
            unit = ", s" if spec.type == "Quantity" else ""
            command.add_argument(
                f"--{spec.name.replace('_', '-')}",
                type=int if spec.type == "int" else float,
                help=f"{spec.metadata['meaning']}{unit} (default: {default[spec.name]:g})",
            )
    command.add_argument("--no-progress", action="store_true", help="show no progress bar")
    return command


def table() -> str:
    """Write the tasks and their published parameters, a line each.

    Returns
    -------
    str

    Examples
    --------
    >>> from forcelib.__main__ import table
    >>> print(table().splitlines()[1].split()[:7])
    ['lif/sine', '15', '5', '10', '2000', '0.04', '10']
    """
    from .tasks import TASKS

    heads = ("task", "T (s)", "on", "off", "N", "G", "Q", "alpha (s²)", "tau_d (ms)", "RLS every (ms)")
    row = "{:45}{:>7}{:>4}{:>5}{:>6}{:>6}{:>7}{:>12}{:>12}{:>16}  {}"
    lines = [row.format(*heads, "target")]
    for task in TASKS.values():
        p = task.parameters
        times = (float(time) for time in (p.duration, p.rls_start, p.rls_stop))
        more = (1e3 * float(time) for time in (p.tau_d, p.rls_interval))
        numbers = (*times, p.N, p.G, p.Q, p.alpha, *more)
        target = task.title + ("" if task.teacher else " (not supplied)")
        target += f", input {task.input.name}" if task.input else ""
        lines.append(row.format(task.name, *(f"{number:g}" for number in numbers), target))
    return "\n".join(lines)


def _signal(name: str, options: argparse.Namespace, option: str = "teacher") -> Teacher:
    """Make the signal of a name or of a file, or raise."""
    if name in PERIODIC:
        return PERIODIC[name](getattr(options, "frequency", 5.0))
    if name in OTHER:
        return OTHER[name]()
    if option == "input" and name.startswith("hdts:"):
        try:
            _, m, period = name.split(":")
            return teachers.hdts(int(m), float(period) * second)
        except ValueError as error:
            raise ParameterError(f"input = {name}: write hdts:M:SECONDS, as in hdts:50:5 ({error})") from None
    if Path(name).suffix in (".npy", ".npz", ".csv"):
        if "sampling" not in options:
            raise ParameterError(f"{option} = {name}: --sampling must say the time between its samples, in s")
        try:
            return teachers.samples(Path(name), options.sampling * second, periodic=True)
        except OSError as error:
            raise ParameterError(f"{option} = {name} cannot be read: {error.strerror}") from None
    known = ", ".join((*PERIODIC, *OTHER, *PAIRS, *(["hdts:M:SECONDS"] if option == "input" else [])))
    raise ParameterError(f"{option} = {name!r} must be one of {known}, or a .npy, .npz or .csv file")


def _experiment(options: argparse.Namespace) -> Callable[..., Result]:
    """Return what runs the experiment that the options describe, or raise."""
    task = None
    if "task" in options and (clash := [name for name in ("neuron", "frequency") if name in options]):
        raise ParameterError(f"{clash[0]}: the task decides it")
    wanted = getattr(options, "task", None)
    neuron = getattr(options, "neuron", "lif")
    parameters = Parameters()
    if wanted is not None or neuron != "lif":
        from . import tasks

        task = tasks.get(f"{neuron}/sine" if wanted is None else wanted)
        parameters = task.parameters
    given = {name: getattr(options, name) for name in (*PARAMETERS, "gain", "balanced") if name in options}
    parameters = Parameters.from_dict(parameters.to_dict() | given)
    signals: dict[str, Any] = {}
    chosen = getattr(options, "teacher", None)
    if chosen in PAIRS:
        signals["teacher"], signals["input"] = PAIRS[chosen](seed=options.seed)
    elif chosen is not None or wanted is None:
        signals["teacher"] = _signal(chosen or "sine", options)
    if "input" in options:
        if "input" in signals:
            raise ParameterError(f"input = {options.input}: {chosen} brings its own")
        signals["input"] = _signal(options.input, options, "input")
    if "frequency" in options and (chosen or "sine") not in PERIODIC:
        raise ParameterError(f"frequency: {chosen} has its own")
    if task is not None and wanted is not None:
        task = dataclasses.replace(task, parameters=parameters, **signals)
        if "resume" in options:
            task._teacher()  # which is missed here, before anything is written
            return lambda **more: _in_pieces(task, options, **more)
        return lambda **more: task.run(options.seed, **more)
    if "resume" in options:
        raise ParameterError("resume: it needs a task")
    return lambda **more: run(
        signals["teacher"], input=signals.get("input"), seed=options.seed, parameters=parameters, **more
    )


def summary(result: Result) -> str:
    """Describe a run in a few lines: rates and errors before, during and after training.

    Parameters
    ----------
    result : Result

    Returns
    -------
    str

    Examples
    --------
    >>> from brian2 import ms
    >>> import forcelib
    >>> from forcelib.__main__ import summary
    >>> parameters = forcelib.Parameters(N=100, duration=20 * ms)
    >>> print(summary(forcelib.run(seed=1, parameters=parameters, engine="brian2")).splitlines()[0])
    before training:  mean rate 37.0 Hz, RMS error 0.348
    """
    on, off = (
        min(max(float(time), result.start), result.end)
        for time in (result.parameters.rls_start, result.parameters.rls_stop)
    )
    lines = []
    for name, start, stop in (("before", result.start, on), ("during", on, off), ("after", off, result.end)):
        if stop <= start:
            continue
        part = result.between(start * second, stop * second)
        line = f"{name} training:".ljust(18)
        line += f"mean rate {float(part.mean_rate()):.1f} Hz, RMS error {part.rms_error():.3g}"
        if name == "after" and result.frequency is not None and (stop - start) * result.frequency > 2.01:
            line += _shape(part)
        lines.append(line)
    return "\n".join(lines)


def _in_pieces(task: Task, options: argparse.Namespace, **more: Any) -> Result:
    """Run a task piece by piece, say how it goes, and return the last piece."""
    last = None
    for last in task.pieces(options.seed, folder=options.output, **more):
        said = ", ".join(f"{name} {value:.3g}" for name, value in task.score(last).items())
        print(f"{last.start:g} s to {last.end:g} s: {said}", flush=True)
    return load(options.output / "last.npz") if last is None else last


def _shape(part: Recorded) -> str:
    """Describe a readout that should repeat, whether or not it keeps time."""
    assert part.frequency is not None
    try:
        found, error = part.oscillation(), part.phase_aligned_error()
    except ParameterError:  # several outputs, or a waveform without that fundamental
        error = measures.waveform_error(part.readout, part.target, part.parameters.dt, part.frequency * Hz)
        return f", waveform error {error:.3g}"
    return (
        f", frequency {found.frequency:.3f} Hz, amplitude {found.amplitude.mean():.3f}, "
        f"phase-aligned error {error:.3g}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the process by default.

    Returns
    -------
    int
        0 if the run finished, 1 if it diverged or its engine failed, 2 for bad arguments, 130
        after Ctrl-C; what was computed is written in each case but the third.

    Examples
    --------
    >>> import tempfile
    >>> from forcelib.__main__ import main
    >>> small = ["--N", "100", "--duration", "0.02", "--engine", "brian2"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     main(["--seed", "1", "--output", folder, *small])  # doctest: +ELLIPSIS
    before training:  mean rate 37.0 Hz, RMS error 0.348
    400 steps in ... s; run.npz and figure.png are in ...
    0
    """
    command = _parser()
    options = command.parse_args(arguments)
    if options.list:
        print(table())
        return 0
    if missing := [name for name in ("seed", "output") if name not in options]:
        command.error(f"the following arguments are required: {', '.join(f'--{name}' for name in missing)}")
    try:
        experiment = _experiment(options)
    except ParameterError as error:
        command.error(str(error))
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=options.output):
            pass
    except OSError as error:
        command.error(f"output = {options.output} must be a folder that can be written: {error.strerror}")

    status = 0
    try:
        result = experiment(engine=options.engine, progress=False if "no_progress" in options else None)
    except ParameterError as error:
        command.error(str(error))
    except CompilerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (DivergenceError, RunInterrupted) as error:
        print(f"error: {error}", file=sys.stderr)
        result = error.result
        status = 1 if isinstance(error, DivergenceError) else 130
    result.save(options.output / "run.npz")
    if result.steps:
        with matplotlib.rc_context({"backend": "agg"}):  # without pyplot's choice of a window system
            figures.four_panels(result, columns=2).savefig(options.output / "figure.png")
        print(summary(result))
    print(f"{result.steps} steps in {result.seconds:.1f} s; run.npz and figure.png are in {options.output}")
    return status


if __name__ == "__main__":
    sys.exit(main())
