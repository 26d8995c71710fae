"""The figure of energy windows shows each window relative to the best one; best, plateau and published are marked."""

import numpy as np
import pyarrow as pa
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from core.errors import ProductError
from core.figures.energy_range import BEST_COLOUR, PUBLISHED_COLOUR, energy_range_figure
from core.signal.energy_range import energy_range_of_histograms

EDGES = np.array([5.0, 10.0, 20.0, 40.0])


def of_pair(table: pa.Table, channel: str, mass: float) -> pa.Table:
    keys = {"channel": pa.array([channel] * table.num_rows), "mass": pa.array([mass] * table.num_rows)}
    return pa.table(keys | {name: table[name] for name in table.column_names})


def windows(channel: str = "bb", mass: float = 20.0) -> pa.Table:
    """Six windows over three bins; the one from 10 to 20 GeV is the best, that from 5 to 10 GeV a quarter as good."""
    return of_pair(energy_range_of_histograms(EDGES, np.array([1.0, 4.0, 0.5]), np.ones(3)), channel, mass)


def fine_windows(channel: str = "tautau", mass: float = 20.0) -> pa.Table:
    """500 bins of 1 GeV, as many background events in each, signal from 10 to 30 GeV."""
    signal = np.where((np.arange(500) >= 10) & (np.arange(500) < 30), 1.0, 0.0)
    return of_pair(energy_range_of_histograms(np.arange(501.0), signal, np.ones(500)), channel, mass)


def middles(axes: Axes) -> dict[str, list[float]]:
    """Column and row of the squares that are framed, by colour."""
    frames = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    return {
        to_hex(frame.get_edgecolor()).upper(): [
            frame.get_x() + frame.get_width() / 2.0,
            frame.get_y() + frame.get_height() / 2.0,
        ]
        for frame in frames
    }


def signs(axes: Axes) -> dict[str, list[float]]:
    """Column and row of the signs, by colour."""
    return {
        str(line.get_markeredgecolor()): [float(line.get_xdata()[0]), float(line.get_ydata()[0])] for line in axes.lines
    }


def legend(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def outline(axes: Axes) -> list[list[list[float]]]:
    (lines,) = (found for found in axes.collections if isinstance(found, LineCollection))
    return sorted(np.sort(segment, axis=0).tolist() for segment in lines.get_segments())


def test_windows_stand_by_their_edges() -> None:
    axes = energy_range_figure(windows()).axes[0]
    shares = np.ma.masked_invalid(axes.images[0].get_array())
    assert shares[1, 1] == 1.0
    assert shares[0, 0] == 0.25
    assert np.ma.getmaskarray(shares)[0, 1]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["5", "10", "20"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["10", "20", "40"]
    assert sorted(text.get_text() for text in axes.texts) == ["100", "12", "25", "79", "80", "88"]


def test_the_best_and_the_published_window_are_framed_and_named() -> None:
    axes = energy_range_figure(windows()).axes[0]
    assert middles(axes)[BEST_COLOUR] == pytest.approx([1.0, 1.0])
    assert axes.get_title(loc="left").endswith("best 10 to 20 GeV")
    assert middles(axes)[PUBLISHED_COLOUR] == pytest.approx([0.0, 1.0])  # 0 to 18 GeV, widened to 5 to 20
    assert "published: 0 to 18 GeV" in legend(axes)


def test_the_plateau_is_outlined() -> None:
    square = [[[0.5, 0.5], [0.5, 1.5]], [[0.5, 0.5], [1.5, 0.5]], [[0.5, 1.5], [1.5, 1.5]], [[1.5, 0.5], [1.5, 1.5]]]
    assert outline(energy_range_figure(windows()).axes[0]) == square


@pytest.mark.parametrize(("channel", "mass"), [("nuenue", 20.0), ("bb", 25.0), ("nunu", 300.0)])
def test_a_window_that_was_not_published_or_lies_elsewhere_is_not_marked(channel: str, mass: float) -> None:
    axes = energy_range_figure(windows(channel, mass)).axes[0]
    assert PUBLISHED_COLOUR not in middles(axes)
    assert len(legend(axes)) == 2


def test_many_windows_are_one_image_cut_to_where_they_are_good() -> None:
    axes = energy_range_figure(fine_windows()).axes[0]
    assert axes.images[0].get_array().shape == (500, 500)
    assert not axes.texts
    assert len(axes.collections) == 1
    assert signs(axes) == {BEST_COLOUR: [10.0, 29.0], PUBLISHED_COLOUR: [0.0, 29.0]}
    assert all(line.get_transform() == axes.transData for line in axes.lines)
    assert axes.get_ylim() == (-0.5, 72.5)
    places = dict(zip(axes.get_xticks(), (label.get_text() for label in axes.get_xticklabels()), strict=True))
    assert places[10] == "10"
    assert places[20] == "20"
    tops = dict(zip(axes.get_yticks(), (label.get_text() for label in axes.get_yticklabels()), strict=True))
    assert tops[29] == "30"


def test_uneven_edges_have_names_too() -> None:
    edges = np.geomspace(1.0, 100.0, 41)
    table = energy_range_of_histograms(edges, np.linspace(1.0, 2.0, 40), np.ones(40))
    axes = energy_range_figure(of_pair(table, "bb", 20.0)).axes[0]
    assert 3 <= len(axes.get_xticks()) <= 10
    for place, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        assert float(label.get_text()) == pytest.approx(edges[int(place)], rel=5e-3)


def test_no_windows_are_refused() -> None:
    with pytest.raises(ProductError, match="no energy windows"):
        energy_range_figure(windows().slice(0, 0))
    with pytest.raises(ProductError, match="is_plateau"):
        energy_range_figure(windows().drop_columns(["is_plateau"]))
