"""The public release is read as it is, and what is wrong with a copy of it is named."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.dark_matter.channels import FLAVOURS
from core.errors import InputError
from core.events import public_release
from core.events.public_release import RECO_COS_ZENITH_EDGES, RECO_ENERGY_EDGES, read_counts, read_simulation

CENTRES = np.round(np.sqrt(RECO_ENERGY_EDGES[1:] * RECO_ENERGY_EDGES[:-1]), 1)
ZENITHS = 0.5 * (RECO_COS_ZENITH_EDGES[1:] + RECO_COS_ZENITH_EDGES[:-1])


def simulated(**changes: object) -> pd.DataFrame:
    rows = {
        "pdg": [12, 14, 16, -12, -14, -16],
        "pid": [0, 1, 0, 1, 0, 1],
        "reco_coszen": [-0.875, -0.625, -0.375, -0.125, 0.125, 0.875],
        "reco_energy": [6.6, 8.7, 11.7, 15.6, 36.9, 49.2],
        "true_coszen": [-0.9, -0.5, -0.3, -0.2, 0.2, 0.8],
        "true_energy": [5.0, 9.0, 12.0, 15.0, 40.0, 50.0],
        "type": [0, 1, 2, 3, 0, 1],
        "weight": [1e-4, 2e-4, 3e-4, 4e-4, 5e-4, 6e-4],
    }
    return pd.DataFrame(rows | changes)


def measured() -> pd.DataFrame:
    pid, energy, zenith = np.indices((2, 8, 8)).reshape(3, -1)
    return pd.DataFrame(
        {"count": np.arange(128.0), "pid": pid, "reco_coszen": ZENITHS[zenith], "reco_energy": CENTRES[energy]}
    )


def release_with(folder: Path, frame: pd.DataFrame) -> Path:
    frame.to_csv(folder / public_release.SIMULATION_FILE, index=False)
    return folder


def test_simulation_is_indexed_by_species_interaction_class_and_bin(tmp_path: Path) -> None:
    events = read_simulation(release_with(tmp_path, simulated()))
    assert [FLAVOURS[index] for index in events.flavour] == list(FLAVOURS)
    np.testing.assert_array_equal(events.interaction, [1, 0, 0, 0, 1, 0])
    np.testing.assert_array_equal(events.event_class, [0, 1, 0, 1, 0, 1])
    np.testing.assert_array_equal(events.reco_energy_bin, [0, 1, 2, 3, 6, 7])
    np.testing.assert_array_equal(events.reco_cos_zenith_bin, [0, 1, 2, 3, 4, 7])
    np.testing.assert_allclose(events.weight, np.arange(1, 7))
    assert len(events) == 6


@pytest.mark.parametrize(
    ("frame", "named"),
    [
        (simulated().drop(columns="weight"), "weight"),
        (simulated().rename(columns={"true_coszen": "coszen"}), "true_coszen"),
        (simulated(weight=[1e-4, np.nan, 3e-4, 4e-4, 5e-4, 6e-4]), "weight in row 2"),
        (simulated(true_energy=["x", 9.0, 12.0, 15.0, 40.0, 50.0]), "true_energy in row 1"),
        (simulated(true_energy=[10**400, 9.0, 12.0, 15.0, 40.0, 50.0]), "true_energy in row 1"),
        (simulated(pid=[0, 1, 0, 2, 0, 1]), "pid 2"),
        (simulated(pdg=[12, 14, 16, 13, -14, -16]), "pdg 13"),
        (simulated(reco_energy=[6.6, 8.7, 11.7, 15.6, 36.9, 99.0]), "99"),
        (simulated(weight=[-1.0, 1e-4, 3e-4, 4e-4, 5e-4, 6e-4]), "weight in row 1 is -1; allowed is 0 to"),
    ],
)
def test_what_is_wrong_with_the_simulation_is_named(tmp_path: Path, frame: pd.DataFrame, named: str) -> None:
    with pytest.raises(InputError, match=named):
        read_simulation(release_with(tmp_path, frame))


def test_missing_or_torn_release_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_simulation(tmp_path)
    (tmp_path / public_release.SIMULATION_FILE).write_bytes(b"BZh9 torn")
    with pytest.raises(InputError, match="cannot read"):
        read_simulation(tmp_path)


def test_truncated_release_is_an_input_error(tmp_path: Path) -> None:
    path = release_with(tmp_path, pd.concat([simulated()] * 500)) / public_release.SIMULATION_FILE
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="cannot read"):
        read_simulation(tmp_path)


def test_counts_fall_into_their_bins_in_any_order_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "data.csv.bz2"
    measured().sample(frac=1.0, random_state=1).to_csv(path, index=False)
    np.testing.assert_array_equal(read_counts(path).ravel(), np.arange(128.0))


@pytest.mark.parametrize("rows", [slice(0, 127), [0, *range(127)]])
def test_counts_with_a_missing_or_doubled_bin_are_refused(tmp_path: Path, rows: object) -> None:
    path = tmp_path / "data.csv.bz2"
    measured().iloc[rows].to_csv(path, index=False)
    with pytest.raises(InputError, match="needed is one row in each of 128"):
        read_counts(path)


def test_shipped_counts_are_the_published_40902_events_with_their_origin() -> None:
    table = public_release.public_counts()
    assert table.num_rows == 128
    assert table["n_events"].to_numpy().sum() == 40902
    assert b"10.21234/ac23-ra43" in table.schema.metadata[b"source"]


def test_shipped_counts_are_those_of_the_release(real_data: Path) -> None:
    assert public_release.public_counts().equals(public_release.counts_table(real_data / "icecube_3y"))
