"""Figures of cross sections show the numbers of the product, open bands, limitations, published limits and caveats."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.errors import ProductError
from core.figures.limits import FADE_DECADES, channel_limits_figure, limits_figure, sensitivities_figure
from core.figures.style import PUBLIC_SAMPLE_CAVEATS, caveats_of, channel_colour
from core.published.limits import published_limits
from tests.small_analysis import sensitivity


def texts(figure: Figure) -> str:
    """All that is written on a figure."""
    written = [text.get_text() for axes in figure.axes for text in axes.texts]
    legends = [axes.get_legend() for axes in figure.axes]
    return "\n".join([*written, *(text.get_text() for legend in legends if legend for text in legend.get_texts())])


def median_of(axes: Axes, channel: str) -> np.ndarray:
    lines = [line for line in axes.lines if line.get_color() == channel_colour(channel) and line.get_linestyle() == "-"]
    return np.array(lines[0].get_xydata())


@pytest.mark.parametrize("channel", ["bb", "tautau"])
def test_the_curve_is_that_of_the_product(channel: str) -> None:
    table = sensitivity()
    rows = table.filter(pa.array([name == channel for name in table["channel"].to_pylist()]))
    drawn = median_of(channel_limits_figure(table, channel).axes[0], channel)
    np.testing.assert_array_equal(drawn[:, 0], rows["mass"].to_numpy())
    np.testing.assert_array_equal(drawn[:, 1], rows["sigma_v_sensitivity"].to_numpy())


def test_axes_are_logarithmic_and_say_what_they_show() -> None:
    axes = channel_limits_figure(sensitivity(), "bb").axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert axes.get_xlabel() == "dark matter mass $m_\\chi$ [GeV]"
    assert axes.get_ylabel() == "annihilation cross section ⟨σv⟩ [cm³ s⁻¹]"


def test_each_panel_of_all_channels_has_its_numbers_on_both_axes() -> None:
    figure = limits_figure(sensitivity(), published_limits())
    figure.draw_without_rendering()
    panels = [axes for axes in figure.axes if axes.lines and axes.get_title(loc="left")]
    assert len(panels) > 1
    for axes in panels:
        for axis in (axes.xaxis, axes.yaxis):
            assert any(tick.label1.get_visible() and tick.label1.get_text() for tick in axis.get_major_ticks())


def lowest_of_bands(figure: Figure) -> float:
    return min(collection.get_paths()[0].vertices[:, 1].min() for collection in figure.axes[0].collections)


def test_a_band_without_lower_edge_fades_away_below_the_inner_one() -> None:
    table = sensitivity()
    figure = channel_limits_figure(table, "bb")
    lowest = 0.22 * min(value for value in table["sigma_v_sensitivity"].to_pylist()[:2])
    assert lowest_of_bands(figure) == pytest.approx(lowest * 10.0**-FADE_DECADES, rel=1e-6)
    assert "open below" in texts(figure)


def test_a_band_with_a_lower_edge_ends_there() -> None:
    table = sensitivity()
    edge = pa.array([0.1 * value for value in table["sigma_v_sensitivity"].to_pylist()])
    closed = table.set_column(table.column_names.index("sigma_v_band_lo95"), "sigma_v_band_lo95", edge)
    figure = channel_limits_figure(closed, "bb")
    assert lowest_of_bands(figure) == pytest.approx(min(edge.to_pylist()[:2]), rel=1e-9)
    assert "open below" not in texts(figure)


def test_pairs_that_the_sample_limits_have_open_markers() -> None:
    figure = channel_limits_figure(sensitivity(), "tautau")
    faces = {tuple(np.ravel(line.get_xdata())): line.get_markerfacecolor() for line in figure.axes[0].lines[-2:]}
    assert faces == {(20.0,): channel_colour("tautau"), (5.0,): "white"}
    assert "migration only" in texts(figure)
    assert "migration only" not in texts(channel_limits_figure(sensitivity(), "bb"))


def test_only_limits_of_the_channel_and_the_masses_are_shown() -> None:
    written = texts(channel_limits_figure(sensitivity(), "tautau", published_limits()))
    assert "IceCube/DeepCore 2017\nGalactic Centre (NFW), 90 % CL" in written
    assert "Fermi-LAT 2015\n15 dwarfs, 95 % CL" in written
    assert "H.E.S.S." not in written
    assert "Super-Kamiokande" not in written


def test_what_could_not_be_verified_is_said() -> None:
    lines = sensitivity((("nunu", 20.0),))
    assert "† neutrino flavour not verified" in texts(channel_limits_figure(lines, "nunu", published_limits()))
    assert "neutrino flavour not verified" in texts(limits_figure(lines, published_limits()))


def test_the_overview_has_a_panel_a_channel_on_common_axes() -> None:
    figure = limits_figure(sensitivity(), published_limits())
    bb, tautau, margin = figure.axes
    assert (bb.get_ylim(), bb.get_xlim()) == (tautau.get_ylim(), tautau.get_xlim())
    assert not margin.axison


def test_one_frame_holds_all_channels() -> None:
    axes = sensitivities_figure(sensitivity()).axes[0]
    for channel in ("bb", "tautau"):
        assert median_of(axes, channel).shape == (2, 2)


@pytest.mark.parametrize(
    "draw",
    [
        lambda rows: limits_figure(rows, published_limits()),
        sensitivities_figure,
        lambda rows: channel_limits_figure(rows, "bb", published_limits()),
    ],
    ids=["all channels", "one frame", "one channel"],
)
def test_caveats_stand_in_the_corner(draw: Callable[[pa.Table], Figure]) -> None:
    written = texts(draw(sensitivity())).replace("\n   ", "\n")
    for caveat in PUBLIC_SAMPLE_CAVEATS:
        assert caveat in written
    assert "thermal relic" in written


def test_other_caveats_take_the_place_of_ours() -> None:
    written = texts(sensitivities_figure(sensitivity(), caveats=("simulated sample",)))
    assert "simulated sample" in written
    assert PUBLIC_SAMPLE_CAVEATS[0] not in written


def test_a_single_mass_is_drawn_with_a_band_that_can_be_seen() -> None:
    axes = channel_limits_figure(sensitivity((("WW", 90.0),)), "WW").axes[0]
    widths = [np.ptp(collection.get_paths()[0].vertices[:, 0]) for collection in axes.collections]
    assert min(widths) > 0.0
    low, high = axes.get_xlim()
    assert high / low >= 25.0


def test_no_rows_and_unknown_channels_are_refused() -> None:
    with pytest.raises(ProductError, match="no sensitivity to draw"):
        limits_figure(sensitivity().slice(0, 0))
    with pytest.raises(ProductError, match="'WW': the table has bb, tautau"):
        channel_limits_figure(sensitivity(), "WW")


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ProductError, match="'sigma_v_band_hi95'"):
        limits_figure(sensitivity().drop_columns(["sigma_v_band_hi95"]))


def of_decay() -> pa.Table:
    """The same rows as lifetimes: a cross section of 1 is a decay rate of 1."""
    rows = sensitivity()
    names = [name.replace("sigma_v", "decay_rate") for name in rows.column_names]
    return rows.rename_columns(names).append_column("process", pa.array(["decay"] * rows.num_rows))


def test_decay_is_drawn_as_lifetimes_without_limits_on_annihilation() -> None:
    figure = channel_limits_figure(of_decay(), "tautau", published_limits())
    assert figure.axes[0].get_ylabel() == "lifetime $\\tau$ [s]"
    rows = [row for row in of_decay().to_pylist() if row["channel"] == "tautau"]
    drawn = median_of(figure.axes[0], "tautau")[:, 1]
    np.testing.assert_allclose(drawn, [1.0 / row["decay_rate_sensitivity"] for row in rows])
    written = texts(figure)
    assert "open above" in written
    assert "relic" not in written
    assert "Fermi" not in written


def test_the_open_edge_of_lifetimes_fades_upwards() -> None:
    axes = channel_limits_figure(of_decay(), "tautau").axes[0]
    longest = max(1.0 / row["decay_rate_band_lo68"] for row in of_decay().to_pylist() if row["channel"] == "tautau")
    highest = max(path.vertices[:, 1].max() for band in axes.collections for path in band.get_paths())
    assert highest == pytest.approx(longest * 10.0**FADE_DECADES)


def test_dirac_particles_are_named() -> None:
    rows = sensitivity()
    rows = rows.append_column("process", pa.array(["dirac_annihilation"] * rows.num_rows))
    assert "Dirac particles" in texts(limits_figure(rows, caveats=caveats_of(rows)))
