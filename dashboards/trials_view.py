# mypy: allow-untyped-calls
"""The page of test-statistic distributions of one (channel, mass) pair."""

from collections.abc import Sequence

import numpy as np
import panel as pn
import pyarrow as pa

from core.figures.style import reals
from core.figures.test_statistic import fitted_statistic, trials_figure
from core.recipes import ProductKey, path_text
from dashboards.panes import figure_pane, table_pane
from dashboards.state import Selection
from dashboards.views import caveats_of, page, stands_imported

COLUMNS = ["channel", "mass", "test_statistic", "test_statistic_signed", "n_s", "n_s_signed"]


def trials_view(selection: Selection) -> pn.Column:
    """Return the page: background and signal trials, the share above the background median, their numbers."""
    return page(selection, "Test statistic", _products, _content)


def _products(selection: Selection) -> Sequence[ProductKey]:
    trials = [selection.of_seed("background_trials"), *selection.signal_trials()]
    # Imported trials stand without a sensitivity made from them.
    return trials if stands_imported(selection.store, trials[0]) else [*trials, selection.of_seed("sensitivity")]


def _content(selection: Selection) -> Sequence[pn.viewable.Viewable]:
    store = selection.store
    background = store.read_product(selection.of_seed("background_trials"), COLUMNS)
    injected = [store.read_product(product, [*COLUMNS, "n_injected"]) for product in selection.signal_trials()]
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
    ]


def trials_summary(background: pa.Table, signal: pa.Table | None) -> pa.Table:
    """Return one row a number of injected events, background first.

    Columns: n_injected, n_trials, the means and standard deviation of n_s_signed, the median of test_statistic_signed,
    and the share of trials above the background median. Trials without a signed fit show the other one.
    """
    test_statistic = fitted_statistic(background)
    n_s = "n_s_signed" if test_statistic == "test_statistic_signed" else "n_s"
    threshold = float(np.median(reals(background, test_statistic)))
    groups = {0: background}
    if signal is not None:
        n_injected = reals(signal, "n_injected")
        groups |= {int(number): signal.filter(pa.array(n_injected == number)) for number in np.unique(n_injected)}
    rows = []
    for number, trials in groups.items():
        fitted, statistic = reals(trials, n_s), reals(trials, test_statistic)
        rows.append(
            {
                "n_injected": number,
                "n_trials": trials.num_rows,
                f"mean of {n_s}": float(fitted.mean()),
                f"standard deviation of {n_s}": float(fitted.std()),
                f"median of {test_statistic}": float(np.median(statistic)),
                "share above background median": float(np.mean(statistic > threshold)),
            }
        )
    return pa.Table.from_pylist(rows)
