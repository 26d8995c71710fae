"""P-values and intervals of an observed sky."""

import numpy as np
import pytest
from scipy.special import ndtr

from core.inference.observed_product import interval_of_trials, local_p_values
from core.trials.statistic import TrialStatistic
from tests.core.inference.test_upper_limit_product import MODEL, SPREAD, trials


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
