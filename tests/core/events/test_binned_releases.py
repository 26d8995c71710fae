"""Releases in bins are told by their files, and read into the bins that their readme gives."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.dark_matter.channels import FLAVOURS
from core.errors import InputError
from core.events.binned_releases import (
    RELEASES,
    BinnedRelease,
    read_measured_counts,
    read_simulated_neutrinos,
    release_in,
)
from core.events.public_release import read_counts, read_simulation

NINE, OLD_A, OLD_B = (RELEASES[name] for name in ("nine-year", "three-year-A", "three-year-B"))


def counts_of(release: BinnedRelease) -> pd.DataFrame:
    pid, energy, zenith = np.indices(release.shape).reshape(3, -1)
    energies, zeniths = release.reco_energy_edges, release.reco_cos_zenith_edges
    return pd.DataFrame(
        {
            "count": np.arange(len(pid)),
            "pid": (0.5 * (release.pid_edges[1:] + release.pid_edges[:-1]))[pid],
            "reco_energy": np.sqrt(energies[1:] * energies[:-1])[energy],
            "reco_coszen": (0.5 * (zeniths[1:] + zeniths[:-1]))[zenith],
        }
    )


def simulated(release: BinnedRelease, **changes: object) -> pd.DataFrame:
    rows = {
        "pdg": [12, -14, 16],
        "pid": [release.pid_edges[0], release.pid_edges[1], release.pid_edges[1] - 0.01],
        "reco_coszen": [-0.99, -0.005, -0.5],
        "reco_energy": [8.0, 50.0, 12.0],
        "true_coszen": [-0.9, 0.9, -0.3],
        "true_energy": [5.0, 200.0, 12.0],
        "type": [1, 0, 1],
        "interaction": [2, 2, -1],
        "weight": [1.0, 2.0, 3.0],
    }
    return pd.DataFrame(rows | changes)


def written(folder: Path, release: BinnedRelease, suffix: str = "", **changes: object) -> Path:
    for name in release.simulation_files:
        simulated(release, **changes).to_csv(folder / f"{name}{suffix}", index=False)
    counts_of(release).to_csv(folder / f"data.csv{suffix}", index=False)
    return folder


@pytest.mark.parametrize("release", RELEASES.values(), ids=list(RELEASES))
@pytest.mark.parametrize("suffix", ["", ".bz2", ".gz", ".xz"])
def test_a_release_is_told_by_its_files_packed_or_not(release: BinnedRelease, suffix: str, tmp_path: Path) -> None:
    folder = written(tmp_path, release, suffix)
    assert release_in(folder) is release
    counts = read_measured_counts(folder, release)
    np.testing.assert_array_equal(counts, np.arange(np.prod(release.shape)).reshape(release.shape))


def test_simulated_neutrinos_stand_in_the_bins_and_units_of_the_release(tmp_path: Path) -> None:
    events = read_simulated_neutrinos(written(tmp_path, NINE), NINE)
    assert len(events) == 12
    assert [FLAVOURS[index] for index in events.flavour[:3]] == ["nue", "numubar", "nutau"]
    np.testing.assert_array_equal(events.interaction[:3], [0, 1, 0])
    np.testing.assert_array_equal(events.event_class[:3], [0, 1, 0])
    np.testing.assert_array_equal(events.reco_energy_bin[:3], [0, 7, 2])
    np.testing.assert_array_equal(events.reco_cos_zenith_bin[:3], [0, 9, 4])
    np.testing.assert_array_equal(events.weight[:3], [1.0, 2.0, 3.0])
    (folder := tmp_path / "old").mkdir()
    square_metres = read_simulated_neutrinos(written(folder, OLD_A), OLD_A)
    np.testing.assert_allclose(square_metres.weight, [1e4, 2e4, 3e4])


def test_bands_hold_every_direction() -> None:
    assert NINE.sphere_edges[[0, -2, -1]].tolist() == [-1.0, 0.1, 1.0]
    assert OLD_B.sphere_edges is OLD_B.reco_cos_zenith_edges


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reco_energy": [8.0, 200.0, 12.0]}, r"reco_energy 200.0 lies outside the bins 6.31 to 158.5"),
        ({"reco_coszen": [0.2, -0.5, -0.5]}, r"reco_coszen 0.2 lies outside the bins -1 to 0.1"),
        ({"pid": [0.5, 0.6, 0.9]}, r"pid 0.5 lies outside the bins 0.55 to 1"),
        ({"pdg": [13, 12, 12]}, "pdg 13 is no neutrino"),
        ({"true_coszen": [-1.5, 0.0, 0.0]}, "true_coszen from -1 to 1"),
        ({"weight": [-1.0, 0.0, 0.0]}, "weight in row 1 is -1; allowed is 0 to 1e\\+20"),
        ({"weight": [0.0, 1e300, 0.0]}, "weight in row 2 is 1e\\+300"),
    ],
)
def test_what_is_wrong_with_the_simulation_is_named(changes: dict[str, object], told: str, tmp_path: Path) -> None:
    folder = written(tmp_path, NINE, **changes)
    with pytest.raises(InputError, match=told):
        read_simulated_neutrinos(folder, NINE)


def test_what_is_wrong_with_the_folder_or_the_counts_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no folder"):
        release_in(tmp_path / "none")
    with pytest.raises(InputError, match="holds no simulation of a release"):
        release_in(tmp_path)
    folder = written(tmp_path, NINE)
    counts = counts_of(NINE)
    pd.concat([counts, counts[:3]]).to_csv(folder / "data.csv", index=False)
    with pytest.raises(InputError, match="3 rows are of a bin that another row is of"):
        read_measured_counts(folder, NINE)
    counts.assign(count=0.5).to_csv(folder / "data.csv", index=False)
    with pytest.raises(InputError, match=r"count in row 1 is 0\.5, a whole number from 0 is due"):
        read_measured_counts(folder, NINE)
    (folder / "mc_nutau_cc.csv").unlink()
    with pytest.raises(InputError, match=r"lacks mc_nutau_cc\.csv"):
        release_in(folder)


@pytest.mark.slow
def test_the_real_release_of_three_years_is_read_as_by_its_own_reader(real_data: Path) -> None:
    folder = real_data / "icecube_3y"
    assert release_in(folder) is OLD_B
    np.testing.assert_array_equal(read_measured_counts(folder, OLD_B), read_counts(folder / "data.csv.bz2"))
    ours, theirs = read_simulated_neutrinos(folder, OLD_B), read_simulation(folder)
    for name, values in vars(theirs).items():
        np.testing.assert_array_equal(getattr(ours, name), values, err_msg=name)


def test_a_bin_without_a_row_holds_no_event_and_the_order_of_rows_is_nobodys(tmp_path: Path) -> None:
    folder = written(tmp_path, NINE)
    rows = counts_of(NINE).assign(count=3).sample(frac=1.0, random_state=1)
    rows[:7].to_csv(folder / "data.csv", index=False)
    counts = read_measured_counts(folder, NINE)
    assert counts.shape == NINE.shape
    assert (counts.sum(), np.count_nonzero(counts)) == (21, 7)


def test_the_last_edges_belong_to_the_last_bins(tmp_path: Path) -> None:
    pid, energy, zenith = NINE.pid_edges[-1], NINE.reco_energy_edges[-1], NINE.reco_cos_zenith_edges[-1]
    ends = {"pid": [pid] * 3, "reco_energy": [energy] * 3, "reco_coszen": [zenith] * 3}
    events = read_simulated_neutrinos(written(tmp_path, NINE, **ends), NINE)
    assert {*events.event_class, *events.reco_energy_bin, *events.reco_cos_zenith_bin} == {1, 9}
