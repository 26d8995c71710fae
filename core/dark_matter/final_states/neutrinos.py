"""Pairs of neutrinos: a line at the mass of the dark matter particle, and what the neutrinos radiate."""

from core.dark_matter.final_states.final_state import FinalState

NUENUE = FinalState("nuenue", r"$\nu_e\bar{\nu}_e$", "#E69F00", published_alias="Nue", is_line=True)
NUMUNUMU = FinalState("numunumu", r"$\nu_\mu\bar{\nu}_\mu$", "#56B4E9", published_alias="NuMu", is_line=True)
NUTAUNUTAU = FinalState("nutaunutau", r"$\nu_\tau\bar{\nu}_\tau$", "#7F4F00", published_alias="NuTau", is_line=True)
NUNU = FinalState(
    "nunu",
    r"$\nu\bar{\nu}$",
    "#6A3D9A",
    published_alias="Nu",
    published_windows={
        5: (1, 12),
        10: (0, 21),
        20: (12, 39),
        30: (19, 53),
        50: (34, 83),
        80: (56, 128),
        100: (70, 159),
        150: (113, 234),
        200: (148, 298),
        300: (234, 441),
    },
    is_line=True,
    mean_of=("nuenue", "numunumu", "nutaunutau"),
)
