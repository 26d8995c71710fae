"""Counts of a multinomial distribution, from tables: the compiled part of core.random.draws.

A draw of N events over cells of probability p is a cascade: each cell is drawn Poisson at a total mean a little under
N; if the sum M exceeds N, all are drawn again, else the counts are multinomial(M, p) and N - M events remain for the
next, smaller level; the last few are drawn one by one, over few cells in pairs. What is decided depends on sums alone,
so the result is multinomial(N, p). Each cell and each event or pair is one look-up in a table of
`core.random.alias_tables`, with a random word of 64 bits of which the second half is made only where the first does
not decide. Trials are drawn side by side, a cell of all that are at work at a time: their look-ups wait for none of the
others.
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

Counter = tuple[np.uint64, np.uint64, np.uint64, np.uint64]
Key = tuple[np.uint64, np.uint64, np.uint64]  # seed, part and label of a stream


class Room(NamedTuple):
    """Room to draw trials side by side, each array (n_side,) unless said."""

    remaining: NDArray[np.int64]  # of each trial: events still to be drawn
    level: NDArray[np.int64]  # the level that they are drawn at
    next_block: NDArray[np.int64]  # the next unused block of random numbers
    trial: NDArray[np.int64]  # of those at work, one behind the other: which trial
    offset: NDArray[np.int64]  # where its first cell stands among all counts
    trial_index: NDArray[np.uint64]  # its index among all trials
    block: NDArray[np.int64]  # its block of random numbers
    words: NDArray[np.uint32]  # (WORDS, n_side) the random numbers of that block
    first_table: NDArray[np.int64]  # where the tables of its level begin
    of_events: NDArray[np.uint64]  # its table of single events, or of pairs
    drawn: NDArray[np.int32]  # (n_cells, n_side) what was drawn of a level
    total: NDArray[np.int64]  # the sum of that; of single events, how many remain


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
def _trial_counter(key: Key, index: np.uint64) -> Counter:
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
    word: np.uint64, table: np.uint64, tables: CountTables, counter: Counter, block: int, place: int
) -> np.uint64:
    """Return the column of a table that a whole word stands for: the one at a place in a block."""
    outcome, decided = look_up(word, table, tables.entries)
    if decided > _U(0):
        return outcome
    column = word >> (_32 - (table & _LOG2_BITS))
    index = (table >> _U(5) & _START_BITS) + column
    x0, x1, x2, x3 = philox_block(counter, _SECOND_HALVES + block)
    second_half = (x0 if place == 0 else x1) if place < 2 else (x2 if place == 2 else x3)
    is_own = second_half < _U(tables.fine[index])
    return column if is_own else _U(tables.entries[index]) & ((_ONE << (table & _LOG2_BITS)) - _ONE)


@compiled
def both_cells(pair: np.uint64, table: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the two cells that an outcome of a table of pairs stands for."""
    bits = (table & _LOG2_BITS) >> _ONE
    return pair >> bits, pair & ((_ONE << bits) - _ONE)


@compiled
def _fill_words(room: Room, n_work: int, key: Key) -> None:
    """Make the block of random numbers of each trial at work."""
    index = room.trial_index
    block = room.block
    words = room.words
    for at in range(n_work):
        x0, x1, x2, x3 = philox_block(_trial_counter(key, index[at]), block[at])
        words[0, at] = np.uint32(x0)
        words[1, at] = np.uint32(x1)
        words[2, at] = np.uint32(x2)
        words[3, at] = np.uint32(x3)


@compiled
def _draw_cells(
    room: Room, n_work: int, first_cell: int, entries: NDArray[np.uint32], poisson: NDArray[np.uint64]
) -> np.uint64:
    """Draw up to WORDS cells of all trials at work from first halves of words; return 0 if one is left open."""
    all_decided = _LOW
    words = room.words
    first_table = room.first_table
    drawn = room.drawn
    total = room.total
    for cell in range(first_cell, min(first_cell + WORDS, drawn.shape[0])):
        word = _U(cell - first_cell)
        for at in range(n_work):
            table = poisson[_U(first_table[at] + cell)]
            column, decided = look_up(_U(words[word, at]), table, entries)
            count = np.int32((table >> _U(33)) + column)
            drawn[_U(cell), at] = count
            total[at] += count
            all_decided = min(all_decided, decided)
    return all_decided


