"""Figures of limits: all channels, and each by itself, once there is a result."""

from pathlib import Path

from core.products.store import ProductStore
from core.published.limits import SHIPPED_TABLE
from core.stages.figures.figure import FigureContext
from core.stages.figures.limits import figures
from tests.core.stages.analyses import CHANNEL, Analysis, small_config


def test_there_are_none_before_a_result(tmp_path: Path) -> None:
    assert figures(FigureContext(small_config(tmp_path), ProductStore(tmp_path))) == []


def test_all_channels_and_each_are_drawn_from_the_fresh_rows(any_statistic: Analysis) -> None:
    found = {figure.name: figure for figure in figures(FigureContext(any_statistic.config, any_statistic.store))}
    assert set(found) == {"limits.png", "sensitivities.png", f"limits-{CHANNEL}.png"}
    rows = tuple(recipe.product for recipe in any_statistic.recipes("sensitivity"))
    assert all(set(map(str, rows)) <= set(map(str, figure.inputs)) for figure in found.values())
    assert found["limits.png"].files == found[f"limits-{CHANNEL}.png"].files == (SHIPPED_TABLE,)
    assert found["sensitivities.png"].files == ()


def test_a_channel_is_named_on_its_figure(joint: Analysis) -> None:
    found = {figure.name: figure for figure in figures(FigureContext(joint.config, joint.store))}
    drawn = found[f"limits-{CHANNEL}.png"].draw(joint.store)
    said = " ".join(text.get_text() for text in drawn.findobj(lambda item: hasattr(item, "get_text")))
    assert r"\tau" in said
    assert "⟨σv⟩" in said
