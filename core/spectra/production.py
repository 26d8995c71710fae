"""The plan of the shipped table and its shards; `core.spectra.assembly` puts them together.

A shard is one run of the generator: (channel, mass, seed). Shards are made in any order and any number of sittings;
the table is the sum of those that exist.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.dark_matter.channels import MEAN_CHANNELS, PUBLISHED_PAIRS, Channel, canonical_channel
from core.errors import InputError
from core.spectra.generator import GeneratedSpectrum, generate

SHARD_EVENTS = 20_000
N_SHARDS = 5
# Bosons so narrow, so near their threshold, stand at rest: β = 0.04 (Pythia wants 0.1 GeV above the sum of masses).
AT_REST: dict[Channel, float] = {"WW": 80.43, "ZZ": 91.25, "hh": 125.26}
AT_REST_WIDTH = 0.005

# Between and beyond the published masses: dense where a threshold bends the spectrum, sparse where it scales in x.
FURTHER_MASSES: dict[Channel, tuple[float, ...]] = {
    "bb": (5.3, 5.45, 5.6, 6.0, 6.25, 6.5, 6.75, 7.0, 7.5, 8.0, 9.0, 12.0, 14.0, 500.0, 1000.0),
    "mumu": (1.0, 2.0, 120.0, 500.0, 1000.0),
    "tautau": (1.83, 1.9, 2.0, 2.1, 2.2, 2.35, 2.5, 2.75, 3.0, 3.5, 4.0, 7.0, 500.0, 1000.0),
    "WW": (81.0, 81.5, 82.0, 83.0, 84.0, 87.0, 95.0, 110.0, 120.0, 500.0, 1000.0),
    "nuenue": (1.0, 100.0, 120.0, 500.0, 1000.0),
    "numunumu": (1.0, 100.0, 120.0, 500.0, 1000.0),
    "nutaunutau": (1.0, 100.0, 120.0, 500.0, 1000.0),
    "cc": (
        # On both sides of the steps where D D* and D* D* open, at 1.94 and 2.01 GeV.
        *(1.9, 1.925, 1.93, 1.943, 1.947, 1.95, 1.995, 2.0, 2.015, 2.02, 2.05, 2.1, 2.12, 2.2, 2.3, 2.4, 2.5, 2.6),
        *(2.7, 2.8, 2.9, 3.0, 3.2, 3.4, 4.0, 5.0, 6.0, 8.0, 10.0, 14.0, 20.0, 30.0, 50.0, 90.0, 150.0, 250.0),
        *(400.0, 1000.0),
    ),
    "gg": (5.0, 6.0, 7.0, 9.0, 12.0, 17.0, 25.0, 40.0, 60.0, 150.0, 400.0, 1000.0),
    "ZZ": (92.0, 93.0, 94.0, 96.0, 98.0, 104.0, 110.0, 125.0, 150.0, 200.0, 300.0, 1000.0),
    "hh": (126.0, 128.0, 132.0, 145.0, 200.0, 400.0, 1000.0),
}
NEUTRINO_PAIRS: tuple[Channel, ...] = ("nuenue", "numunumu", "nutaunutau")


@dataclass(frozen=True)
class Shard:
    """One run of the generator."""

    channel: Channel
    mass: float
    seed: int
    at_rest: bool = False

    def file_name(self) -> str:
        """Return the name of the file that holds the shard."""
        return f"{self.channel}{'rest' if self.at_rest else ''}_{self.mass:g}_{self.seed}.npz"

    def generated(self, n_events: int = SHARD_EVENTS) -> GeneratedSpectrum:
        """Return the events of the shard."""
        return generate(self.channel, self.mass, n_events, self.seed, AT_REST_WIDTH if self.at_rest else None)


def planned_shards(n_shards: int = N_SHARDS) -> list[Shard]:
    """Return every shard of the shipped table, in rounds: all pairs once, the published ones first, then again."""
    published: list[tuple[Channel, float]] = [
        (channel, mass) for channel, mass in PUBLISHED_PAIRS if channel not in MEAN_CHANNELS
    ]
    published += [(flavour, mass) for flavour in NEUTRINO_PAIRS for mass in (150.0, 200.0, 300.0)]
    further = [(channel, mass) for channel, masses in FURTHER_MASSES.items() for mass in masses]
    return [
        shard
        for seed in range(n_shards)
        for shard in (
            *(Shard(channel, mass, seed) for channel, mass in published),
            *(Shard(channel, mass, seed, at_rest=True) for channel, mass in AT_REST.items()),
            *(Shard(channel, mass, seed) for channel, mass in further),
        )
    ]


def make_shard(folder: Path, shard: Shard, n_events: int = SHARD_EVENTS) -> Path:
    """Generate a shard into a folder unless it is there; return its file, which is never half written."""
    path = folder / shard.file_name()
    if path.is_file():
        return path
    generated = shard.generated(n_events)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{shard.file_name()}.{os.getpid()}.npz"
    arrays: dict[str, Any] = {name: np.asarray(value) for name, value in vars(generated).items()}
    try:
        np.savez_compressed(unfinished, **arrays)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def read_shard(path: Path) -> GeneratedSpectrum:
    """Return a shard; InputError if the file is not one."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            values: dict[str, Any] = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path}: is no shard of generated spectra ({error})") from error
    for name in ("mass", "n_events", "largest_energy_error", "n_rejected"):
        values[name] = values[name].item()
    values["channel"] = canonical_channel(str(values["channel"]))
    values["seeds"] = tuple(int(seed) for seed in values["seeds"])
    return GeneratedSpectrum(**values)
