"""Small files in the format of the ten-year point-source release, drawn from a model that is stated here."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from core.coordinates import equatorial_to_local
from core.events.point_source_release import (
    AREA_COLUMNS,
    EVENT_COLUMNS,
    POINT_SOURCE_SEASONS,
    SMEARING_COLUMNS,
    UPTIME_COLUMNS,
    PointSourceSeason,
)

AREA_LOG10_EDGES = np.round(np.arange(2.0, 10.01, 0.2), 2)
AREA_SIN_EDGES = np.linspace(-1.0, 1.0, 51)
SMEARING_LOG10_EDGES = np.arange(2.0, 9.01, 0.5)
SMEARING_DEC_EDGES = (-90.0, -10.0, 10.0, 90.0)
ERROR_EDGES, ERROR_SHARES = (0.2, 0.5, 1.0, 2.0, 5.0), (0.2, 0.4, 0.3, 0.1)
N_RUNS, RUN_DAYS, FIRST_MJD = 30, 8.0, 54562.0
N_ANGLES, N_RECO = 24, 6


def area_of(log10_energy: np.ndarray, sin_dec: np.ndarray) -> np.ndarray:
    """Effective area in cm²: a square metre at 1 TeV, rising as E² first, and falling at the horizon."""
    energy = 10.0 ** (np.asarray(log10_energy) - 3.0)
    north = (1.0 - 0.4 * np.asarray(sin_dec)) / (1.0 + np.exp(-(np.asarray(sin_dec) + 0.05) / 0.05))
    return np.asarray(1e4 * energy**2 / (1.0 + energy / 5.0) ** 1.6 * north)


def angular_width(log10_energy: float) -> float:
    """Width (deg, per axis) of nine tenths of the events; the others are spread four times as far."""
    return 0.3 + 1.2 * 10.0 ** (-0.3 * (log10_energy - 2.5))


def angle_shares(log10_energy: float) -> tuple[np.ndarray, np.ndarray]:
    """Edges in deg of the angle to the true direction, and the share of each bin."""
    width = angular_width(log10_energy)
    edges = np.concatenate([[0.0], np.geomspace(0.1, 12.0, N_ANGLES) * width])
    below = 1.0 - 0.9 * np.exp(-0.5 * (edges / width) ** 2) - 0.1 * np.exp(-0.5 * (edges / width / 4.0) ** 2)
    return edges, np.diff(below) / below[-1]


def reco_shares(log10_energy: float) -> tuple[np.ndarray, np.ndarray]:
    """Edges in log10 GeV of the muon's energy, and the share of each bin."""
    edges = 2.5 + 0.6 * (log10_energy - 2.5) + np.linspace(-0.8, 0.8, N_RECO + 1)
    shares = np.exp(-0.5 * (np.linspace(-2.0, 2.0, N_RECO)) ** 2)
    return edges, shares / shares.sum()


def write_table(path: Path, columns: tuple[str, ...], rows: np.ndarray) -> None:
    """Write rows (n_rows, n_columns) as the release does: names behind "#", values parted by blanks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(rows)
    path.write_text(f"# {' '.join(columns)}\n{frame.to_csv(sep=' ', header=False, index=False)}", encoding="utf-8")


def effective_area_rows() -> np.ndarray:
    """Rows of an effective area: the model at the centre of each bin."""
    dec_edges = np.rad2deg(np.arcsin(AREA_SIN_EDGES))
    dec, energy = (axis.ravel() for axis in np.indices((len(dec_edges) - 1, len(AREA_LOG10_EDGES) - 1)))
    low, high = AREA_LOG10_EDGES[energy], AREA_LOG10_EDGES[energy + 1]
    area = area_of(0.5 * (low + high), 0.5 * (AREA_SIN_EDGES[dec] + AREA_SIN_EDGES[dec + 1]))
    return np.stack([low, high, dec_edges[dec], dec_edges[dec + 1], area], axis=1)


def smearing_rows(without_first_cell: bool = False) -> np.ndarray:
    """Rows of a smearing matrix; `without_first_cell`: the first has no simulated event, its edges are 0."""
    rows = []
    for low_dec, high_dec in pairwise(SMEARING_DEC_EDGES):
        for low, high in pairwise(SMEARING_LOG10_EDGES):
            angles, of_angle = angle_shares(0.5 * (low + high))
            energies, of_energy = reco_shares(0.5 * (low + high))
            share = (of_energy[:, None, None] * of_angle[:, None] * np.array(ERROR_SHARES)).ravel()
            i, j, k = (axis.ravel() for axis in np.indices((len(of_energy), len(of_angle), len(ERROR_SHARES))))
            errors = np.array(ERROR_EDGES)
            edges = [energies[i], energies[i + 1], angles[j], angles[j + 1], errors[k], errors[k + 1], share]
            if without_first_cell and not rows:
                edges = [np.zeros_like(share)] * len(edges)
            rows.append(np.stack([np.broadcast_to(x, share.shape) for x in (low, high, low_dec, high_dec, *edges)], 1))
    return np.concatenate(rows)


def uptime_rows(season: PointSourceSeason) -> np.ndarray:
    """Rows of good runs: 30 of 8 days, half a day between them."""
    start = FIRST_MJD + 365.0 * (season.year - 2008) + (RUN_DAYS + 0.5) * np.arange(N_RUNS)
    return np.stack([start, start + RUN_DAYS], axis=1)


def event_rows(season: PointSourceSeason, n_events: int) -> np.ndarray:
    """Rows of measured events, even over the sky and over good runs."""
    generator = np.random.default_rng(season.year)
    runs = uptime_rows(season)
    mjd = runs[generator.integers(0, N_RUNS, n_events), 0] + RUN_DAYS * generator.random(n_events)
    ra, sin_dec = 2.0 * np.pi * generator.random(n_events), generator.uniform(-1.0, 1.0, n_events)
    zenith, azimuth = equatorial_to_local(ra, np.arcsin(sin_dec), mjd)
    energy = np.clip(generator.normal(2.9, 0.5, n_events), 1.0, 6.0)
    error = 0.2 + generator.exponential(0.8, n_events)
    angles = np.rad2deg([ra, np.arcsin(sin_dec), azimuth, zenith])
    return np.stack([mjd, energy, error, *angles], axis=1)


def write_drawn_point_source(
    folder: Path, n_events: int = 400, seasons: tuple[PointSourceSeason, ...] = POINT_SOURCE_SEASONS
) -> Path:
    """Write all files of the release into a folder, `n_events` measured ones a season, and return it."""
    for season in seasons:
        write_table(folder / "events" / f"{season.release_name}_exp.csv", EVENT_COLUMNS, event_rows(season, n_events))
        write_table(folder / "uptime" / f"{season.release_name}_exp.csv", UPTIME_COLUMNS, uptime_rows(season))
    for name in {season.response_name for season in seasons}:
        write_table(folder / "irfs" / f"{name}_effectiveArea.csv", AREA_COLUMNS, effective_area_rows())
        write_table(folder / "irfs" / f"{name}_smearing.csv", SMEARING_COLUMNS, smearing_rows(name == "IC40"))
    return folder
