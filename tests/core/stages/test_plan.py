"""What a run would make, and why: held against what it then makes."""

from pathlib import Path
from typing import Any

import pytest

from core.configuration.config import Config
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.figures import figure_recipes
from core.stages.plan import plan_of, trial_stages
from core.stages.registry import stages_of
from tests.core.stages.analyses import Analysis, small_config
from tests.made_analysis import made_analysis


def changed(config: Config, group: str, **values: Any) -> Config:
    return config.model_copy(update={group: getattr(config, group).model_copy(update=values)})


def test_of_nothing_all_is_new_and_as_many_as_will_be_made(joint: Analysis, tmp_path: Path) -> None:
    plan = plan_of(joint.config, ProductStore(tmp_path))
    numbers = {stage.stage: stage.n_of(State.MISSING) for stage in plan.stages}
    figures = numbers.pop("figures")
    assert numbers == {stage: len(joint.recipes(stage)) for stage in joint.stages}
    assert figures == len(figure_recipes(joint.config, joint.store))
    assert plan.n_to_make == sum(numbers.values()) + figures
    assert len(joint.stages) + figures <= plan.n_tasks <= plan.n_to_make
    assert not any(tmp_path.iterdir())


def test_what_stands_costs_no_more_than_its_tasks(joint: Analysis) -> None:
    plan = plan_of(joint.config, joint.store, joint.stages)
    assert plan.n_to_make == 0
    assert plan.n_tasks == len(joint.stages)
    assert plan.cost(2).cpu == plan.overhead.cpu
    assert plan.cost(2).disk == 0.0
    assert not any(stage.is_estimate for stage in plan.stages)


def test_a_changed_setting_is_told_once_a_stage_with_what_follows(joint: Analysis) -> None:
    plan = plan_of(changed(joint.config, "statistic", n_cells=32), joint.store)
    said = {stage.stage: [(reason.state, reason.words) for reason in stage.reasons] for stage in plan.stages}
    assert said["signal_pdf"] == []
    assert said["ratio_cells"] == [(State.STALE, "its parameters have changed (n_cells: 64 → 32)")]
    assert said["sensitivity"] == [(State.STALE, "its input ratio_cells is stale")]
    (trials,) = next(stage for stage in plan.stages if stage.stage == "signal_trials").reasons
    assert trials.n_products == len(joint.recipes("signal_trials")) > 1
    assert trials.example is not None
    assert trials.example.product.stage == "signal_trials"


def test_more_trials_cost_more_and_nothing_else_is_made_again(joint: Analysis) -> None:
    few, many = (
        plan_of(changed(joint.config, "trials", n_background=number), joint.store) for number in (3_000, 3_000_000)
    )
    for plan in (few, many):
        to_make = {stage.stage for stage in plan.stages if stage.n_to_make}
        assert to_make == {"background_trials", "sensitivity", "figures"}
    assert many.cost(1).cpu > few.cost(1).cpu
    assert many.cost(1).disk > 100 * few.cost(1).disk / 10
    assert many.cost(1).memory > few.cost(1).memory


def test_a_pair_that_is_refused_is_not_planned(tmp_path: Path) -> None:
    config = small_config(tmp_path, pairs={"nunu": [100.0], "tautau": [20.0]})
    store = made_analysis(config, ("sources", "event_counts", "response", "spectra", "acceptance"))
    before = {stage.stage: stage.n_to_make for stage in plan_of(config, ProductStore(tmp_path / "none")).stages}
    after = {stage.stage: stage.n_to_make for stage in plan_of(config, store).stages}
    assert (before["ratio_cells"], after["ratio_cells"]) == (2, 1)
    assert (before["signal_trials"], after["signal_trials"]) == (18, 9)
    assert (before["j_calibration"], after["j_calibration"]) == (1, 1)


def test_more_tasks_at_a_time_take_more_memory_and_no_more_time(tmp_path: Path) -> None:
    plan = plan_of(Config(), ProductStore(tmp_path))
    one, four = plan.cost(1), plan.cost(4)
    assert (one.cpu, one.disk) == (four.cpu, four.disk)
    assert 1.0 < four.memory / one.memory < 4.0


def test_stages_that_nobody_measured_are_named(
    joint: Analysis, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("core.stages.rates.RATES", {})
    plan = plan_of(joint.config, ProductStore(tmp_path))
    assert plan.not_measured == (*stages_of(joint.config), "figures")
    assert plan.cost(1).cpu == plan.overhead.cpu


def test_trials_need_no_stage_that_comes_after_them() -> None:
    stages = trial_stages(Config())
    assert stages[-2:] == ("background_trials", "signal_trials")
    assert "ratio_cells" in stages
    assert "sensitivity" not in stages
