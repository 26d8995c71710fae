"""Writing i3 files: a small writer, for synthetic samples and for trying the reader on every version."""

import bz2
import gzip
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import backports.zstd

from core.events.i3.archive import BYTE, PREAMBLE, UINT32, UINT64, ArchiveWriter
from core.events.i3.blobs import class_name_of, encode
from core.events.i3.classes import FRAME_CLASSES
from core.events.i3.errors import I3UnsupportedError
from core.events.i3.frames import LAST_WITH_HISTORY, NEWEST_FRAME, OLDEST_FRAME, TAG, checksum

COMPRESSIONS: Mapping[str, Callable[[bytes], bytes]] = {
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".bz2": bz2.compress,
    ".zst": backports.zstd.compress,
}


# Module, letter of what it did, key, its class, and the other key of a renaming.
Deed = tuple[str, str, str, str, str]


def write_frames(path: str | Path, frames: Iterable[bytes]) -> None:
    """Write frames, as frame_bytes makes them, to a file; its last suffix .gz, .bz2 or .zst packs it."""
    path = Path(path)
    data = b"".join(frames)
    compress = COMPRESSIONS.get(path.suffix)
    path.write_bytes(data if compress is None else compress(data))


def frame_bytes(stream: str, objects: Mapping[str, Any], version: int = NEWEST_FRAME) -> bytes:
    """Return a frame of Python values; an object's bytes (I3Blob or encode's) are taken as they are."""
    slots = {}
    for key, value in objects.items():
        blob = bytes(value) if isinstance(value, bytes) else encode(value)
        class_name = class_name_of(blob) or "(null)"
        known = FRAME_CLASSES.get(class_name)
        slots[key] = (class_name if known is None else known.type_name), blob
    return frame_of_slots(stream, slots, version)


def frame_of_slots(
    stream: str,
    slots: Mapping[str, tuple[str, bytes]],
    version: int = NEWEST_FRAME,
    history: Sequence[Deed] = (),
    unchecked: tuple[int, int] = (0, 0),
) -> bytes:
    """Return a frame of objects given by type name and bytes, in the order of their names, as icetray writes them.

    Versions 3 and 4 have a `history`, and numbers at their end or in their head that nobody checks: `unchecked`, a
    number of bytes (of version 4 it is the frame's own) and a checksum.
    """
    if not OLDEST_FRAME <= version <= NEWEST_FRAME:
        raise I3UnsupportedError(f"cannot write frame version {version}: known are {OLDEST_FRAME} to {NEWEST_FRAME}")
    writer = ArchiveWriter()
    if version <= LAST_WITH_HISTORY:
        _write_old_head(writer, stream, version, history)
    writer.fields(UINT32, len(slots))
    for key in sorted(slots, key=lambda name: name.encode("utf-8", "surrogateescape")):
        type_name, blob = slots[key]
        writer.string(key)
        writer.string(type_name)
        writer.size(len(blob), 1)
        writer.parts.append(blob)
    body = b"".join(writer.parts)
    head = TAG + UINT32.pack(version)
    letter = stream.encode("latin-1")
    preamble = PREAMBLE.pack(0, 0)
    if version == OLDEST_FRAME:
        return UINT32.pack(version) + body + UINT64.pack(unchecked[0]) + UINT32.pack(unchecked[1])
    if version == LAST_WITH_HISTORY:
        return head + UINT64.pack(len(body)) + UINT32.pack(unchecked[1]) + body
    return head + preamble + letter + body + UINT32.pack(checksum(letter + body, version))


def _write_old_head(writer: ArchiveWriter, stream: str, version: int, history: Sequence[Deed]) -> None:
    """Write letter and history, in the order of the version."""

    def write_letter() -> None:
        writer.enter("Stream", 0, 0)
        writer.fields(BYTE, ord(stream))

    if version == LAST_WITH_HISTORY:
        write_letter()
    writer.enter("vector<event_t>", 0, 0, is_tracked=False)
    writer.size(len(history), 1)
    for module, deed, *keys in history:
        writer.enter("event_t", 0, 0)
        writer.string(module)
        writer.fields(BYTE, ord(deed))
        for key in keys:
            writer.string(key)
    if version == OLDEST_FRAME:
        write_letter()
