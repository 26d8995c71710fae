"""The analysis as a form: channel, masses and statistic are chosen from what there is, in place of a text to write."""

from collections.abc import Sequence
from typing import Annotated

from prefect import flow
from prefect.runtime import flow_run
from pydantic import Field

from core.configuration.config import Config, read_config
from core.configuration.statistics import SETTINGS_OF_STATISTICS
from core.dark_matter.channels import CHANNELS, PUBLISHED_PAIRS
from core.errors import ConfigError
from core.products.recipe import path_text
from core.stages.selection import Selection
from flows.analysis import make_analysis
from flows.served import served_run

AS_CONFIGURED = "as configured"
CHOSEN_MASSES = sorted({mass for _, mass in PUBLISHED_PAIRS})

ChannelChoice = Annotated[str, Field(json_schema_extra={"enum": [AS_CONFIGURED, *CHANNELS]})]
MassChoice = Annotated[float, Field(json_schema_extra={"enum": list(CHOSEN_MASSES)})]
StatisticChoice = Annotated[str, Field(json_schema_extra={"enum": [AS_CONFIGURED, *SETTINGS_OF_STATISTICS]})]


def _run_name() -> str:
    given = flow_run.parameters
    return run_name(given["config"].analysis, given["channel"], given["masses"], given["statistic"])


def run_name(analysis: str, channel: str, masses: Sequence[float], statistic: str) -> str:
    """Return the name of a run, which says what was chosen."""
    pairs = "all pairs" if channel == AS_CONFIGURED else channel
    chosen = f"{pairs} {', '.join(map(path_text, masses))} GeV" if masses else pairs
    return f"{chosen} of {analysis}" + ("" if statistic == AS_CONFIGURED else f", {statistic}")


@flow(name="search", flow_run_name=_run_name)
def search(
    channel: ChannelChoice = AS_CONFIGURED,
    masses: list[MassChoice] = [],  # noqa: B006
    statistic: StatisticChoice = AS_CONFIGURED,
    config: Config = Config(),
) -> None:
    """Search for dark matter of one channel, or of all: every stage from the sources to the limits and figures.

    Args:
        channel: What dark matter annihilates into; "as configured" takes all channels of the configuration.
        masses: Masses of dark matter (GeV); none takes all masses that the configuration has for the channel.
        statistic: The test statistic. Another than the configuration's makes an analysis of its own, named after it.
        config: All other settings of the analysis; those left alone are the public analysis'.
    """
    chosen = chosen_config(config, channel, masses, statistic)
    selection = chosen_pairs(chosen, channel, masses)
    with served_run(chosen, selection):
        make_analysis(chosen, selection)


def chosen_config(config: Config, channel: str, masses: list[float], statistic: str) -> Config:
    """Return a configuration with the chosen statistic, and the chosen pairs beside its own. Raises ConfigError."""
    if masses and channel == AS_CONFIGURED:
        raise ConfigError(f"masses = {masses}: choose the channel that they are of")
    values = config.model_dump(mode="json")
    if statistic not in (AS_CONFIGURED, config.statistic.name):
        values |= {"statistic": {"name": statistic}, "analysis": f"{config.analysis}-{statistic}"}
    if channel != AS_CONFIGURED:
        own = config.pairs.get(channel, ())
        wanted = masses or own or [mass for other, mass in PUBLISHED_PAIRS if other == channel]
        values["pairs"] = {**values["pairs"], channel: sorted({*own, *wanted})}
    return read_config(None, **values)


def chosen_pairs(config: Config, channel: str, masses: list[float]) -> Selection:
    """Return what is made of an analysis: the chosen masses of a channel, all of it, or all pairs."""
    if channel == AS_CONFIGURED:
        return Selection()
    return Selection(pairs=tuple(f"{channel}/{path_text(mass)}" for mass in masses or config.pairs[channel]))
