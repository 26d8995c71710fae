"""Sessions that come one after the other see every page drawn, and leave no words on the console."""

from pathlib import Path

import pytest

from benchmarks.dashboard_sessions import measured
from tests.small_analysis import write_analysis


@pytest.mark.slow
def test_sessions_that_leave_say_nothing(tmp_path: Path) -> None:
    write_analysis(tmp_path, (("tautau", 20.0),))
    found = measured(tmp_path, 11, forgotten_after=0.0, at_once=1)
    assert found.console == ""
    assert found.most >= found.before > 0
