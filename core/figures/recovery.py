"""Whether trials with signal give back what was put in: fitted against injected events of one (channel, mass) pair."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from core.errors import ProductError
from core.figures import style
from core.trials.statistic import fitted_numbers

BAND = (0.15865, 0.5, 0.84135)  # the middle 68.27 % of trials
COLOUR = style.CLASS_COLOURS["cascade"]
MARGINS = {"left": 0.1, "right": 0.975, "bottom": 0.135, "top": 0.91, "hspace": 0.08}
Reals = NDArray[np.float64]


class Recovered(NamedTuple):
    """Fitted n_s by the number of injected events, each (n,): mean with error, and the band (3, n) of single trials.

    The band is NaN of trials that are counted in bins, which keep mean and spread alone.
    """

    n_injected: Reals
    mean: Reals
    error: Reals
    band: Reals


def recovery_figure(
    signal_trials: pa.Table,
    background_trials: pa.Table | None = None,
    caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS,
) -> Figure:
    """Draw fitted against injected events, and below it the mean less the injected number.

    signal_trials: the product of one pair, of any numbers injected; background_trials: that of nothing injected, or
    None. The signed fit is drawn where there is one: the bounded one cannot be below zero and so is no test of bias
    near it. ProductError if there are no trials.
    """
    if signal_trials.num_rows == 0:
        raise ProductError("there is nothing to draw: the table of signal trials has no rows; run the signal trials")
    found = recovered(signal_trials, background_trials)
    figure = style.new_figure(7.4, 6.4, MARGINS)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2.2, 1.0))
    _draw_fitted(upper, found)
    _draw_bias(lower, found)
    channel, mass = str(style.texts(signal_trials, "channel")[0]), float(style.reals(signal_trials, "mass")[0])
    upper.set_title(style.pair_title(channel, mass), fontsize=style.TITLE_SIZE, color=style.INK, loc="left")
    style.caveat_line(figure, caveats)
    return figure


def recovered(signal_trials: pa.Table, background_trials: pa.Table | None = None) -> Recovered:
    """Return what the fits of trials found, by the number of events that were injected, in its order."""
    injected = signal_trials["n_injected"].to_numpy()
    by_number = {int(number): signal_trials.filter(pa.array(injected == number)) for number in np.unique(injected)}
    if background_trials is not None and background_trials.num_rows:
        by_number = {0: background_trials} | by_number
    rows = [_recovered(trials) for trials in by_number.values()]
    mean, error, *band = np.array(rows).T
    return Recovered(np.array([float(number) for number in by_number]), mean, error, np.array(band))


def _recovered(trials: pa.Table) -> tuple[float, ...]:
    column = "n_s_signed"
    if "binned" in trials.column_names:
        mean, spread = fitted_numbers(trials, column)
        n_trials = float(np.sum(trials.filter(pa.compute.equal(trials["binned"], trials["binned"][0]))["n_trials"]))
        return (mean, spread / np.sqrt(n_trials), np.nan, np.nan, np.nan)
    if column not in trials.column_names or trials[column].null_count == trials.num_rows:
        column = "n_s"
    values = style.reals(trials, column)
    return (float(values.mean()), float(values.std() / np.sqrt(values.size)), *map(float, np.quantile(values, BAND)))


def _draw_fitted(axes: Axes, found: Recovered) -> None:
    low, median, high = found.band
    if np.isfinite(low).any():
        axes.fill_between(found.n_injected, low, high, color=COLOUR, alpha=0.22, linewidth=0, label="68 % of trials")
        axes.plot(found.n_injected, median, color=COLOUR, linewidth=1.2, linestyle="--", label="median of trials")
    ends = np.array([0.0, 1.03 * found.n_injected[-1]])
    axes.plot(ends, ends, color=style.INK, linewidth=1.0, label="fitted = injected")
    axes.errorbar(
        found.n_injected, found.mean, yerr=found.error, fmt="o", color=COLOUR, markersize=5.0, label="mean of trials"
    )
    style.frame(axes, "", style.axis_label("n_s_signed"))
    axes.tick_params(labelbottom=True)
    axes.set_xlim(0.0 - 0.02 * ends[1], ends[1])
    axes.legend(fontsize=style.TEXT_SIZE, frameon=False, loc="upper left")


def _draw_bias(axes: Axes, found: Recovered) -> None:
    bias = found.mean - found.n_injected
    axes.errorbar(found.n_injected, bias, yerr=found.error, fmt="o", color=COLOUR, markersize=5.0)
    axes.axhline(0.0, color=style.INK, linewidth=1.0)
    farthest = 1.25 * float(np.max(np.abs(bias) + found.error))
    axes.set_ylim(-farthest, farthest)
    style.frame(axes, style.axis_label("n_injected"), "mean − injected")
