"""Where the objects of a frame lie: the one loop over all objects of all frames, compiled.

An event may have three hundred objects of which the analysis wants twenty. The loop passes over the rest by their
lengths; a wanted key is told by its hash, and its bytes are compared afterwards.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled

Bytes = NDArray[np.uint8]
Hashes = NDArray[np.uint64]
Spans = NDArray[np.int64]

# FNV-1a, 64 bits.
HASH_BASIS = np.uint64(0xCBF29CE484222325)
HASH_PRIME = np.uint64(0x100000001B3)


def sorted_hashes(keys: Iterable[bytes]) -> Hashes:
    """Return the hashes of keys in ascending order, (n_keys,)."""
    hashes = [_hash_of(np.frombuffer(key, np.uint8), 0, len(key)) for key in keys]
    return np.sort(np.array(hashes, dtype=np.uint64))


@compiled
def scan_objects(
    buffer: Bytes, start: int, limit: int, n_objects: int, is_choosy: bool, wanted: Hashes
) -> tuple[Spans, int, int]:
    """Return the spans of wanted objects, how many objects were passed, and where the next one starts.

    `buffer` (n_bytes,) holds `n_objects` objects from `start` on; those that do not end at `limit` or before, or have
    no bytes, are left. `wanted`: ascending hashes of the keys that are kept if `is_choosy`, else all are. A span is
    (begin and end of the key, end of the type name, end of the object's bytes); the 4 bytes before each are lengths.
    """
    spans = np.empty((n_objects, 4), np.int64)
    n_kept = 0
    for n_passed in range(n_objects):
        key_start = start + 4
        if key_start > limit:
            return spans[:n_kept], n_passed, start
        key_end = key_start + _length_at(buffer, start)
        if key_end + 4 > limit:
            return spans[:n_kept], n_passed, start
        type_end = key_end + 4 + _length_at(buffer, key_end)
        if type_end + 4 > limit:
            return spans[:n_kept], n_passed, start
        blob_start = type_end + 4
        blob_end = blob_start + _length_at(buffer, type_end)
        if blob_end > limit or blob_end == blob_start:
            return spans[:n_kept], n_passed, start
        is_kept = not is_choosy
        if is_choosy:
            key_hash = _hash_of(buffer, key_start, key_end)
            position = np.searchsorted(wanted, key_hash)
            is_kept = bool(position < wanted.size) and bool(wanted[position] == key_hash)
        if is_kept:
            spans[n_kept, 0], spans[n_kept, 1] = key_start, key_end
            spans[n_kept, 2], spans[n_kept, 3] = type_end, blob_end
            n_kept += 1
        start = blob_end
    return spans[:n_kept], n_objects, start


@compiled
def _length_at(buffer: Bytes, start: int) -> int:
    """Return the little-endian u32 at a position."""
    low = np.int64(buffer[start]) | np.int64(buffer[start + 1]) << 8
    high = np.int64(buffer[start + 2]) | np.int64(buffer[start + 3]) << 8
    return int(low | high << 16)


@compiled
def _hash_of(buffer: Bytes, start: int, end: int) -> np.uint64:
    result = HASH_BASIS
    for index in range(start, end):
        result = (result ^ np.uint64(buffer[index])) * HASH_PRIME
    return result
