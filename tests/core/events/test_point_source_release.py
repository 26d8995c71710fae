"""Tables of the ten-year point-source release: found, read, and refused with file, column, row, value and cause."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.events.point_source_release import (
    AREA_COLUMNS,
    EVENT_COLUMNS,
    POINT_SOURCE_SEASONS,
    SMEARING_COLUMNS,
    UPTIME_COLUMNS,
    check_release,
    read_point_source_table,
    seasons_named,
)
from core.events.ranges import POINT_SOURCE_RANGES
from tests.drawn_point_source import (
    effective_area_rows,
    event_rows,
    smearing_rows,
    uptime_rows,
    write_drawn_point_source,
    write_table,
)

SEASON = POINT_SOURCE_SEASONS[4]
TABLES = {
    EVENT_COLUMNS: event_rows(SEASON, 40),
    UPTIME_COLUMNS: uptime_rows(SEASON),
    AREA_COLUMNS: effective_area_rows(),
    SMEARING_COLUMNS: smearing_rows(),
}
# Column, what stands in it, and the words of the refusal.
WRONG = [
    ("MJD[days]", 2456100.5, "MJD.days. is 2456100.5 in 1 of 40 rows, first in row 8: .* a Julian date"),
    ("MJD[days]", 1.34e9, "is 1340000000.0 .* in seconds"),
    ("log10(E/GeV)", 1500.0, "is 1500.0 .* in GeV, and not its log10"),
    ("AngErr[deg]", 0.01, "is 0.01 .* 0.2 to 180 deg are due; in rad"),
    ("AngErr[deg]", 0.0, "is 0.0 .* a fit that failed"),
    ("RA[deg]", -12.0, "is -12.0 .* 0 to 360 deg are due; its sign"),
    ("Dec[deg]", 120.0, "is 120.0 .* -90 to 90 deg are due; a right ascension"),
    ("Azimuth[deg]", 361.0, "is 361.0 .* 0 to 360 deg are due"),
    ("Zenith[deg]", -30.0, "is -30.0 .* 0 to 180 deg are due; a declination"),
    ("MJD_start[days]", 2456100.5, "in 1 of 30 rows, first in row 8: .* a Julian date"),
    ("MJD_stop[days]", 12.0, "a year, or days since another day"),
    ("log10(E_nu/GeV)_min", 100.0, "in GeV, and not its log10"),
    ("log10(E_nu/GeV)_max", -1.0, "is -1.0 .* its sign"),
    ("Dec_nu_min[deg]", 200.0, "is 200.0 .* a right ascension"),
    ("Dec_nu_max[deg]", -91.0, "is -91.0"),
    ("A_Eff[cm^2]", -3.0, "is -3.0 .* finite numbers from 0 cm2 are due; its sign|0 to 1e.13 cm2 are due; its sign"),
    ("log10(E/GeV)_min", 300.0, "in GeV, and not its log10"),
    ("log10(E/GeV)_max", 300.0, "in GeV, and not its log10"),
    ("PSF_min[deg]", -1.0, "is -1.0 .* 0 to 180 deg are due; its sign"),
    ("PSF_max[deg]", 181.0, "is 181.0 .* 0 to 180 deg are due"),
    ("AngErr_min[deg]", -1.0, "is -1.0"),
    ("AngErr_max[deg]", 400.0, "is 400.0"),
    ("Fractional_Counts", 17.0, "is 17.0 .* a number of events, and not their share"),
]
# Columns that are in another unit as a whole, with the factor to it.
OTHER_UNITS = {
    "RA[deg]": np.pi / 180.0,
    "Dec[deg]": np.pi / 180.0,
    "Azimuth[deg]": np.pi / 180.0,
    "Zenith[deg]": np.pi / 180.0,
    "AngErr[deg]": np.pi / 180.0,
    "Dec_nu_min[deg]": np.pi / 180.0,
    "Dec_nu_max[deg]": np.pi / 180.0,
    "A_Eff[cm^2]": 1e-4,
    "PSF_max[deg]": np.pi / 180.0,
    "AngErr_max[deg]": np.pi / 180.0,
}


def columns_with(name: str) -> tuple[str, ...]:
    return next(columns for columns in TABLES if name in columns)


def read_changed(folder: Path, name: str, change: float, row: int | None = None) -> None:
    """Read the table that has a column, with one value replaced or all of them scaled."""
    columns = columns_with(name)
    rows = TABLES[columns].copy()
    if row is None:
        rows[:, columns.index(name)] *= change
    else:
        rows[row, columns.index(name)] = change
    write_table(folder / "a.csv", columns, rows)
    read_point_source_table(folder / "a.csv", columns)


def test_every_column_of_the_release_has_a_range_and_is_tried() -> None:
    every = {name for columns in TABLES for name in columns}
    assert every == POINT_SOURCE_RANGES.keys() == {name for name, _, _ in WRONG}


@pytest.mark.parametrize("columns", TABLES, ids=["events", "uptime", "area", "smearing"])
def test_a_table_is_read_as_it_was_written(columns: tuple[str, ...], tmp_path: Path) -> None:
    write_table(tmp_path / "a.csv", columns, TABLES[columns])
    plain = read_point_source_table(tmp_path / "a.csv", columns)
    np.testing.assert_allclose(np.stack(list(plain.values()), axis=1), TABLES[columns], rtol=1e-14)
    text = (tmp_path / "a.csv").read_text().replace("# ", "")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(text.encode()))
    packed = read_point_source_table(tmp_path / "b.csv.gz", columns)
    for name, values in plain.items():
        np.testing.assert_array_equal(packed[name], values)


@pytest.mark.parametrize(("name", "value", "said"), WRONG)
def test_a_value_that_cannot_be_is_told_with_its_cause(name: str, value: float, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said) as refused:
        read_changed(tmp_path, name, value, row=7)
    assert f"a.csv: column {name} is {float(value)} in 1 of " in str(refused.value)
    assert "first in row 8" in str(refused.value)


@pytest.mark.parametrize(("name", "factor"), OTHER_UNITS.items())
def test_a_column_in_another_unit_is_told_as_a_whole(name: str, factor: float, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.csv: column .* in row \d+: .*are due; in (rad|m2)"):
        read_changed(tmp_path, name, factor)


def test_cells_without_simulated_events_are_no_values(tmp_path: Path) -> None:
    rows = smearing_rows(without_first_cell=True)
    write_table(tmp_path / "a.csv", SMEARING_COLUMNS, rows)
    assert read_point_source_table(tmp_path / "a.csv", SMEARING_COLUMNS)["PSF_max[deg]"][0] == 0.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# MJD[days]\n55000\n", r"lacks the columns MJD_start\[days\] .*; it has MJD\[days\]"),
        ("", "lacks the columns"),
        ("# MJD_start[days] MJD_stop[days]\n", "no rows below them"),
        ("# MJD_start[days] MJD_stop[days]\n55000 soon\n", r"column MJD_stop\[days\] is 'soon' in row 1"),
        ("# MJD_start[days] MJD_stop[days]\n55000\n", r"column MJD_stop\[days\] is 'nan' in row 1"),
        ("# MJD_start[days] MJD_stop[days]\n55000 55001 3\n", "cannot read"),
    ],
)
def test_what_is_no_table_of_the_release_is_one_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as refused:
        read_point_source_table(tmp_path / "a.csv", UPTIME_COLUMNS)
    assert len(str(refused.value).splitlines()) == 1


def test_a_torn_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"# MJD_start[days] MJD_stop[days]\n55000 55001\n" * 99)[:40])
    with pytest.raises(InputError, match=r"cannot read .*a\.csv\.gz"):
        read_point_source_table(tmp_path / "a.csv.gz", UPTIME_COLUMNS)


def test_every_file_of_every_season_is_due(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no folder"):
        check_release(tmp_path / "none")
    with pytest.raises(InputError, match="lacks the folders events, uptime, irfs"):
        check_release(tmp_path)
    folder = write_drawn_point_source(tmp_path, n_events=3)
    check_release(folder)
    for name in ("irfs/IC86_II_smearing.csv", "irfs/IC40_effectiveArea.csv", "uptime/IC59_exp.csv"):
        (folder / name).unlink()
        with pytest.raises(InputError, match=f"lacks {Path(name).name}"):
            check_release(folder)
        (folder / name).touch()
    (folder / "events/IC86_VII_exp.csv").unlink()
    with pytest.raises(InputError, match=r"events: lacks IC86_VII_exp\.csv"):
        check_release(folder)
    check_release(folder, POINT_SOURCE_SEASONS[:-1])


def test_seasons_are_of_ten_years_and_share_the_last_response() -> None:
    assert [season.name for season in POINT_SOURCE_SEASONS] == [
        *("IC40_2008", "IC59_2009", "IC79_2010"),
        *(f"IC86_{year}" for year in range(2011, 2018)),
    ]
    assert {season.response_name for season in POINT_SOURCE_SEASONS[4:]} == {"IC86_II"}
    assert seasons_named(()) == POINT_SOURCE_SEASONS
    assert seasons_named(("IC86_II", "IC40")) == (POINT_SOURCE_SEASONS[0], POINT_SOURCE_SEASONS[4])
    with pytest.raises(InputError, match=r"no season 'IC86_VIII' .* it has IC40, "):
        seasons_named(("IC86_VIII",))
