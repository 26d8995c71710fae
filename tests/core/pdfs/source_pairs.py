"""Single sources' patterns, merged cells and pseudo-skies of pairs of the public analysis."""

from functools import cache

from core.pdfs.source_information import SourceCells, SourcePatterns, source_cells, source_patterns
from core.pdfs.source_skies import SourceSkies
from tests.core.pdfs.public_pairs import STATISTIC, public_pair

N_CELLS = 512


@cache
def patterns(channel: str, mass: float) -> SourcePatterns:
    pair = public_pair(channel, mass)
    return source_patterns(pair.expected, pair.binned_background, STATISTIC.nside)


@cache
def cells(channel: str, mass: float, n_cells: int = N_CELLS) -> SourceCells:
    return source_cells(patterns(channel, mass), n_cells)


@cache
def skies(channel: str, mass: float) -> SourceSkies:
    edges = public_pair(channel, mass).binned_background.reco_cos_zenith_edges
    return SourceSkies.of(patterns(channel, mass), cells(channel, mass), edges)
