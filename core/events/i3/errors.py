"""What can be wrong with an i3 file, and where in it."""

from pathlib import Path
from typing import Self

from core.errors import InputError, plain_words


class I3FormatError(InputError):
    """Bytes that are not what an i3 file has in this position.

    Attributes (None where unknown): `path`; `offset`, byte in the unpacked file; `frame`, counted from 0; `stream`,
    its letter; `key`, the object in the frame.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path: Path | None = None
        self.offset: int | None = None
        self.frame: int | None = None
        self.stream: str | None = None
        self.key: str | None = None

    def at(
        self,
        path: Path | None = None,
        offset: int | None = None,
        frame: int | None = None,
        stream: str | None = None,
        key: str | None = None,
    ) -> Self:
        """Add what is known of the position and return the error; what was known before stays."""
        self.path = self.path if path is None else path
        self.offset = self.offset if offset is None else offset
        self.frame = self.frame if frame is None else frame
        self.stream = self.stream if stream is None else stream
        self.key = self.key if key is None else key
        return self

    def __str__(self) -> str:
        position = []
        if self.path is not None:
            position.append(str(self.path))
        if self.offset is not None:
            position.append(f"byte {self.offset}")
        if self.frame is not None:
            position.append(f"frame {self.frame}")
        if self.stream is not None:
            position.append(f"stream {self.stream!r}")
        if self.key is not None:
            position.append(f"key {self.key!r}")
        return plain_words(": ".join([*filter(None, [", ".join(position)]), self.problem]), self.most_letters)


class I3TruncatedError(I3FormatError):
    """The file or an object in it ends before it should: copy it again; frames before that are good."""


class I3ChecksumError(I3FormatError):
    """A frame's bytes do not give the checksum that stands behind them: the file was damaged after it was written."""


class I3UnsupportedError(I3FormatError):
    """A class, a version or a feature of the format that this reader does not know."""
