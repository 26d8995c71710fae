"""The stage `robustness`: variants that are ratios to the nominal sensitivity, of products that stand beside it."""

import numpy as np
import pytest

from core.inference.robustness import sensitivity_ratio, weights_without
from core.pdfs.source_information import information_of_table
from tests.core.stages.analyses import CHANNEL, MASS, Analysis


def ratios(analysis: Analysis) -> dict[str, float]:
    table = analysis.table("robustness")
    return dict(zip(table["variant"].to_pylist(), table["ratio"].to_pylist(), strict=True))


def test_the_first_row_is_nominal_and_every_other_a_ratio_to_it(joint: Analysis) -> None:
    table = joint.table("robustness")
    assert table["variant"][0].as_py() == "nominal"
    sensitivity = table["sigma_v_sensitivity"].to_numpy()
    np.testing.assert_allclose(sensitivity / sensitivity[0], table["ratio"].to_numpy(), rtol=1e-12)
    assert len(set(table["variant"].to_pylist())) == table.num_rows


def test_leaving_a_galaxy_out_is_the_information_without_it(joint: Analysis) -> None:
    table = joint.table("source_information")
    largest = table["source"].to_pylist()[int(np.argmax(table["slope_share"].to_numpy()))]
    weights = weights_without(table["source"].to_pylist(), [largest])
    wanted = sensitivity_ratio(information_of_table(table), weights)
    assert ratios(joint)[f"without {largest}"] == pytest.approx(wanted, rel=1e-9)
    assert wanted > 1.0


def test_less_can_be_seen_the_less_is_taken(joint: Analysis) -> None:
    found = ratios(joint)
    left_out = [value for name, value in found.items() if name.startswith("without ")]
    assert min(left_out) > 1.0
    narrower = [found[f"J within {aperture} deg"] for aperture in ("0.5", "0.2", "0.1")]
    assert narrower == sorted(narrower)
    whole = [
        found[f"J of whole galaxies{name}"]
        for name in (", all at their lower errors", "", ", all at their upper errors")
    ]
    assert whole == sorted(whole, reverse=True)


def test_ratios_of_other_products_are_taken_from_them(joint: Analysis) -> None:
    found, profiled = ratios(joint), joint.row("j_profile")
    fixed = profiled["sigma_v_sensitivity_fixed_j"]
    assert found["J factors profiled"] == pytest.approx(profiled["sigma_v_sensitivity_profiled_j"] / fixed)
    for row in joint.table("halo").to_pylist():
        same = row["sigma_v_sensitivity_asimov_same_cross_section"] / row["sigma_v_sensitivity_asimov"]
        assert found[f"halo ({row['profile']}) at the same strength"] == pytest.approx(same)


def test_every_variant_changes_something_but_the_nominal_aperture(joint: Analysis) -> None:
    found = ratios(joint)
    unchanged = {name for name, value in found.items() if value == pytest.approx(1.0, abs=1e-12)}
    assert unchanged == {"nominal", "J within 0.5 deg"}


def test_it_is_made_from_all_that_its_variants_are_about(joint: Analysis) -> None:
    (recipe,) = joint.recipes("robustness")
    assert recipe.product.keys == {"channel": CHANNEL, "mass": MASS}
    products = {"sources", "response", "spectra", "background_pdf", "source_information"}
    assert joint.inputs("robustness") == products | {"dwarf_profiles", "j_profile", "halo"}
