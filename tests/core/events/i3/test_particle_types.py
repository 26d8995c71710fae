"""Old codes of particles: nuclei by charge and mass, antiparticles as negatives, and nothing twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.events.i3.particle_types import ICECUBE_CODES, RDMC_CODES, UNKNOWN, pdg_code

# The most abundant isotope of the elements from helium to iron, as RDMC numbered them: mass number by charge.
ABUNDANT = {2: 4, 3: 7, 4: 9, 5: 11, 6: 12, 7: 14, 8: 16, 9: 19, 10: 20, 11: 23, 12: 24, 13: 27, 14: 28, 15: 31, 16: 32}
ABUNDANT |= {17: 35, 18: 40, 19: 39, 20: 40, 21: 45, 22: 48, 23: 51, 24: 52, 25: 55, 26: 56}
NUCLEUS = 1_000_000_000


def nuclei(codes: dict[int, int]) -> dict[int, tuple[int, int]]:
    """Charge and mass number of the codes that stand for nuclei, 10LZZZAAAI."""
    found = {}
    for code, pdg in codes.items():
        if pdg >= NUCLEUS and pdg < 2 * NUCLEUS:
            charge, rest = divmod(pdg - NUCLEUS, 10_000)
            found[code] = (charge, rest // 10)
    return found


@pytest.mark.parametrize("version", [3, 4])
def test_a_nucleus_of_icecube_is_100_times_its_mass_number_and_its_charge(version: int) -> None:
    found = nuclei(dict(ICECUBE_CODES))
    assert len(found) > 80
    for code, (charge, mass_number) in found.items():
        assert code == 100 * mass_number + charge
        assert charge < mass_number
        assert pdg_code(code, version) == NUCLEUS + 10_000 * charge + 10 * mass_number


def test_a_nucleus_of_rdmc_is_the_abundant_isotope_of_its_charge() -> None:
    found = nuclei(dict(RDMC_CODES))
    assert dict(found.values()) == ABUNDANT
    assert all(code == 3000 + charge for code, (charge, _) in found.items())


@pytest.mark.parametrize("codes", [ICECUBE_CODES, RDMC_CODES], ids=["IceCube", "RDMC"])
def test_no_two_codes_stand_for_one_particle_but_the_unknown(codes: dict[int, int]) -> None:
    known = [pdg for pdg in codes.values() if pdg != UNKNOWN]
    assert len(known) == len(set(known))


@pytest.mark.parametrize("codes", [ICECUBE_CODES, RDMC_CODES], ids=["IceCube", "RDMC"])
def test_leptons_come_with_their_antiparticles(codes: dict[int, int]) -> None:
    """PDG: 11 to 16 for charged leptons and neutrinos, the negative for antiparticles."""
    leptons = {pdg for pdg in codes.values() if 11 <= abs(pdg) <= 16}
    assert leptons == {sign * code for code in range(11, 17) for sign in (1, -1)}


@settings(max_examples=50, deadline=None)
@given(code=st.integers(-(2**31), 2**31 - 1), version=st.integers(5, 20))
def test_since_version_5_a_code_is_its_own(code: int, version: int) -> None:
    assert pdg_code(code, version) == code


@settings(max_examples=50, deadline=None)
@given(code=st.integers(20_000, 2**31 - 1), version=st.integers(0, 4))
def test_a_code_of_neither_numbering_is_unknown(code: int, version: int) -> None:
    assert pdg_code(code, version) == UNKNOWN
