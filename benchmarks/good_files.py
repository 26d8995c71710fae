"""Good files of every kind that is read, small, before they are wounded."""

import tempfile
from collections.abc import Iterable
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.mutations import (
    Written,
)
from core.configuration.inputs import SourceSettings
from core.dark_matter.channels import FLAVOURS
from core.dark_matter.sources import catalogue_path, read_catalogue
from core.events.classes import EVENT_CLASSES
from core.events.i3 import read_frames
from core.events.public_release import RECO_COS_ZENITH_EDGES, RECO_ENERGY_EDGES, public_counts
from core.events.synthetic import write_dragon_file
from core.response.model import Response
from core.response.shipping import read_response
from core.spectra.cosmixs import COSMIXS_COLUMNS
from tests.core.events.conftest import make_sample

N_EVENTS = 6
MASSES = (10.0, 20.0)
_SHIPPED = Path(__file__).parents[1] / "core" / "response" / "public_3y.parquet"


@cache
def good_i3() -> bytes:
    """Return an i3 file of a few simulated events."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "good.i3"
        write_dragon_file(path, make_sample("mc", N_EVENTS), "mc")
        return path.read_bytes()


@cache
def good_frames() -> tuple[Written, ...]:
    """Return the frames of that file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "good.i3"
        path.write_bytes(good_i3())
        frames = list(read_frames(path, streams=None))
    return tuple((one.stream, one.version, {key: slot[:2] for key, slot in one.slots.items()}) for one in frames)


@cache
def good_skylab() -> np.ndarray:
    """Return simulated events as the published analysis kept them."""
    events = make_sample("mc", N_EVENTS)
    names = {
        "run": "run", "event": "event", "subevent": "sub_event", "ra": "reco_ra", "dec": "reco_dec",
        "azi": "reco_azimuth", "zen": "reco_zenith", "time": "mjd", "angErr": "angular_error", "trueRa": "true_ra",
        "trueDec": "true_dec", "trueE": "true_energy", "ow": "weight",
    }  # fmt: skip
    columns = {stored: events[name].to_numpy() for stored, name in names.items()}
    columns["logE"] = np.log10(events["reco_energy"].to_numpy())
    array = np.empty(N_EVENTS, [(name, values.dtype) for name, values in columns.items()])
    for name, values in columns.items():
        array[name] = values
    return array


@cache
def good_list() -> np.ndarray:
    """Return a list of good runs."""
    dtype = [("run", int), ("start", float), ("stop", float), ("livetime", float), ("events", int)]
    return np.array([(120000 + run, 56414.0 + run, 56414.9 + run, 0.8, 10) for run in range(5)], dtype)


@cache
def catalogue_text() -> str:
    """Return the head of the shipped catalogue of galaxies."""
    return "\n".join(catalogue_path(SourceSettings()).read_text(encoding="utf-8").split("\n")[:14]) + "\n"


@cache
def catalogue_table() -> pa.Table:
    """Return the same as a table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "good.csv"
        path.write_text(catalogue_text(), encoding="utf-8")
        return pa.Table.from_pandas(read_catalogue(path), preserve_index=False)


@cache
def counts_text() -> str:
    """Return the measured counts as the three-year release has them."""
    rows = public_counts().to_pylist()
    middle = {
        "reco_energy": lambda row: (row["reco_energy_low"] * row["reco_energy_high"]) ** 0.5,
        "reco_coszen": lambda row: 0.5 * (row["reco_cos_zenith_low"] + row["reco_cos_zenith_high"]),
        "pid": lambda row: int(row["event_class"] == "track"),
        "count": lambda row: row["n_events"],
    }
    lines = [",".join(str(of(row)) for of in middle.values()) for row in rows]
    return "\n".join([",".join(middle), *lines]) + "\n"


@cache
def simulation_text() -> str:
    """Return a few simulated neutrinos as the three-year release has them."""
    rng = np.random.default_rng(1)
    lines = ["true_energy,true_coszen,reco_energy,reco_coszen,pid,pdg,type,weight"]
    energies = np.sqrt(RECO_ENERGY_EDGES[1:] * RECO_ENERGY_EDGES[:-1])
    zeniths = 0.5 * (RECO_COS_ZENITH_EDGES[1:] + RECO_COS_ZENITH_EDGES[:-1])
    for _ in range(20):
        pdg, pid, kind = rng.choice([12, -12, 14, -14, 16, -16]), rng.integers(0, 2), rng.integers(0, 3)
        values = [rng.uniform(5, 60), rng.uniform(-1, 1), rng.choice(energies), rng.choice(zeniths)]
        lines.append(",".join(map(str, [*values, pid, pdg, kind, rng.uniform(0, 1)])))
    return "\n".join(lines) + "\n"


def spectra_text() -> str:
    """Return spectra of the user's own."""
    return "mass,energy,dn_de\n" + "".join(f"{m},{x * m},{0.1 / m}\n" for m in MASSES for x in (0.1, 0.3, 0.6, 1.0))


