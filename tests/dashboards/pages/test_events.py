"""The page of events with events one by one: data are counted, simulation weighed, the resolution is the core's."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from core.events.resolution import all_reconstruction_errors
from core.figures.resolution import energy_edges, resolution
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.units import DEGREE
from dashboards.event_samples import VARIABLES
from tests.core.figures.event_cases import events
from tests.small_analysis import write

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
SEASON = "IC86_2012"
N_DATA = 400
SIMULATION = events("mc", 3000, seed=1, season=[SEASON] * 3000, atmospheric_rate=np.full(3000, 1e-4))


def product(kind: str) -> ProductKey:
    return ProductKey("events", {"kind": kind, "season": SEASON})


@pytest.fixture
def sample(store: ProductStore) -> ProductStore:
    """A season of data and simulation."""
    write(store, product("data"), events("data", N_DATA, season=[SEASON] * N_DATA))
    write(store, product("mc"), SIMULATION)
    write(store, ProductKey("event_summary"), pa.table({"season": [SEASON], "n_events": [N_DATA]}))
    return store


def good_runs(livetime: float) -> pa.Table:
    return pa.table({"season": [SEASON], "run": [120_000], "livetime": [livetime]})


def test_without_good_runs_the_simulation_is_scaled_to_the_data(show: Callable, sample: ProductStore) -> None:
    page = show("?page=events")
    for name in VARIABLES:
        data, simulation = (page.source(f"variable-{name}-{kind}") for kind in ("data", "simulation"))
        assert data["n"].sum() == N_DATA
        assert simulation["n"].sum() == pytest.approx(N_DATA)
        assert data["left"].tolist() == simulation["left"].tolist()
    assert "scaled to as many as the data" in page.words


def test_good_runs_tell_for_how_long_the_simulation_counts(show: Callable, sample: ProductStore) -> None:
    write(sample, ProductKey("good_runs", {"season": SEASON}), good_runs(livetime=2000.0))
    page = show("?page=events")
    assert page.source("variable-reco_energy-simulation")["n"].sum() == pytest.approx(3000 * 1e-4 * 2000.0)
    assert "for the livetime of the good runs" in page.words


def test_the_resolution_is_that_of_the_figures(show: Callable, sample: ProductStore) -> None:
    page = show("?page=events")
    errors = all_reconstruction_errors([(SIMULATION, 1.0)])
    wanted = resolution(errors, energy_edges(errors["true_energy"].to_numpy()))
    angle, energy = page.source("resolution-angle"), page.source("resolution-energy")
    np.testing.assert_allclose(angle["median"], wanted.separation[0] / DEGREE)
    np.testing.assert_allclose(angle["high"], wanted.separation[1] / DEGREE)
    for column, quantile in (("low", 1), ("median", 2), ("high", 3)):
        np.testing.assert_allclose(energy[column], wanted.ratio[quantile])


def test_new_events_are_looked_at_anew(show: Callable, sample: ProductStore) -> None:
    before = show("?page=events").source("resolution-energy")["median"]
    place = SIMULATION.schema.get_field_index("reco_energy")
    doubled = SIMULATION.set_column(place, "reco_energy", pc.multiply(SIMULATION["reco_energy"], 2.0))
    write(sample, product("mc"), doubled)
    np.testing.assert_allclose(show("?page=events").source("resolution-energy")["median"], 2.0 * before)
