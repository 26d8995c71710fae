"""Two tables of spectra held against each other: energy and multiplicity by channel, mass and flavour.

A row's deviation is judged with its statistical error σ: "within" the tolerance, "OUT" if it exceeds the tolerance by
more than 2σ, "edge" if statistics cannot tell. Where the other table lets taus decay as Pythia did before version
8.150, the row also says what ντ would be if ours did so too (`core.spectra.former_tau_decays`); its verdict stays that
of the tables as they are. Which of the two is nearer to the decay of a tau stands in docs/decisions/0005.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from core.dark_matter.channels import Channel
from core.spectra.former_tau_decays import SHIFTS, Shift
from core.spectra.grid import Array
from core.spectra.origins import spectrum_table
from core.spectra.table import SpectrumTable

FLAVOUR_NAMES: tuple[str, ...] = ("nue", "numu", "nutau")
COMPARED_MASSES: tuple[float, ...] = (10.0, 20.0, 30.0, 50.0, 80.0, 90.0, 100.0, 150.0, 200.0, 300.0)
COMPARED_CHANNELS: tuple[Channel, ...] = ("bb", "tautau", "mumu", "WW")
# How far two generators may differ: shower, hadronisation and decay tables of a decade lie between them.
ENERGY_TOLERANCES: dict[Channel, float] = {"bb": 0.06, "tautau": 0.06, "mumu": 0.06}
OTHER_ENERGY_TOLERANCE = 0.08
MULTIPLICITY_TOLERANCE = 0.06
MULTIPLICITY_BELOW_MASS = 150.0
# A species with less than 1 % of the energy 2 m is compared absolutely, to 0.1 % of m.
SMALL_SHARE = 0.01
ABSOLUTE_TOLERANCE = 0.001 / 2.0
SIGMAS_TO_DECIDE = 2.0
# The two of a pair of leptons decay each on its own; elsewhere neutrino and antineutrino may come from one decay.
INDEPENDENT_DECAYS: tuple[Channel, ...] = ("mumu", "tautau")

Verdict = Literal["within", "edge", "OUT", "-"]


@dataclass(frozen=True)
class LikeForLike:
    """Our energy fraction over the other's if taus decayed in both as in the other, and the verdict on that.

    `shift`: the measured factor by which today's decays raise the energy, divided out.
    """

    shift: Shift
    energy_ratio: float
    energy_verdict: Verdict


@dataclass(frozen=True)
class ComparisonRow:
    """One flavour of one pair, neutrino and antineutrino averaged: energy fractions of 2 m and multiplicities.

    Errors are statistical, of our own table. `multiplicity_verdict` is "-" where it is not judged: from 150 GeV up,
    where soft neutrinos of electroweak radiation differ between the tables, and for small shares.
    """

    channel: Channel
    mass: float
    flavour: str
    energy_fraction: float
    energy_fraction_error: float
    other_energy_fraction: float
    multiplicity: float
    multiplicity_error: float
    other_multiplicity: float
    energy_verdict: Verdict
    multiplicity_verdict: Verdict
    like_for_like: LikeForLike | None = None

    @property
    def is_out(self) -> bool:
        """Whether energy or multiplicity is out of tolerance."""
        return "OUT" in (self.energy_verdict, self.multiplicity_verdict)

    @property
    def is_out_for_no_known_cause(self) -> bool:
        """Whether it is out and would be so with the other table's tau decays."""
        explained = self.like_for_like is not None and self.like_for_like.energy_verdict == "within"
        return self.multiplicity_verdict == "OUT" or (self.energy_verdict == "OUT" and not explained)

    @property
    def energy_ratio(self) -> float:
        """Our energy fraction over the other's, NaN where that is zero."""
        return _ratio(self.energy_fraction, self.other_energy_fraction)

    @property
    def multiplicity_ratio(self) -> float:
        """Our multiplicity over the other's, NaN where that is zero."""
        return _ratio(self.multiplicity, self.other_multiplicity)


