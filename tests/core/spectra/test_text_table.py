"""Spectra in text: what is not a whole table is refused with row and column."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.spectra.text_table import read_text_table

ROWS = ["m x bb WW", "5 -2 1 10", "5 -1 2 20", "9 -2 3 30", "9 -1 4 40"]


def written(folder: Path, *rows: str) -> Path:
    path = folder / "table.dat"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_columns_are_by_mass_and_x(tmp_path: Path) -> None:
    table = read_text_table(written(tmp_path, *ROWS), str.split)
    assert table.masses.tolist() == [5.0, 9.0]
    assert table.log10_x.tolist() == [-2.0, -1.0]
    np.testing.assert_array_equal(table.column("WW"), [[10.0, 20.0], [30.0, 40.0]])
    with pytest.raises(InputError, match="has no column 'cc'; it has bb, WW"):
        table.column("cc")


@pytest.mark.parametrize(
    ("row", "text", "said"),
    [
        (0, "m,x,bb", "row 1 is separated by ',', expected blanks or tabs"),
        (0, "m x", "row 1 names 2 columns, expected mass, log10 x and at least one channel"),
        (0, "m x bb bb", "row 1 names the column 'bb' more than once"),
        (2, "5 -1 2", "row 3 ends before column 'WW': 3 of 4 values, truncated"),
        (2, "5 -1 2 3 4", "row 3 goes on after column 'WW': 5 values for 4 columns"),
        (2, "5,-1,2,3", "row 3, column 'm': separated by ','"),
        (2, "5 -1 two 20", "row 3, column 'bb': 'two' is no number"),
        (2, "5 -1 inf 20", "row 3, column 'bb': 'inf' is not finite"),
        (2, "5 -1 -2 20", "row 3, column 'bb': '-2' is negative"),
        (2, "5 -3 2 20", "row 3, column 'x': -3 after -2, reordered"),
        (3, "4 -2 3 30", "row 4, column 'm': 4 after 5, reordered"),
        (4, "9 -1.5 4 40", "row 5, column 'x': mass 9 has 2 values of log10 x that are not the 2 of mass 5"),
        (4, "", "mass 9 has 1 values of log10 x that are not the 2 of mass 5; rows missing"),
    ],
)
def test_what_is_amiss_is_named(tmp_path: Path, row: int, text: str, said: str) -> None:
    path = written(tmp_path, *ROWS[:row], text, *ROWS[row + 1 :])
    with pytest.raises(InputError) as raised:
        read_text_table(path, str.split)
    assert said in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_file_without_rows_or_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has a header and no rows"):
        read_text_table(written(tmp_path, ROWS[0]), str.split)
    (tmp_path / "empty").touch()
    with pytest.raises(InputError, match="is empty"):
        read_text_table(tmp_path / "empty", str.split)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("binary", "nowhere"):
        with pytest.raises(InputError, match=r"cannot (be )?read|is not text|no text"):
            read_text_table(tmp_path / name, str.split)
