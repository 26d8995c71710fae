"""The contestants of the benchmarks compute one and the same statistic."""

import numpy as np
from scipy import stats

from benchmarks.batched_numpy import batched_trials, fitted
from benchmarks.problems import joint_problem, source_problem
from benchmarks.published_loop import best_on_grid, published_trials
from benchmarks.threads import locked_share
from core.likelihood.fit import fit_n_s, fit_n_s_grid
from core.trials.run import run_trials


def test_all_give_the_same_on_the_same_counts():
    model = source_problem(3, 5_000)
    rng = np.random.default_rng(1)
    for source in range(3):
        counts = rng.multinomial(4_900, model.background[source], size=20)
        counts += rng.multinomial(100, model.signal[source], size=20)
        ratio = model.ratio[source]
        grid = fit_n_s_grid(counts, ratio)
        for trial in range(20):
            signal = np.repeat(model.signal[source], counts[trial])
            n_s, statistic = best_on_grid(signal, np.repeat(model.background[source], counts[trial]))
            assert grid.n_s[trial] == n_s
            assert abs(grid.test_statistic[trial] - statistic) < 1e-9 * max(1.0, statistic)
        assert np.allclose(fit_n_s(counts, ratio).test_statistic, fitted(counts, ratio), rtol=1e-9, atol=1e-9)


def test_all_draw_from_the_same_distribution():
    model, on_grid = source_problem(4, 1_000), source_problem(4, 1_000, grid=True)
    rng = np.random.default_rng(2)
    assert stats.ks_2samp(batched_trials(model, 3_000, rng), run_trials(model, 3_000).test_statistic).pvalue > 1e-3
    loop = published_trials(on_grid, 300, rng)
    assert stats.ks_2samp(loop, run_trials(on_grid, 3_000).test_statistic).pvalue > 1e-3


def test_problems_are_what_they_say():
    joint = joint_problem(256)
    information = np.sum(joint.background * (joint.ratio - 1.0) ** 2)
    assert 150.0 < np.sqrt(joint.n_events / information) < 190.0
    assert source_problem(20, 1_000).background.shape == (20, 36)


def test_most_of_the_time_of_trials_is_spent_without_the_interpreters_lock():
    model = joint_problem(256)
    assert 0.0 < locked_share(lambda: run_trials(model, 20_000)) < 0.3
