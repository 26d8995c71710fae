"""The stage `atmospheric_expectation`: the fitted model beside the measured counts, bin by bin."""

import numpy as np
import pytest
from scipy.stats import chi2

from core.configuration.config import Config
from core.inference.atmospheric_expectation import atmospheric_expectation_product
from core.inference.atmospheric_model import public_counts_model
from core.stages.atmospheric_expectation import STAGE
from tests.core.stages.analyses import N_EVENTS, Analysis


def test_the_counts_are_the_measured_ones(joint: Analysis) -> None:
    table, counts = joint.table("atmospheric_expectation"), joint.table("event_counts")
    assert table["n_events"].equals(counts["n_events"])
    assert sum(table["n_events"].to_pylist()) == N_EVENTS


def test_the_fitted_model_expects_about_as_many(joint: Analysis) -> None:
    table = joint.table("atmospheric_expectation")
    expected = table["n_expected"].to_numpy()
    assert expected.min() > 0.0
    assert expected.sum() == pytest.approx(N_EVENTS, rel=0.02)
    assert np.all(table["n_expected_muons"].to_numpy() <= expected)


def test_residuals_are_of_one_standard_deviation(joint: Analysis) -> None:
    """Their squares sum to no more than 128 bins make likely."""
    residual = joint.table("atmospheric_expectation")["residual"].to_numpy()
    counts, expected = (joint.table("atmospheric_expectation")[n].to_numpy() for n in ("n_events", "n_expected"))
    assert np.all(residual * (counts - expected) >= -1e-6)
    assert chi2.sf(np.sum(residual**2), 128) > 1e-3


def test_it_is_the_model_at_the_fitted_values(joint: Analysis) -> None:
    made = atmospheric_expectation_product(
        public_counts_model(), joint.table("event_counts"), joint.table("atmospheric_fit")
    )
    np.testing.assert_allclose(made["n_expected"], joint.table("atmospheric_expectation")["n_expected"], rtol=1e-9)


def test_only_a_sample_with_a_model_has_it() -> None:
    assert STAGE.applies(Config())
    assert not STAGE.applies(Config(sample="simulated-7y"))
