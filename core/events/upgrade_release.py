"""The simulation released for the IceCube Upgrade, DOI 10.21234/qfz1-yh02: neutrinos one by one, with azimuths.

Columns and units are those of the readme of its version v01_00. Angles are in rad and tell where a neutrino comes from;
weights are in GeV m² sr, so that events = livetime · Σ weight · flux of the species. There are no measured events, and
no background beside neutrinos.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, PDG_CODES, listed
from core.errors import InputError
from core.events.binned_releases import found_file, release_file
from core.events.public_release import check_weights, checked_columns, read_release_table
from core.units import SQUARE_METRE

if TYPE_CHECKING:
    import pandas as pd

Integers = NDArray[np.int64]
Reals = NDArray[np.float64]

UPGRADE_FILE = "neutrino_mc.csv"
CITATION = "IceCube Upgrade data release v01_00, DOI 10.21234/qfz1-yh02"
DIRECTIONS = ("true_zenith", "true_azimuth", "reco_zenith", "reco_azimuth")
UPGRADE_COLUMNS = ("true_energy", "reco_energy", *DIRECTIONS, "pdg", "pid", "current_type", "weight")
SLACK = 1e-5  # rad, of angles that were written with few digits


@dataclass(frozen=True)
class UpgradeNeutrinos:
    """Simulated neutrinos, each array (n_events,): indices of FLAVOURS, INTERACTIONS and EVENT_CLASSES, GeV and rad.

    `weight` in GeV cm² sr.
    """

    flavour: Integers
    interaction: Integers
    event_class: Integers
    true_energy: Reals
    true_zenith: Reals
    true_azimuth: Reals
    reco_energy: Reals
    reco_zenith: Reals
    reco_azimuth: Reals
    weight: Reals

    def azimuth_over_zenith(self) -> float:
        """Return the median error in azimuth, times the sine of the zenith, over that in zenith; 1 if isotropic."""
        turned = np.abs(np.angle(np.exp(1j * (self.reco_azimuth - self.true_azimuth))))
        tilted = np.abs(self.reco_zenith - self.true_zenith)
        return float(np.median(turned * np.sin(self.true_zenith)) / np.median(tilted))


def is_upgrade(folder: Path) -> bool:
    """Return whether a folder holds the simulation of the Upgrade: other releases' files have no azimuth."""
    path = found_file(folder, UPGRADE_FILE)
    if path is None:
        return False
    try:
        return "true_azimuth" in read_release_table(path, 1)
    except InputError:
        return False


def read_upgrade(folder: Path) -> UpgradeNeutrinos:
    """Return the simulated neutrinos of a folder; InputError names column, row and value of what none has."""
    path = release_file(folder, UPGRADE_FILE)
    frame = checked_columns(read_release_table(path), UPGRADE_COLUMNS, path)
    codes = np.array([PDG_CODES[flavour] for flavour in FLAVOURS])
    _refuse(frame, "pdg", ~np.isin(frame["pdg"], codes), listed(codes), path)
    for name in ("pid", "current_type"):
        _refuse(frame, name, ~frame[name].isin([0, 1]).to_numpy(), "0 or 1", path)
    for name in ("true_energy", "reco_energy"):
        _refuse(frame, name, frame[name].to_numpy() <= 0.0, "an energy above 0 GeV", path)
    for name in DIRECTIONS:
        most = np.pi if name.endswith("zenith") else 2.0 * np.pi
        outside = (frame[name].to_numpy() < -SLACK) | (frame[name].to_numpy() > most + SLACK)
        _refuse(frame, name, outside, f"an angle from 0 to {most:.4g} rad", path)
    columns = {name: frame[name].to_numpy(np.float64) for name in ("true_energy", "reco_energy", *DIRECTIONS)}
    weight = frame["weight"].to_numpy(np.float64)
    check_weights(weight, path)
    order = np.argsort(codes)
    return UpgradeNeutrinos(
        flavour=order[np.searchsorted(codes[order], frame["pdg"].to_numpy())],
        interaction=np.where(frame["current_type"].to_numpy() > 0, 0, 1),
        event_class=frame["pid"].to_numpy(np.int64),
        weight=weight * SQUARE_METRE,
        **columns,
    )


def _refuse(frame: "pd.DataFrame", name: str, wrong: NDArray[np.bool_], due: str, path: Path) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(f"{path}: {name} in row {row + 1} is {frame[name].iloc[row]:g}; {due} is due")
