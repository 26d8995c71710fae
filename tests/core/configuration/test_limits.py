"""Settings of what is said of an observed sky."""

from typing import Any

import pytest
from pydantic import ValidationError

from core.configuration.limits import LimitSettings


def test_confidence_levels_are_different_shares_above_a_half() -> None:
    assert LimitSettings(confidence_levels=(0.9, 0.95)).confidence_levels == (0.9, 0.95)
    for levels in ((), (0.5,), (1.0,), (90,), (0.9, 0.9)):
        with pytest.raises(ValidationError):
            LimitSettings(confidence_levels=levels)


@pytest.mark.parametrize("values", [{"n_common_skies": 99}, {"n_certificate_skies": 49}, {"drawn_sky": -1}])
def test_too_few_skies_and_seeds_that_are_none_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LimitSettings(**values)


def test_an_observed_sky_is_not_drawn_unless_told() -> None:
    assert LimitSettings().drawn_sky is None
    assert LimitSettings(drawn_sky=0).drawn_sky == 0


def test_experiments_to_show_are_those_of_the_table() -> None:
    assert LimitSettings().comparison is None
    assert LimitSettings(comparison=()).comparison == ()
    assert LimitSettings(comparison=("VERITAS", "Fermi-LAT")).comparison == ("VERITAS", "Fermi-LAT")
    with pytest.raises(ValueError, match=r"'fermi' is no experiment of the table; it has ANTARES, .*VERITAS"):
        LimitSettings(comparison=("fermi",))
