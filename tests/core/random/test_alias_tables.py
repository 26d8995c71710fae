"""Alias tables: the probabilities that they stand for are those that they were built from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
