"""Multinomial counts, drawn exactly and fast from tables.

A draw of N events over cells of probability p is a cascade: each cell is drawn Poisson at a total mean a little under
N; if the sum M exceeds N, all are drawn again, else the counts are multinomial(M, p) and N - M events remain for the
next, smaller level; the last few are drawn one by one. What is decided depends on sums alone, so the result is
multinomial(N, p). Each cell and each single event is one look-up in a table of core.count_tables.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled
from core.count_tables import CountTables

_WORDS = 64  # made at a time
_U = np.uint64
_ONE = np.uint64(1)
_32 = np.uint64(32)
_64 = np.uint64(64)
_LOW = np.uint64(0xFFFFFFFF)
_LOG2_BITS = np.uint64(2**5 - 1)
_START_BITS = np.uint64(2**28 - 1)
_PHILOX_M0 = np.uint64(0xD2511F53)
_PHILOX_M1 = np.uint64(0xCD9E8D57)
_PHILOX_W0 = np.uint64(0x9E3779B9)
_PHILOX_W1 = np.uint64(0xBB67AE85)


class Stream(NamedTuple):
    """Key and counter of the random numbers of one part of all trials; see core.streams."""

    seed: int
    part: int
    label: int
    first_trial: int


def draw_counts(
    counts: NDArray[np.int32],
    tables: CountTables,
    rows: NDArray[np.int64],
    totals: NDArray[np.int64],
    stream: Stream,
    add: bool = False,
) -> None:
    """Draw counts (n_blocks, n_cells, n_lanes) in place: lane by lane a trial with totals (n_trials,) events.

    rows (n_trials,) names each trial's distribution. Lanes behind the last trial are emptied. With `add` the new
    events are added to what the trials hold.
    """
    _draw_counts(counts, tables, rows, totals, *_counter(stream), add)


def draw_categories(tables: CountTables, n_trials: int, stream: Stream) -> NDArray[np.int64]:
    """Return one cell (n_trials,) a trial, drawn from the first row of the tables."""
    categories = np.empty(n_trials, dtype=np.int64)
    _draw_categories(categories, tables, *_counter(stream))
    return categories


def _counter(stream: Stream) -> tuple[np.uint64, np.uint64, np.uint64, int]:
    return np.uint64(stream.seed), np.uint64(stream.part), np.uint64(stream.label), int(stream.first_trial)


@compiled
def philox_words(
    words: NDArray[np.uint64],
    n_words: int,
    counter: tuple[np.uint64, np.uint64, np.uint64, np.uint64],
    first_block: int,
) -> int:
    """Fill words[:n_words] (rounded up to even) with Philox4x32-10 and return the next unused block.

    counter: the seed (key) and the last three words of the counter, whose first word counts blocks.

    A block gives 128 bits: its low half stands in the first half of the words, its high half in the second.
    """
    seed, counter_1, counter_2, counter_3 = counter
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
def _look_up(word: np.uint64, table: np.uint64, entries: NDArray[np.uint64]) -> np.uint64:
    """Return the column of a table that a random word stands for: its own or its alias."""
    log2_length = table & _LOG2_BITS
    column = word >> (_64 - log2_length)
    entry = entries[(table >> _U(5) & _START_BITS) + column]
    return column if (word << log2_length) < entry else entry & ((_ONE << log2_length) - _ONE)


@compiled
def _draw_level(
    level_counts: NDArray[np.int32],
    words: NDArray[np.uint64],
    used: int,
    entries: NDArray[np.uint64],
    poisson: NDArray[np.uint64],
    start: int,
    counter: tuple[np.uint64, np.uint64, np.uint64, np.uint64],
    block: int,
) -> tuple[int, int, int]:
    """Draw every cell Poisson, from the tables at poisson[start:]; return the sum, words used and the next block."""
    total = 0
    first = 0
    while first < level_counts.size:
        if used == words.size:
            block = philox_words(words, words.size, counter, block)
            used = 0
        last = min(level_counts.size, first + words.size - used)
        for cell in range(first, last):
            table = poisson[_U(start + cell)]
            word = words[_U(used + cell - first)]
            count = int(np.int64((table >> _U(33)) + _look_up(word, table, entries)))
            level_counts[_U(cell)] = count
            total += count
        used += last - first
        first = last
    return total, used, block


@compiled
def _draw_singly(
    cell_counts: NDArray[np.int32],
    n_events: int,
    words: NDArray[np.uint64],
    used: int,
    entries: NDArray[np.uint64],
    table: np.uint64,
    counter: tuple[np.uint64, np.uint64, np.uint64, np.uint64],
    block: int,
) -> None:
    """Add events one by one."""
    while n_events > 0:
        if used == words.size:
            block = philox_words(words, words.size, counter, block)
            used = 0
        n_now = min(n_events, words.size - used)
        for step in range(used, used + n_now):
            cell_counts[_look_up(words[_U(step)], table, entries)] += np.int32(1)
        used += n_now
        n_events -= n_now


@compiled
def _draw_trial(
    cell_counts: NDArray[np.int32],
    level_counts: NDArray[np.int32],
    words: NDArray[np.uint64],
    entries: NDArray[np.uint64],
    poisson: NDArray[np.uint64],
    single: np.uint64,
    need: NDArray[np.int64],
    row: int,
    n_events: int,
    counter: tuple[np.uint64, np.uint64, np.uint64, np.uint64],
) -> None:
    """Draw the cell counts of one trial; the rest is room to work in."""
    n_cells = cell_counts.size
    n_levels = need.shape[1]
    for cell in range(n_cells):
        cell_counts[cell] = 0
    remaining = n_events
    block = 0
    used = words.size
    for level in range(n_levels):
        while remaining >= need[row, level]:
            start = (row * n_levels + level) * n_cells
            drawn = remaining + 1
            while drawn > remaining:
                drawn, used, block = _draw_level(level_counts, words, used, entries, poisson, start, counter, block)
            for cell in range(n_cells):
                cell_counts[cell] += level_counts[cell]
            remaining -= drawn
    _draw_singly(cell_counts, remaining, words, used, entries, single, counter, block)


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
    words = np.empty(_WORDS, np.uint64)
    cell_counts = np.empty(n_cells, np.int32)
    level_counts = np.empty(n_cells, np.int32)
    entries = tables.entries
    poisson = tables.poisson.ravel()
    need = tables.need
    single = tables.single
    for trial in range(n_blocks * n_lanes):
        index = _U(first_trial + trial)
        counter = (seed, part, index & _LOW, ((index >> _32) << _U(24)) | label)
        row = rows[trial] if trial < totals.size else 0
        n_events = totals[trial] if trial < totals.size else 0
        _draw_trial(cell_counts, level_counts, words, entries, poisson, single[row], need, row, n_events, counter)
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
        philox_words(words, 1, (seed, part, index & _LOW, ((index >> _32) << _U(24)) | label), 0)
        categories[trial] = _look_up(words[0], tables.single[0], tables.entries)
