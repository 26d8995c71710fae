"""The published statistic takes histograms of all sources, and patterns where they share one sky."""

import numpy as np
import pytest

from core.configuration.config import Config
from core.stages.inputs import Inputs
from core.stages.stage import made_from
from core.stages.statistics.j_weighted import J_WEIGHTED, J_WEIGHTED_ON_ONE_SKY, trial_model
from core.stages.trial_recipes import model_products
from tests.core.stages.analyses import CHANNEL, MASS, N_EVENTS, Analysis

PAIR = (CHANNEL, MASS)


def test_weights_are_shares_of_the_j_factors(j_weighted: Analysis) -> None:
    (recipe,) = j_weighted.recipes("background_trials")
    model = trial_model(Inputs(j_weighted.store, recipe), grid=False)
    j_factor = j_weighted.table("sources")["j_factor"].to_numpy()
    assert model.weights == pytest.approx(j_factor / j_factor.sum())
    assert model.n_sources == len(j_factor)


def test_the_statistic_is_the_weighted_sum_over_sources(j_weighted: Analysis) -> None:
    """Both sums of n_s are kept: the weighted one, published, and the plain one, in which events are recovered."""
    table = j_weighted.table("background_trials")
    weighted, plain = (table[name].to_numpy() for name in ("n_s_signed", "n_s_total_signed"))
    assert plain.std() > 3.0 * weighted.std()
    assert np.corrcoef(weighted, plain)[0, 1] > 0.1


def test_the_spread_is_that_of_the_closed_form(j_weighted: Analysis, one_sky: Analysis) -> None:
    for analysis, statistic in ((j_weighted, J_WEIGHTED), (one_sky, J_WEIGHTED_ON_ONE_SKY)):
        products = model_products(analysis.config, PAIR)
        spread = statistic.spread(analysis.store, products, analysis.config.statistic)
        assert spread.n_s_uncertainty == pytest.approx(analysis.row("sensitivity")["n_s_uncertainty"])
        assert 0 < spread.n_events <= N_EVENTS


def test_the_published_grid_is_a_parameter_of_trials(j_weighted: Analysis) -> None:
    settings = j_weighted.config.statistic.model_copy(update={"grid": True})
    config = j_weighted.config.model_copy(update={"statistic": settings})
    few = config.model_copy(update={"trials": config.trials.model_copy(update={"n_background": 200})})
    (recipe,) = Analysis(few, j_weighted.store).recipes("background_trials")
    assert recipe.parameters["grid"] is True
    made = made_from(j_weighted.store, recipe)
    assert made.num_rows == 200
    assert np.all(made["test_statistic"].to_numpy() >= 0.0)


def test_one_sky_needs_patterns_and_gives_discovery_potentials() -> None:
    assert J_WEIGHTED.make_discovery_potential is None
    assert J_WEIGHTED_ON_ONE_SKY.make_discovery_potential is not None
    assert set(J_WEIGHTED_ON_ONE_SKY.model_stages) - set(J_WEIGHTED.model_stages) == {"sky_patterns"}
    assert J_WEIGHTED_ON_ONE_SKY.title != J_WEIGHTED.title
    assert J_WEIGHTED.parameters(Config(statistic={"name": "j_weighted"}).statistic) == {"grid": False}
