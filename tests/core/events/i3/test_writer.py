"""Frames as icetray writes them: keys in the order of their bytes, packed by the suffix, of known versions."""

import bz2
import gzip
from pathlib import Path

import backports.zstd
import pytest

from core.events.i3.errors import I3UnsupportedError
from core.events.i3.frames import NEWEST_FRAME, OLDEST_FRAME
from core.events.i3.reader import read_frames
from core.events.i3.writer import COMPRESSIONS, frame_bytes, frame_of_slots, write_frames

UNPACK = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".zst": backports.zstd.decompress}


def test_every_packing_unpacks_to_the_plain_file(tmp_path: Path) -> None:
    frames = [frame_bytes("Q", {"x": index}) for index in range(3)]
    plain = tmp_path / "a.i3"
    write_frames(plain, frames)
    assert plain.read_bytes() == b"".join(frames)
    assert COMPRESSIONS.keys() == UNPACK.keys()
    for suffix, unpack in UNPACK.items():
        packed = tmp_path / f"a.i3{suffix}"
        write_frames(packed, frames)
        assert unpack(packed.read_bytes()) == plain.read_bytes()


def test_a_file_packs_to_the_same_bytes_at_any_time(tmp_path: Path) -> None:
    """gzip puts the time into its head unless told not to."""
    for suffix in COMPRESSIONS:
        paths = [tmp_path / f"{name}.i3{suffix}" for name in "ab"]
        for path in paths:
            write_frames(path, [frame_bytes("Q", {"x": 1})])
        assert paths[0].read_bytes() == paths[1].read_bytes()
    assert (tmp_path / "a.i3.gz").read_bytes()[4:8] == bytes(4)  # RFC 1952: MTIME, 0 where there is none


def test_keys_stand_in_the_order_of_their_bytes_whatever_the_order_given() -> None:
    objects = {"b": 1, "Z": 2, "a": 3, "é": 4}
    frame = frame_bytes("P", objects)
    assert frame == frame_bytes("P", dict(reversed(objects.items())))
    places = [frame.index(key.encode()) for key in ("\x01\0\0\0Z", "\x01\0\0\0a", "\x01\0\0\0b", "é")]
    assert places == sorted(places)


def test_an_object_s_bytes_are_taken_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.i3"
    write_frames(path, [frame_bytes("P", {"x": 2.5, "flag": True})])
    (frame,) = read_frames(path)
    again = frame_of_slots("P", {key: (slot.type_name, bytes(slot.blob)) for key, slot in frame.slots.items()})
    assert again == path.read_bytes()


@pytest.mark.parametrize("version", range(OLDEST_FRAME, NEWEST_FRAME + 1))
def test_every_version_is_read_back(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.i3"
    write_frames(path, [frame_bytes("P", {"x": 2.5}, version)])
    (frame,) = read_frames(path)
    assert (frame["x"], frame.version) == (2.5, version)


@pytest.mark.parametrize("version", [OLDEST_FRAME - 1, NEWEST_FRAME + 1])
def test_other_versions_are_not_written(version: int) -> None:
    with pytest.raises(I3UnsupportedError, match=f"cannot write frame version {version}: known are {OLDEST_FRAME} to"):
        frame_bytes("P", {}, version)
