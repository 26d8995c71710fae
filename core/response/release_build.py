"""The response and the counts of a public release in bins, made from its files and written as tables.

Where the folder has them, also the muons that the release expects, and the hyperplanes of its detector.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.errors import InputError
from core.events.binned_releases import (
    DATA_NAME,
    BinnedRelease,
    found_file,
    read_measured_counts,
    read_simulated_neutrinos,
    release_file,
    release_in,
)
from core.events.counts import binned_events
from core.events.public_release import SimulatedNeutrinos
from core.products.digests import digest_of_file
from core.response.build import ResponseBins, response_of
from core.response.from_events import EVENT_BINS
from core.response.hypersurfaces import release_hyperplanes
from core.response.model import Response
from core.response.muons import release_muons
from core.response.shipping import write_response

RESPONSE_NAME, COUNTS_NAME = "response.parquet", "event_counts.parquet"
HYPERPLANES_NAME, MUONS_NAME = "hyperplanes.parquet", "muons.parquet"


@dataclass(frozen=True)
class WrittenRelease:
    """What was written of a release: `files` by what they hold, and a sentence for each part that its folder lacks.

    `files` has "response" and "event_counts", and "hyperplanes" and "muons" where the folder has them.
    """

    release: BinnedRelease
    files: Mapping[str, Path]
    left_out: tuple[str, ...]


def write_release(folder: Path, output: Path, livetime: float | None = None) -> WrittenRelease:
    """Write response and counts of the release in a folder into another, and muons and hyperplanes where it has them.

    `livetime` in s, of releases whose files do not tell it. Raises InputError for files that are not those of a known
    release or are damaged, and without a livetime where one is needed; nothing is written then.
    """
    release = release_in(folder)
    livetime = livetime or release.livetime
    if livetime is None:
        raise InputError(
            f"{folder}: the files of {release.name} do not tell the livetime: give --livetime-days, "
            f"which its paper tells ({release.citation})"
        )
    counts = read_measured_counts(folder, release)
    if not counts.any():
        raise InputError(f"{release_file(folder, DATA_NAME)}: holds no event: there is no background to estimate")
    events = read_simulated_neutrinos(folder, release)
    muons = release_muons(folder, release)
    hyperplanes = release_hyperplanes(folder, release, events, livetime)
    response = release_response(events, release, livetime)
    origin = _origin(folder, release, livetime)
    given = {"event_counts": (COUNTS_NAME, _counts_on_sphere(counts, release))}
    if hyperplanes is not None:
        given["hyperplanes"] = (HYPERPLANES_NAME, hyperplanes.to_table())
    if muons is not None:
        given["muons"] = (MUONS_NAME, muons.to_table())
    try:
        output.mkdir(parents=True, exist_ok=True)
        write_response(response, output / RESPONSE_NAME, origin)
        for name, table in given.values():
            pq.write_table(table.replace_schema_metadata(origin), output / name)
    except OSError as error:
        raise InputError(f"cannot write into {output}: {error.strerror or error}") from error
    files = {"response": output / RESPONSE_NAME} | {what: output / name for what, (name, _) in given.items()}
    return WrittenRelease(release, files, _left_out(folder, release, files))


def _counts_on_sphere(counts: NDArray[np.int64], release: BinnedRelease) -> pa.Table:
    """Return the `event_counts` product of measured counts as `release.shape`: bands beyond its last hold none."""
    n_empty = len(release.sphere_edges) - len(release.reco_cos_zenith_edges)
    on_sphere = np.pad(counts, ((0, 0), (0, 0), (0, n_empty)))
    return binned_events(on_sphere, release.reco_energy_edges, release.sphere_edges)


def _origin(folder: Path, release: BinnedRelease, livetime: float) -> dict[str, str]:
    """Return where tables come from: publication, and the digest of each file of the release that was read."""
    origin = {"source": release.citation, "release": release.name, "livetime": f"{livetime:.0f} s"}
    needed = (*release.simulation_files, DATA_NAME)
    origin |= {name: digest_of_file(release_file(folder, name)) for name in needed}
    others = {name: found_file(folder, name) for name in _other_files(release)}
    return origin | {name: digest_of_file(path) for name, path in others.items() if path is not None}


def _other_files(release: BinnedRelease) -> list[str]:
    """Return the names of the files that the folder of a release need not have."""
    return [*([release.muon_file] if release.muon_file else []), *sorted(set(release.surface_files.values()))]


def _left_out(folder: Path, release: BinnedRelease, files: Mapping[str, Path]) -> tuple[str, ...]:
    """Return a sentence for each part of a release that its folder lacks."""
    said = []
    if release.surface_files and "hyperplanes" not in files:
        names = ", ".join(sorted(set(release.surface_files.values())))
        said.append(f"{folder} has no {names}: the detector's uncertainties are left out")
    if release.muon_file and "muons" not in files:
        said.append(f"{folder} has no {release.muon_file}: the expected muons are left out")
    return tuple(said)


def release_response(events: SimulatedNeutrinos, release: BinnedRelease, livetime: float) -> Response:
    """Return the response that the simulated neutrinos of a release give; livetime in s.

    Neutrinos outside the true energies of the response (1-1000 GeV) are left out. InputError if none is left.
    """
    bins = release_bins(release)
    low, high = bins.true_energy_edges[[0, -1]]
    inside = (events.true_energy >= low) & (events.true_energy <= high)
    kept = SimulatedNeutrinos(**{name: values[inside] for name, values in vars(events).items()})
    if not np.any(kept.weight > 0.0):
        raise InputError(f"{release.name}: no simulated neutrino of {low:g}-{high:g} GeV has a weight above 0")
    response = response_of(kept, bins, livetime)
    factor = response.reco_zenith_energy_factor.copy()
    # The fit's prior leaves a trace of events where the release has none.
    factor[..., len(release.reco_cos_zenith_edges) - 1 :] = 0.0
    return replace(response, reco_zenith_energy_factor=factor)


def release_bins(release: BinnedRelease) -> ResponseBins:
    """Return the bins of a release's response: its own in reconstructed values, ours in true ones."""
    return replace(
        EVENT_BINS,
        reco_energy_edges=release.reco_energy_edges,
        reco_cos_zenith_edges=release.sphere_edges,
    )
