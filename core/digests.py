"""Digests: what makes two tables, two files or two versions of the code the same."""

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import grimp
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


def digest_of_tables(tables: Iterable[pa.Table]) -> str:
    """Return the digest of the schema and the column data of tables read one after the other.

    How the rows are cut into tables, chunks, row groups or files does not enter, nor does the metadata.
    """
    columns: dict[str, Any] = {}
    for table in tables:
        for name in table.column_names:
            column = columns.setdefault(name, hashlib.blake2b(str(table.schema.field(name).type).encode()))
            for chunk in table.column(name).chunks:
                for part in _canonical_bytes(chunk):
                    column.update(part)
    return digest_of_parameters([[name, column.hexdigest()] for name, column in columns.items()])


def _canonical_bytes(chunk: pa.Array) -> Iterable[bytes]:
    """Yield bytes row by row, so that chunk borders do not enter: a byte of validity, then the value."""
    valid = chunk.is_valid().to_numpy(zero_copy_only=False)
    if pa.types.is_string(chunk.type):
        yield "".join("\1" if value is None else f"\2{len(value)}:{value}" for value in chunk.to_pylist()).encode()
        return
    if pa.types.is_list(chunk.type):
        for row in chunk:
            values = np.asarray(row.as_py() if row.is_valid else [], dtype=np.float64)
            yield len(values).to_bytes(8, "little") + values.tobytes()
        return
    filled = pc.fill_null(chunk, False if pa.types.is_boolean(chunk.type) else 0)
    values = filled.to_numpy(zero_copy_only=False)
    rows = np.empty(len(values), dtype=[("valid", "?"), ("value", values.dtype)])
    rows["valid"], rows["value"] = valid, values
    yield rows.tobytes()


def digest_of_file(path: Path) -> str:
    """Return the digest of a file's bytes."""
    return digest_of_bytes(path.read_bytes())


@cache
def digest_of_code(module: str) -> str:
    """Return the digest of the source of a module of core and of every module of core that it imports, transitively."""
    graph = grimp.build_graph("core", cache_dir=None)
    modules = {module} | graph.find_upstream_modules(module)
    return digest_of_parameters([[name, digest_of_file(_source_of(name))] for name in sorted(modules)])


def _source_of(module: str) -> Path:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"no source of module {module}")
    return Path(spec.origin)
