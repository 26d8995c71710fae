"""What `dwarfnu spectra flux` does: neutrinos at Earth from dark matter in the galaxies of a catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from core.configuration.inputs import SourceSettings
from core.dark_matter.channels import FLAVOURS, Flavour
from core.dark_matter.processes import PROCESSES, Process
from core.dark_matter.sources import catalogue_path, read_catalogue, select_sources
from core.errors import InputError
from core.signal.flux import annihilation_flux, decay_flux
from core.spectra import Spectrum, spectra_at_earth


@dataclass(frozen=True)
class Strength:
    """How strongly dark matter annihilates, `sigma_v` (cm³ s⁻¹), or decays, `lifetime` (s); one of the two."""

    sigma_v: float | None = None
    lifetime: float | None = None
    dirac: bool = False

    def __post_init__(self) -> None:
        if (self.sigma_v is None) == (self.lifetime is None):
            raise InputError("give either --sigma-v, for annihilation, or --lifetime, for decay")
        if self.lifetime is not None and self.dirac:
            raise InputError("--dirac halves annihilation alone: a decay is the same for Dirac particles")

    @property
    def process(self) -> Process:
        """What dark matter does."""
        return PROCESSES["decay" if self.sigma_v is None else "dirac_annihilation" if self.dirac else "annihilation"]


def print_flux(
    channel: str, mass: float, strength: Strength, sources: SourceSettings, console: Console, output: Path | None = None
) -> None:
    """Print the flux of each species from all sources together, and write dΦ/dE to a CSV file if one is named."""
    flux, factor = summed_flux(channel, mass, strength, sources)
    table = Table(title=f"{channel} at {mass:g} GeV: flux at Earth, {factor}")
    for heading in ("flavour", "cm⁻² s⁻¹", "GeV cm⁻² s⁻¹", "of that in the line"):
        table.add_column(heading, justify="left" if heading == "flavour" else "right")
    for flavour, spectrum in flux.items():
        energy = 2.0 * spectrum.mass * spectrum.energy_fraction()
        in_line = sum(at * weight for at, weight in spectrum.lines)
        table.add_row(flavour, f"{spectrum.multiplicity():.4g}", f"{energy:.4g}", f"{in_line:.4g}")
    console.print(table)
    if output is not None:
        _flux_table(flux).to_csv(output, index=False)


def summed_flux(
    channel: str, mass: float, strength: Strength, sources: SourceSettings
) -> tuple[Mapping[Flavour, Spectrum], str]:
    """Return dΦ/dE of each species from all sources together, and what they sum to in words."""
    process = strength.process
    selected = select_sources(read_catalogue(catalogue_path(sources)), sources, process.name)
    factor = float(process.factors(selected).sum())
    at_earth = spectra_at_earth(channel, process.spectrum_mass(mass))
    if strength.lifetime is not None:
        return decay_flux(at_earth, factor, mass, strength.lifetime), f"ΣD = {factor:.3g} GeV cm⁻²"
    return annihilation_flux(at_earth, factor, strength.sigma_v or 0.0, not strength.dirac), (
        f"ΣJ = {factor:.3g} GeV² cm⁻⁵"
    )


def _flux_table(flux: Mapping[Flavour, Spectrum]) -> pd.DataFrame:
    """Return dΦ/dE by species and energy; a line is a row of its own, with its flux and no density."""
    rows = [
        {"flavour": flavour, "energy": energy, "dphi_de": density, "line_flux": np.nan}
        for flavour in FLAVOURS
        for energy, density in zip(flux[flavour].energy.tolist(), flux[flavour].dn_de.tolist(), strict=True)
    ]
    rows += [
        {"flavour": flavour, "energy": energy, "dphi_de": np.nan, "line_flux": weight}
        for flavour in FLAVOURS
        for energy, weight in flux[flavour].lines
    ]
    return pd.DataFrame(rows)
