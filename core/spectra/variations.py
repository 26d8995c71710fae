"""Neutrino mixing within its errors: each angle by one standard deviation to either side, the others as they are."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from core.dark_matter.channels import FLAVOURS, Flavour
from core.spectra.annihilation import arriving, spectra_from_table
from core.spectra.earth_matter import Directions
from core.spectra.grid import trapezoid_widths
from core.spectra.oscillation import NUFIT_60, NUFIT_60_ERRORS, MixingAngles
from core.spectra.spectrum import ProducedSpectra, Spectrum

ANGLES = ("sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp")


def shifted_angles(
    angles: MixingAngles = NUFIT_60, errors: MixingAngles = NUFIT_60_ERRORS
) -> dict[str, tuple[MixingAngles, MixingAngles]]:
    """Return the angles with one of them lower and higher by its error, by its name.

    Squared sines stay between 0 and 1.
    """
    return {name: (_shifted(angles, errors, name, -1.0), _shifted(angles, errors, name, 1.0)) for name in ANGLES}


def arriving_otherwise(
    spectra: pa.Table, channel: str, mass: float, angles: MixingAngles, behind_earth: Directions | None
) -> Mapping[Flavour, Spectrum] | None:
    """Return what arrives at Earth of a `spectra` product with other mixing or matter, by species.

    `mass` in GeV, at which the spectra end. None where the product's source has oscillated already.
    """
    if spectra["dn_de"].equals(spectra["dn_de_production"]):
        return None
    made = spectra_from_table(spectra, at_earth=False)
    energy = made[FLAVOURS[0]].energy
    log10_x = np.log10(energy / mass)
    widths = energy * np.log(10.0) * trapezoid_widths(log10_x)
    counts = np.array([made[flavour].dn_de * widths for flavour in FLAVOURS])
    line = np.array([sum(weight for _, weight in made[flavour].lines) for flavour in FLAVOURS])
    return arriving(ProducedSpectra(channel, mass, log10_x, counts, line), angles, behind_earth).spectra()


def _shifted(angles: MixingAngles, errors: MixingAngles, name: str, sign: float) -> MixingAngles:
    value = getattr(angles, name) + sign * getattr(errors, name)
    return replace(angles, **{name: value if name == "delta_cp" else min(max(value, 0.0), 1.0)})
