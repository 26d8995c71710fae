"""Signal and background over one sky: HEALPix pixel x reconstructed energy x event class.

S = sum over sources of w_k S_k, where w_k is the source's share of all expected events and S_k the response's density
of reconstructed directions around it. B comes from the data and is even in right ascension.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.coordinates import angular_separation
from core.dark_matter.processes import strength_column
from core.errors import PhysicsError
from core.likelihood.closed_form import closed_form
from core.pdfs.background import BinnedBackground, background_on_sky
from core.pdfs.ratio import RatioCells, merge_cells, sky_ratio
from core.pdfs.sky import pixel_directions, right_ascension_average, ring_of_pixel, zone_shares
from core.response import EVENT_CLASSES
from core.response.angular import density_and_counts
from core.signal.expected_signal import ExpectedSignal
from core.signal.windows import Window

N_ANGLES = 361  # half a degree apart, linear between them: kernels are several degrees wide
COARSE_NSIDE = 16  # pixels of 3.7 degrees, to which angles one degree apart are fine enough


def signal_on_sky(expected: ExpectedSignal, nside: int) -> NDArray[np.float64]:
    """Return the expected signal per strength of its process in each cell, (n_classes, n_energies, n_pixels).

    Each source is widened by its half-light radius; what it puts into a band of reconstructed zenith is exact, whatever
    the size of the pixels.
    """
    from healpy import nside2npix

    response = expected.response
    total = np.zeros((len(EVENT_CLASSES), len(response.reco_energy_edges) - 1, nside2npix(nside)))
    for on_sky in source_signals_on_sky(expected, nside):
        total += on_sky
    return total


def source_signals_on_sky(expected: ExpectedSignal, nside: int) -> Iterator[NDArray[np.float64]]:
    """Yield the expected signal per cross section of one source after the other, each as `signal_on_sky` gives all."""
    response = expected.response
    shares = zone_shares(nside, response.reco_cos_zenith_edges)[ring_of_pixel(nside)]
    directions = pixel_directions(nside)
    pixel_ra, pixel_dec = np.arctan2(directions[:, 1], directions[:, 0]), np.arcsin(directions[:, 2])
    angles = np.linspace(0.0, np.pi, N_ANGLES if nside > COARSE_NSIDE else N_ANGLES // 2 + 1)
    columns = (expected.sources[name].to_numpy() for name in ("ra", "dec", "half_light_radius"))
    for ra, dec, extent, weights in zip(*columns, expected.acceptance.signal_counts, strict=True):
        cos_zenith = -np.sin(dec)
        density, counts = density_and_counts(response, weights, cos_zenith, angles, extent)
        separation = angular_separation(ra, dec, pixel_ra, pixel_dec)
        on_sky = np.zeros((*density.shape[:2], len(directions)))
        for band in range(shares.shape[1]):
            on_sky += _band_on_sky(density[:, :, band], counts[:, :, band], angles, separation, shares[:, band])
        yield on_sky


def _band_on_sky(
    density: NDArray[np.float64],
    counts: NDArray[np.float64],
    angles: NDArray[np.float64],
    separation: NDArray[np.float64],
    share: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return one band of zenith of one source on the sky, summing to the counts in the band, (..., n_pixels)."""
    on_sky = np.zeros((*density.shape[:2], len(separation)))
    inside = np.flatnonzero(share > 0.0)
    step = angles[1] - angles[0]
    lower = np.minimum((separation[inside] / step).astype(int), len(angles) - 2)
    fraction = separation[inside] / step - lower
    values = (density[:, :, lower] * (1.0 - fraction) + density[:, :, lower + 1] * fraction) * share[inside]
    sums = values.sum(axis=2, keepdims=True)
    on_sky[:, :, inside] = np.divide(values * counts[:, :, None], sums, out=np.zeros_like(values), where=sums > 0.0)
    return on_sky


def energies_in_window(reco_energy_edges: NDArray[np.float64], window: Window | None) -> NDArray[np.bool_]:
    """Return which bins of reconstructed energy (n_energies,) a window (GeV) cuts; all without a window."""
    if window is None:
        return np.ones(len(reco_energy_edges) - 1, dtype=bool)
    inside = (reco_energy_edges[1:] > window[0]) & (reco_energy_edges[:-1] < window[1])
    if not inside.any():
        raise PhysicsError(
            f"window {window} GeV holds no reconstructed energy of the sample: "
            f"{reco_energy_edges[0]:.2f} to {reco_energy_edges[-1]:.2f} GeV"
        )
    return np.asarray(inside)


