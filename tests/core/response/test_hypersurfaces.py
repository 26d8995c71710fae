"""Hypersurfaces of the nine years become hyperplanes: by the readme's formula, at the nearest Δm²31, or refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError, PhysicsError
from core.events.binned_releases import RELEASES, read_simulated_neutrinos
from core.response.hyperplane_build import atmospheric_counts
from core.response.hyperplanes import (
    NEUTRINO_GROUPS,
    NINE_YEAR_PARAMETERS,
    Hyperplanes,
    detector_values,
    read_hyperplanes,
)
from core.response.hypersurfaces import nearest_splitting, release_hyperplanes
from tests.core.events.test_binned_releases import written
from tests.drawn_release import SPLITTINGS, write_drawn_detector

NINE = RELEASES["nine-year"]
YEAR = 3.15e7
README = {"dom_eff": 1.0, "hole_ice_p0": 0.1, "hole_ice_p1": -0.05, "bulk_ice_abs": 1.0, "bulk_ice_scatter": 1.0}
NUMU = "hs_numu_cc.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_drawn_detector(written(tmp_path, NINE), NINE)
    return tmp_path


def planes_of(folder: Path) -> Hyperplanes:
    found = release_hyperplanes(folder, NINE, read_simulated_neutrinos(folder, NINE), YEAR)
    assert found is not None
    return found


def test_nominal_values_are_those_of_the_readme_and_change_nothing(folder: Path) -> None:
    planes = planes_of(folder)
    assert {parameter.name: parameter.nominal for parameter in planes.parameters} == README
    np.testing.assert_array_equal(planes.factors(planes.nominal), planes.nominal_factor)
    assert np.all(planes.relative_factors(planes.nominal) == 1.0)


@pytest.mark.parametrize(
    "changed", [{"dom_eff": 1.07}, {"dom_eff": 0.93, "hole_ice_p0": -0.27, "hole_ice_p1": -0.04, "bulk_ice_abs": 0.97}]
)
@pytest.mark.parametrize(("group", "name"), [*NINE.surface_files.items()])
def test_the_factor_of_a_bin_is_the_plane_of_its_row(
    folder: Path, group: str, name: str, changed: dict[str, float]
) -> None:
    """Class track, fourth energy (15.2 to 20.4 GeV), seventh band (-0.34 to -0.23), read from the file by eye."""
    frame = pd.read_csv(folder / name)
    frame = frame[np.isclose(frame["deltam31"], 0.0015 + 9 * 0.002 / 19)]
    own = frame["pid"].between(0.75, 1.0) & frame["reco_energy"].between(15.2, 20.37)
    (row,) = frame[own & frame["reco_coszen"].between(-0.34, -0.23)].to_dict("records")
    wanted = row["intercept"] + sum(row[key] * (value - README[key]) for key, value in changed.items())
    planes = planes_of(folder)
    found = planes.factors(detector_values(changed, planes.parameters))
    assert found[NEUTRINO_GROUPS.index(group), 1, 3, 6] == pytest.approx(wanted, rel=1e-12)


def test_bins_are_weighed_by_the_atmosphere_and_a_factor_below_0_counts_as_0(folder: Path) -> None:
    planes, events = planes_of(folder), read_simulated_neutrinos(folder, NINE)
    np.testing.assert_array_equal(planes.n_expected, atmospheric_counts(events, YEAR, planes.n_expected.shape))
    shape = planes.n_expected.shape
    slopes, expected = np.zeros((5, *shape)), np.zeros(shape)
    expected[0, 0, 0, :2] = 1.0, 3.0
    slopes[0, 0, 0, 0] = -20.0
    slopes[0, 0, 0, 0, 1] = 1.0
    made = Hyperplanes(np.ones(shape), slopes, expected, planes.zenith_block, planes.parameters)
    relative = made.relative_factors(detector_values({"dom_eff": 1.1}, planes.parameters))
    assert relative[0, 0, 0] == pytest.approx((0.0 + 3.0 * 1.1) / 4.0)
    assert np.all(np.delete(relative.ravel(), 0) == 1.0)  # where no event is expected


def test_the_nearest_splitting_is_taken_and_of_two_the_smaller(folder: Path) -> None:
    assert nearest_splitting(SPLITTINGS[::-1]) == SPLITTINGS[9]  # 2.447e-3; the best fit is 2.484e-3 eV²
    assert nearest_splitting(np.array([1.0, 2.0]), 1.5) == 1.0
    before, path = planes_of(folder), folder / NUMU
    frame = pd.read_csv(path)
    others = ~np.isclose(frame["deltam31"], SPLITTINGS[9])
    frame.loc[others, "dom_eff"] = 1e6
    frame.to_csv(path, index=False)
    np.testing.assert_array_equal(planes_of(folder).slopes, before.slopes)


def test_the_readmes_own_name_of_a_column_is_taken_too(folder: Path) -> None:
    before = planes_of(folder)
    for name in set(NINE.surface_files.values()):
        frame = pd.read_csv(folder / name)
        frame.rename(columns={"bulk_ice_scatter": "bulk_ice_scat"}).to_csv(folder / name, index=False)
    np.testing.assert_array_equal(planes_of(folder).slopes, before.slopes)


def test_a_folder_without_them_has_none_and_one_with_some_lacks_the_others(folder: Path) -> None:
    events = read_simulated_neutrinos(folder, NINE)
    (folder / NUMU).unlink()
    with pytest.raises(InputError, match=r"lacks hs_numu_cc\.csv"):
        planes_of(folder)
    for name in ("hs_nu_nc_nue_cc.csv", "hs_nutau_cc.csv"):
        (folder / name).unlink()
    assert release_hyperplanes(folder, NINE, events, YEAR) is None
    assert release_hyperplanes(folder, RELEASES["three-year-B"], events, YEAR) is None


def with_value(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """A change of the second row alone."""

    def changed(frame: pd.DataFrame) -> pd.DataFrame:
        frame[column] = frame[column].astype(object)
        frame.loc[1, column] = value
        return frame

    return changed


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda frame: frame.drop(columns="hole_ice_p1"), r"hs_numu_cc\.csv lacks the columns hole_ice_p1"),
        (lambda frame: frame.drop(columns="deltam31"), r"lacks the columns deltam31"),
        (with_value("dom_eff", "much"), r"hs_numu_cc\.csv: dom_eff in row 2 is 'much', which is not a finite number"),
        (with_value("intercept", float("nan")), r"intercept in row 2 is nan, which is not a finite number"),
        (with_value("reco_energy", 200.0), r"reco_energy 200.0 lies outside the bins 6.31 to 158.5 \(row 2\)"),
        (with_value("pid", 0.3), r"pid 0.3 lies outside the bins 0.55 to 1 \(row 2\)"),
        (with_value("reco_coszen", 0.5), r"reco_coszen 0.5 lies outside the bins -1 to 0.1 \(row 2\)"),
        (lambda frame: frame[~np.isclose(frame["deltam31"], SPLITTINGS[9])], "files have different values of deltam31"),
        (lambda frame: frame[frame["reco_energy"] < 80.0], r"has 0 rows of the bin pid 0.55 to 0.75, reco_energy 88"),
        (lambda frame: pd.concat([frame, frame]), r"has 2 rows of the bin .* at deltam31 0.00244737; one is due"),
        (lambda frame: frame[:0], "has no rows"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(
    folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame], told: str
) -> None:
    change(pd.read_csv(folder / NUMU)).to_csv(folder / NUMU, index=False)
    with pytest.raises(InputError, match=told):
        planes_of(folder)


def test_a_table_gives_them_back_and_a_value_outside_is_refused(folder: Path) -> None:
    import pyarrow.parquet as pq

    planes = planes_of(folder)
    pq.write_table(planes.to_table(), folder / "planes.parquet")
    again = read_hyperplanes(folder / "planes.parquet")
    assert again.parameters == NINE_YEAR_PARAMETERS
    for name in ("nominal_factor", "slopes", "n_expected", "zenith_block", "reco_energy_edges"):
        np.testing.assert_array_equal(getattr(again, name), getattr(planes, name), err_msg=name)
    assert set(planes.n_merged_bins.values()) == {0}
    assert again.lowest_factors().shape == (4, *NINE.shape)
    with pytest.raises(PhysicsError, match=r"dom_eff = 1\.3: the release's slopes are valid from 0\.8 to 1\.2"):
        planes.factors(detector_values({"dom_eff": 1.3}, planes.parameters))
