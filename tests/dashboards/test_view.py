"""An address shows what exists and names it when it does not; commands carry the user's own file."""

from pathlib import Path

import pytest

from core.configuration.config import Config
from core.products.store import ProductStore
from dashboards.address import Address, parsed
from dashboards.library import Library
from dashboards.view import NotThereError, command, nearest, pair_of, view_of
from tests.dashboards.conftest import Look


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
