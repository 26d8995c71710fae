"""Accounts are made of what was remarked beside events: the remarks count by what wrote them."""

from core.configuration.config import read_config
from core.stages.accounts import accounted, accounts_in
from core.stages.inputs import Inputs
from core.stages.registry import recipes
from tests.core.stages.analyses import Analysis
from tests.own_sample import N_EVENTS

SEASONS = [("data", "IC86_2011"), ("data", "IC86_2012"), ("mc", "IC86_2011"), ("mc", "IC86_2012")]


def test_each_kind_and_season_is_accounted_for(own: Analysis) -> None:
    found = list(accounted(own.config, own.store))
    assert [(kind, season) for kind, season, _, _ in found] == SEASONS
    by_name = {(kind, season): inputs for kind, season, _, inputs in found}
    assert {product.stage for product in by_name["data", "IC86_2011"]} == {"sealed_events", "events"}
    assert {product.stage for product in by_name["mc", "IC86_2011"]} == {"unweighted_events"}
    assert len(by_name["data", "IC86_2012"]) == 6
    assert len(by_name["mc", "IC86_2012"]) == 3


def test_conversions_stand_among_the_parameters_since_remarks_have_no_digest(own: Analysis) -> None:
    for _, _, parameters, inputs in accounted(own.config, own.store):
        assert len(parameters["conversions"]) == len(inputs)
        assert all(":" in code for code in parameters["codes"])


def test_another_seed_of_blinding_is_another_conversion_of_the_data_alone(own: Analysis) -> None:
    other = read_config(None, **(own.config.model_dump() | {"seed": 4}))
    before, after = ({(k, s): p for k, s, p, _ in accounted(c, own.store)} for c in (own.config, other))
    assert {key for key in before if before[key] != after[key]} == {("data", "IC86_2011"), ("data", "IC86_2012")}


def test_an_account_is_read_from_the_remarks(own: Analysis) -> None:
    recipe = recipes(own.config, own.store, "event_files")[0]
    accounts, outside = accounts_in(Inputs(own.store, recipe))
    assert [account["n_read"] for account in accounts] == [N_EVENTS, 15]
    assert outside == [0, 15]


def test_simulation_has_no_events_outside_of_good_runs(own: Analysis) -> None:
    recipe = recipes(own.config, own.store, "event_files")[2]
    accounts, outside = accounts_in(Inputs(own.store, recipe))
    assert len(accounts) == 3
    assert outside == [0, 0, 0]
