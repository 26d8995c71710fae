"""The shortest analysis, the whole way, where people's machines are hostile; many troubles at once."""

from pathlib import Path

import pytest

from benchmarks.hostile_environments import (
    AT_ONCE,
    ENVIRONMENTS,
    OF_MACHINE,
    OF_USER,
    Environment,
    command_in,
    has_ended_well,
    lacks,
    run_in,
    together,
    variables_in,
)

BY_NAME = {environment.name: environment for environment in ENVIRONMENTS}
PLACES = {"home": "/a/home", "work": "/a/w o r k", "tree": "/a", "python": "/usr/bin/python3"}


def test_all_twelve_are_tried() -> None:
    assert len(ENVIRONMENTS) == 12
    assert {environment.name for environment in (*OF_USER, *OF_MACHINE)} == set(BY_NAME)
    assert len(OF_USER) + len(OF_MACHINE) == 12


@pytest.mark.slow
def test_a_run_goes_the_whole_way_through_a_users_settings(tmp_path: Path) -> None:
    environment, _ = AT_ONCE
    outcome = run_in(environment, tmp_path, "-m", "flows.cli", "run", "analysis.toml")
    assert outcome.is_right, outcome.in_words
    assert outcome.code == 0
    assert has_ended_well(tmp_path)


@pytest.mark.slow
def test_products_are_made_where_nearly_nothing_can_be_written(tmp_path: Path) -> None:
    _, environment = AT_ONCE
    if (lacking := lacks(environment)) is not None:
        pytest.skip(f"this machine lacks {lacking}")
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o001)
    outcome = run_in(environment, tmp_path, "-m", "flows.cli", "run", "analysis.toml", "--only", "sources")
    assert outcome.is_right, outcome.in_words
    assert (outcome.code, "sources: 1 computed" in outcome.said) == (0, True)


def test_variables_are_a_newcomers_with_those_of_the_environment() -> None:
    environment = Environment("one", {"HOME": None, "TMPDIR": "{work}/nowhere"})
    found = variables_in(environment, PLACES)
    assert "HOME" not in found
    assert found["TMPDIR"] == "/a/w o r k/nowhere"
    assert not [name for name in found if name.startswith("PREFECT_")]


def test_troubles_come_together_and_mounts_come_first() -> None:
    both = together("both", [BY_NAME["proxy"], BY_NAME["usetex"], BY_NAME["no /dev/shm"]])
    assert {"http_proxy", "MPLBACKEND"} <= set(both.variables)
    command = command_in(both, PLACES, ["python", "a b"])
    assert command[0] == "unshare"
    mount, enter, run = command[-1].split(" && ")
    assert mount.startswith("mount ")
    assert (enter, run) == ("cd '/a/w o r k'", "exec python 'a b'")
    assert command_in(BY_NAME["proxy"], PLACES, ["python"]) == ["python"]
