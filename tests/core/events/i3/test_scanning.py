"""The compiled loop over a frame's objects: the wanted ones, however they are cut off."""

import struct

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.events.i3.scanning import scan_objects, sorted_hashes

parts = st.tuples(st.binary(max_size=6), st.binary(max_size=6), st.binary(min_size=1, max_size=9))


def laid_out(objects: list[tuple[bytes, bytes, bytes]]) -> bytes:
    return b"".join(struct.pack("<I", len(part)) + part for entry in objects for part in entry)


@settings(deadline=None)  # the first call compiles
@given(st.lists(parts, max_size=12), st.data())
def test_wanted_objects_are_found_where_they_lie(
    objects: list[tuple[bytes, bytes, bytes]], data: st.DataObject
) -> None:
    wanted = data.draw(st.sets(st.sampled_from([key for key, _, _ in objects] or [b"none"])))
    buffer = b"head" + laid_out(objects)
    for is_choosy in (False, True):
        spans, n_passed, end = scan_objects(
            np.frombuffer(buffer, np.uint8), 4, len(buffer), len(objects), is_choosy, sorted_hashes(wanted)
        )
        assert (n_passed, end) == (len(objects), len(buffer))
        found = [(buffer[a:b], buffer[b + 4 : c], buffer[c + 4 : d]) for a, b, c, d in spans.tolist()]
        assert found == [entry for entry in objects if not is_choosy or entry[0] in wanted]


@settings(deadline=None)
@given(st.lists(parts, min_size=1, max_size=6), st.data())
def test_object_cut_off_is_left(objects: list[tuple[bytes, bytes, bytes]], data: st.DataObject) -> None:
    buffer = laid_out(objects)
    limit = data.draw(st.integers(0, len(buffer) - 1))
    spans, n_passed, end = scan_objects(
        np.frombuffer(buffer, np.uint8), 0, limit, len(objects), False, sorted_hashes([])
    )
    assert n_passed < len(objects)
    assert len(spans) == n_passed
    assert end == len(laid_out(objects[:n_passed])) <= limit


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, 2**16))
def test_any_bytes_are_passed_within_their_limit(buffer: bytes, n_objects: int) -> None:
    spans, n_passed, end = scan_objects(
        np.frombuffer(buffer, np.uint8), 0, len(buffer), n_objects, False, sorted_hashes([])
    )
    assert len(spans) == n_passed <= n_objects
    assert 0 <= end <= len(buffer)


def test_hashes_are_those_of_fnv_1a() -> None:
    assert sorted_hashes([b"a"])[0] == 0xAF63DC4C8601EC8C
    assert sorted_hashes([b"foobar", b""]).tolist() == sorted([0x85944171F73967E8, 0xCBF29CE484222325])
