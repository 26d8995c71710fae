"""What was verified once is not read again while it stands, and whatever changes a file ends that."""

import os
import time
from pathlib import Path

import pytest

from core.errors import ProductError
from core.products import files, memory
from core.products.memory import MEMORY_NAME
from core.products.recipe import State
from core.products.store import ProductStore
from tests.core.store_cases import PAIR, acceptance, acceptance_recipe


@pytest.fixture
def settled(store: ProductStore, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A product whose file is old enough for its clock to tell any change."""
    monkeypatch.setattr(files, "CLOCK_MARGIN", 0.0)
    path = Path(store.write(acceptance_recipe(), acceptance()))
    time.sleep(0.02)
    assert store.state("acceptance", **PAIR) is State.FRESH
    store.memory.save()
    return path


def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are verified from now on."""
    read: list[str] = []
    verify = files.read_verified_metadata
    monkeypatch.setattr(files, "read_verified_metadata", lambda path: read.append(str(path)) or verify(path))
    return read


def test_an_unchanged_file_is_read_once_for_all_processes(
    store: ProductStore, settled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = reads(monkeypatch)
    assert ProductStore(store.root).state("acceptance", **PAIR) is State.FRESH
    assert read == []
    forgetful = ProductStore(store.root)
    forgetful.memory.forget()
    assert forgetful.state("acceptance", **PAIR) is State.FRESH
    assert read == [str(settled)]


def test_a_changed_file_is_read_again_although_its_times_are_put_back(store: ProductStore, settled: Path) -> None:
    before = settled.stat()
    content = bytearray(settled.read_bytes())
    content[len(content) // 2] ^= 1
    settled.write_bytes(content)
    os.utime(settled, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert settled.stat().st_size == before.st_size
    assert ProductStore(store.root).state("acceptance", **PAIR) is State.FAILED


def test_a_damaged_memory_is_as_good_as_none(
    store: ProductStore, settled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered = Path(store.root) / store.analysis / MEMORY_NAME
    remembered.write_bytes(remembered.read_bytes()[:-10])
    read = reads(monkeypatch)
    assert ProductStore(store.root).state("acceptance", **PAIR) is State.FRESH
    assert read == [str(settled)]


def test_what_is_no_more_is_forgotten_and_what_another_learnt_is_kept(store: ProductStore, settled: Path) -> None:
    remembered = Path(store.root) / store.analysis / MEMORY_NAME
    other = ProductStore(store.root)
    other.memory.keep((str(settled.with_name("part-0001.parquet")), 1, 2, 3), {})
    other.memory.save()
    assert b"part-0000" in remembered.read_bytes()
    assert b"part-0001" not in remembered.read_bytes()


def test_a_memory_that_cannot_be_written_stops_nothing(store: ProductStore, settled: Path) -> None:
    remembered = Path(store.root) / store.analysis / MEMORY_NAME
    remembered.unlink()
    remembered.mkdir()
    again = ProductStore(store.root)
    assert again.state("acceptance", **PAIR) is State.FRESH
    again.memory.save()


def test_a_small_table_is_read_once_until_its_file_changes(
    store: ProductStore, settled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = store.read("acceptance", **PAIR)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(files, "read_table", lambda *_: pytest.fail("read again"))
        assert store.read("acceptance", **PAIR).equals(first)
    settled.write_bytes(settled.read_bytes()[:-100])
    with pytest.raises(ProductError, match="is damaged"):
        store.read("acceptance", **PAIR)


def test_large_tables_are_not_kept_and_small_ones_up_to_a_limit(
    store: ProductStore, settled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SMALL_TABLE", "ALL_TABLES"):
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(memory, name, 0)
            assert store.memory.read_table(settled) is not store.memory.read_table(settled)
    assert store.memory.read_table(settled) is store.memory.read_table(settled)
    store.memory.forget()
    assert store.memory.read_table(settled) is store.memory.read_table(settled)
