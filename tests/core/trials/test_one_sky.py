"""Fits of skies that all pairs share, and p-values that hold for all of them together."""

import numpy as np
import pytest
from healpy import nside2npix
from scipy.stats import kstest

from core.likelihood.fit import fit_n_s
from core.likelihood.model import TrialModel
from core.pdfs.sky_model import SkyModel
from core.trials.one_sky import common_sky_fits, fits_of_counts, global_p_values
from core.trials.run import run_trials

NSIDE, N_EVENTS, N_CELLS = 8, 5000, 12
N_PIXELS = nside2npix(NSIDE)
N_RINGS = 4 * NSIDE - 1


def pair(seed: int, inside: int = N_PIXELS) -> SkyModel:
    """Cells that pixels fall into at random; of a pair with a window only the first so many pixels."""
    generator = np.random.default_rng(seed)
    cell_of = np.full(2 * N_PIXELS, -1)
    cell_of[:inside] = generator.integers(0, N_CELLS, inside)
    background = np.bincount(cell_of[cell_of >= 0], minlength=N_CELLS) / inside
    signal = background * np.linspace(0.2, 2.0, N_CELLS)
    signal /= signal.sum()
    return SkyModel(TrialModel.joint(background, signal, signal / background, N_EVENTS), cell_of)


def even_background() -> np.ndarray:
    """All events in the first of two maps, even over the sky."""
    pixels = np.bincount(np.repeat(np.arange(N_RINGS), _pixels_of_rings()), minlength=N_RINGS)
    return np.stack([pixels, np.zeros(N_RINGS)])[np.newaxis].transpose(1, 0, 2) / N_PIXELS


def _pixels_of_rings() -> np.ndarray:
    cap = 4 * np.arange(1, NSIDE)
    return np.concatenate([cap, np.full(2 * NSIDE + 1, 4 * NSIDE), cap[::-1]])


def test_counts_are_fitted_as_single_likelihoods_are() -> None:
    sky = pair(1)
    counts = np.random.default_rng(2).multinomial(N_EVENTS, sky.model.background[0], size=70)
    found = fits_of_counts(sky, counts)
    exact = fit_n_s(counts, sky.model.ratio[0], allow_negative=True)
    assert found["n_s_signed"] == pytest.approx(exact.n_s, abs=1e-6)
    assert found["test_statistic"] == pytest.approx(np.maximum(exact.test_statistic, 0.0), abs=1e-9)


def test_a_sky_keeps_its_events() -> None:
    sky = pair(1)
    events = np.random.default_rng(4).poisson(1.0, 2 * N_PIXELS)
    assert sky.counts(events).sum() == events[:N_PIXELS].sum()


def test_common_skies_have_the_law_of_trials_and_their_own_order() -> None:
    one, other = pair(1), pair(2)
    fits = common_sky_fits([one, other, one], even_background(), N_EVENTS, NSIDE, 600, (5, 6))
    assert np.array_equal(fits[0]["n_s_signed"], fits[2]["n_s_signed"])
    trials = run_trials(one.model, 4000, seed=1)
    assert kstest(fits[0]["test_statistic_signed"], trials.test_statistic_signed).pvalue > 1e-3
    again = common_sky_fits([other], even_background(), N_EVENTS, NSIDE, 40, (5, 6))
    assert np.array_equal(again[0]["n_s"], fits[1]["n_s"][:40])


def test_a_global_p_value_of_one_pair_is_its_own() -> None:
    values = np.random.default_rng(1).normal(size=999)
    for observed in (-1.0, 0.5, 2.0):
        expected = (np.sum(values >= observed) + 1) / 1000
        assert global_p_values({"a": values}, {"a": observed})["a"] == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_global_p_values_are_flat_without_signal(correlation: float) -> None:
    generator = np.random.default_rng(7)
    covariance = np.full((5, 5), correlation) + (1.0 - correlation) * np.eye(5)
    skies = generator.multivariate_normal(np.zeros(5), covariance, size=2000)
    by_pair = {str(number): skies[:, number] for number in range(5)}
    drawn = generator.multivariate_normal(np.zeros(5), covariance, size=300)
    found = [min(global_p_values(by_pair, dict(zip(by_pair, sky, strict=True))).values()) for sky in drawn]
    assert kstest(found, "uniform").pvalue > 1e-3


def test_a_bounded_statistic_of_0_in_all_pairs_has_p_1() -> None:
    skies = np.maximum(np.random.default_rng(1).normal(size=(2, 500)), 0.0)
    found = global_p_values({"a": skies[0], "b": skies[1]}, {"a": 0.0, "b": 0.0})
    assert set(found.values()) == {1.0}
