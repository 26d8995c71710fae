"""Observed limits as lines beside sensitivities: those from the measured counts, and those of an observed sky."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from core.figures import style
from core.figures.halo_curves import PROFILE_LABELS

BY_TRIALS = "atmospheric_trials"
HALO_COLOUR = "#AA3377"
# Limits of an observed sky by the end of their columns: what the legend says, and how the line looks.
OF_SKY: dict[str, tuple[str, dict[str, Any]]] = {
    "": ("by trials", {"linestyle": "-", "marker": "v", "markersize": 4.0, "linewidth": 1.4}),
    "_cls": ("CLs", {"linestyle": "--", "linewidth": 1.0}),
    "_feldman_cousins": ("Feldman–Cousins", {"linestyle": ":", "linewidth": 1.3}),
}


class ObservedLine(NamedTuple):
    """A kind of limit: what the legend says, how its line looks, the column of strengths, and the rows that hold it."""

    label: str
    look: dict[str, Any]
    column: str
    rows: pa.Table


def draw_observed(axes: Axes, observed: pa.Table | None, channel: str) -> None:
    """Draw the limits of one channel; nothing where there are none.

    observed: rows of `counts_limit`, of which those by trials are drawn, a line for the galaxies alone and one with
    the halo; or rows of `upper_limit` of one confidence level, a line a kind of limit.
    """
    for line in _lines(observed):
        rows = line.rows.filter(pa.array(style.texts(line.rows, "channel") == channel)).sort_by("mass")
        axes.plot(style.reals(rows, "mass"), _strengths(rows, line.column), zorder=3.5, **line.look)


def observed_handles(observed: pa.Table | None) -> list[Line2D]:
    """Return a legend entry for each line that `draw_observed` draws."""
    return [Line2D([], [], label=f"observed limit, {line.label}", **line.look) for line in _lines(observed)]


def observed_strengths(observed: pa.Table | None) -> NDArray[np.float64]:
    """Return all that `draw_observed` draws, (n,)."""
    return np.concatenate([np.zeros(0), *(_strengths(line.rows, line.column) for line in _lines(observed))])


def _lines(observed: pa.Table | None) -> Iterator[ObservedLine]:
    """Yield the lines of either product."""
    if observed is None:
        return
    strength = "decay_rate" if "decay_rate_upper_limit" in observed.column_names else "sigma_v"
    if "method" not in observed.column_names:
        for end, (label, look) in OF_SKY.items():
            yield ObservedLine(label, {"color": style.INK, **look}, f"{strength}_upper_limit{end}", observed)
        return
    by_trials = observed.filter(pa.array(style.texts(observed, "method") == BY_TRIALS))
    look = OF_SKY[""][1] | {"linewidth": 1.0}
    for profile in dict.fromkeys(style.texts(by_trials, "profile").tolist()):
        rows = by_trials.filter(pa.array(style.texts(by_trials, "profile") == profile))
        of_galaxies = profile == "none"
        label = "counts: dwarfs" if of_galaxies else f"counts: dwarfs + {PROFILE_LABELS[profile]} halo"
        colour = style.INK if of_galaxies else HALO_COLOUR
        yield ObservedLine(label, {"color": colour, **look}, f"{strength}_upper_limit", rows)


def _strengths(rows: pa.Table, column: str) -> NDArray[np.float64]:
    """Return cross sections, or of decay lifetimes, (n,)."""
    values = style.reals(rows, column)
    return 1.0 / values if column.startswith("decay_rate") else values
