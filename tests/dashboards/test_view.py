"""An address shows what exists and names it when it does not; commands carry the user's own file."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.configuration.config import Config
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from dashboards.address import Address, parsed
from dashboards.library import Library, Snapshot
from dashboards.pages import PAGES
from dashboards.pages.shards import chosen_product
from dashboards.view import NotThereError, command, nearest, pair_of, view_of
from tests.dashboards.conftest import Look

CHANNELS, MASSES = ("bb", "Z.+-_", "x" * 100), (5e-324, 1e-7, 0.1, 12.5, 1e15, 1e16, 1.7976931348623157e308)
SEEDS, ANALYSES = (0, 1, 2**63 - 1), ("mine", "A.+-_", "9" * 100)


class OddNames(Library):
    """Analyses, channels, masses and seeds that are called as oddly as names in paths may be, without a file."""

    def analyses(self) -> list[str]:
        return list(ANALYSES)

    def snapshot(self, analysis: str) -> Snapshot:
        keys = product(CHANNELS, MASSES, SEEDS)
        made = [ProductKey("sensitivity", {"channel": c, "mass": m, "seed": seed}) for c, m, seed in keys]
        return Snapshot(ProductStore("nowhere", analysis), {}, {"sensitivity": tuple(made)})


@settings(max_examples=25, deadline=None)
@given(
    analysis=st.sampled_from(ANALYSES) | st.none(),
    page=st.sampled_from([*PAGES, "no such page"]),
    channel=st.sampled_from(CHANNELS) | st.none(),
    mass=st.sampled_from(MASSES) | st.none(),
    seed=st.sampled_from(SEEDS) | st.none(),
    place=st.integers(0, len(CHANNELS) * len(MASSES) * len(SEEDS) - 1) | st.none(),
    theme=st.sampled_from(["default", "dark"]),
)
def test_any_view_comes_back_from_its_own_address(place: int | None, **said: Any) -> None:
    odd_names = OddNames("nowhere")
    view = view_of(odd_names, Address(**said))
    if place is not None:
        chosen = view.snapshot.of("sensitivity")[place]
        view = view_of(odd_names, view.address.at(product=str(chosen)))
        assert chosen_product(view) == chosen
    assert view_of(odd_names, parsed(view.address.query)).address == view.address
    wanted = {name: value for name, value in said.items() if value is not None}
    assert {name: getattr(view.address, name) for name in wanted} == wanted
    assert (view.address.channel, view.address.mass) in view.snapshot.pairs


def test_a_product_of_all_keys_with_the_longest_channel_comes_back_from_its_address() -> None:
    keys = {"channel": "x" * 100, "mass": 2.2250738585072014e-308, "n_injected": 2**63 - 1, "seed": 2**63 - 1}
    name = str(ProductKey("s" * 100, keys | {"confidence_level": 0.12345678901234567}))
    assert parsed(Address(product=name).query).product == name


def test_what_an_address_leaves_out_is_chosen(look: Look) -> None:
    address = look().address
    assert (address.analysis, address.channel, address.mass, address.seed) == ("public-3y", "tautau", 20.0, 1)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?channel=WW", "no such channel as 'WW'; there are bb, tautau"),
        ("?channel=tautau&mass=18", "no such mass as 18; there are 5, 20"),
        ("?seed=7", "no such seed as 7; there are 1"),
        ("?analysis=../secrets", "no such analysis as '../secrets'; there are public-3y"),
        ("?analysis=%2Fetc", "no such analysis as '/etc'"),
        ("?analysis=<script>", "no such analysis as '<script>'"),
    ],
)
def test_what_is_not_there_is_said(look: Look, query: str, told: str) -> None:
    with pytest.raises(NotThereError, match="There is no such") as said:
        look(query)
    assert told in str(said.value)


def test_a_hostile_name_reads_nothing_outside_the_root(store: ProductStore, tmp_path: Path) -> None:
    outside = tmp_path / "outside" / "sources"
    outside.mkdir(parents=True)
    (outside / "part-0000.parquet").write_bytes(b"")
    library = Library(str(store.root))
    with pytest.raises(NotThereError):
        view_of(library, Address("../outside"))
    assert library.analyses() == ["public-3y"]


def test_an_empty_root_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(NotThereError) as said:
        view_of(Library(str(tmp_path / "nowhere")), parsed(""))
    assert said.value.command == f"dwarfnu run --products {tmp_path / 'nowhere'}"
    assert not (tmp_path / "nowhere").exists()


def test_commands_have_the_file_that_was_given() -> None:
    given = Library("products", "mine", Config(analysis="mine"), "'my own.toml'")
    assert command(given, "mine", "run", "--only-failed") == "dwarfnu run 'my own.toml' --only-failed"
    assert command(Library("products"), "public-3y", "run") == "dwarfnu run"
    assert command(Library("products"), "other", "certify") == "dwarfnu certify CONFIG.toml"


def test_the_pair_nearest_to_20_gev_is_shown_first() -> None:
    assert pair_of([("bb", 10.0), ("bb", 30.0)], None, None) == ("bb", 30.0)
    assert pair_of([], None, None) == (None, None)
    assert nearest([5.0, 20.0], 10.5) == 20.0
    assert nearest([5.0, 20.0], 9.5) == 5.0
