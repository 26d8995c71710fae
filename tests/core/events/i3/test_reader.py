"""Mixing of streams: whose object is seen where a key stands in several, and how much memory frames may keep."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.events.i3.errors import I3UnsupportedError
from core.events.i3.reader import EXPANSION, FEWEST_BYTES, read_frames
from core.events.i3.writer import frame_bytes, write_frames


def written(folder: Path, *frames: tuple[str, dict[str, Any]]) -> Path:
    path = folder / "mixed.i3"
    write_frames(path, [frame_bytes(stream, objects) for stream, objects in frames])
    return path


def seen(path: Path, streams: str | None = "P") -> list[dict[str, Any]]:
    return [{key: frame[key] for key in frame.keys()} for frame in read_frames(path, streams)]  # noqa: SIM118


def test_a_frame_s_own_object_wins_over_that_of_another_stream(tmp_path: Path) -> None:
    path = written(tmp_path, ("G", {"x": 1, "g": 10}), ("Q", {"x": 2}), ("P", {"x": 3}))
    assert seen(path) == [{"x": 3, "g": 10}]


def test_of_other_streams_the_one_that_came_first_wins(tmp_path: Path) -> None:
    """Geometry before calibration, as in every file; a new frame of a stream keeps the stream's place."""
    path = written(
        tmp_path, ("G", {"x": 1}), ("C", {"x": 2}), ("P", {}), ("G", {"x": 3}), ("P", {}), ("G", {}), ("P", {})
    )
    assert seen(path) == [{"x": 1}, {"x": 3}, {"x": 2}]


def test_physics_frames_do_not_see_each_other(tmp_path: Path) -> None:
    path = written(tmp_path, ("Q", {"q": 1}), ("P", {"first": 1}), ("P", {"second": 2}), ("Q", {"q": 2}), ("P", {}))
    assert seen(path) == [{"q": 1, "first": 1}, {"q": 1, "second": 2}, {"q": 2}]


def test_frames_of_information_are_seen_from_no_other(tmp_path: Path) -> None:
    path = written(tmp_path, ("I", {"tray": "text"}), ("P", {"own": 1}))
    assert seen(path) == [{"own": 1}]
    assert seen(path, "I") == [{"tray": "text"}]


def test_without_mixing_every_frame_has_its_own_alone(tmp_path: Path) -> None:
    path = written(tmp_path, ("G", {"g": 1}), ("Q", {"q": 2}), ("P", {"p": 3}))
    assert seen(path, None) == [{"g": 1}, {"q": 2}, {"p": 3}]
    assert seen(path, "QP") == [{"g": 1, "q": 2}, {"g": 1, "q": 2, "p": 3}]


@settings(max_examples=25, deadline=None)
@given(
    frames=st.lists(st.tuples(st.sampled_from("GCDQPI"), st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)))),
)
def test_mixing_is_a_chain_of_dictionaries(
    tmp_path_factory: pytest.TempPathFactory, frames: list[tuple[str, dict[str, int]]]
) -> None:
    """The same by Python's own dicts: streams in the order of their first frame, the latest frame of each."""
    latest: dict[str, dict[str, int]] = {}
    wanted = []
    for stream, objects in frames:
        if stream not in "IP":
            latest[stream] = objects
        if stream == "P":
            mixed: dict[str, int] = {}
            for other in reversed(latest.values()):
                mixed |= other
            wanted.append(mixed | objects)
    assert seen(written(tmp_path_factory.mktemp("mixed"), *frames)) == wanted


def test_only_the_keys_wanted_are_mixed(tmp_path: Path) -> None:
    path = written(tmp_path, ("G", {"g": 1, "other": 2}), ("P", {"p": 3, "more": 4}))
    (frame,) = read_frames(path, keys={"g", "p"})
    assert sorted(frame.keys()) == ["g", "p"]


def test_frames_that_are_kept_may_not_take_more_than_allowed_together(tmp_path: Path) -> None:
    """Each of the two is small enough, both together are not."""
    path = written(tmp_path, ("G", {"g": "x" * 600}), ("C", {"c": "y" * 600}), ("P", {}))
    assert len(list(read_frames(path, max_bytes=2000))) == 1
    with pytest.raises(I3UnsupportedError, match=r"streams GC take more than 1000 bytes together") as refused:
        list(read_frames(path, max_bytes=1000))
    assert (refused.value.frame, refused.value.stream) == (1, "C")
    assert EXPANSION * path.stat().st_size < FEWEST_BYTES  # small files may always keep so much


@pytest.mark.parametrize("name", ["nothing.i3", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"cannot read .*: (No such file|Is a directory)"):
        list(read_frames(tmp_path / name))
