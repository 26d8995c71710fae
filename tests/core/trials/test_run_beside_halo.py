"""Trials of the treatments of the halo: they scatter, and reach the sensitivities, as the closed forms say."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.special import ndtr

from core.inference import sensitivity
from core.likelihood.two_templates import ratio_beside_free
from core.pdfs.joint_cells import JointCells, merge_jointly
from core.pdfs.one_sky import ratio_cells
from core.trials import TrialModel, run_trials
from core.trials.histogram import trial_histogram
from core.trials.statistic import TrialStatistic
from core.trials.tail import THREE_SIGMA, tail_sample
from tests.core.pdfs.halo_pairs import halo_pair
from tests.core.pdfs.public_pairs import STATISTIC

CASE = ("tautau", 20.0, "burkert")


@cache
def cells() -> JointCells:
    both = halo_pair(*CASE)
    signal, _, background = both.pair.sky()
    halo = both.halo["signal_probability"].to_numpy()
    return merge_jointly(*both.ratios(), background, signal, halo, n_steps=64)


@cache
def free_model() -> TrialModel:
    both = cells()
    return TrialModel.joint_beside(
        both.background, both.signal, both.ratio, both.ratio_beside, halo_pair(*CASE).n_events
    )


def free_error() -> float:
    """The standard deviation of the galaxies' n_s with the halo free, by the information."""
    both = cells()
    own = ratio_beside_free(both.background, both.ratio, both.ratio_beside)
    return float(np.sqrt(halo_pair(*CASE).n_events / np.sum(both.background * (own - 1.0) ** 2)))


@pytest.mark.slow
def test_trials_without_signal_scatter_as_the_information_says() -> None:
    found = run_trials(free_model(), 4000, seed=4)
    error = free_error()
    assert found.n_s_signed.mean() == pytest.approx(0.0, abs=4.0 * error / np.sqrt(4000))
    assert found.n_s_signed.std() == pytest.approx(error, rel=0.05)
    assert np.mean(np.abs(found.test_statistic_signed)) == pytest.approx(1.0, abs=0.1)
    assert np.array_equal(found.test_statistic, np.maximum(found.test_statistic_signed, 0.0))


def test_events_of_both_do_not_disturb_the_galaxies() -> None:
    """Within 5 %: the background of trials is held fixed, so that the signals' averages are not in it."""
    share = 700.0 / 2200.0
    mixed = replace(free_model(), signal=(share * cells().signal + (1.0 - share) * cells().beside)[np.newaxis])
    found = run_trials(mixed, 2000, n_injected=2200, seed=5)
    assert found.n_s_signed.mean() == pytest.approx(700.0, rel=0.05)


def test_a_trial_is_the_same_however_trials_are_split() -> None:
    whole = run_trials(free_model(), 70, n_injected=100, seed=6)
    later = run_trials(free_model(), 30, n_injected=100, seed=6, first_trial=40, n_threads=2)
    assert np.array_equal(whole.n_s_signed[40:], later.n_s_signed)
    assert np.array_equal(whole.test_statistic[40:], later.test_statistic)


def test_trials_are_counted_in_bins() -> None:
    rows = run_trials(free_model(), 500, seed=7).test_statistic_signed
    bins = TrialStatistic.of_table(trial_histogram(free_model(), 500, seed=7), "test_statistic_signed")
    assert bins.size == 500
    assert bins.quantile(0.5) == pytest.approx(float(np.median(rows)), abs=0.01)


@pytest.mark.slow
def test_the_tail_is_that_of_one_free_number() -> None:
    """Half of the trials have TS = 0, the others a chi-square of one degree of freedom."""
    found = tail_sample(free_model(), 4000, seed=8).threshold(THREE_SIGMA)
    assert found.test_statistic == pytest.approx(9.0, abs=4.0 * found.error)
    assert found.n_effective > 100.0
    assert float(ndtr(-3.0)) == pytest.approx(THREE_SIGMA, rel=1e-4)


@pytest.mark.slow
def test_the_trials_reach_the_closed_forms_sensitivity_at_one_cross_section() -> None:
    both = halo_pair(*CASE)
    table = ratio_cells(both.together(), both.pair.background, STATISTIC.background, STATISTIC.n_cells)
    arrays = (table[name].to_numpy() for name in ("background_probability", "signal_probability", "ratio"))
    model = TrialModel.joint(*arrays, n_events=both.n_events)
    error = table["n_s_uncertainty"][0].as_py()
    background = run_trials(model, 100_000, seed=7).test_statistic_signed
    numbers = [int(step * error) for step in (0.5, 1.0, 2.0, 3.0, 5.0)]
    signal = {n: run_trials(model, 20_000, n, seed=7).test_statistic_signed for n in numbers}
    by_trials = sensitivity(background, signal).sensitivity.n_s / (both.n_s_per_sigma_v + both.halo_per_sigma_v)
    assert by_trials == pytest.approx(both.information().sensitivity["same_cross_section"], rel=0.03)


@pytest.mark.slow
def test_the_trials_reach_the_closed_forms_sensitivity_beside_a_free_halo() -> None:
    both = halo_pair(*CASE)
    background = run_trials(free_model(), 10_000, seed=8).test_statistic_signed
    signal = {n: run_trials(free_model(), 4000, n, seed=8).test_statistic_signed for n in (100, 200, 300, 500, 800)}
    by_trials = sensitivity(background, signal).sensitivity.n_s / both.n_s_per_sigma_v
    assert by_trials == pytest.approx(both.information().sensitivity["free"], rel=0.03)
