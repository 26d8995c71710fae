"""The published densities: histograms of the angle to a source, in pickled dicts.

Background `[source][channel][mass]["Counts" | "Bins"]`: the angle between event and source. Signal
`[channel][mass]["Counts" | "Bins"]`: the angle between reconstructed and true direction, one histogram for all sources.
"""

import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.channels import Channel
from core.dark_matter.sources import folded_name
from core.errors import InputError
from core.legacy.nested import mapping_at, numbers_at, pairs_in
from core.legacy.pickles import load_pickled
from core.products.recipe import ProductKey
from core.published.imported import ALL_SOURCES, ImportedFiles, ImportedProduct

COUNTS, BINS = "Counts", "Bins"
Rows = dict[tuple[Channel, float], list[pa.Table]]


def read_background_pdfs(path: Path) -> ImportedFiles:
    """Return one `source_background_pdf` for each pair: rows are source × bin of angle.

    InputError names the keys of what is missing or is no histogram over 0 to 180 deg.
    """
    rows: Rows = defaultdict(list)
    seen: dict[str, object] = {}
    for name, channels in mapping_at(path, "the file", load_pickled(path)).items():
        source = str(name).strip()
        if not source:
            raise InputError(f"{path}: a source has no name")
        if (twice := seen.setdefault(folded_name(source), name)) is not name:
            raise InputError(f"{path}: {twice!r} and {name!r} are one source: it stands there twice")
        for where, channel, mass, columns in pairs_in(path, channels, f"source {source}"):
            rows[channel, mass].append(_histogram(path, where, columns, source, "background_probability"))
    if not rows:
        raise InputError(f"{path}: the file holds no source")
    return _imported(path, "background-pdf", "source_background_pdf", rows)


def read_signal_pdfs(path: Path) -> ImportedFiles:
    """Return one `source_signal_pdf` for each pair: rows are bins of angle, their source "all".

    InputError names the keys of what is missing or is no histogram over 0 to 180 deg.
    """
    rows: Rows = {
        (channel, mass): [_histogram(path, where, columns, ALL_SOURCES, "signal_probability")]
        for where, channel, mass, columns in pairs_in(path, load_pickled(path))
    }
    return _imported(path, "signal-pdf", "source_signal_pdf", rows)


def _imported(path: Path, kind: str, stage: str, rows: Rows) -> ImportedFiles:
    products = tuple(
        ImportedProduct(ProductKey(stage, {"channel": channel, "mass": mass}), pa.concat_tables(tables))
        for (channel, mass), tables in rows.items()
    )
    n_rows = sum(product.table.num_rows for product in products)
    return ImportedFiles(kind, (path,), "core.published.histograms", products, n_rows)


def _histogram(path: Path, where: str, columns: object, source: str, probability: str) -> pa.Table:
    named = mapping_at(path, where, columns)
    counts, edges = numbers_at(path, where, named, COUNTS), numbers_at(path, where, named, BINS)
    if len(counts) == 0 or len(edges) != len(counts) + 1:
        raise InputError(
            f"{path}: {where}: {COUNTS} has {len(counts)} values and {BINS} {len(edges)}; n and n + 1 edges are due"
        )
    if (counts < 0.0).any() or not counts.sum() > 0.0:
        raise InputError(f"{path}: {where}, column {COUNTS}: must not be negative, nor zero in all bins")
    edges = _in_radians(path, where, edges)
    return pa.table(
        {
            "source": pa.array([source] * len(counts), pa.string()),
            "angle_low": edges[:-1],
            "angle_high": edges[1:],
            probability: counts / counts.sum(),
            "entries": counts,
        }
    )


def _in_radians(path: Path, where: str, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    if not (np.diff(edges) > 0.0).all():
        raise InputError(f"{path}: {where}, column {BINS}: must rise")
    for whole, unit in ((math.pi, 1.0), (180.0, math.pi / 180.0)):
        if abs(edges[0]) <= 1e-6 * whole and math.isclose(edges[-1], whole, rel_tol=1e-6):
            return edges * unit
    raise InputError(
        f"{path}: {where}, column {BINS}: runs from {edges[0]:g} to {edges[-1]:g}; "
        "0 to pi (rad) or 0 to 180 (deg) is due"
    )
