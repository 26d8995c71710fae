"""Frames of versions 3 and 4: layouts as icetray's own old files have them, rebuilt byte for byte from their facts."""

import gzip
import struct
from pathlib import Path

import pytest

from core.events.i3 import I3FormatError, I3TruncatedError, encode, read_frames
from core.events.i3.writer import frame_of_slots

N_DOUBLES = 100
# An icetray file of version 3: one I3Double, 0, put into the frame "N" under the key "object" by a module "N/A".
VERSION_3 = bytes.fromhex(
    "03000000 0000 01000000 0100 00000000 03000000 4e2f41 50 06000000 6f626a656374 08000000 4933446f75626c65 00000000"
    "0100 01000000 4e 01000000 06000000 6f626a656374 08000000 4933446f75626c65"
    "24000000 0001 0200 08000000 4933446f75626c65 0100 00000000 0100 01000000 0000000000000000"
    "3000000000000000 73563cbf"
)
# The first 73 bytes of one of version 4: letter and history are tracked, unlike in later versions.
VERSION_4_BEGIN = bytes.fromhex(
    "5b69335d 04000000 0d2e000000000000 717616aa 0100 00000000 4e 0000 c8000000 0100 01000000 03000000 4e2f41 50"
    "01000000 30 00000000 00000000 02000000 03000000 4e2f41 50 01000000 30"
)


def hundred_doubles() -> bytes:
    """The frame of version 4 in which a hundred numbers stand, each put and typed by the module "N/A"."""
    keys = sorted(map(str, range(N_DOUBLES)), key=int)
    history = [("N/A", "P", key, class_name, "") for key in keys for class_name in ("", "I3Double")]
    slots = {key: ("I3Double", encode(float(key))) for key in keys}
    return frame_of_slots("N", slots, 4, history, (0, 0xAA167671))


def test_a_file_of_version_3_reads_and_is_written_again(tmp_path: Path) -> None:
    (tmp_path / "a.i3").write_bytes(2 * VERSION_3)
    frames = list(read_frames(tmp_path / "a.i3", streams=None))
    assert [(frame.stream, frame.version, dict(frame)) for frame in frames] == [("N", 3, {"object": 0.0})] * 2
    history = [("N/A", "P", "object", "I3Double", "")]
    slots = {"object": frames[0].slots["object"][:2]}
    assert frame_of_slots("N", slots, 3, history, (48, 0xBF3C5673)) == VERSION_3


def test_a_file_of_version_4_has_a_tracked_letter_and_a_tracked_history(tmp_path: Path) -> None:
    whole = hundred_doubles()
    assert whole.startswith(VERSION_4_BEGIN)
    assert len(whole) == 20 + struct.unpack_from("<Q", whole, 8)[0] == 11809
    (tmp_path / "a.i3").write_bytes(whole)
    (frame,) = read_frames(tmp_path / "a.i3", streams=None)
    assert {int(key): value for key, value in frame.items()} == {n: float(n) for n in range(N_DOUBLES)}


@pytest.mark.parametrize("at", [30, 200, 6000, 9000, 11800])
def test_bytes_that_are_lost_from_a_frame_of_version_4_are_missed(tmp_path: Path, at: int) -> None:
    whole = hundred_doubles()
    (tmp_path / "a.i3").write_bytes(whole[:at] + whole[at + 3 :])
    with pytest.raises(I3FormatError):
        list(read_frames(tmp_path / "a.i3", streams=None))


@pytest.mark.parametrize("whole", [VERSION_3, hundred_doubles()], ids=["3", "4"])
def test_an_old_frame_that_ends_early_is_truncated(tmp_path: Path, whole: bytes) -> None:
    for n_bytes in (*range(1, min(len(whole), 200)), len(whole) - 1):
        (tmp_path / "a.i3").write_bytes(whole[:n_bytes])
        with pytest.raises(I3FormatError):
            list(read_frames(tmp_path / "a.i3", streams=None))


def test_the_old_files_of_icetray_itself(real_data: Path, tmp_path: Path) -> None:
    folder = real_data.parent / "faults" / "v4_frames"
    if not folder.is_dir():
        pytest.skip("needs icetray's old files, which are not here")
    assert (folder / "v3_I3Double.i3").read_bytes() == VERSION_3
    packed = folder / "truncated_hundred_doubles-v4.i3.gz"
    # One digit of its history, which nobody reads, was changed by hand.
    expected = bytearray(hundred_doubles())
    expected[1078] = ord("8")
    assert gzip.decompress(packed.read_bytes()) == bytes(expected)
    (frame,) = read_frames(packed, streams=None)
    assert len(frame) == N_DOUBLES
    # Three bytes are gone from the end of this one.
    with pytest.raises(I3TruncatedError, match=r"corrupt_hundred_doubles-v4"):
        list(read_frames(folder / "corrupt_hundred_doubles-v4.i3.gz", streams=None))
