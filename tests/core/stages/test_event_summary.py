"""The stage `event_summary`: a season's livetime and numbers, and what its simulation expects."""

import pytest

from core.events.atmosphere import atmospheric_rates
from core.units import DAY
from tests.core.stages.analyses import Analysis
from tests.own_sample import LIVETIME, N_EVENTS


def test_a_season_has_a_row_of_data_and_one_of_simulation(own: Analysis) -> None:
    for season in ("IC86_2011", "IC86_2012"):
        rows = own.table("event_summary", season=season).to_pylist()
        assert [row["kind"] for row in rows] == ["data", "mc"]
        assert {row["livetime"] for row in rows} == {LIVETIME * DAY}


def test_simulation_expects_its_rates_times_the_livetime(own: Analysis) -> None:
    simulation = own.table("event_summary", season="IC86_2012").to_pylist()[1]
    rates = atmospheric_rates(own.table("events", kind="mc", season="IC86_2012"))
    assert simulation["n_expected"] == pytest.approx(rates.sum() * LIVETIME * DAY)
    assert simulation["n_kept"] == 3 * N_EVENTS


def test_it_is_made_from_accounts_events_and_good_runs_of_its_season(own: Analysis) -> None:
    assert own.inputs("event_summary") == {"event_files", "events", "good_runs"}
    for recipe in own.recipes("event_summary"):
        assert recipe.product.keys["season"] in {product.keys["season"] for product in recipe.inputs}
