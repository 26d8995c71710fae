"""A recipe's digest is that of all that determines the product, in whatever way it was written down."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dark_matter.channels import CHANNELS, PUBLISHED_ALIASES
from core.errors import ProductError
from core.products.recipe import ProductKey, Recipe, path_text, plain, typed

PAIR = {"channel": "bb", "mass": 10.0}


def test_keys_take_the_order_and_the_types_of_the_glossary() -> None:
    key = ProductKey("background_trials", {"seed": np.int64(3), "mass": "10", "channel": "bb"})
    assert list(key.keys.items()) == [("channel", "bb"), ("mass", 10.0), ("seed", 3)]
    assert [type(value) for value in key.keys.values()] == [str, float, int]
    assert str(key) == "background_trials channel=bb mass=10 seed=3"
    assert key == ProductKey("background_trials", {"channel": "bb", "mass": 10, "seed": 3})


def test_a_key_that_the_glossary_does_not_have_is_refused() -> None:
    with pytest.raises(ProductError, match="products have no key masses; keys are kind, season, channel, mass"):
        ProductKey("acceptance", {"channel": "bb", "masses": 10})


def test_a_stage_that_leads_elsewhere_is_refused() -> None:
    with pytest.raises(ProductError, match=r"stage '../secret' cannot stand in a path"):
        ProductKey("../secret")


def test_a_channel_is_a_text() -> None:
    with pytest.raises(ProductError, match="key channel=5 is not a text"):
        typed("channel", 5)


@pytest.mark.parametrize(("published", "ours"), [*PUBLISHED_ALIASES.items(), *zip(CHANNELS, CHANNELS, strict=True)])
def test_a_channel_may_go_by_its_published_name(published: str, ours: str) -> None:
    assert typed("channel", published) == ours
    assert str(ProductKey("acceptance", {"channel": published, "mass": 10})) == f"acceptance channel={ours} mass=10"


def test_a_channel_may_be_one_that_a_configuration_names() -> None:
    assert typed("channel", "my_model") == "my_model"
    with pytest.raises(ProductError, match="cannot stand in a path"):
        typed("channel", "../bb")
    assert typed("source", "Tau") == "Tau"


@given(st.floats(min_value=0, allow_infinity=False))
def test_a_mass_reads_back_from_its_path(mass: float) -> None:
    assert typed("mass", path_text(typed("mass", mass))) == mass


@given(st.integers(0, 2**63 - 1))
def test_a_seed_reads_back_from_its_path(seed: int) -> None:
    assert typed("seed", path_text(typed("seed", seed))) == seed


def test_numbers_stand_in_paths_as_short_as_they_can() -> None:
    assert [path_text(value) for value in (10.0, 5.5, 1e-5, np.float64(5.5), 3, "bb")] == [
        "10", "5.5", "1e-05", "5.5", "3", "bb",
    ]  # fmt: skip


def test_plain_texts_pass() -> None:
    for text in ("bb", "public-3y", "limits_bb.png", "1e+22", "a" * 100):
        assert plain(text, "name") == text


def test_everything_that_determines_the_product_enters_the_digest() -> None:
    recipes = [
        Recipe(ProductKey("acceptance", PAIR), "core.units", {"nside": 32}),
        Recipe(ProductKey("acceptance", {**PAIR, "mass": 20}), "core.units", {"nside": 32}),
        Recipe(ProductKey("spectra", PAIR), "core.units", {"nside": 32}),
        Recipe(ProductKey("acceptance", PAIR), "core.units", {"nside": 64}),
        Recipe(ProductKey("acceptance", PAIR), "core.units", {"nside": 32}, part=1),
    ]
    assert len({recipe.digest for recipe in recipes}) == len(recipes)


def test_the_same_parameters_in_other_clothes_are_the_same_recipe() -> None:
    one = Recipe(ProductKey("acceptance", PAIR), "core.units", {"windows": ((1, 2),), "names": {10: "a", 9: "b"}})
    two = Recipe(ProductKey("acceptance", {"mass": 10, "channel": "bb"}), "core.units", dict(one.parameters))
    assert one.digest == two.digest
    assert one == two


def test_a_recipe_names_its_part() -> None:
    key = ProductKey("acceptance", PAIR)
    assert str(Recipe(key, "core.units")) == "acceptance channel=bb mass=10"
    assert str(Recipe(key, "core.units", part=3)) == "acceptance channel=bb mass=10 part 3"


def test_parameters_must_be_storable() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        Recipe(ProductKey("acceptance", PAIR), "core.units", {"array": np.zeros(2)})
