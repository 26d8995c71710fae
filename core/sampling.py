"""Multinomial counts, drawn exactly and fast from tables.

A draw of N events over cells of probability p is a cascade: each cell is drawn Poisson at a total mean a little under
N; if the sum M exceeds N, all are drawn again, else the counts are multinomial(M, p) and N - M events remain for the
next, smaller level; the last few are drawn one by one. What is decided depends on sums alone, so the result is
multinomial(N, p). Every single draw is one look-up in an alias table (Walker 1977, Vose 1991) with a 64-bit word,
2^-64 being the resolution of a probability; Poisson tails below 1e-18 of the mode are left out.
The tables are built with IEEE sums and products alone: the counts are identical on every machine.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled

LANES = 32  # trials side by side in memory: what the compiler turns into vectors

_NEVER = 2**62
_LEVEL_MARGIN = 0.75  # how far, in standard deviations, a level's mean stays under the events that remain
_LEVEL_RATIO = math.sqrt(2.0)
_POISSON_TAIL = 1e-18
_WORDS = 1024
_U = np.uint64
_ONE = np.uint64(1)
_32 = np.uint64(32)
_64 = np.uint64(64)
_LOW = np.uint64(0xFFFFFFFF)
_PHILOX_M0 = np.uint64(0xD2511F53)
_PHILOX_M1 = np.uint64(0xCD9E8D57)
_PHILOX_W0 = np.uint64(0x9E3779B9)
_PHILOX_W1 = np.uint64(0xBB67AE85)


class CountTables(NamedTuple):
    """Alias tables of several distributions over the same number of cells (rows), each for its own least total."""

    entries: NDArray[np.uint64]  # columns of all tables: threshold in the high bits, alias in the low ones
    offset: NDArray[np.int64]  # (n_rows, n_levels, n_cells): where a cell's Poisson table begins
    shift: NDArray[np.uint64]  # same shape: 64 minus the binary logarithm of the table's length
    base: NDArray[np.int32]  # same shape: the count that the table's first column stands for
    need: NDArray[np.int64]  # (n_rows, n_levels): a level is used while at least so many events remain
    category_offset: NDArray[np.int64]  # (n_rows,): where the table of single events begins
    category_shift: np.uint64


class Stream(NamedTuple):
    """Key and counter of the random numbers of one part of all trials; see core.streams."""

    seed: int
    part: int
    label: int
    first_trial: int


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


def draw_counts(
    counts: NDArray[np.int32],
    tables: CountTables,
    rows: NDArray[np.int64],
    totals: NDArray[np.int64],
    stream: Stream,
    add: bool = False,
) -> None:
    """Draw counts (n_blocks, n_cells, LANES) in place: lane by lane a trial with totals (n_trials,) events.

    rows (n_trials,) names each trial's distribution. Lanes behind the last trial are emptied. With `add` the new
    events are added to what the trials hold.
    """
    _draw_counts(counts, tables, rows, totals, *_counter(stream), add)


def draw_categories(tables: CountTables, n_trials: int, stream: Stream) -> NDArray[np.int64]:
    """Return one cell (n_trials,) a trial, drawn from the first row of the tables."""
    categories = np.empty(n_trials, dtype=np.int64)
    _draw_categories(categories, tables, *_counter(stream))
    return categories


def empty_counts(n_trials: int, n_cells: int) -> NDArray[np.int32]:
    """Return room for the counts of so many trials: (n_blocks, n_cells, LANES)."""
    return np.zeros((-(-n_trials // LANES), n_cells, LANES), dtype=np.int32)


def trials_by_cells(counts: NDArray[np.int32], n_trials: int) -> NDArray[np.int32]:
    """Return counts (n_blocks, n_cells, LANES) as (n_trials, n_cells)."""
    n_cells = counts.shape[1]
    return np.ascontiguousarray(counts.transpose(0, 2, 1)).reshape(-1, n_cells)[:n_trials]


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
    n_levels = means.shape[1]
    cell_means = np.ascontiguousarray(means[:, :, np.newaxis] * probabilities[:, np.newaxis, :]).ravel()
    offset, shift = np.zeros(cell_means.size, np.int64), np.zeros(cell_means.size, np.uint64)
    base, last = np.zeros(cell_means.size, np.int32), np.zeros(cell_means.size, np.int32)
    n_poisson = _lay_out(cell_means, offset, shift, base, last)
    log2_cells = max(1, math.ceil(math.log2(n_cells)))
    entries = np.zeros(n_poisson + (n_rows << log2_cells), np.uint64)
    longest = max(1 << log2_cells, 1 << (64 - int(shift.min())) if shift.size else 0)
    weights, pending = np.zeros(longest), np.zeros(longest, np.int64)
    _fill_tables(cell_means, offset, shift, base, last, entries, weights, pending)
    category_offset = n_poisson + (np.arange(n_rows, dtype=np.int64) << log2_cells)
    for row in range(n_rows):
        weights[: 1 << log2_cells] = 0.0
        weights[:n_cells] = probabilities[row]
        _fill_alias(weights, pending, entries, int(category_offset[row]), log2_cells)
    shape = (n_rows, n_levels, n_cells)
    return CountTables(
        entries,
        offset.reshape(shape),
        shift.reshape(shape),
        base.reshape(shape),
        need,
        category_offset,
        np.uint64(64 - log2_cells),
    )


def _counter(stream: Stream) -> tuple[np.uint64, np.uint64, np.uint64, int]:
    return np.uint64(stream.seed), np.uint64(stream.part), np.uint64(stream.label), int(stream.first_trial)


@compiled
def philox_words(
    words: NDArray[np.uint64],
    n_words: int,
    seed: np.uint64,
    counter_1: np.uint64,
    counter_2: np.uint64,
    counter_3: np.uint64,
    first_block: int,
) -> int:
    """Fill words[:n_words] (rounded up to even) with Philox4x32-10 and return the next unused block.

    A block gives 128 bits: its low half stands in the first half of the words, its high half in the second.
    """
    n_blocks = (n_words + 1) // 2
    for block in range(n_blocks):
        x0 = _U(first_block + block) & _LOW
        x1 = counter_1
        x2 = counter_2
        x3 = counter_3
        key_0 = seed & _LOW
        key_1 = seed >> _32
        for _ in range(10):
            product_0 = x0 * _PHILOX_M0
            product_1 = x2 * _PHILOX_M1
            x0 = (product_1 >> _32) ^ x1 ^ key_0
            x2 = (product_0 >> _32) ^ x3 ^ key_1
            x1 = product_1 & _LOW
            x3 = product_0 & _LOW
            key_0 = (key_0 + _PHILOX_W0) & _LOW
            key_1 = (key_1 + _PHILOX_W1) & _LOW
        words[block] = x0 | (x1 << _32)
        words[n_blocks + block] = x2 | (x3 << _32)
    return first_block + n_blocks


@compiled
def _fill_alias(
    heights: NDArray[np.float64], pending: NDArray[np.int64], entries: NDArray[np.uint64], start: int, log2_length: int
) -> None:
    """Write the alias table of weights, given in heights[:2^log2_length], to entries[start:]: Vose's method.

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
        entries[start + small] = (_U(heights[small] * scale) << _U(log2_length)) | _U(large)
        heights[large] -= 1.0 - heights[small]
        if heights[large] < 1.0:
            first_large += 1
            pending[n_small] = large
            n_small += 1
    for slot in range(length):  # what rounding leaves over has height 1: its own alias
        if slot < n_small or slot >= first_large:
            entries[start + pending[slot]] = ~_U(length - 1) | _U(pending[slot])


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
def _lay_out(
    means: NDArray[np.float64],
    offset: NDArray[np.int64],
    shift: NDArray[np.uint64],
    base: NDArray[np.int32],
    last: NDArray[np.int32],
) -> int:
    """Set where each table stands and the counts it spans, for means (n_tables,), and return the room for all."""
    n_entries = 0
    for table in range(means.size):
        mean = means[table]
        least = int(mean)
        weight = 1.0
        while least > 0 and weight > _POISSON_TAIL:
            weight *= least / mean
            least -= 1
        greatest = int(mean)
        weight = 1.0
        while weight > _POISSON_TAIL:
            greatest += 1
            weight *= mean / greatest
        log2_length = 1
        while (1 << log2_length) < greatest - least + 1:
            log2_length += 1
        offset[table] = n_entries
        shift[table] = _U(64 - log2_length)
        base[table] = least
        last[table] = greatest
        n_entries += 1 << log2_length
    return n_entries


