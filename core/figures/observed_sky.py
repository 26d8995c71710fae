"""What an observed sky says of every pair: by how much it fits better with a signal, and how often chance does that."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import ndtr

from core.errors import ProductError
from core.figures import style

SIGMAS = (1, 2, 3, 4, 5)


def observed_figure(observed: pa.Table, caveats: Sequence[str]) -> Figure:
    """Draw √TS with its sign and the p-values against mass, a line a channel.

    observed: rows of the `observed` product; caveats: what a reader must know. The dashed line of a channel is the
    p-value of all pairs together. ProductError if there is no row or a column is missing.
    """
    if observed.num_rows == 0:
        raise ProductError("there is no observed sky to draw: the table has no rows; `dwarfnu unblind` makes it")
    figure = style.new_figure(11.5, 5.0, {"left": 0.07, "right": 0.985, "bottom": 0.2, "top": 0.9, "wspace": 0.2})
    left, right = figure.subplots(1, 2, sharex=True)
    for channel in style.in_channel_order(style.texts(observed, "channel").tolist()):
        rows = observed.filter(pa.array(style.texts(observed, "channel") == channel)).sort_by("mass")
        mass, colour = style.reals(rows, "mass"), style.channel_colour(channel)
        signed = style.reals(rows, "test_statistic_signed")
        label = style.channel_label(channel)
        left.plot(mass, np.sign(signed) * np.sqrt(np.abs(signed)), color=colour, marker="o", label=label)
        right.plot(mass, style.reals(rows, "p_value"), color=colour, marker="o", label=label)
        right.plot(mass, style.reals(rows, "p_value_global"), color=colour, marker="s", ls="--", mfc="white")
    left.axhline(0.0, color=style.FAINT, linewidth=0.9)
    _draw_sigmas(right)
    left.set_xscale("log")
    style.plain_log_ticks(left.xaxis)
    right.tick_params(labelbottom=True)
    mass_label = style.axis_label("mass")
    style.frame(left, mass_label, "signed root of the test statistic", "How much better a signal fits")
    style.frame(right, mass_label, "p-value", "How often chance does (dashed: in any pair)")
    left.legend(fontsize=style.TEXT_SIZE, frameon=False)
    style.caveat_line(figure, caveats)
    return figure


def _draw_sigmas(axes: Axes) -> None:
    """Draw a line at the p-value of each whole number of standard deviations that the axes show."""
    axes.set_yscale("log")
    low = axes.get_ylim()[0]
    axes.set_ylim(min(low, 1e-3), 1.5)
    for number in SIGMAS:
        p_value = float(ndtr(-number))
        if p_value > axes.get_ylim()[0]:
            axes.axhline(p_value, color=style.GRID, linewidth=1.0, zorder=0)
            axes.text(
                0.995,
                p_value,
                f"{number}σ",
                transform=axes.get_yaxis_transform(),
                ha="right",
                va="bottom",
                fontsize=style.TEXT_SIZE - 1.0,
                color=style.FAINT,
            )
