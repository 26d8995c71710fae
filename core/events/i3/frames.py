"""Frames: the records of an i3 file, each a stream letter and named objects, closed by a checksum.

A frame is "[i3]", its version, the letter of its stream, and for each object its name, a C++ type name and its bytes.
Versions 6 (CRC-32C) and 5 (CRC-16) end with a checksum of all from the letter on; version 4 has none that was ever
checked, but a history of what was done to the frame, which is passed over.
"""

import binascii
import struct
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import google_crc32c

from core.events.i3.archive import BYTE, UINT32, ArchiveReader
from core.events.i3.blobs import class_name_of, decode
from core.events.i3.errors import I3ChecksumError, I3FormatError, I3TruncatedError, I3UnsupportedError

TAG = b"[i3]"
NEWEST_FRAME = 6
OLDEST_FRAME = 4
HEAD_BYTES = 15  # tag, version, preamble, letter, number of objects
CHECKED_FROM = 10  # the letter
MOST_NAME_BYTES = 1 << 16
DEFAULT_MOST_BYTES = 48 << 20

_HEAD = struct.Struct("<4sIBBBI")
_OLD_HEAD = struct.Struct("<4sIQI")
_u32 = UINT32.unpack_from


class Slot(NamedTuple):
    """An object as it stands in a file: C++ type name, bytes, and the place of these bytes."""

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
        self.buffer = b""
        self.origin = 0
        self.offset = 0  # of the origin in the file
        self._chunks = chunks

    def advance(self, n_bytes: int) -> None:
        """Move the beginning of the window."""
        self.origin += n_bytes
        self.offset += n_bytes

    def holds(self, n_bytes: int) -> bool:
        """Tell whether the window holds so many bytes, after reading on if need be."""
        missing = n_bytes - (len(self.buffer) - self.origin)
        if missing <= 0:
            return True
        # Read a quarter more than there is, so that a frame of many parts is not copied once for each.
        wanted = max(missing, (len(self.buffer) - self.origin) // 4)
        parts = [self.buffer[self.origin :]]
        for chunk in self._chunks:
            parts.append(chunk)
            wanted -= len(chunk)
            if wanted <= 0:
                break
        self.buffer, self.origin = b"".join(parts), 0
        return len(self.buffer) >= n_bytes

    def require(self, n_bytes: int) -> None:
        """Read on until the window holds so many bytes; I3TruncatedError where the file ends before."""
        if not self.holds(n_bytes):
            raise I3TruncatedError(
                f"the file ends within a frame: {n_bytes} bytes are due, {len(self.buffer) - self.origin} are there"
            ).at(offset=self.offset)


class Span(NamedTuple):
    """Where the parts of an object lie, counted from the beginning of the frame."""

    key: bytes
    type_start: int
    type_end: int
    blob_start: int
    blob_end: int


class FrameParser:
    """Cuts a file's bytes into frames. `keys`: only these objects are kept; None keeps all."""

    def __init__(
        self, window: ByteWindow, path: Path, keys: Collection[str] | None, verify: bool, most_bytes: int
    ) -> None:
        self.window = window
        self.path = path
        self.wanted = None if keys is None else {key.encode("utf-8", "surrogateescape") for key in keys}
        self.verify = verify
        self.most_bytes = most_bytes
        self.number = 0

    def frames(self) -> Iterator[I3Frame]:
        """Yield the frames as they were written."""
        while self.window.holds(1):
            self.window.require(len(TAG) + UINT32.size)
            tag, version = struct.unpack_from("<4sI", self.window.buffer, self.window.origin)
            self._check_head(tag, version)
            stream, n_slots, position = self._head() if version > OLDEST_FRAME else self._old_head()
            try:
                spans, end = self._spans(n_slots, position)
                if version > OLDEST_FRAME:
                    self._check_sum(version, end)
                    slots = self._slots(spans, stream)
                    end += UINT32.size
                else:
                    slots = self._slots(spans, stream)
            except I3FormatError as error:
                raise error.at(stream=stream) from None
            yield I3Frame(stream, slots, self.path, self.number, self.window.offset, version)
            self.window.advance(end)
            self.number += 1

    def _check_head(self, tag: bytes, version: int) -> None:
        if tag == TAG and OLDEST_FRAME <= version <= NEWEST_FRAME:
            return
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

    def _old_head(self) -> tuple[str, int, int]:
        """Return stream letter, number of objects and the position behind them, version 4."""
        window = self.window
        window.require(_OLD_HEAD.size)
        n_bytes = min(_OLD_HEAD.unpack_from(window.buffer, window.origin)[2], self.most_bytes)
        window.holds(_OLD_HEAD.size + n_bytes)
        start = window.origin + _OLD_HEAD.size
        archive = ArchiveReader(window.buffer[start : start + self.most_bytes])
        try:
            archive.enter("Stream", 0, 0, is_tracked=False)
            (letter,) = archive.fields(BYTE)
            archive.enter("vector<event_t>", 0, 0, is_tracked=False)
            for _ in range(archive.size(0, 4 * UINT32.size + 1)):
                archive.enter("event_t", 0, 0, is_tracked=False)
                archive.string()
                archive.fields(BYTE)
                for _key in range(3):
                    archive.string()
            (n_slots,) = archive.fields(UINT32)
        except I3FormatError as error:
            error.offset = window.offset + _OLD_HEAD.size + (error.offset or 0)
            raise
        return chr(letter), n_slots, _OLD_HEAD.size + archive.position

    def _spans(self, n_slots: int, position: int) -> tuple[list[Span], int]:
        """Return where the objects lie and the position behind the last."""
        spans: list[Span] = []
        while len(spans) < n_slots:
            position, due = self._scan(n_slots - len(spans), position, spans)
            if due:
                self.window.require(due)
        return spans, position

    def _scan(self, n_slots: int, position: int, spans: list[Span]) -> tuple[int, int]:
        """Collect objects that lie in the window; return the position reached and the bytes due to go on, or 0."""
        buffer, origin, most_bytes = self.window.buffer, self.window.origin, self.most_bytes
        size = len(buffer)
        keep = spans.append
        for _ in range(n_slots):
            key_start = origin + position + 4
            if key_start > size:
                return position, position + 4
            key_end = key_start + _u32(buffer, key_start - 4)[0]
            type_start = key_end + 4
            if type_start > size:
                return position, self._bounded(type_start - origin)
            type_end = type_start + _u32(buffer, key_end)[0]
            blob_start = type_end + 4
            if blob_start > size:
                return position, self._bounded(blob_start - origin)
            blob_end = blob_start + _u32(buffer, type_end)[0]
            if key_end - key_start > MOST_NAME_BYTES or type_end - type_start > MOST_NAME_BYTES:
                raise I3FormatError(f"a name is longer than {MOST_NAME_BYTES} bytes").at(
                    offset=self.window.offset + position
                )
            if blob_end == blob_start:
                raise I3FormatError("an object has no bytes").at(offset=self.window.offset + position)
            if blob_end > size or blob_end - origin > most_bytes:
                return position, self._bounded(blob_end - origin)
            keep(
                Span(
                    buffer[key_start:key_end],
                    type_start - origin,
                    type_end - origin,
                    blob_start - origin,
                    blob_end - origin,
                )
            )
            position = blob_end - origin
        return position, 0

    def _bounded(self, n_bytes: int) -> int:
        if n_bytes > self.most_bytes:
            raise I3UnsupportedError(
                f"the frame needs {n_bytes} bytes or more, {self.most_bytes} are allowed: "
                "the lengths are damaged, or max_bytes must be larger"
            ).at(offset=self.window.offset)
        return n_bytes

    def _check_sum(self, version: int, end: int) -> None:
        self.window.require(end + UINT32.size)
        buffer, origin = self.window.buffer, self.window.origin
        (written,) = _u32(buffer, origin + end)
        if self.verify and (found := checksum(buffer[origin + CHECKED_FROM : origin + end], version)) != written:
            raise I3ChecksumError(f"the frame has checksum {found:08x}, {written:08x} was written").at(
                offset=self.window.offset
            )

    def _slots(self, spans: list[Span], stream: str) -> dict[str, Slot]:
        buffer, origin, offset = self.window.buffer, self.window.origin, self.window.offset
        return {
            span.key.decode("utf-8", "surrogateescape"): Slot(
                buffer[origin + span.type_start : origin + span.type_end].decode("utf-8", "surrogateescape"),
                buffer[origin + span.blob_start : origin + span.blob_end],
                offset + span.blob_start,
                self.number,
                stream,
            )
            for span in spans
            if self.wanted is None or span.key in self.wanted
        }


def checksum(data: bytes, version: int = NEWEST_FRAME) -> int:
    """Return the checksum of a frame: CRC-32C without the final inversion (6), CRC-16-CCITT from 0xFFFF (5)."""
    if version == 5:
        return binascii.crc_hqx(data, 0xFFFF)
    return int(google_crc32c.extend(0xFFFFFFFF, data)) ^ 0xFFFFFFFF
