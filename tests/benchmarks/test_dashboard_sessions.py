"""Sessions that come and go leave neither memory nor words behind."""

from pathlib import Path

import pytest

from benchmarks.dashboard_sessions import measured
from tests.small_analysis import write_analysis


@pytest.mark.slow
def test_sessions_that_leave_leave_nothing(tmp_path: Path) -> None:
    write_analysis(tmp_path, (("tautau", 20.0),))
    found = measured(tmp_path, 33, forgotten_after=2.0)
    assert found.console == ""
    assert found.growth < 50.0
