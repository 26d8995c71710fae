"""The event files that the benchmarks read: a real level-7 stream, repeated, and synthetic files of our own keys."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from core.coordinates import local_to_equatorial
from core.dark_matter.channels import FLAVOURS
from core.errors import InputError
from core.events.angular_error import published_angular_error
from core.events.columns import Kind, event_table
from core.events.i3 import read_frames
from core.events.synthetic import write_dragon_file

REAL_INPUTS = Path(os.environ.get("DWARFNU_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
EVENT_STREAMS = "QP"
LEVEL_7 = Path("i3", "oscNext_genie_level7_v02_first_5_frames.i3.gz")


class Stream(NamedTuple):
    """A file of frames: its path, its size unpacked in bytes, and the physics events in it."""

    path: Path
    n_bytes: int
    n_events: int


def level_7_stream(folder: Path, n_repetitions: int, packed: bool) -> Stream:
    """Write the real level-7 file with its event frames many times over; InputError if it is not there.

    The frames of the detector's geometry, calibration and status stand once in front, as in any file: they are large,
    and passed over they would make every speed look better than it is.
    """
    source = REAL_INPUTS / LEVEL_7
    if not source.is_file():
        raise InputError(f"the real level-7 file is not at {source}: set DWARFNU_REAL_DATA to the folder that holds it")
    whole = gzip.decompress(source.read_bytes())
    found = [(frame.offset, frame.stream) for frame in read_frames(source, streams=None, keys=())]
    ends = [*(offset for offset, _ in found[1:]), len(whole)]
    frames = [(stream, whole[start:end]) for (start, stream), end in zip(found, ends, strict=True)]
    events = b"".join(frame for stream, frame in frames if stream in EVENT_STREAMS)
    first = b"".join(frame for stream, frame in frames if stream not in EVENT_STREAMS)
    path = folder / f"level7.i3{'.gz' if packed else ''}"
    with gzip.open(path, "wb", compresslevel=6) if packed else path.open("wb") as file:
        file.write(first)
        for _ in range(n_repetitions):
            file.write(events)
    n_events = sum(stream == "P" for stream, _ in frames) * n_repetitions
    return Stream(path, len(first) + len(events) * n_repetitions, n_events)


def sample(kind: Kind, n_events: int, seed: int = 0) -> pa.Table:
    """Return events drawn evenly over the sky, in the canonical schema."""
    rng = np.random.default_rng(seed)
    zenith, true_zenith = (np.arccos(rng.uniform(-1.0, 1.0, n_events)) for _ in range(2))
    azimuth, true_azimuth = (rng.uniform(0.0, 2.0 * np.pi, n_events) for _ in range(2))
    mjd, energy = rng.uniform(56414.0, 56783.0, n_events), 10.0 ** rng.uniform(0.75, 1.75, n_events)
    columns = {
        "season": ["IC86_2013"] * n_events,
        "run": np.full(n_events, 120_000 + seed),
        "event": np.arange(n_events),
        "sub_event": np.zeros(n_events, dtype=int),
        "mjd": mjd,
        "reco_zenith": zenith,
        "reco_azimuth": azimuth,
        "reco_energy": energy,
        "angular_error": published_angular_error(energy),
    }
    columns["reco_ra"], columns["reco_dec"] = local_to_equatorial(zenith, azimuth, mjd)
    if kind == "mc":
        columns["true_ra"], columns["true_dec"] = local_to_equatorial(true_zenith, true_azimuth, mjd)
        columns |= {
            "true_energy": energy * rng.lognormal(0.0, 0.2, n_events),
            "flavour": rng.choice(FLAVOURS, n_events),
            "interaction": rng.choice(["cc", "nc"], n_events),
            "weight": rng.uniform(1e-5, 1e-2, n_events),
            "atmospheric_rate": rng.uniform(1e-8, 1e-6, n_events),
        }
    return event_table(kind, columns)


def dragon_files(folder: Path, n_files: int, events_per_file: int) -> Iterator[Path]:
    """Write synthetic simulated files with the keys of the published analysis' sample, and yield their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(n_files):
        path = folder / f"{index:04d}.i3.gz"
        write_dragon_file(path, sample("mc", events_per_file, index), "mc", n_files)
        yield path
