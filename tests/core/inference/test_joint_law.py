"""The law of the joint statistic: closed forms, exact sums, and trials of skewed cells."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from scipy.stats import binom, multinomial

from core.errors import PhysicsError
from core.inference.joint_law import JointLaw
from core.likelihood.closed_form import closed_form
from core.likelihood.fit import fit_n_s
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


@pytest.mark.parametrize("n_s", [0.0, 15.0])
def test_all_outcomes_of_a_small_sample_are_as_far_out_as_the_law_says(n_s: float) -> None:
    """Each of the 5,151 outcomes of 100 events in three cells, fitted and weighted by its multinomial probability."""
    background, signal = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.27, 0.53])
    small = JointLaw(background, signal, signal / background - 1.0, 100)
    first, second = (grid.ravel() for grid in np.indices((101, 101)))
    possible = first + second <= 100
    counts = np.stack([first, second, 100 - first - second], axis=1)[possible]
    probability = multinomial.pmf(counts, 100, background + n_s / 100.0 * (signal - background))
    statistic = np.asarray(fit_n_s(counts, signal / background, allow_negative=True).test_statistic)
    drawn = np.sign(statistic) * np.sqrt(np.abs(statistic))
    roots = np.array([-1.0, 0.0, 1.0, 2.0, 3.0])
    exact = np.array([probability[drawn > root].sum() for root in roots])
    assert probability.sum() == pytest.approx(1.0)
    assert ndtr(-small.deviate(roots, n_s)) == pytest.approx(exact, abs=0.01)


@settings(max_examples=20, deadline=None)
@given(root=st.floats(-0.5, 3.0), further=st.floats(0.01, 1.0), n_s=st.floats(0.0, 30.0), more=st.floats(0.1, 20.0))
def test_further_out_is_rarer_and_more_signal_makes_it_less_so(
    root: float, further: float, n_s: float, more: float
) -> None:
    near, far = law().deviate([root, root + further], n_s)
    assert near < far
    assert law().deviate([root], n_s + more)[0] < near


@settings(max_examples=20, deadline=None)
@given(root=st.floats(-2.0, 3.0), n_s=st.floats(0.0, 60.0), factor=st.floats(0.2, 5.0))
@example(root=-2.0, n_s=60.0, factor=1.0)  # far below: approached slowly
def test_neither_a_cell_in_two_nor_the_scale_of_the_excess_matters(root: float, n_s: float, factor: float) -> None:
    """Cells of one ratio count as their sum, and x e is what is fitted, whatever the unit of x."""
    plain = law().deviate([root], n_s)
    parts = np.array([0.3, 0.7, 1.0, 1.0, 1.0, 1.0])
    cut = (np.insert(values, 0, values[0]) for values in (BACKGROUND, SIGNAL))
    halves = JointLaw(*(values * parts for values in cut), np.insert(RATIO, 0, RATIO[0]) - 1.0, N_EVENTS)
    scaled = JointLaw(BACKGROUND, SIGNAL, factor * (RATIO - 1.0), N_EVENTS)
    assert halves.deviate([root], n_s) == pytest.approx(plain, abs=1e-5)
    assert scaled.deviate([root], n_s) == pytest.approx(plain, abs=1e-5)


def test_what_is_even_about_no_signal_has_even_roots() -> None:
    """Ratios of 1 ± 0.1 over halves of the sky: no skewness at all."""
    even = JointLaw(np.full(2, 0.5), np.array([0.55, 0.45]), np.array([0.1, -0.1]), 1000)
    roots = np.array([0.0, 0.3, 1.0, 2.5])
    assert even.deviate(roots, 0.0) == pytest.approx(-even.deviate(-roots, 0.0), abs=1e-9)
    assert even.thresholds([0.5])[0] == pytest.approx(0.0, abs=1e-9)
    low, high = even.thresholds([0.9, 0.1])
    assert low == pytest.approx(-high, abs=1e-6)


@pytest.mark.parametrize("average", [None, np.array([0.4, 0.3, 0.2, 0.06, 0.04])])
@pytest.mark.parametrize(("threshold", "share"), [(0.0, 0.9), (4.0, 0.5), (9.0, 0.9), (1.0, 0.2)])
def test_gaussian_crossings_solve_their_own_equation(
    average: np.ndarray | None, threshold: float, share: float
) -> None:
    """The mean of the score less the threshold is z of its spread, what the signal displaces left out of it."""
    excess = RATIO - 1.0
    found = JointLaw(BACKGROUND, SIGNAL, excess, N_EVENTS, average)
    mean = float(found.gaussian_crossings(threshold, share)[0])
    information, slope = np.sum(BACKGROUND * excess**2), np.sum(SIGNAL * excess)
    displaced = np.sum((SIGNAL - (BACKGROUND if average is None else average)) * excess**2)
    variance = N_EVENTS * information + mean * displaced - (mean * slope) ** 2 / N_EVENTS
    above = mean * slope - np.sqrt(threshold * N_EVENTS * information)
    assert above == pytest.approx(ndtri(share) * np.sqrt(variance), rel=1e-9, abs=1e-6)


def test_background_as_what_is_displaced_is_the_law_without_saying_so() -> None:
    said = JointLaw(BACKGROUND, SIGNAL, RATIO - 1.0, N_EVENTS, BACKGROUND)
    assert said.crossings([0.0, 9.0], [0.9, 0.5]).tolist() == law().crossings([0.0, 9.0], [0.9, 0.5]).tolist()


@pytest.mark.parametrize("root", [1e-200, 1e-17, 1e-12, 1e-8, -1e-8])
def test_a_threshold_next_to_0_is_as_far_out_as_0(root: float) -> None:
    for n_s in (0.0, 20.0):
        assert law().deviate([root], n_s) == pytest.approx(law().deviate([0.0], n_s), abs=1e-5)
