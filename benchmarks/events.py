"""How fast event files are read and converted, and directions turned: `uv run python -m benchmarks.events`."""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.event_problems import Stream, dragon_files, level_7_stream
from benchmarks.measure import markdown, processor, significant, write_part
from core.coordinates import local_to_equatorial
from core.events.conversion import convert_file
from core.events.i3 import read_frames
from core.events.profiles import DRAGON, OSCNEXT

N_REPETITIONS = 3
N_LEVEL_7 = 1000
N_FILES, EVENTS_PER_FILE = 100, 200
N_DIRECTIONS = 1_000_000
MEGABYTE = 1e6


class Times(NamedTuple):
    """Seconds: CPU of the thread that called, CPU of all threads, and on the clock."""

    own: float
    all_threads: float
    wall: float


def main() -> None:
    """Run every benchmark of events and write their part of the report."""
    with tempfile.TemporaryDirectory() as folder:
        sections = [reading(Path(folder)), directory(Path(folder)), directions()]
    part = introduction() + "\n".join(sections)
    write_part(part)
    print(part)


def introduction() -> str:
    """Return what was measured where and how."""
    versions = f"Python {platform.python_version()}, numpy {np.__version__}"
    load = os.getloadavg()[0]
    return (
        "# How fast events are read\n\n"
        f"Made by `uv run python -m benchmarks.events`; medians of {N_REPETITIONS} repetitions. A CPU is that of the\n"
        "reading thread; packed files are unpacked by a second thread, and times on the clock tell what both take\n"
        "together. Other work on the machine lengthens the clock's times much and the CPU's a little: its load was\n"
        f"{load:.1f} on {os.cpu_count()} cores.\n\n"
        f"{processor()}; {versions}; {datetime.now(UTC):%Y-%m-%d}.\n\n"
    )


def measured(work: Callable[[], object]) -> Times:
    """Return the median times of some work, which is done once before."""
    work()
    times = []
    for _ in range(N_REPETITIONS):
        before = time.thread_time(), time.process_time(), time.perf_counter()
        work()
        after = time.thread_time(), time.process_time(), time.perf_counter()
        times.append([end - start for start, end in zip(before, after, strict=True)])
    return Times(*(statistics.median(column) for column in zip(*times, strict=True)))


def objects_found(path: Path) -> int:
    """Read the frames with the objects that a conversion needs, checksums verified; return the events."""
    return sum(1 for _ in read_frames(path, keys=OSCNEXT.keys))


def objects_decoded(path: Path) -> int:
    """Read and decode every object that a conversion needs; return their number."""
    return sum(
        len([frame[key] for key in OSCNEXT.keys if key in frame]) for frame in read_frames(path, keys=OSCNEXT.keys)
    )


def table_made(path: Path) -> int:
    """Convert a file to the event table; return the events."""
    return convert_file(path, OSCNEXT, "mc", "IC86_2014", strict=True).n_kept


def reading(folder: Path) -> str:
    """Measure the ways to read a level-7 stream, plain and packed."""
    rows = []
    for packed in (False, True):
        stream = level_7_stream(folder, N_LEVEL_7, packed)
        if objects_found(stream.path) != stream.n_events or table_made(stream.path) != stream.n_events:
            raise RuntimeError("the stream was not read to its end")
        for name, work in (("found", objects_found), ("decoded", objects_decoded), ("converted", table_made)):
            times = measured(partial(work, stream.path))
            rows.append([f"{name}, {'gzip' if packed else 'plain'}", *_rates(stream, times)])
        stream.path.unlink()
    size = stream.n_bytes / stream.n_events / 1e3
    header = [
        "objects",
        "MB/s of a CPU",
        "events/s of a CPU",
        "MB/s on the clock",
        "events/s on the clock",
        "CPU, both threads",
    ]
    return (
        "## A level-7 stream\n\n"
        f"Event frames of a real level-7 file, {N_LEVEL_7} times over: {stream.n_events:,} events of {size:.0f} kB,\n"
        f"{stream.n_bytes / MEGABYTE:.0f} MB unpacked, checksums verified. Objects of the {len(OSCNEXT.keys)} keys\n"
        "that the conversion needs are found, decoded, or brought into the canonical event table.\n\n"
        + markdown(header, rows)
    )


def _rates(stream: Stream, times: Times) -> list[str]:
    rates = [
        number / seconds
        for seconds in (times.own, times.wall)
        for number in (stream.n_bytes / MEGABYTE, stream.n_events)
    ]
    return [*(significant(rate) for rate in rates), f"{times.all_threads:.2f} s"]


def directory(folder: Path) -> str:
    """Measure the conversion of a folder of many small files, one after the other."""
    paths = list(dragon_files(folder / "dragon", N_FILES, EVENTS_PER_FILE))

    def convert_all() -> int:
        return sum(convert_file(path, DRAGON, "mc", "IC86_2013", N_FILES).n_kept for path in paths)

    n_events = N_FILES * EVENTS_PER_FILE
    if convert_all() != n_events:
        raise RuntimeError("not every event of the folder was converted")
    times = measured(convert_all)
    row = [f"{N_FILES}", f"{n_events:,}", significant(times.all_threads), significant(n_events / times.all_threads)]
    header = ["files", "events", "CPU s, both threads", "events per CPU s", "s on the clock"]
    return "## A folder of synthetic files, packed, converted\n\n" + markdown(header, [[*row, significant(times.wall)]])


def directions() -> str:
    """Measure the turning of local directions to equatorial ones."""
    rng = np.random.default_rng(0)
    zenith = np.arccos(rng.uniform(-1.0, 1.0, N_DIRECTIONS))
    azimuth = rng.uniform(0.0, 2.0 * np.pi, N_DIRECTIONS)
    rows = []
    for name, first, last in (
        ("one day", 56000.0, 56001.0),
        ("one year", 56000.0, 56365.0),
        ("ten years", 55700.0, 59350.0),
    ):
        times = measured(partial(local_to_equatorial, zenith, azimuth, rng.uniform(first, last, N_DIRECTIONS)))
        rows.append([name, significant(N_DIRECTIONS / times.own), significant(N_DIRECTIONS / times.wall)])
    header = ["times within", "directions per CPU s", "directions per s on the clock"]
    return f"## Equatorial directions, {N_DIRECTIONS:,} at once\n\n" + markdown(header, rows)


if __name__ == "__main__":
    main()
