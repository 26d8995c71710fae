"""What differs from statistic to statistic: an object each, by its name in the configuration and its skies."""

from collections.abc import Callable, Mapping

from core.configuration.config import Config
from core.errors import ConfigError
from core.stages.statistics.j_weighted import J_WEIGHTED, J_WEIGHTED_ON_ONE_SKY
from core.stages.statistics.joint import JOINT
from core.stages.statistics.statistic import Statistic

__all__ = ["STATISTICS", "Statistic", "has_density_stage", "statistic_of"]

STATISTICS: Mapping[tuple[str, str], Statistic] = {
    (statistic.name, statistic.skies): statistic for statistic in (JOINT, J_WEIGHTED, J_WEIGHTED_ON_ONE_SKY)
}


def statistic_of(config: Config) -> Statistic:
    """Return the statistic of an analysis."""
    settings = config.statistic
    try:
        return STATISTICS[settings.name, settings.skies]
    except KeyError:
        known = ", ".join(dict.fromkeys(name for name, _ in STATISTICS))
        raise ConfigError(f"statistic.name = {settings.name!r}: no such statistic; there are {known}") from None


def has_density_stage(name: str) -> Callable[[Config], bool]:
    """Return the test whether the statistic of an analysis has a stage between detector and trials."""
    return lambda config: name in statistic_of(config).density_stages
