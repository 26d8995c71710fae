"""What grows with what, and how: `uv run python -m benchmarks.scale` measures it and writes docs/scale.md.

Each cost is measured over at least a factor of 100 of what it hangs on, in processes of their own, and a law is fitted
to it: a fixed cost and one of each unit. With names of parts (`trials`, `cells`, `products` ...) these alone are
measured and printed, and nothing is written.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from textwrap import fill
from typing import NamedTuple

import numpy as np

from benchmarks.measure import markdown, processor, significant
from benchmarks.scale_points import (
    events_read,
    products_kept,
    trials_counted,
    trials_of_cells,
    trials_of_events,
    trials_of_sources,
)

WIDTH = 118  # letters of a line of the page
PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
Points = Mapping[str, Sequence[float]]


class Law(NamedTuple):
    """A cost of `fixed` + `unit` · n, and the greatest departure of a measured point from it, as a share of it."""

    fixed: float
    unit: float
    departure: float

    def at(self, n: float) -> float:
        """Return the cost of n."""
        return self.fixed + self.unit * n


Laws = Mapping[str, Law]


class Scale(NamedTuple):
    """One thing that grows: what it is counted in, how often, what is measured at each, and what was found out.

    `measure` returns costs by their names at a number. `lawful`: the costs for which a law is given. `lesson` says
    what ends first and what was done about it.
    """

    title: str
    counted: str
    numbers: tuple[int, ...]
    measure: Callable[[int], Mapping[str, float]]
    lawful: tuple[str, ...]
    lesson: Callable[[Laws, Points], str]


def law_of(numbers: Sequence[float], costs: Sequence[float]) -> Law:
    """Return the law of the least squares of relative departures, neither of its two costs below 0."""
    from scipy.optimize import nnls

    n, cost = np.array(numbers, dtype=float), np.array(costs, dtype=float)
    (fixed, unit), _ = nnls(np.column_stack([1.0 / cost, n / cost]), np.ones(len(n)))
    return Law(float(fixed), float(unit), float(np.max(np.abs((fixed + unit * n) / cost - 1.0))))


def _of_trials(laws: Laws, points: Points) -> str:
    hours, memory = laws["CPU s"].at(1e10) / 3600.0, points["peak memory, MB"]
    return (
        f"CPU time ends first: 10¹⁰ trials are {significant(hours, 2)} h of one core by this law. Shards of them are"
        " shared out to threads, tasks and jobs, of which none asks another. The peak of memory rises by "
        f"{significant(max(memory) - min(memory), 2)} MB; from there to ten times as many trials it stays "
        "(docs/benchmarks.md). As rows, which take 35 bytes of disk a trial (docs/plan.md), 10¹⁰ would be 350 GB: so "
        "many are counted in bins."
    )


def _of_cells(_: Laws, __: Points) -> str:
    return (
        "Counts are drawn and fitted cell by cell. So cells of nearly the same ratio are merged, to 512 by default,"
        " and products say how much Fisher information that loses."
    )


def _of_events(_: Laws, points: Points) -> str:
    times = points[TRIAL][-1] / points[TRIAL][0]
    return (
        f"Counts of cells are drawn, not events, so that 10,000 times the events take {significant(times, 2)}"
        " times as long. Nothing ends here."
    )


def _of_sources(_: Laws, points: Points) -> str:
    few, many = (significant(points[TRIAL][place] / n, 2) for place, n in ((0, 5), (-1, 500)))
    return (
        f"Each source has counts and a fit of its own, {few} µs with 5 of them and {many} µs with 500, and tables that "
        "each shard makes anew, which is why a shard of many sources should be long. The joint statistic has one "
        "density for all sources, so that its trials cost the "
        "same for any number."
    )


def _of_read(laws: Laws, _: Points) -> str:
    megabytes = laws["peak memory, MB"].unit
    return (
        "Parts are read one after the other and counted in bins. What grows is what tells an event from the others,"
        f" {significant(megabytes * 1e6, 2)} bytes of each at the peak, by which events are found that stand twice: "
        f"memory ends first, in 16 GB with {significant(16e3 / megabytes / 1e6, 2)} million events."
    )


def _of_products(laws: Laws, points: Points) -> str:
    first, again = (significant(laws[f"looked at {name}, CPU s"].unit * 1e3, 2) for name in ("first", "again"))
    return (
        f"A product is read whole when it is first looked at ({first} ms each) and known while its file stands "
        f"unchanged ({again} ms each), but that it is read again within a quarter of a second of its writing, as all "
        "of 10 here. So each job of a cluster, which looks at all shards before it makes its own, spends "
        f"{significant(points['looked at again, CPU s'][-1], 2)} CPU s on 1,000 of them. What ends before is not in "
        "this table: each task costs Prefect some 60 ms (an estimate, docs/plan.md), which is why a shard should hold "
        "10 s of trials or more. Jobs ask no server but one of their own and meet in the folder of products alone; "
        "what its file system makes of 100 nodes was not measured, nor what the dashboard takes."
    )


TRIAL = "CPU µs a trial"
SCALES: Mapping[str, Scale] = {
    "trials": Scale(
        "Trials", "trials of 256 cells, counted in bins", (10_000, 100_000, 1_000_000),
        trials_counted, ("CPU s",), _of_trials,
    ),
    "cells": Scale(
        "Cells of a trial", "cells, 40,902 events", (16, 64, 256, 1024, 4096), trials_of_cells, (TRIAL,), _of_cells
    ),
    "events": Scale(
        "Events in a sky", "events, 256 cells", (1_000, 10_000, 100_000, 1_000_000, 10_000_000),
        trials_of_events, (), _of_events,
    ),
    "sources": Scale(
        "Sources of the published statistic", "sources, 36 bins each, 100,000 events", (5, 20, 100, 500),
        trials_of_sources, (TRIAL,), _of_sources,
    ),
    "read": Scale(
        "Measured events, in parts of 30,000", "events", (30_000, 300_000, 3_000_000),
        events_read, ("CPU s", "peak memory, MB"), _of_read,
    ),
    "products": Scale(
        "Products", "shards of 100 trials", (10, 100, 1_000), products_kept,
        ("written, CPU s", "looked at first, CPU s", "looked at again, CPU s"), _of_products,
    ),
}  # fmt: skip


def main(names: Sequence[str]) -> None:
    """Measure all or some scales; print them, and write the page if all were measured."""
    parts = [part_of(SCALES[name]) for name in names or SCALES]
    page = introduction() + "\n".join(parts)
    print(page)
    if not names:
        PAGE.write_text(page, encoding="utf-8")


def introduction() -> str:
    """Return what was measured where and how."""
    how = (
        "Measured and written by `uv run python -m benchmarks.scale`, in CPU time, which other work on the machine "
        "lengthens less than the clock's. A law is a fixed cost and one of each unit, fitted to all points alike; "
        "beside it stands how far the worst of them lies from it. What lies beyond the points follows from the law "
        "and was not measured."
    )
    where = f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}; {datetime.now(UTC):%Y-%m-%d}."
    return f"# What grows with what\n\n{fill(how, WIDTH)}\n\n{where}\n\n"


def part_of(scale: Scale) -> str:
    """Measure one scale and return its part of the page."""
    found = [scale.measure(number) for number in scale.numbers]
    points = {name: [point[name] for point in found] for name in found[0]}
    laws = {name: law_of(scale.numbers, points[name]) for name in scale.lawful}
    rows = [
        [f"{number:,}", *(significant(points[name][place]) for name in points)]
        for place, number in enumerate(scale.numbers)
    ]
    said = "".join(f"- {name} = {in_words(law)}\n" for name, law in laws.items())
    table = markdown([scale.counted, *points], rows)
    return "\n".join(
        [f"## {scale.title}\n", table, *([said] if said else []), fill(scale.lesson(laws, points), WIDTH), ""]
    )


def in_words(law: Law) -> str:
    """Return a law as a formula, with its greatest departure."""
    fixed, unit = (f"{value:.2g}" for value in (law.fixed, law.unit))
    return f"{fixed} + {unit} · n, within {law.departure:.0%}"


if __name__ == "__main__":
    main(sys.argv[1:])
