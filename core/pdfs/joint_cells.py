"""A sky merged into cells of nearly equal ratios of two signals."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.processes import strength_column
from core.errors import PhysicsError
from core.likelihood.closed_form import closed_form
from core.likelihood.two_templates import information_matrix, ratio_beside_free
from core.pdfs.halo import check_same_cells
from core.pdfs.one_sky import events_of_signal_pdf
from core.pdfs.ratio import ratio_step, sky_ratio

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

N_STEPS = 128  # of each ratio: 3e-4 of the information is lost


@dataclass(frozen=True)
class JointCells:
    """Cells of a sky with nearly equal ratios of both signals; arrays are (n_cells,).

    `background`, `signal` and `beside` are probabilities of an event and sum to 1. `information_loss`: shares of the
    information of both signals, and of their product, that merging lost, relative to the root of both: (2, 2).
    """

    ratio: Reals
    ratio_beside: Reals
    background: Reals
    signal: Reals
    beside: Reals
    information_loss: Reals


def merge_jointly(
    ratio: Reals, ratio_beside: Reals, background: Reals, signal: Reals, beside: Reals, n_steps: int = N_STEPS
) -> JointCells:
    """Return the cells of a sky merged where both ratios lie in the same of n_steps steps of core.pdfs.ratio.

    All arrays of one shape. Ratios of a merged cell are the means over its background.
    """
    index, n_cells = joint_steps(ratio, ratio_beside, n_steps)
    weight, of_signal, of_beside, first, second = (
        _sums(index, values, n_cells)
        for values in (background, signal, beside, background * (ratio - 1.0), background * (ratio_beside - 1.0))
    )
    kept = weight > 0.0
    ratios = 1.0 + first[kept] / weight[kept], 1.0 + second[kept] / weight[kept]
    whole = information_matrix(background, ratio, ratio_beside)
    scale = np.sqrt(np.outer(np.diag(whole), np.diag(whole)))
    lost = whole - information_matrix(weight[kept], *ratios)
    return JointCells(
        *ratios,
        background=weight[kept] / weight[kept].sum(),
        signal=of_signal[kept] / of_signal[kept].sum(),
        beside=of_beside[kept] / of_beside[kept].sum(),
        information_loss=np.divide(lost, scale, out=np.zeros((2, 2)), where=scale > 0.0),
    )


def joint_ratio_cells(
    signal_pdf: pa.Table,
    halo_pdf: pa.Table,
    background_pdf: pa.Table,
    treatment: Literal["data", "known"],
    n_steps: int = N_STEPS,
) -> pa.Table:
    """Return the `ratio_cells` product of a sky on which a halo of any strength is fitted beside the sources.

    Arguments as for core.pdfs.one_sky.ratio_cells, `halo_pdf` on the same cells; information and n_s_uncertainty are
    those that are left to the sources with the halo free. PhysicsError if these are none.
    """
    check_same_cells(signal_pdf, halo_pdf)
    background = signal_pdf["background_probability"].to_numpy()
    (signal, ratio), (beside, ratio_beside) = (
        _signal_and_ratio(table, background, treatment) for table in (signal_pdf, halo_pdf)
    )
    cells = merge_jointly(ratio, ratio_beside, background, signal, beside, n_steps)
    n_events, n_cells = events_of_signal_pdf(signal_pdf, background_pdf), len(cells.ratio)
    own = ratio_beside_free(cells.background, cells.ratio, cells.ratio_beside)
    information = float(np.sum(cells.background * (own - 1.0) ** 2))
    if not information * n_events > 1.0:
        raise PhysicsError(
            f"the sources cannot be told from a free halo were they all of the sample's {n_events} events: choose "
            'halo.treatment = "none" or "same_cross_section"'
        )
    scale = strength_column(signal_pdf, "n_s_per_{}")
    return pa.table(
        {
            "cell": np.arange(n_cells),
            "ratio": cells.ratio,
            "ratio_beside": cells.ratio_beside,
            "background_probability": cells.background,
            "signal_probability": cells.signal,
            "n_events": np.full(n_cells, n_events),
            scale: np.full(n_cells, signal_pdf[scale][0].as_py()),
            "fisher_information": np.full(n_cells, information),
            "fisher_information_loss": np.full(n_cells, cells.information_loss[0, 0]),
            "n_s_uncertainty": np.full(
                n_cells, closed_form(cells.background, cells.signal, own, n_events).n_s_uncertainty
            ),
        }
    )


def _signal_and_ratio(pdf: pa.Table, background: Reals, treatment: Literal["data", "known"]) -> tuple[Reals, Reals]:
    """Return the probability of a signal in each cell of the sky, and its ratio R to background."""
    signal, average = (pdf[f"signal_{name}"].to_numpy() for name in ("probability", "average_probability"))
    return signal, sky_ratio(signal, average, background, treatment)


def told_from_halo(joint_cells: pa.Table) -> pa.Table:
    """Return cells of both ratios with the one ratio in the place of `ratio` whose fit knows as much of the sources."""
    background, ratio, beside = (
        joint_cells[name].to_numpy() for name in ("background_probability", "ratio", "ratio_beside")
    )
    place = joint_cells.column_names.index("ratio")
    own = pa.array(ratio_beside_free(background, ratio, beside))
    return joint_cells.set_column(place, "ratio", own).drop_columns(["ratio_beside"])


def merge_events_jointly(
    n_events: NDArray[np.integer], ratio: Reals, ratio_beside: Reals, background: Reals, n_steps: int = N_STEPS
) -> tuple[Integers, Reals, Reals]:
    """Return the events of a sky in its merged cells, and both ratios of each, (n_cells,), as `merge_jointly` merges.

    Arrays of one shape. Events where the background vanishes have no say: they stay, at ratios of 1.
    """
    index, n_cells = joint_steps(ratio, ratio_beside, n_steps)
    weight = _sums(index, background, n_cells)
    counts = _sums(index, n_events, n_cells).astype(np.int64)
    kept = (weight > 0.0) | (counts > 0)
    ratios = []
    for each in (ratio, ratio_beside):
        excess = _sums(index, background * (each - 1.0), n_cells)
        ratios.append(1.0 + np.divide(excess, weight, out=np.zeros(n_cells), where=weight > 0.0)[kept])
    return counts[kept], ratios[0], ratios[1]


def joint_steps(ratio: Reals, ratio_beside: Reals, n_steps: int) -> tuple[Integers, int]:
    """Return in which pair of occurring steps a cell of the sky lies, (n_sky_cells,), and how many there are."""
    pair = ratio_step(ratio, n_steps) * n_steps + ratio_step(ratio_beside, n_steps)
    occurs = np.zeros(n_steps**2, dtype=np.int64)
    occurs[pair] = 1
    place = np.cumsum(occurs) - 1
    return np.asarray(place[pair]), int(occurs.sum())


def _sums(index: Integers, values: NDArray[np.floating] | NDArray[np.integer], n_cells: int) -> Reals:
    """Return values of the cells of the sky summed over merged cells, (n_cells,)."""
    return np.asarray(np.bincount(index, weights=values.ravel(), minlength=n_cells), dtype=np.float64)
