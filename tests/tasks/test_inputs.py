"""What the spectra task reads: nothing in vacuum, the sources behind the Earth's matter."""

from typing import Any

import pyarrow as pa
import pytest
from tasks.inputs import spectra

from core.configuration.config import Config
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.spectra import Directions, spectra_table
from core.stages.registry import recipes

SOURCES = pa.table({"dec": [0.5, -1.0], "j_factor": [1e19, 2e19]})


class StoreOfSources(ProductStore):
    """A store that holds the sources and nothing else."""

    def read(self, stage: str, *_: Any, **__: Any) -> pa.Table:
        assert stage == "sources"
        return SOURCES


def only_recipe(tmp_path, **spectra_settings: Any) -> tuple[ProductStore, Config, Recipe]:
    config = Config(pairs={"tautau": (8.0,)}, spectra=spectra_settings)
    store = StoreOfSources(str(tmp_path))
    (recipe,) = recipes(config, store, "spectra")
    return store, config, recipe


def test_vacuum_needs_no_sources(tmp_path) -> None:
    store, config, recipe = only_recipe(tmp_path)
    assert recipe.inputs == ()
    assert spectra(store, config, recipe).equals(spectra_table("tautau", 8.0))


def test_the_earth_stands_before_each_source(tmp_path) -> None:
    store, config, recipe = only_recipe(tmp_path, earth_matter=True)
    assert recipe.inputs == (ProductKey("sources"),)
    directions = Directions((-0.479425538604203, 0.8414709848078965), (1e19, 2e19))
    found, expected = spectra(store, config, recipe), spectra_table("tautau", 8.0, behind_earth=directions)
    assert found["dn_de"].to_numpy(zero_copy_only=False) == pytest.approx(
        expected["dn_de"].to_numpy(zero_copy_only=False), rel=1e-9, nan_ok=True
    )
