"""How well each window in reconstructed energy shows the signal of one (channel, mass) pair above background."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from core.errors import ProductError
from core.figures import style

MARGINS = {"left": 0.105, "right": 1.0, "bottom": 0.155, "top": 0.94}


def energy_range_figure(energy_range: pa.Table, caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS) -> Figure:
    """Draw S/√B of every window relative to the best one, the best one framed.

    energy_range: the product of one pair, one row a window. ProductError if it is empty or lacks a column.
    """
    if energy_range.num_rows == 0:
        raise ProductError("there are no energy windows to draw: the table has no rows; run their stage")
    low, high = style.reals(energy_range, "window_low"), style.reals(energy_range, "window_high")
    merit = style.reals(energy_range, "signal_over_sqrt_background")
    edges = np.unique(np.concatenate([low, high]))
    shares = np.full((edges.size - 1, edges.size - 1), np.nan)
    rows, columns = np.searchsorted(edges, high) - 1, np.searchsorted(edges, low)
    shares[rows, columns] = merit / np.nanmax(merit)
    figure = style.new_figure(7.0, 5.6, MARGINS)
    axes = figure.subplots()
    mesh = axes.pcolormesh(np.arange(edges.size), np.arange(edges.size), shares, cmap="viridis", vmin=0.0, vmax=1.0)
    for row, column in zip(rows, columns, strict=True):
        share = float(shares[row, column])
        colour = "white" if share < 0.6 else style.INK
        axes.text(column + 0.5, row + 0.5, f"{100 * share:.0f}", ha="center", va="center", fontsize=8, color=colour)
    best = int(np.nanargmax(merit))
    axes.add_patch(Rectangle((columns[best], rows[best]), 1, 1, fill=False, edgecolor="#D55E00", linewidth=2.5))
    channel, mass = str(style.texts(energy_range, "channel")[0]), float(style.reals(energy_range, "mass")[0])
    title = f"{style.pair_title(channel, mass)}:  best {low[best]:.3g} to {high[best]:.3g} GeV"
    style.frame(axes, style.axis_label("window_low"), style.axis_label("window_high"), title)
    axes.grid(visible=False)
    middles = np.arange(edges.size - 1) + 0.5
    axes.set_xticks(middles, [f"{edge:.3g}" for edge in edges[:-1]])
    axes.set_yticks(middles, [f"{edge:.3g}" for edge in edges[1:]])
    axes.tick_params(length=0)
    bar = figure.colorbar(mesh, ax=axes, format=PercentFormatter(1.0, symbol=" %"))
    bar.set_label("$S/\\sqrt{B}$ relative to the best window", fontsize=style.LABEL_SIZE - 1, color=style.INK)
    bar.ax.tick_params(labelsize=style.TEXT_SIZE - 1.0)
    style.caveat_line(figure, caveats)
    return figure
