"""What it costs to make products: CPU time, disk and memory, from rates that were measured.

`python -m benchmarks.stages` makes the records that the rates are read off, on one core of a server of 2026; numbers of
trials, events and draws scale them. `docs/plan.md` holds predicted costs against whole runs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from core.configuration.config import Config
from core.configuration.statistics import StatisticSettings
from core.inference.j_calibration import N_TRIALS
from core.products.code import code_name
from core.stages.j_calibration import N_REFERENCE_TRIALS, is_profiled
from core.stages.samples import sample_of
from core.stages.statistics import statistic_of

MB = 1e6


@dataclass(frozen=True)
class Cost:
    """What making something takes: CPU time (s), room on the disk (bytes), memory beside that of the process (bytes).

    What is made one after the other takes the memory of the largest.
    """

    cpu: float = 0.0
    disk: float = 0.0
    memory: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.cpu + other.cpu, self.disk + other.disk, max(self.memory, other.memory))


@dataclass(frozen=True)
class Load:
    """A number of products of a stage that are made with the same parameters of their recipes."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    n_products: int = 1

    def amount(self, units: Mapping[str, float]) -> float:
        """Return a sum of parameters with these weights, of one part where they are of several."""
        n_parts = int(self.parameters.get("n_parts", 1))
        return sum(weight * float(self.parameters.get(name, 0.0)) / n_parts for name, weight in units.items())


@dataclass(frozen=True)
class Rate:
    """What the products of a stage cost: the first of a process, each, and each unit of what its recipe asks for.

    CPU time in s, disk and memory in bytes. `units`: the parameters of the recipe that count the units, with weights.
    """

    cpu: float
    disk: float
    memory: float = 0.0
    cpu_once: float = 0.0
    units: Mapping[str, float] = field(default_factory=dict)
    cpu_of_unit: float = 0.0
    disk_of_unit: float = 0.0
    memory_of_unit: float = 0.0

    def cost(self, loads: Sequence[Load]) -> Cost:
        """Return what all these products cost in one process."""
        n_products = sum(load.n_products for load in loads)
        if not n_products:
            return Cost()
        units = sum(load.amount(self.units) * load.n_products for load in loads)
        most_units = max(load.amount(self.units) for load in loads)
        return Cost(
            self.cpu_once + n_products * self.cpu + units * self.cpu_of_unit,
            n_products * self.disk + units * self.disk_of_unit,
            self.memory + most_units * self.memory_of_unit,
        )


# A run's own imports and Prefect's, in time with its server; and what Prefect does for a task, fresh or made.
RUN = Rate(cpu=40.0, disk=0.0, memory=500 * MB)
TASK = Rate(cpu=0.06, disk=0.0)
CPU_OF_TASK = 1.0  # s that a task of several short products takes, about
# With default settings, of the sample public-3y where no other is named; code that is compiled once stands compiled.
RATES: Mapping[str, Rate] = {
    "sources": Rate(1.1, 16e3),
    "dwarf_profiles": Rate(2.7, 12e3),
    "spectra": Rate(0.04, 35e3),
    "event_counts": Rate(0.02, 8e3),
    "response": Rate(0.1, 523e3),
    "background_pdf": Rate(0.02, 11e3),
    "acceptance": Rate(0.07, 10e3),
    "energy_range": Rate(0.08, 11e3),
    "source_counts": Rate(0.11, 11e3),
    "signal_pdf": Rate(0.37, 2.0e6, 10 * MB, 1.2),
    "ratio_cells": Rate(0.11, 29e3, 5 * MB),
    "background_trials": Rate(0.03, 20e3, 20 * MB, 0.8, {"n_trials": 1.0}, 0.0, 28.0, 190.0),
    "signal_trials": Rate(0.02, 20e3, 20 * MB, 0.0, {"n_trials": 1.0}, 1.9e-6, 35.0, 190.0),
    "halo": Rate(0.43, 16e3, 40 * MB, 0.4),
    "asimov": Rate(0.035, 32e3),
    "sensitivity": Rate(
        0.02, 34e3, 10 * MB, 0.0, {"n_background_trials": 1.0, "n_signal_trials": 9.0}, 1e-6, 0.0, 60.0
    ),
    "discovery_potential": Rate(0.2, 26e3, 20 * MB, 0.0, {"n_tail_trials": 1.0}, 1.8e-5),
    "atmospheric_fit": Rate(4.5, 10e3, 40 * MB),
    "atmospheric_expectation": Rate(0.05, 16e3),
    "counts_limit": Rate(1.2, 24e3, 10 * MB, 0.0, {"n_trials": 1.0}, 4.4e-3),
    "source_information": Rate(0.2, 21e3, 30 * MB),
    "j_calibration": Rate(0.0, 9e3, 40 * MB, 0.0, {"n_trials": 1.0}, 5e-3),
    "j_profile": Rate(0.1, 15e3),
    "robustness": Rate(0.26, 10e3, 20 * MB, 0.7),
    "systematics": Rate(0.17, 11e3, 20 * MB, 0.1),
    "figures": Rate(0.57, 160e3, 100 * MB, 2.0),
}
# Of the sample simulated-7y where it differs: more bins of energy, and events one by one.
SIMULATED_RATES: Mapping[str, Rate] = {
    "sealed_events": Rate(0.12, 1.17e6, 40 * MB, 2.9),
    "good_runs": Rate(0.03, 15e3),
    "events": Rate(0.04, 0.86e6, 20 * MB, 0.0, {"n_simulated": 1.0}, 6.5e-7, 13.6, 60.0),
    "event_files": Rate(0.12, 11e3),
    "cut_flow": Rate(0.01, 8e3),
    "event_summary": Rate(0.37, 15e3),
    "event_counts": Rate(0.11, 11e3),
    "response": Rate(82.0, 930e3, 570 * MB),
    "acceptance": Rate(0.1, 10e3),
    "energy_range": Rate(1.75, 1.33e6, 20 * MB),
    "source_counts": Rate(0.17, 11e3),
    "signal_pdf": Rate(0.73, 3.1e6, 20 * MB, 1.3),
    "ratio_cells": Rate(0.21, 29e3, 10 * MB),
    "halo": Rate(0.94, 16e3, 60 * MB, 0.4),
    "source_information": Rate(0.33, 21e3, 30 * MB),
    "robustness": Rate(0.46, 10e3, 20 * MB, 0.5),
    "systematics": Rate(3.4, 11e3, 40 * MB, 0.5),
    "figures": Rate(0.6, 149e3, 100 * MB, 2.0),
}
# What reading files of one's own costs hangs on the files.
OF_FILES = (
    "sealed_events", "good_runs", "unweighted_events", "simulation_sets", "events", "event_files", "cut_flow",
    "event_summary", "event_counts", "response",
)  # fmt: skip
# Stages whose cost is that of the pixels of the sky.
OF_PIXELS = ("signal_pdf", "ratio_cells", "halo", "halo_pdf", "sky_patterns")
MEASURED_NSIDE = 32
TRIAL_STAGES = ("background_trials", "signal_trials")
# CPU time (s) of drawing and fitting a trial, by what makes it; and of writing it as a row.
CPU_OF_TRIAL: Mapping[str, Callable[[StatisticSettings], float]] = {
    "core.stages.statistics.joint:make_trials": lambda statistic: 0.3e-6 + 7e-9 * statistic.n_cells,
    "core.stages.statistics.j_weighted:make_trials": lambda statistic: (
        7e-6 + 8.1e-9 * 12 * statistic.nside**2 if statistic.skies == "one" else 14e-6
    ),
}
CPU_OF_ROW = 2.2e-6
SIZE_OF_BINS = 1e6


