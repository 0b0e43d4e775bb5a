"""Figures show what was recorded, and no more than the span they are given."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from brian2 import ms
from matplotlib.collections import LineCollection

import forcelib
from forcelib import ParameterError, figures

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


def test_a_raster_shows_the_spikes_of_its_neurons_in_its_span(result, ax):
    figures.raster(ax, result.between(100 * ms, 150 * ms), 7, signs=True)
    shown = sorted((t, i) for line in ax.lines for t, i in zip(*line.get_data(), strict=True))
    t, i = result.spike_t, result.spike_neuron
    inside = (i < 7) & (t >= 0.1) & (t < 0.15)
    assert shown == sorted(zip(t[inside], i[inside], strict=True))
    assert len(shown)


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
