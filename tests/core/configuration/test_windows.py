"""Windows by edges or by name, and the grid on which windows of single events are scanned."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from core.configuration.windows import MOST_STEPS, EnergyRangeSettings, WindowSetting

WINDOW: TypeAdapter[Any] = TypeAdapter(WindowSetting)


def test_a_window_is_two_edges_or_a_name() -> None:
    assert WINDOW.validate_python([5, 30]) == (5.0, 30.0)
    assert WINDOW.validate_python("published") == "published"
    assert WINDOW.validate_python("optimal") == "optimal"


@pytest.mark.parametrize("window", [(30, 5), (-1, 5), (5, 5), (5,), (1, 2, 3), "best", 5, (5, "10")])
def test_anything_else_is_none(window: object) -> None:
    with pytest.raises(ValidationError):
        WINDOW.validate_python(window)


def test_the_grid_ends_on_a_step() -> None:
    assert EnergyRangeSettings(step_gev=0.5, highest_gev=100.0).step_gev == 0.5
    for step, highest in ((3.0, 100.0), (0.01, 100.0), (100.0 / (MOST_STEPS + 1), 100.0)):
        with pytest.raises(ValidationError, match="a whole number of steps, at most 1000"):
            EnergyRangeSettings(step_gev=step, highest_gev=highest)
