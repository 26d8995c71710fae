"""By how much a sensitivity moves when detector, cross sections, mixing or spectra are not what they are taken for.

A variation has a cause and one or two sides; a later stage says what the sensitivity is on a side, by the law of
core.inference.asimov: `varied_sensitivity` asks for data in which the signal is a varied one while the analysis looks
for the nominal one, as it would. The background comes from the data, and moves with none of them.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa

from core.dark_matter.processes import strength_column
from core.errors import PhysicsError
from core.inference.asimov import joint_asimov
from core.inference.joint_law import JointLaw
from core.pdfs.background import binned_background
from core.pdfs.one_sky import signal_pdf
from core.pdfs.ratio import merge_cells, sky_ratio
from core.response.model import Response
from core.response.variations import with_angular_error, with_cross_section, with_effective_area, with_energy_scale
from core.signal.acceptance import source_acceptance
from core.signal.expected_signal import ExpectedSignal
from core.signal.windows import Window
from core.spectra import spectra_from_table
from core.spectra.oscillation import NUFIT_60, MixingAngles
from core.spectra.variations import shifted_angles

ResponseChange = Callable[[Response], Response]

# Variations of the response by a relative size: 1 - size and 1 + size times the nominal.
RESPONSE_CHANGES: Mapping[str, Callable[[Response, float], Response]] = {
    "effective_area": with_effective_area,
    "energy_scale": with_energy_scale,
    "angular_error": with_angular_error,
    "cc_cross_section": lambda response, factor: with_cross_section(response, "cc", factor),
    "nc_cross_section": lambda response, factor: with_cross_section(response, "nc", factor),
}
TOTAL = "total"


@dataclass(frozen=True)
class Side:
    """What is other than nominal; None stands for the nominal.

    `response`: what becomes of the detector's. `detector`: parameters of a sample's own hyperplanes, by name and value,
    for a later stage to apply to the counts in its bins. `angles`: of neutrino mixing. `source`: of the spectra.
    `earth_matter`: whether neutrinos pass the Earth's matter.
    """

    response: ResponseChange | None = None
    detector: tuple[tuple[str, float], ...] = ()
    angles: MixingAngles | None = None
    source: str | None = None
    earth_matter: bool | None = None

    def of(self, response: Response) -> Response:
        """Return the response on this side."""
        return response if self.response is None else self.response(response)


@dataclass(frozen=True)
class Variation:
    """A cause by name, and its sides: lower and higher, or one other possibility."""

    cause: str
    sides: tuple[Side, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Shift:
    """The relative shift of a sensitivity that a cause makes, downwards (0 or less) and upwards (0 or more)."""

    cause: str
    low: float
    high: float


def response_variations(sizes: Mapping[str, float]) -> tuple[Variation, ...]:
    """Return the variations of the response by the relative sizes of their causes, those in RESPONSE_CHANGES.

    PhysicsError for an unknown cause, or a size that is not between 0 and 1.
    """
    found = []
    for cause, size in sizes.items():
        if cause not in RESPONSE_CHANGES:
            raise PhysicsError(f"variation {cause!r} is unknown; allowed are {', '.join(RESPONSE_CHANGES)}")
        if not 0.0 < size < 1.0:
            raise PhysicsError(f"variation {cause} = {size:g}; allowed is a relative size between 0 and 1")
        sides = (Side(response=_changed(RESPONSE_CHANGES[cause], 1.0 + sign * size)) for sign in (-1.0, 1.0))
        found.append(Variation(cause, tuple(sides)))
    return tuple(found)


def signal_variations(
    other_source: str | None = None, earth_matter: bool = False, angles: MixingAngles = NUFIT_60
) -> tuple[Variation, ...]:
    """Return the variations of what arrives: mixing angles by their errors, another table of spectra, earth matter.

    `other_source`: as of `core.spectra.spectra_table`, none for none. `earth_matter`: whether the nominal has it; the
    variation turns it over.
    """
    mixing = tuple(
        Variation(name, tuple(Side(angles=side) for side in sides)) for name, sides in shifted_angles(angles).items()
    )
    spectra = (Variation("spectra_source", (Side(source=other_source),)),) if other_source else ()
    return (*mixing, *spectra, Variation("earth_matter", (Side(earth_matter=not earth_matter),)))


def shifts(
    nominal: float, variations: Iterable[Variation], sensitivity_of: Callable[[Side], float]
) -> tuple[Shift, ...]:
    """Return the shift by each cause, then the total: shifts of one direction in quadrature, as if independent.

    `nominal` and `sensitivity_of` a side: one strength, or number of events. PhysicsError for one that is not positive.
    """
    _refuse_unless_positive("nominal", nominal)
    found = []
    for variation in variations:
        moved = [
            _refuse_unless_positive(variation.cause, sensitivity_of(side)) / nominal - 1.0 for side in variation.sides
        ]
        found.append(Shift(variation.cause, min([0.0, *moved]), max([0.0, *moved])))
    low, high = (math.sqrt(math.fsum(getattr(one, side) ** 2 for one in found)) for side in ("low", "high"))
    return (*found, Shift(TOTAL, -low, high))


def systematics_table(found: Iterable[Shift]) -> pa.Table:
    """Return the `systematics` product of a pair: a row a cause, the total last."""
    rows = [{"cause": one.cause, "shift_lo": one.low, "shift_hi": one.high} for one in found]
    schema = pa.schema([("cause", pa.string()), ("shift_lo", pa.float64()), ("shift_hi", pa.float64())])
    return pa.Table.from_pylist(rows, schema=schema)


def varied_sensitivity(
    nominal_pdf: pa.Table,
    varied_pdf: pa.Table,
    background_pdf: pa.Table,
    treatment: Literal["data", "known"],
    n_cells: int,
) -> float:
    """Return the expected sensitivity, in the strength, of the nominal analysis of data with a varied signal.

    `nominal_pdf` and `varied_pdf`: `signal_pdf` products of one pair on one sky. The ratio of the likelihood is that of
    the nominal signal; signal events fall, and are counted, as the varied one says. With the nominal one twice it is
    the sensitivity of the `asimov` product. PhysicsError if the products are of different cells.
    """
    cells = ("event_class", "reco_energy_low", "pixel", "nside")
    if any(not nominal_pdf[name].equals(varied_pdf[name]) for name in cells):
        raise PhysicsError("the varied signal stands in other cells than the nominal one: make both with one window")
    signal, average, background = (
        nominal_pdf[name].to_numpy()
        for name in ("signal_probability", "signal_average_probability", "background_probability")
    )
    ratio = sky_ratio(signal, average, background, treatment)
    varied, varied_average = (
        varied_pdf[f"signal_{name}"].to_numpy() for name in ("probability", "average_probability")
    )
    in_background = varied_average if treatment == "data" else None
    merged = merge_cells(ratio, background, varied, n_cells, in_background)
    n_events = _events_between(background_pdf, nominal_pdf)
    law = JointLaw(merged.background, merged.signal, merged.ratio - 1.0, n_events, merged.signal_average)
    scale = varied_pdf[strength_column(varied_pdf, "n_s_per_{}")][0].as_py()
    return joint_asimov(law).sensitivity / float(scale)


def varied_signal_pdf(
    side: Side,
    response: Response,
    spectra: pa.Table,
    sources: pa.Table,
    mass: float,
    background_pdf: pa.Table,
    nside: int,
    window: Window | None = None,
) -> pa.Table:
    """Return the `signal_pdf` product of a pair on one side of a variation; `Side()` gives the nominal one.

    `response`: the nominal; `spectra`: the `spectra` product made with the side's angles, source and matter, the
    nominal one where it has none of its own; the others as of `core.pdfs.one_sky.signal_pdf`.
    """
    detector = side.of(response)
    acceptance = source_acceptance(detector, spectra_from_table(spectra), sources, mass)
    expected = ExpectedSignal(detector, acceptance, sources)
    return signal_pdf(expected, binned_background(background_pdf), nside, window)


def _changed(change: Callable[[Response, float], Response], factor: float) -> ResponseChange:
    """Return a change of the response by one factor."""
    return lambda response: change(response, factor)


def _events_between(background_pdf: pa.Table, nominal_pdf: pa.Table) -> int:
    """Return the number of events in the reconstructed energies that a `signal_pdf` product spans."""
    low, high = (background_pdf[f"reco_energy_{end}"].to_numpy() for end in ("low", "high"))
    lowest, highest = nominal_pdf["reco_energy_low"].to_numpy().min(), nominal_pdf["reco_energy_high"].to_numpy().max()
    inside = (low >= lowest) & (high <= highest)
    return int(np.asarray(background_pdf["n_events"].to_numpy())[inside].sum())


def _refuse_unless_positive(what: str, value: float) -> float:
    if not 0.0 < value < math.inf:
        raise PhysicsError(f"{what}: a sensitivity of {value}; needed is a positive, finite one")
    return value
