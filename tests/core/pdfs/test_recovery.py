"""An injected signal is found again when the background density is taken from the very sky that holds it."""

import numpy as np
import pytest

from core.likelihood import fit_n_s
from core.pdfs.background import BinnedBackground, background_on_sky
from core.pdfs.ratio import merge_cells, sky_ratio
from core.pdfs.sky import ring_of_pixel, zone_shares
from tests.core.pdfs.public_pairs import STATISTIC, public_pair

N_SKIES = 1000


def background_from_sky(sky: np.ndarray, like: BinnedBackground) -> np.ndarray:
    """The background on the sky (n_classes, n_energies, n_pixels) from its own counts, in the bins of another."""
    pixel_shares = zone_shares(STATISTIC.nside, like.reco_cos_zenith_edges)[ring_of_pixel(STATISTIC.nside)]
    in_bins = np.einsum("cep,pz->cez", sky, pixel_shares)
    edges = like.reco_energy_edges, like.reco_cos_zenith_edges
    own = BinnedBackground(like.event_classes, *edges, in_bins / in_bins.sum(), int(sky.sum()))
    return background_on_sky(own, STATISTIC.nside)


def fitted(sky: np.ndarray, signal: np.ndarray, average: np.ndarray, background: np.ndarray) -> float:
    """The signed n_s of a sky, in as many cells of its own ratio as the analysis has."""
    ratio = sky_ratio(signal, average, background, STATISTIC.background)
    cells = merge_cells(ratio, background, sky / sky.sum(), STATISTIC.n_cells)
    counts = np.rint(cells.signal * sky.sum()).astype(np.int64)
    assert counts.sum() == sky.sum()
    return float(fit_n_s(counts[None, :], cells.ratio, allow_negative=True).n_s[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("channel", "mass", "n_injected"), [("tautau", 20.0, 500), ("bb", 50.0, 500), ("nunu", 30.0, 300)]
)
def test_injected_events_are_found_with_the_background_from_the_sky_itself(
    channel: str, mass: float, n_injected: int
) -> None:
    pair = public_pair(channel, mass)
    signal, average, background = pair.sky()
    truth = pair.binned_background
    generator = np.random.default_rng(20)
    found = np.empty(N_SKIES)
    for index in range(N_SKIES):
        events = generator.multinomial(truth.n_events - n_injected, background.ravel())
        events += generator.multinomial(n_injected, signal.ravel())
        sky = events.reshape(signal.shape)
        found[index] = fitted(sky, signal, average, background_from_sky(sky, truth))
    assert found.std() / np.sqrt(N_SKIES) < 0.02 * n_injected
    assert found.mean() == pytest.approx(n_injected, rel=0.05)
