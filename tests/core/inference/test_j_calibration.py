"""The fall of 2 ln L that covers: that of Gaussian errors where J factors are exact, more where they are not."""

import numpy as np
import pytest

from core.errors import PhysicsError
from core.inference.j_calibration import calibrated_drop
from core.likelihood.j_profile import FactorErrors, gaussian_drop

TWO = np.array([[4.0, 1.0], [1.0, 2.0]])


@pytest.mark.slow
def test_exact_factors_need_the_fall_of_gaussian_errors() -> None:
    """At strengths where the bound at 0 does not matter."""
    found = calibrated_drop(TWO, FactorErrors.none(2), seed=1, n_trials=4000, strengths=(4.0, 10.0))
    assert np.all(np.abs(found.drop - gaussian_drop()) < 4.0 * found.drop_error)
    assert found.coverage == pytest.approx(0.9, abs=0.02)


@pytest.mark.slow
def test_strong_signals_of_one_uncertain_source_need_no_more() -> None:
    """ln s is then as normal as ln J, whatever its error."""
    errors = FactorErrors(np.array([1.0]), np.array([1.0]))
    found = calibrated_drop(np.array([[1.0]]), errors, seed=2, n_trials=3000, strengths=(300.0,))
    assert found.coverage == pytest.approx(0.9, abs=0.025)


def test_wide_errors_need_more_where_both_weigh_alike() -> None:
    errors = FactorErrors(np.full(2, 1.1), np.full(2, 1.1))
    found = calibrated_drop(TWO, errors, seed=3, n_trials=1500, strengths=(1.5, 2.5))
    assert np.all(found.coverage < 0.87)
    assert found.greatest > gaussian_drop() + 0.3


def test_the_same_seed_gives_the_same_fall() -> None:
    errors = FactorErrors(np.full(2, 1.1), np.full(2, 0.9))
    one, again, other = (
        calibrated_drop(TWO, errors, seed, n_trials=200, strengths=(1.0, 2.0)).drop for seed in (1, 1, 2)
    )
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_too_few_trials_are_refused() -> None:
    with pytest.raises(PhysicsError, match="ask for at least 100"):
        calibrated_drop(TWO, FactorErrors.none(2), seed=1, n_trials=99)
