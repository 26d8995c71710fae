"""The spectra of an analysis are drawn once a pair has a result."""

from pathlib import Path

import numpy as np

from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext
from core.stages.figures.spectra import figures
from tests.core.stages.analyses import CHANNEL, MASS, Analysis, small_config


def test_the_pairs_of_the_analysis_are_drawn_and_no_others(joint: Analysis, tmp_path: Path) -> None:
    assert figures(FigureContext(small_config(tmp_path), ProductStore(tmp_path))) == []
    (recipe,) = figures(FigureContext(joint.config, joint.store))
    assert [(one.stage, dict(one.keys)) for one in recipe.inputs] == [("spectra", {"channel": CHANNEL, "mass": MASS})]
    drawn = recipe.draw(joint.store).axes[0].get_lines()[0]
    rows = joint.table("spectra").to_pandas().query("flavour == 'numu' and dn_de > 0 and energy >= @MASS * 1e-3")
    np.testing.assert_allclose(drawn.get_ydata(), rows["energy"] * rows["dn_de"])
