"""Which figures an analysis has, and which products each shows; what draws them takes tables and knows no store."""

from core.configuration.config import Config
from core.products.store import ProductStore
from core.stages.figures import counts, events, limits, observed, pairs, robustness, sources
from core.stages.figures.figure import FigureContext, FigureKind, FigureKinds, FigureRecipe, figure_state, rendered

__all__ = [
    "FIGURE_KINDS",
    "FigureContext",
    "FigureKind",
    "FigureKinds",
    "FigureRecipe",
    "event_figure_recipes",
    "figure_recipes",
    "figure_state",
    "observed_figure_recipes",
    "rendered",
]

# In the order in which they are drawn.
FIGURE_KINDS: tuple[FigureKind, ...] = (
    events.figures,
    sources.figures,
    limits.figures,
    counts.figures,
    observed.figures,
    robustness.figures,
    pairs.figures,
)


def figure_recipes(config: Config, store: ProductStore) -> list[FigureRecipe]:
    """Return the figures of an analysis: its events, the sources, the limits, each pair with a fresh sensitivity."""
    context = FigureContext(config, store)
    return [figure for kind in FIGURE_KINDS for figure in kind(context)]


def event_figure_recipes(config: Config, store: ProductStore) -> list[FigureRecipe]:
    """Return the figures of a sample's events, of a sample that has events one by one."""
    return events.figures(FigureContext(config, store))


def observed_figure_recipes(config: Config, store: ProductStore) -> list[FigureRecipe]:
    """Return the figures of an observed sky, once it is unblinded."""
    return observed.figures(FigureContext(config, store))
