"""How the shards of the generator become a table, alone or on top of one that stands."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.dark_matter.channels import Channel, canonical_channel
from core.errors import InputError
from core.spectra.generator import GeneratedSpectrum, merged, pythia_version
from core.spectra.generator_settings import generator_settings
from core.spectra.grid import LOG10_X, Array
from core.spectra.production import AT_REST_WIDTH, Shard, read_shard
from core.spectra.shipped import read_table, table_metadata, table_rows, write_table
from core.spectra.spectrum import ProducedSpectra

# (channel, whether the pair is at rest, mass)
RunKey = tuple[Channel, bool, float]


def assemble_table(folder: Path, path: Path, onto: Path | None = None) -> None:
    """Write the table of all shards in a folder to a Parquet file, with how it was made in its metadata.

    `onto`: a table that the shards are added to. A pair that it has already is pooled with its new shards, events
    weighing alike; a boson pair at rest is replaced. Raises InputError when there are no shards, when a seed would
    count twice, or when another version of the generator made that table.
    """
    runs = {} if onto is None else _standing_runs(onto)
    n_shards = 0
    for at_rest, run in _summed_shards(folder):
        n_shards += 1
        made = {
            "channel": run.channel,
            "mass": run.mass,
            "at_rest": at_rest,
            "n_events": run.n_events,
            "seeds": sorted(run.seeds),
            "n_rejected": run.n_rejected,
            "largest_energy_error": run.largest_energy_error,
        }
        key = (run.channel, at_rest, run.mass)
        if at_rest:
            runs = {other: kept for other, kept in runs.items() if other[:2] != key[:2]}
        runs[key] = _added(runs[key], (produced(run), made)) if key in runs else (produced(run), made)
    if n_shards == 0:
        raise InputError(f"{folder}: has no shards to make a table of")
    ordered = [runs[key] for key in sorted(runs)]
    write_table(
        path,
        [row for spectra, made in ordered for row in table_rows(spectra, made["at_rest"])],
        {
            "generator": f"Pythia {pythia_version()}",
            "settings": _settings(runs),
            "settings_note": "of each channel's heaviest mass; Beams:eCM and the resonance's mass are twice the mass, "
            "the weak shower is on above 100 GeV",
            "statistical_errors": "of counts the root; of multiplicity and energy fraction from the spread of events",
            "log10_x": LOG10_X.tolist(),
            "runs": [made for _, made in ordered],
        },
    )


def missing_shards(planned: Sequence[Shard], table: Path) -> list[Shard]:
    """Return the planned shards whose events are not in a table yet, by its metadata."""
    standing = {
        (run["channel"], run["mass"], run["at_rest"], seed)
        for run in table_metadata(table)["runs"]
        for seed in run["seeds"]
    }
    return [shard for shard in planned if (shard.channel, shard.mass, shard.at_rest, shard.seed) not in standing]


def produced(generated: GeneratedSpectrum) -> ProducedSpectra:
    """Return generated events as spectra per annihilation with their statistical errors."""
    return ProducedSpectra(
        generated.channel,
        generated.mass,
        LOG10_X,
        generated.counts() / generated.n_events,
        generated.n_line / generated.n_events,
        generated.multiplicity()[1],
        generated.energy_fraction()[1],
        generated.n_events,
    )


def pooled(first: ProducedSpectra, second: ProducedSpectra) -> ProducedSpectra:
    """Return the spectra of two independent runs of one pair together, each event weighing alike."""
    n_events = first.n_events + second.n_events
    shares = first.n_events / n_events, second.n_events / n_events
    return ProducedSpectra(
        first.channel,
        first.mass,
        first.log10_x,
        shares[0] * first.counts + shares[1] * second.counts,
        shares[0] * first.line + shares[1] * second.line,
        _pooled_error(shares, n_events, [(run.multiplicity(), run.multiplicity_error) for run in (first, second)]),
        _pooled_error(
            shares, n_events, [(run.energy_fraction(), run.energy_fraction_error) for run in (first, second)]
        ),
        n_events,
    )


def _pooled_error(
    shares: tuple[float, float], n_events: int, runs: Sequence[tuple[Array, Array | None]]
) -> Array | None:
    """Return the error of the mean of all events from mean and error of each run.

    An event's variance is σ_k² n_k within run k, and E[y²] of all is the mean of σ_k² n_k + ȳ_k².
    """
    mean, mean_square = np.zeros(6), np.zeros(6)
    for share, (run_mean, error) in zip(shares, runs, strict=True):
        if error is None:
            return None
        mean += share * run_mean
        mean_square += share * (error**2 * share * n_events + run_mean**2)
    return np.asarray(np.sqrt(np.maximum(mean_square - mean**2, 0.0) / n_events))


def _standing_runs(path: Path) -> dict[RunKey, tuple[ProducedSpectra, dict[str, Any]]]:
    table, made = read_table(path), table_metadata(path)
    if made["generator"] != f"Pythia {pythia_version()}":
        raise InputError(f"{path}: was made with {made['generator']}, here is {pythia_version()}: make the table anew")
    runs: dict[RunKey, tuple[ProducedSpectra, dict[str, Any]]] = {}
    for run in made["runs"]:
        channel = canonical_channel(run["channel"])
        spectra = table.at_rest[channel] if run["at_rest"] else table.pairs[channel][run["mass"]]
        runs[channel, run["at_rest"], run["mass"]] = spectra, run
    return runs


def _added(
    standing: tuple[ProducedSpectra, dict[str, Any]], new: tuple[ProducedSpectra, dict[str, Any]]
) -> tuple[ProducedSpectra, dict[str, Any]]:
    """Return a run of the table and new shards of it as one run."""
    (before, made), (spectra, more) = standing, new
    twice = sorted(set(made["seeds"]) & set(more["seeds"]))
    if twice:
        raise InputError(
            f"{made['channel']} at {made['mass']:g} GeV: the table has the events of seed {twice[0]} already; "
            "take those shards away, or make the table without `onto`"
        )
    together = {
        "n_events": made["n_events"] + more["n_events"],
        "seeds": sorted(made["seeds"] + more["seeds"]),
        "n_rejected": made["n_rejected"] + more["n_rejected"],
        "largest_energy_error": max(made["largest_energy_error"], more["largest_energy_error"]),
    }
    return pooled(before, spectra), {**made, **together}


def _settings(runs: Iterable[RunKey]) -> dict[str, list[str]]:
    heaviest: dict[tuple[Channel, bool], float] = {}
    for channel, at_rest, mass in runs:
        heaviest[channel, at_rest] = max(mass, heaviest.get((channel, at_rest), 0.0))
    return {
        f"{channel} at rest" if at_rest else channel: generator_settings(
            channel, mass, AT_REST_WIDTH if at_rest else None
        )
        for (channel, at_rest), mass in heaviest.items()
    }


def _summed_shards(folder: Path) -> Iterator[tuple[bool, GeneratedSpectrum]]:
    by_run: dict[tuple[str, bool, float], list[GeneratedSpectrum]] = defaultdict(list)
    for path in _shard_files(folder):
        shard = read_shard(path)
        by_run[shard.channel, path.name.startswith(f"{shard.channel}rest_"), shard.mass].append(shard)
    for (_, at_rest, _), parts in sorted(by_run.items()):
        yield at_rest, merged(parts)


def _shard_files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.glob("*.npz") if not path.name.startswith((".", "tmp")))
