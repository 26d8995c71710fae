"""A sky merged into cells of nearly equal ratios of two signals, and what both say about each other.

With e_a = R_a - 1 (core.pdfs.ratio) the information matrix of one event is I_ab = sum B e_a e_b. The error of n_1 with
n_2 free is sqrt(N [I^-1]_11), and the score of n_1 that n_2 cannot mimic is that of the one excess ratio
e_1 - I_12/I_22 e_2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import PhysicsError
from core.pdfs.ratio import ratio_step

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


def information_matrix(background: Reals, ratio: Reals, ratio_beside: Reals) -> Reals:
    """Return I_ab = sum B e_a e_b of one event, (2, 2), from probabilities and ratios of the same shape."""
    excess = np.stack([ratio.ravel() - 1.0, ratio_beside.ravel() - 1.0])
    return np.asarray((excess * background.ravel()) @ excess.T)


def ratio_beside_free(background: Reals, ratio: Reals, ratio_beside: Reals) -> Reals:
    """Return the one ratio whose fit has the error of n_1 where n_2 is free: 1 + e_1 - I_12/I_22 e_2.

    Arrays of one shape. PhysicsError if the second signal cannot be told from background.
    """
    matrix = information_matrix(background, ratio, ratio_beside)
    if not matrix[1, 1] > 0.0:
        raise PhysicsError("the signal beside is the same as the background: its number of events says nothing")
    return np.asarray(ratio - matrix[0, 1] / matrix[1, 1] * (ratio_beside - 1.0))


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
