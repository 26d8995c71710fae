"""Expected events and sensitivity a second time, by other means: plain sums over the events of the public simulation.

No stored response and none of the code that makes or uses one: the zenith marginals are weighted counts of events
whose true direction is near the source, the azimuth follows six kernels of fixed width whose shares are found by
expectation maximisation, the sky is a grid in (cos zenith, right ascension), and the likelihood is not run: its closed
form is solved. Run it as a script for a table of eight pairs:

    uv run python -m tests.second_derivation RELEASE_FOLDER
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.channels import FLAVOURS, PDG_CODES, Channel
from core.dark_matter.sources import catalogue_path, read_catalogue, select_sources
from core.spectra import Spectrum, spectrum_at_earth

PAIRS: tuple[tuple[Channel, float], ...] = (
    ("tautau", 20.0),
    ("bb", 50.0),
    ("bb", 10.0),
    ("mumu", 20.0),
    ("nunu", 20.0),
    ("tautau", 50.0),
    ("mumu", 10.0),
    ("WW", 90.0),
)
LIVETIME = 2.5 * 365 * 86400.0
HALF_WINDOW = 0.0625  # in true cos zenith around a source
# Events that stand for a line, relative in true energy: near ones for how many there are; more, hence farther ones for
# how they are reconstructed, because the noise of few events looks like a sharper signal.
LINE_HALF_WIDTH_COUNTS, LINE_HALF_WIDTH_SHAPE = 0.04, 0.10
KERNEL_WIDTHS_DEG = (6.0, 10.0, 16.0, 25.0, 40.0, 90.0)
N_BANDS, N_IN_BAND, N_RIGHT_ASCENSIONS, N_DIRECTIONS = 8, 12, 240, 64
NORMAL_QUANTILE_90 = 1.2815515655446004


@dataclass(frozen=True)
class Derivation:
    """Expected events per cross section (cm⁻³ s), closed-form σ(n_s) and 90 % sensitivity in events."""

    n_s_per_sigma_v: float
    n_s_uncertainty: float
    n_s_sensitivity: float


def read_events(release: Path) -> pd.DataFrame:
    """The simulation with bins of (class, reconstructed energy, band); effective areas in cm²."""
    events = pd.read_csv(release / "neutrino_mc.csv.bz2")
    energies = np.sort(events["reco_energy"].unique())
    return events.assign(
        weight=events["weight"] * 1e4,
        energy_bin=np.searchsorted(energies, events["reco_energy"]),
        band=np.floor((events["reco_coszen"] + 1.0) * 4.0).astype(int),
    )


def read_background(release: Path) -> np.ndarray:
    """Measured events in (class, reconstructed energy, band), (2, 8, 8)."""
    data = pd.read_csv(release / "data.csv.bz2").sort_values(["pid", "reco_energy", "reco_coszen"])
    return data["count"].to_numpy().reshape(2, 8, N_BANDS)


def spectrum_weights(events: pd.DataFrame, spectra: Mapping[str, Spectrum], line_half_width: float) -> np.ndarray:
    """Effective area x sr x neutrinos per annihilation that each event stands for; lines by nearby events."""
    weights = np.zeros(len(events))
    energy, weight, pdg = (events[name].to_numpy() for name in ("true_energy", "weight", "pdg"))
    for flavour in FLAVOURS:
        mine, spectrum = pdg == PDG_CODES[flavour], spectra[flavour]
        weights[mine] += weight[mine] * np.interp(energy[mine], spectrum.energy, spectrum.dn_de, left=0.0, right=0.0)
        for line_energy, line_weight in spectrum.lines:
            weights += line_weight * line_weights(mine, energy, weight, line_energy, line_half_width)
    return weights


def line_weights(
    mine: np.ndarray, energy: np.ndarray, weight: np.ndarray, line_energy: float, half_width: float
) -> np.ndarray:
    """Events near a line, moved to it with the local slope of the effective area."""
    offset = np.log(energy / line_energy)
    around = mine & (np.abs(offset) < 0.16)
    area, edges = np.histogram(offset[around], bins=8, range=(-0.16, 0.16), weights=(weight / energy)[around])
    slope = np.polyfit(0.5 * (edges[1:] + edges[:-1]), np.log(area), 1)[0]
    near = mine & (np.abs(energy / line_energy - 1.0) < half_width)
    width = 2.0 * half_width * line_energy
    return np.where(near, weight * (line_energy / energy) ** slope / width, 0.0)


def kernel_on_zenith(kappa: float, direction: np.ndarray) -> np.ndarray:
    """Probability of each band for kernels around true directions, (n_directions, 8), by brute force in azimuth."""
    band_zenith = -1.0 + (np.arange(N_BANDS * 40) + 0.5) / (N_BANDS * 20)
    azimuth = np.pi * (np.arange(90) + 0.5) / 90
    sines = np.sqrt((1.0 - direction[:, None] ** 2) * (1.0 - band_zenith**2))
    cosine = (direction[:, None] * band_zenith)[..., None] + sines[..., None] * np.cos(azimuth)
    density = np.exp(kappa * (cosine - 1.0)).mean(axis=2)
    banded = density.reshape(len(direction), N_BANDS, 40).sum(axis=2)
    return banded / banded.sum(axis=1, keepdims=True)


def kernel_shares(counts: np.ndarray, banded: np.ndarray) -> np.ndarray:
    """Shares of the fixed kernels behind counts (directions, bands), whatever the bands' selection, (n_kernels,)."""
    share, selection = np.full(len(banded), 1.0 / len(banded)), np.ones(N_BANDS)
    counts = counts + 1e-12 * max(counts.sum(), 1.0) * banded.mean(axis=0)  # no cell is quite empty
    for _ in range(400):
        kept = banded * selection
        model = np.einsum("k,kdb->db", share, kept)
        norm = model.sum(axis=1, keepdims=True)
        expected = counts.sum(axis=1, keepdims=True) * model / norm
        selection *= counts.sum(axis=0) / expected.sum(axis=0)
        made = np.einsum("db,kdb->k", counts / np.maximum(model, 1e-300), kept * share[:, None, None])
        share = made / np.einsum("d,kdb->k", counts.sum(axis=1) / norm[:, 0], kept)
        share /= share.sum()
    return share


