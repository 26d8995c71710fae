"""Fits of whole skies: of the one that was observed, and of pseudo-skies that all pairs of an analysis share.

The pairs of channel and mass see the same events, so that their test statistics are strongly correlated. A p-value that
holds for all pairs together comes from pseudo-skies of background alone to each of which every pair is fitted.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled
from core.likelihood.fit import empty_counts
from core.likelihood.series import LANES
from core.pdfs.sky import ring_of_pixel
from core.pdfs.sky_model import SkyModel
from core.trials.run import fitted_sources

Reals = NDArray[np.float64]
FITTED = ("n_s", "test_statistic", "n_s_signed", "test_statistic_signed")


def fits_of_counts(sky: SkyModel, counts: NDArray[np.integer]) -> dict[str, Reals]:
    """Return the fits of skies by the names in FITTED, (n_skies,) each, of several sources weighted sums as in trials.

    counts: (n_skies, n_cells) events in the cells of the model.
    """
    blocks = empty_counts(len(counts), sky.model.n_cells)
    for number, row in enumerate(counts):
        blocks[number // LANES, :, number % LANES] = row
    return _fits(sky, blocks, len(counts))


def _fits(sky: SkyModel, blocks: NDArray[np.int32], n_skies: int) -> dict[str, Reals]:
    """Return the fits of counts (n_blocks, n_cells, LANES)."""
    found = {name: np.zeros(n_skies) for name in FITTED}
    for source, fit in fitted_sources(sky.model, 0, blocks, n_skies):
        weight = sky.model.weights[source]
        found["n_s"] += weight * fit.bounded.n_s
        found["test_statistic"] += weight * fit.bounded.test_statistic
        found["n_s_signed"] += weight * fit.signed.n_s
        found["test_statistic_signed"] += weight * fit.signed.test_statistic
    return found


def common_sky_fits(
    pairs: Sequence[SkyModel], background: Reals, n_events: int, nside: int, n_skies: int, seed: Sequence[int]
) -> list[dict[str, Reals]]:
    """Return the fits of every pair to the same pseudo-skies without signal, a mapping a pair as `fits_of_counts`.

    background: (n_classes, n_energies, n_rings), the probability of each ring of pixels, along which events lie evenly;
    n_events: of a sky. A sky's numbers depend on the seed and its own index alone.
    """
    zones = background.ravel() / background.sum()
    rings = ring_of_pixel(nside)
    pixels_of_ring = np.bincount(rings)
    outer, ring = np.divmod(np.arange(zones.size), pixels_of_ring.size)
    first = outer * rings.size + np.concatenate([[0], np.cumsum(pixels_of_ring)[:-1]])[ring]
    cell_of = np.stack([pair.cell_of for pair in pairs], axis=1).astype(np.int32)
    most = max(pair.model.n_cells for pair in pairs)
    fits: list[dict[str, list[Reals]]] = [{name: [] for name in FITTED} for _ in pairs]
    for start in range(0, n_skies, LANES):
        n_here = min(LANES, n_skies - start)
        counts = np.zeros((len(pairs), most, LANES), dtype=np.int32)
        for lane in range(n_here):
            generator = np.random.default_rng([*seed, start + lane])
            zone = np.repeat(np.arange(zones.size), generator.multinomial(n_events, zones))
            place = first[zone] + (generator.random(n_events) * pixels_of_ring[ring[zone]]).astype(np.int64)
            _count(place, cell_of, lane, counts)
        for pair, own, found in zip(pairs, counts, fits, strict=True):
            blocks = np.ascontiguousarray(own[np.newaxis, : pair.model.n_cells])
            for name, values in _fits(pair, blocks, n_here).items():
                found[name].append(values)
    return [{name: np.concatenate(parts) for name, parts in found.items()} for found in fits]


def global_p_values(of_pairs: Mapping[str, Reals], observed: Mapping[str, float]) -> dict[str, float]:
    """Return by pair the share of common skies in which any pair stands out as much as the pair does in the observed.

    of_pairs: the test statistic of each pair in the same skies, (n_skies,); observed: that of the observed sky. A
    pair's p-value in a sky is its rank among all skies, the sky itself counted, so that bounded statistics of 0 have 1.
    The observed sky counts as one more, so that no p-value is 0 and each holds exactly without signal.
    """
    smallest = np.min([_ranks(values) for values in of_pairs.values()], axis=0)
    n_skies = smallest.size
    found = {}
    for name, value in observed.items():
        own = int(np.sum(of_pairs[name] >= value)) + 1
        found[name] = float(np.sum(smallest <= own) + 1) / (n_skies + 1.0)
    return found


def _ranks(values: Reals) -> NDArray[np.int64]:
    """Return how many of the values are not below each, itself counted, (n,)."""
    return np.asarray(values.size - np.searchsorted(np.sort(values), values, side="left"), dtype=np.int64)


@compiled
def _count(place: NDArray[np.int64], cell_of: NDArray[np.int32], lane: int, counts: NDArray[np.int32]) -> None:
    """Add events at places of the sky to the counts (n_pairs, n_cells, n_lanes) of every pair, in one lane."""
    for event in range(place.size):
        for pair in range(cell_of.shape[1]):
            cell = cell_of[place[event], pair]
            if cell >= 0:
                counts[pair, cell, lane] += 1
