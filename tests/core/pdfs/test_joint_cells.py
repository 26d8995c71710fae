"""The cells of a sky on which a halo of any strength is fitted beside the galaxies."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError, PhysicsError
from core.inference.asimov import joint_law
from core.likelihood.two_templates import information_matrix
from core.pdfs.joint_cells import (
    joint_ratio_cells,
    joint_steps,
    merge_events_jointly,
    merge_jointly,
    told_from_halo,
)
from tests.core.pdfs.halo_pairs import halo_pair

CASE = ("tautau", 20.0, "burkert")


def test_the_cells_know_what_is_left_to_the_galaxies() -> None:
    both = halo_pair(*CASE)
    cells = joint_ratio_cells(both.pair.signal_pdf(), both.halo, both.pair.background, "data", 64)
    assert cells["background_probability"].to_numpy().sum() == pytest.approx(1.0)
    assert cells["signal_probability"].to_numpy().sum() == pytest.approx(1.0)
    own = told_from_halo(cells)
    assert "ratio_beside" not in own.column_names
    law = joint_law(own)
    assert law.n_s_uncertainty == pytest.approx(cells["n_s_uncertainty"][0].as_py())
    per_event = both.information().sensitivity["free"] * both.n_s_per_sigma_v
    assert law.gaussian_crossings(0.0, 0.9)[0] == pytest.approx(per_event, rel=2e-3)
    # What is left has no part that a halo could mimic.
    background, beside = (
        own_column.to_numpy() for own_column in (cells["background_probability"], cells["ratio_beside"])
    )
    assert np.sum(background * (own["ratio"].to_numpy() - 1.0) * (beside - 1.0)) == pytest.approx(0.0, abs=1e-12)


def test_a_halo_that_is_the_signal_leaves_nothing() -> None:
    pair = halo_pair(*CASE).pair
    with pytest.raises(PhysicsError, match="cannot be told from a free halo"):
        joint_ratio_cells(pair.signal_pdf(), pair.signal_pdf(), pair.background, "data", 64)


def test_other_cells_are_refused() -> None:
    both = halo_pair(*CASE)
    with pytest.raises(InputError, match="not of the same cells"):
        joint_ratio_cells(both.pair.signal_pdf(), both.halo.slice(0, 10), both.pair.background, "data")


def sky(seed: int, n_cells: int = 300) -> tuple[np.ndarray, ...]:
    """Both ratios, background, signal and the signal beside of a sky of random cells, some without background."""
    random = np.random.default_rng(seed)
    background, signal, beside = random.exponential(size=(3, n_cells))
    background[random.random(n_cells) < 0.1] = 0.0
    signal[background == 0.0] = beside[background == 0.0] = 0.0
    background, signal, beside = (values / values.sum() for values in (background, signal, beside))
    ratios = (
        np.divide(values, background, out=np.ones(n_cells), where=background > 0.0) for values in (signal, beside)
    )
    return (*ratios, background, signal, beside)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), n_steps=st.integers(1, 40))
def test_merging_keeps_all_probability_and_never_adds_information(seed: int, n_steps: int) -> None:
    ratio, ratio_beside, background, signal, beside = sky(seed)
    cells = merge_jointly(ratio, ratio_beside, background, signal, beside, n_steps)
    for values in (cells.background, cells.signal, cells.beside):
        assert values.sum() == pytest.approx(1.0)
    # Of S/B the ratio of a merged cell is that of its sums, so that either ratio's mean over background stays 1.
    np.testing.assert_allclose(cells.background * cells.ratio, cells.signal, atol=1e-12)
    np.testing.assert_allclose(cells.background * cells.ratio_beside, cells.beside, atol=1e-12)
    lost = cells.information_loss
    assert np.linalg.eigvalsh(lost).min() > -1e-12
    assert np.all(np.diag(lost) <= 1.0 + 1e-12)
    if n_steps == 1:
        np.testing.assert_allclose(np.diag(lost), 1.0, rtol=1e-9)
        assert len(cells.ratio) == 1


def test_steps_so_fine_that_no_two_cells_share_one_lose_nothing() -> None:
    ratio, ratio_beside, background, signal, beside = sky(3, 20)
    cells = merge_jointly(ratio, ratio_beside, background, signal, beside, 1000)
    assert len(cells.ratio) == np.count_nonzero(background)
    np.testing.assert_allclose(cells.information_loss, 0.0, atol=1e-12)
    assert np.sort(cells.ratio) == pytest.approx(np.sort(ratio[background > 0.0]))


def test_cells_that_differ_in_either_ratio_stay_apart() -> None:
    ratio, beside = np.array([1.0, 1.0, 2.0, 2.0, 1.0]), np.array([1.0, 3.0, 1.0, 3.0, 1.0])
    place, n_cells = joint_steps(ratio, beside, 2)
    assert n_cells == 4
    assert place.tolist() == [0, 1, 2, 3, 0]


def test_events_stay_with_the_ratios_that_trials_have() -> None:
    """Also one where there is no background: it counts, at ratios of 1."""
    ratio, ratio_beside, background, signal, beside = sky(5)
    events = np.random.default_rng(1).poisson(1e4 * background)
    cells = merge_jointly(ratio, ratio_beside, background, signal, beside, 16)
    counts, own, other = merge_events_jointly(events, ratio, ratio_beside, background, 16)
    assert counts.sum() == events.sum()
    assert own == pytest.approx(cells.ratio)
    assert other == pytest.approx(cells.ratio_beside)
    alone = merge_events_jointly(np.array([0, 7]), np.array([2.0, 1.0]), np.array([2.0, 1.0]), np.array([1.0, 0.0]), 8)
    assert [values.tolist() for values in alone] == [[7, 0], [1.0, 2.0], [1.0, 2.0]]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_what_a_halo_cannot_mimic_is_told_by_one_ratio(seed: int) -> None:
    """Its information is what the matrix of both leaves to the first, 1/[I^-1]_11."""
    ratio, ratio_beside, background, *_ = sky(seed, 40)
    table = pa.table(
        {"background_probability": background, "ratio": ratio, "ratio_beside": ratio_beside, "cell": ratio}
    )
    own = told_from_halo(table)
    assert own.column_names == ["background_probability", "ratio", "cell"]
    excess, matrix = own["ratio"].to_numpy() - 1.0, information_matrix(background, ratio, ratio_beside)
    assert np.sum(background * excess * (ratio_beside - 1.0)) == pytest.approx(0.0, abs=1e-12)
    assert np.sum(background * excess**2) == pytest.approx(1.0 / np.linalg.inv(matrix)[0, 0], rel=1e-9)
