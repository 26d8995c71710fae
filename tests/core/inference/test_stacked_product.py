"""The published statistic from its products: its trials obey the law of Gaussian fits, and its events are recovered."""

from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import ks_2samp

from core.errors import ProductError
from core.inference.sensitivity_product import SignalScale
from core.inference.stacked_product import expected_by_sources, source_sensitivity_table, source_trials_table
from core.likelihood.closed_form import closed_form
from core.likelihood.model import TrialModel
from core.likelihood.one_sky_law import OneSkyLaw
from core.likelihood.stacked_law import StackedLaw
from core.likelihood.stacked_model import source_trial_model
from core.pdfs.sky_patterns import sky_patterns
from core.pdfs.source_background import source_background_pdf
from core.pdfs.source_signal import source_signal_pdf
from core.trials.run import run_trials
from core.trials.tail import FIVE_SIGMA, THREE_SIGMA, tail_sample
from tests.core.pdfs.public_pairs import public_pair

SCALE = SignalScale(
    n_s_per_strength=1e22, n_s_per_strength_error=1e20, flux_per_strength=1e17, limitation="", sample="own"
)


@cache
def products(
    band: float | None = None, channel: str = "tautau", mass: float = 20.0
) -> tuple[pa.Table, pa.Table, pa.Table]:
    pair = public_pair(channel, mass)
    sources = pair.expected.sources
    background = source_background_pdf(pair.background, sources, 36, None, band)
    return background, source_signal_pdf(pair.expected, 36, None, band), sources


def trials(model: TrialModel, n_trials: int, n_injected: int) -> pa.Table:
    table = source_trials_table(run_trials(model, n_trials, n_injected, seed=4), 0)
    return table.append_column("n_injected", pa.array(np.full(n_trials, n_injected)))


def test_weights_are_j_factors_and_events_are_injected_as_the_detector_sees_them() -> None:
    model, expected = source_trial_model(*products(), grid=False), public_pair("tautau", 20.0).expected
    j_factor = expected.sources["j_factor"].to_numpy()
    assert model.weights == pytest.approx(j_factor / j_factor.sum())
    assert model.draw_weights == pytest.approx(expected.acceptance.source_weight)
    assert np.abs(model.weights - model.draw_weights).max() > 0.05
    injected = run_trials(model, 2000, 1000, seed=1, per_source_results=True).source_n_s_signed
    assert injected is not None
    mean, error = injected.mean(axis=0), injected.std(axis=0) / np.sqrt(2000)
    assert np.sum(((mean - 1000 * model.draw_weights) / error) ** 2) / model.n_sources < 2.0


@pytest.mark.parametrize("band", [None, 20.0])
def test_injected_events_are_recovered_in_the_plain_sum(band: float | None) -> None:
    model = source_trial_model(*products(band), grid=False)
    assert (np.ptp(model.draw_events) > 0) == (band is not None)
    for n_injected in (0, 300):
        total = trials(model, 4000, n_injected)["n_s_total_signed"].to_numpy()
        assert total.mean() == pytest.approx(n_injected, abs=5.0 * total.std() / np.sqrt(4000))


@pytest.mark.slow
@pytest.mark.parametrize("band", [None, 20.0])
def test_trials_follow_the_law_of_gaussian_fits(band: float | None) -> None:
    model = source_trial_model(*products(band), grid=False)
    law = StackedLaw.of(model)
    assert law.share_above(0.0, 0.0) == pytest.approx(0.5, abs=1e-9)
    assert law.share_above(0.0, law.sensitivity()) == pytest.approx(0.9, abs=1e-4)
    for n_injected in (0, round(0.5 * law.sensitivity()), round(law.sensitivity())):
        signed = trials(model, 20_000, n_injected)["test_statistic_signed"].to_numpy()
        assert np.mean(signed > 0.0) == pytest.approx(law.share_above(0.0, n_injected), abs=0.012)


def test_one_source_is_the_gaussian_closed_form() -> None:
    """sign(z) z^2 exceeds 0 where z does: the sensitivity is that of the fit itself, save for the signal's spread."""
    background = np.full(36, 1.0 / 36.0)
    signal = np.exp(-np.arange(36) / 8.0)
    model = TrialModel.per_source(background[np.newaxis], signal / signal.sum(), [1.0], 1_000_000)
    joint = closed_form(model.background[0], model.signal[0], model.ratio[0], 1_000_000)
    assert StackedLaw.of(model).sensitivity() == pytest.approx(joint.sensitivity, rel=2e-3)


