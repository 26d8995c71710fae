"""An address restores what a person looked at, and what nobody could have chosen leads nowhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.address import Address, address_of, parsed

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


@settings(deadline=None)
@given(
    analysis=TEXTS | st.none(),
    page=TEXTS,
    mass=st.floats(1e-3, 1e6) | st.none(),
    seed=st.integers(0, 2**63) | st.none(),
    product=TEXTS | st.none(),
    theme=st.sampled_from(["default", "dark"]),
    what_if=TEXTS | st.none(),
)
def test_an_address_comes_back_from_its_query(**said: object) -> None:
    address = Address(**said)  # type: ignore[arg-type]
    assert parsed(address.query) == address


@pytest.mark.parametrize("mass", ["heavy", "-3", "0", "nan", "inf", "1e999", "[5]", "true"])
def test_a_mass_that_is_none_counts_as_not_named(mass: str) -> None:
    assert parsed(f"?mass={mass}").mass is None


@pytest.mark.parametrize("seed", ["first", "-1", "1.5", "²", ""])
def test_a_seed_that_is_none_counts_as_not_named(seed: str) -> None:
    assert address_of({"seed": seed}).seed is None


def test_other_names_are_left_out() -> None:
    assert parsed("?colour=red&page=limits") == Address(page="limits")


def test_going_elsewhere_forgets_the_product() -> None:
    address = Address(page="shards", product="sources")
    assert address.at(page="limits").product is None
    assert address.at(product="spectra").product == "spectra"
