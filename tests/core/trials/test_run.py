"""Trials: what they recover, what their test statistic is, and on what their numbers depend."""

import numpy as np
import pytest
from scipy import stats

from core.errors import PhysicsError
from core.likelihood.fit import empty_counts, fit_n_s, trials_by_cells
from core.likelihood.model import TrialModel
from core.random.alias_tables import count_tables
from core.random.draws import Stream, draw_counts
from core.trials.run import run_trials

N_EVENTS = 40_902


def joint_model(spread: float = 1.0, n_cells: int = 256) -> TrialModel:
    """A joint model like that of the public sample: 256 cells, sigma(n_s) about 170."""
    rng = np.random.default_rng(7)
    background = rng.exponential(size=n_cells) ** 2
    background /= background.sum()
    signal = background * np.exp(rng.normal(size=n_cells) * spread)
    signal /= signal.sum()
    return TrialModel.joint(background, signal, signal / background, N_EVENTS)


def source_model(grid: bool = False, n_events: int = 10_000) -> TrialModel:
    centres = (np.arange(36) + 0.5) / 36 * np.pi
    rng = np.random.default_rng(8)
    background = np.sin(centres) * np.exp(0.1 * rng.normal(size=(5, 36)))
    background /= background.sum(axis=1, keepdims=True)
    signal = np.sin(centres) * np.exp(-centres / 0.3)
    weights = np.array([0.4, 0.3, 0.2, 0.1, 0.0])
    return TrialModel.per_source(background, signal / signal.sum(), weights, n_events, grid=grid)


REALISTIC = joint_model(1.05)


def test_realistic_model_is_like_the_public_sample():
    information = np.sum(REALISTIC.background * (REALISTIC.ratio - 1.0) ** 2)
    assert np.sqrt(N_EVENTS / information) == pytest.approx(170.0, rel=0.05)


def test_half_of_background_trials_are_zero_and_the_rest_follow_half_a_chi_square():
    result = run_trials(REALISTIC, 100_000, seed=11)
    assert np.mean(result.test_statistic == 0.0) == pytest.approx(0.5, abs=0.01)
    positive = result.test_statistic[result.test_statistic > 0.0]
    assert stats.kstest(positive, stats.chi2(1).cdf).statistic < 0.01


def test_p_values_of_background_trials_are_flat():
    reference = np.sort(run_trials(REALISTIC, 100_000, seed=12).test_statistic_signed)
    trials = run_trials(REALISTIC, 100_000, seed=13).test_statistic_signed
    p_values = 1.0 - np.searchsorted(reference, trials) / reference.size
    # the reference is a sample too: the two-sample test is the exact one
    assert stats.ks_2samp(reference, trials).pvalue > 1e-3
    assert np.abs(np.histogram(p_values, bins=10, range=(0, 1))[0] / trials.size - 0.1).max() < 0.01


@pytest.mark.parametrize("n_injected", [50, 100, 300])
def test_injected_events_are_recovered(n_injected):
    result = run_trials(REALISTIC, 200_000, n_injected=n_injected, seed=14)
    assert abs(np.median(result.n_s_signed) / n_injected - 1.0) < 0.03
    assert np.all(result.n_injected == n_injected)


def test_signed_and_bounded_are_one_fit():
    result = run_trials(REALISTIC, 5_000, seed=1)
    assert np.array_equal(result.n_s, np.maximum(result.n_s_signed, 0.0))
    assert np.array_equal(result.test_statistic, np.maximum(result.test_statistic_signed, 0.0))
    assert np.all(result.n_s_signed * result.test_statistic_signed >= 0.0)


