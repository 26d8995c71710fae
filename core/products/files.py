"""One file of a product: described, written in one piece or not at all, read whole or refused."""

import errno
import json
import math
import os
import socket
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from upath import UPath

from core.errors import ProductError
from core.glossary import GLOSSARY
from core.products.digests import digest_of_parameters, digest_of_tables
from core.products.recipe import KeyValue
from core.products.seal import Leave, check_seal

if TYPE_CHECKING:
    import pyarrow.dataset as ds

METADATA_KEY = b"dwarfnu"
FORMAT = 2
ORPHAN_AGE = 24 * 3600.0
# Errors of the file system that waiting does not mend; any other is left to a retry.
LASTING_ERRORS = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EISDIR,
    errno.ENOTDIR, errno.EEXIST, errno.ENOENT, errno.ENAMETOOLONG, errno.ENOTEMPTY, errno.EINVAL, errno.ELOOP,
}  # fmt: skip
# The same from file systems that give no number.
LASTING_KINDS = (PermissionError, FileExistsError, FileNotFoundError, IsADirectoryError, NotADirectoryError)
# What the Parquet reader raises on bytes that no writer wrote.
TORN = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError, OverflowError)


# A file changed this short a time (s) ago may change again within one tick of the file system's clock: ticks are 10 ms
# at most on the file systems of today, and a product that is written again has another inode besides.
CLOCK_MARGIN = 0.25


class MissingProductError(ProductError):
    """There is no file where a product belongs."""


def encode(table: pa.Table, metadata: Mapping[str, Any]) -> bytes:
    """Return a table as the bytes of a Parquet file that carries the metadata and the digests of both."""
    content = {**metadata, "format": FORMAT, "data_digest": digest_of_tables([table])}
    sealed = {"content": content, "digest": digest_of_parameters(content)}
    file = BytesIO()
    described = table.replace_schema_metadata({METADATA_KEY: json.dumps(sealed)})
    pq.write_table(described, file, compression="zstd", write_page_checksum=True)
    return file.getvalue()


def with_keys(table: pa.Table, keys: Mapping[str, KeyValue]) -> pa.Table:
    """Return the table with its key columns, in front where it lacked them, and unit and meaning on every column.

    Raises ProductError if a column is not in the glossary or not of the type that stands there, or if a key column
    holds another value than the key.
    """
    for name, value in reversed(list(keys.items())):
        if name not in table.column_names:
            table = table.add_column(0, name, pa.array([value] * len(table), GLOSSARY[name].dtype))
    for field in table.schema:
        word = GLOSSARY.get(field.name)
        if word is None:
            raise ProductError(f"column {field.name!r} does not stand in the glossary (core.glossary)")
        if field.type != word.dtype:
            raise ProductError(f"column {field.name!r} is {field.type}; the glossary says {word.dtype}")
    for name, value in keys.items():
        if any(other != value for other in pc.unique(table.column(name)).to_pylist()):
            raise ProductError(f"column {name!r} of the product with {name}={value} holds other values")
    return _described(table, units_and_meanings(table))


def units_and_meanings(table: pa.Table) -> dict[str, dict[str, str]]:
    """Return the type, the unit and the meaning that the glossary gives to each column of a table."""
    words = {name: GLOSSARY[name] for name in table.column_names}
    return {name: {"type": str(w.dtype), "unit": w.unit, "meaning": w.meaning} for name, w in words.items()}


def identity(path: UPath) -> tuple[str, int, int, int] | None:
    """Return what changes whenever a local file does; None if it cannot be told (yet)."""
    if not isinstance(path, Path):
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    if abs(time.time() - status.st_ctime) < CLOCK_MARGIN:
        return None
    return str(path), status.st_ino, status.st_ctime_ns, status.st_size


def read_metadata(path: UPath) -> dict[str, Any]:
    """Return what a file says of itself.

    Raises MissingProductError if there is no file, ProductError if it is damaged or waiting does not make it readable,
    and OSError for errors of reading that a retry may mend.
    """
    return _metadata(_content(path), path)


