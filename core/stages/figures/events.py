"""The figures of a sample that has events one by one: what was measured beside what its simulation expects.

Only seasons of which the events of all files stand are drawn. Where there are data and simulation, they are compared in
the seasons of which there are both; the simulation is drawn for the livetime of the good runs, or where none are listed
for as many events as the data have, or without data for a year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import pyarrow as pa

from core.events.atmosphere import SHIPPED_FLUX
from core.events.columns import KINDS, Kind
from core.events.cuts import total_cut_flow
from core.events.distributions import NUMBERS, UNKNOWN, EventSums
from core.events.livetime import total_livetime
from core.figures.style import SIMULATED_SAMPLE_CAVEATS
from core.products.recipe import ProductKey, Recipe, State
from core.products.store import ProductStore
from core.stages.event_inputs import has_events
from core.stages.figures.figure import FigureContext, FigureRecipe
from core.stages.registry import EVENT_STAGES, recipes
from core.stages.samples import sample_of
from core.units import DAY

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from core.figures.events import Scale


YEAR = 365.25 * DAY
MOST_SEASONS_NAMED = 3
SEALED = ("reco_azimuth",)  # of blind data there is none
KIND_NAMES: Mapping[Kind, str] = {"data": "data", "mc": "simulation"}
Seasons = Mapping[str, tuple[ProductKey, ...]]


@dataclass(frozen=True)
class _Sample:
    """What of a sample stands: the events of whole seasons by kind, one product a file, and lists of good runs."""

    events: Mapping[Kind, Seasons]
    good_runs: Mapping[str, ProductKey]
    is_drawn: bool = False

    def named(self, seasons: list[str]) -> str:
        """Return what a title calls seasons of the sample."""
        return f"SIMULATED {_named(seasons)}" if self.is_drawn else _named(seasons)

    @property
    def compared(self) -> _Sample:
        """The sample of the seasons of which there are data and simulation; the same if there are none."""
        both = self.events["data"].keys() & self.events["mc"].keys()
        if not both:
            return self
        events = {kind: {s: self.events[kind][s] for s in sorted(both)} for kind in KINDS}
        return _Sample(events, self.good_runs, self.is_drawn)

    def seasons(self, *kinds: Kind) -> list[str]:
        """Return the seasons of events of some kinds, in order."""
        return sorted({season for kind in kinds for season in self.events[kind]})

    @property
    def scale(self) -> Scale:
        """What the simulation is drawn for."""
        data, simulation = self.events["data"].keys(), self.events["mc"].keys()
        if simulation <= self.good_runs.keys() and (not data or data == simulation):
            return "livetime"
        return "data" if data else "year"

    def livetime(self, store: ProductStore, season: str) -> float | None:
        """Return the livetime of a season in s, None without a list of good runs."""
        return total_livetime(store.read_product(self.good_runs[season])) if season in self.good_runs else None

    def products(self, *kinds: Kind) -> tuple[ProductKey, ...]:
        """Return the products that a comparison of some kinds is made from."""
        events = [product for kind in kinds for parts in self.events[kind].values() for product in parts]
        runs = [self.good_runs[season] for season in self.seasons(*kinds) if season in self.good_runs]
        return (*events, *runs)


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the figures of a sample's events: as many as whole seasons of events, good runs and cuts stand for."""
    if not has_events(context.config):
        return []
    store, fresh = context.store, _fresh(context)
    empty = _without_events(store, fresh.get("event_files", []))
    sample = _Sample(
        {kind: _whole_seasons(fresh.get("events", []), kind, empty) for kind in KINDS},
        {str(r.product.keys["season"]): r.product for r, is_fresh in fresh.get("good_runs", []) if is_fresh},
        sample_of(context.config).is_simulated,
    )
    found = _variable_figures(sample.compared) + _sky_figures(sample) + _resolution_figures(sample)
    found += _cut_flow_figures(store, sample, fresh.get("cut_flow", [])) + _livetime_figures(store, sample)
    return [replace(figure, shares=True) for figure in found]  # sums over events are made once for all of them


def _fresh(context: FigureContext) -> dict[str, list[tuple[Recipe, bool]]]:
    """Return the recipes of each stage of events, and whether what they make is fresh."""
    config, store, freshness = context.config, context.store, context.freshness
    return {
        stage: [(recipe, freshness.of(recipe).state is State.FRESH) for recipe in recipes(config, store, stage)]
        for stage in EVENT_STAGES
    }


