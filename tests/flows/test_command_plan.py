"""`dwarfnu plan`: what a run would make, why, and what it takes; nothing is made."""

from pathlib import Path

import pytest

from flows import weighing
from flows.command_plan import print_plan
from flows.given import Given
from tests.core.stages.analyses import Analysis, made_once, small_config
from tests.runs import run_cli, written_config

MANY = """
[trials]
n_background = 10_000_000_000
"""


@pytest.fixture(scope="module")
def joint(shared_folder: Path) -> Analysis:
    return made_once(shared_folder, "joint")


def rows(printed: str) -> dict[str, list[str]]:
    """The cells of the printed table by stage."""
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in printed.splitlines() if "│" in line]
    return {name: rest for name, *rest in cells}


def test_of_nothing_every_stage_is_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = small_config(tmp_path / "products")
    print_plan(config, Given(Path("my analysis.toml")))
    printed = capsys.readouterr().out
    found = rows(printed)
    assert found["background_trials"][:4] == ["0", "1", "0", "0"]
    assert found["signal_trials"][:4] == ["0", "9", "0", "0"]
    assert "as if every pair were served" in printed
    assert printed.rstrip().endswith("make them: dwarfnu run 'my analysis.toml'")
    assert not (tmp_path / "products").exists()


def test_a_changed_setting_is_the_reason_with_when_it_was_made(
    joint: Analysis, capsys: pytest.CaptureFixture[str]
) -> None:
    statistic = joint.config.statistic.model_copy(update={"n_cells": 32})
    print_plan(joint.config.model_copy(update={"statistic": statistic}))
    printed = capsys.readouterr().out
    made = joint.store.metadata("ratio_cells")["created"][:4]
    assert f"stale  ratio_cells, made {made}-" in printed
    assert ": its parameters have changed (n_cells: 64 → 32)" in printed
    assert "stale  signal_trials (9 products), made" in printed
    found = rows(printed)
    assert "signal_pdf" not in found
    assert found["ratio_cells"][:4] == ["0", "0", "1", "0"]


def test_of_an_analysis_that_stands_there_is_nothing_to_do(
    joint: Analysis, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.stages.plan.figure_recipes", lambda *_: [])
    print_plan(joint.config)
    assert capsys.readouterr().out == "nothing to do: every product is fresh\n"


@pytest.mark.parametrize("command", ["run", "trials"])
def test_what_the_disk_cannot_hold_is_refused_and_nothing_is_written(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(weighing, "usable_space", lambda _: 100_000_000_000)
    config = written_config(tmp_path, MANY)
    assert run_cli(monkeypatch, command, config) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "most of it background_trials), and 100 GB may be used" in said
    assert 'trials.keep = "histogram"' in said
    assert list(tmp_path.iterdir()) == [config]


def test_the_plan_says_that_it_would_be_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(weighing, "usable_space", lambda _: 100_000_000_000)
    assert run_cli(monkeypatch, "plan", written_config(tmp_path, MANY)) == 0
    assert "this would be refused: the run would write about" in capsys.readouterr().out


def test_more_files_than_can_be_listed_are_one_line_for_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = written_config(tmp_path, MANY + "shard_size = 1\n")
    for command in ("run", "plan", "status", "limits"):
        assert run_cli(monkeypatch, command, config) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "trials.shard_size = 1 cuts the trials of 44 pairs into" in said
