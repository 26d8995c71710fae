"""No event is lost between true and reconstructed directions, and density and counts tell the same."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PhysicsError
from core.response import public_response
from core.response.angular import expected_counts, folded_counts, reconstructed_density
from core.response.kernels import kernel_density
from tests.core.response.response_cases import BANDS, plain_response, uneven_response

SHAPE = (6, 2, 2, 20)


def random_weights(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.0, 1.0, SHAPE)


@settings(max_examples=25)
@given(cos_zenith=st.floats(-1.0, 1.0), seed=st.integers(0, 100), extent=st.sampled_from([0.0, 0.02]))
def test_events_are_neither_lost_nor_made(cos_zenith: float, seed: int, extent: float) -> None:
    weights = random_weights(seed)
    counts = expected_counts(uneven_response(seed), weights, cos_zenith, extent)
    np.testing.assert_allclose(counts.sum(axis=(1, 2)), weights.sum(axis=(0, 1, 3)), rtol=1e-12)


@pytest.mark.parametrize("cos_zenith", [-0.93, -0.2, 0.5])
@pytest.mark.parametrize("extent", [0.0, 0.1])
def test_density_integrates_over_each_band_to_its_counts(cos_zenith: float, extent: float) -> None:
    response, weights = uneven_response(), random_weights(7)
    angles = np.linspace(0.0, np.pi, 3001)
    density = reconstructed_density(response, weights, cos_zenith, angles, extent)
    counts = expected_counts(response, weights, cos_zenith, extent)
    azimuth = 2.0 * np.pi * (np.arange(720) + 0.5) / 720
    for band, (low, high) in enumerate(pairwise(BANDS)):
        zenith = low + (high - low) * (np.arange(400) + 0.5) / 400
        sines = np.sqrt((1.0 - cos_zenith**2) * (1.0 - zenith**2))
        angle = np.arccos(np.clip(cos_zenith * zenith[:, None] + sines[:, None] * np.cos(azimuth), -1.0, 1.0))
        on_band = np.interp(angle, angles, density[1, 2, band]).mean() * 2.0 * np.pi * (high - low)
        assert on_band == pytest.approx(counts[1, 2, band], rel=2e-4)


def test_without_selection_the_density_is_the_kernel() -> None:
    weights = np.zeros(SHAPE)
    weights[1, 0, 1, 5] = 3.0
    angles = np.linspace(0.0, np.pi, 50)
    density = reconstructed_density(plain_response(), weights, 0.3, angles)
    np.testing.assert_allclose(density[0], 0.0)
    for reco_energy in range(3):
        for band in range(4):
            np.testing.assert_allclose(density[1, reco_energy, band], kernel_density(np.array(50.0), angles), rtol=1e-9)


def test_counts_are_linear_in_the_weights() -> None:
    response, one, two = uneven_response(), random_weights(1), random_weights(2)
    together = expected_counts(response, one + 2.0 * two, 0.1)
    apart = expected_counts(response, one, 0.1) + 2.0 * expected_counts(response, two, 0.1)
    np.testing.assert_allclose(together, apart, rtol=1e-12)


def test_folding_keeps_the_events_of_the_whole_sky() -> None:
    weights = np.random.default_rng(4).uniform(0.0, 1.0, (*SHAPE, 8))
    assert folded_counts(uneven_response(), weights).sum() == pytest.approx(weights.sum(), rel=1e-12)


def test_weights_of_another_shape_and_directions_off_the_sphere_are_refused() -> None:
    with pytest.raises(PhysicsError, match="shape"):
        expected_counts(plain_response(), np.ones((6, 2, 2, 3)), 0.0)
    with pytest.raises(PhysicsError, match="outside"):
        expected_counts(plain_response(), np.ones(SHAPE), 1.5)


def test_shipped_kernels_keep_every_event() -> None:
    response = public_response()
    weights = response.effective_area.sum(axis=-1)
    assert expected_counts(response, weights, -0.78).sum() == pytest.approx(weights.sum(), rel=1e-9)
