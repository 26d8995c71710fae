"""The figure of an observed sky: signed roots and p-values, each where the table has them."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ProductError
from core.figures.observed_sky import observed_figure

COLUMNS = ("channel", "mass", "test_statistic_signed", "p_value", "p_value_global")
ROWS = [
    ("bb", 50.0, 9.0, 1.3e-3, 0.02),
    ("bb", 20.0, -4.0, 1.0, 1.0),
    ("tautau", 20.0, 1.0, 0.16, 0.6),
]
OBSERVED = pa.table(dict(zip(COLUMNS, zip(*ROWS, strict=True), strict=True)))


def test_points_stand_where_the_table_has_them_in_order_of_mass() -> None:
    left, right = observed_figure(OBSERVED, ()).axes
    np.testing.assert_allclose(left.lines[0].get_xydata(), [[20.0, -2.0], [50.0, 3.0]])
    np.testing.assert_allclose(right.lines[0].get_xydata(), [[20.0, 1.0], [50.0, 1.3e-3]])
    np.testing.assert_allclose(right.lines[1].get_xydata(), [[20.0, 1.0], [50.0, 0.02]])


def test_the_lines_of_sigmas_are_one_sided_p_values() -> None:
    _, right = observed_figure(OBSERVED, ()).axes
    heights = {text.get_text(): text.get_position()[1] for text in right.texts}
    assert heights["1σ"] == pytest.approx(0.158655, rel=1e-5)
    assert heights["3σ"] == pytest.approx(1.349898e-3, rel=1e-5)
    assert "5σ" not in heights


def test_what_is_no_measurement_is_said() -> None:
    figure = observed_figure(OBSERVED, ("DRAWN SKY",))
    assert any("DRAWN SKY" in text.get_text() for text in figure.texts)


def test_an_empty_table_names_the_way_out() -> None:
    with pytest.raises(ProductError, match="dwarfnu unblind"):
        observed_figure(OBSERVED.slice(0, 0), ())
