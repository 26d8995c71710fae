"""The published trials: tab-separated text, a row a trial, with the fit of each source and the stacked one.

Header `# <source>_ns \\t <source>_TS ... ns \\t TS`; rows of signal trials begin with the injected events. Many jobs
appended to one file behind a lock that did not hold, so that some rows are torn or stand there twice.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.sources import folded_name
from core.errors import InputError
from core.files import check_file
from core.products.recipe import KeyValue, ProductKey
from core.published.imported import IMPORTED_SEED, ImportedFiles, ImportedProduct
from core.published.text import text_lines, whole_text

N_S_ENDING, TEST_STATISTIC_ENDING = "_ns", "_TS"
STACKED = ("ns", "TS")
N_INJECTED_NAMES = ("n_inj", "ninj", "n_injected")
# Bytes of a header; a line that goes on for longer is none.
MOST_HEADER = 1 << 20
# Of rows that the job locking tore; with more of them the file is of another form.
MAX_TORN_SHARE = 0.01
# Two trials agree in so many sources above zero only if they are one.
MIN_SOURCES_OF_REPEATED = 5


@dataclass
class _Read:
    """Rows of one file or several: the fits (n_values,) of each row by injected events, and what was left out."""

    sources: tuple[str, ...]
    rows: dict[int, list[list[float]]] = field(default_factory=lambda: defaultdict(list))
    seen: set[tuple[float, ...]] = field(default_factory=set)
    n_rows: int = 0
    n_torn: int = 0
    n_repeated: int = 0


def is_trials(path: Path) -> bool:
    """Return whether a file begins with the header of trials."""
    check_file(path)
    with path.open("rb") as file:
        first = file.readline(MOST_HEADER).decode("utf-8-sig", errors="replace")
    names = [name.strip() for name in first.lstrip("#").strip().split("\t")]
    return first.startswith("#") and tuple(names[-2:]) == STACKED


def read_trials(
    paths: Sequence[Path], channel: str | None, mass: float | None, n_injected: int | None = None
) -> ImportedFiles:
    """Return the trials in files of one pair, all together in the order given; mass in GeV.

    Rows that begin with a number of injected events are signal trials of that number; other rows are of `n_injected`,
    or background without it. Each number gives the stacked fits (`background_trials` or `signal_trials`) and those of
    each source (`source_trials`). A row that is torn, or repeats another, is left out and counted in a warning.
    InputError names line and column of a value that no trial can have, and the first torn row if they are more than
    one in a hundred; and asks for channel and mass, which the files do not tell.
    """
    if channel is None or mass is None:
        raise InputError(f"{paths[0]}: a file of trials does not tell its channel and mass: give --channel and --mass")
    read = _Read(_sources(paths[0]))
    for path in paths:
        if _sources(path) != read.sources:
            raise InputError(f"{path}: its header names other sources than that of {paths[0]}")
        _read_file(path, read, n_injected)
    products = []
    for number in sorted(read.rows):
        values = np.array(read.rows[number])
        keys: dict[str, KeyValue] = {"channel": channel, "mass": mass, "seed": IMPORTED_SEED}
        products.append(_stacked(values, keys, number))
        key = ProductKey("source_trials", keys | {"n_injected": number})
        products.append(ImportedProduct(key, _by_source(values, read.sources)))
    options = {"n_injected": n_injected}
    return ImportedFiles(
        "trials", tuple(paths), "core.published.trials", tuple(products), read.n_rows, _warnings(read), options
    )


def _names(path: Path) -> list[str]:
    header = whole_text(path).partition("\n")[0]
    if not header.startswith("#"):
        raise InputError(f"{path}: line 1 is no header of trials: # <source>_ns, <source>_TS, ..., ns, TS between tabs")
    return [name.strip() for name in header.lstrip("#").strip().split("\t")]


def _sources(path: Path) -> tuple[str, ...]:
    names = _names(path)
    names = names[1:] if names[0] in N_INJECTED_NAMES else names
    sources = [name.removesuffix(N_S_ENDING) for name in names[:-2:2]]
    due = [name for source in sources for name in (source + N_S_ENDING, source + TEST_STATISTIC_ENDING)]
    for column, (name, wanted) in enumerate(zip(names, [*due, *STACKED], strict=False), start=1):
        if name != wanted:
            raise InputError(f"{path}: line 1, column {column} is {name!r}; {wanted!r} between tabs is due")
    if (
        not sources
        or len(names) != len(due) + 2
        or not all(sources)
        or len(set(map(folded_name, sources))) != len(sources)
    ):
        raise InputError(f"{path}: line 1 must name two columns a source, each source once, then ns and TS")
    return tuple(sources)


def _read_file(path: Path, read: _Read, n_injected: int | None) -> None:
    header, n_values = _names(path), 2 * len(read.sources) + 2
    rows = [(number, line.split("\t")) for number, line in _rows(path)]
    widths = [len(cells) for _, cells in rows]
    tells = header[0] in N_INJECTED_NAMES or widths.count(n_values + 1) > widths.count(n_values)
    if tells and n_injected is not None:
        raise InputError(f"{path}: its rows begin with the injected events themselves: leave out --n-injected")
    names = [*(["n_inj"] if tells else []), *(header[1:] if header[0] in N_INJECTED_NAMES else header)]
    torn = []
    for number, cells in rows:
        values = _numbers(path, number, cells, names)
        if values is None:
            torn.append((number, len(cells)))
        elif _is_new(values, read):
            read.rows[int(values[0]) if tells else n_injected or 0].append(values[1:] if tells else values)
    if len(torn) > max(1.0, MAX_TORN_SHARE * len(rows)) or len(torn) == len(rows):
        number, width = torn[0] if torn else (2, 0)
        raise InputError(
            f"{path}: {len(torn)} of {len(rows)} rows are not {len(names)} numbers between tabs; "
            f"the first is line {number} with {width} values"
        )
    read.n_rows += len(rows)
    read.n_torn += len(torn)


def _rows(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (number, line) of each row; a last line that was not ended is torn, and ends in what is no number."""
    lines = text_lines(path)
    for number, line in lines:
        if line and not line.startswith("#"):
            yield number, line if number < len(lines) else f"{line}\ttorn"


