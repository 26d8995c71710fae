"""The configuration of an analysis: one TOML file, whose defaults are the public analysis.

Every value is checked when it is read. An unknown key or an impossible value raises ConfigError, which names the
path of the key, what stood there and what is allowed.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator, model_validator

from core.channel_settings import by_channel, named_mixtures
from core.channels import PUBLISHED_ALIASES, PUBLISHED_PAIRS, Channel
from core.errors import ConfigError, DwarfnuError
from core.event_settings import EventSettings
from core.input_settings import SourceSettings, SpectraSettings
from core.processes import PROCESSES, ProcessName
from core.sample_settings import BinSettings, SimulatedSettings
from core.settings import Place, Real, Settings, Whole, number, place
from core.window_settings import BY_EDGES, BY_NAME, EnergyRangeSettings, WindowSetting
from core.windows import published_window

PRODUCTS_VARIABLE = "DWARFNU_PRODUCTS"
DEFAULT_PRODUCTS = "products"
MIN_N_INJECTED = 3
# Settings that only one statistic knows.
OF_ONE_STATISTIC = {
    "joint": ("background", "nside", "n_cells"),
    "j_weighted": (
        "skies",
        "n_angle_bins",
        "declination_band_deg",
        "declination_smoothing_deg",
        "signal",
        "signal_band_deg",
        "grid",
    ),
}
# Settings of the statistic that mean something only where there are single events.
OF_EVENTS = ("declination_smoothing_deg", "signal", "signal_band_deg")
PUBLIC_SAMPLE, SIMULATED_SAMPLE, OWN_SAMPLE = "public-3y", "simulated-7y", "own"


Mass = Annotated[float, Field(ge=1.0, le=1000.0, allow_inf_nan=False), BeforeValidator(number)]
Injected = Annotated[float, Field(gt=0.0, le=20.0, allow_inf_nan=False), BeforeValidator(number)]


class StatisticSettings(Settings):
    """The likelihood and the cells in which it sees the sky."""

    name: Literal["joint", "j_weighted"] = "joint"
    """joint: one likelihood of one sky. j_weighted: the published one, a fit a source, weighted with its J factor."""
    background: Literal["data", "known"] = "data"
    """joint. data: the background density contains the signal's average, subtracted. known: it is taken as exact."""
    nside: Literal[8, 16, 32, 64, 128] = 32
    """joint, or skies = "one": HEALPix resolution of the sky."""
    n_cells: Whole = Field(default=512, ge=2, le=65536)
    """joint: cells of nearly equal ratio that the sky is merged into."""
    skies: Literal["separate", "one"] = "separate"
    """j_weighted. separate: in trials each source has events of its own, as published. one: sources share the events of
    one sky, as those of data do; only such trials give a p-value, a limit or a discovery potential."""
    n_angle_bins: Whole = Field(default=36, ge=2, le=1800)
    """j_weighted: equal bins in the angle between event and source, 0 to 180 deg."""
    declination_band_deg: Annotated[Real, Field(gt=0.0, le=180.0)] | None = None
    """j_weighted: background from events this near to the source's declination; the whole sky when not set."""
    declination_smoothing_deg: Annotated[Real, Field(gt=0.0, le=30.0)] | None = None
    """j_weighted, samples of events: width of the Gaussian in declination that each background event stands for."""
    signal: Literal["response", "simulation", "published"] = "response"
    """j_weighted: signal from the response, from simulated events, or as published from spectrum weights alone."""
    signal_band_deg: Annotated[Real, Field(gt=0.0, le=180.0)] = 10.0
    """j_weighted, signal = "simulation": events whose true declination is this near to the source's."""
    grid: bool = False
    """j_weighted: n_s on the published integer grid, and the sensitivity from the bounded test statistic."""
    window: WindowSetting | None = None
    """Reconstructed energies (GeV) that are used, widened to the bins they cut: [low, high]; "published": each pair's
    window of arXiv:2511.19385; "optimal": that of the largest S/√B in each pair's energy_range; all when not set."""

    @model_validator(mode="after")
    def _of_one_statistic(self) -> "StatisticSettings":
        others = {name for statistic, names in OF_ONE_STATISTIC.items() if statistic != self.name for name in names}
        others -= {"nside"} if self.has_one_sky else set()
        fields = type(self).model_fields
        for name in sorted(others):
            if getattr(self, name) != fields[name].default:
                way_out = "change name" if name != "nside" else 'set skies = "one", or change name'
                raise ValueError(f'{name} has no meaning for the statistic "{self.name}": leave it out, or {way_out}')
        return self

    @model_validator(mode="after")
    def _whole_sky_if_one(self) -> "StatisticSettings":
        if self.skies == "one" and self.declination_band_deg is not None:
            raise ValueError(
                'declination_band_deg has no meaning with skies = "one": an event in the band of one source but not '
                "of another would be in no bin of the other; leave one of the two out"
            )
        return self

    @property
    def has_one_sky(self) -> bool:
        """Whether the sources of a trial share the events of one sky, as those of data do."""
        return self.name == "joint" or self.skies == "one"


