"""Catalogues in whatever table they stand: columns by their names, positions in degrees."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.dark_matter.catalogue_files import catalogue_table, missing_columns
from core.errors import InputError

HEADLESS = ["source", "ra_deg", "dec_deg"]
NEEDED = ("source", "ra_deg", "dec_deg", "distance_kpc")


def written(folder: Path, text: str, name: str = "mine.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "source,ra_deg,dec_deg\nDraco,260,57.9\n",
        "# of mine\nsource;ra_deg;dec_deg\nDraco;260;57.9\n",
        "Source\tRA_deg\tDEC_deg\nDraco\t260\t57.9\n",
        "name,ra,dec\nDraco,260,57.9\n",
        "Galaxy,RAJ2000,DEJ2000\nDraco,260,57.9\n",
        "Draco,260,57.9\n",
        "name,ra,dec\nDraco,17:20:00,+57:54:00\n",
        "name,ra,dec\nDraco,17h20m00s,57d54m00s\n",
    ],
)
def test_however_it_is_written(tmp_path: Path, text: str) -> None:
    table = catalogue_table(written(tmp_path, text), HEADLESS)
    assert list(table.columns) == HEADLESS
    (row,) = table.to_dict("records")
    assert row["source"] == "Draco"
    assert float(row["ra_deg"]) == pytest.approx(260.0)
    assert float(row["dec_deg"]) == pytest.approx(57.9)


def test_south_of_the_equator_minutes_go_south(tmp_path: Path) -> None:
    table = catalogue_table(written(tmp_path, "name,ra,dec\nFornax,02:39:59.3,-34:26:57\n"), HEADLESS)
    assert table["dec_deg"][0] == pytest.approx(-(34 + 26 / 60 + 57 / 3600))
    assert table["ra_deg"][0] == pytest.approx(15.0 * (2 + 39 / 60 + 59.3 / 3600))


@pytest.mark.parametrize("empty", ["", "nan", "N/A", "--"])
def test_nothing_given_is_no_number(tmp_path: Path, empty: str) -> None:
    table = catalogue_table(written(tmp_path, f"source,ra_deg,dec_deg,d_factor\nDraco,1,2,{empty}\n"), HEADLESS)
    assert np.isnan(table["d_factor"][0])


def test_parquet_holds_the_same(tmp_path: Path) -> None:
    pd.DataFrame({"Name": ["Draco"], "RA": [260.0], "Dec": [57.9]}).to_parquet(tmp_path / "mine.parquet")
    table = catalogue_table(tmp_path / "mine.parquet", HEADLESS)
    assert table.to_dict("records") == [{"source": "Draco", "ra_deg": 260.0, "dec_deg": 57.9}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source,ra_deg,dec_deg\nDraco,260\n", "line 2 has 2 values, the first has 3"),
        ("a,b\n1,2\n", "its first line has neither the header source,ra_deg,dec_deg"),
        ("", "is not a source catalogue"),
        ("source,ra_deg,ra_deg\nDraco,1,2\n", "names the column ra_deg twice"),
    ],
)
def test_what_is_no_catalogue_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        catalogue_table(written(tmp_path, text), HEADLESS)


def test_packed_and_lost_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "mine.csv.gz").write_bytes(b"\x1f\x8b" + bytes(20))
    with pytest.raises(InputError, match="is packed, or a spreadsheet"):
        catalogue_table(tmp_path / "mine.csv.gz", HEADLESS)
    with pytest.raises(InputError, match="cannot read the source catalogue"):
        catalogue_table(tmp_path / "nowhere.csv", HEADLESS)


def test_a_column_that_may_be_meant_is_named() -> None:
    assert missing_columns(list(NEEDED), NEEDED) == ""
    assert missing_columns(["source", "ra_deg", "dec_deg", "dist"], NEEDED) == "distance_kpc (is it dist?)"
    assert (
        missing_columns(["source", "ra_deg", "dec_deg", "distanc_kpc"], NEEDED) == "distance_kpc (is it distanc_kpc?)"
    )
    assert missing_columns(["source", "ra_deg", "dec_deg"], NEEDED) == "distance_kpc"
