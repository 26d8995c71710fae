"""IceCube's public oscillation samples in bins: which releases are known, and how their files are read.

Each has measured events as counts in bins of class, reconstructed energy and cos zenith, and simulated neutrinos one by
one, whose reconstructed values tell their bin. There is no azimuth, no right ascension and no time. Layouts and bins
are those of the readme that comes with each release.

- three-year, analysis A and B: DOI 10.21234/ac23-ra43, arXiv:1901.05366.
- nine-year "golden events": DOI 10.7910/DVN/B4RITM, Phys. Rev. D 108, 012014 (arXiv:2304.12236).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, PDG_CODES, listed
from core.errors import InputError
from core.events.classes import EVENT_CLASSES
from core.events.public_release import (
    COUNT_COLUMNS,
    LIVETIME,
    RECO_COS_ZENITH_EDGES,
    RECO_ENERGY_EDGES,
    RELEASE_DOI,
    SIMULATION_COLUMNS,
    SimulatedNeutrinos,
    bins_of_column,
    check_weights,
    read_columns,
)
from core.units import SQUARE_METRE

if TYPE_CHECKING:
    import pandas as pd

Reals = NDArray[np.float64]

DATA_NAME = "data.csv"
PACKINGS = ("", ".bz2", ".gz", ".xz")


@dataclass(frozen=True)
class BinnedRelease:
    """A release: its bins (GeV, cos zenith, particle identification), its files, and in what its weights are.

    Events whose identification lies in the first of the two bins are cascades here, or what the release cannot tell
    from them; those in the second are tracks. `weight_unit`: GeV sr times this many cm². `livetime` in s; None where
    the files and their readme do not tell it. `muon_file`: of expected muons, which a folder need not have; None where
    this package reads none. `surface_files`: of the detector's hypersurfaces, by group of neutrinos, all or none.
    """

    name: str
    citation: str
    reco_energy_edges: Reals
    reco_cos_zenith_edges: Reals
    pid_edges: Reals
    simulation_files: tuple[str, ...]
    weight_unit: float
    livetime: float | None
    muon_file: str | None = None
    surface_files: Mapping[str, str] = field(default_factory=dict)

    @property
    def sphere_edges(self) -> Reals:
        """Edges of bands of cos zenith that hold every direction: where the release ends, an empty band follows."""
        ends_above = self.reco_cos_zenith_edges[-1] >= 1.0
        return self.reco_cos_zenith_edges if ends_above else np.append(self.reco_cos_zenith_edges, 1.0)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of classes, reconstructed energies and bands of cos zenith."""
        return len(EVENT_CLASSES), len(self.reco_energy_edges) - 1, len(self.reco_cos_zenith_edges) - 1


_THREE_YEARS = f"IceCube public data release, DOI {RELEASE_DOI}, arXiv:1901.05366"
_NINE_YEAR_ENERGIES = (
    *(6.31, 8.45862141, 11.33887101, 15.19987592, 20.37559363, 27.3136977),
    *(36.61429921, 49.08185342, 65.79474104, 88.19854278, 158.49),
)
_TWO_VALUES: Reals = np.array([-0.5, 0.5, 1.5])
RELEASES: Mapping[str, BinnedRelease] = {
    release.name: release
    for release in (
        BinnedRelease(
            "three-year-A",
            f"{_THREE_YEARS}, analysis A",
            RECO_ENERGY_EDGES,
            np.linspace(-1.0, 1.0, 11),
            _TWO_VALUES,
            ("neutrino_mc.csv",),
            SQUARE_METRE,
            None,
        ),
        BinnedRelease(
            "three-year-B",
            f"{_THREE_YEARS}, analysis B",
            RECO_ENERGY_EDGES,
            RECO_COS_ZENITH_EDGES,
            _TWO_VALUES,
            ("neutrino_mc.csv",),
            SQUARE_METRE,
            LIVETIME,
        ),
        BinnedRelease(
            "nine-year",
            "IceCube public data release, DOI 10.7910/DVN/B4RITM, Phys. Rev. D 108, 012014, arXiv:2304.12236",
            np.array(_NINE_YEAR_ENERGIES),
            np.linspace(-1.0, 0.1, 11),
            np.array([0.55, 0.75, 1.0]),
            ("mc_nu_nc.csv", "mc_nue_cc.csv", "mc_numu_cc.csv", "mc_nutau_cc.csv"),
            1.0,
            None,
            "mc_mu.csv",
            {
                "nue_cc": "hs_nu_nc_nue_cc.csv",
                "numu_cc": "hs_numu_cc.csv",
                "nutau_cc": "hs_nutau_cc.csv",
                "all_nc": "hs_nu_nc_nue_cc.csv",
            },
        ),
    )
}


