"""Bars of systematic errors reach from shift to shift, in per cent, causes first and sums last."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ProductError
from core.figures.systematics import systematics_figure
from tests.figure_boxes import badly_placed

TABLE = pa.table(
    {
        "channel": ["bb", "bb", "bb", "tautau"],
        "mass": [50.0, 50.0, 50.0, 20.0],
        "cause": ["total", "detector_envelope", "ice_absorption", "ice_absorption"],
        "shift_lo": [-0.12, -0.1, -0.03, -0.02],
        "shift_hi": [0.15, 0.1, 0.04, 0.05],
        "note": ["", "", "approximate", "approximate"],
    }
)


def test_bars_are_the_shifts_and_sums_come_last() -> None:
    figure = systematics_figure(TABLE)
    (axes,) = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["total", "all of the detector at once", "absorption of light in the ice"]
    ends = [np.array([segment[:, 0] for segment in bars.get_segments()]) for bars in axes.collections]
    np.testing.assert_allclose(ends[0], [[-12.0, 15.0]])
    np.testing.assert_allclose(ends[2], [[-3.0, 4.0], [-2.0, 5.0]])
    assert [text.get_text() for text in axes.texts] == ["15.0 %", "10.0 %", "5.0 %"]
    assert badly_placed(figure) == []


def test_no_rows_are_refused() -> None:
    with pytest.raises(ProductError, match="no systematic errors"):
        systematics_figure(TABLE.slice(0, 0))
