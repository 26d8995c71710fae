"""The figure of counts by source shows the numbers of the product, the brightest source on top."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ProductError
from core.figures.source_counts import source_counts_figure
from tests.small_analysis import source_counts

SHARE, BACKGROUND, ANGLE = range(3)


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