class TrialSettings(Settings):
    """How many pseudo-experiments, and how they are cut into shards."""

    n_background: Whole = Field(default=100_000, ge=100, le=10_000_000_000)
    """Background trials of each pair of channel and mass."""
    n_signal: Whole = Field(default=10_000, ge=100, le=1_000_000_000)
    """Signal trials of each pair and number of injected events."""
    n_tail: Whole = Field(default=40_000, ge=10_000, le=100_000_000)
    """Weighted background trials of each pair behind the thresholds of 3 and 5 sigma."""
    injected_over_uncertainty: tuple[Injected, ...] = Field(
        default=(0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0), min_length=MIN_N_INJECTED
    )
    """Numbers of injected events, in standard deviations of the fitted n_s without signal; three different ones."""
    shard_size: Whole = Field(default=5_000_000, ge=1, le=1_000_000_000)
    """Trials in one shard: one task of tens of seconds, one file. Results do not depend on it."""
    keep: Literal["rows", "histogram"] = "rows"
    """rows: every trial. histogram: counts in fine bins of the test statistic, for 1e8 trials of a pair and more."""

    @field_validator("injected_over_uncertainty")
    @classmethod
    def _different(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(values)) < MIN_N_INJECTED:
            raise ValueError(f"input should hold at least {MIN_N_INJECTED} different numbers")
        return values


