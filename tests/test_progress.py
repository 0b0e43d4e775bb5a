"""Progress shows where someone watches, and nowhere else."""

import os
import subprocess
import sys

import pytest
from jupyter_client.manager import start_new_kernel

from forcelib._progress import progress_bar

RUN = """
import forcelib
from brian2 import ms
result = forcelib.run(seed=1, parameters=forcelib.Parameters(N=50, duration=20 * ms))
"""


def test_a_live_notebook_shows_a_bar_and_an_executed_one_nothing():
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        # nbclient, under Jupyter Book and nbmake, allows no input; a bar would be frozen into the page.
        for live in (False, True):
            kinds = []
            client.execute_interactive(
                RUN,
                allow_stdin=live,
                stdin_hook=lambda message: None,
                output_hook=lambda message, kinds=kinds: kinds.append(message["msg_type"]),
                timeout=60,
            )
            assert ("display_data" in kinds) == live
            assert live or not {"stream", "error"} & set(kinds)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_terminal_shows_a_bar():
    pty = pytest.importorskip("pty", reason="needs a POSIX terminal")
    import termios

    controller, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    try:
        subprocess.run([sys.executable, "-c", RUN], stderr=terminal, check=True)
        words = os.read(controller, 100_000).decode()
    finally:
        os.close(controller)
        os.close(terminal)
    assert "50 neurons, " in words
    assert " engine: 100%" in words


@pytest.mark.parametrize("show", [None, True], ids=["a pipe", "on request"])
def test_a_pipe_shows_a_bar_on_request_only(capsys, show):
    with progress_bar(10, "working", show=show) as report:
        report(5)
        report(10)
    words = capsys.readouterr().err
    assert "working: 100%" in words if show else words == ""
