"""Columns of tables: their least and greatest value, whatever file they stand in."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import InputError
from core.events.table_summary import ROWS_AT_ONCE, npy_columns, parquet_columns, text_columns


def test_ranges_hold_over_all_pieces_of_a_column(tmp_path: Path) -> None:
    values = np.linspace(-5.0, 9.0, ROWS_AT_ONCE + 3)
    events = np.zeros(len(values), dtype=[("time", ">f8"), ("logE", "f4")])
    events["time"], events["logE"] = 56_000.0 + values, 1.0
    events["logE"][-1] = 25.0
    np.save(path := tmp_path / "a.npy", events)
    n_rows, (time, energy) = npy_columns(path)
    assert n_rows == len(values)
    assert (time.values, time.unit, time.problem) == ("55995 to 56009", "d", "")
    assert energy.problem == "1 not -300 to 9 log10 GeV: not the log10 that it should be?"


def test_lists_nulls_and_nan_of_parquet(tmp_path: Path) -> None:
    table = pa.table({"a": [1.0, None, float("nan")], "b": [[1, 2], [], [9]], "c": ["x", "y", None], "d": pa.nulls(3)})
    pq.write_table(table, path := tmp_path / "a.parquet")
    n_rows, _, columns = parquet_columns(path, lambda _: None)
    assert n_rows == 3
    assert [(column.values, column.n_missing) for column in columns] == [
        ("1 to 1", 2),
        ("1 to 9", 0),
        ("x, y", 1),
        ("nothing", 3),
    ]


def test_text_has_its_names_in_the_first_row_or_none(tmp_path: Path) -> None:
    (path := tmp_path / "a.csv").write_text("\N{BYTE ORDER MARK}mass;limit\n10;1,5e-23\n20;\n", encoding="utf-8")
    n_rows, (mass, limit) = text_columns(path)
    assert (n_rows, mass.name, mass.values) == (2, "mass", "10 to 20")
    assert (limit.values, limit.n_missing) == ("1.5e-23 to 1.5e-23", 1)
    path.write_text("1 2\n3 4\n", encoding="utf-8")
    assert [column.name for column in text_columns(path)[1]] == ["column 1", "column 2"]
    path.write_text("1 2\n3\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2 has 1 cells, 2 are due"):
        text_columns(path)


def test_numbers_that_are_none_and_infinite_ones_are_told_apart(tmp_path: Path) -> None:
    (path := tmp_path / "a.csv").write_text("reco_energy,weight\n10,nan\n-3,1\ninf,2\n", encoding="utf-8")
    _, (energy, weight) = text_columns(path)
    assert (energy.values, energy.n_missing) == ("-3 to inf", 0)
    assert energy.problem.startswith("2 not above 0 up to 1e+09 GeV")
    assert (weight.values, weight.n_missing, weight.problem) == ("1 to 2", 1, "")


def test_many_long_words_are_cut(tmp_path: Path) -> None:
    words = [letter * 1000 for letter in "edcba"]
    pq.write_table(pa.table({"name": words}), path := tmp_path / "a.parquet")
    _, _, (column,) = parquet_columns(path, lambda _: None)
    assert column.values == ", ".join(letter * 40 for letter in "abcd") + ", …"


@pytest.mark.parametrize("text", ["", "\n\n", "# a comment alone\n"])
def test_text_without_rows_is_refused(text: str, tmp_path: Path) -> None:
    (path := tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="has no rows"):
        text_columns(path)


def test_what_the_check_refuses_is_not_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1.0]}), path := tmp_path / "a.parquet")

    def refuse(_: dict[bytes, bytes]) -> None:
        raise InputError("sealed")

    with pytest.raises(InputError, match=r"^sealed$"):
        parquet_columns(path, refuse)
