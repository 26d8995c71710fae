import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PhysicsError
from core.signal.flux import (
    annihilation_flux,
    decay_flux,
    flux_per_decay_rate,
    flux_per_sigma_v,
    lifetime_from_flux,
    sigma_v_from_flux,
)
from core.spectra import spectra_at_earth, spectrum_at_earth


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


@pytest.mark.parametrize(("self_conjugate", "of_8_pi_m_squared"), [(True, 1.0), (False, 0.5)])
def test_annihilation_flux_is_the_spectrum_scaled(self_conjugate, of_8_pi_m_squared):
    flux = annihilation_flux(spectra_at_earth("nunu", 50.0), 1e20, 1e-24, self_conjugate)["numu"]
    expected, factor = spectrum_at_earth("nunu", 50.0, "numu"), of_8_pi_m_squared * 1e-4 / (8.0 * math.pi * 2500.0)
    assert flux.dn_de == pytest.approx(factor * expected.dn_de)
    assert flux.lines == ((50.0, pytest.approx(factor / 3.0)),)


def test_decay_flux_has_the_spectrum_of_half_the_mass():
    flux = decay_flux(spectra_at_earth("tautau", 20.0), 1e18, 40.0, 1e27)["nutau"]
    expected = spectrum_at_earth("tautau", 20.0, "nutau")
    assert flux.energy[-1] == pytest.approx(20.0)
    assert flux.multiplicity() == pytest.approx(expected.multiplicity() * 1e18 / (4.0 * math.pi * 40.0 * 1e27))


def test_decay_flux_refuses_what_does_not_belong():
    spectra = spectra_at_earth("tautau", 20.0)
    with pytest.raises(PhysicsError, match="decay at 20 GeV has the spectra of annihilation at 10 GeV, not 20 GeV"):
        decay_flux(spectra, 1e18, 20.0, 1e27)
    with pytest.raises(PhysicsError, match="source list has none"):
        decay_flux(spectra, None, 40.0, 1e27)
    with pytest.raises(PhysicsError, match="lifetime 0 s is refused"):
        decay_flux(spectra, 1e18, 40.0, 0.0)
    with pytest.raises(PhysicsError, match="<σv> -1 cm³ s⁻¹ is refused"):
        annihilation_flux(spectra, 1e20, -1.0)
