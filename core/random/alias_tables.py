"""Alias tables from which counts are drawn: built once for a distribution and a total, by IEEE arithmetic alone.

A table (Walker 1977, Vose 1991) turns one 64-bit word into one outcome: its high bits choose a column, the rest
decides between the column's own outcome and its alias. The high half of the word nearly always decides alone, so that
the low half is made, and the low halves of the thresholds are read, only where it does not. The resolution of a
probability is 2^-64; Poisson tails below 1e-18 of the mode are left out. Only sums, products and square roots are used,
each exactly rounded: the tables are the same on every machine.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled
from core.errors import PhysicsError

_NEVER = 2**62
_LEVEL_MARGIN = 1.0  # how far, in standard deviations, a level's mean stays under the events that remain
_LEVEL_RATIO = 2.0**0.125
_POISSON_TAIL = 1e-18
_N_ENTRIES = 2**28
_MOST_PAIRED_CELLS = 64  # of which a table of pairs, 16 kB, stays at hand
_U = np.uint64
_ONE = np.uint64(1)
_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_LOG2_BITS = np.uint64(2**5 - 1)
_START_BITS = np.uint64(2**28 - 1)


class CountTables(NamedTuple):
    """Alias tables of several distributions over the same number of cells (rows), each for its own least total.

    A table is named by one word: binary logarithm of its length (5 bits), start of its columns in entries (28),
    count that this column stands for (31).
    """

    entries: NDArray[np.uint32]  # columns of all tables: threshold's first bits in the high bits, alias in the low ones
    fine: NDArray[np.uint32]  # the next 32 bits of the thresholds
    poisson: NDArray[np.uint64]  # (n_rows, n_levels, n_cells): the table of a cell at a level
    single: NDArray[np.uint64]  # (n_rows,): the table that gives the cell of one event
    pairs: NDArray[np.uint64]  # (n_rows,): that of two, as high and low bits; of many cells there is none, (0,)
    need: NDArray[np.int64]  # (n_rows, n_levels): a level is used while at least so many events remain


def count_tables(probabilities: NDArray[np.float64], totals: NDArray[np.int64]) -> CountTables:
    """Return the tables to draw counts from probabilities (n_rows, n_cells), each row at least totals (n_rows,) events.

    Rows need not be normalised. More events than the row's total may be drawn, at a little cost.
    """
    n_rows, n_cells = probabilities.shape
    plans = [_level_means(int(total), n_cells) for total in totals]
    n_levels = max(len(plan) for plan in plans)
    means = np.zeros((n_rows, n_levels))
    need = np.full((n_rows, n_levels), _NEVER, dtype=np.int64)
    for row, plan in enumerate(plans):
        means[row, : len(plan)] = plan
        need[row, : len(plan)] = [math.ceil(mean + _LEVEL_MARGIN * math.sqrt(mean)) for mean in plan]
    normalised = np.array([row / math.fsum(row) for row in probabilities])
    return _built_tables(normalised, means, need)


def _level_means(total: int, n_cells: int) -> list[float]:
    """Return the total means of the Poisson levels, falling: just under the total, then a ladder."""
    smallest = max(1.5 * n_cells, 24.0)
    if total < 2.0 * smallest:
        return []
    spread = math.sqrt(total)
    means = [total - _LEVEL_MARGIN * spread]
    ladder = smallest
    while ladder < (_LEVEL_MARGIN + 3.0) * spread and ladder < means[0] / _LEVEL_RATIO:
        means.insert(1, ladder)
        ladder *= _LEVEL_RATIO
    return means


def _built_tables(
    probabilities: NDArray[np.float64], means: NDArray[np.float64], need: NDArray[np.int64]
) -> CountTables:
    n_rows, n_cells = probabilities.shape
    cell_means = np.ascontiguousarray(means[:, :, np.newaxis] * probabilities[:, np.newaxis, :])
    tables = np.zeros(cell_means.size, np.uint64)
    greatest = np.zeros(cell_means.size, np.int64)
    n_entries = _lay_out(cell_means.ravel(), tables, greatest)
    log2_cells = max(1, math.ceil(math.log2(n_cells)))
    is_paired = n_cells <= _MOST_PAIRED_CELLS
    padded = np.zeros((n_rows, 1 << log2_cells))
    padded[:, :n_cells] = probabilities
    of_pairs = (padded[:, :, np.newaxis] * padded[:, np.newaxis, :]).reshape(n_rows, -1) if is_paired else padded[:0]
    n_all = n_entries + padded.size + of_pairs.size
    if n_all > _N_ENTRIES:
        raise PhysicsError(f"{n_rows} distributions over {n_cells} cells need more than 2 GiB of tables: merge cells")
    entries, fine = (np.zeros(n_all, np.uint32) for _ in range(2))
    longest = max(1 << int(np.max(tables & _LOG2_BITS, initial=_ONE)), padded.shape[1], of_pairs.shape[1])
    weights, pending = np.zeros(longest), np.zeros(longest, np.int64)
    _fill_tables(cell_means.ravel(), tables, greatest, entries, fine, weights, pending)
    single = _event_tables(padded, n_entries, entries, fine, pending)
    pairs = _event_tables(of_pairs, n_entries + padded.size, entries, fine, pending)
    return CountTables(entries, fine, tables.reshape(cell_means.shape), single, pairs, need)


def _event_tables(
    outcomes: NDArray[np.float64],
    start: int,
    entries: NDArray[np.uint32],
    fine: NDArray[np.uint32],
    pending: NDArray[np.int64],
) -> NDArray[np.uint64]:
    """Write the tables of the outcomes' probabilities (n_rows, 2^n) from start on; return their names (n_rows,)."""
    n_rows, length = outcomes.shape
    log2_length = length.bit_length() - 1
    starts = start + length * np.arange(n_rows)
    for start, weights in zip(starts.tolist(), outcomes, strict=True):
        _fill_alias(weights.copy(), pending, entries, fine, start, log2_length)
    return np.asarray(log2_length | starts << 5, dtype=np.uint64)


