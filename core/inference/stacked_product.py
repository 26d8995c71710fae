"""Trials and sensitivity of the published statistic: a fit a source, weighted with its J factor.

TS = sum_k w_k TS_k with w_k = J_k / sum J (arXiv:2511.19385). Injected events follow what the detector would see, the
sources' shares of all expected events, so that the cross section of a number of events is the same as for the joint
statistic; only the weights in the sum are the J factors.

This reproduces the published statistic, with its properties: the background histograms come from the data and contain
any signal, and every source is drawn on a sky of its own, so that these trials give a sensitivity but no p-value or
limit of one observed sky; with `sky_patterns` the sources share one. A source's number of events is that of its
declination band in the window; without a band all have those of the whole sky.
"""

import numpy as np
import pyarrow as pa

from core.inference.sensitivity_product import SignalScale, sensitivity_of_trials, sensitivity_row
from core.likelihood.one_sky_law import OneSkyLaw
from core.likelihood.stacked_law import StackedLaw
from core.likelihood.stacked_model import source_trial_model
from core.trials.histogram import trial_histogram
from core.trials.run import TrialResult

__all__ = [
    "StackedLaw",
    "source_sensitivity_table",
    "source_trial_model",
    "source_trials_table",
    "statistic_word",
    "trial_histogram",
]


def statistic_word(grid: bool, one_sky: bool = False) -> str:
    """Return what the column `statistic` of a row says."""
    return "j_weighted" + ("_grid" if grid else "") + ("_one_sky" if one_sky else "")


def source_trials_table(result: TrialResult, first_trial: int) -> pa.Table:
    """Return trials as a product: n_s and statistics weighted with J, and the plain sums of n_s."""
    columns = ("n_s", "test_statistic", "n_s_signed", "test_statistic_signed", "n_s_total", "n_s_total_signed")
    trial = np.arange(first_trial, first_trial + len(result.n_s))
    return pa.table({"trial": trial, **{name: getattr(result, name) for name in columns}})


def expected_by_sources(source_signal_pdf: pa.Table) -> float:
    """Return the expected signal events per strength in the histograms of all sources.

    They are the events of the window, and of the declination bands.
    """
    return float(source_signal_pdf["entries"].to_numpy().sum())


def source_sensitivity_table(
    background_trials: pa.Table,
    signal_trials: pa.Table,
    source_background_pdf: pa.Table,
    source_signal_pdf: pa.Table,
    sources: pa.Table,
    scale: SignalScale,
    grid: bool,
    sky_patterns: pa.Table | None = None,
) -> pa.Table:
    """Return the `sensitivity` product of one pair, one row, from its trials, its densities and its signal scale.

    From the signed statistic; on the published grid, which has no negative n_s, from the bounded one as published. The
    closed form is of the same statistic.
    """
    model = source_trial_model(source_background_pdf, source_signal_pdf, sources, grid, sky_patterns)
    law = StackedLaw.of(model) if sky_patterns is None else OneSkyLaw.of(model)
    column = "test_statistic" if model.grid else "test_statistic_signed"
    described = {
        "n_s_sensitivity_closed_form": law.sensitivity(),
        "n_s_uncertainty": law.n_s_uncertainty,
        "statistic": statistic_word(model.grid, sky_patterns is not None),
        "background": "data",
    }
    return sensitivity_row(sensitivity_of_trials(background_trials, signal_trials, column), scale, described)
