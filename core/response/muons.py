"""Atmospheric muons in the measured bins: the public release's own expectation, estimated from data."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.errors import InputError
from core.events.classes import EVENT_CLASSES
from core.events.public_release import RECO_COS_ZENITH_EDGES, RECO_ENERGY_EDGES

Reals = NDArray[np.float64]

SHIPPED_MUONS = Path(__file__).parent / "public_3y_muons.parquet"
_SHAPE = (len(EVENT_CLASSES), len(RECO_ENERGY_EDGES) - 1, len(RECO_COS_ZENITH_EDGES) - 1)


@dataclass(frozen=True)
class ExpectedMuons:
    """Expected muons of each bin and their error, of statistics and shape, both (2 classes, 8 energies, 8 zeniths)."""

    n_expected: Reals
    n_expected_error: Reals

    def to_table(self) -> pa.Table:
        """Return a row for each class and bin of reconstructed energy and cos zenith."""
        event_class, energy, zenith = np.indices(_SHAPE).reshape(3, -1)
        return pa.table(
            {
                "event_class": pa.array(EVENT_CLASSES).take(pa.array(event_class)),
                "reco_energy_low": RECO_ENERGY_EDGES[energy],
                "reco_energy_high": RECO_ENERGY_EDGES[energy + 1],
                "reco_cos_zenith_low": RECO_COS_ZENITH_EDGES[zenith],
                "reco_cos_zenith_high": RECO_COS_ZENITH_EDGES[zenith + 1],
                "n_expected": self.n_expected.ravel(),
                "n_expected_error": self.n_expected_error.ravel(),
            }
        )

    @classmethod
    def from_table(cls, table: pa.Table) -> "ExpectedMuons":
        """Return what `to_table` wrote; InputError if rows are missing."""
        if table.num_rows != np.prod(_SHAPE):
            raise InputError(f"the expected muons have {table.num_rows} rows; needed are {np.prod(_SHAPE)}")
        return cls(*(table[name].to_numpy().reshape(_SHAPE) for name in ("n_expected", "n_expected_error")))


@cache
def public_muons() -> ExpectedMuons:
    """Return the 2,045 muons that the public three-year sample expects, shipped with this package."""
    return ExpectedMuons.from_table(pq.read_table(SHIPPED_MUONS, partitioning=None))
