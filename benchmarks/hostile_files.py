"""Fifty thousand hostile files: `uv run python -m benchmarks.hostile_files [FORMAT ...]`, of all kinds that are read.

Good files of each kind are wounded by seeded mutations, in their bytes and in what the bytes say. Each is read by what
reads it in an analysis, and shown by `dwarfnu inspect`. It is right if what comes out is sound, or if one of our errors
says in one line what is wrong; and if no more functions are called than some for each byte.
"""

import os
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import numpy as np

from benchmarks.file_kinds import KINDS, Files, Kind, unsound
from benchmarks.measure import markdown, processor, recorded_rows, significant, write_part
from core.errors import DwarfnuError
from core.events.inspection import inspection

SEED = 20
HEADING = "# Hostile files"
FORMS = tuple(dict.fromkeys(kind.form for kind in KINDS))
FILES_A_SHARE = 1721  # more than 50,000 in all
N_PARTS = 4  # of a kind, each read by a process of its own
MOST_MEMORY = 300.0  # MB
# Calls of functions, Python's and C's, that a file may cost: some for each byte, and some for opening it.
CALLS_PER_BYTE = 40
CALLS_TO_OPEN = 30_000
MOST_LETTERS = 2000  # of an error


class Fault(NamedTuple):
    """A file that was neither read nor refused as it should be: its kind, its number, and what happened."""

    kind: str
    number: int
    said: str


class Part(NamedTuple):
    """What became of some files: how many were read, the faults, most calls a byte, memory (MB) and CPU time (s)."""

    n_files: int
    n_read: int
    faults: list[Fault]
    calls_per_byte: float
    memory: float
    slowest: float


def files_of(kind: Kind, number: int) -> Files:
    """Return the wounded file of a kind and number, by name, with those beside it."""
    seed = [SEED, *f"{kind.form} {kind.name}".encode(), number]
    return kind.make(np.random.default_rng(seed))


def outcome_of(kind: Kind, number: int) -> tuple[bool, str | None, int, float]:
    """Return whether a wounded file was read, what is wrong with how it was taken, calls of functions, and CPU (s)."""
    with tempfile.TemporaryDirectory() as place:
        folder, n_calls, is_read = Path(place), [0], False
        for name, content in files_of(kind, number).items():
            (folder / name).write_bytes(content)
        begin = time.process_time()
        try:
            with _counted(n_calls):
                is_read, said = _taken(kind, folder)
        except Exception as error:  # noqa: BLE001, which is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__}: {str(error)[:200]} ({Path(where.filename).name}:{where.lineno})"
        return is_read, said, n_calls[0], time.process_time() - begin


def _taken(kind: Kind, folder: Path) -> tuple[bool, str | None]:
    """Read and show the files of a folder, and return whether they were read, and what is wrong with that."""
    is_read, said = True, None
    try:
        said = unsound(kind.read(folder))
    except DwarfnuError as error:
        is_read, said = False, _bad_words(str(error))
    for path in sorted(folder.iterdir()):
        try:
            said = said or next((bad for line in inspection(path) if (bad := _bad_words(line))), None)
        except DwarfnuError as error:
            said = said or _bad_words(str(error))
    return is_read, said


def _bad_words(words: str) -> str | None:
    """Return what is wrong with the words of an error or a line: none, too many, or what a terminal would obey."""
    if not words.strip() or len(words) > MOST_LETTERS:
        return f"words of {len(words)} letters: {words[:200]!r}"
    return f"words with marks of control: {words[:200]!r}" if "\x1b" in words or "\0" in words else None


@contextmanager
def _counted(n_calls: list[int]) -> Iterator[None]:
    """Count the calls of functions, Python's and C's."""

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        n_calls[0] += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)


