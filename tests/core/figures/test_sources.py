"""The figure of sources shows every galaxy with its J factor and errors."""

import numpy as np
import pytest

from core.errors import ProductError
from core.figures.sources import sources_figure
from tests.figure_boxes import badly_placed
from tests.small_analysis import sources

MAP, LIST, SIZES = 0, 2, 3  # the bar of colours stands between


def test_every_source_stands_in_the_list_the_brightest_on_top() -> None:
    axes = sources_figure(sources()).axes[LIST]
    ordered = sources().sort_by([("log10_j_factor", "descending")])
    names = [label.get_text() for label in axes.get_yticklabels()]
    heights = axes.get_yticks()
    assert names == ordered["source"].to_pylist()
    assert np.all(np.diff(heights) < 0)


def test_points_are_the_j_factors() -> None:
    axes = sources_figure(sources()).axes[LIST]
    points = np.sort(axes.collections[-1].get_offsets()[:, 0])
    np.testing.assert_allclose(points, np.sort(sources()["log10_j_factor"].to_numpy()))


def test_the_aperture_is_written() -> None:
    assert sources_figure(sources()).axes[LIST].get_title(loc="left") == "J factors within 0.5°"


def test_every_name_stands_on_the_map_and_covers_no_name_and_no_point() -> None:
    figure = sources_figure(sources())
    axes = figure.axes[MAP]
    assert badly_placed(figure) == []
    names = [text for text in axes.texts if text.get_text() in sources()["source"].to_pylist()]
    assert len(names) == sources().num_rows
    points = axes.transData.transform(axes.collections[0].get_offsets())
    for name in names:
        assert not name.get_window_extent().count_contains(points), name.get_text()


def test_sizes_are_half_light_radii_beside_the_cone() -> None:
    radii, cones = sources_figure(sources()).axes[SIZES].lines[:2]
    known = sources().sort_by([("log10_j_factor", "descending")])["half_light_radius"].drop_null().to_numpy()
    np.testing.assert_allclose(radii.get_xdata(), np.degrees(known))
    np.testing.assert_allclose(cones.get_xdata(), 0.5)


def test_one_source_alone_can_be_drawn() -> None:
    assert sources_figure(sources().slice(0, 1)).axes


def test_no_sources_are_refused() -> None:
    with pytest.raises(ProductError, match="no sources to draw"):
        sources_figure(sources().slice(0, 0))
