"""A product is as fresh as its inputs are: judged on the products of a whole analysis."""

from pathlib import Path
from typing import Any

import pytest

from core.configuration.config import Config, read_config
from core.products.recipe import ProductKey, State
from core.products.store import ProductStore
from core.stages.figures import figure_recipes
from core.stages.figures.figure import figure_state
from core.stages.freshness import Freshness, Lack, ranges
from core.stages.registry import recipes, stages_of
from tests.core.stages.analyses import Analysis

STAGES = stages_of(Config())
DOUBTS = ("source_information", "j_calibration", "j_profile", "robustness")
# What follows from the counts alone.
COUNTS = ("atmospheric_fit", "atmospheric_expectation", "counts_limit")


def states(config: Config, store: ProductStore, stage: str) -> set[State]:
    freshness = Freshness(config, store)
    return {freshness.of(recipe).state for recipe in recipes(config, store, stage)}


def changed(config: Config, group: str, **values: Any) -> Config:
    return config.model_copy(update={group: getattr(config, group).model_copy(update=values)})


@pytest.fixture
def analysis(joint: Analysis) -> tuple[Config, ProductStore]:
    return joint.config, joint.store


@pytest.mark.slow
def test_after_a_run_everything_is_fresh(public_run: Path) -> None:
    config = read_config(public_run / "analysis.toml")
    store = ProductStore(config.product_root, config.analysis)
    assert all(states(config, store, stage) == {State.FRESH} for stage in STAGES)
    assert {figure_state(store, recipe).state for recipe in figure_recipes(config, store)} == {State.FRESH}


@pytest.mark.parametrize(
    ("group", "values", "still_fresh"),
    [
        ("sources", {"j_aperture_deg": 0.1}, {"event_counts", "response", "background_pdf", "spectra", *COUNTS[:2]}),
        (
            "spectra",
            {"mixing_angles": (0.3, 0.02, 0.5, 0.0)},
            {"sources", "dwarf_profiles", "event_counts", "response", "background_pdf", *COUNTS[:2]},
        ),
        ("statistic", {"n_cells": 32}, {*STAGES[:10], "halo", *COUNTS, *DOUBTS}),
        ("statistic", {"background": "known"}, {*STAGES[:10], *COUNTS}),
        (
            "trials",
            {"n_background": 3000},
            {*STAGES[:11], "signal_trials", "halo", "asimov", "discovery_potential", "systematics", *COUNTS, *DOUBTS},
        ),
    ],
)
def test_a_changed_setting_makes_all_that_depends_on_it_stale(
    analysis: tuple[Config, ProductStore], group: str, values: dict[str, Any], still_fresh: set[str]
) -> None:
    config, store = analysis
    other = changed(config, group, **values)
    found = {stage for stage in STAGES if states(other, store, stage) == {State.FRESH}}
    assert found == still_fresh
    assert {figure.name for figure in figure_recipes(other, store)} <= {"robustness.png", "systematics.png"}


def test_the_reason_names_the_input(analysis: tuple[Config, ProductStore]) -> None:
    config, store = analysis
    other = changed(config, "sources", j_aperture_deg=0.1)
    recipe = recipes(other, store, "acceptance")[0]
    assert "its input sources is stale" in Freshness(other, store).of(recipe).reason
    assert Freshness(other, store).unready_input(recipe) == "sources is stale"


def test_the_reason_names_the_parts_of_an_input(analysis: tuple[Config, ProductStore]) -> None:
    config, store = analysis
    other = changed(config, "trials", n_background=2000, shard_size=500)
    freshness = Freshness(other, store)
    (recipe,) = recipes(other, store, "sensitivity")
    said = "background_trials channel=tautau mass=20 seed=1 lacks of 4 parts: part 0 stale, parts 1-3 missing"
    assert freshness.unready_input(recipe) == said
    (lacking,) = [lack for item in recipe.inputs if (lack := freshness.lack_of(item)) is not None]
    assert lacking.parts == {State.STALE: (0,), State.MISSING: (1, 2, 3)}
    assert freshness.standing_parts(lacking.product) == []
    assert str(Lack(ProductKey("halo"), 0, {})) == "halo is not part of the analysis"


@pytest.mark.parametrize(("numbers", "said"), [((), ""), ((3,), "3"), ((0, 1, 2, 5, 7, 8), "0-2, 5, 7-8")])
def test_numbers_that_follow_each_other_are_said_as_a_range(numbers: tuple[int, ...], said: str) -> None:
    assert ranges(numbers) == said


def test_the_cut_into_shards_is_no_part_of_what_follows(analysis: tuple[Config, ProductStore]) -> None:
    config, store = analysis
    other = changed(config, "trials", shard_size=500)
    (recipe,) = recipes(other, store, "sensitivity")
    assert recipe.digest == recipes(config, store, "sensitivity")[0].digest
