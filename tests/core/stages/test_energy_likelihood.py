"""The stage `energy_likelihood`: one product an analysis, which says what its lists are of."""

import numpy as np
import pytest

from core.configuration.config import Config
from core.pdfs.energy_cells import energy_cells_of_table
from core.stages.energy_likelihood import STAGE
from core.stages.registry import recipes, stages_of
from core.stages.stage import make_product
from tests.core.stages.analyses import Analysis


def test_it_is_of_statistics_with_one_likelihood() -> None:
    assert STAGE.name in stages_of(Config(), "export")
    assert STAGE.name not in stages_of(Config(statistic={"name": "j_weighted"}), "export")


@pytest.mark.slow
def test_the_product_says_which_templates_its_lists_are_of(joint: Analysis) -> None:
    (recipe,) = recipes(joint.config, joint.store, STAGE.name)
    make_product(STAGE, joint.store, recipe)
    templates = joint.store.metadata("energy_likelihood")["remarks"]["templates"]
    cells = energy_cells_of_table(joint.table("energy_likelihood"), templates)
    assert cells.excess.shape == (len(templates), len(cells.background))
    assert np.isclose(cells.events.sum(), 40_902)
