"""Figures of events show numpy's own counts, expectations and errors, and say when right ascension is scrambled."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from matplotlib.axes import Axes
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.patches import StepPatch

from core.errors import ProductError
from core.events.atmosphere import atmospheric_rates
from core.events.distributions import NUMBERS
from core.figures.events import LABELS, ONLY_SIMULATED, composition_figure, variable_figure
from tests.core.figures.event_cases import LIVETIME, blind, events, summed


def steps(axes: Axes) -> tuple[StepPatch, StepPatch]:
    line, band = (patch for patch in axes.patches if isinstance(patch, StepPatch))
    return line, band


def points(axes: Axes) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2) and the lengths of their error bars (n,)."""
    (container,) = (one for one in axes.containers if isinstance(one, ErrorbarContainer))
    bars = np.array([np.ptp(segment[:, 1]) / 2.0 for segment in container.lines[2][0].get_segments()])
    return np.asarray(container.lines[0].get_xydata()), bars


def written(axes: Axes) -> str:
    legend = axes.get_legend()
    return "\n".join([text.get_text() for text in (*axes.texts, *(legend.get_texts() if legend else ()))])


@pytest.mark.parametrize(
    ("variable", "on_axis"),
    [
        ("reco_energy", lambda values: values),
        ("reco_dec", np.sin),
        ("reco_zenith", np.cos),
        ("reco_ra", np.degrees),
        ("angular_error", np.degrees),
    ],
)
def test_points_and_steps_are_the_histograms_of_the_tables(variable: str, on_axis) -> None:
    data, simulation = blind(), events("mc", 2000)
    upper, lower = variable_figure(summed(data), summed(simulation), variable).axes
    line, band = steps(upper)
    total, edges, _ = line.get_data()
    measured, simulated = (on_axis(table[variable].to_numpy()) for table in (data, simulation))
    weights = LIVETIME * simulation["atmospheric_rate"].to_numpy()
    np.testing.assert_allclose(total, np.histogram(simulated, edges, weights=weights)[0])
    assert total.sum() == pytest.approx(weights.sum())
    error = np.sqrt(np.histogram(simulated, edges, weights=weights**2)[0])
    np.testing.assert_allclose(band.get_data()[0] - total, error)
    np.testing.assert_allclose(total - band.get_data()[2], error)
    counts = np.histogram(measured, edges)[0]
    assert counts.sum() == data.num_rows
    drawn, bars = points(upper)
    np.testing.assert_array_equal(drawn[:, 1], counts[counts > 0])
    np.testing.assert_allclose(bars, np.sqrt(counts[counts > 0]))
    assert ((drawn[:, 0] > edges[:-1][counts > 0]) & (drawn[:, 0] < edges[1:][counts > 0])).all()
    seen = (counts > 0) & (total > 0)
    ratio, ratio_bars = points(lower)
    np.testing.assert_allclose(ratio[:, 1], counts[seen] / total[seen])
    np.testing.assert_allclose(ratio_bars, np.sqrt(counts[seen]) / total[seen])


@pytest.mark.parametrize("variable", NUMBERS)
def test_every_number_of_the_table_can_be_drawn(variable: str) -> None:
    figure = variable_figure(summed(blind()), summed(events("mc")), variable, "IC86_2012", caveats=["said below"])
    has_data = variable not in ONLY_SIMULATED and variable != "reco_azimuth"
    assert len(figure.axes) == (2 if has_data else 1)
    assert figure.axes[-1].get_xlabel() == LABELS[variable]
    assert ("data: 500 events" in written(figure.axes[0])) is has_data
    assert figure.axes[0].get_title(loc="left") == "IC86_2012"
    assert figure.get_supxlabel() == "said below"


def test_a_sample_without_its_own_rates_is_given_the_shipped_flux() -> None:
    simulation = events("mc", atmospheric_rate=None)
    total, _, _ = steps(variable_figure(None, summed(simulation), "true_energy").axes[0])[0].get_data()
    assert total.sum() == pytest.approx(LIVETIME * atmospheric_rates(simulation).sum())


