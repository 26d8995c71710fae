"""A file that is given counts by its content, a folder by the names and contents of its tables."""

from pathlib import Path

import pytest

from core.errors import InputError
from core.stages.given_files import file_digest, folder_digest


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    (tmp_path / "b.dat").write_text("2 3\n")
    (tmp_path / "a.dat").write_text("1 2\n")
    (tmp_path / "notes.txt").write_text("not a table\n")
    return tmp_path


def digest(folder: Path) -> str:
    return folder_digest(folder, "*.dat", "spectra.source")


def test_the_same_content_is_the_same_file(tables: Path) -> None:
    copied = tables / "copied.dat"
    copied.write_bytes((tables / "a.dat").read_bytes())
    assert file_digest(copied) == file_digest(tables / "a.dat") != file_digest(tables / "b.dat")


def test_a_folder_changes_with_its_tables_alone(tables: Path) -> None:
    before = digest(tables)
    (tables / "notes.txt").write_text("other notes\n")
    assert digest(tables) == before
    (tables / "a.dat").write_text("1 3\n")
    changed = digest(tables)
    (tables / "a.dat").rename(tables / "c.dat")
    assert len({before, changed, digest(tables)}) == 3


def test_a_table_by_itself_is_a_folder_of_one(tables: Path) -> None:
    alone = digest(tables / "a.dat")
    assert alone != digest(tables)
    (tables / "b.dat").unlink()
    assert digest(tables) == alone


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*nowhere.dat: No such file or directory"):
        file_digest(tmp_path / "nowhere.dat")
    with pytest.raises(InputError, match=r"spectra.source .*: the folder holds no .dat tables"):
        digest(tmp_path)
