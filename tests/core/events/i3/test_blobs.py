"""What is written is read back, and what is read is written byte for byte."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events.i3 import (
    I3Blob,
    I3EventHeader,
    I3FormatError,
    I3MCTree,
    I3Particle,
    I3Time,
    I3TruncatedError,
    I3UnsupportedError,
    decode,
    encode,
)
from core.events.i3.blobs import class_name_of

doubles = st.floats(width=64)
int32 = st.integers(-(2**31), 2**31 - 1)
uint32 = st.integers(0, 2**32 - 1)
names = st.text(max_size=8)


def as_plain(value: Any) -> Any:
    """Return nested lists and dicts that compare NaN as equal to itself."""
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    if isinstance(value, dict):
        return {key: as_plain(entry) for key, entry in value.items()}
    if isinstance(value, I3MCTree):
        return [as_plain(list(value)), value.depths.tolist()]
    if isinstance(value, (list, tuple, np.ndarray)):
        return [as_plain(entry) for entry in (value.tolist() if isinstance(value, np.ndarray) else value)]
    return value


def test_every_class_and_version_reads_back(frame_object: tuple[str, int, Any]) -> None:
    name, version, value = frame_object
    blob = encode(value, name, version)
    assert as_plain(decode(blob)) == as_plain(value)
    assert encode(decode(blob), name, version) == blob
    assert class_name_of(blob) == name


def test_every_cut_is_noticed(frame_object: tuple[str, int, Any]) -> None:
    name, version, value = frame_object
    blob = encode(value, name, version)
    for end in range(len(blob)):
        with pytest.raises(I3FormatError):
            decode(blob[:end])
    with pytest.raises(I3FormatError, match=f"1 bytes stand behind the end of {name}"):
        decode(blob + b"\0")


# The layout of the format, byte by byte.
def test_layout_of_a_number() -> None:
    head = b"\x00\x01\x02\x00\x08\x00\x00\x00I3Double\x01\x00\x00\x00\x00\x00"
    base = b"\x01\x00\x01\x00\x00\x00"
    assert encode(1.0) == head + base + b"\x00\x00\x00\x00\x00\x00\xf0\x3f"


@pytest.mark.parametrize(
    ("value", "length"),
    [(1.0, 36), (True, 27), (1, 29), (I3Particle(), 150), (I3EventHeader(sub_event_stream="InIceSplit"), 109)],
)
def test_lengths_are_those_of_real_files(value: Any, length: int) -> None:
    assert len(encode(value)) == length


@given(
    st.builds(
        I3Particle,
        minor_id=int32,
        major_id=st.integers(0, 2**64 - 1),
        type_code=int32,
        shape=int32,
        fit_status=int32,
        **dict.fromkeys(("x", "y", "z", "zenith", "azimuth", "time", "energy", "length", "speed"), doubles),
        location_type=int32,
        version=st.just(5),
        obsolete=st.just(()),
    )
)
def test_any_particle_reads_back(particle: I3Particle) -> None:
    blob = encode(particle)
    assert as_plain(decode(blob)) == as_plain(particle)
    assert encode(decode(blob)) == blob


@given(st.dictionaries(names, doubles))
def test_any_map_of_numbers_reads_back(values: dict[str, float]) -> None:
    assert as_plain(decode(encode(values, "I3MapStringDouble"))) == as_plain(values)


@given(
    st.builds(
        I3EventHeader,
        uint32,
        uint32,
        uint32,
        int32,
        uint32,
        names,
        st.just(I3Time(2016, 5)),
        st.just(I3Time()),
        st.just(3),
    )
)
def test_any_header_reads_back(header: I3EventHeader) -> None:
    assert decode(encode(header)) == header


def test_null_pointer_is_none() -> None:
    assert decode(encode(None)) is None
    assert class_name_of(encode(None)) is None


def test_unknown_class_is_offered_as_bytes() -> None:
    blob = encode(1.0).replace(b"I3Double", b"I3Enigma")
    value = decode(blob)
    assert isinstance(value, I3Blob)
    assert value == blob
    assert value.class_name == "I3Enigma"
    assert encode(value) == blob


def test_newer_version_is_refused_by_name() -> None:
    blob = bytearray(encode(I3Particle()))
    blob[19] = 6
    with pytest.raises(I3UnsupportedError, match="I3Particle has version 6, known are 0 to 5"):
        decode(bytes(blob))


def test_linearized_tree_is_refused_by_name() -> None:
    blob = encode(I3MCTree()).replace(b"\x08\x00\x00\x00I3MCTree", b"\x12\x00\x00\x00I3LinearizedMCTree")
    with pytest.raises(I3UnsupportedError, match="I3LinearizedMCTree is not read"):
        decode(blob)


@pytest.mark.parametrize("count", [2**32 - 2, 2**32 - 1, 10**6])
def test_count_beyond_the_bytes_is_refused_before_anything_is_made(count: int) -> None:
    blob = encode([], "I3VectorDouble")
    with pytest.raises(I3TruncatedError, match="are left of the object"):
        decode(blob[:-4] + count.to_bytes(4, "little") + b"\xff" * 8)


def test_truth_value_other_than_0_and_1_is_refused() -> None:
    with pytest.raises(I3FormatError, match="truth value is the byte 7"):
        decode(encode(True)[:-1] + b"\x07")


def test_repeated_name_in_a_map_is_refused() -> None:
    blob = encode({"aa": 1.0, "ab": 2.0})
    with pytest.raises(I3FormatError, match="only 1 different names"):
        decode(blob.replace(b"ab", b"aa"))


def test_deep_nesting_is_refused() -> None:
    nested = I3Particle(version=0, obsolete=(0, 0, ()))
    for _ in range(40):
        nested = nested._replace(obsolete=(0, 0, (nested,)))
    with pytest.raises(I3FormatError, match="nested deeper than 32"):
        encode(nested)


@pytest.mark.parametrize("value", [2**31, I3Particle(major_id=-1), {"a": 2**40}])
def test_value_that_does_not_fit_is_refused_on_writing(value: Any) -> None:
    with pytest.raises(I3FormatError, match="cannot write"):
        encode(value)


@pytest.mark.parametrize("value", [{}, [], object(), [1.0]])
def test_value_of_no_certain_class_asks_for_the_class(value: Any) -> None:
    with pytest.raises(I3UnsupportedError, match="name it"):
        encode(value)
