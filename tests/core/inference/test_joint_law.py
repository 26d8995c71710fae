"""The law of the joint statistic: closed forms, exact sums, and trials of skewed cells."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from core.errors import PhysicsError
from core.inference.joint_law import JointLaw
from core.likelihood.closed_form import closed_form
from core.likelihood.model import TrialModel
from core.trials.run import run_trials

# Few cells with a long tail of ratios, so that scores are skewed at a few thousand events.
BACKGROUND = np.array([0.6, 0.3, 0.08, 0.018, 0.002])
SIGNAL = np.array([0.15, 0.25, 0.25, 0.2, 0.15])
RATIO = SIGNAL / BACKGROUND
N_EVENTS = 3000


def law(n_events: int = N_EVENTS) -> JointLaw:
    return JointLaw(BACKGROUND, SIGNAL, RATIO - 1.0, n_events)


def test_gaussian_crossing_of_the_median_is_the_closed_form() -> None:
    form = closed_form(BACKGROUND, SIGNAL, RATIO, N_EVENTS)
    assert law().gaussian_crossings(0.0, 0.9) == pytest.approx([form.sensitivity], rel=1e-12)
    assert law().n_s_uncertainty == pytest.approx(form.n_s_uncertainty, rel=1e-12)


def test_many_events_are_gaussian() -> None:
    many = law(10**8)
    thresholds, shares = np.array([-1.0, 0.0, 1.0, 9.0]), np.array([0.9, 0.9, 0.9, 0.5])
    assert many.thresholds(ndtr(np.array([1.0, 0.0, -1.0, -3.0]))) == pytest.approx(thresholds, abs=5e-3)
    assert many.crossings(thresholds, shares) == pytest.approx(many.gaussian_crossings(thresholds, shares), rel=1e-3)
    expected = many.n_s_uncertainty * (np.array([-1.0, 0.0, 1.0, 3.0]) + ndtri(shares))
    assert many.crossings(thresholds, shares) == pytest.approx(expected, rel=2e-3)


def test_deviates_of_two_cells_are_those_of_the_binomial_law() -> None:
    two = JointLaw(np.array([0.8, 0.2]), np.array([0.3, 0.7]), np.array([0.375, 3.5]) - 1.0, 2000)
    counts = np.arange(330, 521, 10)
    share = counts / 2000
    # Best fit at which the second cell's density is that of the counts; its likelihood ratio is that of two binomials.
    deviance = 2.0 * (counts * np.log(share / 0.2) + (2000 - counts) * np.log((1.0 - share) / 0.8))
    roots = np.sign(counts - 400) * np.sqrt(deviance)
    for n_s in (0.0, 60.0):
        probability = 0.2 + n_s / 2000 * 0.5
        at_least, above = (binom.sf(counts - step, 2000, probability) for step in (1, 0))
        assert np.abs(two.deviate(roots, n_s) + ndtri(0.5 * (at_least + above))).max() < 2e-3


def test_deviates_are_smooth_where_the_saddlepoint_has_its_limit() -> None:
    found = law()
    for n_s in (0.0, 20.0):
        roots = np.linspace(-0.2, 0.2, 81) + (n_s * found.slope / np.sqrt(N_EVENTS * found.information))
        assert np.abs(np.diff(found.deviate(roots, n_s), 2)).max() < 2e-4


def test_thresholds_and_crossings_undo_deviates() -> None:
    found = law()
    p_values = np.array([0.975, 0.5, 0.025, 1.35e-3, 2.87e-7])
    roots = np.sign(found.thresholds(p_values)) * np.sqrt(np.abs(found.thresholds(p_values)))
    assert ndtr(-found.deviate(roots, 0.0)) == pytest.approx(p_values, rel=1e-4)
    n_s = found.crossings(found.thresholds(p_values[1:]), np.full(4, 0.9))
    assert ndtr(-found.deviate(roots[1:], n_s)) == pytest.approx(0.9, abs=1e-5)


def test_trials_of_skewed_cells_fall_as_the_law_says_where_gaussian_fits_do_not() -> None:
    model, found = TrialModel.joint(BACKGROUND, SIGNAL, RATIO, N_EVENTS), law()
    roots = np.array([-1.5, -0.5, 0.0, 0.5, 1.5, 2.5])
    statistic = run_trials(model, 400_000, 0, seed=3).test_statistic_signed
    drawn = np.sign(statistic) * np.sqrt(np.abs(statistic))
    shares = np.array([np.mean(drawn > root) for root in roots])
    error = np.sqrt(shares * (1.0 - shares) / drawn.size)
    # Ten times below the shift that skewness makes, and within the trials' own errors and the cells' granularity.
    assert np.abs(ndtr(-found.deviate(roots, 0.0)) - shares).max() < 4.0 * error.max() + 1e-3
    assert np.abs(ndtr(-roots) - shares).max() > 5e-3


def test_few_events_have_answers_up_to_the_end_of_the_possible_n_s() -> None:
    model, few = TrialModel.joint(BACKGROUND, SIGNAL, RATIO, 60), law(60)
    statistic = run_trials(model, 200_000, 0, seed=5).test_statistic_signed
    for threshold in (2.0, 6.0):
        share = np.mean(statistic > threshold)
        assert ndtr(-few.deviate(np.sqrt(threshold), 0.0)) == pytest.approx([share], rel=0.15)


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(PhysicsError, match="the same"):
        JointLaw(BACKGROUND, BACKGROUND, np.zeros(5), N_EVENTS)
    with pytest.raises(PhysicsError, match="background alone"):
        law().crossings([-4.0], [0.9])
    with pytest.raises(PhysicsError, match="more signal events"):
        law(30).crossings([50.0], [0.99])
    with pytest.raises(PhysicsError, match="within reach of 30 events"):
        law(30).deviate([-4.0], 3.0)
