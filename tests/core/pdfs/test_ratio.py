"""The ratio of the joint likelihood and its merged cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PhysicsError
from core.pdfs.ratio import merge_cells, sky_ratio
from core.pdfs.sky import right_ascension_average, ring_of_pixel

NSIDE = 8


def one_sky(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A random signal, its average over right ascension, and a background that depends on declination alone."""
    generator = np.random.default_rng(seed)
    signal = generator.random((1, 768)) ** 4
    signal /= signal.sum()
    background = (1.0 + generator.random(4 * NSIDE - 1))[ring_of_pixel(NSIDE)][None, :]
    return signal, right_ascension_average(signal, NSIDE), background / background.sum()


def test_the_subtracted_ratio_is_blind_to_functions_of_declination() -> None:
    signal, average, background = one_sky(1)
    ratio = sky_ratio(signal, average, background, "data")
    of_declination = np.cos(np.arange(4 * NSIDE - 1))[ring_of_pixel(NSIDE)]
    assert np.sum(background * of_declination * (ratio - 1.0)) == pytest.approx(0.0, abs=1e-14)


@pytest.mark.parametrize("treatment", ["data", "known"])
def test_the_mean_ratio_of_background_is_one(treatment: str) -> None:
    signal, average, background = one_sky(2)
    assert np.sum(background * sky_ratio(signal, average, background, treatment)) == pytest.approx(1.0, abs=1e-12)


def test_the_slope_of_the_score_equals_the_information() -> None:
    signal, average, background = one_sky(3)
    excess = sky_ratio(signal, average, background, "data") - 1.0
    assert np.sum(signal * excess) == pytest.approx(np.sum(background * excess**2))


def test_a_known_background_tells_more() -> None:
    signal, average, background = one_sky(4)
    known, data = (sky_ratio(signal, average, background, treatment) for treatment in ("known", "data"))
    assert np.sum(background * (known - 1) ** 2) > np.sum(background * (data - 1) ** 2)


def test_cells_without_background_have_no_say() -> None:
    signal, background = np.array([0.995, 0.005]), np.array([1.0, 0.0])
    assert sky_ratio(signal, signal, background, "known")[1] == 1.0
    with pytest.raises(PhysicsError, match=r"50.0% of the signal lies where there is no background"):
        sky_ratio(np.array([0.5, 0.5]), signal, background, "known")


@given(st.integers(0, 10_000), st.sampled_from([4, 64, 512]))
def test_merging_keeps_probabilities_and_loses_little(seed: int, n_cells: int) -> None:
    signal, average, background = one_sky(seed)
    ratio = sky_ratio(signal, average, background, "data")
    cells = merge_cells(ratio, background, signal, n_cells)
    assert len(cells.ratio) <= n_cells
    assert np.all(np.diff(cells.ratio) > 0)
    assert cells.background.sum() == pytest.approx(1.0)
    assert cells.signal.sum() == pytest.approx(1.0)
    assert np.sum(cells.background * cells.ratio) == pytest.approx(1.0, abs=1e-12)
    assert cells.n_sky_cells.sum() == ratio.size
    assert -1e-12 <= cells.fisher_information_loss < 4.0 / n_cells


def test_a_flat_sky_is_one_cell() -> None:
    flat = np.full(10, 0.1)
    cells = merge_cells(np.ones(10), flat, flat, 16)
    assert cells.ratio == pytest.approx([1.0])
    assert cells.fisher_information_loss == 0.0
