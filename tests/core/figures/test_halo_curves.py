"""The expected curves of galaxies and halo: beside the sensitivities, by profile, of decay as lifetimes."""

import numpy as np
import pyarrow as pa
import pytest

from core.figures.halo_curves import COLUMN, halo_curves, halo_handles
from core.figures.limits import channel_limits_figure, limits_figure, sensitivities_figure
from tests.small_analysis import sensitivity


def halo(strength: str = "sigma_v") -> pa.Table:
    """Two profiles for each pair of the small analysis, 500 and 250 times as sensitive as galaxies alone."""
    rows = [
        {
            "channel": row["channel"],
            "mass": row["mass"],
            "profile": profile,
            COLUMN.format(strength): row["sigma_v_sensitivity"] / factor,
        }
        for row in sensitivity().to_pylist()
        for profile, factor in (("nfw", 500.0), ("burkert", 250.0), ("einasto", 600.0))
    ]
    return pa.Table.from_pylist(rows)


def test_a_channel_has_a_curve_a_profile_that_is_shown() -> None:
    nfw, burkert = halo_curves(halo(), "bb")
    rows = [row for row in sensitivity().to_pylist() if row["channel"] == "bb"]
    assert (nfw.profile, burkert.profile) == ("nfw", "burkert")
    np.testing.assert_allclose(nfw.mass, [10.0, 50.0])
    np.testing.assert_allclose(nfw.value, [row["sigma_v_sensitivity"] / 500.0 for row in rows])
    assert not list(halo_curves(halo(), "WW"))
    assert not list(halo_curves(None, "bb"))


def test_decay_is_drawn_as_lifetimes() -> None:
    nfw, _ = halo_curves(halo("decay_rate"), "bb")
    cross_sections = next(halo_curves(halo(), "bb"))
    np.testing.assert_allclose(nfw.value * cross_sections.value, 1.0)
    assert "tau" in halo_handles(halo("decay_rate"), "black")[0].get_label()


@pytest.mark.parametrize("n_channels", [1, 2])
def test_the_axes_hold_the_curves_and_the_legend_says_that_they_are_expected(n_channels: int) -> None:
    figure = (
        channel_limits_figure(sensitivity(), "bb", halo=halo())
        if n_channels == 1
        else limits_figure(sensitivity(), halo=halo())
    )
    lowest = min(float(curve.value.min()) for curve in halo_curves(halo(), "bb"))
    assert figure.axes[0].get_ylim()[0] < lowest
    labels = [text.get_text() for text in figure.axes[-1].get_legend().get_texts()]
    assert {"+ NFW halo at one ⟨σv⟩, expected", "+ Burkert halo at one ⟨σv⟩, expected"} <= set(labels)


def test_the_frame_of_all_channels_shows_one_profile() -> None:
    figure = sensitivities_figure(sensitivity(), halo=halo())
    labels = [text.get_text() for text in figure.axes[-1].get_legend().get_texts()]
    assert sum(label.endswith("expected") for label in labels) == 1
