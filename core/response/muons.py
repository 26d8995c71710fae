"""Atmospheric muons in the measured bins: a public release's own expectation.

That of three years is estimated from data, that of nine is a smoothed simulation.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.errors import InputError
from core.events.binned_releases import BinnedRelease, cells_of, found_file, refuse_missing_bins
from core.events.classes import EVENT_CLASSES
from core.events.counts import band_edges
from core.events.public_release import RECO_COS_ZENITH_EDGES, RECO_ENERGY_EDGES, read_columns

Reals = NDArray[np.float64]

SHIPPED_MUONS = Path(__file__).parent / "public_3y_muons.parquet"
MUON_COLUMNS = ("count", "abs_uncertainty", "pid", "reco_energy", "reco_coszen")


@dataclass(frozen=True)
class ExpectedMuons:
    """Expected muons of each bin and their error, of statistics and shape, both (2 classes, nr energies, nb zeniths).

    Edges in GeV and in cos zenith; the bins of the public three years are 8 by 8.
    """

    n_expected: Reals
    n_expected_error: Reals
    reco_energy_edges: Reals = field(default_factory=lambda: RECO_ENERGY_EDGES)
    reco_cos_zenith_edges: Reals = field(default_factory=lambda: RECO_COS_ZENITH_EDGES)

    def to_table(self) -> pa.Table:
        """Return a row for each class and bin of reconstructed energy and cos zenith."""
        event_class, energy, zenith = np.indices(self.n_expected.shape).reshape(3, -1)
        return pa.table(
            {
                "event_class": pa.array(EVENT_CLASSES).take(pa.array(event_class)),
                "reco_energy_low": self.reco_energy_edges[energy],
                "reco_energy_high": self.reco_energy_edges[energy + 1],
                "reco_cos_zenith_low": self.reco_cos_zenith_edges[zenith],
                "reco_cos_zenith_high": self.reco_cos_zenith_edges[zenith + 1],
                "n_expected": self.n_expected.ravel(),
                "n_expected_error": self.n_expected_error.ravel(),
            }
        )

    @classmethod
    def from_table(cls, table: pa.Table) -> "ExpectedMuons":
        """Return what `to_table` wrote; InputError if rows are missing."""
        energy, zenith = (band_edges(table, name) for name in ("reco_energy", "reco_cos_zenith"))
        shape = (len(EVENT_CLASSES), len(energy) - 1, len(zenith) - 1)
        if table.num_rows != np.prod(shape):
            raise InputError(f"the expected muons have {table.num_rows} rows; needed are {np.prod(shape)}")
        n_expected, error = (table[name].to_numpy().reshape(shape) for name in ("n_expected", "n_expected_error"))
        return cls(n_expected, error, energy, zenith)


def release_muons(folder: Path, release: BinnedRelease) -> ExpectedMuons | None:
    """Return the muons that a release expects, in its own bins; None where its folder holds no file of them.

    InputError for a bin that is missing, stands there twice or is none of the release's, and for negative values.
    """
    path = None if release.muon_file is None else found_file(folder, release.muon_file)
    if path is None:
        return None
    frame = read_columns(path, MUON_COLUMNS)
    for name in MUON_COLUMNS[:2]:
        if (below := frame[name] < 0.0).any():
            row = int(np.argmax(below))
            raise InputError(f"{path}: {name} in row {row + 1} is {frame[name].iloc[row]:g}; 0 or more is due")
    cells = cells_of(frame, release, path)
    refuse_missing_bins(cells, release, path)
    order = np.argsort(cells)
    n_expected, error = (frame[name].to_numpy(np.float64)[order].reshape(release.shape) for name in MUON_COLUMNS[:2])
    return ExpectedMuons(n_expected, error, release.reco_energy_edges, release.reco_cos_zenith_edges)


@cache
def public_muons() -> ExpectedMuons:
    """Return the 2,045 muons that the public three-year sample expects, shipped with this package."""
    return ExpectedMuons.from_table(pq.read_table(SHIPPED_MUONS, partitioning=None))
