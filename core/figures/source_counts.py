"""Expected signal and background about each dwarf galaxy, of one (channel, mass) pair."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from core.dark_matter.processes import strength_column
from core.errors import ProductError
from core.figures import style
from core.units import DEGREE

COLOURS = ("#D55E00", "#666666", "#0072B2")
MARGINS = {"left": 0.135, "right": 0.985, "wspace": 0.07}


def source_counts_figure(source_counts: pa.Table, caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS) -> Figure:
    """Draw the share of the signal, the expected background and the opening angle of each source, brightest first.

    source_counts: the product of one pair, a row a source. ProductError if it is empty or lacks a column.
    """
    if source_counts.num_rows == 0:
        raise ProductError("there are no counts by source to draw: the table has no rows; run their stage")
    per_strength = strength_column(source_counts, "n_signal_in_angle_per_{}")
    ordered = source_counts.sort_by([(per_strength, "ascending")])
    height = max(4.0, 1.5 + 0.19 * ordered.num_rows)
    figure = style.new_figure(12.4, height, MARGINS | {"bottom": 0.9 / height, "top": 1.0 - 0.72 / height})
    shares, background, angles = figure.subplots(1, 3, sharey=True)
    signal = style.reals(ordered, per_strength)
    _draw(shares, signal / signal.sum(), COLOURS[0], "share of all signal", "Signal")
    shares.set_xscale("log")
    shares.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100.0 * share:g} %"))
    _draw(background, style.reals(ordered, "n_background_in_angle"), COLOURS[1], "events", "Expected background")
    _draw(
        angles, style.reals(ordered, "opening_angle") / DEGREE, COLOURS[2], "angle [°]", "Opening angle: 68 % of signal"
    )
    for axes in (background, angles):
        axes.set_xlim(0.0, 1.06 * float(axes.lines[0].get_xdata().max()))
        axes.xaxis.set_major_locator(MaxNLocator(5))  # more would run into each other where counts have five digits
    shares.set_yticks(
        np.arange(ordered.num_rows),
        [str(name) for name in style.texts(ordered, "source")],
        fontsize=style.TEXT_SIZE - 1.5,
    )
    shares.set_ylim(-0.8, ordered.num_rows - 0.2)
    channel, mass = str(style.texts(ordered, "channel")[0]), float(style.reals(ordered, "mass")[0])
    low, high = (style.three_digits(style.reals(ordered, f"window_{side}")[0]) for side in ("low", "high"))
    title = f"{style.pair_title(channel, mass)},  reconstructed {low} to {high} GeV"
    figure.suptitle(title, fontsize=style.TITLE_SIZE + 1, x=0.012, y=1.0 - 0.12 / height, ha="left")
    style.caveat_line(figure, caveats)
    return figure


def _draw(axes: Axes, values: NDArray[np.float64], colour: str, label: str, title: str) -> None:
    axes.plot(values, np.arange(values.size), "o", color=colour, markersize=5.5)
    style.frame(axes, label, title=title)
    axes.tick_params(axis="y", length=0)
