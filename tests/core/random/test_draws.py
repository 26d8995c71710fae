"""Drawn counts are multinomial."""

import numpy as np
import pytest
from scipy import stats

from core.likelihood.fit import empty_counts, fit_n_s, trials_by_cells
from core.likelihood.model import TrialModel
from core.random import multinomial
from core.random.alias_tables import count_tables
from core.random.draws import Stream, draw_categories, draw_counts
from core.trials.run import run_trials


def draw(probabilities, n_events, n_trials, seed=1, rows=None):
    probabilities = np.atleast_2d(np.asarray(probabilities, dtype=float))
    tables = count_tables(probabilities, np.full(len(probabilities), n_events))
    counts = empty_counts(n_trials, probabilities.shape[1])
    rows = np.zeros(n_trials, dtype=np.int64) if rows is None else rows
    draw_counts(counts, tables, rows, np.full(n_trials, n_events), Stream(seed, 0, 0, 0))
    return trials_by_cells(counts, n_trials)


def skewed(n_cells, seed=0):
    probabilities = np.random.default_rng(seed).exponential(size=n_cells) ** 3
    return probabilities / probabilities.sum()


@pytest.mark.parametrize(
    ("n_cells", "n_events"), [(1, 7), (2, 40_902), (36, 1), (36, 500), (36, 100_000), (300, 40_902)]
)
def test_means_and_covariances(n_cells, n_events):
    n_trials = 20_000
    probabilities = skewed(n_cells)
    counts = draw(probabilities, n_events, n_trials).astype(float)
    assert np.all(counts.sum(axis=1) == n_events)
    covariance = n_events * (np.diag(probabilities) - np.outer(probabilities, probabilities))
    variance = np.diag(covariance)
    pulls = (counts.mean(axis=0) - n_events * probabilities) / np.sqrt(variance / n_trials + 1e-12)
    assert np.abs(pulls).max() < 5.0
    # variance of a sample covariance of (near) normal counts
    spread = np.sqrt((np.outer(variance, variance) + covariance**2) / n_trials)
    enough = np.minimum.outer(n_events * probabilities, n_events * probabilities) > 25
    if n_cells > 1 and enough.any():
        difference = (np.atleast_2d(np.cov(counts.T)) - covariance)[enough] / spread[enough]
        assert np.abs(difference).max() < 5.5
        if difference.size > 100:  # fewer are too correlated for their spread to say anything
            assert difference.std() < 1.1


def test_single_cells_are_binomial():
    probabilities = np.array([1e-4, 0.02, 0.3, 0.6799])
    n_events, n_trials = 2_000, 40_000
    counts = draw(probabilities, n_events, n_trials, seed=5)
    for cell, probability in enumerate(probabilities):
        edges = np.unique(stats.binom.ppf(np.linspace(0.02, 0.98, 25), n_events, probability)).astype(int)
        observed = np.histogram(counts[:, cell], bins=[-1, *(edges + 0.5), n_events + 1])[0]
        expected = np.diff([0.0, *stats.binom.cdf(edges, n_events, probability), 1.0]) * n_trials
        assert stats.chisquare(observed, expected).pvalue > 1e-4


