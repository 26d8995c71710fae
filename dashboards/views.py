"""What the three pages share: a page is drawn from the selection, or says what is missing and how to make it."""

from collections.abc import Callable, Sequence

import panel as pn

from core.errors import DwarfnuError
from core.recipes import ProductKey
from dashboards.panes import freshness_pane, notice, provenance_pane
from dashboards.state import Selection

Content = Callable[[Selection], Sequence[pn.viewable.Viewable]]


def page(selection: Selection, title: str, products: Sequence[ProductKey], content: Content) -> pn.Column:
    """Return title, freshness of the products, content and, on demand, provenance; a notice where there is nothing."""
    store = selection.store
    if not selection.channel:
        return pn.Column(nothing_yet(selection), sizing_mode="stretch_width")
    missing = [product.stage for product in products if not store.keys(product.stage, **product.keys)]
    parts: list[object] = [f"## {title}"]
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


def pair_title(selection: Selection, subject: str) -> str:
    """Return a title that names the selected pair."""
    return f"{subject}: {selection.channel}, {selection.mass:g} GeV" if selection.channel else subject


def nothing_yet(selection: Selection) -> pn.pane.Alert:
    """Return what a person sees before anything has been run."""
    store = selection.store
    return notice(
        f"### Nothing to show yet\n\nThere are no products under `{store.root / store.analysis}`.\n\n"
        "Run **`dwarfnu run`** in a terminal. This page looks for new products every two seconds and fills by itself."
    )
