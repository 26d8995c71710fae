"""The background density, from the data themselves: events spread evenly over right ascension.

The detector stands at the South Pole and turns under the sky once a day, so the average over right ascension is exact
and needs no scrambled copies of the data.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from core.errors import InputError
from core.events.classes import EVENT_CLASSES
from core.pdfs.sky import ring_of_pixel, ring_sums, zone_shares

Reals = NDArray[np.float64]

BIN_COLUMNS = ("event_class", "reco_energy_low", "reco_energy_high", "reco_cos_zenith_low", "reco_cos_zenith_high")


@dataclass(frozen=True)
class BinnedBackground:
    """Background in bins of class, reconstructed energy and cos zenith.

    `probability` is (n_classes, n_energies, n_zeniths) and sums to 1; edges in GeV and in cos zenith from -1 to 1.
    """

    event_classes: tuple[str, ...]
    reco_energy_edges: Reals
    reco_cos_zenith_edges: Reals
    probability: Reals
    n_events: int


def background_probability(n_events: ArrayLike) -> Reals:
    """Return the background's probability of each bin, of any shape, from the events in it: its share of all.

    The one estimate of the background, whatever the events are: measured ones, or those of a pseudo-sky with signal.
    Raises InputError if there are none.
    """
    counts = np.asarray(n_events, dtype=np.float64)
    total = counts.sum()
    if not total > 0.0:
        raise InputError("the sample holds no events: there is no background to estimate")
    return np.asarray(counts / total)


def background_of_sky(
    n_events: NDArray[np.integer], nside: int, reco_energy_edges: Reals, reco_cos_zenith_edges: Reals
) -> BinnedBackground:
    """Return the background that the events of one sky give, (n_classes, n_energies, n_pixels), in bands of zenith.

    Edges of the bins in GeV and cos zenith. The events of a pixel that straddles two bands are shared between them.
    """
    shares = zone_shares(nside, reco_cos_zenith_edges)
    return BinnedBackground(
        event_classes=EVENT_CLASSES,
        reco_energy_edges=reco_energy_edges,
        reco_cos_zenith_edges=reco_cos_zenith_edges,
        probability=background_probability(ring_sums(n_events, nside) @ shares),
        n_events=int(n_events.sum()),
    )


def background_pdf(events: pa.Table) -> pa.Table:
    """Return the `background_pdf` product from the `events` product of a binned sample.

    The density of a bin is its probability over 2 pi times the bin's width in cos zenith.
    """
    probability = background_probability(events["n_events"].to_numpy())
    width = events["reco_cos_zenith_high"].to_numpy() - events["reco_cos_zenith_low"].to_numpy()
    return (
        events.select([*BIN_COLUMNS, "n_events"])
        .append_column("background_probability", pa.array(probability))
        .append_column("background_density", pa.array(probability / (2.0 * np.pi * width)))
    )


def binned_background(table: pa.Table) -> BinnedBackground:
    """Return the `background_pdf` product as arrays."""
    frame = table.to_pandas()
    classes = tuple(sorted(frame["event_class"].unique()))
    energies = np.sort(frame["reco_energy_low"].unique())
    zeniths = np.sort(frame["reco_cos_zenith_low"].unique())
    ordered = frame.sort_values(["event_class", "reco_energy_low", "reco_cos_zenith_low"])
    shape = (len(classes), len(energies), len(zeniths))
    if len(ordered) != np.prod(shape):
        raise InputError(f"background bins do not fill a grid: {len(ordered)} rows for {shape} bins")
    return BinnedBackground(
        event_classes=classes,
        reco_energy_edges=np.append(energies, frame["reco_energy_high"].max()),
        reco_cos_zenith_edges=np.append(zeniths, frame["reco_cos_zenith_high"].max()),
        probability=ordered["background_probability"].to_numpy().reshape(shape),
        n_events=int(frame["n_events"].sum()),
    )


def background_on_sky(background: BinnedBackground, nside: int) -> Reals:
    """Return the probability of each cell of one sky, (n_classes, n_energies, n_pixels), summing to 1.

    The density is constant in each bin of cos zenith; a pixel that straddles two bins takes its share of both. Each
    bin's probability is kept exactly.
    """
    rings = ring_of_pixel(nside)
    shares = zone_shares(nside, background.reco_cos_zenith_edges)
    in_bin = shares / (np.bincount(rings) @ shares)
    return np.asarray((background.probability @ in_bin.T)[..., rings])
