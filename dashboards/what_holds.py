"""What holds for every number of an analysis: its sample, its statistic, whether it was imported or drawn."""

from typing import Any

import pyarrow as pa

from core.errors import DwarfnuError
from core.products.recipe import ProductKey
from core.published.imported import IMPORTED_CAVEATS, is_imported
from dashboards.view import View


def caveats_of(view: View, table: pa.Table | None = None) -> tuple[str, ...]:
    """Return what a page or figure must say of what it shows: that it was imported, or what holds of the sample."""
    from core.figures import style

    if _is_imported(view):
        return IMPORTED_CAVEATS
    return style.caveats_of(table) if table is not None else style.sample_caveats(sample_of(view))


def sample_of(view: View) -> str:
    """Return the sample that the products of the analysis say they are of; the public one where none says it."""
    for stage in ("sensitivity", "acceptance", "response", "sources"):
        for product in view.snapshot.of(stage)[:1]:
            if said := _metadata(view, product).get("sample"):
                return str(said)
    return "public-3y"


def is_simulated(view: View) -> bool:
    """Return whether the sample is drawn from a response."""
    return sample_of(view).startswith("simulated")


def _is_imported(view: View) -> bool:
    for stage in ("background_trials", "sensitivity"):
        for product in view.snapshot.of(stage)[:1]:
            return is_imported(_metadata(view, product).get("recipe", {}))
    return False


def _metadata(view: View, product: ProductKey) -> dict[str, Any]:
    try:
        return view.store.metadata(product.stage, **dict[str, Any](product.keys))
    except DwarfnuError:
        return {}
