"""What has been verified before: what unchanged files say of themselves, kept beside an analysis' products."""

import hashlib
import json
from contextlib import suppress
from threading import Lock
from typing import Any

import pyarrow as pa
from upath import UPath

from core.errors import ProductError
from core.products import files
from core.products.seal import Leave

MEMORY_NAME = ".verified.json"
Identity = tuple[str, int, int, int]
# Tables of at most so many bytes are kept as they were read, the last ones up to so many bytes in all.
SMALL_TABLE, ALL_TABLES = 200_000, 64_000_000


class Memory:
    """The metadata of files found whole, by what changes whenever a file does; a file of its own, or nowhere.

    A memory that is damaged, of another format or out of reach is as good as none: files are then verified again.
    """

    def __init__(self, folder: UPath | None) -> None:
        self._folder = folder
        self._known: dict[str, tuple[list[int], dict[str, Any]]] | None = None
        self._grown = False
        self._tables: dict[Identity, pa.Table] = {}
        self._n_bytes = 0
        self._lock = Lock()

    def recall(self, identity: Identity) -> dict[str, Any] | None:
        """Return what a file says of itself, None if it has changed or was never verified."""
        name, *rest = identity
        print_, metadata = self._all().get(self._short(name), ([], {}))
        return metadata if print_ == rest else None

    def keep(self, identity: Identity, metadata: dict[str, Any]) -> None:
        """Remember what a file that was verified says of itself."""
        name, *rest = identity
        self._all()[self._short(name)] = (rest, metadata)
        self._grown = True

    def read_table(self, path: UPath, leave: Leave | None = None) -> pa.Table:
        """Return the table of a file, as `files.read_table` does; a small one that stands unchanged is read once.

        Sealed ones, which need leave, are not kept.
        """
        identity = files.identity(path) if leave is None else None
        if identity is None:
            return files.read_table(path, leave)
        with self._lock:
            known = self._tables.get(identity)
        if known is None:
            known = files.read_table(path)
            self._keep_table(identity, known)
        return known

    def _keep_table(self, identity: Identity, table: pa.Table) -> None:
        """Keep a small table, in place of those that were read first where there are many."""
        if table.nbytes > SMALL_TABLE:
            return
        with self._lock:
            if identity not in self._tables:
                self._tables[identity] = table
                self._n_bytes += table.nbytes
            while self._n_bytes > ALL_TABLES:
                self._n_bytes -= self._tables.pop(next(iter(self._tables))).nbytes

    def forget(self) -> None:
        """Forget all, here and in the file, so that everything is verified again."""
        self._known = {}
        with self._lock:
            self._tables.clear()
            self._n_bytes = 0
        if self._folder is not None:
            with suppress(OSError):
                (self._folder / MEMORY_NAME).unlink(missing_ok=True)

    def save(self) -> None:
        """Write down what was learnt; where that cannot be, nothing is."""
        if self._folder is None or not self._grown or not self._folder.is_dir():
            return
        # Beside what other processes have learnt meanwhile; files that are no more are forgotten.
        known = _read(self._folder / MEMORY_NAME) | self._all()
        standing = {name: found for name, found in known.items() if (self._folder / name).exists()}
        text = json.dumps({"format": files.FORMAT, "files": standing}, separators=(",", ":")).encode()
        try:
            files.replace(self._folder / MEMORY_NAME, _digest(text) + b"\n" + text)
        except (OSError, ProductError):
            return
        self._grown = False

    def _all(self) -> dict[str, tuple[list[int], dict[str, Any]]]:
        if self._known is None:
            self._known = {} if self._folder is None else _read(self._folder / MEMORY_NAME)
        return self._known

    def _short(self, name: str) -> str:
        """Return a path as seen from the folder, so that it is the same from wherever it is looked at."""
        return name if self._folder is None else name.removeprefix(f"{self._folder}/")


def _read(path: UPath) -> dict[str, tuple[list[int], dict[str, Any]]]:
    try:
        digest, _, text = path.read_bytes().partition(b"\n")
        content = json.loads(text) if digest == _digest(text) else {}
    except (OSError, ValueError):
        return {}
    if content.get("format") != files.FORMAT:
        return {}
    return {name: (print_, metadata) for name, (print_, metadata) in content["files"].items()}


def _digest(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=16).hexdigest().encode()
