"""Tasks that draw and fit pseudo-experiments: a shard of one pair's trials is one task and one product."""

import numpy as np
import pyarrow as pa

from core.configuration.config import Config
from core.inference.stacked_product import source_trials_table
from core.likelihood.model import TrialModel
from core.likelihood.stacked_model import source_trial_model
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.random.streams import stream_seed
from core.trials.histogram import trial_histogram
from core.trials.run import TrialResult, run_trials
from tasks.caching import product_task


def background_trials(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Draw and fit pseudo-experiments without signal."""
    return _trials(store, config, recipe, n_injected=0)


def signal_trials(store: ProductStore, config: Config, recipe: Recipe) -> pa.Table:
    """Draw and fit pseudo-experiments with a given number of signal events among them."""
    return _trials(store, config, recipe, n_injected=int(recipe.product.keys["n_injected"]))


def _trials(store: ProductStore, config: Config, recipe: Recipe, n_injected: int) -> pa.Table:
    channel, mass = str(recipe.product.keys["channel"]), float(recipe.product.keys["mass"])
    is_joint = config.statistic.name == "joint"
    make = trial_histogram if config.trials.keep == "histogram" else run_trials
    result = make(
        joint_model(store.read_product(recipe.inputs[0])) if is_joint else _source_model(store, config, recipe),
        recipe.parameters["n_trials"],
        n_injected=n_injected,
        seed=stream_seed(config.seed, recipe.product.stage, channel, mass),
        first_trial=recipe.parameters["first_trial"],
    )
    if isinstance(result, pa.Table):
        return result
    table = _trials_table if is_joint else source_trials_table
    return table(result, recipe.parameters["first_trial"])


def joint_model(cells: pa.Table) -> TrialModel:
    """Return the model of trials that the product `ratio_cells` of a pair describes."""
    return TrialModel.joint(
        cells["background_probability"].to_numpy(),
        cells["signal_probability"].to_numpy(),
        cells["ratio"].to_numpy(),
        cells["n_events"][0].as_py(),
    )


def _source_model(store: ProductStore, config: Config, recipe: Recipe) -> TrialModel:
    products = {item.stage: store.read_product(item) for item in recipe.inputs}
    return source_trial_model(**products, grid=config.statistic.grid)


def _trials_table(result: TrialResult, first_trial: int) -> pa.Table:
    return pa.table(
        {
            "trial": np.arange(first_trial, first_trial + len(result.n_s)),
            "n_s": result.n_s,
            "test_statistic": result.test_statistic,
            "n_s_signed": result.n_s_signed,
            "test_statistic_signed": result.test_statistic_signed,
        }
    )


make_background_trials = product_task(background_trials)
make_signal_trials = product_task(signal_trials)
