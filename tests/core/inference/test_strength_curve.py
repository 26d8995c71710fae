"""Limits read off trials whose law is known: signed squares of normal numbers about strength over uncertainty."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from core.errors import PhysicsError
from core.inference.strength_curve import StrengthCurve

UNCERTAINTY = 50.0
STRENGTHS = UNCERTAINTY * np.array([0.0, 0.4, 1.5, 2.6, 3.7, 4.8])
Z = float(ndtri(0.9))


def curve(n_trials: int, seed: int = 1) -> StrengthCurve:
    random = np.random.default_rng(seed)
    roots = [strength / UNCERTAINTY + random.standard_normal(n_trials) for strength in STRENGTHS]
    return StrengthCurve(STRENGTHS, [np.sign(root) * root**2 for root in roots], UNCERTAINTY)


@pytest.mark.parametrize("root", [-1.0, 0.0, 1.0, 2.0])
def test_limits_have_their_closed_form(root: float) -> None:
    """A share of 90 % lies above r at a strength of (r + z) uncertainties."""
    limit, error = curve(20_000).strength_at(np.sign(root) * root**2, 0.9)
    assert limit is not None
    assert limit / UNCERTAINTY == pytest.approx(root + Z, abs=4.0 * error / UNCERTAINTY)
    assert 0.0 < error / UNCERTAINTY < 0.05


def test_no_strength_where_trials_without_signal_lie_above_often_enough() -> None:
    assert curve(2_000).strength_at(-4.0, 0.9) == (None, 0.0)


@pytest.mark.parametrize(("root", "share"), [(0.0, 0.9), (1.0, 0.9), (-1.0, 1.0 - 0.1 * ndtr(-1.0)), (-1.6, 0.9945)])
def test_errors_are_the_scatter_and_the_bias_is_small(root: float, share: float) -> None:
    """Also at the shares of CL_s, where all of most points' trials lie above."""
    threshold, wanted = float(np.sign(root) * root**2), root + float(ndtri(share))
    found = [curve(400, seed).strength_at(threshold, share) for seed in range(150)]
    values = np.array([(limit or 0.0) / UNCERTAINTY for limit, _ in found])
    errors = np.array([error / UNCERTAINTY for _, error in found])
    assert np.median(errors) == pytest.approx(values.std(), rel=0.25)
    assert abs(values.mean() - wanted) < 0.3 * np.median(errors)
    assert errors.max() < 4.0 * np.median(errors)


@pytest.mark.parametrize("root", [-1.0, 0.0, 1.5])
def test_cls_has_its_closed_form(root: float) -> None:
    """r + Φ⁻¹(1 - 0.1 Φ(r)) uncertainties."""
    limit = curve(20_000).strength_by_cls(np.sign(root) * root**2, 0.9)
    assert limit / UNCERTAINTY == pytest.approx(root + float(ndtri(1.0 - 0.1 * ndtr(root))), abs=0.08)


def test_cls_of_data_below_nearly_all_trials_is_that_of_the_lowest_share_known() -> None:
    """Whether 2 or 0 of 400 trials lie below is chance: below the twentieth the limit falls no further."""
    trials = curve(400)
    twentieth = float(np.sort(trials.statistics[0])[20])
    limits = [trials.strength_by_cls(observed, 0.9) for observed in (twentieth, -9.0, -16.0, -100.0)]
    assert limits[1] == limits[2] == limits[3] == pytest.approx(limits[0], rel=0.05)
    assert limits[0] > 0.4 * UNCERTAINTY


def test_statistics_that_differ_by_rounding_give_the_same_limit() -> None:
    """What was read off an undetermined parabola moved by 6 % for 1e-10."""
    one = curve(400)
    moved = StrengthCurve(STRENGTHS, [values * (1.0 + 1e-10) for values in one.statistics], UNCERTAINTY)
    for threshold, share in ((-2.56, 0.9945), (0.0, 0.9), (4.0, 0.9)):
        assert moved.strength_at(threshold, share)[0] == pytest.approx(one.strength_at(threshold, share)[0], rel=1e-3)


def test_a_limit_beyond_the_strengths_drawn_is_refused() -> None:
    with pytest.raises(PhysicsError, match="far beyond the strengths that were drawn: draw more trials"):
        curve(400).strength_at(49.0, 0.9)
