"""The stage `source_background_pdf`: the measured events by their angle to each source."""

import numpy as np
import pytest

from core.products.recipe import ProductKey
from tests.core.stages.analyses import N_EVENTS, Analysis


def test_every_source_sees_all_events(j_weighted: Analysis) -> None:
    frame = j_weighted.table("source_background_pdf").to_pandas()
    by_source = frame.groupby("source", sort=False)
    assert by_source.size().unique().tolist() == [36]
    np.testing.assert_allclose(by_source["entries"].sum(), N_EVENTS)
    np.testing.assert_allclose(by_source["background_probability"].sum(), 1.0)


def test_bins_of_angle_go_from_the_source_to_its_opposite(j_weighted: Analysis) -> None:
    frame = j_weighted.table("source_background_pdf").to_pandas()
    assert frame["angle_low"].min() == 0.0
    assert frame["angle_high"].max() == pytest.approx(np.pi)
    np.testing.assert_allclose(frame["angle_high"] - frame["angle_low"], np.pi / 36.0)


def test_sources_at_one_declination_have_one_background(j_weighted: Analysis) -> None:
    """It is even in right ascension: only the declination of a source can matter."""
    frame = j_weighted.table("source_background_pdf").to_pandas()
    probability = frame["background_probability"].to_numpy().reshape(-1, 36)
    dec = j_weighted.table("sources")["dec"].to_numpy()
    order = np.argsort(dec)
    step, change = np.diff(dec[order]), np.abs(np.diff(probability[order], axis=0)).max(axis=1)
    assert np.all(change[step < np.radians(0.2)] < 1e-3)


def test_it_follows_from_sources_and_background_with_bins_and_band(j_weighted: Analysis) -> None:
    (recipe,) = j_weighted.recipes("source_background_pdf")
    assert recipe.inputs == (ProductKey("sources"), ProductKey("background_pdf"))
    assert recipe.parameters == {"n_angle_bins": 36, "declination_band_deg": None, "window": None}


def test_the_joint_statistic_has_none(joint: Analysis) -> None:
    assert joint.recipes("source_background_pdf") == []
    assert joint.recipes("source_signal_pdf") == []
