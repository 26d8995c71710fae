"""What tasks did: one entry each, heard as it comes, and the time in which any was at work."""

from threading import Thread

import pytest

from tasks.run_log import Entry, RunLog


def noted(*spans: tuple[float, float]) -> RunLog:
    log = RunLog()
    for begin, end in spans:
        log.note(Entry("spectra", "spectra", "Computed", begin, end))
    return log


@pytest.mark.parametrize(
    ("spans", "busy"),
    [
        ((), 0.0),
        (((0.0, 2.0),), 2.0),
        (((0.0, 2.0), (5.0, 6.0)), 3.0),
        (((0.0, 4.0), (1.0, 2.0)), 4.0),
        (((1.0, 3.0), (0.0, 2.0), (2.5, 4.0)), 4.0),
    ],
)
def test_time_at_work_counts_once(spans: tuple[tuple[float, float], ...], busy: float) -> None:
    assert noted(*spans).busy_time() == pytest.approx(busy)


def test_a_listener_hears_each_entry() -> None:
    log, heard = RunLog(), list[Entry]()
    log.listener = heard.append
    log.expect("spectra", 2)
    entry = Entry("spectra", "spectra channel=bb mass=10", "Cached", 1.0, 2.0)
    log.note(entry)
    assert heard == log.entries == [entry]
    assert log.expected == {"spectra": 2}


def test_threads_lose_no_entry() -> None:
    log = RunLog()
    entry = Entry("s", "p", "Cached", 0.0, 1.0)
    threads = [Thread(target=lambda: [log.note(entry) for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log.entries) == 800
