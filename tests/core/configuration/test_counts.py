"""Settings of limits from counts, and of what is varied: shares between 0 and 1, enough trials."""

import pytest
from pydantic import ValidationError

from core.configuration.counts import CountsLimitSettings, SystematicsSettings

SIZES = ("cc_cross_section", "nc_cross_section", "effective_area", "energy_scale", "angular_error")


@pytest.mark.parametrize("name", SIZES)
def test_what_is_varied_is_varied_by_less_than_itself(name: str) -> None:
    assert getattr(SystematicsSettings(**{name: 0.5}), name) == 0.5
    for size in (0.0, 1.0, -0.1, "0.1"):
        with pytest.raises(ValidationError):
            SystematicsSettings(**{name: size})


def test_there_are_enough_trials_to_know_a_limit() -> None:
    assert CountsLimitSettings().n_trials >= 100
    for few in (CountsLimitSettings, SystematicsSettings):
        field = "n_trials" if few is CountsLimitSettings else "n_draws"
        with pytest.raises(ValidationError):
            few(**{field: 99})
