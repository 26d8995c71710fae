"""The stage `ratio_cell_sources`: each galaxy's part in the signal of every cell."""

import numpy as np
import pytest

from core.configuration.config import Config
from core.errors import ProductError
from core.products.recipe import Recipe
from core.stages import ratio_cell_sources
from core.stages.stage import made_from
from tests.core.stages.analyses import Analysis


def recipe_of(joint: Analysis, **changes: object) -> Recipe:
    """The recipe for the cells of the analysis with J factors fixed, which are the same."""
    (recipe,) = ratio_cell_sources.recipes(joint.config, joint.store)
    return Recipe(recipe.product, recipe.code, {**recipe.parameters, **changes}, recipe.inputs)


def test_the_galaxies_together_are_the_signal_of_each_cell(joint: Analysis) -> None:
    made = made_from(joint.store, recipe_of(joint))
    cells = joint.table("ratio_cells")
    parts = np.array(made["source_signal"].to_pylist())
    assert parts.shape == (cells.num_rows, joint.table("sources").num_rows)
    assert parts.min() >= 0.0
    total = parts.sum()
    np.testing.assert_allclose(parts.sum(axis=1) / total, cells["signal_probability"].to_numpy(), rtol=1e-6, atol=1e-9)
    expected = joint.table("acceptance")["source_weight"].to_numpy()
    np.testing.assert_allclose(parts.sum(axis=0) / total, expected, rtol=1e-4)


def test_other_cells_are_refused(joint: Analysis) -> None:
    with pytest.raises(ProductError, match=r"cells of the sources, .* ratio cells: make these again"):
        made_from(joint.store, recipe_of(joint, n_cells=32))


def test_only_trials_that_draw_j_factors_need_it() -> None:
    assert not ratio_cell_sources.STAGE.applies(Config())
    assert ratio_cell_sources.STAGE.applies(Config(sources={"j_uncertainty": "marginalised"}))
