"""The kernel: where it comes from, that it is the same everywhere, and that it works for many at once."""

import functools
import multiprocessing
import os
import shutil
import signal
import stat
import subprocess
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from brian2 import ms, second

import forcelib
from forcelib import LIF, CompilerError, NeuronModel, ParameterError, Parameters, teachers
from forcelib.engines import build, choose, kernel

SHORT = Parameters(N=100, duration=100 * ms, rls_start=20 * ms, rls_stop=60 * ms)
KERNELS = pytest.mark.parametrize("engine", ["native", "portable"], indirect=True)


def program(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def compiler(native):
    """The C++ compiler that has built the native kernel."""
    words = (os.environ.get("CXX") or "c++").split()
    assert shutil.which(words[0]), f"no C++ compiler {words[0]}"
    return words


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """A folder of its own for the native kernel, where it is not built yet."""
    folder = tmp_path / "engines"
    folder.mkdir()
    for path in (*build.HERE.glob("*.h"), *build.HERE.glob("*.cpp")):
        shutil.copy(path, folder)
    monkeypatch.setattr(build, "HERE", folder)
    for module in (build, kernel):
        monkeypatch.setattr(module, "native_path", lambda: folder / "native-test.bin")
    kernel.load_native.cache_clear()
    yield folder
    kernel.load_native.cache_clear()


def test_without_a_native_kernel_the_portable_one_runs(elsewhere, capsys):
    assert forcelib.run(seed=1, parameters=SHORT).engine == "portable"
    with pytest.raises(CompilerError, match=r"is not built; to build it: python -m forcelib\.engines\.build"):
        forcelib.run(seed=1, parameters=SHORT, engine="native")
    assert capsys.readouterr().out == ""


def test_the_native_kernel_is_used_where_it_is_built(native):
    assert forcelib.run(seed=1, parameters=SHORT).engine == "native"


def test_a_native_kernel_for_another_processor_is_not_trusted(elsewhere, compiler, capsys):
    source = elsewhere / "other.cpp"
    source.write_text('#include <csignal>\nextern "C" int trial(int) { return raise(SIGILL); }\n')
    library = str(kernel.native_path())
    subprocess.run([*compiler, "-shared", "-fPIC", str(source), "-o", library], check=True)
    with pytest.raises(CompilerError, match=f"does not run on this machine: status {-signal.SIGILL}"):
        choose("native", SHORT)
    assert forcelib.run(seed=1, parameters=SHORT).engine == "portable"
    words = capsys.readouterr().out
    assert words.count("\n") == 1
    assert "does not run on this machine" in words
    assert "using the portable kernel" in words


def test_it_is_built_by_a_compiler_that_works(elsewhere, compiler, monkeypatch, tmp_path):
    program(tmp_path / "c++", "exit 1")
    program(tmp_path / "g++", f'exec {shutil.which(compiler[0])} "$@"')
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert build.build_native() == kernel.native_path()
    assert forcelib.run(seed=1, parameters=SHORT, engine="native").ended == "finished"


@pytest.mark.parametrize(
    ("text", "words"),
    [("echo internal error >&2; exit 1", "internal error"), ("exit 0", "does not run on this machine")],
)
def test_a_compiler_that_fails_leaves_nothing(elsewhere, monkeypatch, tmp_path, text, words):
    before = sorted(elsewhere.iterdir())
    monkeypatch.setenv("CXX", str(program(tmp_path / "broken", text)))
    with pytest.raises(CompilerError, match=words):
        build.build_native()
    assert sorted(elsewhere.iterdir()) == before


def test_no_compiler(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler --fast")
    with pytest.raises(CompilerError, match=r"no C\+\+ compiler: looked for no-such-compiler$"):
        build.build_native()


def test_a_package_that_cannot_be_written(elsewhere, compiler, monkeypatch):
    monkeypatch.setattr(build, "HERE", elsewhere / "missing")
    with pytest.raises(CompilerError, match="cannot be kept in the package"):
        build.build_native()


def test_the_kept_module_is_small_and_asks_for_nothing():
    import wasmtime

    assert build.MODULE.stat().st_size < 80_000
    assert list(wasmtime.Module(wasmtime.Engine(), build.MODULE.read_bytes()).imports) == []


@pytest.mark.parametrize(("N", "train"), [(16_383, True), (20_000, False)])
def test_what_the_portable_kernel_has_room_for(N, train):
    assert choose("portable", Parameters(N=N), synapses=0.1 * N**2, train=train)[0] == "portable"


@pytest.mark.parametrize("engine", ["auto", "portable"])
def test_a_network_too_large_is_refused_before_it_is_drawn(elsewhere, monkeypatch, engine):
    monkeypatch.setattr(forcelib.Reservoir, "draw", lambda *arguments: pytest.fail("drawn"))
    with pytest.raises(ParameterError, match=r"N = 16384: P needs 2\.1 GB .* room for 2 GB .*engines\.build"):
        forcelib.run(seed=1, parameters=Parameters(N=16_384), engine=engine)


@KERNELS
def test_the_number_of_steps_at_once_changes_nothing(engine, monkeypatch):
    whole = forcelib.run(seed=1, parameters=SHORT, engine=engine, record_potentials=2)
    for steps in (1, 7, 4000):
        monkeypatch.setattr(kernel, "STEPS_AT_ONCE", steps)
        parts = forcelib.run(seed=1, parameters=SHORT, engine=engine, record_potentials=2)
        for name in ("spike_neuron", "spike_step", "readout", "decoder_trace", "potential_trace"):
            np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


# 64 updates are folded into P at once, in tiles of 64 neurons. Between two some neurons spike, all, or none.
@KERNELS
@pytest.mark.parametrize("N", [2, 63, 64, 131])
@pytest.mark.parametrize(("I_bias", "dt"), [(-39, 0.05), (200, 0.05), (-41, 0.05), (-39, 1)])
def test_hundreds_of_updates_agree_with_those_of_numpy(engine, N, I_bias, dt):
    schedule = {"duration": 1300 * dt * ms, "rls_start": 0 * ms, "rls_stop": 1300 * dt * ms}
    p = Parameters(N=N, I_bias=I_bias, rls_interval=2 * dt * ms, gain="textbook", dt=dt * ms, **schedule)
    one, other = (forcelib.run(seed=3, parameters=p, engine=each) for each in (engine, "brian2"))
    np.testing.assert_array_equal(one.spike_step, other.spike_step)
    scale = np.abs(other.decoder_trace).max()
    assert np.abs(one.decoder_trace - other.decoder_trace).max() <= 1e-10 * scale
    assert np.abs(one.state.P - other.state.P).max() < 1e-12 * p.alpha


def test_the_kernel_stays_within_its_arrays(compiler, tmp_path):
    (tmp_path / "models.h").write_text(build.headers())
    calls = " + ".join(f"trial({N})" for N in (1, 3, 66, 131))
    (tmp_path / "main.cpp").write_text(f'extern "C" int trial(int);\nint main() {{ return {calls}; }}\n')
    checks = ["-std=c++17", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    checks += ["-I.", f"-I{build.HERE}"]
    files = [build.HERE / "kernel.cpp", "main.cpp", "-pthread", "-o", "checked"]
    subprocess.run([*compiler, *checks, *files], cwd=tmp_path, check=True)
    environment = os.environ | {"ASAN_OPTIONS": "detect_leaks=0"}  # leaks cannot be looked for everywhere
    done = subprocess.run([tmp_path / "checked"], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def recorded(seed, engine):
    result = forcelib.run(teachers.sine(), seed=seed, parameters=SHORT, engine=engine)
    return result.spike_neuron, result.spike_step, result.readout


@pytest.mark.parametrize(
    "executor",
    [
        lambda: ThreadPoolExecutor(4),
        lambda: ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")),
    ],
    ids=["threads", "processes"],
)
def test_many_runs_at_once_do_not_disturb_each_other(native, executor):
    jobs = [(seed, engine) for seed in range(3) for engine in ("native", "portable")]
    alone = [recorded(*job) for job in jobs]
    run = functools.partial(forcelib.run, teachers.sine(), parameters=SHORT)
    with executor() as pool:
        together = [pool.submit(run, seed=seed, engine=engine) for seed, engine in jobs]
    for future, expected in zip(together, alone, strict=True):
        found = future.result()
        for part, other in zip((found.spike_neuron, found.spike_step, found.readout), expected, strict=True):
            np.testing.assert_array_equal(part, other)


@pytest.fixture
def interruptible():
    """Let Ctrl-C raise KeyboardInterrupt, also where the tests were started with it ignored."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


def test_interrupt_returns_the_run_so_far(engine, interruptible):
    parameters = SHORT.replace(duration=1000 * second, rls_stop=1000 * second, gain="textbook")
    handler = signal.getsignal(signal.SIGINT)
    pressed = []

    def press(done, total):
        if done and not pressed:
            pressed.append(done)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(forcelib.RunInterrupted) as error:
        forcelib.run(seed=1, parameters=parameters, engine=engine, progress=press)
    assert signal.getsignal(signal.SIGINT) is handler
    result = error.value.result
    assert result.ended == "interrupted"
    assert 0 < pressed[0] <= result.steps < parameters.steps
    assert "the run so far" in str(error.value)
    # What was computed is the beginning of the run, and training goes on from there.
    short = parameters.replace(duration=result.steps * parameters.dt)
    whole = forcelib.run(seed=1, parameters=short, engine=engine)
    for name in ("readout", "spike_step"):
        np.testing.assert_array_equal(getattr(result, name), getattr(whole, name))
    np.testing.assert_array_equal(result.state.v, whole.state.v)
    then = result.continued(10 * ms, train=True, teacher=teachers.sine(), engine=engine)
    assert np.abs(then.decoder - result.decoder).max() > 0


@KERNELS
def test_an_interrupt_is_heard_while_the_kernel_runs(interruptible, engine):
    presses = iter([threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))])

    def begin(done, total):
        for press in presses:
            press.start()

    endless = SHORT.replace(duration=600 * second)
    with pytest.raises(forcelib.RunInterrupted):
        forcelib.run(seed=1, parameters=endless, train=False, engine=engine, progress=begin)


def test_unknown_engine():
    with pytest.raises(ParameterError, match=r"engine = 'gpu' must be one of 'auto', 'native', 'portable'"):
        choose("gpu", Parameters())


def test_the_kernel_is_written_from_the_equations():
    assert "const double _s = (dt * (h - (1.0f*s/tau_r))) + s;" in build.header()
    adaptive = NeuronModel(
        name="adaptive",
        equations="dv/dt = (-v + I - u) / tau_m : 1 (unless refractory)\ndu/dt = (a*v - u) / tau_m : 1",
        threshold="v > 2*v_threshold",
        reset="v = v_reset; u += b",
        refractory="tau_ref",
        state=("v", "u"),
        parameters=LIF.parameters,
        constants={"a": 1, "b": 2},
    )
    for words in (
        "&v = this->v[i], &u = this->u[i], &s = this->s[i]",
        "a = parameters[8], b = parameters[9]",
        "const double _u = (1.0f*(dt * ((a * v) - u))/tau_m) + u;",
        "#define THRESHOLD v > (2 * v_threshold)",
        "u += b;",
    ):
        assert words in build.header(adaptive)
