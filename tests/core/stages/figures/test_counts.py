"""The figure of the fitted counts stands once the fit does."""

from pathlib import Path

from core.products.store import ProductStore
from core.stages.figures.counts import figures
from core.stages.figures.figure import FigureContext
from tests.core.stages.analyses import N_EVENTS, Analysis, small_config


def test_it_is_drawn_from_expectation_and_fit(joint: Analysis, tmp_path: Path) -> None:
    assert figures(FigureContext(small_config(tmp_path), ProductStore(tmp_path))) == []
    (figure,) = figures(FigureContext(joint.config, joint.store))
    assert figure.name == "atmospheric-fit.png"
    assert [product.stage for product in figure.inputs] == ["atmospheric_expectation", "atmospheric_fit"]


def test_measured_points_are_the_counts(joint: Analysis) -> None:
    (recipe,) = figures(FigureContext(joint.config, joint.store))
    drawn = recipe.draw(joint.store)
    points = [line.get_ydata() for axes in drawn.axes[:2] for line in axes.lines if len(line.get_ydata()) == 8]
    assert sum(sum(values) for values in points) == N_EVENTS
