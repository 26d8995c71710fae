"""Response and expected counts of the IceCube Upgrade, from the simulation that was released for it.

There is no measured event: the atmosphere's neutrinos (core.events.atmosphere), expected in the livetime that is told,
stand in place of counts, rounded to whole events. Muons and noise are left out, as the release leaves them out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.errors import InputError
from core.events.binned_releases import release_file
from core.events.classes import EVENT_CLASSES
from core.events.counts import binned_events
from core.events.public_release import SimulatedNeutrinos
from core.events.upgrade_release import CITATION, UPGRADE_FILE, UpgradeNeutrinos, read_upgrade
from core.products.digests import digest_of_file
from core.response.build import ResponseBins, response_of
from core.response.from_events import EVENT_BINS
from core.response.hyperplane_build import atmospheric_counts
from core.response.hyperplanes import NEUTRINO_GROUPS
from core.response.shipping import write_response
from core.response.tabulated import whole_events

# Reconstructed values stand in the release one by one: the bins are ours.
UPGRADE_BINS = replace(
    EVENT_BINS,
    reco_energy_edges=10.0 ** np.linspace(0.0, 2.0, 17),
    reco_cos_zenith_edges=np.linspace(-1.0, 1.0, 17),
)


@dataclass(frozen=True)
class WrittenUpgrade:
    """What was written: `files` by what they hold; how many neutrinos lie in no bin; azimuth's error over zenith's."""

    files: Mapping[str, Path]
    n_outside: int
    azimuth_over_zenith: float


def write_upgrade(folder: Path, output: Path, names: tuple[str, str], livetime: float | None) -> WrittenUpgrade:
    """Write response and expected counts of the Upgrade's simulation in a folder into another, under two names.

    `livetime` in s. InputError without it, and for a file that is not of the release; nothing is written then.
    """
    if livetime is None:
        raise InputError(f"{folder}: simulation has no livetime: give --livetime-days, of the data that are expected")
    neutrinos = read_upgrade(folder)
    events = binned_neutrinos(neutrinos)
    counts = expected_events(events, livetime)
    response = response_of(events, UPGRADE_BINS, livetime)
    origin = {"source": CITATION, "livetime": f"{livetime:.0f} s", "counts": "expected of the atmosphere, not measured"}
    origin |= {UPGRADE_FILE: digest_of_file(release_file(folder, UPGRADE_FILE))}
    table = binned_events(counts, UPGRADE_BINS.reco_energy_edges, UPGRADE_BINS.reco_cos_zenith_edges)
    paths = output / names[0], output / names[1]
    try:
        output.mkdir(parents=True, exist_ok=True)
        write_response(response, paths[0], origin)
        pq.write_table(table.replace_schema_metadata(origin), paths[1])
    except OSError as error:
        raise InputError(f"cannot write into {output}: {error.strerror or error}") from error
    files = {"response": paths[0], "event_counts": paths[1]}
    return WrittenUpgrade(files, len(neutrinos.weight) - len(events), neutrinos.azimuth_over_zenith())


def binned_neutrinos(neutrinos: UpgradeNeutrinos, bins: ResponseBins = UPGRADE_BINS) -> SimulatedNeutrinos:
    """Return the neutrinos that lie in the bins of true and reconstructed values; InputError if none does."""
    energy = np.searchsorted(bins.reco_energy_edges, neutrinos.reco_energy, side="right") - 1
    band = np.searchsorted(bins.reco_cos_zenith_edges, np.cos(neutrinos.reco_zenith), side="right") - 1
    low, high = bins.true_energy_edges[[0, -1]]
    inside = (energy >= 0) & (energy < bins.n_energies)
    inside &= (neutrinos.true_energy >= low) & (neutrinos.true_energy <= high)
    if not np.any(neutrinos.weight[inside] > 0.0):
        first, last = bins.reco_energy_edges[[0, -1]]
        raise InputError(
            f"{UPGRADE_FILE}: no neutrino is reconstructed at {first:g} to {last:g} GeV with a weight above 0"
        )
    own = {name: getattr(neutrinos, name)[inside] for name in ("flavour", "interaction", "event_class", "true_energy")}
    return SimulatedNeutrinos(
        **own,
        true_cos_zenith=np.cos(neutrinos.true_zenith[inside]),
        reco_energy_bin=energy[inside],
        reco_cos_zenith_bin=np.clip(band[inside], 0, bins.n_bands - 1),
        weight=neutrinos.weight[inside],
    )


def expected_events(
    events: SimulatedNeutrinos, livetime: float, bins: ResponseBins = UPGRADE_BINS
) -> NDArray[np.int64]:
    """Return the atmospheric neutrinos expected in each bin, whole events (2, nr, nb); livetime in s.

    InputError if there are none.
    """
    shape = (len(NEUTRINO_GROUPS), len(EVENT_CLASSES), bins.n_energies, bins.n_bands)
    counts = whole_events(atmospheric_counts(events, livetime, shape).sum(axis=0))
    if not counts.any():
        raise InputError(f"{UPGRADE_FILE}: no event is expected in {livetime:g} s: there is no background to estimate")
    return counts
