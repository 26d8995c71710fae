"""The tables of a telescope in the Mediterranean: numbers made up for the example, of a size that ORCA's could have."""

from itertools import product
from pathlib import Path

import numpy as np
from scipy.special import erf

from core.dark_matter.channels import FLAVOURS
from core.events.classes import EVENT_CLASSES

LATITUDE_DEG = 42.8
LIVETIME_DAYS = 1000.0
ENERGIES = np.geomspace(2.0, 200.0, 21)
RECO_ENERGIES = np.geomspace(3.0, 150.0, 11)
ZENITHS = np.linspace(-1.0, 1.0, 21)
DETECTOR = 'name = "ORCA-like"\nlatitude_deg = 42.8\nlivetime_days = 1000\n'


def area_m2(flavour: str, event_class: str, energy: float, cos_zenith: float) -> float:
    """An area that grows with energy, halves for antineutrinos, and falls above the horizon."""
    of_class = 0.7 if (event_class == "track") == flavour.startswith("numu") else 0.3
    upward = 1.0 / (1.0 + np.exp(8.0 * cos_zenith))
    return 2e-6 * energy**2 / (1.0 + energy / 40.0) * of_class * (0.5 if flavour.endswith("bar") else 1.0) * upward


def migration(event_class: str, low: float, high: float) -> np.ndarray:
    """The share of events in each bin of reconstructed energy: a Gaussian in the logarithm."""
    width = np.log(10.0) * (0.18 if event_class == "track" else 0.12)
    below = 0.5 * (1.0 + erf((np.log(RECO_ENERGIES) - np.log(np.sqrt(low * high))) / (np.sqrt(2.0) * width)))
    return np.diff(below)


def median_deg(event_class: str, energy: float) -> float:
    """The median angle between true and reconstructed direction."""
    return (20.0 if event_class == "track" else 26.0) * (energy / 10.0) ** -0.4


def n_background(event_class: str, low: float, cos_zenith: float) -> float:
    """Atmospheric events in a bin of reconstructed energy and zenith."""
    return (400.0 if event_class == "track" else 500.0) * (low / 10.0) ** -0.8 * (1.2 - cos_zenith)


def write_tables(folder: Path, latitude_deg: float = LATITUDE_DEG) -> Path:
    """Write the tables of the telescope into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "detector.toml").write_text(DETECTOR.replace(str(LATITUDE_DEG), str(latitude_deg)), encoding="utf-8")
    energies = list(zip(ENERGIES[:-1].tolist(), ENERGIES[1:].tolist(), strict=True))
    reco = list(zip(RECO_ENERGIES[:-1].tolist(), RECO_ENERGIES[1:].tolist(), strict=True))
    zeniths = list(zip(ZENITHS[:-1].tolist(), ZENITHS[1:].tolist(), strict=True))
    rows: dict[str, list[tuple[object, ...]]] = {
        "effective_area": [
            (flavour, name, *e, *z, area_m2(flavour, name, float(np.sqrt(e[0] * e[1])), 0.5 * (z[0] + z[1])))
            for flavour, name, e, z in product(FLAVOURS, EVENT_CLASSES, energies, zeniths)
        ],
        "energy_migration": [
            (name, *e, *r, share)
            for name, e in product(EVENT_CLASSES, energies)
            for r, share in zip(reco, migration(name, *e).tolist(), strict=True)
        ],
        "angular_error": [
            (name, *e, median_deg(name, float(np.sqrt(e[0] * e[1])))) for name, e in product(EVENT_CLASSES, energies)
        ],
        "event_counts": [
            (name, *r, *z, n_background(name, r[0], 0.5 * (z[0] + z[1])))
            for name, r, z in product(EVENT_CLASSES, reco, zeniths)
        ],
    }
    ends = "{0}_low,{0}_high".format
    heads = {
        "effective_area": "flavour,event_class,energy_low,energy_high,cos_zenith_low,cos_zenith_high,effective_area_m2",
        "energy_migration": "event_class,energy_low,energy_high,reco_energy_low,reco_energy_high,probability",
        "angular_error": "event_class,energy_low,energy_high,median_angle_deg",
        "event_counts": f"event_class,{ends('reco_energy')},{ends('reco_cos_zenith')},n_events",
    }
    for name, head in heads.items():
        lines = [head, *(",".join(map(str, row)) for row in rows[name])]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
