"""Plots: axes by what is drawn, columns by name, legends that switch."""

import numpy as np
import pytest

from dashboards import plots


def test_axes_are_of_the_kind_that_is_asked_for() -> None:
    made = plots.plot("limits", "mass [GeV]", "⟨σv⟩", x_log=True)
    assert type(made.xaxis[0]).__name__ == "LogAxis"
    assert type(made.yaxis[0]).__name__ == "LinearAxis"
    assert type(plots.plot("pairs", "", "", x_range=["5", "20"]).xaxis[0]).__name__ == "CategoricalAxis"


def test_a_picture_is_saved_under_the_name_of_its_plot() -> None:
    (save,) = [tool for tool in plots.plot("limits-bb", "", "").toolbar.tools if type(tool).__name__ == "SaveTool"]
    assert save.filename == "limits-bb"


def test_a_source_keeps_numbers_and_texts() -> None:
    held = plots.source("s", x=[1.0, 2.0], text=["a", "b"])
    assert held.name == "s"
    np.testing.assert_array_equal(held.data["x"], [1.0, 2.0])
    assert held.data["text"] == ["a", "b"]


def test_steps_are_boxes_between_edges() -> None:
    boxes = plots.steps([0.0, 1.0, 3.0], [5.0, 7.0])
    np.testing.assert_array_equal(boxes["right"] - boxes["left"], [1.0, 2.0])


def test_a_legend_is_on_where_all_is_shown() -> None:
    made = plots.plot("p", "", "")
    drawn = [made.line([0], [0]), made.line([0], [0], visible=False)]
    boxes = plots.legend([("seen", "red", drawn[:1]), ("not seen", "blue", drawn)]).object.children
    assert {box.label: box.active for box in boxes} == {"seen": True, "not seen": False}


@pytest.mark.parametrize(("unit", "text"), [("cm3 s-1", "cm³ s⁻¹"), ("GeV2 cm-5", "GeV² cm⁻⁵"), ("", "")])
def test_units_are_printed_with_powers(unit: str, text: str) -> None:
    assert plots.unit_text(unit) == text