@pytest.mark.parametrize("kind", ["joint", "own", "grid", "one sky"])
@pytest.mark.parametrize("n_injected", [0, 37])
def test_numbers_do_not_depend_on_threads_or_shards(kind, n_injected):
    models = {"joint": REALISTIC, "own": source_model(), "grid": source_model(grid=True), "one sky": sky_model()}
    model = models[kind]
    whole = run_trials(model, 5_000, n_injected, seed=5, first_trial=100)
    threaded = run_trials(model, 5_000, n_injected, seed=5, first_trial=100, n_threads=4)
    shards = [run_trials(model, n, n_injected, seed=5, first_trial=f) for f, n in ((100, 1), (101, 999), (1100, 4000))]
    for name in ("n_s", "test_statistic", "n_s_signed", "test_statistic_signed", "n_s_total", "n_injected"):
        assert np.array_equal(getattr(threaded, name), getattr(whole, name))
        assert np.array_equal(np.concatenate([getattr(shard, name) for shard in shards]), getattr(whole, name))


def test_trials_beyond_32_bits_have_their_own_numbers():
    low = run_trials(REALISTIC, 10, seed=5)
    high = run_trials(REALISTIC, 10, seed=5, first_trial=2**32)
    assert not np.any(low.n_s_signed == high.n_s_signed)


def test_streams_of_seeds_are_uncorrelated():
    results = [run_trials(REALISTIC, 50_000, seed=seed).n_s_signed for seed in (1, 2, 2**63)]
    results.append(run_trials(REALISTIC, 50_000, 1, seed=1).n_s_signed)
    correlations = np.corrcoef(results)[np.triu_indices(4, 1)]
    assert np.abs(correlations).max() < 5.0 / np.sqrt(50_000)


def test_joint_trials_are_fits_of_the_drawn_counts():
    tables = count_tables(REALISTIC.background, np.array([N_EVENTS]))
    counts = empty_counts(100, 256)
    draw_counts(counts, tables, np.zeros(100, dtype=np.int64), np.full(100, N_EVENTS), Stream(9, 0, 0, 0))
    fit = fit_n_s(trials_by_cells(counts, 100), REALISTIC.ratio[0], allow_negative=True)
    result = run_trials(REALISTIC, 100, seed=9)
    assert np.array_equal(result.n_s_signed, fit.n_s)
    assert np.array_equal(result.test_statistic_signed, fit.test_statistic)


def test_subtracted_ratio_recovers_what_the_slope_says():
    # R = 1 + (S - S~)/B of a sky that holds the signal's average S~ in B: the fit is unbiased on trials that are drawn
    # from the same cells with signal S against B, where S~ adds no slope
    rng = np.random.default_rng(4)
    background = np.full(64, 1.0 / 64)
    average = np.repeat(rng.dirichlet(np.ones(8)), 8) / 8
    signal = average * np.tile([6.0, 1.0, 0.5, 0.2, 0.1, 0.1, 0.05, 0.05], 8)
    ratio = 1.0 + (signal - average) / background
    assert ratio.min() < 1.0
    model = TrialModel.joint(background, signal, ratio, 20_000)
    fisher = np.sum(background * (ratio - 1.0) ** 2)
    slope = np.sum(signal * (ratio - 1.0))
    result = run_trials(model, 20_000, n_injected=200, seed=3)
    assert result.n_s_signed.mean() == pytest.approx(200 * slope / fisher, rel=0.05)


def test_weighted_and_plain_sums_over_sources():
    model = source_model()
    result = run_trials(model, 2_000, n_injected=300, seed=3, per_source_results=True)
    assert result.source_n_s.shape == (2_000, 5)
    assert np.allclose(result.n_s, result.source_n_s @ model.weights)
    assert np.allclose(result.test_statistic, result.source_test_statistic @ model.weights)
    assert np.allclose(result.n_s_total_signed, result.source_n_s_signed.sum(axis=1))
    assert np.allclose(result.test_statistic_signed, result.source_test_statistic_signed @ model.weights)
    assert result.source_n_s_signed.mean(axis=0) == pytest.approx(300 * model.weights, abs=8.0)
    assert result.n_s_total_signed.mean() == pytest.approx(300, rel=0.05)
    assert run_trials(model, 10).source_n_s is None


def test_grid_trials_stay_on_the_grid_and_next_to_the_continuous_fit():
    free = run_trials(source_model(), 3_000, seed=3, per_source_results=True)
    grid = run_trials(source_model(grid=True), 3_000, seed=3, per_source_results=True)
    assert np.all(grid.source_n_s == np.floor(grid.source_n_s))
    assert np.abs(grid.source_n_s - np.minimum(free.source_n_s, 99)).max() <= 1.0
    assert np.all(grid.source_test_statistic <= free.source_test_statistic + 1e-9)
    assert np.array_equal(grid.n_s_signed, free.n_s_signed)