def _without_events(store: ProductStore, found: list[tuple[Recipe, bool]]) -> set[tuple[str, str]]:
    """Return kind and season of what is known to have no events, by the accounts of its files."""
    accounts = [recipe.product for recipe, is_fresh in found if is_fresh]
    return {
        (str(product.keys["kind"]), str(product.keys["season"]))
        for product in accounts
        if not any(store.read_product(product, ["n_kept"])["n_kept"].to_pylist())
    }


def _whole_seasons(found: list[tuple[Recipe, bool]], kind: Kind, empty: set[tuple[str, str]]) -> Seasons:
    """Return the events of the seasons of a kind of which every part is fresh and that are not empty."""
    seasons: dict[str, list[tuple[Recipe, bool]]] = {}
    for recipe, is_fresh in found:
        if recipe.product.keys["kind"] == kind:
            seasons.setdefault(str(recipe.product.keys["season"]), []).append((recipe, is_fresh))
    return {
        season: tuple(ProductKey("events", recipe.product.keys, part=recipe.part) for recipe, _ in parts)
        for season, parts in sorted(seasons.items())
        if all(is_fresh for _, is_fresh in parts) and (kind, season) not in empty
    }


def _variable_figures(sample: _Sample) -> list[FigureRecipe]:
    """Return the figures of the composition and of each variable, of what kinds of events there are."""
    from core.figures.events import ONLY_SIMULATED

    kinds = tuple(kind for kind in KINDS if sample.events[kind])
    if not kinds:
        return []
    names = [name for name in NUMBERS if "mc" in kinds or name not in (*ONLY_SIMULATED, *SEALED)]
    drawings = {"composition": partial(draw_composition, sample=sample)}
    drawings |= {name.replace("_", "-"): partial(draw_variable, sample=sample, name=name) for name in names}
    return [
        FigureRecipe(f"events-{name}.png", sample.products(*kinds), draw, (SHIPPED_FLUX,))
        for name, draw in drawings.items()
    ]


def draw_composition(store: ProductStore, sample: _Sample) -> Figure:
    """Draw of which seasons, classes, species and interactions the events are."""
    from core.figures.events import composition_figure

    data, simulation = _compared_sums(store, sample)
    title, scale, caveats = _heading(store, sample, simulation)
    return composition_figure(data, simulation, title, scale, caveats)


def draw_variable(store: ProductStore, sample: _Sample, name: str) -> Figure:
    """Draw one variable of data beside the simulation."""
    from core.figures.events import variable_figure

    data, simulation = _compared_sums(store, sample)
    title, scale, caveats = _heading(store, sample, simulation)
    return variable_figure(data, simulation, name, title, scale, caveats)


def _heading(store: ProductStore, sample: _Sample, simulation: EventSums | None) -> tuple[str, Scale, list[str]]:
    """Return title, what the simulation stands for, and what must be said of it."""
    seasons = sample.seasons(*KINDS)
    livetimes = [sample.livetime(store, season) for season in seasons]
    total = sum(livetime or 0.0 for livetime in livetimes)
    title = sample.named(seasons) + ("" if None in livetimes else f": {total / DAY:.4g} days")
    caveats = [_flux_caveat(simulation)] if simulation is not None else []
    if None in livetimes:
        caveats.append("no list of good runs: the livetime is not known")
    return title, sample.scale, caveats


def _flux_caveat(simulation: EventSums) -> str:
    """Return by what rates simulated events are weighted, in words."""
    if simulation.n_own_rates == simulation.n_events:
        return "simulation weighted with the sample's own atmospheric rates, without muons"
    caveat = "simulation weighted with the flux of Honda et al. 2015 and two-flavour oscillation, without muons"
    if UNKNOWN in simulation.distributions["flavour"].total:
        caveat += "; where the species is not told, with the mean flux of all six"
    return caveat + (f"; {simulation.n_own_rates} events have rates of their own" if simulation.n_own_rates else "")


def _named(seasons: list[str]) -> str:
    if len(seasons) > MOST_SEASONS_NAMED:
        return f"{seasons[0]} to {seasons[-1]}, {len(seasons)} seasons"
    return ", ".join(seasons)


def _sky_figures(sample: _Sample) -> list[FigureRecipe]:
    """Return the map of measured events, if there are any."""
    events = tuple(product for parts in sample.events["data"].values() for product in parts)
    return [FigureRecipe("events-sky.png", events, partial(draw_sky, sample=sample))] if events else []


def draw_sky(store: ProductStore, sample: _Sample) -> Figure:
    """Draw where on the sky the measured events are, right ascension scrambled."""
    from core.figures.event_sky import sky_counts_figure

    caveats = ["declination as measured; right ascension drawn by lot until the unblinding"]
    return sky_counts_figure(_sums(store, sample, "data"), sample.named(sample.seasons("data")), caveats=caveats)


