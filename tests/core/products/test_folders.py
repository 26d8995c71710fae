"""Where products lie: what keys may be, which may be left out, and that none leads elsewhere."""

import math

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dark_matter.channels import CHANNELS, PUBLISHED_ALIASES, key_channel
from core.errors import ProductError
from core.products.recipe import ProductKey, ProductState, Recipe, State
from core.products.store import ProductStore
from tests.core.store_cases import PAIR, RUN


def test_the_path_names_stage_keys_and_part(store: ProductStore) -> None:
    path = store.path("background_trials", part=7, seed=3, mass=10.0, channel="bb")
    parts = ("public-3y", "background_trials", "channel=bb", "mass=10", "seed=3", "part-0007.parquet")
    assert path == store.root.joinpath(*parts)


def test_the_same_mass_in_any_type_is_the_same_path(store: ProductStore) -> None:
    assert len({str(store.path("acceptance", channel="bb", mass=mass)) for mass in (10, 10.0, "10", "1e1")}) == 1


TRICKS = ["", ".", "..", "../bb", "a/b", "/bb", "\\bb", ".bb", "~bb", "b b", "bb\n", "bb\0", "b=b", "b*b", "b" * 101]


@pytest.mark.parametrize("trick", TRICKS)
def test_no_text_leads_out_of_its_place(store: ProductStore, trick: str) -> None:
    with pytest.raises(ProductError, match="cannot stand in a path"):
        store.path("acceptance", channel=trick, mass=10)
    with pytest.raises(ProductError, match="cannot stand in a path"):
        store.keys("acceptance", channel=trick)
    with pytest.raises(ProductError, match="cannot stand in a path"):
        ProductStore(store.root, analysis=trick)
    with pytest.raises(ProductError, match="cannot stand in a path"):
        store.write_figure(trick, b"")


@pytest.mark.parametrize("mass", [math.nan, math.inf, -math.inf, -10, "ten", "../10", None, [10]])
def test_a_mass_that_is_no_mass_is_refused(store: ProductStore, mass: object) -> None:
    with pytest.raises(ProductError, match="mass="):
        store.path("acceptance", channel="bb", mass=mass)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [1.5, -1, 2**63, math.nan, math.inf, "one", "../1", None])
def test_a_seed_that_is_no_seed_is_refused(store: ProductStore, seed: object) -> None:
    with pytest.raises(ProductError, match="seed="):
        store.path("background_trials", **PAIR, seed=seed)  # type: ignore[arg-type]


@pytest.mark.parametrize("part", [-1, 1.5, "../0", "00000"])
def test_a_part_that_is_no_part_is_refused(store: ProductStore, part: int) -> None:
    with pytest.raises(ProductError, match="is not a whole number from 0 on"):
        store.path("background_trials", part=part, **RUN)


CHANNEL_NAMES = st.sampled_from([*CHANNELS, *PUBLISHED_ALIASES])


@settings(max_examples=100, deadline=None)
@given(channel=CHANNEL_NAMES | st.text(max_size=8), mass=st.floats())
def test_any_key_is_refused_or_found_again(channel: str, mass: float) -> None:
    store = ProductStore("products")
    try:
        path = store.path("acceptance", channel=channel, mass=mass)
    except ProductError:
        return
    analysis, stage, *folders, _ = path.relative_to(store.root).parts
    assert (analysis, stage) == ("public-3y", "acceptance")
    assert [folder.partition("=")[2] for folder in folders] == [
        key_channel(channel),
        folders[1].removeprefix("mass="),
    ]
    assert float(folders[1].removeprefix("mass=")) == mass


def test_unknown_stages_and_keys_are_named(store: ProductStore) -> None:
    with pytest.raises(ProductError, match=r"no product acceptences .*: stages with products are none; run the stage"):
        store.read("acceptences")
    write_sensitivities(store, 7)
    with pytest.raises(ProductError, match="stage sensitivity has the keys channel, mass, seed, not kind"):
        store.path("sensitivity", kind="mc")
    with pytest.raises(ProductError, match="products have no key masses; keys are kind, season, channel"):
        store.read("sensitivity", masses=1)


def write_sensitivities(store: ProductStore, *seeds: int, mass: float = 10.0) -> None:
    for seed in seeds:
        key = ProductKey("sensitivity", {"channel": "tautau", "mass": mass, "seed": seed})
        store.write(Recipe(key, "core.units", {"of": seed}), pa.table({"n_s_sensitivity": [float(seed)]}))


def test_a_key_may_be_left_out_where_one_product_has_the_others(any_store: ProductStore) -> None:
    write_sensitivities(any_store, 7)
    write_sensitivities(any_store, 8, mass=20.0)
    pair = {"channel": "Tau", "mass": 10}
    whole = any_store.path("sensitivity", channel="tautau", mass=10, seed=7)
    assert any_store.path("sensitivity", **pair) == whole
    assert any_store.path("sensitivity", seed=7) == whole
    assert any_store.path("sensitivity", part=3, **pair) == whole.parent / "part-0003.parquet"
    assert any_store.state("sensitivity", **pair) is State.FRESH
    assert any_store.metadata("sensitivity", **pair)["recipe"] == {"of": 7}
    assert any_store.read("sensitivity", channel="Tau")["n_s_sensitivity"].to_pylist() == [7.0, 8.0]
    assert any_store.keys("sensitivity", channel="Tau", mass=10) == [{"channel": "tautau", "mass": 10.0, "seed": 7}]


def test_keys_that_several_products_have_are_refused_beside_their_names(store: ProductStore) -> None:
    write_sensitivities(store, *range(1, 11))
    several = (
        "stage sensitivity has the keys channel, mass, seed, not mass; "
        "those given fit sensitivity channel=tautau mass=10 seed=1, .* seed=8, 2 more$"
    )
    for ask in (store.path, store.state, store.explain, store.metadata):
        with pytest.raises(ProductError, match=several):
            ask("sensitivity", mass=10)


def test_keys_that_no_product_has_lead_nowhere_and_it_is_missing(store: ProductStore) -> None:
    with pytest.raises(ProductError, match=r"no product sensitivity mass=20 under .*: stages with products are none"):
        store.read("sensitivity", mass=20)
    write_sensitivities(store, 7)
    none = "those given fit no product in .*: there are sensitivity channel=tautau mass=10 seed=7$"
    for ask in (store.path, store.metadata):
        with pytest.raises(ProductError, match=none):
            ask("sensitivity", mass=20)
    assert store.state("sensitivity", mass=20) is State.MISSING
    assert store.state("sensitivity", channel="ee") is State.MISSING


def test_of_one_that_stands_and_one_that_failed_the_first_is_meant(store: ProductStore) -> None:
    failed = Recipe(ProductKey("sensitivity", {"channel": "tautau", "mass": 10, "seed": 8}), "core.units")
    store.write_failure(failed, "no events left")
    assert store.explain("sensitivity", mass=10) == ProductState(State.FAILED, "no events left")
    write_sensitivities(store, 7)
    assert store.state("sensitivity", mass=10) is State.FRESH
