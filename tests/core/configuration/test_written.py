"""A configuration as a TOML text: all settings with their meaning, and it reads back as itself."""

import re
import tomllib
from typing import Any

import pytest

from core.configuration.config import Config, read_config
from core.configuration.meanings import all_settings, groups
from core.configuration.written import config_as_toml

ANALYSES: dict[str, dict[str, Any]] = {
    "public": {},
    "two pairs": {"seed": 7, "pairs": {"bb": [10, 20.5]}, "sources": {"exclude": ['a "quoted" \\ name', "ν\x7f"]}},
    "mixture": {"mixtures": {"my-model": {"bb": 0.7, "tautau": 0.3}}, "pairs": {"my-model": [20]}},
    "boosts": {"sources": {"subhalo_boost": {"Ursa Major II": 3.0}}, "statistic": {"window": [5.6, 40]}},
    "injected": {
        "sample": "simulated-7y",
        "simulated": {"injected": [{"channel": "bb", "mass": 50, "sigma_v": 1e-20}]},
    },
    "own": {
        "sample": "own",
        "analysis": "mine",
        "events": {
            "data": ["a/*.i3"],
            "key_names": {"reco_zenith": "X"},
            "cuts": [{"name": "c", "quantity": "Key[result]", "relation": "=="}],
            "simulation_sets": [{"files": ["s.i3"], "n_files": 3}],
        },
    },
}


@pytest.mark.parametrize("name", ANALYSES)
def test_the_text_reads_back_as_the_same_configuration(name: str) -> None:
    config = read_config(None, **ANALYSES[name])
    assert Config.model_validate(tomllib.loads(config_as_toml(config))) == config


def test_every_setting_stands_there_set_or_commented_out() -> None:
    entries = set(groups()) - {""}
    text = config_as_toml(Config())
    for setting in all_settings():
        if setting.group in entries and "." in setting.group:
            continue  # of an entry of a list, which is empty
        chapter = text if not setting.group else text.partition(f"[{setting.group}]\n")[2].partition("\n[")[0]
        assert re.search(rf"^(# )?{setting.name} = |^\[{setting.name}\]", chapter, re.MULTILINE), setting.path


def test_what_is_not_set_is_commented_out_with_its_meaning_and_what_it_may_be() -> None:
    lines = config_as_toml(Config()).splitlines()
    place = lines.index("# declination_band_deg =    (a number above 0, at most 180)")
    assert "background from events this near to the source's declination" in lines[place - 1]
    assert lines[place - 1].startswith("# ")
    set_lines = config_as_toml(read_config(statistic={"name": "j_weighted", "declination_band_deg": 20}))
    assert "\ndeclination_band_deg = 20.0\n" in set_lines
    assert "# declination_band_deg" not in set_lines


def test_the_comments_alone_change_nothing() -> None:
    text = config_as_toml(Config())
    bare = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert tomllib.loads(bare) == tomllib.loads(text)
