"""SkyLLH, an independent program, gives the same fits and the same distribution of trials as ours."""

import importlib
from types import ModuleType

import numpy as np
import pytest
from scipy import stats

from benchmarks.one_sky import drawn_events, merged_model, merged_sky, one_sky_problem, pixel_ratio
from core.trials.run import run_trials

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def contest() -> ModuleType:
    pytest.importorskip("skyllh", reason="SkyLLH is not installed: `uv sync --group skyllh`, with Python 3.11")
    return importlib.import_module("benchmarks.skyllh_contest")


@pytest.mark.parametrize(("n_events", "n_injected"), [(500, 0), (500, 40), (5_000, 0), (5_000, 90)])
def test_the_same_events_are_fitted_alike(contest: ModuleType, n_events: int, n_injected: int):
    sky = one_sky_problem(20, n_events)
    analysis, rng = contest.skyllh_analysis(sky), np.random.default_rng(1)
    skies = [contest.compared(sky, analysis, n_injected, rng) for _ in range(10)]
    assert any(sky.n_s > 0.0 for sky in skies)
    assert n_injected > 0 or any(sky.n_s == 0.0 for sky in skies)
    for sky in skies:
        assert sky.ratio_difference < 1e-12
        assert abs(sky.n_s_difference) < 1e-6 * max(1.0, sky.n_s)
        assert abs(sky.test_statistic_difference) < 1e-9 * max(1.0, sky.test_statistic)


def test_a_box_around_sources_is_another_statistic(contest: ModuleType):
    sky, rng = one_sky_problem(20, 5_000), np.random.default_rng(2)
    narrow, whole = contest.skyllh_analysis(sky, box=0.26), contest.skyllh_analysis(sky)
    for _ in range(3):
        ra, dec = drawn_events(sky, 90, rng)
        fits = [contest.skyllh_fit(analysis, contest.record_array(ra, dec, sky)) for analysis in (narrow, whole)]
        assert abs(fits[0].test_statistic - fits[1].test_statistic) > 1e-3


def test_background_trials_have_the_same_distribution(contest: ModuleType):
    sky = one_sky_problem(20, 500)
    theirs = contest.skyllh_trials(contest.skyllh_analysis(sky), 400, seed=1)
    ours = run_trials(merged_model(sky, merged_sky(pixel_ratio(sky), 1024)), 50_000, seed=1)
    assert abs(np.mean(theirs.test_statistic == 0.0) - np.mean(ours.test_statistic == 0.0)) < 0.1
    assert stats.ks_2samp(theirs.test_statistic, ours.test_statistic).pvalue > 1e-3
    assert stats.ks_2samp(theirs.n_s, ours.n_s).pvalue > 1e-3
