"""Columns of a user's file: parted by commas, semicolons or blanks, named or by their number."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.spectra.user_columns import read_columns


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "energy,dn_de\n1,2\n3,4\n",
        "energy; dn_de\n1; 2\n3; 4\n",
        "energy dn_de\n1 2\n\n3\t4  # the last\n",
        "# energy dn_de\n1 2\n3 4\n",
        "1 2\n3 4\n",
        '"energy","dn_de"\n1,2\n3,4\n',
    ],
)
def test_however_it_is_written(tmp_path: Path, text: str) -> None:
    columns = read_columns(written(tmp_path, text))
    assert list(columns.values) == ["energy", "dn_de"]
    assert columns.numbers("energy", 0.0, 10.0, "0 to 10").tolist() == [1.0, 3.0]
    assert columns.numbers("dn_de", 0.0, 10.0, "0 to 10").tolist() == [2.0, 4.0]


def test_three_columns_without_names_begin_with_the_mass(tmp_path: Path) -> None:
    assert list(read_columns(written(tmp_path, "10 1 2\n10 3 4\n")).values) == ["mass", "energy", "dn_de"]
    np.save(tmp_path / "mine.npy", np.array([[10.0, 1.0, 2.0]]))
    assert read_columns(tmp_path / "mine.npy").values["mass"] == [10.0]


def test_an_array_may_name_its_fields(tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", np.array([(1.0, 2.0)], dtype=[("dn_de", float), ("energy", float)]))
    assert read_columns(tmp_path / "mine.npy").values == {"dn_de": [1.0], "energy": [2.0]}


def test_a_value_out_of_range_is_named_with_its_row_in_the_file(tmp_path: Path) -> None:
    columns = read_columns(written(tmp_path, "# mine\nenergy,dn_de\n1,2\n\n-3,x\n"))
    with pytest.raises(InputError, match=r"mine.csv: row 5, column energy: '-3'; allowed is above 0"):
        columns.numbers("energy", 0.0, 10.0, "above 0")
    with pytest.raises(InputError, match="row 5, column dn_de: 'x'; allowed is"):
        columns.numbers("dn_de", 0.0, 10.0, "a number")


def test_an_empty_field_may_stand_for_a_value(tmp_path: Path) -> None:
    columns = read_columns(written(tmp_path, "energy,dn_de\n1,\n3,4\n"))
    assert columns.numbers("dn_de", 0.0, 10.0, "0 to 10", empty=0.0).tolist() == [0.0, 4.0]
    with pytest.raises(InputError, match="row 2, column dn_de: ''"):
        columns.numbers("dn_de", 0.0, 10.0, "0 to 10")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no rows"),
        ("# nothing\n", "holds no rows"),
        ("energy,dn_de\n", "names columns and has no rows below them"),
        ("energy,energy\n1,2\n", "row 1 names the column energy more than once"),
        ("energy,dn_de\n1,2\n3\n", "row 3 has 1 values; allowed are 2: energy"),
        ("1 2 3 4\n", "4 columns without names; allowed are 2 columns"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_columns(written(tmp_path, text))


def test_arrays_of_other_shapes_and_pickles_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "flat.npy", np.ones(4))
    np.save(tmp_path / "pickled.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(InputError, match=r"is an array of the shape \(4,\); allowed are 2 columns"):
        read_columns(tmp_path / "flat.npy")
    with pytest.raises(InputError, match="is no array of numbers"):
        read_columns(tmp_path / "pickled.npy")
