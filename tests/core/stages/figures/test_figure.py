"""The file of a figure: it says from which products it was drawn, and whether these still stand."""

from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from core.products.recipe import ProductKey, State
from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext, FigureRecipe, figure_digest, figure_state, rendered
from core.stages.figures.words import DIGEST_KEY
from tests.core.stages.analyses import Analysis, small_config
from tests.small_analysis import sources, write

SOURCES = ProductKey("sources")


def draw(store: ProductStore, colour: str = "black") -> Figure:
    """Draw how many galaxies there are."""
    figure = Figure(figsize=(1.0, 1.0))
    figure.subplots().bar([0], [store.read_product(SOURCES).num_rows], color=colour)
    return figure


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ProductStore, FigureRecipe]:
    """A store with sources, and the figure of their number."""
    monkeypatch.setattr("core.stages.figures.figure.digest_of_code", lambda name: name)
    store = ProductStore(tmp_path)
    write(store, SOURCES, sources())
    return store, FigureRecipe("sources-number.png", (SOURCES,), partial(draw))


def test_a_figure_is_missing_fresh_stale_or_damaged(drawn: tuple[ProductStore, FigureRecipe]) -> None:
    store, recipe = drawn
    assert figure_state(store, recipe).state is State.MISSING
    store.write_figure(recipe.name, rendered(store, recipe))
    assert figure_state(store, recipe).state is State.FRESH
    write(store, SOURCES, sources().slice(0, 3))
    assert figure_state(store, recipe).state is State.STALE
    store.write_figure(recipe.name, b"no PNG")
    assert figure_state(store, recipe).state is State.FAILED


def test_a_png_of_somebody_else_is_no_figure_of_ours(drawn: tuple[ProductStore, FigureRecipe]) -> None:
    store, recipe = drawn
    content = BytesIO()
    Image.new("RGB", (4, 4)).save(content, format="png")
    store.write_figure(recipe.name, content.getvalue())
    assert figure_state(store, recipe).reason == "the file is damaged or not a figure of ours"


def test_a_png_carries_the_digest_of_what_it_shows(drawn: tuple[ProductStore, FigureRecipe]) -> None:
    store, recipe = drawn
    with Image.open(BytesIO(rendered(store, recipe))) as image:
        assert image.format == "PNG"
        assert image.info[DIGEST_KEY] == figure_digest(store, recipe)


def test_how_it_is_drawn_and_shipped_files_count(drawn: tuple[ProductStore, FigureRecipe], tmp_path: Path) -> None:
    store, recipe = drawn
    shipped = tmp_path / "shipped.csv"
    shipped.write_text("1\n")
    red = FigureRecipe("sources-number.png", (SOURCES,), partial(draw, colour="red"))
    beside = FigureRecipe("sources-number.png", (SOURCES,), partial(draw), (shipped,))
    digests = [figure_digest(store, one) for one in (recipe, red, beside)]
    shipped.write_text("2\n")
    assert len({*digests, figure_digest(store, beside)}) == 4
    assert str(recipe) == "figure sources-number.png"


def test_results_are_the_sensitivities_that_are_fresh(joint: Analysis, tmp_path: Path) -> None:
    context = FigureContext(joint.config, joint.store)
    assert [recipe.product.stage for recipe in context.results] == ["sensitivity"]
    nothing = small_config(tmp_path)
    assert FigureContext(nothing, ProductStore(tmp_path)).results == []
    trials = joint.config.trials.model_copy(update={"n_signal": 600})
    other = joint.config.model_copy(update={"trials": trials})
    assert FigureContext(other, joint.store).results == []
