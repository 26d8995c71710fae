"""The tasks that turn the trials of a pair into the cross sections that the search can exclude or discover."""

from collections.abc import Mapping

import pyarrow as pa

from core.channels import key_channel
from core.config import Config
from core.cross_sections import SignalScale, expected_in_cells, sensitivity_table, signal_scale
from core.discovery import discovery_table
from core.products import ProductStore
from core.recipes import Recipe
from core.samples import reco_energy_range
from core.source_discovery import source_discovery_table
from core.source_trials import expected_by_sources, source_sensitivity_table
from core.trial_products import read_trials
from core.trials import stream_seed
from tasks.caching import product_task
from tasks.trials import joint_model

TRIALS = ("background_trials", "signal_trials")


def sensitivity(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Turn the trials of a pair into the cross section that the search can exclude, with its bands."""
    inputs = {item.stage: store.read_product(item) for item in recipe.inputs if item.stage not in TRIALS}
    statistic = "test_statistic" if config.statistic.grid else "test_statistic_signed"
    background_trials, signal_trials = (
        pa.concat_tables([read_trials(store, item, statistic) for item in recipe.inputs if item.stage == stage])
        for stage in TRIALS
    )
    scale = _scale(config, recipe, inputs)
    if config.statistic.name == "j_weighted":
        return source_sensitivity_table(
            background_trials,
            signal_trials,
            inputs["source_background_pdf"],
            inputs["source_signal_pdf"],
            inputs["sources"],
            scale,
            config.statistic.grid,
            inputs.get("sky_patterns"),
        )
    return sensitivity_table(
        background_trials, signal_trials, inputs["ratio_cells"], scale, config.statistic.background
    )


def discovery_potential(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Find the cross sections that half of trials would show at 3 and at 5 sigma."""
    inputs = {item.stage: store.read_product(item) for item in recipe.inputs}
    channel, mass = str(recipe.product.keys["channel"]), float(recipe.product.keys["mass"])
    if config.statistic.name == "j_weighted":
        return source_discovery_table(
            inputs["source_background_pdf"],
            inputs["source_signal_pdf"],
            inputs["sources"],
            inputs["sky_patterns"],
            _scale(config, recipe, inputs),
            config.trials.n_tail,
            recipe.parameters["n_signal_trials"],
            stream_seed(config.seed, recipe.product.stage, channel, mass),
            config.statistic.grid,
        )
    return discovery_table(
        joint_model(inputs["ratio_cells"]),
        _scale(config, recipe, inputs),
        inputs["ratio_cells"]["n_s_uncertainty"][0].as_py(),
        config.trials.n_tail,
        recipe.parameters["n_signal_trials"],
        stream_seed(config.seed, recipe.product.stage, channel, mass),
        config.statistic.background,
    )


def _scale(config: Config, recipe: Recipe, inputs: Mapping[str, pa.Table]) -> SignalScale:
    is_joint = config.statistic.name == "joint"
    return signal_scale(
        inputs["sources"],
        inputs["spectra"],
        inputs["acceptance"],
        expected_in_cells(inputs["ratio_cells"]) if is_joint else expected_by_sources(inputs["source_signal_pdf"]),
        key_channel(str(recipe.product.keys["channel"])),
        float(recipe.product.keys["mass"]),
        config.sample,
        reco_energy_range(config),
    )


make_sensitivity = product_task(sensitivity)
make_discovery_potential = product_task(discovery_potential)
