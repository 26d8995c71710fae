"""What the sources of one sky see of its events: counts of patterns, added up in each source's bins of angle."""

import numpy as np
from numpy.typing import NDArray

from core.compiled import compiled

Counts = NDArray[np.int32]

_TILE = 128  # patterns whose counts stay near while all sources see them
_U = np.uint64


def seen_by_sources(counts: Counts, patterns: NDArray[np.int64], n_bins: int) -> Counts:
    """Return what each source sees of counts (n_blocks, n_patterns, n_lanes), (n_sources, n_blocks, n_bins, n_lanes).

    patterns: (n_sources, n_patterns), the bin of each source that a pattern falls into.
    """
    n_sources = patterns.shape[0]
    seen = np.zeros((n_sources + n_sources % 2, counts.shape[0], n_bins, counts.shape[2]), dtype=np.int32)
    _add_by_pairs(counts, patterns, seen)
    return seen[:n_sources]


@compiled
def _add_by_pairs(counts: Counts, patterns: NDArray[np.int64], seen: Counts) -> None:
    """Add counts to the bins of two sources at a time, which halves what is read; an odd last one's partner is void."""
    n_sources, n_patterns = patterns.shape
    for block in range(counts.shape[0]):
        for first in range(0, n_patterns, _TILE):
            for source in range(0, n_sources, 2):
                partner = min(source + 1, n_sources - 1)
                for pattern in range(first, min(first + _TILE, n_patterns)):
                    own = _U(patterns[source, pattern])
                    other = _U(patterns[partner, pattern])
                    for lane in range(counts.shape[2]):
                        count = counts[_U(block), _U(pattern), _U(lane)]
                        seen[_U(source), _U(block), own, _U(lane)] += count
                        seen[_U(source + 1), _U(block), other, _U(lane)] += count
