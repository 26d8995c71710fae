"""A statistic is one object: what the configuration names, with densities and trials that fit together."""

from typing import Any

import pytest

from core.configuration.config import Config
from core.configuration.statistics import SETTINGS_OF_STATISTICS
from core.errors import ConfigError
from core.stages.registry import DENSITIES, STAGES, stages_of
from core.stages.statistics import STATISTICS, has_density_stage, statistic_of
from core.stages.statistics.statistic import Statistic

CHOICES: dict[tuple[str, str, str, str], dict[str, Any]] = {
    ("joint", "separate", "none", "fixed"): {"statistic": {"name": "joint"}},
    ("joint", "separate", "none", "marginalised"): {"sources": {"j_uncertainty": "marginalised"}},
    ("joint", "separate", "same_cross_section", "fixed"): {"halo": {"treatment": "same_cross_section"}},
    ("joint", "separate", "free", "fixed"): {"halo": {"treatment": "free"}},
    ("j_weighted", "separate", "none", "fixed"): {"statistic": {"name": "j_weighted"}},
    ("j_weighted", "one", "none", "fixed"): {"statistic": {"name": "j_weighted", "skies": "one"}},
}


@pytest.mark.parametrize("choice", CHOICES)
def test_the_configuration_names_a_statistic(choice: tuple[str, str, str, str]) -> None:
    found = statistic_of(Config(**CHOICES[choice]))
    assert (found.name, found.skies, found.halo, found.j_factors) == choice
    assert found is STATISTICS[choice]


def test_every_statistic_can_be_named() -> None:
    assert set(STATISTICS) == set(CHOICES)
    assert {name for name, _, _, _ in STATISTICS} == set(SETTINGS_OF_STATISTICS)


@pytest.mark.parametrize("statistic", STATISTICS.values(), ids=lambda one: f"{one.name}-{one.skies}-{one.halo}")
def test_trials_are_drawn_from_densities_of_the_statistic(statistic: Statistic) -> None:
    names = tuple(stage.name for stage in DENSITIES)
    assert set(statistic.density_stages) <= set(names)
    assert list(statistic.density_stages) == sorted(statistic.density_stages, key=names.index)
    assert set(statistic.model_stages) - {"sources"} <= set(statistic.density_stages)


@pytest.mark.parametrize("choice", CHOICES)
def test_an_analysis_has_the_densities_of_its_statistic_alone(choice: tuple[str, str, str, str]) -> None:
    config = Config(**CHOICES[choice])
    of_analysis = [name for name in stages_of(config) if STAGES[name] in DENSITIES]
    assert of_analysis == list(statistic_of(config).density_stages)
    for stage in DENSITIES:
        assert has_density_stage(stage.name)(config) is (stage.name in of_analysis)


def test_only_trials_of_one_sky_have_a_tail_to_rely_on() -> None:
    without = {key for key, one in STATISTICS.items() if not one.shares_one_sky}
    assert without == {("j_weighted", "separate", "none", "fixed")}


def test_an_unknown_statistic_is_refused_with_those_that_there_are() -> None:
    config = Config()
    settings = config.statistic.model_copy(update={"name": "unbinned"})
    with pytest.raises(ConfigError, match=r"statistic.name = 'unbinned': no such statistic; there are joint, j_w"):
        statistic_of(config.model_copy(update={"statistic": settings}))
