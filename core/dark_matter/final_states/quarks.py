"""Pairs of quarks and of gluons."""

from core.dark_matter.final_states.final_state import FinalState

# Masses of hadrons, leptons and bosons: PDG 2024. Windows: arXiv:2511.19385.
BB = FinalState(
    "bb",
    r"$b\bar{b}$",
    "#0072B2",
    opens_at=(5.27934, "the B meson's mass"),
    published_alias="b",
    published_windows={
        10: (0, 12),
        20: (0, 18),
        30: (0, 25),
        50: (0, 38),
        80: (0, 57),
        100: (0, 73),
        150: (0, 108),
        200: (3, 152),
        300: (6, 256),
    },
)
CC = FinalState("cc", r"$c\bar{c}$", "#004D73", opens_at=(1.86484, "the D meson's mass"))
GG = FinalState("gg", r"$gg$", "#8C8C8C", opens_at=(5.0, "the lowest mass of a gluon jet"), opens_inclusively=True)
