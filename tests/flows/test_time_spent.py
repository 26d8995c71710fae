"""What `-v` says of a run's time: each stage's own, and the clock's without a task."""

from io import StringIO

from rich.console import Console

from flows.time_spent import print_time_spent
from tasks.run_log import Entry, RunLog


def printed(*entries: Entry, wall_time: float) -> str:
    written = StringIO()
    print_time_spent(Console(file=written, width=200), RunLog(list(entries)), wall_time)
    return written.getvalue()


def test_times_are_summed_by_stage() -> None:
    said = printed(
        Entry("spectra", "spectra channel=bb mass=10", "Computed", 1.0, 3.0, cpu=1.25, in_store=0.5),
        Entry("spectra", "spectra channel=bb mass=20", "Computed", 2.0, 4.0, cpu=1.5, in_store=0.25),
        Entry("halo", "halo channel=bb mass=10", "Cached", 6.0, 7.0, cpu=0.25, in_store=0.25),
        wall_time=10.0,
    )
    (spectra,) = (line for line in said.splitlines() if "spectra" in line)
    assert [cell.strip() for cell in spectra.split("│")[1:-1]] == ["spectra", "2", "2.8", "0.8", "3.0"]
    assert "3.0 s of it in tasks (store 1.0 s)" in said
    assert "time: 10.0 s, of which no task was at work in 6.0 s (60%)" in said


def test_a_run_of_nothing_is_told_too() -> None:
    assert "no task was at work in 2.0 s (100%)" in printed(wall_time=2.0)
