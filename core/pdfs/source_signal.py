"""Signal of single sources: the histogram of the angle between reconstructed direction and source.

From a response in bins, from simulated events near the source's declination, or as the published analysis did it
(arXiv:2511.19385): spectrum weights alone, one histogram for all sources.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.coordinates import angular_separation
from core.dark_matter.channels import Flavour
from core.pdfs.one_sky import energies_in_window
from core.pdfs.source_background import angle_bins, angle_table, band_in_rad, event_background, within_band
from core.response.angular import summed_density_and_counts
from core.signal.expected_signal import ExpectedSignal
from core.signal.spectrum_weights import spectrum_weights
from core.signal.windows import Window
from core.spectra.spectrum import Spectrum

Reals = NDArray[np.float64]

LEAST_EFFECTIVE_EVENTS = 400.0  # below it the histogram of a source is known to no better than 5 % in all
N_NODES = 24  # in a bin of angle
_RADIUS_NODES, _RADIUS_WEIGHTS = np.polynomial.laguerre.laggauss(8)


@dataclass(frozen=True)
class SimulatedSignal:
    """Weighted entries of simulated events, (n_sources, n_bins), and how well they are known.

    `effective_events`: (n_sources,), (sum of weights)^2 / (sum of their squares). `n_empty_bins`: (n_sources,), bins
    without a simulated event before the extent is folded in; they stay as they are, nothing is put there.
    """

    entries: Reals
    effective_events: Reals
    n_empty_bins: NDArray[np.int64]

    def warnings(self, sources: Sequence[str]) -> list[str]:
        """Return what a person should know of sources, by their names, with few events: a line each."""
        return [
            f"{name}: {events:.0f} effective simulated events within the band, {empty} of {self.entries.shape[1]} "
            "bins empty"
            for name, events, empty in zip(sources, self.effective_events, self.n_empty_bins, strict=True)
            if events < LEAST_EFFECTIVE_EVENTS
        ]


def response_signal(
    expected: ExpectedSignal,
    angle_edges: Reals,
    window: Window | None = None,
    band: float | None = None,
    n_nodes: int = N_NODES,
) -> Reals:
    """Return the expected events per cross section of each source and angle bin, (n_sources, n_bins) cm^-3 s.

    From the response around the source's declination, widened by its half-light radius; `window` in GeV. Only events
    reconstructed within `band` (rad) of the source's declination, as those of the background; None: the whole sky. A
    circle about the source lies in several bands of zenith; each part of it has its own band's density. What each
    band of zenith gets in all is exact, whatever the bins.
    """
    response = expected.response
    inside = energies_in_window(response.reco_energy_edges, window)
    nodes, weights_of_nodes = np.polynomial.legendre.leggauss(n_nodes)
    half = 0.5 * np.diff(angle_edges)[:, None]
    angles = 0.5 * (angle_edges[1:] + angle_edges[:-1])[:, None] + half * nodes
    area = (2.0 * np.pi * np.sin(angles) * half * weights_of_nodes).ravel()
    sin_edges = -response.reco_cos_zenith_edges  # bands of cos zenith = -sin(dec) at the South Pole
    entries = np.zeros((expected.sources.num_rows, len(angle_edges) - 1))
    columns = (expected.sources[name].to_numpy() for name in ("dec", "half_light_radius"))
    for source, (dec, extent, weights) in enumerate(zip(*columns, expected.acceptance.signal_counts, strict=True)):
        cos_zenith = -float(np.sin(dec))
        density, counts = summed_density_and_counts(response, weights, cos_zenith, angles.ravel(), inside, extent)
        whole = -np.diff(_circle_below(float(dec), angles.ravel(), sin_edges), axis=0)
        kept = -np.diff(_circle_below(float(dec), angles.ravel(), within_band(sin_edges, float(dec), band)), axis=0)
        total = (density * whole * area).sum(axis=1)
        by_angle = (density * kept * area).reshape(len(counts), *angles.shape).sum(axis=2)
        entries[source] = np.divide(counts, total, out=np.zeros_like(total), where=total > 0.0) @ by_angle
    return entries


def _circle_below(dec: float, angles: Reals, sin_edges: Reals) -> Reals:
    """Return the share of circles (n_angles,) about a declination that lies below each sin(dec), (n_edges, n_angles).

    A point at the angle x and the bearing b has sin(dec) = sin D cos x + cos D sin x cos b.
    """
    middle, reach = np.sin(dec) * np.cos(angles), max(np.cos(dec), 1e-12) * np.sin(angles)
    return np.asarray(1.0 - np.arccos(np.clip((sin_edges[:, None] - middle) / reach, -1.0, 1.0)) / np.pi)


def source_signal_pdf(
    expected: ExpectedSignal,
    n_bins: int,
    window: Window | None = None,
    declination_band_deg: float | None = None,
    n_nodes: int = N_NODES,
) -> pa.Table:
    """Return the `source_signal_pdf` product: entries are the expected events per cross section, in cm^-3 s.

    `n_nodes`: Gauss-Legendre nodes in each bin of angle.
    """
    edges = angle_bins(n_bins)
    entries = response_signal(expected, edges, window, band_in_rad(declination_band_deg), n_nodes)
    return angle_table(expected.sources["source"].to_pylist(), edges, entries, "signal_probability")


def simulated_signal(
    simulation: pa.Table,
    spectra: Mapping[Flavour, Spectrum],
    source_dec: Reals,
    extent: Reals,
    angle_edges: Reals,
    band: float,
    reco_band: float | None = None,
) -> SimulatedSignal:
    """Return the signal histogram of each source from simulated events in the canonical schema.

    An event weighs `weight` times dN/dE at Earth of its own species, lines included. For a source (`source_dec`,
    `extent` (n_sources,) rad, rms per axis) those events count whose true declination is within `band` (rad) of its,
    and of these those reconstructed within `reco_band` (rad) of their true declination; None: the whole sky.
    Each event is turned about the source evenly, which the extent moves by a Rayleigh-distributed angle.
    """
    weight = simulation["weight"].to_numpy() * spectrum_weights(simulation, spectra)
    angle = reconstruction_angles(simulation)
    true_dec = simulation["true_dec"].to_numpy()
    kept = weight > 0.0
    if reco_band is not None:
        kept &= np.abs(simulation["reco_dec"].to_numpy() - true_dec) <= reco_band
    n_bins = len(angle_edges) - 1
    entries, effective = np.zeros((len(source_dec), n_bins)), np.zeros(len(source_dec))
    n_empty = np.zeros(len(source_dec), dtype=np.int64)
    for source, (dec, radius) in enumerate(zip(source_dec, extent, strict=True)):
        near = (np.abs(true_dec - dec) <= band) & kept
        squares = float(np.square(weight[near]).sum())
        effective[source] = weight[near].sum() ** 2 / squares if squares > 0.0 else 0.0
        n_empty[source] = np.count_nonzero(np.histogram(angle[near], angle_edges)[0] == 0)
        entries[source] = _folded(angle[near], weight[near], float(radius), angle_edges)
    return SimulatedSignal(entries, effective, n_empty)


def _folded(angle: Reals, weight: Reals, radius: float, angle_edges: Reals) -> Reals:
    """Return the histogram of angles whose centre is smeared by a radius; the same triangle as that of the scramble."""
    if radius == 0.0:
        return np.asarray(np.histogram(angle, angle_edges, weights=weight)[0], dtype=np.float64)
    offsets = radius * np.sqrt(2.0 * _RADIUS_NODES)  # Rayleigh: exp(-r^2 / 2 radius^2)
    by_offset = event_background(0.5 * np.pi - angle, 0.5 * np.pi - offsets, angle_edges, weight)
    return np.asarray(_RADIUS_WEIGHTS / _RADIUS_WEIGHTS.sum() @ by_offset)


def published_signal(simulation: pa.Table, dn_de: Reals, angle_edges: Reals) -> Reals:
    """Return the published histogram (n_bins,): all simulated events, weighted with dN/dE (n_events,) alone.

    No effective area, no declination, no extent: one histogram serves every source.
    """
    return np.asarray(np.histogram(reconstruction_angles(simulation), angle_edges, weights=dn_de)[0], dtype=np.float64)


def reconstruction_angles(simulation: pa.Table) -> Reals:
    """Return the angle (rad) between reconstructed and true direction of each event, (n_events,)."""
    columns = ("reco_ra", "reco_dec", "true_ra", "true_dec")
    return angular_separation(*(simulation[name].to_numpy() for name in columns))
