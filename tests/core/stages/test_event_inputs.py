"""The events that other stages are made from: a product a part, of every season."""

import pytest

from core.configuration.config import Config
from core.errors import ConfigError
from core.products.recipe import ProductKey
from core.simulation.seasons import SEASONS
from core.stages.event_inputs import (
    bin_parameters,
    event_source,
    events_of,
    good_runs_of,
    has_events,
    part_recipes,
    simulation_of,
)
from tests.core.stages.analyses import Analysis


def test_only_some_samples_have_events() -> None:
    assert not has_events(Config())
    assert has_events(Config(sample="simulated-7y"))
    with pytest.raises(ConfigError, match="the public sample needs no ingest"):
        event_source(Config())


def test_every_file_of_an_own_sample_is_a_part(own: Analysis) -> None:
    data, simulation = events_of(own.config, "data"), events_of(own.config, "mc")
    assert [(p.keys["season"], p.part) for p in data] == [
        ("IC86_2011", 0),
        ("IC86_2011", 1),
        ("IC86_2012", 0),
        ("IC86_2012", 1),
        ("IC86_2012", 2),
    ]
    assert len(simulation) == 6
    assert {p.keys["kind"] for p in simulation} == {"mc"}
    assert good_runs_of(own.config) == tuple(ProductKey("good_runs", {"season": s}) for s in ("IC86_2011", "IC86_2012"))
    assert simulation_of(own.config) == (*simulation, *good_runs_of(own.config))


def test_drawn_seasons_have_parts_as_files_have() -> None:
    config = Config(sample="simulated-7y")
    assert {p.keys["season"] for p in events_of(config, "data")} == set(SEASONS)
    assert len(good_runs_of(config)) == len(SEASONS) == 7


def test_bins_are_lists_of_edges() -> None:
    told = bin_parameters(Config(sample="simulated-7y", bins={"reco_energy_edges": (5.0, 20.0, 80.0)}))
    assert told["reco_energy_edges"] == [5.0, 20.0, 80.0]
    assert (told["reco_cos_zenith_edges"][0], told["reco_cos_zenith_edges"][-1]) == (-1.0, 1.0)


def test_parts_are_numbered_in_the_order_of_the_files(own: Analysis) -> None:
    parts = event_source(own.config).parts(own.config, "mc")["IC86_2011"]
    wanted = part_recipes(ProductKey("events", {"kind": "mc", "season": "IC86_2011"}), parts)
    assert [recipe.part for recipe in wanted] == [0, 1, 2]
    assert [recipe.parameters["path"][-11:] for recipe in wanted] == [f"mc_{part}.i3.zst" for part in range(3)]
    assert all(recipe.hints == {"strict": False} for recipe in wanted)
