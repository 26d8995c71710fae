"""Counter-based random words, and the outcomes that they stand for in the tables of core.count_tables.

A word has 64 bits, of which the second half is made only where the first does not decide.
"""

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled
from core.count_tables import CountTables

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
def trial_counter(key: Key, index: np.uint64) -> Counter:
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
