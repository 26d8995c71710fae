"""Models of trials: what is taken, what is refused with the way out, and how sources come to share one sky."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PhysicsError
from core.likelihood.model import TrialModel

BACKGROUND = np.array([0.5, 0.3, 0.2])
SIGNAL = np.array([0.2, 0.3, 0.5])
RATIO = SIGNAL / BACKGROUND
TWO = np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2]])


def joint(**changes: Any) -> TrialModel:
    given = {"background": BACKGROUND, "signal": SIGNAL, "ratio": RATIO, "n_events": 1000}
    return TrialModel.joint(**(given | changes))


def per_source(**changes: Any) -> TrialModel:
    given = {"background": TWO, "signal": SIGNAL, "weights": [3.0, 1.0], "n_events": 1000}
    return TrialModel.per_source(**(given | changes))


def test_a_joint_model_is_one_source_on_one_sky() -> None:
    model = joint()
    assert (model.n_sources, model.n_draws, model.n_cells, model.n_bins) == (1, 1, 3, 3)
    assert model.shares_one_sky
    assert model.draw_events.tolist() == [1000]
    assert model.draw_weights.tolist() == [1.0]


def test_a_ratio_with_the_average_subtracted_may_be_negative() -> None:
    average = np.array([0.6, 0.3, 0.1])
    model = joint(ratio=1.0 + (SIGNAL - average) / BACKGROUND)
    assert model.ratio.min() < 1.0
    assert joint(ratio=[2.0, -2.0, 3.0]).ratio.min() == -2.0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"background": [0.5, 0.3, 0.1]}, r"background sums to 0\.9: normalise it to 1"),
        ({"signal": [1.2, -0.2, 0.0]}, r"signal has a probability of -0\.2: none may be negative"),
        ({"signal": [0.5, 0.5]}, r"have \(3, 2, 3\) cells: give the same number"),
        ({"ratio": [np.nan, 1.0, 1.0]}, "ratio holds 1 values that are not finite"),
        ({"ratio": [[1.0, 1.0, 1.0]]}, r"ratio has shape \(1, 3\): it must have 1 dimensions"),
        ({"ratio": 2.0 * RATIO}, "the mean of the ratio over background is 2: that of S/B"),
        ({"background": []}, r"background has shape \(0,\)"),
        ({"n_events": 0}, "n_events 0 must be a whole number"),
        ({"n_events": 2.5}, r"n_events 2\.5 must be a whole number"),
        ({"n_events": 2**31}, "must be a whole number from 1 to"),
    ],
)
def test_what_is_no_model_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(PhysicsError, match=said):
        joint(**changes)


def test_background_beside_signal_leaves_the_density_that_is_fitted() -> None:
    """B + n/N (S - S~), whatever part of B is signal; known background stays as it is."""
    background, signal, average = np.array([0.4, 0.4, 0.2]), np.array([0.7, 0.1, 0.2]), np.array([0.4, 0.4, 0.2])
    model = TrialModel.joint(background, signal, 1.0 + (signal - average) / background, 1000, average)
    beside = model.background_beside(100)
    assert beside.sum() == pytest.approx(1.0)
    assert 0.9 * beside[0] + 0.1 * signal == pytest.approx(background * (1.0 + 0.1 * (model.ratio[0] - 1.0)))
    assert np.array_equal(model.background_beside(0), model.background)
    known = TrialModel.joint(background, signal, signal / background, 1000)
    assert np.array_equal(known.background_beside(100), known.background)
    with pytest.raises(PhysicsError, match="signal_average"):
        TrialModel.joint(background, signal, signal / background, 1000, [0.5, 0.5])


def test_another_signal_stands_beside() -> None:
    beside = np.array([1.2, 1.0, 0.5])
    model = TrialModel.joint_beside(BACKGROUND, SIGNAL, RATIO, beside, 1000)
    assert model.ratio_beside is not None
    assert model.ratio_beside.tolist() == beside.tolist()
    with pytest.raises(PhysicsError, match="the mean of the ratio"):
        TrialModel.joint_beside(BACKGROUND, SIGNAL, RATIO, 3.0 * beside, 1000)


def test_each_source_has_an_own_ratio_and_weights_are_shares() -> None:
    model = per_source()
    np.testing.assert_allclose(model.ratio, SIGNAL / TWO)
    assert model.weights.tolist() == [0.75, 0.25]
    assert (model.n_sources, model.n_draws, model.shares_one_sky) == (2, 2, False)


def test_a_bin_without_background_takes_the_ratio_of_its_neighbours() -> None:
    model = per_source(background=[[0.6, 0.0, 0.4], [0.4, 0.4, 0.2]])
    assert np.all(np.isfinite(model.ratio))
    low, middle, high = model.ratio[0]
    assert min(low, high) <= middle <= max(low, high)


def test_sources_may_have_events_of_their_own_number() -> None:
    model = per_source(n_events=[1000, 500])
    assert model.draw_events.tolist() == [1000, 500]
    assert model.n_events == 1000
    assert per_source(n_events=[700, 700]).source_events is None


def test_injected_events_go_by_their_shares_where_these_are_given() -> None:
    assert per_source().draw_weights.tolist() == [0.75, 0.25]
    assert per_source(injection_shares=[1.0, 4.0]).draw_weights.tolist() == [0.2, 0.8]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weights": [1.0]}, "weights must be 2 numbers >= 0, not all 0"),
        ({"weights": [0.0, 0.0]}, "weights must be 2 numbers"),
        ({"weights": [1.0, -1.0]}, "weights must be 2 numbers"),
        ({"signal": [0.5, 0.5]}, r"signal \(1, 2\) does not fit background \(2, 3\)"),
        ({"n_events": [1000, 500, 200]}, r"n_events has shape \(3,\): give one number, or one of each of 2 sources"),
        ({"n_events": [1000, 0]}, "n_events 0 must be a whole number"),
        ({"injection_shares": [1.0, 2.0, 3.0]}, "weights must be 2 numbers"),
        ({"injection": "even"}, "unknown injection 'even': known are multinomial, rounded"),
    ],
)
def test_sources_that_do_not_fit_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(PhysicsError, match=said):
        per_source(**changes)


def test_pixels_that_all_sources_see_alike_are_one_cell() -> None:
    background = np.full(6, 1.0 / 6.0)
    signal = np.array([[0.5, 0.5, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.25, 0.25, 0.25, 0.25]])
    bins = np.array([[0, 0, 1, 1, 2, 2], [1, 1, 0, 0, 0, 0]])
    model = TrialModel.one_sky(background, signal, bins, [1.0, 1.0], 600)
    assert model.shares_one_sky
    assert (model.n_cells, model.n_sources, model.n_bins) == (3, 2, 3)
    np.testing.assert_allclose(np.sort(model.background[0]), np.full(3, 1.0 / 3.0))
    assert model.signal[0].sum() == pytest.approx(1.0)
    assert model.patterns is not None
    assert model.patterns.shape == (2, 3)
    np.testing.assert_allclose(model.ratio[0][:2], [1.0 / (1.0 / 3.0), 0.0])


def test_bins_must_be_indices_of_each_source_and_pixel() -> None:
    sky, signal = np.full(2, 0.5), np.full((1, 2), 0.5)
    for bins, said in (
        (np.zeros((2, 2), int), "give one of each source and pixel"),
        (np.zeros((1, 2)), "must be whole numbers from 0"),
        (np.array([[0, -1]]), "must be whole numbers from 0"),
    ):
        with pytest.raises(PhysicsError, match=said):
            TrialModel.one_sky(sky, signal, bins, [1.0], 10)


def test_sources_with_different_numbers_of_events_share_no_sky() -> None:
    with pytest.raises(PhysicsError, match="share no sky: leave out declination bands"):
        per_source(n_events=[1000, 500]).on_one_sky([0.5, 0.5], [0.5, 0.5], [[0, 1], [1, 0]])


@settings(max_examples=25, deadline=None)
@given(
    shares=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(1, 9)), min_size=2, max_size=8).filter(
        lambda cells: any(signal for _, signal, _ in cells)
    ),
    n_injected=st.integers(0, 1000),
)
def test_what_is_left_beside_signal_are_probabilities_whatever_is_taken_out(
    shares: list[tuple[int, int, int]], n_injected: int
) -> None:
    """Where background holds less than the signal's average it is 0, never less; all events signal: as it was."""
    background, signal, average = (np.array(column) / np.sum(column) for column in zip(*shares, strict=True))
    model = TrialModel.joint(background, signal, 1.0 + (signal - average) / background, 1000, average)
    left = model.background_beside(n_injected)[0]
    assert left.sum() == pytest.approx(1.0)
    assert left.min() >= 0.0
    if 0 < n_injected < 1000:
        assert np.all(left[1000 * background <= n_injected * average] == 0.0)
    else:
        assert np.array_equal(left, model.background[0])


