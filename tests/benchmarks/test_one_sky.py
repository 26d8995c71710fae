"""The sky that contestants are held against each other on is what it says."""

import numpy as np
import pytest

from benchmarks.one_sky import (
    drawn_events,
    merged_counts,
    merged_model,
    merged_sky,
    one_sky_problem,
    pattern_problem,
    pixel_ratio,
    ratio_of_directions,
)
from core.likelihood.fit import fit_n_s

SKY = one_sky_problem(20, 20_000)


def test_signal_integrates_to_one():
    pixels = pixel_ratio(SKY)
    assert pixels.mean() == pytest.approx(1.0, abs=1e-5)
    cells = merged_sky(pixels, 512)
    model = merged_model(SKY, cells)
    assert np.allclose(model.signal, model.background * cells.ratio, rtol=0.0, atol=1e-7)
    assert 0.0 < cells.fisher_information_loss < 1e-4


def test_signal_events_lie_where_the_density_says():
    ra, dec = drawn_events(SKY, SKY.n_events, np.random.default_rng(1))
    ratio = ratio_of_directions(SKY, ra, dec)
    pixels = pixel_ratio(SKY)
    second = np.mean(pixels**2)  # the mean of R under signal
    spread = np.sqrt(np.mean(pixels**3) - second**2)
    assert abs(ratio.mean() - second) < 4.0 * spread / np.sqrt(SKY.n_events)


def test_background_events_are_uniform():
    ra, dec = drawn_events(SKY, 0, np.random.default_rng(2))
    spread = np.std(pixel_ratio(SKY))
    assert abs(ratio_of_directions(SKY, ra, dec).mean() - 1.0) < 4.0 * spread / np.sqrt(SKY.n_events)


@pytest.mark.parametrize("n_injected", [0, 200])
def test_merged_cells_fit_as_single_events_do(n_injected: int):
    pixels, rng = pixel_ratio(SKY), np.random.default_rng(3)
    for _ in range(3):
        ratio = ratio_of_directions(SKY, *drawn_events(SKY, n_injected, rng))
        one_by_one = fit_n_s(np.ones((1, ratio.size), dtype=np.int64), ratio)
        counts, cells = merged_counts(ratio, pixels, 1024)
        assert counts.sum() == SKY.n_events
        merged = fit_n_s(counts[np.newaxis], cells)
        assert abs(merged.test_statistic[0] - one_by_one.test_statistic[0]) < 0.08


def test_patterns_are_pixels_by_the_bins_of_all_sources():
    model = pattern_problem(5, nside=16)
    assert model.shares_one_sky
    assert model.ratio.shape == (5, 36)
    assert 2_000 < model.n_cells <= 12 * 16**2
