"""Counts of a multinomial distribution, from tables: the compiled part of core.random.draws.

A draw of N events over cells of probability p is a cascade: each cell is drawn Poisson at a total mean a little under
N; if the sum M exceeds N, all are drawn again, else the counts are multinomial(M, p) and N - M events remain for the
next, smaller level; the last few are drawn one by one, over few cells in pairs. What is decided depends on sums alone,
so the result is multinomial(N, p). Each cell and each event or pair is one look-up in `core.random.alias_tables`, with
a random word of 64 bits of which the second half is made only where the first does not decide. Trials are drawn side
by side, a cell of all that are at work at a time: their look-ups wait for none of the others.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled
from core.random.alias_tables import CountTables

WORDS = 4  # random numbers of a block
_SECOND_HALVES = 2**31  # how far behind its block the second halves of a block's words stand
_U = np.uint64
_ONE = np.uint64(1)
_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_LOG2_BITS = np.uint64(2**5 - 1)
_START_BITS = np.uint64(2**28 - 1)
_PHILOX_M0 = np.uint64(0xD2511F53)
_PHILOX_M1 = np.uint64(0xCD9E8D57)
_PHILOX_W0 = np.uint64(0x9E3779B9)
_PHILOX_W1 = np.uint64(0xBB67AE85)

Integers = NDArray[np.int64]
Words64 = NDArray[np.uint64]
Counter = tuple[np.uint64, np.uint64, np.uint64, np.uint64]
StreamKey = tuple[np.uint64, np.uint64, np.uint64]  # seed, part and label of a stream


class DrawBuffers(NamedTuple):
    """Buffers to draw trials side by side, each array (n_side,) unless said."""

    remaining: Integers  # of each trial: events still to be drawn
    level: Integers  # the level that they are drawn at
    next_block: Integers  # the next unused block of random numbers
    trial: Integers  # of those at work, one behind the other: which trial
    offset: Integers  # where its first cell stands among all counts
    trial_index: Words64  # its index among all trials
    block: Integers  # its block of random numbers
    words: NDArray[np.uint32]  # (WORDS, n_side) the random numbers of that block
    first_table: Integers  # where the tables of its level begin
    of_events: Words64  # its table of single events, or of pairs
    drawn: NDArray[np.int32]  # (n_cells, n_side) what was drawn of a level
    total: Integers  # the sum of that; of single events, how many remain


@compiled
def philox_block(counter: Counter, block: int) -> Counter:
    """Return the four 32-bit words of a block of Philox4x32-10.

    counter: the seed (key) and the last three words of the counter, whose first word counts blocks.
    """
    seed, x1, x2, x3 = counter
    x0 = _U(block) & _LOW
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
    return x0, x1, x2, x3


@compiled
def _trial_counter(key: StreamKey, index: np.uint64) -> Counter:
    """Return the counter of a trial's random words in a stream."""
    seed, part, label = key
    return seed, part, index & _LOW, ((index >> _32) << _U(24)) | label


@compiled
def look_up(word: np.uint64, table: np.uint64, entries: NDArray[np.uint32]) -> tuple[np.uint64, np.uint64]:
    """Return the column of a table that the first half of a word stands for, and 0 if that half leaves it open."""
    log2_length = table & _LOG2_BITS
    scaled = word << log2_length
    column = scaled >> _32
    rest = scaled & _LOW
    entry = _U(entries[(table >> _U(5) & _START_BITS) + column])
    alias = entry & ((_ONE << log2_length) - _ONE)
    own = _U(np.int64(rest - entry) >> 63)  # all bits set where rest < entry: no branch to be mispredicted
    return alias ^ ((alias ^ column) & own), (entry ^ rest) >> log2_length


@compiled
def decided_column(
    word: np.uint64, table: np.uint64, tables: CountTables, counter: Counter, block: int, lane: int
) -> np.uint64:
    """Return the column of a table that a whole word stands for: the one of a lane of its block."""
    outcome, decided = look_up(word, table, tables.entries)
    if decided > _U(0):
        return outcome
    column = word >> (_32 - (table & _LOG2_BITS))
    index = (table >> _U(5) & _START_BITS) + column
    x0, x1, x2, x3 = philox_block(counter, _SECOND_HALVES + block)
    second_half = (x0 if lane == 0 else x1) if lane < 2 else (x2 if lane == 2 else x3)
    is_own = second_half < _U(tables.fine[index])
    return column if is_own else _U(tables.entries[index]) & ((_ONE << (table & _LOG2_BITS)) - _ONE)


