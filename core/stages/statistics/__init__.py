"""What differs from statistic to statistic: an object each, by name, skies, treatment of the halo, drawn J factors."""

from collections.abc import Callable, Mapping

from core.configuration.config import Config
from core.dark_matter.processes import PROCESSES
from core.errors import ConfigError
from core.stages.statistics.j_weighted import J_WEIGHTED, J_WEIGHTED_ON_ONE_SKY
from core.stages.statistics.joint import JOINT
from core.stages.statistics.joint_beside_free_halo import JOINT_BESIDE_FREE_HALO
from core.stages.statistics.joint_marginalised import JOINT_MARGINALISED
from core.stages.statistics.joint_with_halo import JOINT_WITH_HALO
from core.stages.statistics.statistic import Statistic

__all__ = ["JOINT_MARGINALISED", "STATISTICS", "Statistic", "has_density_stage", "hypothesis_of", "statistic_of"]

STATISTICS: Mapping[tuple[str, str, str, str], Statistic] = {
    (statistic.name, statistic.skies, statistic.halo, statistic.j_factors): statistic
    for statistic in (
        JOINT,
        JOINT_WITH_HALO,
        JOINT_BESIDE_FREE_HALO,
        JOINT_MARGINALISED,
        J_WEIGHTED,
        J_WEIGHTED_ON_ONE_SKY,
    )
}
STRENGTH_WORDS = {"sigma_v": "cross section", "decay_rate": "decay rate"}
# Which J factors signal trials have, by sources.j_uncertainty: profiling is for limits, trials stay as they are.
J_FACTORS_OF_TRIALS = {"fixed": "fixed", "profiled": "fixed", "marginalised": "marginalised"}


def statistic_of(config: Config) -> Statistic:
    """Return the statistic of an analysis."""
    settings, j_factors = config.statistic, J_FACTORS_OF_TRIALS[config.sources.j_uncertainty]
    try:
        return STATISTICS[settings.name, settings.skies, config.halo.treatment, j_factors]
    except KeyError:
        known = ", ".join(dict.fromkeys(name for name, *_ in STATISTICS))
        raise ConfigError(f"statistic.name = {settings.name!r}: no such statistic; there are {known}") from None


def hypothesis_of(config: Config) -> str:
    """Return what the signal of an analysis is taken to be, as tables and figures say it."""
    strength = STRENGTH_WORDS[PROCESSES[config.process].strength]
    return statistic_of(config).hypothesis.format(profile=config.halo.profile, strength=strength)


def has_density_stage(name: str) -> Callable[[Config], bool]:
    """Return the test whether the statistic of an analysis has a stage between detector and trials."""
    return lambda config: name in statistic_of(config).density_stages
