"""What is supposed comes back from an address, and nothing that could not be meant is taken for it."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.products.recipe import ProductKey
from core.products.store import ProductStore
from dashboards.view import NotThereError
from dashboards.what_if import AS_CONFIGURED, Supposable, Supposition, supposable, supposed
from tests.dashboards.conftest import Look
from tests.small_analysis import write

TWO = [[4.0, 2.0], [2.0, 9.0]]
NAMES = ("Faint", "<b>Bright</b>")


def write_information(store: ProductStore, channel: str = "bb", masses: tuple[float, ...] = (10.0, 50.0)) -> None:
    """Two galaxies of round information, twice as much at each further mass, and their J within a narrower aperture."""
    for place, mass in enumerate(masses):
        pair: dict[str, Any] = {"channel": channel, "mass": mass}
        information = (2.0**place * 1e44 * np.array(TWO)).tolist()
        columns = {"source": NAMES, "information_per_sigma_v_squared": information}
        write(store, ProductKey("source_information", pair), pa.table(columns))
        variants = {
            "variant": ["nominal", "without Faint", "J within 0.2 deg", "background known"],
            "factor_ratios": [[1.0, 1.0], [0.0, 1.0], [0.5, 0.25], None],
            "sigma_v_sensitivity": [1.0, 1.5, 3.0, 0.7],
            "ratio": [1.0, 1.5, 3.0, 0.7],
        }
        write(store, ProductKey("robustness", pair), pa.table(variants))


@given(
    st.dictionaries(st.text(max_size=20), st.floats(0.0, 1e6), max_size=5),
    st.sampled_from([AS_CONFIGURED, "J within 0.2 deg"]),
    st.floats(1e-3, 1e6),
)
def test_what_is_supposed_comes_back_from_its_text(factors: dict[str, float], variant: str, livetime: float) -> None:
    told = Supposition({name: factor for name, factor in factors.items() if factor != 1.0}, variant, livetime)
    assert supposed(told.text) == told


def test_nothing_is_said_of_nothing() -> None:
    assert Supposition({"A": 1.0}).text is None
    assert supposed(None) == Supposition()


@pytest.mark.parametrize(
    "text",
    ["", "two", "[1]", "7", '{"factors":3}', '{"factors":{"A":-1}}', '{"factors":{"A":NaN}}', '{"livetime":0}',
     '{"livetime":"long"}', '{"livetime":Infinity}', "[" * 4000],
)  # fmt: skip
def test_what_is_no_supposition_is_told(text: str) -> None:
    with pytest.raises(NotThereError, match="There is no such what_if"):
        supposed(text)


@pytest.fixture
def stored(look: Look, store: ProductStore) -> Supposable:
    write_information(store)
    found = supposable(look("?page=limits&channel=bb"))
    assert found is not None
    return found


def test_every_mass_of_the_channel_has_its_own_information(stored: Supposable) -> None:
    assert stored.masses == (10.0, 50.0)
    assert stored.names == list(NAMES)
    np.testing.assert_array_equal(stored.information[1], 2e44 * np.array(TWO))


def test_ratios_and_shares_are_those_of_the_closed_form(stored: Supposable) -> None:
    without = Supposition({"Faint": 0.0})
    assert stored.ratio(0, without) == pytest.approx(np.sqrt(17.0 / 9.0))
    assert stored.shares(0, without) == {"Faint": 0.0, "<b>Bright</b>": 1.0}
    assert stored.ratio(0, Supposition(livetime=4.0)) == pytest.approx(0.5)


def test_a_variant_comes_before_what_is_changed_by_hand(stored: Supposable) -> None:
    """J of (1/2, 1/4), of which the second is doubled: half of everything."""
    told = Supposition({"<b>Bright</b>": 2.0}, "J within 0.2 deg")
    assert stored.ratio(0, told) == pytest.approx(2.0)


def test_only_other_factors_of_the_same_galaxies_are_variants(stored: Supposable) -> None:
    assert stored.variant_names == ["J within 0.2 deg"]


@pytest.mark.parametrize("told", [Supposition({"<script>": 2.0}), Supposition(variant="J on the Moon")])
def test_what_there_is_not_is_told_with_what_there_is(stored: Supposable, told: Supposition) -> None:
    with pytest.raises(NotThereError, match=r"There is no such (galaxy|variant) as .*; there are "):
        stored.ratio(0, told)


def test_without_the_stage_nothing_can_be_supposed(look: Look) -> None:
    assert supposable(look("?page=limits&channel=tautau")) is None
