"""The published statistic: a fit a source, weighted with its J factor, on skies of their own or on one sky."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from core.configuration.statistics import StatisticSettings
from core.inference.discovery_product import source_discovery_table
from core.inference.source_asimov import source_asimov_table
from core.inference.stacked_product import expected_by_sources, source_sensitivity_table, source_trials_table
from core.likelihood.model import TrialModel
from core.likelihood.stacked_law import StackedLaw
from core.likelihood.stacked_model import source_trial_model
from core.pdfs.background import binned_background
from core.pdfs.sky_model import SkyModel, pattern_sky_model
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.random.streams import stream_seed
from core.signal.windows import optimal_window
from core.stages.inputs import Inputs
from core.stages.scales import scale_in, trial_arguments
from core.stages.stage import Parameters
from core.stages.statistics.joint import spread_of_cells
from core.stages.statistics.one_sky import common_skies_of, observed_of, upper_limit_of
from core.stages.statistics.statistic import OneSkyFits, Spread, Statistic
from core.trials.histogram import trial_histogram
from core.trials.run import run_trials

DENSITIES = ("source_background_pdf", "source_signal_pdf")


def trial_model(inputs: Inputs, grid: bool) -> TrialModel:
    """Return the model of trials that the histograms of a pair describe, on one sky if there are patterns."""
    background, signal = (inputs[stage] for stage in DENSITIES)
    return source_trial_model(background, signal, inputs["sources"], grid, inputs.get("sky_patterns"))


def make_trials(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Draw and fit the trials of a shard."""
    result = run_trials(trial_model(inputs, parameters["grid"]), **trial_arguments(parameters))
    return source_trials_table(result, parameters["first_trial"])


def make_histogram(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Draw and fit the trials of a shard and count them in bins of their test statistics."""
    return trial_histogram(trial_model(inputs, parameters["grid"]), **trial_arguments(parameters))


def make_sensitivity(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Turn the trials of a pair into the cross section that the search can exclude, with its bands."""
    statistic = "test_statistic" if parameters["grid"] else "test_statistic_signed"
    signal = inputs["source_signal_pdf"]
    return source_sensitivity_table(
        inputs.trials("background_trials", statistic),
        inputs.trials("signal_trials", statistic),
        inputs["source_background_pdf"],
        signal,
        inputs["sources"],
        scale_in(inputs, parameters, expected_by_sources(signal)),
        parameters["grid"],
        inputs.get("sky_patterns"),
    )


def make_asimov(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Expect what trials would show, from the histograms alone."""
    signal = inputs["source_signal_pdf"]
    return source_asimov_table(
        inputs["source_background_pdf"],
        signal,
        inputs["sources"],
        scale_in(inputs, parameters, expected_by_sources(signal)),
        parameters["grid"],
        inputs.get("sky_patterns"),
    )


def make_discovery_potential(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Find the cross sections that half of trials of one sky would show at 3 and at 5 sigma."""
    signal = inputs["source_signal_pdf"]
    return source_discovery_table(
        inputs["source_background_pdf"],
        signal,
        inputs["sources"],
        inputs["sky_patterns"],
        scale_in(inputs, parameters, expected_by_sources(signal)),
        parameters["n_tail_trials"],
        parameters["n_signal_trials"],
        stream_seed(parameters["seed"], parameters["stage"], parameters["channel"], parameters["mass"]),
        parameters["grid"],
    )


def sky_model(inputs: Inputs, parameters: Parameters, channel: str, mass: float) -> SkyModel:
    """Return how a pair sees one sky."""
    keys: dict[str, Any] = {"channel": channel, "mass": mass}
    (patterns,), (background,), (signal,) = (list(inputs.each(stage, **keys)) for stage in ("sky_patterns", *DENSITIES))
    window = parameters["windows"][f"{channel} {mass:g}"]
    if window == "optimal":
        window = optimal_window(next(inputs.each("energy_range", **keys)))
    model = source_trial_model(background, signal, inputs["sources"], parameters["grid"], patterns)
    edges = binned_background(inputs["background_pdf"]).reco_energy_edges
    angle_low = background["angle_low"].to_numpy()[: model.n_bins]
    return pattern_sky_model(model, inputs["sources"], angle_low, parameters["nside"], edges, window)


def make_common_skies(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Fit all pairs to pseudo-skies that they share."""
    pairs = [(table["channel"][0].as_py(), table["mass"][0].as_py()) for table in inputs.each("sky_patterns")]
    return common_skies_of(inputs, parameters, pairs, [sky_model(inputs, parameters, *pair) for pair in pairs])


def make_observed(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Fit a pair to the observed sky."""
    sky = sky_model(inputs, parameters, parameters["channel"], parameters["mass"])
    return observed_of(inputs, parameters, sky, expected_by_sources(inputs["source_signal_pdf"]))


def make_upper_limit(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Limit the cross section of a pair by the observed sky; a sum of fits has no likelihood to profile."""
    sky = sky_model(inputs, parameters, parameters["channel"], parameters["mass"])
    spread = inputs["sky_patterns"]["n_s_uncertainty"][0].as_py()
    return upper_limit_of(
        inputs, parameters, sky, spread, expected_by_sources(inputs["source_signal_pdf"]), profiled_j=None
    )


def spread_of_sources(store: ProductStore, model: Sequence[ProductKey], settings: StatisticSettings) -> Spread:
    """Return the spread of the stacked n_s by the law of Gaussian fits, and the least events of any source."""
    background, signal, sources = (store.read_product(product) for product in model)
    stacked = source_trial_model(background, signal, sources, settings.grid)
    return Spread(StackedLaw.of(stacked).n_s_uncertainty, int(stacked.draw_events.min()))


def _grid(settings: StatisticSettings) -> dict[str, Any]:
    """Return whether n_s is fitted on the published integer grid."""
    return {"grid": settings.grid}


J_WEIGHTED = Statistic(
    name="j_weighted",
    skies="separate",
    title="j_weighted",
    density_stages=DENSITIES,
    model_stages=(*DENSITIES, "sources"),
    parameters=_grid,
    spread=spread_of_sources,
    make_trials=make_trials,
    make_histogram=make_histogram,
    make_sensitivity=make_sensitivity,
    make_asimov=make_asimov,
    make_discovery_potential=None,  # sources on skies of their own understate the tail
)

J_WEIGHTED_ON_ONE_SKY = replace(
    J_WEIGHTED,
    skies="one",
    title="j_weighted on one sky",
    density_stages=(*DENSITIES, "sky_patterns"),
    model_stages=("sky_patterns", *DENSITIES, "sources"),
    spread=spread_of_cells,
    make_discovery_potential=make_discovery_potential,
    one_sky=OneSkyFits(("sky_patterns", *DENSITIES), False, make_common_skies, make_observed, make_upper_limit),
)