def _resolution_figures(sample: _Sample) -> list[FigureRecipe]:
    """Return the figure of the angular error, if there is simulation."""
    if not sample.events["mc"]:
        return []
    drawing = partial(draw_resolution, sample=sample)
    return [FigureRecipe("resolution.png", sample.products("mc"), drawing, (SHIPPED_FLUX,))]


def draw_resolution(store: ProductStore, sample: _Sample) -> Figure:
    """Draw the angle between reconstructed and true direction against energy."""
    from core.figures.resolution import resolution_figure

    tables = ((store.read_product(product), factor) for product, factor in _weighed(store, sample, "mc"))
    return resolution_figure(tables, sample.named(sample.seasons("mc")))


def _cut_flow_figures(store: ProductStore, sample: _Sample, found: list[tuple[Recipe, bool]]) -> list[FigureRecipe]:
    """Return a figure for each kind with a cut flow of which all seasons stand; there may have been no cuts."""
    figures = []
    for kind in KINDS:
        of_kind = [(recipe.product, is_fresh) for recipe, is_fresh in found if recipe.product.keys["kind"] == kind]
        flows = tuple(product for product, _ in of_kind)
        if not flows or not all(is_fresh for _, is_fresh in of_kind):
            continue
        if any(store.read_product(flow).num_rows for flow in flows):
            title = f"{KIND_NAMES[kind]}, {sample.named(sorted(str(flow.keys['season']) for flow in flows))}"
            drawing = partial(draw_cut_flow, flows=flows, title=title)
            figures.append(FigureRecipe(f"cut-flow-{kind}.png", flows, drawing))
    return figures


def draw_cut_flow(store: ProductStore, flows: tuple[ProductKey, ...], title: str) -> Figure:
    """Draw how many events each cut leaves."""
    from core.figures.selection import cut_flow_figure

    return cut_flow_figure(total_cut_flow([store.read_product(flow) for flow in flows]), title)


def _livetime_figures(store: ProductStore, sample: _Sample) -> list[FigureRecipe]:
    """Return the figure of the livetime, if good runs are listed."""
    runs = tuple(product for product in sample.good_runs.values() if store.read_product(product).num_rows)
    caveats = SIMULATED_SAMPLE_CAVEATS[:1] if sample.is_drawn else ()
    return [FigureRecipe("livetime.png", runs, partial(draw_livetime, runs=runs, caveats=caveats))] if runs else []


def draw_livetime(store: ProductStore, runs: tuple[ProductKey, ...], caveats: tuple[str, ...]) -> Figure:
    """Draw how long the detector was live in the good runs."""
    from core.figures.selection import livetime_figure

    return livetime_figure(pa.concat_tables([store.read_product(product) for product in runs]), caveats)


# Sums over events: every variable at once, for all figures of a sample that are drawn one after the other.


@dataclass(frozen=True)
class _Parts:
    """Events to be summed: their products with factors on the rates, told apart by the digests of what they hold."""

    content: tuple[tuple[str, str, float], ...]
    store: ProductStore = field(compare=False)
    products: tuple[tuple[ProductKey, float], ...] = field(compare=False)


def _compared_sums(store: ProductStore, sample: _Sample) -> tuple[EventSums | None, EventSums | None]:
    """Return data and simulation, in the events that the simulation stands for; None where there is none."""
    data, simulation = (_sums(store, sample, kind) if sample.events[kind] else None for kind in KINDS)
    if simulation is not None and data is not None and sample.scale == "data" and simulation.total > 0.0:
        simulation = simulation.scaled(data.n_events / simulation.total)
    return data, simulation


def _weighed(store: ProductStore, sample: _Sample, kind: Kind) -> Iterator[tuple[ProductKey, float]]:
    """Yield each product of events with the time (s) for which its rates count."""
    for season, parts in sample.events[kind].items():
        livetime = sample.livetime(store, season) if sample.scale == "livetime" else YEAR
        for product in parts:
            yield product, YEAR if livetime is None else livetime


def _sums(store: ProductStore, sample: _Sample, kind: Kind) -> EventSums:
    products = tuple(_weighed(store, sample, kind))
    content = tuple((str(product), store.digest(product), factor) for product, factor in products)
    return _summed(_Parts(content, store, products))


@lru_cache(maxsize=4)
def _summed(parts: _Parts) -> EventSums:
    sums = EventSums()
    for product, factor in parts.products:
        sums.add(parts.store.read_product(product), factor)
    return sums
