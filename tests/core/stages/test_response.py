"""The stage `response`: shipped with the public sample, derived from simulated events of any other."""

import numpy as np
import pyarrow as pa
import pytest

from core.response.model import Response
from core.stages.event_inputs import bin_parameters, simulation_of
from core.stages.registry import recipes
from core.stages.stage import made_from
from core.units import DAY
from tests.core.stages.analyses import Analysis
from tests.own_sample import LIVETIME


def test_the_public_response_is_known_by_its_file(joint: Analysis) -> None:
    (recipe,) = joint.recipes("response")
    assert recipe.code == "core.stages.samples.public_3y:make_response"
    assert set(recipe.parameters) == {"file_digest"}
    response = Response.from_table(joint.table("response"))
    np.testing.assert_allclose(response.livetime, 2.5 * 365.0 * DAY)
    assert response.effective_area.min() >= 0.0


@pytest.mark.slow
def test_simulated_events_and_good_runs_make_the_response(own: Analysis) -> None:
    (recipe,) = recipes(own.config, own.store, "response")
    assert recipe.inputs == simulation_of(own.config)
    assert recipe.parameters == bin_parameters(own.config)
    made = made_from(own.store, recipe)
    assert isinstance(made, pa.Table)
    response = Response.from_table(made)
    np.testing.assert_allclose(response.livetime, 2.0 * LIVETIME * DAY)
    np.testing.assert_allclose(response.reco_energy_edges, recipe.parameters["reco_energy_edges"])


def test_measured_events_play_no_part(own: Analysis) -> None:
    (recipe,) = recipes(own.config, own.store, "response")
    assert {product.keys.get("kind") for product in recipe.inputs} == {"mc", None}
