"""The stage `energy_range`: signal over the root of the background in every window of the sample's bins."""

import numpy as np
import pytest

from core.products.recipe import ProductKey
from tests.core.stages.analyses import N_EVENTS, Analysis


def test_it_follows_from_the_expected_signal_and_the_background(joint: Analysis) -> None:
    assert joint.inputs("energy_range") == {"sources", "response", "spectra", "background_pdf"}
    (recipe,) = joint.recipes("energy_range")
    assert recipe.code.endswith(":make")
    assert ProductKey("background_pdf") in recipe.inputs


def test_all_windows_of_eight_energies_are_scanned(joint: Analysis) -> None:
    frame = joint.table("energy_range").to_pandas()
    assert len(frame) == 8 * 9 // 2
    assert (frame["window_low"] < frame["window_high"]).all()
    assert not frame.duplicated(["window_low", "window_high"]).any()


def test_the_widest_window_holds_all_events_and_all_signal(joint: Analysis) -> None:
    frame = joint.table("energy_range").to_pandas()
    widest = frame.loc[(frame["window_high"] - frame["window_low"]).idxmax()]
    assert widest["n_background"] == pytest.approx(N_EVENTS)
    expected = joint.table("acceptance")["n_s_per_sigma_v"].to_numpy().sum()
    assert widest["n_signal_per_sigma_v"] == pytest.approx(expected)
    assert frame["n_background"].max() == widest["n_background"]


def test_the_optimal_window_is_the_one_of_the_largest_ratio(joint: Analysis) -> None:
    frame = joint.table("energy_range").to_pandas()
    ratio = frame["n_signal_per_sigma_v"] / np.sqrt(frame["n_background"])
    np.testing.assert_allclose(frame["signal_over_sqrt_background"], ratio)
    assert frame["is_optimal"].sum() == 1
    assert frame.loc[frame["is_optimal"], "signal_over_sqrt_background"].item() == pytest.approx(ratio.max())
    assert frame.loc[frame["is_optimal"], "is_plateau"].all()


def test_windows_side_by_side_add_up(joint: Analysis) -> None:
    frame = joint.table("energy_range").to_pandas().set_index(["window_low", "window_high"])
    edges = sorted({low for low, _ in frame.index} | {high for _, high in frame.index})
    low, middle, high = edges[0], edges[3], edges[6]
    for column in ("n_signal_per_sigma_v", "n_background"):
        parts = frame.loc[(low, middle), column] + frame.loc[(middle, high), column]
        assert parts == pytest.approx(frame.loc[(low, high), column])
