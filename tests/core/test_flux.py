import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PhysicsError
from core.flux import flux_per_decay_rate, flux_per_sigma_v, lifetime_from_flux, sigma_v_from_flux


def test_annihilation_is_j_over_8_pi_m_squared():
    assert flux_per_sigma_v(8.0 * math.pi * 100.0, 10.0) == pytest.approx(1.0)


def test_dirac_particles_make_half():
    assert flux_per_sigma_v(1e20, 50.0, self_conjugate=False) == pytest.approx(flux_per_sigma_v(1e20, 50.0) / 2.0)


def test_many_sources_at_once():
    assert flux_per_sigma_v(np.array([1e18, 2e18]), 10.0) == pytest.approx(
        np.array([1.0, 2.0]) * 1e18 / (800 * math.pi)
    )


def test_decay_is_d_over_4_pi_m():
    assert flux_per_decay_rate(4.0 * math.pi * 10.0, 10.0) == pytest.approx(1.0)


@given(st.floats(1e-30, 1e-15), st.floats(1e15, 1e22), st.floats(1.0, 1e3), st.booleans())
def test_there_and_back_again(sigma_v, j_factor, mass, self_conjugate):
    flux = sigma_v * flux_per_sigma_v(j_factor, mass, self_conjugate)
    assert sigma_v_from_flux(flux, j_factor, mass, self_conjugate) == pytest.approx(sigma_v)


def test_lifetime_there_and_back_again():
    flux = flux_per_decay_rate(1e18, 100.0) / 1e26
    assert lifetime_from_flux(flux, 1e18, 100.0) == pytest.approx(1e26)


def test_decay_without_d_factor_is_refused():
    with pytest.raises(PhysicsError, match="source list has none"):
        flux_per_decay_rate(None, 10.0)


@pytest.mark.parametrize(
    ("j_factor", "mass"), [(math.nan, 10.0), (-1.0, 10.0), (0.0, 10.0), (1e18, 0.0), (1e18, math.inf)]
)
def test_impossible_values_are_named(j_factor, mass):
    with pytest.raises(PhysicsError, match="must be a positive number"):
        flux_per_sigma_v(j_factor, mass)
