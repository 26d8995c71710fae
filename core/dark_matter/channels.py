"""The final states that dark matter may annihilate into, the neutrino species, and the published grid of masses."""

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from core.dark_matter.final_states import FINAL_STATES
from core.errors import PhysicsError

Flavour = Literal["nue", "numu", "nutau", "nuebar", "numubar", "nutaubar"]
# A name in CHANNELS, or one that a configuration gives to a mixture of them or to a user's spectra.
Channel = str

FRACTION_TOLERANCE = 1e-6  # of the sum of a mixture's branching fractions
FLAVOURS: tuple[Flavour, ...] = ("nue", "numu", "nutau", "nuebar", "numubar", "nutaubar")
PDG_CODES: dict[Flavour, int] = {"nue": 12, "numu": 14, "nutau": 16, "nuebar": -12, "numubar": -14, "nutaubar": -16}

CHANNELS: tuple[Channel, ...] = tuple(state.name for state in FINAL_STATES)
LINE_CHANNELS: tuple[Channel, ...] = tuple(state.name for state in FINAL_STATES if state.is_line)
# The channels whose mean a channel is, unless a table of spectra has it.
MEAN_CHANNELS: dict[Channel, tuple[Channel, ...]] = {
    state.name: state.mean_of for state in FINAL_STATES if state.mean_of
}
# The names that the published analysis (arXiv:2511.19385) and its files use.
PUBLISHED_ALIASES: dict[str, Channel] = {
    state.published_alias: state.name for state in FINAL_STATES if state.published_alias is not None
}
CHANNEL_LABELS: dict[Channel, str] = {state.name: state.label for state in FINAL_STATES}
CHANNEL_COLOURS: dict[Channel, str] = {state.name: state.colour for state in FINAL_STATES}
# Optimal windows in reconstructed energy (GeV) of the published analysis, by channel and mass (GeV): arXiv:2511.19385.
PUBLISHED_WINDOWS: dict[Channel, dict[float, tuple[float, float]]] = {
    state.name: {float(mass): window for mass, window in state.published_windows.items()}
    for state in FINAL_STATES
    if state.published_windows
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
