"""The figure of energy windows shows each window relative to the best one, which is framed."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ProductError
from core.figures.energy_range import energy_range_figure

EDGES = np.array([5.0, 10.0, 20.0, 40.0])


def windows() -> pa.Table:
    """Six windows over three bins; the one from 10 to 20 GeV is the best, that from 5 to 10 GeV half as good."""
    rows = [(low, high) for low in range(3) for high in range(low + 1, 4)]
    merits = {(1, 2): 4.0, (0, 1): 2.0}
    return pa.table(
        {
            "channel": ["bb"] * len(rows),
            "mass": [20.0] * len(rows),
            "window_low": [EDGES[low] for low, _ in rows],
            "window_high": [EDGES[high] for _, high in rows],
            "signal_over_sqrt_background": [merits.get(row, 1.0) for row in rows],
        }
    )


def test_windows_stand_by_their_edges() -> None:
    axes = energy_range_figure(windows()).axes[0]
    shares = axes.collections[0].get_array()
    assert shares[1, 1] == 1.0
    assert shares[0, 0] == 0.5
    assert np.ma.getmaskarray(np.ma.masked_invalid(shares))[0, 1]


def test_the_best_window_is_framed_and_named() -> None:
    axes = energy_range_figure(windows()).axes[0]
    assert axes.patches[0].get_xy() == (1, 1)
    assert axes.get_title(loc="left").endswith("best 10 to 20 GeV")


def test_no_windows_are_refused() -> None:
    with pytest.raises(ProductError, match="no energy windows"):
        energy_range_figure(windows().slice(0, 0))
