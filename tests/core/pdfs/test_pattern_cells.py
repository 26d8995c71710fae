"""Merging a sky by many ratios at once."""

import numpy as np
import pytest

from core.pdfs.pattern_cells import merged_patterns, principal_ratios


def test_cells_of_the_same_ratios_are_one_and_others_are_not() -> None:
    background = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    ratios = np.array([[0.0, 0.0, 1.0, 1.0, 5.0, 5.0], [1.0, 1.0, -1.0, -1.0, 2.0, 2.0]])
    cell_of = merged_patterns(ratios * background, background, 100)
    assert cell_of[0] == cell_of[1]
    assert cell_of[2] == cell_of[3]
    assert cell_of[4] == cell_of[5]
    assert set(cell_of) == {0, 1, 2}


@pytest.mark.parametrize("n_cells", [1, 2, 7, 50])
def test_there_are_as_many_cells_as_asked_for(n_cells: int) -> None:
    generator = np.random.default_rng(1)
    cell_of = merged_patterns(generator.normal(size=(4, 1000)), generator.uniform(1.0, 2.0, 1000), n_cells)
    assert sorted(set(cell_of)) == list(range(n_cells))


def test_cells_without_background_join_another() -> None:
    cell_of = merged_patterns(np.array([[1.0, -1.0, 0.0]]), np.array([1.0, 1.0, 0.0]), 5)
    assert set(cell_of[:2]) == {0, 1}
    assert cell_of[2] == 0


def test_patterns_of_one_shape_are_one_direction() -> None:
    generator = np.random.default_rng(2)
    shape, background = generator.normal(size=200), generator.uniform(1.0, 2.0, 200)
    assert principal_ratios(np.outer([1.0, 2.0, -3.0], shape), background).shape == (1, 200)
