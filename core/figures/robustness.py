"""What sensitivities hang on: J factors with their errors, and by how much each variant of the analysis moves them."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.dark_matter.processes import process_of
from core.errors import ProductError
from core.figures import style

N_SOURCES = 20
NOT_SHOWN = ("nominal", "J within 0.5 deg")
LEAST_RATIO = 0.1  # what is below, as halo and galaxies at one strength, would press all else together: it is written


def robustness_figure(
    sources: pa.Table,
    shares: pa.Table,
    robustness: pa.Table,
    caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS[:1],
) -> Figure:
    """Draw the factors of the sources that weigh most, and the ratio of sensitivities of every variant and pair.

    `sources`: the product. `shares`: `source_information` rows of any number of pairs, `robustness` likewise.
    ProductError if a table is empty or lacks a column.
    """
    if robustness.num_rows == 0 or shares.num_rows == 0:
        raise ProductError("there are no variants to draw: the table has no rows; run the stage of robustness")
    variants = [name for name in dict.fromkeys(style.texts(robustness, "variant")) if name not in NOT_SHOWN]
    ratio, names = style.reals(robustness, "ratio"), style.texts(robustness, "variant")
    beyond = {name: ratio[names == name] for name in variants if np.median(ratio[names == name]) < LEAST_RATIO}
    variants = [name for name in variants if name not in beyond]
    written = [f"{name}: × {own.min():.1g} to {own.max():.1g}" for name, own in beyond.items()]
    figure = style.new_figure(13.0, max(5.6, 1.6 + 0.25 * len(variants)))
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.5))
    _draw_factors(left, sources, shares)
    _draw_ratios(right, robustness, [str(name) for name in variants])
    style.caveat_line(figure, [*written, *caveats])
    return figure


def _draw_factors(axes: Axes, sources: pa.Table, shares: pa.Table) -> None:
    """Draw factor and error of the sources of largest mean share in the slope, which stands beside them."""
    column = f"log10_{process_of(sources).factor}"
    mean = shares.group_by("source").aggregate([("slope_share", "mean")])
    by_name = dict(zip(mean["source"].to_pylist(), mean["slope_share_mean"].to_pylist(), strict=True))
    names = [str(name) for name in style.texts(sources, "source")]
    share = np.array([by_name.get(name, 0.0) for name in names])
    shown = np.argsort(share)[::-1][:N_SOURCES]
    rows = np.arange(len(shown))[::-1]
    low, high = (style.reals(sources, f"{column}_error_{side}")[shown] for side in ("low", "high"))
    values = style.reals(sources, column)[shown]
    axes.errorbar(values, rows, xerr=[low, high], fmt="o", color=style.INK, ecolor=style.FAINT, markersize=5.0)
    style.frame(axes, style.axis_label(column), title=f"{style.AXIS_TERMS[column]}s, and shares in the slope")
    labels = [f"{names[index]}  {share[index]:.1%}" for index in shown]
    axes.set_yticks(rows, labels, fontsize=style.TEXT_SIZE - 1.0)
    axes.tick_params(axis="y", length=0)


def _draw_ratios(axes: Axes, robustness: pa.Table, variants: Sequence[str]) -> None:
    """Draw a point a pair, in the colour of its channel, and the median of all, written beside it."""
    names, channels = style.texts(robustness, "variant"), style.texts(robustness, "channel")
    ratio = style.reals(robustness, "ratio")
    for row, variant in enumerate(reversed(variants)):
        of_variant = names == variant
        for channel in style.in_channel_order([str(name) for name in channels[of_variant]]):
            own = ratio[of_variant & (channels == channel)]
            colour = style.channel_colour(channel)
            axes.plot(own, np.full(own.size, row), "|", color=colour, markersize=9.0, markeredgewidth=1.4)
        median = float(np.median(ratio[of_variant]))
        axes.text(1.02, row, f"{median:.2f}", transform=axes.get_yaxis_transform(), va="center", size=style.TEXT_SIZE)
    axes.axvline(1.0, color=style.INK, linewidth=0.9)
    axes.set_xscale("log")
    style.plain_log_ticks(axes.xaxis)
    title = "Sensitivity over nominal: a line a pair, and the median"
    style.frame(axes, "ratio of sensitivities, above 1 is worse", title=title)
    axes.set_yticks(np.arange(len(variants)), list(reversed(variants)), fontsize=style.TEXT_SIZE - 1.0)
    axes.tick_params(axis="y", length=0)
    for channel in style.in_channel_order([str(name) for name in channels]):
        axes.plot([], [], "|", color=style.channel_colour(channel), markersize=9.0, label=style.channel_label(channel))
    axes.legend(fontsize=style.TEXT_SIZE - 1.0, frameon=False, loc="upper left")
