"""What one observed sky says of each galaxy alone: its own likelihood of the sky's events, best fit, interval, p-value.

Galaxies near each other share events, and some twenty are looked at: the smallest of their p-values is no p-value of
the search. That of the search is the stacked one (`core.inference.observed_product`).
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa

from core.dark_matter.processes import Process
from core.glossary import GLOSSARY
from core.inference.sensitivity import PValue, p_value
from core.inference.upper_limit_product import likelihood_limit
from core.likelihood.fit import fit_n_s
from core.likelihood.interval import likelihood_interval
from core.likelihood.model import TrialModel
from core.pdfs.likelihood_cells import STACKED, LikelihoodCells
from core.trials.run import run_trials
from core.trials.statistic import TrialStatistic

STATISTICS = ("test_statistic", "test_statistic_signed")


def observed_sources_table(
    likelihoods: Iterable[LikelihoodCells],
    process: Process,
    confidence: float,
    n_trials: int,
    seed: int,
    described: Mapping[str, object],
) -> pa.Table:
    """Return the `observed_sources` product of one pair, a row a galaxy; the stacked likelihood is left out.

    likelihoods: with the whole numbers of events of an observed sky. n_trials: background trials of each galaxy behind
    its p-values, by `seed`. described: what holds for all rows, as columns.
    """
    rows = [
        {**_row(cells, process, confidence, n_trials, seed), "confidence_level": confidence, **described}
        for cells in likelihoods
        if cells.source != STACKED
    ]
    return pa.table({name: pa.array([row[name] for row in rows], GLOSSARY[name].dtype) for name in rows[0]})


def model_of(cells: LikelihoodCells) -> TrialModel:
    """Return trials without signal of one likelihood: its events fall into its cells as the background does."""
    n_events = float(cells.events.sum())
    probability = cells.background / cells.background.sum()
    # The excess of one signal event over the background of as many events as the sky has.
    ratio = 1.0 + cells.excess / cells.n_s_per_strength / probability
    return TrialModel.joint(probability, probability, ratio, round(n_events))


def _row(cells: LikelihoodCells, process: Process, confidence: float, n_trials: int, seed: int) -> dict[str, object]:
    """Return what the sky says of one galaxy."""
    model, counts = model_of(cells), np.rint(cells.events).astype(np.int64)
    bounded, signed = (
        fit_n_s(counts[np.newaxis], model.ratio[0], allow_negative=negative) for negative in (False, True)
    )
    observed = float(bounded.test_statistic[0]), float(signed.test_statistic[0])
    p_values = _p_values(model, observed, n_trials, seed)
    interval = likelihood_interval(counts[np.newaxis], model.ratio[0])
    per_event, strength = 1.0 / cells.n_s_per_strength, process.strength
    return {
        "source": cells.source,
        "n_s": float(bounded.n_s[0]),
        "n_s_signed": float(signed.n_s[0]),
        "test_statistic": observed[0],
        "test_statistic_signed": observed[1],
        "p_value": p_values[0].p_value,
        "p_value_error": p_values[0].error,
        "p_value_signed": p_values[1].p_value,
        f"{strength}_best_fit": float(signed.n_s[0]) * per_event,
        f"{strength}_interval_lo": float(interval.low[0]) * per_event,
        f"{strength}_interval_hi": float(interval.high[0]) * per_event,
        f"{strength}_upper_limit_likelihood": likelihood_limit(model, counts, confidence) * per_event,
        f"n_s_per_{strength}": cells.n_s_per_strength,
        "process": process.name,
    }


def _p_values(model: TrialModel, observed: tuple[float, float], n_trials: int, seed: int) -> list[PValue]:
    """Return the p-values of a bounded and of a signed test statistic."""
    trials = run_trials(model, n_trials, 0, seed)
    of_trials = [TrialStatistic.of_values(getattr(trials, name)) for name in STATISTICS]
    return [p_value(own, value, one_sky=True) for own, value in zip(of_trials, observed, strict=True)]
