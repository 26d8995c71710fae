"""Pairs of channel and mass: which are served once their acceptance stands, why not, and in which window."""

from pathlib import Path
from typing import Any

import pytest

from core.configuration.config import Config
from core.errors import PhysicsError
from core.products.recipe import ProductKey, State
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.pairs import (
    of_pair,
    pair_keys,
    refused_pairs,
    served_pairs,
    signal_inputs,
    window_inputs,
    window_parameter,
)
from core.stages.registry import STAGES, recipes
from core.stages.stage import make_product

PAIR = ("tautau", 20.0)
MIGRATION, CUT, REFUSED = ("tautau", 5.0), ("bb", 100.0), ("bb", 6.0)


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, ProductStore]:
    """Some pairs of the public sample, whose acceptances stand."""
    folder = tmp_path_factory.mktemp("pairs")
    config = Config(products=str(folder), pairs={"tautau": (5.0, 20.0), "bb": (6.0, 100.0)})
    store = ProductStore(folder)
    for stage in ("sources", "spectra", "response", "acceptance"):
        for recipe in recipes(config, store, stage):
            make_product(STAGES[stage], store, recipe)
    return config, store


def with_window(config: Config, window: object) -> Config:
    return config.model_copy(update={"statistic": config.statistic.model_copy(update={"window": window})})


def test_keys_and_products_of_a_pair() -> None:
    assert pair_keys(PAIR) == {"channel": "tautau", "mass": 20.0}
    keys: dict[str, Any] = {"channel": "tautau", "mass": 20.0}
    assert of_pair(PAIR, "spectra", "acceptance") == (ProductKey("spectra", keys), ProductKey("acceptance", keys))
    assert signal_inputs(PAIR) == (ProductKey("sources"), ProductKey("response"), ProductKey("spectra", keys))


def test_before_acceptances_stand_no_pair_is_served_and_none_refused(tmp_path: Path) -> None:
    config, store = Config(pairs={"tautau": (20.0,)}), ProductStore(tmp_path)
    assert served_pairs(config, store) == {}
    assert refused_pairs(config, store) == {}


def test_a_served_pair_says_what_limits_it(accepted: tuple[Config, ProductStore]) -> None:
    served = served_pairs(*accepted)
    assert served[PAIR] == ""
    assert served[MIGRATION].startswith("migration only")
    assert served[CUT].startswith("sensitivity limited by")
    assert "56" in served[CUT]


def test_every_pair_is_served_or_refused_with_the_reason(accepted: tuple[Config, ProductStore]) -> None:
    config, store = accepted
    served, refused = served_pairs(config, store), refused_pairs(config, store)
    assert not set(served) & set(refused)
    assert set(served) | set(refused) == set(config.channel_masses)
    assert all("is not served" in reason for reason in refused.values())


def test_the_published_window_must_hold_energies_of_the_sample(accepted: tuple[Config, ProductStore]) -> None:
    config, store = accepted
    published = with_window(config, "published")
    assert PAIR in served_pairs(published, store)
    beyond = with_window(config, (100.0, 200.0))
    assert served_pairs(beyond, store) == {}
    assert "holds no reconstructed energy" in refused_pairs(beyond, store)[PAIR]


def test_a_window_is_a_parameter_and_the_optimal_one_an_input() -> None:
    config = Config()
    assert window_parameter(config, PAIR) is None
    assert window_inputs(config, PAIR) == ()
    assert window_parameter(with_window(config, (10.0, 30.0)), PAIR) == [10.0, 30.0]
    low, high = window_parameter(with_window(config, "published"), PAIR) or ()
    assert low < 20.0 < high
    optimal = with_window(config, "optimal")
    assert window_parameter(optimal, PAIR) == "optimal"
    assert window_inputs(optimal, PAIR) == of_pair(PAIR, "energy_range")


def test_a_pair_without_a_published_window_has_none() -> None:
    with pytest.raises(PhysicsError, match="there is no published window of tautau at 21 GeV"):
        window_parameter(with_window(Config(), "published"), ("tautau", 21.0))


def test_what_stands_is_fresh(accepted: tuple[Config, ProductStore]) -> None:
    config, store = accepted
    freshness = Freshness(config, store)
    assert {freshness.of(r).state for r in recipes(config, store, "acceptance")} == {State.FRESH}
