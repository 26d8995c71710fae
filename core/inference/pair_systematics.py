"""The `systematics` product: by how much each cause moves the sensitivity of a pair, and the marginalised sensitivity.

Detector parameters come from the sample's own hyperplanes where it has them; their slopes were made for atmospheric
spectra, so that for a signal they are approximate. Shifts of one direction are summed in quadrature, the five detector
parameters once: by the envelope of draws of all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.processes import process_of
from core.inference.signal_systematics import SignalParts
from core.inference.systematics import TOTAL, Shift
from core.response.hyperplanes import DETECTOR_PARAMETERS, NEUTRINO_GROUPS, DetectorParameter, Hyperplanes

Reals = NDArray[np.float64]

ENVELOPE = "detector_envelope"
APPROXIMATE = "approximate: slopes made for atmospheric spectra"
NO_NOTE = ""


@dataclass(frozen=True)
class Cause:
    """A cause by name with its sides, yields of the signal (n_sides, 4 groups, n_parts); `note` for tables."""

    name: str
    yields: Reals
    note: str = NO_NOTE


def spread_of(parameter: DetectorParameter) -> float:
    """Return the standard deviation of a detector parameter; of one without prior, that of its whole valid range."""
    if parameter.uncertainty is not None:
        return parameter.uncertainty
    return (parameter.valid_high - parameter.valid_low) / float(np.sqrt(12.0))


def detector_causes(parts: SignalParts, hyperplanes: Hyperplanes, inside: NDArray[np.int64]) -> list[Cause]:
    """Return each detector parameter one standard deviation lower and higher, within its valid range."""
    causes = []
    for place, parameter in enumerate(hyperplanes.parameters):
        sides = []
        for sign in (-1.0, 1.0):
            values = hyperplanes.nominal
            value = parameter.nominal + sign * spread_of(parameter)
            values[place] = min(max(value, parameter.valid_low), parameter.valid_high)
            sides.append(varied_yields(parts, hyperplanes, inside, values))
        causes.append(Cause(parameter.name, np.array(sides), APPROXIMATE))
    return causes


def varied_yields(parts: SignalParts, hyperplanes: Hyperplanes, inside: NDArray[np.int64], values: Reals) -> Reals:
    """Return the yields (4, n_parts) at values (5,) of the detector parameters."""
    factors = hyperplanes.relative_factors(values).reshape(len(NEUTRINO_GROUPS), -1)
    return np.asarray(parts.yields * factors[:, inside])


def drawn_factors_of_parts(
    parts: SignalParts, hyperplanes: Hyperplanes, inside: NDArray[np.int64], n_draws: int, random: np.random.Generator
) -> Reals:
    """Return the signal of each part with drawn parameters of the detector, over nominal, (n_draws, n_parts)."""
    nominal = parts.yields.sum(axis=0)
    detectors = drawn_detectors(n_draws, random, hyperplanes.parameters)
    drawn = [varied_yields(parts, hyperplanes, inside, values).sum(axis=0) for values in detectors]
    return np.asarray(np.divide(drawn, nominal, out=np.ones((n_draws, nominal.size)), where=nominal > 0.0))


def drawn_detectors(
    n_draws: int, random: np.random.Generator, parameters: Sequence[DetectorParameter] = DETECTOR_PARAMETERS
) -> Reals:
    """Return draws of the five detector parameters, (n_draws, 5): Gaussian within the valid ranges, flat without prior.

    What falls outside a range is drawn anew.
    """
    drawn = np.empty((n_draws, len(parameters)))
    for place, parameter in enumerate(parameters):
        low, high = parameter.valid_low, parameter.valid_high
        if parameter.uncertainty is None:
            drawn[:, place] = random.uniform(low, high, n_draws)
            continue
        outside = np.ones(n_draws, dtype=np.bool_)
        while outside.any():
            drawn[outside, place] = random.normal(parameter.nominal, parameter.uncertainty, int(outside.sum()))
            outside = (drawn[:, place] < low) | (drawn[:, place] > high)
    return drawn


def cross_section_causes(parts: SignalParts, sizes: Mapping[str, float]) -> list[Cause]:
    """Return charged and neutral currents, "cc" and "nc", lower and higher by their relative sizes."""
    causes = []
    for name, size in sizes.items():
        is_neutral = np.array([group.endswith("_nc") for group in NEUTRINO_GROUPS]) == (name == "nc")
        factors = [np.where(is_neutral, 1.0 + sign * size, 1.0)[:, None] for sign in (-1.0, 1.0)]
        causes.append(Cause(f"{name}_cross_section", np.array([parts.yields * factor for factor in factors])))
    return causes


def systematics_product(
    parts: SignalParts,
    sources: pa.Table,
    causes: Sequence[Cause],
    draws: Reals | None = None,
    shifts: Sequence[Shift] = (),
) -> pa.Table:
    """Return the `systematics` product of a pair: a row a cause, the envelope of the draws, and last the total.

    `draws` (n, 4, n_parts): yields of drawn detectors, None where the sample has no hyperplanes. `shifts`: of causes
    that were computed otherwise. The marginalised sensitivity is the strength that 90 % of skies exclude in the mean
    over the draws; null without draws.
    """
    nominal = float(parts.sensitivity(parts.yields[None])[0])
    rows = [(_shift(cause.name, parts.sensitivity(cause.yields) / nominal - 1.0), cause.note) for cause in causes]
    rows += [(shift, NO_NOTE) for shift in shifts]
    summed = [shift for shift, note in rows if draws is None or note != APPROXIMATE]
    marginalised = None
    if draws is not None:
        moved = np.quantile(parts.sensitivity(draws), [0.16, 0.84]) / nominal - 1.0
        rows.append((_shift(ENVELOPE, moved), APPROXIMATE))
        summed.append(rows[-1][0])
        marginalised = parts.marginalised_sensitivity(draws)
    low, high = (float(np.sqrt(sum(getattr(shift, side) ** 2 for shift in summed))) for side in ("low", "high"))
    rows.append((Shift(TOTAL, -low, high), NO_NOTE))
    strength = process_of(sources).strength
    return pa.table(
        {
            "cause": pa.array([shift.cause for shift, _ in rows]),
            "shift_lo": pa.array([shift.low for shift, _ in rows]),
            "shift_hi": pa.array([shift.high for shift, _ in rows]),
            "note": pa.array([note for _, note in rows]),
            f"{strength}_sensitivity_asimov": pa.array(np.full(len(rows), nominal)),
            f"{strength}_sensitivity_marginalised": pa.array([marginalised] * len(rows), pa.float64()),
        }
    )


def _shift(cause: str, moved: Reals) -> Shift:
    """Return the shift of a cause whose sides move the sensitivity by (n_sides,), relative."""
    return Shift(cause, float(min(0.0, *moved, 0.0)), float(max(0.0, *moved, 0.0)))
