"""The streams that are read for speed hold what they say, and a report keeps its other parts."""

from pathlib import Path

import pytest

from benchmarks import measure
from benchmarks.event_problems import dragon_files, level_7_stream
from core.events.conversion import convert_file
from core.events.i3 import read_frames
from core.events.profiles import DRAGON, OSCNEXT


@pytest.mark.parametrize("packed", [False, True])
def test_a_real_stream_is_repeated_event_by_event(real_data: Path, tmp_path: Path, packed: bool) -> None:
    stream = level_7_stream(tmp_path, 3, packed)
    frames = list(read_frames(stream.path, streams=None, keys=()))
    assert sum(frame.stream == "P" for frame in frames) == stream.n_events == 15
    assert sum(frame.stream == "G" for frame in frames) <= 1
    assert convert_file(stream.path, OSCNEXT, "mc", "IC86_2014", strict=True).n_kept == 15
    if not packed:
        assert stream.path.stat().st_size == stream.n_bytes


def test_synthetic_files_are_converted_whole(tmp_path: Path) -> None:
    paths = list(dragon_files(tmp_path, 2, 3))
    assert [convert_file(path, DRAGON, "mc", "IC86_2013", 2, strict=True).n_kept for path in paths] == [3, 3]


def test_a_part_of_the_report_is_replaced_and_the_rest_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report.md"
    report.write_text("# One\n\nfirst\n\n## Table\n\n# Two\n\nsecond\n")
    monkeypatch.setattr(measure, "REPORT", report)
    measure.write_part("# One\n\nanew\n")
    measure.write_part("# Three\n\nthird\n")
    assert report.read_text() == "# One\n\nanew\n\n# Two\n\nsecond\n\n# Three\n\nthird\n"
