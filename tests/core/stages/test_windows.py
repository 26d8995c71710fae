"""Windows by name, the whole way through the public analysis."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.configuration.config import Config, read_config
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.pairs import refused_pairs
from core.stages.registry import recipes, stages_of
from core.stages.windows import window_in
from tests.core.stages.analyses import LATE
from tests.made_analysis import made_analysis

PAIR: dict[str, Any] = {"channel": "tautau", "mass": 20.0}
WINDOWED = ("signal_pdf", "sensitivity"), ("source_background_pdf", "source_signal_pdf", "sensitivity")


def small(folder: Path, window: object, name: str = "joint", **more: Any) -> Config:
    """One pair, few pixels, few trials."""
    statistic = {"name": name, "window": window} | ({"nside": 8, "n_cells": 64} if name == "joint" else {})
    trials = {"n_background": 2000, "n_signal": 500}
    settings = {"pairs": {"tautau": [20]}, "statistic": statistic, "trials": trials} | more
    return read_config(None, products=str(folder), **settings)


def up_to_results(config: Config) -> list[str]:
    return [stage for stage in stages_of(config) if stage not in LATE]


def digests(config: Config, store: ProductStore) -> dict[str, str]:
    return {stage: store.digest(recipes(config, store, stage)[0].product) for stage in stages_of(config)}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["joint", "j_weighted"])
def test_the_published_window_is_the_same_as_its_edges(name: str, tmp_path: Path) -> None:
    by_name, by_edges = small(tmp_path, "published", name), small(tmp_path, [0, 30], name)
    store = made_analysis(by_name)
    for config in (by_name, by_edges):
        freshness = Freshness(config, store)
        for stage in stages_of(config):
            assert {freshness.of(recipe).state for recipe in recipes(config, store, stage)} == {State.FRESH}, stage
    other = Freshness(small(tmp_path, None, name), store)
    for stage in WINDOWED[name == "j_weighted"]:
        recipe = recipes(other.config, store, stage)[0]
        assert other.of(recipe).state is State.STALE
        assert recipe.digest != recipes(by_name, store, stage)[0].digest


@pytest.mark.slow
def test_the_optimal_window_is_the_one_that_the_densities_and_the_cross_section_use(tmp_path: Path) -> None:
    config = small(tmp_path, "optimal")
    store = made_analysis(config, up_to_results(config))
    ranges = store.read("energy_range").to_pandas()
    (best,) = ranges[ranges["is_optimal"]].itertuples()
    assert best.window_high - best.window_low < ranges["window_high"].max() - ranges["window_low"].min()
    cells = store.read("signal_pdf").to_pandas()
    assert (cells["reco_energy_low"].min(), cells["reco_energy_high"].max()) == (best.window_low, best.window_high)
    assert store.read("ratio_cells")["n_events"][0].as_py() == best.n_background
    assert store.read("sensitivity")["n_s_per_sigma_v"][0].as_py() == pytest.approx(best.n_signal_per_sigma_v)
    freshness = Freshness(config, store)
    for stage in up_to_results(config):
        assert {freshness.of(recipe).state for recipe in recipes(config, store, stage)} == {State.FRESH}, stage
    inputs = {item.stage for item in recipes(config, store, "signal_pdf")[0].inputs}
    assert "energy_range" in inputs


@pytest.mark.slow
def test_the_optimal_window_of_the_published_statistic(tmp_path: Path) -> None:
    config = small(tmp_path, "optimal", "j_weighted")
    store = made_analysis(config, up_to_results(config))
    ranges = store.read("energy_range").to_pandas()
    (best,) = ranges[ranges["is_optimal"]].itertuples()
    by_source = store.read("source_background_pdf").to_pandas().groupby("source")["entries"].sum()
    np.testing.assert_allclose(by_source, best.n_background, rtol=1e-9)
    signal = store.read("source_signal_pdf")["entries"].to_numpy().sum()
    assert signal == pytest.approx(best.n_signal_per_sigma_v, rel=1e-9)
    assert store.read("sensitivity")["n_s_per_sigma_v"][0].as_py() == pytest.approx(signal)


def test_a_pair_whose_published_window_lies_beyond_the_sample_is_refused(tmp_path: Path) -> None:
    config = small(tmp_path, "published", pairs={"tautau": [200]})
    store = made_analysis(config, up_to_results(config))
    assert refused_pairs(config, store) == {
        ("tautau", 200.0): "tautau at 200 GeV is not served: window (57.0, 272.0) GeV holds no reconstructed energy of "
        "the sample: 5.62 to 56.23 GeV"
    }
    assert recipes(config, store, "signal_pdf") == []


def test_a_recipe_tells_its_window_as_edges_or_leaves_it_to_the_scan() -> None:
    scan = pa.table({"window_low": [5.0, 10.0], "window_high": [56.0, 30.0], "is_optimal": [False, True]})
    inputs: Any = {"energy_range": scan}
    assert window_in(inputs, {"window": None}) is None
    assert window_in(inputs, {"window": [10, 56]}) == (10.0, 56.0)
    assert window_in(inputs, {"window": "optimal"}) == (10.0, 30.0)
