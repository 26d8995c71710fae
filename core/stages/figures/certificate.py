"""The figures of whether limits hold, one for each pair that was certified."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.figures import style
from core.products.recipe import ProductKey, path_text
from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext, FigureRecipe

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figures(context: FigureContext) -> list[FigureRecipe]:
    """Return the figures of the pairs whose certificate is fresh; none before `dwarfnu certify`."""
    level = context.config.limits.confidence_levels[0]
    found = []
    for product in (recipe.product for recipe in context.fresh("certificate")):
        name = f"certificate-{product.keys['channel']}-{path_text(product.keys['mass'])}.png"
        caveats = style.sample_caveats(context.config.sample)
        drawing = partial(draw, product=product, confidence_level=level, caveats=caveats)
        found.append(FigureRecipe(name, (product,), drawing))
    return found


def draw(store: ProductStore, product: ProductKey, confidence_level: float, caveats: tuple[str, ...]) -> Figure:
    """Draw coverage and pulls of a pair."""
    from core.figures.certificate import certificate_figure

    return certificate_figure(store.read_product(product), confidence_level, caveats)
