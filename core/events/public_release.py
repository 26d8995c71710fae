"""IceCube's public three-year oscillation sample B: simulated neutrinos, measured events, expected muons.

DOI 10.21234/ac23-ra43; papers arXiv:1901.05366 and arXiv:1707.07081. Reconstructed values are the centres of 8 bins in
log energy (5.62-56.2 GeV) and 8 bins in cos zenith; there is no azimuth, no right ascension and no time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, PDG_CODES, listed
from core.errors import InputError
from core.events.classes import EVENT_CLASSES
from core.events.counts import binned_events
from core.products.digests import digest_of_file
from core.units import SQUARE_METRE, YEAR

if TYPE_CHECKING:
    import pandas as pd


RELEASE_DOI = "10.21234/ac23-ra43"
SIMULATION_FILE, DATA_FILE, MUON_FILE = "neutrino_mc.csv.bz2", "data.csv.bz2", "muons.csv.bz2"
SHIPPED_COUNTS = Path(__file__).parent / "public_3y_counts.parquet"

RECO_ENERGY_EDGES: NDArray[np.float64] = 10.0 ** np.linspace(0.75, 1.75, 9)
RECO_COS_ZENITH_EDGES: NDArray[np.float64] = np.linspace(-1.0, 1.0, 9)
LIVETIME: float = 2.5 * YEAR

MOST_WEIGHT = 1e20  # far above any release's, in m² or cm²: so that sums stay numbers
SIMULATION_COLUMNS = ("pdg", "pid", "reco_coszen", "reco_energy", "true_coszen", "true_energy", "type", "weight")
COUNT_COLUMNS = ("count", "pid", "reco_coszen", "reco_energy")

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class SimulatedNeutrinos:
    """Simulated neutrinos that passed the selection, each array (n_events,).

    `flavour`, `interaction` and `event_class` index FLAVOURS, INTERACTIONS and EVENT_CLASSES; `reco_energy_bin` and
    `reco_cos_zenith_bin` the bins of the release. `weight` in GeV cm² sr: expected events = T Σ weight · flux of the
    species, neutrinos and antineutrinos apart; effective area = Σ weight / (ΔE ΔΩ).
    """

    flavour: Integers
    interaction: Integers
    event_class: Integers
    true_energy: Reals
    true_cos_zenith: Reals
    reco_energy_bin: Integers
    reco_cos_zenith_bin: Integers
    weight: Reals

    def __len__(self) -> int:
        return len(self.weight)


def read_simulation(release: Path) -> SimulatedNeutrinos:
    """Return the simulated neutrinos of a folder that holds the release; InputError names what is wrong with them."""
    path = release / SIMULATION_FILE
    frame = read_columns(path, SIMULATION_COLUMNS)
    pdg_codes = np.array([PDG_CODES[flavour] for flavour in FLAVOURS])
    known = np.isin(frame["pdg"], pdg_codes)
    if not known.all():
        raise InputError(f"{path}: pdg {frame['pdg'][~known].iloc[0]} is no neutrino; allowed are {listed(pdg_codes)}")
    order = np.argsort(pdg_codes)
    check_weights(frame["weight"].to_numpy(np.float64), path)
    if (frame["true_energy"] <= 0.0).any():
        raise InputError(f"{path}: true_energy must be positive")
    return SimulatedNeutrinos(
        flavour=order[np.searchsorted(pdg_codes[order], frame["pdg"].to_numpy())],
        interaction=np.where(frame["type"].to_numpy() > 0, 0, 1),
        event_class=_event_class(frame["pid"], path),
        true_energy=frame["true_energy"].to_numpy(dtype=np.float64),
        true_cos_zenith=frame["true_coszen"].to_numpy(dtype=np.float64),
        reco_energy_bin=bins_of_column(frame["reco_energy"], RECO_ENERGY_EDGES, path),
        reco_cos_zenith_bin=bins_of_column(frame["reco_coszen"], RECO_COS_ZENITH_EDGES, path),
        weight=frame["weight"].to_numpy(dtype=np.float64) * SQUARE_METRE,
    )


def read_counts(path: Path) -> Reals:
    """Return the events in bins of (class, reconstructed energy, reconstructed cos zenith), (2, 8, 8).

    Reads the measured events or the expected atmospheric muons of the release. InputError if a bin is missing or
    stands there twice.
    """
    frame = read_columns(path, COUNT_COLUMNS)
    shape = (len(EVENT_CLASSES), len(RECO_ENERGY_EDGES) - 1, len(RECO_COS_ZENITH_EDGES) - 1)
    cells = np.ravel_multi_index(
        (
            _event_class(frame["pid"], path),
            bins_of_column(frame["reco_energy"], RECO_ENERGY_EDGES, path),
            bins_of_column(frame["reco_coszen"], RECO_COS_ZENITH_EDGES, path),
        ),
        shape,
    )
    n_bins = int(np.prod(shape))
    if not np.array_equal(np.sort(cells), np.arange(n_bins)):
        n_distinct = len(np.unique(cells))
        raise InputError(f"{path} has {len(cells)} rows in {n_distinct} bins; needed is one row in each of {n_bins}")
    counts = np.zeros(n_bins)
    counts[cells] = frame["count"]
    return counts.reshape(shape)


def counts_table(release: Path) -> pa.Table:
    """Return the measured events of the release as the `events` product, its origin in the metadata."""
    path = release / DATA_FILE
    counts = read_counts(path)
    metadata = {
        "source": f"IceCube public data release, DOI {RELEASE_DOI}",
        "papers": "arXiv:1901.05366, arXiv:1707.07081",
        "file": f"{path.name} {digest_of_file(path)}",
        "livetime": f"{LIVETIME:.0f} s",
    }
    table = binned_events(counts.astype(np.int64), RECO_ENERGY_EDGES, RECO_COS_ZENITH_EDGES)
    return table.replace_schema_metadata(metadata)


def public_counts() -> pa.Table:
    """Return the 40,902 measured events in their 128 bins as the `events` product."""
    return pq.read_table(SHIPPED_COUNTS)


def read_columns(path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    """Return a table of a release; InputError if it cannot be read, lacks a column or holds what is no number."""
    return checked_columns(read_release_table(path), needed, path)


def read_release_table(path: Path, most_rows: int | None = None) -> pd.DataFrame:
    """Return a table of a release as it stands in its file, or its first rows; InputError if it cannot be read."""
    import pandas as pd

    try:
        return pd.read_csv(path, nrows=most_rows)
    except (OSError, EOFError, ValueError, LZMAError) as error:
        raise InputError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def checked_columns(frame: pd.DataFrame, needed: tuple[str, ...], path: Path) -> pd.DataFrame:
    """Return a table with numbers in the columns needed; InputError if it lacks one or holds what is no number."""
    import pandas as pd

    missing = [name for name in needed if name not in frame]
    if missing:
        raise InputError(f"{path} lacks the columns {listed(missing)}; it has {listed(frame.columns)}")
    for name in needed:
        # A column with whole numbers too large for a machine's, or with a text, is none of numbers.
        is_numeric = pd.api.types.is_numeric_dtype(frame[name])
        numbers = frame[name] if is_numeric else frame[name].map(_number).astype(np.float64)
        bad = ~np.isfinite(numbers)
        if bad.any():
            row = int(np.argmax(bad))
            value = frame[name].iloc[row]
            told = repr(value) if isinstance(value, str) else value
            raise InputError(f"{path}: {name} in row {row + 1} is {told}, which is not a finite number")
        frame[name] = numbers
    return frame


def check_weights(weight: Reals, path: Path) -> None:
    """Raise InputError for a weight that no simulated event has, negative or above MOST_WEIGHT."""
    if (bad := (weight < 0.0) | (weight > MOST_WEIGHT)).any():
        row = int(np.argmax(bad))
        raise InputError(f"{path}: weight in row {row + 1} is {weight[row]:g}; allowed is 0 to {MOST_WEIGHT:g}")


def _number(value: object) -> float:
    try:
        return math.nan if "_" in str(value) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _event_class(pid: pd.Series[int], path: Path) -> Integers:
    bad = ~pid.isin([0, 1])
    if bad.any():
        raise InputError(f"{path}: pid {pid[bad].iloc[0]} is no event class; allowed are 0 (cascade) and 1 (track)")
    return np.asarray(pid, dtype=np.int64)


def bins_of_column(values: pd.Series[float], edges: Reals, path: Path) -> Integers:
    """Return the bin of each value of a column, (n,); InputError names one that lies outside the edges."""
    outside = (values < edges[0]) | (values > edges[-1])
    if outside.any():
        row = int(np.argmax(outside))
        raise InputError(
            f"{path}: {values.name} {values.iloc[row]} lies outside the bins {edges[0]:.4g} to {edges[-1]:.4g} "
            f"(row {row + 1})"
        )
    found = np.searchsorted(edges, values.to_numpy(), side="right") - 1
    return np.asarray(np.minimum(found, len(edges) - 2), dtype=np.int64)
