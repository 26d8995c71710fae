"""The compiled part of draws: what a word of 64 bits decides, and that trials stand where they belong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.likelihood.fit import empty_counts, trials_by_cells
from core.random.alias_tables import CountTables, count_tables
from core.random.draws import Stream, draw_categories, draw_counts
from core.random.multinomial import WORDS, both_cells, decided_column, look_up, philox_block

COUNTER = tuple(np.uint64(part) for part in (7, 0, 3, 0))


def tables_of(*weights: float) -> CountTables:
    return count_tables(np.array([weights]), np.array([10]))


@settings(max_examples=20, deadline=None)
@given(weights=st.lists(st.integers(0, 8), min_size=1, max_size=6).filter(any))
def test_words_spread_evenly_over_all_words_fall_as_the_weights_do(weights: list[int]) -> None:
    """4096 first halves, evenly: each column's share to the spacing of the words."""
    tables = tables_of(*weights)
    words = (np.arange(4096, dtype=np.uint64) << np.uint64(20)) + np.uint64(2**19)
    found = np.bincount([int(look_up(word, tables.single[0], tables.entries)[0]) for word in words], minlength=8)
    wanted = np.array(weights) / np.sum(weights)
    np.testing.assert_allclose(found[: len(weights)] / 4096, wanted, atol=3.0 / 4096)
    assert found[len(weights) :].sum() == 0


def test_a_word_that_is_decided_by_its_first_half_is_the_same_by_the_whole() -> None:
    tables = tables_of(0.3, 0.2, 0.4, 0.1)
    for word in np.random.default_rng(1).integers(0, 2**32, 200, dtype=np.uint64):
        column, decided = look_up(word, tables.single[0], tables.entries)
        if decided:
            assert decided_column(word, tables.single[0], tables, COUNTER, 0, 0) == column


@settings(max_examples=40, deadline=None)
@given(first=st.integers(0, 63), second=st.integers(0, 63))
def test_an_outcome_of_pairs_is_both_of_its_cells(first: int, second: int) -> None:
    tables = count_tables(np.full((1, 64), 1.0 / 64.0), np.array([10]))
    assert both_cells(np.uint64(first << 6 | second), tables.pairs[0]) == (first, second)


@pytest.mark.parametrize("n_trials", [1, 31, 32, 33, 100])
def test_each_trial_has_its_own_total_and_lanes_behind_the_last_stay_empty(n_trials: int) -> None:
    tables = tables_of(0.2, 0.5, 0.3)
    totals = np.arange(n_trials) % 7
    counts = empty_counts(n_trials, 3)
    counts[:] = 99
    draw_counts(counts, tables, np.zeros(n_trials, dtype=np.int64), totals, Stream(5, 0, 0, 0))
    np.testing.assert_array_equal(trials_by_cells(counts, n_trials).sum(axis=1), totals)
    assert counts.sum() == totals.sum()


@pytest.mark.parametrize("n_events", [5, 3000])
def test_a_trial_is_the_same_wherever_it_is_drawn(n_events: int) -> None:
    """Trials 40 to 49, alone and among a hundred, by single events and by Poisson levels."""
    tables = count_tables(np.array([[0.1, 0.4, 0.3, 0.2]]), np.array([n_events]))

    def drawn(first: int, n_trials: int) -> np.ndarray:
        counts = empty_counts(n_trials, 4)
        rows, totals = np.zeros(n_trials, dtype=np.int64), np.full(n_trials, n_events)
        draw_counts(counts, tables, rows, totals, Stream(9, 0, 0, first))
        return trials_by_cells(counts, n_trials)

    np.testing.assert_array_equal(drawn(0, 100)[40:50], drawn(40, 10))


def test_poisson_levels_leave_the_variance_of_a_binomial() -> None:
    """3000 events, half of them in a cell: variance 750, not the 1500 of a Poisson number."""
    tables, n_trials = count_tables(np.array([[0.5, 0.5]]), np.array([3000])), 4000
    counts = empty_counts(n_trials, 2)
    draw_counts(counts, tables, np.zeros(n_trials, dtype=np.int64), np.full(n_trials, 3000), Stream(2, 0, 0, 0))
    first = trials_by_cells(counts, n_trials)[:, 0]
    assert first.mean() == pytest.approx(1500.0, abs=5.0 * np.sqrt(750.0 / n_trials))
    assert first.var() == pytest.approx(750.0, rel=5.0 * np.sqrt(2.0 / n_trials))


def test_a_category_is_that_of_a_trial_s_first_word() -> None:
    tables = tables_of(0.3, 0.2, 0.4, 0.1)
    found = draw_categories(tables, 50, Stream(7, 0, 0, 3))
    for trial in range(50):
        counter = tuple(np.uint64(part) for part in (7, 0, 3 + trial, 0))
        word = philox_block(counter, 0)[0]
        assert found[trial] == decided_column(word, tables.single[0], tables, counter, 0, 0)


def test_words_of_a_block_are_of_32_bits_and_blocks_differ() -> None:
    blocks = np.array([philox_block(COUNTER, block) for block in range(500)], dtype=np.uint64)
    assert blocks.shape == (500, WORDS)
    assert blocks.max() < 2**32
    assert len(np.unique(blocks)) > 1990  # of 2000: a repetition has a chance of 5e-4
    # Bits are even: each is set in half of 2000 words, within 5 σ.
    shares = [float(np.mean(blocks >> np.uint64(bit) & np.uint64(1))) for bit in range(32)]
    np.testing.assert_allclose(shares, 0.5, atol=5.0 * 0.5 / np.sqrt(2000.0))
