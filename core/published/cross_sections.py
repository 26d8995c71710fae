"""The published cross sections: a pickled dict `[channel][mass]` of numbers, or of medians with their bands.

With bands an entry is `["Cross Section" | "Threshold"]["Med", "Up1", "Low1", "Up2", "Low2"]`, in cm^3/s; the file does
not say in what `Threshold` is counted.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pyarrow as pa

from core.dark_matter.channels import Channel
from core.errors import InputError
from core.legacy.nested import mapping_at, pairs_in, positive_at
from core.legacy.pickles import load_pickled
from core.products.recipe import ProductKey
from core.published.imported import IMPORTED, IMPORTED_SEED, ImportedFiles, ImportedProduct

CROSS_SECTION, THRESHOLD = "Cross Section", "Threshold"
QUANTILES: Mapping[str, str] = {
    "Low2": "_band_lo95",
    "Low1": "_band_lo68",
    "Med": "",
    "Up1": "_band_hi68",
    "Up2": "_band_hi95",
}
OBSERVED = re.compile(r"(?i)upper|unblind|observed|best")
# What else a figure of sensitivities reads: the files do not tell it.
UNTOLD = ("sigma_v_sensitivity_error", "n_s_sensitivity", "n_s_sensitivity_error", "flux_sensitivity")


def read_cross_sections(path: Path) -> ImportedFiles:
    """Return one `sensitivity` product for each pair; what the file does not tell is null.

    InputError names the keys of what is missing, not above zero or out of order; and refuses a file whose name says
    that it holds observed values, which are no sensitivities.
    """
    if OBSERVED.search(path.stem):
        raise InputError(
            f"{path}: its name says that it holds observed cross sections (upper limits or best fits), and only "
            "sensitivities are imported; if it holds sensitivities, rename it"
        )
    products = tuple(
        _sensitivity(channel, mass, _row(path, where, entry))
        for where, channel, mass, entry in pairs_in(path, load_pickled(path))
    )
    warning = "read as sensitivities in cm3/s: the file does not say whether they are"
    return ImportedFiles(
        "cross-sections", (path,), "core.published.cross_sections", products, len(products), (warning,)
    )


def _row(path: Path, where: str, entry: object) -> dict[str, float]:
    if not isinstance(entry, dict):
        return {"sigma_v_sensitivity": positive_at(path, where, entry)}
    if CROSS_SECTION not in entry:
        raise InputError(f"{path}: {where} has no {CROSS_SECTION}; it has {', '.join(map(str, entry)) or 'nothing'}")
    cross_section = _quantiles(path, f"{where}, {CROSS_SECTION}", entry[CROSS_SECTION])
    row = {f"sigma_v{ending or '_sensitivity'}": value for ending, value in cross_section.items()}
    if THRESHOLD in entry:
        threshold = _quantiles(path, f"{where}, {THRESHOLD}", entry[THRESHOLD])
        row |= {f"threshold{ending}": value for ending, value in threshold.items()}
    return row


def _quantiles(path: Path, where: str, content: object) -> dict[str, float]:
    named = mapping_at(path, where, content)
    missing = [name for name in QUANTILES if name not in named]
    if missing:
        raise InputError(
            f"{path}: {where} lacks {', '.join(missing)}; it has {', '.join(map(str, named)) or 'nothing'}"
        )
    values = {ending: positive_at(path, f"{where}, {name}", named[name]) for name, ending in QUANTILES.items()}
    if any(low > high for low, high in pairwise(values.values())):
        raise InputError(f"{path}: {where}: {' <= '.join(QUANTILES)} does not hold")
    return values


def _sensitivity(channel: Channel, mass: float, row: Mapping[str, float]) -> ImportedProduct:
    bands = (f"sigma_v{ending or '_sensitivity'}" for ending in QUANTILES.values())
    names = dict.fromkeys([*bands, *UNTOLD, *row])
    columns = {name: pa.array([row.get(name)], pa.float64()) for name in names}
    columns["limitation"] = pa.array([IMPORTED], pa.string())
    key = ProductKey("sensitivity", {"channel": channel, "mass": mass, "seed": IMPORTED_SEED})
    return ImportedProduct(key, pa.table(columns))
