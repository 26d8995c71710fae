"""From which mass a channel is open, and the range of masses that is served at all."""

import math

from core.dark_matter.channels import Channel
from core.errors import PhysicsError

MASS_RANGE: tuple[float, float] = (1.0, 1000.0)

# The mass of the lightest hadron that holds the quark, of the boson, or of the lepton (GeV; PDG 2024); gluons from
# 5 GeV, below which a pair of strings is no jet. A neutrino pair is open wherever masses are served.
THRESHOLDS: dict[Channel, tuple[float, str]] = {
    "bb": (5.27934, "the B meson's mass"),
    "cc": (1.86484, "the D meson's mass"),
    "mumu": (0.1056584, "the muon's mass"),
    "tautau": (1.77693, "the tau's mass"),
    "WW": (80.3692, "the W boson's mass"),
    "ZZ": (91.1880, "the Z boson's mass"),
    "hh": (125.20, "the Higgs boson's mass"),
    "gg": (5.0, "the lowest mass of a gluon jet"),
    "nunu": (0.0, "zero"),
    "nuenue": (0.0, "zero"),
    "numunumu": (0.0, "zero"),
    "nutaunutau": (0.0, "zero"),
}


def refuse_closed(channel: Channel, mass: float) -> None:
    """Raise PhysicsError for a mass outside 1 GeV to 1 TeV or one at which the channel, if it is ours, is closed."""
    low, high = MASS_RANGE
    if not (math.isfinite(mass) and low <= mass <= high):
        raise PhysicsError(f"mass {mass:g} GeV is outside the range served, {low:g} to {high:g} GeV")
    if channel not in THRESHOLDS:
        return
    threshold, meaning = THRESHOLDS[channel]
    if mass < threshold or (mass == threshold and channel != "gg"):
        raise PhysicsError(
            f"{channel} is closed at {mass:g} GeV: it opens above {threshold:g} GeV, {meaning}; take a heavier mass"
        )
