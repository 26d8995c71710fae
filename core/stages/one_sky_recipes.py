"""What the recipes of fits of one sky share: the densities of a pair, and how they are read."""

from typing import Any

from core.configuration.config import Config
from core.products.recipe import ProductKey
from core.stages.pairs import Pair, of_pair, window_inputs, window_parameter
from core.stages.statistics import statistic_of
from core.stages.trial_recipes import result_parameters


def fits_one_sky(config: Config) -> bool:
    """Return whether the statistic of an analysis can fit one sky, as data are."""
    return statistic_of(config).one_sky is not None


def sky_inputs(config: Config, pair: Pair) -> tuple[ProductKey, ...]:
    """Return the densities of a pair that its fit of one sky follows from, and what tells its window."""
    fits = statistic_of(config).one_sky
    return () if fits is None else (*of_pair(pair, *fits.stages), *window_inputs(config, pair))


def sky_parameters(config: Config, *pairs: Pair) -> dict[str, Any]:
    """Return how one sky is fitted, and the windows of pairs."""
    settings = config.statistic
    return {
        **result_parameters(config),
        "statistic": settings.name,
        "nside": settings.nside,
        "n_cells": settings.n_cells,
        "windows": {f"{channel} {mass:g}": window_parameter(config, (channel, mass)) for channel, mass in pairs},
    }
