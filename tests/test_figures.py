"""Figures show what was recorded, and no more than the span they are given."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from brian2 import ms
from matplotlib.collections import LineCollection

import forcelib
from forcelib import IZHIKEVICH, THETA, ParameterError, figures, teachers

PARAMETERS = forcelib.Parameters(N=100, duration=300 * ms, rls_start=100 * ms, rls_stop=200 * ms)


@pytest.fixture(scope="module")
def result():
    return forcelib.run(seed=1, parameters=PARAMETERS, record_potentials=[3, 5])


@pytest.fixture
def ax():
    with matplotlib.rc_context({"backend": "agg"}):
        fig, ax = plt.subplots()
        yield ax
        plt.close(fig)


def test_each_potential_has_the_strokes_of_its_own_spikes(result, ax):
    span = result.between(50 * ms, 250 * ms)
    figures.potentials(ax, span)
    strokes = [drawn for drawn in ax.collections if isinstance(drawn, LineCollection)]
    for neuron, drawn in zip((3, 5), strokes, strict=True):
        at = [segment[0, 0] for segment in drawn.get_segments()]
        np.testing.assert_allclose(at, span.spike_t[span.spike_neuron == neuron])
    assert any(len(drawn.get_segments()) for drawn in strokes)


@pytest.mark.parametrize(("neuron", "span"), [(THETA, 2 * np.pi), (IZHIKEVICH, 90)])
def test_potentials_of_other_neurons_keep_to_their_rows(neuron, span, ax):
    few = PARAMETERS.replace(neuron=neuron, dt=0.02 * ms, duration=20 * ms, rls_interval=2 * ms)
    run = forcelib.run(seed=1, parameters=few, record_potentials=[3, 5])
    figures.potentials(ax, run)
    for row, v in enumerate(run.potential_trace):
        drawn = ax.lines[2 * row].get_ydata()
        assert row <= drawn.min() < drawn.max() <= row + 1
        np.testing.assert_allclose(np.diff(drawn), np.diff(v) / (2 * span), atol=1e-12)


def test_a_raster_shows_the_spikes_of_its_neurons_in_its_span(result, ax):
    figures.raster(ax, result.between(100 * ms, 150 * ms), 7, signs=True)
    shown = sorted((t, i) for line in ax.lines for t, i in zip(*line.get_data(), strict=True))
    t, i = result.spike_t, result.spike_neuron
    inside = (i < 7) & (t >= 0.1) & (t < 0.15)
    assert shown == sorted(zip(t[inside], i[inside], strict=True))
    assert len(shown)


def test_the_four_panels_of_a_rate_network_say_that_it_has_no_spikes():
    run = forcelib.run(seed=1, parameters=PARAMETERS.replace(balanced=True), engine="rate")
    fig = figures.four_panels(run)
    assert "no spikes" in [text.get_text() for text in fig.axes[0].texts]
    np.testing.assert_array_equal(fig.axes[1].lines[0].get_ydata(), run.readout)
    plt.close(fig)


def test_readout_error_and_decoders_are_those_of_the_span(result, ax):
    span = result.between(120 * ms)
    figures.readout(ax, span)
    figures.error(ax, span)
    z, x, error = (line.get_ydata() for line in ax.lines)
    np.testing.assert_array_equal(z - x, error)
    figures.decoders(ax, span)
    np.testing.assert_allclose(ax.lines[3].get_ydata(), 1e6 * span.decoder_trace[0])
    assert ax.get_xlim() == (0.12, 0.3)  # exactly: the rounding of 2400 steps of 0.05 ms would move the ticks


def test_what_was_not_recorded_cannot_be_drawn(result, ax):
    without = forcelib.run(seed=1, parameters=PARAMETERS.replace(duration=10 * ms))
    with pytest.raises(ParameterError, match="record_potentials = 0"):
        figures.potentials(ax, without)
    with pytest.raises(ParameterError, match="columns = 3 must be 1, 2 or 4"):
        figures.four_panels(result, columns=3)


@pytest.mark.parametrize("outputs", [2, 5, 69])
def test_runs_with_several_outputs_can_be_drawn(outputs, ax):
    def many(t):
        return np.sin(2 * np.pi * 20 * np.asarray(t)[:, None] + np.arange(outputs))

    run = forcelib.run(many, seed=1, parameters=PARAMETERS)
    figures.readout(ax, run)
    drawn = min(outputs, 12)
    assert len(ax.lines) == 2 * drawn
    assert len(ax.get_legend().get_texts()) == 2
    if outputs > 3:  # above each other, each beside its number
        ticks = ax.get_yticks()
        assert [label.get_text() for label in ax.get_yticklabels()] == [str(k + 1) for k in range(drawn)]
        for k, line in enumerate(ax.lines[1::2]):
            assert np.mean(line.get_ydata()) == pytest.approx(ticks[k], abs=1e-6)
        assert np.diff(ticks).min() > 2
    fig = figures.four_panels(run, columns=2)
    assert len(fig.axes) == 4
    plt.close(fig)


def test_an_orbit_is_one_output_over_another(ax):
    run = forcelib.run(teachers.lorenz(), seed=1, parameters=PARAMETERS)
    figures.orbit(ax, run, 0, 2)
    for line, signal in zip(ax.lines, (run.readout, run.target), strict=True):
        np.testing.assert_array_equal(np.transpose(line.get_data()), signal[:, [0, 2]])
    with pytest.raises(ParameterError, match="second = 3 must be a whole number, at least 0 and below 3"):
        figures.orbit(ax, run, 0, 3)


def test_a_return_map_has_each_maximum_over_the_one_before(ax):
    t = np.arange(6000) * 5e-5
    waves = np.sin(2 * np.pi * 20 * t) * (1 + t)
    run = forcelib.run(waves, seed=1, parameters=PARAMETERS)
    figures.return_map(ax, run)
    before, after = ax.lines[0].get_data()
    assert len(before) == 5  # of six maxima in 0.3 s
    np.testing.assert_array_equal(before[1:], after[:-1])
    assert (after > before).all()


def test_choices_are_drawn_where_the_points_are(ax):
    teacher, points = teachers.classification(seed=1, interval=20 * ms)
    run = forcelib.run(teacher, input=points, seed=1, parameters=PARAMETERS)
    figures.choices(ax, run)
    shown = {tuple(point) for line in ax.lines for point in np.transpose(line.get_data())}
    assert shown == {tuple(point) for point in points(np.arange(0.01, 0.3, 0.04))}
    with pytest.raises(ParameterError, match="input: there must be two"):
        figures.choices(ax, forcelib.run(seed=1, parameters=PARAMETERS))
