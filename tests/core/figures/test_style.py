"""Labels carry the glossary's units; tables are read as they are; figures leave no state behind."""

from io import BytesIO

import matplotlib
import numpy as np
import pyarrow as pa
import pytest
from matplotlib import pyplot

from core.dark_matter.channels import CHANNELS
from core.errors import ProductError
from core.figures import style
from core.figures.limits import limits_figure
from core.figures.sources import sources_figure
from core.glossary import GLOSSARY
from tests.small_analysis import sensitivity, sources


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
