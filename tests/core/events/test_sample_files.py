"""The files of a sample by patterns and by season."""

from pathlib import Path

import pytest

from core.errors import ConfigError, InputError
from core.events.sample_files import files_by_season, matching_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("IC86_2012_a.i3", "IC86_2012_b.i3", "IC86.2011/run_1.i3", "IC86.2011/deep/run_2.i3", "odd[1].i3"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_a_pattern_goes_through_folders_and_names_each_file_once(folder: Path) -> None:
    patterns = [f"{folder}/**/run_*.i3", f"{folder}/IC86.2011/*.i3"]
    assert names(matching_files(patterns, "events.data")) == ["run_2.i3", "run_1.i3"]


def test_a_path_is_taken_as_it_stands_though_it_looks_like_a_pattern(folder: Path) -> None:
    assert names(matching_files([f"{folder}/odd[1].i3"], "events.data")) == ["odd[1].i3"]


def test_a_pattern_without_a_file_is_named_with_its_setting(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"events.good_runs: no file matches .*\*.npy; paths and patterns"):
        matching_files([f"{folder}/*.i3", f"{folder}/*.npy"], "events.good_runs")
    with pytest.raises(ConfigError, match="no file matches"):
        matching_files([str(folder / "IC86.2011")], "events.data")


def test_a_name_tells_the_season_else_its_folder_else_the_setting(folder: Path) -> None:
    found = files_by_season(matching_files([f"{folder}/**/[Ir]*.i3"], "events.data"), None)
    assert {season: names(paths) for season, paths in found.items()} == {
        "IC86_2011": ["run_2.i3", "run_1.i3"],
        "IC86_2012": ["IC86_2012_a.i3", "IC86_2012_b.i3"],
    }
    odd = [folder / "odd[1].i3"]
    assert files_by_season(odd, "IC86_2014") == {"IC86_2014": odd}
    with pytest.raises(InputError, match=r"tells a season such as IC86_2011: set events\.season"):
        files_by_season(odd, None)
