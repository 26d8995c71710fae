"""How events are distributed: what was measured beside what a simulation expects of the atmosphere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, listed
from core.errors import ProductError
from core.events.distributions import NUMBERS, UNKNOWN, WORDS, Bin, Distribution, EventSums
from core.figures import style

Reals = NDArray[np.float64]
# What the simulation is drawn for: the livetime of the data, as many events as the data, or a year.
Scale = Literal["livetime", "data", "year"]

MOST_BINS = 30
HEADROOM = 1.45
LOG_HEADROOM = 30.0
# Counts that spread over more than this factor are drawn on a logarithmic axis.
LINEAR_SPREAD = 50.0
SIMULATION_COLOUR = "#0072B2"
OUTSIDE_COLOUR = "#D55E00"
RATIO_RANGE = (0.4, 1.6)
MARGINS = {"left": 0.1, "right": 0.975, "bottom": 0.12, "top": 0.885, "hspace": 0.06}
_LEGEND: dict[str, Any] = {"frameon": False, "fontsize": style.TEXT_SIZE}

LABELS: Mapping[str, str] = {
    "season": "season",
    "event_class": "event class",
    "flavour": "neutrino species",
    "interaction": "interaction",
    "reco_energy": "reconstructed energy [GeV]",
    "reco_zenith": "cosine of the reconstructed zenith angle",
    "reco_azimuth": "reconstructed azimuth [°]",
    "reco_ra": "reconstructed right ascension [°]",
    "reco_dec": "sine of the reconstructed declination",
    "angular_error": "angular error [°]",
    "true_energy": "true neutrino energy [GeV]",
    "true_ra": "true right ascension [°]",
    "true_dec": "sine of the true declination",
}
ONLY_SIMULATED = ("flavour", "interaction", "true_energy", "true_ra", "true_dec")
LOGARITHMIC = ("reco_energy", "true_energy")
WORD_TEXTS: Mapping[str, str] = {
    "nue": "$\\nu_e$",
    "numu": "$\\nu_\\mu$",
    "nutau": "$\\nu_\\tau$",
    "nuebar": "$\\bar{\\nu}_e$",
    "numubar": "$\\bar{\\nu}_\\mu$",
    "nutaubar": "$\\bar{\\nu}_\\tau$",
    "cc": "charged current",
    "nc": "neutral current",
}


@dataclass(frozen=True)
class _Panel:
    """What one variable shows: bins by number or word, their edges (n_bins + 1,) on the axis, and the sums in them."""

    variable: str
    bins: Sequence[Bin]
    edges: Reals
    counts: Reals | None
    expected: tuple[Reals, Reals] | None

    @property
    def heights(self) -> Reals:
        """All that is drawn, (n,)."""
        drawn = [values for values in (self.counts, self.expected and self.expected[0]) if values is not None]
        return np.concatenate(drawn)


def variable_figure(
    data: EventSums | None,
    simulation: EventSums | None,
    variable: str,
    title: str = "",
    scale: Scale = "livetime",
    caveats: Sequence[str] = (),
) -> Figure:
    """Draw how a number of the event table is distributed: data as points, the simulated expectation as steps.

    data, simulation: sums over events, either may be None; variable: one of NUMBERS; scale: what the weights of the
    simulation stand for. Errors are √n of the data and √Σw² of the simulation. ProductError for an unknown variable and
    where there is no event.
    """
    if variable not in NUMBERS:
        raise ProductError(f"unknown variable {variable!r}: known are {listed(NUMBERS)}")
    panel = _panel(data, simulation, variable)
    has_ratio = panel.counts is not None and panel.expected is not None
    figure = style.new_figure(*((7.2, 5.6, MARGINS) if has_ratio else (7.2, 4.6, MARGINS | {"bottom": 0.15})))
    panels = figure.subplots(2, 1, sharex=True, height_ratios=(3.0, 1.0)) if has_ratio else [figure.subplots()]
    _draw(panels[0], panel, data, simulation, scale)
    if panel.counts is not None and panel.expected is not None:
        _draw_ratio(panels[1], panel.counts, *panel.expected, panel.edges)
    _frame(panels[0], panel, title)
    if has_ratio:
        style.frame(panels[1], "", "data /\nsimulation")
    panels[-1].set_xlabel(LABELS[variable], fontsize=style.LABEL_SIZE, color=style.INK)
    if NUMBERS[variable].ends == (0.0, 360.0):
        panels[-1].set_xticks(range(0, 361, 60))
    if variable == "reco_ra" and data is not None:
        _say_right_ascension(panels[0], data)
    style.caveat_line(figure, caveats)
    return figure


def composition_figure(
    data: EventSums | None,
    simulation: EventSums | None,
    title: str = "",
    scale: Scale = "livetime",
    caveats: Sequence[str] = (),
) -> Figure:
    """Draw of which seasons, classes, species and interactions the events are, as far as they are told.

    data, simulation, scale: as in variable_figure. ProductError where there is no event.
    """
    samples = [one for one in (data, simulation) if one is not None]
    known = [name for name in WORDS if any(one.is_known(name) for one in samples)]
    if not known:
        raise ProductError("there are no events to draw the composition of: convert event files first")
    n_columns = 1 if len(known) == 1 else 2
    n_rows = -(-len(known) // n_columns)
    figure = style.new_figure(0.8 + 5.6 * n_columns, 0.8 + 3.3 * n_rows)
    panels = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    for axes, name in zip(panels, known, strict=False):
        panel = _panel(data, simulation, name)
        _draw(axes, panel, data, simulation, scale)
        _frame(axes, panel, "")
        axes.set_xlabel(LABELS[name], fontsize=style.LABEL_SIZE, color=style.INK)
        axes.set_xticks(range(len(panel.bins)), [WORD_TEXTS.get(str(word), str(word)) for word in panel.bins])
        axes.tick_params(axis="x", which="both", length=0)
        if name != known[0]:
            axes.get_legend().remove()
            axes.set_ylim(0.0, 1.12 * max(float(panel.heights.max()), 1e-30))
    for axes in panels[len(known) :]:
        axes.set_axis_off()
    figure.suptitle(title, fontsize=style.TITLE_SIZE, color=style.INK, x=0.012, ha="left")
    style.caveat_line(figure, caveats)
    return figure


def _panel(data: EventSums | None, simulation: EventSums | None, variable: str) -> _Panel:
    """Return the sums of a variable in common bins; ProductError if there is no event."""
    measured = None if data is None or variable in ONLY_SIMULATED else data.distributions.get(variable)
    expected = None if simulation is None else simulation.distributions.get(variable)
    found = [one for one in (measured, expected) if one is not None]
    if not any(one.total for one in found):
        raise ProductError(f"there are no events to draw {variable} of: convert event files first")
    bins, edges, n_merged = _bins(found, variable)
    measured, expected = (one and one.merged(n_merged) if n_merged > 1 else one for one in (measured, expected))
    counts = None if measured is None else measured.in_bins(bins)[0]
    return _Panel(variable, bins, edges, counts, None if expected is None else expected.in_bins(bins))


def _bins(found: Sequence[Distribution], variable: str) -> tuple[list[Bin], Reals, int]:
    """Return the bins to draw, their edges on the axis, and of how many fine bins each is made."""
    if variable in WORDS:
        words = sorted({str(word) for one in found for word in one.total}, key=_word_order)
        return list(words), np.arange(len(words) + 1, dtype=np.float64) - 0.5, 1
    binning = NUMBERS[variable]
    if binning.ends is not None:
        return list(range(binning.n_bins)), binning.edges(0, binning.n_bins), 1
    numbers = [int(number) for one in found for number in one.total]
    n_merged = 1
    while variable not in LOGARITHMIC and max(numbers) // n_merged - min(numbers) // n_merged >= MOST_BINS:
        n_merged *= 2
    first, last = min(numbers) // n_merged, max(numbers) // n_merged
    edges = binning.edges(first, last - first + 1)
    if variable in LOGARITHMIC:
        edges = 10.0**edges
    return list(range(first, last + 1)), n_merged * edges if n_merged > 1 else edges, n_merged


def _word_order(word: str) -> tuple[bool, int, str]:
    names = [str(flavour) for flavour in FLAVOURS]
    return word == UNKNOWN, names.index(word) if word in names else 0, word


def _draw(axes: Axes, panel: _Panel, data: EventSums | None, simulation: EventSums | None, scale: Scale) -> None:
    """Draw the expectation as steps with its error, and the bins that hold data as points with √n."""
    if panel.expected is not None and simulation is not None:
        label = _simulation_label(simulation, scale)
        (_draw_bars if panel.variable in WORDS else _draw_steps)(axes, *panel.expected, panel.edges, label)
    if panel.counts is not None and data is not None:
        seen = panel.counts > 0
        axes.errorbar(
            _middles(panel.edges)[seen],
            panel.counts[seen],
            yerr=np.sqrt(panel.counts[seen]),
            fmt="o",
            markersize=4.0,
            color=style.INK,
            elinewidth=1.1,
            label=f"data: {style.grouped(data.n_events)} events",
        )


def _draw_steps(axes: Axes, total: Reals, error: Reals, edges: Reals, label: str) -> None:
    axes.stairs(total, edges, color=SIMULATION_COLOUR, linewidth=1.6, label=label)
    band: dict[str, Any] = {"color": SIMULATION_COLOUR, "alpha": 0.3, "label": "error of the simulation"}
    axes.stairs(total + error, edges, baseline=total - error, fill=True, **band)


def _draw_bars(axes: Axes, total: Reals, error: Reals, edges: Reals, label: str) -> None:
    bars: dict[str, Any] = {"color": SIMULATION_COLOUR, "alpha": 0.35, "error_kw": {"ecolor": SIMULATION_COLOUR}}
    axes.bar(_middles(edges), total, width=0.7, yerr=error, label=label, **bars)


def _simulation_label(simulation: EventSums, scale: Scale) -> str:
    number = f"from {style.grouped(simulation.n_events)} events"
    if scale == "data":
        return f"simulated atmospheric neutrinos, scaled\nto as many as the data: {number}"
    expected = f"{style.grouped(simulation.total)} expected" + (" in a year" if scale == "year" else "")
    return f"simulated atmospheric neutrinos:\n{expected}, {number}"


def _middles(edges: Reals) -> Reals:
    is_even = np.allclose(np.diff(edges), edges[1] - edges[0])
    middles: Reals = 0.5 * (edges[1:] + edges[:-1]) if is_even else np.sqrt(edges[1:] * edges[:-1])
    return middles


def _draw_ratio(axes: Axes, counts: Reals, total: Reals, error: Reals, edges: Reals) -> None:
    """Draw data over simulation, and the share of the simulation that its own error is."""
    known = total > 0.0
    share = np.divide(error, total, out=np.zeros_like(total), where=known)
    axes.axhline(1.0, color=SIMULATION_COLOUR, linewidth=1.2)
    axes.stairs(1.0 + share, edges, baseline=1.0 - share, fill=True, color=SIMULATION_COLOUR, alpha=0.3)
    seen = known & (counts > 0)
    ratio, ratio_error = counts[seen] / total[seen], np.sqrt(counts[seen]) / total[seen]
    middles = _middles(edges)[seen]
    axes.errorbar(middles, ratio, yerr=ratio_error, fmt="o", markersize=4.0, color=style.INK, elinewidth=1.1)
    low, high = RATIO_RANGE
    for outside, marker, height in ((ratio > high, "^", high - 0.06), (ratio < low, "v", low + 0.06)):
        axes.plot(middles[outside], np.full(outside.sum(), height), marker, markersize=5.0, color=OUTSIDE_COLOUR)
    axes.set_ylim(low, high)


def _frame(axes: Axes, panel: _Panel, title: str) -> None:
    is_of_words = panel.variable in WORDS
    style.frame(axes, "", "events" if is_of_words else "events per bin", title)
    axes.grid(visible=not is_of_words, axis="x")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: style.grouped(value)))
    axes.set_xlim(panel.edges[0], panel.edges[-1])
    if panel.variable in LOGARITHMIC:
        axes.set_xscale("log")
        style.plain_log_ticks(axes.xaxis)
    heights = panel.heights
    highest = float(heights.max())
    lowest = float(heights[heights > 0.0].min(initial=highest))
    if highest > LINEAR_SPREAD * lowest and not is_of_words:
        axes.set_yscale("log")
        axes.set_ylim(0.4 * lowest, LOG_HEADROOM * highest)
    else:
        axes.set_ylim(0.0, HEADROOM * max(highest, 1e-30))
    axes.legend(loc="upper right", **_LEGEND)


def _say_right_ascension(axes: Axes, data: EventSums) -> None:
    text = "right ascension of the data scrambled" if data.is_blind else "right ascension of the data as measured"
    axes.text(0.02, 0.965, text, transform=axes.transAxes, va="top", fontsize=style.TEXT_SIZE, color=style.INK)
