"""The compiled part of draws: what a word of 64 bits decides, and that trials stand where they belong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare, multinomial

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


def drawn_trials(weights: list[float], totals: np.ndarray, seed: int = 3) -> np.ndarray:
    """Counts (n_trials, n_cells) from tables for the greatest total."""
    tables = count_tables(np.array([weights]), np.array([totals.max()]))
    counts = empty_counts(totals.size, len(weights))
    draw_counts(counts, tables, np.zeros(totals.size, dtype=np.int64), totals, Stream(seed, 0, 0, 0))
    return trials_by_cells(counts, totals.size)


@settings(max_examples=25, deadline=None)
@given(
    shares=st.lists(st.integers(0, 5), min_size=1, max_size=70).filter(any),
    totals=st.lists(st.integers(0, 3000), min_size=1, max_size=40),
)
def test_no_event_is_lost_nor_lies_where_there_is_no_probability(shares: list[int], totals: list[int]) -> None:
    counts = drawn_trials([float(share) for share in shares], np.array(totals))
    assert counts.min() >= 0
    assert counts.sum(axis=1).tolist() == totals
    assert counts[:, np.array(shares) == 0].sum() == 0


@pytest.mark.parametrize("n_cells", [3, 80])
def test_few_events_have_every_outcome_as_often_as_the_multinomial_law(n_cells: int) -> None:
    """4 events over 3 cells that differ, drawn in pairs or, among 80 cells, one by one: 15 outcomes, 40,000 trials."""
    weights = [0.2, 0.3, 0.5] + [0.0] * (n_cells - 3)
    counts = drawn_trials(weights, np.full(40_000, 4))[:, :3]
    outcomes = [(i, j, 4 - i - j) for i in range(5) for j in range(5 - i)]
    found = [int(np.all(counts == outcome, axis=1).sum()) for outcome in outcomes]
    wanted = [40_000 * multinomial.pmf(outcome, 4, weights[:3]) for outcome in outcomes]
    assert sum(found) == 40_000
    assert chisquare(found, wanted).pvalue > 1e-4


def test_cells_drawn_by_levels_are_as_anticorrelated_as_their_sum_is_fixed() -> None:
    """cov(k_a, k_b) = -N p_a p_b for every pair of cells, of which one has no probability."""
    weights = np.array([0.1, 0.2, 0.0, 0.7])
    counts = drawn_trials(weights.tolist(), np.full(20_000, 1000)).astype(float)
    wanted = 1000.0 * (np.diag(weights) - np.outer(weights, weights))
    spread = np.sqrt((np.outer(np.diag(wanted), np.diag(wanted)) + wanted**2) / 20_000.0)
    assert np.all(np.abs(np.cov(counts.T) - wanted) <= 5.0 * spread)


@pytest.mark.parametrize("weights", [[1.0], [0.5, 0.5], [0.0, 0.9999, 0.0001]])
def test_the_most_events_that_a_trial_may_have_stay_whole(weights: list[float]) -> None:
    """2^31 - 1 events, of which a level's cell may hold more before it is drawn again."""
    most = 2**31 - 1
    counts = drawn_trials(weights, np.full(40, most)).astype(np.int64)
    assert np.all(counts.sum(axis=1) == most)
    mean, spread = most * np.array(weights), np.sqrt(most * np.array(weights) * (1.0 - np.array(weights)))
    assert np.all(np.abs(counts - mean) <= 6.0 * spread + 0.5)


def test_trials_beyond_2_to_the_32_have_words_of_their_own() -> None:
    tables = tables_of(0.3, 0.2, 0.4, 0.1)
    near, far = (draw_categories(tables, 200, Stream(7, 0, 0, first)) for first in (5, 2**32 + 5))
    assert not np.array_equal(near, far)
    counter = (np.uint64(7), np.uint64(0), np.uint64(5), np.uint64(1 << 24))
    assert far[0] == decided_column(philox_block(counter, 0)[0], tables.single[0], tables, counter, 0, 0)
