"""Digests of the files that an analysis is given: a change of their content makes what follows from them stale."""

from pathlib import Path

from core.errors import InputError
from core.files import check_file
from core.products.digests import digest_of_file, digest_of_parameters


def file_digest(path: Path) -> str:
    """Return the digest of a file's content; InputError if it cannot be read."""
    check_file(path)
    try:
        return digest_of_file(path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error


def folder_digest(path: Path, pattern: str, setting: str) -> str:
    """Return the digest of the names and contents of files of a folder, or of a file; InputError if there are none."""
    tables = sorted(path.glob(pattern)) if path.is_dir() else [path]
    if not tables:
        raise InputError(f"{setting} {path}: the folder holds no {pattern.lstrip('*')} tables")
    return digest_of_parameters([[table.name, file_digest(table)] for table in tables])
