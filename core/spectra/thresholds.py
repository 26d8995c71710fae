"""From which mass a channel is open, and the range of masses that is served at all."""

import math

from core.dark_matter.channels import Channel
from core.dark_matter.final_states import FINAL_STATES
from core.errors import PhysicsError

MASS_RANGE: tuple[float, float] = (1.0, 1000.0)

# The mass of the lightest hadron that holds the quark, of the boson, or of the lepton (GeV); gluons from 5 GeV, below
# which a pair of strings is no jet. A neutrino pair is open wherever masses are served.
THRESHOLDS: dict[Channel, tuple[float, str]] = {state.name: state.opens_at for state in FINAL_STATES}
OPEN_AT_THRESHOLD = frozenset(state.name for state in FINAL_STATES if state.opens_inclusively)


def refuse_closed(channel: Channel, mass: float) -> None:
    """Raise PhysicsError for a mass outside 1 GeV to 1 TeV or one at which the channel, if it is ours, is closed."""
    low, high = MASS_RANGE
    if not (math.isfinite(mass) and low <= mass <= high):
        raise PhysicsError(f"mass {mass:g} GeV is outside the range served, {low:g} to {high:g} GeV")
    if channel not in THRESHOLDS:
        return
    threshold, meaning = THRESHOLDS[channel]
    if mass < threshold or (mass == threshold and channel not in OPEN_AT_THRESHOLD):
        raise PhysicsError(
            f"{channel} is closed at {mass:g} GeV: it opens above {threshold:g} GeV, {meaning}; take a heavier mass"
        )