def test_second_halves_of_words_decide_where_first_halves_do_not():
    tables = count_tables(skewed(300)[np.newaxis], np.array([10]))
    table = int(tables.single[0])
    length, start = 2 ** (table & 31), table >> 5 & 2**28 - 1
    shares = tables.fine[start : start + length] / 2**32
    column = int(np.argmin(np.abs(shares - 0.3)))  # own outcome in 3 of 10 of the open cases
    entry = int(tables.entries[start + column])
    open_word = np.uint64((column * 2**32 + (entry & ~(length - 1))) // length)
    n_trials = 20_000
    counters = (tuple(np.uint64(c) for c in (7, 0, trial, 0)) for trial in range(n_trials))
    outcomes = np.array([multinomial.decided_column(open_word, tables.single[0], tables, c, 5, 2) for c in counters])
    assert set(outcomes) == {column, entry & (length - 1)}
    n_own = int(np.count_nonzero(outcomes == column))
    assert stats.binomtest(n_own, n_trials, float(shares[column])).pvalue > 1e-4
    for word in (open_word - np.uint64(1), open_word + np.uint64(1)):  # neighbours decide alone
        assert multinomial.look_up(word, tables.single[0], tables.entries)[1] > 0
    assert multinomial.look_up(open_word, tables.single[0], tables.entries)[1] == 0


def test_draws_that_are_open_are_the_same_in_any_company():
    """A table so long that the first half of one word in 2^14 leaves it open."""
    probabilities = np.full((1, 2**18), 2.0**-18)
    tables = count_tables(probabilities, np.array([20_000]))
    rows, totals = np.zeros(3, dtype=np.int64), np.full(3, 20_000)
    together, alone = empty_counts(3, 2**18), empty_counts(1, 2**18)
    draw_counts(together, tables, rows, totals, Stream(3, 0, 0, 0))
    draw_counts(alone, tables, rows[:1], totals[:1], Stream(3, 0, 0, 2))
    assert np.array_equal(together[0, :, 2], alone[0, :, 0])
    assert np.all(together[0, :, :3].sum(axis=0) == 20_000)


def test_pairs_of_events_are_independent():
    """A single event is the first of a pair; both of a pair have the cells' probabilities."""
    probabilities, n_trials = np.array([0.5, 0.2, 0.3]), 60_000
    single = draw(probabilities, 1, n_trials, seed=2)
    assert stats.chisquare(single.sum(axis=0), probabilities * n_trials).pvalue > 1e-4
    both = draw(probabilities, 2, n_trials, seed=3)
    outcomes, observed = np.unique(both, axis=0, return_counts=True)
    expected = stats.multinomial(2, probabilities).pmf(outcomes) * n_trials
    assert len(outcomes) == 6
    assert stats.chisquare(observed, expected).pvalue > 1e-4


def test_open_words_of_pairs_are_put_right():
    """Tables of pairs in which a threshold's first bits are all that differs from a word are decided by the rest."""
    tables = count_tables(skewed(40)[np.newaxis], np.array([10]))
    table = int(tables.pairs[0])
    assert table & 31 == 12
    length, start = 2**12, table >> 5 & 2**28 - 1
    shares = tables.fine[start : start + length] / 2**32
    column = int(np.argmin(np.abs(shares - 0.5)))
    entry = int(tables.entries[start + column])
    open_word = np.uint64((column * 2**32 + (entry & ~(length - 1))) // length)
    assert multinomial.look_up(open_word, tables.pairs[0], tables.entries)[1] == 0
    counters = [tuple(np.uint64(c) for c in (7, 0, trial, 0)) for trial in range(40)]
    found = {int(multinomial.decided_column(open_word, tables.pairs[0], tables, c, 5, 2)) for c in counters}
    assert found == {column, entry & (length - 1)}
    assert multinomial.both_cells(np.uint64(5 << 6 | 3), tables.pairs[0]) == (5, 3)


def test_pairs_that_are_open_are_the_same_in_any_company():
    """The first half of one word in 2^20 leaves a pair open: a few in two million trials."""
    tables = count_tables(skewed(40)[np.newaxis], np.array([5]))
    n_trials = 100_000
    rows, totals = np.zeros(n_trials, dtype=np.int64), np.full(n_trials, 5)
    for first_trial in range(0, 2_000_000, n_trials):
        here, shifted = empty_counts(n_trials, 40), empty_counts(n_trials, 40)
        draw_counts(here, tables, rows, totals, Stream(3, 0, 0, first_trial))
        draw_counts(shifted, tables, rows, totals, Stream(3, 0, 0, first_trial + 17))
        counts = trials_by_cells(here, n_trials)
        assert counts.min() == 0
        assert np.all(counts.sum(axis=1) == 5)
        assert np.array_equal(counts[17:], trials_by_cells(shifted, n_trials)[:-17])


def test_cells_without_probability_stay_empty():
    counts = draw([0.5, 0.0, 0.5, 0.0], 10_000, 2_000)
    assert counts[:, 1].max() == 0
    assert counts[:, 3].max() == 0


def test_rows_have_their_own_probabilities_and_more_events_than_planned_are_no_error():
    tables = count_tables(np.array([[1.0, 0.0], [0.25, 0.75]]), np.array([10, 100]))
    counts = empty_counts(40, 2)
    rows = np.arange(40) % 2
    totals = np.where(rows == 1, 5_000, 3)
    draw_counts(counts, tables, rows, totals, Stream(3, 0, 0, 0))
    drawn = trials_by_cells(counts, 40)
    assert np.array_equal(drawn.sum(axis=1), totals)
    assert np.all(drawn[rows == 0, 1] == 0)
    assert abs(drawn[rows == 1, 0].mean() / 5_000 - 0.25) < 0.01


def test_adding_keeps_what_is_there():
    tables = count_tables(np.array([[0.5, 0.5]]), np.array([10]))
    counts = empty_counts(5, 2)
    rows = np.zeros(5, dtype=np.int64)
    draw_counts(counts, tables, rows, np.full(5, 10), Stream(3, 0, 0, 0))
    draw_counts(counts, tables, rows, np.full(5, 7), Stream(3, 1, 0, 0), add=True)
    assert np.all(trials_by_cells(counts, 5).sum(axis=1) == 17)


def test_parts_labels_seeds_and_trials_have_their_own_numbers():
    probabilities = skewed(50)
    tables = count_tables(probabilities[np.newaxis], np.array([1_000]))
    drawn = []
    for stream in (Stream(1, 0, 0, 0), Stream(2, 0, 0, 0), Stream(1, 1, 0, 0), Stream(1, 0, 1, 0), Stream(1, 0, 0, 64)):
        counts = empty_counts(64, 50)
        draw_counts(counts, tables, np.zeros(64, dtype=np.int64), np.full(64, 1_000), stream)
        drawn.append(trials_by_cells(counts, 64))
    for first in range(5):
        for second in range(first):
            assert not np.any(np.all(drawn[first] == drawn[second], axis=1))


def test_categories_follow_their_probabilities():
    probabilities = np.array([0.1, 0.2, 0.0, 0.7])
    tables = count_tables(probabilities[np.newaxis], np.array([1]))
    categories = draw_categories(tables, 50_000, Stream(1, 0, 0, 0))
    observed = np.bincount(categories, minlength=4)
    assert observed[2] == 0
    assert stats.chisquare(observed[[0, 1, 3]], 50_000 * probabilities[[0, 1, 3]]).pvalue > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize(("n_cells", "n_events"), [(36, 100_000), (256, 40_902)])
def test_a_million_trials_have_the_test_statistic_of_numpy_multinomials(n_cells, n_events):
    n_trials, batch = 1_000_000, 50_000
    background, signal = skewed(n_cells, 1), skewed(n_cells, 2)
    signal = 0.8 * background + 0.2 * signal
    ratio = signal / background
    rng = np.random.default_rng(4)
    theirs = np.concatenate(
        [
            fit_n_s(rng.multinomial(n_events, background, size=batch), ratio, allow_negative=True).test_statistic
            for _ in range(n_trials // batch)
        ]
    )
    ours = run_trials(TrialModel.joint(background, signal, ratio, n_events), n_trials, seed=4).test_statistic_signed
    assert stats.ks_2samp(ours, theirs).pvalue > 1e-3


@pytest.mark.slow
def test_covariances_of_a_million_draws():
    n_trials, n_events = 1_000_000, 100_000
    probabilities = skewed(36, 3)
    counts = draw(probabilities, n_events, n_trials).astype(float)
    covariance = n_events * (np.diag(probabilities) - np.outer(probabilities, probabilities))
    variance = np.diag(covariance)
    assert np.abs((counts.mean(axis=0) - n_events * probabilities) / np.sqrt(variance / n_trials)).max() < 5.0
    spread = np.sqrt((np.outer(variance, variance) + covariance**2) / n_trials)
    enough = np.minimum.outer(n_events * probabilities, n_events * probabilities) > 25  # nearly normal counts
    assert np.abs(((np.cov(counts.T) - covariance) / spread)[enough]).max() < 5.0
