"""How a sample came about: what each cut left of the events, and when the detector was live."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from core.errors import ProductError
from core.events.livetime import livetime_per_season
from core.figures import style
from core.units import DAY

BAR_COLOUR = "#0072B2"
SEASON_COLOUR = "#D55E00"
# Below this share of all events a bar could not be seen on a linear axis.
LEAST_LINEAR_SHARE = 0.02
# Where the columns of numbers beside the bars end, in widths of the panel.
COLUMNS = (1.36, 1.68, 2.06, 2.48)
HEADS = ("events", "of all", "of those\nbefore", "without\nquantity")
MJD_OF_1970 = 40587.0
MILLIHERTZ = 1e-3
ROW_HEIGHT = 0.42
MOST_RUNS_WITH_ERRORS = 300
LONGEST_CONDITION = 52


def cut_flow_figure(cut_flow: pa.Table, sample: str = "", caveats: Sequence[str] = ()) -> Figure:
    """Draw how many events are left after each cut, with the shares written beside the bars.

    cut_flow: rows of cut, condition, n_before, n_missing, n_after, in the order of the cuts; sample: its name for the
    title. ProductError if there are no cuts or a column is missing.
    """
    if cut_flow.num_rows == 0:
        raise ProductError("there is no cut flow to draw: the sample was made without cuts")
    before, missing, after = (style.reals(cut_flow, name) for name in ("n_before", "n_missing", "n_after"))
    n_left = np.concatenate([before[:1], after])
    height = 1.5 + ROW_HEIGHT * n_left.size
    margins = {"left": 0.33, "right": 0.58, "bottom": 0.72 / height, "top": 1.0 - 0.62 / height}
    figure = style.new_figure(10.6, height, margins)
    axes = figure.subplots()
    rows = np.arange(n_left.size)[::-1]
    axes.barh(rows, n_left, height=0.68, color=[style.FAINT, *[BAR_COLOUR] * after.size], alpha=0.85)
    title = "Cut flow" + (f": {sample}" if sample else "")
    style.frame(axes, "events left", title="")
    figure.suptitle(title, fontsize=style.TITLE_SIZE, color=style.INK, x=0.012, y=1.0 - 0.12 / height, ha="left")
    _name_cuts(axes, rows, style.texts(cut_flow, "cut"), style.texts(cut_flow, "condition"))
    _write_shares(axes, rows, n_left, before, missing)
    if (after[after > 0] < LEAST_LINEAR_SHARE * n_left[0]).any():
        axes.set_xscale("log")
        axes.set_xlim(0.5, 1.5 * n_left[0])
    else:
        axes.set_xlim(0.0, 1.04 * max(n_left[0], 1.0))
        axes.xaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: style.grouped(value)))
    axes.set_ylim(-0.6, n_left.size - 0.4)
    style.caveat_line(figure, caveats)
    return figure


def _name_cuts(axes: Axes, rows: NDArray[np.int64], cuts: NDArray[np.str_], conditions: NDArray[np.str_]) -> None:
    axes.set_yticks(rows, [""] * rows.size)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    beside: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "ha": "right", "va": "center"}
    for row, name, condition in zip(rows, ["events read", *cuts], ["", *conditions], strict=True):
        lift = 0.17 if condition else 0.0
        axes.text(-0.02, row + lift, name, fontsize=style.TEXT_SIZE, color=style.INK, **beside)
        axes.text(-0.02, row - 0.21, _shortened(condition), fontsize=style.TEXT_SIZE - 2.5, color=style.FAINT, **beside)


def _shortened(condition: str) -> str:
    """Return the end of a long condition, where its relation stands."""
    return condition if len(condition) <= LONGEST_CONDITION else "…" + condition[1 - LONGEST_CONDITION :]


def _write_shares(
    axes: Axes,
    rows: NDArray[np.int64],
    n_left: NDArray[np.float64],
    before: NDArray[np.float64],
    missing: NDArray[np.float64],
) -> None:
    beside: dict[str, Any] = {
        "transform": axes.get_yaxis_transform(),
        "ha": "right",
        "va": "center",
        "fontsize": style.TEXT_SIZE,
        "color": style.INK,
        "linespacing": 0.95,
    }
    for position, head in zip(COLUMNS, HEADS, strict=True):
        axes.text(position, n_left.size - 0.3, head, **{**beside, "va": "bottom", "color": style.FAINT})
    for index, row in enumerate(rows):
        written = [style.grouped(n_left[index]), _share(n_left[index], n_left[0])]
        if index:
            n_missing = missing[index - 1]
            written += [_share(n_left[index], before[index - 1]), style.grouped(n_missing) if n_missing else "–"]
        for position, text in zip(COLUMNS, written, strict=False):
            axes.text(position, row, text, **beside)


def _share(part: float, whole: float) -> str:
    return f"{100.0 * part / whole:.1f} %" if whole > 0 else "–"


def livetime_figure(good_runs: pa.Table, caveats: Sequence[str] = ()) -> Figure:
    """Draw the livetime of each season, the event rate of each run, and the livetime as it grew.

    good_runs: the table of `core.events.livetime.GOOD_RUN_SCHEMA`. Runs that were never live have no rate and are
    counted in words. ProductError if there are no runs or a column is missing.
    """
    if good_runs.num_rows == 0:
        raise ProductError("there are no good runs to draw: name the lists of good runs in the configuration")
    ordered = good_runs.sort_by("mjd_start")
    figure = style.new_figure(11.4, 5.0)
    grid = figure.add_gridspec(2, 2, width_ratios=(1.0, 2.0))
    _draw_seasons(figure.add_subplot(grid[:, 0]), livetime_per_season(ordered))
    rates = figure.add_subplot(grid[0, 1])
    _draw_rates(rates, ordered)
    _draw_growth(figure.add_subplot(grid[1, 1], sharex=rates), ordered)
    style.caveat_line(figure, caveats)
    return figure


def _draw_seasons(axes: Axes, livetime: dict[str, float]) -> None:
    days = np.array(list(livetime.values())) / DAY
    rows = np.arange(days.size)[::-1]
    axes.barh(rows, days, height=0.66, color=BAR_COLOUR, alpha=0.85)
    style.frame(axes, "livetime [days]", title=f"Livetime: {days.sum():.4g} days in all")
    axes.set_yticks(rows, list(livetime))
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    for row, number in zip(rows, days, strict=True):
        axes.text(number, row, f" {number:.4g}", va="center", fontsize=style.TEXT_SIZE, color=style.INK)
    axes.set_xlim(0.0, 1.2 * max(float(days.max()), 1e-3))
    axes.set_ylim(-0.8, days.size - 0.2)


def _dates(mjd: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return matplotlib's dates, days since 1970."""
    return mjd - MJD_OF_1970


