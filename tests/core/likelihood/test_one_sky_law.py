"""What Gaussian fits say of sources on one sky: closed forms, laws of independent sources, and real trials."""

import numpy as np
import pytest

from core.likelihood.model import TrialModel
from core.likelihood.one_sky_law import OneSkyLaw
from core.likelihood.stacked_law import StackedLaw
from core.trials.run import run_trials
from core.trials.tail import FIVE_SIGMA, THREE_SIGMA, AsymptoticLaw

WEIGHTS = np.array([0.4, 0.3, 0.2, 0.1])


def law(correlation: float = 0.0, bounded: bool = False) -> OneSkyLaw:
    matrix = np.full((4, 4), correlation) + (1.0 - correlation) * np.eye(4)
    return OneSkyLaw(WEIGHTS, np.full(4, 0.01), matrix, bounded)


def test_uncorrelated_sources_are_those_of_separate_skies() -> None:
    apart = StackedLaw(WEIGHTS, np.full(4, 0.01))
    assert law().n_s_uncertainty == pytest.approx(apart.n_s_uncertainty, rel=1e-12)
    assert law().sensitivity() == pytest.approx(apart.sensitivity(), rel=0.01)
    bounded = StackedLaw(WEIGHTS, np.full(4, 0.01), bounded=True)
    assert law(bounded=True).sensitivity() == pytest.approx(bounded.sensitivity(), rel=0.015)


def test_sources_at_one_place_are_one_source() -> None:
    one = OneSkyLaw(np.ones(1), np.array([0.01]), np.ones((1, 1)))
    assert law(1.0).n_s_uncertainty == pytest.approx(one.n_s_uncertainty, rel=1e-6)
    assert law(1.0).sensitivity() == pytest.approx(1.2816 / 0.01, rel=0.01)
    assert law(1.0).p_value(9.0) == pytest.approx(THREE_SIGMA, rel=0.03)


def test_far_tails_of_uncorrelated_sources_are_those_of_the_inverted_transform() -> None:
    apart = AsymptoticLaw(WEIGHTS)
    for threshold in (2.0, 4.0, 11.0):
        assert law().p_value(threshold) == pytest.approx(apart.p_value(threshold), rel=0.05)
    assert apart.p_value(11.0) < FIVE_SIGMA


def test_the_spread_is_that_of_correlated_normal_numbers() -> None:
    found = law(0.7)
    z = np.random.default_rng(3).multivariate_normal(np.zeros(4), found.correlation, size=400_000)
    spread = float((np.sign(z) * z**2 @ WEIGHTS).std())
    slope = 2.0 * np.sqrt(2.0 / np.pi) * 0.01
    assert found.n_s_uncertainty == pytest.approx(spread / slope, rel=0.01)


def test_trials_follow_it() -> None:
    """Two sources 20 deg apart, and one far away; also of signal events that a source sees of its neighbour."""
    n_pixels = 600
    index = np.arange(n_pixels) + 0.5
    cos_polar, azimuth = 1.0 - 2.0 * index / n_pixels, np.pi * (1.0 + np.sqrt(5.0)) * index
    sin_polar = np.sqrt(1.0 - cos_polar**2)
    sky = np.stack([sin_polar * np.cos(azimuth), sin_polar * np.sin(azimuth), cos_polar])
    places = np.array([[1.0, 0.0, 0.0], [0.94, 0.342, 0.0], [0.0, 0.0, 1.0]])
    angle = np.arccos(np.clip(places @ sky, -1.0, 1.0))
    signal = np.exp(-(angle**2) / (2.0 * 0.4**2))
    signal /= signal.sum(axis=1, keepdims=True)
    bins = np.minimum((angle / np.pi * 12).astype(int), 11)
    background = np.full(n_pixels, 1.0 / n_pixels)
    model = TrialModel.one_sky(background, signal, bins, [0.5, 0.3, 0.2], 20_000, injection_shares=[0.2, 0.3, 0.5])
    found = OneSkyLaw.of(model)
    assert found.correlation[0, 1] > 0.7 > abs(found.correlation[0, 2])
    for n_injected in (0, 60, 120):
        fits = run_trials(model, 20_000, n_injected, seed=4, per_source_results=True).source_test_statistic_signed
        assert fits is not None
        z = np.sign(fits) * np.sqrt(np.abs(fits))
        assert z.mean(axis=0) == pytest.approx(n_injected * found.pulls, abs=0.04)
        assert np.cov(z.T) == pytest.approx(found.correlation, abs=0.05)
    injected = round(found.sensitivity())
    signed = run_trials(model, 20_000, injected, seed=5).test_statistic_signed
    assert np.mean(signed > 0.0) == pytest.approx(0.9, abs=0.012)
