"""One file of events, in any format, with what became of each event."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.errors import InputError
from core.events.ingestion import account_of, check_event_file, convert_event_file
from tests.core.events.conftest import make_sample
from tests.core.events.test_skylab import skylab_array

SEASON = "IC86_2012"


def parquet(folder: Path, **changes: Any) -> dict[str, Any]:
    path = folder / "events.parquet"
    pq.write_table(make_sample("data", 30, 1, season=SEASON), path)
    return {"path": str(path), "format": "parquet", "energy_scale": 1.0, **changes}


def test_events_of_a_parquet_file_are_taken_as_they_are(tmp_path: Path) -> None:
    found = convert_event_file("data", SEASON, parquet(tmp_path))
    assert found.events.num_rows == 30
    np.testing.assert_allclose(found.events["reco_energy"], make_sample("data", 30, 1, season=SEASON)["reco_energy"])


def test_the_scale_is_that_of_reconstructed_energies_alone(tmp_path: Path) -> None:
    plain = convert_event_file("data", SEASON, parquet(tmp_path)).events
    scaled = convert_event_file("data", SEASON, parquet(tmp_path, energy_scale=1.04)).events
    np.testing.assert_allclose(scaled["reco_energy"].to_numpy(), 1.04 * plain["reco_energy"].to_numpy())
    for name in set(plain.column_names) - {"reco_energy"}:
        assert scaled[name].equals(plain[name])


def test_events_of_another_season_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds events of season IC86_2012, by its name it is of IC86_2011"):
        convert_event_file("data", "IC86_2011", parquet(tmp_path))


def test_an_account_of_a_whole_file_has_no_damage(tmp_path: Path) -> None:
    np.save(tmp_path / "exp.npy", skylab_array(make_sample("data", 20, 1)))
    how = {"path": str(tmp_path / "exp.npy"), "format": "skylab", "energy_scale": 1.0, "oneweight_scale": None}
    account = account_of(convert_event_file("data", SEASON, how))
    assert (account["n_read"], account["n_kept"], account["n_cut"], account["n_broken"]) == (20, 20, 0, 0)
    assert (account["problems"], account["damage"], account["cut_flow"]) == ({}, None, [])


def test_columns_are_looked_for_before_events_are_read(tmp_path: Path) -> None:
    np.save(tmp_path / "exp.npy", np.zeros(3, dtype=[("run", int)]))
    with pytest.raises(InputError):
        check_event_file(tmp_path / "exp.npy", "data", "skylab")
    how = parquet(tmp_path)
    check_event_file(Path(how["path"]), "data", "parquet")
    with pytest.raises(InputError):
        check_event_file(Path(how["path"]), "mc", "parquet")
