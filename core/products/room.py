"""Room on the disk: how much is left where products lie, so that none of them takes the last of it."""

import shutil
from pathlib import Path

from upath import UPath

from core.errors import ProductError

# What stays free: a disk that is full to the last byte fails other programs too.
SHARE_LEFT_FREE = 0.01
MOST_LEFT_FREE = 1_000_000_000
UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def usable_space(root: UPath) -> int | None:
    """Return how many bytes may be written where products lie or will lie; None where nobody can tell.

    A hundredth of the disk, at most 1 GB, is left free.
    """
    if not isinstance(root, Path):
        return None
    folder = root.absolute()
    standing = next((place for place in (folder, *folder.parents) if place.exists()), None)
    if standing is None:
        return None
    found = shutil.disk_usage(standing)
    if not found.total:
        return None  # no disk, such as /proc
    return max(0, found.free - min(MOST_LEFT_FREE, int(SHARE_LEFT_FREE * found.total)))


def check_room(root: UPath, size: float, what: str) -> None:
    """Raise ProductError unless so many bytes can be written where products lie; `what` they are, as a message says."""
    usable = usable_space(root)
    if usable is not None and size > usable:
        raise ProductError(
            f"no room for {what}: about {in_bytes(size)} to write, {in_bytes(usable)} may be used at {root}; "
            "make room there, or name another place with --products"
        )


def in_bytes(size: float) -> str:
    """Return a size in words, such as 400 GB."""
    power = 0
    while size >= 999.5 and power < len(UNITS) - 1:
        size, power = size / 1000.0, power + 1
    digits = 1 if power and size < 9.95 else 0
    return f"{size:.{digits}f} {UNITS[power]}"