def test_rounded_injection_gives_each_source_its_share():
    model = source_model()
    published = TrialModel.per_source(
        model.background, model.signal, model.weights, model.n_events, injection="rounded"
    )
    assert np.all(run_trials(published, 50, n_injected=7).n_injected == 3 + 2 + 1 + 1)
    assert np.all(run_trials(model, 50, n_injected=7).n_injected == 7)


def test_poisson_injection_has_a_poisson_number():
    result = run_trials(REALISTIC, 20_000, n_injected=12.5, seed=2, poisson=True)
    assert result.n_injected.mean() == pytest.approx(12.5, abs=5 * np.sqrt(12.5 / 20_000))
    assert result.n_injected.var() == pytest.approx(12.5, rel=0.06)
    assert np.all(run_trials(REALISTIC, 100, n_injected=0.0, poisson=True).n_injected == 0)


def sky_model(n_pixels: int = 600, n_sources: int = 4, n_events: int = 20_000, same: bool = False) -> TrialModel:
    """Sources on a unit sphere of Fibonacci pixels, 12 bins in angle; `same`: all at one place."""
    index = np.arange(n_pixels) + 0.5
    cos_polar, azimuth = 1.0 - 2.0 * index / n_pixels, np.pi * (1.0 + np.sqrt(5.0)) * index
    sin_polar = np.sqrt(1.0 - cos_polar**2)
    sky = np.stack([sin_polar * np.cos(azimuth), sin_polar * np.sin(azimuth), cos_polar])
    places = np.random.default_rng(3).normal(size=(n_sources, 3))
    if same:
        places[:] = places[0]
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    angle = np.arccos(np.clip(places @ sky, -1.0, 1.0))
    signal = np.exp(-(angle**2) / (2.0 * 0.4**2))
    signal /= signal.sum(axis=1, keepdims=True)
    bins = np.minimum((angle / np.pi * 12).astype(int), 11)
    return TrialModel.one_sky(np.full(n_pixels, 1.0 / n_pixels), signal, bins, np.arange(1, n_sources + 1), n_events)


def test_sources_at_one_place_have_the_same_fit_on_one_sky():
    result = run_trials(sky_model(same=True), 500, seed=1, per_source_results=True)
    assert np.ptp(result.source_n_s_signed, axis=1).max() == 0.0
    assert np.allclose(result.test_statistic, result.source_test_statistic[:, 0])


def test_one_sky_has_the_single_sources_of_separate_skies_but_shares_their_events():
    model = sky_model()
    separate_background = [np.bincount(model.patterns[k], weights=model.background[0], minlength=12) for k in range(4)]
    separate = TrialModel.per_source(
        separate_background, model.ratio * separate_background, model.weights, model.n_events
    )
    assert np.allclose(separate.ratio, model.ratio)
    one = run_trials(model, 20_000, seed=1, per_source_results=True)
    own = run_trials(separate, 20_000, seed=2, per_source_results=True)
    for source in range(4):
        test = stats.ks_2samp(one.source_n_s_signed[:, source], own.source_n_s_signed[:, source])
        assert test.pvalue > 1e-4
    off_diagonal = np.triu_indices(4, 1)
    assert np.abs(np.corrcoef(own.source_n_s_signed.T)[off_diagonal]).max() < 0.04
    assert np.abs(np.corrcoef(one.source_n_s_signed.T)[off_diagonal]).max() > 0.2
    assert model.shares_one_sky
    assert REALISTIC.shares_one_sky
    assert not separate.shares_one_sky


