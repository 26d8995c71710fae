"""A user's own spectra: dN/dE in a file, of one channel, by species or of all alike, of one mass or by mass.

Columns (core.spectra.user_columns reads them): `energy` (GeV, rising), `dn_de` (neutrinos of one species per GeV and
annihilation, where they are made), optional `mass` (GeV), and the species in a column `flavour` (nue ... nutaubar, or
all), or in the columns' names, dn_de_nue ...; without both every species has the same. Antineutrinos that are not
given are as their neutrinos. An optional `line_weight` holds neutrinos of the species at energy = mass per
annihilation, beside the continuum. Of a decaying particle the mass is half of its own, as everywhere in core.spectra.

Without `mass` the spectra are taken as they are, in GeV, at every mass that is not below their highest energy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.dark_matter.channels import FLAVOURS, Flavour, listed
from core.errors import InputError, PhysicsError
from core.spectra.grid import Array, trapezoid_widths
from core.spectra.mixtures import EDGE, on_common_nodes
from core.spectra.origins import Fingerprint, source_fingerprint
from core.spectra.spectrum import ProducedSpectra
from core.spectra.table import SpectrumTable
from core.spectra.thresholds import MASS_RANGE
from core.spectra.user_columns import UserColumns, read_columns

ALL = "all"
BY_SPECIES: dict[str, Flavour] = {f"dn_de_{flavour}": flavour for flavour in FLAVOURS}
COLUMNS = ("mass", "energy", "flavour", "dn_de", *BY_SPECIES, "line_weight")
TOLERANCE = 1e-6  # of an energy against its mass, and in log10 x
GREATEST_SHARE = 1.001  # of the annihilation's energy that all species may carry


@dataclass(frozen=True)
class SpeciesRows:
    """One species at one mass: energy (n,) GeV, dn_de (n,) per GeV, and the neutrinos in its line."""

    energy: Array
    dn_de: Array
    line: float


@dataclass(frozen=True)
class UserSpectra:
    """The spectra of a file: a table by mass, or those of all six species at no mass in particular."""

    path: Path
    channel: str
    table: SpectrumTable | None
    species: tuple[SpeciesRows, ...] = ()

    def production(self, mass: float) -> ProducedSpectra:
        """Return the spectra at a mass (GeV), interpolated between the masses of the file as any table's.

        PhysicsError for a mass outside the file.
        """
        if self.table is not None:
            return self.table.production(self.channel, mass)
        highest = max(rows.energy[-1] for rows in self.species)
        has_line = any(rows.line > 0.0 for rows in self.species)
        if highest > mass * (1.0 + TOLERANCE) or (has_line and abs(highest / mass - 1.0) > TOLERANCE):
            raise PhysicsError(
                f"{self.path}: column energy reaches {highest:g} GeV; allowed at the mass {mass:g} GeV is "
                f"{'a line at the mass alone' if has_line else 'no more than the mass'}, or add a column mass"
            )
        return _produced(self.path, self.channel, mass, self.species)


def user_spectra(path: Path | str, channel: str) -> UserSpectra:
    """Return the spectra in a file, those of a channel's name; read once as long as the file stays the same.

    InputError names file, row, column, value and what is allowed.
    """
    return _read(Path(path), channel, source_fingerprint(path))


@lru_cache(maxsize=8)
def _read(path: Path, channel: str, _fingerprint: Fingerprint) -> UserSpectra:
    """Return the spectra in a file, read again when its fingerprint is another."""
    columns = read_columns(path)
    _refuse_columns(columns)
    masses = (
        columns.numbers("mass", *MASS_RANGE, "a mass from {:g} to {:g} GeV".format(*MASS_RANGE))
        if "mass" in columns.values
        else np.zeros(len(columns.rows))
    )
    by_mass = {mass: _species(columns, np.flatnonzero(masses == mass), mass) for mass in np.unique(masses).tolist()}
    if "mass" not in columns.values:
        return UserSpectra(path, channel, None, by_mass[0.0])
    spectra = on_common_nodes([_produced(path, channel, mass, species) for mass, species in by_mass.items()])
    pairs = {channel: {one.mass: one for one in spectra}}
    return UserSpectra(path, channel, SpectrumTable(f"the spectra in {path}", pairs))


def _refuse_columns(columns: UserColumns) -> None:
    """Raise InputError for columns that are missing, unknown or say one thing twice."""
    names = list(columns.values)
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise InputError(f"{columns.path}: column {unknown[0]} is unknown; allowed are {listed(COLUMNS)}")
    wide = [name for name in names if name in BY_SPECIES]
    if "energy" not in names or not (wide or "dn_de" in names):
        raise InputError(f"{columns.path}: has the columns {listed(names)}; needed are energy and dn_de")
    doubled = [name for name in ("dn_de", "flavour", "line_weight") if name in names]
    if wide and doubled:
        raise InputError(f"{columns.path}: has both {doubled[0]} and {wide[0]}; allowed is one row or column a species")


def _species(columns: UserColumns, rows: np.ndarray, mass: float) -> tuple[SpeciesRows, ...]:
    """Return the rows of one mass (0: of no mass in particular) by species, in the order of FLAVOURS."""
    given: dict[str, SpeciesRows] = {}
    wide = [name for name in columns.values if name in BY_SPECIES]
    for name in wide:
        given[BY_SPECIES[name]] = _of_rows(columns, rows, name, mass)
    if not wide:
        words = np.array([str(word) for word in columns.values.get("flavour", [ALL] * len(columns.rows))])
        allowed = (*FLAVOURS, ALL)
        for row in rows.tolist():
            if words[row] not in allowed:
                raise InputError(columns.complaint(row, "flavour", listed(allowed)))
        for word in dict.fromkeys(words[rows].tolist()):
            given[word] = _of_rows(columns, rows[words[rows] == word], "dn_de", mass)
    return _completed(columns, given, mass)


def _completed(columns: UserColumns, given: Mapping[str, SpeciesRows], mass: float) -> tuple[SpeciesRows, ...]:
    """Return all six species, where those that are not given are as others."""
    found = []
    for flavour in FLAVOURS:
        same = next((name for name in (flavour, flavour.removesuffix("bar"), ALL) if name in given), None)
        if same is None or (ALL in given and len(given) > 1):
            of_mass = f" at {mass:g} GeV" if mass else ""
            raise InputError(
                f"{columns.path}: column flavour{of_mass} has {listed(given)}; allowed are all six species, the three "
                f"neutrinos alone, or {ALL}"
            )
        found.append(given[same])
    return tuple(found)


def _of_rows(columns: UserColumns, rows: np.ndarray, name: str, mass: float) -> SpeciesRows:
    """Return the rows of one species and mass, checked."""
    highest = mass * (1.0 + TOLERANCE) if mass else np.inf
    up_to = f"an energy above 0 GeV, up to the mass {mass:g} GeV" if mass else "an energy above 0 GeV"
    chosen = UserColumns(
        columns.path,
        {key: [values[row] for row in rows] for key, values in columns.values.items()},
        [columns.rows[row] for row in rows],
    )
    least = float(np.finfo(np.float64).tiny)
    energy = chosen.numbers("energy", least, min(highest, np.finfo(np.float64).max), up_to)
    dn_de = chosen.numbers(name, 0.0, np.finfo(np.float64).max, "a finite number, 0 or more, per GeV")
    lines = (
        chosen.numbers("line_weight", 0.0, np.finfo(np.float64).max, "0 or more neutrinos, or nothing", 0.0)
        if "line_weight" in columns.values
        else np.zeros(len(rows))
    )
    falling = np.flatnonzero(np.diff(energy) <= 0.0)
    if len(falling):
        index = int(falling[0]) + 1
        raise InputError(chosen.complaint(index, "energy", f"more than {energy[index - 1]:g} before it"))
    if len(rows) < 2:
        raise InputError(
            f"{chosen.path}: row {chosen.rows[0]} stands alone; allowed are two energies or more a species"
        )
    at_mass = mass or energy[-1]
    for index in np.flatnonzero(lines > 0.0).tolist():
        if abs(energy[index] / at_mass - 1.0) > TOLERANCE:
            raise InputError(chosen.complaint(index, "line_weight", f"0 below the mass, {at_mass:g} GeV"))
    return SpeciesRows(energy, dn_de, float(lines.sum()))


def _produced(path: Path, channel: str, mass: float, species: tuple[SpeciesRows, ...]) -> ProducedSpectra:
    """Return the six species on common nodes that end at the mass; PhysicsError if they carry too much energy."""
    singles = []
    for index, rows in enumerate(species):
        # Rounded, so that nodes that several masses or species share are the same ones.
        log10_x = np.minimum(np.log10(rows.energy / mass).round(12), 0.0)
        density = rows.dn_de * rows.energy * np.log(10.0)
        if log10_x[-1] < -TOLERANCE:
            log10_x, density = np.append(log10_x, [log10_x[-1] + EDGE, 0.0]), np.append(density, [0.0, 0.0])
        log10_x[-1] = 0.0
        counts, line = np.zeros((len(FLAVOURS), len(log10_x))), np.zeros(len(FLAVOURS))
        counts[index], line[index] = density * trapezoid_widths(log10_x), rows.line
        singles.append(ProducedSpectra(channel, mass, log10_x, counts, line))
    common = on_common_nodes(singles)
    counts = np.sum([one.counts for one in common], axis=0)
    line = np.sum([one.line for one in common], axis=0)
    produced = ProducedSpectra(channel, mass, common[0].log10_x, counts, line)
    share = float(produced.energy_fraction().sum())
    if share > GREATEST_SHARE:
        raise PhysicsError(
            f"{path}: at {mass:g} GeV all species carry {share:.3g} of the annihilation's energy; allowed is up to 1: "
            "dn_de is of one species, per GeV and annihilation"
        )
    return produced
