"""Neutrino spectra of annihilation and decay, at production and at Earth, from any source of tables."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.dark_matter.channels import FLAVOURS, Channel, Flavour, canonical_channel, listed
from core.errors import PhysicsError, ProductError
from core.spectra.earth_matter import Directions, mean_arrival_probabilities
from core.spectra.grid import trapezoid_widths
from core.spectra.origins import source_fingerprint, spectrum_table
from core.spectra.oscillation import NUFIT_60, MixingAngles, averaged_probabilities
from core.spectra.spectrum import ProducedSpectra, Spectrum
from core.spectra.table import SpectrumTable

SPECTRA_SCHEMA = pa.schema(
    [
        ("flavour", pa.string()),
        ("energy", pa.float64()),
        ("dn_de_production", pa.float64()),
        ("dn_de", pa.float64()),
        ("is_line", pa.bool_()),
        ("line_weight_production", pa.float64()),
        ("line_weight", pa.float64()),
    ]
)


def annihilation_spectrum(channel: str, mass: float, flavour: Flavour, source: str | Path = "pythia") -> Spectrum:
    """Return the spectrum of one species where two particles of this mass (GeV) annihilate.

    `source`: "pythia" (the shipped table), a folder with PPPC or CosmiXs `.dat` files, or a published `.npy` file.
    Raises PhysicsError for a closed channel (naming its threshold) or a mass outside 1 GeV to 1 TeV or the table.
    """
    return produced_spectra(channel, mass, source).spectrum(_known_flavour(flavour))


def spectrum_at_earth(
    channel: str, mass: float, flavour: Flavour, source: str | Path = "pythia", angles: MixingAngles = NUFIT_60
) -> Spectrum:
    """Return the spectrum of one species at Earth, after averaged oscillation with these angles.

    dN_b/dE = Σ_a P_ab dN_a/dE; sources and errors as for `annihilation_spectrum`.
    """
    return spectra_at_earth(channel, mass, source, angles).spectrum(_known_flavour(flavour))


def decay_spectrum(channel: str, mass: float, flavour: Flavour, source: str | Path = "pythia") -> Spectrum:
    """Return the spectrum of one species where a particle of this mass decays: that of annihilation at m/2."""
    return annihilation_spectrum(channel, mass / 2.0, flavour, source)


def decay_spectrum_at_earth(
    channel: str, mass: float, flavour: Flavour, source: str | Path = "pythia", angles: MixingAngles = NUFIT_60
) -> Spectrum:
    """Return the spectrum of one species at Earth from the decay of a particle of this mass."""
    return spectrum_at_earth(channel, mass / 2.0, flavour, source, angles)


def produced_spectra(channel: str, mass: float, source: str | Path = "pythia") -> ProducedSpectra:
    """Return the spectra of all species where they are made."""
    return _produced(canonical_channel(channel), float(mass), str(source), source_fingerprint(source))


def spectra_at_earth(
    channel: str,
    mass: float,
    source: str | Path = "pythia",
    angles: MixingAngles = NUFIT_60,
    behind_earth: Directions | None = None,
) -> ProducedSpectra:
    """Return the spectra of all species at Earth.

    With directions `behind_earth` they have come through the Earth's matter from there, else through vacuum alone.
    Raises PhysicsError for that with spectra of a source that have oscillated already.
    """
    produced = produced_spectra(channel, mass, source)
    return arriving_spectra(produced, spectrum_table(source), angles, behind_earth)


def arriving_spectra(
    produced: ProducedSpectra, table: SpectrumTable, angles: MixingAngles, behind_earth: Directions | None = None
) -> ProducedSpectra:
    """Return spectra of a table as they arrive at Earth; arguments and errors as for `spectra_at_earth`."""
    if not table.at_earth:
        return arriving(produced, angles, behind_earth)
    if behind_earth is not None:
        raise PhysicsError(f"the spectra of {table.name} have oscillated already: Earth matter cannot be added")
    return produced


def arriving(
    produced: ProducedSpectra, angles: MixingAngles = NUFIT_60, behind_earth: Directions | None = None
) -> ProducedSpectra:
    """Return spectra at production as they arrive at Earth, through its matter from directions `behind_earth`."""
    in_vacuum = averaged_probabilities(angles)
    if behind_earth is None:
        return produced.mixed(in_vacuum)
    return mean_arrival_probabilities(behind_earth, angles).mixed(produced, in_vacuum)


def spectra_table(
    channel: str,
    mass: float,
    source: str | Path = "pythia",
    angles: MixingAngles = NUFIT_60,
    behind_earth: Directions | None = None,
) -> pa.Table:
    """Return the spectra of a pair as a table: a row for each species and energy, then one for each species' line.

    Weights are null in rows of the continuum, densities in rows of lines. `behind_earth` as for `spectra_at_earth`.
    """
    return table_of_spectra(spectrum_table(source), channel, mass, angles, behind_earth)


def table_of_spectra(
    table: SpectrumTable,
    channel: str,
    mass: float,
    angles: MixingAngles = NUFIT_60,
    behind_earth: Directions | None = None,
) -> pa.Table:
    """Return what `spectra_table` does, of a table of spectra that has been read."""
    produced = table.production(canonical_channel(channel), mass)
    return made_and_arriving_table(produced, arriving_spectra(produced, table, angles, behind_earth))


def made_and_arriving_table(produced: ProducedSpectra, at_earth: ProducedSpectra) -> pa.Table:
    """Return spectra at production and at Earth as the table that `spectra_table` describes."""
    rows: list[dict[str, Any]] = []
    for flavour in FLAVOURS:
        made, arriving = produced.spectrum(flavour), at_earth.spectrum(flavour)
        points = zip(made.energy.tolist(), made.dn_de.tolist(), arriving.dn_de.tolist(), strict=True)
        rows += [
            {"flavour": flavour, "energy": energy, "dn_de_production": before, "dn_de": after, "is_line": False}
            for energy, before, after in points
        ]
    if produced.line.any():
        rows += [
            {
                "flavour": flavour,
                "energy": produced.mass,
                "is_line": True,
                "line_weight_production": float(produced.line[index]),
                "line_weight": float(at_earth.line[index]),
            }
            for index, flavour in enumerate(FLAVOURS)
        ]
    return pa.Table.from_pylist(rows, schema=SPECTRA_SCHEMA)


def spectra_from_table(table: pa.Table, at_earth: bool = True) -> Mapping[Flavour, Spectrum]:
    """Return the spectra by species that `spectra_table` wrote down, at Earth or where they are made."""
    density, weight = ("dn_de", "line_weight") if at_earth else ("dn_de_production", "line_weight_production")
    missing = [name for name in ("flavour", "energy", "is_line", density, weight) if name not in table.column_names]
    if missing:
        raise ProductError(f"the table of spectra lacks {listed(missing)}; it has {listed(table.column_names)}")
    species = np.array(table["flavour"].to_pylist())
    energy = table["energy"].to_numpy()
    is_line = table["is_line"].to_numpy()
    densities = table[density].to_numpy(zero_copy_only=False)
    weights = table[weight].to_numpy(zero_copy_only=False)
    spectra: dict[Flavour, Spectrum] = {}
    for flavour in FLAVOURS:
        continuum = (species == flavour) & ~is_line
        lines = (species == flavour) & is_line
        if not continuum.any():
            raise ProductError(f"the table of spectra has no energies for {flavour}")
        found = zip(energy[lines], weights[lines], strict=True)
        spectra[flavour] = Spectrum(
            energy[continuum],
            densities[continuum].astype(np.float64),
            tuple((float(at), float(number)) for at, number in found if number > 0.0),
        )
    return spectra


def produced_from_table(table: pa.Table, channel: Channel) -> ProducedSpectra:
    """Return the spectra at production that `spectra_table` wrote down; the channel is only a name.

    Errors and numbers of simulated events are not in the table.
    """
    made = spectra_from_table(table, at_earth=False)
    first = made[FLAVOURS[0]]
    log10_x = np.log10(first.energy / first.mass)
    per_node = first.energy * np.log(10.0) * trapezoid_widths(log10_x)
    counts = np.array([made[flavour].dn_de * per_node for flavour in FLAVOURS])
    line = np.array([sum(weight for _, weight in made[flavour].lines) for flavour in FLAVOURS])
    return ProducedSpectra(channel, first.mass, log10_x, counts, line)


@lru_cache(maxsize=512)
def _produced(channel: Channel, mass: float, source: str, _fingerprint: tuple[Any, ...]) -> ProducedSpectra:
    return spectrum_table(source).production(channel, mass)


def _known_flavour(flavour: str) -> Flavour:
    if flavour in FLAVOURS:
        return flavour
    raise PhysicsError(f"unknown flavour {flavour!r}: known are {listed(FLAVOURS)}")
