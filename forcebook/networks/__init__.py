"""Trained networks that the pages replay: their training takes longer than a page may.

``tools/train_networks.py`` trains them anew, from the tasks that stand here.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from brian2 import ms, second

from forcelib import Parameters, teachers
from forcelib.errors import ParameterError
from forcelib.tasks import Task

__all__ = ["NETWORKS", "programs", "trained"]

_ALL: tuple[Task, ...] = (
    Task(
        name="lorenz",
        title="Lorenz system by leaky integrate-and-fire neurons",
        parameters=Parameters(
            N=2000,
            G=0.08,
            Q=100,
            balanced=True,
            alpha=5e-5,
            gain="textbook",
            rls_start=0.5 * second,
            rls_stop=50 * second,
            duration=50 * second,
        ),
        teacher=teachers.lorenz(),
        kind="lorenz",
    ),
    Task(
        name="ode-to-joy",
        title="Ode to Joy by leaky integrate-and-fire neurons with a slow filter",
        parameters=Parameters(
            N=2000,
            G=0.08,
            Q=30,
            balanced=True,
            alpha=5e-5,
            gain="textbook",
            tau_d=100 * ms,
            rls_interval=5 * ms,
            rls_start=0.5 * second,
            rls_stop=100 * second,
            duration=100 * second,
        ),
        teacher=teachers.ode_to_joy(),
        kind="tune",
    ),
)

#: What each was trained on, by the name of its file. All are networks of seed 1.
NETWORKS: Mapping[str, Task] = MappingProxyType({task.name: task for task in _ALL})


#: What ``benchmarks/tasks.py --keep`` measured.
PROGRAMS = Path(__file__).with_name("programs.json")


def programs() -> dict[str, dict[str, dict]]:
    """Return what was measured of the authors' programs, by their name and by the seed."""
    return json.loads(PROGRAMS.read_text("utf-8"))


def trained(name: str) -> Path:
    """Return the file of a trained network, for :meth:`forcelib.tasks.Task.replay`.

    Parameters
    ----------
    name : str
        As in :data:`NETWORKS`.

    Returns
    -------
    Path

    Raises
    ------
    ParameterError
        If there is none of this name.
    """
    if name not in NETWORKS:
        raise ParameterError(f"name = {name!r} must be one of {', '.join(NETWORKS)}")
    return Path(__file__).with_name(f"{name}.npz")
