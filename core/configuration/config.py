"""The configuration of an analysis: one TOML file, whose defaults are the public analysis.

Every value is checked when it is read. An unknown key or an impossible value raises ConfigError, which names the
path of the key, what stood there and what is allowed.
"""

import os
import re
import reprlib
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Self, get_args

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator, model_validator

from core.configuration.channels import by_channel, named_mixtures
from core.configuration.counts import CountsLimitSettings, SystematicsSettings
from core.configuration.events import EventSettings
from core.configuration.fields import PathOrUrl, Real, Settings, Whole, number, written_path
from core.configuration.halo import HaloSettings
from core.configuration.inputs import SourceSettings, SpectraSettings
from core.configuration.limits import LimitSettings
from core.configuration.samples import (
    PUBLIC_SAMPLE,
    SETTINGS_OF_SAMPLES,
    WHY_NOT_OF_SAMPLE,
    BinnedSettings,
    BinSettings,
    SimulatedSettings,
)
from core.configuration.statistics import SETTINGS_OF_EVENTS, StatisticSettings
from core.configuration.trials import TrialSettings
from core.configuration.windows import BY_EDGES, BY_NAME, EnergyRangeSettings
from core.dark_matter.channels import PUBLISHED_ALIASES, PUBLISHED_PAIRS, Channel, listed
from core.dark_matter.processes import PROCESSES, ProcessName
from core.errors import ConfigError, DwarfnuError, InputError
from core.files import MOST_CONFIGURATION, read_text
from core.signal.windows import published_window

PRODUCTS_VARIABLE = "DWARFNU_PRODUCTS"
DEFAULT_PRODUCTS = "products"
# Many times the published ones; beyond, a list was made by mistake.
MOST_PAIRS = 5000
MOST_SHOWN = 300
# A key of so many parts is of no setting, and takes the parser minutes.
LONG_KEY = re.compile(r"^[ \t]*\[*(?:[\w\-]+[ \t]*\.[ \t]*){64}", re.MULTILINE)


Mass = Annotated[float, Field(ge=1.0, le=1000.0, allow_inf_nan=False), BeforeValidator(number)]


