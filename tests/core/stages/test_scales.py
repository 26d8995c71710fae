"""What trials and results take from a recipe: random numbers by name, and what one event stands for."""

import pytest

from core.random.streams import stream_seed
from core.stages.inputs import Inputs
from core.stages.scales import scale_in, trial_arguments
from tests.core.stages.analyses import CHANNEL, MASS, N_BACKGROUND, Analysis


def test_a_shard_of_trials_is_told_by_its_recipe(joint: Analysis) -> None:
    (recipe,) = joint.recipes("background_trials")
    assert trial_arguments(recipe.arguments) == {
        "n_trials": N_BACKGROUND,
        "n_injected": 0,
        "seed": stream_seed(1, "background_trials", CHANNEL, MASS),
        "first_trial": 0,
    }


def test_trials_with_other_numbers_of_signal_events_share_a_stream(joint: Analysis) -> None:
    """n_injected and the trial's index are the counter, not the key."""
    told = [trial_arguments(recipe.arguments) for recipe in joint.recipes("signal_trials")]
    assert len({one["seed"] for one in told}) == 1
    assert len({one["n_injected"] for one in told}) == len(told)
    assert told[0]["seed"] != trial_arguments(joint.recipes("background_trials")[0].arguments)["seed"]


def test_an_event_stands_for_a_cross_section_and_a_flux(joint: Analysis) -> None:
    (recipe,) = joint.recipes("sensitivity")
    acceptance = joint.table("acceptance")["n_s_per_sigma_v"].to_numpy().sum()
    scale = scale_in(Inputs(joint.store, recipe), recipe.arguments, float(acceptance))
    row = joint.row("sensitivity")
    assert scale.n_s_per_strength == pytest.approx(row["n_s_per_sigma_v"])
    flux = row["sigma_v_sensitivity"] * scale.flux_per_strength
    assert flux == pytest.approx(row["flux_sensitivity"])
    assert (scale.limitation, scale.sample) == ("", "public-3y")


def test_events_outside_of_the_window_are_no_signal(joint: Analysis) -> None:
    (recipe,) = joint.recipes("sensitivity")
    inputs = Inputs(joint.store, recipe)
    whole, half = (scale_in(inputs, recipe.arguments, number) for number in (2e22, 1e22))
    assert half.n_s_per_strength == whole.n_s_per_strength / 2.0
    assert half.flux_per_strength == whole.flux_per_strength
    assert half.n_s_per_strength_error / half.n_s_per_strength == pytest.approx(
        whole.n_s_per_strength_error / whole.n_s_per_strength
    )
