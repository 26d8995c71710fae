"""The joint statistic: one likelihood of one sky, in cells of nearly equal ratio of signal to background."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from core.configuration.statistics import StatisticSettings
from core.inference.asimov import asimov_table
from core.inference.discovery_product import discovery_table
from core.inference.profiled_j_limit import profiled_j_limit
from core.inference.sensitivity_product import expected_in_cells, sensitivity_table
from core.likelihood.model import TrialModel
from core.pdfs.background import binned_background
from core.pdfs.observed_sky import sky_of_table
from core.pdfs.one_sky import ratio_cells
from core.pdfs.ratio import signal_average_in
from core.pdfs.sky_model import SkyModel, joint_sky_model
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.random.streams import stream_seed
from core.stages.acceptance import signal_of
from core.stages.inputs import Inputs
from core.stages.scales import scale_in, trial_arguments
from core.stages.stage import Parameters
from core.stages.statistics.one_sky import (
    common_skies_of,
    detector_nodes_of,
    observed_of,
    seed_of,
    upper_limit_of,
)
from core.stages.statistics.statistic import OneSkyFits, Spread, Statistic
from core.stages.windows import window_in
from core.trials.histogram import trial_histogram
from core.trials.run import run_trials, trials_table


def make_cells(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Merge the sky into cells of nearly equal ratio of signal to background."""
    treatment, n_cells = parameters["background"], parameters["n_cells"]
    return ratio_cells(inputs["signal_pdf"], inputs["background_pdf"], treatment, n_cells)


def trial_model(inputs: Inputs) -> TrialModel:
    """Return the model of trials that the ratio cells of a pair describe."""
    return model_of_cells(inputs["ratio_cells"])


def model_of_cells(cells: pa.Table) -> TrialModel:
    """Return the model of trials that a `ratio_cells` product describes."""
    return TrialModel.joint(
        cells["background_probability"].to_numpy(),
        cells["signal_probability"].to_numpy(),
        cells["ratio"].to_numpy(),
        cells["n_events"][0].as_py(),
        signal_average_in(cells),
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
    cells = inputs["ratio_cells"]
    return sensitivity_table(
        inputs.trials("background_trials", "test_statistic_signed"),
        inputs.trials("signal_trials", "test_statistic_signed"),
        cells,
        scale_in(inputs, parameters, expected_in_cells(cells)),
        parameters["background"],
    )


def make_asimov(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Expect what trials would show, from the cells alone."""
    cells = inputs["ratio_cells"]
    scale = scale_in(inputs, parameters, expected_in_cells(cells))
    return asimov_table(cells, scale, parameters["background"])


def make_discovery_potential(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Find the cross sections that half of trials would show at 3 and at 5 sigma."""
    cells = inputs["ratio_cells"]
    return discovery_table(
        replace(trial_model(inputs), signal_average=None),  # a sky to come brings its signal beside all background
        scale_in(inputs, parameters, expected_in_cells(cells)),
        cells["n_s_uncertainty"][0].as_py(),
        parameters["n_tail_trials"],
        parameters["n_signal_trials"],
        stream_seed(parameters["seed"], parameters["stage"], parameters["channel"], parameters["mass"]),
        parameters["background"],
    )


def sky_model(inputs: Inputs, parameters: Parameters, channel: str, mass: float) -> SkyModel:
    """Return how a pair sees one sky."""
    (cells,) = inputs.each("ratio_cells", channel=channel, mass=mass)
    (signal,) = inputs.each("signal_pdf", channel=channel, mass=mass)
    edges = binned_background(inputs["background_pdf"]).reco_energy_edges
    merged = cells["n_sky_cells"].to_numpy()
    return joint_sky_model(
        model_of_cells(cells), signal, merged, edges, parameters["background"], parameters["n_cells"]
    )


def make_common_skies(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Fit all pairs to pseudo-skies that they share."""
    pairs = [(table["channel"][0].as_py(), table["mass"][0].as_py()) for table in inputs.each("ratio_cells")]
    return common_skies_of(inputs, parameters, pairs, [sky_model(inputs, parameters, *pair) for pair in pairs])


def make_observed(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Fit a pair to the observed sky."""
    sky = sky_model(inputs, parameters, parameters["channel"], parameters["mass"])
    return observed_of(inputs, parameters, sky, expected_in_cells(inputs["ratio_cells"]))


def make_upper_limit(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Limit the cross section of a pair by the observed sky."""
    cells = inputs["ratio_cells"]
    sky = sky_model(inputs, parameters, parameters["channel"], parameters["mass"])
    return upper_limit_of(
        inputs,
        parameters,
        sky,
        cells["n_s_uncertainty"][0].as_py(),
        expected_in_cells(cells),
        profiled_j_limit(
            signal_of(inputs, parameters),
            binned_background(inputs["background_pdf"]),
            sky_of_table(inputs["observed_sky"], binned_background(inputs["background_pdf"]).reco_energy_edges),
            parameters["background"],
            window_in(inputs, parameters),
            parameters["confidence_level"],
            seed_of(parameters),
        ),
        detector_nodes_of(inputs, parameters),
    )


def spread_of_cells(store: ProductStore, model: Sequence[ProductKey], _: StatisticSettings) -> Spread:
    """Return the spread of n_s that the first of the model's products states, in its first row."""
    (row,) = store.read_product(model[0], ["n_s_uncertainty", "n_events"]).slice(0, 1).to_pylist()
    return Spread(float(row["n_s_uncertainty"]), int(row["n_events"]))


def _no_parameters(_: StatisticSettings) -> dict[str, Any]:
    """Return no parameters: the cells hold all that trials follow from."""
    return {}


JOINT = Statistic(
    name="joint",
    skies="separate",
    title="",
    density_stages=("signal_pdf", "ratio_cells"),
    model_stages=("ratio_cells",),
    parameters=_no_parameters,
    spread=spread_of_cells,
    make_trials=make_trials,
    make_histogram=make_histogram,
    make_sensitivity=make_sensitivity,
    make_asimov=make_asimov,
    make_discovery_potential=make_discovery_potential,
    make_cells=make_cells,
    signal_stages=("signal_pdf",),
    one_sky=OneSkyFits(("signal_pdf", "ratio_cells"), True, make_common_skies, make_observed, make_upper_limit),
    has_one_template=True,
)
