"""Settings of the statistic: each knows its own, and nobody else's may be set."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.configuration.statistics import (
    SETTINGS_OF_EVENTS,
    SETTINGS_OF_ONE_SKY,
    SETTINGS_OF_STATISTICS,
    StatisticSettings,
)

# A value other than the default of every setting that belongs to some statistic.
OTHER_VALUES = {
    "background": "known",
    "nside": 64,
    "n_cells": 100,
    "skies": "one",
    "n_angle_bins": 18,
    "declination_band_deg": 20.0,
    "declination_smoothing_deg": 2.0,
    "signal": "simulation",
    "signal_band_deg": 5.0,
    "grid": True,
}
PAIRS = [(name, setting) for name in SETTINGS_OF_STATISTICS for setting in OTHER_VALUES]


def test_every_setting_but_name_and_window_belongs_to_a_statistic() -> None:
    owned = frozenset[str]().union(*SETTINGS_OF_STATISTICS.values())
    assert owned == OTHER_VALUES.keys() == StatisticSettings.model_fields.keys() - {"name", "window"}
    assert set(SETTINGS_OF_EVENTS) <= SETTINGS_OF_STATISTICS["j_weighted"]


@pytest.mark.parametrize(("name", "setting"), PAIRS)
def test_a_statistic_takes_its_own_settings_alone(name: str, setting: str) -> None:
    values = {"name": name, setting: OTHER_VALUES[setting]}
    if setting in SETTINGS_OF_STATISTICS[name]:
        assert getattr(StatisticSettings(**values), setting) == OTHER_VALUES[setting]  # type: ignore[arg-type]
    else:
        with pytest.raises(ValidationError, match=f'{setting} has no meaning for the statistic "{name}"'):
            StatisticSettings(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", sorted(SETTINGS_OF_ONE_SKY))
def test_one_sky_has_pixels_and_separate_skies_have_none(setting: str) -> None:
    values = {"name": "j_weighted", setting: OTHER_VALUES[setting]}
    assert StatisticSettings(**values, skies="one").nside == 64  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match='set skies = "one", or change name'):
        StatisticSettings(**values)  # type: ignore[arg-type]


def test_a_default_may_be_written_down_for_any_statistic() -> None:
    """A configuration that is printed and read again names every setting."""
    for name in SETTINGS_OF_STATISTICS:
        settings = StatisticSettings(name=name)
        assert StatisticSettings(**settings.model_dump()) == settings


@settings(max_examples=30, deadline=None)
@given(nside=st.integers(1, 256).filter(lambda n: n not in (8, 16, 32, 64, 128)))
def test_pixels_are_powers_of_two_within_reach(nside: int) -> None:
    with pytest.raises(ValidationError, match="8, 16, 32, 64 or 128"):
        StatisticSettings(nside=nside)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "values",
    [
        {"n_cells": 1},
        {"n_cells": 65_537},
        {"name": "j_weighted", "n_angle_bins": 1},
        {"name": "j_weighted", "declination_band_deg": 0.0},
        {"name": "j_weighted", "declination_band_deg": 180.1},
        {"name": "j_weighted", "declination_smoothing_deg": 30.1},
        {"name": "j_weighted", "signal_band_deg": 0.0},
        {"n_cells": 64.5},
    ],
    ids=str,
)
def test_numbers_beyond_their_limits_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        StatisticSettings(**values)  # type: ignore[arg-type]


def test_a_band_on_one_sky_is_refused_with_the_reason() -> None:
    with pytest.raises(ValidationError, match="would be in no bin of the other; leave one of the two out"):
        StatisticSettings(name="j_weighted", skies="one", declination_band_deg=20.0)


def test_an_unknown_statistic_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValidationError, match="there is no statistic 'stacked': there are joint, j_weighted"):
        StatisticSettings(name="stacked")
