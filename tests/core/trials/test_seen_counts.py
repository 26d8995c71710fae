"""Counts of one sky's patterns, as single sources see them."""

import numpy as np
import pytest

from core.trials.seen_counts import seen_by_sources


@pytest.mark.parametrize("n_sources", [1, 2, 5])
def test_each_source_sees_every_event_in_its_own_bin(n_sources: int) -> None:
    rng = np.random.default_rng(n_sources)
    counts = rng.poisson(3.0, size=(2, 300, 32)).astype(np.int32)
    patterns = rng.integers(0, 7, size=(n_sources, 300))
    seen = seen_by_sources(counts, patterns, 8)
    assert seen.shape == (n_sources, 2, 8, 32)
    for source, bins in enumerate(patterns):
        for number in range(8):
            assert np.array_equal(seen[source, :, number], counts[:, bins == number].sum(axis=1))
