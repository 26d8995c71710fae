"""Distributions of the test statistic of one (channel, mass) pair: background, signal, and how well the two part."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter
from scipy.stats import chi2, norm

from core.errors import ProductError
from core.figures import style
from core.trials.statistic import TrialStatistic, by_n_injected

_VERTICAL = {"bottom": 0.155, "top": 0.855}
MARGINS = {
    2: {"left": 0.08, "right": 0.985, "wspace": 0.2, **_VERTICAL},
    3: {"left": 0.05, "right": 0.99, "wspace": 0.2, **_VERTICAL},
}
N_BINS = 60
N_SIGNAL_SHOWN = 4
EXPECTED_EFFICIENCY = 0.9
BACKGROUND_COLOUR = "#8FA3B0"
EXPECTATION_COLOUR = "#111111"
MEDIAN_COLOUR = "#D55E00"
P_VALUE_3_SIGMA = float(norm.sf(3.0))
N_TRIALS_BEHIND_A_QUANTILE = 10.0

_LEGEND: dict[str, Any] = {"frameon": False, "fontsize": style.TEXT_SIZE - 0.5}


def trials_figure(
    background_trials: pa.Table,
    signal_trials: pa.Table | None = None,
    sensitivity: pa.Table | None = None,
    caveats: Sequence[str] | None = None,
    n_injected_shown: Sequence[int] = (),
) -> Figure:
    """Draw background and signal trials of one pair: bounded TS, signed TS, share of trials above the median.

    Trials may be rows, or counted in bins of their statistics (`core.trials.histogram`).
    background_trials, signal_trials (any n_injected) and sensitivity (one row) are the products of one (channel, mass)
    pair. Without signal trials only the two distributions of background are drawn. n_injected_shown names the numbers
    of injected events whose signed TS is drawn, four of them if none is named. Trials without a signed fit, imported
    ones, show the bounded TS in its place. The sensitivity's `statistic` says whether the laws of one fit hold and
    which statistic the efficiency is of; without one, trials with a signed fit are those of `joint`, and of others no
    law is drawn. ProductError if there is no background trial or a column is missing.
    """
    if background_trials.num_rows == 0:
        raise ProductError("there is no test statistic to draw: the table has no trials; run the background trials")
    has_signal = signal_trials is not None and signal_trials.num_rows > 0
    n_panels = 3 if has_signal else 2
    figure = style.new_figure(4.6 * n_panels, 4.4, MARGINS[n_panels])
    panels = figure.subplots(1, n_panels)
    column = fitted_statistic(background_trials)
    statistic = _declared_statistic(sensitivity) or ("joint" if column == "test_statistic_signed" else "not told")
    injected = by_n_injected(signal_trials, column) if signal_trials is not None and has_signal else {}
    bounded = TrialStatistic.of_table(background_trials, "test_statistic")
    _draw_bounded(panels[0], bounded, statistic == "joint", statistic == "joint" or statistic.endswith("_one_sky"))
    signed = TrialStatistic.of_table(background_trials, column)
    shown = [number for number in injected if number in n_injected_shown] or _a_few(sorted(injected))
    _draw_signed(panels[1], signed, {number: injected[number] for number in shown}, column, statistic == "joint")
    if signal_trials is not None and has_signal:
        column = "test_statistic" if statistic.startswith("j_weighted_grid") else column
        median = float(TrialStatistic.of_table(background_trials, column).quantile(0.5))
        _draw_efficiency(panels[2], median, by_n_injected(signal_trials, column), sensitivity)
    channel = str(style.texts(background_trials, "channel")[0])
    mass = float(style.reals(background_trials, "mass")[0])
    figure.suptitle(style.pair_title(channel, mass), fontsize=style.TITLE_SIZE + 1, x=0.012, y=0.98, ha="left")
    own_caveats = style.PUBLIC_SAMPLE_CAVEATS if sensitivity is None else style.caveats_of(sensitivity)
    style.caveat_line(figure, own_caveats if caveats is None else caveats)
    return figure


def fitted_statistic(trials: pa.Table) -> str:
    """Return the column of the test statistic that tells more: the signed one, unless it is null throughout."""
    is_known = "binned" in trials.column_names or trials["test_statistic_signed"].null_count < trials.num_rows
    return "test_statistic_signed" if is_known else "test_statistic"


def _declared_statistic(sensitivity: pa.Table | None) -> str | None:
    if sensitivity is None or sensitivity.num_rows == 0 or "statistic" not in sensitivity.column_names:
        return None
    name: str | None = sensitivity["statistic"][0].as_py()
    return name


def _draw_bounded(axes: Axes, test_statistic: TrialStatistic, of_one_fit: bool, of_one_sky: bool) -> None:
    """Draw the trials above zero; of one fit against half of a χ² law of one degree of freedom, and the share at zero.

    A weighted sum over sources has no such law, and only the tail of trials of one sky is a threshold of one.
    """
    n_trials = test_statistic.size
    least = 4.0 if of_one_fit else 0.1
    edges = np.linspace(0.0, max(float(test_statistic.high[-1]), least) * 1.02, N_BINS // 2 + 1)
    counts = test_statistic.histogram(edges)
    share_at_zero = 1.0 - test_statistic.n_above(0.0) / n_trials
    counts[0] -= share_at_zero * n_trials
    middle, width = (edges[1:] + edges[:-1]) / 2.0, np.diff(edges)
    seen = counts > 0
    points = axes.errorbar(
        middle[seen],
        counts[seen] / n_trials / width[seen],
        yerr=np.sqrt(counts[seen]) / n_trials / width[seen],
        fmt="o",
        markersize=3.5,
        color=BACKGROUND_COLOUR,
        label=f"background, {style.grouped(n_trials)} trials",
    )
    at_zero = Line2D([], [], linestyle="none", label=f"{100.0 * share_at_zero:.1f} % of them at TS = 0")
    expected = 0.5 * np.diff(chi2.cdf(edges, df=1)) / width if of_one_fit else counts / n_trials / width
    handles: list[Any] = [points, at_zero]
    if of_one_fit:
        law = axes.stairs(expected, edges, color=EXPECTATION_COLOUR, linewidth=1.3, label="½ χ²₁", baseline=None)
        handles.append(law)
    if of_one_sky and n_trials * P_VALUE_3_SIGMA >= N_TRIALS_BEHIND_A_QUANTILE:
        threshold = float(test_statistic.quantile(1.0 - P_VALUE_3_SIGMA))
        label = f"3σ threshold of the trials: TS = {threshold:.2f}"
        handles.append(axes.axvline(threshold, 0.0, 0.6, color=style.FAINT, linestyle="--", linewidth=1.2, label=label))
    style.frame(axes, style.axis_label("test_statistic"), "share of trials per unit of TS", "Background, bounded fit")
    axes.set_yscale("log")
    axes.set_ylim(0.3 / n_trials / width[0], 10.0 * expected.max())
    axes.set_xlim(0.0, edges[-1])
    axes.legend(handles=handles, loc="upper right", **_LEGEND)


def _draw_signed(
    axes: Axes,
    background: TrialStatistic,
    injected: dict[int, TrialStatistic],
    statistic: str,
    of_one_fit: bool,
) -> None:
    """Draw the TS, signed where there is one, of background and of the numbers of injected events given."""
    is_signed = statistic == "test_statistic_signed"
    title = "Signed fit" if is_signed else "Bounded fit, no signed one given"
    law = "½ χ²₁ on either side" if is_signed else "½ χ²₁"
    ends = [background.low[0], background.high[-1], *(signed.quantile(0.999) for signed in injected.values())]
    low, high = min(-0.5, *map(float, ends)), max(0.5, *map(float, ends))
    width = (high - low) / N_BINS
    edges = width * np.arange(np.floor(low / width), np.ceil(high / width) + 1)
    share = background.histogram(edges)
    axes.stairs(
        share / background.size / width, edges, fill=True, color=BACKGROUND_COLOUR, alpha=0.55, label="background"
    )
    expected = share / background.size / width
    if of_one_fit:
        expected = np.diff(np.sign(edges) * 0.5 * chi2.cdf(np.abs(edges), df=1)) / width
        axes.stairs(expected, edges, color=EXPECTATION_COLOUR, linewidth=1.2, baseline=None, label=law)
    for (number, signed), colour in zip(injected.items(), _tones(len(injected)), strict=True):
        counts = signed.histogram(edges)
        density = np.where(counts > 0, counts / signed.size / width, np.nan)
        axes.stairs(density, edges, color=colour, linewidth=1.7, baseline=None, label=f"{number} events injected")
    median = float(background.quantile(0.5))
    label = f"background median {abs(median):.2f}" if abs(median) < 0.005 else f"background median {median:+.2f}"
    axes.axvline(median, 0.0, 0.7, color=MEDIAN_COLOUR, linestyle="--", linewidth=1.2, label=label)
    style.frame(axes, style.axis_label(statistic), "share of trials per unit of TS", title)
    axes.set_yscale("log")
    axes.set_ylim(0.3 / background.size / width, 60.0 * max(expected.max(), 1.0 / width / 10.0))
    axes.set_xlim(edges[0], edges[-1])
    axes.legend(loc="upper center", ncols=2, columnspacing=1.0, **_LEGEND)


def _draw_efficiency(
    axes: Axes, median: float, injected: dict[int, TrialStatistic], sensitivity: pa.Table | None
) -> None:
    """Draw the share of signal trials above the background median, and the sensitivity where it reaches 90 %."""
    numbers = np.array(sorted(injected))
    n_trials = np.array([injected[number].size for number in numbers])
    share = np.array([injected[number].n_above(median) / injected[number].size for number in numbers])
    error = np.sqrt(np.maximum(share * (1.0 - share), 1.0 / n_trials) / n_trials)
    axes.errorbar(numbers, share, yerr=error, fmt="o", markersize=4.5, color="#0072B2", label="signal trials")
    axes.axhline(EXPECTED_EFFICIENCY, color=style.FAINT, linewidth=1.0, linestyle=":")
    if sensitivity is not None and sensitivity.num_rows:
        n_s = float(style.reals(sensitivity, "n_s_sensitivity")[0])
        if np.isfinite(n_s):
            axes.axvline(n_s, color=MEDIAN_COLOUR, linewidth=1.6, label=f"sensitivity: $n_s$ = {n_s:.0f}")
    style.frame(axes, style.axis_label("n_injected"), "trials above the background median", "Sensitivity, 90 % CL")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.set_ylim(0.45, 1.02)
    axes.set_xlim(0.0, 1.05 * numbers[-1])
    axes.legend(loc="lower right", **_LEGEND)


def _a_few(numbers: Sequence[int]) -> list[int]:
    """Return up to four of the numbers, from the lower part, where signal and background still overlap."""
    if not numbers:
        return []
    picks = np.linspace(0.125, 0.75, N_SIGNAL_SHOWN) * (len(numbers) - 1)
    return [numbers[pick] for pick in sorted({int(pick) for pick in picks.round()})]


def _tones(n_tones: int) -> list[str]:
    return [to_hex(colormaps["viridis"](position)) for position in np.linspace(0.75, 0.05, n_tones)]
