"""Effective area and smearing of the ten-year point-source release, from its tables.

Areas are those of muon neutrinos, the mean of ν and ν̄, in bins of true energy and declination. The smearing says of
each of its own, coarser, bins of true energy and declination how often a neutrino is found with which energy of the
muon, at which angle from the true direction and with which estimated error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.events.point_source_release import AREA_COLUMNS, RECO_COLUMNS, SMEARING_COLUMNS, read_point_source_table

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

SAME = 1e-4  # of edges (log10 GeV, deg) that stand in two rows
MOST_FROM_ONE = 0.01  # of the sum of the shares of a cell


@dataclass(frozen=True)
class TabulatedArea:
    """Effective area in cm², (n_dec, n_energies), between edges in log10(E/GeV) and in sin(dec)."""

    log10_energy_edges: Reals
    sin_dec_edges: Reals
    area: Reals

    def at(self, log10_energy: Reals, sin_dec: Reals) -> Reals:
        """Return the area (n,) cm² of the bins in which true energies and declinations lie."""
        return np.asarray(
            self.area[bin_index(sin_dec, self.sin_dec_edges), bin_index(log10_energy, self.log10_energy_edges)]
        )


@dataclass(frozen=True)
class Smearing:
    """Where neutrinos of a cell of true energy and declination are found.

    Cells are counted by declination, then energy; `sin_dec_edges`, `log10_energy_edges` (n + 1,). Rows are in order of
    the cells: `low` and `high` (n_rows, 3) of log10(E/GeV), the angle and its error (deg); `first` (n_cells + 1,), the
    rows of each cell; `cumulative` (n_rows,), the share of a cell up to the end of a row, plus the number of the cell.
    """

    log10_energy_edges: Reals
    sin_dec_edges: Reals
    low: Reals
    high: Reals
    first: Integers
    cumulative: Reals

    def cells(self, log10_energy: Reals, sin_dec: Reals) -> Integers:
        """Return the cell (n,) of true energies and declinations; where it has no event, that of the nearest energy."""
        n_energies = len(self.log10_energy_edges) - 1
        dec, energy = bin_index(sin_dec, self.sin_dec_edges), bin_index(log10_energy, self.log10_energy_edges)
        return np.asarray(self._filled[dec * n_energies + energy])

    def reco_log10_energies(self, log10_highest: float) -> tuple[float, float]:
        """Return between which log10(E/GeV) the neutrinos up to a true energy are found."""
        n_energies = len(self.log10_energy_edges) - 1
        cell = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        below = self.log10_energy_edges[cell % n_energies] < log10_highest
        return float(self.low[below, 0].min()), float(self.high[below, 0].max())

    @property
    def n_empty(self) -> int:
        """Number of cells without simulated events."""
        return int(np.count_nonzero(np.diff(self.first) == 0))

    @property
    def _filled(self) -> Integers:
        """The cell that stands for each: itself, or that of the nearest energy with events, (n_cells,)."""
        n_energies = len(self.log10_energy_edges) - 1
        has_events = (np.diff(self.first) > 0).reshape(-1, n_energies)
        energy = np.arange(n_energies)
        away = np.abs(energy[:, None] - energy) + np.where(has_events, 0, n_energies)[:, None, :]
        nearest = away.argmin(axis=2) + n_energies * np.arange(len(has_events))[:, None]
        return np.asarray(nearest.ravel(), dtype=np.int64)


def bin_index(values: Reals, edges: Reals) -> Integers:
    """Return the bin (n,) of values between edges (n_bins + 1,); the outermost edges belong to the outermost bins."""
    return np.asarray(np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2), dtype=np.int64)


def read_effective_area(path: Path) -> TabulatedArea:
    """Return the area of a table of the release; InputError unless it has one row for each bin of the whole sky."""
    columns = read_point_source_table(path, AREA_COLUMNS)
    energy_edges, energy = _bins(path, columns, "log10(E_nu/GeV)_min", "log10(E_nu/GeV)_max")
    dec_edges, dec = _bins(path, columns, "Dec_nu_min[deg]", "Dec_nu_max[deg]")
    _refuse_part_of_sky(path, dec_edges)
    shape = len(dec_edges) - 1, len(energy_edges) - 1
    place = np.ravel_multi_index((dec, energy), shape)
    _refuse_repeated_or_missing(path, place, int(np.prod(shape)))
    area = np.empty(int(np.prod(shape)))
    area[place] = columns["A_Eff[cm^2]"]
    if not area.any():
        raise InputError(f"{path}: column A_Eff[cm^2] is 0 in all {len(area)} rows: no neutrino is seen")
    return TabulatedArea(energy_edges, _sines(dec_edges), area.reshape(shape))


def read_smearing(path: Path) -> Smearing:
    """Return the smearing of a table of the release.

    InputError unless its cells cover the sky, the shares of each sum to 1, or to 0 where the release has no simulated
    event, and each declination has an energy with events.
    """
    columns = read_point_source_table(path, SMEARING_COLUMNS)
    energy_edges, energy = _bins(path, columns, "log10(E_nu/GeV)_min", "log10(E_nu/GeV)_max")
    dec_edges, dec = _bins(path, columns, "Dec_nu_min[deg]", "Dec_nu_max[deg]")
    _refuse_part_of_sky(path, dec_edges)
    low = np.stack([columns[name] for name in RECO_COLUMNS[::2]], axis=1)
    high = np.stack([columns[name] for name in RECO_COLUMNS[1::2]], axis=1)
    share = columns["Fractional_Counts"]
    _refuse_turned(path, low, high, share)
    shape = len(dec_edges) - 1, len(energy_edges) - 1
    cell = np.ravel_multi_index((dec, energy), shape)
    total = np.asarray(np.bincount(cell, share, int(np.prod(shape))), dtype=np.float64)
    _refuse_sums(path, total.reshape(shape), dec_edges, energy_edges)
    kept = np.flatnonzero(share > 0.0)
    kept = kept[np.argsort(cell[kept], kind="stable")]
    own = cell[kept]
    first = np.searchsorted(own, np.arange(len(total) + 1))
    before = np.concatenate([[0.0], np.cumsum(share[kept])])
    within = (before[1:] - before[first[own]]) / total[own]
    return Smearing(energy_edges, _sines(dec_edges), low[kept], high[kept], first, own + np.minimum(within, 1.0))


def _sines(dec_edges_deg: Reals) -> Reals:
    sines = np.sin(np.deg2rad(dec_edges_deg))
    sines[[0, -1]] = -1.0, 1.0
    return np.asarray(sines)


def _bins(path: Path, columns: Mapping[str, Reals], low: str, high: str) -> tuple[Reals, Integers]:
    """Return the edges of bins and the bin of each row; InputError unless the bins follow one another."""
    begins, ends = columns[low], columns[high]
    if (turned := ends <= begins).any():
        row = int(np.argmax(turned))
        raise InputError(
            f"{path}: column {high} is {ends[row]} in row {row + 1}: values above {low}, {begins[row]}, are due"
        )
    found = np.sort(np.concatenate([begins, ends]))
    edges = found[np.concatenate([[True], np.diff(found) > SAME])]
    place = np.clip(np.searchsorted(edges, begins + SAME, side="right") - 1, 0, len(edges) - 2)
    if (spans := np.abs(ends - edges[place + 1]) > SAME).any():
        row = int(np.argmax(spans))
        raise InputError(
            f"{path}: columns {low} and {high} are {begins[row]} and {ends[row]} in row {row + 1}: that bin overlaps "
            "another; bins that follow one another are due"
        )
    return edges, np.asarray(place, dtype=np.int64)


def _refuse_part_of_sky(path: Path, dec_edges: Reals) -> None:
    if np.abs(dec_edges[[0, -1]] - [-90.0, 90.0]).max() > 0.1:
        raise InputError(f"{path}: declinations go from {dec_edges[0]:g} to {dec_edges[-1]:g}: -90 to 90 deg are due")


def _refuse_repeated_or_missing(path: Path, place: Integers, n_bins: int) -> None:
    unique, first = np.unique(place, return_index=True)
    if len(unique) < len(place):
        row = int(np.setdiff1d(np.arange(len(place)), first)[0])
        raise InputError(f"{path}: row {row + 1} is of a bin that another row is of")
    if len(unique) < n_bins:
        raise InputError(f"{path}: has {len(unique)} rows for {n_bins} bins of energy and declination: one each is due")


def _refuse_turned(path: Path, low: Reals, high: Reals, share: Reals) -> None:
    turned = (high < low) & (share > 0.0)[:, None]
    if turned.any():
        row, column = (int(index) for index in np.argwhere(turned)[0])
        raise InputError(
            f"{path}: column {RECO_COLUMNS[2 * column + 1]} is {high[row, column]} in row {row + 1}: values from "
            f"{RECO_COLUMNS[2 * column]}, {low[row, column]}, are due"
        )


def _refuse_sums(path: Path, total: Reals, dec_edges: Reals, energy_edges: Reals) -> None:
    """Raise InputError unless the shares of each cell (n_dec, n_energies) sum to 1, or to 0 of an empty one."""
    wrong = (total > 0.0) & (np.abs(total - 1.0) > MOST_FROM_ONE)
    if wrong.any():
        dec, energy = (int(index) for index in np.argwhere(wrong)[0])
        raise InputError(
            f"{path}: column Fractional_Counts sums to {total[dec, energy]:.4g} for neutrinos of log10(E/GeV) "
            f"{energy_edges[energy]:g} to {energy_edges[energy + 1]:g} from {dec_edges[dec]:g} to "
            f"{dec_edges[dec + 1]:g} deg: 1 is due; rows missing, or numbers of events?"
        )
    if (empty := ~(total > 0.0).any(axis=1)).any():
        dec = int(np.argmax(empty))
        raise InputError(
            f"{path}: has no share above 0 for declinations {dec_edges[dec]:g} to {dec_edges[dec + 1]:g} deg: "
            "nothing says where such neutrinos are found"
        )
