"""Bounds of a certificate: kept, broken, or not decided by so few skies."""

import pytest

from core.inference.certificate_verdict import enough_skies, verdict_of

SPREAD, MANY = 170.0, 5000


def row(**changed: object) -> dict[str, object]:
    sound = {"limit": "upper_limit_unfloored", "coverage": 0.9, "n_skies": MANY, "bias": 1.0}
    return {**sound, "bias_error": 1.0, "p_value_flatness": 0.5, **changed}


@pytest.mark.parametrize(
    ("changed", "passed", "said"),
    [
        ({}, True, ""),
        ({"coverage": 0.87}, False, "covers 87.0%"),
        ({"coverage": 0.95}, False, "covers 95.0%"),
        ({"coverage": 0.880}, None, "undecided"),
        ({"limit": "upper_limit_cls", "coverage": 0.95}, True, ""),
        ({"limit": "upper_limit_profiled_j", "coverage": 0.8}, False, "90.0% are due"),
        ({"limit": "interval", "coverage": 0.683}, True, ""),
        ({"limit": "interval", "coverage": 0.9}, False, "68.3% are due"),
        ({"limit": "upper_limit_unfloored_j_drawn", "coverage": 0.5}, None, "no bound"),
        ({"bias": 40.0}, False, "n_s is +40.0"),
        ({"bias": 18.0}, None, "undecided"),
        ({"p_value_flatness": 1e-5}, False, "not flat"),
    ],
)
def test_bounds_are_held_and_named(changed: dict[str, object], passed: bool | None, said: str) -> None:
    found = verdict_of(row(**changed), SPREAD, 0.9)
    assert found.passed is passed
    assert said in found.reason
    assert (found.reason == "") == (passed is True)


def test_few_skies_pass_nothing_that_many_would_have_to_prove() -> None:
    few = enough_skies("upper_limit_unfloored", 0.9) - 1
    assert few == 3599
    found = verdict_of(row(n_skies=few), SPREAD, 0.9)
    assert found.passed is None
    assert "undecided" in found.reason
    assert "3,600" in found.reason
    assert verdict_of(row(n_skies=few + 1), SPREAD, 0.9).passed
    near = verdict_of(row(n_skies=few + 1, coverage=0.917), SPREAD, 0.9)
    assert near.passed is None
    assert near.reason.endswith("more skies decide")
    assert "3,600" not in near.reason


def test_few_skies_condemn_what_is_far_off_and_pass_what_is_far_within() -> None:
    assert verdict_of(row(n_skies=100, coverage=0.7), SPREAD, 0.9).passed is False
    assert verdict_of(row(n_skies=400, limit="upper_limit", coverage=1.0), SPREAD, 0.9).passed
    assert verdict_of(row(n_skies=400, limit="upper_limit", coverage=0.91), SPREAD, 0.9).passed is None


def test_a_bias_that_is_not_known_well_enough_is_undecided() -> None:
    assert verdict_of(row(bias=1.0, bias_error=10.0), SPREAD, 0.9).passed is None
