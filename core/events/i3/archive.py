"""The portable binary archive in which each object of a frame is written: little endian, no alignment.

An `Archive` goes through an object field by field. The reader ignores the values that it is handed and returns those
of the file; the writer writes and returns what it is handed. So a class needs one description, not two, and what one
reads the other writes byte for byte.

Rules (Boost serialization, as in IceCube's `portable_binary_archive`): when a class is first met, one byte tells
whether its objects are tracked and one its version, never again in that archive. A tracked object starts with its
number; numbers count 0, 1, 2 … over all tracked objects. A size is a u32, or 0xFFFFFFFF and a u64.
"""

import struct
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.events.i3.errors import I3FormatError, I3TruncatedError, I3UnsupportedError

BYTE = struct.Struct("<B")
INT16 = struct.Struct("<h")
INT32 = struct.Struct("<i")
UINT32 = struct.Struct("<I")
UINT64 = struct.Struct("<Q")
DOUBLE = struct.Struct("<d")
PREAMBLE = struct.Struct("<BB")

LONG_SIZE = 0xFFFFFFFF
LONG_VERSION = 0xFF
BASE_CLASS = "I3FrameObject"
# The base class of the outermost object: its preamble, and its number behind that of the object itself.
OUTERMOST_BASE = PREAMBLE.pack(1, 0) + UINT32.pack(1)


class Archive(Protocol):
    """What reading and writing an object have in common."""

    def fields(self, layout: struct.Struct, *values: Any) -> tuple[Any, ...]:
        """Pass plain numbers that follow each other."""

    def string(self, value: str) -> str:
        """Pass a text."""

    def size(self, n_items: int, item_bytes: int) -> int:
        """Pass the number of items that follow, each of `item_bytes` bytes at least."""

    def array(self, dtype: np.dtype[Any], n_items: int, values: NDArray[Any]) -> NDArray[Any]:
        """Pass `n_items` plain items that follow each other."""

    def enter(self, name: str, version: int, newest: int, is_tracked: bool = True) -> int:
        """Pass what stands before an object of a class held by value; return the version of the class."""

    def base(self) -> None:
        """Pass the empty base class that every frame object starts with."""

    @property
    def n_objects(self) -> int:
        """Tracked objects so far."""


