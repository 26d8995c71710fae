"""The form of a search: what is chosen becomes the pairs and the statistic of an analysis, beside its own."""

from typing import Any

import pytest
from prefect.utilities.callables import parameter_schema

from core.configuration.config import Config, read_config
from core.dark_matter.channels import CHANNELS, PUBLISHED_PAIRS
from core.errors import ConfigError
from core.stages.selection import Selection
from flows.search import AS_CONFIGURED, chosen_config, chosen_pairs, run_name, search

OWN = read_config(None, seed=7, pairs={"tautau": [20.0]})


def test_every_choice_is_offered_with_its_meaning() -> None:
    offered = parameter_schema(search.fn).properties
    assert offered["channel"]["enum"] == [AS_CONFIGURED, *CHANNELS]
    assert offered["masses"]["items"]["enum"] == sorted({mass for _, mass in PUBLISHED_PAIRS})
    assert offered["statistic"]["enum"] == [AS_CONFIGURED, "joint", "j_weighted"]
    assert list(offered) == ["channel", "masses", "statistic", "config"]
    assert all(offered[name]["description"] for name in offered)


def test_where_nothing_is_chosen_the_configuration_stands() -> None:
    assert chosen_config(OWN, AS_CONFIGURED, [], AS_CONFIGURED) == OWN
    assert chosen_pairs(OWN, AS_CONFIGURED, []) == Selection()


def test_chosen_pairs_stand_beside_those_of_the_configuration() -> None:
    chosen = chosen_config(OWN, "bb", [50.0], AS_CONFIGURED)
    assert chosen == OWN.model_copy(update={"pairs": {"tautau": (20.0,), "bb": (50.0,)}})
    assert chosen_pairs(chosen, "bb", [50.0]).pairs == ("bb/50",)
    assert chosen_config(OWN, "tautau", [50.0], AS_CONFIGURED).pairs == {"tautau": (20.0, 50.0)}


@pytest.mark.parametrize(
    ("channel", "pairs"),
    [("tautau", ["tautau/20"]), ("WW", [f"WW/{mass:g}" for name, mass in PUBLISHED_PAIRS if name == "WW"])],
)
def test_no_masses_are_all_of_the_channel(channel: str, pairs: list[str]) -> None:
    chosen = chosen_config(OWN, channel, [], AS_CONFIGURED)
    assert sorted(chosen_pairs(chosen, channel, []).pairs) == sorted(pairs)


def test_another_statistic_is_an_analysis_of_its_own() -> None:
    chosen = chosen_config(OWN, AS_CONFIGURED, [], "j_weighted")
    assert (chosen.analysis, chosen.statistic.name) == ("public-3y-j_weighted", "j_weighted")
    assert chosen_config(OWN, AS_CONFIGURED, [], "joint") == OWN


@pytest.mark.parametrize("chosen", [("gluons", [20.0]), (AS_CONFIGURED, [20.0]), ("bb", [0.1])])
def test_what_there_is_not_is_refused(chosen: tuple[str, list[float]]) -> None:
    with pytest.raises(ConfigError):
        chosen_config(Config(), *chosen, AS_CONFIGURED)


def test_the_form_accepts_what_its_deployments_fill_in() -> None:
    given: dict[str, Any] = search.validate_parameters({"channel": "tautau", "masses": [20], "config": {"seed": 3}})
    assert (given["masses"], given["config"].seed) == ([20.0], 3)


@pytest.mark.parametrize(
    ("chosen", "name"),
    [
        ((AS_CONFIGURED, [], AS_CONFIGURED), "all pairs of mine"),
        (("tautau", [20.0, 50.0], AS_CONFIGURED), "tautau 20, 50 GeV of mine"),
        (("bb", [], "j_weighted"), "bb of mine, j_weighted"),
    ],
)
def test_a_run_is_named_after_what_was_chosen(chosen: tuple[str, list[float], str], name: str) -> None:
    assert run_name("mine", *chosen) == name


def test_the_configuration_that_is_chosen_from_stays_as_it_was() -> None:
    before = OWN.model_dump_json()
    chosen_config(OWN, "tautau", [50.0], "j_weighted")
    assert OWN.model_dump_json() == before


def test_a_mass_chosen_twice_is_one_pair() -> None:
    assert chosen_config(OWN, "tautau", [20.0, 50.0, 50.0], AS_CONFIGURED).pairs == {"tautau": (20.0, 50.0)}