def _draw_rates(axes: Axes, good_runs: pa.Table) -> None:
    """Draw n/T of each run with √n/T, and the rate of each season as a line over its time."""
    livetime, n_events = style.reals(good_runs, "livetime"), style.reals(good_runs, "n_events")
    start, stop = (_dates(style.reals(good_runs, name)) for name in ("mjd_start", "mjd_stop"))
    live = livetime > 0.0
    rate = n_events[live] / livetime[live] / MILLIHERTZ
    error = np.sqrt(n_events[live]) / livetime[live] / MILLIHERTZ
    middle = 0.5 * (start + stop)[live]
    if rate.size <= MOST_RUNS_WITH_ERRORS:
        axes.errorbar(middle, rate, yerr=error, fmt=".", markersize=4.0, elinewidth=0.8, color=BAR_COLOUR, label="run")
    else:
        label = f"run, error {np.median(error):.2g} mHz"
        axes.plot(middle, rate, ".", markersize=2.0, alpha=0.4, color=BAR_COLOUR, label=label)
    seasons = style.texts(good_runs, "season")
    for season in np.unique(seasons):
        own = (seasons == season) & live
        if not own.any():
            continue
        mean = n_events[own].sum() / livetime[own].sum() / MILLIHERTZ
        ends = [start[own].min(), stop[own].max()]
        label = "mean of the season" if season == seasons[0] else "_"
        axes.plot(ends, [mean, mean], color=SEASON_COLOUR, linewidth=1.8, zorder=4, label=label)
    never = f", {np.count_nonzero(~live)} never live" if not live.all() else ""
    runs = "1 run" if livetime.size == 1 else f"{livetime.size} runs"
    style.frame(axes, "", "event rate [mHz]", f"{runs}{never}")
    axes.tick_params(labelbottom=False)
    if live.any():
        low, high = np.quantile(rate, [0.005, 0.995])
        room = max(0.4 * (high - low), 0.2 * high, 1e-3)
        axes.set_ylim(max(low - room, 0.0), high + 2.0 * room)
        axes.legend(loc="upper right", frameon=False, fontsize=style.TEXT_SIZE, ncols=2, borderaxespad=0.1)


def _draw_growth(axes: Axes, good_runs: pa.Table) -> None:
    livetime, stop = style.reals(good_runs, "livetime"), _dates(style.reals(good_runs, "mjd_stop"))
    first = _dates(style.reals(good_runs, "mjd_start")).min()
    total = np.concatenate([[0.0], np.cumsum(livetime) / DAY])
    axes.plot(np.concatenate([[first], stop]), total, color=BAR_COLOUR, linewidth=1.8)
    style.frame(axes, "time (UTC)", "livetime so far [days]")
    axes.set_ylim(0.0, 1.08 * max(float(total[-1]), 1e-3))
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