class ArchiveReader:
    """Reads one object's bytes. Every size is held against the bytes that are left before anything is made."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.n_objects = 0
        self._classes: dict[str, tuple[bool, int]] = {}

    def fields(self, layout: struct.Struct, *_values: Any) -> tuple[Any, ...]:
        """Read plain numbers."""
        try:
            values = layout.unpack_from(self.data, self.position)
        except struct.error:
            raise self._ended(layout.size) from None
        self.position += layout.size
        return values

    def string(self, _value: str = "") -> str:
        """Read a text; bytes that are not UTF-8 survive as surrogates."""
        n_bytes = self.size(0, 1)
        start = self.position
        self.position = start + n_bytes
        return self.data[start : self.position].decode("utf-8", "surrogateescape")

    def size(self, _n_items: int, item_bytes: int) -> int:
        """Read a number of items; refuse one that the rest of the object cannot hold."""
        (n_items,) = self.fields(UINT32)
        if n_items == LONG_SIZE:
            (n_items,) = self.fields(UINT64)
        if n_items * item_bytes > len(self.data) - self.position:
            raise self._ended(n_items * item_bytes)
        return int(n_items)

    def array(self, dtype: np.dtype[Any], n_items: int, _values: NDArray[Any] | None = None) -> NDArray[Any]:
        """Read plain items into an array that shares the object's bytes and cannot be written to."""
        n_bytes = n_items * dtype.itemsize
        if n_bytes > len(self.data) - self.position:
            raise self._ended(n_bytes)
        items = np.frombuffer(self.data, dtype, n_items, self.position) if n_items else np.empty(0, dtype)
        self.position += n_bytes
        return items

    def entries(self, layout: struct.Struct, n_entries: int) -> dict[str, Any]:
        """Read texts, each followed by one plain number: the same as string and fields in turn, but quicker."""
        data, start = self.data, self.position
        values: dict[str, Any] = {}
        length, number, n_bytes = UINT32.unpack_from, layout.unpack_from, layout.size
        try:
            for _ in range(n_entries):
                end = start + 4 + length(data, start)[0]
                (values[data[start + 4 : end].decode("utf-8", "surrogateescape")],) = number(data, end)
                start = end + n_bytes
        except struct.error:
            self.position = start
            raise self._ended(4 + n_bytes) from None
        self.position = start
        return values

    def enter(self, name: str, _version: int, newest: int, is_tracked: bool = True) -> int:
        """Read what stands before an object held by value; return the version of its class in this file."""
        known = self._classes.get(name)
        if known is None:
            tracking, version = self.fields(PREAMBLE)
            if version == LONG_VERSION:
                (version,) = self.fields(UINT64)
            if tracking != is_tracked:
                raise I3FormatError(f"class {name} has tracking {tracking}, {int(is_tracked)} is due").at(
                    offset=self.position
                )
            if version > newest:
                raise I3UnsupportedError(f"class {name} has version {version}, known are 0 to {newest}").at(
                    offset=self.position
                )
            known = self._classes[name] = bool(tracking), int(version)
        if known[0]:
            self._count_object(name)
        return known[1]

    def begin(self, name: str, version: int, n_bytes: int) -> None:
        """Step behind the head of an object of a class, `n_bytes` long: the first tracked object."""
        self.position = n_bytes
        self.n_objects = 1
        self._classes[name] = True, version

    def base(self) -> None:
        """Read the empty base class."""
        if self.n_objects == 1 and self.data.startswith(OUTERMOST_BASE, self.position):
            self.position += len(OUTERMOST_BASE)
            self.n_objects = 2
            self._classes[BASE_CLASS] = True, 0
        else:
            self.enter(BASE_CLASS, 0, 0)

    def is_known(self, name: str) -> bool:
        """Tell whether an object of the class has been met, so that no preamble comes."""
        return name in self._classes

    def _count_object(self, name: str) -> None:
        (number,) = self.fields(UINT32)
        if number == self.n_objects:
            self.n_objects += 1
            return
        if number < self.n_objects:
            raise I3UnsupportedError(f"{name} is a reference back to object {number}").at(offset=self.position)
        raise I3FormatError(f"{name} has object number {number}, {self.n_objects} is due").at(offset=self.position)

    def _ended(self, n_bytes: int) -> I3TruncatedError:
        left = len(self.data) - self.position
        return I3TruncatedError(f"{n_bytes} bytes are due, {left} are left of the object").at(offset=self.position)


class ArchiveWriter:
    """Writes one object's bytes as IceCube's software would."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.n_objects = 0
        self._classes: set[str] = set()

    def fields(self, layout: struct.Struct, *values: Any) -> tuple[Any, ...]:
        """Write plain numbers."""
        try:
            self.parts.append(layout.pack(*values))
        except struct.error as error:
            raise I3FormatError(f"cannot write {values}: {error}") from error
        return values

    def string(self, value: str) -> str:
        """Write a text."""
        encoded = value.encode("utf-8", "surrogateescape")
        self.size(len(encoded), 1)
        self.parts.append(encoded)
        return value

    def size(self, n_items: int, _item_bytes: int) -> int:
        """Write a number of items."""
        if n_items < LONG_SIZE:
            self.fields(UINT32, n_items)
        else:
            self.fields(UINT32, LONG_SIZE)
            self.fields(UINT64, n_items)
        return n_items

    def array(self, dtype: np.dtype[Any], _n_items: int, values: NDArray[Any]) -> NDArray[Any]:
        """Write plain items."""
        self.parts.append(np.ascontiguousarray(values, dtype).tobytes())
        return values

    def enter(self, name: str, version: int, newest: int, is_tracked: bool = True) -> int:
        """Write what stands before an object held by value."""
        if version > newest:
            raise I3UnsupportedError(f"cannot write version {version} of class {name}, known are 0 to {newest}")
        if name not in self._classes:
            self._classes.add(name)
            self.fields(PREAMBLE, is_tracked, version)
        if is_tracked:
            self.fields(UINT32, self.n_objects)
            self.n_objects += 1
        return version

    def begin(self, name: str, head: bytes) -> None:
        """Write the head of an object of a class: the first tracked object."""
        self.parts.append(head)
        self.n_objects = 1
        self._classes.add(name)

    def base(self) -> None:
        """Write the empty base class."""
        self.enter(BASE_CLASS, 0, 0)

    def is_known(self, name: str) -> bool:
        """Tell whether an object of the class has been written, so that no preamble comes."""
        return name in self._classes
