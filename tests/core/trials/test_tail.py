"""The far tail: importance sampling against brute force, closed forms and the asymptotic law."""

import numpy as np
import pytest
from scipy import stats

from core.errors import PhysicsError
from core.likelihood.model import TrialModel
from core.trials.run import run_trials
from core.trials.tail import FIVE_SIGMA, THREE_SIGMA, AsymptoticLaw, TailSample, tail_sample

FOUR_SIGMA = 3.167124e-5


def joint_model(n_events: int = 40_902) -> TrialModel:
    rng = np.random.default_rng(7)
    background = rng.exponential(size=256) ** 2
    background /= background.sum()
    signal = background * np.exp(1.05 * rng.normal(size=256))
    signal /= signal.sum()
    return TrialModel.joint(background, signal, signal / background, n_events)


def source_model(n_events: int = 100_000) -> TrialModel:
    centres = (np.arange(36) + 0.5) / 36 * np.pi
    background = np.tile(np.sin(centres), (3, 1))
    background *= 1.0 + 0.3 * np.cos(np.outer([0.0, 1.0, 2.0], centres))
    background /= background.sum(axis=1, keepdims=True)
    signal = np.sin(centres) * np.exp(-centres / 0.3)
    return TrialModel.per_source(background, signal / signal.sum(), [0.5, 0.3, 0.2], n_events)


def sky_model() -> TrialModel:
    n_pixels = 400
    index = np.arange(n_pixels) + 0.5
    cos_polar, azimuth = 1.0 - 2.0 * index / n_pixels, np.pi * (1.0 + np.sqrt(5.0)) * index
    sin_polar = np.sqrt(1.0 - cos_polar**2)
    sky = np.stack([sin_polar * np.cos(azimuth), sin_polar * np.sin(azimuth), cos_polar])
    places = np.array([[1.0, 0.0, 0.0], [0.95, 0.312, 0.0], [0.0, 0.0, 1.0]])
    angle = np.arccos(np.clip(places @ sky, -1.0, 1.0))
    signal = np.exp(-(angle**2) / (2.0 * 0.4**2))
    signal /= signal.sum(axis=1, keepdims=True)
    bins = np.minimum((angle / np.pi * 12).astype(int), 11)
    return TrialModel.one_sky(np.full(n_pixels, 1.0 / n_pixels), signal, bins, [0.5, 0.3, 0.2], 20_000)


@pytest.mark.slow
@pytest.mark.parametrize(("make", "n_brute"), [(joint_model, 400_000), (source_model, 300_000), (sky_model, 60_000)])
def test_three_sigma_agrees_with_brute_force(make, n_brute):
    model = make()
    sample = tail_sample(model, 30_000, seed=1)
    threshold = sample.threshold(THREE_SIGMA)
    assert sample.p_value(threshold.test_statistic).p_value == pytest.approx(THREE_SIGMA, rel=2e-3)
    estimate = sample.p_value(threshold.test_statistic)
    share = np.mean(run_trials(model, n_brute, seed=2).test_statistic > threshold.test_statistic)
    error = np.hypot(np.sqrt(THREE_SIGMA / n_brute), estimate.error)
    assert abs(share - THREE_SIGMA) < 4.0 * error
    assert estimate.error < 0.05 * estimate.p_value
    assert estimate.n_effective > 400


@pytest.mark.parametrize("make", [joint_model, source_model])
def test_five_sigma_has_a_small_error_and_is_near_the_asymptotic_law(make):
    model = make()
    sample = tail_sample(model, 60_000, seed=3)
    threshold = sample.threshold(FIVE_SIGMA)
    estimate = sample.p_value(threshold.test_statistic)
    assert estimate.error < 0.04 * FIVE_SIGMA
    law = AsymptoticLaw(model.weights)
    assert law.p_value(threshold.test_statistic) == pytest.approx(FIVE_SIGMA, rel=0.3)
    assert threshold.error < 0.01 * threshold.test_statistic


def test_weights_are_a_likelihood_ratio():
    sample = tail_sample(source_model(), 60_000, seed=5)
    weights = np.exp(sample.log_weight)
    assert weights.mean() == pytest.approx(1.0, abs=5.0 * weights.std() / np.sqrt(weights.size))
    median = sample.threshold(0.25).test_statistic
    brute = run_trials(source_model(), 100_000, seed=6).test_statistic
    assert np.mean(brute > median) == pytest.approx(0.25, abs=0.02)


def test_numbers_do_not_depend_on_threads_or_shards():
    whole = tail_sample(source_model(), 9_000, seed=5)
    threaded = tail_sample(source_model(), 9_000, seed=5, n_threads=3)
    later = tail_sample(source_model(), 4_000, seed=5, first_trial=5_000)
    assert np.array_equal(whole.test_statistic, threaded.test_statistic)
    assert np.array_equal(whole.log_weight, threaded.log_weight)
    assert np.array_equal(whole.test_statistic[5_000:], later.test_statistic)


