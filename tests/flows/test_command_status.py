"""`dwarfnu status`: a line a stage, and why each product that is not fresh is not."""

from collections import Counter
from pathlib import Path

import pytest

from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.registry import stages_of
from flows.command_status import Detail, print_status, states_by_stage
from flows.given import Given
from tests.core.stages.analyses import Analysis, made_once, small_config


@pytest.fixture(scope="module")
def joint(shared_folder: Path) -> Analysis:
    return made_once(shared_folder, "joint")


def test_every_stage_comes_in_order_and_figures_last(joint: Analysis) -> None:
    found = list(states_by_stage(joint.config, joint.store))
    assert [stage for stage, _ in found] == [*stages_of(joint.config), "figures"]
    for stage, states in found[:-1]:
        assert states
        assert {state.state for _, state in states} == {State.FRESH}, stage
    assert {state.state for _, state in found[-1][1]} == {State.MISSING}


def test_a_changed_setting_is_told_by_the_stages_behind_it(joint: Analysis) -> None:
    statistic = joint.config.statistic.model_copy(update={"n_cells": 32})
    other = joint.config.model_copy(update={"statistic": statistic})
    found = {
        stage: Counter(state.state for _, state in states) for stage, states in states_by_stage(other, joint.store)
    }
    assert found["signal_pdf"] == {State.FRESH: 1}
    assert found["ratio_cells"] == found["background_trials"] == found["sensitivity"] == {State.STALE: 1}


def test_some_stages_can_be_asked_for(joint: Analysis) -> None:
    found = list(states_by_stage(joint.config, joint.store, ["sources"], lambda *_: []))
    assert [(stage, len(states)) for stage, states in found] == [("sources", 1), ("figures", 0)]


def test_the_reason_is_printed(joint: Analysis, capsys: pytest.CaptureFixture[str]) -> None:
    statistic = joint.config.statistic.model_copy(update={"n_cells": 32})
    print_status(joint.config.model_copy(update={"statistic": statistic}), Detail.WHY)
    printed = capsys.readouterr().out
    assert "its parameters have changed (n_cells: 64 → 32)" in printed
    assert "its input ratio_cells" in printed
    assert "as its recipe asks" not in printed
    print_status(joint.config, Detail.ALL)
    assert "as its recipe asks" in capsys.readouterr().out


def test_what_is_known_later_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = small_config(tmp_path)
    print_status(config, Detail.COUNTS)
    printed = capsys.readouterr().out
    assert "–: known once the acceptances (which pairs are served) and densities are made" in printed
    assert list(ProductStore(tmp_path).keys("sources")) == []


def test_a_place_that_does_not_exist_or_holds_other_analyses_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = small_config(tmp_path / "nowhere")
    print_status(config, Detail.COUNTS)
    assert f"no products yet: there is no {tmp_path}/nowhere" in capsys.readouterr().out
    (tmp_path / "nowhere" / "mine").mkdir(parents=True)
    print_status(config, Detail.COUNTS)
    said = f"no products yet of public-3y in {tmp_path}/nowhere; analyses there are mine"
    assert said in capsys.readouterr().out
    (tmp_path / "nowhere" / "public-3y").mkdir()
    print_status(config, Detail.COUNTS)
    assert "no products yet" not in capsys.readouterr().out


def test_the_hints_name_the_file_and_the_place_that_were_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_status(small_config(tmp_path), Detail.COUNTS, given=Given(Path("mine.toml"), str(tmp_path), 3))
    asked = f"mine.toml --products {tmp_path} --seed 3"
    assert f"why: dwarfnu status {asked} --why; make them: dwarfnu run {asked}" in capsys.readouterr().out