@pytest.mark.parametrize("grid", [False, True])
def test_the_sensitivity_is_of_its_own_statistic(grid: bool) -> None:
    model = source_trial_model(*products(), grid=grid)
    numbers = [round(factor * StackedLaw.of(model).n_s_uncertainty) for factor in (0.5, 1.0, 1.5, 2.5, 5.0)]
    signal = pa.concat_tables([trials(model, 1000, number) for number in numbers])
    expected = expected_by_sources(products()[1])
    scale = replace(SCALE, n_s_per_strength=expected, n_s_per_strength_error=0.01 * expected)
    (row,) = source_sensitivity_table(trials(model, 4000, 0), signal, *products(), scale, grid).to_pylist()
    assert row["statistic"] == ("j_weighted_grid" if grid else "j_weighted")
    assert row["n_s_sensitivity"] == pytest.approx(row["n_s_sensitivity_closed_form"], rel=0.07)
    assert expected == pytest.approx(public_pair("tautau", 20.0).expected.acceptance.total.n_s_per_strength, rel=1e-9)
    assert row["n_s_per_sigma_v_error"] / row["n_s_per_sigma_v"] == pytest.approx(0.01)
    assert row["sigma_v_sensitivity"] * row["n_s_per_sigma_v"] == pytest.approx(row["n_s_sensitivity"])


@cache
def on_one_sky(channel: str = "tautau", mass: float = 20.0) -> TrialModel:
    pair, (background, signal, sources) = public_pair(channel, mass), products(None, channel, mass)
    patterns = sky_patterns(pair.expected, pair.binned_background, background, signal, 32)
    return source_trial_model(background, signal, sources, False, patterns)


@pytest.mark.slow
def test_on_one_sky_each_source_is_fitted_as_on_a_sky_of_its_own_but_they_share_events() -> None:
    one = run_trials(on_one_sky(), 3_000, seed=1, per_source_results=True).source_test_statistic_signed
    own = run_trials(
        source_trial_model(*products(), grid=False), 3_000, seed=2, per_source_results=True
    ).source_test_statistic_signed
    assert one is not None
    assert own is not None
    p_values = [ks_2samp(one[:, source], own[:, source]).pvalue for source in range(one.shape[1])]
    assert min(p_values) > 1e-4
    assert max(p_values) > 0.5
    law = OneSkyLaw.of(on_one_sky())
    z = np.sign(one) * np.sqrt(np.abs(one))
    assert np.corrcoef(z.T) == pytest.approx(law.correlation, abs=0.06)
    assert np.abs(np.corrcoef((np.sign(own) * np.sqrt(np.abs(own))).T) - np.eye(one.shape[1])).max() < 0.08


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "mass"), [("tautau", 20.0), ("bb", 50.0)])
def test_three_sigma_of_separate_skies_is_less_than_two_and_a_half_of_one(channel: str, mass: float) -> None:
    apart = tail_sample(source_trial_model(*products(None, channel, mass), grid=False), 60_000, seed=1)
    one, threshold = on_one_sky(channel, mass), apart.threshold(THREE_SIGMA).test_statistic
    share = np.mean(run_trials(one, 80_000, seed=3).test_statistic > threshold)
    assert share == pytest.approx(8.9e-3, abs=4.0 * np.sqrt(8.9e-3 / 80_000))
    assert OneSkyLaw.of(one).p_value(threshold) == pytest.approx(share, rel=0.1)
    sampled = tail_sample(one, 20_000, seed=2)
    found = sampled.p_value(threshold)
    assert abs(found.p_value - share) < 4.0 * np.hypot(found.error, np.sqrt(share / 80_000))
    five = sampled.threshold(FIVE_SIGMA)
    assert five.error < 0.02 * five.test_statistic
    assert OneSkyLaw.of(one).p_value(five.test_statistic) == pytest.approx(FIVE_SIGMA, rel=0.4)


@pytest.mark.slow
def test_injected_events_are_seen_by_every_source_that_they_are_near() -> None:
    """The mean fits are those that the densities ask for: a source's own events, and its neighbours' near it."""
    model = on_one_sky()
    law, n_injected = OneSkyLaw.of(model), 400
    fits = run_trials(model, 2_000, n_injected, seed=4, per_source_results=True)
    assert fits.source_n_s_signed is not None
    assert model.patterns is not None
    excess = np.take_along_axis(model.ratio - 1.0, model.patterns, axis=1)
    expected = n_injected * (excess @ model.signal[0]) / (excess**2 @ model.background[0])
    error = fits.source_n_s_signed.std(axis=0) / np.sqrt(2_000)
    assert np.mean(((fits.source_n_s_signed.mean(axis=0) - expected) / error) ** 2) < 2.0
    assert fits.n_s_total_signed.mean() == pytest.approx(expected.sum(), rel=0.03)
    assert expected.sum() > 2.0 * n_injected
    above = np.mean(run_trials(model, 4_000, round(law.sensitivity()), seed=5).test_statistic_signed > 0.0)
    assert above == pytest.approx(0.9, abs=0.025)


def test_products_of_other_sources_are_refused() -> None:
    background, signal, sources = products()
    with pytest.raises(ProductError, match="source_background_pdf is of other sources"):
        source_trial_model(background, signal, sources.slice(1), grid=False)