@compiled
def _fill_tables(
    means: NDArray[np.float64],
    offset: NDArray[np.int64],
    shift: NDArray[np.uint64],
    base: NDArray[np.int32],
    last: NDArray[np.int32],
    entries: NDArray[np.uint64],
    weights: NDArray[np.float64],
    pending: NDArray[np.int64],
) -> None:
    for table in range(means.size):
        log2_length = int(64 - np.int64(shift[table]))
        _fill_poisson(means[table], int(base[table]), int(last[table]), weights, 1 << log2_length)
        _fill_alias(weights, pending, entries, offset[table], log2_length)


@compiled
def _poisson_level(
    cell_counts: NDArray[np.int32], words: NDArray[np.uint64], tables: CountTables, row: int, level: int
) -> int:
    """Draw every cell of a level Poisson and return the sum."""
    total = 0
    for cell in range(cell_counts.size):
        word = words[cell]
        shift = tables.shift[row, level, cell]
        log2_length = _64 - shift
        column = word >> shift
        entry = tables.entries[tables.offset[row, level, cell] + np.int64(column)]
        drawn = column if (word << log2_length) < entry else entry & ((_ONE << log2_length) - _ONE)
        count = tables.base[row, level, cell] + np.int32(drawn)
        cell_counts[cell] = count
        total += count
    return total


