"""IceCube's .i3 files, read without IceCube's software."""

from core.events.i3.blobs import decode, encode
from core.events.i3.errors import I3ChecksumError, I3FormatError, I3TruncatedError, I3UnsupportedError
from core.events.i3.frames import I3Frame
from core.events.i3.objects import (
    I3Blob,
    I3Direction,
    I3EventHeader,
    I3FilterResult,
    I3Particle,
    I3Position,
    I3Time,
)
from core.events.i3.reader import read_frames
from core.events.i3.tree import I3MCTree
from core.events.i3.writer import frame_bytes, write_frames

__all__ = [
    "I3Blob",
    "I3ChecksumError",
    "I3Direction",
    "I3EventHeader",
    "I3FilterResult",
    "I3FormatError",
    "I3Frame",
    "I3MCTree",
    "I3Particle",
    "I3Position",
    "I3Time",
    "I3TruncatedError",
    "I3UnsupportedError",
    "decode",
    "encode",
    "frame_bytes",
    "read_frames",
    "write_frames",
]
