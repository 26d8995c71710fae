"""Some products of an analysis: of some pairs with what they need, some shards, what failed, what stands of trials."""

import shutil
from pathlib import Path

import pytest

from core.configuration.config import Config
from core.errors import ConfigError, ProductError
from core.products.recipe import ProductKey, State
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.registry import STAGES, recipes, stages_of
from core.stages.selection import (
    ALL,
    Selection,
    check_complete,
    incomplete_recipe,
    pair_of,
    part_range,
    selected_recipes,
    selection_of,
)
from core.stages.stage import make_product
from tests.core.stages.analyses import N_BACKGROUND, Analysis, small_config
from tests.made_analysis import made_analysis

PAIR = {"channel": "tautau", "mass": 20.0, "seed": 1}
SHARD_SIZE = 500
N_SHARDS = N_BACKGROUND // SHARD_SIZE


@pytest.fixture(scope="module")
def two_pairs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, ProductStore]:
    """Two pairs of which the acceptances stand."""
    config = small_config(tmp_path_factory.mktemp("two"), pairs={"tautau": [20.0], "bb": [50.0]})
    return config, made_analysis(config, ("sources", "event_counts", "response", "spectra", "acceptance"))


@pytest.fixture(scope="module")
def with_a_gap(joint: Analysis, tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, ProductStore]:
    """An analysis of four shards of background trials of which the third is missing."""
    root = tmp_path_factory.mktemp("gap") / "products"
    shutil.copytree(joint.store.root, root)
    trials = joint.config.trials.model_copy(update={"shard_size": SHARD_SIZE})
    config = joint.config.model_copy(update={"trials": trials, "products": str(root)})
    store = ProductStore(root, config.analysis, config.sample)
    for recipe in recipes(config, store, "background_trials"):
        if recipe.part != 2:
            make_product(STAGES["background_trials"], store, recipe)
    return config, store


@pytest.mark.parametrize(("text", "numbers"), [("7", [7]), ("0-3", [0, 1, 2, 3]), ("5-5", [5])])
def test_parts_are_named_by_their_numbers(text: str, numbers: list[int]) -> None:
    assert list(part_range(text)) == numbers


def test_a_pair_is_named_by_channel_and_mass() -> None:
    assert pair_of("tautau/20") == pair_of("Tau/20.0") == ("tautau", 20.0)
    for text in ("tautau", "tautau/", "tautau/heavy"):
        with pytest.raises(ConfigError, match="not a pair such as tautau/20"):
            pair_of(text)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"only": ("sensitivities",)}, "--only sensitivities: not a stage of this analysis; there are sources, "),
        ({"only": ("events",)}, "--only events: not a stage of this analysis"),
        ({"pairs": ("bb/51",)}, "--pair bb/51: not a pair of this analysis; there are tautau/20, bb/50"),
        ({"parts": "9-3"}, "--parts 9-3: allowed are numbers of parts such as 7 or 0-49"),
        ({"parts": "few"}, "--parts few: allowed are"),
    ],
)
def test_what_is_not_of_the_analysis_is_refused(
    chosen: dict[str, tuple[str, ...]], said: str, two_pairs: tuple[Config, ProductStore]
) -> None:
    with pytest.raises(ConfigError, match=said):
        selection_of(two_pairs[0], **chosen)


def test_without_a_selection_all_is_made(two_pairs: tuple[Config, ProductStore]) -> None:
    config, store = two_pairs
    assert ALL.is_of_all
    assert selection_of(config) == ALL
    for stage in stages_of(config):
        assert selected_recipes(config, store, stage) == recipes(config, store, stage)


def test_of_one_pair_comes_what_it_needs_and_nothing_else(two_pairs: tuple[Config, ProductStore]) -> None:
    config, store = two_pairs
    selection = selection_of(config, pairs=("bb/50",))
    assert not selection.is_of_all
    found = {stage: selected_recipes(config, store, stage, selection) for stage in stages_of(config)}
    pairs = {stage: [recipe.product.keys.get("channel") for recipe in made] for stage, made in found.items()}
    assert pairs["sources"] == pairs["response"] == [None]
    # All acceptances, for they decide which pair the calibration of all is of: that nearest to 20 GeV.
    assert pairs["spectra"] == pairs["acceptance"] == ["tautau", "bb"]
    assert pairs["j_calibration"] == ["tautau"]
    assert pairs["source_information"] == ["tautau", "bb"]
    for stage in ("signal_pdf", "ratio_cells", "background_trials", "sensitivity", "counts_limit", "robustness"):
        assert pairs[stage] == ["bb"], stage


