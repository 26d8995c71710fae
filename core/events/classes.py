"""How an event looks in the detector, and what the neutrino did."""

from typing import Literal

EventClass = Literal["cascade", "track"]
Interaction = Literal["cc", "nc"]

EVENT_CLASSES: tuple[EventClass, ...] = ("cascade", "track")
INTERACTIONS: tuple[Interaction, ...] = ("cc", "nc")
