"""`dwarfnu inspect` prints what stands before the damage, and then the damage in one line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.events.i3 import I3TruncatedError, frame_bytes
from flows.cli import app
from flows.cli_inputs import inspect


def test_the_command_is_known() -> None:
    assert "inspect" in CliRunner().invoke(app, ["--help"]).output


def test_frames_stand_before_the_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = frame_bytes("P", {"energy": 3.0})
    (path := tmp_path / "a.i3").write_bytes(frame + frame[:-1])
    with pytest.raises(I3TruncatedError):
        inspect(path)
    assert "1 frames: 1 of P" in capsys.readouterr().out
