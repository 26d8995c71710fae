"""Room on the disk: what is free less a hundredth of it, and sizes in words."""

import shutil
from collections import namedtuple
from pathlib import Path

import pytest
from upath import UPath

from core.errors import ProductError
from core.products import room
from core.products.room import check_room, in_bytes, usable_space

Disk = namedtuple("Disk", ("total", "used", "free"))


@pytest.mark.parametrize(("total", "free", "usable"), [(1000, 500, 490), (1000, 5, 0), (10**15, 10**12, 999 * 10**9)])
def test_a_hundredth_of_the_disk_at_most_1_gb_stays_free(
    total: int, free: int, usable: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: Disk(total, total - free, free))
    assert usable_space(UPath(tmp_path)) == usable


def test_a_folder_to_come_has_the_room_of_the_one_that_stands(tmp_path: Path) -> None:
    found = usable_space(UPath(tmp_path / "not" / "yet"))
    assert found is not None
    assert 0 <= found < shutil.disk_usage(tmp_path).total
    assert not (tmp_path / "not").exists()


def test_of_an_object_store_nobody_can_tell() -> None:
    root = UPath("memory://somewhere")
    assert usable_space(root) is None
    check_room(root, 1e30, "anything")


def test_of_what_is_no_disk_nobody_can_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: Disk(0, 0, 0))
    assert usable_space(UPath(tmp_path)) is None


def test_what_does_not_fit_is_refused_with_both_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: Disk(100_000_000, 0, 3_000_000))
    check_room(UPath(tmp_path), 2e6, "spectra")
    with pytest.raises(ProductError, match=r"no room for spectra: about 2\.1 MB to write, 2\.0 MB may be used"):
        check_room(UPath(tmp_path), 2.1e6, "spectra")


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (9.96e3, "10 kB"), (4e11, "400 GB"), (9.999e11, "1.0 TB")],
)
def test_sizes_in_words(size: float, words: str) -> None:
    assert in_bytes(size) == words
