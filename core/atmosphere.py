"""Atmospheric neutrinos: the flux of Honda et al. (2015) and its oscillation on the way through the Earth."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, RectBivariateSpline

from core.channels import FLAVOURS, Flavour
from core.errors import InputError, PhysicsError
from core.units import SQUARE_METRE

Reals = NDArray[np.float64]

HONDA_COLUMNS: tuple[Flavour, ...] = ("numu", "numubar", "nue", "nuebar")
EARTH_RADIUS_KM = 6371.0
DETECTOR_DEPTH_KM = 1.95
PRODUCTION_HEIGHT_KM = 20.0
# Two-flavour oscillation of muon neutrinos: mass splitting in eV², amplitude.
MASS_SPLITTING = 2.5e-3
SIN_SQUARED_TWO_THETA = 0.98
# ħc: phase of a splitting of 1 eV² over 1 km at 1 GeV.
PHASE_PER_KM_GEV = 1.26693268

_BLOCK = re.compile(r"cosZ\s*=\s*(-?[\d.]+)\s*--\s*(-?[\d.]+)")


@dataclass(frozen=True)
class AtmosphericFlux:
    """Flux of each species before oscillation, averaged over azimuth.

    `energy`: (n_energies,) GeV. `cos_zenith_edges`: (n_zeniths + 1,), increasing; positive is from above. `flux`:
    (4, n_zeniths, n_energies) in GeV⁻¹ cm⁻² s⁻¹ sr⁻¹ after HONDA_COLUMNS, each value an average over its zenith bin.
    """

    energy: Reals
    cos_zenith_edges: Reals
    flux: Reals

    def at(self, flavour: Flavour, energy: Reals, cos_zenith: Reals) -> Reals:
        """Return the flux of a species before oscillation; energy (GeV) and cos zenith broadcast.

        In cos zenith the slope of a spline through the cumulative flux, whose average over each bin is the table's;
        in energy a cubic spline in log-log. No flux of tau neutrinos is made. PhysicsError outside the table.
        """
        energy, cos_zenith = np.broadcast_arrays(np.asarray(energy, float), np.asarray(cos_zenith, float))
        if flavour not in HONDA_COLUMNS:
            return np.zeros(energy.shape)
        if energy.size and (energy.min() < self.energy[0] or energy.max() > self.energy[-1]):
            raise PhysicsError(
                f"atmospheric flux at {energy.min():g}-{energy.max():g} GeV: the table spans {self.energy[0]:g}-"
                f"{self.energy[-1]:g} GeV"
            )
        spline = self._spline(HONDA_COLUMNS.index(flavour))
        return np.asarray(np.exp(spline.ev(cos_zenith, np.log(energy))))

    def _spline(self, column: int) -> RectBivariateSpline:
        widths = np.diff(self.cos_zenith_edges)[:, None]
        cumulative = np.concatenate([np.zeros((1, len(self.energy))), np.cumsum(self.flux[column] * widths, axis=0)])
        nodes = np.linspace(-1.0, 1.0, 401)
        density = CubicSpline(self.cos_zenith_edges, cumulative, axis=0)(nodes, 1)
        return RectBivariateSpline(nodes, np.log(self.energy), np.log(density), kx=1, ky=3)


def read_honda_flux(path: Path) -> AtmosphericFlux:
    """Return a flux table in the format of Honda et al. (2015, arXiv:1502.03916), averaged over azimuth.

    Each block begins with a line that names its range of cosZ; its rows are energy (GeV) and the fluxes of numu,
    numubar, nue, nuebar in m⁻² s⁻¹ sr⁻¹ GeV⁻¹. InputError if the file is not of that format.
    """
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the flux table {path}: {getattr(error, 'strerror', None) or error}") from error
    blocks: dict[tuple[float, float], list[list[float]]] = {}
    rows: list[list[float]] = []
    for number, line in enumerate(lines, start=1):
        heading = _BLOCK.search(line)
        if heading:
            low, high = float(heading[1]), float(heading[2])
            rows = blocks.setdefault((min(low, high), max(low, high)), [])
        elif line.strip() and "Enu" not in line:
            rows.append(_row(line, path, number))
    return _from_blocks(blocks, path)


def _row(line: str, path: Path, number: int) -> list[float]:
    try:
        values = [float(word) for word in line.split()]
    except ValueError as error:
        raise InputError(f"{path}, line {number}: {error}") from error
    if len(values) != 1 + len(HONDA_COLUMNS) or not all(0.0 < value < np.inf for value in values):
        raise InputError(
            f"{path}, line {number}: needed are an energy and four positive fluxes, found {line.strip()!r}"
        )
    return values


def _from_blocks(blocks: dict[tuple[float, float], list[list[float]]], path: Path) -> AtmosphericFlux:
    ordered = sorted(blocks)
    lengths = {len(rows) for rows in blocks.values()}
    edges = np.array([low for low, _ in ordered] + [high for _, high in ordered[-1:]])
    complete = len(lengths) == 1 and len(edges) > 1 and edges[0] == -1.0 and edges[-1] == 1.0
    if not complete or not np.allclose(edges[1:], [high for _, high in ordered]):
        raise InputError(
            f"{path} is no flux table of Honda et al.: needed are blocks 'cosZ = a -- b' of equal length that fill "
            f"-1 to 1; found {len(blocks)} blocks of {sorted(lengths)} rows"
        )
    table = np.array([blocks[key] for key in ordered])
    if not (np.diff(table[:, :, 0], axis=1) > 0.0).all() or not (table[:, :, 0] == table[0, :, 0]).all():
        raise InputError(f"{path}: energies must increase and be the same in each block")
    return AtmosphericFlux(table[0, :, 0], edges, np.moveaxis(table[:, :, 1:], 2, 0) / SQUARE_METRE)


def path_length_km(cos_zenith: Reals) -> Reals:
    """Return the way from where a neutrino is made in the atmosphere to the detector, km."""
    radius = EARTH_RADIUS_KM - DETECTOR_DEPTH_KM
    top = EARTH_RADIUS_KM + PRODUCTION_HEIGHT_KM
    return np.asarray(np.sqrt((radius * cos_zenith) ** 2 + top**2 - radius**2) - radius * cos_zenith)


def muon_neutrino_disappearance(energy: Reals, cos_zenith: Reals) -> Reals:
    """Return the probability sin²2θ sin²(Δm² L/4E) that a muon neutrino arrives as a tau neutrino."""
    phase = PHASE_PER_KM_GEV * MASS_SPLITTING * path_length_km(cos_zenith) / energy
    return np.asarray(SIN_SQUARED_TWO_THETA * np.sin(phase) ** 2)


def oscillated_flux(flux: AtmosphericFlux, flavour: Flavour, energy: Reals, cos_zenith: Reals) -> Reals:
    """Return the flux of a species at the detector, GeV⁻¹ cm⁻² s⁻¹ sr⁻¹: muon neutrinos turn into tau neutrinos."""
    if flavour in ("nue", "nuebar"):
        return flux.at(flavour, energy, cos_zenith)
    gone = muon_neutrino_disappearance(np.asarray(energy), np.asarray(cos_zenith))
    if flavour in ("numu", "numubar"):
        return flux.at(flavour, energy, cos_zenith) * (1.0 - gone)
    return flux.at("numu" if flavour == "nutau" else "numubar", energy, cos_zenith) * gone


def oscillated_flux_in_bins(
    flux: AtmosphericFlux, energy_edges: Reals, cos_zenith_edges: Reals, n_nodes: int = 8
) -> Reals:
    """Return ∫∫ flux dE dΩ at the detector in each bin, (6, n_energies, n_zeniths) in cm⁻² s⁻¹.

    Gauss-Legendre in log energy and cos zenith, `n_nodes` each: oscillation is averaged inside the bins.
    """
    position, share = np.polynomial.legendre.leggauss(n_nodes)
    log_edges = np.log(energy_edges)
    half_energy, half_zenith = 0.5 * np.diff(log_edges), 0.5 * np.diff(cos_zenith_edges)
    energy = np.exp(0.5 * (log_edges[1:] + log_edges[:-1])[:, None] + half_energy[:, None] * position)
    cos_zenith = 0.5 * (cos_zenith_edges[1:] + cos_zenith_edges[:-1])[:, None] + half_zenith[:, None] * position
    energy_weight = energy * share * half_energy[:, None]
    zenith_weight = 2.0 * np.pi * share * half_zenith[:, None]
    totals = []
    for flavour in FLAVOURS:
        density = oscillated_flux(flux, flavour, energy[:, :, None, None], cos_zenith[None, None])
        totals.append(np.einsum("xizj,xi,zj->xz", density, energy_weight, zenith_weight))
    return np.stack(totals)
