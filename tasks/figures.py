"""Tasks that draw: each reads products, calls one function of core.figures and leaves one PNG beside the products.

A PNG carries the digest of the products and of the code that it was drawn from, and is not drawn again while they are
the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from time import perf_counter

import pyarrow as pa
from matplotlib.figure import Figure
from PIL import Image, UnidentifiedImageError
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State as PrefectState
from prefect.states import Completed

from core.comparison import published_limits
from core.config import Config
from core.digests import digest_of_code, digest_of_parameters
from core.figures.energy_range import energy_range_figure
from core.figures.limits import channel_limits_figure, limits_figure, sensitivities_figure
from core.figures.pdf import pdf_figure
from core.figures.sources import sources_figure
from core.figures.test_statistic import trials_figure
from core.products import ProductStore
from core.recipes import ProductKey, path_text
from tasks.caching import product_store
from tasks.ledger import LEDGER

DIGEST_KEY = "dwarfnu-digest"
SOURCES = ProductKey("sources")
Drawing = Callable[[ProductStore], Figure]


@dataclass(frozen=True)
class FigureRecipe:
    """One PNG: its name, the products it shows, the module of core that draws it, and how."""

    name: str
    inputs: tuple[ProductKey, ...]
    module: str
    draw: Drawing = field(repr=False)

    def __str__(self) -> str:
        return f"figure {self.name}"


@task(name="figure", task_run_name="{recipe}", cache_policy=NO_CACHE, persist_result=False)
def draw_figure(config: Config, recipe: FigureRecipe) -> PrefectState[str]:
    """Draw one figure, unless the one that stands shows the same products."""
    store = product_store(config)
    begin = perf_counter()
    digest = digest_of_parameters([digest_of_code(recipe.module), *(store.digest(item) for item in recipe.inputs)])
    outcome = "Cached" if _drawn_from(store.read_figure(recipe.name)) == digest else "Computed"
    try:
        if outcome == "Computed":
            content = BytesIO()
            recipe.draw(store).savefig(content, format="png", dpi=120, metadata={DIGEST_KEY: digest})
            store.write_figure(recipe.name, content.getvalue())
    except Exception:
        outcome = "Failed"
        raise
    finally:
        LEDGER.note("figures", str(recipe), outcome, begin, perf_counter())
    return Completed(name=outcome, data=recipe.name)


def _drawn_from(content: bytes | None) -> str | None:
    if content is None:
        return None
    try:
        with Image.open(BytesIO(content)) as image:
            image.verify()
            return str(image.info.get(DIGEST_KEY))
    except (UnidentifiedImageError, OSError, SyntaxError):
        return None


def figure_recipes(config: Config, store: ProductStore) -> list[FigureRecipe]:
    """Return the figures of an analysis: the sources, the limits, and those of each pair that has a sensitivity."""
    done = [
        ProductKey("sensitivity", keys)
        for keys in store.keys("sensitivity", seed=config.seed)
        if (keys["channel"], keys["mass"]) in config.channel_masses
    ]
    if not done:
        return []
    figures = [
        FigureRecipe(
            "sources.png", (SOURCES,), "core.figures.sources", lambda s: sources_figure(s.read_product(SOURCES))
        )
    ]
    figures += _limit_figures(done)
    for row in done:
        figures += _pair_figures(store, row)
    return figures


def _limit_figures(done: list[ProductKey]) -> list[FigureRecipe]:
    module = "core.figures.limits"
    rows = tuple(done)
    figures = [
        FigureRecipe("limits.png", rows, module, lambda s: limits_figure(_rows(s, rows), published_limits())),
        FigureRecipe("sensitivities.png", rows, module, lambda s: sensitivities_figure(_rows(s, rows))),
    ]
    for channel in dict.fromkeys(str(product.keys["channel"]) for product in done):
        of_channel = tuple(product for product in done if product.keys["channel"] == channel)
        figures.append(FigureRecipe(f"limits-{channel}.png", of_channel, module, _channel_drawing(channel, of_channel)))
    return figures


def _channel_drawing(channel: str, rows: tuple[ProductKey, ...]) -> Drawing:
    return lambda store: channel_limits_figure(_rows(store, rows), channel, published_limits())


def _pair_figures(store: ProductStore, row: ProductKey) -> list[FigureRecipe]:
    pair = {"channel": row.keys["channel"], "mass": row.keys["mass"]}
    name = f"{pair['channel']}-{path_text(pair['mass'])}"
    cells, density, windows = (ProductKey(stage, pair) for stage in ("ratio_cells", "signal_pdf", "energy_range"))
    trials = ProductKey("background_trials", row.keys)
    injected = tuple(
        ProductKey("signal_trials", keys) for keys in store.keys("signal_trials", **pair, seed=row.keys["seed"])
    )
    return [
        FigureRecipe(
            f"pdf-{name}.png",
            (density, cells, SOURCES),
            "core.figures.pdf",
            lambda s: pdf_figure(s.read_product(density), s.read_product(cells), s.read_product(SOURCES)),
        ),
        FigureRecipe(
            f"energy-range-{name}.png",
            (windows,),
            "core.figures.energy_range",
            lambda s: energy_range_figure(s.read_product(windows)),
        ),
        FigureRecipe(
            f"test-statistic-{name}.png",
            (trials, *injected, row),
            "core.figures.test_statistic",
            lambda s: trials_figure(s.read_product(trials), _rows(s, injected), s.read_product(row)),
        ),
    ]


def _rows(store: ProductStore, products: tuple[ProductKey, ...]) -> pa.Table:
    return pa.concat_tables([store.read_product(product) for product in products])
