"""Final states, an object each: names that do not clash, thresholds as measured, windows as published."""

import pytest

from core.dark_matter.channels import CHANNELS
from core.dark_matter.final_states import FINAL_STATES, FinalState
from core.dark_matter.final_states.bosons import HH, WW, ZZ
from core.dark_matter.final_states.leptons import MUMU, TAUTAU
from core.dark_matter.final_states.neutrinos import NUENUE, NUMUNUMU, NUNU, NUTAUNUTAU
from core.dark_matter.final_states.quarks import BB, CC, GG

STATES = pytest.mark.parametrize("state", FINAL_STATES, ids=lambda state: state.name)
PUBLISHED = {
    "b": BB,
    "Mu": MUMU,
    "Tau": TAUTAU,
    "W": WW,
    "Nu": NUNU,
    "Nue": NUENUE,
    "NuMu": NUMUNUMU,
    "NuTau": NUTAUNUTAU,
}


def test_each_has_a_name_a_label_and_a_colour_of_its_own() -> None:
    for what in ("name", "label", "colour"):
        assert len({getattr(state, what) for state in FINAL_STATES}) == len(FINAL_STATES) == 12
    assert tuple(state.name for state in FINAL_STATES) == tuple(CHANNELS)


@STATES
def test_labels_and_colours_are_such(state: FinalState) -> None:
    assert state.label.startswith("$")
    assert state.label.endswith("$")
    assert state.colour.startswith("#")
    assert 0 <= int(state.colour[1:], 16) < 2**24


def test_published_names_stand_for_ours() -> None:
    assert {state.published_alias: state for state in FINAL_STATES if state.published_alias} == PUBLISHED


@pytest.mark.parametrize(
    ("state", "mass"),
    [(BB, 5.28), (CC, 1.865), (MUMU, 0.1057), (TAUTAU, 1.777), (WW, 80.37), (ZZ, 91.19), (HH, 125.2), (GG, 5.0)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_state_opens_at_the_mass_of_its_lightest_particle(state: FinalState, mass: float) -> None:
    assert state.opens_at[0] == pytest.approx(mass, rel=1e-3)
    assert state.opens_at[1].startswith("the ")


def test_only_gluons_are_open_at_their_threshold_by_convention() -> None:
    assert [state for state in FINAL_STATES if state.opens_inclusively] == [GG]


def test_neutrino_pairs_are_lines_and_their_mean_is_of_all_three() -> None:
    lines = [state for state in FINAL_STATES if state.is_line]
    assert all(state in lines for state in (NUENUE, NUMUNUMU, NUTAUNUTAU))
    assert NUNU.mean_of == ("nuenue", "numunumu", "nutaunutau")
    assert [state.name for state in FINAL_STATES if state.mean_of] == ["nunu"]


@STATES
def test_published_windows_hold_energies_below_the_mass_and_widen_with_it(state: FinalState) -> None:
    windows = state.published_windows
    assert list(windows) == sorted(windows)
    for mass, (low, high) in windows.items():
        assert 0 <= low < high
        assert low < mass
        assert mass >= state.opens_at[0]
    assert [high for _, high in windows.values()] == sorted(high for _, high in windows.values())
