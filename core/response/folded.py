"""The public release's simulation, folded: weights from fine bins of true energy and zenith to the 128 measured bins.

Oscillations change over a few per cent of energy and some degrees, finer than the zenith bins of the response. This
table keeps them apart and is the simulation itself, summed in bins: no kernel, no fit. For the atmospheric expectation.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.dark_matter.channels import FLAVOURS
from core.errors import InputError
from core.events.classes import EVENT_CLASSES, INTERACTIONS
from core.events.public_release import (
    LIVETIME,
    RECO_COS_ZENITH_EDGES,
    RECO_ENERGY_EDGES,
    RELEASE_DOI,
    SIMULATION_FILE,
    SimulatedNeutrinos,
    read_simulation,
)
from core.products.digests import digest_of_file

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

SHIPPED_FOLDED_RESPONSE = Path(__file__).parent / "public_3y_folded.parquet"

BINS_PER_DECADE = 40
TRUE_ENERGY_EDGES: Reals = 10.0 ** (np.arange(3 * BINS_PER_DECADE + 1) / BINS_PER_DECADE)
TRUE_COS_ZENITH_EDGES: Reals = np.linspace(-1.0, 1.0, 41)
CELL_SHAPE = (len(EVENT_CLASSES), len(RECO_ENERGY_EDGES) - 1, len(RECO_COS_ZENITH_EDGES) - 1)
N_CELLS = int(np.prod(CELL_SHAPE))
TRUE_SHAPE = (len(FLAVOURS), len(INTERACTIONS), len(TRUE_ENERGY_EDGES) - 1, len(TRUE_COS_ZENITH_EDGES) - 1)


@dataclass(frozen=True)
class FoldedResponse:
    """Σ w of simulated events from each true bin in each measured bin, where there are any: arrays (n_entries,).

    `true_bin`: flat index of (6 species, 2 interactions, nE, nz); `cell`: of (2 classes, 8 energies, 8 zeniths).
    `weight` in GeV cm² sr: expected events = T Σ w · Φ̄ with Φ̄ the mean flux of the species in the true bin; effective
    area = w/(ΔE ΔΩ). `n_simulated` events stand behind a weight: its error is w/√n.
    """

    true_bin: Integers
    cell: Integers
    weight: Reals
    n_simulated: Integers
    livetime: float

    def by_species(self, species: int, interaction: int, squares: bool = False) -> csr_array:
        """Return Σ w, or with `squares` its variance w²/n, of a species and interaction: sparse, (N_CELLS, nE · nz)."""
        n_bins = int(np.prod(TRUE_SHAPE[2:]))
        first = (species * TRUE_SHAPE[1] + interaction) * n_bins
        chosen = slice(*np.searchsorted(self.true_bin, [first, first + n_bins]))
        weight, n = self.weight[chosen], self.n_simulated[chosen]
        values = weight**2 / n if squares else weight
        return csr_array((values, (self.cell[chosen], self.true_bin[chosen] - first)), shape=(N_CELLS, n_bins))

    def to_table(self) -> pa.Table:
        """Return the entries as a table, true bins as steps from one entry to the next."""
        flat = self.true_bin * N_CELLS + self.cell
        return pa.table(
            {
                "step": np.diff(flat, prepend=0).astype(np.int32),
                "weight": self.weight.astype(np.float32),
                "n_simulated": self.n_simulated.astype(np.int32),
                "livetime": pa.array(np.full(len(flat), self.livetime)).dictionary_encode(),
            }
        )

    @classmethod
    def from_table(cls, table: pa.Table) -> "FoldedResponse":
        """Return what `to_table` wrote; InputError if its entries lie outside the bins."""
        flat = np.cumsum(table["step"].to_numpy().astype(np.int64))
        if table.num_rows == 0 or flat[0] < 0 or flat[-1] >= np.prod(TRUE_SHAPE) * N_CELLS:
            raise InputError("the folded response has entries outside its bins: write it anew from the release")
        return cls(
            true_bin=flat // N_CELLS,
            cell=flat % N_CELLS,
            weight=table["weight"].to_numpy().astype(np.float64),
            n_simulated=table["n_simulated"].to_numpy().astype(np.int64),
            livetime=float(table["livetime"][0].as_py()),
        )


def folded_response(events: SimulatedNeutrinos, livetime: float = LIVETIME) -> FoldedResponse:
    """Return simulated events summed in bins; livetime in s. Events beyond the edges count to the outermost bins."""
    energy = np.searchsorted(TRUE_ENERGY_EDGES, events.true_energy, side="right") - 1
    zenith = np.searchsorted(TRUE_COS_ZENITH_EDGES, events.true_cos_zenith, side="right") - 1
    place = (
        events.flavour,
        events.interaction,
        np.clip(energy, 0, TRUE_SHAPE[2] - 1),
        np.clip(zenith, 0, TRUE_SHAPE[3] - 1),
        events.event_class,
        events.reco_energy_bin,
        events.reco_cos_zenith_bin,
    )
    flat, entry, n_simulated = np.unique(
        np.ravel_multi_index(place, TRUE_SHAPE + CELL_SHAPE), return_inverse=True, return_counts=True
    )
    weight = np.asarray(np.bincount(entry, events.weight), dtype=np.float64)
    return FoldedResponse(flat // N_CELLS, flat % N_CELLS, weight, n_simulated, livetime)


def write_shipped_folded_response(release: Path, path: Path = SHIPPED_FOLDED_RESPONSE) -> None:
    """Write what this package ships, made from the folder of the release, with its provenance in the file."""
    provenance = {
        "source": f"IceCube public data release, DOI {RELEASE_DOI}",
        "papers": "arXiv:1901.05366, arXiv:1707.07081",
        "file": f"{SIMULATION_FILE} {digest_of_file(release / SIMULATION_FILE)}",
        "meaning": "sum of weights (GeV cm2 sr) from bins of true energy and zenith in the 128 measured bins",
    }
    table = folded_response(read_simulation(release)).to_table().replace_schema_metadata(provenance)
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=["livetime"],
        column_encoding={"step": "DELTA_BINARY_PACKED", "weight": "BYTE_STREAM_SPLIT", "n_simulated": "PLAIN"},
    )


@cache
def public_folded_response() -> FoldedResponse:
    """Return the folded response of the public three-year sample that is shipped with this package."""
    return FoldedResponse.from_table(pq.read_table(SHIPPED_FOLDED_RESPONSE, partitioning=None))
