"""Beside the published hypothesis stands the sensitivity without contested galaxies, in every figure of limits."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from matplotlib.figure import Figure

from core.dark_matter.sources import WITHOUT_CONTESTED
from core.figures.contested_curves import LINE, contested_handles, contested_ratio
from core.figures.limits import channel_limits_figure, limits_figure, sensitivities_figure
from tests.small_analysis import sensitivity

RATIO = 4.0  # above the band that holds 95 % of skies


def robustness(ratio: float = RATIO) -> pa.Table:
    """A contested variant of each pair but the lightest of tautau, and another variant that is not drawn."""
    pairs = [(row["channel"], row["mass"]) for row in sensitivity().to_pylist() if row["mass"] != 5.0]
    variants = ((WITHOUT_CONTESTED, ratio), ("without Segue 1", 1.1))
    rows = [
        {"channel": channel, "mass": mass, "variant": name, "ratio": value}
        for channel, mass in pairs
        for name, value in variants
    ]
    return pa.Table.from_pylist(rows)


def contested(figure: Figure) -> list[np.ndarray]:
    """What is drawn with the look of the contested curve, in data coordinates."""
    look = Figure().subplots().plot([0.0], **LINE)[0]._unscaled_dash_pattern
    lines = [line for axes in figure.axes for line in axes.lines]
    return [np.asarray(line.get_xydata()) for line in lines if line._unscaled_dash_pattern == look]


@pytest.mark.parametrize(
    ("draw", "n_drawn"),
    [
        (limits_figure, 2),
        (sensitivities_figure, 2),
        (lambda rows, robustness: channel_limits_figure(rows, "bb", robustness=robustness), 1),
    ],
)
def test_each_figure_of_limits_shows_it_within_its_axes(draw: Callable[..., Figure], n_drawn: int) -> None:
    figure = draw(sensitivity(), robustness=robustness(100.0))
    found = contested(figure)
    assert len(found) == n_drawn
    rows = [row for row in sensitivity().to_pylist() if row["channel"] == "bb"]
    np.testing.assert_allclose(found[0][:, 1], [100.0 * row["sigma_v_sensitivity"] for row in rows])
    assert all(values[:, 1].max() < figure.axes[0].get_ylim()[1] for values in found)
    assert contested(draw(sensitivity(), robustness=None)) == []


def test_of_decay_a_lifetime_is_shorter_without_them() -> None:
    rows = sensitivity()
    rows = rows.rename_columns([name.replace("sigma_v", "decay_rate") for name in rows.column_names])
    rows = rows.append_column("process", pa.array(["decay"] * rows.num_rows))
    (found,) = contested(channel_limits_figure(rows, "bb", robustness=robustness()))
    expected = [1.0 / (RATIO * row["decay_rate_sensitivity"]) for row in rows.to_pylist() if row["channel"] == "bb"]
    np.testing.assert_allclose(found[:, 1], expected)


def test_a_pair_of_which_it_is_not_known_has_no_point() -> None:
    ratio = contested_ratio(robustness(), "tautau", np.array([5.0, 20.0]))
    np.testing.assert_array_equal(ratio, [np.nan, RATIO])
    (found,) = contested(channel_limits_figure(sensitivity(), "tautau", robustness=robustness()))
    assert found[:, 0].tolist() == [20.0]


def test_without_contested_galaxies_the_legend_does_not_name_them() -> None:
    others = robustness().filter(pa.array([row["variant"] != WITHOUT_CONTESTED for row in robustness().to_pylist()]))
    assert contested_handles(None, "k") == contested_handles(others, "k") == []
    (handle,) = contested_handles(robustness(), "k")
    assert handle.get_label() == "without contested galaxies, expected"