def test_whatever_a_selected_product_is_made_from_is_selected_too(two_pairs: tuple[Config, ProductStore]) -> None:
    config, store = two_pairs
    for pair in ("bb/50", "tautau/20"):
        selection = selection_of(config, pairs=(pair,))
        made: set[str] = set()
        for stage in stages_of(config):
            for recipe in selected_recipes(config, store, stage, selection):
                assert {str(ProductKey(item.stage, item.keys)) for item in recipe.inputs} <= made, str(recipe)
                made.add(str(recipe.product))


def test_of_a_named_stage_nothing_is_made_that_it_needs(two_pairs: tuple[Config, ProductStore]) -> None:
    config, store = two_pairs
    selection = selection_of(config, only=("source_information",), pairs=("bb/50",))
    assert [stage for stage in stages_of(config) if selection.has_stage(stage)] == ["source_information"]
    (recipe,) = selected_recipes(config, store, "source_information", selection)
    assert recipe.product.keys["channel"] == "bb"


def test_parts_are_those_of_trials_alone(with_a_gap: tuple[Config, ProductStore]) -> None:
    config, store = with_a_gap
    selection = selection_of(config, parts="1-2")
    assert [recipe.part for recipe in selected_recipes(config, store, "background_trials", selection)] == [1, 2]
    assert selected_recipes(config, store, "signal_trials", selection) == []
    assert selected_recipes(config, store, "sensitivity", selection) == recipes(config, store, "sensitivity")


def test_what_failed_is_selected_and_what_is_missing_is_not(with_a_gap: tuple[Config, ProductStore]) -> None:
    config, store = with_a_gap
    only_failed = selection_of(config, only_failed=True)
    assert selected_recipes(config, store, "background_trials", only_failed) == []
    missing = recipes(config, store, "background_trials")[2]
    store.write_failure(missing, "out of luck")
    assert selected_recipes(config, store, "background_trials", only_failed) == [missing]
    make_product(STAGES["background_trials"], store, missing)
    assert selected_recipes(config, store, "background_trials", only_failed) == []
    store.path("background_trials", 2, **PAIR).unlink()


def test_shards_that_lack_are_named_and_may_be_done_without(with_a_gap: tuple[Config, ProductStore]) -> None:
    config, store = with_a_gap
    only = {"only": ("sensitivity",), "pairs": ("tautau/20",)}
    lack = r"background_trials channel=tautau mass=20 seed=1 lacks of 4 parts: part 2 missing"
    with pytest.raises(ProductError, match=rf"^sensitivity .* cannot be made: {lack}; .*--allow-incomplete"):
        check_complete(config, store, selection_of(config, **only))
    check_complete(config, store, selection_of(config, **only, allow_incomplete=True))
    check_complete(config, store, ALL)


def test_an_incomplete_sensitivity_is_of_the_trials_that_stand_and_says_so(
    with_a_gap: tuple[Config, ProductStore],
) -> None:
    config, store = with_a_gap
    (whole,) = recipes(config, store, "sensitivity")
    recipe = incomplete_recipe(whole, Freshness(config, store))
    assert recipe is not None
    assert [item.part for item in recipe.inputs if item.stage == "background_trials"] == [0, 1, 3]
    background = ProductKey("background_trials", PAIR)
    assert recipe.parameters["incomplete"] == {str(background): f"3 of {N_SHARDS} shards"}
    make_product(STAGES["sensitivity"], store, recipe)
    (row,) = store.read("sensitivity").to_pylist()
    assert row["n_background_trials"] == N_BACKGROUND - SHARD_SIZE
    assert store.explain_recipe(recipe).state is State.FRESH
    found = Freshness(config, store).of(whole)
    assert found.state is State.STALE
    assert "incomplete" in found.reason


def test_without_densities_nothing_can_be_done_without(two_pairs: tuple[Config, ProductStore]) -> None:
    config, store = two_pairs
    with pytest.raises(ProductError, match=r"ratio_cells .* is missing"):
        check_complete(config, store, Selection(only=("asimov",), allow_incomplete=True))


def test_of_what_is_not_known_yet_it_is_said_what_makes_it(tmp_path: Path) -> None:
    config = small_config(tmp_path)
    with pytest.raises(ProductError, match="--only sensitivity: what it would make is not known yet"):
        check_complete(config, ProductStore(tmp_path), selection_of(config, only=("sensitivity",)))
