"""Stage `ratio_cells`: the sky merged into cells of nearly equal ratio of signal to background."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.pairs import of_pair, pair_keys, served_pairs
from core.stages.stage import PAIR_KEYS, Stage, recipe_of
from core.stages.statistics import has_density_stage, statistic_of


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair; the statistic's own function merges its densities, none has no cells."""
    statistic = statistic_of(config)
    if statistic.make_cells is None:
        return
    densities = statistic.density_stages[: statistic.density_stages.index("ratio_cells")]
    parameters = {"background": config.statistic.background, "n_cells": config.statistic.n_cells}
    for pair in served_pairs(config, store):
        inputs = (*of_pair(pair, *densities), ProductKey("background_pdf"))
        yield recipe_of(statistic.make_cells, STAGE.product(**pair_keys(pair)), parameters, inputs)


STAGE = Stage(
    name="ratio_cells",
    title="ratio cells",
    sentence="Merge the sky into cells of nearly equal ratio of signal to background.",
    keys=PAIR_KEYS,
    columns=(
        "cell",
        "ratio",
        "ratio_beside",
        "background_probability",
        "signal_probability",
        "signal_average_probability",
        "n_sky_cells",
        "n_events",
        "n_s_per_sigma_v",
        "fisher_information",
        "fisher_information_loss",
        "n_s_uncertainty",
    ),
    needs=("signal_pdf", "halo_pdf", "background_pdf"),
    recipes=recipes,
    applies=has_density_stage("ratio_cells"),
)
