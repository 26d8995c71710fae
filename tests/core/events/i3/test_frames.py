"""Frames of every version: what they hold, how they mix, and that damage is found and named."""

import bz2
import gzip
import pickle
from pathlib import Path

import backports.zstd
import pytest

from core.errors import InputError
from core.events.i3 import (
    I3Blob,
    I3ChecksumError,
    I3FormatError,
    I3TruncatedError,
    I3UnsupportedError,
    encode,
    frame_bytes,
    read_frames,
    write_frames,
)
from core.events.i3.frames import checksum
from core.events.i3.writer import frame_of_slots


def written(path: Path, *frames: bytes) -> Path:
    path.write_bytes(b"".join(frames))
    return path


def test_check_values_of_the_checksums() -> None:
    assert checksum(b"123456789") == 0x58E3FA20
    assert checksum(b"123456789", 5) == 0x29B1


def test_layout_of_an_empty_frame() -> None:
    assert frame_bytes("Q", {})[:15] == b"[i3]\x06\0\0\0\0\0Q\0\0\0\0"


def test_frames_as_written(tmp_path: Path, small_file: bytes) -> None:
    frames = list(read_frames(written(tmp_path / "a.i3", small_file), streams=None))
    assert "".join(frame.stream for frame in frames) == "IGQPPQP"
    assert [frame.version for frame in frames] == [6, 6, 6, 6, 5, 4, 6]
    again = [
        frame_of_slots(frame.stream, {key: slot[:2] for key, slot in frame.slots.items()}, frame.version)
        for frame in frames
    ]
    assert b"".join(again[:5]) == small_file[: frames[5].offset]
    assert again[5][20:] == small_file[frames[5].offset + 20 : frames[6].offset]


def test_physics_frames_show_the_objects_of_the_other_streams(tmp_path: Path, small_file: bytes) -> None:
    first, second, third = read_frames(written(tmp_path / "a.i3", small_file))
    assert first["Shared"] == 3  # its own wins
    assert second["Shared"] == 1  # then the stream that appeared first
    assert second["Geometry"] == 2.0
    assert "Object00" in second
    assert "Object00" not in third  # a new Q replaces the old one
    assert third["Other"] is True
    assert third["Geometry"] == 2.0
    assert "Info" not in third
    assert "I3EventHeader" not in third


def test_streams_and_keys_narrow_what_is_read(tmp_path: Path, small_file: bytes) -> None:
    path = written(tmp_path / "a.i3", small_file)
    assert [frame.stream for frame in read_frames(path, streams="QG")] == ["G", "Q", "Q"]
    narrow = list(read_frames(path, keys=["Shared", "Absent"]))
    assert [list(frame.keys()) for frame in narrow] == [["Shared"], ["Shared"], ["Shared"]]
    with pytest.raises(KeyError, match="has no key 'Absent'"):
        narrow[0]["Absent"]


def test_frame_offers_class_and_bytes(tmp_path: Path) -> None:
    unknown = encode(1.0).replace(b"I3Double", b"I3Enigma")
    (frame,) = read_frames(written(tmp_path / "a.i3", frame_bytes("P", {"a": unknown, "b": 1, "c": None})))
    assert isinstance(frame["a"], I3Blob)
    assert (frame.class_name("a"), frame.class_name("b"), frame.class_name("c")) == ("I3Enigma", "I3Int", None)
    assert frame.blob("a") == unknown
    assert frame["c"] is None


@pytest.mark.parametrize("suffix", [".i3", ".i3.gz", ".i3.bz2", ".i3.zst"])
def test_packed_files_are_told_by_content(tmp_path: Path, small_file: bytes, suffix: str) -> None:
    write_frames(tmp_path / f"a{suffix}", [small_file])
    misnamed = (tmp_path / f"a{suffix}").rename(tmp_path / "b.dat")
    assert len(list(read_frames(misnamed, streams=None))) == 7


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, backports.zstd.compress])
def test_several_packed_streams_in_one_file(tmp_path: Path, small_file: bytes, compress) -> None:
    parts = [compress(small_file), compress(b""), compress(small_file[:100]), compress(small_file[100:])]
    assert len(list(read_frames(written(tmp_path / "a.i3", *parts), streams=None))) == 14


