"""Which kind of published file a file is, told by its content, and all files read before any is used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy_format

from core.dark_matter.channels import canonical_channel
from core.errors import InputError
from core.files import check_file
from core.legacy.pickles import load_pickled
from core.products.recipe import typed
from core.published.cross_sections import CROSS_SECTION, read_cross_sections
from core.published.histograms import COUNTS, read_background_pdfs, read_signal_pdfs
from core.published.imported import ImportedFiles
from core.published.limit_files import is_comparison, read_comparison
from core.published.source_list import N_COLUMNS, read_source_list
from core.published.spectra import read_spectra
from core.published.text import text_lines
from core.published.trials import is_trials, read_trials

KINDS = ("source-list", "spectra", "background-pdf", "signal-pdf", "trials", "cross-sections", "comparison")
PICKLED = (b"\x93NUMPY", b"\x80")
PICKLE_SUFFIXES = (".npy", ".pkl", ".pickle", ".p")


@dataclass(frozen=True)
class Declared:
    """What the user tells of files that do not tell it: kind, channel, mass (GeV), injected events, J_type."""

    kind: str | None = None
    channel: str | None = None
    mass: float | None = None
    n_injected: int | None = None
    j_type: str = "0.5"


def read_published(paths: Sequence[Path], declared: Declared) -> list[ImportedFiles]:
    """Return what all files hold, files of trials taken together.

    InputError naming the file for the first that cannot be read or meant, and for two that hold the same product;
    ProductError or PhysicsError for a channel, mass or number of injected events that none can have.
    """
    if declared.kind is not None and declared.kind not in KINDS:
        raise InputError(f"kind {declared.kind!r} is unknown; allowed are {', '.join(KINDS)}")
    for name in ("channel", "mass", "n_injected"):
        if getattr(declared, name) is not None:
            typed(name, getattr(declared, name))
    if declared.channel is not None:
        canonical_channel(declared.channel)
    kinds = {path: declared.kind or kind_of(path) for path in dict.fromkeys(paths)}
    trials = [path for path, kind in kinds.items() if kind == "trials"]
    found = [_read(path, kind, declared) for path, kind in kinds.items() if kind != "trials"]
    if trials:
        found.append(read_trials(trials, declared.channel, declared.mass, declared.n_injected))
    _refuse_twice(found)
    return found


def _read(path: Path, kind: str, declared: Declared) -> ImportedFiles:
    if kind == "source-list":
        return read_source_list(path, declared.j_type)
    readers = {
        "spectra": read_spectra,
        "background-pdf": read_background_pdfs,
        "signal-pdf": read_signal_pdfs,
        "cross-sections": read_cross_sections,
        "comparison": read_comparison,
    }
    return readers[kind](path)


def _refuse_twice(found: Sequence[ImportedFiles]) -> None:
    holders: dict[str, Path] = {}
    for files in found:
        for product in files.products:
            name = str(product.key)
            if name in holders:
                raise InputError(f"{files.paths[0]} and {holders[name]} both hold {name}: import one of them")
            holders[name] = files.paths[0]


def kind_of(path: Path) -> str:
    """Return the kind of a file; InputError if its content does not tell, or is that of an event sample."""
    check_file(path)
    try:
        with path.open("rb") as file:
            begin = file.read(len(npy_format.MAGIC_PREFIX))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if begin.startswith(PICKLED) or path.suffix.lower() in PICKLE_SUFFIXES:
        return _kind_of_content(path, load_pickled(path))
    if is_trials(path):
        return "trials"
    if is_comparison(path):
        return "comparison"
    first = next((line for _, line in text_lines(path) if line and not line.startswith("#")), "")
    if first.count(",") == N_COLUMNS - 1:
        return "source-list"
    raise _untold(path, "text without the header of trials, the 18 columns of a source list or the name of a csv limit")


def _kind_of_content(path: Path, content: object) -> str:
    if isinstance(content, np.ndarray) and content.dtype.names:
        raise InputError(
            f"{path}: holds events or runs ({', '.join(content.dtype.names[:4])}, ...), which are not imported: "
            "bring them in with `dwarfnu ingest`"
        )
    inner: Any = content
    depth = 0
    while isinstance(inner, Mapping) and inner and not _columns_of(inner):
        inner, depth = next(iter(inner.values())), depth + 1
    columns = _columns_of(inner)
    kinds = {
        ("Energy", 2): "spectra",
        (COUNTS, 3): "background-pdf",
        (COUNTS, 2): "signal-pdf",
        (CROSS_SECTION, 2): "cross-sections",
    }
    if (columns, depth) in kinds:
        return kinds[columns, depth]
    if depth == 2 and _is_number(inner):
        return "cross-sections"
    raise _untold(path, f"a {type(content).__name__} without the keys of a published one")


def _is_number(content: Any) -> bool:
    """Return whether something is one number, by itself or as an array."""
    if isinstance(content, np.ndarray | np.generic):
        return content.size == 1 and content.dtype.kind in "iuf"
    return isinstance(content, int | float) and not isinstance(content, bool)


def _columns_of(content: Any) -> str:
    """Return the column by which a dict is known, empty if it has none."""
    known = ("Energy", COUNTS, CROSS_SECTION)
    return next((name for name in known if isinstance(content, Mapping) and name in content), "")


def _untold(path: Path, what: str) -> InputError:
    return InputError(f"{path}: its content ({what}) does not tell its kind: give --kind {'|'.join(KINDS)}")
