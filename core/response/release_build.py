"""The response and the counts of a public release in bins, made from its files and written as two tables."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from core.errors import InputError
from core.events.binned_releases import (
    DATA_NAME,
    BinnedRelease,
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
from core.response.model import Response
from core.response.shipping import write_response

RESPONSE_NAME, COUNTS_NAME = "response.parquet", "event_counts.parquet"


def write_release(folder: Path, output: Path, livetime: float | None = None) -> tuple[BinnedRelease, tuple[Path, Path]]:
    """Write response and counts of the release in a folder into another; return the release and the two files.

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
    response = release_response(read_simulated_neutrinos(folder, release), release, livetime)
    origin = {"source": release.citation, "release": release.name, "livetime": f"{livetime:.0f} s"}
    origin |= {name: digest_of_file(release_file(folder, name)) for name in (*release.simulation_files, DATA_NAME)}
    n_empty = len(release.sphere_edges) - len(release.reco_cos_zenith_edges)
    on_sphere = np.pad(counts, ((0, 0), (0, 0), (0, n_empty)))
    table = binned_events(on_sphere, release.reco_energy_edges, release.sphere_edges)
    try:
        output.mkdir(parents=True, exist_ok=True)
        write_response(response, output / RESPONSE_NAME, origin)
        pq.write_table(table.replace_schema_metadata(origin), output / COUNTS_NAME)
    except OSError as error:
        raise InputError(f"cannot write into {output}: {error.strerror or error}") from error
    return release, (output / RESPONSE_NAME, output / COUNTS_NAME)


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
