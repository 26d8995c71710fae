"""What travels to an engine and back: places, recipes, names."""

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from core.configuration.config import read_config
from core.errors import ProductError
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.registry import recipes
from tasks.elsewhere import Engine, Place, engine_at_work, make_there, working_on


def small(root: Path) -> tuple[Recipe, Place]:
    """The recipe of the sources of the public analysis, and where it is made."""
    config = read_config(None, products=str(root))
    (recipe,) = recipes(config, ProductStore(root, config.analysis), "sources")
    return recipe, Place(str(root), config.analysis, config.sample)


def test_a_recipe_travels_and_makes_the_same_product_there(tmp_path: Path) -> None:
    recipe, here = small(tmp_path / "here")
    _, there = small(tmp_path / "there")
    travelled = pickle.loads(pickle.dumps(recipe))
    assert travelled == recipe
    assert make_there(here, recipe) == make_there(there, travelled) == str(recipe)
    digests = {ProductStore(place.root, place.analysis).digest(recipe.product) for place in (here, there)}
    assert len(digests) == 1


def test_what_stands_is_not_made_again_there(tmp_path: Path) -> None:
    recipe, place = small(tmp_path)
    make_there(place, recipe)
    path = Path(ProductStore(tmp_path, place.analysis).path("sources"))
    before = path.stat().st_ino, path.stat().st_mtime_ns
    make_there(place, recipe)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == before


def test_errors_of_ours_come_back_in_their_own_words(tmp_path: Path) -> None:
    recipe, place = small(tmp_path)
    with pytest.raises(ProductError, match="no product response") as caught:
        make_there(place, replace(recipe, inputs=(ProductKey("response"),)))
    back = pickle.loads(pickle.dumps(caught.value))
    assert (type(back), str(back)) == (ProductError, str(caught.value))


def test_an_engine_is_at_work_while_its_context_lasts() -> None:
    class Idle:
        def make(self, place: Place, recipe: Recipe) -> None:
            """Nothing."""

    engine: Engine = Idle()
    with working_on(engine):
        assert engine_at_work() is engine
    assert engine_at_work() is None
