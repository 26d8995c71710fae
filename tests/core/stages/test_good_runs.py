"""The stage `good_runs`: the runs that count, and how long the detector was live in them."""

import pytest

from core.configuration.config import Config
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.registry import recipes
from core.units import DAY
from tests.core.stages.analyses import Analysis
from tests.own_sample import GOOD_RUN, LIVETIME, N_EVENTS


def test_a_list_of_each_season_is_read(own: Analysis) -> None:
    assert [recipe.product.keys for recipe in own.recipes("good_runs")] == [
        {"season": "IC86_2011"},
        {"season": "IC86_2012"},
    ]
    (run,) = own.table("good_runs", season="IC86_2012").to_pylist()
    assert (run["run"] > GOOD_RUN, run["n_events"]) == (True, N_EVENTS)
    assert run["livetime"] == pytest.approx(LIVETIME * DAY)
    assert run["mjd_start"] < run["mjd_stop"]


def test_runs_of_drawn_events_are_counted_from_the_events(tmp_path) -> None:
    config = Config(sample="simulated-7y", products=str(tmp_path))
    wanted = recipes(config, ProductStore(tmp_path), "good_runs")
    assert len(wanted) == 7
    season = {"season": "IC86_2011"}
    assert wanted[0].inputs == (ProductKey("sealed_events", season, part=0),)
    assert wanted[0].code == "core.stages.samples.simulated_7y:make_good_runs"
