# mypy: allow-untyped-calls
"""The page of test statistics: background against its law, thresholds, the tail, and what signal does."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import chi2, norm

from core.products.recipe import ProductKey
from core.trials.statistic import TrialStatistic
from dashboards import plots
from dashboards.panes import heading, listed, paper_figure, recipe_of, table_pane, words
from dashboards.trials import Trials, discovery_summary, trials_of, trials_summary
from dashboards.view import View
from dashboards.what_holds import caveats_of

N_BINS = 60
N_TRIALS_BEHIND_A_QUANTILE = 10.0
N_SIGNAL_SHOWN = 4
OF_GALAXIES = ("source", "test_statistic_signed", "n_s_signed", "p_value", "p_value_error", "n_s", "test_statistic")


def content(view: View) -> Sequence[Any]:
    """Return the distributions, the tail, and the numbers of trials by injected events."""
    trials = trials_of(view)
    summary = trials_summary(trials.background, trials.signal)
    recipe = recipe_of(view, *trials.products)
    name = f"test-statistic-{view.pair_name}"
    observed = _observed(view)
    threshold, whence = three_sigma(view, trials)
    parts: list[Any] = [
        *_background(view, trials, threshold, observed),
        words(whence),
        *_signal(trials, name, observed),
        heading("Trials by number of injected events"),
        table_pane(summary, name, recipe),
    ]
    product = ProductKey("discovery_potential", {**view.pair, "seed": view.address.seed or 0})
    if view.has(product) and trials.is_of_one_sky:
        parts += [heading("Discovery potential")]
        parts += [
            table_pane(
                discovery_summary(view.store.read_product(product)),
                f"discovery-{view.pair_name}",
                recipe_of(view, product),
            )
        ]
    parts += _galaxies(view)
    return [*parts, listed(caveats_of(view, trials.sensitivity)), paper_figure(name, lambda: _paper(view, trials))]


def three_sigma(view: View, trials: Trials) -> tuple[float | None, str]:
    """Return the bounded TS that background exceeds with the one-sided p-value of 3σ, 1.35e-3, and what it is from.

    One definition: the threshold by importance sampling of the product `discovery_potential` where that stands, which
    is known best; else the quantile of the background trials, where at least ten of them lie behind it.
    """
    p_value = float(norm.sf(3.0))
    said = f"3σ means one-sided, p = {p_value:.2e}: "
    if not trials.is_of_one_sky:
        return None, f"{said}sources drawn on skies of their own have no such threshold."
    product = ProductKey("discovery_potential", {**view.pair, "seed": view.address.seed or 0})
    if view.has(product):
        row = view.store.read_product(product).to_pylist()[0]
        if row["threshold_3sigma"] is not None:
            error = row["threshold_3sigma_error"] or 0.0
            text = f"TS = {row['threshold_3sigma']:.3f} ± {error:.3f}, by importance sampling (discovery_potential)."
            return float(row["threshold_3sigma"]), said + text
    bounded = trials.bounded
    if bounded.size * p_value < N_TRIALS_BEHIND_A_QUANTILE:
        return None, f"{said}{bounded.size:,} trials are too few for a threshold; discovery_potential is not made."
    threshold = float(bounded.quantile(1.0 - p_value))
    return threshold, f"{said}TS = {threshold:.3f}, the quantile of {bounded.size:,} background trials."


def _observed(view: View) -> dict[str, Any] | None:
    product = ProductKey("observed", {**view.pair, "seed": view.address.seed or 0})
    row: dict[str, Any] | None = view.store.read_product(product).to_pylist()[0] if view.has(product) else None
    return row


def _galaxies(view: View) -> Sequence[Any]:
    """Return what the opened sky says of each galaxy alone, the most telling first."""
    product = ProductKey("observed_sources", {**view.pair, "seed": view.address.seed or 0})
    if not view.has(product):
        return []
    table = view.store.read_product(product).sort_by([("test_statistic_signed", "descending")])
    columns = [name for name in OF_GALAXIES if name in table.column_names]
    return [
        heading("The opened sky, galaxy by galaxy"),
        words("Galaxies near each other share events: the smallest of these p-values is no p-value of the search."),
        table_pane(table.select(columns), f"observed-sources-{view.pair_name}", recipe_of(view, product), 620),
    ]


def _background(view: View, trials: Trials, threshold: float | None, observed: dict[str, Any] | None) -> Sequence[Any]:
    """Return the density of background's bounded TS above 0, and the share of trials at or above a value."""
    bounded = trials.bounded
    end = max(float(bounded.high[-1]), 4.0 if trials.is_of_one_fit else 0.1, threshold or 0.0) * 1.02
    edges = np.linspace(0.0, end, N_BINS // 2 + 1)
    places = np.unique(np.concatenate([[1e-6], np.geomspace(1e-3, end, 200)]))
    made, dots = _density(bounded, edges, f"background-{view.pair_name}")
    tail, lines = _tail(bounded, places, f"survival-{view.pair_name}")
    at_zero = 1.0 - bounded.n_above(0.0) / bounded.size
    said = f"background, {bounded.size:,} trials, {at_zero:.1%} of them at TS = 0"
    entries: list[tuple[str, str, list[Any]]] = [(said, plots.BLUE, [*dots, *lines])]
    if trials.is_of_one_fit:
        expected = 0.5 * np.diff(chi2.cdf(edges, df=1)) / np.diff(edges)
        look = {"color": plots.RED, "line_width": 2}
        law = [
            made.line(np.repeat(edges, 2)[1:-1], np.repeat(expected, 2), **look),
            tail.line(places, 0.5 * chi2.sf(places, df=1), line_dash="dashed", **look),
        ]
        entries.append(("law of one fit, ½ χ²₁", plots.RED, law))
    marks: list[tuple[str, float, str, str]] = []
    if threshold is not None:
        marks.append((f"3σ, TS = {threshold:.2f}", threshold, plots.ORANGE, "dashed"))
    if observed is not None and observed["test_statistic"] is not None:
        value = float(observed["test_statistic"])
        marks.append((f"observed, TS = {value:.2f}, p = {observed['p_value']:.3g}", value, plots.PURPLE, "solid"))
    for label, value, colour, dash in marks:
        entries.append((label, colour, [plots.vertical(plot, value, colour, dash) for plot in (made, tail)]))
    return [
        heading("Background, fitted with n_s ≥ 0"),
        plots.pane(made),
        plots.legend(entries),
        heading("How rare a test statistic is"),
        plots.pane(tail),
    ]


def _density(bounded: TrialStatistic, edges: Any, name: str) -> tuple[Any, list[Any]]:
    """Return the plot of the share of trials per unit of TS, those at 0 left out, and its dots with errors."""
    n_trials, width = bounded.size, np.diff(edges)
    counts = bounded.histogram(edges)
    counts[0] -= n_trials - bounded.n_above(0.0)
    share = np.where(counts > 0, counts / n_trials / width, np.nan)
    error = np.sqrt(np.maximum(counts, 0)) / n_trials / width
    low = np.maximum(share - error, 0.3 * share)
    made = plots.plot(name, "test statistic TS, n_s ≥ 0", "share of trials per unit of TS", y_log=True)
    middle = (edges[1:] + edges[:-1]) / 2
    held = plots.source("background", ts=middle, share=share, low=low, high=share + error, n=counts)
    dots = made.scatter("ts", "share", source=held, size=6, color=plots.BLUE)
    plots.hover(made, [dots], {"TS": "@ts{0.00}", "trials": "@n{0}", "share per unit": "@share"})
    return made, [dots, made.segment("ts", "low", "ts", "high", source=held, color=plots.BLUE)]


def _tail(bounded: TrialStatistic, places: Any, name: str) -> tuple[Any, list[Any]]:
    """Return the plot of the share of trials that reach a TS, and its line."""
    above = bounded.n_at_least(places) / bounded.size
    label = "share of trials with at least this TS"
    tail = plots.plot(name, "test statistic TS, n_s ≥ 0", label, y_log=True, height=340)
    held = plots.source("survival", ts=places, p=np.where(above > 0, above, np.nan))
    lines = [tail.line("ts", "p", source=held, color=plots.BLUE, line_width=2)]
    plots.hover(tail, lines, {"TS": "@ts{0.00}", "p-value": "@p"}, "vline")
    return tail, lines


def _signal(trials: Trials, name: str, observed: dict[str, Any] | None) -> Sequence[Any]:
    """Return the signed TS of background and of some numbers of injected events."""
    column, injected = trials.column, trials.by_n_injected
    shown = sorted(injected)[:: max(1, -(-len(injected) // N_SIGNAL_SHOWN))]
    background = TrialStatistic.of_table(trials.background, column)
    ends = [background.low[0], background.high[-1], *(injected[number].quantile(0.999) for number in shown)]
    edges = np.linspace(min(-0.5, *map(float, ends)), max(0.5, *map(float, ends)), N_BINS + 1)
    label = "signed test statistic" if column == "test_statistic_signed" else "test statistic"
    made = plots.plot(name, label, "share of trials per unit of TS")
    entries = []
    for place, (number, statistic) in enumerate([(0, background), *((number, injected[number]) for number in shown)]):
        heights = statistic.histogram(edges) / statistic.size / np.diff(edges)
        held = plots.source(f"signal-{number}", n_injected=np.full(N_BINS, number), **plots.steps(edges, heights))
        colour = plots.COLOURS[place % len(plots.COLOURS)]
        look = {"color": colour, "fill_alpha": 0.25, "line_alpha": 0.8}
        drawn = made.quad(left="left", right="right", top="top", bottom=0, source=held, **look)
        plots.hover(
            made,
            [drawn],
            {"injected": "@n_injected", "TS": "@left{0.0} to @right{0.0}", "share per unit": "@top{0.0000}"},
        )
        entries.append((f"{number} events injected" if number else "background", colour, [drawn]))
    if observed is not None and observed.get("test_statistic_signed") is not None:
        value = float(observed["test_statistic_signed"])
        entries.append((f"observed, {value:.2f}", plots.GREY, [plots.vertical(made, value, plots.GREY, "solid")]))
    return [heading("Background and signal"), plots.pane(made), plots.legend(entries)]


def _paper(view: View, trials: Trials) -> Any:
    from core.figures.test_statistic import trials_figure

    return trials_figure(trials.background, trials.signal, trials.sensitivity, caveats_of(view, trials.sensitivity))
