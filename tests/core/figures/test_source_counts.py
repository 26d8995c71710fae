"""The figure of counts by source shows the numbers of the product, the brightest source on top."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ProductError
from core.figures.source_counts import source_counts_figure
from tests.figure_boxes import badly_placed, extent
from tests.small_analysis import source_counts

SHARE, BACKGROUND, ANGLE = range(3)
LEAST_GAP = 10.0  # dots, a letter's width


def of_pair() -> pa.Table:
    counts = source_counts()
    keys = {"channel": ["bb"] * counts.num_rows, "mass": [20.0] * counts.num_rows}
    return pa.table(keys | {name: counts[name] for name in counts.column_names})


def test_every_source_has_its_numbers() -> None:
    figure = source_counts_figure(of_pair())
    names = [label.get_text() for label in figure.axes[SHARE].get_yticklabels()]
    counts = source_counts().to_pandas().set_index("source").loc[names]
    shown = [panel.lines[0].get_xdata() for panel in figure.axes]
    assert counts["n_signal_in_angle_per_sigma_v"].is_monotonic_increasing
    assert np.sum(shown[SHARE]) == pytest.approx(1.0)
    np.testing.assert_allclose(shown[BACKGROUND], counts["n_background_in_angle"])
    np.testing.assert_allclose(shown[ANGLE], np.degrees(counts["opening_angle"]))
    assert figure.get_suptitle().endswith("reconstructed 5.62 to 56.2 GeV")


def test_no_counts_are_refused() -> None:
    with pytest.raises(ProductError, match="no counts by source"):
        source_counts_figure(of_pair().slice(0, 0))


@pytest.mark.parametrize("n_background", [17.7, 1_770.0, 17_700.0, 1_770_000.0])
def test_numbers_on_the_axes_stand_apart(n_background: float) -> None:
    table = of_pair()
    place = table.schema.get_field_index("n_background_in_angle")
    many = table.set_column(place, "n_background_in_angle", pa.array(np.full(table.num_rows, n_background)))
    figure = source_counts_figure(many)
    assert badly_placed(figure) == []
    boxes = [extent(label) for label in figure.axes[BACKGROUND].get_xticklabels() if label.get_text()]
    along = sorted((box.x0, box.x1) for box in boxes)
    assert len(along) > 2
    assert all(left - right > LEAST_GAP for (_, right), (left, _) in pairwise(along)), "numbers run into each other"
