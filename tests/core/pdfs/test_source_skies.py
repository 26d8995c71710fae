"""Pseudo-skies in merged cells: the same as skies drawn pixel by pixel, with the background that they give."""

import numpy as np
import pytest

from core.likelihood.j_profile import FactorErrors, profiled_strength
from core.pdfs.background import background_of_sky, background_on_sky
from core.pdfs.sky import ring_of_pixel
from core.pdfs.source_information import summed_by
from tests.core.pdfs.public_pairs import STATISTIC, public_pair
from tests.core.pdfs.source_pairs import cells, patterns, skies

PAIR = ("tautau", 20.0)
ALL = 30


def test_parts_hold_all_events_and_all_signal() -> None:
    drawn = skies(*PAIR)
    assert drawn.background.sum() == pytest.approx(40_902)
    assert drawn.signal.sum(axis=1) == pytest.approx(patterns(*PAIR).signal.sum(axis=1))
    assert summed_by(drawn.cell, drawn.background, drawn.n_cells) == pytest.approx(cells(*PAIR).background)


def test_the_background_of_a_sky_is_that_of_its_pixels() -> None:
    """A sky of pixels, merged, against the same counts through the parts."""
    whole, drawn, merged = patterns(*PAIR), skies(*PAIR), cells(*PAIR)
    sky = np.random.default_rng(5).poisson(whole.background)
    bins = public_pair(*PAIR).binned_background
    estimate = background_of_sky(
        sky.reshape(whole.shape), STATISTIC.nside, bins.reco_energy_edges, bins.reco_cos_zenith_edges
    )
    on_sky = background_on_sky(estimate, STATISTIC.nside).ravel() * sky.sum()
    expected = summed_by(merged.cell_of, on_sky, drawn.n_cells)

    outer = np.repeat(np.arange(np.prod(whole.shape[:2])), whole.shape[2]) * len(drawn.spread)
    zone = outer + np.tile(drawn.zone_of_ring[ring_of_pixel(STATISTIC.nside)], int(np.prod(whole.shape[:2])))
    n_zones = int(drawn.zone.max()) + len(drawn.spread)
    place = np.searchsorted(drawn.cell * n_zones + drawn.zone, merged.cell_of * n_zones + zone)
    for found in (
        drawn.sky_of(summed_by(place, sky.astype(float), drawn.background.size)),
        drawn.sky_of_events(np.repeat(place, sky)),
    ):
        assert found.counts.sum() == sky.sum()
        assert found.background == pytest.approx(expected, rel=1e-9)


@pytest.mark.slow
def test_fits_of_skies_find_the_strength_that_is_drawn() -> None:
    information = patterns(*PAIR).information
    strength = 3.0 / np.sqrt(information.sum())
    generator, fixed = np.random.default_rng(2), FactorErrors.none(ALL)
    excess = cells(*PAIR).excess
    found = [
        profiled_strength(skies(*PAIR).draw(np.full(ALL, strength), generator).likelihood(excess), fixed).best
        for _ in range(150)
    ]
    assert np.mean(found) == pytest.approx(strength, rel=0.1)
    assert np.std(found) * np.sqrt(information.sum()) == pytest.approx(1.0, rel=0.25)


def test_drawn_skies_are_poisson_about_what_is_expected() -> None:
    drawn_from = skies("tautau", 20.0)
    expected = drawn_from.expected(np.full(len(drawn_from.signal), 2e-21))
    mean, draws, generator = drawn_from.sky_of(expected), drawn_from.draws(expected), np.random.default_rng(9)
    many = [draws.sky(generator) for _ in range(150)]
    counts, background = (np.array([getattr(sky, name) for sky in many]) for name in ("counts", "background"))
    pulls = (counts.mean(axis=0) - mean.counts) / np.sqrt(np.maximum(mean.counts, 1e-9) / len(many))
    assert np.mean(pulls[mean.counts > 5.0] ** 2) == pytest.approx(1.0, abs=0.35)
    assert counts.sum(axis=1).std() == pytest.approx(np.sqrt(expected.sum()), rel=0.3)
    assert background.sum(axis=1) == pytest.approx(counts.sum(axis=1))
    assert background.mean(axis=0)[mean.counts > 50.0] == pytest.approx(mean.background[mean.counts > 50.0], rel=0.05)


def test_factors_scale_the_signal_of_a_class_and_energy_alone() -> None:
    drawn_from = skies("tautau", 20.0)
    one = np.ones(len(drawn_from.signal))
    outer = drawn_from.zone // len(drawn_from.spread)
    factors = np.where(np.arange(outer.max() + 1) == outer[0], 3.0, 1.0)
    more = drawn_from.expected(one, factors) - drawn_from.expected(one)
    assert np.all(more[outer != outer[0]] == 0.0)
    assert more.sum() == pytest.approx(2.0 * drawn_from.signal.sum(axis=0)[outer == outer[0]].sum())
