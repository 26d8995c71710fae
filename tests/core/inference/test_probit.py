"""The polynomial of a probit: known coefficients come back, and a prior decides what the counts leave open."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from core.inference.probit import fit_probit

POINTS = np.linspace(0.0, 1.0, 6)
DESIGN = np.vander(POINTS, 3, increasing=True)
TRUTH = np.array([-0.5, 2.0, -0.6])
NOTHING_KNOWN = np.zeros(3), np.full(3, 1e-6)


def test_the_coefficients_behind_exact_shares_come_back() -> None:
    n_trials = np.full(6, 1e6)
    found, _ = fit_probit(DESIGN, n_trials * ndtr(DESIGN @ TRUTH), n_trials, *NOTHING_KNOWN)
    np.testing.assert_allclose(found, TRUTH, atol=1e-5)


def test_errors_are_the_spread_of_repeated_trials() -> None:
    random = np.random.default_rng(1)
    n_trials = np.full(6, 400.0)
    fits = [
        fit_probit(DESIGN, random.binomial(400, ndtr(DESIGN @ TRUTH)).astype(float), n_trials, *NOTHING_KNOWN)
        for _ in range(300)
    ]
    pulls = np.array([(found - TRUTH) / np.sqrt(np.diag(covariance)) for found, covariance in fits])
    # The covariance is widened by chance where the points scatter by more than their errors, never narrowed.
    np.testing.assert_allclose(pulls.std(axis=0), 0.9, atol=0.12)
    np.testing.assert_allclose(pulls.mean(axis=0), 0.0, atol=0.2)


@given(st.integers(min_value=0, max_value=5))
def test_where_all_trials_lie_above_the_prior_decides(n_below: int) -> None:
    """Five points with nothing below, the first with a few: the slope is the prior's, and every error is a number."""
    n_trials = np.full(6, 400.0)
    above = n_trials - np.array([n_below, 0, 0, 0, 0, 0])
    found, covariance = fit_probit(DESIGN, above, n_trials, np.array([2.0, 5.0, 0.0]), np.array([0.1, 0.2, 0.4]))
    assert 2.0 < found[0] < 4.5
    assert 4.0 < found[1] < 6.5
    errors = np.sqrt(np.diag(covariance))
    assert np.all((errors > 0.05) & (errors < 3.2))


def test_a_trial_more_moves_a_saturated_curve_by_less_than_its_error() -> None:
    n_trials = np.full(6, 400.0)
    prior = np.array([2.0, 5.0, 0.0]), np.array([0.1, 0.2, 0.4])
    (one, covariance), (two, _) = (
        fit_probit(DESIGN, n_trials - np.array([n_below, 0, 0, 0, 0, 0]), n_trials, *prior) for n_below in (20, 21)
    )
    assert np.all(np.abs(two - one) < 0.5 * np.sqrt(np.diag(covariance)))
