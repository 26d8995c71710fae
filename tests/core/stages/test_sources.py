"""The stage `sources`: its recipe follows the catalogue's content, wherever the file lies; the brightest come first."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.configuration.config import Config
from core.errors import InputError
from core.products.recipe import AnnotatedTable, Recipe
from core.products.store import ProductStore
from core.stages.registry import recipes
from core.stages.stage import made_from
from tests.core.stages.analyses import Analysis

CATALOGUE = """source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_j_factor_0.5deg
A,10,20,30,1,18
B,50,-30,80,2,19
"""


def recipe_of(folder: Path, text: str = CATALOGUE, **settings: Any) -> tuple[ProductStore, Recipe]:
    folder.mkdir(exist_ok=True)
    (folder / "mine.csv").write_text(text, encoding="utf-8")
    config = Config(sources={"catalogue": str(folder / "mine.csv"), **settings})
    store = ProductStore(folder / "products")
    (recipe,) = recipes(config, store, "sources")
    return store, recipe


def table_of(store: ProductStore, recipe: Recipe) -> pa.Table:
    made = made_from(store, recipe)
    return made.table if isinstance(made, AnnotatedTable) else made


def test_the_embedded_catalogue_is_known_by_its_content_alone(joint: Analysis) -> None:
    (recipe,) = joint.recipes("sources")
    assert recipe.inputs == ()
    assert recipe.hints == {}
    assert recipe.parameters["embedded"] is True
    assert "/" not in str(recipe.parameters)


def test_galaxies_come_with_the_brightest_first(joint: Analysis) -> None:
    table = joint.table("sources")
    j_factor = table["j_factor"].to_numpy()
    np.testing.assert_allclose(j_factor, 10.0 ** table["log10_j_factor"].to_numpy())
    assert np.all(np.diff(j_factor) <= 0.0)
    assert np.all(np.abs(table["dec"].to_numpy()) <= np.pi / 2.0)


def test_a_catalogue_that_moves_is_the_same_and_one_that_changes_is_not(tmp_path: Path) -> None:
    (_, here), (_, there) = recipe_of(tmp_path / "a"), recipe_of(tmp_path / "b")
    (_, other) = recipe_of(tmp_path / "c", CATALOGUE.replace(",18\n", ",17\n"))
    assert here.digest == there.digest != other.digest
    assert here.hints != there.hints


def test_the_users_own_galaxies_are_taken(tmp_path: Path) -> None:
    table = table_of(*recipe_of(tmp_path))
    assert table["source"].to_pylist() == ["B", "A"]
    np.testing.assert_allclose(np.degrees(table["ra"].to_numpy()), [50.0, 10.0])
    np.testing.assert_allclose(table["j_factor"].to_numpy(), [1e19, 1e18])


def test_how_j_factors_err_changes_no_galaxy(tmp_path: Path) -> None:
    digests = {recipe_of(tmp_path, j_uncertainty=how)[1].digest for how in ("fixed", "profiled")}
    assert len(digests) == 1


def test_a_catalogue_that_is_not_there_is_named(tmp_path: Path) -> None:
    config = Config(sources={"catalogue": str(tmp_path / "nowhere.csv")})
    with pytest.raises(InputError, match=r"cannot read .*nowhere.csv: No such file"):
        recipes(config, ProductStore(tmp_path), "sources")