def test_a_threshold_out_of_reach_is_refused():
    with pytest.raises(PhysicsError, match="make more"):
        tail_sample(joint_model(), 200).threshold(1e-40)


def test_asymptotic_law_of_one_source_is_half_a_chi_square():
    for threshold in (1e-3, 0.5, 1.0, 9.0, 25.0, 60.0):
        assert AsymptoticLaw(np.ones(1)).p_value(threshold) == pytest.approx(
            0.5 * stats.chi2(1).sf(threshold), rel=1e-8
        )
    assert AsymptoticLaw(np.ones(1)).p_value(0.0) == 0.5
    assert AsymptoticLaw(np.ones(1)).p_value(-1.0) == 1.0


def test_asymptotic_law_of_equal_sources_is_a_sum_of_chi_squares():
    for threshold in (0.3, 4.0, 20.0):
        expected = sum(stats.binom.pmf(j, 5, 0.5) * stats.chi2(j).sf(threshold / 0.2) for j in range(1, 6))
        assert AsymptoticLaw(np.full(5, 0.2)).p_value(threshold) == pytest.approx(expected, rel=1e-8)


def test_asymptotic_law_of_unequal_sources_agrees_with_normal_numbers():
    weights = np.array([0.5, 0.3, 0.15, 0.05])
    z = np.random.default_rng(1).normal(size=(400_000, 4))
    statistic = np.maximum(z, 0.0) ** 2 @ weights
    law = AsymptoticLaw.fitted(weights, statistic)
    assert law.scale == pytest.approx(1.0, abs=0.01)
    for threshold in (0.2, 1.0, 3.0):
        share = AsymptoticLaw(weights).p_value(threshold)
        assert abs(np.mean(statistic > threshold) - share) < 4.5 * np.sqrt(share / statistic.size)


@pytest.mark.slow
@pytest.mark.parametrize("make", [joint_model, source_model])
def test_four_sigma_agrees_with_twenty_million_trials(make):
    model = make()
    threshold = tail_sample(model, 200_000, seed=1, n_threads=2).threshold(FOUR_SIGMA)
    n_trials = 20_000_000
    n_above = 0
    for first in range(0, n_trials, 1_000_000):
        result = run_trials(model, 1_000_000, seed=2, first_trial=first, n_threads=2)
        n_above += np.count_nonzero(result.test_statistic > threshold.test_statistic)
    expected = FOUR_SIGMA * n_trials
    sampled = tail_sample(model, 200_000, seed=1, n_threads=2).p_value(threshold.test_statistic)
    error = np.hypot(np.sqrt(expected), n_trials * sampled.error)
    assert abs(n_above - expected) < 4.0 * error


def test_a_tail_by_hand():
    """Four trials with weights of 1/2, 1, 1 and 2; above 3 lie the first and the last."""
    sample = TailSample(np.array([9.0, 1.0, 2.0, 4.0]), np.log([0.5, 1.0, 1.0, 2.0]))
    found = sample.p_value(3.0)
    assert found.p_value == pytest.approx(2.5 / 4.0)
    # The mean of (1/2, 0, 0, 2) has the variance (mean of squares - square of the mean)/4.
    assert found.error == pytest.approx(np.sqrt((4.25 / 4.0 - 0.625**2) / 4.0))
    assert found.n_effective == pytest.approx(2.5**2 / 4.25)
    assert sample.p_value(10.0) == (0.0, 0.0, 0.0)


def test_a_threshold_is_where_its_p_value_lies():
    """With equal weights it is the quantile of the trials, and its error that of a binomial share."""
    statistic = np.random.default_rng(3).exponential(size=20_000)
    sample = TailSample(statistic, np.zeros(20_000))
    for p_value in (0.5, 0.1, 0.01):
        found = sample.threshold(p_value)
        assert found.test_statistic == pytest.approx(
            np.quantile(statistic, 1.0 - p_value), abs=2.0 / (20_000 * p_value)
        )
        # dT/dp = 1/p of an exponential: the error is √(p(1 - p)/n)/p.
        assert found.error == pytest.approx(np.sqrt((1.0 - p_value) / p_value / 20_000), rel=0.25)
        assert found.n_effective == pytest.approx(20_000 * p_value, rel=0.01)


def test_weights_of_a_shifted_normal_give_back_the_tail_of_the_standard_one():
    """Drawn about 4, weighted by φ(z)/φ(z - 4): P(z > 5) = 2.87e-7 from 20,000 draws."""
    z = 4.0 + np.random.default_rng(8).normal(size=20_000)
    found = TailSample(z, 8.0 - 4.0 * z).p_value(5.0)
    assert found.p_value == pytest.approx(stats.norm.sf(5.0), abs=4.0 * found.error)
    assert found.error < 0.03 * found.p_value
