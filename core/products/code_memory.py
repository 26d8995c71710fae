"""What was found out about core's code, kept beside Python's own cache of it for as long as no source changes."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from core.products.digests import digest_of_parameters

CORE = Path(__file__).parents[1]
NOTES = Path(__file__).parent / "__pycache__" / "code-digests.json"
Found = TypeVar("Found")


def remembered(code: str, question: str, find: Callable[[], Found]) -> Found:
    """Return the answer to a question about a function of core, found anew where a source of core has changed.

    Answers are JSON-able.
    """
    notes = _notes()
    name = f"{question} of {code}"
    if name not in notes:
        notes[name] = find()
        _write(notes)
    answer: Found = notes[name]
    return answer


@cache
def _notes() -> dict[str, Any]:
    """Return the answers that hold for the sources as they stand."""
    try:
        notes: dict[str, Any] = json.loads(NOTES.read_bytes())
    except (OSError, ValueError):
        notes = {}
    held_for = _sources()
    return notes if notes.get("sources") == held_for else {"sources": held_for}


def _sources() -> str:
    """Return what changes whenever a source of core does, or the Python that reads it."""
    found = []
    for path in CORE.rglob("*.py"):
        status = path.stat()
        found.append([str(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino])
    return digest_of_parameters([sys.version, sorted(found)])


def _write(notes: dict[str, Any]) -> None:
    if sys.dont_write_bytecode:
        return
    beside = NOTES.with_name(f"{NOTES.name}.{os.getpid()}")
    with suppress(OSError):
        NOTES.parent.mkdir(exist_ok=True)
        beside.write_text(json.dumps(notes), encoding="utf-8")
        beside.replace(NOTES)
