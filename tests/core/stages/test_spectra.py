"""What spectra are made from: nothing in vacuum, the sources behind the Earth's matter."""

from typing import Any

import pyarrow as pa
import pytest

from core.configuration.config import Config
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.spectra import Directions, spectra_table
from core.stages.registry import recipes
from core.stages.stage import made_from

SOURCES = pa.table({"dec": [0.5, -1.0], "j_factor": [1e19, 2e19]})


def only_recipe(tmp_path, **spectra_settings: Any) -> tuple[ProductStore, Recipe]:
    config = Config(pairs={"tautau": (8.0,)}, spectra=spectra_settings)
    store = ProductStore(tmp_path)
    store.write(Recipe(ProductKey("sources"), "core.units"), SOURCES)
    (recipe,) = recipes(config, store, "spectra")
    return store, recipe


def test_vacuum_needs_no_sources(tmp_path) -> None:
    store, recipe = only_recipe(tmp_path)
    assert recipe.inputs == ()
    assert made_from(store, recipe).equals(spectra_table("tautau", 8.0))


def test_the_earth_stands_before_each_source(tmp_path) -> None:
    store, recipe = only_recipe(tmp_path, earth_matter=True)
    assert recipe.inputs == (ProductKey("sources"),)
    directions = Directions((-0.479425538604203, 0.8414709848078965), (1e19, 2e19))
    found, expected = made_from(store, recipe), spectra_table("tautau", 8.0, behind_earth=directions)
    assert found["dn_de"].to_numpy(zero_copy_only=False) == pytest.approx(
        expected["dn_de"].to_numpy(zero_copy_only=False), rel=1e-9, nan_ok=True
    )
