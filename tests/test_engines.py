"""The engines on machines and in moments that are not kind."""

import importlib.util
import os
import platform
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from brian2 import ms, second

import forcelib
from forcelib import CompilerError, Parameters, engines
from forcelib.engines import fast
from forcelib.progress import report_to

SHORT = Parameters(N=100, duration=100 * ms, rls_start=20 * ms, rls_stop=60 * ms)


#: Elsewhere no compiler is looked for.
HAS_FAST_ENGINE = os.name == "posix"
NO_COMPILER = r"No C\+\+ compiler found" if HAS_FAST_ENGINE else "runs on Linux and macOS only"


@pytest.fixture
def no_compiler(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setitem(sys.modules, "ziglang", None)


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def interruptible():
    """Let Ctrl-C raise KeyboardInterrupt, also where the tests were started with it ignored."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


@pytest.fixture
def broken_compiler(monkeypatch, tmp_path):
    broken = script(tmp_path / "broken-compiler", "echo 'internal compiler error' >&2; exit 1")
    monkeypatch.setenv("CXX", str(broken))


def test_without_compiler_auto_says_so_in_one_line_and_runs(no_compiler, capsys):
    result = forcelib.run(seed=1, parameters=SHORT)
    assert result.engine == "runtime"
    assert result.ended == "finished"
    words = capsys.readouterr().out
    assert words.count("\n") == 1
    assert re.search(NO_COMPILER, words)
    assert "runtime engine, under a minute" in words


def test_without_compiler_fast_is_refused(no_compiler):
    with pytest.raises(CompilerError, match=NO_COMPILER):
        forcelib.run(seed=1, parameters=SHORT, engine="fast")


@pytest.mark.skipif(not HAS_FAST_ENGINE, reason="the fast engine runs on Linux and macOS only")
def test_broken_compiler(broken_compiler, capsys):
    with pytest.raises(CompilerError, match=r"does not work\ninternal compiler error"):
        forcelib.run(seed=1, parameters=SHORT, engine="fast")
    assert forcelib.run(seed=1, parameters=SHORT).engine == "runtime"
    assert "does not work: using the runtime engine" in capsys.readouterr().out


def test_a_compiler_that_works_is_found_behind_one_that_does_not(compiler, monkeypatch, tmp_path):
    broken = script(tmp_path / "c++", "exit 1")
    script(tmp_path / "g++", f'exec {compiler} "$@"')
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert shutil.which("c++") == str(broken)
    assert fast.find_compiler().command == (str(tmp_path / "g++"),)


def test_a_compiler_may_have_arguments_or_spaces(compiler, monkeypatch, tmp_path):
    monkeypatch.setenv("CXX", f"env {compiler}")
    assert fast.find_compiler().command == (shutil.which("env"), *compiler.command)
    spaced = script(tmp_path / "my compiler", f'exec {compiler} "$@"')
    monkeypatch.setenv("CXX", str(spaced))
    assert fast.find_compiler().command == (str(spaced),)
    monkeypatch.setenv("CXX", "no-such-compiler 'unbalanced")
    with pytest.raises(CompilerError, match=r"looked for no-such-compiler 'unbalanced\)"):
        fast.find_compiler()


def processor():
    """The name of a processor that this one can stand in for."""
    return {"x86_64": "x86-64-v2"}.get(platform.machine(), "armv8-a")


def test_the_processor_is_the_one_asked_for(compiler, monkeypatch):
    monkeypatch.setenv("FORCELIB_MARCH", processor())
    assert fast.find_compiler() == (compiler.command, (*fast.FLAGS, f"-march={processor()}"))
    monkeypatch.setenv("FORCELIB_MARCH", "")
    assert fast.find_compiler() == compiler


def test_a_network_for_a_named_processor_is_reused_on_another(compiler, monkeypatch):
    if "-march=native" not in compiler.flags:
        pytest.skip("this compiler does not know -march=native")
    monkeypatch.setattr(fast, "_build", lambda *arguments: None)

    def folders():
        for model in ("flags : sse2", "flags : sse2 avx512f"):
            monkeypatch.setattr(fast, "_processor", lambda model=model: model)
            yield fast.compiled_network(110, 1, 5e-5)

    assert len(set(folders())) == 2
    monkeypatch.setenv("FORCELIB_MARCH", processor())
    assert len(set(folders())) == 1


def test_a_processor_that_no_compiler_knows(compiler, monkeypatch, capsys):
    monkeypatch.setenv("FORCELIB_MARCH", "abacus")
    with pytest.raises(CompilerError, match="FORCELIB_MARCH = 'abacus' is not a processor that") as error:
        forcelib.run(seed=1, parameters=SHORT, engine="fast")
    assert "abacus" in str(error.value).splitlines()[1]
    assert forcelib.run(seed=1, parameters=SHORT).engine == "runtime"
    words = capsys.readouterr().out
    assert words.count("\n") == 1
    assert "FORCELIB_MARCH = 'abacus'" in words


def test_a_processor_without_the_instructions_asked_for(compiler, monkeypatch, tmp_path):
    # This compiler makes programs for the processor of tomorrow, and they die on this one.
    advanced = script(
        tmp_path / "advanced-compiler",
        f"""
        case "$*" in
        *-march=tomorrow*-c*) exec touch probe.o ;;
        *-march=tomorrow*) printf '#!/bin/sh\nkill -ILL $$\n' > probe; exec chmod +x probe ;;
        esac
        exec {compiler} "$@"
        """,
    )
    monkeypatch.setenv("CXX", str(advanced))
    monkeypatch.setenv("FORCELIB_MARCH", "tomorrow")
    assert fast.find_compiler() == ((str(advanced),), tuple(fast.FLAGS))


@pytest.mark.skipif(platform.machine() != "x86_64", reason="instructions of x86 processors are tried")
def test_the_probe_tries_what_it_is_compiled_for(compiler, tmp_path):
    assert fast._compile_probe(compiler, tmp_path) == ""
    instructions = {}
    for name in ("x86-64-v2", "x86-64-v4"):
        to_text = [*compiler.command, *fast.FLAGS, f"-march={name}", "-S", "probe.cpp", "-o", "probe.s"]
        subprocess.run(to_text, cwd=tmp_path, check=True)
        text = (tmp_path / "probe.s").read_text()
        instructions[name] = {w.split()[0] for w in fast.INSTRUCTIONS.values() if w.split()[0] in text}
    assert instructions["x86-64-v2"] == {"pcmpgtq", "popcnt"}
    assert instructions["x86-64-v4"] == {words.split()[0] for words in fast.INSTRUCTIONS.values()}


def test_zig_compiles_where_there_is_no_other_compiler(monkeypatch, capsys, tmp_path):
    if importlib.util.find_spec("ziglang") is None:
        reason = "the package ziglang is not installed"
        if os.environ.get("CI"):
            pytest.fail(f"on CI: {reason}")
        pytest.skip(reason)
    for name in ("CXX", "ZIG_GLOBAL_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("FORCELIB_CACHE", str(tmp_path))
    monkeypatch.setenv("FORCELIB_MARCH", processor())
    compiler = fast.find_compiler()
    assert compiler.command == (sys.executable, "-m", "ziglang", "c++")
    assert compiler.flags[-1] == f"-march={processor().replace('-', '_')}"
    by_zig = forcelib.run(seed=1, parameters=SHORT, engine="fast", progress=True)
    assert "Compiling the network, once; that takes some 20 s, and the first time" in capsys.readouterr().out
    same = forcelib.run(seed=1, parameters=SHORT, engine="runtime")
    assert len(same.spike_step) > 100
    np.testing.assert_array_equal(by_zig.spike_step, same.spike_step)
    np.testing.assert_array_equal(by_zig.spike_neuron, same.spike_neuron)
    assert np.abs(by_zig.readout - same.readout).max() < 1e-9
    assert (fast.cache_directory() / "zig").is_dir()


def test_compiler_that_fails_on_the_network_only(compiler, monkeypatch, tmp_path, capsys):
    picky = script(
        tmp_path / "picky-compiler",
        f'case "$*" in *objects.cpp*) echo "no room" >&2; exit 1;; esac\nexec {compiler} "$@"',
    )
    monkeypatch.setenv("CXX", str(picky))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "forcelib.py").write_text("raise ImportError('a file of this name where one works')")
    monkeypatch.setenv("FORCELIB_CACHE", str(tmp_path / "cache"))
    with pytest.raises(CompilerError, match="could not be compiled") as error:
        forcelib.run(seed=1, parameters=SHORT, engine="fast")
    assert "no room" in str(error.value)
    assert forcelib.run(seed=1, parameters=SHORT).engine == "runtime"
    assert "could not be compiled" in capsys.readouterr().out
    assert list((tmp_path / "cache").iterdir()) == []


def test_cache_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("FORCELIB_CACHE", str(tmp_path / "file"))
    folder = fast.cache_directory()
    assert folder != tmp_path / "file"
    (folder / "probe").write_text("")
    assert fast.cache_directory() == folder


def test_compiled_network_is_reused(compiler, monkeypatch):
    first = forcelib.run(seed=1, parameters=SHORT, engine="fast")
    monkeypatch.setattr(fast, "_build", lambda *arguments: pytest.fail("compiled again"))
    changed = SHORT.replace(
        tau_d=30 * ms, tau_m=12 * ms, Q=3, G=0.1, p=0.3, alpha=1e-6, gain="textbook", I_bias=-39
    ).replace(duration=200 * ms)
    second_run = forcelib.run(lambda t: np.cos(40 * t), seed=2, parameters=changed, engine="fast")
    assert len(second_run.spike_step) != len(first.spike_step)
    same = forcelib.run(lambda t: np.cos(40 * t), seed=2, parameters=changed, engine="runtime")
    np.testing.assert_array_equal(second_run.spike_step, same.spike_step)
    np.testing.assert_array_equal(second_run.spike_neuron, same.spike_neuron)


def test_nothing_temporary_is_left(compiler, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    forcelib.run(seed=1, parameters=SHORT, engine="fast")
    assert list(tmp_path.iterdir()) == []


def test_runs_in_threads_do_not_disturb_each_other(compiler):
    kinds = ["fast", "runtime", "fast", "runtime"]
    parameters = SHORT.replace(N=90)  # not compiled yet: both fast runs want it at once
    alone = {seed: forcelib.run(seed=seed, parameters=parameters, engine="runtime") for seed in range(4)}
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(
                lambda seed: forcelib.run(seed=seed, parameters=parameters, engine=kinds[seed]), range(4)
            )
        )
    for seed, result in enumerate(together):
        np.testing.assert_array_equal(result.spike_step, alone[seed].spike_step)
        np.testing.assert_array_equal(result.spike_neuron, alone[seed].spike_neuron)


def test_processes_compile_the_same_network_at_once(compiler, tmp_path):
    program = (
        "import forcelib; from brian2 import ms; "
        "p = forcelib.Parameters(N=60, duration=20*ms); "
        "print(len(forcelib.run(seed=1, parameters=p, engine='fast').spike_step))"
    )
    environment = os.environ | {"FORCELIB_CACHE": str(tmp_path)}
    both = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    words = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert words[0] == words[1] != "0\n"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("engine", ["fast", "runtime"])
def test_interrupt_returns_the_run_so_far(engine, request, interruptible, children_left):
    if engine == "fast":
        request.getfixturevalue("compiler")
    parameters = SHORT.replace(duration=1000 * second)
    handler = signal.getsignal(signal.SIGINT)
    if engine == "fast":  # compile first, so that the interrupt meets the simulation
        fast.compiled_network(SHORT.N, 1, float(SHORT.dt))
    pressed = []

    def press(done, total, label):
        if done and not pressed:
            pressed.append(done)
            signal.raise_signal(signal.SIGINT)

    begin = time.perf_counter()
    with report_to(press), pytest.raises(forcelib.RunInterrupted) as error:
        forcelib.run(seed=1, parameters=parameters, engine=engine)
    assert time.perf_counter() - begin < 60
    assert signal.getsignal(signal.SIGINT) is handler
    result = error.value.result
    assert result.ended == "interrupted"
    assert 0 < pressed[0] <= result.steps < parameters.steps
    assert "the run so far" in str(error.value)
    assert not children_left()
    # What was computed is the beginning of the run, and the state at its end can be continued from.
    whole = forcelib.run(
        seed=1, parameters=parameters.replace(duration=result.steps * parameters.dt), engine=engine
    )
    np.testing.assert_array_equal(result.readout, whole.readout)
    np.testing.assert_array_equal(result.spike_step, whole.spike_step)
    np.testing.assert_array_equal(result.state.v, whole.state.v)
    assert result.continued(10 * ms, engine=engine).ended == "finished"


def test_interrupt_while_compiling_leaves_nothing(
    compiler, interruptible, children_left, monkeypatch, tmp_path
):
    monkeypatch.setenv("FORCELIB_CACHE", str(tmp_path))

    def press():
        while not list(tmp_path.rglob("*.cpp")):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        forcelib.run(seed=1, parameters=SHORT.replace(N=130), engine="fast")
    assert not children_left()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are looked up in /proc")
def test_the_compiled_program_dies_with_its_parent(compiler, tmp_path):
    program = (
        "import forcelib; from brian2 import second; "
        "forcelib.run(seed=1, parameters=forcelib.Parameters(N=100, duration=1000*second), engine='fast')"
    )
    fast.compiled_network(100, 1, 5e-5)
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, "-c", program], env=environment)
    deadline = time.monotonic() + 300
    try:
        while not _children(parent.pid, "main") and time.monotonic() < deadline:
            time.sleep(0.1)
        (child,) = _children(parent.pid, "main")
    finally:
        parent.kill()
        parent.wait()
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{child}").exists()


def test_unknown_engine():
    with pytest.raises(forcelib.ParameterError, match="engine = 'gpu' must be one of"):
        engines.choose("gpu", Parameters())


def _children(pid: int, *names: str) -> list[int]:
    """Processes started by `pid` whose program has one of the names."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = path.read_text().rsplit(")", 1)
        except OSError:
            continue
        if int(rest.split()[1]) == pid and name.split("(", 1)[1].startswith(names):
            found.append(int(path.parent.name))
    return found


@pytest.fixture
def children_left():
    """A function that gives the processes which the test has started and not ended."""
    names = "main", "python", "cc1plus", "c++", "g++"
    before = set(_children(os.getpid(), *names))  # of other tests: joblib keeps its workers
    return lambda: set(_children(os.getpid(), *names)) - before
