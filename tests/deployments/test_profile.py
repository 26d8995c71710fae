"""What a profile may ask for, as the page says it."""

import tomllib
from pathlib import Path

import pytest

from core.errors import ConfigError
from deployments.profile import Profile, read_profile


def test_the_profile_of_the_page_names_every_setting_with_its_default() -> None:
    page = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
    shown = tomllib.loads(page.partition('title="cluster.toml"\n')[2].partition("```")[0])
    assert Profile.model_validate(shown)
    assert list(shown) == list(Profile.model_fields)
    site = {"engine", "workers", "address", "interface", "queue", "container", "scratch", "setup"}
    assert {name: value for name, value in shown.items() if name not in site} == Profile().model_dump(exclude=site)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('engine = "mpi"\n', "engine = 'mpi'"),
        ("workers = 0\n", "workers = 0"),
        ("nodes = 3\n", "known here are engine, workers"),
        ('setup = ["one\\ntwo"]\n', "setup.0"),
        ("engine", "is not a TOML file"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_profile(tmp_path / "cluster.toml")
    assert said in str(refused.value)


def test_a_profile_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the profile"):
        read_profile(tmp_path / "none.toml")


def test_without_a_file_all_is_left_to_the_run() -> None:
    assert read_profile(None) == Profile()
    assert Profile(walltime="12:30:05").walltime_seconds == 45_005
