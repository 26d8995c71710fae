"""Every setting is told with unit, default, allowed values and a sentence, all of them from the settings themselves."""

import json
from typing import Any

import pytest

from core.configuration.config import Config, read_config
from core.configuration.fields import Settings
from core.configuration.meanings import Setting, all_settings, groups
from core.errors import ConfigError

SETTINGS = {setting.path: setting for setting in all_settings()}


def paths(group: type[Settings], where: str = "") -> set[str]:
    """The paths of all settings below a group, by walking its schema."""
    schema = group.model_json_schema()
    found: set[str] = set()

    def walk(properties: dict[str, Any], place: str) -> None:
        for name, values in properties.items():
            path = f"{place}{name}"
            text = json.dumps(values)
            inner = [kind for kind in schema["$defs"] if f'"#/$defs/{kind}"' in text]
            if not inner or "description" in values:
                found.add(path)
            for kind in inner:
                walk(schema["$defs"][kind]["properties"], f"{path}.")

    walk(schema["properties"], where)
    return found


def test_every_setting_is_told_once() -> None:
    assert set(SETTINGS) == paths(Config)
    assert len(SETTINGS) == len(all_settings())


@pytest.mark.parametrize("setting", all_settings(), ids=lambda setting: setting.path)
def test_a_setting_has_a_sentence_and_says_what_it_may_be(setting: Setting) -> None:
    assert setting.meaning.endswith((".", ":"))
    assert setting.allowed
    assert setting.default


def test_units_stand_in_the_name_or_in_the_sentence() -> None:
    units = {path: setting.unit for path, setting in SETTINGS.items() if setting.unit}
    assert units["sources.j_aperture_deg"] == units["statistic.signal_band_deg"] == "deg"
    assert units["energy_range.step_gev"] == units["pairs"] == units["statistic.window"] == "GeV"
    assert units["simulated.injected.sigma_v"] == "cm³/s"
    assert units["simulated.injected.lifetime"] == "s"
    assert "trials.n_signal" not in units


@pytest.mark.parametrize(
    ("path", "default", "allowed"),
    [
        ("statistic.nside", "32", "8, 16, 32, 64, 128"),
        ("statistic.name", '"joint"', '"joint", "j_weighted"'),
        ("statistic.declination_band_deg", "not set", "a number above 0, at most 180"),
        ("statistic.window", "not set", '[a number, a number] or "published", "optimal"'),
        ("trials.n_background", "100000", "a whole number from 100, at most 10,000,000,000"),
        ("sources.hosts", '["Milky Way", "LMC"]', "a list, each a text"),
        ("sources.subhalo_boost", "1.0", "a number from 1 or a table by name, each a number from 1"),
        ("limits.confidence_levels", "[0.9]", "a list of 1 or more, each a number above 0.5, below 1"),
        ("events.cuts.name", "must be given", "a text"),
        (
            "pairs",
            "as the meaning says",
            "a table by name, each a list of 1 or more, each a number from 1, at most 1,000",
        ),
    ],
)
def test_default_and_allowed_values_in_words(path: str, default: str, allowed: str) -> None:
    assert (SETTINGS[path].default, SETTINGS[path].allowed) == (default, allowed)


@pytest.mark.parametrize(("value", "is_allowed"), [(0, False), (180, True), (180.5, False)])
def test_the_words_mean_what_is_checked(value: float, is_allowed: bool) -> None:
    """The bounds of declination_band_deg, above 0 and at most 180, are those at which it is refused."""
    statistic = {"name": "j_weighted", "declination_band_deg": value}
    if is_allowed:
        assert read_config(statistic=statistic).statistic.declination_band_deg == value
    else:
        with pytest.raises(ConfigError, match="declination_band_deg"):
            read_config(statistic=statistic)


def test_groups_stand_under_their_paths() -> None:
    assert groups()[""] is Config
    assert {"sources", "trials", "events.cuts", "simulated.injected"} <= set(groups())
