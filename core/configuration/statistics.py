"""Settings of the test statistic: which one, and in which cells it sees the sky."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.configuration.fields import Real, Settings, Whole
from core.configuration.windows import WindowSetting
from core.dark_matter.channels import listed

# The settings that each statistic knows, beside name and window. `core.stages.statistics` holds what each of them does.
SETTINGS_OF_STATISTICS: Mapping[str, frozenset[str]] = {
    "joint": frozenset({"background", "nside", "n_cells"}),
    "j_weighted": frozenset(
        {
            "skies",
            "n_angle_bins",
            "declination_band_deg",
            "declination_smoothing_deg",
            "signal",
            "signal_band_deg",
            "grid",
        }
    ),
}
SETTINGS_OF_ONE_SKY = frozenset({"nside"})
# Settings that mean something only where there are single events.
SETTINGS_OF_EVENTS = ("declination_smoothing_deg", "signal", "signal_band_deg")


class StatisticSettings(Settings):
    """The likelihood and the cells in which it sees the sky."""

    name: Annotated[str, Field(json_schema_extra={"enum": list(SETTINGS_OF_STATISTICS)})] = "joint"
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
        if self.name not in SETTINGS_OF_STATISTICS:
            raise ValueError(f"there is no statistic {self.name!r}: there are {listed(SETTINGS_OF_STATISTICS)}")
        own = SETTINGS_OF_STATISTICS[self.name] | (SETTINGS_OF_ONE_SKY if self.skies == "one" else frozenset())
        fields = type(self).model_fields
        for name in sorted(frozenset[str]().union(*SETTINGS_OF_STATISTICS.values()) - own):
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
