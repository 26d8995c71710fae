"""A channel is open above the mass of its lightest particles, within the masses that are served."""

import pytest

from core.dark_matter.channels import CHANNELS
from core.errors import PhysicsError
from core.spectra.thresholds import MASS_RANGE, THRESHOLDS, refuse_closed


def test_every_channel_has_a_threshold() -> None:
    assert set(THRESHOLDS) >= set(CHANNELS)


@pytest.mark.parametrize("channel", THRESHOLDS)
def test_a_channel_opens_above_its_threshold(channel: str) -> None:
    threshold, meaning = THRESHOLDS[channel]
    refuse_closed(channel, max(threshold, MASS_RANGE[0]) * 1.001)
    refuse_closed(channel, MASS_RANGE[1])
    if threshold > MASS_RANGE[0]:
        with pytest.raises(PhysicsError, match=f"{channel} is closed at .* GeV: it opens above .*{meaning}"):
            refuse_closed(channel, 0.999 * threshold)


def test_at_rest_nothing_decays_but_gluons_are_a_convention() -> None:
    with pytest.raises(PhysicsError, match="WW is closed at"):
        refuse_closed("WW", THRESHOLDS["WW"][0])
    refuse_closed("gg", 5.0)


@pytest.mark.parametrize("mass", [0.999, 1000.1, float("nan"), float("inf"), -5.0])
def test_masses_outside_of_the_range_are_refused_for_any_channel(mass: float) -> None:
    for channel in ("nunu", "mine"):
        with pytest.raises(PhysicsError, match="outside the range served, 1 to 1000 GeV"):
            refuse_closed(channel, mass)
    refuse_closed("mine", 2.0)
