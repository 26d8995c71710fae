"""The figure of trials shows their counts, the share at zero, medians, and the efficiency of each injection."""

import numpy as np
import pyarrow as pa
import pytest
from matplotlib.patches import StepPatch

from core.errors import ProductError
from core.figures.test_statistic import trials_figure
from tests.small_analysis import injected_counts, sensitivity, signal_trials, trials


def labels(axes: object) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]  # type: ignore[attr-defined]


def test_the_share_at_zero_and_the_number_of_trials_are_written() -> None:
    table = trials()
    bounded = trials_figure(table).axes[0]
    at_zero = np.mean(table["test_statistic"].to_numpy() == 0.0)
    (told,) = (label for label in labels(bounded) if label.endswith(" % of them at TS = 0"))
    assert float(told.partition(" %")[0]) == pytest.approx(100.0 * at_zero, abs=0.051)
    assert f"background, {table.num_rows // 1000} {table.num_rows % 1000:03d} trials" in labels(bounded)


def test_the_signed_histogram_holds_every_background_trial() -> None:
    signed = trials_figure(trials()).axes[1]
    filled = next(patch for patch in signed.patches if isinstance(patch, StepPatch) and patch.get_fill())
    density, edges, _ = filled.get_data()
    assert np.sum(density * np.diff(edges)) == pytest.approx(1.0, abs=1e-9)


def test_each_injection_has_its_share_above_the_background_median() -> None:
    background, signal = trials(), signal_trials()
    efficiency = trials_figure(background, signal, sensitivity((("tautau", 20.0),))).axes[2]
    points = efficiency.containers[0].lines[0].get_xydata()
    median = np.median(background["test_statistic_signed"].to_numpy())
    for (number, share), expected in zip(points, injected_counts(), strict=True):
        of_number = signal.filter(pa.array(signal["n_injected"].to_numpy() == expected))
        assert number == expected
        assert share == np.mean(of_number["test_statistic_signed"].to_numpy() > median)


def test_the_sensitivity_is_marked() -> None:
    row = sensitivity((("tautau", 20.0),))
    efficiency = trials_figure(trials(), signal_trials(), row).axes[2]
    n_s = row["n_s_sensitivity"][0].as_py()
    assert any(np.allclose(line.get_xdata(), n_s) for line in efficiency.lines)
    assert f"sensitivity: $n_s$ = {n_s:.0f}" in labels(efficiency)


def test_the_injections_shown_can_be_chosen() -> None:
    first, *_, last = injected_counts()
    chosen = labels(trials_figure(trials(), signal_trials(), n_injected_shown=[last]).axes[1])
    assert f"{last} events injected" in chosen
    assert f"{first} events injected" not in chosen


def test_three_sigma_is_marked_only_with_trials_behind_it() -> None:
    assert any("3σ" in label for label in labels(trials_figure(trials(n_trials=20_000)).axes[0]))
    assert not any("3σ" in label for label in labels(trials_figure(trials()).axes[0]))


def test_trials_of_one_sky_mark_three_sigma_without_the_law_of_one_fit() -> None:
    table = trials(n_trials=20_000)
    for statistic, is_one_sky in (("j_weighted_one_sky", True), ("j_weighted", False)):
        row = sensitivity((("tautau", 20.0),)).append_column("statistic", pa.array([statistic]))
        figure = trials_figure(table, signal_trials(), row)
        said = labels(figure.axes[0])
        assert any("3σ" in label for label in said) == is_one_sky
        assert not any("χ²" in label for label in said)
        assert ("no p-value or limit of one observed sky" in figure._supxlabel.get_text()) != is_one_sky


def test_without_signal_there_are_two_panels() -> None:
    assert len(trials_figure(trials()).axes) == 2
    assert len(trials_figure(trials(), signal_trials().slice(0, 0)).axes) == 2


def test_trials_that_all_end_at_zero_can_be_drawn() -> None:
    flat = trials(n_trials=100)
    for name in ("test_statistic", "test_statistic_signed"):
        flat = flat.set_column(flat.column_names.index(name), name, pa.array(np.zeros(100)))
    assert "100.0 % of them at TS = 0" in labels(trials_figure(flat).axes[0])


def test_trials_of_a_statistic_that_is_not_told_are_drawn_without_the_law_of_one_fit() -> None:
    table = trials(n_trials=20_000)
    column = table.column_names.index("test_statistic_signed")
    untold = table.set_column(column, "test_statistic_signed", pa.nulls(table.num_rows, pa.float64()))
    for figure, is_one_fit in ((trials_figure(table), True), (trials_figure(untold), False)):
        said = [label for axes in figure.axes for label in labels(axes)]
        assert any("χ²" in label for label in said) is is_one_fit
        assert any("3σ" in label for label in said) is is_one_fit


def test_no_trials_are_refused() -> None:
    with pytest.raises(ProductError, match="no test statistic to draw"):
        trials_figure(trials().slice(0, 0))
