"""The simulated sample through the tasks of every stage, with a signal in it, and what its products say."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import Config
from core.products.recipe import ProductKey
from core.products.seal import Leave
from core.products.store import ProductStore
from core.signal.acceptance import source_acceptance
from core.simulation.injected import simulated_response
from core.simulation.seasons import SEASONS
from core.spectra import spectra_from_table
from core.stages.figures import all_figure_recipes, event_figure_recipes
from core.stages.registry import recipes, stages_of
from tests.made_analysis import made_analysis

pytestmark = pytest.mark.slow

SIGMA_V = 2e-20
SIGNAL = {"channel": "tautau", "mass": 20.0, "sigma_v": SIGMA_V}
EDGES = (5.623413251903491, 10.0, 17.78, 31.62, 56.23, 178.0, 1000.0)


def config(root: Path, **statistic: object) -> Config:
    return Config(
        sample="simulated-7y",
        seed=2,
        products=str(root),
        pairs={"tautau": (20.0,)},
        simulated={"n_simulated": 350_000, "injected": (SIGNAL,)},
        bins={"reco_energy_edges": EDGES},
        statistic=statistic,
        trials={"n_background": 4000, "n_signal": 1000},
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulated-sample")


@pytest.fixture(scope="module")
def store(root: Path) -> ProductStore:
    return made_analysis(config(root))


def test_every_product_says_that_it_is_simulated(store: ProductStore, root: Path) -> None:
    for stage in stages_of(config(root)):
        for recipe in recipes(config(root), store, stage):
            assert store.metadata(stage, recipe.part, **recipe.product.keys)["sample"] == "simulated-7y"
    (row,) = store.read("sensitivity").to_pylist()
    assert (row["sample"], row["limitation"]) == ("simulated-7y", "")


def test_the_signal_lies_among_the_data_as_often_as_the_cross_section_makes(store: ProductStore) -> None:
    spectra = spectra_from_table(store.read("spectra"))
    exact = source_acceptance(simulated_response(), spectra, store.read("sources"), 20.0).total.n_s_per_strength
    injected = [
        store.read_product(ProductKey("events", {"kind": "data", "season": season}, part=1), ["event"]).num_rows
        for season in SEASONS
    ]
    expected = exact * SIGMA_V
    assert sum(injected) == pytest.approx(expected, abs=4.0 * np.sqrt(expected))
    measured = store.read("events", columns=["run"], kind="data").num_rows
    assert sum(store.read("event_counts")["n_events"].to_pylist()) == measured
    assert sum(row["n_duplicates"] or 0 for row in store.read("event_summary").to_pylist()) == 0
    (row,) = store.read("sensitivity").to_pylist()
    assert row["n_s_per_sigma_v"] == pytest.approx(exact, abs=4.0 * row["n_s_per_sigma_v_error"])


def test_good_runs_count_the_events_and_the_simulation_expects_them(store: ProductStore) -> None:
    runs = store.read("good_runs")
    assert sum(runs["n_events"].to_pylist()) == store.read("events", columns=["run"], kind="data").num_rows
    for row in store.read("event_summary").to_pylist():
        if row["kind"] == "mc":  # the signal is not among what is expected
            assert row["n_measured"] == pytest.approx(row["n_expected"], rel=0.1)


def test_measured_directions_stay_sealed(store: ProductStore) -> None:
    blind = store.read("events", kind="data")
    assert not {"mjd", "reco_azimuth"} & set(blind.column_names)
    sealed = store.read("sealed_events", leave=Leave("test"))
    assert np.mean(np.abs(blind["reco_ra"].to_numpy() - sealed["reco_ra"].to_numpy()) < 1e-9) < 0.01


def test_figures_of_events_and_results_are_asked_for(store: ProductStore, root: Path) -> None:
    names = {figure.name for figure in all_figure_recipes(config(root), store)}
    assert {figure.name for figure in event_figure_recipes(config(root), store)} < names
    assert {"limits.png", "events-sky.png", "resolution.png", "energy-range-tautau-20.png"} <= names


@pytest.mark.parametrize("signal", ["simulation", "published"])
def test_the_published_statistic_takes_the_same_events(store: ProductStore, root: Path, signal: str) -> None:
    other = config(root, name="j_weighted", signal=signal, window="optimal", declination_smoothing_deg=2.0)
    made = made_analysis(other)
    (row,) = made.read("sensitivity").to_pylist()
    assert row["statistic"] == "j_weighted"
    assert row["n_s_sensitivity"] == pytest.approx(row["n_s_sensitivity_closed_form"], rel=0.1)
    best = made.read("energy_range").filter(made.read("energy_range")["is_optimal"]).to_pylist()[0]
    energy = made.read("events", columns=["reco_energy"], kind="data")["reco_energy"].to_numpy()
    n_inside = np.count_nonzero((energy >= best["window_low"]) & (energy < best["window_high"]))
    entries = made.read("source_background_pdf")["entries"].to_numpy().reshape(-1, 36).sum(axis=1)
    assert entries == pytest.approx(n_inside)
