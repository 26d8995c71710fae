"""The events of one sky, measured or pseudo-experiment, as the joint likelihood sees them.

The background is estimated from the very events that are fitted; the ratio, and the cells of nearly equal ratio that
the sky is merged into, follow from it. Signal and its average over right ascension come from the `signal_pdf` product.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.events.classes import EVENT_CLASSES
from core.events.counts import reconstructed_bins
from core.pdfs.background import BinnedBackground, background_on_sky
from core.pdfs.ratio import merge_events, sky_ratio
from core.pdfs.sky import ring_of_pixel, zone_shares

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class FittedSky:
    """Events in merged cells and the cells' ratios, (n_cells,) each: what `core.likelihood` takes."""

    counts: Integers
    ratio: Reals


def sky_cells_of_events(events: pa.Table, reco_energy_edges: Reals, nside: int) -> tuple[Integers, Integers, Integers]:
    """Return class, energy bin and pixel of each event of a canonical table inside the energies (GeV), (n,) each."""
    from healpy import ang2pix

    (event_class, energy, _), inside = reconstructed_bins(events, reco_energy_edges, np.array([-1.0, 1.0]))
    ra, dec = (events[name].to_numpy()[inside] for name in ("reco_ra", "reco_dec"))
    pixel = ang2pix(nside, 0.5 * np.pi - dec, ra)
    return event_class[inside], energy[inside], np.asarray(pixel, dtype=np.int64)


def sky_of_events(events: pa.Table, reco_energy_edges: Reals, nside: int) -> Integers:
    """Return the number of events in each cell of one sky, (n_classes, n_energies, n_pixels); edges in GeV.

    `events`: a canonical table; those beyond the edges are not counted. Raises InputError as core.events.counts does.
    """
    from healpy import nside2npix

    shape = (len(EVENT_CLASSES), len(reco_energy_edges) - 1, nside2npix(nside))
    flat = np.ravel_multi_index(sky_cells_of_events(events, reco_energy_edges, nside), shape)
    return np.asarray(np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape))


def fitted_sky(
    n_events: Integers,
    signal: Reals,
    signal_average: Reals,
    background: BinnedBackground,
    treatment: Literal["data", "known"],
    n_cells: int,
) -> FittedSky:
    """Return a sky merged into cells of nearly equal ratio, as core.pdfs.one_sky.ratio_cells merges the expectation.

    `n_events`, `signal`, `signal_average`: (n_classes, n_energies, n_pixels); the signals sum to 1. `background`:
    that of these events, in the same energies. Raises PhysicsError as core.pdfs.ratio.sky_ratio does.
    """
    from healpy import npix2nside

    on_sky = background_on_sky(background, npix2nside(n_events.shape[-1]))
    ratio = sky_ratio(signal, signal_average, on_sky, treatment)
    return FittedSky(*merge_events(n_events, ratio, on_sky, n_cells))


def drawn_sky(background: BinnedBackground, nside: int, generator: np.random.Generator) -> Integers:
    """Return a sky with the events of a binned sample, each at a place drawn from its bin, as `sky_of_events` would.

    Every bin keeps its number of events; along right ascension they lie evenly.
    """
    from healpy import nside2npix

    n_events = np.rint(background.probability * background.n_events).astype(np.int64)
    rings, shares = ring_of_pixel(nside), zone_shares(nside, background.reco_cos_zenith_edges)
    in_bin = (shares / (np.bincount(rings) @ shares))[rings].T
    sky = np.zeros((*n_events.shape[:2], nside2npix(nside)), dtype=np.int64)
    for event_class, energy, zenith in np.argwhere(n_events > 0):
        probability = in_bin[zenith] / in_bin[zenith].sum()
        sky[event_class, energy] += generator.multinomial(n_events[event_class, energy, zenith], probability)
    return sky


def sky_table(sky: Integers, reco_energy_edges: Reals, kind: str) -> pa.Table:
    """Return the `observed_sky` product: the cells of a sky that hold events; `kind` says what sky it is."""
    from healpy import npix2nside

    event_class, energy, pixel = np.nonzero(sky)
    return pa.table(
        {
            "event_class": pa.array(np.array(EVENT_CLASSES)[event_class].tolist(), pa.string()),
            "reco_energy_low": reco_energy_edges[energy],
            "reco_energy_high": reco_energy_edges[energy + 1],
            "nside": np.full(pixel.size, npix2nside(sky.shape[-1])),
            "pixel": pixel.astype(np.int64),
            "n_events": sky[event_class, energy, pixel],
            "sky": pa.array([kind] * pixel.size, pa.string()),
        }
    )


def sky_of_table(table: pa.Table, reco_energy_edges: Reals) -> Integers:
    """Return the sky (n_classes, n_energies, n_pixels) of an `observed_sky` product; edges in GeV."""
    from healpy import nside2npix

    n_pixels = nside2npix(table["nside"][0].as_py())
    sky = np.zeros((len(EVENT_CLASSES), len(reco_energy_edges) - 1, n_pixels), dtype=np.int64)
    event_class = np.searchsorted(EVENT_CLASSES, table["event_class"].to_pylist())
    energy = np.searchsorted(reco_energy_edges, table["reco_energy_low"].to_numpy())
    sky[event_class, energy, table["pixel"].to_numpy()] = table["n_events"].to_numpy()
    return sky
