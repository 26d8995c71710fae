"""Trials by recipe: how they are cut, how many events are injected, and what their numbers follow from."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.configuration.config import Config
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.trial_recipes import (
    density_inputs,
    injected_counts,
    model_products,
    result_parameters,
    scale_inputs,
    shards,
    signal_trial_products,
)
from tests.core.stages.analyses import CHANNEL, MASS, Analysis

PAIR = (CHANNEL, MASS)
KEYS = {"channel": CHANNEL, "mass": MASS}


@given(n_trials=st.integers(1, 10_000), shard_size=st.integers(1, 10_000))
def test_shards_hold_every_trial_once(n_trials: int, shard_size: int) -> None:
    cut = shards(n_trials, shard_size)
    assert [first for first, _ in cut] == list(range(0, n_trials, shard_size))
    assert sum(n for _, n in cut) == n_trials
    assert all(0 < n <= shard_size for _, n in cut)


@given(st.floats(0.01, 1e4), st.integers(1, 100_000))
def test_numbers_of_injected_events_rise_and_stay_within_a_trial(spread: float, n_events: int) -> None:
    counts = injected_counts(Config(), spread, n_events)
    assert list(counts) == sorted(set(counts))
    assert 1 <= counts[0] <= counts[-1] <= n_events


def test_numbers_of_injected_events_are_rounded_multiples() -> None:
    config = Config(trials={"injected_over_uncertainty": (0.5, 1.0, 2.0)})
    assert injected_counts(config, 10.0, 1000) == (5, 10, 20)
    assert injected_counts(config, 10.2, 15) == (5, 10, 15)
    assert injected_counts(config, 0.1, 1000) == (1,)


def test_trials_are_drawn_from_the_densities_of_their_statistic() -> None:
    published, one_sky = ({"name": "j_weighted", "skies": skies} for skies in ("separate", "one"))
    by_source = (ProductKey("source_background_pdf", KEYS), ProductKey("source_signal_pdf", KEYS))
    assert model_products(Config(), PAIR) == (ProductKey("ratio_cells", KEYS),)
    assert model_products(Config(statistic=published), PAIR) == (*by_source, ProductKey("sources"))
    expected = (ProductKey("sky_patterns", KEYS), *by_source)
    assert density_inputs(Config(statistic=one_sky), PAIR) == expected
    assert scale_inputs(PAIR) == (ProductKey("sources"), ProductKey("spectra", KEYS), ProductKey("acceptance", KEYS))


def test_signal_trials_are_known_once_their_densities_stand(joint: Analysis, tmp_path: Path) -> None:
    assert list(signal_trial_products(joint.config, ProductStore(tmp_path), PAIR)) == []
    found = list(signal_trial_products(joint.config, joint.store, PAIR))
    assert len(found) == len(joint.config.trials.injected_over_uncertainty)
    assert all(product.keys["seed"] == joint.config.seed for product in found)


def test_only_what_changes_numbers_is_a_parameter(any_statistic: Analysis) -> None:
    parameters = result_parameters(any_statistic.config)
    has_grid = any_statistic.config.statistic.name == "j_weighted"
    assert set(parameters) == {"sample", "reco_energy_range", "background", "hypothesis"} | (
        {"grid"} if has_grid else set()
    )
    (recipe,) = any_statistic.recipes("background_trials")
    assert set(recipe.parameters) == {"first_trial", "n_trials"} | ({"grid"} if has_grid else set())


def test_trials_of_other_statistics_have_other_code_or_inputs(
    joint: Analysis, j_weighted: Analysis, one_sky: Analysis
) -> None:
    said = {
        (recipe.code, recipe.inputs.__repr__())
        for recipe in (analysis.recipes("background_trials")[0] for analysis in (joint, j_weighted, one_sky))
    }
    assert len(said) == 3


def test_histograms_are_other_products_with_finer_bins_told(joint: Analysis) -> None:
    settings = joint.config.trials.model_copy(update={"keep": "histogram"})
    binned = Analysis(joint.config.model_copy(update={"trials": settings}), joint.store)
    (recipe,) = binned.recipes("background_trials")
    assert recipe.parameters["keep"] == "histogram"
    assert recipe.parameters["bins_per_root"] > 100