@pytest.mark.parametrize("n_zeros", [1, 512, 200_000])
def test_zeros_behind_a_packed_stream_are_passed_over(tmp_path: Path, small_file: bytes, n_zeros: int) -> None:
    parts = [gzip.compress(small_file), bytes(n_zeros), gzip.compress(small_file), bytes(n_zeros)]
    assert len(list(read_frames(written(tmp_path / "a.i3", *parts), streams=None))) == 14


def test_zstd_frames_that_hold_no_data_are_passed_over(tmp_path: Path, small_file: bytes) -> None:
    sizes = b"\x50\x2a\x4d\x18\4\0\0\0" + bytes(4)
    packed = backports.zstd.compress(small_file)
    assert len(list(read_frames(written(tmp_path / "a.i3", sizes, packed, sizes, packed), streams=None))) == 14


def test_frames_larger_than_the_pieces_read(tmp_path: Path) -> None:
    large = frame_bytes("P", {"text": "x" * 5_000_000, "number": 1})
    path = tmp_path / "a.i3.gz"
    write_frames(path, [large, frame_bytes("P", {"text": "y"}), large])
    assert [len(frame["text"]) for frame in read_frames(path)] == [5_000_000, 1, 5_000_000]


def test_empty_file_has_no_frames(tmp_path: Path) -> None:
    assert list(read_frames(written(tmp_path / "a.i3"))) == []


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*absent\.i3: No such file"):
        list(read_frames(tmp_path / "absent.i3"))


def test_every_cut_of_a_file_is_found(tmp_path: Path) -> None:
    frames = [frame_bytes("Q", {"a": 1.0}), frame_bytes("P", {"b": True, "c": "text"})]
    data = b"".join(frames)
    path = tmp_path / "a.i3"
    for end in range(len(data)):
        path.write_bytes(data[:end])
        if end in (0, len(frames[0])):
            assert len(list(read_frames(path, streams=None))) == (end > 0)
            continue
        found = []
        with pytest.raises(I3TruncatedError):
            found.extend(read_frames(path, streams=None))


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst"])
def test_every_cut_of_a_packed_file_is_found(tmp_path: Path, small_file: bytes, suffix: str) -> None:
    path = tmp_path / f"a.i3{suffix}"
    write_frames(path, [small_file])
    data = path.read_bytes()
    for end in {*range(4, len(data), 97), len(data) - 1}:
        path.write_bytes(data[:end])
        with pytest.raises(I3TruncatedError):
            list(read_frames(path, streams=None))


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst"])
def test_flipped_bits_of_a_packed_file_are_found(tmp_path: Path, small_file: bytes, suffix: str) -> None:
    path = tmp_path / f"a.i3{suffix}"
    write_frames(path, [small_file])
    data = path.read_bytes()
    for bit in range(0, 8 * len(data), 61):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            frames = list(read_frames(path, streams=None))
        except I3FormatError:
            continue
        assert len(frames) == 7  # a bit that says nothing of the content, such as the time in a gzip header


def test_every_flipped_bit_is_found(tmp_path: Path) -> None:
    data = frame_bytes("P", {"a": 1.0, "b": "text"})
    path = tmp_path / "a.i3"
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        with pytest.raises(I3FormatError):
            list(read_frames(path))


def test_checksum_can_be_left_unchecked(tmp_path: Path) -> None:
    data = bytearray(frame_bytes("P", {"a": "text"}))
    data[-5] ^= 1
    path = written(tmp_path / "a.i3", bytes(data))
    with pytest.raises(I3ChecksumError, match=r"frame 0, stream 'P': the frame has checksum"):
        list(read_frames(path))
    assert next(read_frames(path, verify=False))["a"] == "texu"


