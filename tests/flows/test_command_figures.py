"""`dwarfnu figures`: what is asked for is drawn once, in every form, with captions and metadata."""

from pathlib import Path

import pytest
from PIL import Image

from core.errors import ConfigError
from core.stages.figures.words import digest_in
from flows.cli_figures import figures
from flows.command_figures import Asked, draw_figures
from tests.core.stages.analyses import Analysis, made_once


@pytest.fixture(scope="module")
def joint(shared_folder: Path) -> Analysis:
    return made_once(shared_folder, "joint")


def test_figures_are_drawn_once_in_all_forms(
    joint: Analysis, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = Asked(["robustness"], (), "png,pdf,svg", tmp_path / "paper")
    drawn = draw_figures(joint.config, asked)
    assert [path.name for path in drawn] == ["robustness.png", "robustness.pdf", "robustness.svg"]
    assert capsys.readouterr().out.startswith("figures: 1 computed\n")
    caption = (tmp_path / "paper/robustness.tex").read_bytes()
    assert b"dwarfs only, no Galactic halo" in caption
    assert {digest_in(Path(path).read_bytes()) for path in drawn} == {digest_in(caption)} != {None}
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "paper").iterdir()}
    draw_figures(joint.config, asked)
    assert capsys.readouterr().out.startswith("figures: 1 cached\n")
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "paper").iterdir()} == before


def test_a_picture_says_of_itself_what_it_is(joint: Analysis, tmp_path: Path) -> None:
    (path,) = draw_figures(joint.config, Asked(["sources"], (), "png", tmp_path))
    with Image.open(Path(path)) as image:
        assert image.info["Source"] == "dwarfnu figures --kind sources"
        assert "no Galactic halo" in image.info["Description"]


def test_the_command_takes_kinds_and_a_folder(
    joint: Analysis, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.cli_figures.configured", lambda *_, **__: joint.config)
    figures(kind=["sources"], to=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"sources.png", "sources.tex"}
    assert f"in {tmp_path}, each with its caption" in capsys.readouterr().out


def test_nothing_is_written_where_something_is_not_there(joint: Analysis, tmp_path: Path) -> None:
    for asked in (Asked(["limit"], (), "png", tmp_path / "paper"), Asked((), (), "tiff", tmp_path / "paper")):
        with pytest.raises(ConfigError):
            draw_figures(joint.config, asked)
    assert not (tmp_path / "paper").exists()
