"""Generated sets: which files were drawn together, and what an event counts for where several sets could have drawn it.

An event's weight is 1 / Σ_s N_s f_s p_s, over all sets that could have drawn it: N_s events of all files of the set, of
which f_s are of the event's own kind (neutrino or antineutrino), drawn from the density p_s, and the interaction
probability is the event's own. With the event's own set o, OneWeight = 1 / p_o, so that the weight is
OneWeight / Σ_s N_s f_s p_s/p_o: simweights' Σ n_events × pdf (github.com/icecube/simweights).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.dark_matter.channels import listed
from core.errors import InputError
from core.events.conversion import Conversion
from core.events.generation import Distribution

SETS_SCHEMA: pa.Schema = pa.schema(
    [
        ("simulation_set", pa.string()),
        ("neutrino", pa.string()),
        ("is_counted", pa.bool_()),
        ("n_files", pa.int64()),
        ("n_read", pa.int64()),
        ("n_generated", pa.float64()),
        ("neutrino_fraction", pa.float64()),
        ("antineutrino_fraction", pa.float64()),
        *((name, pa.float64()) for name in Distribution._fields),
        ("remark", pa.string()),
    ]
)
ANTI = "bar"
# What the unweighted events of a file have beside the columns of events: which of its file's generations drew each.
GENERATION, TRUE_ZENITH = "generation", "true_zenith"
_NUMBER_OF_FILE = re.compile(r"(?<=.)[._\-\s]+\d+$")
_DATASET_FOLDER = re.compile(r"\d{4,6}")
_NO_COMPLETE = "not counted: no event has all that the selection looks at"
_NO_NEUTRINOS = "not counted: no event tells how a neutrino was generated"


@dataclass(frozen=True)
class ConfiguredSet:
    """What a configuration says of a set: generated files, also those that left nothing, and events a file."""

    n_files: int | None = None
    n_events: float | None = None


def set_name(path: Path) -> str:
    """Return the set of a simulated file by its name without the file's own number, and the nearest dataset folder.

    `Level2_nugen_numu.021002.000123.i3.zst` is of `Level2_nugen_numu.021002`; in a folder named by 4 to 6 digits, the
    number of a dataset, that stands before it.
    """
    name = path.name
    while (suffix := Path(name).suffix.lower()) in (".i3", ".gz", ".bz2", ".zst"):
        name = name[: -len(suffix)]
    stem = _NUMBER_OF_FILE.sub("", name)
    stem = "" if stem.isdigit() else stem
    folder = next((part.name for part in path.parents if _DATASET_FOLDER.fullmatch(part.name)), "")
    return "/".join(text for text in (folder, stem) if text) or "unnamed"


def generations_of(conversion: Conversion) -> dict[str, Any]:
    """Return how the events of a converted file were generated, JSON-able, beside its account."""
    return {
        "is_complete": conversion.is_complete,
        "generations": [
            {
                "n_generated": one.generation.n_generated,
                "distribution": None if one.generation.distribution is None else list(one.generation.distribution),
                "fractions": dict(one.fractions),
            }
            for one in conversion.generations
        ],
    }


def simulation_sets(
    accounts: Sequence[Mapping[str, Any]], configured: Mapping[str, ConfiguredSet], n_files: int | None = None
) -> pa.Table:
    """Return the generated sets of a season from the accounts of its files, a row a set, neutrino and density.

    `configured` holds what is said of sets by name; `n_files`: generated files of the only set. InputError where the
    number of files or of events of a set cannot be told.
    """
    by_name: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for account in accounts:
        by_name[account["simulation_set"]].append(account)
    rows: list[dict[str, Any]] = []
    for name, files in by_name.items():
        rows += _rows_of_set(name, files, configured.get(name, ConfiguredSet()))
    counted = {(row["simulation_set"], row["neutrino"]) for row in rows if row["is_counted"]}
    if n_files is not None:
        if len(counted) > 1:
            named = listed(sorted(f"{name} ({neutrino or 'all neutrinos'})" for name, neutrino in counted))
            raise InputError(
                f"events.n_simulated_files is of one generated set, there are {len(counted)}: {named}; say n_files of "
                "each in [[events.simulation_sets]]"
            )
        rows = [row | {"n_files": n_files} if row["is_counted"] else row for row in rows]
    _refuse_untold_overlap(rows)
    return pa.Table.from_pylist(rows, schema=SETS_SCHEMA)


def _rows_of_set(name: str, files: Sequence[Mapping[str, Any]], said: ConfiguredSet) -> Iterator[dict[str, Any]]:
    """Yield the rows of one set: a row a neutrino where each file has one, and a density."""
    told = [(file, _neutrinos(file)) for file in files if file["generations"]]
    shared = any(len(neutrinos) > 1 for _, neutrinos in told)
    by_neutrino: dict[str | None, list[Mapping[str, Any]]] = defaultdict(list)
    for file, neutrinos in told:
        by_neutrino[None if shared else next(iter(neutrinos))].append(file)
    n_read = sum(file["n_read"] for file in files)
    blank = dict.fromkeys(SETS_SCHEMA.names) | {"simulation_set": name, "n_read": n_read, "is_counted": False}
    if not by_neutrino:
        yield blank | {"n_files": said.n_files or len(files), "remark": _NO_NEUTRINOS}
        return
    n_silent = len(files) - len(told)
    if len(by_neutrino) > 1 and (n_silent or said.n_files is not None):
        raise InputError(
            f"simulated set {name} holds {listed(sorted(map(str, by_neutrino)))}, and it is not told how many files "
            "each has: give each its own [[events.simulation_sets]] with files and n_files"
        )
    is_counted = any(file["is_complete"] for file in files)
    for neutrino, of_neutrino in by_neutrino.items():
        n_files = said.n_files or len(of_neutrino) + n_silent
        for distribution, generations in _by_distribution(of_neutrino).items():
            n_generated = said.n_events or float(np.mean([one["n_generated"] for one in generations]))
            row = blank | {"neutrino": neutrino, "is_counted": is_counted, "n_files": n_files}
            row |= {"n_generated": n_generated, "remark": "" if is_counted else _NO_COMPLETE} | _fractions(generations)
            yield row | (dict(zip(Distribution._fields, distribution, strict=True)) if distribution else {})


def _neutrinos(file: Mapping[str, Any]) -> set[str]:
    return {flavour.removesuffix(ANTI) for one in file["generations"] for flavour in one["fractions"]}


def _by_distribution(files: Sequence[Mapping[str, Any]]) -> dict[tuple[float, ...] | None, list[Mapping[str, Any]]]:
    found: dict[tuple[float, ...] | None, list[Mapping[str, Any]]] = defaultdict(list)
    for file in files:
        for one in file["generations"]:
            found[None if one["distribution"] is None else tuple(one["distribution"])].append(one)
    return found


def _fractions(generations: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the shares of neutrinos and antineutrinos among generated events; of a kind not seen, what is left."""
    seen: dict[bool, list[float]] = {False: [], True: []}
    for one in generations:
        for flavour, fraction in one["fractions"].items():
            seen[flavour.endswith(ANTI)].append(fraction)
    means = {is_anti: float(np.mean(values)) for is_anti, values in seen.items() if values}
    return {
        "neutrino_fraction": means[False] if False in means else 1.0 - means[True],
        "antineutrino_fraction": means[True] if True in means else 1.0 - means[False],
    }