def derive(
    events: pd.DataFrame, background: np.ndarray, sources: pa.Table, spectra: Mapping[str, Spectrum], mass: float
) -> Derivation:
    """Expected events and closed-form sensitivity of all sources together."""
    weights = spectrum_weights(events, spectra, LINE_HALF_WIDTH_SHAPE)
    used = weights > 0.0
    event_class, energy, band = (events[name].to_numpy()[used] for name in ("pid", "energy_bin", "band"))
    true_zenith, weights = events["true_coszen"].to_numpy()[used], weights[used]
    counted = spectrum_weights(events, spectra, LINE_HALF_WIDTH_COUNTS)[used]
    kappas = np.radians(KERNEL_WIDTHS_DEG) ** -2.0
    shares = all_kernel_shares(event_class, energy, band, true_zenith, weights, kappas)
    signal, n_s_per_sigma_v = np.zeros((2, 8, N_BANDS, N_IN_BAND, N_RIGHT_ASCENSIONS)), 0.0
    columns = (sources[name].to_numpy() for name in ("ra", "dec", "j_factor"))
    for ra, dec, j_factor in zip(*columns, strict=True):
        cos_zenith = -np.sin(dec)
        low, high = max(cos_zenith - HALF_WINDOW, -1.0), min(cos_zenith + HALF_WINDOW, 1.0)
        near = (true_zenith > low) & (true_zenith < high)
        scale = j_factor * LIVETIME / (8.0 * np.pi * mass**2) / (2.0 * np.pi * (high - low))
        expected = np.zeros((2, 8, N_BANDS))
        np.add.at(expected, (event_class[near], energy[near], band[near]), scale * weights[near])
        signal += expected[..., None, None] * shape_on_sky(shares, kappas, ra, cos_zenith)
        n_s_per_sigma_v += scale * counted[near].sum()
    return closed_form(signal, background, n_s_per_sigma_v)


