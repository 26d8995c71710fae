"""Sensitivities, bands and limits against Gaussian closed forms, Poisson trials and the likelihood's information."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from core.errors import PhysicsError
from core.inference.sensitivity import (
    BAND_QUANTILES,
    EfficiencyCurve,
    discovery_potential,
    p_value,
    sensitivity,
    upper_limit,
)
from core.likelihood.closed_form import closed_form
from core.likelihood.model import TrialModel
from core.trials.run import run_trials

SIGMA = 100.0
MULTIPLES = (0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)


def gaussian_trials(n_background=100_000, n_signal=4_000, seed=1):
    """Signed TS of an estimator that is Gaussian with sigma(n_s) = 100 whatever is injected."""
    rng = np.random.default_rng(seed)

    def trials(n_injected, n_trials):
        pull = rng.normal(n_injected / SIGMA, 1.0, n_trials)
        return np.sign(pull) * pull**2

    return trials(0, n_background), {int(m * SIGMA): trials(int(m * SIGMA), n_signal) for m in MULTIPLES}


def gaussian_mean(threshold_pull, efficiency):
    """The Poisson mean mu with (mu/sigma - t)/sqrt(1 + mu/sigma^2) = z."""
    z = norm.ppf(efficiency)
    a, b, c = 1 / SIGMA**2, -(2 * threshold_pull / SIGMA + z**2 / SIGMA**2), threshold_pull**2 - z**2
    return (-b + math.copysign(math.sqrt(b * b - 4 * a * c), z)) / (2 * a)


def close(estimate, expected, n_errors=4.0):
    return abs(estimate.n_s - expected) < n_errors * estimate.error and estimate.error < 0.15 * expected + 5.0


def test_gaussian_trials_give_gaussian_answers():
    result = sensitivity(*gaussian_trials())
    assert close(result.sensitivity, gaussian_mean(0.0, 0.9))
    assert close(result.cls_median, gaussian_mean(0.0, 0.95))
    assert result.band["lo95"] is None
    for name in ("lo68", "hi68", "hi95"):
        assert close(result.band[name], gaussian_mean(norm.ppf(BAND_QUANTILES[name]), 0.9))
    for name, quantile in BAND_QUANTILES.items():
        assert close(result.cls_band[name], gaussian_mean(norm.ppf(quantile), 1.0 - 0.1 * quantile))
        assert result.cls_band[name].n_s > 0.0
    assert result.n_background_trials == 100_000
    assert result.n_signal_trials == 36_000


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [0.0, 4.0])
def test_errors_are_the_spread_of_repetitions(threshold):
    repetitions = [
        EfficiencyCurve(*gaussian_trials(5_000, 1_000, seed), threshold).crossing(0.9) for seed in range(200)
    ]
    spread = np.std([estimate.n_s for estimate in repetitions], ddof=1)
    assert np.mean([estimate.error for estimate in repetitions]) == pytest.approx(spread, rel=0.2)


@pytest.mark.slow
def test_efficiency_curve_agrees_with_trials_of_a_poisson_number():
    rng = np.random.default_rng(2)
    background = rng.exponential(size=256) ** 2
    background /= background.sum()
    signal = background * np.exp(1.05 * rng.normal(size=256))
    signal /= signal.sum()
    model = TrialModel.joint(background, signal, signal / background, 5_000)
    form = closed_form(background, signal, signal / background, 5_000)
    numbers = [round(m * form.n_s_uncertainty) for m in MULTIPLES]
    trials = {n: run_trials(model, 10_000, n, seed=1).test_statistic_signed for n in numbers}
    curve = EfficiencyCurve(run_trials(model, 100_000, seed=2).test_statistic_signed, trials, 1.0)
    for mean in np.array([0.3, 1.3, 2.2]) * form.n_s_uncertainty:
        poisson = run_trials(model, 50_000, float(mean), seed=3, poisson=True).test_statistic_signed
        share = np.mean(poisson > 1.0)
        error = math.hypot(curve.efficiency_error(mean), math.sqrt(share * (1 - share) / 50_000))
        assert abs(curve.efficiency(mean) - share) < 4.5 * error


def test_closed_form_holds_against_trials():
    rng = np.random.default_rng(5)
    background = np.full(100, 0.01)
    signal = rng.dirichlet(np.full(100, 2.0))
    ratio = signal / background
    model = TrialModel.joint(background, signal, ratio, 40_000)
    form = closed_form(background, signal, ratio, 40_000)
    assert form.slope == pytest.approx(form.fisher_information)
    trials = run_trials(model, 100_000, seed=1)
    assert trials.n_s_signed.std() == pytest.approx(form.n_s_uncertainty, rel=0.02)
    numbers = [round(m * form.n_s_uncertainty) for m in MULTIPLES]
    signal_trials = {n: run_trials(model, 10_000, n, seed=2).test_statistic_signed for n in numbers}
    assert sensitivity(trials.test_statistic_signed, signal_trials).sensitivity.n_s == pytest.approx(
        form.sensitivity, rel=0.03
    )


def test_closed_form_solves_its_equation():
    background, signal = np.array([0.9, 0.1]), np.array([0.5, 0.5])
    ratio = signal / background
    form = closed_form(background, signal, ratio, 1_000)
    information = 0.9 * (5 / 9 - 1) ** 2 + 0.1 * 16
    curvature = (0.5 * (5 / 9 - 1) ** 2 + 0.5 * 16) / information**2
    mu = form.sensitivity
    assert form.fisher_information == pytest.approx(information)
    assert form.n_s_uncertainty == pytest.approx(math.sqrt(1_000 / information))
    variance = 1_000 / information + mu * (curvature - 1 / information) - mu**2 / 1_000
    assert mu == pytest.approx(1.2815515655 * math.sqrt(variance), rel=1e-9)


def test_closed_form_refuses_a_signal_like_background():
    with pytest.raises(PhysicsError, match="are the same"):
        closed_form(np.array([0.5, 0.5]), np.array([0.5, 0.5]), np.ones(2), 100)


def test_upper_limit_is_never_below_the_sensitivity_unless_asked():
    background, signal = gaussian_trials()
    high = upper_limit(background, signal, 4.0, one_sky=True)
    assert not high.is_sensitivity
    assert close(high.upper_limit, gaussian_mean(2.0, 0.9))
    low = upper_limit(background, signal, -0.25, one_sky=True)
    assert low.is_sensitivity
    assert low.upper_limit == sensitivity(background, signal).sensitivity
    asked = upper_limit(background, signal, -0.25, one_sky=True, never_below_sensitivity=False)
    assert close(asked.upper_limit, gaussian_mean(-0.5, 0.9))
    assert close(asked.cls_upper_limit, gaussian_mean(-0.5, 1.0 - 0.1 * norm.cdf(-0.5)))
    assert upper_limit(background, signal, -9.0, one_sky=True, never_below_sensitivity=False).upper_limit is None
    assert upper_limit(background, signal, -9.0, one_sky=True).cls_upper_limit.n_s > 0.0


@pytest.mark.parametrize("observed", [-16.0, -30.0, -1e3, -np.inf])
def test_a_deep_underfluctuation_has_limits(observed):
    background, signal = gaussian_trials()
    found = upper_limit(background, signal, observed, one_sky=True)
    assert found.is_sensitivity
    assert found.observed_test_statistic == observed
    shallow = upper_limit(background, signal, -9.0, one_sky=True)
    assert 0.0 < found.cls_upper_limit.n_s <= shallow.cls_upper_limit.n_s + 3.0 * shallow.cls_upper_limit.error
    lowest = norm.ppf(20 / 100_000)
    expected = gaussian_mean(lowest, 1.0 - 0.1 * norm.cdf(lowest))
    assert abs(found.cls_upper_limit.n_s - expected) < 2.0 * found.cls_upper_limit.error


def test_what_is_no_number_is_refused():
    background, signal = gaussian_trials(1_000, 100)
    for refused in (p_value, lambda *given, one_sky: upper_limit(given[0], signal, given[1], one_sky=one_sky)):
        with pytest.raises(PhysicsError, match="observed test statistic is no number"):
            refused(background, np.nan, one_sky=True)
    spoilt = background.copy()
    spoilt[7] = np.nan
    with pytest.raises(PhysicsError, match="1 of 1000 trials have a test statistic that is no number"):
        sensitivity(spoilt, signal)
    with pytest.raises(PhysicsError, match="no number"):
        sensitivity(background, signal | {100: np.full(100, np.nan)})
    with pytest.raises(PhysicsError, match="no number"):
        p_value(spoilt, 1.0, one_sky=True)
    with pytest.raises(PhysicsError, match="no background trials"):
        p_value(background[:0], 1.0, one_sky=True)


def test_two_trials_give_no_sensitivity():
    background, signal = gaussian_trials(1_000, 100)
    with pytest.raises(PhysicsError, match="2 trials with 0 injected events give no share of 90 %"):
        sensitivity(background[:2], signal)
    with pytest.raises(PhysicsError, match="2 trials with 100 injected events"):
        sensitivity(background, signal | {100: signal[100][:2]})


def test_skies_of_their_own_give_no_p_value_and_no_limit():
    background, signal = gaussian_trials(1_000, 100)
    with pytest.raises(PhysicsError, match="own"):
        upper_limit(background, signal, 1.0, one_sky=False)
    with pytest.raises(PhysicsError, match="own"):
        p_value(background, 1.0, one_sky=False)


def test_p_value_counts_the_observation_itself():
    background = np.arange(99.0)
    assert p_value(background, 98.0, one_sky=True).p_value == pytest.approx(0.02)
    assert p_value(background, 1e9, one_sky=True).p_value == pytest.approx(0.01)
    assert p_value(background, -1.0, one_sky=True) == (1.0, 0.0)


def test_discovery_potential_is_where_half_exceed_the_threshold():
    background, signal = gaussian_trials()
    exact = discovery_potential(background, signal, 9.0)
    assert close(exact, 300.0)
    rough = discovery_potential(background, signal, 9.0, threshold_error=0.6)
    assert rough.error > exact.error
    assert rough.error == pytest.approx(10.0, rel=0.2)


def test_too_little_signal_is_said():
    background, signal = gaussian_trials(1_000, 200)
    weak = {n: trials for n, trials in signal.items() if n <= 100}
    with pytest.raises(PhysicsError, match="more events"):
        sensitivity(background, weak)
    with pytest.raises(PhysicsError, match="at least two"):
        sensitivity(background, {100: signal[100]})
    with pytest.raises(PhysicsError, match="no background trials"):
        sensitivity(background[:0], signal)


def test_few_trials_do_not_break_the_fit():
    result = sensitivity(*gaussian_trials(50, 10, seed=3))
    assert 30.0 < result.sensitivity.n_s < 300.0
    assert result.sensitivity.error > 5.0
