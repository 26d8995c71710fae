"""Legend and caveats in one margin: neither covers the other, whatever there is to say, and nothing is cut off."""

import pyarrow as pa
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from core.figures import style
from core.figures.limits import channel_limits_figure, limits_figure, sensitivities_figure
from core.figures.margin import DROP, GAP, caveat_extent, fill_margin, frame_with_margin
from core.published.limits import published_limits
from tests.core.figures.test_halo_curves import halo
from tests.core.figures.test_observed_limits import observed
from tests.figure_boxes import badly_placed, extent
from tests.small_analysis import sensitivity

CAVEATS = {
    "public sample": style.PUBLIC_SAMPLE_CAVEATS,
    "all that can be": (
        *style.SIMULATED_SAMPLE_CAVEATS,
        style.CONDITIONAL_CAVEAT,
        style.DIRAC_CAVEAT,
        style.MARGINALISED_CAVEAT,
        *style.SEPARATE_SKIES_CAVEATS,
    ),
    "nothing": (),
}
ALL_CHANNELS = tuple((channel, mass) for channel in ("bb", "mumu", "tautau", "WW", "nunu") for mass in (100.0, 200.0))


def entries(number: int) -> list[Line2D]:
    return [Line2D([], [], label=f"limit {index}\nof two lines") for index in range(number)]


def standing(figure: Figure) -> tuple[float, float]:
    """The lower end of the legend and the upper end of the caveats, in inches from below."""
    margin = figure.axes[-1]
    (box,) = (text for text in margin.texts if isinstance(text, Annotation))
    return margin.get_legend().get_window_extent().y0 / figure.dpi, extent(box).y1 / figure.dpi


@pytest.mark.parametrize("number", [1, 8, 20, 40])
def test_caveats_stand_below_the_legend_however_long_it_is(number: int) -> None:
    figure, axes, margin = frame_with_margin()
    axes.set(xticks=[0.3, 0.6], yticks=[0.5])
    style.frame(axes, "mass", "value", "title")
    fill_margin(figure, margin, entries(number), style.PUBLIC_SAMPLE_CAVEATS)
    end_of_legend, end_of_caveats = standing(figure)
    assert end_of_legend - end_of_caveats > 0.9 * GAP
    assert badly_placed(figure) == []


def test_a_figure_grows_by_what_is_missing_and_keeps_its_edges() -> None:
    edges = []
    for number in (1, 30):
        figure, axes, margin = frame_with_margin()
        fill_margin(figure, margin, entries(number), style.PUBLIC_SAMPLE_CAVEATS)
        place, height = axes.get_position(), figure.get_figheight()
        edges.append((place.y0 * height, (1.0 - place.y1) * height, height))
    (below, above, low), (below_grown, above_grown, high) = edges
    assert low == 6.0 < high
    assert (below_grown, above_grown) == pytest.approx((below, above))


def test_with_room_enough_the_figure_stays_as_it_is() -> None:
    figure, _, margin = frame_with_margin()
    before = margin.get_position().bounds
    fill_margin(figure, margin, entries(3), style.PUBLIC_SAMPLE_CAVEATS)
    assert margin.get_position().bounds == before
    figure.draw_without_rendering()
    (box,) = margin.texts
    assert extent(box).y0 / figure.dpi == pytest.approx(margin.get_window_extent().y0 / figure.dpi - DROP, abs=0.1)


def test_the_extent_of_caveats_holds_the_line_around_them() -> None:
    figure, _, margin = frame_with_margin()
    fill_margin(figure, margin, entries(1), ("one caveat",))
    figure.draw_without_rendering()
    (box,) = margin.texts
    drawn, said = extent(box), caveat_extent(box)
    assert said.contains(*drawn.min)
    assert said.contains(*drawn.max)
    assert said.width == pytest.approx(drawn.width, abs=6.0)


@pytest.mark.slow
@pytest.mark.parametrize("caveats", CAVEATS.values(), ids=CAVEATS)
@pytest.mark.parametrize("pairs", [(("bb", 40.0),), ALL_CHANNELS], ids=["one channel", "all channels"])
def test_nothing_on_the_overview_covers_anything(
    pairs: tuple[tuple[str, float], ...], caveats: tuple[str, ...]
) -> None:
    """With all that it may show at once: halos, observed limits, those of others."""
    figure = limits_figure(sensitivity(pairs), published_limits(), caveats, halo(), observed())
    assert badly_placed(figure) == []


@pytest.mark.slow
@pytest.mark.parametrize("caveats", CAVEATS.values(), ids=CAVEATS)
def test_nothing_in_one_frame_covers_anything(caveats: tuple[str, ...]) -> None:
    rows: pa.Table = sensitivity(ALL_CHANNELS)
    for figure in (
        sensitivities_figure(rows, caveats, halo()),
        channel_limits_figure(rows, "nunu", published_limits(), caveats, halo()),
    ):
        assert badly_placed(figure) == []