@compiled
def _decide_cells(
    room: Room,
    n_work: int,
    first_cell: int,
    tables: CountTables,
    poisson: NDArray[np.uint64],
    key: Key,
) -> None:
    """Draw up to WORDS cells of all trials at work again, from their whole words."""
    for cell in range(first_cell, min(first_cell + WORDS, room.drawn.shape[0])):
        for at in range(n_work):
            table = poisson[room.first_table[at] + cell]
            counter = _trial_counter(key, room.trial_index[at])
            word = _U(room.words[cell - first_cell, at])
            column = decided_column(word, table, tables, counter, room.block[at], cell - first_cell)
            count = np.int32((table >> _U(33)) + column)
            room.total[at] += count - room.drawn[cell, at]
            room.drawn[cell, at] = count


@compiled
def _draw_level(room: Room, n_work: int, tables: CountTables, poisson: NDArray[np.uint64], key: Key) -> None:
    """Draw every cell of the trials at work Poisson, at their levels."""
    for at in range(n_work):
        room.total[at] = 0
    for first_cell in range(0, room.drawn.shape[0], WORDS):
        _fill_words(room, n_work, key)
        if _draw_cells(room, n_work, first_cell, tables.entries, poisson) == _U(0):
            _decide_cells(room, n_work, first_cell, tables, poisson, key)
        for at in range(n_work):
            room.block[at] += 1


@compiled
def _find_levels(room: Room, n_trials: int, tables: CountTables, rows: NDArray[np.int64], first_index: int) -> int:
    """Find the next level of each trial that needs one; return how many there are."""
    n_levels = tables.need.shape[1]
    n_work = 0
    for trial in range(n_trials):
        row = rows[trial]
        while room.level[trial] < n_levels and room.remaining[trial] < tables.need[row, room.level[trial]]:
            room.level[trial] += 1
        if room.level[trial] < n_levels:
            room.trial[n_work] = trial
            room.trial_index[n_work] = _U(first_index + trial)
            room.block[n_work] = room.next_block[trial]
            room.first_table[n_work] = (row * n_levels + room.level[trial]) * room.drawn.shape[0]
            n_work += 1
    return n_work