def test_a_bin_without_background_is_taken_together_with_the_nearest_that_has_some() -> None:
    """Bins 0 and 1 share 0.5 of background and 0.7 of signal, bin 3 belongs to 2: 0.3 over 0.5."""
    model = TrialModel.per_source([[0.5, 0.0, 0.5, 0.0]], [0.4, 0.3, 0.1, 0.2], [1.0], 10)
    np.testing.assert_allclose(model.ratio[0], [1.4, 1.4, 0.6, 0.6])
    assert model.background[0] @ model.ratio[0] == pytest.approx(1.0)


def test_sources_of_one_sky_shine_by_their_shares_and_weigh_by_their_weights() -> None:
    signal = np.array([[1.0, 0.0], [0.0, 1.0]])
    given = np.full(2, 0.5), signal, np.array([[0, 1], [1, 0]])
    by_weight = TrialModel.one_sky(*given, [3.0, 1.0], 10)
    by_share = TrialModel.one_sky(*given, [3.0, 1.0], 10, injection_shares=[1.0, 4.0])
    assert sorted(by_weight.signal[0]) == [0.25, 0.75]
    assert sorted(by_share.signal[0]) == pytest.approx([0.2, 0.8])
    assert by_share.weights.tolist() == by_weight.weights.tolist() == [0.75, 0.25]
    assert by_share.draw_weights.tolist() == [1.0]


def test_a_model_keeps_nothing_of_the_arrays_that_it_was_given() -> None:
    background = BACKGROUND.copy()
    model = joint(background=background)
    background[:] = 7.0
    assert model.background[0].tolist() == BACKGROUND.tolist()
