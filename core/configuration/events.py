"""Settings of an event sample of one's own: which files, in which format, under which names."""

from dataclasses import fields
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.configuration.fields import PathOrUrl, Real, Settings, Whole
from core.dark_matter.channels import listed
from core.errors import DwarfnuError
from core.events.columns import Kind
from core.events.cuts import Cut, Relation
from core.events.profiles import KeyProfile, key_profile
from core.events.skylab import PUBLISHED_ONEWEIGHT_SCALE
from core.products.recipe import PLAIN_NAME

Scale = Annotated[Real, Field(gt=0.0)]
# What a table of names may replace in a profile; its name and its cuts have settings of their own.
CHANGEABLE_KEYS = tuple(field.name for field in fields(KeyProfile) if field.name not in ("name", "cuts"))


def _season(name: str) -> str:
    if not PLAIN_NAME.fullmatch(name):
        raise ValueError("input should be a season such as IC86_2011: letters, digits and _ . + -")
    return name


Season = Annotated[str, AfterValidator(_season)]


class CutSettings(Settings):
    """One condition that an event must meet."""

    name: str
    """What the cut is called in the cut flow."""
    quantity: str
    """"Key", "Key.attribute" or "Key[entry]"."""
    relation: Relation
    """How the quantity must stand to the threshold."""
    threshold: Real = 0.0
    """The number that it is held against."""


class SimulationSetSettings(Settings):
    """A set of simulated files that were generated together."""

    files: Annotated[tuple[PathOrUrl, ...], Field(min_length=1)]
    """Its files, as in events.simulation, to which they are added."""
    name: str = ""
    """What it is called in the accounts; its number when not set."""
    n_files: Annotated[Whole, Field(ge=1)] | None = None
    """Files that were generated, those that left no event too; as many as are given when not set."""
    n_events: Annotated[Real, Field(gt=0.0)] | None = None
    """Events that were generated for a file; what its frames say (NEvents) when not set."""


class EventSettings(Settings):
    """The files of an own sample. Paths may be patterns (*, ?, [ab], **); relative ones start at the TOML's folder."""

    format: Literal["i3", "skylab", "parquet"] = "i3"
    """i3: IceTray files. skylab: structured .npy, one a season. parquet: tables with our own columns."""
    data: tuple[PathOrUrl, ...] = ()
    """Files of measured events."""
    simulation: tuple[PathOrUrl, ...] = ()
    """Files of simulated events."""
    good_runs: tuple[PathOrUrl, ...] = ()
    """Lists of good runs (.npy); they give the livetime, and measured events of other runs are left out."""
    profile: Literal["dragon", "oscnext"] = "dragon"
    """Names and cuts of i3 files: dragon as in arXiv:2511.19385, oscnext as in IceCube's oscillation analyses."""
    key_names: dict[str, str | Real] = Field(default_factory=dict)
    """Names that differ from the profile's; an empty text: the sample has no such quantity."""
    cuts: tuple[CutSettings, ...] | None = None
    """Cuts in place of the profile's."""
    oneweight_scale: Scale | None = None
    """Factor on the weight ow of skylab simulation, which must be told: 0.5 for the published conversion."""
    energy_scale: dict[Season, Scale] = Field(default_factory=dict)
    """Factor on reconstructed energies by season; the published analysis takes 1.04 for those after 2015."""
    n_simulated_files: Annotated[Whole, Field(ge=1)] | None = None
    """Simulated i3 files in each season, where all are of one generated set; as many as are given when not set."""
    simulation_sets: tuple[SimulationSetSettings, ...] = ()
    """Generated sets of simulated i3 files; files that none names are told apart by their names and frames."""
    season: Season | None = None
    """Season of files whose names and folders tell none."""
    strict: bool = False
    """Whether a damaged file, or a broken event, fails its task instead of being reported."""

    def patterns(self, kind: Kind) -> tuple[str, ...]:
        """Return the paths and patterns of measured or simulated files."""
        if kind == "data":
            return self.data
        return (*self.simulation, *(pattern for one in self.simulation_sets for pattern in one.files))

    def key_profile(self) -> KeyProfile:
        """Return the names and cuts of i3 files. Raises ConfigError or InputError if they mean nothing."""
        changes: dict[str, object] = {name: value if value != "" else None for name, value in self.key_names.items()}
        if self.cuts is not None:
            changes["cuts"] = tuple(Cut(**cut.model_dump()) for cut in self.cuts)
        return key_profile(self.profile).changed(**changes)

    def complaint(self) -> str | None:
        """Return what cannot be meant together, with what is allowed; None if all can."""
        if not (self.data or self.patterns("mc")):
            return "events.data and events.simulation name no files: give one of them, or both"
        if self.format != "i3":
            only_i3 = ("key_names", "cuts", "n_simulated_files", "simulation_sets")
            names = {name: getattr(self, name) for name in only_i3}
            given = [f"events.{name}" for name, value in names.items() if value]
            given += ["events.profile"] if self.profile != "dragon" else []
            if given:
                return f"{listed(given)}: only events.format = 'i3' takes it, not {self.format!r}"
        if self.format == "skylab" and self.simulation and self.oneweight_scale is None:
            return (
                "events.oneweight_scale is missing: skylab simulation needs a number above 0, "
                f"{PUBLISHED_ONEWEIGHT_SCALE} for files of the published conversion, which doubled ow"
            )
        if self.format != "skylab" and self.oneweight_scale is not None:
            return f"events.oneweight_scale: only events.format = 'skylab' takes it, not {self.format!r}"
        return self._wrong_names()

    def _wrong_names(self) -> str | None:
        if unknown := sorted(self.key_names.keys() - set(CHANGEABLE_KEYS)):
            return f"unknown key events.key_names.{unknown[0]}; known here are {', '.join(CHANGEABLE_KEYS)}"
        numeric = {"track_threshold", "neutrino_fraction"}
        for name, value in self.key_names.items():
            if (name in numeric) == isinstance(value, str):
                return f"events.key_names.{name} = {value!r}: a {'number' if name in numeric else 'name'} is due"
        needed = {"reco_zenith", "reco_azimuth", "reco_energy", "header", "tree", "oneweight", "n_generated"}
        if empty := sorted(name for name in needed & self.key_names.keys() if self.key_names[name] == ""):
            return f"events.key_names.{empty[0]} = '': every sample has it; give its name"
        try:
            self.key_profile()
        except DwarfnuError as error:
            return f"events: {error}"
        return None