def test_wide_ranges_are_drawn_in_wider_bins() -> None:
    degrees = np.array([0.1, 0.9, 47.9, 48.1])
    sums = summed(blind(4, angular_error=np.radians(degrees)))
    drawn, _ = points(variable_figure(sums, None, "angular_error").axes[0])
    np.testing.assert_allclose(drawn, [[1.0, 2.0], [47.0, 1.0], [49.0, 1.0]])
    narrow = summed(blind(2, angular_error=np.radians([1.1, 2.1])))
    np.testing.assert_allclose(points(variable_figure(narrow, None, "angular_error").axes[0])[0][:, 0], [1.125, 2.125])


@pytest.mark.parametrize(
    ("scale", "said"),
    [("livetime", "expected, from"), ("data", "scaled\nto as many as the data: from"), ("year", "expected in a year")],
)
def test_what_the_simulation_stands_for_is_said(scale: Any, said: str) -> None:
    assert said in written(variable_figure(None, summed(events("mc")), "true_dec", scale=scale).axes[0])


def panels(figure) -> dict[str, Axes]:
    return {axes.get_xlabel(): axes for axes in figure.axes if axes.get_xlabel()}


def names(axes: Axes) -> list[str]:
    return [label.get_text() for label in axes.get_xticklabels()]


def test_classes_that_no_event_tells_have_no_panel() -> None:
    data = blind(4, event_class=pa.array([None] * 4, pa.string()))
    assert "event class" not in panels(composition_figure(summed(data), None))


def test_bars_of_the_simulation_are_its_expectation() -> None:
    simulation = events("mc")
    shown = panels(composition_figure(summed(blind()), summed(simulation), "IC86", caveats=["said below"]))
    assert list(shown) == ["season", "event class", "neutrino species", "interaction"]
    assert names(shown["neutrino species"])[:2] == ["$\\nu_e$", "$\\nu_\\mu$"]
    bars = next(one for one in shown["interaction"].containers if isinstance(one, BarContainer))
    rates = simulation["atmospheric_rate"].to_numpy()
    expected = [LIVETIME * rates[np.array(simulation["interaction"]) == name].sum() for name in ("cc", "nc")]
    np.testing.assert_allclose([bar.get_height() for bar in bars], expected)


def test_what_no_event_tells_has_no_panel() -> None:
    simulation = events("mc", event_class=None, interaction=None, flavour=None)
    assert list(panels(composition_figure(None, summed(simulation)))) == ["season"]
    with pytest.raises(ProductError, match="no events to draw the composition of"):
        composition_figure(summed(blind(0)), None)


def test_scrambled_and_measured_right_ascensions_are_told_apart() -> None:
    assert "data scrambled" in written(variable_figure(summed(blind()), None, "reco_ra").axes[0])
    assert "as measured" in written(variable_figure(summed(events("data")), None, "reco_ra").axes[0])
    assert "scrambled" not in written(variable_figure(None, summed(events("mc")), "reco_ra").axes[0])


@pytest.mark.parametrize("energy", [10.0, 10.0**0.75, 1.0, 17.3])
def test_one_event_lies_in_a_bin(energy: float) -> None:
    axes = variable_figure(summed(blind(1, reco_energy=[energy])), None, "reco_energy").axes[0]
    assert points(axes)[0][:, 1].tolist() == [1.0]
    low, high = axes.get_xlim()
    assert low <= energy * (1.0 + 1e-9) < high


def test_no_measured_events_are_drawn_as_none() -> None:
    upper, lower = variable_figure(summed(blind(0)), summed(events("mc")), "reco_dec").axes
    assert "data: 0 events" in written(upper)
    assert points(lower)[0].size == 0


@pytest.mark.parametrize(
    ("data", "simulation", "variable", "message"),
    [
        (None, None, "reco_dec", "no events to draw reco_dec"),
        (blind(0), events("mc", 0), "reco_dec", "no events to draw reco_dec"),
        (blind(5), None, "true_energy", "no events to draw true_energy"),
        (blind(5), None, "colour", "unknown variable 'colour': known are reco_energy"),
    ],
)
def test_what_cannot_be_drawn_is_refused(data, simulation, variable, message) -> None:
    sums = (None if table is None else summed(table) for table in (data, simulation))
    with pytest.raises(ProductError, match=message):
        variable_figure(*sums, variable)
