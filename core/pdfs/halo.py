"""The Galactic halo as a signal: what the detector would see of it on one sky, and in its bins.

Every pixel of the halo is a source: J of the pixel times the acceptance at its declination, spread by the same kernels
as a galaxy (core.pdfs.one_sky). Acceptance and coefficients of the kernels change with declination alone: they are
computed at nodes of cos zenith and interpolated in between. The sum over pixels is done in harmonics: an isotropic
kernel multiplies the harmonic coefficients of degree l by b_l = I_{l+1/2}(κ)/I_{1/2}(κ) (von Mises-Fisher).
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ive

from core.dark_matter.halo import HaloProfile
from core.dark_matter.halo_map import halo_map
from core.dark_matter.processes import ANNIHILATION, Process, strength_column
from core.errors import InputError, PhysicsError
from core.events.classes import EVENT_CLASSES
from core.pdfs.one_sky import energies_in_window, sky_cell_columns
from core.pdfs.sky import pixel_directions, right_ascension_average, ring_of_pixel, ring_sums, zone_shares
from core.response.angular import kernel_coefficients
from core.response.kernels import zenith_probabilities
from core.response.model import Response
from core.signal.expected_signal import expected_signal
from core.signal.windows import Window

Reals = NDArray[np.float64]

LEAST_MAP_NSIDE = 64  # pixels of 0.9 degrees, finer than kernels of several degrees: the template is right to 0.1 %
_LEAST_BEAM = 1e-5
_GREATEST_DEGREE = 1024
_N_NODES = 3  # between two declinations where the response's interpolation or its band changes
_POSITIONS = np.polynomial.legendre.leggauss(_N_NODES)[0]


@dataclass(frozen=True)
class SkyAcceptance:
    """What a response makes of one pair's spectra from anywhere on the sky, per strength and per J (or D) of 1.

    `cos_zenith_breaks` (n_parts + 1,) from -1 to 1: between two of them everything is smooth in cos zenith and known at
    3 nodes, in all (n_nodes,). `counts` (n_nodes, n_classes, n_energies, n_bands) events in the bins of the data;
    `coefficients` (n_nodes, n_classes, n_energies, n_kernels, n_bands) of the kernels `kappa` (n_kernels,).
    """

    response: Response
    process: Process
    cos_zenith_breaks: Reals
    counts: Reals
    kappa: Reals
    coefficients: Reals

    @cached_property
    def beam(self) -> tuple[int, Reals]:
        """The degree beyond which no kernel passes anything, and what each passes up to it, (n_kernels, degree + 1).

        The order of the Bessel functions rises by one a degree; where they vanish in floating point nothing is passed.
        """
        degrees = np.arange(_GREATEST_DEGREE + 1)
        whole = np.asarray(ive(degrees + 0.5, self.kappa[:, None]) / ive(0.5, self.kappa[:, None]))
        degree = int(np.flatnonzero((whole > _LEAST_BEAM).any(axis=0))[-1])
        return degree, whole[:, : degree + 1]

    @cached_property
    def spread(self) -> Reals:
        """What each node makes of degrees, (n_nodes, n_classes, n_energies, n_bands, degree + 1)."""
        return np.asarray(np.swapaxes(self.coefficients, -1, -2) @ self.beam[1])


@dataclass(frozen=True)
class MapHarmonics:
    """A map of J (or D), by what of it each node stands for: `sums` (n_nodes,), harmonic `coefficients` up to `degree`.

    `coefficients`: (n_nodes, n_alm), of densities.
    """

    sums: Reals
    coefficients: NDArray[np.complex128]
    degree: int


@dataclass(frozen=True)
class ExtendedSignal:
    """Expected events per strength (core.processes) of a source that fills the sky.

    `on_sky`: (n_classes, n_energies, n_pixels), the cells of the `signal_pdf` product. `counts`: (n_classes,
    n_energies, n_bands), the bins of the `event_counts` product.
    """

    on_sky: Reals
    counts: Reals

    @property
    def n_s_per_strength(self) -> float:
        """All expected events per strength."""
        return float(self.counts.sum())


def sky_acceptance(
    response: pa.Table, spectra: pa.Table, mass: float, process: Process = ANNIHILATION
) -> SkyAcceptance:
    """Return the acceptance of a pair over the whole sky from the products `response` and `spectra`; mass in GeV.

    Raises PhysicsError as core.acceptance.source_acceptance.
    """
    detector = Response.from_table(response)
    breaks = sky_breaks(detector)
    nodes = sky_nodes(breaks)
    expected = expected_signal(response, spectra, unit_sources(nodes, process), mass)
    signal = zip(nodes.tolist(), expected.acceptance.signal_counts, strict=True)
    found = [kernel_coefficients(detector, weights, node) for node, weights in signal]
    kappa, coefficients = found[0][0], np.array([each for _, each in found])
    edges = detector.reco_cos_zenith_edges
    in_bands = np.concatenate([zenith_probabilities(kappa, node, edges) for node in nodes[:, None]], axis=1)
    counts = np.einsum("ncrkb,knb->ncrb", coefficients, in_bands)
    return SkyAcceptance(detector, process, breaks, counts, kappa, coefficients)


def sky_breaks(detector: Response) -> Reals:
    """Return from -1 to 1 the cosines of zenith between which all that a response makes is smooth, (n_parts + 1,)."""
    true_edges = detector.true_cos_zenith_edges
    middles = 0.5 * (true_edges[1:] + true_edges[:-1])
    return np.unique(np.concatenate([[-1.0, 1.0], middles, detector.reco_cos_zenith_edges]))


def sky_nodes(cos_zenith_breaks: Reals) -> Reals:
    """Return three nodes of cos zenith in each part between breaks, (n_nodes,)."""
    middle = 0.5 * (cos_zenith_breaks[1:] + cos_zenith_breaks[:-1])
    half = 0.5 * np.diff(cos_zenith_breaks)
    return np.asarray((middle[:, None] + half[:, None] * _POSITIONS).ravel())


def unit_sources(cos_zenith: Reals, process: Process) -> pa.Table:
    """Return a `sources` product of points with a J (or D) of 1, which the detector at the Pole sees at cos zenith."""
    n_sources = len(cos_zenith)
    return pa.table(
        {
            "source": [f"cos zenith {value:.6f}" for value in cos_zenith],
            "process": [process.name] * n_sources,
            "ra": np.zeros(n_sources),
            "dec": -np.arcsin(cos_zenith),
            "half_light_radius": np.zeros(n_sources),
            process.factor: np.ones(n_sources),
        }
    )


def halo_signal(acceptance: SkyAcceptance, profile: HaloProfile, nside: int) -> ExtendedSignal:
    """Return what the detector sees of a halo per strength, on the pixels of `nside`.

    The halo's own pixels are as fine as the narrowest kernel needs.
    """
    degree = acceptance.beam[0]
    map_nside = max(LEAST_MAP_NSIDE, 2 ** int(np.ceil(np.log2(degree / 4.0))))
    breaks = tuple(acceptance.cos_zenith_breaks.tolist())
    return _signal_of_map(acceptance, _halo_harmonics(profile, map_nside, acceptance.process, breaks, degree), nside)


def extended_signal(acceptance: SkyAcceptance, factors: Reals, nside: int) -> ExtendedSignal:
    """Return what the detector sees per strength of a map of J (or D) `factors` (n_map_pixels,), on pixels of `nside`.

    The map may be finer or coarser than the sky of the result. What a band of reconstructed zenith gets is exact,
    whatever the size of the pixels, as in core.pdfs.one_sky. PhysicsError if no factor is above 0, one is below, or the
    map is too coarse for the kernels.
    """
    import healpy

    if not (np.all(factors >= 0.0) and np.all(np.isfinite(factors)) and factors.sum() > 0.0):
        raise PhysicsError("a map of J or D factors holds one that is negative or not finite, or none above 0")
    map_nside, degree = healpy.npix2nside(len(factors)), acceptance.beam[0]
    if degree > 4 * map_nside:
        raise PhysicsError(f"a map of nside {map_nside} is too coarse for kernels that pass degrees up to {degree}")
    return _signal_of_map(acceptance, map_harmonics(factors, acceptance.cos_zenith_breaks, degree), nside)


def map_harmonics(factors: Reals, cos_zenith_breaks: Reals, degree: int) -> MapHarmonics:
    """Return a map of J (or D) `factors` (n_map_pixels,) by the nodes between breaks, up to a degree."""
    import healpy

    nside = healpy.npix2nside(len(factors))
    rings, shares = ring_of_pixel(nside), node_shares(cos_zenith_breaks, -ring_heights(nside))
    nodes = np.array([healpy.map2alm(factors * share[rings], lmax=degree, iter=0, pol=False) for share in shares])
    return MapHarmonics(shares @ ring_sums(factors, nside), nodes / healpy.nside2pixarea(nside), degree)


@lru_cache(maxsize=8)
def _halo_harmonics(
    profile: HaloProfile, nside: int, process: Process, cos_zenith_breaks: tuple[float, ...], degree: int
) -> MapHarmonics:
    """Return those of a halo: all pairs of a detector share them."""
    return map_harmonics(halo_map(profile, nside, process), np.array(cos_zenith_breaks), degree)


def _signal_of_map(acceptance: SkyAcceptance, halo: MapHarmonics, nside: int) -> ExtendedSignal:
    """Return what the detector sees of a map: harmonics times kernels, each band scaled to its exact counts."""
    import healpy

    counts = np.tensordot(halo.sums, acceptance.counts, axes=1)
    alm = _spread(halo.coefficients, acceptance.spread, halo.degree)
    bands = zone_shares(nside, acceptance.response.reco_cos_zenith_edges)[ring_of_pixel(nside)].T
    on_sky = np.zeros((*counts.shape[:2], healpy.nside2npix(nside)))
    for place in np.ndindex(*counts.shape[:2]):
        for band, inside in enumerate(bands):
            if not counts[(*place, band)] > 0.0:
                continue
            # The series ends at a finite degree: what it leaves below 0 is nothing.
            density = np.maximum(healpy.alm2map(alm[(*place, band)], nside, lmax=halo.degree), 0.0) * inside
            if (total := density.sum()) > 0.0:
                on_sky[place] += density * (counts[(*place, band)] / total)
    return ExtendedSignal(on_sky, counts)


def node_shares(cos_zenith_breaks: Reals, cos_zenith: Reals) -> Reals:
    """Return by what each node stands for directions, (n_nodes, n_directions): polynomials of second degree."""
    breaks = cos_zenith_breaks
    part = np.clip(np.searchsorted(breaks, cos_zenith, side="right") - 1, 0, len(breaks) - 2)
    position = (2.0 * cos_zenith - breaks[part] - breaks[part + 1]) / (breaks[part + 1] - breaks[part])
    shares = np.zeros((_N_NODES * (len(breaks) - 1), len(cos_zenith)))
    for node, own in enumerate(_POSITIONS):
        others = np.delete(_POSITIONS, node)
        factor = np.prod((position[:, None] - others) / (own - others), axis=1)
        shares[_N_NODES * part + node, np.arange(len(cos_zenith))] = factor
    return shares


def ring_heights(nside: int) -> Reals:
    """Return sin(dec) of each ring of pixels, (n_rings,), from the north pole on."""
    first = np.searchsorted(ring_of_pixel(nside), np.arange(4 * nside - 1))
    return np.asarray(pixel_directions(nside)[first, 2])


def _spread(nodes: NDArray[np.complex128], kernels: Reals, degree: int) -> NDArray[np.complex128]:
    """Return the harmonic coefficients of the spread signal, (n_classes, n_energies, n_bands, n_alm).

    `nodes`: (n_nodes, n_alm) of the map times each node's share; `kernels`: (n_nodes, ..., degree + 1).
    """
    import healpy

    of_degree = healpy.Alm.getlm(degree)[0]
    flat = kernels.reshape(len(kernels), -1, degree + 1)
    alm = np.empty((flat.shape[1], nodes.shape[1]), dtype=np.complex128)
    for each in range(degree + 1):
        at = np.flatnonzero(of_degree == each)
        of_nodes = np.ascontiguousarray(nodes[:, at]).view(np.float64)  # real and imaginary parts, one after the other
        alm[:, at] = np.ascontiguousarray(flat[:, :, each].T @ of_nodes).view(np.complex128)
    return alm.reshape(*kernels.shape[1:-1], -1)


def halo_pdf(
    signal: ExtendedSignal, acceptance: SkyAcceptance, profile: HaloProfile, window: Window | None = None
) -> pa.Table:
    """Return the halo's part of one sky: its probability in each cell, and averaged over right ascension.

    Rows are those of the `signal_pdf` product of the same nside and window (GeV); each probability sums to 1.
    """
    import healpy

    nside = healpy.npix2nside(signal.on_sky.shape[-1])
    edges = acceptance.response.reco_energy_edges
    inside = energies_in_window(edges, window)
    on_sky = signal.on_sky[:, inside]
    n_s_per_strength = float(on_sky.sum())
    average = right_ascension_average(on_sky, nside)
    return pa.table(
        {
            "profile": pa.repeat(profile.name, on_sky.size),
            **sky_cell_columns(edges, inside, nside),
            "signal_probability": on_sky.ravel() / n_s_per_strength,
            "signal_average_probability": average.ravel() / n_s_per_strength,
            f"n_s_per_{acceptance.process.strength}": np.full(on_sky.size, n_s_per_strength),
        }
    )


def matching_halo_pdf(acceptance: SkyAcceptance, profile: HaloProfile, signal_pdf: pa.Table) -> pa.Table:
    """Return the halo on the cells of a `signal_pdf` product: its energies and its pixels."""
    window = signal_pdf["reco_energy_low"].to_numpy().min(), signal_pdf["reco_energy_high"].to_numpy().max()
    signal = halo_signal(acceptance, profile, signal_pdf["nside"][0].as_py())
    return halo_pdf(signal, acceptance, profile, (float(window[0]), float(window[1])))


def halo_counts(signal: ExtendedSignal, acceptance: SkyAcceptance, profile: HaloProfile) -> pa.Table:
    """Return the events that the halo puts into each bin of class, energy and cos zenith, per strength.

    Rows are those of the `event_counts` product.
    """
    event_class, energy, band = np.indices(signal.counts.shape).reshape(3, -1)
    energies, heights = acceptance.response.reco_energy_edges, acceptance.response.reco_cos_zenith_edges
    return pa.table(
        {
            "profile": pa.repeat(profile.name, signal.counts.size),
            "event_class": pa.array(EVENT_CLASSES).take(pa.array(event_class)),
            "reco_energy_low": energies[energy],
            "reco_energy_high": energies[energy + 1],
            "reco_cos_zenith_low": heights[band],
            "reco_cos_zenith_high": heights[band + 1],
            f"n_events_per_{acceptance.process.strength}": signal.counts.ravel(),
        }
    )


def with_halo(signal_pdf: pa.Table, halo_pdf: pa.Table) -> pa.Table:
    """Return a `signal_pdf` product to which the halo is added at the same strength, in proportion to its events.

    Both densities, and so what is subtracted, are the sums; `n_s` counts events of galaxies and halo together.
    InputError if the two are not of the same cells or process.
    """
    check_same_cells(signal_pdf, halo_pdf)
    column = strength_column(signal_pdf, "n_s_per_{}")
    each = [float(table[column][0].as_py()) for table in (signal_pdf, halo_pdf)]
    summed = {column: np.full(signal_pdf.num_rows, sum(each))}
    for name in ("signal_probability", "signal_average_probability"):
        parts = (part * table[name].to_numpy() for part, table in zip(each, (signal_pdf, halo_pdf), strict=True))
        summed[name] = sum(parts) / sum(each)
    for name, values in summed.items():
        signal_pdf = signal_pdf.set_column(signal_pdf.column_names.index(name), name, pa.array(values))
    return signal_pdf


def check_same_cells(signal_pdf: pa.Table, halo_pdf: pa.Table) -> None:
    """Raise InputError if sources and halo are not of one process, or not of the same cells of the sky."""
    column = strength_column(signal_pdf, "n_s_per_{}")
    cells = ("event_class", "reco_energy_low", "pixel", "nside")
    if strength_column(halo_pdf, "n_s_per_{}") != column or signal_pdf.num_rows != halo_pdf.num_rows:
        raise InputError("halo and sources are not of one process, or not of the same cells of the sky")
    if any(not signal_pdf[name].equals(halo_pdf[name]) for name in cells):
        raise InputError(f"halo and sources differ in their cells: {', '.join(cells)} have to be the same")
