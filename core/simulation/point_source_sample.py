"""The ten-year point-source release as files of a sample of one's own: events, good runs, simulation, settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import InputError
from core.events.livetime import in_good_runs, refuse_overlap, total_livetime
from core.events.point_source_events import counted, read_point_source_events, read_uptime, without_repeated
from core.events.point_source_release import CITATION, PointSourceSeason, check_release
from core.products.digests import digest_of_file
from core.response.point_source_tables import Smearing, TabulatedArea, read_effective_area, read_smearing
from core.simulation.point_source_draws import drawn_point_source_events
from core.simulation.point_source_settings import point_source_configuration
from core.units import DAY

DATA, SIMULATION, GOOD_RUNS, CONFIGURATION = "data.parquet", "simulation.parquet", "good_runs.npy", "analysis.toml"
GOOD_RUN_COLUMNS = {
    "run": "run",
    "start": "mjd_start",
    "stop": "mjd_stop",
    "livetime": "livetime",
    "events": "n_events",
}


@dataclass(frozen=True)
class PointSourceSample:
    """The tables of a season: measured and simulated events, good runs, and digests of the files that they are from.

    `n_repeated`: events that stood there before and are left out; `n_empty`: cells of its smearing matrix without
    simulated events, which that of the nearest energy stands for.
    """

    season: PointSourceSeason
    events: pa.Table
    simulation: pa.Table
    good_runs: pa.Table
    n_repeated: int
    n_empty: int
    origin: dict[str, str]

    @property
    def summary(self) -> str:
        """What is in the season, in a line."""
        n_good = in_good_runs(self.events, self.good_runs).num_rows
        words = [
            f"{self.season.name}: {total_livetime(self.good_runs) / DAY:.2f} days",
            f"{self.events.num_rows:,} events",
            f"{self.simulation.num_rows:,} simulated",
        ]
        words += [f"{n_outside:,} outside good runs"] if (n_outside := self.events.num_rows - n_good) else []
        words += [f"{self.n_repeated:,} repeated left out"] if self.n_repeated else []
        words += [f"{self.n_empty:,} cells of smearing without events"] if self.n_empty else []
        return ", ".join(words)


def write_point_source_sample(
    folder: Path, output: Path, seasons: Sequence[PointSourceSeason], n_simulated: int, seed: int
) -> tuple[Path, list[PointSourceSample]]:
    """Write the files of a sample from the release in a folder into another; return the configuration and the seasons.

    `n_simulated`: events of each season. Raises InputError, naming file, column, row and value, for files that are not
    those of the release; nothing is written then.
    """
    check_release(folder, seasons)
    responses = {season.response_name: _response(folder, season) for season in seasons}
    made = _samples(folder, seasons, responses, n_simulated, seed)
    if not any(in_good_runs(one.events, one.good_runs).num_rows for one in made):
        raise InputError(f"{folder}: no measured event lies in a good run: there is no background to estimate")
    areas, smearings = zip(*responses.values(), strict=True)
    settings = point_source_configuration(areas[-1], smearings)
    try:
        output.mkdir(parents=True, exist_ok=True)
        for one in made:
            _write(one, output)
        (output / CONFIGURATION).write_text(settings, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write into {output}: {error.strerror or error}") from error
    return output / CONFIGURATION, made


def _response(folder: Path, season: PointSourceSeason) -> tuple[TabulatedArea, Smearing]:
    return read_effective_area(season.area_file(folder)), read_smearing(season.smearing_file(folder))


def _samples(
    folder: Path,
    seasons: Sequence[PointSourceSeason],
    responses: dict[str, tuple[TabulatedArea, Smearing]],
    n_simulated: int,
    seed: int,
) -> list[PointSourceSample]:
    """Return the tables of all seasons; InputError if their good runs overlap: the detector was one at a time."""
    runs = [read_uptime(folder, season) for season in seasons]
    refuse_overlap(pa.concat_tables(runs), str(folder))
    read = [read_point_source_events(folder, season, own) for season, own in zip(seasons, runs, strict=True)]
    samples = []
    for season, own, events, kept in zip(seasons, runs, read, without_repeated(read), strict=True):
        area, smearing = responses[season.response_name]
        files = season.events_file, season.uptime_file, season.area_file, season.smearing_file
        samples.append(
            PointSourceSample(
                season=season,
                events=kept,
                simulation=drawn_point_source_events(area, smearing, season, n_simulated, seed),
                good_runs=counted(own, kept),
                n_repeated=events.num_rows - kept.num_rows,
                n_empty=smearing.n_empty,
                origin={"source": CITATION} | {path.name: digest_of_file(path) for path in (f(folder) for f in files)},
            )
        )
    return samples


def _write(sample: PointSourceSample, output: Path) -> None:
    """Write the events, the simulation and the good runs of a season, under its name."""
    name = sample.season.name
    for kind, table in ((DATA, sample.events), (SIMULATION, sample.simulation)):
        pq.write_table(table.replace_schema_metadata(sample.origin), output / f"{name}_{kind}")
    columns = {ours: sample.good_runs[theirs].to_numpy() for ours, theirs in GOOD_RUN_COLUMNS.items()}
    columns["livetime"] = columns["livetime"] / DAY
    runs = np.empty(sample.good_runs.num_rows, dtype=[(name, values.dtype) for name, values in columns.items()])
    for column, values in columns.items():
        runs[column] = values
    np.save(output / f"{name}_{GOOD_RUNS}", runs)
