"""The figure of sources shows every galaxy with its J factor and errors."""

import numpy as np
import pytest

from core.errors import ProductError
from core.figures.sources import sources_figure
from tests.small_analysis import sources

LIST = 2


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


def test_one_source_alone_can_be_drawn() -> None:
    assert sources_figure(sources().slice(0, 1)).axes


def test_no_sources_are_refused() -> None:
    with pytest.raises(ProductError, match="no sources to draw"):
        sources_figure(sources().slice(0, 0))
