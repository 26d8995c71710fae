"""The stage `sealed_events`: true directions, a part a file, kept from everybody else."""

import stat

import pytest

from core.errors import ProductError
from core.products.seal import Leave
from core.stages.registry import STAGES
from tests.core.stages.analyses import Analysis
from tests.own_sample import N_EVENTS, OTHER_RUN


def test_each_file_of_measured_events_is_a_part(own: Analysis) -> None:
    wanted = own.recipes("sealed_events")
    assert [(r.product.keys["season"], r.part) for r in wanted] == [
        ("IC86_2011", 0),
        ("IC86_2011", 1),
        ("IC86_2012", 0),
        ("IC86_2012", 1),
        ("IC86_2012", 2),
    ]
    assert all(recipe.inputs == () for recipe in wanted)
    assert STAGES["sealed_events"].has_parts_by_file


def test_a_file_is_known_by_path_size_and_time_of_change(own: Analysis) -> None:
    parameters = own.recipes("sealed_events")[0].parameters
    assert {"path", "size", "modified_ns", "format", "energy_scale", "profile"} == set(parameters)
    assert (parameters["format"], parameters["energy_scale"]) == ("i3", 1.0)


def test_nobody_else_may_read_it(own: Analysis) -> None:
    path = own.store.path("sealed_events", season="IC86_2012")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ProductError, match="is sealed"):
        own.table("sealed_events")


def test_events_of_bad_runs_are_sealed_too(own: Analysis) -> None:
    sealed = own.store.read("sealed_events", leave=Leave("test"), season="IC86_2011")
    assert sealed.num_rows == N_EVENTS + 15
    assert OTHER_RUN in sealed["run"].to_pylist()
