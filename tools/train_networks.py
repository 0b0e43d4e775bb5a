"""Train the networks that the pages replay, into forcebook/networks.

python tools/train_networks.py [NAME ...]; all by default. Each takes minutes to hours. One that was stopped
goes on where it was, from _build/networks; --anew begins again.
"""

import argparse
import shutil
from pathlib import Path

from forcebook.networks import NETWORKS, trained

PIECES = Path(__file__).parents[1] / "_build" / "networks"


def main() -> None:
    """Read the command line, and train."""
    command = argparse.ArgumentParser(description=__doc__)
    command.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NETWORKS))
    command.add_argument("--anew", action="store_true", help="forget what was done before")
    options = command.parse_args()
    for name in options.names or NETWORKS:
        target, task, folder = trained(name), NETWORKS[name], PIECES / name
        if options.anew:
            shutil.rmtree(folder, ignore_errors=True)
        for piece in task.pieces(seed=1, folder=folder):
            print(f"{name}: {piece.end:g} s of {task.parameters.duration}, {task.score(piece)}", flush=True)
        shutil.copyfile(folder / "trained.npz", target)
        print(f"{target.stat().st_size / 1000:.0f} kB in {target}")


if __name__ == "__main__":
    main()
