"""The law of the stacked statistic, against the closed forms of one source and against draws of several."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import norm

from core.likelihood.model import TrialModel
from core.likelihood.stacked_law import StackedLaw

ONE = StackedLaw(np.array([1.0]), np.array([0.01]))


@pytest.mark.parametrize("threshold", [-4.0, -1.0, 0.0, 1.0, 9.0])
@pytest.mark.parametrize("n_s", [0.0, 50.0, 300.0])
def test_one_source_is_a_signed_square(threshold: float, n_s: float) -> None:
    """sign(z) z² exceeds T where z exceeds sign(T) √|T|."""
    z = np.sign(threshold) * np.sqrt(abs(threshold))
    assert ONE.share_above(threshold, n_s) == pytest.approx(norm.sf(z - 0.01 * n_s), abs=1e-4)


@pytest.mark.parametrize("threshold", [-1.0, 0.01, 1.0, 4.0, 9.0, 25.0])
@pytest.mark.parametrize("n_s", [0.0, 100.0, 400.0])
def test_one_bounded_source_is_a_square_with_an_atom_at_zero(threshold: float, n_s: float) -> None:
    law = StackedLaw(np.array([1.0]), np.array([0.01]), bounded=True)
    due = norm.sf(np.sqrt(threshold) - 0.01 * n_s) if threshold > 0.0 else 1.0
    assert law.share_above(threshold, n_s) == pytest.approx(due, abs=1e-4)


def test_two_sources_are_the_integral_over_one_of_them() -> None:
    law = StackedLaw(np.array([0.7, 0.3]), np.array([0.01, 0.01]))
    z = np.linspace(-9.0, 11.0, 40_001)
    for threshold in (-2.0, 0.5, 6.0):
        left = (threshold - 0.7 * np.sign(z) * z**2) / 0.3
        above = norm.sf(np.sign(left) * np.sqrt(np.abs(left)) - 1.0)
        due = np.sum(norm.pdf(z - 1.0) * above) * (z[1] - z[0])
        assert law.share_above(threshold, 100.0) == pytest.approx(due, abs=2e-4)


def test_the_sensitivity_of_one_source_is_1_28_sigma() -> None:
    assert ONE.sensitivity() == pytest.approx(float(ndtri(0.9)) / 0.01, rel=1e-3)
    assert ONE.median() == 0.0


@pytest.mark.parametrize("n_sources", [3, 12])
@pytest.mark.parametrize("bounded", [False, True])
def test_several_sources_are_as_drawn(n_sources: int, bounded: bool) -> None:
    generator = np.random.default_rng(n_sources)
    weights, pulls = generator.dirichlet(np.ones(n_sources)), generator.uniform(0.0, 0.02, n_sources)
    law = StackedLaw(weights, pulls, bounded)
    z = generator.normal(size=(200_000, n_sources)) + 60.0 * pulls
    squares = np.maximum(z, 0.0) ** 2 if bounded else np.sign(z) * z**2
    statistic = squares @ weights
    for threshold in np.quantile(statistic, [0.1, 0.5, 0.9]):
        share = np.mean(statistic > threshold)
        assert law.share_above(float(threshold), 60.0) == pytest.approx(share, abs=5e-3)


def test_shares_fall_with_the_threshold_and_rise_with_the_signal() -> None:
    law = StackedLaw(np.array([0.6, 0.4]), np.array([0.01, 0.02]))
    shares = law.shares_above(np.linspace(-3.0, 9.0, 30), 20.0)
    assert np.all(np.diff(shares) < 1e-3)
    assert law.share_above(1.0, 0.0) < law.share_above(1.0, 40.0) < law.share_above(1.0, 400.0)


def test_the_law_of_a_model_takes_information_and_events_of_each_source() -> None:
    background = np.array([[0.5, 0.5], [0.5, 0.5]])
    model = TrialModel.per_source(background, [0.75, 0.25], [3.0, 1.0], 1000)
    law = StackedLaw.of(model)
    assert law.weights.tolist() == [0.75, 0.25]
    np.testing.assert_allclose(law.pulls, np.array([0.75, 0.25]) * np.sqrt(0.25 / 1000.0))
    assert law.n_s_uncertainty > 0.0


def test_a_scale_of_all_pulls_scales_the_events() -> None:
    weights, pulls = np.array([0.7, 0.3]), np.array([0.01, 0.03])
    near, far = StackedLaw(weights, 2.0 * pulls), StackedLaw(weights, pulls)
    assert far.sensitivity() == pytest.approx(2.0 * near.sensitivity(), rel=1e-3)
    assert far.n_s_uncertainty == pytest.approx(2.0 * near.n_s_uncertainty)