class Config(Settings):
    """All that an analysis is made from."""

    analysis: str = Field(default="public-3y", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$")
    """Name of the analysis, and of the folder that holds its products."""
    sample: Annotated[str, Field(json_schema_extra={"enum": list(SETTINGS_OF_SAMPLES)})] = PUBLIC_SAMPLE
    """public-3y: IceCube DeepCore's public three-year sample B. simulated-7y: drawn. own: the files of `events`.

    binned: response and counts of `binned`, of another public release say."""
    process: ProcessName = "annihilation"
    """annihilation: of particles that are their own antiparticles; dirac_annihilation: others; decay: lifetimes."""
    seed: Whole = Field(default=1, ge=0, lt=2**63)
    """Seed of all random numbers."""
    products: PathOrUrl | None = None
    """Folder or URL that holds products. Not set: the environment's DWARFNU_PRODUCTS, else ./products."""
    spectra: SpectraSettings = SpectraSettings()
    mixtures: dict[str, dict[str, Real]] = Field(default_factory=dict)
    """Channels of your own by name: the branching fractions, which sum to 1, of channels of ours or of spectra.file."""
    pairs: dict[str, Annotated[tuple[Mass, ...], Field(min_length=1)]] = Field(
        default_factory=lambda: _grid(PUBLISHED_PAIRS), min_length=1
    )
    """Masses (GeV) by channel; the 44 published pairs when not set, of decay at twice their masses."""
    sources: SourceSettings = SourceSettings()
    halo: HaloSettings = HaloSettings()
    statistic: StatisticSettings = StatisticSettings()
    trials: TrialSettings = TrialSettings()
    counts_limit: CountsLimitSettings = CountsLimitSettings()
    systematics: SystematicsSettings = SystematicsSettings()
    events: EventSettings = EventSettings()
    simulated: SimulatedSettings = SimulatedSettings()
    bins: BinSettings = BinSettings()
    binned: BinnedSettings = BinnedSettings()
    energy_range: EnergyRangeSettings = EnergyRangeSettings()
    limits: LimitSettings = LimitSettings()

    @model_validator(mode="before")
    @classmethod
    def _named_after_its_sample(cls, values: Any) -> Any:
        if not isinstance(values, Mapping) or values.get("analysis"):
            return values
        sample, decays = values.get("sample", PUBLIC_SAMPLE), values.get("process") == "decay"
        is_plain_public = sample == PUBLIC_SAMPLE and not decays
        if is_plain_public or sample not in SETTINGS_OF_SAMPLES or "events" in SETTINGS_OF_SAMPLES[sample]:
            return values
        return {**values, "analysis": f"{sample}-decay" if decays else sample}

    @model_validator(mode="before")
    @classmethod
    def _pairs_of_decay(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and values.get("process") == "decay" and values.get("pairs") is None:
            doubled = {name: tuple(2.0 * mass for mass in masses) for name, masses in _grid(PUBLISHED_PAIRS).items()}
            return {**values, "pairs": doubled}
        return values

    @model_validator(mode="after")
    def _one_process(self) -> Self:
        if not PROCESSES[self.process].is_decay:
            if any(signal.sigma_v is None for signal in self.simulated.injected):
                raise ValueError(f"simulated.injected gives a lifetime, but process = {self.process!r}: give sigma_v")
            return self
        if self.sources.catalogue == "embedded":
            raise ValueError(
                "process = 'decay' needs D factors, which the embedded catalogue does not have: set sources.catalogue"
            )
        if self.sources.subhalo_boost != 1.0:
            raise ValueError(
                "sources.subhalo_boost is of annihilation, which needs two particles: leave it out for decay"
            )
        if self.statistic.window == "published":
            raise ValueError("statistic.window = 'published' is of annihilation: set edges or 'optimal' for decay")
        if any(signal.lifetime is None for signal in self.simulated.injected):
            raise ValueError("simulated.injected gives sigma_v, but process = 'decay': give lifetime")
        return self

    @model_validator(mode="after")
    def _one_sample(self) -> Self:
        if self.sample not in SETTINGS_OF_SAMPLES:
            raise ValueError(f"there is no sample {self.sample!r}: there are {listed(SETTINGS_OF_SAMPLES)}")
        if complaint := self._foreign_settings():
            raise ValueError(complaint)
        if self.sample != PUBLIC_SAMPLE and self.analysis == PUBLIC_SAMPLE:
            raise ValueError(f"analysis = {self.analysis!r} is the name of the public analysis: give an own name")
        if "events" in SETTINGS_OF_SAMPLES[self.sample] and (complaint := self.events.complaint()):
            raise ValueError(complaint)
        if "binned" in SETTINGS_OF_SAMPLES[self.sample] and (complaint := self.binned.complaint()):
            raise ValueError(complaint)
        for signal in self.simulated.injected:
            if (signal.channel, signal.mass) not in self.channel_masses:
                raise ValueError(f"simulated.injected: {signal.channel} at {signal.mass:g} GeV is not among the pairs")
        return self

    @model_validator(mode="after")
    def _one_likelihood_of_drawn_factors(self) -> Self:
        if self.sources.j_uncertainty == "marginalised" and self.statistic.name == "j_weighted":
            raise ValueError(
                'sources.j_uncertainty = "marginalised" draws the J factors of the statistic "joint": leave one of the '
                "two out"
            )
        if self.sources.j_uncertainty == "marginalised" and self.halo.treatment != "none":
            raise ValueError(
                'sources.j_uncertainty = "marginalised" draws the J factors of galaxies alone: leave halo.treatment out'
            )
        return self

    def _foreign_settings(self) -> str | None:
        """Return which group of settings is set that another sample has, in words."""
        own = SETTINGS_OF_SAMPLES[self.sample]
        for name, why in WHY_NOT_OF_SAMPLE.items():
            group = getattr(self, name)
            unset = type(group)(strict=group.strict) if isinstance(group, EventSettings) else type(group)()
            if name not in own and group != unset:
                return f"{name} is set, but sample = {self.sample!r}{why}"
        for name in SETTINGS_OF_EVENTS if "bins" not in own else ():
            if getattr(self.statistic, name) != StatisticSettings.model_fields[name].default:
                return f"statistic.{name} is set, but sample = {self.sample!r} has no single events"
        return None

    @model_validator(mode="after")
    def _few_enough_shards(self) -> Self:
        if complaint := self.trials.complaint(len(self.channel_masses)):
            raise ValueError(complaint)
        return self

    @model_validator(mode="after")
    def _halo_of_the_joint_statistic(self) -> Self:
        if self.halo.treatment != "none" and self.statistic.name != "joint":
            raise ValueError(
                f'halo.treatment = "{self.halo.treatment}" needs the statistic "joint": "{self.statistic.name}" sees '
                'angles to galaxies alone; leave the treatment out, or set statistic.name = "joint"'
            )
        return self

    @model_validator(mode="after")
    def _pairs_have_windows(self) -> Self:
        if self.statistic.window == "published":
            for channel, mass in self.channel_masses:
                try:
                    published_window(channel, mass)
                except DwarfnuError as error:
                    raise ValueError(f'statistic.window = "published": {error}; leave the pair out') from error
        return self

    @field_validator("mixtures")
    @classmethod
    def _possible_mixtures(cls, mixtures: dict[str, dict[str, float]], info: ValidationInfo) -> Any:
        return named_mixtures(mixtures, _file_channel(info))

    @field_validator("pairs")
    @classmethod
    def _known_channels(cls, pairs: dict[str, tuple[float, ...]], info: ValidationInfo) -> Any:
        return by_channel(pairs, (*_file_channel(info), *info.data.get("mixtures", ())), "pairs")

    @field_validator("pairs", mode="before")
    @classmethod
    def _each_pair_once(cls, pairs: object) -> object:
        if not isinstance(pairs, Mapping):
            return pairs
        channels = [PUBLISHED_ALIASES.get(name, name) for name in pairs]
        for channel, number_of_times in Counter(channels).items():
            if number_of_times > 1:
                raise ValueError(f"pairs names channel {channel} twice")
        lists = [masses for masses in pairs.values() if isinstance(masses, list | tuple)]
        if (n_pairs := sum(map(len, lists))) > MOST_PAIRS:
            raise ValueError(f"pairs names {n_pairs:,} pairs of channel and mass, {MOST_PAIRS:,} at most are allowed")
        for channel, masses in zip(channels, pairs.values(), strict=True):
            listed_masses = masses if isinstance(masses, list | tuple) else ()
            counted = Counter(mass for mass in listed_masses if isinstance(mass, int | float | str))
            for mass, number_of_times in counted.items():
                if number_of_times > 1:
                    raise ValueError(f"pairs names mass {mass} of {channel} twice")
        return pairs

    @property
    def channel_masses(self) -> tuple[tuple[Channel, float], ...]:
        """All pairs of channel and mass (GeV)."""
        return tuple((channel, mass) for channel, masses in self.pairs.items() for mass in masses)

    @property
    def product_root(self) -> str:
        """Where products lie: the configuration's root, else the environment's, else ./products.

        Raises ConfigError if the environment names a home folder that there is not.
        """
        if self.products:
            return self.products
        try:
            return written_path(os.environ.get(PRODUCTS_VARIABLE) or DEFAULT_PRODUCTS)
        except ValueError as error:
            raise ConfigError(f"{PRODUCTS_VARIABLE} = {os.environ[PRODUCTS_VARIABLE]!r}: {error}") from error


def _file_channel(info: ValidationInfo) -> tuple[str, ...]:
    """Return the name of the channel of the user's spectra, where there are any."""
    return tuple(info.data["spectra"].files) if "spectra" in info.data else ()


def _grid(pairs: tuple[tuple[Channel, float], ...]) -> dict[str, tuple[float, ...]]:
    channels = dict.fromkeys(channel for channel, _ in pairs)
    return {channel: tuple(mass for other, mass in pairs if other == channel) for channel in channels}


def read_config(path: Path | None = None, **changes: Any) -> Config:
    """Return the configuration in a TOML file, the public analysis without one, with some top-level values changed.

    Relative paths in the file are meant from the file's folder. Raises ConfigError.
    """
    values = {} if path is None else _toml(path)
    values |= {name: value for name, value in changes.items() if value is not None}
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        raise ConfigError(_first_complaint(error, path)) from error
    except RecursionError as error:
        raise ConfigError(f"{path}: its tables or lists are nested too deeply") from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        text = read_text(path, MOST_CONFIGURATION)
        if LONG_KEY.search(text):
            raise ConfigError(f"{path}: its tables or lists are nested too deeply")
        values = tomllib.loads(text)
    except InputError as error:
        raise ConfigError(f"cannot read the configuration {str(error).removeprefix('cannot read ')}") from error
    except ValueError as error:  # a number of thousands of digits is no TOMLDecodeError
        raise ConfigError(f"{path} is not a TOML file: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: its tables or lists are nested too deeply") from error
    _anchor(values, "products", path.parent, keep=())
    _anchor(values.get("sources"), "catalogue", path.parent, keep=("embedded",))
    _anchor(values.get("spectra"), "source", path.parent, keep=("pythia",))
    _anchor(values.get("spectra"), "file", path.parent, keep=())
    _anchor(values.get("systematics"), "spectra_source", path.parent, keep=("pythia",))
    for name in ("response", "event_counts", "hyperplanes"):
        _anchor(values.get("binned"), name, path.parent, keep=())
    for name in ("data", "simulation", "good_runs"):
        _anchor_each(values.get("events"), name, path.parent.absolute())
    events = values.get("events")
    sets = events.get("simulation_sets") if isinstance(events, dict) else None
    for one in sets if isinstance(sets, list) else ():
        _anchor_each(one, "files", path.parent.absolute())
    return values


def _anchor(group: Any, name: str, folder: Path, keep: tuple[str, ...]) -> None:
    if isinstance(group, dict) and isinstance(group.get(name), str) and group[name] not in keep:
        group[name] = _anchored(group[name], folder)


def _anchor_each(group: Any, name: str, folder: Path) -> None:
    if isinstance(group, dict) and isinstance(group.get(name), list):
        group[name] = [_anchored(value, folder) if isinstance(value, str) else value for value in group[name]]


def _anchored(value: str, folder: Path) -> str:
    is_relative = value.strip() and "://" not in value and not value.startswith("~")
    return str(folder / value) if is_relative else value


def _first_complaint(error: ValidationError, path: Path | None) -> str:
    complaint = error.errors()[0]
    where = ".".join(str(step) for step in complaint["loc"] if step not in (BY_EDGES, BY_NAME))
    source = f"{path}: " if path else ""
    if complaint["type"] == "extra_forbidden":
        group = _group_at(complaint["loc"][:-1])
        return f"{source}unknown key {where}; known here are {', '.join(group.model_fields)}"
    message = complaint["msg"].removeprefix("Value error, ")
    if not where:
        return f"{source}{message}"
    given = reprlib.repr(complaint["input"]) if len(str(complaint["input"])) > MOST_SHOWN else repr(complaint["input"])
    return f"{source}{where} = {given}: {message[:1].lower()}{message[1:]}"


def _group_at(location: tuple[int | str, ...]) -> type[Settings]:
    group: type[Settings] = Config
    for step in location:
        if isinstance(step, int):
            continue
        annotation = group.model_fields[step].annotation
        for candidate in (annotation, *_arguments(annotation)):
            if isinstance(candidate, type) and issubclass(candidate, Settings):
                group = candidate
    return group


def _arguments(annotation: Any) -> Iterator[Any]:
    """Yield what an annotation such as tuple[X, ...] | None is made of."""
    for argument in get_args(annotation):
        yield argument
        yield from _arguments(argument)
