"""The small images of docs/gallery.md: one figure of each kind, of products that stand.

`python -m docs_reference.gallery CONFIG.toml` draws them; without a configuration those of the public analysis.
"""

import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from core.configuration.config import read_config
from core.figures.kinds import kind_of
from core.products.store import ProductStore
from core.stages.figures import all_figure_recipes, rendered
from core.stages.figures.figure import FigureRecipe

FOLDER = Path(__file__).parents[1] / "docs" / "gallery"
PAIR = "tautau-20"  # shown of what is drawn for each pair, if it is there
WIDTH, N_COLOURS = 860, 256


def main(arguments: Sequence[str]) -> None:
    """Draw the images of the gallery."""
    config = read_config(Path(arguments[0]) if arguments else None)
    store = ProductStore(config.product_root, config.analysis)
    FOLDER.mkdir(exist_ok=True)
    for kind, recipe in chosen(all_figure_recipes(config, store)).items():
        (FOLDER / f"{kind}.png").write_bytes(small(rendered(store, recipe)))


def chosen(recipes: Sequence[FigureRecipe]) -> dict[str, FigureRecipe]:
    """Return one figure of each kind: that of all, else of the pair that is shown, else the first."""
    found: dict[str, FigureRecipe] = {}
    for recipe in sorted(
        recipes, key=lambda one: (one.name.removesuffix(".png") != kind_of(one.name), PAIR not in one.name)
    ):
        found.setdefault(kind_of(recipe.name), recipe)
    return found


def small(content: bytes) -> bytes:
    """Return a PNG no wider than a page of text, in few colours."""
    from PIL import Image

    with Image.open(BytesIO(content)) as image:
        drawn = image.convert("RGB")
        if drawn.width > WIDTH:
            drawn = drawn.resize((WIDTH, round(drawn.height * WIDTH / drawn.width)), Image.Resampling.LANCZOS)
        packed = BytesIO()
        drawn.quantize(N_COLOURS, kmeans=2).save(packed, format="png", optimize=True)
    return packed.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
