"""Multinomial counts and categories of trials, drawn exactly and fast from tables by counter-based random numbers."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.random.alias_tables import CountTables
from core.random.multinomial import WORDS, DrawBuffers, StreamKey, draw_cascade, draw_each

_SIDE_COUNTS = 2**14  # counts of the trials that are drawn side by side


class Stream(NamedTuple):
    """Key and counter of the random numbers of one part of all trials; see core.random.streams."""

    seed: int
    part: int
    label: int
    first_trial: int


def draw_counts(
    counts: NDArray[np.int32],
    tables: CountTables,
    rows: NDArray[np.int64],
    totals: NDArray[np.int64],
    stream: Stream,
    add: bool = False,
) -> None:
    """Draw counts (n_blocks, n_cells, n_lanes) in place: lane by lane a trial with totals (n_trials,) events.

    rows (n_trials,) names each trial's distribution. Lanes behind the last trial are emptied. With `add` the new
    events are added to what the trials hold.
    """
    n_cells, n_lanes = counts.shape[1:]
    n_side = max(1, _SIDE_COUNTS // (n_cells * n_lanes)) * n_lanes
    buffers = _buffers(n_cells, n_side)
    draw_cascade(counts.reshape(-1), n_lanes, tables, rows, totals, _key(stream), int(stream.first_trial), buffers, add)


def draw_categories(tables: CountTables, n_trials: int, stream: Stream) -> NDArray[np.int64]:
    """Return one cell (n_trials,) a trial, drawn from the first row of the tables."""
    categories = np.empty(n_trials, dtype=np.int64)
    draw_each(categories, tables, _key(stream), int(stream.first_trial))
    return categories


def _buffers(n_cells: int, n_side: int) -> DrawBuffers:
    numbers = {name: np.zeros(n_side, dtype=np.int64) for name in DrawBuffers._fields}
    arrays: dict[str, Any] = {
        "trial_index": np.zeros(n_side, dtype=np.uint64),
        "of_events": np.zeros(n_side, dtype=np.uint64),
        "words": np.zeros((WORDS, n_side), dtype=np.uint32),
        "drawn": np.zeros((n_cells, n_side), dtype=np.int32),
    }
    return DrawBuffers(**{**numbers, **arrays})


def _key(stream: Stream) -> StreamKey:
    return np.uint64(stream.seed), np.uint64(stream.part), np.uint64(stream.label)
