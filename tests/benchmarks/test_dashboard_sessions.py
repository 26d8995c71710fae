"""Sessions that come one after the other see every page drawn, and leave no words on the console."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.dashboard_sessions import measured
from tests.small_analysis import write_analysis


@pytest.mark.slow
def test_sessions_that_leave_say_nothing(tmp_path: Path) -> None:
    write_analysis(tmp_path, (("tautau", 20.0),))
    # On a thread of its own: browser tests before it in the same process leave an event loop running on the main one.
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(measured, tmp_path, 11, forgotten_after=0.0, at_once=1).result()
    assert found.console == ""
    assert found.most >= found.before > 0


@pytest.mark.slow
def test_sessions_that_stay_open_are_kept_by_the_server(tmp_path: Path) -> None:
    write_analysis(tmp_path, (("tautau", 20.0),))
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(measured, tmp_path, 3, forgotten_after=0.0, at_once=1, stay_seconds=2.0).result()
    assert found.console == ""
    assert found.most >= found.before > 0
