"""One object of every class and version that the reader knows, and a small file of them."""

import math
from typing import Any

import numpy as np
import pytest

from core.events.i3 import (
    I3Direction,
    I3EventHeader,
    I3FilterResult,
    I3MCTree,
    I3Particle,
    I3Position,
    I3Time,
    encode,
    frame_bytes,
)


def particle(energy: float = 10.0, minor_id: int = 1, version: int = 5, **fields: Any) -> I3Particle:
    obsolete: tuple[Any, ...] = {0: (7, 8, ()), 4: (0.25, 0.5)}.get(version, ())
    defaults: dict[str, Any] = {
        "major_id": 0 if version < 2 else 2**63 + 5,
        "type_code": {5: -14, 4: 69, 3: 69}.get(version, 205),
        "shape": 10,
        "fit_status": 0,
        "x": -12.5,
        "y": 3.0,
        "z": -400.125,
        "zenith": 1.25,
        "azimuth": 6.0,
        "time": 9700.0,
        "length": math.nan,
        "location_type": 0 if version == 0 else 20,
        "obsolete": obsolete,
    }
    return I3Particle(minor_id=minor_id, energy=energy, version=version, **(defaults | fields))


def every_object() -> list[tuple[str, int, Any]]:
    """Class name, class version, value."""
    nested = particle(2.0, 3, version=0, obsolete=(1, 2, (particle(1.0, 4, version=0),)))
    header = I3EventHeader(120000, 3, 77, 20, 1, "InIceSplit", I3Time(2014, 10**17), I3Time(2014, 10**17 + 123456))
    heads = [particle(5.0, 1), particle(50.0, 2), particle(1.0, 3), particle(7.0, 4)]
    return [
        ("I3Double", 0, -0.1),
        ("I3Int", 0, -(2**31)),
        ("I3Bool", 0, True),
        ("I3String", 0, "νµ \udcff"),
        ("I3Time", 0, I3Time(2012, 123456789012345)),
        ("I3EventHeader", 0, header._replace(version=0, sub_run_id=0, sub_event_id=0, sub_event_stream="")),
        ("I3EventHeader", 1, header._replace(version=1, sub_event_id=0, sub_event_stream="")),
        ("I3EventHeader", 2, header._replace(version=2, state=30, sub_event_id=0, sub_event_stream="")),
        ("I3EventHeader", 3, header),
        ("I3Position", 0, I3Position(1.0, -2.0, 3.5)),
        ("I3Direction", 0, I3Direction(0.1, 0.2)),
        *(("I3Particle", version, particle(version=version)) for version in range(6)),
        ("I3Particle", 0, nested),
        ("I3ParticleVect", 0, [particle(), particle(2.0, 2, version=5)]),
        ("I3ParticleVect", 0, []),
        ("I3VectorDouble", 0, np.array([1.0, math.inf, -0.0])),
        ("I3VectorInt", 0, np.array([1, -2], dtype=np.int32)),
        ("I3MapStringDouble", 0, {"OneWeight": 1e5, "NEvents": 5e6}),
        ("I3MapStringDouble", 0, {}),
        ("I3MapStringInt", 0, {"count": 3}),
        ("I3MapStringBool", 0, {"passed": True, "vetoed": False}),
        ("I3MapStringVectorDouble", 0, {"a": np.array([1.0, 2.0]), "b": np.array([])}),
        ("I3FilterResultMap", 0, {"DeepCoreFilter_13": I3FilterResult(True, True), "MuonFilter_13": I3FilterResult()}),
        ("I3MCTree", 1, I3MCTree()),
        ("I3MCTree", 1, I3MCTree(heads, [0, 1, 1, 0])),
        ("I3MCTree", 0, I3MCTree(heads, [0, 1, 2, 0], version=0)),
    ]


@pytest.fixture(params=every_object(), ids=lambda sample: f"{sample[0]} v{sample[1]}")
def frame_object(request: pytest.FixtureRequest) -> tuple[str, int, Any]:
    return request.param


@pytest.fixture(scope="session")
def small_file() -> bytes:
    """A file in which every class and version, every frame version and several streams occur."""
    blobs = [encode(value, name, version) for name, version, value in every_object()]
    objects = {f"Object{index:02d}": blob for index, blob in enumerate(blobs)}
    header = next(value for name, version, value in every_object() if (name, version) == ("I3EventHeader", 3))
    return b"".join(
        [
            frame_bytes("I", {"Info": "made for tests"}),
            frame_bytes("G", {"Shared": 1, "Geometry": 2.0}),
            frame_bytes("Q", {"Shared": 2, **objects}),
            frame_bytes("P", {"Shared": 3, "I3EventHeader": header}),
            frame_bytes("P", {"I3EventHeader": header}, version=5),
            frame_bytes("Q", {"Other": True}, version=4),
            frame_bytes("P", {}),
        ]
    )
