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
    offset: NDArray[np.int64]  # (n_rows, n_levels + 1, n_cells); the last level holds [row, -1, 0], the categorical
    shift: NDArray[np.uint64]  # same shape: 64 minus the binary logarithm of a table's length
    base: NDArray[np.int32]  # same shape: the count that a table's first column stands for
    need: NDArray[np.int64]  # (n_rows, n_levels): a level is used while at least so many events remain


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
    return CountTables(*_build_tables(np.ascontiguousarray(normalised), means), need)


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
def _fill_alias(weights: NDArray[np.float64], entries: NDArray[np.uint64], start: int, log2_length: int) -> None:
    """Write the alias table of weights (2^log2_length,) to entries[start:]: Vose's method."""
    length = 1 << log2_length
    low_bits = _U(length - 1)
    total = 0.0
    for column in range(length):
        total += weights[column]
    heights = weights * (length / total)
    pending = np.empty(length, np.int64)
    n_small = 0
    first_large = length
    for column in range(length):
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
            entries[start + pending[slot]] = ~low_bits | _U(pending[slot])


@compiled
def _poisson_range(mean: float) -> tuple[int, int]:
    """Return the least and the greatest count whose probability is above the tail cut, relative to the mode."""
    mode = int(mean)
    least = mode
    weight = 1.0
    while least > 0 and weight > _POISSON_TAIL:
        weight *= least / mean
        least -= 1
    greatest = mode
    weight = 1.0
    while weight > _POISSON_TAIL:
        greatest += 1
        weight *= mean / greatest
    return least, greatest


@compiled
def _poisson_weights(mean: float, least: np.int32, greatest: np.int32, length: int) -> NDArray[np.float64]:
    """Return the Poisson probabilities (length,) of least, least + 1, ..., relative to the mode; zero past greatest."""
    weights = np.zeros(length)
    mode = int(mean)
    weights[mode - least] = 1.0
    for count in range(mode, least, -1):
        weights[count - 1 - least] = weights[count - least] * (count / mean)
    for count in range(mode, greatest):
        weights[count + 1 - least] = weights[count - least] * (mean / (count + 1))
    return weights


@compiled
def _log2_length(n_columns: int) -> int:
    log2_length = 1
    while (1 << log2_length) < n_columns:
        log2_length += 1
    return log2_length


@compiled
def _build_tables(
    probabilities: NDArray[np.float64], means: NDArray[np.float64]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint64], NDArray[np.int32]]:
    n_rows, n_cells = probabilities.shape
    n_levels = means.shape[1]
    offset = np.zeros((n_rows, n_levels + 1, n_cells), np.int64)
    shift = np.full((n_rows, n_levels + 1, n_cells), _U(63))
    base = np.zeros((n_rows, n_levels + 1, n_cells), np.int32)
    last = np.zeros((n_rows, n_levels, n_cells), np.int32)
    n_entries = 0
    for row in range(n_rows):
        for level in range(n_levels):
            for cell in range(n_cells):
                least, greatest = _poisson_range(means[row, level] * probabilities[row, cell])
                log2_length = _log2_length(greatest - least + 1)
                offset[row, level, cell] = n_entries
                shift[row, level, cell] = _U(64 - log2_length)
                base[row, level, cell] = least
                last[row, level, cell] = greatest
                n_entries += 1 << log2_length
        offset[row, n_levels, 0] = n_entries
        shift[row, n_levels, 0] = _U(64 - _log2_length(n_cells))
        n_entries += 1 << _log2_length(n_cells)
    entries = np.zeros(n_entries, np.uint64)
    for row in range(n_rows):
        for level in range(n_levels):
            for cell in range(n_cells):
                log2_length = int(64 - np.int64(shift[row, level, cell]))
                mean = means[row, level] * probabilities[row, cell]
                weights = _poisson_weights(mean, base[row, level, cell], last[row, level, cell], 1 << log2_length)
                _fill_alias(weights, entries, offset[row, level, cell], log2_length)
        padded = np.zeros(1 << _log2_length(n_cells))
        padded[:n_cells] = probabilities[row]
        _fill_alias(padded, entries, offset[row, n_levels, 0], _log2_length(n_cells))
    return entries, offset, shift, base


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
    level = tables.need.shape[1]
    shift = tables.shift[row, level, 0]
    log2_length = _64 - shift
    column = word >> shift
    entry = tables.entries[tables.offset[row, level, 0] + np.int64(column)]
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
    cell_counts[:] = 0
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
    cell_counts = np.zeros(n_cells, np.int32)
    level_counts = np.zeros(n_cells, np.int32)
    for trial in range(n_blocks * n_lanes):
        if trial < totals.size:
            index = _U(first_trial + trial)
            counter_3 = ((index >> _32) << _U(24)) | label
            row = rows[trial]
            n_events = totals[trial]
            _draw_trial(cell_counts, level_counts, words, tables, row, n_events, seed, part, index & _LOW, counter_3)
        else:
            cell_counts[:] = 0
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
