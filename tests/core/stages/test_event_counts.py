"""The stage `event_counts`: the public sample comes counted, events of other samples are counted in its bins."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.errors import InputError
from core.products.recipe import ProductKey, Recipe
from core.stages import event_counts
from core.stages.event_inputs import bin_parameters, events_of
from core.stages.registry import recipes
from core.stages.stage import made_from
from tests.core.stages.analyses import N_EVENTS, Analysis


def test_the_public_counts_are_shipped(joint: Analysis) -> None:
    (recipe,) = joint.recipes("event_counts")
    assert recipe.code == "core.stages.samples.public_3y:make_event_counts"
    assert recipe.inputs == ()
    table = joint.table("event_counts")
    assert table.num_rows == 128
    assert sum(table["n_events"].to_pylist()) == N_EVENTS


def test_events_of_an_own_sample_are_counted_whatever_their_number_of_files(own: Analysis) -> None:
    (recipe,) = recipes(own.config, own.store, "event_counts")
    assert recipe.inputs == events_of(own.config, "data")
    assert len(recipe.inputs) == 5
    with pytest.raises(InputError, match="measured events are there already"):
        made_from(own.store, recipe)  # two files of the sample hold the same events
    counted = made_from(own.store, replace(recipe, inputs=recipe.inputs[:1]))
    assert isinstance(counted, pa.Table)
    energy = own.store.read_product(recipe.inputs[0])["reco_energy"].to_numpy()
    low, high = (counted[f"reco_energy_{side}"].to_numpy() for side in ("low", "high"))
    assert sum(counted["n_events"].to_pylist()) == np.count_nonzero((energy >= low.min()) & (energy < high.max()))


def test_simulated_events_are_not_counted(own: Analysis) -> None:
    simulated = ProductKey("events", {"kind": "mc", "season": "IC86_2011"})
    (recipe,) = recipes(own.config, own.store, "event_counts")
    assert str(simulated) not in {str(product) for product in recipe.inputs}


def test_wider_bins_hold_the_sum_of_the_narrow_ones(own: Analysis) -> None:
    edges = bin_parameters(own.config)
    wide = {name: [values[0], values[-1]] for name, values in edges.items()}
    inputs = events_of(own.config, "data")[:1]
    code = f"{event_counts.make.__module__}:make"
    narrow, one = (
        made_from(own.store, Recipe(ProductKey("event_counts"), code, parameters, inputs))
        for parameters in (edges, wide)
    )
    assert isinstance(narrow, pa.Table)
    assert isinstance(one, pa.Table)
    assert one.num_rows == 2  # a bin a class
    for event_class in ("cascade", "track"):
        of_class = [
            sum(t.filter(pa.compute.equal(t["event_class"], event_class))["n_events"].to_pylist())
            for t in (narrow, one)
        ]
        assert of_class[0] == of_class[1]
