"""Whether limits hold: coverage and bias in pseudo-skies of known strengths, of one (channel, mass) pair."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.dark_matter.processes import strength_column
from core.errors import ProductError
from core.figures import style

LIMITS = {
    "upper_limit": "by trials, not below the sensitivity",
    "upper_limit_unfloored": "by trials",
    "upper_limit_cls": "CLs",
    "upper_limit_likelihood": "fall of the likelihood",
    "feldman_cousins": "Feldman–Cousins",
    "interval": "interval of 68 %",
    "upper_limit_unfloored_detector_drawn": "by trials, detector drawn",
    "upper_limit_marginalised_detector": "detector marginalised",
    "upper_limit_unfloored_j_drawn": "by trials, J drawn: no bound",
    "upper_limit_marginalised_j": "J marginalised, J drawn",
    "upper_limit_profiled_j": "J profiled, J drawn",
}
MARKERS = "osD^v<>PX*"
MARGINS = {"left": 0.07, "right": 0.985, "bottom": 0.15, "top": 0.85, "wspace": 0.2}


def certificate_figure(
    certificate: pa.Table, confidence_level: float = 0.9, caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS
) -> Figure:
    """Draw coverage of each kind of limit and the mean pull of n_s, against the strength that skies are drawn with.

    certificate: the product of one pair; confidence_level: what limits claim. A filled mark holds its bound, an open
    one is not decided or breaks it. ProductError if the table is empty or lacks a column.
    """
    if certificate.num_rows == 0:
        raise ProductError("there is no certificate to draw: the table has no rows; run `dwarfnu certify`")
    truth = strength_column(certificate, "{}_true")
    figure = style.new_figure(12.4, 5.2, MARGINS)
    coverage, pulls = figure.subplots(1, 2, width_ratios=(1.5, 1.0))
    _draw_coverage(coverage, certificate, truth, confidence_level)
    _draw_pulls(pulls, certificate, truth)
    channel, mass = str(style.texts(certificate, "channel")[0]), float(style.reals(certificate, "mass")[0])
    n_skies = style.grouped(float(style.reals(certificate, "n_skies").max()))
    title = f"{style.pair_title(channel, mass)},  {n_skies} pseudo-skies a point"
    figure.suptitle(title, fontsize=style.TITLE_SIZE + 1, x=0.012, y=0.98, ha="left")
    style.caveat_line(figure, caveats)
    return figure


def _draw_coverage(axes: Axes, certificate: pa.Table, truth: str, confidence_level: float) -> None:
    kinds = style.texts(certificate, "limit")
    shown = list(dict.fromkeys(kinds.tolist()))
    values, share, error = (style.reals(certificate, name) for name in (truth, "coverage", "coverage_error"))
    passed = np.array([value is True for value in certificate["passed"].to_pylist()])
    step = 0.018 * float(values.max())
    for place, kind in enumerate(shown):
        own = np.flatnonzero(kinds == kind)
        colour = mpl.colormaps["viridis"](place / max(1, len(shown) - 1) * 0.9)
        look: dict[str, Any] = {"color": colour, "marker": MARKERS[place % len(MARKERS)], "linestyle": "none"}
        beside = values[own] + step * (place - (len(shown) - 1) / 2.0) * 0.5
        axes.errorbar(beside, share[own], yerr=error[own], linestyle="none", color=colour, elinewidth=0.9)
        for is_filled in (True, False):
            chosen = passed[own] == is_filled
            face = colour if is_filled else "white"
            axes.plot(beside[chosen], share[own][chosen], markersize=5.5, markerfacecolor=face, **look)
        axes.plot([], [], markersize=5.5, label=LIMITS.get(kind, kind.replace("_", " ")), **look)
    axes.axhline(confidence_level, color=style.INK, linewidth=1.0)
    if "interval" in shown:
        axes.axhline(0.6827, color=style.FAINT, linewidth=0.9, linestyle=":")
    style.frame(axes, style.axis_label(truth), "share of skies whose limit holds", "Filled: the bound is held")
    axes.set_ylim(min(0.6, float(share.min()) - 0.25), 1.02)
    axes.legend(fontsize=style.TEXT_SIZE - 1.5, frameon=False, ncols=2, loc="lower left")


def _draw_pulls(axes: Axes, certificate: pa.Table, truth: str) -> None:
    rows = certificate.filter(pa.array(style.texts(certificate, "limit") == "upper_limit_unfloored"))
    rows = rows if rows.num_rows else certificate
    values, pull, width = (style.reals(rows, name) for name in (truth, "pull", "pull_width"))
    colour = style.CLASS_COLOURS["cascade"]
    error = width / np.sqrt(style.reals(rows, "n_skies"))
    axes.errorbar(values, pull, yerr=error, fmt="o", color=colour, label="mean")
    axes.plot(values, width, "s", color=style.CLASS_COLOURS["track"], label="standard deviation")
    for level in (0.0, 1.0):
        axes.axhline(level, color=style.INK, linewidth=0.9)
    style.frame(axes, style.axis_label(truth), "pull: (fitted − true) / error", "Pull of the fitted events")
    axes.set_ylim(-0.6, 1.6)
    axes.legend(fontsize=style.TEXT_SIZE, frameon=False, loc="center right")