def all_kernel_shares(
    event_class: np.ndarray,
    energy: np.ndarray,
    band: np.ndarray,
    true_zenith: np.ndarray,
    weights: np.ndarray,
    kappas: np.ndarray,
) -> np.ndarray:
    """Shares of the fixed kernels in each class and reconstructed energy, (2, 8, n_kernels)."""
    directions = -1.0 + (np.arange(N_DIRECTIONS) + 0.5) * 2.0 / N_DIRECTIONS
    banded = np.stack([kernel_on_zenith(kappa, directions) for kappa in kappas])
    place = np.minimum(((true_zenith + 1.0) * N_DIRECTIONS / 2).astype(int), N_DIRECTIONS - 1)
    counts = np.zeros((2, 8, N_DIRECTIONS, N_BANDS))
    np.add.at(counts, (event_class, energy, place, band), weights)
    return np.array([[kernel_shares(counts[pid, bin_], banded) for bin_ in range(8)] for pid in range(2)])


def shape_on_sky(shares: np.ndarray, kappas: np.ndarray, ra: float, cos_zenith: float) -> np.ndarray:
    """Share of the grid points of each band, (2, 8, bands, in band, right ascensions)."""
    zenith = (-1.0 + (np.arange(N_BANDS * N_IN_BAND) + 0.5) * 2.0 / (N_BANDS * N_IN_BAND)).reshape(N_BANDS, N_IN_BAND)
    right_ascension = 2.0 * np.pi * (np.arange(N_RIGHT_ASCENSIONS) + 0.5) / N_RIGHT_ASCENSIONS
    sines = np.sqrt((1.0 - cos_zenith**2) * (1.0 - zenith**2))
    cosine = (cos_zenith * zenith)[..., None] + sines[..., None] * np.cos(right_ascension - ra)
    kernels = np.stack([kappa / -np.expm1(-2.0 * kappa) * np.exp(kappa * (cosine - 1.0)) for kappa in kappas])
    shape = np.einsum("cek,kbzr->cebzr", shares, kernels)
    return shape / shape.sum(axis=(3, 4), keepdims=True)


def closed_form(signal: np.ndarray, background: np.ndarray, n_s_per_sigma_v: float) -> Derivation:
    """Signal-subtracted ratio on the grid, its Fisher information, and the mean signal that 90 % of trials see."""
    n_events = background.sum()
    signal = signal / signal.sum()
    probability = background[..., None, None] / n_events / (N_IN_BAND * N_RIGHT_ASCENSIONS)
    excess = (signal - signal.mean(axis=4, keepdims=True)) / probability
    information = (probability * excess**2).sum()
    k = (signal * excess**2).sum() / information**2
    sensitivity = 0.0
    for _ in range(200):
        variance = n_events / information + sensitivity * (k - 1.0 / information) - sensitivity**2 / n_events
        sensitivity = NORMAL_QUANTILE_90 * np.sqrt(variance)
    return Derivation(float(n_s_per_sigma_v), float(np.sqrt(n_events / information)), float(sensitivity))


def default_sources() -> pa.Table:
    """The dwarf galaxies of the default analysis."""
    settings = Config().sources
    return select_sources(read_catalogue(catalogue_path(settings)), settings)


def main(release: Path) -> None:
    """Print a row a pair."""
    events, background, sources = read_events(release), read_background(release), default_sources()
    sys.stdout.write("channel  mass  n_s per sigma_v  sigma(n_s)  n_s sensitivity\n")
    for channel, mass in PAIRS:
        spectra = {flavour: spectrum_at_earth(channel, mass, flavour) for flavour in FLAVOURS}
        found = derive(events, background, sources, spectra, mass)
        sys.stdout.write(
            f"{channel:8s}{mass:5g} {found.n_s_per_sigma_v:16.4e} {found.n_s_uncertainty:11.1f} "
            f"{found.n_s_sensitivity:16.1f}\n"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