@compiled
def _fill_alias(
    heights: NDArray[np.float64],
    pending: NDArray[np.int64],
    entries: NDArray[np.uint32],
    fine: NDArray[np.uint32],
    start: int,
    log2_length: int,
) -> None:
    """Write the alias table of weights, in heights[:2^log2_length], to entries and fine from start on: Vose's method.

    heights and pending are used up.
    """
    length = 1 << log2_length
    total = 0.0
    for column in range(length):
        total += heights[column]
    n_small = 0
    first_large = length
    for column in range(length):
        heights[column] *= length / total
        if heights[column] < 1.0:
            pending[n_small] = column
            n_small += 1
        else:
            first_large -= 1
            pending[first_large] = column
    scale = 2.0 ** (64 - log2_length)
    while n_small > 0 and first_large < length:
        n_small -= 1
        small = pending[n_small]
        large = pending[first_large]
        threshold = _U(heights[small] * scale)
        entries[start + small] = np.uint32(((threshold >> _32) << _U(log2_length)) | _U(large))
        fine[start + small] = np.uint32(threshold & _LOW)
        heights[large] -= 1.0 - heights[small]
        if heights[large] < 1.0:
            first_large += 1
            pending[n_small] = large
            n_small += 1
    for slot in range(length):  # what rounding leaves over has height 1: its own alias
        if slot < n_small or slot >= first_large:
            entries[start + pending[slot]] = np.uint32((_LOW & ~_U(length - 1)) | _U(pending[slot]))


@compiled
def _fill_poisson(mean: float, least: int, greatest: int, weights: NDArray[np.float64], length: int) -> None:
    """Set weights[:length] to the Poisson probabilities of least ... greatest relative to the mode, else 0."""
    mode = int(mean)
    for column in range(length):
        weights[column] = 0.0
    weights[mode - least] = 1.0
    for count in range(mode, least, -1):
        weights[count - 1 - least] = weights[count - least] * (count / mean)
    for count in range(mode, greatest):
        weights[count + 1 - least] = weights[count - least] * (mean / (count + 1))


@compiled
def _lay_out(means: NDArray[np.float64], tables: NDArray[np.uint64], greatest: NDArray[np.int64]) -> int:
    """Set the words that name the tables of means (n_tables,) and their greatest counts; return the room for all."""
    n_entries = 0
    for table in range(means.size):
        mean = means[table]
        least = int(mean)
        weight = 1.0
        while least > 0 and weight > _POISSON_TAIL:
            weight *= least / mean
            least -= 1
        most = int(mean)
        weight = 1.0
        while weight > _POISSON_TAIL:
            most += 1
            weight *= mean / most
        log2_length = 1
        while (1 << log2_length) < most - least + 1:
            log2_length += 1
        tables[table] = _U(log2_length) | _U(n_entries) << _U(5) | _U(least) << _U(33)
        greatest[table] = most
        n_entries += 1 << log2_length
    return n_entries


@compiled
def _fill_tables(
    means: NDArray[np.float64],
    tables: NDArray[np.uint64],
    greatest: NDArray[np.int64],
    entries: NDArray[np.uint32],
    fine: NDArray[np.uint32],
    weights: NDArray[np.float64],
    pending: NDArray[np.int64],
) -> None:
    for table in range(means.size):
        log2_length = int(tables[table] & _LOG2_BITS)
        start = int(tables[table] >> _U(5) & _START_BITS)
        _fill_poisson(means[table], int(tables[table] >> _U(33)), greatest[table], weights, 1 << log2_length)
        _fill_alias(weights, pending, entries, fine, start, log2_length)
