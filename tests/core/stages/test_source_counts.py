"""The stage `source_counts`: what is expected about each source, within the angle of 68 % of its signal."""

import numpy as np
import pytest

from tests.core.stages.analyses import N_EVENTS, Analysis


def test_68_percent_of_each_sources_signal_are_counted(joint: Analysis) -> None:
    counts, acceptance = joint.table("source_counts"), joint.table("acceptance")
    assert counts["source"].equals(acceptance["source"])
    np.testing.assert_allclose(
        counts["n_signal_in_angle_per_sigma_v"].to_numpy(), 0.68 * acceptance["n_s_per_sigma_v"].to_numpy(), rtol=1e-6
    )


def test_background_grows_with_the_solid_angle(joint: Analysis) -> None:
    """Were the sky even, the share of the background would be that of the cap; zenith makes it differ by half."""
    frame = joint.table("source_counts").to_pandas()
    assert ((frame["opening_angle"] > 0.0) & (frame["opening_angle"] < np.pi / 2.0)).all()
    even = N_EVENTS * (1.0 - np.cos(frame["opening_angle"])) / 2.0
    ratio = frame["n_background_in_angle"] / even
    assert ratio.between(0.5, 2.0).all()


def test_without_a_window_all_energies_are_used(joint: Analysis) -> None:
    frame, ranges = joint.table("source_counts").to_pandas(), joint.table("energy_range").to_pandas()
    assert set(frame["window_low"]) == {ranges["window_low"].min()}
    assert set(frame["window_high"]) == {ranges["window_high"].max()}
    assert joint.recipes("source_counts")[0].parameters == {"window": None}


def test_the_statistic_changes_nothing(joint: Analysis, j_weighted: Analysis) -> None:
    for column in ("opening_angle", "n_background_in_angle"):
        ours, other = (analysis.table("source_counts")[column].to_numpy() for analysis in (joint, j_weighted))
        assert ours == pytest.approx(other, rel=1e-12)
