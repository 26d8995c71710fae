"""Settings of channels: which names `pairs` and `mixtures` may hold, ours and a configuration's own."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from core.dark_matter.channels import Channel, check_fractions, configured_channel, refuse_known_name
from core.errors import DwarfnuError
from core.products.recipe import plain

Value = TypeVar("Value")


def named_mixtures(
    mixtures: Mapping[str, Mapping[str, float]], own: Collection[Channel]
) -> dict[Channel, dict[Channel, float]]:
    """Return mixtures with their parts by our names; `own`: channels that the configuration names elsewhere.

    ValueError for a name that is taken or cannot stand in a path, an unknown part, or impossible fractions.
    """
    named = {}
    for name, fractions in mixtures.items():
        if name in own:
            raise ValueError(f"{name!r} is the name of the channel of spectra.file already: take another")
        try:
            refuse_known_name(plain(name, "mixture"))
            check_fractions(name, fractions)
        except DwarfnuError as error:
            raise ValueError(str(error)) from error
        named[name] = by_channel(fractions, own, f"mixture {name}")
    return named


def by_channel(values: Mapping[str, Value], own: Collection[Channel], where: str) -> dict[Channel, Value]:
    """Return values by the names of channels, ours and `own`; ValueError for one that is unknown or named twice."""
    named: dict[Channel, Value] = {}
    for name, value in values.items():
        try:
            channel = configured_channel(name, own)
        except DwarfnuError as error:
            raise ValueError(str(error)) from error
        if channel in named:
            raise ValueError(f"{where} names channel {channel} twice")
        named[channel] = value
    return named
