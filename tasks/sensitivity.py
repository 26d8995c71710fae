"""The task that turns the trials of a pair into the cross section that the search can exclude."""

import pyarrow as pa

from core.acceptance import acceptance_from_table, served_mark
from core.channels import canonical_channel
from core.config import Config
from core.cross_sections import SignalScale, sensitivity_table, total_flux_per_sigma_v, windowed_signal
from core.products import ProductStore
from core.recipes import Recipe
from core.spectra import spectra_from_table
from tasks.caching import product_task


def sensitivity(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Turn the trials of a pair into the cross section that the search can exclude, with its bands."""
    by_stage = {item.stage: item for item in recipe.inputs}
    channel, mass = canonical_channel(str(recipe.product.keys["channel"])), float(recipe.product.keys["mass"])
    total = acceptance_from_table(store.read_product(by_stage["acceptance"]))
    n_s_per_sigma_v = windowed_signal(store.read_product(by_stage["energy_range"]), config.statistic.window)
    at_earth = spectra_from_table(store.read_product(by_stage["spectra"]))
    signal_trials = [store.read_product(item) for item in recipe.inputs if item.stage == "signal_trials"]
    scale = SignalScale(
        n_s_per_sigma_v=n_s_per_sigma_v,
        n_s_per_sigma_v_error=n_s_per_sigma_v * total.relative_error,
        flux_per_sigma_v=total_flux_per_sigma_v(store.read("sources")["j_factor"].to_numpy(), mass, at_earth),
    )
    return sensitivity_table(
        store.read_product(by_stage["background_trials"]),
        pa.concat_tables(signal_trials),
        store.read_product(by_stage["ratio_cells"]),
        scale,
        config.statistic.background,
        served_mark(total, channel, mass),
    )


make_sensitivity = product_task(sensitivity)
