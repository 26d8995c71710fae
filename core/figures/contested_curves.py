"""The sensitivity without the galaxies that a paper contests, drawn beside that of all galaxies."""

from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from core.dark_matter.sources import WITHOUT_CONTESTED

LINE: dict[str, Any] = {"linewidth": 1.3, "linestyle": (0, (5, 1.2, 1, 1.2, 1, 1.2))}


def contested_ratio(robustness: pa.Table | None, channel: str, mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much a strength grows without the contested galaxies, (n,) at masses (n,) GeV, NaN if unknown.

    robustness: rows of the `robustness` product of any pairs, None for none.
    """
    told = {} if robustness is None else {(row["channel"], row["mass"]): row["ratio"] for row in _rows(robustness)}
    return np.array([told.get((channel, float(value)), np.nan) for value in mass])


def draw_contested(axes: Axes, mass: NDArray[np.float64], without: NDArray[np.float64], colour: str) -> None:
    """Draw strengths, or of decay lifetimes, without the contested galaxies; one of a single mass as a mark.

    mass (n,) GeV and without (n,): NaN where it is not known.
    """
    known = np.isfinite(without)
    if known.any():
        mark: dict[str, Any] = {"marker": "x", "markersize": 6.0} if known.sum() == 1 else {}
        axes.plot(mass[known], without[known], color=colour, zorder=3.6, **LINE, **mark)


def contested_handles(robustness: pa.Table | None, colour: str) -> list[Line2D]:
    """Return the legend entry; none where nothing of it is known."""
    if robustness is None or not _rows(robustness):
        return []
    return [Line2D([], [], color=colour, label="without contested galaxies, expected", **LINE)]


def _rows(robustness: pa.Table) -> list[dict[str, Any]]:
    return [row for row in robustness.to_pylist() if row["variant"] == WITHOUT_CONTESTED]
