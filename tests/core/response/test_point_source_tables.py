"""Effective area and smearing of the ten-year point-source release, held to the model that drew its files."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.events.point_source_release import AREA_COLUMNS, SMEARING_COLUMNS
from core.response.point_source_tables import Smearing, bin_index, read_effective_area, read_smearing
from tests.drawn_point_source import (
    AREA_LOG10_EDGES,
    AREA_SIN_EDGES,
    N_RECO,
    SMEARING_DEC_EDGES,
    SMEARING_LOG10_EDGES,
    area_of,
    effective_area_rows,
    smearing_rows,
    write_table,
)

N_ENERGIES = len(SMEARING_LOG10_EDGES) - 1


def written_area(folder: Path, rows: np.ndarray) -> Path:
    write_table(folder / "area.csv", AREA_COLUMNS, rows)
    return folder / "area.csv"


def smearing_of(folder: Path, rows: np.ndarray) -> Smearing:
    write_table(folder / "smearing.csv", SMEARING_COLUMNS, rows)
    return read_smearing(folder / "smearing.csv")


def test_the_area_of_a_bin_is_that_of_its_row_whatever_the_order(tmp_path: Path) -> None:
    area = read_effective_area(written_area(tmp_path, effective_area_rows()[::-1]))
    np.testing.assert_allclose(area.log10_energy_edges, AREA_LOG10_EDGES)
    np.testing.assert_allclose(area.sin_dec_edges, AREA_SIN_EDGES, atol=1e-12)
    expected = area_of(np.array([2.5, 2.9]), np.array([0.42, -0.98]))
    np.testing.assert_allclose(area.at(np.array([2.55, 2.81]), np.array([0.435, -1.0])), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[1:], "has 1999 rows for 2000 bins"),
        (lambda rows: np.concatenate([rows, rows[:1]]), "row 2001 is of a bin that another row is of"),
        (lambda rows: rows[rows[:, 3] <= 80.0], "declinations go from -90 to .*: -90 to 90 deg are due"),
        (lambda rows: rows[:, [1, 0, 2, 3, 4]], r"column log10.E_nu/GeV._max is 2.0 in row 1: values above"),
        (lambda rows: np.concatenate([rows[:1] + np.eye(5)[3], rows[1:]]), "overlaps another"),
    ],
)
def test_what_is_no_grid_of_the_whole_sky_is_refused(change: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        read_effective_area(written_area(tmp_path, change(effective_area_rows())))  # type: ignore[operator]


def test_the_shares_of_a_cell_end_at_one(tmp_path: Path) -> None:
    smearing = smearing_of(tmp_path, smearing_rows())
    last = smearing.first[1:] - 1
    np.testing.assert_allclose(smearing.cumulative[last], np.arange(3 * N_ENERGIES) + 1.0)
    assert smearing.n_empty == 0
    np.testing.assert_allclose(smearing.sin_dec_edges, np.sin(np.deg2rad(SMEARING_DEC_EDGES)))


def test_the_cell_of_a_neutrino_is_that_of_its_energy_and_declination(tmp_path: Path) -> None:
    smearing = smearing_of(tmp_path, smearing_rows())
    cells = smearing.cells(np.array([2.1, 2.6, 9.9]), np.sin(np.deg2rad([-89.0, 0.0, 45.0])))
    assert cells.tolist() == [0, N_ENERGIES + 1, 3 * N_ENERGIES - 1]


def test_a_cell_without_events_is_stood_for_by_the_nearest_energy(tmp_path: Path) -> None:
    smearing = smearing_of(tmp_path, smearing_rows(without_first_cell=True))
    assert smearing.n_empty == 1
    assert smearing.cells(np.array([2.1, 2.1]), np.array([-0.9, 0.9])).tolist() == [1, 2 * N_ENERGIES]


def test_the_energies_of_muons_below_a_true_energy_are_told(tmp_path: Path) -> None:
    rows = smearing_rows()
    below = rows[rows[:, 0] < 3.0]
    found = smearing_of(tmp_path, rows).reco_log10_energies(3.0)
    assert found == pytest.approx((below[:, 4].min(), below[:, 5].max()))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[1:-40], r"sums to 0.99?\d* for neutrinos of log10.E/GeV. 8.5 to 9 from 10 to 90 deg"),
        (lambda rows: rows[rows[:, 2] > -90.0], "declinations go from -10 to 90"),
        (lambda rows: rows * np.where(np.arange(11) == 10, rows[:, [2]] < 10.0, True), "has no share above 0 for dec"),
        (lambda rows: rows[:, [0, 1, 2, 3, 4, 5, 7, 6, 8, 9, 10]], r"column PSF_max.deg. is 0.0 in row 1: values from"),
    ],
)
def test_what_is_no_smearing_is_refused(change: object, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        smearing_of(tmp_path, change(smearing_rows()))  # type: ignore[operator]


def test_the_outermost_edges_belong_to_the_outermost_bins() -> None:
    assert bin_index(np.array([-2.0, 0.0, 0.5, 1.0, 2.0]), np.array([0.0, 0.5, 1.0])).tolist() == [0, 0, 1, 1, 1]
    assert N_RECO > 1
