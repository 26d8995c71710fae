"""The figure of what sensitivities hang on: of all pairs whose variants are fresh."""

from pathlib import Path

from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext
from core.stages.figures.robustness import figures
from tests.core.stages.analyses import Analysis, small_config


def test_it_stands_once_variants_do(joint: Analysis, tmp_path: Path) -> None:
    assert figures(FigureContext(small_config(tmp_path), ProductStore(tmp_path))) == []
    (figure,) = figures(FigureContext(joint.config, joint.store))
    assert figure.name == "robustness.png"
    assert [product.stage for product in figure.inputs] == ["sources", "source_information", "robustness"]


def test_the_brightest_galaxies_are_named_with_their_shares(joint: Analysis) -> None:
    (recipe,) = figures(FigureContext(joint.config, joint.store))
    drawn = recipe.draw(joint.store)
    labels = [label.get_text() for label in drawn.axes[0].get_yticklabels()]
    shares = dict(
        zip(*(joint.table("source_information")[n].to_pylist() for n in ("source", "slope_share")), strict=True)
    )
    largest = max(shares, key=lambda name: shares[name])
    assert any(label.startswith(largest) and f"{shares[largest]:.1%}" in label for label in labels)
