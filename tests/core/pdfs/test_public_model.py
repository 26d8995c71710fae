"""The public analysis' own densities and ratio: that their trials behave as the theory of the likelihood says."""

from functools import cache

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import chi2, kstest

from core.configuration.config import Config
from core.inference.sensitivity import sensitivity
from core.likelihood.closed_form import closed_form
from core.likelihood.model import TrialModel
from core.pdfs.ratio import sky_ratio
from core.trials.run import TrialResult, run_trials
from tests.core.pdfs.public_pairs import STATISTIC, public_pair

PAIRS = [("tautau", 20.0), ("nunu", 30.0)]
N_BACKGROUND = 200_000

pairs = pytest.mark.parametrize(("channel", "mass"), PAIRS)


@cache
def background_trials(channel: str, mass: float) -> TrialResult:
    return run_trials(public_pair(channel, mass).trial_model(), N_BACKGROUND, seed=11)


def n_s_of_mean_sky(share: np.ndarray, excess: np.ndarray, n_events: int) -> float:
    """The n_s that fits best where each cell holds its expected share of the events."""
    return float(brentq(lambda n_s: np.sum(share * excess / (1.0 + n_s * excess / n_events)), -50.0, 1000.0))


def with_signal(background: np.ndarray, signal: np.ndarray, n_signal: int, n_events: int) -> np.ndarray:
    return background + (signal - background) * n_signal / n_events


@pairs
def test_every_density_sums_to_one(channel: str, mass: float) -> None:
    table = public_pair(channel, mass).signal_pdf()
    for name in ("signal_probability", "signal_average_probability", "background_probability"):
        assert table[name].to_numpy().sum() == pytest.approx(1.0, abs=1e-9)
        assert table[name].to_numpy().min() >= 0.0


@pairs
def test_merged_cells_keep_what_the_likelihood_needs(channel: str, mass: float) -> None:
    cells = public_pair(channel, mass).ratio_cells().to_pandas()
    assert (cells["background_probability"] * cells["ratio"]).sum() == pytest.approx(1.0, abs=1e-9)
    assert cells["background_probability"].sum() == pytest.approx(1.0, abs=1e-9)
    assert cells["signal_probability"].sum() == pytest.approx(1.0, abs=1e-9)
    assert 0.0 <= cells["fisher_information_loss"][0] < 1e-4


@pytest.mark.parametrize(("nside", "n_cells"), [(16, 512), (32, 1024)])
def test_neither_pixels_nor_cells_decide_the_uncertainty(nside: int, n_cells: int) -> None:
    pair = public_pair("tautau", 20.0)
    assert (STATISTIC.nside, STATISTIC.n_cells) == (32, 512)
    other = pair.ratio_cells(nside, n_cells)["n_s_uncertainty"][0].as_py()
    assert other == pytest.approx(pair.ratio_cells()["n_s_uncertainty"][0].as_py(), rel=0.01)


@pytest.mark.slow
@pairs
def test_trials_scatter_as_the_information_says(channel: str, mass: float) -> None:
    uncertainty = public_pair(channel, mass).ratio_cells()["n_s_uncertainty"][0].as_py()
    assert background_trials(channel, mass).n_s_signed.std() == pytest.approx(uncertainty, rel=0.01)


@pytest.mark.slow
@pairs
def test_half_of_the_bounded_statistics_are_zero(channel: str, mass: float) -> None:
    statistic = background_trials(channel, mass).test_statistic
    assert np.mean(statistic == 0.0) == pytest.approx(0.5, abs=0.01)


@pytest.mark.slow
@pairs
@pytest.mark.parametrize("sign", [1, -1])
def test_the_other_half_follows_chi_squared(channel: str, mass: float, sign: int) -> None:
    """To 0.01 in the cumulative share; 3 million trials a pair deviate by up to 0.004, nunu/30 below zero."""
    statistic = sign * background_trials(channel, mass).test_statistic_signed
    assert kstest(statistic[statistic > 0.0], chi2(1).cdf).statistic < 0.01


@pytest.mark.slow
@pairs
def test_p_values_of_background_are_flat(channel: str, mass: float) -> None:
    known = np.sort(background_trials(channel, mass).test_statistic_signed)
    fresh = run_trials(public_pair(channel, mass).trial_model(), 100_000, seed=12).test_statistic_signed
    p_values = 1.0 - np.searchsorted(known, fresh) / known.size
    at_one_in_a_thousand = 1.95 * np.sqrt(1.0 / known.size + 1.0 / fresh.size)
    assert kstest(p_values, "uniform").statistic < at_one_in_a_thousand


@pytest.mark.slow
@pairs
def test_sensitivity_from_trials_agrees_with_the_closed_form(channel: str, mass: float) -> None:
    model, background = public_pair(channel, mass).trial_model(), background_trials(channel, mass)
    uncertainty = background.n_s_signed.std()
    numbers = [round(factor * uncertainty) for factor in Config().trials.injected_over_uncertainty]
    injected = {n: run_trials(model, Config().trials.n_signal, n, seed=14).test_statistic_signed for n in numbers}
    found = sensitivity(background.test_statistic_signed, injected).sensitivity
    expected = closed_form(model.background[0], model.signal[0], model.ratio[0], model.n_events).sensitivity
    assert found.n_s == pytest.approx(expected, rel=0.05)


def injected_median(model: TrialModel, n_injected: int) -> float:
    return float(np.median(run_trials(model, 1_000_000, n_injected, seed=22).n_s_signed))


@pytest.mark.slow
@pytest.mark.parametrize("n_injected", [50, 100, 300])
@pytest.mark.parametrize(("channel", "mass"), [("tautau", 20.0), ("bb", 50.0)])
def test_the_median_of_a_fixed_background_is_hardly_biased(channel: str, mass: float, n_injected: int) -> None:
    assert injected_median(public_pair(channel, mass).trial_model(), n_injected) == pytest.approx(n_injected, rel=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("n_injected", [50, 100, 300])
def test_the_bias_of_a_fixed_background_is_that_of_the_mean_sky(n_injected: int) -> None:
    """A fixed background lacks the signal's average, which lowers a large n_s: 300 injected in nunu/30 fit 281."""
    model = public_pair("nunu", 30.0).trial_model()
    share = with_signal(model.background[0], model.signal[0], n_injected, model.n_events)
    expected = n_s_of_mean_sky(share, model.ratio[0] - 1.0, model.n_events)
    assert injected_median(model, n_injected) == pytest.approx(expected, abs=0.01 * 90.0)
    assert expected == pytest.approx(n_injected, rel=0.07)


@pairs
def test_a_background_that_holds_the_average_has_no_bias(channel: str, mass: float) -> None:
    pair = public_pair(channel, mass)
    signal, average, background = pair.sky()
    n_events = pair.binned_background.n_events
    from_data = with_signal(background, average, 300, n_events)
    share = with_signal(background, signal, 300, n_events)
    excess = sky_ratio(signal, average, from_data, STATISTIC.background) - 1.0
    assert n_s_of_mean_sky(share, excess, n_events) == pytest.approx(300.0, rel=1e-9)
