"""The simulation of the IceCube Upgrade is told by its azimuths, read in rad and square metres, or refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.dark_matter.channels import FLAVOURS
from core.errors import InputError
from core.events.binned_releases import RELEASES
from core.events.upgrade_release import is_upgrade, read_upgrade
from tests.core.events.test_binned_releases import written


def rows(**changes: object) -> pd.DataFrame:
    columns = {
        "true_energy": [5.0, 20.0, 80.0],
        "true_zenith": [0.5 * np.pi, 3.0, 1.0],
        "true_azimuth": [6.2, 1.0, 0.0],
        "reco_energy": [6.0, 18.0, 60.0],
        "reco_zenith": [0.5 * np.pi + 0.1, 2.9, 1.1],
        "reco_azimuth": [6.2 + 0.3 - 2.0 * np.pi, 1.0, 0.2],
        "pdg": [12, -14, 16],
        "pid": [0, 1, 0],
        "interaction_type": [2, 1, 3],
        "current_type": [1, 0, 1],
        "weight": [1.0, 2.0, 3.0],
    }
    return pd.DataFrame(columns | changes)


@pytest.mark.parametrize("suffix", ["", ".bz2"])
def test_columns_become_species_directions_and_square_centimetres(tmp_path: Path, suffix: str) -> None:
    rows().to_csv(tmp_path / f"neutrino_mc.csv{suffix}", index=False)
    assert is_upgrade(tmp_path)
    found = read_upgrade(tmp_path)
    assert [FLAVOURS[index] for index in found.flavour] == ["nue", "numubar", "nutau"]
    np.testing.assert_array_equal(found.interaction, [0, 1, 0])
    np.testing.assert_array_equal(found.event_class, [0, 1, 0])
    np.testing.assert_allclose(found.weight, [1e4, 2e4, 3e4])
    np.testing.assert_allclose(found.true_zenith, [0.5 * np.pi, 3.0, 1.0])


def test_the_error_in_azimuth_is_told_in_errors_of_zenith_across_0_too(tmp_path: Path) -> None:
    """0.3 rad at the horizon, 0 and 0.2 sin 1 elsewhere, the median of which is over 0.1 in zenith."""
    rows().to_csv(tmp_path / "neutrino_mc.csv", index=False)
    assert read_upgrade(tmp_path).azimuth_over_zenith() == pytest.approx(0.2 * np.sin(1.0) / 0.1)


def test_other_folders_are_none_of_it(tmp_path: Path) -> None:
    assert not is_upgrade(tmp_path)
    assert not is_upgrade(written(tmp_path, RELEASES["three-year-A"]))
    (tmp_path / "neutrino_mc.csv").write_bytes(b"\0\xff")
    assert not is_upgrade(tmp_path)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"pdg": [12, 13, 12]}, r"neutrino_mc\.csv: pdg in row 2 is 13; .* is due"),
        ({"pid": [0, 0, 2]}, "pid in row 3 is 2; 0 or 1 is due"),
        ({"current_type": [5, 1, 1]}, "current_type in row 1 is 5; 0 or 1 is due"),
        ({"reco_energy": [1.0, 0.0, 1.0]}, "reco_energy in row 2 is 0; an energy above 0 GeV is due"),
        ({"true_zenith": [90.0, 1.0, 1.0]}, r"true_zenith in row 1 is 90; an angle from 0 to 3\.142 rad is due"),
        ({"reco_azimuth": [-1.0, 1.0, 1.0]}, r"reco_azimuth in row 1 is -1; an angle from 0 to 6\.283 rad is due"),
        ({"weight": [1.0, -2.0, 1.0]}, "weight in row 2 is -2"),
        ({"true_energy": [1.0, "x", 1.0]}, "true_energy in row 2 is 'x', which is not a finite number"),
    ],
)
def test_what_no_neutrino_has_is_named(changes: dict[str, object], told: str, tmp_path: Path) -> None:
    rows(reco_azimuth=[0.1, 1.0, 0.2]).assign(**changes).to_csv(tmp_path / "neutrino_mc.csv", index=False)
    with pytest.raises(InputError, match=told):
        read_upgrade(tmp_path)


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    rows().drop(columns="current_type").to_csv(tmp_path / "neutrino_mc.csv", index=False)
    with pytest.raises(InputError, match=r"neutrino_mc\.csv lacks the columns current_type"):
        read_upgrade(tmp_path)