def signal_pdf(
    expected: ExpectedSignal,
    background: BinnedBackground,
    nside: int,
    window: Window | None = None,
) -> pa.Table:
    """Return the `signal_pdf` product: signal, its average over right ascension and background in each cell.

    A row a cell of class, reconstructed energy (inside the window) and pixel; each probability sums to 1.
    """
    edges = expected.response.reco_energy_edges
    inside = energies_in_window(edges, window)
    signal = signal_on_sky(expected, nside)[:, inside]
    n_s_per_strength = float(signal.sum())
    signal /= n_s_per_strength
    background_cells = background_on_sky(background, nside)[:, inside]
    background_cells /= background_cells.sum()
    return pa.table(
        {
            **sky_cell_columns(edges, inside, nside),
            "signal_probability": signal.ravel(),
            "signal_average_probability": right_ascension_average(signal, nside).ravel(),
            "background_probability": background_cells.ravel(),
            f"n_s_per_{expected.acceptance.process.strength}": np.full(signal.size, n_s_per_strength),
        }
    )


def sky_cell_columns(
    reco_energy_edges: NDArray[np.float64], inside: NDArray[np.bool_], nside: int
) -> dict[str, pa.Array | NDArray[np.float64] | NDArray[np.int64]]:
    """Return the columns that name the cells of one sky: class, reconstructed energies `inside` (GeV), pixel."""
    from healpy import nside2npix

    n_classes, n_energies, n_pixels = len(EVENT_CLASSES), int(inside.sum()), nside2npix(nside)
    low, high = reco_energy_edges[:-1][inside], reco_energy_edges[1:][inside]
    event_class = np.repeat(np.arange(n_classes), n_energies * n_pixels)
    return {
        "event_class": pa.array(EVENT_CLASSES, pa.string()).take(pa.array(event_class)),
        "reco_energy_low": np.tile(np.repeat(low, n_pixels), n_classes),
        "reco_energy_high": np.tile(np.repeat(high, n_pixels), n_classes),
        "nside": np.full(n_classes * n_energies * n_pixels, nside),
        "pixel": np.tile(np.arange(n_pixels), n_classes * n_energies),
    }


def ratio_cells(
    signal_pdf: pa.Table, background_pdf: pa.Table, treatment: Literal["data", "known"], n_cells: int
) -> pa.Table:
    """Return the `ratio_cells` product: the sky of a `signal_pdf` product merged into cells of nearly equal ratio.

    `background_pdf` gives the number of events in the energies that the signal PDF spans. PhysicsError if signal could
    not be told from background were it all of these events: no trial could show a sensitivity.
    """
    signal, average, background = (
        signal_pdf[name].to_numpy()
        for name in ("signal_probability", "signal_average_probability", "background_probability")
    )
    ratio, in_background = sky_ratio(signal, average, background, treatment), average if treatment == "data" else None
    cells = merge_cells(ratio, background, signal, n_cells, in_background)
    scale = strength_column(signal_pdf, "n_s_per_{}")
    return _cells_table(cells, events_of_signal_pdf(signal_pdf, background_pdf), scale, signal_pdf[scale][0].as_py())


def events_of_signal_pdf(signal_pdf: pa.Table, background_pdf: pa.Table) -> int:
    """Return the number of events of a `background_pdf` product in the energies that a `signal_pdf` product spans."""
    low, high = signal_pdf["reco_energy_low"].to_numpy().min(), signal_pdf["reco_energy_high"].to_numpy().max()
    frame = background_pdf.to_pandas()
    inside = (frame["reco_energy_low"] >= low) & (frame["reco_energy_high"] <= high)
    return int(frame.loc[inside, "n_events"].sum())


def _cells_table(cells: RatioCells, n_events: int, scale: str, n_s_per_strength: float) -> pa.Table:
    n_cells = len(cells.ratio)
    # By the information alone: where there is none the slope is rounding.
    if not cells.fisher_information * n_events > 1.0:
        raise PhysicsError(
            f"the signal cannot be told from the background were it all of the sample's {n_events} events: the sources "
            "lie too near to a celestial pole, or are too wide"
        )
    form = closed_form(cells.background, cells.signal, cells.ratio, n_events, signal_average=cells.signal_average)
    average = {} if cells.signal_average is None else {"signal_average_probability": cells.signal_average}
    return pa.table(
        {
            "cell": np.arange(n_cells),
            "ratio": cells.ratio,
            "background_probability": cells.background,
            "signal_probability": cells.signal,
            **average,
            "n_sky_cells": cells.n_sky_cells,
            "n_events": np.full(n_cells, n_events),
            scale: np.full(n_cells, n_s_per_strength),
            "fisher_information": np.full(n_cells, cells.fisher_information),
            "fisher_information_loss": np.full(n_cells, cells.fisher_information_loss),
            "n_s_uncertainty": np.full(n_cells, form.n_s_uncertainty),
        }
    )
