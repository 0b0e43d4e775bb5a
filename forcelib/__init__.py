"""FORCE training of spiking networks: the package behind the book.

One module per chapter: :mod:`~forcelib.neuron`, :mod:`~forcelib.synaptic_filter`,
:mod:`~forcelib.reservoir`, :mod:`~forcelib.rls`, :mod:`~forcelib.experiment`. Beside them
:mod:`~forcelib.parameters`, :mod:`~forcelib.teachers`, :mod:`~forcelib.measures`,
:mod:`~forcelib.figures`, :mod:`~forcelib.explorer` and :mod:`~forcelib.exercises`.
"""

from . import measures, neuron, reservoir, synaptic_filter, teachers
from ._version import __version__ as __version__
from .engines import State
from .errors import (
    CompilerError,
    DivergenceError,
    FileFormatError,
    ForcelibError,
    ParameterError,
    RunInterrupted,
)
from .experiment import Result, load, run
from .parameters import Parameters
from .reservoir import Reservoir
from .rls import RLS
from .teachers import Teacher

__all__ = [
    "RLS",
    "CompilerError",
    "DivergenceError",
    "FileFormatError",
    "ForcelibError",
    "ParameterError",
    "Parameters",
    "Reservoir",
    "Result",
    "RunInterrupted",
    "State",
    "Teacher",
    "load",
    "measures",
    "neuron",
    "reservoir",
    "run",
    "synaptic_filter",
    "teachers",
]
