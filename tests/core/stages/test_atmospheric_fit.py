"""The stage `atmospheric_fit`: parameters within their limits, pulls of their priors, a fit that the counts allow."""

import numpy as np
import pytest

from core.configuration.config import Config
from core.inference.atmospheric_model import FIT_PARAMETERS
from core.stages.atmospheric_fit import MODEL_FILES, STAGE, model_parameters
from tests.core.stages.analyses import Analysis


def test_every_parameter_of_the_model_is_fitted_within_its_limits(joint: Analysis) -> None:
    rows = {row["parameter"]: row for row in joint.table("atmospheric_fit").to_pylist()}
    assert list(rows) == [parameter.name for parameter in FIT_PARAMETERS]
    for parameter in FIT_PARAMETERS:
        assert parameter.low <= rows[parameter.name]["best_fit"] <= parameter.high
        assert rows[parameter.name]["reference"]


def test_a_pull_is_the_distance_from_the_prior_in_its_widths(joint: Analysis) -> None:
    for row, parameter in zip(joint.table("atmospheric_fit").to_pylist(), FIT_PARAMETERS, strict=True):
        assert row["prior_uncertainty"] == parameter.prior_uncertainty
        if parameter.prior_uncertainty is None:
            assert row["pull"] is None
            continue
        wanted = (row["best_fit"] - parameter.nominal) / parameter.prior_uncertainty
        assert row["pull"] == pytest.approx(wanted)
        # The counts can only narrow what a prior says.
        assert row["uncertainty"] <= parameter.prior_uncertainty * 1.001


def test_the_counts_allow_the_model(joint: Analysis) -> None:
    quality = joint.table("atmospheric_fit")["goodness_of_fit"].to_numpy()
    assert np.all(quality == quality[0])
    assert 0.05 < quality[0] < 0.95


def test_oscillation_is_as_icecube_published_it_from_these_data(joint: Analysis) -> None:
    """arXiv:1707.07081: Δm²32 = 2.31 +0.11 -0.13 × 10⁻³ eV², sin²θ23 = 0.51 +0.07 -0.09."""
    rows = {row["parameter"]: row for row in joint.table("atmospheric_fit").to_pylist()}
    assert rows["mass_splitting_32"]["best_fit"] == pytest.approx(2.31e-3, abs=0.06e-3)
    assert rows["sin2_theta23"]["best_fit"] == pytest.approx(0.51, abs=0.04)
    assert rows["mass_splitting_32"]["uncertainty"] == pytest.approx(0.12e-3, rel=0.25)


def test_the_recipe_names_the_content_of_what_the_model_is_read_from(joint: Analysis) -> None:
    (recipe,) = joint.recipes("atmospheric_fit")
    assert joint.inputs("atmospheric_fit") == {"event_counts"}
    assert recipe.parameters == model_parameters()
    digests = recipe.parameters["model_digests"]
    assert len(set(digests)) == len(MODEL_FILES) == 4


@pytest.mark.parametrize("sample", ["public-3y", "simulated-7y"])
def test_only_the_measured_counts_have_an_atmosphere_to_fit(sample: str) -> None:
    assert STAGE.applies(Config.model_validate({"sample": sample})) is (sample == "public-3y")
