"""Names of channels: every name and alias is one channel, and what a configuration may call its own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dark_matter.channels import (
    CHANNELS,
    FLAVOURS,
    LINE_CHANNELS,
    MEAN_CHANNELS,
    PDG_CODES,
    PUBLISHED_ALIASES,
    PUBLISHED_PAIRS,
    PUBLISHED_WINDOWS,
    canonical_channel,
    check_fractions,
    configured_channel,
    key_channel,
    refuse_known_name,
)
from core.errors import PhysicsError
from core.spectra.thresholds import THRESHOLDS

ANY_NAME = st.sampled_from([*CHANNELS, *PUBLISHED_ALIASES])


@settings(max_examples=30, deadline=None)
@given(name=ANY_NAME)
def test_a_channel_s_own_name_stays_whatever_it_was_called(name: str) -> None:
    channel = canonical_channel(name)
    assert channel in CHANNELS
    assert canonical_channel(channel) == channel == key_channel(name)


@settings(max_examples=30, deadline=None)
@given(name=st.text(max_size=8).filter(lambda text: text not in CHANNELS and text not in PUBLISHED_ALIASES))
def test_any_other_name_is_refused_or_a_configuration_s_own(name: str) -> None:
    with pytest.raises(PhysicsError, match="unknown channel"):
        canonical_channel(name)
    assert key_channel(name) == name
    assert configured_channel(name, own=[name]) == name
    refuse_known_name(name)


@settings(max_examples=30, deadline=None)
@given(name=ANY_NAME)
def test_a_known_name_is_no_configuration_s_own(name: str) -> None:
    with pytest.raises(PhysicsError, match="is the name of a channel already: take another than bb"):
        refuse_known_name(name)


def test_an_unknown_channel_is_refused_with_those_that_are_configured() -> None:
    with pytest.raises(PhysicsError, match=r"unknown channel 'mine'.*\(configured: yours, theirs\)"):
        configured_channel("mine", own=["yours", "theirs"])


def test_no_alias_is_the_name_of_another_channel() -> None:
    assert not set(PUBLISHED_ALIASES) & set(CHANNELS)
    assert len(set(PUBLISHED_ALIASES.values())) == len(PUBLISHED_ALIASES)


def test_the_codes_of_neutrinos_are_those_of_the_particle_data_group() -> None:
    """12, 14, 16 for νe, νμ, ντ, the negative for antiparticles."""
    assert [PDG_CODES[flavour] for flavour in FLAVOURS] == [12, 14, 16, -12, -14, -16]


def test_the_published_grid_has_44_open_pairs_with_windows_around_them() -> None:
    assert len(PUBLISHED_PAIRS) == len(set(PUBLISHED_PAIRS)) == 44
    for channel, mass in PUBLISHED_PAIRS:
        assert mass > THRESHOLDS[channel][0]
        low, high = PUBLISHED_WINDOWS[channel][mass]
        assert 0.0 <= low < high
        assert low < mass
    for channel in LINE_CHANNELS:  # a line has to lie in its window
        assert all(low < mass < high for mass, (low, high) in PUBLISHED_WINDOWS.get(channel, {}).items())


def test_a_mean_is_of_other_channels_that_are_no_means() -> None:
    for channel, parts in MEAN_CHANNELS.items():
        assert channel not in parts
        assert set(parts) <= set(CHANNELS) - MEAN_CHANNELS.keys()


@settings(max_examples=30, deadline=None)
@given(weights=st.lists(st.floats(0.01, 1.0), min_size=1, max_size=6))
def test_weights_over_their_sum_are_fractions_and_twice_them_are_not(weights: list[float]) -> None:
    fractions = {f"part {index}": weight / sum(weights) for index, weight in enumerate(weights)}
    check_fractions("mine", fractions)
    halved = {name: 0.5 * fraction for name, fraction in fractions.items()}
    with pytest.raises(PhysicsError, match=r"mixture mine: its fractions sum to 0\.5"):
        check_fractions("mine", halved)


@pytest.mark.parametrize("fraction", [0.0, -0.1, 1.1, float("nan")])
def test_a_part_that_is_no_fraction_is_named(fraction: float) -> None:
    with pytest.raises(PhysicsError, match=r"mixture mine: bb = .*; allowed is a fraction above 0, up to 1"):
        check_fractions("mine", {"tautau": 1.0 - 0.1, "bb": fraction})
