"""P-values and intervals of an observed sky."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import ndtr

from core.glossary import GLOSSARY
from core.inference.observed_product import (
    LEAST_BEYOND,
    common_skies_table,
    interval_of_trials,
    local_p_values,
    observed_table,
)
from core.inference.sensitivity_product import SignalScale
from core.likelihood.model import TrialModel
from core.trials.statistic import TrialStatistic
from tests.core.inference.test_upper_limit_product import MODEL, N_EVENTS, SKY, SPREAD, counts, trials


@pytest.mark.parametrize("root", [-1.0, 0.5, 2.0, 4.5])
def test_p_values_are_those_of_gaussian_fits_also_where_no_trial_is(root: float) -> None:
    signed = trials()[0]
    bounded = TrialStatistic.of_values(np.maximum(np.repeat(signed.low, signed.n_trials), 0.0))
    statistic = root * abs(root)
    observed = {"test_statistic": max(statistic, 0.0), "test_statistic_signed": statistic}
    found = local_p_values(MODEL, bounded, signed, observed, 40_000, 3)
    assert found.signed.p_value == pytest.approx(ndtr(-root), rel=0.05)
    assert found.bounded.p_value == pytest.approx(1.0 if root < 0.0 else ndtr(-root), rel=0.05)


def test_the_interval_of_trials_is_one_sigma_to_each_side() -> None:
    low, high = interval_of_trials(*trials(), 2.0**2)
    assert (low, high) == pytest.approx((SPREAD, 3.0 * SPREAD), abs=0.04 * SPREAD)
    assert interval_of_trials(*trials(), 0.5**2)[0] is None


def made(n_beyond: int) -> TrialStatistic:
    """999 trials of which some have a test statistic of 9, and the others 1."""
    return TrialStatistic.of_values(np.append(np.full(n_beyond, 9.0), np.full(999 - n_beyond, 1.0)))


AT_NINE = {"test_statistic": 9.0, "test_statistic_signed": 9.0}


@pytest.mark.parametrize("n_beyond", [100, 400])
def test_enough_trials_answer_themselves(n_beyond: int) -> None:
    """The sky is one trial more: 101 of 1000 are as far out, whatever the law of the model says."""
    share = (n_beyond + 1) / 1000.0
    found = local_p_values(MODEL, made(n_beyond), made(n_beyond), AT_NINE, 100, 1)
    assert found.bounded == found.signed == (share, pytest.approx(np.sqrt(share * (1.0 - share) / 1000.0)))


def test_with_one_trial_less_the_tail_takes_over() -> None:
    """99 made trials say 0.1, the model's law 1.35e-3: whatever is said comes from the one or the other."""
    assert LEAST_BEYOND == 100.0
    found = local_p_values(MODEL, made(99), made(99), AT_NINE, 20_000, 1)
    assert found.bounded.p_value == pytest.approx(ndtr(-3.0), abs=4.0 * found.bounded.error)
    assert 0.0 < found.bounded.error < 0.05 * found.bounded.p_value
    assert found.signed == found.bounded


def test_where_not_even_the_tail_reaches_trials_say_what_they_can() -> None:
    far = {"test_statistic": 1e5, "test_statistic_signed": 1e5}
    assert local_p_values(MODEL, made(5), made(5), far, 500, 1).bounded.p_value == pytest.approx(1.0 / 1000.0)


def test_of_several_fits_the_signed_one_stays_with_its_trials() -> None:
    """A sum of bounded fits and one of signed fits have tails of their own."""
    halves = np.array([[0.55, 0.45], [0.45, 0.55]])
    model = TrialModel.one_sky([0.5, 0.5], halves, [[0, 1], [1, 0]], [1.0, 1.0], 10_000)
    found = local_p_values(model, made(20), made(30), AT_NINE, 2000, 1)
    assert found.bounded.p_value < 0.01
    assert found.signed.p_value == pytest.approx(31.0 / 1000.0)


def test_common_skies_have_a_row_a_pair_and_sky() -> None:
    fits = [{"n_s": np.array([1.0, 2.0])}, {"n_s": np.array([3.0, 4.0])}]
    table = common_skies_table([("bb", 10), ("tautau", 20.0)], fits)
    assert table.to_pydict() == {
        "channel": ["bb", "bb", "tautau", "tautau"],
        "mass": [10.0, 10.0, 20.0, 20.0],
        "trial": [0, 1, 0, 1],
        "n_s": [1.0, 2.0, 3.0, 4.0],
    }


def test_a_row_of_what_was_observed_is_what_counts_and_trials_say() -> None:
    """Two σ of signal among a million events; 199 of 999 trials reach it; of common skies one of four, by one pair."""
    scale = SignalScale(2e27, 0.0, 1.0, "none", "public-3y")
    values = np.append(np.full(199, 5.0), np.full(800, -1.0))
    background = pa.table({"test_statistic": np.maximum(values, 0.0), "test_statistic_signed": values})
    pairs = [("bb", 10.0), ("tautau", 20.0)]
    columns = ("n_s", "test_statistic", "test_statistic_signed")
    skies = common_skies_table(
        pairs,
        [dict.fromkeys(columns, np.array(of)) for of in ([0.1, 9.0, 0.2, 0.3], [0.1, 0.2, 0.3, 0.4])],
    )
    table = observed_table(SKY, counts(2.0), (background, background), skies, pairs[0], scale, {}, n_tail=100, seed=1)
    assert all(GLOSSARY[field.name].dtype == field.type for field in table.schema)
    (row,) = table.to_pylist()
    assert row["n_s"] == row["n_s_signed"] == pytest.approx(2.0 * SPREAD)
    assert row["test_statistic"] == pytest.approx(4.0, rel=1e-3)
    assert row["p_value"] == row["p_value_signed"] == pytest.approx(0.2)
    # Two ranks count as far out: the 9.0 of the pair, and the first of four skies in the other one.
    assert row["p_value_global"] == row["p_value_global_signed"] == pytest.approx(4.0 / 5.0)
    assert row["sigma_v_best_fit"] == pytest.approx(2.0 * SPREAD / 2e27)
    ends = row["sigma_v_interval_lo"], row["sigma_v_interval_hi"]
    assert ends == pytest.approx((SPREAD / 2e27, 3.0 * SPREAD / 2e27), rel=1e-3)
    assert (row["n_events"], row["process"], row["sample"]) == (N_EVENTS, "annihilation", "public-3y")
