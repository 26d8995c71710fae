"""Figures of an observed sky: none before the unblinding, and what was not measured says so after it."""

from pathlib import Path

import pytest

from core.configuration.config import Config
from core.products.store import ProductStore
from core.stages.figures.figure import FigureContext
from core.stages.figures.observed import figures
from tests.core.stages.analyses import Analysis
from tests.made_analysis import made_analysis, unblinded


def test_before_the_unblinding_there_is_none(joint: Analysis) -> None:
    assert figures(FigureContext(joint.config, joint.store)) == []


@pytest.mark.slow
def test_a_drawn_sky_is_labelled_in_both(tmp_path: Path) -> None:
    trials = {"n_background": 4000, "n_signal": 1000}
    limits = {"n_common_skies": 200, "drawn_sky": 3, "confidence_levels": (0.9, 0.95)}
    config = Config(products=str(tmp_path), pairs={"tautau": (20.0,)}, trials=trials, limits=limits)
    store = made_analysis(config)
    unblinded(config, store)
    found = figures(FigureContext(config, ProductStore(tmp_path)))
    assert [recipe.name for recipe in found] == ["observed.png", "upper-limits.png", "upper-limits-tautau.png"]
    assert {"halo", "robustness"} < {product.stage for product in found[2].inputs}, "no limit stands alone"
    for recipe in found:
        figure = recipe.draw(store)
        text = " ".join(item.get_text() for item in figure.findobj(lambda item: hasattr(item, "get_text")))
        assert "DRAWN SKY" in text
        beside = ("without contested galaxies, expected", "+ NFW halo at one ⟨σv⟩, expected")
        assert recipe.name == "observed.png" or all(line in text for line in beside)
    limit = store.read("upper_limit", confidence_level=0.9)["sigma_v_upper_limit"][0].as_py()
    for recipe in found[1:]:
        assert any(list(line.get_ydata()) == [limit] for line in recipe.draw(store).axes[0].lines)
