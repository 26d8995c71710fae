# mypy: allow-untyped-calls
"""The page of cross sections: every pair's sensitivity, its bands and what others have published."""

from collections.abc import Sequence
from typing import Any

import panel as pn
import pyarrow as pa

from core.errors import DwarfnuError
from core.figures.limits import channel_limits_figure, limits_figure, sensitivities_figure
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.published.limits import PublishedLimit, imported_limits, published_limits
from dashboards.panes import figure_pane, table_pane
from dashboards.state import Selection, product_state
from dashboards.views import caveats_of, page

COLUMNS = (
    "channel",
    "mass",
    "sigma_v_sensitivity",
    "sigma_v_sensitivity_error",
    "sigma_v_band_lo68",
    "sigma_v_band_hi68",
    "sigma_v_band_hi95",
    "lifetime_sensitivity",
    "decay_rate_sensitivity",
    "decay_rate_sensitivity_error",
    "decay_rate_band_lo68",
    "decay_rate_band_hi68",
    "decay_rate_band_hi95",
    "n_s_sensitivity",
    "n_s_sensitivity_error",
    "flux_sensitivity",
    "n_s_per_sigma_v",
    "n_s_per_decay_rate",
    "n_background_trials",
    "statistic",
    "background",
    "hypothesis",
    "limitation",
)


def limits_view(selection: Selection) -> pn.Column:
    """Return the page: the selected channel with its bands, all channels beside each other, every number."""
    return page(
        selection, "Lifetime limits" if _is_of_decay(selection) else "Cross-section limits", _products, _content
    )


def _is_of_decay(selection: Selection) -> bool:
    """Return whether the sensitivity of the selected pair tells decay rates; False where there is none to ask."""
    try:
        product = selection.of_seed("sensitivity")
        columns = selection.store.metadata(product.stage, **dict[str, Any](product.keys))["columns"]
    except DwarfnuError:
        return False
    return "decay_rate_sensitivity" in columns


def _products(selection: Selection) -> Sequence[ProductKey]:
    """The sensitivities of the selected channel, and that of the selected pair even if it is missing."""
    found = selection.store.keys("sensitivity", channel=selection.channel, seed=selection.seed)
    products = [ProductKey("sensitivity", keys) for keys in found]
    return products if selection.of_seed("sensitivity") in products else [*products, selection.of_seed("sensitivity")]


def _content(selection: Selection) -> Sequence[pn.viewable.Viewable]:
    sensitivity = selection.store.read("sensitivity", seed=selection.seed)
    return [
        _figure(selection, sensitivity),
        pn.pane.Markdown("### Every pair of channel and mass"),
        table_pane(_with_state(selection.store, sensitivity), "sensitivity", height=560),
    ]


def _figure(selection: Selection, sensitivity: pa.Table) -> pn.Column:
    caveats = caveats_of(selection.store, selection.of_seed("sensitivity"), sensitivity)
    halo = selection.store.read("halo") if selection.store.keys("halo") else None
    if selection.limits == "channels":
        figure = limits_figure(sensitivity, _comparison(selection.store), caveats, halo)
        return figure_pane(figure, "limits", "Sensitivities of all channels beside published limits")
    if selection.limits == "frame":
        return figure_pane(
            sensitivities_figure(sensitivity, caveats, halo), "sensitivities", "Sensitivities of all channels"
        )
    figure = channel_limits_figure(sensitivity, selection.channel, _comparison(selection.store), caveats, halo)
    return figure_pane(figure, f"limits-{selection.channel}", f"Sensitivity and limits of {selection.channel}")


def _comparison(store: ProductStore) -> tuple[PublishedLimit, ...]:
    """Return the shipped limits of others, and those that were imported."""
    if not store.keys("comparison"):
        return published_limits()
    return (*published_limits(), *imported_limits(store.read("comparison")))


def _with_state(store: ProductStore, sensitivity: pa.Table) -> pa.Table:
    """Return the columns that matter to a reader and, for each row, whether its product is fresh."""
    rows = sensitivity.select(["channel", "mass", "seed"]).to_pylist()
    states = [product_state(store, ProductKey("sensitivity", row))[0].value for row in rows]
    shown = [name for name in COLUMNS if name in sensitivity.column_names]
    return sensitivity.select(shown).append_column("state", pa.array(states, pa.string()))
