"""The shipped hyperplanes and atmospheric muons, made from the files of the public release."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, listed
from core.errors import InputError
from core.events.atmosphere import shipped_atmospheric_flux
from core.events.classes import INTERACTIONS
from core.events.public_release import (
    LIVETIME,
    MUON_FILE,
    RECO_COS_ZENITH_EDGES,
    RECO_ENERGY_EDGES,
    RELEASE_DOI,
    SIMULATION_FILE,
    SimulatedNeutrinos,
    read_simulation,
)
from core.products.digests import digest_of_file
from core.response.hyperplanes import (
    DETECTOR_NAMES,
    DETECTOR_PARAMETERS,
    GROUP_SHAPE,
    NEUTRINO_GROUPS,
    SHIPPED_HYPERPLANES,
    Hyperplanes,
    lowest_in_valid_box,
    neutrino_group,
)
from core.response.muons import SHIPPED_MUONS, ExpectedMuons

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

FILES = tuple(f"hyperplanes_{group}.csv.bz2" for group in NEUTRINO_GROUPS)
BIN_COLUMNS = ("pid", "reco_energy", "reco_coszen")


def rebuild_hyperplanes(release: Path) -> Hyperplanes:
    """Return the hyperplanes of the folder of a release, merged where a factor could reach 0; InputError as readers."""
    raw = [_released(release / file) for file in FILES]
    nominal_factor = np.array([factor for factor, _ in raw])
    slopes = np.stack([slope for _, slope in raw], axis=1)
    return merged(nominal_factor, slopes, atmospheric_counts(read_simulation(release)))


def atmospheric_counts(
    events: SimulatedNeutrinos, livetime: float = LIVETIME, shape: tuple[int, ...] = GROUP_SHAPE
) -> Reals:
    """Return the atmospheric events expected of each group in each bin, as `shape`; livetime in s."""
    flux = shipped_atmospheric_flux()
    rate = np.zeros(len(events))
    group = np.zeros(len(events), dtype=np.int64)
    for flavour, name in enumerate(FLAVOURS):
        own = events.flavour == flavour
        rate[own] = events.weight[own] * flux.at_detector(name, events.true_energy[own], events.true_cos_zenith[own])
        for interaction in range(len(INTERACTIONS)):
            group[own & (events.interaction == interaction)] = neutrino_group(flavour, interaction)
    cells = np.ravel_multi_index((group, events.event_class, events.reco_energy_bin, events.reco_cos_zenith_bin), shape)
    return np.asarray(livetime * np.bincount(cells, rate, int(np.prod(shape))).reshape(shape))


def merged(nominal_factor: Reals, slopes: Reals, n_expected: Reals) -> Hyperplanes:
    """Return factors of which none reaches 0 in the valid ranges; arguments as the fields of Hyperplanes.

    Sparse bins have slopes that are mostly noise. Within a group, class and energy the bin that sinks lowest is joined
    with the neighbour in cos zenith that expects more events, their common factor being Σ n f / Σ n, until the lowest
    stays above 0.
    """
    factor, slope = nominal_factor.copy(), slopes.copy()
    blocks = np.broadcast_to(np.arange(GROUP_SHAPE[-1]), GROUP_SHAPE).copy()
    for row in np.ndindex(GROUP_SHAPE[:-1]):
        blocks[row] = _merged_blocks(nominal_factor[row], slopes[:, *row], n_expected[row])
        for block in np.unique(blocks[row]):
            inside = blocks[row] == block
            share = n_expected[row][inside] / n_expected[row][inside].sum()
            factor[row][inside] = share @ nominal_factor[row][inside]
            for index in range(len(slopes)):
                slope[index][row][inside] = share @ slopes[index][row][inside]
    return Hyperplanes(factor, slope, n_expected, blocks)


def write_shipped_hyperplanes(release: Path, path: Path = SHIPPED_HYPERPLANES) -> None:
    """Write the hyperplanes that this package ships, with their provenance in the file."""
    files = (*FILES, SIMULATION_FILE)
    hyperplanes = rebuild_hyperplanes(release)
    provenance = {
        "source": f"IceCube public data release, DOI {RELEASE_DOI}",
        "papers": "arXiv:1901.05366, arXiv:1707.07081",
        "files": ", ".join(f"{name} {digest_of_file(release / name)}" for name in files),
        "merged": f"bins that share a factor with neighbours in cos zenith, of 128: {hyperplanes.n_merged_bins}",
    }
    table = hyperplanes.to_table().replace_schema_metadata(provenance)
    pq.write_table(table, path, compression="zstd", compression_level=19)


def write_shipped_muons(release: Path, path: Path = SHIPPED_MUONS) -> None:
    """Write the expected atmospheric muons that this package ships, with their provenance in the file."""
    frame = _read(release / MUON_FILE, ("count", "abs_uncert"))
    muons = ExpectedMuons(_binned(frame, "count"), _binned(frame, "abs_uncert"))
    provenance = {
        "source": f"IceCube public data release, DOI {RELEASE_DOI}",
        "papers": "arXiv:1901.05366, arXiv:1707.07081",
        "file": f"{MUON_FILE} {digest_of_file(release / MUON_FILE)}",
        "meaning": "expected events of atmospheric muons, driven by data, with the error of statistics and shape",
    }
    pq.write_table(muons.to_table().replace_schema_metadata(provenance), path, compression="zstd")


def _merged_blocks(factor: Reals, slopes: Reals, n_expected: Reals) -> Integers:
    """Return which zenith bins (8,) of a row share a factor: (8,) numbers of blocks; slopes (5, 8)."""
    blocks = np.arange(len(factor))
    while True:
        kinds = np.unique(blocks)
        weight = np.array([n_expected * (blocks == kind) for kind in kinds])
        share = weight / weight.sum(axis=1, keepdims=True)
        lowest = lowest_in_valid_box(share @ factor, slopes @ share.T)
        worst = int(np.argmin(lowest))
        if lowest[worst] > 0.0:
            return np.asarray(np.searchsorted(kinds, blocks), dtype=np.int64)
        if len(kinds) == 1:
            raise InputError("the factor of a whole row of zenith bins reaches 0 in the valid ranges")
        beside = [place for place in (worst - 1, worst + 1) if 0 <= place < len(kinds)]
        partner = max(beside, key=lambda place: float(weight[place].sum()))
        blocks[blocks == kinds[worst]] = kinds[partner]


def _released(path: Path) -> tuple[Reals, Reals]:
    """Return the factor at nominal (2, 8, 8) and the slopes (5, 2, 8, 8) of one file, in the parameters' own units."""
    frame = _read(path, ("offset", *DETECTOR_NAMES))
    slope = {name: _binned(frame, name) for name in DETECTOR_NAMES}
    # The release counts the lateral light yield from 25, in steps of a tenth of its uncertainty.
    nominal = _binned(frame, "offset") + slope["opt_eff_overall"] + 25.0 * slope["opt_eff_lateral"]
    return nominal, np.array([parameter.release_unit * slope[parameter.name] for parameter in DETECTOR_PARAMETERS])


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path)
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    missing = [name for name in (*BIN_COLUMNS, *columns) if name not in frame]
    if missing or len(frame) != np.prod(GROUP_SHAPE[1:]) or frame.duplicated(list(BIN_COLUMNS)).any():
        raise InputError(f"{path} lacks the columns {listed(missing)}, or has not one row for each of the 128 bins")
    return frame


def _binned(frame: pd.DataFrame, column: str) -> Reals:
    """Return a column in the order of the bins, (2, 8, 8)."""
    energy = np.searchsorted(RECO_ENERGY_EDGES, frame["reco_energy"].to_numpy()) - 1
    zenith = np.searchsorted(RECO_COS_ZENITH_EDGES, frame["reco_coszen"].to_numpy()) - 1
    values = np.zeros(GROUP_SHAPE[1:])
    values[frame["pid"].to_numpy(), energy, zenith] = frame[column]
    return values
