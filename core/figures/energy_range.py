"""How well each window in reconstructed energy shows the signal of one (channel, mass) pair above background."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from core.dark_matter.channels import canonical_channel
from core.errors import PhysicsError, ProductError
from core.figures import style
from core.signal.windows import Window, published_window

MARGINS = {"left": 0.105, "right": 1.0, "bottom": 0.155, "top": 0.94}
MOST_BINS_WITH_NUMBERS = 16
N_TICKS = 9
# A fine map shows lower edges with windows of this share of the best one at least, and upper edges up to so many times
# that of the best one, or of the plateau; never fewer bins than these.
LEAST_SHARE_SHOWN, BESTS_SHOWN, PLATEAUS_SHOWN, FEWEST_BINS_SHOWN = 0.55, 2.5, 1.3, 20
ROUND_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
BEST_COLOUR, PLATEAU_COLOUR, PUBLISHED_COLOUR = "#D55E00", "white", "#56B4E9"


@dataclass(frozen=True)
class WindowMap:
    """S/√B of windows over the largest by their bins: `shares` (n_bins, n_bins) by last and first bin, NaN for none.

    `edges` (n_bins + 1,) GeV; `plateau` (n_bins, n_bins), which windows are within 1 % of the best, whose first and
    last bins are `best`.
    """

    edges: NDArray[np.float64]
    shares: NDArray[np.float64]
    plateau: NDArray[np.bool_]
    best: tuple[int, int]

    @classmethod
    def of(cls, energy_range: pa.Table) -> "WindowMap":
        """Return the map of the `energy_range` product of one pair."""
        low, high = style.reals(energy_range, "window_low"), style.reals(energy_range, "window_high")
        merit = style.reals(energy_range, "signal_over_sqrt_background")
        edges = np.unique(np.concatenate([low, high]))
        first, last = np.searchsorted(edges, low), np.searchsorted(edges, high) - 1
        shares = np.full((edges.size - 1, edges.size - 1), np.nan)
        shares[last, first] = merit / np.nanmax(merit)
        plateau = np.zeros(shares.shape, dtype=bool)
        plateau[last, first] = style.reals(energy_range, "is_plateau") > 0.0
        best = int(np.argmax(style.reals(energy_range, "is_optimal")))
        return cls(edges, shares, plateau, (int(first[best]), int(last[best])))

    @property
    def few(self) -> bool:
        """Whether the windows are so few that each can be told its number."""
        return len(self.shares) <= MOST_BINS_WITH_NUMBERS

    def bins_of(self, window: Window) -> tuple[int, int] | None:
        """Return the first and the last bin that a window (GeV) cuts; None if it cuts none."""
        inside = np.flatnonzero((self.edges[1:] > window[0]) & (self.edges[:-1] < window[1]))
        return (int(inside[0]), int(inside[-1])) if inside.size else None


def energy_range_figure(energy_range: pa.Table, caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS) -> Figure:
    """Draw S/√B of every window relative to the best one; mark the best, the plateau, and the published window.

    energy_range: the product of one pair, one row a window. A window of the published analysis (arXiv:2511.19385) is
    marked where it lies among the sample's. ProductError if the table is empty or lacks a column.
    """
    if energy_range.num_rows == 0:
        raise ProductError("there are no energy windows to draw: the table has no rows; run their stage")
    windows = WindowMap.of(energy_range)
    figure = style.new_figure(7.0, 5.6, MARGINS)
    axes = figure.subplots()
    image = axes.imshow(windows.shares, origin="lower", cmap="viridis", vmin=0.0, vmax=1.0, aspect="auto")
    if windows.few:
        _write_numbers(axes, windows)
    channel, mass = str(style.texts(energy_range, "channel")[0]), float(style.reals(energy_range, "mass")[0])
    first, last = windows.best
    low, high = (style.three_digits(edge) for edge in (windows.edges[first], windows.edges[last + 1]))
    title = f"{style.pair_title(channel, mass)}:  best {low} to {high} GeV"
    style.frame(axes, style.axis_label("window_low"), style.axis_label("window_high"), title)
    axes.grid(visible=False)
    _label_edges(axes, windows)
    handles = [_outline_plateau(axes, windows)]
    if "n_signal_per_sigma_v" in energy_range.column_names:
        handles += _mark_published(axes, windows, channel, mass)
    handles.append(_mark(axes, windows, windows.best, "o", BEST_COLOUR, "best window"))
    axes.legend(handles=handles, loc="lower right", fontsize=style.TEXT_SIZE - 0.5, facecolor="#E8E8E8", framealpha=1.0)
    bar = figure.colorbar(image, ax=axes, format=PercentFormatter(1.0, symbol=" %"))
    bar.set_label("$S/\\sqrt{B}$ relative to the best window", fontsize=style.LABEL_SIZE - 1, color=style.INK)
    bar.ax.tick_params(labelsize=style.TEXT_SIZE - 1.0)
    style.caveat_line(figure, caveats)
    return figure


def _write_numbers(axes: Axes, windows: WindowMap) -> None:
    for last, first in np.argwhere(np.isfinite(windows.shares)):
        share = float(windows.shares[last, first])
        colour = "white" if share < 0.6 else style.INK
        axes.text(first, last, f"{100 * share:.0f}", ha="center", va="center", fontsize=8, color=colour)


def _label_edges(axes: Axes, windows: WindowMap) -> None:
    """Name the lower and upper edges at the bins; cut a fine map down to where the windows are any good."""
    axes.tick_params(length=0)
    places = np.arange(len(windows.shares))
    if windows.few:
        axes.set_xticks(places, [style.three_digits(edge) for edge in windows.edges[:-1]])
        axes.set_yticks(places, [style.three_digits(edge) for edge in windows.edges[1:]])
        return
    lower = np.flatnonzero((windows.shares > LEAST_SHARE_SHOWN).any(axis=0))[-1]
    upper = max(BESTS_SHOWN * windows.best[1], PLATEAUS_SHOWN * np.flatnonzero(windows.plateau.any(axis=1))[-1])
    for axis, edges, highest in (("x", windows.edges[:-1], lower), ("y", windows.edges[1:], upper)):
        n_shown = min(max(int(highest) + 1, FEWEST_BINS_SHOWN), len(places))
        getattr(axes, f"set_{axis}lim")(-0.5, n_shown - 0.5)
        ticks = _round_places(edges[:n_shown])
        getattr(axes, f"set_{axis}ticks")(ticks, [style.three_digits(edge) for edge in edges[ticks]])


def _round_places(edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bins whose edges are multiples of a round number of GeV; of uneven edges, some evenly far apart."""
    step = next((step for step in ROUND_STEPS if edges[-1] / step <= N_TICKS), ROUND_STEPS[-1])
    found = np.flatnonzero(np.abs(edges / step - np.rint(edges / step)) < 1e-9)
    return found if found.size > 2 else np.arange(0, edges.size, -(-edges.size // N_TICKS))


def _outline_plateau(axes: Axes, windows: WindowMap) -> Line2D:
    """Draw the border between the windows of the plateau and the others, along the edges of their squares."""
    padded = np.pad(windows.plateau, 1)
    up, right = np.argwhere(padded[1:] != padded[:-1]), np.argwhere(padded[:, 1:] != padded[:, :-1])
    across = [[(column - 1.5, row - 0.5), (column - 0.5, row - 0.5)] for row, column in up]
    along = [[(column - 0.5, row - 1.5), (column - 0.5, row - 0.5)] for row, column in right]
    axes.add_collection(LineCollection(across + along, colors=PLATEAU_COLOUR, linewidths=1.6, capstyle="round"))
    return Line2D([], [], color=PLATEAU_COLOUR, linewidth=1.6, label="within 1 % of the best")


def _mark_published(axes: Axes, windows: WindowMap, channel: str, mass: float) -> list[Line2D]:
    try:
        window = published_window(canonical_channel(channel), mass)
    except PhysicsError:
        return []
    bins = windows.bins_of(window)
    if bins is None:
        return []
    label = f"published: {window[0]:g} to {window[1]:g} GeV"
    return [_mark(axes, windows, bins, "D", PUBLISHED_COLOUR, label)]


def _mark(axes: Axes, windows: WindowMap, bins: tuple[int, int], marker: str, colour: str, label: str) -> Line2D:
    """Frame the square of a window, or put a sign on it where squares are too small; return its legend's entry."""
    if windows.few:
        inset = 0.06 if marker == "o" else 0.14
        corner, size = (bins[0] - 0.5 + inset, bins[1] - 0.5 + inset), 1.0 - 2.0 * inset
        axes.add_patch(Rectangle(corner, size, size, fill=False, edgecolor=colour, linewidth=2.2))
        return Line2D([], [], color=colour, linewidth=2.2, label=label)
    look: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": colour, "markeredgewidth": 2.0}
    return axes.plot(*bins, linestyle="none", marker=marker, markersize=8.0, label=label, **look)[0]
