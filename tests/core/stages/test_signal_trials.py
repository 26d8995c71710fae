"""The stage `signal_trials`: as many events injected as told, a product each number."""

import numpy as np
import pytest

from core.likelihood.model import TrialModel
from core.random.streams import stream_seed
from core.stages.trial_recipes import injected_counts
from core.trials.run import run_trials
from tests.core.stages.analyses import CHANNEL, MASS, N_EVENTS, N_SIGNAL, Analysis


def numbers(analysis: Analysis) -> list[int]:
    return [int(recipe.product.keys["n_injected"]) for recipe in analysis.recipes("signal_trials")]


def test_numbers_are_multiples_of_the_spread_of_n_s(joint: Analysis) -> None:
    spread = joint.table("ratio_cells")["n_s_uncertainty"][0].as_py()
    assert tuple(numbers(joint)) == injected_counts(joint.config, spread, N_EVENTS)
    assert numbers(joint) == sorted(set(numbers(joint)))
    factors = joint.config.trials.injected_over_uncertainty
    assert numbers(joint) == pytest.approx(np.array(factors) * spread, abs=0.5)


def test_trials_are_those_of_the_engine(joint: Analysis) -> None:
    cells, n_injected = joint.table("ratio_cells"), numbers(joint)[3]
    background, signal, ratio, average = (
        cells[name].to_numpy()
        for name in ("background_probability", "signal_probability", "ratio", "signal_average_probability")
    )
    model = TrialModel.joint(background, signal, ratio, N_EVENTS, average)
    seed = stream_seed(joint.config.seed, "signal_trials", CHANNEL, MASS)
    expected = run_trials(model, N_SIGNAL, n_injected, seed)
    found = joint.table("signal_trials", n_injected=n_injected)
    np.testing.assert_array_equal(found["test_statistic_signed"].to_numpy(), expected.test_statistic_signed)
    assert set(found["n_injected"].to_pylist()) == {n_injected}


@pytest.mark.parametrize(("statistic", "column"), [("joint", "n_s_signed"), ("j_weighted", "n_s_total_signed")])
def test_injected_events_are_found_on_average(statistic: str, column: str, request: pytest.FixtureRequest) -> None:
    """Of the published statistic in the plain sum over sources; on one sky that sum counts an event for each source."""
    analysis: Analysis = request.getfixturevalue(statistic)
    for n_injected in numbers(analysis)[2::3]:
        n_s = analysis.table("signal_trials", n_injected=n_injected)[column].to_numpy()
        error = n_s.std() / np.sqrt(N_SIGNAL)
        assert n_s.mean() == pytest.approx(n_injected, abs=5.0 * error + 0.02 * n_injected)


def test_the_statistic_grows_with_the_signal(any_statistic: Analysis) -> None:
    medians = [
        np.median(any_statistic.table("signal_trials", n_injected=number)["test_statistic_signed"].to_numpy())
        for number in numbers(any_statistic)
    ]
    assert np.all(np.diff(medians) > 0.0)
