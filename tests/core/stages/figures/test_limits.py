"""Figures of limits: all channels, and each by itself, once there is a result."""

from pathlib import Path

from core.configuration.limits import LimitSettings
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.published.limit_files import read_comparison
from core.published.limits import SHIPPED_TABLE, experiments
from core.stages.figures.figure import FigureContext
from core.stages.figures.limits import Others, figures
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


def test_experiments_are_chosen_and_imported_limits_are_always_shown(joint: Analysis, tmp_path: Path) -> None:
    store = ProductStore(tmp_path, joint.store.analysis)
    imported = tmp_path / f"{CHANNEL}{CHANNEL}_MINE_2026_GC_CL90.csv"
    imported.write_text("mass,sigma_v\n10,1e-23\n100,2e-23\n", encoding="utf-8")
    product = read_comparison(imported).products[0]
    store.write(Recipe(product.key, "core.published.limit_files", {}), product.table)
    (stands,) = (ProductKey("comparison", keys) for keys in store.keys("comparison"))
    everyone, one, none = (Others((stands,), names).of(store) for names in (None, ("VERITAS",), ()))
    assert {limit.experiment for limit in everyone} == {*experiments(), "MINE"}
    assert {limit.experiment for limit in one} == {"VERITAS", "MINE"}
    assert [(limit.experiment, limit.channel, limit.sigma_v.tolist()) for limit in none] == [
        ("MINE", CHANNEL, [1e-23, 2e-23])
    ]


def test_the_figures_show_the_experiments_of_the_configuration(joint: Analysis) -> None:
    chosen = joint.config.model_copy(update={"limits": LimitSettings(comparison=("VERITAS",))})
    said = {}
    for config in (joint.config, chosen):
        (figure,) = (f for f in figures(FigureContext(config, joint.store)) if f.name == f"limits-{CHANNEL}.png")
        drawn = figure.draw(joint.store)
        said[config is chosen] = " ".join(t.get_text() for t in drawn.findobj(lambda item: hasattr(item, "get_text")))
    assert "IceCube/DeepCore" in said[False]
    assert "IceCube/DeepCore" not in said[True]
