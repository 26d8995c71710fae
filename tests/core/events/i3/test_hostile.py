"""Ten thousand damaged files: each decodes or is refused, at a cost bounded by its length."""

import gzip
import struct
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

from benchmarks.mutations import mutated, mutated_inside
from core.events.i3 import I3FormatError, I3Particle, encode, frame_bytes, read_frames
from core.events.i3.frames import checksum
from core.events.i3.writer import frame_of_slots

# Calls of functions, Python's and C's, that a file may cost: a few for each byte, and some for opening it.
CALLS_PER_BYTE = 8
CALLS_TO_OPEN = 2000
MEGABYTE = 1 << 20


def calls_to_read_all(path: Path) -> tuple[int, bool]:
    """Return how many calls it takes to decode everything, and whether anything was refused."""
    n_calls, is_refused = 0, False

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal n_calls
        n_calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        for frame in read_frames(path, streams="GCDQPI"):
            for key in frame:
                try:
                    value = frame[key]
                    if frame.class_name(key) == "I3MCTree":
                        list(value)
                        value.most_energetic_primary()
                except I3FormatError as error:
                    is_refused = True
                    str(error)
    except I3FormatError as error:
        is_refused = True
        str(error)
    finally:
        sys.setprofile(None)
    return n_calls, is_refused


def attack(data: bytes, folder: Path, n_mutations: int, seed: int) -> tuple[int, float]:
    """Return how many mutations were refused, and the highest calls per byte."""
    rng = np.random.default_rng(seed)
    path = folder / "wounded.i3"
    path.write_bytes(data)
    frames = [
        (frame.stream, frame.version, {key: slot[:2] for key, slot in frame.slots.items()})
        for frame in read_frames(path, streams=None)
    ]
    n_refused, worst = 0, 0.0
    for mutation in range(n_mutations):
        wounded = mutated(data, rng) if mutation % 2 else mutated_inside(frames, rng)
        path.write_bytes(wounded)
        n_calls, is_refused = calls_to_read_all(path)
        n_refused += is_refused
        worst = max(worst, (n_calls - CALLS_TO_OPEN) / max(len(wounded), 1))
    return n_refused, worst


def attack_alone(data: bytes, folder: Path, n_mutations: int, seed: int) -> tuple[int, float, float]:
    """Return what attack returns, and the peak memory of a process that did nothing else, in MB."""
    n_refused, worst = attack(data, folder, n_mutations, seed)
    return n_refused, worst, peak_memory()


def peak_memory() -> float:
    """Return the most memory that this process has had, in MB; what its parent had when it forked is left out."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def test_damaged_files_are_read_or_refused(small_file: bytes, tmp_path: Path) -> None:
    n_refused, worst = attack(small_file, tmp_path, 300, seed=1)
    assert 200 < n_refused < 300
    assert worst < CALLS_PER_BYTE


@pytest.mark.slow
def test_ten_thousand_damaged_files_stay_within_300_megabytes(small_file: bytes, tmp_path: Path) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        n_refused, worst, peak = pool.submit(attack_alone, small_file, tmp_path, 10_000, 2).result()
    assert 7000 < n_refused < 10_000
    assert worst < CALLS_PER_BYTE
    assert peak < 300


def huge_frames() -> dict[str, bytes]:
    """Frames of some 15 MB that are small when packed, each as hard on the memory as its class allows."""
    n_names, n_particles, n_slots = 800_000, 120_000, 1_000_000
    names = [b"\5\0\0\0%05x" % index for index in range(n_slots)]
    entries = encode({"00000": 0.0})[: -4 - 4 - 5 - 8 - 2] + struct.pack("<I", n_names) + bytes(2)
    particles = encode([I3Particle(), I3Particle()], "I3ParticleVect")
    count = particles.index(struct.pack("<I", 2), 30)
    more = [struct.pack("<II", 1 + 6 * index, 2 + 6 * index) + particles[-116:] for index in range(2, n_particles)]
    slots = b"".join(name + b"\1\0\0\0t\1\0\0\0b" for name in names)
    body = struct.pack("<BI", ord("Q"), n_slots) + slots
    blobs = {
        "text": encode("\0" * (15 << 20)),
        "numbers": encode(np.zeros(15 << 17)),
        "map": entries + b"".join(name + bytes(8) for name in names[:n_names]),
        "particles": particles[:count] + struct.pack("<I", n_particles) + particles[count + 4 :] + b"".join(more),
    }
    frames = {name: frame_bytes("Q", {"huge": blob}) for name, blob in blobs.items()}
    return frames | {"slots": b"[i3]\6\0\0\0\0\0" + body + struct.pack("<I", checksum(body))}


def write_huge_files(folder: Path) -> None:
    """Write each huge frame, twice over, to a packed file."""
    for name, frame in huge_frames().items():
        (folder / f"{name}.i3.gz").write_bytes(gzip.compress(frame * 2, 1))


def read_all(folder: Path) -> float:
    """Return the peak memory in MB of a process that reads all files of a folder."""
    for path in sorted(folder.glob("*.i3.gz")):
        calls_to_read_all(path)
    return peak_memory()


@pytest.mark.slow
def test_small_files_of_huge_frames_stay_within_300_megabytes(tmp_path: Path) -> None:
    write_huge_files(tmp_path)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        peak = pool.submit(read_all, tmp_path).result()
    assert peak < 300


@pytest.mark.slow
@pytest.mark.parametrize("level", ["level3", "level7"])
def test_damaged_real_files_are_read_or_refused(real_data: Path, tmp_path: Path, level: str) -> None:
    path = real_data / "i3" / f"oscNext_genie_{level}_v02_first_5_frames.i3.gz"
    frames = list(read_frames(path, streams=None))[:16]
    data = b"".join(
        frame_of_slots(frame.stream, {key: slot[:2] for key, slot in frame.slots.items()}, frame.version)
        for frame in frames
        if frame.stream in "QP"
    )
    n_refused, worst = attack(data, tmp_path, 200, seed=3)
    assert n_refused > 100
    assert worst < CALLS_PER_BYTE
