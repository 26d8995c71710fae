"""Which figures an analysis has, and which products each shows; what draws them takes tables and knows no store.

A run draws those of all pairs together. Those of single pairs, which are many, are drawn when they are asked for, and
then kept up to date by every run.
"""

from core.configuration.config import Config
from core.products.store import ProductStore
from core.stages.figures import (
    certificate,
    counts,
    events,
    limits,
    observed,
    pairs,
    robustness,
    sources,
    spectra,
    systematics,
)
from core.stages.figures.figure import FigureContext, FigureKind, FigureKinds, FigureRecipe, figure_state, rendered
from core.stages.freshness import Freshness

__all__ = [
    "FIGURE_KINDS",
    "FigureContext",
    "FigureKind",
    "FigureKinds",
    "FigureRecipe",
    "all_figure_recipes",
    "event_figure_recipes",
    "figure_recipes",
    "figure_state",
    "observed_figure_recipes",
    "rendered",
]

# Those of all pairs together, in the order in which they are drawn; after them come those of single pairs.
FIGURE_KINDS: tuple[FigureKind, ...] = (
    events.figures,
    sources.figures,
    spectra.figures,
    limits.figures,
    counts.figures,
    observed.figures,
    robustness.figures,
    systematics.figures,
    certificate.figures,
)


def figure_recipes(config: Config, store: ProductStore, freshness: Freshness | None = None) -> list[FigureRecipe]:
    """Return the figures that a run draws: of all pairs together, and those of single pairs that stand."""
    context = FigureContext(config, store, freshness)
    drawn = store.figures()
    of_pairs = [figure for figure in pairs.figures(context) if figure.name in drawn] if drawn else []
    return [figure for kind in FIGURE_KINDS for figure in kind(context)] + of_pairs


def all_figure_recipes(config: Config, store: ProductStore, freshness: Freshness | None = None) -> list[FigureRecipe]:
    """Return all figures of an analysis, those of each pair with a fresh sensitivity among them."""
    context = FigureContext(config, store, freshness)
    return [figure for kind in (*FIGURE_KINDS, pairs.figures) for figure in kind(context)]


def event_figure_recipes(config: Config, store: ProductStore, freshness: Freshness | None = None) -> list[FigureRecipe]:
    """Return the figures of a sample's events, of a sample that has events one by one."""
    return events.figures(FigureContext(config, store, freshness))


def observed_figure_recipes(
    config: Config, store: ProductStore, freshness: Freshness | None = None
) -> list[FigureRecipe]:
    """Return the figures of an observed sky, once it is unblinded."""
    return observed.figures(FigureContext(config, store, freshness))
