"""From one i3 file to the canonical event table, with an account of every event that was in it."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.coordinates import local_to_equatorial
from core.dark_matter.channels import PDG_CODES
from core.errors import InputError
from core.events.angular_error import published_angular_error
from core.events.columns import Kind, empty_event_table, event_schema, event_table
from core.events.cuts import CutFlow
from core.events.generation import Generation, generation_of
from core.events.i3 import I3EventHeader, I3FormatError, I3MCTree, read_frames
from core.events.profiles import KeyProfile
from core.events.quantities import quantity
from core.events.ranges import problem_of
from core.events.weights import oneweight_per_event

FLAVOUR_OF_PDG: Mapping[int, str] = {code: flavour for flavour, code in PDG_CODES.items()}
INTERACTION_OF_TYPE: Mapping[float, str] = {1.0: "cc", 2.0: "nc"}

# I3EventHeader holds unsigned numbers; what was never set is their greatest.
UNSET_RUN = 2**32 - 1


class FileGeneration(NamedTuple):
    """One way in which events of a file were generated, and the generated share of each species seen among them."""

    generation: Generation
    fractions: Mapping[str, float]


@dataclass(frozen=True)
class Conversion:
    """What became of one file: its events, its cut flow, and n_read = n_kept + n_cut + n_broken.

    `problems` says for each kind of broken event how many there were; `damage` is what ended the file early, or None.
    Of simulation, `generations` are those of all events read, and `generation`, (n_kept,), tells which is an event's;
    `true_zenith` (n_kept,) in rad; `is_complete`: an event had all that the selection looks at.
    """

    path: Path
    events: pa.Table
    cut_flow: pa.Table
    n_read: int
    n_kept: int
    n_cut: int
    n_broken: int
    problems: Mapping[str, int]
    damage: str | None = None
    generations: tuple[FileGeneration, ...] = ()
    is_complete: bool = False
    generation: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    true_zenith: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))


class ReconstructedEvent(NamedTuple):
    """What a frame says of an event, simulated or not."""

    run: int
    event: int
    sub_event: int
    mjd: float
    reco_zenith: float
    reco_azimuth: float
    reco_energy: float
    event_class: str | None


class SimulatedTruth(NamedTuple):
    """What a frame says of the neutrino that was simulated."""

    true_zenith: float
    true_azimuth: float
    true_energy: float
    flavour: str
    interaction: str | None
    oneweight: float
    n_generated: float
    generated_fraction: float
    atmospheric_rate: float | None


class BrokenEventError(InputError):
    """An event that passes the cuts but lacks something that every event must have."""


def convert_file(
    path: str | Path, profile: KeyProfile, kind: Kind, season: str, n_files: int = 1, strict: bool = False
) -> Conversion:
    """Return the events of an i3 file that pass the profile's cuts, as the canonical table, and what became of all.

    `n_files`: simulated files by which weights and rates are divided. Damage to the file ends
    it and is reported in the result; with `strict` it is raised, and so is the first broken event.
    """
    path = Path(path)
    event_schema(kind)
    account = _Account(profile, kind, CutFlow(profile.cuts))
    damage = None
    try:
        for frame in read_frames(path, keys=profile.keys):
            try:
                account.take(frame)
            except InputError as error:
                if strict:
                    raise
                account.problems[_kind_of_problem(error)] += 1
    except InputError as error:
        if strict:
            raise
        damage = str(error)
    return Conversion(
        path=path,
        events=_table(account.kept, account.truths, kind, season, n_files),
        cut_flow=account.cut_flow.table(),
        n_read=account.n_read,
        n_kept=len(account.kept),
        n_cut=account.n_cut,
        n_broken=account.problems.total(),
        problems=dict(account.problems),
        damage=damage,
        generations=tuple(FileGeneration(one, account.fractions[one]) for one in account.fractions),
        generation=np.array(account.generation, dtype=np.int64),
        is_complete=account.is_complete,
        true_zenith=np.array([truth.true_zenith for truth in account.truths]),
    )


@dataclass
class _Account:
    """What the events of a file come to, one after the other."""

    profile: KeyProfile
    kind: Kind
    cut_flow: CutFlow
    kept: list[ReconstructedEvent] = field(default_factory=list)
    truths: list[SimulatedTruth] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)
    fractions: dict[Generation, dict[str, float]] = field(default_factory=dict)
    generation: list[int] = field(default_factory=list)
    n_read: int = 0
    n_cut: int = 0
    is_complete: bool = False

    def take(self, frame: Mapping[str, Any]) -> None:
        """Count an event and keep it if it passes the cuts; InputError if it is broken."""
        self.n_read += 1
        generation = self._generation(frame) if self.kind == "mc" else None
        if not self.cut_flow.keeps(frame):
            self.n_cut += 1
            self.is_complete = self.is_complete or (self.kind == "mc" and self._has_all(frame))
            return
        event = _reconstructed(frame, self.profile)
        if self.kind == "mc":
            truth = _simulated(frame, self.profile)
            generation = generation or Generation(truth.n_generated, None)
            self.fractions.setdefault(generation, {}).setdefault(truth.flavour, truth.generated_fraction)
            self.generation.append(list(self.fractions).index(generation))
            self.truths.append(truth)
        self.kept.append(event)
        self.is_complete = True

    def _has_all(self, frame: Mapping[str, Any]) -> bool:
        """Return whether an event has all that the selection looks at, so that it might have been kept."""
        profile = self.profile
        texts = [cut.quantity for cut in profile.cuts if cut.relation != "true where present"]
        texts += [profile.reco_zenith, profile.reco_azimuth, profile.reco_energy]
        return all(quantity(text).is_in(frame) for text in texts)

    def _generation(self, frame: Mapping[str, Any]) -> Generation | None:
        """Return how an event was generated, cut or not; the first of its kind in a file tells the species."""
        generation = generation_of(frame, self.profile)
        if generation is None or generation in self.fractions:
            return generation
        try:
            truth = _simulated(frame, self.profile)
        except InputError:
            return None
        self.fractions[generation] = {truth.flavour: truth.generated_fraction}
        return generation


def _kind_of_problem(error: InputError) -> str:
    """Return what is wrong without saying where, so that the same problem in many events is one."""
    if isinstance(error, I3FormatError):
        return f"key {error.key!r}: {error.problem}"
    return str(error)


def _required(frame: Mapping[str, Any], text: str, positive: bool = False, column: str | None = None) -> float:
    """Return a finite number that every event must have, of those that a column of events may hold."""
    value = quantity(text).value_in(frame)
    if value is None:
        raise BrokenEventError(f"{text} is missing")
    if not math.isfinite(value) or (positive and value <= 0.0):
        raise BrokenEventError(f"{text} is not {'positive' if positive else 'finite'}")
    if column is not None and (problem := problem_of(column, value, text)) is not None:
        raise BrokenEventError(problem)
    return value


def _reconstructed(frame: Mapping[str, Any], profile: KeyProfile) -> ReconstructedEvent:
    header = frame.get(profile.header)
    if not isinstance(header, I3EventHeader):
        raise BrokenEventError(f"{profile.header} is missing or no event header")
    if header.run_id == UNSET_RUN:
        raise BrokenEventError(f"{profile.header} has no run number")
    mjd = header.start_time.mjd
    if not math.isfinite(mjd) or problem_of("mjd", mjd, "") is not None:
        raise BrokenEventError(f"{profile.header} has no start time")
    event_class = None
    if profile.track_score is not None:
        event_class = "track" if _required(frame, profile.track_score) > profile.track_threshold else "cascade"
    return ReconstructedEvent(
        run=header.run_id,
        event=header.event_id,
        sub_event=header.sub_event_id,
        mjd=mjd,
        reco_zenith=_required(frame, profile.reco_zenith, column="reco_zenith"),
        reco_azimuth=_required(frame, profile.reco_azimuth, column="reco_azimuth"),
        reco_energy=_required(frame, profile.reco_energy, positive=True, column="reco_energy"),
        event_class=event_class,
    )


def _simulated(frame: Mapping[str, Any], profile: KeyProfile) -> SimulatedTruth:
    tree = frame.get(profile.tree)
    if not isinstance(tree, I3MCTree):
        raise BrokenEventError(f"{profile.tree} is missing or no tree of particles")
    primary = tree.most_energetic_primary()
    if primary is None:
        raise BrokenEventError(f"{profile.tree} has no single most energetic primary")
    if primary.pdg_encoding not in FLAVOUR_OF_PDG:
        raise BrokenEventError(f"the primary has PDG code {primary.pdg_encoding}, a neutrino is due")
    if not all(math.isfinite(value) for value in (*primary.direction, primary.energy)) or primary.energy <= 0.0:
        raise BrokenEventError("the primary has no direction or no energy")
    for column, value in (
        ("reco_zenith", primary.zenith),
        ("true_ra", primary.azimuth),
        ("true_energy", primary.energy),
    ):
        if (problem := problem_of(column, value, f"the primary's {column.removeprefix('reco_')}")) is not None:
            raise BrokenEventError(problem)
    if profile.generated_fraction is not None:
        fraction = _required(frame, profile.generated_fraction, positive=True)
    else:
        fraction = profile.neutrino_fraction if primary.pdg_encoding > 0 else 1.0 - profile.neutrino_fraction
    interaction = None if profile.interaction is None else quantity(profile.interaction).value_in(frame)
    rate = None if profile.atmospheric_rate is None else quantity(profile.atmospheric_rate).value_in(frame)
    return SimulatedTruth(
        true_zenith=primary.zenith,
        true_azimuth=primary.azimuth,
        true_energy=primary.energy,
        flavour=FLAVOUR_OF_PDG[primary.pdg_encoding],
        interaction=None if interaction is None else INTERACTION_OF_TYPE.get(interaction),
        oneweight=_required(frame, profile.oneweight, column="weight"),
        n_generated=_required(frame, profile.n_generated, positive=True),
        generated_fraction=fraction,
        atmospheric_rate=rate,
    )


def _table(
    kept: list[ReconstructedEvent], truths: list[SimulatedTruth], kind: Kind, season: str, n_files: int
) -> pa.Table:
    if not kept:
        return empty_event_table(kind)
    columns: dict[str, Any] = dict(zip(ReconstructedEvent._fields, zip(*kept, strict=True), strict=True))
    columns["season"] = [season] * len(kept)
    columns["reco_ra"], columns["reco_dec"] = local_to_equatorial(
        columns["reco_zenith"], columns["reco_azimuth"], columns["mjd"]
    )
    columns["angular_error"] = published_angular_error(columns["reco_energy"])
    if kind == "mc":
        truth: dict[str, Any] = dict(zip(SimulatedTruth._fields, zip(*truths, strict=True), strict=True))
        columns["true_ra"], columns["true_dec"] = local_to_equatorial(
            truth["true_zenith"], truth["true_azimuth"], columns["mjd"]
        )
        columns["weight"] = oneweight_per_event(
            truth["oneweight"], truth["n_generated"], n_files, truth["generated_fraction"]
        )
        columns["atmospheric_rate"] = [
            None if rate is None or not 0.0 <= rate < math.inf else rate / n_files for rate in truth["atmospheric_rate"]
        ]
        columns |= {name: truth[name] for name in ("true_energy", "flavour", "interaction")}
    return event_table(kind, columns)


def counts_table(conversions: list[Conversion]) -> pa.Table:
    """Return one row a file: path, n_read, n_kept, n_cut, n_broken, problems and damage (null: none)."""
    rows = [
        {
            "path": str(conversion.path),
            "n_read": conversion.n_read,
            "n_kept": conversion.n_kept,
            "n_cut": conversion.n_cut,
            "n_broken": conversion.n_broken,
            "problems": "; ".join(f"{problem} ({number})" for problem, number in sorted(conversion.problems.items())),
            "damage": conversion.damage,
        }
        for conversion in conversions
    ]
    return pa.Table.from_pylist(rows, schema=COUNTS_SCHEMA)


COUNTS_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("n_read", pa.int64(), nullable=False),
        pa.field("n_kept", pa.int64(), nullable=False),
        pa.field("n_cut", pa.int64(), nullable=False),
        pa.field("n_broken", pa.int64(), nullable=False),
        pa.field("problems", pa.string(), nullable=False),
        pa.field("damage", pa.string()),
    ]
)
