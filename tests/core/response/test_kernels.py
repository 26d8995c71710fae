"""Kernels on the sphere integrate to one, and their zenith marginal is the exact integral over azimuth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from core.response.kernels import kernel_density, mean_cosine, widened_kappa, zenith_density, zenith_probabilities

EDGES = np.linspace(-1.0, 1.0, 9)
KAPPAS = st.floats(0.1, 1200.0)
COSINES = st.floats(-1.0, 1.0)


@given(kappa=KAPPAS)
def test_kernel_integrates_to_one_over_the_sphere(kappa: float) -> None:
    angle = np.linspace(0.0, np.pi, 20001)
    density = kernel_density(np.array(kappa), angle)
    assert np.trapezoid(2.0 * np.pi * np.sin(angle) * density, angle) == pytest.approx(1.0, abs=1e-5)


@given(kappa=st.floats(0.1, 300.0), cos_zenith=st.floats(-0.999, 0.999), reco=st.floats(-0.999, 0.999))
def test_zenith_density_is_the_kernel_integrated_over_azimuth(kappa: float, cos_zenith: float, reco: float) -> None:
    azimuth = 2.0 * np.pi * (np.arange(4096) + 0.5) / 4096
    sines = np.sqrt((1.0 - cos_zenith**2) * (1.0 - reco**2))
    angle = np.arccos(np.clip(cos_zenith * reco + sines * np.cos(azimuth), -1.0, 1.0))
    integral = 2.0 * np.pi * kernel_density(np.array(kappa), angle).mean()
    density = zenith_density(np.array(kappa), np.array(cos_zenith), np.array(reco))
    assert density == pytest.approx(integral, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("cos_zenith", [-1.0, -0.74, 0.0, 0.251, 0.875, 1.0])
@pytest.mark.parametrize("kappa", [0.1, 10.0, 1200.0])
def test_probabilities_of_bins_are_the_integral_of_the_density(kappa: float, cos_zenith: float) -> None:
    found = zenith_probabilities(np.array([kappa]), np.array([cos_zenith]), EDGES)[0, 0]
    for low, high, probability in zip(EDGES[:-1], EDGES[1:], found, strict=True):
        points = [cos_zenith] if low < cos_zenith < high else None
        integral = quad(
            lambda reco: float(zenith_density(np.array(kappa), np.array(cos_zenith), np.array(reco))),
            low,
            high,
            points=points,
            limit=200,
        )[0]
        assert probability == pytest.approx(integral, abs=1e-7)


@given(kappa=KAPPAS, cos_zenith=COSINES)
def test_probabilities_sum_to_one_and_mirror_at_the_horizon(kappa: float, cos_zenith: float) -> None:
    both = zenith_probabilities(np.array([kappa]), np.array([cos_zenith, -cos_zenith]), EDGES)[0]
    np.testing.assert_allclose(both.sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(both[0], both[1, ::-1], atol=1e-12)


def test_a_nearly_isotropic_kernel_fills_bins_by_their_width() -> None:
    np.testing.assert_allclose(zenith_probabilities(np.array([1e-6]), np.array([0.3]), EDGES)[0, 0], 0.125, rtol=1e-5)


@given(kappa=KAPPAS, extent=st.floats(0.0, 0.5))
def test_extent_multiplies_mean_cosines(kappa: float, extent: float) -> None:
    widened = widened_kappa(np.array([kappa]), extent)
    np.testing.assert_allclose(mean_cosine(widened), mean_cosine(np.array([kappa])) * np.exp(-(extent**2)), rtol=1e-7)
