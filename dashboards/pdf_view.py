# mypy: allow-untyped-calls
"""The page of probability densities of one (channel, mass) pair."""

from collections.abc import Sequence

import panel as pn
import pyarrow as pa

from core.dark_matter.processes import process_of, strength_column
from core.figures import style
from core.figures.pdf import pdf_figure
from core.figures.sky_maps import sky_maps_figure
from core.figures.source_pdf import source_pdf_figure
from core.products.recipe import ProductKey, path_text
from dashboards.panes import figure_pane, table_pane
from dashboards.state import Selection
from dashboards.views import page, sample_of

STAGES = {
    "joint": ("signal_pdf", "ratio_cells", "acceptance"),
    "j_weighted": ("source_background_pdf", "source_signal_pdf", "acceptance"),
}
COUNTS = ("n_background_in_angle", "opening_angle")
SCALARS = ("n_events", "n_s_uncertainty", "fisher_information", "fisher_information_loss")


def pdf_view(selection: Selection) -> pn.Column:
    """Return the page: densities on the sky, in energy and in the likelihood's cells, or about single sources."""
    return page(selection, "Probability densities", _products, _content)


def _products(selection: Selection) -> Sequence[ProductKey]:
    return [ProductKey("sources"), *(selection.of_pair(stage) for stage in STAGES[selection.statistic()])]


def _content(selection: Selection) -> Sequence[pn.viewable.Viewable]:
    statistic, name = selection.statistic(), f"pdf-{selection.channel}-{path_text(selection.mass)}"
    stages = STAGES[statistic]
    first, second, acceptance = (selection.store.read_product(selection.of_pair(stage)) for stage in stages)
    sources = selection.store.read_product(ProductKey("sources"))
    caveats = style.SAMPLE_CAVEATS[sample_of(selection.store, selection.of_pair(stages[0]))]
    if statistic == "joint":
        figure = pdf_figure(first, second, sources, caveats)
    else:
        of_skies = style.J_WEIGHTED_CAVEATS if selection.shares_one_sky() else style.SEPARATE_SKIES_CAVEATS
        figure = source_pdf_figure(first, second, sources, caveats + of_skies)
    fit = [pn.pane.Markdown("### The fit of this pair"), table_pane(_scalars(second), f"{name}-fit")]
    pair = f"{selection.channel} at {selection.mass:g} GeV"
    return [
        figure_pane(figure, name, f"Signal and background densities of {pair}"),
        *([_sky_maps(selection, first, sources, pair, caveats), *fit] if statistic == "joint" else []),
        pn.pane.Markdown("### Sources and their share of the signal"),
        table_pane(_by_source(acceptance, sources, _counts(selection)), f"{name}-sources"),
    ]


def _sky_maps(
    selection: Selection, signal_pdf: pa.Table, sources: pa.Table, pair: str, caveats: tuple[str, ...]
) -> pn.Column:
    figure = sky_maps_figure(signal_pdf, sources, selection.background(), caveats=caveats)
    name = f"sky-{selection.channel}-{path_text(selection.mass)}"
    return figure_pane(figure, name, f"Signal, background and their ratio over the sky, {pair}")


def _counts(selection: Selection) -> pa.Table | None:
    """Return the counts by source, None where there are none: pages of older products do without."""
    product = selection.of_pair("source_counts")
    return selection.store.read_product(product) if selection.store.keys(product.stage, **product.keys) else None


def _scalars(cells: pa.Table) -> pa.Table:
    there = [name for name in SCALARS if name in cells.column_names]
    return cells.select(there).slice(0, 1)


def _by_source(acceptance: pa.Table, sources: pa.Table, counts: pa.Table | None) -> pa.Table:
    """Return one row a source, the largest share of the signal first."""
    factor, per_strength = f"log10_{process_of(sources).factor}", strength_column(acceptance, "n_s_per_{}")
    columns = ["source", factor, "source_weight", per_strength, f"{per_strength}_error", "dec", "ra"]
    joined = acceptance.drop_columns([name for name in ("channel", "mass") if name in acceptance.column_names])
    joined = joined.join(sources.select(["source", factor, "dec", "ra"]), keys="source")
    if counts is not None:
        joined = joined.join(counts.select(["source", *COUNTS]), keys="source")
        columns[3:3] = COUNTS
    return joined.select(columns).sort_by([("source_weight", "descending")])
