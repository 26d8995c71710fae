"""Stage `background_trials`: pseudo-experiments without signal; a shard is one task and one file."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages.pairs import pair_keys, served_pairs
from core.stages.stage import PAIR_KEYS, Stage
from core.stages.trial_recipes import shard_recipes

TRIAL_COLUMNS = (
    "trial",
    "n_s",
    "test_statistic",
    "n_s_signed",
    "test_statistic_signed",
    "n_s_total",
    "n_s_total_signed",
    # where trials are counted in bins
    "binned",
    "bin_low",
    "bin_high",
    "n_trials",
    "n_s_sum",
    "n_s_square_sum",
)


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield the recipes of all shards of each served pair; the statistic's own function draws and fits them."""
    for pair in served_pairs(config, store):
        product = STAGE.product(**pair_keys(pair), seed=config.seed)
        yield from shard_recipes(config, pair, product, config.trials.n_background)


STAGE = Stage(
    name="background_trials",
    title="background trials",
    sentence="Draw pseudo-experiments without signal and fit each; run again, it computes the shards that are missing.",
    keys=(*PAIR_KEYS, "seed"),
    columns=TRIAL_COLUMNS,
    needs=("ratio_cells", "ratio_cell_sources", "source_background_pdf", "source_signal_pdf", "sky_patterns"),
    recipes=recipes,
)
