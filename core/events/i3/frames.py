"""Frames: the records of an i3 file, each a stream letter and named objects, closed by a checksum.

A frame is "[i3]", its version, the letter of its stream, and for each object its name, a C++ type name and its bytes.
Versions 6 (CRC-32C) and 5 (CRC-16) end with a checksum of all from the letter on. Version 4 has the number of its bytes
in its head, a checksum that nobody ever checked, and a history of what was done to the frame, which is passed over, as
it is in version 3. That one has no tag, and its end holds a number and a checksum of a part of the frame. Up to version
4 the letter and each step of the history are tracked objects.
"""

import binascii
import struct
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import google_crc32c
import numpy as np

from core.events.i3.archive import BYTE, UINT32, ArchiveReader
from core.events.i3.blobs import class_name_of, decode
from core.events.i3.errors import I3ChecksumError, I3FormatError, I3TruncatedError, I3UnsupportedError
from core.events.i3.scanning import scan_objects, sorted_hashes

TAG = b"[i3]"
NEWEST_FRAME = 6
OLDEST_FRAME = 3
LAST_WITH_HISTORY = 4
HEAD_BYTES = 15  # tag, version, preamble, letter, number of objects
CHECKED_FROM = 10  # the letter
MOST_NAME_BYTES = 1 << 16
OLD_HISTORY_BYTES = 1 << 20
MOST_SLOTS = 1 << 16
CHECKSUM_STEP = 1 << 20

_HEAD = struct.Struct("<4sIBBBI")
_OLD_HEAD = struct.Struct("<4sIQI")
_OLDEST_TAIL = struct.Struct("<QI")
_u32 = UINT32.unpack_from


class Slot(NamedTuple):
    """An object as it stands in a file: C++ type name, bytes, and the position of these bytes."""

    type_name: str
    blob: bytes
    offset: int
    frame: int
    stream: str


class I3Frame(Mapping[str, Any]):
    """A frame: `stream` is its letter, `frame[key]` decodes an object when it is asked for.

    An object of a class that is not known comes as an I3Blob, its bytes. Errors name file, byte, frame, stream, key.
    """

    __slots__ = ("_values", "number", "offset", "path", "slots", "stream", "version")

    def __init__(
        self, stream: str, slots: Mapping[str, Slot], path: Path, number: int, offset: int, version: int
    ) -> None:
        self.stream = stream
        self.slots = slots
        self.path = path
        self.number = number
        self.offset = offset
        self.version = version
        self._values: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        if key not in self._values:
            slot = self._slot(key)
            try:
                self._values[key] = decode(slot.blob)
            except I3FormatError as error:
                error.offset = slot.offset + (error.offset or 0)
                raise error.at(self.path, frame=slot.frame, stream=slot.stream, key=key) from None
        return self._values[key]

    def __contains__(self, key: object) -> bool:
        return key in self.slots

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.slots))

    def __len__(self) -> int:
        return len(self.slots)

    def blob(self, key: str) -> bytes:
        """Return the bytes of an object."""
        return self._slot(key).blob

    def class_name(self, key: str) -> str | None:
        """Return the class of an object as its own bytes name it; None for a null pointer."""
        return class_name_of(self._slot(key).blob)

    def _slot(self, key: str) -> Slot:
        if key not in self.slots:
            raise KeyError(f"{self.path}: frame {self.number}, stream {self.stream!r}, has no key {key!r}")
        return self.slots[key]


class ByteWindow:
    """The bytes of a file from the current frame on, as many as were asked for so far."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.buffer = bytearray()
        self.origin = 0
        self.offset = 0  # of the origin in the file
        self._chunks = chunks

    def advance(self, n_bytes: int) -> None:
        """Move the beginning of the window."""
        self.origin += n_bytes
        self.offset += n_bytes

    def holds(self, n_bytes: int) -> bool:
        """Tell whether the window holds so many bytes, after reading on if need be."""
        if len(self.buffer) - self.origin >= n_bytes:
            return True
        del self.buffer[: self.origin]
        self.origin = 0
        for chunk in self._chunks:
            self.buffer += chunk  # grows in position: a large frame must not be there twice
            if len(self.buffer) >= n_bytes:
                return True
        return False

    def cut(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`, counted from the beginning of the window."""
        with memoryview(self.buffer) as view:
            return bytes(view[self.origin + start : self.origin + end])

    def require(self, n_bytes: int) -> None:
        """Read on until the window holds so many bytes; I3TruncatedError where the file ends before."""
        if not self.holds(n_bytes):
            raise I3TruncatedError(
                f"the file ends within a frame: {n_bytes} bytes are due, {len(self.buffer) - self.origin} are there"
            ).at(offset=self.offset)


