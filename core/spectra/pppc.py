"""Tables of PPPC4DMID, with electroweak corrections or without.

Cirelli et al., JCAP 1103 (2011) 051, arXiv:1012.4515; Ciafaloni et al., arXiv:1009.0224. A file holds the neutrinos of
one flavour, antineutrinos being equal: dN/dlog10x of one species per annihilation, in columns named by channel. The
header may begin with "#". Neutrino lines are written as half a Gaussian in log10 x of width 0.05 that peaks at x = 1;
here they become lines again. They were made with Pythia 8.135, before version 8.150 changed how taus decay.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.dark_matter.channels import Channel
from core.errors import InputError
from core.spectra.grid import Array, trapezoid_widths
from core.spectra.spectrum import ProducedSpectra
from core.spectra.table import SpectrumTable
from core.spectra.text_table import TextTable, read_text_table
from core.spectra.thresholds import MASS_RANGE

PPPC_FILES: tuple[str, ...] = tuple(f"AtProduction_neutrinos_{flavour}.dat" for flavour in ("e", "mu", "tau"))
PPPC_FILES_NO_EW: tuple[str, ...] = tuple(f"AtProductionNoEW_neutrinos_{flavour}.dat" for flavour in ("e", "mu", "tau"))
PPPC_COLUMNS: dict[Channel, str] = {
    "bb": "b",
    "cc": "c",
    "mumu": r"\[Mu]",
    "tautau": r"\[Tau]",
    "WW": "W",
    "ZZ": "Z",
    "hh": "h",
    "gg": "g",
    "nuenue": r"\[Nu]e",
    "numunumu": r"\[Nu]\[Mu]",
    "nutaunutau": r"\[Nu]\[Tau]",
}

# The shape of the half-Gaussian on the nodes below x = 1, exp(-(log10 x)²/(2 · 0.05²)), within which it varies.
LINE_WIDTH = 0.05
LINE_SHAPE_TOLERANCE = 0.03
LINE_PEAK_AT_LEAST = 1.0
LINE_REACH = 6.0 * LINE_WIDTH


def read_pppc(folder: Path, files: Sequence[str] = PPPC_FILES) -> SpectrumTable:
    """Return the tables in a folder; InputError names a file that is missing or wrong, with row and column.

    Masses at which a channel is zero for all flavours are left out: there the channel is closed (bb at 5 GeV, WW up to
    80 GeV).
    """
    tables = [read_text_table(folder / name, pppc_column_names) for name in files]
    refuse_different_axes(tables)
    pairs: dict[Channel, dict[float, ProducedSpectra]] = defaultdict(dict)
    for channel, name in PPPC_COLUMNS.items():
        if any(name not in table.columns for table in tables):
            continue
        densities = np.stack([table.column(name) for table in tables], axis=1)
        for mass, density in zip(tables[0].masses.tolist(), densities, strict=True):
            if mass <= MASS_RANGE[1] and density.any():
                pairs[channel][mass] = _produced(channel, mass, tables[0].log10_x, density)
    if not pairs:
        raise InputError(f"{folder / files[0]}: has none of the columns {', '.join(PPPC_COLUMNS.values())}")
    return SpectrumTable(f"the PPPC table in {folder}", dict(pairs), former_tau_decays=True)


def pppc_column_names(header: str) -> list[str]:
    """Return the names in a header of PPPC, with "#" or without."""
    return header.replace("#", " ").split()


def split_line(log10_x: Array, density: Array) -> tuple[Array, float]:
    """Return a density dN/dlog10x (n,) without its half-Gaussian line, and the line's weight.

    A line is recognised by its shape on the three last nodes. Under it the continuum is taken to fall linearly in
    log10 x from the node where the Gaussian has ended to zero at x = 1; the weight is the trapezoid integral of what
    stands above.
    """
    peak = density[-1]
    shape = np.exp(-((log10_x[-3:] / LINE_WIDTH) ** 2) / 2.0)
    if (
        log10_x[-1] != 0.0
        or peak < LINE_PEAK_AT_LEAST
        or np.abs(density[-3:] / peak - shape).max() > LINE_SHAPE_TOLERANCE
    ):
        return density, 0.0
    under = log10_x > -LINE_REACH + 1e-9
    start = int(np.argmax(under)) - 1
    continuum = density.copy()
    continuum[under] = np.minimum(density[under], density[start] * log10_x[under] / log10_x[start])
    weight = float((density - continuum) @ trapezoid_widths(log10_x))
    return continuum, weight


def refuse_different_axes(tables: Sequence[TextTable]) -> None:
    """Raise InputError if the files of the flavours do not have the same masses and x."""
    first = tables[0]
    for table in tables[1:]:
        if not np.array_equal(table.masses, first.masses) or not np.allclose(table.log10_x, first.log10_x):
            raise InputError(f"{table.path}: its masses or log10 x are not those of {first.path.name}")


def _produced(channel: Channel, mass: float, log10_x: Array, density: Array) -> ProducedSpectra:
    """Return the spectra of all species from dN/dlog10x of the three flavours, (3, n)."""
    parts = [split_line(log10_x, flavour) for flavour in density]
    counts = np.stack([continuum for continuum, _ in parts]) * trapezoid_widths(log10_x)
    line = np.array([weight for _, weight in parts])
    return ProducedSpectra(channel, mass, log10_x, np.tile(counts, (2, 1)), np.tile(line, 2))
