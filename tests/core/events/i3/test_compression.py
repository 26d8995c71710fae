"""Packed files give the bytes that went in, whatever packed them and whatever they are called."""

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from backports import zstd

from core.events.i3.compression import CHUNK_BYTES, SKIPPABLE_ZSTD_MAGICS, unpacked_chunks
from core.events.i3.errors import I3FormatError, I3TruncatedError

Pack = Callable[[bytes], bytes]
PACKERS: dict[str, Pack] = {"gzip": gzip.compress, "bzip2": bz2.compress, "zstd": zstd.compress}
CONTENT = np.random.default_rng(1).bytes(300_000) + bytes(100_000)


def unpacked(folder: Path, content: bytes) -> bytes:
    path = folder / "file"
    path.write_bytes(content)
    return b"".join(unpacked_chunks(path))


@pytest.mark.parametrize("packer", PACKERS)
def test_what_was_packed_comes_back(tmp_path: Path, packer: str) -> None:
    assert unpacked(tmp_path, PACKERS[packer](CONTENT)) == CONTENT


def test_plain_and_empty_files_are_as_they_are(tmp_path: Path) -> None:
    assert unpacked(tmp_path, CONTENT) == CONTENT
    assert unpacked(tmp_path, b"") == b""


@pytest.mark.parametrize("packer", PACKERS)
def test_streams_one_behind_the_other_are_one_file_and_zeros_behind_are_a_tapes(tmp_path: Path, packer: str) -> None:
    pack = PACKERS[packer]
    assert unpacked(tmp_path, pack(b"one ") + pack(b"") + pack(b"two") + bytes(512)) == b"one two"


def test_frames_without_data_before_a_zstd_stream_are_passed_over(tmp_path: Path) -> None:
    skipped = SKIPPABLE_ZSTD_MAGICS[3] + (5).to_bytes(4, "little") + b"sizes"
    assert unpacked(tmp_path, skipped + zstd.compress(CONTENT)) == CONTENT


@pytest.mark.parametrize("packer", PACKERS)
def test_a_file_that_ends_early_is_told_from_a_damaged_one(tmp_path: Path, packer: str) -> None:
    packed = PACKERS[packer](CONTENT)
    with pytest.raises(I3TruncatedError, match="the packed file ends early"):
        unpacked(tmp_path, packed[: len(packed) // 2])
    with pytest.raises(I3FormatError):
        unpacked(tmp_path, PACKERS[packer](b"whole") + b"neither packed nor zeros")


@pytest.mark.parametrize("packer", PACKERS)
def test_pieces_are_small(tmp_path: Path, packer: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(PACKERS[packer](bytes(5 * CHUNK_BYTES)))
    pieces = [len(chunk) for chunk in unpacked_chunks(path)]
    assert sum(pieces) == 5 * CHUNK_BYTES
    assert max(pieces) <= CHUNK_BYTES
