"""Real simulation files, against the table that icetray itself extracted from one of them."""

import gzip
import sqlite3
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.events.i3 import I3Blob, I3Particle, encode, read_frames
from core.events.i3.classes import FRAME_CLASSES
from core.events.i3.writer import frame_of_slots

LEVEL_7 = "oscNext_genie_level7_v02_first_5_frames"
FILES = [LEVEL_7, "oscNext_genie_level3_v02_first_5_frames", "oscNext_noise_level3_v02_first_5_frames"]


@pytest.mark.parametrize("name", FILES)
def test_real_file_is_written_again_byte_for_byte(real_data: Path, name: str) -> None:
    path = real_data / "i3" / f"{name}.i3.gz"
    frames = [
        frame_of_slots(frame.stream, {key: slot[:2] for key, slot in frame.slots.items()}, frame.version)
        for frame in read_frames(path, streams=None)
    ]
    assert b"".join(frames) == gzip.decompress(path.read_bytes())


@pytest.mark.parametrize("name", FILES)
def test_every_known_object_is_encoded_again_byte_for_byte(real_data: Path, name: str) -> None:
    n_objects: Counter[str] = Counter()
    for frame in read_frames(real_data / "i3" / f"{name}.i3.gz", streams=None):
        for key in frame:
            value = frame[key]
            class_name = frame.class_name(key)
            if isinstance(value, I3Blob):
                assert class_name not in FRAME_CLASSES
                continue
            assert encode(value, class_name) == frame.blob(key)
            assert FRAME_CLASSES[class_name].type_name == frame.slots[key].type_name
            n_objects[class_name] += 1
    assert n_objects["I3Particle"] > 40
    assert n_objects["I3MCTree"] == 5


def test_events_are_those_that_icetray_extracted(real_data: Path) -> None:
    with sqlite3.connect(real_data / "i3" / f"{LEVEL_7}.db") as database:
        database.row_factory = sqlite3.Row
        truth = database.execute("SELECT * FROM truth ORDER BY event_no").fetchall()
        times = dict(database.execute("SELECT DISTINCT event_no, event_time FROM SRTInIcePulses").fetchall())
    database.close()
    frames = list(read_frames(real_data / "i3" / f"{LEVEL_7}.i3.gz"))
    assert len(frames) == len(truth) == 5
    for frame, row in zip(frames, truth, strict=True):
        header, primary = frame["I3EventHeader"], frame["I3MCTree"].most_energetic_primary()
        assert (header.run_id, header.event_id, header.sub_event_id) == (
            row["RunID"],
            row["EventID"],
            row["SubEventID"],
        )
        assert header.sub_run_id == row["SubrunID"]
        assert float(header.start_time.daq_time) == row["event_time"]
        assert header.start_time.mjd == times[row["event_no"]]
        assert (primary.energy, primary.pdg_encoding) == (row["energy"], row["pid"])
        assert primary.position == (row["position_x"], row["position_y"], row["position_z"])
        assert primary.zenith == pytest.approx(row["zenith"], rel=0, abs=1e-12)
        assert primary.azimuth == pytest.approx(row["azimuth"], rel=0, abs=1e-12)
        for key in ("L3_oscNext_bool", "L4_oscNext_bool", "L5_oscNext_bool", "L6_oscNext_bool", "L7_oscNext_bool"):
            assert frame[key] == row[key]
        for name in ("DeepCoreFilter_13", "MuonFilter_13", "CascadeFilter_13"):
            assert bool(frame["FilterMask"][name]) == row[name]


def test_reconstructions_are_finite(real_data: Path) -> None:
    for frame in read_frames(real_data / "i3" / f"{LEVEL_7}.i3.gz"):
        for key in ("L7_reconstructed_neutrino", "retro_crs_prefit__median__neutrino"):
            particle = frame[key]
            assert isinstance(particle, I3Particle)
            assert np.isfinite([particle.energy, particle.zenith, particle.azimuth, *particle.position]).all()


def test_noise_has_empty_trees(real_data: Path) -> None:
    frames = list(read_frames(real_data / "i3" / "oscNext_noise_level3_v02_first_5_frames.i3.gz"))
    assert len(frames) == 5
    assert all(frame["I3MCTree"].most_energetic_primary() is None for frame in frames)
