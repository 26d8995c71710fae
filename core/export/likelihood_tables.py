"""Likelihoods as tables of -2ΔlnL against strength and mass, in the text form that gLike and LklCom read.

Line 1: log10 J of the source, then the masses (GeV). Then a line a strength, from the greatest down: the strength
(⟨σv⟩ in cm³ s⁻¹), and -2 ln [L/L(best)] for each mass. The form has no place for a comment, so that what is to be said
stands in a file beside. Read from GloryDuckTables2019Lkl.cc of gLike (github.com/javierrico/gLike) and
likelihood_combiner/io.py of LklCom (github.com/TjarkMiener/likelihood_combiner).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Reals = NDArray[np.float64]

# Strengths of a table: so many a decade, from this share of the least limit in it to this many times the greatest.
# Linear interpolation between them, as LklCom has it, then moves a limit by less than 1e-3.
PER_DECADE, BELOW, ABOVE = 50, 1e-3, 10.0


class Curve(Protocol):
    """A likelihood of one strength."""

    @property
    def end(self) -> float:
        """The greatest strength that is tested."""

    def fall(self, strengths: ArrayLike) -> Reals:
        """Return 2 ln [L(best)/L(s)] at strengths, of their shape."""

    def upper_limit(self, confidence: float = 0.9) -> float:
        """Return the upper limit on the strength."""


@dataclass(frozen=True, eq=False)
class LikelihoodTable:
    """The likelihoods of one source (or several as one) in a channel, by mass.

    `strengths` (n,) from the greatest down; `falls` (n, n_masses). `tested` (n_masses,): the strength of each mass up
    to which its values are its likelihood's own; beyond they go on as a parabola.
    """

    channel: str
    source: str
    log10_factor: float
    masses: Reals
    strengths: Reals
    falls: Reals
    tested: Reals


def likelihood_table(channel: str, source: str, log10_factor: float, curves: Mapping[float, Curve]) -> LikelihoodTable:
    """Return the table of curves by mass (GeV), in order of mass; `log10_factor` of J in GeV² cm⁻⁵, D in GeV cm⁻²."""
    masses = sorted(curves)
    limits = [curves[mass].upper_limit() for mass in masses]
    low, high = BELOW * min(limits), ABOVE * max(limits)
    n = int(np.ceil(PER_DECADE * np.log10(high / low))) + 1
    strengths = np.geomspace(high, low, n)
    falls = np.stack([curves[mass].fall(strengths) for mass in masses], axis=1)
    tested = np.array([curves[mass].end for mass in masses])
    return LikelihoodTable(channel, source, log10_factor, np.array(masses), strengths, falls, tested)


def table_text(table: LikelihoodTable) -> str:
    """Return the text of a table, numbers to seven digits."""
    lines = [" ".join([f"{table.log10_factor:.6g}", *(f"{mass:g}" for mass in table.masses)])]
    for strength, row in zip(table.strengths, table.falls, strict=True):
        lines.append(" ".join([f"{strength:.6e}", *(f"{value:.6e}" for value in row)]))
    return "\n".join(lines) + "\n"


def plain_word(name: str) -> str:
    """Return a name of letters and digits alone, as both programs want it in names of files and groups."""
    return re.sub(r"[^A-Za-z0-9]", "", name)


def table_name(table: LikelihoodTable, collaboration: str) -> str:
    """Return the file name of a table as LklCom takes it apart: channel, source, collaboration."""
    return f"{plain_word(table.channel)}_{plain_word(table.source)}_{plain_word(collaboration)}.txt"


def described_tables(tables: Sequence[LikelihoodTable], collaboration: str) -> list[dict[str, object]]:
    """Return what is to be said of each table: its source, its factor, and how far each mass is tested."""
    return [
        {
            "file": table_name(table, collaboration),
            "channel": table.channel,
            "source": table.source,
            "log10_factor": round(table.log10_factor, 6),
            "tested_up_to": {
                f"{mass:g}": float(f"{end:.6e}") for mass, end in zip(table.masses, table.tested, strict=True)
            },
        }
        for table in tables
    ]