@compiled
def both_cells(pair: np.uint64, table: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the two cells that an outcome of a table of pairs stands for."""
    bits = (table & _LOG2_BITS) >> _ONE
    return pair >> bits, pair & ((_ONE << bits) - _ONE)


@compiled
def _fill_words(buffers: DrawBuffers, n_work: int, key: StreamKey) -> None:
    """Make the block of random numbers of each trial at work."""
    index = buffers.trial_index
    block = buffers.block
    words = buffers.words
    for at in range(n_work):
        x0, x1, x2, x3 = philox_block(_trial_counter(key, index[at]), block[at])
        words[0, at] = np.uint32(x0)
        words[1, at] = np.uint32(x1)
        words[2, at] = np.uint32(x2)
        words[3, at] = np.uint32(x3)


@compiled
def _draw_cells(
    buffers: DrawBuffers, n_work: int, first_cell: int, entries: NDArray[np.uint32], poisson: Words64
) -> np.uint64:
    """Draw up to WORDS cells of all trials at work from first halves of words; return 0 if one is left open."""
    all_decided = _LOW
    words = buffers.words
    first_table = buffers.first_table
    drawn = buffers.drawn
    total = buffers.total
    for cell in range(first_cell, min(first_cell + WORDS, drawn.shape[0])):
        word = _U(cell - first_cell)
        for at in range(n_work):
            table = poisson[_U(first_table[at] + cell)]
            column, decided = look_up(_U(words[word, at]), table, entries)
            count = (table >> _U(33)) + column  # of one cell it may lie above 2^31: drawn again for its sum
            drawn[_U(cell), at] = np.int32(count)
            total[at] += np.int64(count)
            all_decided = min(all_decided, decided)
    return all_decided


@compiled
def _decide_cells(
    buffers: DrawBuffers,
    n_work: int,
    first_cell: int,
    tables: CountTables,
    poisson: Words64,
    key: StreamKey,
) -> None:
    """Draw up to WORDS cells of all trials at work again, from their whole words."""
    for cell in range(first_cell, min(first_cell + WORDS, buffers.drawn.shape[0])):
        for at in range(n_work):
            table = poisson[buffers.first_table[at] + cell]
            counter = _trial_counter(key, buffers.trial_index[at])
            word = _U(buffers.words[cell - first_cell, at])
            column = decided_column(word, table, tables, counter, buffers.block[at], cell - first_cell)
            count = (table >> _U(33)) + column
            buffers.total[at] += np.int64(count) - np.int64(np.uint32(buffers.drawn[cell, at]))
            buffers.drawn[cell, at] = np.int32(count)


@compiled
def _draw_level(buffers: DrawBuffers, n_work: int, tables: CountTables, poisson: Words64, key: StreamKey) -> None:
    """Draw every cell of the trials at work Poisson, at their levels."""
    for at in range(n_work):
        buffers.total[at] = 0
    for first_cell in range(0, buffers.drawn.shape[0], WORDS):
        _fill_words(buffers, n_work, key)
        if _draw_cells(buffers, n_work, first_cell, tables.entries, poisson) == _U(0):
            _decide_cells(buffers, n_work, first_cell, tables, poisson, key)
        for at in range(n_work):
            buffers.block[at] += 1


@compiled
def _find_levels(buffers: DrawBuffers, n_trials: int, tables: CountTables, rows: Integers, first_index: int) -> int:
    """Find the next level of each trial that needs one; return how many there are."""
    n_levels = tables.need.shape[1]
    n_work = 0
    for trial in range(n_trials):
        row = rows[trial]
        while buffers.level[trial] < n_levels and buffers.remaining[trial] < tables.need[row, buffers.level[trial]]:
            buffers.level[trial] += 1
        if buffers.level[trial] < n_levels:
            buffers.trial[n_work] = trial
            buffers.trial_index[n_work] = _U(first_index + trial)
            buffers.block[n_work] = buffers.next_block[trial]
            buffers.first_table[n_work] = (row * n_levels + buffers.level[trial]) * buffers.drawn.shape[0]
            n_work += 1
    return n_work


@compiled
def _keep_level(counts: NDArray[np.int32], n_lanes: int, buffers: DrawBuffers, n_work: int, first: int) -> None:
    """Add what was drawn to the counts of those trials that it is not too much for."""
    n_cells = buffers.drawn.shape[0]
    drawn = buffers.drawn
    offset = buffers.offset
    total = buffers.total
    for at in range(n_work):
        trial = buffers.trial[at]
        buffers.next_block[trial] += -(-n_cells // WORDS)
        offset[at] = _offset(first + trial, n_cells, n_lanes)
        total[at] = int(total[at] <= buffers.remaining[trial]) * total[at]
        buffers.remaining[trial] -= total[at]
    for cell in range(n_cells):
        for at in range(n_work):
            counts[_U(offset[at] + cell * n_lanes)] += drawn[_U(cell), _U(at)] * np.int32(total[at] > 0)


@compiled
def _offset(trial: int, n_cells: int, n_lanes: int) -> int:
    """Return where the first cell of a trial stands among counts (n_blocks, n_cells, n_lanes)."""
    return trial // n_lanes * n_cells * n_lanes + trial % n_lanes


@compiled
def _find_events(
    buffers: DrawBuffers, n_lanes: int, n_trials: int, tables: CountTables, rows: Integers, first: int, first_index: int
) -> int:
    """Find the trials of which events remain; return how many there are."""
    n_work = 0
    in_pairs = tables.pairs.size > 0
    for trial in range(n_trials):
        if buffers.remaining[trial] > 0:
            buffers.offset[n_work] = _offset(first + trial, buffers.drawn.shape[0], n_lanes)
            buffers.trial_index[n_work] = _U(first_index + trial)
            buffers.block[n_work] = buffers.next_block[trial]
            buffers.total[n_work] = buffers.remaining[trial]
            buffers.of_events[n_work] = tables.pairs[rows[trial]] if in_pairs else tables.single[rows[trial]]
            n_work += 1
    return n_work


@compiled
def _draw_some(
    counts: NDArray[np.int32], n_lanes: int, buffers: DrawBuffers, n_work: int, entries: NDArray[np.uint32]
) -> np.uint64:
    """Add up to WORDS events of each trial at work from the first halves of words; return 0 if one is left open."""
    all_decided = _LOW
    words = buffers.words
    of_events = buffers.of_events
    offset = buffers.offset
    total = buffers.total
    for lane in range(WORDS):
        for at in range(n_work):
            cell, decided = look_up(_U(words[_U(lane), at]), of_events[at], entries)
            counts[_U(offset[at]) + cell * _U(n_lanes)] += np.int32(total[at] > lane)
            all_decided = min(all_decided, decided)
    return all_decided


@compiled
def _draw_some_pairs(
    counts: NDArray[np.int32], n_lanes: int, buffers: DrawBuffers, n_work: int, entries: NDArray[np.uint32]
) -> np.uint64:
    """Add up to twice WORDS events of each trial at work, two a word; return 0 if one is left open."""
    all_decided = _LOW
    words = buffers.words
    of_events = buffers.of_events
    offset = buffers.offset
    total = buffers.total
    for lane in range(WORDS):
        for at in range(n_work):
            pair, decided = look_up(_U(words[_U(lane), at]), of_events[at], entries)
            first, second = both_cells(pair, of_events[at])
            counts[_U(offset[at]) + first * _U(n_lanes)] += np.int32(total[at] > 2 * lane)
            counts[_U(offset[at]) + second * _U(n_lanes)] += np.int32(total[at] > 2 * lane + 1)
            all_decided = min(all_decided, decided)
    return all_decided


@compiled
def _decide_some(
    counts: NDArray[np.int32],
    n_lanes: int,
    buffers: DrawBuffers,
    n_work: int,
    tables: CountTables,
    key: StreamKey,
) -> None:
    """Put right what was added where first halves left it open."""
    in_pairs = tables.pairs.size > 0
    for lane in range(WORDS):
        for at in range(n_work):
            word, table = _U(buffers.words[lane, at]), buffers.of_events[at]
            counter = _trial_counter(key, buffers.trial_index[at])
            before = look_up(word, table, tables.entries)[0]
            after = decided_column(word, table, tables, counter, buffers.block[at], lane)
            if not in_pairs:
                _move(counts, buffers.offset[at], n_lanes, before, after, buffers.total[at] > lane)
                continue
            first_before, second_before = both_cells(before, table)
            first_after, second_after = both_cells(after, table)
            _move(counts, buffers.offset[at], n_lanes, first_before, first_after, buffers.total[at] > 2 * lane)
            _move(counts, buffers.offset[at], n_lanes, second_before, second_after, buffers.total[at] > 2 * lane + 1)


@compiled
def _move(
    counts: NDArray[np.int32], offset: int, n_lanes: int, before: np.uint64, after: np.uint64, is_there: bool
) -> None:
    """Take an event, if it is there, from one cell to another."""
    counts[offset + int(before) * n_lanes] -= np.int32(is_there)
    counts[offset + int(after) * n_lanes] += np.int32(is_there)


@compiled
def _draw_singly(
    counts: NDArray[np.int32],
    n_lanes: int,
    buffers: DrawBuffers,
    n_work: int,
    tables: CountTables,
    key: StreamKey,
) -> None:
    """Add the events that remain of the trials at work to their counts, one by one."""
    in_pairs = tables.pairs.size > 0
    n_at_once = 2 * WORDS if in_pairs else WORDS
    while n_work > 0:
        _fill_words(buffers, n_work, key)
        if in_pairs:
            decided = _draw_some_pairs(counts, n_lanes, buffers, n_work, tables.entries)
        else:
            decided = _draw_some(counts, n_lanes, buffers, n_work, tables.entries)
        if decided == _U(0):
            _decide_some(counts, n_lanes, buffers, n_work, tables, key)
        n_left = 0
        for at in range(n_work):
            n_events = buffers.total[at] - n_at_once
            buffers.offset[n_left] = buffers.offset[at]
            buffers.trial_index[n_left] = buffers.trial_index[at]
            buffers.block[n_left] = buffers.block[at] + 1
            buffers.of_events[n_left] = buffers.of_events[at]
            buffers.total[n_left] = n_events
            n_left += n_events > 0
        n_work = n_left


@compiled
def draw_cascade(
    counts: NDArray[np.int32],
    n_lanes: int,
    tables: CountTables,
    rows: Integers,
    totals: Integers,
    key: StreamKey,
    first_trial: int,
    buffers: DrawBuffers,
    add: bool,
) -> None:
    """Draw counts (n_blocks * n_cells * n_lanes,) of trials with totals (n_trials,), side by side in the buffers."""
    poisson = tables.poisson.ravel()
    if not add:
        for lane in range(counts.size):
            counts[lane] = 0
    n_side = buffers.remaining.size
    for first in range(0, totals.size, n_side):
        n_trials = min(n_side, totals.size - first)
        here = rows[first : first + n_trials]
        for trial in range(n_trials):
            buffers.remaining[trial] = totals[first + trial]
            buffers.level[trial] = 0
            buffers.next_block[trial] = 0
        n_work = _find_levels(buffers, n_trials, tables, here, first_trial + first)
        while n_work > 0:
            _draw_level(buffers, n_work, tables, poisson, key)
            _keep_level(counts, n_lanes, buffers, n_work, first)
            n_work = _find_levels(buffers, n_trials, tables, here, first_trial + first)
        n_work = _find_events(buffers, n_lanes, n_trials, tables, here, first, first_trial + first)
        _draw_singly(counts, n_lanes, buffers, n_work, tables, key)


@compiled
def draw_each(
    categories: Integers,
    tables: CountTables,
    key: StreamKey,
    first_trial: int,
) -> None:
    """Draw a cell (n_trials,) a trial from the first row of the tables."""
    for trial in range(categories.size):
        counter = _trial_counter(key, _U(first_trial + trial))
        word = philox_block(counter, 0)[0]
        categories[trial] = int(decided_column(word, tables.single[0], tables, counter, 0, 0))
