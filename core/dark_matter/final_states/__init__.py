"""Final states of annihilation and decay, an object each, in the order in which figures and tables list them."""

from core.dark_matter.final_states.bosons import HH, WW, ZZ
from core.dark_matter.final_states.final_state import FinalState
from core.dark_matter.final_states.leptons import MUMU, TAUTAU
from core.dark_matter.final_states.neutrinos import NUENUE, NUMUNUMU, NUNU, NUTAUNUTAU
from core.dark_matter.final_states.quarks import BB, CC, GG

__all__ = ["FINAL_STATES", "FinalState"]

FINAL_STATES: tuple[FinalState, ...] = (
    BB,
    MUMU,
    TAUTAU,
    WW,
    NUNU,
    NUENUE,
    NUMUNUMU,
    NUTAUNUTAU,
    CC,
    GG,
    ZZ,
    HH,
)
