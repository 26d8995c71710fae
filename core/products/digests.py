"""Digests: what makes two tables, two files or two sets of parameters the same."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

DIGEST_BYTES = 16


def digest_of_bytes(content: bytes) -> str:
    """Return the hexadecimal BLAKE2b digest of some bytes."""
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).hexdigest()


def digest_of_parameters(parameters: Any) -> str:
    """Return the digest of JSON-able parameters, whatever the order of their keys."""
    return digest_of_bytes(json.dumps(parameters, sort_keys=True, separators=(",", ":")).encode())


def digest_of_file(path: Path) -> str:
    """Return the digest of a file's bytes."""
    return digest_of_bytes(path.read_bytes())


def digest_of_tables(tables: Iterable[pa.Table]) -> str:
    """Return the digest of the schema and the column data of tables read one after the other.

    Columns may hold numbers, flags, texts, or lists of them. How the rows are cut into tables, chunks, row groups or
    files does not enter, nor does the metadata.
    """
    columns: dict[str, dict[str, Any]] = {}
    for table in tables:
        for name in table.column_names:
            column = table.column(name)
            digests = columns.setdefault(name, {"type": hashlib.blake2b(_type_name(column.type).encode())})
            for chunk in column.chunks:
                for stream, content in _streams(chunk):
                    if content:
                        digests.setdefault(stream, hashlib.blake2b()).update(content)
    return digest_of_parameters([[name, _hexdigests(digests)] for name, digests in columns.items()])


def _hexdigests(digests: Mapping[str, Any]) -> dict[str, str]:
    return {stream: digest.hexdigest() for stream, digest in digests.items()}


def _type_name(dtype: pa.DataType) -> str:
    """Return a type's name without the name of a list's items, which does not survive every file."""
    return f"list<{_type_name(dtype.value_type)}>" if pa.types.is_list(dtype) else str(dtype)


def _streams(chunk: pa.Array) -> Iterator[tuple[str, bytes]]:
    """Yield validity, lengths and values apart: each of them runs on from chunk to chunk without a trace of borders."""
    yield "valid", _bytes(chunk.is_valid())
    if pa.types.is_string(chunk.type):
        texts = chunk.fill_null("")
        yield "length", _bytes(pc.binary_length(texts))
        yield "value", _text_bytes(texts)
    elif pa.types.is_list(chunk.type):
        yield "length", _bytes(pc.list_value_length(chunk).fill_null(0))
        for stream, content in _streams(chunk.flatten()):
            yield f"item {stream}", content
    else:
        yield "value", _bytes(chunk.fill_null(False if pa.types.is_boolean(chunk.type) else 0))


def _text_bytes(texts: pa.StringArray) -> bytes:
    """Return all texts one after the other, from Arrow's own buffer: joined in Python, long columns take seconds."""
    _, offsets, characters = texts.buffers()
    if characters is None or len(texts) == 0:
        return b""
    borders = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return bytes(memoryview(characters)[borders[0] : borders[-1]])


def _bytes(values: pa.Array) -> bytes:
    content: bytes = values.to_numpy(zero_copy_only=False).tobytes()
    return content