class Config(Settings):
    """All that an analysis is made from."""

    analysis: str = Field(default="public-3y", pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$")
    """Name of the analysis, and of the folder that holds its products."""
    sample: Literal["public-3y", "simulated-7y", "own"] = "public-3y"
    """public-3y: IceCube DeepCore's public three-year sample B. simulated-7y: drawn. own: the files of `events`."""
    process: ProcessName = "annihilation"
    """annihilation: of particles that are their own antiparticles; dirac_annihilation: others; decay: lifetimes."""
    seed: Whole = Field(default=1, ge=0, lt=2**63)
    """Seed of all random numbers."""
    products: Place | None = None
    """Folder or URL that holds products. Not set: the environment's DWARFNU_PRODUCTS, else ./products."""
    spectra: SpectraSettings = SpectraSettings()
    mixtures: dict[str, dict[str, Real]] = Field(default_factory=dict)
    """Channels of your own by name: the branching fractions, which sum to 1, of channels of ours or of spectra.file."""
    pairs: dict[str, Annotated[tuple[Mass, ...], Field(min_length=1)]] = Field(
        default_factory=lambda: _grid(PUBLISHED_PAIRS), min_length=1
    )
    """Masses (GeV) by channel; the 44 published pairs when not set, of decay at twice their masses."""
    sources: SourceSettings = SourceSettings()
    statistic: StatisticSettings = StatisticSettings()
    trials: TrialSettings = TrialSettings()
    events: EventSettings = EventSettings()
    simulated: SimulatedSettings = SimulatedSettings()
    bins: BinSettings = BinSettings()
    energy_range: EnergyRangeSettings = EnergyRangeSettings()

    @model_validator(mode="before")
    @classmethod
    def _named_after_its_sample(cls, values: Any) -> Any:
        if not isinstance(values, Mapping) or values.get("analysis"):
            return values
        sample, decays = values.get("sample", PUBLIC_SAMPLE), values.get("process") == "decay"
        if sample == SIMULATED_SAMPLE or (decays and sample == PUBLIC_SAMPLE):
            return {**values, "analysis": f"{sample}-decay" if decays else sample}
        return values

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
        if self.statistic.window == "published":
            raise ValueError("statistic.window = 'published' is of annihilation: set edges or 'optimal' for decay")
        if any(signal.lifetime is None for signal in self.simulated.injected):
            raise ValueError("simulated.injected gives sigma_v, but process = 'decay': give lifetime")
        return self

    @model_validator(mode="after")
    def _one_sample(self) -> Self:
        if complaint := self._foreign_settings():
            raise ValueError(complaint)
        if self.sample != PUBLIC_SAMPLE and self.analysis == PUBLIC_SAMPLE:
            raise ValueError(f"analysis = {self.analysis!r} is the name of the public analysis: give an own name")
        if self.sample == OWN_SAMPLE and (complaint := self.events.complaint()):
            raise ValueError(complaint)
        for signal in self.simulated.injected:
            if (signal.channel, signal.mass) not in self.channel_masses:
                raise ValueError(f"simulated.injected: {signal.channel} at {signal.mass:g} GeV is not among the pairs")
        return self

    def _foreign_settings(self) -> str | None:
        """Return which group of settings is set that another sample has, in words."""
        if self.sample != OWN_SAMPLE and self.events != EventSettings(strict=self.events.strict):
            return f"events is set, but sample = {self.sample!r}: set sample = 'own' for own files"
        if self.sample != SIMULATED_SAMPLE and self.simulated != SimulatedSettings():
            return f"simulated is set, but sample = {self.sample!r}: only 'simulated-7y' is drawn"
        if self.sample == PUBLIC_SAMPLE and self.bins != BinSettings():
            return f"bins is set, but sample = {self.sample!r} comes in bins of its own"
        if self.sample == PUBLIC_SAMPLE and self.energy_range != EnergyRangeSettings():
            return f"energy_range is set, but sample = {self.sample!r} has the edges of its bins alone"
        for name in OF_EVENTS if self.sample == PUBLIC_SAMPLE else ():
            if getattr(self.statistic, name) != StatisticSettings.model_fields[name].default:
                return f"statistic.{name} is set, but sample = {self.sample!r} has no single events"
        return None

    @property
    def has_events(self) -> bool:
        """Whether the sample comes as single events; the public one comes in bins."""
        return self.sample != PUBLIC_SAMPLE

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
        for channel in channels:
            if channels.count(channel) > 1:
                raise ValueError(f"pairs names channel {channel} twice")
        for channel, masses in zip(channels, pairs.values(), strict=True):
            for mass in masses if isinstance(masses, list | tuple) else ():
                if list(masses).count(mass) > 1:
                    raise ValueError(f"pairs names mass {mass} of {channel} twice")
        return pairs

    @property
    def channel_masses(self) -> tuple[tuple[Channel, float], ...]:
        """All pairs of channel and mass (GeV)."""
        return tuple((channel, mass) for channel, masses in self.pairs.items() for mass in masses)

    @property
    def product_root(self) -> str:
        """Where products lie: the configuration's place, else the environment's, else ./products.

        Raises ConfigError if the environment names a home folder that there is not.
        """
        if self.products:
            return self.products
        try:
            return place(os.environ.get(PRODUCTS_VARIABLE) or DEFAULT_PRODUCTS)
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


def _toml(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the configuration {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not a TOML file: {error}") from error
    _anchor(values, "products", path.parent, keep=())
    _anchor(values.get("sources"), "catalogue", path.parent, keep=("embedded",))
    _anchor(values.get("spectra"), "source", path.parent, keep=("pythia",))
    _anchor(values.get("spectra"), "file", path.parent, keep=())
    for name in ("data", "simulation", "good_runs"):
        _anchor_each(values.get("events"), name, path.parent.absolute())
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
    return f"{source}{where} = {complaint['input']!r}: {message[:1].lower()}{message[1:]}"


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


def config_as_toml(config: Config) -> str:
    """Return the effective configuration as a TOML text that reads back as the same configuration."""
    values: dict[str, Any] = config.model_dump(mode="json")
    groups = {name: value for name, value in values.items() if isinstance(value, dict)}
    plain = {name: value for name, value in values.items() if name not in groups}
    text = [f"{name} = {_toml_value(value)}" for name, value in plain.items() if value is not None]
    for name, group in groups.items():
        text += ["", f"[{name}]"]
        text += [f"{key} = {_toml_value(value)}" for key, value in group.items() if value is not None]
    return "\n".join(text) + "\n"


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, Mapping):
        entries = [f"{_toml_value(str(key))} = {_toml_value(item)}" for key, item in value.items()]
        return "{ " + ", ".join(entries) + " }"
    return repr(value)
