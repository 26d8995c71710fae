"""The figure of densities shows the probabilities of the products: on the sky, in angle, in energy, in ratio cells."""

import numpy as np
import pyarrow as pa
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import StepPatch

from core.errors import ProductError
from core.figures.pdf import pdf_figure
from tests.small_analysis import ENERGY_EDGES, ratio_cells, signal_pdf, sources

SKY, _COLOUR_BAR, ANGLES, ENERGIES, RATIO = range(5)


@pytest.fixture(scope="module")
def panels() -> list[Axes]:
    return pdf_figure(signal_pdf(), ratio_cells(), sources()).axes


def steps(axes: Axes) -> dict[str, StepPatch]:
    return {str(patch.get_label()): patch for patch in axes.patches if isinstance(patch, StepPatch)}


def test_the_map_shows_signal_over_background(panels: list[Axes]) -> None:
    drawn = panels[SKY].images[0].get_array()
    table = signal_pdf()
    pixels = table["pixel"].to_numpy()
    signal, background = (
        np.bincount(pixels, table[name].to_numpy()) for name in ("signal_probability", "background_probability")
    )
    assert drawn.max() == pytest.approx((signal / background).max())


def test_the_brightest_source_is_named(panels: list[Axes]) -> None:
    brightest = sources().sort_by([("j_factor", "descending")])["source"][0].as_py()
    assert brightest in [text.get_text() for text in panels[SKY].texts]
    assert panels[ANGLES].get_xlabel() == f"angle to {brightest} [°]"


@pytest.mark.parametrize("name", ["signal, cascade", "signal, track", "background, cascade", "background, track"])
def test_energies_and_angles_hold_all_probability(panels: list[Axes], name: str) -> None:
    table = signal_pdf()
    kind, event_class = name.split(", ")
    of_class = np.array(table["event_class"].to_pylist()) == event_class
    total = table[f"{kind}_probability"].to_numpy()[of_class].sum()
    shares, edges, _ = steps(panels[ENERGIES])[name].get_data()
    assert shares.sum() == pytest.approx(total)
    np.testing.assert_allclose(edges, ENERGY_EDGES)
    density, degrees, _ = steps(panels[ANGLES])[name].get_data()
    solid_angle = -2.0 * np.pi * np.diff(np.cos(np.radians(degrees)))
    assert np.nansum(density * solid_angle) == pytest.approx(1.0, abs=0.03)


def test_the_cells_are_those_of_the_product(panels: list[Axes]) -> None:
    cells = ratio_cells()
    background, signal = panels[RATIO].lines[:2]
    np.testing.assert_allclose(background.get_xdata(), cells["ratio"].to_numpy() - 1.0)
    np.testing.assert_allclose(signal.get_ydata(), cells["signal_probability"].to_numpy())


def test_empty_tables_and_missing_columns_are_refused() -> None:
    with pytest.raises(ProductError, match="ratio_cells has no rows"):
        pdf_figure(signal_pdf(), ratio_cells().slice(0, 0), sources())
    with pytest.raises(ProductError, match="'background_probability'"):
        pdf_figure(signal_pdf().drop_columns(["background_probability"]), ratio_cells(), sources())


def test_an_energy_without_background_can_be_drawn() -> None:
    table = signal_pdf()
    low = table["reco_energy_low"].to_numpy()
    empty = np.where(low == low.max(), 0.0, table["background_probability"].to_numpy())
    table = table.set_column(table.column_names.index("background_probability"), "background_probability", [empty])
    assert len(pdf_figure(table, ratio_cells(), sources()).axes) == 5


def test_one_class_alone_can_be_drawn() -> None:
    table = signal_pdf()
    tracks = table.filter(pa.array([name == "track" for name in table["event_class"].to_pylist()]))
    assert set(steps(pdf_figure(tracks, ratio_cells(), sources()).axes[ENERGIES])) == {
        "signal, track",
        "background, track",
    }


def test_cells_of_two_ratios_are_added_up_where_the_first_is_nearly_the_same() -> None:
    cells = ratio_cells()
    halves = pa.concat_tables([cells, cells])
    halves = halves.append_column("ratio_beside", pa.array(np.repeat([0.5, 1.5], cells.num_rows)))
    ratio = pdf_figure(signal_pdf(), halves, sources()).axes[RATIO]
    background = next(line for line in ratio.lines if str(line.get_label()).startswith("background"))
    assert len(background.get_ydata()) <= 64
    assert np.nansum(background.get_ydata()) == pytest.approx(2.0)
