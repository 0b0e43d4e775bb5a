"""Run the experiment from the command line: ``python -m forcelib --seed 1 --output DIR``."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from pathlib import Path

import matplotlib
from brian2 import Hz, second

from . import engines, figures, teachers
from .errors import CompilerError, DivergenceError, ParameterError, RunInterrupted
from .experiment import run
from .parameters import GAINS, Parameters
from .result import Result

__all__ = ["main", "summary"]

#: Parameters that are options, in seconds where they are times.
PARAMETERS = ("N", "p", "G", "Q", "alpha", "duration", "rls_start", "rls_stop")


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    default = Parameters().to_dict()
    command = argparse.ArgumentParser(
        prog="python -m forcelib",
        description="Train a spiking network to make a sine, and write DIR/run.npz and DIR/figure.png.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    command.add_argument("--seed", type=int, required=True, help="seed of the network")
    command.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder for the results")
    command.add_argument("--engine", choices=engines.ENGINES, default="auto", help="engine")
    command.add_argument("--gain", choices=GAINS, default=default["gain"], help="gain of the RLS")
    command.add_argument("--balanced", action="store_true", help="shift incoming weights to zero mean")
    for spec in dataclasses.fields(Parameters):
        if spec.name in PARAMETERS:
            time = spec.type == "Quantity"
            command.add_argument(
                f"--{spec.name.replace('_', '-')}",
                type=int if spec.type == "int" else float,
                default=default[spec.name],
                help=spec.metadata["meaning"] + (", s" if time else ""),
            )
    command.add_argument("--frequency", type=float, default=5.0, help="frequency of the teacher, Hz")
    command.add_argument("--no-progress", action="store_true", help="show no progress bar")
    return command


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
        min(float(time), result.end) for time in (result.parameters.rls_start, result.parameters.rls_stop)
    )
    lines = []
    for name, start, stop in (("before", result.start, on), ("during", on, off), ("after", off, result.end)):
        if stop <= start:
            continue
        part = result.between(start * second, stop * second)
        line = f"{name} training:".ljust(18)
        line += f"mean rate {float(part.mean_rate()):.1f} Hz, RMS error {part.rms_error():.3g}"
        if name == "after" and result.frequency is not None and (stop - start) * result.frequency > 2.01:
            found = part.oscillation()
            line += (
                f", frequency {found.frequency:.3f} Hz, amplitude {found.amplitude.mean():.3f}, "
                f"phase-aligned error {part.phase_aligned_error():.3g}"
            )
        lines.append(line)
    return "\n".join(lines)


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
    try:
        parameters = Parameters.from_dict(
            {name: getattr(options, name) for name in (*PARAMETERS, "gain", "balanced")}
        )
        teacher = teachers.sine(options.frequency * Hz)
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
        result = run(
            teacher,
            seed=options.seed,
            parameters=parameters,
            engine=options.engine,
            progress=False if options.no_progress else None,
        )
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
