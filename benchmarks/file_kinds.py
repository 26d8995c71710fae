"""What wounds good files of every kind that is read, what reads them, and what is sound of what was read."""

import gzip
import io
import json
import pickle
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.good_files import (
    MASSES,
    N_EVENTS,
    catalogue_table,
    catalogue_text,
    comparison_text,
    cosmixs_text,
    counts_text,
    cross_section_dict,
    good_frames,
    good_i3,
    good_list,
    good_skylab,
    histogram_dict,
    simulation_text,
    small_response,
    spectra_dict,
    spectra_text,
    table_text,
    telescope_texts,
    toml_text,
    trials_text,
)
from benchmarks.mutations import (
    mutated,
    mutated_array,
    mutated_inside,
    mutated_table,
    mutated_text,
    mutated_tree,
)
from core.configuration.config import read_config
from core.configuration.inputs import SourceSettings
from core.dark_matter.sources import read_catalogue, select_sources
from core.events.binned_releases import read_measured_counts, read_simulated_neutrinos, release_in
from core.events.columns import read_event_parquet
from core.events.conversion import convert_file
from core.events.livetime import read_good_runs
from core.events.profiles import DRAGON
from core.events.public_release import public_counts
from core.events.ranges import range_of
from core.events.skylab import read_skylab
from core.published.file_types import Declared, read_published
from core.response.shipping import read_response
from core.response.tabulated import declination_counts, read_telescope, telescope_response
from core.spectra.cosmixs import COSMIXS_FILES, read_cosmixs
from core.spectra.pppc import PPPC_COLUMNS, PPPC_FILES, read_pppc
from core.spectra.user_file import UserSpectra, user_spectra
from core.stages.samples.binned import read_counts
from tests.core.events.conftest import make_sample

Files = dict[str, bytes]


Generator = np.random.Generator


SEASON = "IC86_2013"


class Kind(NamedTuple):
    """Files of a kind: its format and name, how wounded ones are made, by name, and what reads those in a folder."""

    form: str
    name: str
    make: Callable[[Generator], Files]
    read: Callable[[Path], object]
    share: float = 1.0


def _saved(array: Any, allow_pickle: bool = False) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=allow_pickle)
    return stream.getvalue()