def cost_of(config: Config, stage: str, loads: Sequence[Load]) -> Cost | None:
    """Return what products of a stage cost; None where nobody has measured it."""
    rate = _rate_of(config, stage)
    return None if rate is None else rate.cost(loads)


def n_tasks_of(n_products: int, cpu: float | None) -> int:
    """Return how many tasks products have that take so much CPU time (s) together: one each where nobody knows."""
    return n_products if cpu is None else min(n_products, ceil(cpu / CPU_OF_TASK) or 1)


def _rate_of(config: Config, stage: str) -> Rate | None:
    """Return the rate of a stage with the settings of an analysis, None where nobody has measured it."""
    sample = sample_of(config)
    if sample.events is not None and not sample.is_simulated and stage in OF_FILES:
        return None
    rate = (SIMULATED_RATES if sample.events is not None else {}).get(stage, RATES.get(stage))
    if rate is None or (stage == "j_profile" and is_profiled(config)):
        return None
    if stage in TRIAL_STAGES:
        return _rate_of_trials(config, rate)
    if stage in OF_PIXELS:
        share = (config.statistic.nside / MEASURED_NSIDE) ** 2
        return replace(rate, cpu=rate.cpu * share, disk=rate.disk * share, memory=rate.memory * share)
    return rate


def _rate_of_trials(config: Config, rate: Rate) -> Rate | None:
    """Return the rate of trials of an analysis' statistic, kept as rows or counted in bins; None if not measured."""
    cpu_of_trial = CPU_OF_TRIAL.get(code_name(statistic_of(config).make_trials))
    if cpu_of_trial is None:
        return None
    cpu = rate.cpu_of_unit + cpu_of_trial(config.statistic)
    if config.trials.keep == "rows":
        return replace(rate, cpu_of_unit=cpu + CPU_OF_ROW)
    return replace(rate, disk=SIZE_OF_BINS, cpu_of_unit=cpu, disk_of_unit=0.0, memory_of_unit=0.0)


def load_of_pair(config: Config, stage: str) -> Load:
    """Return what will be made of a pair at a stage whose recipes are not known yet."""
    trials = config.trials
    n_injected = len(trials.injected_over_uncertainty)
    loads = {
        "background_trials": _load_of_shards(trials.n_background, trials.shard_size),
        "signal_trials": _load_of_shards(trials.n_signal, trials.shard_size, n_injected),
        "sensitivity": Load({"n_background_trials": trials.n_background, "n_signal_trials": trials.n_signal}),
        "discovery_potential": Load({"n_tail_trials": trials.n_tail}),
        "counts_limit": Load({"n_trials": config.counts_limit.n_trials}),
        "j_calibration": Load({"n_trials": N_TRIALS if is_profiled(config) else N_REFERENCE_TRIALS}),
    }
    return loads.get(stage, Load())


def _load_of_shards(n_trials: int, shard_size: int, n_products: int = 1) -> Load:
    n_shards = ceil(n_trials / shard_size)
    return Load({"n_trials": n_trials / n_shards}, n_shards * n_products)
