"""The unpacked bytes of a file, whatever it is packed with: told by its first bytes, not by its name."""

import bz2
import lzma
import zlib
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, Protocol

from backports.zstd import ZstdDecompressor, ZstdError

from core.events.i3.errors import I3FormatError, I3TruncatedError
from core.files import unread_kind

CHUNK_BYTES = 1 << 20
BLOCK_BYTES = 1 << 16
N_CHUNKS_AHEAD = 4

# gzip packs at most 1032 times; a file that grows more is made to fill memory or time.
MOST_EXPANSION = 1100
UNBOUNDED_BYTES = 64 << 20

GZIP_MAGIC, BZIP2_MAGIC, ZSTD_MAGIC, XZ_MAGIC = b"\x1f\x8b", b"BZh", b"\x28\xb5\x2f\xfd", b"\xfd7zX"
# The strongest packing of xz takes 65 MiB to unpack; what asks for more is made to fill memory.
MOST_XZ_BYTES = 128 << 20
# Parallel packers begin with a frame that holds sizes and no data; its first byte counts from 0x50 to 0x5f.
SKIPPABLE_ZSTD_MAGICS = tuple(bytes([byte]) + b"\x2a\x4d\x18" for byte in range(0x50, 0x60))


class Member(Protocol):
    """One packed stream; a file may hold several, one behind the other."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most `max_length` unpacked bytes."""

    @property
    def eof(self) -> bool:
        """The end of the stream was met."""

    @property
    def needs_input(self) -> bool:
        """No more comes out before more goes in."""

    @property
    def unused_data(self) -> bytes:
        """What stands behind the end of the stream."""


class GzipMember:
    """A gzip stream, its length and CRC checked by zlib."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most `max_length` unpacked bytes."""
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)

    @property
    def eof(self) -> bool:
        """The end of the stream was met."""
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        """No more comes out before more goes in."""
        return not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """What stands behind the end of the stream."""
        return self._inflate.unused_data


def _xz_member() -> Member:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_XZ_BYTES)


PACKINGS: Mapping[bytes, str] = {
    GZIP_MAGIC: "gzip",
    BZIP2_MAGIC: "bzip2",
    XZ_MAGIC: "xz",
    **dict.fromkeys((ZSTD_MAGIC, *SKIPPABLE_ZSTD_MAGICS), "zstd"),
}
MEMBERS: dict[bytes, Callable[[], Member]] = {
    GZIP_MAGIC: GzipMember,
    BZIP2_MAGIC: bz2.BZ2Decompressor,
    XZ_MAGIC: _xz_member,
    **dict.fromkeys((ZSTD_MAGIC, *SKIPPABLE_ZSTD_MAGICS), ZstdDecompressor),
}


def packed_with(first: bytes) -> str | None:
    """Return what a file is packed with that begins so, None if with nothing that is read."""
    return next((name for magic, name in PACKINGS.items() if first.startswith(magic)), None)


def unpacked_chunks(path: Path) -> Generator[bytes, None, None]:
    """Yield the unpacked bytes of a plain, gzip, bzip2, xz or zstd file in pieces of 1 MiB at most.

    Packed files are unpacked ahead, in a thread of their own. Raises I3TruncatedError where a packed file ends early,
    I3FormatError where it is damaged or grows beyond reason, OSError where it cannot be read.
    """
    with path.open("rb") as file:
        first = file.read(8)
        file.seek(0)
        if (kind := unread_kind(first)) is not None:
            raise I3FormatError(kind).at(offset=0)
        for magic, open_member in MEMBERS.items():
            if first.startswith(magic):
                yield from _ahead(_expanded(file, open_member))
                return
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _ahead(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what an iterator yields while a thread fetches the next pieces: unpacking runs outside Python's lock."""
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(next, chunks, None) for _ in range(N_CHUNKS_AHEAD))
        while (chunk := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, chunks, None))
            yield chunk


def _expanded(file: BinaryIO, open_member: Callable[[], Member]) -> Iterator[bytes]:
    member: Member | None = None
    n_packed = n_unpacked = 0
    while block := file.read(BLOCK_BYTES):
        n_packed += len(block)
        if member is None:
            block = block.lstrip(b"\0")
        while block or (member is not None and not member.needs_input):
            member = member or open_member()
            try:
                chunk = member.decompress(block, CHUNK_BYTES)
            except (zlib.error, ZstdError, lzma.LZMAError, OSError, EOFError, ValueError) as error:
                raise I3FormatError(f"the packed file is damaged: {error}").at(offset=n_unpacked) from error
            n_unpacked += len(chunk)
            if n_unpacked > UNBOUNDED_BYTES + MOST_EXPANSION * n_packed:
                raise I3FormatError(f"the file unpacks to more than {MOST_EXPANSION} times its size")
            if chunk:
                yield chunk
            block = b""
            if member.eof:
                # Zeros behind a stream fill a tape's block.
                block, member = member.unused_data.lstrip(b"\0"), None
    if member is not None:
        raise I3TruncatedError("the packed file ends early").at(offset=n_unpacked)
