"""A set of i3 files as the published analysis read them, with physics in them: two seasons of the simulated sample.

Measured events of a part of each season and simulated ones, in several files each, lists of good runs, and annihilation
spectra in PPPC4DMID's form.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.events.synthetic import write_dragon_file
from core.simulation.sample import simulated_events
from core.simulation.seasons import SEASONS, simulated_good_runs
from core.spectra import annihilation_spectrum
from core.units import DAY

DRAGON_SEASONS = SEASONS[1:3]
N_RUNS = 240  # 80 days of each season
N_SIMULATED = 14_000  # of each season
N_FILES = 4
PPPC_COLUMNS = {"bb": "b", "tautau": "\\[Tau]", "mumu": "\\[Mu]"}


def write_dragon_set(folder: Path) -> dict[str, int]:
    """Write the files, and return how many events each kind has."""
    counts = {"data": 0, "mc": 0}
    for season in DRAGON_SEASONS:
        runs = simulated_good_runs(season).slice(0, N_RUNS)
        data = simulated_events("data", season, seed=5)
        data = data.filter(pc.is_in(data["run"], value_set=runs["run"].combine_chunks()))
        simulation = simulated_events("mc", season, seed=5, n_simulated=N_SIMULATED * len(SEASONS))
        np.save(folder / f"{season}_GRL.npy", published_list(runs))
        for part, rows in enumerate(np.array_split(np.arange(data.num_rows), N_FILES)):
            write_dragon_file(folder / f"{season}_data_{part}.i3.zst", data.take(pa.array(rows)), "data")
        for part, rows in enumerate(np.array_split(np.arange(simulation.num_rows), N_FILES)):
            path = folder / f"{season}_mc_{part}.i3.zst"
            write_dragon_file(path, simulation.take(pa.array(rows)), "mc", N_FILES)
        counts["data"] += data.num_rows
        counts["mc"] += simulation.num_rows
    return counts


def published_list(runs: pa.Table) -> np.ndarray:
    """Good runs as the published analysis kept them, livetimes in days."""
    dtype = [("run", int), ("start", float), ("stop", float), ("livetime", float), ("events", int)]
    names = ("run", "mjd_start", "mjd_stop", "livetime", "n_events")
    rows = zip(*(runs[name].to_pylist() for name in names), strict=True)
    return np.array([(run, start, stop, live / DAY, events) for run, start, stop, live, events in rows], dtype=dtype)


def write_pppc_tables(folder: Path, masses: tuple[float, ...]) -> Path:
    """Write our own spectra in the form of PPPC4DMID's files, per neutrino and decade of x = E/m."""
    folder.mkdir(exist_ok=True)
    log10_x = np.round(np.arange(-5.0, 0.001, 0.05), 2) + 0.0
    for name, flavour in (("e", "nue"), ("mu", "numu"), ("tau", "nutau")):
        lines = [" ".join(["mDM", "Log[10,x]", *PPPC_COLUMNS.values()])]
        for mass in masses:
            energy = mass * 10.0**log10_x
            columns = []
            for channel in PPPC_COLUMNS:
                pair = [annihilation_spectrum(channel, mass, species) for species in (flavour, f"{flavour}bar")]
                mean = sum(np.interp(energy, s.energy, s.dn_de, left=0.0, right=0.0) for s in pair) / 2.0
                columns.append(mean * energy * np.log(10.0))
            lines += [
                " ".join([f"{mass:g}", f"{x:g}", *(f"{value:.6e}" for value in row)])
                for x, row in zip(log10_x, zip(*columns, strict=True), strict=True)
            ]
        (folder / f"AtProduction_neutrinos_{name}.dat").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
