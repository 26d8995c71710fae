"""The task that turns the trials of a pair into the cross section that the search can exclude."""

import pyarrow as pa

from core.channels import canonical_channel
from core.config import Config
from core.cross_sections import expected_in_cells, sensitivity_table, signal_scale
from core.products import ProductStore
from core.recipes import Recipe
from core.samples import reco_energy_range
from core.source_trials import expected_by_sources, source_sensitivity_table
from core.trial_products import read_trials
from tasks.caching import product_task


def sensitivity(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Turn the trials of a pair into the cross section that the search can exclude, with its bands."""
    trials = ("background_trials", "signal_trials")
    inputs = {item.stage: store.read_product(item) for item in recipe.inputs if item.stage not in trials}
    statistic = "test_statistic" if config.statistic.grid else "test_statistic_signed"
    background_trials, signal_trials = (
        [read_trials(store, item, statistic) for item in recipe.inputs if item.stage == stage] for stage in trials
    )
    channel, mass = canonical_channel(str(recipe.product.keys["channel"])), float(recipe.product.keys["mass"])
    is_joint = config.statistic.name == "joint"
    scale = signal_scale(
        inputs["sources"],
        inputs["spectra"],
        inputs["acceptance"],
        expected_in_cells(inputs["ratio_cells"]) if is_joint else expected_by_sources(inputs["source_signal_pdf"]),
        channel,
        mass,
        config.sample,
        reco_energy_range(config),
    )
    if not is_joint:
        return source_sensitivity_table(
            background_trials[0],
            pa.concat_tables(signal_trials),
            inputs["source_background_pdf"],
            inputs["source_signal_pdf"],
            inputs["sources"],
            scale,
            config.statistic.grid,
        )
    return sensitivity_table(
        background_trials[0],
        pa.concat_tables(signal_trials),
        inputs["ratio_cells"],
        scale,
        config.statistic.background,
    )


make_sensitivity = product_task(sensitivity)
