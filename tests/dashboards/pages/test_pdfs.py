"""Densities: a sky of twelve pixels by hand, and signal over background about the brightest galaxies."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.products.recipe import ProductKey
from core.products.store import ProductStore
from tests.dashboards.pages.conftest import Shown, shown_of
from tests.small_analysis import write

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
PAIR: dict[str, Any] = {"channel": "bb", "mass": 10.0}
N_PIXELS = 12
GALAXIES = pa.table(
    {
        "source": ["Faint", "Bright"],
        "ra": [0.0, np.pi],
        "dec": [0.0, np.pi / 6],
        "log10_j_factor": [17.0, 19.0],
        "log10_j_factor_error_low": [0.5, 0.5],
        "log10_j_factor_error_high": [0.5, 0.5],
    }
)


def sky() -> pa.Table:
    """Three quarters of the signal in pixel 3 as cascades of 10 to 40 GeV, the rest there as tracks; even background.

    The signal's average over its ring of four pixels is a quarter of it in each.
    """
    signal, average = np.zeros((2, N_PIXELS)), np.zeros((2, N_PIXELS))
    signal[:, 3] = 0.75, 0.25
    average[:, :4] = signal[:, 3:4] / 4
    return pa.table(
        {
            "event_class": ["cascade"] * N_PIXELS + ["track"] * N_PIXELS,
            "reco_energy_low": np.full(2 * N_PIXELS, 10.0),
            "reco_energy_high": np.full(2 * N_PIXELS, 40.0),
            "nside": np.full(2 * N_PIXELS, 1),
            "pixel": np.tile(np.arange(N_PIXELS), 2),
            "signal_probability": signal.ravel(),
            "signal_average_probability": average.ravel(),
            "background_probability": np.full(2 * N_PIXELS, 1.0 / (2 * N_PIXELS)),
        }
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    store = ProductStore(tmp_path_factory.mktemp("sky"))
    cells = {
        "ratio": [0.0, 10.0],
        "background_probability": [0.9, 0.1],
        "signal_probability": [0.0, 1.0],
        "n_events": [400, 400],
        "n_s_uncertainty": [20.0, 20.0],
    }
    for stage, table in (("signal_pdf", sky()), ("ratio_cells", pa.table(cells))):
        write(store, ProductKey(stage, PAIR), table)
    write(store, ProductKey("sources"), GALAXIES)
    return shown_of(store, "?page=pdfs")


@pytest.fixture(scope="module")
def by_source(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """Three rings of 60° about each of two galaxies, listed from the outermost on."""
    store = ProductStore(tmp_path_factory.mktemp("by-source"))
    rings = {
        "source": ["Faint"] * 3 + ["Bright"] * 3,
        "angle_low": np.deg2rad([120.0, 60.0, 0.0] * 2),
        "angle_high": np.deg2rad([180.0, 120.0, 60.0] * 2),
    }
    signal = rings | {"signal_probability": [0.1, 0.3, 0.6, 0.0, 0.2, 0.8]}
    background = rings | {"background_probability": [0.25, 0.5, 0.25, 0.25, 0.5, 0.25]}
    for kind, table in (("signal", signal), ("background", background)):
        write(store, ProductKey(f"source_{kind}_pdf", PAIR), pa.table(table))
    write(store, ProductKey("sources"), GALAXIES)
    write(store, ProductKey("acceptance", PAIR), pa.table({"source": ["Faint"]}))
    return shown_of(store, "?page=pdfs")


def test_maps_hold_probabilities_per_steradian(page: Shown) -> None:
    per_pixel = N_PIXELS / (4.0 * np.pi)
    signal, background = (page.source(f"sky-{kind}-bb-10")["image"][0] for kind in ("signal", "background"))
    np.testing.assert_allclose(np.unique(signal), [0.0, per_pixel], rtol=1e-6)
    np.testing.assert_allclose(background, per_pixel / N_PIXELS, rtol=1e-6)


def test_the_ratio_is_one_plus_what_the_signal_is_above_its_average_over_background(page: Shown) -> None:
    """In pixel 3 it is 1 + (1 − ¼) · 12 = 10, in the rest of its ring 1 − ¼ · 12 = −2, elsewhere 1."""
    ratio = page.source("sky-ratio-bb-10")["image"][0]
    np.testing.assert_allclose(np.unique(np.round(ratio, 5)), [-2.0, 1.0, 10.0])


def test_galaxies_are_rings_at_their_places_in_degrees(page: Shown) -> None:
    rings = page.source("sky-signal-bb-10-sources")
    assert rings["source"] == ["Faint", "Bright"]
    np.testing.assert_allclose([rings["ra"], rings["dec"]], [[0.0, 180.0], [0.0, 30.0]])


def test_energies_are_summed_over_the_sky_by_class(page: Shown) -> None:
    tops = {
        (kind, name): page.source(f"energy-{name}-{kind}")["top"].tolist()
        for kind in ("signal", "background")
        for name in ("cascade", "track")
    }
    assert tops[("signal", "cascade")] == [0.75]
    assert tops[("signal", "track")] == [0.25]
    assert tops[("background", "track")] == pytest.approx([0.5])
    bins = page.source("energy-track-signal")
    assert [bins[name].tolist() for name in ("left", "middle", "right")] == [[10.0], [20.0], [40.0]]


def test_cells_without_signal_are_not_drawn_on_a_logarithm(page: Shown) -> None:
    np.testing.assert_array_equal(page.source("cells-signal")["p"], [np.nan, 1.0])
    np.testing.assert_array_equal(page.source("cells-background")["p"], [0.9, 0.1])
    table = page.tables["pdf-bb-10-fit"]
    assert table.to_dict("list") == {"n_events": [400], "n_s_uncertainty": [20.0]}


def test_about_galaxies_the_angle_rises_in_degrees_and_the_brightest_comes_first(by_source: Shown) -> None:
    curve = by_source.source("signal-Bright")
    np.testing.assert_allclose(curve["angle"], [30.0, 90.0, 150.0])
    np.testing.assert_array_equal(curve["p"], [0.8, 0.2, np.nan])
    drawn = [r.data_source.name for r in by_source.plots["pdf-bb-10"].renderers]
    assert drawn == ["signal-Bright", "background-Bright", "signal-Faint", "background-Faint"]


def test_about_galaxies_the_ratio_is_known_where_both_are(by_source: Shown) -> None:
    np.testing.assert_allclose(by_source.source("ratio-Bright")["ratio"], [3.2, 0.4])
    np.testing.assert_allclose(by_source.source("ratio-Bright")["angle"], [30.0, 90.0])
    np.testing.assert_allclose(by_source.source("ratio-Faint")["ratio"], [2.4, 0.6, 0.4])
