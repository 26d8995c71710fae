"""The figures of an analysis: which there are, and which products each shows."""

from collections.abc import Callable, Mapping

import pyarrow as pa
from matplotlib.figure import Figure

from core.comparison import SHIPPED_TABLE, published_limits
from core.config import Config
from core.event_figure_recipes import event_figure_recipes
from core.figure_files import Drawing, FigureRecipe
from core.figures import style
from core.figures.energy_range import energy_range_figure
from core.figures.limits import channel_limits_figure, limits_figure, sensitivities_figure
from core.figures.pdf import pdf_figure
from core.figures.sky_maps import sky_maps_figure
from core.figures.source_counts import source_counts_figure
from core.figures.source_pdf import source_pdf_figure
from core.figures.sources import sources_figure
from core.figures.test_statistic import trials_figure
from core.freshness import Freshness
from core.products import ProductStore
from core.recipes import Key, ProductKey, Recipe, State, path_text
from core.stages import recipes
from core.trial_products import read_trials

SOURCES = ProductKey("sources")
PUBLISHED = (SHIPPED_TABLE,)


def figure_recipes(config: Config, store: ProductStore) -> list[FigureRecipe]:
    """Return the figures of an analysis: its events, the sources, the limits, each pair with a fresh sensitivity.

    Of events those of samples that have events one by one.
    """
    events = event_figure_recipes(config, store) if config.has_events else []
    return events + _result_figures(config, store)


def _result_figures(config: Config, store: ProductStore) -> list[FigureRecipe]:
    freshness = Freshness(config, store)
    done = [recipe for recipe in recipes(config, store, "sensitivity") if freshness.of(recipe).state is State.FRESH]
    if not done:
        return []
    figures = [
        FigureRecipe(
            "sources.png", (SOURCES,), "core.figures.sources", lambda s: sources_figure(s.read_product(SOURCES))
        )
    ]
    figures += _limit_figures([recipe.product for recipe in done])
    for recipe in done:
        figures += _pair_figures(store, recipe, style.SAMPLE_CAVEATS[config.sample])
    return figures


def _limit_figures(done: list[ProductKey]) -> list[FigureRecipe]:
    module = "core.figures.limits"
    rows = tuple(done)
    figures = [
        FigureRecipe(
            "limits.png",
            rows,
            module,
            lambda s: limits_figure(_rows(s, rows), published_limits(), style.caveats_of(_rows(s, rows))),
            PUBLISHED,
        ),
        FigureRecipe(
            "sensitivities.png",
            rows,
            module,
            lambda s: sensitivities_figure(_rows(s, rows), caveats=style.caveats_of(_rows(s, rows))),
        ),
    ]
    for channel in dict.fromkeys(str(product.keys["channel"]) for product in done):
        of_channel = tuple(product for product in done if product.keys["channel"] == channel)
        figures.append(
            FigureRecipe(f"limits-{channel}.png", of_channel, module, _channel_drawing(channel, of_channel), PUBLISHED)
        )
    return figures


def _channel_drawing(channel: str, rows: tuple[ProductKey, ...]) -> Drawing:
    def draw(store: ProductStore) -> Figure:
        table = _rows(store, rows)
        return channel_limits_figure(table, channel, published_limits(), style.caveats_of(table))

    return draw


def _pair_figures(store: ProductStore, recipe: Recipe, caveats: tuple[str, ...]) -> list[FigureRecipe]:
    row, inputs = recipe.product, {item.stage: item for item in recipe.inputs}
    pair = {"channel": row.keys["channel"], "mass": row.keys["mass"]}
    name = f"{pair['channel']}-{path_text(pair['mass'])}"
    windows, trials = ProductKey("energy_range", pair), inputs["background_trials"]
    injected = tuple(item for item in recipe.inputs if item.stage == "signal_trials")
    figures = _sky_figures(name, row, pair, caveats) if "ratio_cells" in inputs else []
    counts = ProductKey("source_counts", pair)
    if store.keys(counts.stage, **counts.keys):
        figures.append(
            FigureRecipe(
                f"source-counts-{name}.png",
                (counts,),
                "core.figures.source_counts",
                _of_products(source_counts_figure, (counts,), caveats),
            )
        )
    return [
        *figures,
        _pdf_figure(f"pdf-{name}.png", inputs, pair, caveats),
        FigureRecipe(
            f"energy-range-{name}.png",
            (windows,),
            "core.figures.energy_range",
            _of_products(energy_range_figure, (windows,), caveats),
        ),
        FigureRecipe(
            f"test-statistic-{name}.png",
            (trials, *injected, row),
            "core.figures.test_statistic",
            lambda s: trials_figure(
                read_trials(s, trials),
                pa.concat_tables([read_trials(s, item) for item in injected]),
                s.read_product(row),
            ),
        ),
    ]


def _sky_figures(name: str, row: ProductKey, pair: Mapping[str, Key], caveats: tuple[str, ...]) -> list[FigureRecipe]:
    """Return the maps of signal, background and the ratio of the treatment of the background that the row names."""
    inputs = ProductKey("signal_pdf", pair), SOURCES, row

    def draw(store: ProductStore) -> Figure:
        signal_pdf, sources, sensitivity = map(store.read_product, inputs)
        return sky_maps_figure(signal_pdf, sources, sensitivity["background"][0].as_py(), caveats=caveats)

    return [FigureRecipe(f"sky-{name}.png", inputs, "core.figures.sky_maps", draw)]


def _pdf_figure(
    name: str, inputs: Mapping[str, ProductKey], pair: Mapping[str, Key], caveats: tuple[str, ...]
) -> FigureRecipe:
    if "ratio_cells" in inputs:
        joint = ProductKey("signal_pdf", pair), inputs["ratio_cells"], SOURCES
        return FigureRecipe(name, joint, "core.figures.pdf", _of_products(pdf_figure, joint, caveats))
    own = inputs["source_background_pdf"], inputs["source_signal_pdf"], SOURCES
    drawing = _of_products(source_pdf_figure, own, caveats + style.J_WEIGHTED_CAVEATS)
    return FigureRecipe(name, own, "core.figures.source_pdf", drawing)


def _of_products(figure: Callable[..., Figure], products: tuple[ProductKey, ...], caveats: tuple[str, ...]) -> Drawing:
    return lambda store: figure(*map(store.read_product, products), caveats=caveats)


def _rows(store: ProductStore, products: tuple[ProductKey, ...]) -> pa.Table:
    return pa.concat_tables([store.read_product(product) for product in products])
