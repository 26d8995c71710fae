# mypy: allow-untyped-calls
"""Samples of single events, own or drawn: each variable of data beside the simulation, and how well it reconstructs."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.events.distributions import NUMBERS, Distribution, EventSums
from core.events.livetime import total_livetime
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.units import DEGREE
from dashboards import plots
from dashboards.library import FileMark
from dashboards.panes import heading, words
from dashboards.view import View

Reals = NDArray[np.float64]

VARIABLES = {
    "reco_energy": "reconstructed energy [GeV]",
    "reco_zenith": "cosine of the reconstructed zenith angle",
    "reco_dec": "sine of the reconstructed declination",
    "angular_error": "estimated angular error [deg]",
}
MOST_BINS = 30
SAMPLES_REMEMBERED = 4


class _Parts:
    """Products of events with factors (s) on their rates; equal where the files are the same."""

    def __init__(self, view: View, products: Sequence[tuple[ProductKey, float]]) -> None:
        self.store: ProductStore = view.store
        self.products = tuple(products)
        self.marks: frozenset[tuple[str, FileMark]] = frozenset(
            (name, mark)
            for (name, _, is_note), mark in view.snapshot.files.items()
            if not is_note and name in {str(product) for product, _ in products}
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Parts) and self._content == other._content

    def __hash__(self) -> int:
        return hash(self._content)

    @property
    def _content(self) -> tuple[object, ...]:
        return str(self.store.root), self.store.analysis, self.marks, tuple((str(p), f) for p, f in self.products)

    def tables(self) -> Iterator[tuple[pa.Table, float]]:
        """Yield one product's events at a time, each with its factor."""
        for product, factor in self.products:
            yield self.store.read_product(product), factor


def event_plots(view: View) -> Sequence[Any]:
    """Return the variables of data and simulation and the resolution, as far as there are events one by one."""
    data, simulation = (view.snapshot.of("events", kind=kind) for kind in ("data", "mc"))
    parts: list[Any] = []
    if data or simulation:
        parts += _variables(view, data, simulation)
    if simulation:
        parts += _resolution(_Parts(view, _weighed(view, simulation)[0]))
    return parts


def _weighed(view: View, products: Sequence[ProductKey]) -> tuple[list[tuple[ProductKey, float]], bool]:
    """Return simulated events each with its season's livetime (s), and whether all livetimes are known; else 1 s."""
    runs = {season: view.table("good_runs", season=season) for season in {item.keys["season"] for item in products}}
    livetimes = {season: total_livetime(table) for season, table in runs.items() if table is not None}
    is_known = livetimes.keys() == runs.keys()
    return [(item, livetimes[item.keys["season"]] if is_known else 1.0) for item in products], is_known


def _variables(view: View, data: Sequence[ProductKey], simulation: Sequence[ProductKey]) -> Sequence[Any]:
    """Return a plot a variable, in the seasons of which there are both data and simulation, if there are any."""
    both = {item.keys["season"] for item in data} & {item.keys["season"] for item in simulation}
    if both:
        data, simulation = ([one for one in some if one.keys["season"] in both] for some in (data, simulation))
    measured = _sums(_Parts(view, [(item, 1.0) for item in data])) if data else None
    expected, said = None, "Points: data."
    if simulation:
        weighed, is_known = _weighed(view, simulation)
        expected = _sums(_Parts(view, weighed))
        said = "Boxes: simulated events, weighted with the atmospheric flux for the livetime of the good runs."
        if measured is not None and not is_known and expected.total > 0.0:
            expected = expected.scaled(measured.n_events / expected.total)
            said = "Boxes: simulated events, weighted with the atmospheric flux and scaled to as many as the data."
        elif not is_known:
            said = "Boxes: simulated events a second, weighted with the atmospheric flux."
        said += " Points: data, with √n errors." if measured is not None else ""
    drawn = [part for name in VARIABLES for part in _variable(name, measured, expected)]
    return [heading("Variables of data and simulation"), words(said), *drawn] if drawn else []


@lru_cache(maxsize=SAMPLES_REMEMBERED)
def _sums(parts: _Parts) -> EventSums:
    sums = EventSums()
    for events, factor in parts.tables():
        sums.add(events, factor)
    return sums


