"""The joint statistic for dwarf galaxies beside a Galactic halo of any number of events, fitted in every trial.

Trials hold no events of the halo: the numbers are those of a sky whose halo is not seen, and do not take it for known.
"""

from dataclasses import replace

import pyarrow as pa

from core.inference.asimov import asimov_table
from core.inference.discovery_product import discovery_table
from core.inference.sensitivity_product import expected_in_cells, sensitivity_table
from core.likelihood.model import TrialModel
from core.pdfs.joint_cells import joint_ratio_cells, told_from_halo
from core.random.streams import stream_seed
from core.stages.inputs import Inputs
from core.stages.scales import scale_in, trial_arguments
from core.stages.stage import Parameters
from core.stages.statistics.joint import JOINT
from core.trials.histogram import trial_histogram
from core.trials.run import run_trials, trials_table

# Of each ratio, of the cells of one: at the 64 of the default 1.4e-3 of the information is lost, as by 512 of one.
CELLS_PER_STEP = 8
LEAST_STEPS = 16


def make_cells(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Merge the sky into cells of nearly equal ratios of both signals to background."""
    n_steps = max(LEAST_STEPS, parameters["n_cells"] // CELLS_PER_STEP)
    return joint_ratio_cells(
        inputs["signal_pdf"], inputs["halo_pdf"], inputs["background_pdf"], parameters["background"], n_steps
    )


def trial_model(inputs: Inputs) -> TrialModel:
    """Return the model of trials that the cells of both ratios describe."""
    cells = inputs["ratio_cells"]
    return TrialModel.joint_beside(
        cells["background_probability"].to_numpy(),
        cells["signal_probability"].to_numpy(),
        cells["ratio"].to_numpy(),
        cells["ratio_beside"].to_numpy(),
        cells["n_events"][0].as_py(),
    )


def make_trials(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Draw and fit the trials of a shard."""
    result = run_trials(trial_model(inputs), **trial_arguments(parameters))
    return trials_table(result, parameters["first_trial"])


def make_histogram(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Draw and fit the trials of a shard and count them in bins of their test statistics."""
    return trial_histogram(trial_model(inputs), **trial_arguments(parameters))


def make_sensitivity(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Turn the trials of a pair into the cross section that the search can exclude, with its bands."""
    cells = told_from_halo(inputs["ratio_cells"])
    return sensitivity_table(
        inputs.trials("background_trials", "test_statistic_signed"),
        inputs.trials("signal_trials", "test_statistic_signed"),
        cells,
        scale_in(inputs, parameters, expected_in_cells(cells)),
        parameters["background"],
    )


def make_asimov(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Expect what trials would show, from the cells alone, by the score that a halo cannot mimic."""
    cells = told_from_halo(inputs["ratio_cells"])
    scale = scale_in(inputs, parameters, expected_in_cells(cells))
    return asimov_table(cells, scale, parameters["background"])


def make_discovery_potential(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Find the cross sections that half of trials would show at 3 and at 5 sigma."""
    cells = inputs["ratio_cells"]
    return discovery_table(
        trial_model(inputs),
        scale_in(inputs, parameters, expected_in_cells(cells)),
        cells["n_s_uncertainty"][0].as_py(),
        parameters["n_tail_trials"],
        parameters["n_signal_trials"],
        stream_seed(parameters["seed"], parameters["stage"], parameters["channel"], parameters["mass"]),
        parameters["background"],
    )


JOINT_BESIDE_FREE_HALO = replace(
    JOINT,
    has_one_template=False,
    one_sky=None,
    halo="free",
    hypothesis="dwarfs beside a free {profile} halo",
    density_stages=("signal_pdf", "halo_pdf", "ratio_cells"),
    make_cells=make_cells,
    make_trials=make_trials,
    make_histogram=make_histogram,
    make_sensitivity=make_sensitivity,
    make_asimov=make_asimov,
    make_discovery_potential=make_discovery_potential,
)
