"""The benchmark of the main jobs measures commands that end well, and reads what they say of their stages."""

from pathlib import Path

import pytest

from benchmarks.runs import Job, stage_rows, taken_by

SAID = """│ bb      │ 20 GeV │
where the time went, CPU s
┃ stage        ┃ products ┃ tasks ┃ of it store ┃ clock s ┃
│ sources      │        1 │   0.1 │         0.1 │     0.1 │
│ counts_limit │       39 │  97.0 │         1.9 │    57.0 │
CPU: 331.4 s here
"""


def test_stages_that_take_long_are_read_off_the_table() -> None:
    assert stage_rows(SAID) == [["counts_limit", "39", "97.0", "57.0"]]


def test_a_command_is_measured_in_its_own_folder(tmp_path: Path) -> None:
    taken = taken_by(Job("status", ("status",), "", ""), tmp_path / "here")
    assert 0.0 < taken.cpu < 60.0
    assert taken.clock > 0.0
    assert str(tmp_path / "here" / "products") in taken.said


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="exit code 2"):
        taken_by(Job("status", ("status",), "pairs = 3\n", ""), tmp_path / "here")
