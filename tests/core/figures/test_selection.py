"""The figures of the selection show the cut flow's own counts and the livetimes of the good runs."""

import numpy as np
import pyarrow as pa
import pytest
from matplotlib.container import BarContainer, ErrorbarContainer

from core.errors import ProductError
from core.events.cuts import CUT_FLOW_SCHEMA
from core.events.livetime import GOOD_RUN_SCHEMA
from core.figures.selection import MOST_RUNS_WITH_ERRORS, cut_flow_figure, livetime_figure


def cut_flow(n_before: list[int], n_missing: list[int], n_after: list[int]) -> pa.Table:
    names = [f"cut {index}" for index in range(len(n_before))]
    columns = [names, [f"{name} >= 1" for name in names], n_before, n_missing, n_after]
    return pa.Table.from_pydict(dict(zip(CUT_FLOW_SCHEMA.names, columns, strict=True)), CUT_FLOW_SCHEMA)


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_bars_are_the_events_left_and_shares_are_written() -> None:
    figure = cut_flow_figure(cut_flow([12_000, 9_000], [1_234, 0], [9_000, 3_000]), "IC86_2013")
    (bars,) = (one for one in figure.axes[0].containers if isinstance(one, BarContainer))
    assert [bar.get_width() for bar in bars] == [12_000, 9_000, 3_000]
    assert figure.get_suptitle() == "Cut flow: IC86_2013"
    assert texts(figure)[-8:] == ["9 000", "75.0 %", "75.0 %", "1 234", "3 000", "25.0 %", "33.3 %", "–"]
    assert {"cut 1", "cut 1 >= 1", "events read"} <= set(texts(figure))


def test_small_remainders_stand_on_a_logarithmic_axis() -> None:
    assert cut_flow_figure(cut_flow([1000], [0], [3])).axes[0].get_xscale() == "log"
    assert cut_flow_figure(cut_flow([1000], [0], [300])).axes[0].get_xscale() == "linear"


def test_a_file_without_events_has_no_shares() -> None:
    figure = cut_flow_figure(cut_flow([0], [0], [0]))
    assert texts(figure)[-4:] == ["0", "–", "–", "–"]


def good_runs(n_runs: int, livetime: float = 20_000.0) -> pa.Table:
    start = 56_000.0 + np.arange(n_runs)
    columns = {
        "season": np.where(np.arange(n_runs) < n_runs // 2, "IC86_2012", "IC86_2013"),
        "run": np.arange(n_runs),
        "mjd_start": start,
        "mjd_stop": start + 0.3,
        "livetime": np.full(n_runs, livetime),
        "n_events": np.arange(n_runs) + 10,
    }
    return pa.table(columns, schema=GOOD_RUN_SCHEMA)


def test_livetimes_and_rates_are_those_of_the_runs() -> None:
    runs = good_runs(10)
    seasons, rates, growth = livetime_figure(runs.take(np.arange(10)[::-1])).axes
    assert [bar.get_width() for bar in seasons.containers[0]] == pytest.approx([5 * 20_000 / 86_400] * 2)
    (points,) = (one for one in rates.containers if isinstance(one, ErrorbarContainer))
    np.testing.assert_allclose(points.lines[0].get_ydata(), 1e3 * runs["n_events"].to_numpy() / 20_000.0)
    # 56,000 is 14 March 2012, 15413 days after 1 January 1970.
    assert points.lines[0].get_xdata()[0] == pytest.approx(15_413.0 + 0.15)
    bars = [np.ptp(segment[:, 1]) / 2.0 for segment in points.lines[2][0].get_segments()]
    np.testing.assert_allclose(bars, 1e3 * np.sqrt(runs["n_events"].to_numpy()) / 20_000.0)
    means = [line.get_ydata()[0] for line in rates.lines[-2:]]
    np.testing.assert_allclose(means, [1e3 * 60 / 100_000.0, 1e3 * 85 / 100_000.0])
    np.testing.assert_allclose(growth.lines[0].get_ydata(), np.arange(11) * 20_000.0 / 86_400.0)


def test_runs_that_were_never_live_are_counted() -> None:
    axes = livetime_figure(good_runs(3, livetime=0.0)).axes[1]
    assert axes.get_title(loc="left") == "3 runs, 3 never live"
    assert livetime_figure(good_runs(1)).axes[1].get_title(loc="left") == "1 run"


def test_many_runs_are_drawn_without_error_bars() -> None:
    runs = good_runs(MOST_RUNS_WITH_ERRORS + 1)
    axes = livetime_figure(runs).axes[1]
    assert not axes.containers
    np.testing.assert_allclose(axes.lines[0].get_ydata(), 1e3 * runs["n_events"].to_numpy() / 20_000.0)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ProductError, match="no cut flow to draw"):
        cut_flow_figure(CUT_FLOW_SCHEMA.empty_table())
    with pytest.raises(ProductError, match="no good runs to draw"):
        livetime_figure(GOOD_RUN_SCHEMA.empty_table())
    with pytest.raises(ProductError, match="'n_missing'"):
        cut_flow_figure(cut_flow([1], [0], [1]).drop_columns(["n_missing"]))
