"""Trials of the counts where everything is known: 128 bins alike, a signal in half of them, one parameter free."""

from functools import cache

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from core.errors import PhysicsError
from core.inference.atmospheric_model import PRIOR_UNCERTAINTIES, CountsModel
from core.inference.counts_limit import CountsLimit, MeasuredBackground, counts_limit
from core.inference.counts_trials import (
    LEAST_TRIALS,
    BackgroundTrials,
    TrialsLimit,
    drawn_histograms,
    signed_statistics,
    trials_limit,
)
from core.response.folded import N_CELLS
from tests.core.inference.flat_counts import EXPECTED, HELD, SIGNAL, flat_model, strength_error

N_TRIALS = 400
Z = 1.2815515655446004


@cache
def model() -> CountsModel:
    return flat_model().with_signal(SIGNAL)


@cache
def background() -> BackgroundTrials:
    """Trials of the counts that the model expects."""
    measured = MeasuredBackground.of(flat_model(), np.full(N_CELLS, EXPECTED), HELD)
    return BackgroundTrials.of(flat_model(), measured, N_TRIALS, 1, HELD)


@cache
def limits(n_sigma: float) -> tuple[CountsLimit, TrialsLimit]:
    """Limits of counts with a signal of so many standard deviations, by the asymptotic law and by trials."""
    counts = EXPECTED + n_sigma * strength_error() * SIGNAL
    measured = MeasuredBackground.of(flat_model(), counts, HELD)
    trials = BackgroundTrials.of(flat_model(), measured, N_TRIALS, 1, HELD)
    asymptotic = counts_limit(model(), counts, fixed=HELD, background=measured)
    return asymptotic, trials_limit(model(), counts, asymptotic, trials, 2, fixed=HELD)


@pytest.mark.slow
def test_histograms_vary_as_counts_and_as_the_error_of_their_expectation() -> None:
    """420 events known to 10 %: a variance of 420 + 42²."""
    uncertain = flat_model(muon_error=42.0)
    drawn = drawn_histograms(uncertain, background().measured.fit, 500, np.random.default_rng(3)).counts
    assert drawn.mean() == pytest.approx(EXPECTED, rel=4.0 * 0.11 / np.sqrt(drawn.size))
    assert drawn.var() == pytest.approx(EXPECTED + 42.0**2, rel=4.0 * np.sqrt(2.0 / drawn.size))


def test_centres_of_priors_are_drawn_with_their_widths_and_no_others() -> None:
    drawn = background().histograms.priors - background().measured.fit.values
    has_prior = np.isfinite(PRIOR_UNCERTAINTIES)
    np.testing.assert_array_equal(drawn[:, ~has_prior], 0.0)
    widths = drawn[:, has_prior].std(axis=0) / PRIOR_UNCERTAINTIES[has_prior]
    np.testing.assert_allclose(widths, 1.0, atol=4.0 / np.sqrt(2.0 * N_TRIALS))


def test_signed_roots_without_signal_are_normal() -> None:
    """Wilks: the statistic with the sign of the fit is a signed square of a normal number."""
    statistic, _ = signed_statistics(model(), background().measured.fit, background().histograms, HELD)
    roots = np.sign(statistic) * np.sqrt(np.abs(statistic))
    assert roots.mean() == pytest.approx(0.0, abs=4.0 / np.sqrt(N_TRIALS))
    assert roots.std() == pytest.approx(1.0, abs=4.0 / np.sqrt(2.0 * N_TRIALS))
    assert np.mean(statistic > 1.0) == pytest.approx(float(ndtr(-1.0)), abs=4.0 * np.sqrt(0.16 * 0.84 / N_TRIALS))


