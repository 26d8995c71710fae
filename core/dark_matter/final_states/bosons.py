"""Pairs of weak bosons and of Higgs bosons."""

from core.dark_matter.final_states.final_state import FinalState

# Masses of hadrons, leptons and bosons: PDG 2024. Windows: arXiv:2511.19385.
WW = FinalState(
    "WW",
    r"$W^+W^-$",
    "#CC79A7",
    opens_at=(80.3692, "the W boson's mass"),
    published_alias="W",
    published_windows={90: (27, 108), 100: (31, 128), 150: (54, 207), 200: (82, 298), 300: (120, 448)},
)
ZZ = FinalState("ZZ", r"$ZZ$", "#8A3F6B", opens_at=(91.188, "the Z boson's mass"))
HH = FinalState("hh", r"$hh$", "#B8A800", opens_at=(125.2, "the Higgs boson's mass"))
