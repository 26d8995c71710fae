"""How taus decayed in Pythia before version 8.150, with which PPPC4DMID was made, and what that does to ντ.

Two-body decays were isotropic, of unpolarised taus also where they come from a W; leptonic ones had the V-A matrix
element; all others filled phase space, weighted by x (3 - 2 x) in the neutrino's x = 2 E/m_τ. Version 8.150 brought
hadronic currents and polarisation: Ilten, arXiv:1211.6730. Branching fractions and treatment here are those of Pythia
8.142 (August 2010), modes below 0.15 % left out: 98.7 % of all.
"""

from dataclasses import dataclass

import numpy as np

from core.dark_matter.channels import FLAVOURS, Channel
from core.errors import PhysicsError
from core.spectra.generator import generate
from core.spectra.grid import Array

# Branching fraction, Pythia's code of the matrix element (22: V-A, 21: weighted phase space), products.
_DECAYS: tuple[tuple[float, int, str], ...] = (
    (0.1784, 22, "-12 11 16"),
    (0.1736, 22, "-14 13 16"),
    (0.1090, 0, "16 -211"),
    (0.2520, 0, "16 -213"),
    (0.0030, 21, "16 -211 111"),
    (0.0900, 21, "16 -213 111"),
    (0.0025, 21, "16 -211 111 111"),
    (0.0095, 21, "16 -213 111 111"),
    (0.00691, 0, "16 -321"),
    (0.0120, 0, "16 -323"),
    (0.0022, 21, "16 -311 -213"),
    (0.0016, 21, "16 -311 -211 111"),
    (0.00153, 21, "16 -321 311"),
    (0.00154, 21, "16 -321 311 111"),
    (0.0700, 21, "16 -211 113"),
    (0.0199, 21, "16 -211 211 -211"),
    (0.0269, 21, "16 -211 211 -211 111"),
    (0.0016, 21, "16 -321 113"),
    (0.00173, 21, "16 -321 211 -211"),
    (0.00153, 21, "16 -321 321 -211"),
    (0.017873, 21, "16 223 -211"),
    (0.0041, 21, "16 223 -211 111"),
)
TAU_ALONE: dict[Channel, tuple[str, ...]] = {
    "tautau": (),
    # Each W decays into a tau, whose neutrino and the W's own are all but 0.3 % of the energy in ντ.
    "WW": ("24:onMode = off", "24:onIfAny = 15"),
}


@dataclass(frozen=True)
class Shift:
    """By which factor today's tau decays raise the energy in ντ over the former ones, and its statistical error."""

    factor: float
    error: float


# `measured_shift` with 100,000 events of each kind and seed 11: tautau at 20 GeV, WW at 100 GeV.
SHIFTS: dict[Channel, Shift] = {"tautau": Shift(1.0321, 0.0022), "WW": Shift(1.0475, 0.0011)}


def former_tau_settings() -> list[str]:
    """Return the lines that make Pythia decay taus as it did before version 8.150."""
    decays = [
        f"15:{'addChannel' if index else 'oneChannel'} = 1 {fraction} {code} {products}"
        for index, (fraction, code, products) in enumerate(_DECAYS)
    ]
    return ["TauDecays:mode = 0", *decays]


def measured_shift(channel: Channel, mass: float, n_events: int, seed: int = 0) -> Shift:
    """Return the shift of a channel from two runs of the generator, of tautau or of WW; mass in GeV.

    Raises PhysicsError for another channel, InputError when Pythia is not installed.
    """
    if channel not in TAU_ALONE:
        raise PhysicsError(f"taus of {channel} cannot be told from the rest: known are {', '.join(TAU_ALONE)}")
    alone = list(TAU_ALONE[channel])
    today, former = (
        _tau_neutrinos(*generate(channel, mass, n_events, seed, further_settings=[*alone, *lines]).energy_fraction())
        for lines in ([], former_tau_settings())
    )
    factor = today[0] / former[0]
    return Shift(factor, factor * float(np.hypot(today[1] / today[0], former[1] / former[0])))


def _tau_neutrinos(fraction: Array, error: Array) -> tuple[float, float]:
    """Return energy fraction and error of ντ and its antineutrino, which come from two decays, together."""
    both = [FLAVOURS.index("nutau"), FLAVOURS.index("nutaubar")]
    return float(fraction[both].sum()), float(np.hypot(*error[both]))
