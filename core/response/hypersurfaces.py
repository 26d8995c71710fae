"""The hypersurfaces of IceCube's nine-year release, read into hyperplanes.

A file of each of three groups of neutrinos holds, for each bin and each of several Δm²31, a factor to the bin's
expected count that is linear in five parameters of the detector, f = intercept + Σ_k slope_k (value_k - nominal_k):
Phys. Rev. D 108, 012014, section VI A, and the readme of DOI 10.7910/DVN/B4RITM. The surfaces of one Δm²31 are taken,
those nearest to the best fit of the release's own analysis. No bins are merged: a factor below 0 counts as 0.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.events.binned_releases import BinnedRelease, cells_of, found_file, refuse_missing_bins, release_file
from core.events.public_release import SimulatedNeutrinos, checked_columns, read_release_table
from core.response.hyperplane_build import atmospheric_counts
from core.response.hyperplanes import NEUTRINO_GROUPS, NINE_YEAR_PARAMETERS, Hyperplanes

if TYPE_CHECKING:
    import pandas as pd

Reals = NDArray[np.float64]

# Best fit of arXiv:2304.12236, Δm²32 = 2.41e-3 eV², with Δm²21 = 7.4e-5 eV² beside it.
BEST_FIT_SPLITTING = 2.41e-3 + 7.4e-5
SPLITTING, INTERCEPT = "deltam31", "intercept"
PLACES = ("pid", "reco_energy", "reco_coszen", SPLITTING)
# The readme calls a column otherwise than the files do.
OTHER_NAMES = {"bulk_ice_scatter": "bulk_ice_scat"}


def release_hyperplanes(
    folder: Path, release: BinnedRelease, events: SimulatedNeutrinos, livetime: float
) -> Hyperplanes | None:
    """Return the hyperplanes of a release, in its own bins; None where its folder holds none of their files.

    `events`: its simulation, of which the atmosphere's weights of bins come; livetime in s. InputError if some of the
    files are missing, and for a column, a value or a bin that is none of the release's.
    """
    names = sorted(set(release.surface_files.values()))
    if not any(found_file(folder, name) for name in names):
        return None
    paths = {name: release_file(folder, name) for name in names}
    surfaces = {name: _nearest(_surfaces(path), path, release) for name, path in paths.items()}
    splittings = {name: float(frame[SPLITTING].iloc[0]) for name, frame in surfaces.items()}
    if len(set(splittings.values())) > 1:
        told = ", ".join(f"{value:g} in {name}" for name, value in splittings.items())
        raise InputError(f"{folder}: the files have different values of {SPLITTING}: {told}")
    by_group = [surfaces[release.surface_files[group]] for group in NEUTRINO_GROUPS]
    shape = (len(NEUTRINO_GROUPS), *release.shape)
    columns = [np.array([frame[name] for frame in by_group]).reshape(shape) for name in (INTERCEPT, *_names())]
    blocks = np.broadcast_to(np.arange(shape[-1]), shape).copy()
    return Hyperplanes(
        columns[0],
        np.array(columns[1:]),
        atmospheric_counts(events, livetime, shape),
        blocks,
        NINE_YEAR_PARAMETERS,
        release.reco_energy_edges,
        release.reco_cos_zenith_edges,
    )


def nearest_splitting(splittings: Reals, wanted: float = BEST_FIT_SPLITTING) -> float:
    """Return the Δm²31 that is nearest to the one wanted, eV²; of two that are as near, the smaller."""
    known = np.unique(splittings)
    return float(known[np.argmin(np.abs(known - wanted))])


def _names() -> tuple[str, ...]:
    return tuple(parameter.name for parameter in NINE_YEAR_PARAMETERS)


def _surfaces(path: Path) -> "pd.DataFrame":
    """Return a file's surfaces of all Δm²31, the columns under the names of the files."""
    frame = read_release_table(path)
    renamed = {other: name for name, other in OTHER_NAMES.items() if name not in frame}
    return checked_columns(frame.rename(columns=renamed), (*PLACES, INTERCEPT, *_names()), path)


def _nearest(frame: "pd.DataFrame", path: Path, release: BinnedRelease) -> "pd.DataFrame":
    """Return the surfaces of the nearest Δm²31 in the order of the release's bins, a row each."""
    if not len(frame):
        raise InputError(f"{path}: has no rows")
    cells = cells_of(frame, release, path)
    splitting = nearest_splitting(frame[SPLITTING].to_numpy())
    chosen = frame[SPLITTING].to_numpy() == splitting
    refuse_missing_bins(cells[chosen], release, path, f" at {SPLITTING} {splitting:g}")
    in_order: pd.DataFrame = frame[chosen].iloc[np.argsort(cells[chosen])]
    return in_order
