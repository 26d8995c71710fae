"""Tables of CosmiXs, made with Pythia's Vincia shower: Arina et al., JCAP 03 (2024) 035, arXiv:2312.01153.

A file holds dN/dlog10x of one neutrino flavour, antineutrinos being equal, in bins of log10 x named by their centres
(the header of some versions says dNdx). Its neutrino channels leave out the line at x = 1: it is added here with
weight 1, which above 100 GeV is a few per cent too much, the share of pairs that radiate a W or Z.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.dark_matter.channels import Channel
from core.errors import InputError
from core.spectra.grid import Array
from core.spectra.pppc import refuse_different_axes
from core.spectra.spectrum import ProducedSpectra
from core.spectra.table import SpectrumTable
from core.spectra.text_table import read_text_table
from core.spectra.thresholds import MASS_RANGE

COSMIXS_FILES: tuple[str, ...] = ("AtProduction-Nuel.dat", "AtProduction-Numu.dat", "AtProduction-Nuta.dat")
COSMIXS_COLUMNS: dict[Channel, str] = {
    "bb": "b",
    "cc": "c",
    "mumu": "mu",
    "tautau": "tau",
    "WW": "W",
    "ZZ": "Z",
    "hh": "H",
    "gg": "g",
    "nuenue": "nue",
    "numunumu": "numu",
    "nutaunutau": "nutau",
}
ADDED_LINES: dict[Channel, int] = {"nuenue": 0, "numunumu": 1, "nutaunutau": 2}
_NAME = re.compile(r"dNd\w+\s*\[\s*([\w\\]+)\s*\]|(\S*DM)|(Log10\s*\[\s*x\s*\])")


def read_cosmixs(folder: Path, files: Sequence[str] = COSMIXS_FILES) -> SpectrumTable:
    """Return the tables in a folder; InputError names a file that is missing or wrong, with row and column."""
    tables = [read_text_table(folder / name, cosmixs_column_names) for name in files]
    refuse_different_axes(tables)
    pairs: dict[Channel, dict[float, ProducedSpectra]] = defaultdict(dict)
    for channel, name in COSMIXS_COLUMNS.items():
        if any(name not in table.columns for table in tables):
            continue
        densities = np.stack([table.column(name) for table in tables], axis=1)
        for mass, density in zip(tables[0].masses.tolist(), densities, strict=True):
            if mass <= MASS_RANGE[1] and (density.any() or channel in ADDED_LINES):
                pairs[channel][mass] = _produced(channel, mass, tables[0].log10_x, density)
    if not pairs:
        raise InputError(f"{folder / files[0]}: has none of the columns {', '.join(COSMIXS_COLUMNS.values())}")
    return SpectrumTable(f"the CosmiXs table in {folder}", dict(pairs))


def cosmixs_column_names(header: str) -> list[str]:
    """Return the names in a header of CosmiXs: "DM", "Log10[x]", then the channels without their brackets."""
    found = [match.group(1) or match.group(2) or match.group(3) for match in _NAME.finditer(header.replace("#", " "))]
    return found if len(found) > 2 else header.replace("#", " ").split()


def _produced(channel: Channel, mass: float, centres: Array, density: Array) -> ProducedSpectra:
    """Return the spectra of all species from dN/dlog10x in bins, (3, n): each bin's content stands on its centre."""
    width = float(np.diff(centres).mean())
    log10_x = np.append(centres, 0.0)
    counts = np.hstack([density * width, np.zeros((3, 1))])
    line = np.zeros(3)
    if channel in ADDED_LINES:
        line[ADDED_LINES[channel]] = 1.0
    return ProducedSpectra(channel, mass, log10_x, np.tile(counts, (2, 1)), np.tile(line, 2))
