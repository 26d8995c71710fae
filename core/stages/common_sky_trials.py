"""Stage `common_sky_trials`: pseudo-skies without signal to each of which all pairs are fitted."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.one_sky_recipes import fits_one_sky, sky_inputs, sky_parameters
from core.stages.pairs import served_pairs
from core.stages.stage import Stage, recipe_of
from core.stages.statistics import statistic_of
from core.trials.one_sky import FITTED


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield the one recipe, of all served pairs; the statistic's own function draws and fits them."""
    fits, pairs = statistic_of(config).one_sky, list(served_pairs(config, store))
    if fits is None or not pairs:
        return
    parameters = {**sky_parameters(config, *pairs), "n_common_skies": config.limits.n_common_skies}
    common = (ProductKey("background_pdf"), ProductKey("sources"))
    inputs = (*common, *(product for pair in pairs for product in sky_inputs(config, pair)))
    yield recipe_of(fits.make_common_skies, STAGE.product(seed=config.seed), parameters, inputs)


STAGE = Stage(
    name="common_sky_trials",
    title="common-sky trials",
    sentence="Fit all pairs to pseudo-skies that they share, for p-values corrected for all of them.",
    keys=("seed",),
    columns=("channel", "mass", "trial", *FITTED),
    needs=("background_pdf", "signal_pdf", "ratio_cells", "sky_patterns"),
    recipes=recipes,
    applies=fits_one_sky,
    command="unblind",
)
