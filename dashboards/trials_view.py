# mypy: allow-untyped-calls
"""The page of test-statistic distributions of one (channel, mass) pair."""

from collections.abc import Sequence

import numpy as np
import panel as pn
import pyarrow as pa

from core.dark_matter.processes import process_of
from core.figures.style import reals
from core.figures.test_statistic import fitted_statistic, trials_figure
from core.inference.discovery_product import P_VALUES
from core.products.recipe import ProductKey, path_text
from core.trials.rows import stored_trials
from core.trials.statistic import TrialStatistic, fitted_numbers
from dashboards.panes import figure_pane, table_pane
from dashboards.state import Selection
from dashboards.views import caveats_of, page, stands_imported


def trials_view(selection: Selection) -> pn.Column:
    """Return the page: background and signal trials, the share above the background median, their numbers."""
    return page(selection, "Test statistic", _products, _content)


def _products(selection: Selection) -> Sequence[ProductKey]:
    trials = [selection.of_seed("background_trials"), *selection.signal_trials()]
    # Imported trials stand without a sensitivity made from them.
    return trials if stands_imported(selection.store, trials[0]) else [*trials, selection.of_seed("sensitivity")]


def _content(selection: Selection) -> Sequence[pn.viewable.Viewable]:
    store = selection.store
    background = stored_trials(store, selection.of_seed("background_trials"))
    injected = [stored_trials(store, product) for product in selection.signal_trials()]
    signal = pa.concat_tables(injected) if injected else None
    made = selection.of_seed("sensitivity")
    sensitivity = store.read_product(made) if made in _products(selection) else None
    caveats = caveats_of(store, selection.of_seed("background_trials"), sensitivity)
    figure = trials_figure(background, signal, sensitivity, caveats, n_injected_shown=selection.n_injected)
    name = f"test-statistic-{selection.channel}-{path_text(selection.mass)}"
    description = f"Distributions of the test statistic of {selection.channel} at {selection.mass:g} GeV"
    return [
        figure_pane(figure, name, description),
        pn.pane.Markdown("### Trials by number of injected events"),
        table_pane(trials_summary(background, signal), name),
        *_discovery(selection),
    ]


def _discovery(selection: Selection) -> Sequence[pn.viewable.Viewable]:
    """Return what half of trials would show at 3 and 5 sigma, if that was made of trials such as these."""
    product = selection.of_seed("discovery_potential")
    if not selection.store.keys(product.stage, **product.keys) or not selection.shares_one_sky():
        return []
    found = discovery_summary(selection.store.read_product(product))
    name = f"discovery-potential-{selection.channel}-{path_text(selection.mass)}"
    return [pn.pane.Markdown("### Discovery potential"), table_pane(found, name)]


def discovery_summary(discovery_potential: pa.Table) -> pa.Table:
    """Return one row a significance of a pair's `discovery_potential`: threshold, n_s, and strength."""
    (row,) = discovery_potential.to_pylist()
    strength = process_of(discovery_potential).strength
    named = {"": "", "_error": " error", "_n_effective": " effective trials"}
    rows = []
    for level in P_VALUES:
        entry = {"one-sided significance": level.replace("sigma", " σ")}
        entry |= {f"threshold{said}": row[f"threshold_{level}{name}"] for name, said in named.items()}
        entry |= {f"n_s{said}": row[f"n_s_discovery_{level}{name}"] for name, said in list(named.items())[:2]}
        rows.append(entry | {strength: row[f"{strength}_discovery_{level}"]})
    return pa.Table.from_pylist(rows)


def trials_summary(background: pa.Table, signal: pa.Table | None) -> pa.Table:
    """Return one row a number of injected events, background first.

    Columns: n_injected, n_trials, the means and standard deviation of n_s_signed, the median of test_statistic_signed,
    and the share of trials above the background median. Trials without a signed fit show the other one.
    """
    test_statistic = fitted_statistic(background)
    n_s = "n_s_signed" if test_statistic == "test_statistic_signed" else "n_s"
    threshold = float(TrialStatistic.of_table(background, test_statistic).quantile(0.5))
    groups = {0: background}
    if signal is not None:
        n_injected = reals(signal, "n_injected")
        groups |= {int(number): signal.filter(pa.array(n_injected == number)) for number in np.unique(n_injected)}
    rows = []
    for number, trials in groups.items():
        mean, spread = fitted_numbers(trials, n_s)
        statistic = TrialStatistic.of_table(trials, test_statistic)
        rows.append(
            {
                "n_injected": number,
                "n_trials": statistic.size,
                f"mean of {n_s}": mean,
                f"standard deviation of {n_s}": spread,
                f"median of {test_statistic}": float(statistic.quantile(0.5)),
                "share above background median": statistic.n_above(threshold) / statistic.size,
            }
        )
    return pa.Table.from_pylist(rows)
