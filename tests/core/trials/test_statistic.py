"""Trials counted in bins say what the same trials say one by one."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PhysicsError, ProductError
from core.inference.sensitivity import EfficiencyCurve, p_value, sensitivity, upper_limit
from core.likelihood.model import TrialModel
from core.trials.histogram import trial_histogram
from core.trials.run import run_trials
from core.trials.statistic import (
    BINS_PER_ROOT,
    TrialStatistic,
    bin_edges,
    by_n_injected,
    fitted_numbers,
    statistic_bins,
)

COLUMNS = ("test_statistic", "test_statistic_signed")


def model() -> TrialModel:
    rng = np.random.default_rng(7)
    background = rng.dirichlet(np.full(64, 0.5))
    signal = background * np.exp(rng.normal(size=64))
    signal /= signal.sum()
    return TrialModel.joint(background, signal, signal / background, 5_000)


def of_sources() -> TrialModel:
    rng = np.random.default_rng(8)
    background = rng.dirichlet(np.ones(12), size=3)
    return TrialModel.per_source(background, rng.dirichlet(np.ones(12), size=3), [0.5, 0.3, 0.2], 5_000)


@pytest.mark.parametrize("make", [model, of_sources])
@pytest.mark.parametrize("n_injected", [0, 60])
def test_a_histogram_holds_the_trials_that_rows_hold(make, n_injected):
    rows = run_trials(make(), 30_000, n_injected, seed=4)
    bins = trial_histogram(make(), 30_000, n_injected, seed=4)
    for column, n_s in zip(COLUMNS, ("n_s", "n_s_signed"), strict=True):
        values = getattr(rows, column)
        found = TrialStatistic.of_table(bins, column)
        assert found.size == values.size
        assert np.all(found.low[1:] >= found.low[:-1])
        assert np.all(found.high >= found.low)
        assert found.n_above(0.0) == np.count_nonzero(values > 0.0)
        assert found.n_at_least(0.0) == pytest.approx(np.count_nonzero(values >= 0.0))
        assert fitted_numbers(bins, n_s) == pytest.approx((getattr(rows, n_s).mean(), getattr(rows, n_s).std()))
        low, high = bin_edges(statistic_bins(values))
        assert np.all((low <= values) & (values <= high))


@pytest.mark.parametrize("column", COLUMNS)
def test_quantiles_of_bins_are_those_of_rows_within_the_stated_precision(column):
    rows = TrialStatistic.of_values(getattr(run_trials(of_sources(), 200_000, seed=5), column))
    bins = TrialStatistic.of_table(trial_histogram(of_sources(), 200_000, seed=5), column)
    shares = np.array([0.025, 0.16, 0.5, 0.84, 0.975, 1.0 - 1.35e-3])
    exact, found = rows.quantile(shares), bins.quantile(shares)
    roots = [np.sign(values) * np.sqrt(np.abs(values)) for values in (exact, found)]
    assert np.abs(roots[0] - roots[1]).max() < 1.0 / BINS_PER_ROOT
    assert bins.quantile(0.5).shape == ()


def test_parts_of_trials_add_up_in_any_cut():
    whole = trial_histogram(model(), 5_000, seed=3)
    parts = pa.concat_tables(
        [trial_histogram(model(), n, seed=3, first_trial=f) for f, n in ((0, 1_000), (1_000, 4_000))]
    )
    for column in COLUMNS:
        one, many = TrialStatistic.of_table(whole, column), TrialStatistic.of_table(parts, column)
        assert np.array_equal(one.low, many.low)
        assert np.array_equal(one.n_trials, many.n_trials)


def test_inference_from_bins_is_inference_from_rows():
    numbers = (20, 40, 80, 160, 240, 320, 400)
    rows = {n: run_trials(model(), 20_000, n, seed=1).test_statistic_signed for n in numbers}
    tables = [
        trial_histogram(model(), 20_000, n, seed=1).append_column("n_injected", pa.array([n] * m))
        for n in numbers
        if (m := trial_histogram(model(), 20_000, n, seed=1).num_rows)
    ]
    bins = by_n_injected(pa.concat_tables(tables), "test_statistic_signed")
    assert tuple(bins) == numbers
    background = run_trials(model(), 100_000, seed=2).test_statistic_signed
    counted = TrialStatistic.of_table(trial_histogram(model(), 100_000, seed=2), "test_statistic_signed")
    exact, found = sensitivity(background, rows), sensitivity(counted, bins)
    assert found.n_background_trials == 100_000
    assert found.sensitivity.n_s == pytest.approx(exact.sensitivity.n_s, abs=0.02 * exact.sensitivity.error)
    assert found.sensitivity.error == pytest.approx(exact.sensitivity.error, rel=0.05)
    for name in ("hi68", "hi95"):
        assert found.band[name].n_s == pytest.approx(exact.band[name].n_s, abs=0.1 * exact.band[name].error)
    limits = [
        upper_limit(*trials, 2.0, one_sky=True).upper_limit.n_s for trials in ((background, rows), (counted, bins))
    ]
    assert limits[1] == pytest.approx(limits[0], rel=1e-3)
    p_values = [p_value(trials, 2.0, one_sky=True).p_value for trials in (background, counted)]
    assert p_values[1] == pytest.approx(p_values[0], rel=5e-3)
    assert EfficiencyCurve(counted, bins, 1.0).efficiency(100.0) == pytest.approx(
        EfficiencyCurve(background, rows, 1.0).efficiency(100.0), abs=1e-3
    )


def test_single_values_have_numpy_quantiles_and_histograms():
    values = np.random.default_rng(1).normal(size=999)
    statistic = TrialStatistic.of_values(values)
    edges = np.linspace(-2.0, 2.0, 9)
    assert np.array_equal(statistic.histogram(edges), np.histogram(values, edges)[0])
    assert np.array_equal(statistic.quantile([0.1, 0.5]), np.quantile(values, [0.1, 0.5]))
    assert statistic.n_above(values[0]) == np.count_nonzero(values > values[0])
    assert statistic.n_at_least(values[0]) == np.count_nonzero(values >= values[0])


def test_trials_binned_by_something_else_are_refused():
    table = trial_histogram(model(), 100)
    with pytest.raises(ProductError, match="not binned by n_s_total"):
        TrialStatistic.of_table(table, "n_s_total")


VALUES = st.lists(st.floats(-50.0, 50.0).map(lambda value: round(value, 3)), min_size=1, max_size=60)


def in_bins(values: list[float]) -> TrialStatistic:
    """The same trials counted in bins, as `trial_histogram` counts them."""
    number, n_trials = np.unique(statistic_bins(np.array(values)), return_counts=True)
    low, high = bin_edges(number)
    return TrialStatistic(low, high, n_trials)


@settings(max_examples=50, deadline=None)
@given(values=VALUES)
def test_every_value_lies_in_its_own_bin_and_nothing_alone_in_that_of_zero(values: list[float]) -> None:
    given_values = np.array(values)
    number = statistic_bins(given_values)
    low, high = bin_edges(number)
    rounding = 1e-12 * (1.0 + np.abs(given_values))
    assert np.all((low - rounding <= given_values) & (given_values <= high + rounding))
    np.testing.assert_array_equal(number == 0, given_values == 0.0)
    roots = np.sqrt(np.abs(high)) - np.sqrt(np.abs(low))
    np.testing.assert_allclose(np.abs(roots[number != 0]), 1.0 / BINS_PER_ROOT, rtol=1e-6)


@settings(max_examples=50, deadline=None)
@given(values=VALUES, threshold=st.floats(-60.0, 60.0))
def test_what_is_above_and_what_is_not_are_all_and_bins_are_off_by_their_own_trials(
    values: list[float], threshold: float
) -> None:
    single, counted = TrialStatistic.of_values(values), in_bins(values)
    assert single.n_above(threshold) == np.count_nonzero(np.array(values) > threshold)
    assert single.n_at_least(threshold) == np.count_nonzero(np.array(values) >= threshold)
    own = int(np.count_nonzero(statistic_bins(np.array(values)) == statistic_bins(np.array([threshold]))[0]))
    assert abs(counted.n_above(threshold) - single.n_above(threshold)) <= own + 1e-9
    assert counted.size == single.size == len(values)


@settings(max_examples=50, deadline=None)
@given(values=VALUES, thresholds=st.lists(st.floats(-60.0, 60.0), min_size=1, max_size=5))
def test_many_thresholds_at_once_count_what_each_bin_has_beyond_them(
    values: list[float], thresholds: list[float]
) -> None:
    """Every bin is asked: how much of it lies beyond, evenly filled in root, and whether an atom is reached."""
    found = in_bins(values)
    asked = np.array([*thresholds, *found.low[:3], *found.high[:3], 0.0])
    low, high, root = (np.sign(one) * np.sqrt(np.abs(one)) for one in (found.low, found.high, asked[:, np.newaxis]))
    share = np.clip((high - root) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
    for count, is_reached in (
        (found.n_above, found.low > asked[:, None]),
        (found.n_at_least, found.low >= asked[:, None]),
    ):
        beyond = np.where(high > low, share, is_reached) @ found.n_trials
        assert count(asked) == pytest.approx(beyond, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(values=VALUES)
def test_a_histogram_of_edges_holds_every_trial_between_the_outermost(values: list[float]) -> None:
    edges = np.array([-51.0, -3.0, 0.0, 1.0, 9.0, 51.0])
    for trials in (TrialStatistic.of_values(values), in_bins(values)):
        assert trials.histogram(edges).sum() == pytest.approx(len(values))
        assert np.all(trials.histogram(edges) >= -1e-9)


def test_a_trial_without_a_number_is_refused() -> None:
    with pytest.raises(PhysicsError, match="2 of 3 trials have a test statistic that is no number: make them again"):
        TrialStatistic.of_values([np.nan, 1.0, np.nan])
