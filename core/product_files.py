"""One file of a product: described, written in one piece or not at all, read whole or refused."""

import errno
import json
import os
import re
import socket
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from core.digests import digest_of_parameters, digest_of_tables
from core.errors import ProductError
from core.recipes import Key
from core.schemas import GLOSSARY

METADATA_KEY = b"dwarfnu"
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
# Errors of the file system that waiting does not mend; any other is left to a retry.
LASTING_ERRORS = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EISDIR,
    errno.ENOTDIR, errno.EEXIST, errno.ENOENT, errno.ENAMETOOLONG, errno.ENOTEMPTY, errno.EINVAL,
}  # fmt: skip


def plain(value: str, name: str) -> str:
    """Return a text that may stand in a path; ProductError if it could lead anywhere else."""
    if not PLAIN_NAME.fullmatch(value):
        raise ProductError(
            f"{name} {value!r} cannot stand in a path: letters, digits and _ . + - are allowed, a letter or digit first"
        )
    return value


def typed(name: str, value: object) -> Key:
    """Return a key's value in the type that the glossary gives it; ProductError if it has no such value."""
    dtype = GLOSSARY[name].dtype
    try:
        if pa.types.is_floating(dtype):
            return float(value)  # type: ignore[arg-type]
        if pa.types.is_integer(dtype):
            return int(value)  # type: ignore[call-overload,no-any-return]
    except (TypeError, ValueError) as error:
        raise ProductError(f"key {name}={value!r} is not a number") from error
    return str(value)


def encode(table: pa.Table, metadata: Mapping[str, Any]) -> bytes:
    """Return a table and its metadata as the bytes of a Parquet file."""
    sealed = {"content": dict(metadata), "digest": digest_of_parameters(metadata)}
    content = BytesIO()
    described = table.replace_schema_metadata({METADATA_KEY: json.dumps(sealed)})
    pq.write_table(described, content, compression="zstd", write_page_checksum=True)
    return content.getvalue()


def described(table: pa.Table, keys: Mapping[str, Key]) -> pa.Table:
    """Return the table with its key columns in front and unit and meaning on every column.

    Raises ProductError if a column is not in the glossary or not of the type that stands there.
    """
    for name, value in reversed(keys.items()):
        if name not in table.column_names:
            column = pa.array([value] * len(table), GLOSSARY[name].dtype)
            table = table.add_column(0, name, column)
    fields = []
    for field in table.schema:
        word = GLOSSARY.get(field.name)
        if word is None:
            raise ProductError(f"column {field.name!r} does not stand in the glossary (core.schemas)")
        if field.type != word.dtype:
            raise ProductError(f"column {field.name!r} is {field.type}; the glossary says {word.dtype}")
        fields.append(pa.field(field.name, field.type, metadata={"unit": word.unit, "meaning": word.meaning}))
    return table.cast(pa.schema(fields))


def read_metadata(path: UPath) -> dict[str, Any]:
    """Return what a file says of itself; ProductError if it is missing or damaged."""
    return _metadata(_parquet(path), path)


def read_table(path: UPath) -> pa.Table:
    """Return the table of a file whose data match the digest that it carries; ProductError otherwise."""
    file = _parquet(path)
    digest = _metadata(file, path)["data_digest"]
    try:
        table = file.read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(path, str(error)) from error
    if digest_of_tables([table]) != digest:
        raise _damaged(path, "its data do not match their digest")
    return table


def select(table: pa.Table, columns: Sequence[str] | None, path: UPath) -> pa.Table:
    """Return the columns asked for; ProductError says which are missing and what there is."""
    if columns is None:
        return table
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise ProductError(f"{path} has no column {', '.join(missing)}; it has {', '.join(table.column_names)}")
    return table.select(list(columns))


def replace(path: UPath, content: bytes) -> None:
    """Put content at a path in one piece: readers see the old file or the new one, a killed writer leaves the old one.

    A local file is written beside its place and moved there; an object store puts whole objects by itself. Raises
    ProductError for errors that waiting does not mend and OSError for those that a retry may.
    """
    try:
        if isinstance(path, Path):
            _replace_local(path, content)
        else:
            path.write_bytes(content)
    except OSError as error:
        if error.errno in LASTING_ERRORS:
            raise ProductError(f"cannot write {path}: {error.strerror}") from error
        raise


def _replace_local(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.parent / f".{path.name}.{uuid.uuid4().hex}@{socket.gethostname()}~{os.getpid()}.tmp"
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def is_orphan(path: UPath) -> bool:
    """Return whether a half-written file belongs to a writer of this machine that is no longer alive."""
    host, _, process = path.name.removesuffix(".tmp").rpartition("~")
    if not host.endswith(f"@{socket.gethostname()}") or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _parquet(path: UPath) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(BytesIO(path.read_bytes()), page_checksum_verification=True)
    except FileNotFoundError as error:
        raise ProductError(f"no product at {path}") from error
    except IsADirectoryError as error:
        raise ProductError(f"a folder stands at {path}, where a product belongs: remove it") from error
    except (pa.ArrowException, ValueError, OSError) as error:
        raise _damaged(path, str(error)) from error


def _metadata(file: pq.ParquetFile, path: UPath) -> dict[str, Any]:
    try:
        sealed = json.loads((file.schema_arrow.metadata or {})[METADATA_KEY])
        content: dict[str, Any] = sealed["content"]
        intact = digest_of_parameters(content) == sealed["digest"]
    except (KeyError, ValueError, TypeError) as error:
        raise _damaged(path, "it says nothing of what made it") from error
    if not intact:
        raise _damaged(path, "its metadata do not match their digest")
    return content


def _damaged(path: UPath, why: str) -> ProductError:
    first_line = (why.splitlines() or [""])[0]
    return ProductError(f"{path} is damaged ({first_line}); run again and it is made anew")
