"""Galaxies and halo drawn and fitted with the same profile, the background from each sky anew.

Numbers of events are Poisson, each sky its own; the signal is 3 times the sensitivity of the very fit.
"""

from functools import cache

import numpy as np
import pytest
from scipy.optimize import brentq

from core.likelihood.interval import LikelihoodInterval
from tests.core.pdfs.halo_pairs import HaloPair, halo_pair
from tests.core.pdfs.halo_skies import FreeFits, HaloSkies

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

N_SKIES = 4000
N_PULLED_SKIES = 2000
N_HALO = 1000.0
CASES = [("tautau", 20.0, "nfw"), ("bb", 50.0, "burkert")]
ONE_SIDED_90 = 1.2816**2

cases = pytest.mark.parametrize("case", CASES, ids=["-".join(map(str, case)) for case in CASES])

Case = tuple[str, float, str]


def injected(both: HaloPair) -> tuple[float, float]:
    """Mean numbers of events: of galaxies beside a free halo, and of both at one cross section."""
    sensitivity = both.information().sensitivity
    together = both.n_s_per_sigma_v + both.halo_per_sigma_v
    return 3.0 * sensitivity["free"] * both.n_s_per_sigma_v, 3.0 * sensitivity["same_cross_section"] * together


@cache
def free_fits(case: Case) -> FreeFits:
    both = halo_pair(*case)
    return HaloSkies(both).beside_a_free_halo(injected(both)[0], N_HALO, N_SKIES, seed=3)


@cache
def fits_at_one_cross_section(case: Case) -> LikelihoodInterval:
    both = halo_pair(*case)
    return HaloSkies(both).at_one_cross_section(injected(both)[1], N_SKIES, seed=2)


@cases
def test_galaxies_are_found_beside_a_free_halo(case: Case) -> None:
    found, truth = free_fits(case), injected(halo_pair(*case))[0]
    assert found.n_signal.mean() == pytest.approx(truth, rel=0.03)
    assert found.n_beside.mean() == pytest.approx(N_HALO, rel=0.03)
    assert found.n_signal.std() == pytest.approx(truth / 3.0 / 1.2816, rel=0.1)


@cases
def test_the_profiled_interval_covers_the_galaxies(case: Case) -> None:
    found, truth = free_fits(case), injected(halo_pair(*case))[0]
    assert np.mean(found.drop <= 1.0) == pytest.approx(0.6827, abs=0.015)
    below_upper_limit = (found.n_signal >= truth) | (found.drop <= ONE_SIDED_90)
    assert np.mean(below_upper_limit) == pytest.approx(0.90, abs=0.015)


@cases
def test_the_one_cross_section_of_galaxies_and_halo_is_found_and_covered(case: Case) -> None:
    found, truth = fits_at_one_cross_section(case), injected(halo_pair(*case))[1]
    assert found.best.mean() == pytest.approx(truth, rel=0.03)
    assert found.covers(truth).mean() == pytest.approx(0.6827, abs=0.015)


@cases
def test_a_halo_that_is_not_fitted_pulls_the_galaxies_as_computed(case: Case) -> None:
    """The expected sky's own fit within 3 errors; the closed form, of first order, within a tenth."""
    both = halo_pair(*case)
    found = HaloSkies(both).galaxies_alone(N_HALO, N_PULLED_SKIES, seed=1).best
    error = found.std() / np.sqrt(N_PULLED_SKIES)
    assert abs(found.mean() - pulled_fit_of_mean_sky(both, N_HALO)) < 3.0 * error
    information = both.information()
    closed_form = N_HALO / information.n_events_per_strength * information.pull_per_strength
    assert pulled_fit_of_mean_sky(both, N_HALO) == pytest.approx(closed_form, rel=0.1)


def pulled_fit_of_mean_sky(both: HaloPair, n_halo: float) -> float:
    """The n_s that a fit of galaxies alone finds where each cell holds what is expected, with that sky's background."""
    signal, average, background = both.pair.sky()
    halo, halo_average = (
        both.halo[f"signal_{name}"].to_numpy().reshape(signal.shape) for name in ("probability", "average_probability")
    )
    total = both.n_events + n_halo
    own = (both.n_events * background + n_halo * halo_average) / total
    excess = (signal - average) / own
    share = own + n_halo / total * (halo - halo_average)
    return float(brentq(lambda n_s: np.sum(share * excess / (1.0 + n_s * excess / total)), -1500.0, 500.0))
