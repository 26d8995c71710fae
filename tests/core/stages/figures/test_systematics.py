"""The figure of systematic errors, once there are any."""

from pathlib import Path

from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext
from core.stages.figures.systematics import figures
from tests.core.stages.analyses import Analysis, small_config


def test_there_is_one_of_all_pairs_and_it_can_be_drawn(joint: Analysis, tmp_path: Path) -> None:
    (figure,) = figures(FigureContext(joint.config, joint.store))
    assert [product.stage for product in figure.inputs] == ["systematics"]
    assert figure.draw(joint.store).axes
    assert figures(FigureContext(small_config(tmp_path), ProductStore(tmp_path))) == []
