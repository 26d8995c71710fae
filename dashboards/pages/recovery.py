# mypy: allow-untyped-calls
"""The page of recovery: what is fitted of what was injected, its bias, and how often signal is told from background."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from core.trials.statistic import TrialStatistic, fitted_numbers
from dashboards import plots
from dashboards.panes import heading, paper_figure, recipe_of, table_pane, words
from dashboards.trials import Trials, injected_groups, trials_of
from dashboards.view import View
from dashboards.what_holds import caveats_of

EFFICIENCY = 0.9


def content(view: View) -> Sequence[Any]:
    """Return fitted against injected events, the bias, and the efficiency; NotThereError without signal."""
    trials = trials_of(view)
    if trials.signal is None:
        view.lacks("signal_trials")
    rows = recovery_table(trials)
    name = f"recovery-{view.pair_name}"
    return [
        heading("Fitted against injected events"),
        _fitted(rows, name),
        words("Line: as many as injected. Band: 68 % of trials. Dots: their median, or mean of trials kept as counts."),
        heading("Bias: mean of the fitted events less the injected ones"),
        _bias(rows, name),
        heading("Share of trials above the median of background"),
        _efficiency(rows, trials, name),
        table_pane(rows, name, recipe_of(view, *trials.products)),
        paper_figure(name, lambda: _paper(view, trials)),
    ]


def recovery_table(trials: Trials) -> pa.Table:
    """Return one row a number of injected events.

    Columns: n_injected, n_trials, median of the fitted n_s, the ends of its central 68 %, bias (mean of fitted less
    injected) and its error, efficiency (share above the median of background) and its error. Of trials kept as counts
    the median is the mean and the ends are one standard deviation from it.
    """
    n_s = "n_s_signed" if trials.column == "test_statistic_signed" else "n_s"
    threshold = float(TrialStatistic.of_table(trials.background, trials.column).quantile(0.5))
    rows = []
    for number, group in injected_groups(trials.background, trials.signal).items():
        mean, spread = fitted_numbers(group, n_s)
        statistic = TrialStatistic.of_table(group, trials.column)
        share = float(statistic.n_above(threshold)) / statistic.size
        low, middle, high = mean - spread, mean, mean + spread
        if "binned" not in group.column_names:
            low, middle, high = np.quantile(group[n_s].to_numpy(), (0.16, 0.5, 0.84)).tolist()
        rows.append(
            {
                "n_injected": number,
                "n_trials": statistic.size,
                "fitted, median": middle,
                "fitted, 16 %": low,
                "fitted, 84 %": high,
                "bias": mean - number,
                "bias error": spread / np.sqrt(statistic.size),
                "efficiency": share,
                "efficiency error": float(np.sqrt(share * (1.0 - share) / statistic.size)),
            }
        )
    return pa.Table.from_pylist(rows)


def _fitted(rows: pa.Table, name: str) -> Any:
    made = plots.plot(name, "injected signal events", "fitted signal events n_s")
    columns = {
        short: rows[column].to_numpy()
        for short, column in (
            ("x", "n_injected"),
            ("y", "fitted, median"),
            ("low", "fitted, 16 %"),
            ("high", "fitted, 84 %"),
        )
    }
    held = plots.source("recovery", **columns)
    made.varea("x", "low", "high", source=held, color=plots.SKY, alpha=0.35)
    made.line(columns["x"], columns["x"], color=plots.GREY, line_dash="dashed", line_width=1.5)
    dots = made.scatter("x", "y", source=held, color=plots.BLUE, size=8)
    plots.hover(made, [dots], {"injected": "@x", "median": "@y{0.0}", "68 %": "@low{0.0} to @high{0.0}"})
    return plots.pane(made)


def _bias(rows: pa.Table, name: str) -> Any:
    made = plots.plot(f"{name}-bias", "injected signal events", "bias [events]", height=300)
    bias, error = rows["bias"].to_numpy(), rows["bias error"].to_numpy()
    held = plots.source(
        "bias", x=rows["n_injected"].to_numpy(), y=bias, error=error, low=bias - error, high=bias + error
    )
    made.segment("x", "low", "x", "high", source=held, color=plots.BLUE, line_width=2)
    dots = made.scatter("x", "y", source=held, color=plots.BLUE, size=7)
    made.line(rows["n_injected"].to_numpy(), np.zeros(rows.num_rows), color=plots.GREY, line_dash="dashed")
    plots.hover(made, [dots], {"injected": "@x", "bias": "@y{0.00} ± @error{0.00}"})
    return plots.pane(made)


def _efficiency(rows: pa.Table, trials: Trials, name: str) -> Any:
    made = plots.plot(f"{name}-efficiency", "injected signal events", "share above the background median", height=340)
    share, error = rows["efficiency"].to_numpy(), rows["efficiency error"].to_numpy()
    held = plots.source(
        "efficiency", x=rows["n_injected"].to_numpy(), y=share, error=error, low=share - error, high=share + error
    )
    made.segment("x", "low", "x", "high", source=held, color=plots.GREEN, line_width=2)
    dots = made.scatter("x", "y", source=held, color=plots.GREEN, size=7)
    made.line(rows["n_injected"].to_numpy(), np.full(rows.num_rows, EFFICIENCY), color=plots.GREY, line_dash="dashed")
    if trials.sensitivity is not None:
        plots.vertical(made, float(trials.sensitivity["n_s_sensitivity"][0].as_py()), plots.ORANGE)
    plots.hover(made, [dots], {"injected": "@x", "share": "@y{0.000} ± @error{0.000}"})
    return plots.pane(made)


def _paper(view: View, trials: Trials) -> Any:
    from core.figures.recovery import recovery_figure

    return recovery_figure(trials.signal, trials.background, caveats_of(view, trials.sensitivity))
