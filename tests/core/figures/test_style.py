"""Labels carry the glossary's units; tables are read as they are; figures leave no state behind."""

from collections.abc import Callable, Sequence
from io import BytesIO

import matplotlib
import numpy as np
import pyarrow as pa
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from core.dark_matter.channels import CHANNELS
from core.errors import ProductError
from core.figures import style
from core.figures.limits import limits_figure
from core.figures.observed_sky import observed_figure
from core.figures.source_counts import source_counts_figure
from core.figures.source_pdf import source_pdf_figure
from core.figures.sources import sources_figure
from core.figures.test_statistic import trials_figure
from core.glossary import GLOSSARY
from tests.core.figures.test_observed_sky import OBSERVED
from tests.core.figures.test_source_counts import of_pair
from tests.core.figures.test_source_pdf import BACKGROUND, SIGNAL
from tests.figure_boxes import badly_placed
from tests.small_analysis import sensitivity, signal_trials, sources, trials

ALL_CAVEATS = (
    *style.SIMULATED_SAMPLE_CAVEATS,
    style.CONDITIONAL_CAVEAT,
    style.DIRAC_CAVEAT,
    style.MARGINALISED_CAVEAT,
    *style.SEPARATE_SKIES_CAVEATS,
)


@pytest.mark.parametrize(
    ("unit", "printed"),
    [
        ("cm3 s-1", "cm³ s⁻¹"),
        ("GeV", "GeV"),
        ("GeV2 cm-5", "GeV² cm⁻⁵"),
        ("log10(GeV2 cm-5)", "log₁₀(GeV² cm⁻⁵)"),
        ("sr-1", "sr⁻¹"),
        ("", ""),
    ],
)
def test_units_are_printed_as_physicists_write_them(unit: str, printed: str) -> None:
    assert style.unit_text(unit) == printed


def test_an_axis_names_the_term_and_the_unit_of_the_glossary() -> None:
    assert style.axis_label("sigma_v_sensitivity") == "annihilation cross section ⟨σv⟩ [cm³ s⁻¹]"
    assert style.axis_label("n_s").startswith("fitted signal events")


def test_every_axis_term_stands_in_the_glossary() -> None:
    assert set(style.AXIS_TERMS) <= set(GLOSSARY)


def test_every_channel_has_a_colour_of_its_own() -> None:
    assert set(style.CHANNEL_COLOURS) == set(CHANNELS)
    assert len(set(style.CHANNEL_COLOURS.values())) == len(CHANNELS)


def test_channels_stand_in_one_order_and_unknown_ones_last() -> None:
    assert style.in_channel_order(["nunu", "xx", "bb", "tautau", "bb"]) == ["bb", "tautau", "nunu", "xx"]


def test_null_is_read_as_nan() -> None:
    table = pa.table({"mass": pa.array([1.0, None, 3.0])})
    np.testing.assert_array_equal(style.reals(table, "mass"), [1.0, np.nan, 3.0])


def test_texts_are_read_in_order() -> None:
    assert style.texts(pa.table({"channel": ["bb", "WW", "bb"]}), "channel").tolist() == ["bb", "WW", "bb"]
    assert style.texts(pa.table({"channel": pa.array([], pa.string())}), "channel").size == 0


def test_a_missing_column_is_named_with_those_that_are_there() -> None:
    with pytest.raises(ProductError, match="'mass'; the table has channel"):
        style.reals(pa.table({"channel": ["bb"]}), "mass")


def test_long_caveats_take_as_many_lines_as_the_width_asks_for() -> None:
    narrow, wide = style.new_figure(4, 3), style.new_figure(14, 3)
    for figure in (narrow, wide):
        style.caveat_line(figure, style.PUBLIC_SAMPLE_CAVEATS)
    assert narrow.get_supxlabel().count("\n") > wide.get_supxlabel().count("\n") == 0


@pytest.mark.parametrize(
    "caveats", [style.PUBLIC_SAMPLE_CAVEATS, ALL_CAVEATS], ids=["public sample", "all that can be"]
)
@pytest.mark.parametrize(
    "draw",
    [
        lambda caveats: trials_figure(trials(), signal_trials(), caveats=caveats),
        lambda caveats: source_pdf_figure(BACKGROUND, SIGNAL, sources(), caveats),
        lambda caveats: observed_figure(OBSERVED, caveats),
        lambda caveats: source_counts_figure(of_pair(), caveats),
    ],
    ids=["trials", "densities of sources", "observed sky", "counts of sources"],
)
def test_caveats_of_several_lines_cover_no_label(
    draw: Callable[[Sequence[str]], Figure], caveats: Sequence[str]
) -> None:
    assert badly_placed(draw(caveats)) == []


def test_the_first_line_of_caveats_needs_no_more_room() -> None:
    figure = style.new_figure(6.0, 4.0, {"bottom": 0.2})
    style.caveat_line(figure, ["short"])
    assert figure.subplotpars.bottom == 0.2
    style.caveat_line(figure, ["a caveat that fills a line of its own " * 3] * 3)
    assert figure.subplotpars.bottom == pytest.approx(0.2 + 2 * 1.2 * 7.5 / 72.0 / 4.0)


def test_figures_are_not_kept_by_pyplot() -> None:
    """pyplot keeps its figures for ever and is not to be used from several threads."""
    limits_figure(sensitivity())
    sources_figure(sources())
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize(
    ("value", "text"), [(5.6234, "5.62"), (56.234, "56.2"), (1000.0, "1000"), (7498.9, "7500"), (3.0, "3")]
)
def test_numbers_stand_to_three_digits_without_powers_of_ten(value: float, text: str) -> None:
    assert style.three_digits(value) == text


def test_settings_of_the_user_do_not_rule_figures() -> None:
    def drawn() -> bytes:
        figure = style.new_figure(3.0, 2.0)
        style.frame(figure.subplots(), "energy $E_\\nu$", "⟨σv⟩", "title_with_marks_100%")
        content = BytesIO()
        figure.savefig(content, format="png", metadata={"Software": None})
        return content.getvalue()

    own = drawn()
    users = {"text.usetex": True, "font.size": 30.0, "axes.facecolor": "black", "savefig.dpi": 30, "lines.linewidth": 9}
    with matplotlib.rc_context(users):
        assert drawn() == own
