"""A source of spectra is ours by name, else a folder or a file; it is read again only when it has changed."""

import os
from pathlib import Path

import pytest

from core.errors import InputError
from core.spectra.origins import source_fingerprint, spectrum_table
from core.spectra.shipped import SHIPPED_SPECTRA


def test_ours_is_the_shipped_table() -> None:
    assert spectrum_table() is spectrum_table("pythia")
    ((name, size, _),) = source_fingerprint("pythia")
    assert name == str(SHIPPED_SPECTRA)
    assert size == SHIPPED_SPECTRA.stat().st_size


def test_a_folder_goes_by_its_tables(tmp_path: Path) -> None:
    for name in ("b.dat", "a.dat", "notes.txt"):
        (tmp_path / name).write_text("1\n")
    before = source_fingerprint(tmp_path)
    assert [Path(name).name for name, _, _ in before] == ["a.dat", "b.dat"]
    (tmp_path / "notes.txt").write_text("2 3\n")
    assert source_fingerprint(tmp_path) == before
    os.utime(tmp_path / "a.dat", (0, 0))
    assert source_fingerprint(tmp_path) != before


def test_where_no_table_stands_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere: no table of spectra stands there \(No such file or directory\)"):
        spectrum_table(tmp_path / "nowhere")
    with pytest.raises(InputError, match="no tables of spectra stand there; expected"):
        spectrum_table(tmp_path)
