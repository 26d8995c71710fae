"""The joint statistic with J factors drawn anew for every signal trial, fitted with the nominal pattern.

It is no conservative choice: a log-normal's mean lies above its median, so that these trials have more signal in the
mean and give a better sensitivity than fixed J factors do (core.trials.j_trials). Background trials, expectations
without trials and discovery potentials are those of the joint statistic.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from core.likelihood.j_profile import FactorErrors
from core.stages.inputs import Inputs
from core.stages.scales import trial_arguments
from core.stages.stage import Parameters
from core.stages.statistics.joint import JOINT, make_sensitivity, trial_model
from core.trials.histogram import counted_trials
from core.trials.j_trials import marginalised_result
from core.trials.run import TrialResult, run_trials, trials_table


def make_marginalised_trials(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Draw and fit the trials of a shard."""
    first, n_trials = parameters["first_trial"], parameters["n_trials"]
    return trials_table(_drawn(inputs, parameters, first, n_trials), first)


def make_marginalised_histogram(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Draw and fit the trials of a shard and count them in bins of their test statistics."""

    def drawn(first: int, n_trials: int) -> TrialResult:
        return _drawn(inputs, parameters, first, n_trials)

    return counted_trials(drawn, parameters["n_trials"], parameters["first_trial"])


def make_marginalised_sensitivity(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Turn the trials of a pair into the cross section that the search can exclude, labelled for what it is."""
    found = make_sensitivity(inputs, parameters)
    place = found.column_names.index("j_uncertainty")
    return found.set_column(place, "j_uncertainty", pa.array(["marginalised"] * found.num_rows, pa.string()))


def _drawn(inputs: Inputs, parameters: Parameters, first: int, n_trials: int) -> TrialResult:
    """Return trials from an index on: without signal those of the joint statistic."""
    arguments = trial_arguments(parameters) | {"first_trial": first, "n_trials": n_trials}
    if not arguments["n_injected"]:
        return run_trials(trial_model(inputs), **arguments)
    by_source = np.array(inputs["ratio_cell_sources"]["source_signal"].to_pylist(), dtype=np.float64).T
    errors = FactorErrors.of_sources(inputs["sources"])
    return marginalised_result(trial_model(inputs), np.ascontiguousarray(by_source), errors, **arguments)


JOINT_MARGINALISED = replace(
    JOINT,
    one_sky=None,
    title="J factors drawn for each signal trial (NOT conservative)",
    density_stages=(*JOINT.density_stages, "ratio_cell_sources"),
    model_stages=(*JOINT.model_stages, "ratio_cell_sources", "sources"),
    make_trials=make_marginalised_trials,
    make_histogram=make_marginalised_histogram,
    make_sensitivity=make_marginalised_sensitivity,
    j_factors="marginalised",
)
