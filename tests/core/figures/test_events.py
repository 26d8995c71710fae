"""Figures of events show numpy's own counts, expectations and errors, and say when right ascension is scrambled."""

import healpy
import numpy as np
import pyarrow as pa
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.patches import StepPatch

from core.errors import ProductError
from core.events.atmosphere import atmospheric_rates
from core.figures.events import ONLY_SIMULATED, VARIABLES, sky_counts_figure, variable_figure
from tests.core.figures.event_cases import blind, events

LIVETIME = 3e8


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
    upper, lower = variable_figure(data, simulation, variable, LIVETIME).axes
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


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_of_the_table_can_be_drawn(variable: str) -> None:
    figure = variable_figure(blind(), events("mc"), variable, LIVETIME)
    has_data = variable not in ONLY_SIMULATED and variable != "reco_azimuth"
    assert len(figure.axes) == (2 if has_data else 1)
    assert figure.axes[-1].get_xlabel() == VARIABLES[variable].label
    assert ("data: 500 events" in written(figure.axes[0])) is has_data
    assert figure.axes[0].get_title(loc="left").startswith("IC86_2012, IC86_2013")


def test_a_sample_without_its_own_rates_is_given_the_shipped_flux() -> None:
    simulation = events("mc", atmospheric_rate=None)
    total, _, _ = steps(variable_figure(None, simulation, "true_energy", LIVETIME).axes[0])[0].get_data()
    assert total.sum() == pytest.approx(LIVETIME * atmospheric_rates(simulation).sum())


def test_words_have_a_bin_each_and_null_is_said() -> None:
    data = blind(4, event_class=pa.array(["track", None, "cascade", "track"]))
    axes = variable_figure(data, None, "event_class", LIVETIME).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["cascade", "not known", "track"]
    assert points(axes)[0][:, 1].tolist() == [1.0, 1.0, 2.0]


def test_species_stand_in_their_usual_order() -> None:
    axes = variable_figure(None, events("mc"), "flavour", LIVETIME).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()][:4] == ["nue", "numu", "nutau", "nuebar"]


def test_scrambled_and_measured_right_ascensions_are_told_apart() -> None:
    assert "data scrambled" in written(variable_figure(blind(), None, "reco_ra", LIVETIME).axes[0])
    assert "as measured" in written(variable_figure(events("data"), None, "reco_ra", LIVETIME).axes[0])
    assert "scrambled" not in written(variable_figure(None, events("mc"), "reco_ra", LIVETIME).axes[0])


@pytest.mark.parametrize("energy", [10.0, 10.0**0.75, 1.0, 17.3])
def test_one_event_lies_in_a_bin(energy: float) -> None:
    axes = variable_figure(blind(1, reco_energy=[energy]), None, "reco_energy", LIVETIME).axes[0]
    assert points(axes)[0][:, 1].tolist() == [1.0]


def test_no_measured_events_are_drawn_as_none() -> None:
    upper, lower = variable_figure(blind(0), events("mc"), "reco_dec", LIVETIME).axes
    assert "data: 0 events" in written(upper)
    assert points(lower)[0].size == 0


@pytest.mark.parametrize(
    ("data", "simulation", "variable", "livetime", "message"),
    [
        (None, None, "reco_dec", 1.0, "no events to draw reco_dec"),
        (blind(0), events("mc", 0), "reco_dec", 1.0, "no events to draw reco_dec"),
        (blind(5), None, "true_energy", 1.0, "no events to draw true_energy"),
        (blind(5), None, "colour", 1.0, "unknown variable 'colour': known are season"),
        (blind(5), events("mc", 5), "reco_dec", 0.0, "the livetime is 0 s"),
    ],
)
def test_what_cannot_be_drawn_is_refused(data, simulation, variable, livetime, message) -> None:
    with pytest.raises(ProductError, match=message):
        variable_figure(data, simulation, variable, livetime)


def test_the_map_counts_every_event_in_its_pixel() -> None:
    data = blind(3000)
    axes, bar = sky_counts_figure(data, 4).axes
    image = np.ma.masked_invalid(axes.images[0].get_array())
    expected = np.zeros(healpy.nside2npix(4))
    longitude, latitude = (np.degrees(data[name].to_numpy()) for name in ("reco_ra", "reco_dec"))
    np.add.at(expected, healpy.ang2pix(4, longitude, latitude, lonlat=True), 1)
    assert expected.sum() == 3000
    assert set(np.unique(image.compressed())) == set(expected)
    # The map has equal areas: its mean is that of the pixels.
    assert image.mean() == pytest.approx(expected.mean(), rel=0.01)
    assert axes.get_title(loc="left").endswith("3000 events, right ascension scrambled")
    assert "215 square degrees" in bar.get_xlabel()


def test_the_map_says_what_it_shows() -> None:
    assert sky_counts_figure(events("mc"), 4).axes[0].get_title(loc="left").endswith("simulated events, not weighted")
    assert sky_counts_figure(events("data", 1), 4).axes[0].get_title(loc="left").endswith("as measured")


def test_no_sky_is_refused() -> None:
    with pytest.raises(ProductError, match="no events to draw on the sky"):
        sky_counts_figure(blind(0), 4)
    with pytest.raises(ProductError, match="nside is 3: HEALPix needs a power of two"):
        sky_counts_figure(blind(5), 3)
