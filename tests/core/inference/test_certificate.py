"""A certificate: skies of a known cross section are drawn, fitted, and their limits asked whether they cover."""

import numpy as np
import pytest

from core.inference.certificate import CertifiedPair, certificate_table, complaint, covered, fits_of_skies
from core.trials.run import run_trials
from core.trials.statistic import TrialStatistic
from tests.core.pdfs.test_sky_model import BINS, PAIR, joint

N_SKIES = 150


@pytest.fixture(scope="module")
def pair() -> CertifiedPair:
    scale = PAIR.signal_pdf()["n_s_per_sigma_v"][0].as_py()
    return CertifiedPair.of(joint(), PAIR.signal_pdf(), "data", BINS.reco_cos_zenith_edges, scale)


def test_skies_hold_the_densities(pair: CertifiedPair) -> None:
    assert pair.skies.background.sum() == pytest.approx(40_902)
    assert pair.skies.signal.sum() == pytest.approx(pair.n_s_per_strength)
    slope = float(np.sum(joint().model.signal[0] * (joint().model.ratio[0] - 1.0)))
    assert slope > 0.0


def test_a_known_signal_is_found_and_covered(pair: CertifiedPair) -> None:
    model, form = joint().model, PAIR.closed_form()
    truth = 2.0 * form.sensitivity
    fits = fits_of_skies(pair, truth / pair.n_s_per_strength, N_SKIES, np.random.default_rng(5))
    error = fits.n_s.std() / np.sqrt(N_SKIES)
    assert abs(fits.n_s.mean() - truth) < 4.0 * error
    assert fits.n_s.std() == pytest.approx(form.n_s_uncertainty, rel=0.25)
    background = TrialStatistic.of_values(run_trials(model, 20_000, seed=1).test_statistic_signed)
    signal = {
        number: TrialStatistic.of_values(run_trials(model, 5_000, number, 1).test_statistic_signed)
        for number in (round(factor * form.n_s_uncertainty) for factor in (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0))
    }
    kinds, p_values = covered(fits, background, signal, truth, form.sensitivity)
    for kind, covers in kinds.items():
        wanted = 0.6827 if kind == "interval" else 0.9
        assert covers.mean() == pytest.approx(wanted, abs=4.0 * np.sqrt(wanted * (1.0 - wanted) / N_SKIES)), kind
    assert 0.3 < p_values.mean() < 0.7


def row(**changed: object) -> dict[str, object]:
    sound = {"limit": "upper_limit_unfloored", "coverage": 0.9, "coverage_error": 0.004, "bias": 1.0}
    return {**sound, "bias_error": 1.0, "p_value_flatness": 0.5, "strength_true": 1e-21, **changed}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"coverage": 0.86}, "covers 86.0%"),
        ({"coverage": 0.95}, "covers 95.0%"),
        ({"limit": "upper_limit_cls", "coverage": 0.95}, ""),
        ({"limit": "interval", "coverage": 0.683}, ""),
        ({"limit": "interval", "coverage": 0.9}, "68.3% are due"),
        ({"bias": 40.0}, "n_s is +40.0"),
        ({"p_value_flatness": 1e-5}, "not flat"),
    ],
)
def test_bounds_are_held_and_named(changed: dict[str, object], said: str) -> None:
    found = complaint(row(**changed), n_s_uncertainty=170.0, confidence=0.9)
    assert (found == "") == (said == "")
    assert said in found


def test_the_table_speaks_of_the_strength() -> None:
    full = row(n_skies=10, pull=0.0, pull_width=1.0, passed=True, reason="")
    assert "sigma_v_true" in certificate_table([full], "sigma_v").column_names
    assert "decay_rate_true" in certificate_table([full], "decay_rate").column_names
