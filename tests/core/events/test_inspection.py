"""What a file holds: frames of i3 files however packed, tables of events, and what is not read is told as such."""

import json
import lzma
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import InputError, ProductError
from core.events.i3 import I3FormatError, I3MCTree, I3Particle, frame_bytes, read_frames, write_frames
from core.events.inspection import inspection

FRAMES = [
    frame_bytes("I", {"how": "it was made"}),
    frame_bytes("Q", {"I3MCTree": I3MCTree([I3Particle(type_code=14, energy=30.0)], [0])}),
    frame_bytes("P", {"energy": 3.0, "fit": I3Particle(energy=7.0)}),
    frame_bytes("P", {"energy": 4.0, "passed": True}),
]


@pytest.mark.parametrize(
    ("suffix", "packing"), [("", ""), (".gz", " (gzip)"), (".bz2", " (bzip2)"), (".zst", " (zstd)")]
)
def test_streams_and_their_keys_are_counted(suffix: str, packing: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.i3{suffix}"
    write_frames(path, FRAMES)
    lines = [" ".join(line.split()) for line in inspection(path)]
    assert lines[0] == f"{path}: i3{packing}, 4 frames: 1 of I, 1 of Q, 2 of P"
    assert lines[1] == "stream Q: 1 frames, 1 keys"
    assert "energy I3Double: 3" in lines
    assert "passed I3Bool in 1 frames: True" in lines
    assert lines[-2:] == ["stream I: 1 frames, 1 keys", 'how I3String: "it was made"']


def test_a_file_packed_with_xz_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.i3.xz"
    path.write_bytes(lzma.compress(b"".join(FRAMES)))
    assert next(iter(inspection(path))).startswith(f"{path}: i3 (xz), 4 frames")
    assert [frame["energy"] for frame in read_frames(path)] == [3.0, 4.0]
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(I3FormatError, match="packed file"):
        list(read_frames(path))


def test_a_frame_or_an_object_is_shown_alone(tmp_path: Path) -> None:
    write_frames(path := tmp_path / "a.i3", FRAMES)
    assert next(iter(inspection(path, frame=3))) == "frame 3: stream P, version 6, 2 keys"
    assert list(inspection(path, key="energy")) == [
        "frame 2: stream P, version 6, 2 keys",
        "energy: I3Double",
        "  3",
    ]
    assert list(inspection(path, frame=3, key="energy"))[-1] == "  4"
    assert any("PDG 14, 30 GeV" in line for line in inspection(path, key="I3MCTree"))
    with pytest.raises(InputError, match="has 4 frames, from 0: there is no frame 9"):
        list(inspection(path, frame=9))
    with pytest.raises(InputError, match="none of its 4 frames has the key 'fitt'"):
        list(inspection(path, key="fitt"))
    with pytest.raises(InputError, match="frame 3, stream 'P', has no key 'fit'"):
        list(inspection(path, frame=3, key="fit"))


def test_what_stands_before_the_damage_is_shown_and_the_damage_told(tmp_path: Path) -> None:
    write_frames(path := tmp_path / "a.i3", [*FRAMES, FRAMES[0][:-3]])
    lines = []
    with pytest.raises(I3FormatError, match="the file ends within a frame"):
        lines.extend(list(inspection(path)))
    shown = inspection(path)
    assert "4 frames" in next(shown)


@pytest.mark.parametrize(
    ("begin", "told"),
    [(b"\x89HDF\r\n\x1a\n", "is an HDF5 file"), (b"root\0\0", "is a ROOT file"), (b"PK\x03\x04", "is a zip archive")],
)
def test_kinds_that_are_not_read_are_told_as_such(begin: bytes, told: str, tmp_path: Path) -> None:
    (path := tmp_path / "a.i3").write_bytes(begin + bytes(100))
    with pytest.raises(InputError, match=told):
        list(inspection(path))
    with pytest.raises(I3FormatError, match=told):
        list(read_frames(path))


def test_a_sealed_product_shows_nothing(tmp_path: Path) -> None:
    table = pa.table({"reco_ra": [1.0, 2.0]})
    content = {"content": {"stage": "sealed_events"}}
    pq.write_table(table.replace_schema_metadata({"dwarfnu": json.dumps(content)}), path := tmp_path / "a.parquet")
    with pytest.raises(ProductError, match="is sealed"):
        list(inspection(path))
    content["content"]["stage"] = "events"
    pq.write_table(table.replace_schema_metadata({"dwarfnu": json.dumps(content)}), path)
    assert next(iter(inspection(path))) == f"{path}: Parquet, a product of stage events, 2 rows, 1 columns"


def test_values_that_no_event_can_have_are_named(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"reco_dec": [0.1, 75.0], "event_class": ["track", "Track"]}), path := tmp_path / "a.parquet"
    )
    first, dec, event_class, last = inspection(path)
    assert "2 rows, 2 columns" in first
    assert "0.1 to 75 rad  <- 1 not -1.5708 to 1.5708 rad: in degrees?" in dec
    assert "'Track': cascade, track are due" in event_class
    assert last == "no event can have all values of reco_dec, event_class: ingest refuses the file"


def test_frames_are_not_asked_of_tables(tmp_path: Path) -> None:
    (path := tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no frames"):
        list(inspection(path, frame=0))


def test_a_column_of_endless_words_is_told_in_a_short_line(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    words = pa.array(["9" * 5000, "nue", "numu"])
    pa.parquet.write_table(pa.table({"flavour": words, "x" * 5000: words, "true_energy": [1.0, 2.0, 3.0]}), path)
    lines = list(inspection(path))
    assert all(len(line) < 1500 for line in lines)
    assert "nuebar" in lines[1], "what is allowed is still said"
