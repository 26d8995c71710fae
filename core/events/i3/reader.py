"""Reading the frames of an i3 file, mixed as IceCube's software shows them."""

from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

from core.errors import InputError
from core.events.i3.compression import unpacked_chunks
from core.events.i3.errors import I3FormatError, I3UnsupportedError
from core.events.i3.frames import ByteWindow, FrameParser, I3Frame, Slot

# Frames of these streams end where they stand: their objects are not seen from later frames.
UNMIXED_STREAMS = "IP"

# Memory for frames by default: real files pack 5 to 10 times, and the largest frames are those of the calibration.
EXPANSION = 16
FEWEST_BYTES, MOST_BYTES = 16 << 20, 512 << 20


def read_frames(
    path: str | Path,
    streams: Collection[str] | None = "P",
    keys: Collection[str] | None = None,
    verify: bool = True,
    max_bytes: int | None = None,
) -> Iterator[I3Frame]:
    """Yield the frames of an i3 file: plain, gzip, bzip2, xz or zstd.

    `streams`: letters of the streams wanted, their frames showing the objects of the latest frames of the other
    streams too; None: every frame with its own objects only. `keys`: the objects wanted; the rest is passed over.
    `verify`: check each frame's checksum. `max_bytes`: the most that one frame, or all frames kept for mixing, may
    take; by default 16 times the file's size on disk, between 16 and 512 MiB. Raises InputError if there is no such
    file, I3FormatError and its children for what is wrong in it; frames before the damage have been yielded.
    """
    path = Path(path)
    parser = None
    try:
        if max_bytes is None:
            max_bytes = min(max(EXPANSION * path.stat().st_size, FEWEST_BYTES), MOST_BYTES)
        mixer = FrameMixer(max_bytes)
        with closing(unpacked_chunks(path)) as chunks:
            parser = FrameParser(ByteWindow(chunks), path, keys, verify, max_bytes)
            for frame in parser.frames():
                if streams is None:
                    yield frame
                    continue
                mixer.keep(frame)
                if frame.stream in streams:
                    yield mixer.mixed(frame)
    except I3FormatError as error:
        raise error.at(path, frame=parser.number if parser is not None and error.frame is None else None) from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


class FrameMixer:
    """Keeps the latest frame of each stream and shows its objects in the frames that follow.

    As icetray's I3FrameMixer: a frame's own objects win, then those of the other streams in the order in which these
    first appeared; a new frame replaces that of its own stream only.
    """

    def __init__(self, most_bytes: int) -> None:
        self._latest: dict[str, I3Frame] = {}
        self._n_bytes: dict[str, int] = {}
        self._most_bytes = most_bytes

    def keep(self, frame: I3Frame) -> None:
        """Take a frame into the mix."""
        if frame.stream in UNMIXED_STREAMS:
            return
        self._latest[frame.stream] = frame
        self._n_bytes[frame.stream] = sum(len(slot.blob) for slot in frame.slots.values())
        if sum(self._n_bytes.values()) > self._most_bytes:
            raise I3UnsupportedError(
                f"the frames of streams {''.join(self._latest)} take more than {self._most_bytes} bytes together: "
                "name the keys wanted, or allow a larger max_bytes"
            ).at(frame=frame.number, stream=frame.stream, offset=frame.offset)

    def mixed(self, frame: I3Frame) -> I3Frame:
        """Return the frame with the objects of the other streams."""
        slots: dict[str, Slot] = {}
        for stream, other in reversed(self._latest.items()):
            if stream != frame.stream:
                slots.update(other.slots)
        slots.update(frame.slots)
        return I3Frame(frame.stream, slots, frame.path, frame.number, frame.offset, frame.version)
