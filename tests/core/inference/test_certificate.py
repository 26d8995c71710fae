"""A certificate: skies of a known cross section are drawn, fitted, and their limits asked whether they cover."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from core.inference.certificate import TrialsOfPair, certificate_rows, certificate_table, covered
from core.inference.certified_pair import SkyFits, fits_of_skies
from core.trials.statistic import TrialStatistic
from tests.core.inference.certified_pairs import certified
from tests.core.pdfs.public_pairs import public_pair

N_SKIES = 150
PAIR = ("tautau", 20.0)


@pytest.fixture(autouse=True)
def few_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few trials behind the limits of few skies: half a per cent of coverage, of some skies that tell ten."""
    monkeypatch.setattr("core.inference.certificate.N_SIGNAL", 5_000)


@pytest.mark.slow
def test_a_known_signal_is_found_and_covered() -> None:
    pair, form = certified(*PAIR), public_pair(*PAIR).closed_form()
    truth = 2.0 * form.sensitivity
    strength = truth / pair.n_s_per_strength
    fits = fits_of_skies(pair, strength, N_SKIES, np.random.default_rng(5))
    assert abs(fits.n_s.mean() - truth) < 4.0 * fits.n_s.std() / np.sqrt(N_SKIES)
    assert fits.n_s.std() == pytest.approx(form.n_s_uncertainty, rel=0.25)
    trials = TrialsOfPair.drawn(pair.expected_model(strength), form.n_s_uncertainty, truth, seed=1)
    kinds, p_values = covered(fits, trials.background, trials.signal, truth, form.sensitivity)
    for kind, covers in kinds.items():
        wanted = 0.6827 if kind == "interval" else 0.9
        assert covers.mean() == pytest.approx(wanted, abs=4.0 * np.sqrt(wanted * (1.0 - wanted) / N_SKIES)), kind
    assert p_values.mean() == pytest.approx(0.5, abs=4.0 * np.sqrt(1.0 / 12.0 / N_SKIES))


@pytest.mark.slow
@pytest.mark.parametrize("truth", [0.6, 2.6])
def test_every_kind_covers_gaussian_fits_as_its_closed_form_does(truth: float) -> None:
    """100,000 fits whose signed root is normal about the truth, in standard deviations; errors of 0.1 %."""
    spread, random = 3000.0, np.random.default_rng(7)

    def statistic(mean: float, n_trials: int) -> TrialStatistic:
        root = random.normal(mean, 1.0, n_trials)
        return TrialStatistic.of_values(root * np.abs(root))

    signal = {round(n * spread): statistic(n, 100_000) for n in np.arange(0.5, truth + 6.5, 0.75)}
    root = random.normal(truth, 1.0, 100_000)
    nothing = np.zeros_like(root)
    fits = SkyFits(root * spread, root, nothing, nothing, nothing, nothing)
    kinds, _ = covered(fits, statistic(0.0, 1_000_000), signal, truth * spread, 1.2816 * spread)
    assert kinds["upper_limit_unfloored"].mean() == pytest.approx(0.9, abs=0.004)
    assert kinds["feldman_cousins"].mean() == pytest.approx(0.9, abs=0.004)
    # CL_s holds the truth where Φ(truth - r) <= 1 - 0.1 Φ(r): r above the root of that.
    due = brentq(lambda r: norm.cdf(truth - r) - 1.0 + 0.1 * norm.cdf(r), -9.0, truth)
    assert kinds["upper_limit_cls"].mean() == pytest.approx(norm.sf(due - truth), abs=0.004)


@pytest.mark.slow
def test_a_certificate_of_few_skies_fails_nothing_and_decides_little() -> None:
    pair, form = certified(*PAIR), public_pair(*PAIR).closed_form()
    rows = certificate_rows(pair, form.sensitivity, form.n_s_uncertainty, 60, seed=3)
    assert len(rows) == 5 * 6
    assert all(row["passed"] is not False for row in rows)
    unfloored = [row for row in rows if row["limit"] == "upper_limit_unfloored"]
    assert all(row["passed"] is None and "undecided" in str(row["reason"]) for row in unfloored)


def row(**changed: object) -> dict[str, object]:
    sound = {"limit": "upper_limit_unfloored", "coverage": 0.9, "coverage_error": 0.004, "bias": 1.0}
    return {**sound, "bias_error": 1.0, "p_value_flatness": 0.5, "strength_true": 1e-21, **changed}


def test_the_table_speaks_of_the_strength() -> None:
    full = row(n_skies=10, pull=0.0, pull_width=1.0, passed=True, reason="")
    assert "sigma_v_true" in certificate_table([full], "sigma_v").column_names
    assert "decay_rate_true" in certificate_table([full], "decay_rate").column_names
