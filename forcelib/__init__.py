"""FORCE training of spiking networks: the package behind the book.

A module for the piece of each chapter: :mod:`~forcelib.neuron`, :mod:`~forcelib.synaptic_filter`,
:mod:`~forcelib.reservoir`, :mod:`~forcelib.rls`, :mod:`~forcelib.experiment`. Beside them
:mod:`~forcelib.model`, :mod:`~forcelib.parameters`, :mod:`~forcelib.teachers`, :mod:`~forcelib.result`,
:mod:`~forcelib.measures`, :mod:`~forcelib.figures` and :mod:`~forcelib.engines`.
"""

from . import measures, model, neuron, reservoir, synaptic_filter, teachers
from ._version import __version__
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
from .model import IZHIKEVICH, LIF, THETA, NeuronModel
from .parameters import Parameters
from .reservoir import Reservoir
from .result import Result, Span, load
from .rls import RLS
from .teachers import Teacher
