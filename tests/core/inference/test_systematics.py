"""Shifts of a sensitivity: quadrature, factors that are exact, and the signs of the others."""

from functools import cache

import pyarrow as pa
import pytest

from core.errors import PhysicsError
from core.glossary import GLOSSARY
from core.inference.asimov import joint_asimov, joint_law
from core.inference.systematics import (
    RESPONSE_CHANGES,
    Side,
    Variation,
    response_variations,
    shifts,
    signal_variations,
    systematics_table,
    varied_sensitivity,
    varied_signal_pdf,
)
from core.response import public_response
from core.spectra import source_directions, spectra_table
from core.spectra.oscillation import NUFIT_60
from tests.core.pdfs.public_pairs import STATISTIC, public_pair

CHANNEL, MASS, NSIDE = "tautau", 20.0, 16


@cache
def signal_pdf_of(side: Side) -> pa.Table:
    pair = public_pair(CHANNEL, MASS)
    sources = pair.expected.sources
    behind_earth = source_directions(sources) if side.earth_matter else None
    spectra = spectra_table(CHANNEL, MASS, "pythia", side.angles or NUFIT_60, behind_earth)
    return varied_signal_pdf(side, public_response(), spectra, sources, MASS, pair.background, NSIDE)


def sensitivity_of(side: Side) -> float:
    background = public_pair(CHANNEL, MASS).background
    return varied_sensitivity(signal_pdf_of(Side()), signal_pdf_of(side), background, "data", STATISTIC.n_cells)


@cache
def shift_by_cause() -> dict[str, tuple[float, float]]:
    sizes = {"effective_area": 0.1, "energy_scale": 0.1, "angular_error": 0.2, "nc_cross_section": 0.2}
    variations = (*response_variations(sizes), *signal_variations())
    return {one.cause: (one.low, one.high) for one in shifts(sensitivity_of(Side()), variations, sensitivity_of)}


def test_the_nominal_signal_has_the_sensitivity_of_the_asimov_product() -> None:
    cells = public_pair(CHANNEL, MASS).ratio_cells(NSIDE)
    expected = joint_asimov(joint_law(cells)).sensitivity / cells["n_s_per_sigma_v"][0].as_py()
    assert sensitivity_of(Side()) == pytest.approx(expected, rel=1e-6)


@pytest.mark.slow
def test_an_area_that_is_larger_everywhere_finds_a_smaller_cross_section() -> None:
    low, high = shift_by_cause()["effective_area"]
    assert (low, high) == pytest.approx((1.0 / 1.1 - 1.0, 1.0 / 0.9 - 1.0), rel=1e-6)


@pytest.mark.slow
def test_wider_kernels_are_less_sensitive_and_neutral_currents_tell_less_than_all() -> None:
    found = shift_by_cause()
    assert found["angular_error"][0] < -0.02 < 0.02 < found["angular_error"][1]
    assert -0.1 < found["nc_cross_section"][0] < 0.0 < found["nc_cross_section"][1] < 0.1
    assert 0.0 < max(abs(edge) for edge in found["energy_scale"]) < 0.2


@pytest.mark.slow
def test_mixing_and_matter_move_little() -> None:
    found = shift_by_cause()
    for cause in ("sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp", "earth_matter"):
        assert 0.0 < max(abs(edge) for edge in found[cause]) < 0.03


def test_the_total_is_the_quadrature_of_each_direction() -> None:
    variations = [Variation("a", (Side(), Side(earth_matter=True))), Variation("b", (Side(source="other"),))]
    values = {Side(): 0.97, Side(earth_matter=True): 1.04, Side(source="other"): 1.03}
    found = shifts(1.0, variations, values.__getitem__)
    assert [(one.cause, one.low, one.high) for one in found] == [
        ("a", pytest.approx(-0.03), pytest.approx(0.04)),
        ("b", 0.0, pytest.approx(0.03)),
        ("total", pytest.approx(-0.03), pytest.approx(0.05)),
    ]
    table = systematics_table(found)
    assert table["cause"].to_pylist() == ["a", "b", "total"]
    assert all(table[name].type == GLOSSARY[name].dtype for name in table.column_names)


def test_what_is_varied_is_named() -> None:
    causes = [one.cause for one in signal_variations("pppc", earth_matter=True)]
    assert causes == ["sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp", "spectra_source", "earth_matter"]
    assert signal_variations(earth_matter=True)[-1].sides == (Side(earth_matter=False),)
    assert {one.cause for one in response_variations(dict.fromkeys(RESPONSE_CHANGES, 0.1))} == set(RESPONSE_CHANGES)


def test_impossible_variations_are_refused() -> None:
    with pytest.raises(PhysicsError, match="variation 'ice' is unknown; allowed are effective_area"):
        response_variations({"ice": 0.1})
    with pytest.raises(PhysicsError, match="energy_scale = 1; allowed is a relative size between 0 and 1"):
        response_variations({"energy_scale": 1.0})
    with pytest.raises(PhysicsError, match="a: a sensitivity of nan"):
        shifts(1.0, [Variation("a", (Side(),))], lambda _: float("nan"))
    half = signal_pdf_of(Side()).slice(0, 10)
    with pytest.raises(PhysicsError, match="other cells"):
        varied_sensitivity(signal_pdf_of(Side()), half, public_pair(CHANNEL, MASS).background, "data", 64)
