"""The published source list as our `sources`: 18 columns of text, J factors within up to four apertures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.dark_matter.sources import read_catalogue, sources_table
from core.errors import InputError
from core.products.recipe import ProductKey
from core.published.imported import ImportedFiles, ImportedProduct
from core.published.text import text_lines

if TYPE_CHECKING:
    import pandas as pd


N_COLUMNS = 18
PUBLISHED_APERTURES_DEG = (0.1, 0.2, 0.5, 10.0)
J_TYPES = ("0.1", "0.2", "0.5", "10", "max", "min")
CHOSEN = "log10_j_factor"
ENDINGS = ("", "_error_low", "_error_high")


def read_source_list(path: Path, j_type: str = "0.5") -> ImportedFiles:
    """Return the `sources` product of a list, brightest first.

    `j_type` is the aperture (deg) of the J factors, "max" the widest known of each source, "min" the narrowest; sources
    without it drop out and are named in a warning. InputError for another j_type, for a file that is no such list, and
    if no source is left.
    """
    if j_type not in J_TYPES:
        raise InputError(f"J_type {j_type!r} is unknown; allowed are {', '.join(J_TYPES)}")
    first = next((line for _, line in text_lines(path) if line and not line.startswith("#")), "")
    if first.count(",") != N_COLUMNS - 1:
        raise InputError(f"{path}: a published source list has {N_COLUMNS} columns, its first line has another number")
    catalogue = read_catalogue(path)
    aperture = _apertures(catalogue, j_type)
    known = np.isfinite(aperture)
    if not known.any():
        raise InputError(f"{path}: no source has a J factor within {j_type} deg; choose another J_type")
    chosen = catalogue.assign(aperture=aperture, **_columns(catalogue, aperture))[known]
    chosen = chosen.sort_values(CHOSEN, ascending=False, kind="stable")
    product = ImportedProduct(ProductKey("sources"), sources_table(chosen, CHOSEN, chosen["aperture"].to_numpy()))
    return ImportedFiles(
        "source-list",
        (path,),
        "core.published.source_list",
        (product,),
        len(catalogue),
        tuple(_warnings(catalogue, aperture, j_type)),
        {"j_type": j_type},
    )


def _apertures(catalogue: pd.DataFrame, j_type: str) -> np.ndarray:
    """Return the aperture (deg) of each source's J factor, (n_sources,), NaN where it has none."""
    apertures = PUBLISHED_APERTURES_DEG if j_type in ("max", "min") else (float(j_type),)
    known = [np.where(catalogue[f"{CHOSEN}_{value:g}deg"].notna(), value, np.nan) for value in apertures]
    return np.asarray(np.fmin.reduce(known) if j_type == "min" else np.fmax.reduce(known))


def _columns(catalogue: pd.DataFrame, aperture: np.ndarray) -> Mapping[str, np.ndarray]:
    """Return J factor and errors within each source's aperture."""
    columns = {}
    for ending in ENDINGS:
        values = np.full(len(catalogue), np.nan)
        for one in PUBLISHED_APERTURES_DEG:
            given = catalogue[f"{CHOSEN}_{one:g}deg{ending}"].to_numpy(dtype=float)
            values = np.where(aperture == one, given, values)
        columns[f"{CHOSEN}{ending}"] = values
    return columns


def _warnings(catalogue: pd.DataFrame, aperture: np.ndarray, j_type: str) -> list[str]:
    warnings = []
    used, numbers = np.unique(aperture[np.isfinite(aperture)], return_counts=True)
    if len(used) > 1:
        each = ", ".join(f"{n} within {value:g} deg" for value, n in zip(used, numbers, strict=True))
        warnings.append(f"J_type {j_type} mixes apertures ({each}): these J factors do not compare")
    without = catalogue["source"][~np.isfinite(aperture)].tolist()
    if without:
        warnings.append(f"{len(without)} without such a J factor left out: {', '.join(without)}")
    return warnings
