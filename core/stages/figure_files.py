"""The file of a figure: a PNG beside the products, and whether the one that stands is fresh.

Its text metadata carry the digest of the products and of the code that it was drawn from.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image, UnidentifiedImageError

from core.configuration.config import Config
from core.products.digests import digest_of_code, digest_of_file, digest_of_parameters
from core.products.recipe import ProductKey, ProductState, State
from core.products.store import ProductStore

DIGEST_KEY = "dwarfnu-digest"
DOTS_PER_INCH = 120
Drawing = Callable[[ProductStore], Figure]


@dataclass(frozen=True)
class FigureRecipe:
    """One PNG: its name, the products it shows, the module of core that draws it, how, and shipped files it shows.

    Another process can draw it if it can be pickled, as a partial function can. `shares`: the figures beside it are
    drawn from the same sums, so that one process draws them all with less work.
    """

    name: str
    inputs: tuple[ProductKey, ...]
    module: str
    draw: Drawing = field(repr=False)
    files: tuple[Path, ...] = ()
    shares: bool = False

    def __str__(self) -> str:
        return f"figure {self.name}"


FigureKinds = Callable[[Config, ProductStore], list[FigureRecipe]]


def figure_digest(store: ProductStore, recipe: FigureRecipe) -> str:
    """Return the digest of the code and the products that a figure is drawn from."""
    files = [digest_of_file(path) for path in recipe.files]
    products = [store.digest(item) for item in recipe.inputs]
    return digest_of_parameters([digest_of_code(recipe.module), DOTS_PER_INCH, files, products])


def figure_state(store: ProductStore, recipe: FigureRecipe) -> ProductState:
    """Return whether the figure that stands shows the products that stand."""
    content = store.read_figure(recipe.name)
    if content is None:
        return ProductState(State.MISSING, "not drawn yet")
    drawn_from = _drawn_from(content)
    if drawn_from is None:
        return ProductState(State.FAILED, "the file is damaged or not a figure of ours")
    if drawn_from != figure_digest(store, recipe):
        return ProductState(State.STALE, "its products or the code that draws it have changed")
    return ProductState(State.FRESH, "as its products are")


def rendered(store: ProductStore, recipe: FigureRecipe) -> bytes:
    """Return a figure as the bytes of a PNG that carries its digest."""
    digest = figure_digest(store, recipe)
    content = BytesIO()
    recipe.draw(store).savefig(content, format="png", dpi=DOTS_PER_INCH, metadata={DIGEST_KEY: digest})
    return content.getvalue()


def _drawn_from(content: bytes) -> str | None:
    try:
        with Image.open(BytesIO(content)) as image:
            image.verify()
            return image.info.get(DIGEST_KEY)
    except (UnidentifiedImageError, OSError, SyntaxError):
        return None