def _parquet(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def wounded_i3(rng: Generator) -> Files:
    """Return an i3 file wounded outside, in its objects with the checksums right again, or as it is packed."""
    way = rng.integers(0, 3)
    if way == 0:
        return {"IC86_2013_mc.i3": mutated(good_i3(), rng)}
    if way == 1:
        return {"IC86_2013_mc.i3": mutated_inside(good_frames(), rng)}
    return {"IC86_2013_mc.i3.gz": mutated(gzip.compress(good_i3(), mtime=0), rng)}


def wounded_array(name: str, array: Callable[[], np.ndarray], rng: Generator) -> Files:
    """Return a .npy wounded in its bytes or in what it holds."""
    return {name: mutated(_saved(array()), rng) if rng.random() < 0.5 else _saved(mutated_array(array(), rng))}


def wounded_archive(rng: Generator) -> Files:
    """Return an archive of arrays, whole or wounded, under its own name or that of an array."""
    stream = io.BytesIO()
    np.savez(stream, events=good_skylab(), runs=good_list())
    content = stream.getvalue()
    name = ("IC86_2013.npz", "IC86_2013.npy")[rng.integers(0, 2)]
    return {name: content if rng.random() < 0.05 else mutated(content, rng)}


def wounded_parquet(name: str, table: Callable[[], pa.Table], rng: Generator) -> Files:
    """Return a Parquet file wounded in its bytes or in what it holds."""
    return {name: mutated(_parquet(table()), rng) if rng.random() < 0.4 else _parquet(mutated_table(table(), rng))}


def wounded_text(name: str, text: Callable[[], str], rng: Generator, others: Callable[[], Files] = dict) -> Files:
    """Return a text wounded in its bytes or its words, beside others that are good."""
    content = mutated(text().encode(), rng) if rng.random() < 0.3 else mutated_text(text(), rng)
    return {**others(), name: content}


def wounded_pickle(name: str, content: Callable[[], Any], rng: Generator) -> Files:
    """Return a pickled dict wounded in its bytes or in what it holds, in a .npy or by itself."""
    tree = content()
    inside = rng.random() < 0.5
    with np.errstate(all="ignore"):
        tree = mutated_tree(tree, rng) if inside else tree
    packed = (
        _saved(np.array(tree, dtype=object), True) if rng.random() < 0.5 else pickle.dumps(tree, int(rng.integers(6)))
    )
    return {name: packed if inside else mutated(packed, rng)}


KINDS = (
    Kind("i3", "events", wounded_i3, lambda at: convert_file(_one(at), DRAGON, "mc", SEASON).events, 4.0),
    Kind(
        "npy",
        "events",
        partial(wounded_array, "IC86_2013_MC.npy", good_skylab),
        lambda at: read_skylab(_one(at), "mc", oneweight_scale=0.5),
        2.0,
    ),
    Kind(
        "npy", "good runs", partial(wounded_array, "IC86_2013_GRL.npy", good_list), lambda at: read_good_runs(_one(at))
    ),
    Kind(
        "npz",
        "archive",
        wounded_archive,
        lambda at: read_skylab(_one(at), "mc", oneweight_scale=0.5),
    ),
    Kind("npz", "archive as spectra", wounded_archive, lambda at: user_spectra(_one(at), "mine").production(MASSES[0])),
    Kind(
        "parquet",
        "events",
        partial(wounded_parquet, "IC86_2013.parquet", lambda: make_sample("mc", N_EVENTS)),
        lambda at: read_event_parquet(_one(at), "mc"),
        2.0,
    ),
    Kind(
        "parquet", "catalogue", partial(wounded_parquet, "mine.parquet", catalogue_table), lambda at: _sources(_one(at))
    ),
    Kind(
        "parquet", "counts", partial(wounded_parquet, "counts.parquet", public_counts), lambda at: read_counts(_one(at))
    ),
    Kind(
        "parquet",
        "response",
        partial(wounded_parquet, "response.parquet", small_response),
        lambda at: read_response(_one(at)).to_table(),
        0.05,
    ),
    Kind("csv", "catalogue", partial(wounded_text, "mine.csv", catalogue_text), lambda at: _sources(_one(at)), 2.0),
    Kind(
        "csv",
        "measured counts",
        partial(wounded_text, "data.csv", counts_text, others=lambda: {"neutrino_mc.csv": simulation_text().encode()}),
        lambda at: read_measured_counts(at, release_in(at)),
    ),
    Kind(
        "csv",
        "simulated neutrinos",
        partial(wounded_text, "neutrino_mc.csv", simulation_text, others=lambda: {"data.csv": counts_text().encode()}),
        lambda at: vars(read_simulated_neutrinos(at, release_in(at))),
    ),
    Kind(
        "csv",
        "limits",
        partial(wounded_text, "bb_IceCube_2021_GC_CL90.csv", comparison_text),
        lambda at: _published(at),
    ),
    Kind(
        "csv",
        "spectra",
        partial(wounded_text, "mine.csv", spectra_text),
        lambda at: _spectra(user_spectra(_one(at), "mine")),
    ),
    Kind("toml", "configuration", partial(wounded_text, "mine.toml", toml_text), lambda at: read_config(_one(at)), 3.0),
    Kind(
        "dat",
        "PPPC",
        partial(
            wounded_text,
            PPPC_FILES[0],
            lambda: table_text(PPPC_COLUMNS.values()),
            others=lambda: {name: table_text(PPPC_COLUMNS.values()).encode() for name in PPPC_FILES[1:]},
        ),
        lambda at: read_pppc(at).production("bb", 15.0),
    ),
    Kind(
        "dat",
        "CosmiXs",
        partial(
            wounded_text,
            COSMIXS_FILES[0],
            cosmixs_text,
            others=lambda: {name: cosmixs_text().encode() for name in COSMIXS_FILES[1:]},
        ),
        lambda at: read_cosmixs(at).production("bb", 15.0),
    ),
    Kind(
        "dat",
        "trials",
        partial(wounded_text, "trials.dat", trials_text),
        lambda at: _published(at, Declared(channel="bb", mass=20.0)),
    ),
    *(
        Kind(
            "pickle", name, partial(wounded_pickle, f"{name.replace(' ', '_')}.npy", content), lambda at: _published(at)
        )
        for name, content in (
            ("spectra", spectra_dict),
            ("signal densities", histogram_dict),
            ("background densities", lambda: {name: histogram_dict() for name in ("Draco", "Segue 1")}),
            ("cross sections", cross_section_dict),
        )
    ),
    *(
        Kind(
            "telescope",
            name,
            partial(wounded_text, name, lambda name=name: telescope_texts()[name].decode(), others=telescope_texts),
            lambda at: _telescope(at),
            0.5,
        )
        for name in (
            "detector.toml",
            "effective_area.csv",
            "energy_migration.csv",
            "angular_error.csv",
            "event_counts.csv",
        )
    ),
)


def _telescope(folder: Path) -> list[pa.Table]:
    telescope = read_telescope(folder / "detector.toml")
    counts, _ = declination_counts(folder / "event_counts.csv", telescope.latitude)
    return [telescope_response(folder, telescope).to_table(), pa.table({"n_events": counts.ravel()})]


def _one(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def _sources(path: Path) -> pa.Table:
    return select_sources(read_catalogue(path), SourceSettings(catalogue=str(path)))


def _published(folder: Path, declared: Declared | None = None) -> list[pa.Table]:
    found = read_published([_one(folder)], declared or Declared())
    return [product.table for files in found for product in files.products]


def _spectra(spectra: UserSpectra) -> object:
    return spectra.production(MASSES[0])


def unsound(result: object) -> str | None:
    """Return what is wrong with what was read: numbers that are none, or that no event can have; None if nothing is."""
    if isinstance(result, pa.Table):
        return next((said for name in result.column_names if (said := _unsound_column(result, name))), None)
    if isinstance(result, list | tuple):
        return next((said for one in result if (said := unsound(one))), None)
    if isinstance(result, Mapping):
        return next((f"{name}: {said}" for name, one in result.items() if (said := unsound(one))), None)
    if isinstance(result, np.ndarray) and result.dtype.kind == "f":
        return None if np.isfinite(result).all() else "values that are not finite"
    if hasattr(result, "counts") and hasattr(result, "line"):
        return unsound([result.counts, result.line])
    if hasattr(result, "model_dump"):
        json.dumps(result.model_dump(mode="json"))
    return None


def _unsound_column(table: pa.Table, name: str) -> str | None:
    column = table[name].combine_chunks()
    if pa.types.is_list(column.type) and not name.endswith("_error"):
        return unsound({name: column.flatten().to_numpy(zero_copy_only=False)})
    if not pa.types.is_floating(column.type) and not pa.types.is_integer(column.type):
        return None
    values = column.drop_null().to_numpy(zero_copy_only=False).astype(np.float64)
    allowed = range_of(name, "mc") if "true_energy" in table.column_names or "true_ra" in table.column_names else None
    if allowed is not None and allowed.is_outside(values).any():
        return f"{name} holds {values[allowed.is_outside(values)][0]}, {allowed.allowed} are allowed"
    return None if not np.isinf(values).any() else f"{name} holds {values[np.isinf(values)][0]}"
