"""One description of an object reads what it writes, and sizes are held against what is left."""

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events.i3.archive import DOUBLE, INT32, UINT32, UINT64, Archive, ArchiveReader, ArchiveWriter
from core.events.i3.errors import I3FormatError, I3TruncatedError, I3UnsupportedError

NUMBERS = np.dtype("<f8")


def exchange(archive: Archive, text: str, values: np.ndarray, number: int) -> tuple[str, np.ndarray, int]:
    """A toy object: a text, an array and a number, of a class in version 2."""
    archive.enter("Toy", 2, 2)
    text = archive.string(text)
    n_values = archive.size(len(values), NUMBERS.itemsize)
    values = archive.array(NUMBERS, n_values, values)
    (number,) = archive.fields(INT32, number)
    return text, values, number


def written(*objects: tuple[str, np.ndarray, int]) -> bytes:
    writer = ArchiveWriter()
    for toy in objects:
        exchange(writer, *toy)
    return b"".join(writer.parts)


@given(st.text(max_size=20), st.lists(st.floats(allow_nan=False), max_size=5), st.integers(-(2**31), 2**31 - 1))
def test_what_is_written_reads_back(text: str, values: list[float], number: int) -> None:
    reader = ArchiveReader(written((text, np.array(values), number)))
    found, array, count = exchange(reader, "", np.empty(0), 0)
    assert (found, array.tolist(), count) == (text, values, number)
    assert reader.position == len(reader.data)


def test_a_class_is_introduced_once_and_objects_are_numbered() -> None:
    toy = ("a", np.array([1.0]), 7)
    one, two = written(toy), written(toy, toy)
    assert len(two) - len(one) == len(one) - 2  # tracking and version stand before the first alone
    assert one[:2] == bytes([1, 2])
    reader = ArchiveReader(two)
    assert [exchange(reader, "", np.empty(0), 0)[2] for _ in range(2)] == [7, 7]
    assert reader.n_objects == 2


def test_bytes_that_are_no_text_survive() -> None:
    writer = ArchiveWriter()
    writer.string(b"\xff\xfe".decode("utf-8", "surrogateescape"))
    assert ArchiveReader(b"".join(writer.parts)).string().encode("utf-8", "surrogateescape") == b"\xff\xfe"


@pytest.mark.parametrize("n_kept", range(0, 31, 3))
def test_an_object_that_ends_early_is_refused(n_kept: int) -> None:
    whole = written(("text", np.array([1.0]), 7))
    assert len(whole) == 2 + 4 + 4 + 4 + 4 + 8 + 4
    with pytest.raises(I3TruncatedError):
        exchange(ArchiveReader(whole[: min(n_kept, len(whole) - 1)]), "", np.empty(0), 0)


@pytest.mark.parametrize("head", [UINT32.pack(2**31), UINT32.pack(2**32 - 1) + UINT64.pack(2**60)])
def test_a_size_beyond_what_is_left_is_refused_before_memory_is_taken(head: bytes) -> None:
    with pytest.raises(I3TruncatedError):
        ArchiveReader(head + bytes(64)).size(0, 8)


def test_large_sizes_take_a_longer_number() -> None:
    writer = ArchiveWriter()
    writer.size(2**32 - 1, 1)
    assert b"".join(writer.parts) == UINT32.pack(2**32 - 1) + UINT64.pack(2**32 - 1)


def test_entries_are_texts_and_numbers_in_turn() -> None:
    writer = ArchiveWriter()
    expected = {"energy": 3.5, "zenith": -1.0}
    for name, value in expected.items():
        writer.string(name)
        writer.fields(DOUBLE, value)
    data = b"".join(writer.parts)
    assert ArchiveReader(data).entries(DOUBLE, 2) == expected
    with pytest.raises(I3TruncatedError):
        ArchiveReader(data).entries(DOUBLE, 3)


def test_versions_that_are_newer_than_known_are_refused() -> None:
    with pytest.raises(I3UnsupportedError, match="version 3 of class Toy, known are 0 to 2"):
        ArchiveWriter().enter("Toy", 3, 2)
    writer: Any = ArchiveWriter()
    writer.enter("Toy", 3, 3)
    with pytest.raises(I3UnsupportedError):
        ArchiveReader(b"".join(writer.parts)).enter("Toy", 0, 2)


def test_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(I3FormatError, match=r"cannot write \(4294967296,\)"):
        ArchiveWriter().fields(struct.Struct("<I"), 2**32)
