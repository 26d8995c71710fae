"""The stage `background_pdf`: shares of the measured events, and their densities."""

import numpy as np
import pytest

from core.products.recipe import ProductKey
from tests.core.stages.analyses import N_EVENTS, Analysis


def test_it_is_made_from_the_counts_alone(any_statistic: Analysis) -> None:
    (recipe,) = any_statistic.recipes("background_pdf")
    assert recipe.inputs == (ProductKey("event_counts"),)
    assert recipe.parameters == {}


def test_probabilities_are_shares_of_the_events(joint: Analysis) -> None:
    table, counts = joint.table("background_pdf"), joint.table("event_counts")
    probability = table["background_probability"].to_numpy()
    assert probability.sum() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(probability * N_EVENTS, counts["n_events"].to_numpy())


def test_densities_integrate_to_the_probabilities_over_the_whole_turn(joint: Analysis) -> None:
    frame = joint.table("background_pdf").to_pandas()
    width = frame["reco_cos_zenith_high"] - frame["reco_cos_zenith_low"]
    np.testing.assert_allclose(frame["background_density"] * 2.0 * np.pi * width, frame["background_probability"])
    assert set(np.round(frame.groupby(["event_class", "reco_energy_low"])["reco_cos_zenith_low"].min(), 9)) == {-1.0}


def test_no_statistic_has_another_background(joint: Analysis, j_weighted: Analysis) -> None:
    assert joint.table("background_pdf").equals(j_weighted.table("background_pdf"))