@compiled
def _keep_level(counts: NDArray[np.int32], n_lanes: int, room: Room, n_work: int, first: int) -> None:
    """Add what was drawn to the counts of those trials that it is not too much for."""
    n_cells = room.drawn.shape[0]
    drawn = room.drawn
    offset = room.offset
    total = room.total
    for at in range(n_work):
        trial = room.trial[at]
        room.next_block[trial] += -(-n_cells // WORDS)
        offset[at] = _offset(first + trial, n_cells, n_lanes)
        total[at] = int(total[at] <= room.remaining[trial]) * total[at]
        room.remaining[trial] -= total[at]
    for cell in range(n_cells):
        for at in range(n_work):
            counts[_U(offset[at] + cell * n_lanes)] += drawn[_U(cell), _U(at)] * np.int32(total[at] > 0)


@compiled
def _offset(trial: int, n_cells: int, n_lanes: int) -> int:
    """Return where the first cell of a trial stands among counts (n_blocks, n_cells, n_lanes)."""
    return trial // n_lanes * n_cells * n_lanes + trial % n_lanes


@compiled
def _find_events(
    room: Room, n_lanes: int, n_trials: int, tables: CountTables, rows: NDArray[np.int64], first: int, first_index: int
) -> int:
    """Find the trials of which events remain; return how many there are."""
    n_work = 0
    in_pairs = tables.pairs.size > 0
    for trial in range(n_trials):
        if room.remaining[trial] > 0:
            room.offset[n_work] = _offset(first + trial, room.drawn.shape[0], n_lanes)
            room.trial_index[n_work] = _U(first_index + trial)
            room.block[n_work] = room.next_block[trial]
            room.total[n_work] = room.remaining[trial]
            room.of_events[n_work] = tables.pairs[rows[trial]] if in_pairs else tables.single[rows[trial]]
            n_work += 1
    return n_work


@compiled
def _draw_some(
    counts: NDArray[np.int32], n_lanes: int, room: Room, n_work: int, entries: NDArray[np.uint32]
) -> np.uint64:
    """Add up to WORDS events of each trial at work from the first halves of words; return 0 if one is left open."""
    all_decided = _LOW
    words = room.words
    of_events = room.of_events
    offset = room.offset
    total = room.total
    for place in range(WORDS):
        for at in range(n_work):
            cell, decided = look_up(_U(words[_U(place), at]), of_events[at], entries)
            counts[_U(offset[at]) + cell * _U(n_lanes)] += np.int32(total[at] > place)
            all_decided = min(all_decided, decided)
    return all_decided


@compiled
def _draw_some_pairs(
    counts: NDArray[np.int32], n_lanes: int, room: Room, n_work: int, entries: NDArray[np.uint32]
) -> np.uint64:
    """Add up to twice WORDS events of each trial at work, two a word; return 0 if one is left open."""
    all_decided = _LOW
    words = room.words
    of_events = room.of_events
    offset = room.offset
    total = room.total
    for place in range(WORDS):
        for at in range(n_work):
            pair, decided = look_up(_U(words[_U(place), at]), of_events[at], entries)
            first, second = both_cells(pair, of_events[at])
            counts[_U(offset[at]) + first * _U(n_lanes)] += np.int32(total[at] > 2 * place)
            counts[_U(offset[at]) + second * _U(n_lanes)] += np.int32(total[at] > 2 * place + 1)
            all_decided = min(all_decided, decided)
    return all_decided


@compiled
def _decide_some(
    counts: NDArray[np.int32],
    n_lanes: int,
    room: Room,
    n_work: int,
    tables: CountTables,
    key: Key,
) -> None:
    """Put right what was added where first halves left it open."""
    in_pairs = tables.pairs.size > 0
    for place in range(WORDS):
        for at in range(n_work):
            word, table = _U(room.words[place, at]), room.of_events[at]
            counter = _trial_counter(key, room.trial_index[at])
            before = look_up(word, table, tables.entries)[0]
            after = decided_column(word, table, tables, counter, room.block[at], place)
            if not in_pairs:
                _move(counts, room.offset[at], n_lanes, before, after, room.total[at] > place)
                continue
            first_before, second_before = both_cells(before, table)
            first_after, second_after = both_cells(after, table)
            _move(counts, room.offset[at], n_lanes, first_before, first_after, room.total[at] > 2 * place)
            _move(counts, room.offset[at], n_lanes, second_before, second_after, room.total[at] > 2 * place + 1)


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
    room: Room,
    n_work: int,
    tables: CountTables,
    key: Key,
) -> None:
    """Add the events that remain of the trials at work to their counts, one by one."""
    in_pairs = tables.pairs.size > 0
    n_at_once = 2 * WORDS if in_pairs else WORDS
    while n_work > 0:
        _fill_words(room, n_work, key)
        if in_pairs:
            decided = _draw_some_pairs(counts, n_lanes, room, n_work, tables.entries)
        else:
            decided = _draw_some(counts, n_lanes, room, n_work, tables.entries)
        if decided == _U(0):
            _decide_some(counts, n_lanes, room, n_work, tables, key)
        n_left = 0
        for at in range(n_work):
            n_events = room.total[at] - n_at_once
            room.offset[n_left] = room.offset[at]
            room.trial_index[n_left] = room.trial_index[at]
            room.block[n_left] = room.block[at] + 1
            room.of_events[n_left] = room.of_events[at]
            room.total[n_left] = n_events
            n_left += n_events > 0
        n_work = n_left


@compiled
def draw_cascade(
    counts: NDArray[np.int32],
    n_lanes: int,
    tables: CountTables,
    rows: NDArray[np.int64],
    totals: NDArray[np.int64],
    key: Key,
    first_trial: int,
    room: Room,
    add: bool,
) -> None:
    """Draw counts (n_blocks * n_cells * n_lanes,) of trials with totals (n_trials,), side by side as there is room."""
    poisson = tables.poisson.ravel()
    if not add:
        for place in range(counts.size):
            counts[place] = 0
    n_side = room.remaining.size
    for first in range(0, totals.size, n_side):
        n_trials = min(n_side, totals.size - first)
        here = rows[first : first + n_trials]
        for trial in range(n_trials):
            room.remaining[trial] = totals[first + trial]
            room.level[trial] = 0
            room.next_block[trial] = 0
        n_work = _find_levels(room, n_trials, tables, here, first_trial + first)
        while n_work > 0:
            _draw_level(room, n_work, tables, poisson, key)
            _keep_level(counts, n_lanes, room, n_work, first)
            n_work = _find_levels(room, n_trials, tables, here, first_trial + first)
        n_work = _find_events(room, n_lanes, n_trials, tables, here, first, first_trial + first)
        _draw_singly(counts, n_lanes, room, n_work, tables, key)


@compiled
def draw_each(
    categories: NDArray[np.int64],
    tables: CountTables,
    key: Key,
    first_trial: int,
) -> None:
    """Draw a cell (n_trials,) a trial from the first row of the tables."""
    for trial in range(categories.size):
        counter = _trial_counter(key, _U(first_trial + trial))
        word = philox_block(counter, 0)[0]
        categories[trial] = int(decided_column(word, tables.single[0], tables, counter, 0, 0))