def first_trial(path: UPath) -> float:
    """Return the first trial of a part; of a damaged one nobody can tell, so it is taken to lie beyond all others."""
    try:
        return int(read_metadata(path)["recipe"]["first_trial"])
    except ProductError:
        return math.inf


def read_failure(path: UPath) -> str | None:
    """Return the reason in the record of a failed attempt, None if there is no record."""
    try:
        return str(json.loads(path.read_bytes())["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def content_if_any(path: UPath) -> bytes | None:
    """Return the bytes of a file, None if there is none."""
    try:
        content: bytes = path.read_bytes()
    except FileNotFoundError:
        return None
    return content


def read_verified_metadata(path: UPath) -> dict[str, Any]:
    """Return what a file says of itself once its data have been found to match their digest; else as read_table."""
    return _verified(path)[0]


def joined_digest(paths: Sequence[UPath]) -> str:
    """Return the digest of the schema and the data of files together; errors as those of `read_table`."""
    return digest_of_tables(_verified(path)[1] for path in paths)


def read_table(path: UPath, leave: Leave | None = None) -> pa.Table:
    """Return the table of a file whose data match the digest that it carries.

    Raises MissingProductError if there is no file, ProductError if it is damaged, another product's, or sealed and
    there is no leave to open it, and OSError as `read_metadata` does.
    """
    metadata, table = _verified(path)
    check_seal(metadata["stage"], leave)
    return _described(table, metadata["columns"])


def dataset(paths: Sequence[UPath]) -> "ds.Dataset":
    """Return a lazy view of files with the same columns; ProductError if they have not."""
    import pyarrow.dataset as ds  # with pandas behind it, which most commands need nothing of

    first = paths[0]
    filesystem = None if isinstance(first, Path) else first.fs
    names = [str(path) if isinstance(path, Path) else path.path for path in paths]
    parts = [ds.dataset(name, format="parquet", partitioning=None, filesystem=filesystem) for name in names]
    schema = parts[0].schema.remove_metadata()
    for name, part in zip(names, parts, strict=True):
        if not part.schema.remove_metadata().equals(schema):
            raise ProductError(
                f"{name} has other columns than {names[0]}; name more of their keys, or run their stage again"
            )
    return ds.dataset(names, schema=schema, format="parquet", partitioning=None, filesystem=filesystem)


def one_table(tables: Sequence[pa.Table], name: str) -> pa.Table:
    """Return tables one behind the other; ProductError if their columns differ."""
    try:
        return pa.concat_tables(tables)
    except pa.ArrowInvalid as error:
        raise ProductError(
            f"the files of {name} have different columns; name more of their keys, or run its stage again"
        ) from error


def select(table: pa.Table, columns: Sequence[str] | None, path: UPath) -> pa.Table:
    """Return the columns asked for; ProductError says which are missing and what there is."""
    if columns is None:
        return table
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        raise ProductError(f"{path} has no column {', '.join(missing)}; it has {', '.join(table.column_names)}")
    return table.select(list(columns))


def check_reach(root: UPath) -> None:
    """Raise ProductError unless the object store of a URL answers; nothing need lie there yet."""
    try:
        root.fs.info(root.path)
    except FileNotFoundError:
        return
    except Exception as error:  # each library of an object store has errors of its own
        said = " ".join(str(error).split()) or type(error).__name__
        raise ProductError(f"products at {root} cannot be reached: {said}; does it run, are its keys set?") from error


def replace(path: UPath, content: bytes, private: bool = False) -> None:
    """Put content at a path in one piece: readers see the old file or the new one, a killed writer leaves the old one.

    A local file is written beside its place and moved there; an object store puts whole objects by itself. A private
    local file can be read by its owner alone; in an object store who may read is the bucket's affair. Raises
    ProductError for errors that waiting does not mend and OSError for those that a retry may.
    """
    try:
        if isinstance(path, Path):
            _replace_local(path, content, private)
        else:
            path.write_bytes(content)
    except OSError as error:
        if _is_lasting(error):
            raise ProductError(f"cannot write {path}: {error.strerror or error}") from error
        raise


def remove(path: UPath) -> None:
    """Remove a file if it is there; ProductError if it cannot be and waiting does not mend it, else OSError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        if _is_lasting(error):
            raise ProductError(f"cannot remove {path}: {error.strerror or error}") from error
        raise


def remove_orphans(folder: UPath) -> int:
    """Remove what dead writers left half written anywhere under a folder; return how many files."""
    orphans = [path for path in folder.glob("**/.*.tmp") if is_orphan(path)]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def is_orphan(path: UPath) -> bool:
    """Return whether nobody writes a half-written file any more: its writer, of this machine, is dead, or it is old."""
    with suppress(FileNotFoundError):
        if time.time() - path.stat().st_mtime > ORPHAN_AGE:
            return True
    host, _, process = path.name.removesuffix(".tmp").rpartition("~")
    if not host.endswith(f"@{socket.gethostname()}") or not process.isdigit():
        return False
    return not psutil.pid_exists(int(process))


def _replace_local(path: Path, content: bytes, private: bool) -> None:
    """Write beside the file, flush to the disk, and move over it: no reader sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.parent / f".{path.name}.{uuid.uuid4().hex}@{socket.gethostname()}~{os.getpid()}.tmp"
    try:
        if private:
            beside.touch(mode=0o600)
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def _is_lasting(error: OSError) -> bool:
    return error.errno in LASTING_ERRORS or isinstance(error, LASTING_KINDS)


def _described(table: pa.Table, columns: Mapping[str, Mapping[str, str]]) -> pa.Table:
    fields = [pa.field(field.name, field.type, metadata=columns[field.name]) for field in table.schema]
    return pa.Table.from_arrays(table.columns, schema=pa.schema(fields))


def _content(path: UPath) -> bytes:
    """Return the bytes of a file; errors that waiting does not mend become ours."""
    try:
        content: bytes = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingProductError(f"no product at {path}") from error
    except IsADirectoryError as error:
        raise ProductError(f"a folder stands at {path}, where a product belongs: remove it") from error
    except OSError as error:
        if not _is_lasting(error):
            raise
        raise ProductError(f"cannot read {path}: {error.strerror or error}") from error
    return content


def _metadata(content: bytes, path: UPath) -> dict[str, Any]:
    """Return the metadata in the bytes of a file, held against their digest, format and path."""
    try:
        sealed = json.loads(pq.read_schema(BytesIO(content)).metadata[METADATA_KEY])
        metadata: dict[str, Any] = sealed["content"]
        intact = digest_of_parameters(metadata) == sealed["digest"]
    except TORN as error:
        raise _damaged(path, f"it does not say what made it: {error}") from error
    if not intact:
        raise _damaged(path, "its metadata do not match their digest")
    if metadata.get("format") != FORMAT:
        raise _damaged(path, f"it has format {metadata.get('format')}, not {FORMAT}")
    if not path.as_posix().endswith(f"/{metadata['path']}"):
        raise _damaged(path, f"it is the product of {metadata['path']}")
    return metadata


def _verified(path: UPath) -> tuple[dict[str, Any], pa.Table]:
    """Return metadata and table of a file whose page checksums and data digest hold."""
    content = _content(path)
    metadata = _metadata(content, path)
    try:
        table = pq.ParquetFile(BytesIO(content), page_checksum_verification=True).read()
        intact = digest_of_tables([table]) == metadata["data_digest"]
    except TORN as error:
        raise _damaged(path, str(error)) from error
    if not intact:
        raise _damaged(path, "its data do not match their digest")
    return metadata, table


def _damaged(path: UPath, why: str) -> ProductError:
    first_line = (why.splitlines() or [""])[0]
    return ProductError(f"{path} is damaged ({first_line}); run again and it is made anew")
