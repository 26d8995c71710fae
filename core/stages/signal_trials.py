"""Stage `signal_trials`: pseudo-experiments with a given number of signal events among their events."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.background_trials import TRIAL_COLUMNS
from core.stages.pairs import served_pairs
from core.stages.stage import PAIR_KEYS, Stage
from core.stages.trial_recipes import shard_recipes, signal_trial_products


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield the recipes of all shards of each served pair and number of injected events."""
    for pair in served_pairs(config, store):
        for product in signal_trial_products(config, store, pair):
            yield from shard_recipes(config, pair, product, config.trials.n_signal)


STAGE = Stage(
    name="signal_trials",
    title="signal trials",
    sentence="Draw pseudo-experiments with signal in them and fit each, for several numbers of signal events.",
    keys=(*PAIR_KEYS, "n_injected", "seed"),
    columns=TRIAL_COLUMNS,
    needs=("ratio_cells", "ratio_cell_sources", "source_background_pdf", "source_signal_pdf", "sky_patterns"),
    recipes=recipes,
)
