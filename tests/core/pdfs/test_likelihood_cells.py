"""Cells of likelihoods that are handed on: what they add up to, and what they share with the cells of trials."""

import numpy as np
import pyarrow as pa
import pytest

from core.dark_matter.processes import ANNIHILATION
from core.likelihood.interval import likelihood_interval
from core.pdfs.likelihood_cells import (
    STACKED,
    LikelihoodCells,
    likelihood_table,
    likelihoods_of_table,
    source_likelihoods,
    stacked_cells,
)
from core.pdfs.source_information import source_patterns
from tests.core.pdfs.public_pairs import PublicPair, public_pair

NSIDE = 8


@pytest.fixture(scope="module")
def pair() -> PublicPair:
    return public_pair("tautau", 20.0)


@pytest.fixture(scope="module")
def by_source(pair: PublicPair) -> list[LikelihoodCells]:
    found = list(source_likelihoods(pair.expected, pair.binned_background, NSIDE))
    assert all(isinstance(one, LikelihoodCells) for one in found)
    return found  # type: ignore[return-value]


def test_no_likelihood_changes_the_number_of_events(pair: PublicPair, by_source: list[LikelihoodCells]) -> None:
    for cells in (stacked_cells(pair.ratio_cells(NSIDE)), *by_source):
        assert cells.background.sum() == pytest.approx(40_902, rel=1e-9)
        assert abs(cells.excess.sum()) < 1e-9 * np.abs(cells.excess).sum()
        assert 0.0 <= cells.information_loss < 0.005


def test_the_information_of_a_source_is_that_of_its_pattern(pair: PublicPair, by_source: list[LikelihoodCells]) -> None:
    """Merging apart, Σ E²/(N B) is the diagonal of what `source_information` tells."""
    information = np.diag(source_patterns(pair.expected, pair.binned_background, NSIDE).information)
    merged = [float(np.sum(cells.excess**2 / cells.background)) for cells in by_source]
    np.testing.assert_allclose(merged, information, rtol=2e-3)
    scale = [cells.n_s_per_strength for cells in by_source]
    np.testing.assert_allclose(scale, pair.expected.acceptance.n_s_per_strength, rtol=1e-6)


def test_the_stacked_likelihood_is_that_of_the_fit(pair: PublicPair) -> None:
    table = pair.ratio_cells(NSIDE)
    model = pair.trial_model(NSIDE)
    events = np.random.default_rng(5).multinomial(model.n_events, model.background[0])
    cells = stacked_cells(table, events)
    interval = likelihood_interval(events[np.newaxis], model.ratio[0], 1.2815515655446004**2)
    drop = max(-interval.best[0], 0.0)
    assert cells.curve.best * cells.n_s_per_strength == pytest.approx(max(interval.best[0], 0.0), abs=1e-3)
    if drop == 0.0:
        assert cells.curve.upper_limit(0.9) * cells.n_s_per_strength == pytest.approx(interval.high[0], rel=1e-6)


def test_the_expected_limit_is_the_sensitivity_of_gaussian_fits(pair: PublicPair) -> None:
    cells = stacked_cells(pair.ratio_cells(NSIDE))
    limit = cells.curve.upper_limit(0.9) * cells.n_s_per_strength
    assert limit == pytest.approx(pair.closed_form(NSIDE).sensitivity, rel=0.03)


def test_events_of_a_sky_fall_into_the_cells_of_their_source(pair: PublicPair) -> None:
    """A sky that is the background itself, rounded to whole events, has the background's events in each cell."""
    shape = (2, 8, 12 * NSIDE**2)
    sky = np.zeros(shape, dtype=np.int64)
    sky[0, 3, :] = 7
    one = pair.expected.of(np.array([0]))
    (cells,) = source_likelihoods(one, pair.binned_background, NSIDE, sky=sky)
    assert isinstance(cells, LikelihoodCells)
    assert cells.events.sum() == sky.sum()
    assert (cells.events % 7 == 0).all()


def test_a_window_leaves_out_the_events_outside(pair: PublicPair) -> None:
    one = pair.expected.of(np.array([0]))
    (inside,) = source_likelihoods(one, pair.binned_background, NSIDE, window=(10.0, 30.0))
    (whole,) = source_likelihoods(one, pair.binned_background, NSIDE)
    assert isinstance(inside, LikelihoodCells)
    assert isinstance(whole, LikelihoodCells)
    assert inside.background.sum() < 0.9 * whole.background.sum()
    assert inside.n_s_per_strength < whole.n_s_per_strength


def test_likelihoods_come_back_from_their_table(pair: PublicPair, by_source: list[LikelihoodCells]) -> None:
    given = [stacked_cells(pair.ratio_cells(NSIDE)), *by_source[:2]]
    described = {"sky": "expected", "background": "data", "sample": "public-3y", "hypothesis": "dwarfs only"}
    table = likelihood_table(given, ANNIHILATION, described)
    assert isinstance(table, pa.Table)
    found = likelihoods_of_table(table)
    assert [cells.source for cells in found] == [STACKED, *(cells.source for cells in by_source[:2])]
    for before, after in zip(given, found, strict=True):
        np.testing.assert_array_equal(before.excess, after.excess)
        np.testing.assert_array_equal(before.events, after.events)
        assert before.n_s_per_strength == after.n_s_per_strength