def _numbers(path: Path, number: int, cells: Sequence[str], names: Sequence[str]) -> list[float] | None:
    """Return the values of a row, None if it is torn; InputError for numbers that no trial can have."""
    if len(cells) != len(names):
        return None
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        return None
    for column, (value, name) in enumerate(zip(values, names, strict=True), start=1):
        if name == "n_inj":
            is_possible, allowed = value >= 0.0 and value % 1.0 == 0.0, "a whole number from 0 on"
        elif name.endswith("TS"):
            is_possible, allowed = math.isfinite(value), "a finite number"
        else:
            is_possible, allowed = 0.0 <= value < math.inf, "a number from 0 on"
        if not is_possible:
            raise InputError(
                f"{path}: line {number}, column {column} ({name}) is {cells[column - 1]}; {allowed} is due"
            )
    return values


def _is_new(values: Sequence[float], read: _Read) -> bool:
    """Return whether a row repeats none before; rows with few sources above zero may agree by chance."""
    row = tuple(values)
    if sum(value > 0.0 for value in row[-3:0:-2]) < MIN_SOURCES_OF_REPEATED:
        return True
    if row in read.seen:
        read.n_repeated += 1
        return False
    read.seen.add(row)
    return True


def _stacked(values: NDArray[np.float64], keys: dict[str, KeyValue], n_injected: int) -> ImportedProduct:
    n_trials = len(values)
    untold = pa.nulls(n_trials, pa.float64())
    table = pa.table(
        {
            "trial": np.arange(n_trials),
            "n_s": values[:, -2],
            "test_statistic": values[:, -1],
            "n_s_signed": untold,
            "test_statistic_signed": untold,
        }
    )
    if n_injected == 0:
        return ImportedProduct(ProductKey("background_trials", keys), table)
    return ImportedProduct(ProductKey("signal_trials", keys | {"n_injected": n_injected}), table)


def _by_source(values: NDArray[np.float64], sources: Sequence[str]) -> pa.Table:
    n_trials, n_sources = len(values), len(sources)
    return pa.table(
        {
            "source": pa.array(list(sources) * n_trials, pa.string()),
            "trial": np.repeat(np.arange(n_trials), n_sources),
            "n_s": values[:, 0:-2:2].ravel(),
            "test_statistic": values[:, 1:-2:2].ravel(),
        }
    )


def _warnings(read: _Read) -> tuple[str, ...]:
    warnings = ["the published trials carry no signed fit: n_s_signed and test_statistic_signed are null"]
    if read.n_torn or read.n_repeated:
        warnings.append(
            f"{read.n_torn + read.n_repeated} of {read.n_rows} rows left out, {read.n_torn} torn and {read.n_repeated} "
            "repeated: a known fault of the published job locking"
        )
    return tuple(warnings)
