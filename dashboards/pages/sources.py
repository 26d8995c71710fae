# mypy: allow-untyped-calls
"""The page of sources: where the dwarf galaxies are, how bright they are, and how much of the result each carries."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from core.dark_matter.processes import FACTOR_SYMBOLS, process_of, strength_column
from core.products.recipe import ProductKey
from dashboards import plots
from dashboards.panes import heading, listed, paper_figure, recipe_of, table_pane, words
from dashboards.sky_plots import sky_frame
from dashboards.view import View
from dashboards.what_holds import caveats_of


def content(view: View) -> Sequence[Any]:
    """Return the galaxies on the sky, their J or D factors with errors, and their shares of signal and result."""
    product = ProductKey("sources")
    (sources,) = view.need(product)
    joined, products = joined_sources(view, sources), [product, view.of_pair("acceptance")]
    recipe = recipe_of(view, *(item for item in products if view.has(item)))
    parts = [
        heading("On the sky: larger dots carry more of the signal"),
        plots.pane(_sky(joined)),
        heading(f"{_symbol(sources)} factors with their errors"),
        plots.pane(_factors(joined)),
        words("Orange: a galaxy whose brightness is contested."),
        heading("Every galaxy"),
        table_pane(joined, f"sources-{view.pair_name}", recipe, 620),
    ]
    robustness = view.of_pair("robustness")
    if view.has(robustness):
        parts += [heading("The sensitivity without some of them, and under other assumptions")]
        table = view.store.read_product(robustness)
        parts += [
            table_pane(
                table.select(["variant", strength_column(table, "{}_sensitivity"), "ratio"]),
                f"robustness-{view.pair_name}",
                recipe_of(view, robustness),
                700,
            )
        ]
    return [*parts, listed(caveats_of(view)[:1]), paper_figure("sources", lambda: _paper(sources))]


def joined_sources(view: View, sources: pa.Table) -> pa.Table:
    """Return one row a galaxy, the largest share of the signal first, with the columns that the pair's products add."""
    factor = process_of(sources).factor
    columns = ["source", f"log10_{factor}", f"log10_{factor}_error_low", f"log10_{factor}_error_high", "ra", "dec"]
    columns += ["distance_kpc", "half_light_radius", "contested_by", "reference"]
    joined, order = sources.select([name for name in columns if name in sources.column_names]), f"log10_{factor}"
    names = joined.column_names
    for stage, wanted in (
        ("acceptance", ["source_weight", "n_s_per_{}"]),
        ("source_information", ["slope_share"]),
        ("source_counts", ["opening_angle", "n_background_in_angle"]),
    ):
        if not view.has(view.of_pair(stage)):
            continue
        table = view.store.read_product(view.of_pair(stage))
        added = [strength_column(table, name) if "{}" in name else name for name in wanted]
        if stage == "acceptance":
            order = "source_weight"
        joined = joined.join(table.select(["source", *added]), keys="source")
        names[1:1] = added
    return joined.select(names).sort_by([(order, "descending")])


def _symbol(sources: pa.Table) -> str:
    return FACTOR_SYMBOLS[process_of(sources).factor]


def _columns(joined: pa.Table) -> dict[str, Any]:
    factor = "log10_d_factor" if "log10_d_factor" in joined.column_names else "log10_j_factor"
    share = (
        joined["source_weight"].to_numpy()
        if "source_weight" in joined.column_names
        else np.full(joined.num_rows, np.nan)
    )
    low, high = (
        joined[f"{factor}_error_{end}"].cast(pa.float64()).to_numpy(zero_copy_only=False) for end in ("low", "high")
    )
    value = joined[factor].to_numpy()
    contested = (
        [bool(said) for said in joined["contested_by"].to_pylist()]
        if "contested_by" in joined.column_names
        else [False] * joined.num_rows
    )
    return {
        "source": joined["source"].to_pylist(), "share": share,
        "factor": value, "low": value - low, "high": value + high,
        "ra": np.rad2deg(joined["ra"].to_numpy()), "dec": np.rad2deg(joined["dec"].to_numpy()),
        "size": 6.0 + 40.0 * np.sqrt(np.nan_to_num(share)), "reference": joined["reference"].to_pylist(),
        "colour": [plots.ORANGE if is_contested else plots.BLUE for is_contested in contested],
    }  # fmt: skip


def _sky(joined: pa.Table) -> Any:
    made = sky_frame("sources-sky", 440)
    dots = made.scatter(
        "ra", "dec", size="size", color="colour", alpha=0.6, source=plots.source("sources-sky", **_columns(joined))
    )
    tips = {
        "source": "@source",
        "log₁₀ factor": "@factor{0.00}",
        "share of the signal": "@share{0.0 %}",
        "at": "@ra{0.0}°, @dec{0.0}°",
    }
    plots.hover(made, [dots], tips)
    return made


def _factors(joined: pa.Table) -> Any:
    columns = _columns(joined)
    order = np.argsort(columns["factor"]).tolist()
    names = [columns["source"][place] for place in order]
    decays = "log10_d_factor" in joined.column_names
    label = "log₁₀ of the D factor [GeV cm⁻²]" if decays else "log₁₀ of the J factor [GeV² cm⁻⁵]"
    made = plots.plot("sources-factors", label, "", height=60 + 19 * len(names), y_range=names)
    held = plots.source("sources-factors", **columns)
    made.segment("low", "source", "high", "source", source=held, color="colour", line_width=2)
    dots = made.scatter("factor", "source", source=held, color="colour", size=8)
    plots.hover(
        made, [dots], {"source": "@source", "log₁₀": "@factor{0.00} (@low{0.00} to @high{0.00})", "paper": "@reference"}
    )
    return made


def _paper(sources: pa.Table) -> Any:
    from core.figures.sources import sources_figure

    return sources_figure(sources)
