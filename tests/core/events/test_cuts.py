"""Cuts: each condition alone, and the account of many events."""

import math
from typing import Any

import pytest

from core.errors import ConfigError, InputError
from core.events.cuts import Cut, CutFlow, total_cut_flow
from core.events.profiles import DRAGON, LEVEL5P_CUTS, OSCNEXT, PROFILES, configured_profile, key_profile
from core.events.synthetic import dragon_objects

EVENT = {
    "mjd": 56500.0, "run": 1, "event": 2, "sub_event": 0, "reco_zenith": 1.0, "reco_azimuth": 2.0, "reco_energy": 20.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("relation", "passing", "failing"),
    [("==", 1, 2), ("!=", 2, 1), (">=", 1, 0), ("<=", 1, 2), (">", 2, 1), ("<", 0, 1)],
)
def test_relations(relation: Any, passing: float, failing: float) -> None:
    cut = Cut("name", "value", relation, 1)
    assert cut.keeps({"value": passing}) is True
    assert cut.keeps({"value": failing}) is False
    assert cut.keeps({}) is None
    assert cut.keeps({"value": math.nan}) is (relation == "!=")


def test_object_that_must_be_present() -> None:
    cut = Cut("fit", "Fit", "present")
    assert cut.keeps({"Fit": object()}) is True
    assert cut.keeps({}) is None


def test_flag_that_may_be_absent() -> None:
    cut = Cut("level", "Level", "true where present")
    assert cut.keeps({}) is True
    assert cut.keeps({"Level": True}) is True
    assert cut.keeps({"Level": False}) is False


def test_unknown_relation_is_refused() -> None:
    with pytest.raises(InputError, match="unknown relation 'over'"):
        Cut("name", "value", "over", 1)


def test_flow_counts_where_events_end() -> None:
    flow = CutFlow([Cut("first", "a", ">", 0), Cut("second", "b", "==", 1)])
    events = [{"a": 1, "b": 1}, {"a": 1, "b": 0}, {"a": 1}, {"a": 0, "b": 1}, {}]
    assert [flow.keeps(event) for event in events] == [True, False, False, False, False]
    table = flow.table().to_pydict()
    assert table["condition"] == ["a > 0", "b == 1"]
    assert (table["n_before"], table["n_missing"], table["n_after"]) == ([5, 3], [1, 1], [3, 1])
    total = total_cut_flow([flow.table(), flow.table()])
    assert total["n_after"].to_pylist() == [6, 2]


def test_flows_of_different_cuts_do_not_add_up() -> None:
    first, second = (CutFlow([Cut("a", "a", ">", threshold)]).table() for threshold in (0, 1))
    with pytest.raises(InputError, match="different cuts"):
        total_cut_flow([first, second])
    assert total_cut_flow([]).num_rows == 0


def test_event_of_the_published_selection_passes_every_cut() -> None:
    flow = CutFlow(LEVEL5P_CUTS)
    assert flow.keeps(dragon_objects(EVENT))
    assert flow.n_after == [1] * 12


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("IC86_Dunkman_L6_PegLeg_MultiNest8D_Track", None, "PegLeg track fit"),
        ("IC86_Dunkman_L6_PegLeg_MultiNest8D_HDCasc", None, "PegLeg cascade fit"),
        ("IC86_Dunkman_L6_PegLeg_MultiNest8D_NumuCC", None, "PegLeg neutrino fit"),
        ("IC86_Dunkman_L1", False, "Level 1"),
        ("IC86_Dunkman_L2", False, "Level 2"),
        ("IC86_Dunkman_L3", False, "Level 3"),
        ("IC2011_LE_L3_NORT", False, "Level 3 without radio trigger"),
        ("IC86_Dunkman_L6_SANTA_DirectDOMs", 2, "direct modules"),
        ("IC86_Dunkman_L6_SANTA_DirectDOMs", 2.0, "direct modules"),
        ("IC86_Dunkman_L4", {"result": 0.0}, "Level 4"),
        ("IC86_Dunkman_L4", {"result": False}, "Level 4"),
        ("IC86_Dunkman_L5", {"bdt_score": 0.1}, "Level 5 boosted trees"),
        ("IC86_Dunkman_L6", {"mn_start_contained": 0}, "starts inside"),
        ("IC86_Dunkman_L6_CorridorDOMs", 2, "corridor modules"),
    ],
)
def test_each_published_cut_cuts(key: str, value: Any, name: str) -> None:
    objects = dragon_objects(EVENT)
    if value is None:
        del objects[key]
    else:
        objects[key] = value
    flow = CutFlow(LEVEL5P_CUTS)
    assert not flow.keeps(objects)
    last = max(index for index, n_before in enumerate(flow.n_before) if n_before)
    assert LEVEL5P_CUTS[last].name == name


@pytest.mark.parametrize("key", ["IC86_Dunkman_L1", "IC86_Dunkman_L2", "IC86_Dunkman_L3", "IC2011_LE_L3_NORT"])
def test_published_flags_may_be_absent(key: str) -> None:
    objects = dragon_objects(EVENT)
    del objects[key]
    assert CutFlow(LEVEL5P_CUTS).keeps(objects)


def test_profiles_by_name_and_with_changes() -> None:
    assert key_profile("dragon") is DRAGON
    assert set(PROFILES) == {"dragon", "oscnext"}
    assert {"I3EventHeader", "I3MCTree", "L7_reconstructed_zenith"} <= OSCNEXT.keys
    assert DRAGON.changed(reco_energy="Other.energy").keys >= {"Other"}
    with pytest.raises(ConfigError, match="unknown key profile 'x': shipped are dragon, oscnext"):
        key_profile("x")
    with pytest.raises(ConfigError, match="a key profile has no energy"):
        DRAGON.changed(energy="x")
    with pytest.raises(InputError, match="names no quantity"):
        DRAGON.changed(reco_energy="x[")
    with pytest.raises(ConfigError, match=r"neutrino_fraction is 1\.0"):
        DRAGON.changed(neutrino_fraction=1.0)


def test_profile_of_a_configuration() -> None:
    cut = {"name": "high", "quantity": "Fit.energy", "relation": ">", "threshold": 5}
    profile = configured_profile({"base": "oscnext", "name": "mine", "reco_energy": "Fit.energy", "cuts": [cut]})
    assert profile == OSCNEXT.changed(name="mine", reco_energy="Fit.energy", cuts=(Cut("high", "Fit.energy", ">", 5),))
    assert configured_profile({}) == DRAGON
    with pytest.raises(ConfigError, match="a cut has no limit: it has name, quantity, relation, threshold"):
        configured_profile({"cuts": [cut | {"limit": 1}]})
    with pytest.raises(ConfigError, match="lacks relation"):
        configured_profile({"cuts": [{"name": "a", "quantity": "b"}]})
