"""Discovery potential: Gaussian closed forms, and trials beyond the threshold."""

import numpy as np
import pytest

from core.errors import PhysicsError
from core.inference.discovery_product import discovery_table
from core.inference.sensitivity_product import SignalScale
from core.likelihood.closed_form import closed_form
from core.likelihood.model import TrialModel
from core.trials.run import run_trials
from core.trials.tail import FIVE_SIGMA, THREE_SIGMA

SCALE = SignalScale(
    n_s_per_strength=1e22, n_s_per_strength_error=1e20, flux_per_strength=1e18, limitation="a limitation", sample="own"
)


def model() -> TrialModel:
    rng = np.random.default_rng(5)
    background = np.full(128, 1.0 / 128)
    signal = background * np.exp(0.8 * rng.normal(size=128))
    signal /= signal.sum()
    return TrialModel.joint(background, signal, signal / background, 40_000)


@pytest.fixture(scope="module")
def row() -> dict[str, float]:
    (found,) = discovery_table(model(), SCALE, uncertainty(), 40_000, 2_000, 3, "data").to_pylist()
    return found


def uncertainty() -> float:
    form = closed_form(model().background[0], model().signal[0], model().ratio[0], 40_000)
    return form.n_s_uncertainty


def test_thresholds_are_near_those_of_half_a_chi_square_and_say_their_errors(row):
    for level, p_value, threshold in (("3sigma", THREE_SIGMA, 9.0), ("5sigma", FIVE_SIGMA, 25.0)):
        assert row[f"threshold_{level}"] == pytest.approx(threshold, rel=0.05)
        assert 0.0 < row[f"threshold_{level}_error"] < 0.02 * threshold
        assert row[f"threshold_{level}_n_effective"] > 500.0
        assert row[f"threshold_{level}_asymptotic_p_value"] == pytest.approx(p_value, rel=0.3)


def test_half_of_trials_at_the_discovery_potential_exceed_the_threshold(row):
    for level, n_sigma in (("3sigma", 3.0), ("5sigma", 5.0)):
        n_s, error = row[f"n_s_discovery_{level}"], row[f"n_s_discovery_{level}_error"]
        assert n_s == pytest.approx(n_sigma * uncertainty(), rel=0.07)
        assert 0.0 < error < 0.03 * n_s
        trials = run_trials(model(), 20_000, n_s, seed=9, poisson=True)
        share = np.mean(trials.test_statistic > row[f"threshold_{level}"])
        slope = 0.4 / uncertainty()
        assert abs(share - 0.5) < 4.0 * np.hypot(0.5 / np.sqrt(20_000), slope * error) + 0.005
        assert row[f"sigma_v_discovery_{level}"] == pytest.approx(n_s / 1e22)


def test_the_row_says_what_it_is_of(row):
    assert (row["statistic"], row["background"], row["limitation"]) == ("joint", "data", "a limitation")
    assert row["n_tail_trials"] == 40_000
    assert row["n_signal_trials"] == 16_000


def test_skies_of_their_own_give_no_discovery_potential():
    apart = TrialModel.per_source([[0.5, 0.5], [0.5, 0.5]], [0.9, 0.1], [0.5, 0.5], 1_000)
    with pytest.raises(PhysicsError, match="sky of its own"):
        discovery_table(apart, SCALE, 30.0, 10_000, 100, 1, "data")
