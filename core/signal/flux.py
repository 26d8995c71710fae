"""From ⟨σv⟩ or a decay rate to a flux at Earth.

Annihilation: dΦ/dE = ⟨σv⟩ J/(8π m²) dN/dE for self-conjugate dark matter, J/(16π m²) for Dirac particles, of which only
half the pairs annihilate. Decay: dΦ/dE = D/(4π m τ) dN/dE, where dN/dE is that of annihilation at m/2. With J in
GeV² cm⁻⁵ and D in GeV cm⁻², integrated over the source; m in GeV, ⟨σv⟩ in cm³ s⁻¹, τ in s, the flux in cm⁻² s⁻¹.
Cirelli et al., arXiv:1012.4515, section 5.
"""

import math
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.dark_matter.channels import Flavour
from core.dark_matter.processes import Process
from core.errors import PhysicsError
from core.spectra.spectrum import ProducedSpectra, Spectrum

Number = TypeVar("Number", float, NDArray[np.float64])


def flux_per_sigma_v(j_factor: Number, mass: float, self_conjugate: bool = True) -> Number:
    """Return the annihilations' flux per ⟨σv⟩, in cm⁻⁵: J/(8π m²), or J/(16π m²) if not self-conjugate.

    Multiplied by ⟨σv⟩ and dN/dE it is dΦ/dE. `j_factor` may be an array, (n_sources,). Raises PhysicsError for a J
    factor or a mass that is not a positive number.
    """
    _refuse_unless_positive("J factor", j_factor, "GeV² cm⁻⁵")
    _refuse_unless_positive("mass", mass, "GeV")
    return j_factor / ((8.0 if self_conjugate else 16.0) * math.pi * mass**2)


def flux_per_decay_rate(d_factor: Number | None, mass: float) -> Number:
    """Return the decays' flux per decay rate 1/τ, in cm⁻²: D/(4π m).

    Divided by τ and multiplied by dN/dE of one decay it is dΦ/dE. Raises PhysicsError without a D factor.
    """
    if d_factor is None:
        raise PhysicsError("decay needs D factors: the source list has none, add them or choose annihilation")
    _refuse_unless_positive("D factor", d_factor, "GeV cm⁻²")
    _refuse_unless_positive("mass", mass, "GeV")
    return d_factor / (4.0 * math.pi * mass)


def flux_per_strength(process: Process, factor: Number, mass: float) -> Number:
    """Return the flux per strength of a process, without dN/dE: cm⁻⁵ per ⟨σv⟩, or cm⁻² per decay rate.

    `factor`: J or D, an array (n_sources,) or a number; `mass` in GeV. dN/dE is that of annihilation at
    `process.spectrum_mass`. Raises PhysicsError for a factor or a mass that is not a positive number.
    """
    if process.is_decay:
        return flux_per_decay_rate(factor, mass)
    return flux_per_sigma_v(factor, mass, process.name == "annihilation")


def sigma_v_from_flux(flux: Number, j_factor: float, mass: float, self_conjugate: bool = True) -> Number:
    """Return ⟨σv⟩ in cm³ s⁻¹ at which the annihilations' flux (cm⁻² s⁻¹; without dN/dE) is the one given."""
    return flux / flux_per_sigma_v(j_factor, mass, self_conjugate)


def lifetime_from_flux(flux: float, d_factor: float | None, mass: float) -> float:
    """Return the lifetime τ in s at which the decays' flux (cm⁻² s⁻¹; without dN/dE) is the one given."""
    _refuse_unless_positive("flux", flux, "cm⁻² s⁻¹")
    per_rate: float = flux_per_decay_rate(d_factor, mass)
    return per_rate / flux


def annihilation_flux(
    at_earth: ProducedSpectra, j_factor: float, sigma_v: float, self_conjugate: bool = True
) -> Mapping[Flavour, Spectrum]:
    """Return dΦ/dE of each species, cm⁻² s⁻¹ GeV⁻¹, from annihilation with this ⟨σv⟩ in cm³ s⁻¹.

    `at_earth`: the spectra of one annihilation. Lines carry cm⁻² s⁻¹. Raises PhysicsError as `flux_per_sigma_v`, and
    for a ⟨σv⟩ that is not a positive number.
    """
    _refuse_unless_positive("<σv>", sigma_v, "cm³ s⁻¹")
    return _scaled(at_earth, sigma_v * flux_per_sigma_v(j_factor, at_earth.mass, self_conjugate))


def decay_flux(
    at_earth: ProducedSpectra, d_factor: float | None, mass: float, lifetime: float
) -> Mapping[Flavour, Spectrum]:
    """Return dΦ/dE of each species, cm⁻² s⁻¹ GeV⁻¹, from decays of particles of this mass and lifetime in s.

    `at_earth`: the spectra of one annihilation at half the mass, which are those of one decay. Lines carry cm⁻² s⁻¹.
    Raises PhysicsError without a D factor, for what is not a positive number, and for spectra of another mass.
    """
    _refuse_unless_positive("lifetime", lifetime, "s")
    if not math.isclose(at_earth.mass, mass / 2.0, rel_tol=1e-9):
        raise PhysicsError(
            f"decay at {mass:g} GeV has the spectra of annihilation at {mass / 2.0:g} GeV, not {at_earth.mass:g} GeV"
        )
    return _scaled(at_earth, flux_per_decay_rate(d_factor, mass) / lifetime)


def _scaled(at_earth: ProducedSpectra, factor: float) -> Mapping[Flavour, Spectrum]:
    return {
        flavour: Spectrum(
            spectrum.energy,
            spectrum.dn_de * factor,
            tuple((energy, weight * factor) for energy, weight in spectrum.lines),
        )
        for flavour, spectrum in at_earth.spectra().items()
    }


def _refuse_unless_positive(name: str, value: float | NDArray[np.float64], unit: str) -> None:
    values = np.atleast_1d(np.asarray(value, dtype=np.float64))
    bad = values[~(np.isfinite(values) & (values > 0.0))]
    if len(bad):
        raise PhysicsError(f"{name} {bad[0]:g} {unit} is refused: it must be a positive number")