@pytest.mark.slow
def test_known_fits_without_signal_are_taken_as_they_are() -> None:
    series = background().measured.series.with_signal(model())
    truth, histograms = background().measured.fit, background().histograms
    fitted = signed_statistics(model(), truth, histograms, HELD)
    known = signed_statistics(model(), truth, histograms, HELD, series, background().without)
    np.testing.assert_allclose(known[0], fitted[0], atol=1e-4)
    np.testing.assert_allclose(known[1], fitted[1], atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("n_sigma", [0.0, 1.0, 2.5])
def test_the_asymptotic_limits_have_their_closed_forms(n_sigma: float) -> None:
    """In σ of the Fisher matrix: the fit, fit + z without floor, and CL_s fit + Φ⁻¹(1 - 0.1 Φ(fit))."""
    found, sigma = limits(n_sigma)[0], strength_error()
    assert found.best_fit / sigma == pytest.approx(n_sigma, abs=0.02)
    assert found.uncertainty / sigma == pytest.approx(1.0, rel=0.05)
    assert found.significance == pytest.approx(n_sigma, rel=0.05, abs=0.02)
    assert found.upper_limit_plain is not None
    assert found.upper_limit_plain / sigma == pytest.approx(n_sigma + Z, rel=0.04)
    by_cls = n_sigma + float(ndtri(1.0 - 0.1 * ndtr(n_sigma)))
    assert found.upper_limit / sigma == pytest.approx(by_cls, rel=0.05)


@pytest.mark.slow
def test_expected_limits_are_those_of_a_gaussian_strength() -> None:
    """σ [Φ⁻¹(1 - α Φ(N)) + N] at N standard deviations."""
    found, sigma = limits(0.0)[0].expected, strength_error()
    for name, n in {"lo95": -2.0, "lo68": -1.0, "median": 0.0, "hi68": 1.0, "hi95": 2.0}.items():
        wanted = float(ndtri(1.0 - 0.1 * ndtr(n))) + n
        assert found[name] / sigma == pytest.approx(wanted, rel=0.06), name


@pytest.mark.slow
@pytest.mark.parametrize("n_sigma", [0.0, 1.0, 2.5])
def test_limits_by_trials_are_the_asymptotic_ones_to_their_error(n_sigma: float) -> None:
    asymptotic, trials = limits(n_sigma)
    assert trials.upper_limit_plain is not None
    assert asymptotic.upper_limit_plain is not None
    assert trials.upper_limit_plain == pytest.approx(asymptotic.upper_limit_plain, abs=4.0 * trials.upper_limit_error)
    assert 0.0 < trials.upper_limit_error < 0.15 * trials.upper_limit
    share = float(ndtr(-n_sigma))
    assert trials.p_value == pytest.approx(share, abs=4.0 * np.sqrt(share * (1.0 - share) / N_TRIALS) + 0.01)
    # The counts are those expected, but for the signal: hardly any trial fits better.
    assert trials.goodness_of_fit > 0.9
    assert trials.n_trials == 6 * N_TRIALS


@pytest.mark.slow
def test_an_observed_deficit_has_the_median_as_its_limit() -> None:
    _, trials = limits(-2.0)
    assert trials.upper_limit_plain is None
    assert trials.expected["median"] is not None
    assert trials.upper_limit == pytest.approx(trials.expected["median"])
    assert trials.p_value > 0.9
    assert trials.expected["lo95"] is None  # background alone is below it in more than a tenth


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    measured = background().measured
    first, again, other = (BackgroundTrials.of(flat_model(), measured, LEAST_TRIALS, seed, HELD) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.histograms.counts, again.histograms.counts)
    np.testing.assert_array_equal(first.without.values, again.without.values)
    assert np.any(first.histograms.counts != other.histograms.counts)


def test_too_few_trials_are_refused() -> None:
    with pytest.raises(PhysicsError, match=f"99 trials are too few for a limit: take {LEAST_TRIALS} or more"):
        BackgroundTrials.of(flat_model(), background().measured, 99, 1, HELD)


def test_a_model_without_signal_has_no_limit() -> None:
    with pytest.raises(PhysicsError, match="a model without signal: give it one by with_signal"):
        counts_limit(flat_model(), np.full(N_CELLS, EXPECTED), fixed=HELD)
