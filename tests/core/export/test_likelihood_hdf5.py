"""LklCom's HDF5: its groups and columns, and the numbers of the text form."""

import io

import h5py
import numpy as np
import pytest

from core.export.likelihood_hdf5 import lklcom_bytes
from core.export.likelihood_tables import likelihood_table
from tests.core.export.made_results import cells, origin


def test_a_table_is_found_by_collaboration_source_and_channel() -> None:
    curves = {20.0: cells("x", 4e-21).curve, 50.0: cells("x", 3e-22).curve}
    made = likelihood_table("tautau", "Willman 1", 19.5, curves)
    with h5py.File(io.BytesIO(lklcom_bytes([made], "dwarfnu public-3y", origin().as_dict()))) as file:
        data = file["dwarfnupublic3y/Willman1/tautau/data"]
        assert data.dtype.names == ("masses", "ts_values")
        assert data.dtype["masses"] == np.float32
        assert data.dtype["ts_values"].subdtype == (np.dtype(np.float32), (len(made.strengths),))
        rows = data[:]
        assert rows["masses"].tolist() == [19.5, 20.0, 50.0]
        strengths = rows["ts_values"][0]
        assert (np.diff(strengths) > 0.0).all()
        np.testing.assert_allclose(strengths[::-1], made.strengths, rtol=1e-6)
        np.testing.assert_allclose(rows["ts_values"][2][::-1], made.falls[:, 1], rtol=1e-6, atol=1e-7)
        assert file.attrs["licence"] == "CC-BY-4.0"
        assert "IceCube" in file.attrs["caveats"]


def test_several_sources_and_channels_stand_side_by_side() -> None:
    curve = {20.0: cells("x", 4e-21).curve}
    made = [likelihood_table(channel, "Draco", 18.8, curve) for channel in ("bb", "tautau")]
    with h5py.File(io.BytesIO(lklcom_bytes(made, "d", {}))) as file:
        assert sorted(file["d/Draco"]) == ["bb", "tautau"]
        assert float(file["d/Draco/bb/data"]["masses"][0]) == pytest.approx(18.8, rel=1e-6)