def _refuse_untold_overlap(rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise InputError where of two sets of a neutrino one tells its density and one does not."""
    counted = [row for row in rows if row["is_counted"]]
    untold = [row for row in counted if row["radius"] is None]
    for row in untold:
        for other in counted:
            same = row["neutrino"] is None or other["neutrino"] is None or row["neutrino"] == other["neutrino"]
            if same and other["radius"] is not None:
                raise InputError(
                    f"simulated sets {row['simulation_set']} and {other['simulation_set']} both hold "
                    f"{row['neutrino'] or 'all neutrinos'}, and the frames of the first do not tell from which "
                    "energies and directions (MinEnergyLog, MaxEnergyLog, PowerLawIndex, MinZenith, MaxZenith): "
                    "ingest them apart"
                )


def weighed_events(unweighted: pa.Table, account: Mapping[str, Any], sets: pa.Table) -> pa.Table:
    """Return the events of a file with the weights and rates that they have among all sets of their season.

    `unweighted`: the events with the weights of their own file alone, and the columns GENERATION and TRUE_ZENITH.
    """
    factor = _shares(unweighted, account, sets.to_pylist())
    events = unweighted.drop_columns([GENERATION, TRUE_ZENITH])
    for name in ("weight", "atmospheric_rate"):
        values = pa.array(events[name].to_numpy(zero_copy_only=False) * factor, pa.float64(), from_pandas=True)
        events = events.set_column(events.column_names.index(name), events.schema.field(name), values)
    return events


def _shares(events: pa.Table, account: Mapping[str, Any], sets: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Return the factor on the weight of a file alone, (n,): N_o f_o / Σ_s N_s f_s p_s/p_o, N_o of the file."""
    share = np.ones(events.num_rows)
    generation, flavour = events[GENERATION].to_numpy(), np.array(events["flavour"].to_pylist(), dtype=object)
    energy, cos_zenith = events["true_energy"].to_numpy(), np.cos(events[TRUE_ZENITH].to_numpy())
    for index, own in enumerate(account["generations"]):
        for name, fraction in own["fractions"].items():
            mine = (generation == index) & (flavour == name)
            total = np.zeros(np.count_nonzero(mine))
            for row, is_own in _possible(sets, name, account["simulation_set"], own["distribution"]):
                kind = "antineutrino_fraction" if name.endswith(ANTI) else "neutrino_fraction"
                ratio = 1.0 if is_own else _ratio(row, own["distribution"], energy[mine], cos_zenith[mine])
                total += row["n_files"] * row["n_generated"] * row[kind] * ratio
            share[mine] = own["n_generated"] * fraction / total
    return share


def _possible(
    sets: Sequence[Mapping[str, Any]], flavour: str, name: str, distribution: Sequence[float] | None
) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """Yield the sets that may have drawn a species, and whether each is the one that drew the event."""
    for row in sets:
        if row["is_counted"] and row["neutrino"] in (None, flavour.removesuffix(ANTI)):
            own = row["simulation_set"] == name and _distribution_of(row) == _as_distribution(distribution)
            yield row, own


def _ratio(row: Mapping[str, Any], own: Sequence[float] | None, energy: np.ndarray, cos_zenith: np.ndarray) -> Any:
    """Return the density of a set over that of the event's own, (n,); sets that tell none are taken as alike."""
    other, mine = _distribution_of(row), _as_distribution(own)
    if other == mine or other is None or mine is None:
        return 1.0
    density = mine.density(energy, cos_zenith)
    # An event at an edge of its own set may lie outside by rounding: nobody else's density helps to know its own.
    return np.divide(other.density(energy, cos_zenith), density, out=np.zeros_like(density), where=density > 0.0)


def _distribution_of(row: Mapping[str, Any]) -> Distribution | None:
    return None if row["radius"] is None else Distribution(*(row[name] for name in Distribution._fields))


def _as_distribution(values: Sequence[float] | None) -> Distribution | None:
    return None if values is None else Distribution(*values)