@compiled
def _category(word: np.uint64, tables: CountTables, row: int) -> int:
    """Return one cell of a row's distribution."""
    log2_length = _64 - tables.category_shift
    column = word >> tables.category_shift
    entry = tables.entries[tables.category_offset[row] + np.int64(column)]
    return int(column if (word << log2_length) < entry else entry & ((_ONE << log2_length) - _ONE))


@compiled
def _draw_trial(
    cell_counts: NDArray[np.int32],
    level_counts: NDArray[np.int32],
    words: NDArray[np.uint64],
    tables: CountTables,
    row: int,
    n_events: int,
    seed: np.uint64,
    counter_1: np.uint64,
    counter_2: np.uint64,
    counter_3: np.uint64,
) -> None:
    n_cells = cell_counts.size
    for cell in range(n_cells):
        cell_counts[cell] = 0
    remaining = n_events
    block = 0
    for level in range(tables.need.shape[1]):
        while remaining >= tables.need[row, level]:
            drawn = remaining + 1
            while drawn > remaining:
                block = philox_words(words, n_cells, seed, counter_1, counter_2, counter_3, block)
                drawn = _poisson_level(level_counts, words, tables, row, level)
            for cell in range(n_cells):
                cell_counts[cell] += level_counts[cell]
            remaining -= drawn
    while remaining > 0:
        n_placed = min(remaining, words.size)
        block = philox_words(words, n_placed, seed, counter_1, counter_2, counter_3, block)
        for event in range(n_placed):
            cell_counts[_category(words[event], tables, row)] += np.int32(1)
        remaining -= n_placed


@compiled
def _draw_counts(
    counts: NDArray[np.int32],
    tables: CountTables,
    rows: NDArray[np.int64],
    totals: NDArray[np.int64],
    seed: np.uint64,
    part: np.uint64,
    label: np.uint64,
    first_trial: int,
    add: bool,
) -> None:
    n_blocks, n_cells, n_lanes = counts.shape
    words = np.empty(max(n_cells + 1, _WORDS), np.uint64)
    cell_counts = np.empty(n_cells, np.int32)
    level_counts = np.empty(n_cells, np.int32)
    for trial in range(n_blocks * n_lanes):
        index = _U(first_trial + trial)
        counter_3 = ((index >> _32) << _U(24)) | label
        row = rows[trial] if trial < totals.size else 0
        n_events = totals[trial] if trial < totals.size else 0
        _draw_trial(cell_counts, level_counts, words, tables, row, n_events, seed, part, index & _LOW, counter_3)
        block = trial // n_lanes
        lane = trial % n_lanes
        if add:
            for cell in range(n_cells):
                counts[block, cell, lane] += cell_counts[cell]
        else:
            for cell in range(n_cells):
                counts[block, cell, lane] = cell_counts[cell]


@compiled
def _draw_categories(
    categories: NDArray[np.int64],
    tables: CountTables,
    seed: np.uint64,
    part: np.uint64,
    label: np.uint64,
    first_trial: int,
) -> None:
    words = np.empty(2, np.uint64)
    for trial in range(categories.size):
        index = _U(first_trial + trial)
        philox_words(words, 1, seed, part, index & _LOW, ((index >> _32) << _U(24)) | label, 0)
        categories[trial] = _category(words[0], tables, 0)
