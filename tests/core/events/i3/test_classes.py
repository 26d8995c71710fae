"""The classes of frame objects: each is found for its values, written and read as the same, and blanks are empty."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from core.events.i3.blobs import class_name_of, decode, encode
from core.events.i3.classes import FRAME_CLASSES, class_name_for
from core.events.i3.errors import I3UnsupportedError
from core.events.i3.objects import I3Direction, I3EventHeader, I3FilterResult, I3Particle, I3Position, I3Time
from core.events.i3.tree import I3MCTree

PARTICLE = I3Particle(energy=12.0, zenith=0.3, azimuth=1.0, type_code=14)
VALUES: Mapping[str, Any] = {
    "I3Bool": True,
    "I3Int": -7,
    "I3Double": 2.5,
    "I3String": "Δm²",
    "I3Time": I3Time(2012, 17),
    "I3EventHeader": I3EventHeader(118_000, 1, 2, 20, 0, "InIceSplit", I3Time(2012, 1), I3Time(2012, 2)),
    "I3Position": I3Position(1.0, -2.0, 3.0),
    "I3Direction": I3Direction(0.5, 1.5),
    "I3Particle": PARTICLE,
    "I3ParticleVect": [PARTICLE, PARTICLE._replace(energy=3.0)],
    "I3VectorDouble": np.array([1.0, -2.5]),
    "I3VectorInt": np.array([1, -2], dtype=np.int32),
    "I3MapStringDouble": {"a": 1.0, "b": -0.5},
    "I3MapStringInt": {"a": 1},
    "I3MapStringBool": {"a": False, "b": True},
    "I3MapStringVectorDouble": {"a": np.array([1.0, 2.0])},
    "I3FilterResultMap": {"DeepCoreFilter_13": I3FilterResult(True, False)},
    "I3MCTree": I3MCTree([PARTICLE], [0]),
}


def test_there_is_a_value_to_try_of_every_class() -> None:
    assert VALUES.keys() == FRAME_CLASSES.keys()


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_written_as_its_class(name: str) -> None:
    assert class_name_for(VALUES[name]) == name
    assert class_name_of(encode(VALUES[name])) == name


@pytest.mark.parametrize("name", VALUES)
def test_what_is_written_again_is_the_same_bytes(name: str) -> None:
    blob = encode(VALUES[name])
    assert encode(decode(blob), name) == blob


def test_true_is_no_whole_number_and_a_whole_number_no_real() -> None:
    assert [class_name_for(value) for value in (True, 1, 1.0)] == ["I3Bool", "I3Int", "I3Double"]
    maps = [class_name_for({"a": value}) for value in (True, 1, 1.0)]
    assert maps == ["I3MapStringBool", "I3MapStringInt", "I3MapStringDouble"]


@pytest.mark.parametrize(
    "value", [{}, [], None, object(), {"a": "text"}, [1.0], 1j], ids=lambda value: type(value).__name__
)
def test_a_value_of_no_class_is_to_be_named(value: object) -> None:
    with pytest.raises(I3UnsupportedError, match=r"cannot tell the class of .*: name it"):
        class_name_for(value)


@pytest.mark.parametrize("name", [name for name, each in FRAME_CLASSES.items() if each.blank in ((), {})])
def test_a_class_that_is_named_takes_what_is_empty(name: str) -> None:
    empty: Any = [] if name == "I3ParticleVect" else FRAME_CLASSES[name].blank
    assert len(decode(encode(empty, name))) == 0