def release_in(folder: Path) -> BinnedRelease:
    """Return the release whose files a folder holds; InputError if it holds none, or lacks one of its files.

    The two analyses of the three years have files of the same names: the bands of cos zenith in the measured events
    tell them apart.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; the one with the files of a release is due")
    names = {name for one in RELEASES.values() for name in one.simulation_files}
    there = {name for name in names if found_file(folder, name) is not None}
    releases = [one for one in RELEASES.values() if there & set(one.simulation_files)]
    if not releases:
        raise InputError(
            f"{folder}: holds no simulation of a release: neutrino_mc.csv of the three years, mc_numu_cc.csv and "
            f"the others of the nine years, or the Upgrade's with true_azimuth ({', '.join(PACKINGS[1:])} are read too)"
        )
    if len(releases) == 1:
        for name in (*releases[0].simulation_files, DATA_NAME):
            release_file(folder, name)
        return releases[0]
    path = release_file(folder, DATA_NAME)
    n_bands = read_columns(path, COUNT_COLUMNS)["reco_coszen"].nunique()
    fitting = [one for one in releases if one.shape[2] == n_bands]
    if len(fitting) != 1:
        known = listed([f"{one.shape[2]} of {one.name}" for one in releases])
        raise InputError(f"{path}: has {n_bands} values of reco_coszen; there are {known}")
    return fitting[0]


def release_file(folder: Path, name: str) -> Path:
    """Return a file of a release, packed or not; InputError if it is not there."""
    path = found_file(folder, name)
    if path is None:
        raise InputError(f"{folder}: lacks {name} ({', '.join(PACKINGS[1:])} are read too)")
    return path


def found_file(folder: Path, name: str) -> Path | None:
    """Return a file of a release, packed or not; None if it is not there."""
    return next((path for packing in PACKINGS if (path := folder / f"{name}{packing}").is_file()), None)


def read_simulated_neutrinos(folder: Path, release: BinnedRelease) -> SimulatedNeutrinos:
    """Return the simulated neutrinos of a release; InputError names what is wrong with its files."""
    parts = [_neutrinos(release_file(folder, name), release) for name in release.simulation_files]
    return SimulatedNeutrinos(
        **{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(parts[0])}
    )


def read_measured_counts(folder: Path, release: BinnedRelease) -> NDArray[np.int64]:
    """Return the measured events in each bin, as `release.shape`; a bin that has no row holds none.

    InputError for a bin that stands there twice, and for counts that are no whole numbers from 0.
    """
    path = release_file(folder, DATA_NAME)
    frame = read_columns(path, COUNT_COLUMNS)
    counts = frame["count"].to_numpy(dtype=np.float64)
    wrong = (counts < 0.0) | (counts != np.trunc(counts))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(f"{path}: count in row {row + 1} is {counts[row]:g}, a whole number from 0 is due")
    cells = cells_of(frame, release, path)
    if len(np.unique(cells)) < len(cells):
        raise InputError(f"{path}: {len(cells) - len(np.unique(cells))} rows are of a bin that another row is of")
    found = np.bincount(cells, counts, int(np.prod(release.shape)))
    return found.astype(np.int64).reshape(release.shape)


def cells_of(frame: "pd.DataFrame", release: BinnedRelease, path: Path) -> NDArray[np.int64]:
    """Return the bin of each row of a release's table, (n,), counted through `release.shape`.

    InputError names a value that lies in none.
    """
    places = (
        bins_of_column(frame["pid"], release.pid_edges, path),
        bins_of_column(frame["reco_energy"], release.reco_energy_edges, path),
        bins_of_column(frame["reco_coszen"], release.reco_cos_zenith_edges, path),
    )
    return np.asarray(np.ravel_multi_index(places, release.shape), dtype=np.int64)


def refuse_missing_bins(cells: NDArray[np.int64], release: BinnedRelease, path: Path, among: str = "") -> None:
    """Raise InputError unless each bin of a release has one row, of the bins `cells` (n,) of rows; `among` which."""
    n_rows = np.bincount(cells, minlength=int(np.prod(release.shape)))
    if (wrong := n_rows != 1).any():
        cell = int(np.argmax(wrong))
        places = np.unravel_index(cell, release.shape)
        named = ("pid", "reco_energy", "reco_coszen")
        edges = (release.pid_edges, release.reco_energy_edges, release.reco_cos_zenith_edges)
        where = ", ".join(
            f"{name} {edge[place]:.4g} to {edge[place + 1]:.4g}"
            for name, edge, place in zip(named, edges, places, strict=True)
        )
        raise InputError(f"{path}: has {n_rows[cell]} rows of the bin {where}{among}; one is due")


def _neutrinos(path: Path, release: BinnedRelease) -> SimulatedNeutrinos:
    frame = read_columns(path, SIMULATION_COLUMNS)
    codes = np.array([PDG_CODES[flavour] for flavour in FLAVOURS])
    unknown = ~np.isin(frame["pdg"], codes)
    if unknown.any():
        raise InputError(f"{path}: pdg {frame['pdg'][unknown].iloc[0]} is no neutrino; allowed are {listed(codes)}")
    weight, energy, cos_zenith = (frame[name].to_numpy(np.float64) for name in ("weight", "true_energy", "true_coszen"))
    check_weights(weight, path)
    if (energy <= 0.0).any() or (np.abs(cos_zenith) > 1.0).any():
        raise InputError(f"{path}: true_energy must be positive, true_coszen from -1 to 1")
    order = np.argsort(codes)
    return SimulatedNeutrinos(
        flavour=order[np.searchsorted(codes[order], frame["pdg"].to_numpy())],
        interaction=np.where(frame["type"].to_numpy() > 0, 0, 1),
        event_class=bins_of_column(frame["pid"], release.pid_edges, path),
        true_energy=energy,
        true_cos_zenith=cos_zenith,
        reco_energy_bin=bins_of_column(frame["reco_energy"], release.reco_energy_edges, path),
        reco_cos_zenith_bin=bins_of_column(frame["reco_coszen"], release.reco_cos_zenith_edges, path),
        weight=weight * release.weight_unit,
    )
