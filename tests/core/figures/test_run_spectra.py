"""What is drawn of spectra is what their table says."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ProductError
from core.figures.run_spectra import run_spectra_figure
from tests.figure_boxes import badly_placed, under_legends

ENERGY = [1.0, 5.0, 20.0]
DENSITY, PRODUCED = [3.0, 1.0, 0.1], [2.0, 0.5, 0.2]


def rows(channel: str, mass: float, weight: float | None = None) -> pa.Table:
    """Three energies of the continuum, of two species, and a line at the mass where it has a weight."""
    lines = [] if weight is None else [weight]
    n_lines = len(lines)
    real = pa.float64()
    one = {
        "channel": [channel] * (3 + n_lines),
        "mass": [mass] * (3 + n_lines),
        "energy": [*ENERGY, *[mass] * n_lines],
        "dn_de": pa.array([*DENSITY, *[None] * n_lines], real),
        "dn_de_production": pa.array([*PRODUCED, *[None] * n_lines], real),
        "is_line": [False] * 3 + [True] * n_lines,
        "line_weight": pa.array([None] * 3 + lines, real),
        "line_weight_production": pa.array([None] * 3 + lines, real),
    }
    return pa.concat_tables([pa.table({**one, "flavour": [name] * (3 + n_lines)}) for name in ("numu", "nue")])


def test_a_channel_has_a_panel_with_what_arrives_and_what_is_made() -> None:
    figure = run_spectra_figure(pa.concat_tables([rows("tautau", 20.0), rows("bb", 50.0)]))
    of_b, of_taus = figure.axes[:2]
    at_earth, made = of_taus.get_lines()
    np.testing.assert_allclose(at_earth.get_ydata(), np.multiply(ENERGY, DENSITY))
    np.testing.assert_allclose(made.get_ydata(), np.multiply(ENERGY, PRODUCED))
    assert len(of_b.get_lines()) == 2
    assert [text.get_text() for text in figure.axes[2].get_legend().get_texts()][2:] == ["20 GeV", "50 GeV"]
    assert not badly_placed(figure)
    assert not under_legends(figure)


def test_a_line_is_an_arrow_of_its_weight_over_a_hundredth_of_its_energy() -> None:
    figure = run_spectra_figure(rows("nunu", 20.0, weight=0.3))
    (arrow,) = [line for line in figure.axes[0].get_lines() if line.get_marker() == "^"]
    assert (arrow.get_xdata()[0], arrow.get_ydata()[0]) == (20.0, pytest.approx(0.3 / 0.01))
    assert figure.axes[0].get_ylim()[1] > 30.0


def test_no_rows_are_refused() -> None:
    with pytest.raises(ProductError, match="no spectra to draw"):
        run_spectra_figure(rows("bb", 50.0).slice(0, 0))
