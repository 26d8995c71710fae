"""Fits find the kernels that binned zenith angles were made with, through any selection."""

import numpy as np
import pytest

from core.response.kernels import zenith_probabilities
from core.response.mixture_fit import (
    KAPPA_GRID,
    KernelPrior,
    TwoKernels,
    fit_two_kernels,
    mixture_errors,
    nearest_kappa,
)

EDGES = np.linspace(-1.0, 1.0, 9)
DIRECTIONS = np.linspace(-0.975, 0.975, 40)
PRIOR = KernelPrior(nearest_kappa(0.2), nearest_kappa(0.6), spread=1.0)
MANY = 1e9


@pytest.fixture(scope="module")
def probabilities() -> np.ndarray:
    return zenith_probabilities(KAPPA_GRID, DIRECTIONS, EDGES)


def expected(probabilities: np.ndarray, kernels: TwoKernels, selection: np.ndarray) -> np.ndarray:
    share = kernels.tail_fraction
    kept = ((1.0 - share) * probabilities[kernels.core] + share * probabilities[kernels.tail]) * selection
    return kept / kept.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("truth", [TwoKernels(74, 35, 0.3), TwoKernels(60, 30, 0.7), TwoKernels(90, 20, 0.1)])
@pytest.mark.parametrize("slope", [0.0, 2.0])
def test_fit_returns_the_kernels_behind_exact_counts(
    probabilities: np.ndarray, truth: TwoKernels, slope: float
) -> None:
    selection = np.tile(np.exp(slope * EDGES[:-1]), (len(DIRECTIONS), 1))
    counts = expected(probabilities, truth, selection) * np.linspace(1.0, 3.0, 40)[:, None]
    fit = fit_two_kernels(counts, probabilities, selection, PRIOR, MANY)
    assert (fit.core, fit.tail) == (truth.core, truth.tail)
    assert fit.tail_fraction == pytest.approx(truth.tail_fraction, abs=2e-3)


def test_few_events_leave_the_kernels_at_the_prior(probabilities: np.ndarray) -> None:
    truth = TwoKernels(110, 10, 0.5)
    counts = expected(probabilities, truth, np.ones((40, 8)))
    fit = fit_two_kernels(counts, probabilities, np.ones((40, 8)), KernelPrior(50, 30, spread=0.1), n_effective=1.0)
    assert abs(fit.core - 50) <= 2
    assert abs(fit.tail - 30) <= 2


def test_errors_fall_with_the_root_of_the_number_of_events(probabilities: np.ndarray) -> None:
    truth = TwoKernels(74, 35, 0.3)
    flat = np.ones((40, 8))
    counts = expected(probabilities, truth, flat)
    few, many = (mixture_errors(counts, probabilities, flat, truth, n) for n in (1e4, 1e6))
    np.testing.assert_allclose(few, 10.0 * many, rtol=1e-6)
    assert np.all(many > 0.0)


def test_errors_describe_the_scatter_of_fits(probabilities: np.ndarray) -> None:
    truth, n_events, flat = TwoKernels(74, 35, 0.3), 20000, np.ones((40, 8))
    shares = expected(probabilities, truth, flat) / 40.0
    generator = np.random.default_rng(5)
    loose = KernelPrior(74, 35, spread=5.0)
    fits = []
    for _ in range(60):
        counts = generator.multinomial(n_events, shares.ravel()).reshape(shares.shape).astype(float)
        fits.append(fit_two_kernels(counts, probabilities, flat, loose, n_events).tail_fraction)
    error = mixture_errors(shares, probabilities, flat, truth, n_events)[2]
    assert np.std(fits) == pytest.approx(error, rel=0.35)