def attacked(kind: Kind, numbers: range) -> Part:
    """Return what became of the wounded files of a kind."""
    faults, n_read, worst, slowest = [], 0, 0.0, 0.0
    warnings.simplefilter("ignore")  # of numpy and pandas on numbers that are none
    outcome_of(kind, numbers.start)  # imports what the first of a kind imports
    for number in numbers:
        is_read, said, n_calls, cpu = outcome_of(kind, number)
        if n_calls > CALLS_TO_OPEN:  # the first on its way, which imports what it needs
            is_read, said, n_calls, cpu = outcome_of(kind, number)
        n_bytes = sum(map(len, files_of(kind, number).values()))
        per_byte = max(n_calls - CALLS_TO_OPEN, 0) / max(n_bytes, 1)
        if said is None and per_byte > CALLS_PER_BYTE:
            said = f"{n_calls} calls for {n_bytes} bytes"
        n_read, worst, slowest = n_read + is_read, max(worst, per_byte), max(slowest, cpu)
        if said is not None:
            faults.append(Fault(f"{kind.form} {kind.name}", number, said))
    return Part(len(numbers), n_read, faults, worst, peak_memory(), slowest)


def peak_memory() -> float:
    """Return the most memory that this process has had, in MB; what its parent had when it forked is left out."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


def numbers_of(kind: Kind) -> int:
    """Return how many files of a kind are made."""
    return max(round(FILES_A_SHARE * kind.share), 1)


def _attacked_part(index: int, first: int, last: int) -> Part:
    return attacked(KINDS[index], range(first, last))


def attacked_form(form: str) -> Part:
    """Return what became of all files of a format, each part of a kind read by a process of its own."""
    parts = []
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        for index, kind in enumerate(KINDS):
            edges = np.linspace(0, numbers_of(kind), N_PARTS + 1, dtype=int).tolist()
            for first, last in pairwise(edges) if kind.form == form else ():
                parts.append(pool.submit(_attacked_part, index, first, last).result())
                for fault in parts[-1].faults[:5]:
                    print(*fault, sep=" | ", flush=True)
    return Part(
        *(sum(getattr(part, name) for part in parts) for name in ("n_files", "n_read")),
        [fault for part in parts for fault in part.faults],
        *(max(getattr(part, name) for part in parts) for name in ("calls_per_byte", "memory", "slowest")),
    )


def row_of(form: str, part: Part) -> list[str]:
    """Return the row of the record that a format has."""
    n_refused = part.n_files - part.n_read - len(part.faults)
    numbers = [f"{number:,}" for number in (part.n_files, part.n_read, n_refused, len(part.faults))]
    return [form, *numbers, *map(significant, (part.calls_per_byte, part.memory, part.slowest))]


def record_of(rows: dict[str, list[str]]) -> str:
    """Return the record with a row for each format."""
    n_files = sum(int(row[1].replace(",", "")) for row in rows.values())
    return (
        f"{HEADING}\n\n"
        f"Made by `uv run python -m benchmarks.hostile_files`: {n_files:,} files, seed {SEED}, each a good one with\n"
        "wounds in its bytes or in what they say, read as in an analysis and shown by `dwarfnu inspect`. Read: what\n"
        "came out is sound. Refused: by one of our errors. Calls of functions a byte are those beyond the\n"
        f"{CALLS_TO_OPEN:,} that opening a file may cost; memory is the peak of a process that reads nothing else.\n\n"
        f"{processor()}; {datetime.now(UTC):%Y-%m-%d}.\n\n"
        + markdown(
            ["format", "files", "read", "refused", "faults", "most calls a byte", "memory, MB", "slowest, CPU s"],
            list(rows.values()),
        )
    )


def main(arguments: list[str]) -> int:
    """Attack the readers of all formats, or of those named, put their rows into the record; return 1 if any fails."""
    has_failed = False
    for form in arguments or FORMS:
        part = attacked_form(form)
        has_failed |= bool(part.faults) or part.memory > MOST_MEMORY
        write_part(record_of(recorded_rows(HEADING) | {form: row_of(form, part)}))
        print(*row_of(form, part), sep=" | ", flush=True)
    return int(has_failed)


if __name__ == "__main__":
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    sys.exit(main(sys.argv[1:]))
