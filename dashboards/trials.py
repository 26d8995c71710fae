"""The trials of one pair as pages look at them: rows or bins, with what their sensitivity says of the statistic."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.dark_matter.processes import process_of
from core.products.recipe import ProductKey
from core.trials.rows import stored_trials
from core.trials.statistic import TrialStatistic, by_n_injected, fitted_numbers
from dashboards.view import View

LEVELS = {"3sigma": "3σ", "5sigma": "5σ"}


@dataclass(frozen=True)
class Trials:
    """Background and signal trials of a pair, and the products that they are from."""

    background: pa.Table
    signal: pa.Table | None
    sensitivity: pa.Table | None
    products: tuple[ProductKey, ...]

    @cached_property
    def column(self) -> str:
        """The column of the test statistic that tells more: the signed one, unless it is null throughout."""
        table = self.background
        known = "binned" in table.column_names or table["test_statistic_signed"].null_count < table.num_rows
        return "test_statistic_signed" if known else "test_statistic"

    @cached_property
    def statistic(self) -> str:
        """The name of the statistic: what the sensitivity says, else that of one fit where there is a signed one."""
        if self.sensitivity is not None and "statistic" in self.sensitivity.column_names:
            return str(self.sensitivity["statistic"][0].as_py())
        return "joint" if self.column == "test_statistic_signed" else "not told"

    @property
    def is_of_one_fit(self) -> bool:
        """Whether each trial is one fit, whose TS follows the law ½ χ²₁."""
        return self.statistic == "joint"

    @property
    def is_of_one_sky(self) -> bool:
        """Whether all sources of a trial share one sky, so that its tail is a threshold."""
        return self.is_of_one_fit or self.statistic.endswith("_one_sky")

    @cached_property
    def bounded(self) -> TrialStatistic:
        """The bounded TS of background."""
        return TrialStatistic.of_table(self.background, "test_statistic")

    @cached_property
    def by_n_injected(self) -> dict[int, TrialStatistic]:
        """The TS of signal trials by the number of injected events."""
        return {} if self.signal is None else by_n_injected(self.signal, self.column)


def trials_of(view: View) -> Trials:
    """Return the trials of the pair that is looked at; NotThereError where no background trials stand."""
    product = view.of_seed("background_trials")
    if not view.has(product):
        view.lacks(str(product))
    products = [product, *view.snapshot.of("signal_trials", **product.keys)]
    background, *injected = (stored_trials(view.store, item) for item in products)
    made = view.of_seed("sensitivity")
    sensitivity = view.store.read_product(made) if view.has(made) else None
    return Trials(background, pa.concat_tables(injected) if injected else None, sensitivity, tuple(products))


def trials_summary(background: pa.Table, signal: pa.Table | None) -> pa.Table:
    """Return one row a number of injected events, background first.

    Columns: n_injected, n_trials, the means and standard deviation of n_s_signed, the median of test_statistic_signed,
    and the share of trials above the background median. Trials without a signed fit show the other one.
    """
    test_statistic = Trials(background, signal, None, ()).column
    n_s = "n_s_signed" if test_statistic == "test_statistic_signed" else "n_s"
    threshold = float(TrialStatistic.of_table(background, test_statistic).quantile(0.5))
    rows = []
    for number, trials in injected_groups(background, signal).items():
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


def injected_groups(background: pa.Table, signal: pa.Table | None) -> dict[int, pa.Table]:
    """Return the trials of each number of injected events, 0 for background, in rising order."""
    groups = {0: background}
    if signal is not None:
        numbers = np.unique(signal["n_injected"].to_numpy())
        groups |= {int(number): signal.filter(pc.equal(signal["n_injected"], int(number))) for number in numbers}
    return groups


def discovery_summary(discovery_potential: pa.Table) -> pa.Table:
    """Return one row a significance of a pair's `discovery_potential`: threshold, n_s, and strength."""
    (row,) = discovery_potential.to_pylist()
    strength = process_of(discovery_potential).strength
    named = {"": "", "_error": " error", "_n_effective": " effective trials"}
    rows = []
    for level, sigmas in LEVELS.items():
        entry = {"one-sided significance": sigmas}
        entry |= {f"threshold{said}": row[f"threshold_{level}{name}"] for name, said in named.items()}
        entry |= {f"n_s{said}": row[f"n_s_discovery_{level}{name}"] for name, said in list(named.items())[:2]}
        rows.append(entry | {strength: row[f"{strength}_discovery_{level}"]})
    return pa.Table.from_pylist(rows)
