"""The sky merged into cells in each of which many patterns have nearly constant ratios to one background.

Cells of core.pdfs.ratio have one ratio; here each cell of the sky has one a source. Merging loses the variance of
the ratios within merged cells, weighted with the background: the cell that loses most is halved again and again, across
the direction in which it loses most.
"""

import heapq

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

N_DIRECTIONS = 8
NEGLIGIBLE = 1e-12  # of the information


def merged_patterns(excess: Reals, background: Reals, n_cells: int) -> NDArray[np.int64]:
    """Return the merged cell 0, 1, ... of each cell of the sky, (n_sky_cells,), at most n_cells of them.

    `excess`: (n_patterns, n_sky_cells); `background`: (n_sky_cells,), those with 0 join a cell that has some. Ratios
    are looked at along the principal directions of their information, in which patterns of one shape are one.
    """
    seen = np.flatnonzero(background > 0.0)
    scores = principal_ratios(excess[:, seen], background[seen])
    cell_of = np.zeros(background.size, dtype=np.int64)
    cell_of[seen] = _split(scores, background[seen], n_cells)
    return cell_of


def principal_ratios(excess: Reals, background: Reals) -> Reals:
    """Return the ratios excess/background along their leading principal directions, (n_directions, n_cells)."""
    ratio = excess / background
    values, directions = np.linalg.eigh(excess @ ratio.T)
    order = np.argsort(values)[::-1][:N_DIRECTIONS]
    kept = order[values[order] > NEGLIGIBLE * values[order[0]]]
    return np.asarray(directions[:, kept].T @ ratio)


def _split(scores: Reals, weight: Reals, n_cells: int) -> NDArray[np.int64]:
    """Return the cell of each column of scores (n_directions, n) after halving the worst n_cells - 1 times."""
    cell_of = np.zeros(scores.shape[1], dtype=np.int64)
    waiting = [_candidate(scores, weight, np.arange(scores.shape[1]), 0)]
    n_made = 1
    while n_made < n_cells and waiting and waiting[0][0] < 0.0:
        _, cell, members, upper = heapq.heappop(waiting)
        cell_of[members[upper]] = n_made
        heapq.heappush(waiting, _candidate(scores, weight, members[~upper], cell))
        heapq.heappush(waiting, _candidate(scores, weight, members[upper], n_made))
        n_made += 1
    return cell_of


def _candidate(
    scores: Reals, weight: Reals, members: NDArray[np.int64], cell: int
) -> tuple[float, int, NDArray[np.int64], NDArray[np.bool_]]:
    """Return what a cell loses (negative, for the heap), its number, its members, and which lie in its upper half."""
    own, own_weight = scores[:, members], weight[members]
    mean = own @ own_weight / own_weight.sum()
    loss = ((own - mean[:, None]) ** 2) @ own_weight
    widest = int(np.argmax(loss))
    upper = own[widest] > mean[widest]
    worth = -float(loss.sum()) if upper.any() and not upper.all() else 0.0
    return worth, cell, members, upper
