"""How well directions and energies of simulated events are reconstructed, against their true energy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from core.errors import ProductError
from core.events.resolution import all_reconstruction_errors
from core.figures import style
from core.units import DEGREE

Reals = NDArray[np.float64]

BINS_PER_DECADE = 8
LEAST_EFFECTIVE_EVENTS = 20.0
SEPARATION_QUANTILES: dict[float, Any] = {0.5: "-", 0.68: "--", 0.9: ":"}
RATIO_QUANTILES = (0.05, 0.16, 0.5, 0.84, 0.95)
INTERACTION_COLOURS = {"cc": "#0072B2", "nc": "#D55E00", "": "#222222"}
INTERACTION_NAMES = {"cc": "charged current", "nc": "neutral current", "": "interaction not known"}
CLASS_NAMES = {"cascade": "Cascades", "track": "Tracks", "": "All classes together"}
SLACK = 1e-9
# Of the three panels where there is nothing to draw: degrees, ratio, events.
EMPTY_ENDS = ((1.0, 180.0), (0.1, 10.0), (0.5, 50.0))


@dataclass(frozen=True)
class Resolution:
    """Quantiles in bins of true energy; NaN where a bin has too few events.

    `edges` (n_bins + 1,) GeV; `separation` (3, n_bins) rad, the 50, 68 and 90 % quantiles of the angle between true and
    reconstructed direction; `ratio` (5, n_bins), those of RATIO_QUANTILES of reconstructed over true energy;
    `n_effective` (n_bins,), (Σw)²/Σw².
    """

    edges: Reals
    separation: Reals
    ratio: Reals
    n_effective: Reals


def resolution_figure(
    simulation: Iterable[tuple[pa.Table, float]], title: str = "", caveats: Sequence[str] = ()
) -> Figure:
    """Draw angle and energy ratio between reconstruction and truth against true energy, and the events behind them.

    simulation: tables of simulated events in the canonical schema, each with the factor on the atmospheric rates that
    weigh its events; they are looked at one after the other. A column of panels for each event class, a colour for each
    interaction, where they are known. ProductError if there are no events.
    """
    errors = all_reconstruction_errors(simulation)
    if errors.num_rows == 0:
        raise ProductError("there are no simulated events to draw the resolution of: convert simulated files first")
    edges = energy_edges(style.reals(errors, "true_energy"))
    found = {group: resolution(errors.filter(pa.array(rows)), edges) for group, rows in _groups(errors).items()}
    classes = [name for name in ("cascade", "track", "") if any(group[0] == name for group in found)]
    figure = style.new_figure(1.4 + 5.0 * len(classes), 8.6)
    panels = figure.subplots(3, len(classes), sharex=True, sharey="row", squeeze=False, height_ratios=(2.0, 2.0, 1.2))
    _bound_empty_panels(panels, list(found.values()))
    for column, name in zip(panels.T, classes, strict=True):
        _draw_class(column, {group[1]: one for group, one in found.items() if group[0] == name})
        class_name = CLASS_NAMES.get(name, name) if len(classes) > 1 or name else "All events"
        _frame_column(column, class_name, edges, is_first=column[0] is panels[0, 0])
    _legends(panels[0, 0], panels[1, 0], sorted({interaction for _, interaction in found}))
    sample_line = f"{style.grouped(errors.num_rows)} simulated events, weighted with the atmospheric flux"
    heading = f"{title}:{' ' if len(classes) > 1 else chr(10)}{sample_line}" if title else sample_line
    figure.suptitle(heading, fontsize=style.TITLE_SIZE, color=style.INK, x=0.012, ha="left")
    style.caveat_line(figure, caveats)
    return figure


def energy_edges(energy: Reals) -> Reals:
    """Return edges (n_bins + 1,) GeV that hold all energies, eight bins a decade."""
    steps = BINS_PER_DECADE * np.log10([energy.min(), energy.max()])
    edges: Reals = 10.0 ** (np.arange(np.floor(steps[0] - SLACK), np.ceil(steps[1] + SLACK) + 1) / BINS_PER_DECADE)
    return edges


def resolution(errors: pa.Table, edges: Reals) -> Resolution:
    """Return the quantiles of simulated events in bins of true energy, edges (n_bins + 1,) GeV.

    Quantiles are those of the weighted distribution function; bins of fewer than 20 effective events have none.
    """
    energy, separation, ratio, weights = (
        style.reals(errors, name) for name in ("true_energy", "separation", "energy_ratio", "rate")
    )
    n_bins = edges.size - 1
    bins = np.clip(np.searchsorted(edges, energy, side="right") - 1, 0, n_bins - 1)
    total, squares = (np.bincount(bins, weights=values, minlength=n_bins) for values in (weights, weights**2))
    n_effective = np.divide(total**2, squares, out=np.zeros(n_bins), where=squares > 0.0)
    quantiles = np.full((len(SEPARATION_QUANTILES), n_bins), np.nan), np.full((len(RATIO_QUANTILES), n_bins), np.nan)
    for index in np.flatnonzero(n_effective >= LEAST_EFFECTIVE_EVENTS):
        own = bins == index
        quantiles[0][:, index] = _quantiles(separation[own], tuple(SEPARATION_QUANTILES), weights[own])
        quantiles[1][:, index] = _quantiles(ratio[own], RATIO_QUANTILES, weights[own])
    return Resolution(edges, *quantiles, n_effective)


def _quantiles(values: Reals, shares: Sequence[float], weights: Reals) -> Reals:
    found: Reals = np.quantile(values, shares, weights=weights, method="inverted_cdf")
    return found


def _groups(errors: pa.Table) -> Mapping[tuple[str, str], NDArray[np.bool_]]:
    """Return which events belong to each class and interaction that occur; "" is not known."""
    classes, interactions = style.texts(errors, "event_class"), style.texts(errors, "interaction")
    return {
        (str(event_class), str(interaction)): rows
        for event_class in np.unique(classes)
        for interaction in np.unique(interactions)
        if (rows := (classes == event_class) & (interactions == interaction)).any()
    }


def _draw_class(column: Sequence[Axes], by_interaction: Mapping[str, Resolution]) -> None:
    angles, ratios, numbers = column
    for interaction, found in by_interaction.items():
        middles = np.sqrt(found.edges[1:] * found.edges[:-1])
        colour = INTERACTION_COLOURS.get(interaction, style.FAINT)
        for quantile, line in zip(found.separation / DEGREE, SEPARATION_QUANTILES.values(), strict=True):
            axes_line: dict[str, Any] = {"color": colour, "linestyle": line, "marker": "o", "markersize": 2.5}
            angles.plot(middles, quantile, linewidth=1.7, **axes_line)
        lowest, low, median, high, highest = found.ratio
        ratios.fill_between(middles, lowest, highest, color=colour, alpha=0.12, linewidth=0)
        ratios.fill_between(middles, low, high, color=colour, alpha=0.22, linewidth=0)
        ratios.plot(middles, median, color=colour, linewidth=1.8, marker="o", markersize=2.5)
        numbers.stairs(found.n_effective, found.edges, color=colour, linewidth=1.5, baseline=None)


def _frame_column(column: Sequence[Axes], title: str, edges: Reals, is_first: bool) -> None:
    angles, ratios, numbers = column
    style.frame(angles, "", "angle between true and\nreconstructed direction [°]" if is_first else "", title)
    style.frame(ratios, "", "reconstructed / true energy" if is_first else "")
    style.frame(numbers, "true neutrino energy [GeV]", "effective events\nper bin" if is_first else "")
    for axes in column:
        axes.set_yscale("log")
    angles.set_xscale("log")
    angles.set_xlim(edges[0], edges[-1])
    style.plain_log_ticks(numbers.xaxis)
    for axes in (angles, ratios):
        style.plain_log_ticks(axes.yaxis)
    ratios.axhline(1.0, color=style.FAINT, linestyle=":", linewidth=1.2)
    numbers.axhline(LEAST_EFFECTIVE_EVENTS, color=style.FAINT, linestyle=":", linewidth=1.2)


def _bound_empty_panels(panels: NDArray[Any], found: Sequence[Resolution]) -> None:
    """Give rows of panels in which no bin has events enough an axis that can be drawn, and say so."""
    has_quantiles = any(np.isfinite(one.separation).any() for one in found)
    has_events = any((one.n_effective > 0.0).any() for one in found)
    for row, ends, is_filled in zip(panels, EMPTY_ENDS, (has_quantiles, has_quantiles, has_events), strict=True):
        for axes in () if is_filled else row:
            axes.set_ylim(*ends)
            said: dict[str, Any] = {"ha": "center", "fontsize": style.TEXT_SIZE, "color": style.FAINT}
            axes.text(0.5, 0.5, "too few events in every bin", transform=axes.transAxes, **said)


def _legends(angles: Axes, ratios: Axes, interactions: Sequence[str]) -> None:
    small: dict[str, Any] = {"frameon": False, "fontsize": style.TEXT_SIZE - 0.5}
    lines = [
        Line2D([], [], color=style.INK, linestyle=line, label="median" if share == 0.5 else f"{100 * share:.0f} %")
        for share, line in SEPARATION_QUANTILES.items()
    ]
    angles.legend(handles=lines, loc="lower left", title="of the events lie within", title_fontsize=8.5, **small)
    spread = [
        Line2D([], [], color=style.INK, label="median"),
        Patch(color=style.INK, alpha=0.34, label="central 68 %"),
        Patch(color=style.INK, alpha=0.12, label="central 90 %"),
    ]
    ratios.add_artist(ratios.legend(handles=spread, loc="lower left", **small))
    colours = [
        Line2D([], [], color=INTERACTION_COLOURS.get(name, style.FAINT), label=INTERACTION_NAMES.get(name, name))
        for name in interactions
    ]
    least = Line2D(
        [], [], color=style.FAINT, linestyle=":", label=f"fewest effective events drawn: {LEAST_EFFECTIVE_EVENTS:.0f}"
    )
    ratios.legend(handles=[*colours, least], loc="upper right", **small)