def _variable(name: str, measured: EventSums | None, expected: EventSums | None) -> Sequence[Any]:
    """Return the plot of one variable; nothing where no event has it."""
    found = [None if sums is None else sums.distributions.get(name) for sums in (measured, expected)]
    numbers = [int(number) for one in found if one is not None for number in one.total]
    if not numbers:
        return []
    binning, is_log = NUMBERS[name], name == "reco_energy"
    n_merged = 1
    while binning.ends is None and not is_log and (max(numbers) - min(numbers)) // n_merged >= MOST_BINS:
        n_merged *= 2
    first, last = min(numbers) // n_merged, max(numbers) // n_merged
    edges = binning.edges(first, last - first + 1)
    edges = 10.0**edges if is_log else n_merged * edges if n_merged > 1 else edges
    made = plots.plot(f"variable-{name}", VARIABLES[name], "events in a bin", x_log=is_log, height=300)
    entries = []
    for kind, colour, one in (("simulation", plots.BLUE, found[1]), ("data", plots.ORANGE, found[0])):
        if one is not None and one.total:
            drawn = _draw(made, kind, name, one.merged(n_merged), range(first, last + 1), edges)
            entries.append((kind, colour, drawn))
    return [plots.pane(made), plots.legend(entries)]


def _draw(made: Any, kind: str, name: str, one: Distribution, bins: Sequence[int], edges: Reals) -> list[Any]:
    """Draw simulation as boxes, data as points with errors; what a legend switches."""
    n, error = one.in_bins(bins)
    middle = np.sqrt(edges[1:] * edges[:-1]) if name == "reco_energy" else (edges[1:] + edges[:-1]) / 2
    columns = {"left": edges[:-1], "right": edges[1:], "middle": middle, "n": n, "low": n - error, "high": n + error}
    held = plots.source(f"variable-{name}-{kind}", **columns)
    if kind == "simulation":
        drawn = [made.quad("left", "right", "n", 0, source=held, color=plots.BLUE, fill_alpha=0.25)]
    else:
        drawn = [
            made.scatter("middle", "n", source=held, color=plots.ORANGE, size=7),
            made.segment("middle", "low", "middle", "high", source=held, color=plots.ORANGE),
        ]
    plots.hover(made, drawn[:1], {"bin": "@left{0.00} to @right{0.00}", kind: "@n{0,0.0}"})
    return drawn


@lru_cache(maxsize=SAMPLES_REMEMBERED)
def _quantiles(parts: _Parts) -> tuple[Any, int]:
    """Return the resolution of all simulated events together, in bins of true energy, and how many they are."""
    from core.events.resolution import all_reconstruction_errors
    from core.figures.resolution import energy_edges, resolution

    errors = all_reconstruction_errors(parts.tables())
    if errors.num_rows == 0:
        return None, 0
    return resolution(errors, energy_edges(errors["true_energy"].to_numpy())), errors.num_rows


def _resolution(parts: _Parts) -> Sequence[Any]:
    """Return angle and energy ratio between reconstruction and truth against true energy."""
    found, n_events = _quantiles(parts)
    if found is None:
        return []
    energy = np.sqrt(found.edges[1:] * found.edges[:-1])
    half, most, _ = found.separation / DEGREE
    _, low, median, high, _ = found.ratio
    angle = _band("angle", energy, half, (np.zeros(half.size), most), "angle between true and found direction [deg]")
    ratio = _band("energy", energy, median, (low, high), "reconstructed over true energy")
    said = f"{n_events:,} simulated events, weighted with the atmospheric flux; bins of fewer than 20 are left out. "
    said += "The line is the median. The band holds 68 % of the events: of the angle the smallest, of the energy the "
    return [heading("Resolution"), words(said + "middle ones."), *angle, *ratio]


def _band(name: str, energy: Reals, median: Reals, ends: tuple[Reals, Reals], label: str) -> Sequence[Any]:
    """Return the plot of a median (n,) and of the ends of a band about it, at energies (n,) GeV."""
    made = plots.plot(f"resolution-{name}", "true neutrino energy [GeV]", label, x_log=True, height=340)
    columns = {"energy": energy, "median": median, "low": ends[0], "high": ends[1]}
    held = plots.source(f"resolution-{name}", **columns)
    known = np.isfinite(median)  # a band with gaps would not be drawn
    filled = plots.source(f"resolution-{name}-band", **{key: values[known] for key, values in columns.items()})
    area = made.varea("energy", "low", "high", source=filled, color=plots.BLUE, fill_alpha=0.25)
    line = made.line("energy", "median", source=held, color=plots.BLUE, line_width=2)
    dots = made.scatter("energy", "median", source=held, color=plots.BLUE, size=6)
    plots.hover(
        made, [dots], {"energy": "@energy{0.0} GeV", "median": "@median{0.00}", "68 %": "@low{0.00} to @high{0.00}"}
    )
    entries: list[tuple[str, str, Sequence[Any]]] = [("median", plots.BLUE, [line, dots])]
    return [plots.pane(made), plots.legend([*entries, ("68 % of the events", plots.SKY, [area])])]