def test_error_names_file_byte_frame_stream_and_key(tmp_path: Path) -> None:
    blob = encode(True)[:-1] + b"\x02"
    frames = [frame_bytes("G", {}), frame_bytes("Q", {"Broken": blob}), frame_bytes("P", {"fine": 1})]
    (frame,) = read_frames(written(tmp_path / "a.i3", *frames))
    assert frame["fine"] == 1
    with pytest.raises(I3FormatError) as caught:
        frame["Broken"]
    error = caught.value
    assert (error.path, error.frame, error.stream, error.key) == (tmp_path / "a.i3", 1, "Q", "Broken")
    assert error.offset == len(frames[0]) + len(frames[1]) - 4
    assert "byte" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))


def test_frames_before_the_damage_are_given(tmp_path: Path) -> None:
    good = frame_bytes("P", {"a": 1})
    reader = read_frames(written(tmp_path / "a.i3", good, good, good[:-1]))
    assert [next(reader)["a"], next(reader)["a"]] == [1, 1]
    with pytest.raises(I3TruncatedError, match="frame 2"):
        next(reader)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"no i3 file at all", I3FormatError, "no frame starts here"),
        (b"[i3]\x07\0\0\0", I3UnsupportedError, "version 7, known are 3 to 6"),
        (b"\x02\0\0\0\0\0\0\0", I3UnsupportedError, "version 2, known are 3 to 6"),
        (b"[i3]\x06\0\0\0\0\0P\x01\0\0\0" + b"\xff\xff\xff\xff" * 4, I3FormatError, "a name has 4294967295 bytes"),
        (
            b"[i3]\x06\0\0\0\0\0P\x01\0\0\0\x01\0\0\0a\x01\0\0\0b\xff\xff\xff\xff",
            I3FormatError,
            "or more, 16777216 are allowed",
        ),
        (b"[i3]\x06\0\0\0\0\0P\xff\xff\xff\xff", I3FormatError, "4294967295 objects, 65536 at most"),
        (b"[i3]\x06\0\0\0\0\0P\xff\xff\0\0", I3TruncatedError, "the file ends within a frame"),
        (b"[i3]\x06\0\0\0\0\0P\x01\0\0\0\x01\0\0\0a\x01\0\0\0b\0\0\0\0", I3FormatError, "no bytes"),
        (b"[i3]\x06\0\0\0\x01\0P\0\0\0\0" + bytes(4), I3FormatError, "preamble 1, 0"),
    ],
)
def test_wrong_heads_are_named(tmp_path: Path, data: bytes, error: type[I3FormatError], message: str) -> None:
    with pytest.raises(error, match=message):
        list(read_frames(written(tmp_path / "a.i3", data)))


def test_frames_beyond_the_allowed_size_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.i3.gz"
    write_frames(path, [frame_bytes("G", {"a": "x" * 1000}), frame_bytes("C", {"b": "x" * 1000})])
    assert len(list(read_frames(path, streams="GC"))) == 2
    with pytest.raises(I3FormatError, match="500 are allowed"):
        list(read_frames(path, max_bytes=500))
    with pytest.raises(I3UnsupportedError, match="streams GC take more than 1500 bytes together"):
        list(read_frames(path, max_bytes=1500))
    assert len(list(read_frames(path, streams="C", keys=["b"], max_bytes=1500))) == 1


def test_file_that_unpacks_beyond_reason_is_refused(tmp_path: Path) -> None:
    frame = frame_bytes("I", {"zeros": "\0" * (15 << 20)})
    path = tmp_path / "a.i3.bz2"
    write_frames(path, [frame] * 6)
    with pytest.raises(I3FormatError, match="unpacks to more than 1100 times its size"):
        list(read_frames(path, streams=None, keys=[]))
