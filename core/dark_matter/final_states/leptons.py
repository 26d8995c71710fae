"""Pairs of charged leptons."""

from core.dark_matter.final_states.final_state import FinalState

# Masses of hadrons, leptons and bosons: PDG 2024. Windows: arXiv:2511.19385.
MUMU = FinalState(
    "mumu",
    r"$\mu^+\mu^-$",
    "#009E73",
    opens_at=(0.1056584, "the muon's mass"),
    published_alias="Mu",
    published_windows={
        5: (0, 9),
        10: (0, 16),
        20: (3, 30),
        30: (6, 43),
        50: (16, 49),
        80: (24, 107),
        100: (31, 129),
        150: (48, 199),
        200: (66, 266),
        300: (100, 389),
    },
)
TAUTAU = FinalState(
    "tautau",
    r"$\tau^+\tau^-$",
    "#D55E00",
    opens_at=(1.77693, "the tau's mass"),
    published_alias="Tau",
    published_windows={
        5: (0, 9),
        10: (0, 16),
        20: (0, 30),
        30: (4, 44),
        50: (12, 71),
        80: (20, 108),
        100: (27, 138),
        150: (40, 205),
        200: (57, 272),
        300: (92, 389),
    },
)
