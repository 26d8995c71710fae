"""Skylab-style arrays: read into the canonical table, or refused by the name of the column."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.errors import InputError
from core.events.skylab import (
    PUBLISHED_ENERGY_SCALE,
    PUBLISHED_ONEWEIGHT_SCALE,
    read_skylab,
    season_of,
)

STORED = {
    "run": "run", "event": "event", "subevent": "sub_event", "ra": "reco_ra", "dec": "reco_dec",
    "azi": "reco_azimuth", "zen": "reco_zenith", "time": "mjd", "angErr": "angular_error",
}  # fmt: skip
SIMULATED = {"trueRa": "true_ra", "trueDec": "true_dec", "trueE": "true_energy"}


def skylab_array(events: pa.Table) -> np.ndarray:
    """Return the events as the published conversion stored them: energy as log10, ow doubled."""
    is_mc = "weight" in events.schema.names
    columns = {stored: events[name].to_numpy() for stored, name in (STORED | (SIMULATED if is_mc else {})).items()}
    columns["logE"] = np.log10(events["reco_energy"].to_numpy())
    if is_mc:
        columns["ow"] = 2.0 * events["weight"].to_numpy()
    array = np.empty(events.num_rows, dtype=[(name, values.dtype) for name, values in columns.items()])
    for name, values in columns.items():
        array[name] = values
    return array


def assert_close(found: pa.Table, expected: pa.Table) -> None:
    for name in expected.schema.names:
        if expected[name].null_count == 0 and pa.types.is_floating(expected.schema.field(name).type):
            np.testing.assert_allclose(found[name].to_numpy(), expected[name].to_numpy(), rtol=1e-13)


def test_measured_events_read_back(tmp_path: Path, measured: pa.Table) -> None:
    path = tmp_path / "IC86_2013_exp.npy"
    np.save(path, skylab_array(measured))
    found = read_skylab(path, "data")
    assert found["season"].unique().to_pylist() == ["IC86_2013"]
    assert found["event"].to_pylist() == measured["event"].to_pylist()
    assert_close(found, measured)


def test_simulated_events_read_back(tmp_path: Path, simulated: pa.Table) -> None:
    path = tmp_path / "IC86_2013_MC.npy"
    np.save(path, skylab_array(simulated))
    found = read_skylab(path, "mc", oneweight_scale=PUBLISHED_ONEWEIGHT_SCALE, flavour="numu")
    assert_close(found, simulated.set_column(18, simulated.schema.field(18), pa.nulls(20, pa.float64())))
    assert set(found["flavour"].to_pylist()) == {"numu"}


@pytest.mark.parametrize("scale", [None, 0.0, -1.0, np.nan])
def test_scale_of_the_weight_must_be_told(tmp_path: Path, simulated: pa.Table, scale: float | None) -> None:
    np.save(tmp_path / "IC86_2013_MC.npy", skylab_array(simulated))
    with pytest.raises(InputError, match=r"the scale of ow is .*: 0\.5 for files of the published conversion"):
        read_skylab(tmp_path / "IC86_2013_MC.npy", "mc", oneweight_scale=scale)


@pytest.mark.parametrize(("year", "scale"), [(2015, 1.0), (2016, 1.04), (2017, 1.04)])
def test_energy_scale_is_that_of_the_season(tmp_path: Path, measured: pa.Table, year: int, scale: float) -> None:
    path = tmp_path / f"IC86_{year}_exp.npy"
    np.save(path, skylab_array(measured))
    found = read_skylab(path, "data", energy_scale=PUBLISHED_ENERGY_SCALE)
    np.testing.assert_allclose(found["reco_energy"], scale * measured["reco_energy"].to_numpy(), rtol=1e-13)


@pytest.mark.parametrize(
    ("name", "season"),
    [
        ("IC86_2011_exp.npy", "IC86_2011"),
        ("sample_IC86_2017_MC.npy", "IC86_2017"),
        ("ic86-2012.npy", "IC86_2012"),
        ("IC79 2010 exp.npy", "IC79_2010"),
    ],
)
def test_season_is_told_by_the_name(name: str, season: str) -> None:
    assert season_of(f"/IC86_1999/{name}") == season


@pytest.mark.parametrize("name", ["exp.npy", "IC86.npy", "IC86_11.npy", "MC_2011.npy"])
def test_name_without_season_asks_for_it(name: str) -> None:
    with pytest.raises(InputError, match="give the season"):
        season_of(name)


def test_missing_and_renamed_columns_are_named(tmp_path: Path, measured: pa.Table) -> None:
    array = skylab_array(measured)
    array.dtype.names = tuple({"angErr": "angErr2", "zen": "theta"}.get(name, name) for name in array.dtype.names)
    np.save(tmp_path / "IC86_2013_exp.npy", array)
    with pytest.raises(InputError, match=r"lacks the columns zen, angErr \(is it angErr2\?\); it has run, event"):
        read_skylab(tmp_path / "IC86_2013_exp.npy", "data")


def test_other_byte_order_and_narrow_numbers_are_read(tmp_path: Path, measured: pa.Table) -> None:
    array = skylab_array(measured)
    swapped = array.astype([(name, ">f8") for name in array.dtype.names])
    np.save(tmp_path / "IC86_2013_exp.npy", swapped)
    assert_close(read_skylab(tmp_path / "IC86_2013_exp.npy", "data"), measured)
    swapped["run"][2] = 1.5
    np.save(tmp_path / "IC86_2013_exp.npy", swapped)
    with pytest.raises(InputError, match=r"column run holds 1\.5, whole numbers are due"):
        read_skylab(tmp_path / "IC86_2013_exp.npy", "data")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.zeros(3), "rows of named columns are due"),
        (np.zeros((2, 2), dtype=[("run", int)]), "rows of named columns are due"),
        (np.array([{"run": 1}], dtype=object), "is no array of numbers"),
        (b"no array", "is no .npy file"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: Any, message: str) -> None:
    path = tmp_path / "IC86_2013_exp.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content)
    with pytest.raises(InputError, match=message):
        read_skylab(path, "data")


def test_energy_that_is_no_number_is_refused(tmp_path: Path, measured: pa.Table) -> None:
    array = skylab_array(measured)
    array["logE"][4] = np.nan
    np.save(tmp_path / "IC86_2013_exp.npy", array)
    with pytest.raises(InputError, match="reco_energy is nan in 1 of 20 events"):
        read_skylab(tmp_path / "IC86_2013_exp.npy", "data")


@pytest.mark.parametrize(("year", "factor"), [(2011, 1.0), (2012, 2.0)])
def test_the_energies_of_a_season_have_its_own_scale(tmp_path: Path, sample, year: int, factor: float) -> None:
    path = tmp_path / f"IC86_{year}_exp.npy"
    np.save(path, skylab_array(sample("data", 4, 2)))
    found = read_skylab(path, "data", energy_scale={"IC86_2012": 2.0})
    assert found["season"].to_pylist() == [f"IC86_{year}"] * 4
    np.testing.assert_allclose(found["reco_energy"], factor * sample("data", 4, 2)["reco_energy"].to_numpy())
