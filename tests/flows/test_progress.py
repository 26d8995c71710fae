"""Progress where nobody watches: a line a stage once all its products stand."""

from io import StringIO

import pytest
from rich.console import Console

from flows.progress import shown_progress, wide_console
from tasks.run_log import RUN_LOG, Entry


@pytest.fixture(autouse=True)
def own_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RUN_LOG, "entries", [])
    monkeypatch.setattr(RUN_LOG, "expected", {})


def test_a_stage_is_one_line_when_it_is_done() -> None:
    written = StringIO()
    with shown_progress(Console(file=written, width=150)):
        RUN_LOG.expect("spectra", 3)
        for outcome in ("Cached", "Computed"):
            RUN_LOG.note(Entry("spectra", "spectra", outcome, 0.0, 1.0))
        assert written.getvalue() == ""
        RUN_LOG.note(Entry("spectra", "spectra", "Computed", 0.0, 1.0))
    assert written.getvalue() == "spectra: 1 cached, 2 computed\n"
    assert RUN_LOG.listener is None


def test_a_terminal_sees_bars() -> None:
    written = StringIO()
    with shown_progress(Console(file=written, width=150, force_terminal=True)):
        RUN_LOG.expect("spectra", 1)
        RUN_LOG.note(Entry("spectra", "spectra", "Recomputed (stale)", 0.0, 1.0))
    assert "1/1" in written.getvalue()
    assert "1 recomputed (stale)" in written.getvalue()


def test_the_listener_is_gone_after_an_error() -> None:
    def fail() -> None:
        with shown_progress(Console(file=StringIO())):
            raise KeyError("broken")

    with pytest.raises(KeyError):
        fail()
    assert RUN_LOG.listener is None


def test_a_file_takes_whole_lines() -> None:
    console = wide_console()
    assert console.is_terminal or console.width == 200
