"""FORCE training of spiking networks: the package behind the book.

One module per chapter: :mod:`~forcelib.neuron`, :mod:`~forcelib.synaptic_filter`,
:mod:`~forcelib.reservoir`, :mod:`~forcelib.rls`, :mod:`~forcelib.experiment`. Beside them
:mod:`~forcelib.model`, :mod:`~forcelib.parameters`, :mod:`~forcelib.teachers`, :mod:`~forcelib.measures`,
:mod:`~forcelib.figures`, :mod:`~forcebook.explorer` and :mod:`~forcebook.exercises`.
"""

from . import measures, model, neuron, reservoir, synaptic_filter, teachers
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
from .experiment import run
from .model import LIF, NeuronModel
from .parameters import Parameters
from .reservoir import Reservoir
from .result import Result, Span, load
from .rls import RLS
from .teachers import Teacher

__all__ = [
    "LIF",
    "RLS",
    "CompilerError",
    "DivergenceError",
    "FileFormatError",
    "ForcelibError",
    "NeuronModel",
    "ParameterError",
    "Parameters",
    "Reservoir",
    "Result",
    "RunInterrupted",
    "Span",
    "State",
    "Teacher",
    "load",
    "measures",
    "model",
    "neuron",
    "reservoir",
    "run",
    "synaptic_filter",
    "teachers",
]
