"""The figure of the galaxies stands once there is a result."""

from pathlib import Path

from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext
from core.stages.figures.sources import SOURCES, figures
from tests.core.stages.analyses import Analysis, small_config


def test_galaxies_are_drawn_once_there_is_a_result(joint: Analysis, tmp_path: Path) -> None:
    assert figures(FigureContext(small_config(tmp_path), ProductStore(tmp_path))) == []
    (figure,) = figures(FigureContext(joint.config, joint.store))
    assert (figure.name, figure.inputs) == ("sources.png", (SOURCES,))
    assert figure.draw(joint.store).axes