def test_signal_events_of_one_sky_come_from_sources_by_their_shares():
    """Two pixels near two sources each: what is injected of the second source alone, the first does not see."""
    background, signal, bins = [0.5, 0.5], [[0.9, 0.1], [0.1, 0.9]], [[0, 1], [1, 0]]
    model = TrialModel.one_sky(background, signal, bins, [0.8, 0.2], 1_000, injection_shares=[0.0, 1.0])
    assert model.weights == pytest.approx([0.8, 0.2])
    assert model.signal[0] == pytest.approx([0.1, 0.9])
    result = run_trials(model, 2_000, n_injected=100, seed=1, per_source_results=True)
    assert result.source_n_s_signed.mean(axis=0) == pytest.approx([-100.0, 100.0], abs=5.0)
    by_weight = TrialModel.one_sky(background, signal, bins, [0.8, 0.2], 1_000)
    assert by_weight.signal[0] == pytest.approx([0.74, 0.26])


@pytest.mark.parametrize(
    ("bins", "n_events", "message"),
    [
        ([[0, 1], [1, 2]], 100, "bins to 2 do not fit"),
        ([[0, 1]], 100, "give one of each source and pixel"),
        ([[0.0, 1.0], [1.0, 0.0]], 100, "whole numbers from 0"),
        ([[0, 1], [1, 0]], [100, 200], "leave out declination bands"),
    ],
)
def test_skies_that_do_not_fit_are_refused(bins, n_events, message):
    apart = TrialModel.per_source([[0.5, 0.5]] * 2, [[0.9, 0.1]] * 2, [1.0, 1.0], n_events)
    with pytest.raises(PhysicsError, match=message):
        apart.on_one_sky([0.5, 0.5], [0.5, 0.5], bins)


def test_trials_of_many_patterns_do_not_depend_on_how_they_are_split():
    model = sky_model(n_pixels=9_000, n_sources=5)
    whole = run_trials(model, 300, 50, seed=2, per_source_results=True)
    assert np.array_equal(run_trials(model, 300, 50, seed=2, n_threads=3).test_statistic, whole.test_statistic)
    later = run_trials(model, 137, 50, seed=2, first_trial=163, per_source_results=True)
    assert np.array_equal(later.source_n_s_signed, whole.source_n_s_signed[163:])


def test_one_sky_recovers_injected_events_of_one_source():
    model = sky_model(n_sources=1)
    result = run_trials(model, 5_000, n_injected=400, seed=1)
    assert result.n_s_signed.mean() == pytest.approx(400, rel=0.05)
    assert np.all(result.n_injected == 400)


def test_empty_background_bins_share_the_ratio_of_their_neighbours():
    model = TrialModel.per_source([[0.0, 0.4, 0.6, 0.0]], [0.2, 0.2, 0.5, 0.1], [1.0], 1_000)
    assert model.ratio[0] == pytest.approx([1.0, 1.0, 1.0, 1.0])
    assert not np.isnan(run_trials(model, 100, n_injected=50).n_s).any()


def test_all_events_may_be_signal():
    result = run_trials(REALISTIC, 50, n_injected=N_EVENTS)
    assert np.all(result.n_s > 0.9 * N_EVENTS)


def test_no_trials_are_no_error():
    assert run_trials(REALISTIC, 0).n_s.size == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_events": 0}, "whole number"),
        ({"background": [0.5, 0.6]}, "normalise"),
        ({"signal": [1.5, -0.5]}, "negative"),
        ({"ratio": [1.0, np.nan]}, "not finite"),
        ({"ratio": [1.0]}, "the same"),
        ({"ratio": [0.4, 3.6]}, "mean of the ratio over background is 2: that of S/B"),
        ({"ratio": [2.5, 0.625]}, "mean of the ratio over background is 1.562"),
    ],
)
def test_impossible_models_are_refused(change, message):
    arguments = {"background": [0.5, 0.5], "signal": [0.2, 0.8], "ratio": [0.4, 1.6], "n_events": 100} | change
    with pytest.raises(PhysicsError, match=message):
        TrialModel.joint(**arguments)


@pytest.mark.parametrize(("n_injected", "message"), [(-1, ">= 0"), (0.5, "poisson"), (N_EVENTS + 1, "inject fewer")])
def test_impossible_injections_are_refused(n_injected, message):
    with pytest.raises(PhysicsError, match=message):
        run_trials(REALISTIC, 1, n_injected=n_injected)