def comparison(
    other: str | Path,
    own: str | Path = "pythia",
    channels: Sequence[Channel] = COMPARED_CHANNELS,
    masses: Sequence[float] = COMPARED_MASSES,
) -> list[ComparisonRow]:
    """Return own spectra at production against another source, for each mass that both have open.

    Integrals of both are trapezoids in log10 x, lines counted as lines.
    """
    own_table, other_table = spectrum_table(own), spectrum_table(other)
    return [
        row
        for channel in channels
        for mass in masses
        if _covers(own_table, channel, mass) and _covers(other_table, channel, mass)
        for row in _rows(own_table, other_table, channel, mass)
    ]


def verdict(deviation: float, error: float, allowed: float) -> Verdict:
    """Return "within" up to the allowed deviation, "OUT" where it is exceeded by more than 2σ, else "edge".

    An unknown error (NaN) counts as none.
    """
    if abs(deviation) <= allowed:
        return "within"
    excess = abs(deviation) - allowed
    return "edge" if excess <= SIGMAS_TO_DECIDE * error else "OUT"


def _covers(table: SpectrumTable, channel: Channel, mass: float) -> bool:
    tabulated = table.pairs.get(channel, {})
    return bool(tabulated) and min(tabulated) <= mass <= max(tabulated)


def _rows(own: SpectrumTable, other: SpectrumTable, channel: Channel, mass: float) -> list[ComparisonRow]:
    ours, theirs = own.production(channel, mass), other.production(channel, mass)
    energy, other_energy = _by_flavour(ours.energy_fraction()), _by_flavour(theirs.energy_fraction())
    number, other_number = _by_flavour(ours.multiplicity()), _by_flavour(theirs.multiplicity())
    independent = channel in INDEPENDENT_DECAYS
    energy_error = _error_by_flavour(ours.energy_fraction_error, independent)
    number_error = _error_by_flavour(ours.multiplicity_error, independent)
    rows = []
    for index, flavour in enumerate(FLAVOUR_NAMES):
        small = other_energy[index] < SMALL_SHARE
        relative = ENERGY_TOLERANCES.get(channel, OTHER_ENERGY_TOLERANCE) * other_energy[index]
        allowed = ABSOLUTE_TOLERANCE if small else relative
        judged = mass < MULTIPLICITY_BELOW_MASS and not small
        energy_off, number_off = energy[index] - other_energy[index], number[index] - other_number[index]
        allowed_number = MULTIPLICITY_TOLERANCE * other_number[index]
        rows.append(
            ComparisonRow(
                channel,
                mass,
                flavour,
                float(energy[index]),
                float(energy_error[index]),
                float(other_energy[index]),
                float(number[index]),
                float(number_error[index]),
                float(other_number[index]),
                verdict(energy_off, energy_error[index], allowed),
                verdict(number_off, number_error[index], allowed_number) if judged else "-",
                _like_for_like(channel, flavour, energy[index], energy_error[index], other_energy[index], allowed)
                if other.former_tau_decays and not own.former_tau_decays
                else None,
            )
        )
    return rows


def _like_for_like(
    channel: Channel, flavour: str, energy: float, error: float, other_energy: float, allowed: float
) -> LikeForLike | None:
    if flavour != "nutau" or channel not in SHIFTS:
        return None
    shift = SHIFTS[channel]
    former = energy / shift.factor
    former_error = former * float(np.hypot(error / energy, shift.error / shift.factor))
    found = verdict(former - other_energy, former_error, allowed)
    return LikeForLike(shift, _ratio(former, other_energy), found)


def _by_flavour(species: Array) -> Array:
    return np.asarray((species[:3] + species[3:]) / 2.0)


def _error_by_flavour(error: Array | None, independent: bool) -> Array:
    """Return the error of the mean of neutrino and antineutrino, (3,), NaN where the source states none.

    Where the two are not independent it is the largest that any correlation gives, (σ + σ̄)/2.
    """
    if error is None:
        return np.full(3, np.nan)
    return np.asarray(np.hypot(error[:3], error[3:]) / 2.0 if independent else (error[:3] + error[3:]) / 2.0)


def _ratio(own: float, other: float) -> float:
    return own / other if other > 0.0 else float("nan")
