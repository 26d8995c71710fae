"""Pseudo-skies in merged cells: the same as skies drawn pixel by pixel, with the background that they give."""

import numpy as np
import pytest

from core.likelihood.j_profile import FactorErrors, profiled_strength
from core.pdfs.background import background_of_sky, background_on_sky
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

    class Given:
        """The counts of that sky in the parts, in the place of a draw."""

        @staticmethod
        def poisson(mean: np.ndarray) -> np.ndarray:
            n_rings = len(drawn.spread)
            zone = np.repeat(np.arange(np.prod(whole.shape[:2])), whole.shape[2]) * n_rings
            zone = zone + np.tile(_rings(), int(np.prod(whole.shape[:2])))
            n_zones = int(drawn.zone.max()) + n_rings
            place = np.searchsorted(drawn.cell * n_zones + drawn.zone, merged.cell_of * n_zones + zone)
            return summed_by(place, sky.astype(float), mean.size)

    found = drawn.draw(np.zeros(ALL), Given())  # type: ignore[arg-type]
    assert found.counts.sum() == sky.sum()
    assert found.background == pytest.approx(expected, rel=1e-9)


def _rings() -> np.ndarray:
    from core.pdfs.sky import ring_of_pixel

    return ring_of_pixel(STATISTIC.nside)


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
