"""Pairs of the public analysis as a certificate draws and fits their skies."""

from functools import cache

from core.inference.certified_pair import CertifiedPair, ratio_source_cells
from core.pdfs.sky_model import joint_sky_model
from tests.core.pdfs.public_pairs import STATISTIC, public_pair
from tests.core.pdfs.source_pairs import patterns


@cache
def certified(channel: str, mass: float) -> CertifiedPair:
    """A pair in the cells of its own fit."""
    pair = public_pair(channel, mass)
    cells, bins = pair.ratio_cells(), pair.binned_background
    merged, edges = cells["n_sky_cells"].to_numpy(), bins.reco_energy_edges
    sky = joint_sky_model(pair.trial_model(), pair.signal_pdf(), merged, edges, STATISTIC.background, STATISTIC.n_cells)
    of_sources = ratio_source_cells(sky, patterns(channel, mass))
    return CertifiedPair.of(patterns(channel, mass), of_sources, STATISTIC.background, bins.reco_cos_zenith_edges)
