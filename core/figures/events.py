"""The events themselves: what was measured beside what a simulation expects of the atmosphere, and where on the sky."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import healpy
import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from core.channels import FLAVOURS, listed
from core.errors import ProductError
from core.events.atmosphere import expected_rates
from core.events.blinding import is_blind
from core.figures import sky, style
from core.units import DAY, DEGREE, FULL_SKY

Reals = NDArray[np.float64]

N_BINS = 24
BINS_PER_DECADE = 10
HEADROOM = 1.45
LOG_HEADROOM = 30.0
# Counts that spread over more than this factor are drawn on a logarithmic axis.
LINEAR_SPREAD = 50.0
SIMULATION_COLOUR = "#0072B2"
RATIO_RANGE = (0.4, 1.6)
# A step of the logarithm far below the width of a bin: values on an edge stay inside.
SLACK = 1e-9
MOST_SEASONS_NAMED = 3
MARGINS = {"left": 0.1, "right": 0.975, "bottom": 0.12, "top": 0.885, "hspace": 0.06}
_LEGEND: dict[str, Any] = {"frameon": False, "fontsize": style.TEXT_SIZE}


@dataclass(frozen=True)
class Variable:
    """How a column is drawn: its axis label with the unit, what stands on the axis, and between which ends.

    `is_logarithmic`: a logarithmic axis in steps of a tenth of a decade. `ends` None: as far as the events go; a column
    of words has no `transform` and a bar for each word.
    """

    label: str
    transform: Callable[[Reals], Reals] | None = None
    ends: tuple[float, float] | None = None
    is_logarithmic: bool = False


def _degrees(angle: Reals) -> Reals:
    return angle / DEGREE


def _as_it_is(values: Reals) -> Reals:
    return values


# Words, then numbers of an event; what only counts events (run, event) or weighs them is not a variable.
VARIABLES: dict[str, Variable] = {
    "season": Variable("season"),
    "event_class": Variable("event class"),
    "flavour": Variable("neutrino species"),
    "interaction": Variable("interaction"),
    "reco_energy": Variable("reconstructed energy [GeV]", _as_it_is, is_logarithmic=True),
    "reco_zenith": Variable("cosine of the reconstructed zenith angle", np.cos, (-1.0, 1.0)),
    "reco_azimuth": Variable("reconstructed azimuth [°]", _degrees, (0.0, 360.0)),
    "reco_ra": Variable("reconstructed right ascension [°]", _degrees, (0.0, 360.0)),
    "reco_dec": Variable("sine of the reconstructed declination", np.sin, (-1.0, 1.0)),
    "angular_error": Variable("angular error [°]", _degrees),
    "true_energy": Variable("true neutrino energy [GeV]", _as_it_is, is_logarithmic=True),
    "true_ra": Variable("true right ascension [°]", _degrees, (0.0, 360.0)),
    "true_dec": Variable("sine of the true declination", np.sin, (-1.0, 1.0)),
}
ONLY_SIMULATED = ("flavour", "interaction", "true_energy", "true_ra", "true_dec")


def variable_figure(
    data: pa.Table | None,
    simulation: pa.Table | None,
    variable: str,
    livetime: float,
    caveats: Sequence[str] = (),
) -> Figure:
    """Draw how a column of the event table is distributed: data as points, the simulated expectation as steps.

    data, simulation: events in the canonical schema, either may be None; variable: one of VARIABLES; livetime in s of
    the data, by which the atmospheric rate of each simulated event is multiplied. Errors are √n of the data and √Σw² of
    the simulation. ProductError for an unknown variable, a livetime that is not positive, and where there is no event.
    """
    if variable not in VARIABLES:
        raise ProductError(f"unknown variable {variable!r}: known are {listed(VARIABLES)}")
    if simulation is not None and not (0.0 < livetime < np.inf):
        raise ProductError(f"the livetime is {livetime:g} s: a positive one is needed to tell what to expect")
    measured = None if variable in ONLY_SIMULATED or _lacks(data, variable) else data
    expected = None if _lacks(simulation, variable) else simulation
    if not any(table is not None and table.num_rows for table in (measured, expected)):
        raise ProductError(f"there are no events to draw {variable} of: convert event files first")
    samples = [table for table in (measured, expected) if table is not None]
    edges, words = _bins(samples, variable)
    has_ratio = len(samples) == 2
    figure = style.new_figure(7.2, 5.6 if has_ratio else 4.6, MARGINS)
    panels = figure.subplots(2, 1, sharex=True, height_ratios=(3.0, 1.0)) if has_ratio else [figure.subplots()]
    counts = None if measured is None else _histogram(measured, variable, edges, words, np.ones(measured.num_rows))[0]
    weighted = None
    if expected is not None:
        weighted = _histogram(expected, variable, edges, words, livetime * expected_rates(expected))
        _draw_expected(panels[0], *weighted, edges, expected.num_rows)
    if measured is not None and counts is not None:
        _draw_measured(panels[0], counts, edges)
        if weighted is not None:
            _draw_ratio(panels[1], counts, *weighted, edges)
    heights = np.concatenate([*([] if counts is None else [counts]), *([] if weighted is None else weighted[:1])])
    _frame_panels(panels, variable, edges, words, heights, _titled(samples, livetime if measured is not None else None))
    if variable == "reco_ra" and measured is not None:
        _say_right_ascension(panels[0], measured)
    style.caveat_line(figure, caveats)
    return figure


def _lacks(table: pa.Table | None, column: str) -> bool:
    return table is None or column not in table.column_names


def _titled(samples: Sequence[pa.Table], livetime: float | None) -> str:
    seasons = sorted({str(name) for table in samples for name in table["season"].unique().to_pylist()})
    named = f"{seasons[0]} to {seasons[-1]}, {len(seasons)} seasons"
    title = named if len(seasons) > MOST_SEASONS_NAMED else ", ".join(seasons)
    return title if livetime is None else f"{title}: {livetime / DAY:.4g} days"


def _bins(samples: Sequence[pa.Table], name: str) -> tuple[Reals, list[str]]:
    """Return the edges on the axis, and the words of a column of words in order."""
    variable = VARIABLES[name]
    if variable.transform is None:
        found = {_word(word) for table in samples for word in table[name].unique().to_pylist()}
        words = sorted(found, key=lambda word: (FLAVOURS.index(word) if word in FLAVOURS else 0, word))
        return np.arange(len(words) + 1, dtype=np.float64) - 0.5, words
    values = np.concatenate([variable.transform(style.reals(table, name)) for table in samples])
    if variable.is_logarithmic:
        steps = BINS_PER_DECADE * np.log10([values.min(), values.max()])
        edges: Reals = 10.0 ** (np.arange(np.floor(steps[0] - SLACK), np.ceil(steps[1] + SLACK) + 1) / BINS_PER_DECADE)
        return edges, []
    low, high = variable.ends or (np.floor(values.min()), np.floor(values.max()) + 1.0)
    return np.linspace(low, high, N_BINS + 1, dtype=np.float64), []


def _word(word: str | None) -> str:
    return "not known" if word is None else str(word)


def _histogram(table: pa.Table, name: str, edges: Reals, words: list[str], weights: Reals) -> tuple[Reals, Reals]:
    """Return Σw and √Σw² in each bin, (n_bins,)."""
    transform = VARIABLES[name].transform
    if transform is None:
        values = np.array([words.index(_word(word)) for word in table[name].to_pylist()], dtype=np.float64)
    else:
        values = transform(style.reals(table, name))
    total, _ = np.histogram(values, edges, weights=weights)
    squares, _ = np.histogram(values, edges, weights=weights**2)
    return total, np.sqrt(squares)


def _draw_expected(axes: Axes, total: Reals, error: Reals, edges: Reals, n_simulated: int) -> None:
    label = f"simulated atmospheric neutrinos:\n{total.sum():.0f} expected, from {n_simulated} events"
    axes.stairs(total, edges, color=SIMULATION_COLOUR, linewidth=1.6, label=label)
    band: dict[str, Any] = {"color": SIMULATION_COLOUR, "alpha": 0.3, "label": "error of the simulation"}
    axes.stairs(total + error, edges, baseline=total - error, fill=True, **band)


def _draw_measured(axes: Axes, counts: Reals, edges: Reals) -> None:
    """Draw the bins that hold events, at their middles on the axis, with √n."""
    seen = counts > 0
    axes.errorbar(
        _middles(edges)[seen],
        counts[seen],
        yerr=np.sqrt(counts[seen]),
        fmt="o",
        markersize=4.0,
        color=style.INK,
        elinewidth=1.1,
        label=f"data: {counts.sum():.0f} events",
    )


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
        axes.plot(middles[outside], np.full(outside.sum(), height), marker, markersize=5.0, color="#D55E00")
    axes.set_ylim(low, high)


def _frame_panels(
    panels: Sequence[Axes], name: str, edges: Reals, words: list[str], heights: Reals, title: str
) -> None:
    first, last = panels[0], panels[-1]
    style.frame(first, "", "events per bin", title)
    if len(panels) > 1:
        style.frame(last, "", "data /\nsimulation")
    last.set_xlabel(VARIABLES[name].label, fontsize=style.LABEL_SIZE, color=style.INK)
    first.set_xlim(edges[0], edges[-1])
    if VARIABLES[name].is_logarithmic:
        first.set_xscale("log")
        style.plain_log_ticks(last.xaxis)
    highest, lowest = heights.max(), heights[heights > 0.0].min()
    if highest > LINEAR_SPREAD * lowest:
        first.set_yscale("log")
        first.set_ylim(0.4 * lowest, LOG_HEADROOM * highest)
    else:
        first.set_ylim(0.0, HEADROOM * highest)
    if words:
        last.set_xticks(range(len(words)), words)
    elif VARIABLES[name].ends == (0.0, 360.0):
        last.set_xticks(range(0, 361, 60))
    first.legend(loc="upper right", **_LEGEND)


def _say_right_ascension(axes: Axes, data: pa.Table) -> None:
    text = "right ascension of the data scrambled" if is_blind(data) else "right ascension of the data as measured"
    axes.text(0.02, 0.965, text, transform=axes.transAxes, va="top", fontsize=style.TEXT_SIZE, color=style.INK)


def sky_counts_figure(events: pa.Table, nside: int, caveats: Sequence[str] = ()) -> Figure:
    """Draw how many events lie in each HEALPix pixel of the sky, reconstructed directions, not weighted.

    events: data or simulation in the canonical schema; nside: HEALPix resolution. ProductError if there are no events
    or no such resolution.
    """
    if events.num_rows == 0:
        raise ProductError("there are no events to draw on the sky: convert event files first")
    if not healpy.isnsideok(nside, nest=True):
        raise ProductError(f"nside is {nside}: HEALPix needs a power of two")
    colatitude = 0.5 * np.pi - style.reals(events, "reco_dec")
    pixels = healpy.ang2pix(nside, colatitude, style.reals(events, "reco_ra"))
    counts = np.bincount(pixels, minlength=healpy.nside2npix(nside))
    figure = style.new_figure(8.4, 5.2)
    axes = figure.subplots()
    image = sky.draw_map(axes, counts.astype(np.float64), nside, Normalize(0.0, float(counts.max())), style.SKY_COLOURS)
    sky.frame_sky(axes, f"{_titled([events], None)}: {_sort_of(events)}", on_map=True)
    bar = figure.colorbar(image, ax=axes, orientation="horizontal", shrink=0.62, pad=0.03, aspect=38)
    area = FULL_SKY / counts.size / DEGREE**2
    bar.set_label(f"events per pixel of {area:.3g} square degrees", fontsize=style.LABEL_SIZE - 1, color=style.INK)
    bar.ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    bar.ax.tick_params(labelsize=style.TEXT_SIZE - 1.0, color=style.FAINT)
    style.caveat_line(figure, caveats)
    return figure


def _sort_of(events: pa.Table) -> str:
    if "true_energy" in events.column_names:
        return f"{events.num_rows} simulated events, not weighted"
    told = "right ascension scrambled" if is_blind(events) else "right ascension as measured"
    return f"{events.num_rows} events, {told}"
