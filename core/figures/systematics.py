"""By how much each cause of systematic error moves the sensitivities of an analysis."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure

from core.errors import ProductError
from core.figures import style
from core.inference.pair_systematics import ENVELOPE
from core.inference.systematics import TOTAL

LAST = (ENVELOPE, TOTAL)
ROW_STEP = 0.8  # of a row's height is filled by the bars of pairs


def systematics_figure(systematics: pa.Table, caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS) -> Figure:
    """Draw a bar a pair and cause, from the lower to the upper shift of the sensitivity; sums come last.

    systematics: rows of the product of any number of pairs. ProductError if it is empty or lacks a column.
    """
    if systematics.num_rows == 0:
        raise ProductError("there are no systematic errors to draw: the table has no rows; run their stage")
    names, channels = style.texts(systematics, "cause"), style.texts(systematics, "channel")
    low, high = (100.0 * style.reals(systematics, f"shift_{side}") for side in ("lo", "hi"))
    causes = [str(cause) for cause in dict.fromkeys(names.tolist()) if cause not in LAST]
    causes += [cause for cause in LAST if cause in names]
    order = style.in_channel_order(channels.tolist())
    figure = style.new_figure(10.0, max(3.6, 1.5 + 0.36 * len(causes)))
    axes = figure.subplots()
    for row, cause in enumerate(reversed(causes)):
        own = np.flatnonzero(names == cause)
        own = own[
            np.lexsort([style.reals(systematics, "mass")[own], np.array([order.index(c) for c in channels[own]])])
        ]
        places = row - ROW_STEP * ((np.arange(own.size) + 0.5) / own.size - 0.5)
        colours = [style.channel_colour(str(channel)) for channel in channels[own]]
        axes.hlines(places, low[own], high[own], colors=colours, linewidth=max(0.8, 14.0 / own.size))
        widest = float(np.max(np.maximum(high[own], -low[own])))
        axes.text(1.01, row, f"{widest:.1f} %", transform=axes.get_yaxis_transform(), va="center", size=style.TEXT_SIZE)
    axes.axvline(0.0, color=style.INK, linewidth=0.9)
    style.frame(
        axes, "shift of the sensitivity [%]", title="A bar a pair, lightest at the top; the largest shift at the right"
    )
    axes.set_yticks(np.arange(len(causes)), [_in_words(cause) for cause in reversed(causes)], fontsize=style.TEXT_SIZE)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-0.6, len(causes) - 0.4)
    for channel in order:
        axes.plot([], [], color=style.channel_colour(channel), linewidth=3.0, label=style.channel_label(channel))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper", frameon=False, fontsize=style.TEXT_SIZE)
    style.caveat_line(
        figure, [*dict.fromkeys(note for note in style.texts(systematics, "note").tolist() if note), *caveats]
    )
    return figure


def _in_words(cause: str) -> str:
    return cause.replace("_", " ").replace("opt eff", "optical efficiency,").replace("dom", "DOM").replace("cp", "CP")
