"""Progress shows where someone watches, and nowhere else."""

import os
import subprocess
import sys

import pytest
from jupyter_client.manager import start_new_kernel

from forcelib._progress import is_interactive, progress_bar

RUN = """
import forcelib
from brian2 import ms
parameters = forcelib.Parameters(N=50, duration=100 * ms)
result = forcelib.run(seed=1, parameters=parameters, engine="brian2")
"""


def outputs(allow_stdin):
    """Run the experiment in a kernel; return the types of message that its output area receives."""
    manager, client = start_new_kernel(kernel_name="python3")
    kinds = []
    try:
        client.execute_interactive(
            RUN,
            allow_stdin=allow_stdin,
            stdin_hook=lambda message: None,
            output_hook=lambda message: kinds.append(message["msg_type"]),
            timeout=60,
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return kinds


def test_a_live_notebook_shows_a_bar():
    assert "display_data" in outputs(allow_stdin=True)


def test_an_executed_notebook_shows_nothing():
    # nbclient, under Jupyter Book and nbmake, allows no input; a bar would be frozen into the page.
    kinds = outputs(allow_stdin=False)
    assert not {"display_data", "stream", "error"} & set(kinds)


def test_a_terminal_shows_a_bar(tmp_path):
    pty = pytest.importorskip("pty", reason="needs a POSIX terminal")
    import termios

    small = ["--N", "50", "--duration", "0.1", "--engine", "brian2"]
    controller, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 100))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "forcelib", "--seed", "1", "--output", str(tmp_path), *small],
            stderr=terminal,
            stdout=subprocess.DEVNULL,
        )
        words = os.read(controller, 100_000).decode()
    finally:
        os.close(controller)
        os.close(terminal)
    assert done.returncode == 0
    assert "50 neurons, brian2 engine: 100%" in words.replace("\r", "\n")


def test_a_pipe_shows_nothing(capsys):
    assert not is_interactive()
    with progress_bar(10, "working") as report:
        report(5)
        report(10)
    assert capsys.readouterr().err == ""


def test_a_bar_on_request(capsys):
    with progress_bar(10, "working", show=True) as report:
        report(5)
        report(10)
    assert "working: 100%" in capsys.readouterr().err
