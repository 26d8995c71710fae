"""The record of unblindings: a log under the product root that is only added to, and the leave that a line of it gives.

A line (JSON) says when, who, by which command, and which digest was opened. It is on disk before anything is opened, so
that an unblinding interrupted at any moment leaves it. A second line says when the same unblinding came to its end.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import ProductError
from core.products.store import ProductStore

LOG_NAME = "unblinding.log"
OPENED, FINISHED = "opened", "finished"


@dataclass(frozen=True)
class Opening:
    """One unblinding: of which digest, by whom and when; the log of its analysis holds the same."""

    digest: str
    who: str
    when: str
    sky: str

    def remarks(self) -> dict[str, str]:
        """Return what a product says of the unblinding that made it."""
        return {"digest": self.digest, "who": self.who, "when": self.when, "sky": self.sky}

    def is_on_record(self, store: ProductStore) -> bool:
        """Return whether the log of the analysis says that this was opened."""
        return any(
            line["event"] == OPENED and all(line.get(name) == value for name, value in self.remarks().items())
            for line in unblindings(store)
        )


def record_opening(store: ProductStore, digest: str, who: str, sky: str, details: Mapping[str, Any]) -> Opening:
    """Write down that a digest is about to be opened, and return the opening; ProductError if it cannot be written."""
    opening = Opening(digest, who, datetime.now(UTC).isoformat(timespec="microseconds"), sky)
    _append(store, {"event": OPENED, **opening.remarks(), **details})
    return opening


def record_end(store: ProductStore, opening: Opening) -> None:
    """Write down that an unblinding came to its end."""
    _append(store, {"event": FINISHED, **opening.remarks(), "ended": datetime.now(UTC).isoformat(timespec="seconds")})


def unblindings(store: ProductStore) -> list[dict[str, Any]]:
    """Return the lines of the log of an analysis, in order; a line that was cut off in writing is left out."""
    try:
        lines = (store.root / store.analysis / LOG_NAME).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return [line for line in found if isinstance(line, dict) and "event" in line]


def _append(store: ProductStore, line: Mapping[str, Any]) -> None:
    """Add a line and wait until it is on disk; in an object store the log is written whole, one line longer."""
    path = store.root / store.analysis / LOG_NAME
    text = f"{json.dumps(dict(line), sort_keys=True)}\n".encode()
    try:
        if not isinstance(path, Path):
            path.write_bytes((path.read_bytes() if path.exists() else b"") + text)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ProductError(f"cannot write {path}, without which nothing is opened: {error.strerror or error}") from None
