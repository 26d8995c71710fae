"""A sample in bins that the configuration names: a response and counts of measured events, each in a file."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.configuration.config import Config
from core.errors import InputError
from core.events.classes import EVENT_CLASSES
from core.events.columns import require_columns
from core.events.counts import BINNED_COLUMNS, band_edges, binned_events
from core.files import TORN_PARQUET, check_file, read_parquet
from core.response.build import ResponseBins
from core.response.hyperplanes import read_hyperplanes
from core.response.model import Response
from core.response.shipping import read_response
from core.stages.inputs import Inputs
from core.stages.samples.sample import BinnedTable, Sample
from core.stages.stage import Parameters

# Edges that a program has written and another has read again.
SAME_EDGE = 1e-5


def make_event_counts(_: Inputs, parameters: Parameters) -> pa.Table:
    """Take the counts as they stand in the file."""
    return read_counts(Path(parameters["path"]))


def make_response(_: Inputs, parameters: Parameters) -> pa.Table:
    """Take the response as it stands in the file."""
    return read_response(Path(parameters["path"])).to_table()


def bins(config: Config) -> ResponseBins:
    """Return the bins of the response; InputError if its file holds none, or those of the other files are others."""
    response, counts = _response_path(config), _counts_path(config)
    found = _checked_bins(response, _changed(response), counts, _changed(counts))
    if (planes := _hyperplanes_path(config)) is not None:
        _checked_hyperplanes(planes, _changed(planes), response, tuple(found.reco_energy_edges.tolist()))
    return found


@lru_cache(maxsize=8)
def _checked_bins(response: Path, _: tuple[int, int], counts: Path, __: tuple[int, int]) -> ResponseBins:
    of_response = _bins_of(read_response(response))
    table = read_counts(counts)
    for name, edges in (
        ("reco_energy", of_response.reco_energy_edges),
        ("reco_cos_zenith", of_response.reco_cos_zenith_edges),
    ):
        found = _edges(table, name, counts)
        if len(found) != len(edges) or not np.allclose(found, edges, rtol=SAME_EDGE, atol=SAME_EDGE):
            raise InputError(
                f"{counts}: has {len(found) - 1} bins of {name}, {found[0]:g} to {found[-1]:g}; "
                f"those of {response} are {len(edges) - 1}, {edges[0]:g} to {edges[-1]:g}"
            )
    return of_response


def _bins_of(response: Response) -> ResponseBins:
    return ResponseBins(
        true_energy_edges=response.true_energy_edges,
        true_cos_zenith_edges=response.true_cos_zenith_edges,
        reco_energy_edges=response.reco_energy_edges,
        reco_cos_zenith_edges=response.reco_cos_zenith_edges,
        angular_energy_edges=response.angular_energy_edges,
    )


def read_counts(path: Path) -> pa.Table:
    """Return the counts of a file in the order of the `event_counts` product; InputError unless each bin has a row."""
    check_file(path)
    try:
        require_columns(pq.read_schema(path).names, BINNED_COLUMNS, str(path))
        table = read_parquet(path, BINNED_COLUMNS)
        classes = table["event_class"].to_pylist()
        counts = table["n_events"].cast(pa.int64()).to_numpy()
        energy, zenith = (_edges(table, name, path) for name in ("reco_energy", "reco_cos_zenith"))
        shape = (len(EVENT_CLASSES), len(energy) - 1, len(zenith) - 1)
        cells = np.ravel_multi_index(
            (
                [EVENT_CLASSES.index(name) for name in classes],
                np.searchsorted(energy, table["reco_energy_low"].to_numpy()),
                np.searchsorted(zenith, table["reco_cos_zenith_low"].to_numpy()),
            ),
            shape,
        )
    except TORN_PARQUET as error:
        raise InputError(f"{path}: holds no counts in bins: {error}") from error
    if not np.array_equal(np.sort(cells), np.arange(np.prod(shape))):
        raise InputError(f"{path}: has {len(cells)} rows; one in each of {np.prod(shape)} bins is due")
    if (counts < 0).any() or not counts.any():
        raise InputError(f"{path}: n_events must not be negative, and not all 0")
    return binned_events(counts[np.argsort(cells)].reshape(shape), energy, zenith)


def _edges(table: pa.Table, name: str, path: Path) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    try:
        return np.asarray(band_edges(table, name))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _hyperplanes_path(config: Config) -> Path | None:
    return Path(config.binned.hyperplanes) if config.binned.hyperplanes else None


@lru_cache(maxsize=8)
def _checked_hyperplanes(path: Path, _: tuple[int, int], response: Path, edges: tuple[float, ...]) -> None:
    """Raise InputError unless a file holds hyperplanes in the reconstructed energies of a response."""
    found = read_hyperplanes(path).reco_energy_edges
    if len(found) != len(edges) or not np.allclose(found, edges, rtol=SAME_EDGE):
        raise InputError(
            f"{path}: has {len(found) - 1} bins of reco_energy, {found[0]:g} to {found[-1]:g}; "
            f"those of {response} are {len(edges) - 1}, {edges[0]:g} to {edges[-1]:g}"
        )


def _response_path(config: Config) -> Path:
    return Path(config.binned.response or "")


def _counts_path(config: Config) -> Path:
    return Path(config.binned.event_counts or "")


def _changed(path: Path) -> tuple[int, int]:
    check_file(path)
    status = path.stat()
    return status.st_size, status.st_mtime_ns


BINNED = Sample(
    "binned",
    bins,
    event_counts=BinnedTable(make_event_counts, _counts_path, is_shipped=False),
    response=BinnedTable(make_response, _response_path, is_shipped=False),
    hyperplanes=_hyperplanes_path,
)
