"""What a file holds, told by its first bytes: the frames of an i3 file, or the columns of a table of events."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import InputError, plain_words
from core.events.i3 import I3Frame, read_frames
from core.events.i3.compression import packed_with
from core.events.i3.described import in_full, in_one_line, printable
from core.events.i3.errors import I3FormatError
from core.events.i3.frames import OLDEST_FRAME, TAG
from core.events.table_summary import ColumnSummary, npy_columns, parquet_columns, text_columns
from core.files import check_file, unread_kind
from core.products.seal import check_seal

NUMPY_MAGIC, PARQUET_MAGIC = b"\x93NUMPY", b"PAR1"
PRODUCT_KEY = b"dwarfnu"
I3_SUFFIX = ".i3"
WIDEST_KEY = 48
MOST_OF_COLUMN = 300  # letters of what is told of a column, for each thing
TRAY_INFO = "I"


@dataclass
class _Stream:
    """The frames of a letter: how many, in how many each key stands, and the first object of each key in words."""

    n_frames: int = 0
    n_with: Counter[str] = field(default_factory=Counter)
    first: dict[str, tuple[str, str]] = field(default_factory=dict)


def inspection(path: Path, frame: int | None = None, key: str | None = None) -> Iterator[str]:
    """Yield lines on what a file holds.

    Of an i3 file: its streams, with the keys of each, in how many frames they stand, their classes and the first of
    their values; or one `frame` (from 0, as written, without what other frames lend it); or the object of a `key` in
    full, of that frame or of the first that has it. Of tables (.npy, Parquet, text): columns with type, unit, range,
    and what no event can have. Raises InputError for a file that is nothing of these, for a damaged one after the
    lines on what stands before the damage, and for a frame or key that is not there; ProductError for a sealed product.
    """
    check_file(path)
    first = _first_bytes(path)
    if (kind := unread_kind(first)) is not None:
        raise InputError(f"{path}: {kind}")
    if _is_i3(path, first):
        yield from _one_object(path, frame, key) if key or frame is not None else _all_frames(path)
        return
    if key or frame is not None:
        raise InputError(f"{path}: holds no frames: --frame and --key are for i3 files")
    yield from _table(path, first)


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(16)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _is_i3(path: Path, first: bytes) -> bool:
    """Return whether a file is of frames: the oldest have no tag, so that a name may tell; packed ones are no table."""
    is_oldest = first.startswith(OLDEST_FRAME.to_bytes(4, "little"))
    return first.startswith(TAG) or is_oldest or packed_with(first) is not None or I3_SUFFIX in path.suffixes


def _all_frames(path: Path) -> Iterator[str]:
    streams: dict[str, _Stream] = {}
    damage = None
    try:
        for frame in read_frames(path, streams=None):
            _count(streams.setdefault(frame.stream, _Stream()), frame)
    except I3FormatError as error:
        if not streams:
            raise
        damage = error
    packing = packed_with(_first_bytes(path))
    n_frames = sum(stream.n_frames for stream in streams.values())
    counts = ", ".join(f"{stream.n_frames} of {printable(letter)}" for letter, stream in streams.items())
    yield f"{path}: i3{f' ({packing})' if packing else ''}, {n_frames} frames{f': {counts}' if counts else ''}"
    # Frames of I tell how the file was made, by hundreds of keys: they come last.
    for letter, stream in sorted(streams.items(), key=lambda one: one[0] == TRAY_INFO):
        yield f"stream {printable(letter)}: {stream.n_frames} frames, {len(stream.first)} keys"
        for key in sorted(stream.first):
            kind, value = stream.first[key]
            share = "" if stream.n_with[key] == stream.n_frames else f" in {stream.n_with[key]} frames"
            yield f"  {_padded(key)} {kind}{share}: {value}"
    if damage is not None:
        raise damage


def _count(stream: _Stream, frame: I3Frame) -> None:
    stream.n_frames += 1
    for key in frame:
        stream.n_with[key] += 1
        if key not in stream.first:
            stream.first[key] = _words(frame, key)


def _words(frame: I3Frame, key: str) -> tuple[str, str]:
    """Return the class of an object and its value in a line; of one that is damaged, what is wrong with it."""
    try:
        return printable(frame.class_name(key) or "null"), in_one_line(frame[key])
    except I3FormatError as error:
        return "?", f"cannot be decoded: {printable(error.problem)}"


def _one_object(path: Path, number: int | None, key: str | None) -> Iterator[str]:
    n_frames = 0
    for frame in read_frames(path, streams=None):
        n_frames += 1
        if frame.number == number or (number is None and key in frame):
            yield f"frame {frame.number}: stream {printable(frame.stream)}, version {frame.version}, {len(frame)} keys"
            if key is not None:
                if key not in frame:
                    raise InputError(f"{path}: frame {number}, stream {frame.stream!r}, has no key {key!r}")
                yield f"{printable(key)}: {printable(frame.class_name(key) or 'null')}"
                yield from (f"  {line}" for line in in_full(frame[key]))
                return
            for name in frame:
                kind, value = _words(frame, name)
                yield f"  {_padded(name)} {kind}: {value}"
            return
    if number is not None:
        raise InputError(f"{path}: has {n_frames} frames, from 0: there is no frame {number}")
    raise InputError(f"{path}: none of its {n_frames} frames has the key {key!r}; without --key all keys are listed")


def _padded(key: str) -> str:
    return f"{printable(key):<{WIDEST_KEY}}"


def _table(path: Path, first: bytes) -> Iterator[str]:
    if first.startswith(PARQUET_MAGIC):
        n_rows, metadata, columns = parquet_columns(path, check=_refuse_sealed)
        stage = _stage(metadata)
        kind = "Parquet" if stage is None else f"Parquet, a product of stage {stage}"
    elif first.startswith(NUMPY_MAGIC):
        kind = "NumPy array"
        n_rows, columns = npy_columns(path)
    else:
        kind = "text"
        n_rows, columns = text_columns(path)
    yield f"{path}: {kind}, {n_rows} rows, {len(columns)} columns"
    yield from (_line(column) for column in columns)
    wrong = [column.name for column in columns if column.problem]
    if wrong:
        yield f"no event can have all values of {_short(', '.join(wrong))}: ingest refuses the file"


def _line(column: ColumnSummary) -> str:
    unit = f" {column.unit}" if column.unit else ""
    missing = f", {column.n_missing} missing" if column.n_missing else ""
    problem = f"  <- {_short(column.problem)}" if column.problem else ""
    name, dtype, values = map(_short, (column.name, column.dtype, column.values))
    return f"  {name:<24} {dtype:<8} {values}{unit}{missing}{problem}"


def _short(text: str) -> str:
    return printable(plain_words(text, MOST_OF_COLUMN))


def _stage(metadata: dict[bytes, bytes]) -> str | None:
    """Return the stage of a Parquet file that is a product of ours, None of another."""
    try:
        return str(json.loads(metadata[PRODUCT_KEY])["content"]["stage"])
    except (KeyError, ValueError, TypeError):
        return None


def _refuse_sealed(metadata: dict[bytes, bytes]) -> None:
    if (stage := _stage(metadata)) is not None:
        check_seal(stage, None)
