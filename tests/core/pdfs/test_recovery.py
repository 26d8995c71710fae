"""An injected signal is found again when the background density is taken from the very sky that holds it."""

import numpy as np
import pytest

from core.likelihood import fit_n_s
from core.pdfs.background import BinnedBackground, background_on_sky, binned_background, background_pdf
from core.pdfs.one_sky import signal_on_sky
from core.pdfs.ratio import merge_cells, sky_ratio
from core.pdfs.sky import right_ascension_average, ring_of_pixel, zone_shares
from core.acceptance import source_acceptance
from core.config import SourceSettings
from core.events.public_release import public_counts
from core.response import public_response
from core.sources import EMBEDDED_CATALOGUE, read_catalogue, select_sources
from core.spectra import spectra_from_table, spectra_table

NSIDE = 16
N_CELLS = 512
N_INJECTED = 500


def reestimated(counts: np.ndarray, like: BinnedBackground) -> BinnedBackground:
    """The background density of a pseudo-sky, from its own counts (n_classes, n_energies, n_pixels)."""
    shares = zone_shares(NSIDE, like.reco_cos_zenith_edges)[ring_of_pixel(NSIDE)]
    in_bins = np.einsum("cep,pz->cez", counts, shares)
    return BinnedBackground(
        like.event_classes, like.reco_energy_edges, like.reco_cos_zenith_edges, in_bins / in_bins.sum(), int(counts.sum())
    )


def fitted(counts: np.ndarray, signal: np.ndarray, average: np.ndarray, background: np.ndarray) -> float:
    """The signed n_s of a sky in merged cells of its own ratio."""
    ratio = sky_ratio(signal, average, background, "data")
    steps = np.argsort(ratio, axis=None)
    groups = np.array_split(steps, N_CELLS * 8)
    weight, flat = background.ravel(), ratio.ravel()
    merged = np.array([np.average(flat[group], weights=weight[group]) for group in groups])
    in_group = np.array([counts.ravel()[group].sum() for group in groups])
    return float(fit_n_s(in_group[None, :], merged, allow_negative=True).n_s[0])


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "mass"), [("tautau", 20.0), ("bb", 50.0)])
def test_five_hundred_events_are_found_with_the_background_from_the_sky_itself(channel: str, mass: float) -> None:
    sources = select_sources(read_catalogue(EMBEDDED_CATALOGUE), SourceSettings())
    response = public_response()
    acceptance = source_acceptance(response, spectra_from_table(spectra_table(channel, mass)), sources, mass)
    signal = signal_on_sky(response, acceptance, sources, NSIDE)
    signal /= signal.sum()
    average = right_ascension_average(signal, NSIDE)
    truth = binned_background(background_pdf(public_counts()))
    background = background_on_sky(truth, NSIDE)
    generator = np.random.default_rng(20)
    found = []
    for _ in range(300):
        counts = generator.multinomial(truth.n_events - N_INJECTED, background.ravel() / background.sum())
        counts += generator.multinomial(N_INJECTED, signal.ravel() / signal.sum())
        sky = counts.reshape(signal.shape)
        own_background = background_on_sky(reestimated(sky, truth), NSIDE)
        found.append(fitted(sky, signal, average, own_background))
    error = np.std(found) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(N_INJECTED, rel=0.05)
    assert error < 0.025 * N_INJECTED
