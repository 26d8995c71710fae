"""From the bytes of one frame object to a Python value, and back byte for byte."""

from collections.abc import Mapping
from typing import Any

from core.events.i3.archive import INT16, LONG_VERSION, PREAMBLE, UINT32, UINT64, ArchiveReader, ArchiveWriter
from core.events.i3.classes import FRAME_CLASSES, FrameClass, class_name_for
from core.events.i3.errors import I3FormatError, I3UnsupportedError
from core.events.i3.objects import I3Blob

NULL_CLASS, OBJECT_CLASS = -1, 2
POINTER_PREAMBLE = b"\x00\x01"
NAME_START = 4  # of the class name's length
HEAD_BYTES = 14  # of what stands before an object, without the class name
_u32 = UINT32.unpack_from

# Classes whose bytes nobody should take for an answer: what they hold has a name that the analysis asks for.
REFUSED_CLASSES = frozenset({"I3LinearizedMCTree"})


def decode(blob: bytes) -> Any:
    """Return the object that a frame's bytes hold: a plain Python value or one of `objects`, `tree`.

    None for a null pointer, an I3Blob for a class that is not known. Raises I3FormatError and its children, with the
    byte counted from the beginning of `blob`.
    """
    reader = ArchiveReader(blob)
    known = HEADS.get(blob[: HEAD_BYTES + _u32(blob, NAME_START)[0]]) if len(blob) >= HEAD_BYTES else None
    if known is not None:
        frame_class, version = known
        reader.begin(frame_class.name, version, HEAD_BYTES + len(frame_class.name))
    else:
        class_name, version = _read_head(reader)
        if class_name is None:
            return None
        if class_name in REFUSED_CLASSES:
            raise I3UnsupportedError(f"class {class_name} is not read: write the object as I3MCTree")
        if class_name not in FRAME_CLASSES:
            return I3Blob(blob, class_name)
        newest = FRAME_CLASSES[class_name].newest
        raise I3UnsupportedError(f"class {class_name} has version {version}, known are 0 to {newest}").at(
            offset=reader.position
        )
    try:
        value = frame_class.exchange(reader, frame_class.blank, version)
    except I3FormatError as error:
        raise error.at(offset=reader.position if error.offset is None else None) from None
    if reader.position != len(blob):
        raise I3FormatError(f"{len(blob) - reader.position} bytes stand behind the end of {frame_class.name}").at(
            offset=reader.position
        )
    return value


def class_name_of(blob: bytes) -> str | None:
    """Return the class name in an object's bytes, None for a null pointer."""
    return _read_head(ArchiveReader(blob))[0]


def _read_head(reader: ArchiveReader) -> tuple[str | None, int]:
    """Read what stands before every object; return its class name and class version."""
    if not reader.data.startswith(POINTER_PREAMBLE):
        raise I3FormatError("an object does not start with the preamble of a pointer").at(offset=0)
    reader.position = len(POINTER_PREAMBLE)
    (class_id,) = reader.fields(INT16)
    if class_id == NULL_CLASS:
        if len(reader.data) != reader.position:
            raise I3FormatError("bytes stand behind a null pointer").at(offset=reader.position)
        return None, 0
    if class_id != OBJECT_CLASS:
        raise I3FormatError(f"an object has class number {class_id}, {OBJECT_CLASS} is due").at(offset=2)
    class_name = reader.string()
    tracking, version = reader.fields(PREAMBLE)
    if version == LONG_VERSION:
        (version,) = reader.fields(UINT64)
    (number,) = reader.fields(UINT32)
    if tracking != 1 or number != 0:
        raise I3FormatError(f"{class_name} has tracking {tracking} and number {number}, 1 and 0 are due").at(
            offset=reader.position
        )
    return class_name, version


def encode(value: Any, class_name: str | None = None, version: int | None = None) -> bytes:
    """Return the bytes of an object as IceCube's software writes them.

    `class_name` is needed where the Python type does not tell it (empty maps, lists of numbers); `version` defaults to
    the value's own or the newest. Raises I3UnsupportedError for a class or version that is not known.
    """
    if value is None:
        return POINTER_PREAMBLE + INT16.pack(NULL_CLASS)
    if isinstance(value, I3Blob):
        return bytes(value)
    name = class_name_for(value) if class_name is None else class_name
    frame_class = FRAME_CLASSES.get(name)
    if frame_class is None:
        raise I3UnsupportedError(f"cannot write class {name!r}: known are {', '.join(FRAME_CLASSES)}")
    if version is None:
        version = getattr(value, "version", frame_class.newest)
    if not 0 <= version <= frame_class.newest:
        raise I3UnsupportedError(f"cannot write version {version} of {name}: known are 0 to {frame_class.newest}")
    writer = ArchiveWriter()
    writer.begin(name, _head(name, version))
    frame_class.exchange(writer, value, version)
    return b"".join(writer.parts)


def _head(class_name: str, version: int) -> bytes:
    """Return what stands before an object of a class."""
    name = class_name.encode()
    preamble = POINTER_PREAMBLE + INT16.pack(OBJECT_CLASS) + UINT32.pack(len(name))
    return preamble + name + PREAMBLE.pack(1, version) + UINT32.pack(0)


HEADS: Mapping[bytes, tuple[FrameClass, int]] = {
    _head(frame_class.name, version): (frame_class, version)
    for frame_class in FRAME_CLASSES.values()
    for version in range(frame_class.newest + 1)
}