# An object's key, and where its type name begins and ends and its bytes end, counted from the frame's beginning.
Span = tuple[bytes, int, int, int]


class FrameParser:
    """Cuts a file's bytes into frames. `keys`: only these objects are kept; None keeps all."""

    def __init__(
        self, window: ByteWindow, path: Path, keys: Collection[str] | None, verify: bool, most_bytes: int
    ) -> None:
        self.window = window
        self.path = path
        self.wanted = None if keys is None else {key.encode("utf-8", "surrogateescape") for key in keys}
        self.hashes = sorted_hashes(self.wanted or ())
        self.verify = verify
        self.most_bytes = most_bytes
        self.number = 0

    def frames(self) -> Iterator[I3Frame]:
        """Yield the frames as they were written."""
        while self.window.holds(1):
            self.window.require(len(TAG) + UINT32.size)
            tag, version = struct.unpack_from("<4sI", self.window.buffer, self.window.origin)
            version = self._checked_version(tag, version)
            stream, n_slots, position = self._head() if version > LAST_WITH_HISTORY else self._old_head(version)
            try:
                if n_slots > MOST_SLOTS:
                    raise I3FormatError(f"the frame has {n_slots} objects, {MOST_SLOTS} at most").at(
                        offset=self.window.offset + position - UINT32.size
                    )
                spans, end = self._spans(n_slots, position)
                end = self._checked_end(version, end)
                slots = self._slots(spans, stream)
            except I3FormatError as error:
                raise error.at(stream=stream) from None
            yield I3Frame(stream, slots, self.path, self.number, self.window.offset, version)
            self.window.advance(end)
            self.number += 1

    def _checked_version(self, tag: bytes, version: int) -> int:
        """Return the version of the frame that begins here, of which the oldest have no tag before it."""
        if tag == TAG and OLDEST_FRAME < version <= NEWEST_FRAME:
            return version
        if _u32(tag)[0] == OLDEST_FRAME:
            return OLDEST_FRAME
        if tag == TAG:
            problem = f"the frame has version {version}, known are {OLDEST_FRAME} to {NEWEST_FRAME}"
        elif _u32(tag)[0] < OLDEST_FRAME:
            problem = f"the frame has version {_u32(tag)[0]}, known are {OLDEST_FRAME} to {NEWEST_FRAME}"
        else:
            raise I3FormatError(f"no frame starts here: {tag!r} stands where {TAG!r} is due").at(
                offset=self.window.offset
            )
        raise I3UnsupportedError(problem).at(offset=self.window.offset)

    def _head(self) -> tuple[str, int, int]:
        """Return stream letter, number of objects and the position behind them, versions 5 and 6."""
        self.window.require(HEAD_BYTES)
        _, _, tracking, class_version, letter, n_slots = _HEAD.unpack_from(self.window.buffer, self.window.origin)
        if tracking or class_version:
            raise I3FormatError(f"a stream has the preamble {tracking}, {class_version}; 0, 0 is due").at(
                offset=self.window.offset + 8
            )
        return chr(letter), n_slots, HEAD_BYTES

    def _old_head(self, version: int) -> tuple[str, int, int]:
        """Return stream letter, number of objects and the position behind them, versions 3 and 4."""
        window, start, n_bytes = self.window, UINT32.size, OLD_HISTORY_BYTES
        if version == LAST_WITH_HISTORY:
            window.require(_OLD_HEAD.size)
            start = _OLD_HEAD.size
            n_bytes = max(_OLD_HEAD.unpack_from(window.buffer, window.origin)[2], OLD_HISTORY_BYTES)
        window.holds(start + min(n_bytes, self.most_bytes))
        archive = ArchiveReader(window.cut(start, start + self.most_bytes))
        try:
            if version == LAST_WITH_HISTORY:
                letter = self._letter(archive)
                self._pass_history(archive)
            else:
                self._pass_history(archive)
                letter = self._letter(archive)
            (n_slots,) = archive.fields(UINT32)
        except I3FormatError as error:
            error.offset = window.offset + start + (error.offset or 0)
            raise
        return letter, n_slots, start + archive.position

    @staticmethod
    def _letter(archive: ArchiveReader) -> str:
        archive.enter("Stream", 0, 0)
        return chr(archive.fields(BYTE)[0])

    @staticmethod
    def _pass_history(archive: ArchiveReader) -> None:
        """Read what was done to the frame: module, kind of deed, key, its class, and another key."""
        archive.enter("vector<event_t>", 0, 0, is_tracked=False)
        for _ in range(archive.size(0, 5 * UINT32.size + 1)):
            archive.enter("event_t", 0, 0)
            archive.string()
            archive.fields(BYTE)
            for _key in range(3):
                archive.string()

    def _checked_end(self, version: int, end: int) -> int:
        """Return where the frame ends whose last object ends at `end`, after checking it by what its version has."""
        if version == OLDEST_FRAME:
            self.window.require(end + _OLDEST_TAIL.size)
            return end + _OLDEST_TAIL.size
        if version == LAST_WITH_HISTORY:
            n_bytes = _OLD_HEAD.unpack_from(self.window.buffer, self.window.origin)[2]
            if self.verify and end != _OLD_HEAD.size + n_bytes:
                raise I3FormatError(f"the frame has {end - _OLD_HEAD.size} bytes, {n_bytes} were written").at(
                    offset=self.window.offset
                )
            return end
        self._check_sum(version, end)
        return end + UINT32.size

    def _spans(self, n_slots: int, position: int) -> tuple[list[Span], int]:
        """Return where the wanted objects lie and the position behind the last object."""
        spans: list[Span] = []
        while True:
            n_scanned, position = self._scan(n_slots, position, spans)
            n_slots -= n_scanned
            if n_slots == 0:
                return spans, position
            self.window.require(self._bytes_due(position))

    def _scan(self, n_slots: int, position: int, spans: list[Span]) -> tuple[int, int]:
        """Collect the wanted objects that lie whole in the window; return how many were passed, and the position."""
        buffer, origin = self.window.buffer, self.window.origin
        limit = min(len(buffer), origin + self.most_bytes)
        found, n_passed, start = scan_objects(
            np.frombuffer(buffer, np.uint8), origin + position, limit, n_slots, self.wanted is not None, self.hashes
        )
        with memoryview(buffer) as view:
            for key_start, key_end, type_end, blob_end in found.tolist():
                key = bytes(view[key_start:key_end])
                if self.wanted is None or key in self.wanted:
                    spans.append((key, key_end + 4 - origin, type_end - origin, blob_end - origin))
        return n_passed, start - origin

    def _bytes_due(self, position: int) -> int:
        """Return how many bytes of the frame must be there to pass the object at `position`, as far as is known."""
        buffer, origin = self.window.buffer, self.window.origin
        end = position + 4
        for _name in ("key", "type"):
            if origin + end > len(buffer):
                return self._bounded(end)
            (n_bytes,) = _u32(buffer, origin + end - 4)
            if n_bytes > MOST_NAME_BYTES:
                raise I3FormatError(f"a name has {n_bytes} bytes, {MOST_NAME_BYTES} at most").at(
                    offset=self.window.offset + end - 4
                )
            end += n_bytes + 4
        if origin + end > len(buffer):
            return self._bounded(end)
        (n_bytes,) = _u32(buffer, origin + end - 4)
        if n_bytes == 0:
            raise I3FormatError("an object has no bytes").at(offset=self.window.offset + end - 4)
        return self._bounded(end + n_bytes)

    def _bounded(self, n_bytes: int) -> int:
        if n_bytes > self.most_bytes:
            raise I3FormatError(
                f"the frame needs {n_bytes} bytes or more, {self.most_bytes} are allowed: "
                "its lengths are damaged, or max_bytes must be larger"
            ).at(offset=self.window.offset)
        return n_bytes

    def _check_sum(self, version: int, end: int) -> None:
        self.window.require(end + UINT32.size)
        (written,) = _u32(self.window.buffer, self.window.origin + end)
        if not self.verify:
            return
        found = checksum(b"", version)
        for start in range(CHECKED_FROM, end, CHECKSUM_STEP):
            found = checksum(self.window.cut(start, min(start + CHECKSUM_STEP, end)), version, found)
        if found != written:
            raise I3ChecksumError(f"the frame has checksum {found:08x}, {written:08x} was written").at(
                offset=self.window.offset
            )

    def _slots(self, spans: list[Span], stream: str) -> dict[str, Slot]:
        offset, number = self.window.offset, self.number
        with memoryview(self.window.buffer)[self.window.origin :] as view:
            return {
                key.decode("utf-8", "surrogateescape"): Slot(
                    str(view[type_start:type_end], "utf-8", "surrogateescape"),
                    bytes(view[type_end + 4 : blob_end]),
                    offset + type_end + 4,
                    number,
                    stream,
                )
                for key, type_start, type_end, blob_end in spans
            }


def checksum(data: bytes, version: int = NEWEST_FRAME, so_far: int | None = None) -> int:
    """Return the checksum of a frame: CRC-32C without the final inversion (6), CRC-16-CCITT from 0xFFFF (5).

    `so_far`: the checksum of what stands before `data`.
    """
    if version == 5:
        return binascii.crc_hqx(data, 0xFFFF if so_far is None else so_far)
    before = 0xFFFFFFFF if so_far is None else so_far ^ 0xFFFFFFFF
    return int(google_crc32c.extend(before, data)) ^ 0xFFFFFFFF
