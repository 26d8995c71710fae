"""What the three pages share: a page is drawn from the selection, or says what is missing and how to make it."""

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import pyarrow as pa

from core.configuration.samples import PUBLIC_SAMPLE
from core.errors import DwarfnuError
from core.figures import style
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.published.imported import IMPORTED_CAVEATS, is_imported
from core.stages.samples import SAMPLES
from dashboards.panes import freshness_pane, notice, provenance_pane
from dashboards.state import Selection

Products = Callable[[Selection], Sequence[ProductKey]]
Content = Callable[[Selection], Sequence[pn.viewable.Viewable]]


def page(selection: Selection, subject: str, shown: Products, content: Content) -> pn.Column:
    """Return title, freshness of the products, content and, on demand, provenance; a notice where there is nothing.

    `shown` and `content` are asked only once there is a pair to select.
    """
    store = selection.store
    if not selection.channel:
        return pn.Column(nothing_yet(selection), sizing_mode="stretch_width")
    products = shown(selection)
    missing = [product.stage for product in products if not store.keys(product.stage, **product.keys)]
    parts: list[object] = [f"## {subject}: {selection.channel}, {selection.mass:g} GeV"]
    if any(is_simulated(sample_of(store, product)) for product in products):
        parts.append(notice("**Simulated events**: drawn from a response, not measured by any detector.", "warning"))
    parts.append(freshness_pane(store, products))
    if missing:
        parts.append(
            notice(f"Not made yet: {', '.join(dict.fromkeys(missing))}. **`dwarfnu run`** makes what is missing.")
        )
        return pn.Column(*parts, sizing_mode="stretch_width")
    try:
        parts += content(selection)
    except DwarfnuError as error:
        parts.append(notice(f"**Cannot show this:** {error}", "danger"))
    if selection.provenance:
        parts.append(provenance_pane(store, products))
    return pn.Column(*parts, sizing_mode="stretch_width")


def stands_imported(store: ProductStore, product: ProductKey) -> bool:
    """Return whether a product stands and came from files of the published analysis."""
    try:
        return is_imported(store.metadata(product.stage, **dict[str, Any](product.keys))["recipe"])
    except DwarfnuError:
        return False


def caveats_of(store: ProductStore, product: ProductKey, sensitivity: pa.Table | None = None) -> tuple[str, ...]:
    """Return what a figure of a product must say: that it was imported, or what holds of the sample and statistic."""
    if stands_imported(store, product):
        return IMPORTED_CAVEATS
    return style.sample_caveats(sample_of(store, product)) if sensitivity is None else style.caveats_of(sensitivity)


def sample_of(store: ProductStore, product: ProductKey) -> str:
    """Return the sample that a product says it is of; the public one where it says none, or is not there."""
    try:
        found = store.metadata(product.stage, **dict[str, Any](product.keys)).get("sample")
    except DwarfnuError:
        found = None
    return str(found or PUBLIC_SAMPLE)


def is_simulated(sample: str) -> bool:
    """Return whether a sample is drawn; one that is not known here is not."""
    return sample in SAMPLES and SAMPLES[sample].is_simulated


def nothing_yet(selection: Selection) -> pn.pane.Alert:
    """Return what a person sees before anything has been run."""
    store = selection.store
    return notice(
        f"### Nothing to show yet\n\nThere are no products under `{store.root / store.analysis}`.\n\n"
        "Run **`dwarfnu run`** in a terminal. This page looks for new products every two seconds and fills by itself."
    )
