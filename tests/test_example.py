"""The page to copy, examples/force_on_one_page.py, is forcelib's model, and gives its spikes."""

import ast
import dataclasses
import importlib.util
from pathlib import Path
from types import SimpleNamespace

import brian2 as b2
import numpy as np
import pytest
import sympy
from brian2 import ms, second

import forcelib
from forcelib import Parameters, model

PATH = Path(__file__).parents[1] / "examples" / "force_on_one_page.py"


@pytest.fixture
def page(monkeypatch):
    """The page as a module. What it sets for all of Brian2 is set back afterwards."""
    target, dt = b2.prefs.codegen.target, b2.defaultclock.dt
    spec = importlib.util.spec_from_file_location(PATH.stem, PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    b2.prefs.codegen.target, b2.defaultclock.dt = target, dt


@pytest.mark.parametrize("seed", [1, 2])
def test_the_page_gives_the_spikes_of_forcelib(page, seed):
    parameters = Parameters(N=300, duration=250 * ms, rls_start=100 * ms, rls_stop=200 * ms)
    spikes, readout = page.simulate(300, 250 * ms, 100 * ms, 200 * ms, seed)
    result = forcelib.run(seed=seed, parameters=parameters, progress=False)
    assert np.array_equal(spikes.i, result.spike_neuron)
    assert np.array_equal(np.rint(spikes.t / b2.defaultclock.dt), result.spike_step)
    assert np.allclose(readout.t / second, result.t, rtol=0, atol=1e-12)
    assert np.allclose(readout.z[0], result.readout, rtol=0, atol=1e-10)
    assert np.abs(result.readout).max() > 0.5


def written_out(equations):
    """Return the differential equations, each in its variables alone, with unit and flags."""
    equations = b2.Equations(equations)
    slopes = dict(equations.get_substituted_expressions())
    return {
        name: (sympy.sympify(slopes[name].code), equations[name].dim, equations[name].flags)
        for name in equations.diff_eq_names
    }


def test_its_equations_are_the_model(page):
    assert written_out(page.NEURON) == written_out(model.network_equations())
    own = {name: str(one) for name, one in b2.Equations(page.NEURON).items() if one.type == "parameter"}
    whole = b2.Equations(model.network_equations())
    assert own == {name: str(whole[name]) for name in ("E", "z")}


def test_its_parameters_are_the_defaults(page):
    named = [spec.name for spec in dataclasses.fields(Parameters) if hasattr(page, spec.name)]
    assert {name for name, _ in model.LIF.parameters} | {"p", "G", "Q", "alpha", "v_start"} == set(named)
    for name in named:
        assert getattr(page, name) == getattr(Parameters(), name), name
    assert b2.defaultclock.dt == Parameters().dt
    defaults = dict(zip(("N", "duration", "rls_start", "rls_stop"), page.simulate.__defaults__, strict=False))
    assert Parameters(**defaults) == Parameters()


def test_it_says_how_it_went(page, capsys):
    t = np.arange(0, 15, 0.01) * second
    z = np.where(t < 5 * second, 0, page.target(t))
    page.simulate = lambda: (SimpleNamespace(num_spikes=7), SimpleNamespace(t=t, z=z[None, :]))
    main = ast.parse(PATH.read_text(encoding="utf-8")).body[-1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page.plt, "show", lambda: None)
        exec(compile(ast.Module(main.body, []), PATH, "exec"), vars(page))
    page.plt.close("all")
    assert capsys.readouterr().out.splitlines() == [
        "7 spikes",
        "free: RMS error 0.707",
        "learning: RMS error 0.000",
        "alone: RMS error 0.000",
    ]


def test_it_fits_on_a_page():
    assert len(PATH.read_text(encoding="utf-8").splitlines()) <= 80
