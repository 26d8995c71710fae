"""Alias tables: the probabilities that they stand for are those that they were built from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from core.errors import PhysicsError
from core.random import alias_tables
from core.random.alias_tables import CountTables, count_tables


def read_back(tables: CountTables, name: int, n_outcomes: int) -> np.ndarray:
    """The probabilities of the outcomes of a table: each column's own share, and the rest of it to its alias."""
    log2_length, start = int(name) & 31, int(name) >> 5 & (2**28 - 1)
    length = 1 << log2_length
    entries = tables.entries[start : start + length].astype(np.uint64)
    fine = tables.fine[start : start + length].astype(np.float64)
    alias = (entries & np.uint64(length - 1)).astype(int)
    high = (entries >> np.uint64(log2_length)).astype(np.float64)
    share = (high * 2.0**32 + fine) / 2.0 ** (64 - log2_length)
    own = np.where(alias == np.arange(length), 1.0, share)
    found = np.bincount(np.arange(length), own, minlength=length)
    found += np.bincount(alias, 1.0 - own, minlength=length)
    return found[:n_outcomes] / length


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=40))
def test_the_table_of_one_event_holds_the_probabilities(weights: list[float]) -> None:
    given_weights = np.array(weights)
    tables = count_tables(given_weights[np.newaxis], np.array([10]))
    found = read_back(tables, int(tables.single[0]), len(weights))
    np.testing.assert_allclose(found, given_weights / given_weights.sum(), rtol=1e-6, atol=1e-9)


def test_rows_of_zeros_in_some_cells_never_give_these() -> None:
    weights = np.array([[0.5, 0.0, 0.5, 0.0], [0.0, 1.0, 0.0, 0.0]])
    tables = count_tables(weights, np.array([10, 10]))
    for row in range(2):
        np.testing.assert_allclose(read_back(tables, int(tables.single[row]), 4), weights[row], atol=1e-9)


def test_few_events_are_drawn_one_by_one_and_many_in_falling_levels() -> None:
    weights = np.full((1, 8), 0.125)
    few, many = count_tables(weights, np.array([20])), count_tables(weights, np.array([100_000]))
    assert few.poisson.shape[1] == 0
    assert many.poisson.shape[1] > 2
    needed = many.need[0][many.need[0] < 2**60]
    assert np.all(np.diff(needed) < 0)
    assert 99_000 < needed[0] <= 100_000


def test_pairs_of_events_have_tables_where_cells_are_few() -> None:
    small, large = (count_tables(np.full((1, n), 1.0 / n), np.array([10])) for n in (64, 65))
    assert small.pairs.size == 1
    assert large.pairs.size == 0


def test_a_scale_of_the_weights_changes_nothing() -> None:
    weights = np.array([[0.2, 0.3, 0.5]])
    plain, scaled = (count_tables(factor * weights, np.array([1000])) for factor in (1.0, 8.0))
    for one, other in zip(plain, scaled, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("n_cells", [1, 2, 63, 128])
def test_any_number_of_cells_has_tables(n_cells: int) -> None:
    weights = np.linspace(1.0, 2.0, n_cells)[np.newaxis]
    tables = count_tables(weights, np.array([5000]))
    found = read_back(tables, int(tables.single[0]), n_cells)
    np.testing.assert_allclose(found, weights[0] / weights.sum(), rtol=1e-6)


@settings(max_examples=15, deadline=None)
@given(shares=st.lists(st.integers(0, 9), min_size=2, max_size=9).filter(any), total=st.integers(60, 60_000))
def test_a_cell_of_a_level_is_poisson_at_its_share_of_the_level_s_mean(shares: list[int], total: int) -> None:
    """The first level's mean is N - sqrt(N): each of its tables against Poisson's law, count by count."""
    weights = np.array(shares) / np.sum(shares)
    tables = count_tables(weights[np.newaxis], np.array([total]))
    for mean, name in zip((total - np.sqrt(total)) * weights, tables.poisson[0, 0].tolist(), strict=True):
        least, length = name >> 33, 1 << (name & 31)
        np.testing.assert_allclose(
            read_back(tables, name, length), poisson.pmf(least + np.arange(length), mean), atol=1e-13
        )
        assert poisson.cdf(least - 1, mean) + poisson.sf(least + length - 1, mean) < 1e-16


def test_a_level_asks_for_one_standard_deviation_more_than_its_mean() -> None:
    """10,000 events: mean 9,900, and with its spread 99.5 as many as 9,999.5."""
    assert count_tables(np.full((1, 4), 0.25), np.array([10_000])).need[0, 0] == 10_000


def test_rows_of_fewer_levels_use_none_of_the_other_s() -> None:
    tables = count_tables(np.full((2, 4), 0.25), np.array([30, 10_000]))
    assert tables.need[0].min() == 2**62
    assert tables.need[1].max() < 10_001


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=9).filter(any))
def test_both_events_of_a_pair_follow_the_weights_independently(shares: list[int]) -> None:
    weights = np.array(shares) / np.sum(shares)
    tables = count_tables(weights[np.newaxis], np.array([10]))
    side = 1 << ((int(tables.pairs[0]) & 31) // 2)
    found = read_back(tables, int(tables.pairs[0]), side**2).reshape(side, side)
    wanted = np.zeros((side, side))
    wanted[: weights.size, : weights.size] = np.outer(weights, weights)
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_tables_that_no_word_could_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    weights, totals = np.full((1, 3), 1.0 / 3.0), np.array([500])
    size = count_tables(weights, totals).entries.size
    monkeypatch.setattr(alias_tables, "_N_ENTRIES", size)
    assert count_tables(weights, totals).entries.size == size
    monkeypatch.setattr(alias_tables, "_N_ENTRIES", size - 1)
    with pytest.raises(PhysicsError, match="1 distributions over 3 cells need more than 2 GiB of tables: merge cells"):
        count_tables(weights, totals)