def table_text(names: Iterable[str]) -> str:
    """Return spectra of channels in columns by mass and log10 x."""
    columns = list(names)
    rows = [f"{m:g} {x:.2f} {' '.join(['0.01'] * len(columns))}" for m in MASSES for x in np.arange(-3.0, 0.01, 0.25)]
    return "\n".join([" ".join(["mDM", "Log[10,x]", *columns]), *rows]) + "\n"


def cosmixs_text() -> str:
    """Return the same as CosmiXs names its columns."""
    head = ["DM", "Log10[x]", *(f"dNdLog10x[{name}]" for name in COSMIXS_COLUMNS.values())]
    return table_text(COSMIXS_COLUMNS).replace(table_text(COSMIXS_COLUMNS).split("\n")[0], "   ".join(head))


def toml_text() -> str:
    """Return a configuration with settings of every type."""
    return (
        'analysis = "mine"\nproducts = "products"\nsample = "own"\nseed = 3\nprocess = "annihilation"\n'
        "[pairs]\ntautau = [20, 100.5]\nbb = [50]\n[trials]\nn_background = 2_000\nn_signal = 500\n"
        '[statistic]\nname = "joint"\nbackground = "data"\n[sources]\nexclude = ["Draco"]\nexclude_contested = true\n'
        '[mixtures]\nhalf = {bb = 0.5, tautau = 0.5}\n[halo]\ntreatment = "none"\n'
        '[events]\ndata = ["a/*.i3"]\n[[events.simulation_sets]]\nname = "one"\nfiles = ["b/*.i3"]\n'
    )


def trials_text() -> str:
    """Return trials as the published analysis left them."""
    names = [f"{source}{ending}" for source in ("Draco", "Segue 1") for ending in ("_ns", "_TS")]
    rows = ["\t".join(f"{trial + column / 8}" for column in range(6)) for trial in range(12)]
    return "\n".join(["# " + " \t ".join([*names, "ns", "TS"]), *rows]) + "\n"


def comparison_text() -> str:
    """Return a published limit."""
    return "mass,cross section\n10,1e-23\n30,2e-23\n100,5e-23\n"


def spectra_dict() -> dict[str, Any]:
    """Return spectra as a pickled dict of the published analysis."""
    x = np.geomspace(1e-3, 1.0, 20)
    return {
        channel: {mass: {"Energy": x * mass, "EdNdE": 0.1 + 0.0 * x} for mass in MASSES} for channel in ("b", "Tau")
    }


def histogram_dict() -> dict[str, Any]:
    """Return densities of signal as such a dict."""
    counts, edges = np.arange(1.0, 37.0), np.linspace(0.0, np.pi, 37)
    return {channel: {mass: {"Counts": counts, "Bins": edges} for mass in MASSES} for channel in ("b", "Tau")}


def cross_section_dict() -> dict[str, Any]:
    """Return cross sections with bands as such a dict."""
    bands = {"Low2": 1e-24, "Low1": 2e-24, "Med": 3e-24, "Up1": 4e-24, "Up2": 5e-24}
    return {channel: {mass: {"Cross Section": bands} for mass in MASSES} for channel in ("b", "Tau")}


@cache
def telescope_texts() -> dict[str, bytes]:
    """Return the tables of a telescope with two bins of everything."""
    bins, zeniths = ("5,20", "20,80"), ("-1,0", "0,1")
    ends = "{0}_low,{0}_high".format
    heads = {
        "effective_area.csv": f"flavour,event_class,{ends('energy')},{ends('cos_zenith')},effective_area_m2",
        "energy_migration.csv": f"event_class,{ends('energy')},{ends('reco_energy')},probability",
        "angular_error.csv": f"event_class,{ends('energy')},median_angle_deg",
        "event_counts.csv": f"event_class,{ends('reco_energy')},{ends('reco_cos_zenith')},n_events",
    }
    rows = {
        "effective_area.csv": product(FLAVOURS, EVENT_CLASSES, bins, zeniths, ("1e-4",)),
        "energy_migration.csv": product(EVENT_CLASSES, bins, bins, ("0.5",)),
        "angular_error.csv": product(EVENT_CLASSES, bins, ("10",)),
        "event_counts.csv": product(EVENT_CLASSES, bins, zeniths, ("30",)),
    }
    texts = {name: "\n".join([head, *map(",".join, rows[name])]) + "\n" for name, head in heads.items()}
    texts["detector.toml"] = 'name = "mine"\nlatitude_deg = 42.8\nlivetime_days = 1000\n'
    return {name: text.encode() for name, text in texts.items()}


@cache
def small_response() -> pa.Table:
    """Return the response of the public sample."""
    return Response.from_table(read_response(_SHIPPED).to_table()).to_table()
