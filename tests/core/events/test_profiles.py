"""Where samples keep what is needed: every key of a profile is one that is read, and changes leave the rest."""

from dataclasses import fields

import pytest

from core.errors import ConfigError, InputError
from core.events.cuts import Cut
from core.events.profiles import DRAGON, OSCNEXT, PROFILES, KeyProfile, configured_profile, key_profile

TINY = KeyProfile("tiny", "Fit.zenith", "Fit.azimuth", "Fit.energy", interaction=None)


def test_a_profile_reads_the_keys_of_its_quantities_cuts_header_and_tree() -> None:
    assert TINY.keys == {"Fit", "I3EventHeader", "I3MCTree", "I3MCWeightDict"}
    more = TINY.changed(track_score="Score[track]", cuts=(Cut("level", "Level3", "present"),), header="Header")
    assert more.keys == (TINY.keys - {"I3EventHeader"}) | {"Header", "Score", "Level3"}


def test_the_default_interaction_stands_in_the_weights() -> None:
    assert TINY.changed(interaction="Other[type]").keys == TINY.keys | {"Other"}
    assert None not in TINY.quantities


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda each: each.name)
def test_every_quantity_of_a_shipped_profile_is_among_its_keys(profile: KeyProfile) -> None:
    for text in (*profile.quantities, *(cut.quantity for cut in profile.cuts)):
        assert any(text == key or text.startswith((f"{key}.", f"{key}[")) for key in profile.keys), text
    assert key_profile(profile.name) is profile


def test_the_selections_are_those_of_the_samples() -> None:
    """DRAGON's Level5p has 12 conditions, oscNext's levels 3 to 7 five."""
    assert (len(DRAGON.cuts), len(OSCNEXT.cuts)) == (12, 5)
    assert len({cut.name for cut in DRAGON.cuts}) == 12
    # Only oscNext tells tracks from cascades.
    assert (DRAGON.track_score is None, OSCNEXT.track_score is None) == (True, False)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, 7.0])
def test_a_fraction_of_neutrinos_lies_between_none_and_all(fraction: float) -> None:
    with pytest.raises(ConfigError, match="must lie between 0 and 1"):
        TINY.changed(neutrino_fraction=fraction)


def test_a_quantity_that_means_nothing_is_refused_at_once() -> None:
    with pytest.raises(InputError):
        TINY.changed(reco_energy="Fit[")


def test_changes_of_a_configuration_start_from_a_shipped_profile() -> None:
    assert configured_profile({}) == DRAGON
    assert configured_profile({"base": "oscnext"}) == OSCNEXT
    found = configured_profile({"base": "oscnext", "reco_energy": "Fit.energy"})
    same = [field.name for field in fields(KeyProfile) if field.name != "reco_energy"]
    assert found.reco_energy == "Fit.energy"
    assert all(getattr(found, name) == getattr(OSCNEXT, name) for name in same)


def test_cuts_of_a_configuration_take_the_place_of_all() -> None:
    cut = {"name": "energetic", "quantity": "Fit.energy", "relation": ">", "threshold": 10.0}
    found = configured_profile({"cuts": [cut]})
    assert found.cuts == (Cut("energetic", "Fit.energy", ">", 10.0),)
    assert configured_profile({"cuts": []}).cuts == ()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"base": "icecube"}, "unknown key profile 'icecube': shipped are dragon, oscnext"),
        ({"reco_enrgy": "x"}, "a key profile has no reco_enrgy: it has"),
        ({"cuts": [{"name": "a", "quantity": "b"}]}, "lacks relation"),
        ({"cuts": [{"name": "a", "quantity": "b", "relation": "present", "value": 1}]}, "a cut has no value"),
    ],
)
def test_what_a_profile_does_not_have_is_refused_with_what_it_has(table: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        configured_profile(table)
