"""Trials of the treatments of the halo: they scatter, and reach the sensitivities, as the closed forms say."""

from functools import cache

import numpy as np
import pytest

from core.errors import PhysicsError
from core.inference import sensitivity
from core.pdfs.joint_cells import JointCells, merge_jointly, ratio_beside_free
from core.pdfs.one_sky import ratio_cells
from core.trials import TrialModel, run_trials
from core.trials.free_halo import run_free_trials
from tests.core.pdfs.halo_pairs import halo_pair
from tests.core.pdfs.public_pairs import STATISTIC

CASE = ("tautau", 20.0, "burkert")


@cache
def cells() -> JointCells:
    both = halo_pair(*CASE)
    signal, _, background = both.pair.sky()
    halo = both.halo["signal_probability"].to_numpy()
    return merge_jointly(*both.ratios(), background, signal, halo, n_steps=64)


def test_trials_without_signal_scatter_as_the_information_says() -> None:
    both = halo_pair(*CASE)
    found = run_free_trials(cells(), both.n_events, 4000, seed=4)
    free = ratio_beside_free(cells().background, cells().ratio, cells().ratio_beside)
    error = np.sqrt(both.n_events / np.sum(cells().background * (free - 1.0) ** 2))
    assert found.n_signal.mean() == pytest.approx(0.0, abs=4.0 * error / np.sqrt(4000))
    assert found.n_signal.std() == pytest.approx(error, rel=0.05)
    assert np.mean(np.abs(found.test_statistic)) == pytest.approx(1.0, abs=0.1)


def test_injected_events_of_both_are_found() -> None:
    """Within 5 %: the background of trials is held fixed, so that the signals' averages are not in it."""
    found = run_free_trials(cells(), halo_pair(*CASE).n_events, 2000, n_injected=700, n_beside=1500, seed=5)
    assert found.n_signal.mean() == pytest.approx(700.0, rel=0.05)
    assert found.n_beside.mean() == pytest.approx(1500.0, rel=0.05)


def test_a_trial_is_the_same_however_trials_are_split() -> None:
    numbers = {"n_injected": 100, "n_beside": 50, "seed": 6}
    whole = run_free_trials(cells(), 5000, 70, **numbers)
    later = run_free_trials(cells(), 5000, 30, first_trial=40, **numbers)
    assert np.array_equal(whole.n_signal[40:], later.n_signal)
    assert np.array_equal(whole.test_statistic[40:], later.test_statistic)
    assert run_free_trials(cells(), 5000, 0).n_signal.shape == (0,)


def test_more_events_than_there_are_cannot_be_injected() -> None:
    with pytest.raises(PhysicsError, match="fit into 100 events"):
        run_free_trials(cells(), 100, 1, n_injected=60, n_beside=60)


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
    numbers = [100, 200, 300, 500, 800]
    background = run_free_trials(cells(), both.n_events, 10_000, seed=8).test_statistic
    signal = {n: run_free_trials(cells(), both.n_events, 4000, n, seed=8).test_statistic for n in numbers}
    by_trials = sensitivity(background, signal).sensitivity.n_s / both.n_s_per_sigma_v
    assert by_trials == pytest.approx(both.information().sensitivity["free"], rel=0.03)
