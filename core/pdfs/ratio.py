"""The ratio R that the joint likelihood uses, and the sky merged into cells of nearly equal R.

ln L(n_s) = sum over events of ln[1 + n_s/N (R - 1)]. Data enter only through counts in cells, and cells of the same R
can be merged without loss.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import PhysicsError

RATIO_SCALE = 0.3  # below it cells are equal steps in R, above it in ln R


@dataclass(frozen=True)
class RatioCells:
    """Cells of nearly equal ratio, in order of the ratio; arrays are (n_cells,).

    `background` and `signal` are the probabilities of an event and sum to 1; `n_sky_cells` counts the merged cells.
    `fisher_information` is sum of background (R - 1)^2 over merged cells, `fisher_information_loss` the share of the
    unmerged sum that merging lost. `signal_average`: the signal averaged over right ascension, where it was given.
    """

    ratio: NDArray[np.float64]
    background: NDArray[np.float64]
    signal: NDArray[np.float64]
    n_sky_cells: NDArray[np.int64]
    fisher_information: float
    fisher_information_loss: float
    signal_average: NDArray[np.float64] | None = None


def sky_ratio(
    signal: NDArray[np.float64],
    signal_average: NDArray[np.float64],
    background: NDArray[np.float64],
    treatment: Literal["data", "known"],
) -> NDArray[np.float64]:
    """Return R in each cell of the sky from the probabilities S, its average over right ascension, and B.

    "data": the background density comes from the data and so contains the average of any signal; subtracted,
    R = 1 + (S - average)/B, which no function of declination, energy and class can mimic. "known": R = S/B.

    A cell where B vanishes has no say (R = 1): data of the background's own cell cannot have shown an event there.
    PhysicsError if more than 1 % of the signal lies in such cells.
    """
    empty = background <= 0.0
    lost = float(signal[empty].sum())
    if lost > 0.01:
        raise PhysicsError(f"{lost:.1%} of the signal lies where there is no background event: use wider bins")
    if treatment == "known":
        return np.divide(signal, background, out=np.ones_like(background), where=~empty)
    return 1.0 + np.divide(signal - signal_average, background, out=np.zeros_like(background), where=~empty)


def ratio_step(ratio: NDArray[np.float64], n_cells: int) -> NDArray[np.int64]:
    """Return which of n_cells equal steps of u = asinh((R - 1)/0.3) each cell of the sky lies in, (n_sky_cells,)."""
    steps = np.arcsinh((ratio.ravel() - 1.0) / RATIO_SCALE)
    lowest, width = steps.min(), np.ptp(steps) / n_cells
    if width == 0.0:
        return np.zeros(steps.size, dtype=np.int64)
    return np.asarray(np.minimum((steps - lowest) / width, n_cells - 1), dtype=np.int64)


def merge_cells(
    ratio: NDArray[np.float64],
    background: NDArray[np.float64],
    signal: NDArray[np.float64],
    n_cells: int,
    signal_average: NDArray[np.float64] | None = None,
) -> RatioCells:
    """Return the cells of a sky merged into at most n_cells equal steps of u = asinh((R - 1)/0.3).

    The ratio of a merged cell is the mean over its background, so that sum of background R is kept exactly.
    """
    index = ratio_step(ratio, n_cells)
    weight = background.ravel()
    background_sum, excess = _merged(index, weight, weight * (ratio.ravel() - 1.0), n_cells)
    signal_sum, average_sum = (
        np.bincount(index, weights=values.ravel(), minlength=n_cells)
        for values in (signal, signal if signal_average is None else signal_average)
    )
    n_sky_cells = np.bincount(index, minlength=n_cells)
    kept = background_sum > 0.0
    merged_ratio = 1.0 + excess[kept] / background_sum[kept]
    unmerged = float(np.sum(weight * (ratio.ravel() - 1.0) ** 2))
    information = float(np.sum(background_sum[kept] * (merged_ratio - 1.0) ** 2))
    return RatioCells(
        ratio=merged_ratio,
        background=background_sum[kept] / background_sum[kept].sum(),
        signal=signal_sum[kept] / signal_sum[kept].sum(),
        n_sky_cells=n_sky_cells[kept].astype(np.int64),
        fisher_information=information,
        fisher_information_loss=1.0 - information / unmerged if unmerged > 0 else 0.0,
        signal_average=None if signal_average is None else average_sum[kept] / average_sum[kept].sum(),
    )


def signal_average_in(ratio_cells: pa.Table) -> NDArray[np.float64] | None:
    """Return the signal's average over right ascension in the cells of a `ratio_cells` product, (n_cells,).

    None where background is known and so holds no signal.
    """
    name = "signal_average_probability"
    return ratio_cells[name].to_numpy() if name in ratio_cells.column_names else None


def merge_events(
    n_events: NDArray[np.integer], ratio: NDArray[np.float64], background: NDArray[np.float64], n_cells: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the events of a sky in its merged cells, and the cells' ratios, each (n_merged,), as `merge_cells` merges.

    `n_events`, `ratio` and `background` are those of the cells of the sky, of one shape. Events where the background
    vanishes have no say, as in `sky_ratio`: they stay, at R = 1.
    """
    index = ratio_step(ratio, n_cells)
    weight = background.ravel()
    background_sum, excess = _merged(index, weight, weight * (ratio.ravel() - 1.0), n_cells)
    counts = np.bincount(index, weights=n_events.ravel(), minlength=n_cells)
    kept = (background_sum > 0.0) | (counts > 0.0)
    merged_excess = np.divide(excess, background_sum, out=np.zeros(n_cells), where=background_sum > 0.0)
    return counts[kept].astype(np.int64), 1.0 + merged_excess[kept]


def _merged(
    index: NDArray[np.int64], background: NDArray[np.float64], excess: NDArray[np.float64], n_cells: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return background and background (R - 1) summed over the cells of each step, (n_cells,) each."""
    background_sum, excess_sum = (
        np.asarray(np.bincount(index, weights=weights, minlength=n_cells), dtype=np.float64)
        for weights in (background, excess)
    )
    return background_sum, excess_sum
