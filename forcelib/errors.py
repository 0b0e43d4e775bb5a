"""The errors forcelib raises, all of them subclasses of built-in exceptions."""

from typing import Any

__all__ = [
    "CompilerError",
    "DivergenceError",
    "FileFormatError",
    "ForcelibError",
    "ParameterError",
    "RunInterrupted",
]


class ForcelibError(Exception):
    """Base class of the errors that forcelib raises on purpose."""


class ParameterError(ForcelibError, ValueError):
    """A value is outside its limits; the message names parameter, value and limit."""


class CompilerError(ForcelibError, RuntimeError):
    """The native kernel could not be built, or does not run on this machine."""


class FileFormatError(ForcelibError, ValueError):
    """A file is not a run saved by forcelib, or is damaged."""


class _WithResult(BaseException):
    """An error that holds what was computed."""

    def __init__(self, message: str, result: Any = None) -> None:
        super().__init__(message)
        self.result = result


class DivergenceError(_WithResult, ForcelibError, ArithmeticError):
    """Training diverged and was stopped.

    Attributes
    ----------
    result : forcelib.result.Result
        Everything computed up to the step at which the divergence was noticed.
    """


class RunInterrupted(_WithResult, KeyboardInterrupt):
    """A run was stopped by Ctrl-C or by the stop button of a notebook.

    Attributes
    ----------
    result : forcelib.result.Result
        Everything computed up to the interruption.
    """
