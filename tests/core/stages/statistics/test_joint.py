"""The joint statistic takes all that it needs from the ratio cells of a pair."""

import pytest

from core.configuration.statistics import StatisticSettings
from core.products.recipe import ProductKey
from core.stages.inputs import Inputs
from core.stages.statistics.joint import JOINT, spread_of_cells, trial_model
from tests.core.stages.analyses import CHANNEL, MASS, N_EVENTS, Analysis

CELLS = ProductKey("ratio_cells", {"channel": CHANNEL, "mass": MASS})


def test_the_model_of_trials_is_that_of_the_cells(joint: Analysis) -> None:
    (recipe,) = joint.recipes("background_trials")
    model = trial_model(Inputs(joint.store, recipe))
    cells = joint.table("ratio_cells")
    assert model.n_events == N_EVENTS
    assert model.ratio.ravel() == pytest.approx(cells["ratio"].to_numpy())
    assert model.background.sum() == pytest.approx(1.0)


def test_the_spread_of_n_s_is_the_one_that_the_cells_state(joint: Analysis) -> None:
    spread = spread_of_cells(joint.store, [CELLS], StatisticSettings())
    first = joint.table("ratio_cells").slice(0, 1).to_pylist()[0]
    assert spread == (first["n_s_uncertainty"], N_EVENTS)


def test_the_trials_spread_as_stated(joint: Analysis) -> None:
    n_s = joint.table("background_trials")["n_s_signed"].to_numpy()
    spread = JOINT.spread(joint.store, [CELLS], StatisticSettings()).n_s_uncertainty
    assert n_s.std() == pytest.approx(spread, rel=5.0 / (2.0 * len(n_s)) ** 0.5)


def test_cells_hold_all_settings(joint: Analysis) -> None:
    assert JOINT.parameters(joint.config.statistic) == {}
    assert JOINT.model_stages == ("ratio_cells",)
    assert JOINT.title == ""
