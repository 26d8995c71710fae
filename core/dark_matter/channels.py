"""The final states that dark matter may annihilate into, the neutrino species, and the published grid of masses."""

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from core.errors import PhysicsError

Flavour = Literal["nue", "numu", "nutau", "nuebar", "numubar", "nutaubar"]
# A name in CHANNELS, or one that a configuration gives to a mixture of them or to a user's spectra.
Channel = str

FRACTION_TOLERANCE = 1e-6  # of the sum of a mixture's branching fractions
FLAVOURS: tuple[Flavour, ...] = ("nue", "numu", "nutau", "nuebar", "numubar", "nutaubar")
PDG_CODES: dict[Flavour, int] = {"nue": 12, "numu": 14, "nutau": 16, "nuebar": -12, "numubar": -14, "nutaubar": -16}

CHANNELS: tuple[Channel, ...] = (
    "bb",
    "mumu",
    "tautau",
    "WW",
    "nunu",
    "nuenue",
    "numunumu",
    "nutaunutau",
    "cc",
    "gg",
    "ZZ",
    "hh",
)
LINE_CHANNELS: tuple[Channel, ...] = ("nunu", "nuenue", "numunumu", "nutaunutau")

# The names that the published analysis (arXiv:2511.19385) and its files use.
PUBLISHED_ALIASES: dict[str, Channel] = {
    "b": "bb",
    "Mu": "mumu",
    "Tau": "tautau",
    "W": "WW",
    "Nu": "nunu",
    "Nue": "nuenue",
    "NuMu": "numunumu",
    "NuTau": "nutaunutau",
}

CHANNEL_LABELS: dict[Channel, str] = {
    "bb": r"$b\bar{b}$",
    "mumu": r"$\mu^+\mu^-$",
    "tautau": r"$\tau^+\tau^-$",
    "WW": r"$W^+W^-$",
    "nunu": r"$\nu\bar{\nu}$",
    "nuenue": r"$\nu_e\bar{\nu}_e$",
    "numunumu": r"$\nu_\mu\bar{\nu}_\mu$",
    "nutaunutau": r"$\nu_\tau\bar{\nu}_\tau$",
    "cc": r"$c\bar{c}$",
    "gg": r"$gg$",
    "ZZ": r"$ZZ$",
    "hh": r"$hh$",
}

# Optimal windows in reconstructed energy (GeV) of the published analysis, by channel and mass (GeV): arXiv:2511.19385.
PUBLISHED_WINDOWS: dict[Channel, dict[float, tuple[float, float]]] = {
    "bb": {
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
    "mumu": {
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
    "tautau": {
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
    "WW": {90: (27, 108), 100: (31, 128), 150: (54, 207), 200: (82, 298), 300: (120, 448)},
    "nunu": {
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
}

PUBLISHED_PAIRS: tuple[tuple[Channel, float], ...] = tuple(
    (channel, float(mass)) for channel, windows in PUBLISHED_WINDOWS.items() for mass in windows
)


def canonical_channel(name: str) -> Channel:
    """Return the channel that a name or a published alias stands for; PhysicsError if it stands for none."""
    if name in CHANNELS:
        return name
    if name in PUBLISHED_ALIASES:
        return PUBLISHED_ALIASES[name]
    raise PhysicsError(
        f"unknown channel {name!r}: known are {listed(CHANNELS)} (published: {listed(PUBLISHED_ALIASES)})"
    )


def key_channel(name: str) -> Channel:
    """Return a channel's name as it stands in keys of products: a published alias by our name, others as they are."""
    return PUBLISHED_ALIASES.get(name, name)


def configured_channel(name: str, own: Collection[str] = ()) -> Channel:
    """Return the channel that a name stands for, among ours and a configuration's own; PhysicsError if for none."""
    if name in own:
        return name
    try:
        return canonical_channel(name)
    except PhysicsError as error:
        raise PhysicsError(f"{error}{f' (configured: {listed(own)})' if own else ''}") from error


def refuse_known_name(name: str) -> None:
    """Raise PhysicsError for a name that a configuration cannot give to a channel of its own: of one of ours."""
    if name in CHANNELS or name in PUBLISHED_ALIASES:
        raise PhysicsError(f"{name!r} is the name of a channel already: take another than {listed(CHANNELS)}")


def check_fractions(name: str, fractions: Mapping[str, float]) -> None:
    """Raise PhysicsError unless branching fractions are positive and sum to 1 within 1e-6."""
    for part, fraction in fractions.items():
        if not 0.0 < fraction <= 1.0:
            raise PhysicsError(f"mixture {name}: {part} = {fraction:g}; allowed is a fraction above 0, up to 1")
    total = math.fsum(fractions.values())
    if abs(total - 1.0) > FRACTION_TOLERANCE:
        raise PhysicsError(
            f"mixture {name}: its fractions sum to {total:.9g}; allowed is 1 within {FRACTION_TOLERANCE:g}: "
            f"scale {listed(fractions)}"
        )


def listed(names: Iterable[object]) -> str:
    """Return names as they stand in a message: separated by commas."""
    return ", ".join(str(name) for name in names)
