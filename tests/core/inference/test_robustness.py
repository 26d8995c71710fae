"""Ratios of sensitivities from the information of pairs of sources: closed forms, and what issue and papers say."""

import numpy as np
import pytest

from core.dark_matter.sources import EMBEDDED_CATALOGUE, read_catalogue
from core.errors import InputError, PhysicsError
from core.inference.robustness import (
    asymptotic_sensitivity,
    drawn_factors,
    marginalised_ratio,
    robustness_table,
    sensitivity_ratio,
    signal_found,
    weights_of_aperture,
    weights_without,
)
from core.likelihood.j_profile import FactorErrors
from core.pdfs.source_information import slope_share
from tests.core.pdfs.public_pairs import public_pair
from tests.core.pdfs.source_pairs import patterns

TWO = np.array([[4.0, 2.0], [2.0, 9.0]])


def test_the_sensitivity_of_two_sources_by_hand() -> None:
    assert asymptotic_sensitivity(TWO) == pytest.approx(1.2815515655446004 / np.sqrt(17.0))
    assert sensitivity_ratio(TWO, [1.0, 0.0]) == pytest.approx(np.sqrt(17.0 / 4.0))
    assert sensitivity_ratio(TWO, 2.0) == pytest.approx(0.5)
    assert slope_share(TWO) == pytest.approx([6.0 / 17.0, 11.0 / 17.0])


def test_a_fit_with_a_wrong_pattern_is_never_better_than_with_the_true_one() -> None:
    generator = np.random.default_rng(1)
    for _ in range(50):
        fitted, true = generator.exponential(size=(2, 2))
        assert sensitivity_ratio(TWO, fitted, true) >= sensitivity_ratio(TWO, true) * (1.0 - 1e-12)


def test_the_signal_found_is_that_of_the_true_factors() -> None:
    assert signal_found(TWO, [[1.0, 1.0], [2.0, 2.0], [1.0, 0.0]]) == pytest.approx([1.0, 2.0, 6.0 / 17.0])


def test_without_errors_marginalising_changes_nothing() -> None:
    assert marginalised_ratio(TWO, np.ones((5, 2))) == pytest.approx(1.0)


@pytest.mark.parametrize("weights", [[0.0, 0.0], [np.nan, 1.0], [-1.0, 1.0]])
def test_weights_that_leave_no_signal_are_refused(weights: list[float]) -> None:
    with pytest.raises(PhysicsError):
        sensitivity_ratio(TWO, weights)


def test_a_source_that_there_is_not_cannot_be_left_out() -> None:
    with pytest.raises(InputError, match="Drako are not among the sources"):
        weights_without(["Draco"], ["Drako"])


def names() -> list[str]:
    return public_pair("tautau", 20.0).expected.sources["source"].to_pylist()


def test_one_galaxy_decides() -> None:
    information = patterns("tautau", 20.0).information
    share = dict(zip(names(), slope_share(information), strict=True))
    assert share["Willman 1"] == pytest.approx(0.46, abs=0.01)
    assert share["Ursa Major II"] == pytest.approx(0.29, abs=0.01)
    without = [["Willman 1"], ["Willman 1", "Ursa Major II"]]
    ratios = [sensitivity_ratio(information, weights_without(names(), left_out)) for left_out in without]
    assert ratios == pytest.approx([1.73, 2.51], abs=0.05)


@pytest.mark.parametrize(("aperture", "ratio"), [(0.5, 1.0), (0.2, 1.49), (0.1, 2.21)])
def test_narrower_cones_hold_less(aperture: float, ratio: float) -> None:
    sources = public_pair("tautau", 20.0).expected.sources
    weights = weights_of_aperture(sources, read_catalogue(EMBEDDED_CATALOGUE), aperture)
    assert sensitivity_ratio(patterns("tautau", 20.0).information, weights) == pytest.approx(ratio, abs=0.02)


def test_the_nominal_sensitivity_is_that_of_the_ratio_cells() -> None:
    pair = public_pair("tautau", 20.0)
    n_s = asymptotic_sensitivity(patterns("tautau", 20.0).information) * float(patterns("tautau", 20.0).signal.sum())
    assert n_s == pytest.approx(pair.closed_form().sensitivity, rel=0.02)


def test_marginalising_makes_the_sensitivity_look_better_while_the_signal_may_be_half() -> None:
    """The trap: 0.83 times, with a band of 0.54 to 4.5 of the signal."""
    errors = FactorErrors.of_sources(public_pair("tautau", 20.0).expected.sources)
    information = patterns("tautau", 20.0).information
    factors = drawn_factors(errors, 20_000, np.random.default_rng(3))
    assert marginalised_ratio(information, factors) == pytest.approx(0.83, abs=0.02)
    assert np.quantile(signal_found(information, factors), [0.05, 0.95]) == pytest.approx([0.54, 4.5], rel=0.05)


def test_the_table_names_its_variants_with_the_factors_of_each() -> None:
    table = robustness_table(TWO, {"without the second": [1.0, 0.0]}, ratios={"another detector": 1.5})
    assert table["variant"].to_pylist() == ["nominal", "without the second", "another detector"]
    assert table["ratio"].to_pylist() == pytest.approx([1.0, np.sqrt(17.0 / 4.0), 1.5])
    assert table["factor_ratios"].to_pylist() == [[1.0, 1.0], [1.0, 0.0], None]
    assert table["sigma_v_sensitivity"][0].as_py() == pytest.approx(1.2815515655446004 / np.sqrt(17.0))
