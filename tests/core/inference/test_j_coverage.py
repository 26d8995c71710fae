"""Limits with J factors fixed and profiled, where J factors are observed about true ones: how often they cover.

Skies are drawn from the true J factors (those of the catalogue), the background anew from each; the analysis takes J
factors that are drawn about these with each value's own errors. With --log-cli-level=info it tells the numbers of
docs/j-factors.md.
"""

import logging
from functools import cache

import numpy as np
import pytest
from scipy.special import ndtri

from core.inference.j_calibration import calibrated_drop
from core.likelihood.j_profile import FactorErrors, profiled_strength
from tests.core.pdfs.public_pairs import public_pair
from tests.core.pdfs.source_pairs import cells, patterns, skies

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

LOG = logging.getLogger(__name__)
N_SKIES = 2000
PAIRS = [("tautau", 20.0), ("bb", 50.0)]
MULTIPLES = (1.0, 3.0)  # of the sensitivity with J factors fixed
LIMITS = ("profiled, calibrated", "profiled, fall of Gaussian errors", "fixed", "profiled, calibrated, Gaussian skies")


def errors(channel: str, mass: float) -> FactorErrors:
    return FactorErrors.of_sources(public_pair(channel, mass).expected.sources)


@cache
def drop(channel: str, mass: float) -> float:
    return calibrated_drop(patterns(channel, mass).information, errors(channel, mass), seed=3).greatest


@cache
def limits(channel: str, mass: float, multiple: float, other_truth: int = 0) -> np.ndarray:
    """Upper limits of skies in units of the true strength, (n_skies, 4), in the order of LIMITS."""
    known, calibrated = errors(channel, mass), drop(channel, mass)
    n_sources, generator = known.low.size, np.random.default_rng([17, other_truth])
    true_factors = np.ones(n_sources)
    if other_truth:
        true_factors = np.exp(known.shifts(np.random.default_rng(other_truth).normal(size=n_sources)))
    information = patterns(channel, mass).information
    strength = multiple * float(ndtri(0.9)) / np.sqrt(true_factors @ information @ true_factors)
    excess, fixed = cells(channel, mass).excess, FactorErrors.none(n_sources)
    found = np.empty((N_SKIES, len(LIMITS)))
    for row in found:
        sky = skies(channel, mass).draw(strength * true_factors, generator)
        observed = true_factors * np.exp(-known.shifts(generator.normal(size=n_sources)))
        exact, gaussian = sky.likelihood(excess, observed), sky.gaussian_likelihood(excess, observed)
        row[0] = profiled_strength(exact, known, calibrated).upper_limit
        row[1] = profiled_strength(exact, known).upper_limit
        row[2] = profiled_strength(exact, fixed).upper_limit
        row[3] = profiled_strength(gaussian, known, calibrated).upper_limit
    return found / strength


def report(name: str, found: np.ndarray) -> np.ndarray:
    covered = np.mean(found >= 1.0, axis=0)
    medians = np.median(found, axis=0)
    for limit, share, median in zip(LIMITS, covered, medians, strict=True):
        LOG.info("%s: %s: coverage %.3f, median limit %.2f of the truth", name, limit, share, median)
    return covered


@pytest.mark.parametrize("multiple", MULTIPLES)
@pytest.mark.parametrize(("channel", "mass"), PAIRS)
def test_the_profiled_limit_covers_and_the_fixed_one_does_not(channel: str, mass: float, multiple: float) -> None:
    found = limits(channel, mass, multiple)
    LOG.info("%s/%g: calibrated fall of 2 ln L %.2f", channel, mass, drop(channel, mass))
    profiled, too_little, fixed, gaussian = report(f"{channel}/{mass:g}, {multiple:g} x sensitivity", found)
    assert profiled >= 0.885
    assert gaussian >= 0.885
    assert too_little < 0.86
    assert fixed < 0.65
    assert np.median(np.abs(found[:, 3] / found[:, 0] - 1.0)) < 0.02


@pytest.mark.parametrize("truth", [1, 2])
def test_the_profiled_limit_covers_about_other_true_factors_with_the_fall_of_the_catalogue(truth: int) -> None:
    """The fall is calibrated about the catalogue's values, the truth is another."""
    profiled, _, fixed, _ = report(f"tautau/20, other truth {truth}", limits("tautau", 20.0, 1.0, truth))
    assert profiled >= 0.86
    assert fixed < profiled
