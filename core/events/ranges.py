"""What values events can have: a table of every column, by which every reader's values are checked.

A value outside is refused with file, column, row, value, what is allowed and what it probably is instead.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, listed
from core.errors import InputError
from core.events.classes import EVENT_CLASSES, INTERACTIONS

Cause = tuple[str, Callable[[float], bool]]

IN_DEGREES: Cause = ("in degrees?", lambda value: math.tau < abs(value) <= 360.0)
ZENITH: Cause = ("a zenith angle, or in degrees?", lambda value: 0.0 < value <= math.tau)
IN_EV: Cause = ("in eV, or not the log10 that it should be?", lambda value: value > 1e9)
LOGARITHM: Cause = ("a logarithm?", lambda value: -9.0 <= value <= 0.0)
IN_JD: Cause = ("a Julian date (JD)? MJD = JD - 2400000.5", lambda value: 2.4e6 < value < 2.5e6)
IN_SECONDS: Cause = ("in seconds?", lambda value: value > 1e8)
IN_NS: Cause = ("in ns?", lambda value: value > 1e14)
NO_FIT: Cause = ("of a fit that failed?", lambda value: value <= 0.0)
A_YEAR: Cause = ("a year, or days since another day?", lambda value: 0.0 <= value < 40_000.0)
NEGATIVE: Cause = ("its sign?", lambda value: value < 0.0)

# Days from before IceCube's first string to long after its end; those of simulation may be none at all.
FIRST_MJD, LAST_MJD = 40_000.0, 100_000.0
# Beyond a float's rounding of π.
SLACK = 1e-6


@dataclass(frozen=True)
class Range:
    """Values of a column, from `low` to `high` in `unit`; `low` itself only if `has_low`. `slack`: of rounding."""

    low: float
    high: float
    unit: str
    causes: tuple[Cause, ...] = ()
    has_low: bool = True
    slack: float = 0.0

    def is_outside(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which values (n,) are not allowed, (n,)."""
        above = values >= self.low - self.slack if self.has_low else values > self.low
        return np.asarray(~(above & (values <= self.high + self.slack) & np.isfinite(values)))

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        if math.isinf(self.high):
            words = f"finite numbers {'from' if self.has_low else 'above'} {self.low:g}"
        else:
            words = (
                f"{self.low:.6g} to {self.high:.6g}" if self.has_low else f"above {self.low:g} up to {self.high:.6g}"
            )
        return f"{words} {self.unit}".strip()

    def cause(self, value: float) -> str:
        """Return what a value that is not allowed probably is, in words; empty if nobody can say."""
        return next((words for words, holds in self.causes if math.isfinite(value) and holds(value)), "")


_ENERGY = Range(0.0, 1e9, "GeV", (IN_EV, LOGARITHM), has_low=False)
_AROUND = Range(-math.tau, math.tau, "rad", (IN_DEGREES,), slack=SLACK)
_DECLINATION = Range(-0.5 * math.pi, 0.5 * math.pi, "rad", (ZENITH, IN_DEGREES), slack=SLACK)
_TIME = (IN_JD, IN_NS, IN_SECONDS, A_YEAR)
RANGES: Mapping[str, Range] = {
    "run": Range(0, math.inf, "", (NEGATIVE,)),
    "event": Range(0, math.inf, "", (NEGATIVE,)),
    "mjd": Range(FIRST_MJD, LAST_MJD, "days (MJD)", _TIME),
    "reco_zenith": Range(0.0, math.pi, "rad", (IN_DEGREES,), slack=SLACK),
    "reco_azimuth": _AROUND,
    "reco_ra": _AROUND,
    "reco_dec": _DECLINATION,
    "reco_energy": _ENERGY,
    "angular_error": Range(0.0, math.pi, "rad", (NO_FIT, ("in degrees?", lambda value: value <= 180.0)), has_low=False),
    "true_ra": _AROUND,
    "true_dec": _DECLINATION,
    "true_energy": _ENERGY,
    "weight": Range(0.0, math.inf, "GeV cm2 sr", (NEGATIVE,)),
    "atmospheric_rate": Range(0.0, math.inf, "s-1", (NEGATIVE,)),
}
IN_GEV: Cause = ("in GeV, and not its log10?", lambda value: value > 9.0)
IN_RAD: Cause = ("in rad?", lambda value: 0.0 < value < 0.2)
A_NUMBER: Cause = ("a number of events, and not their share?", lambda value: value > 1.0)
PASSED_A_POLE: Cause = ("a right ascension?", lambda value: abs(value) > 90.0)
_MJD = RANGES["mjd"]
_LOG10_TRUE = Range(0.0, 12.0, "log10 GeV", (IN_GEV, NEGATIVE), slack=SLACK)
_LOG10_RECO = Range(-3.0, 12.0, "log10 GeV", (IN_GEV,), slack=SLACK)
_DEC_DEG = Range(-90.0, 90.0, "deg", (PASSED_A_POLE,), slack=SLACK)
_ANGLE_DEG = Range(0.0, 180.0, "deg", (NEGATIVE,), slack=SLACK)
# IceCube's ten-year point-source release, under its own names and in its own units.
POINT_SOURCE_RANGES: Mapping[str, Range] = {
    "MJD[days]": _MJD,
    "log10(E/GeV)": Range(-3.0, 9.0, "log10 GeV", (IN_GEV,), slack=SLACK),
    # The release has a floor of 0.2 deg.
    "AngErr[deg]": Range(0.2, 180.0, "deg", (IN_RAD, NO_FIT), slack=1e-3),
    "RA[deg]": Range(0.0, 360.0, "deg", (NEGATIVE,), slack=SLACK),
    "Dec[deg]": _DEC_DEG,
    "Azimuth[deg]": Range(0.0, 360.0, "deg", (NEGATIVE,), slack=SLACK),
    "Zenith[deg]": Range(0.0, 180.0, "deg", (("a declination?", lambda value: -90.0 <= value < 0.0),), slack=SLACK),
    "MJD_start[days]": _MJD,
    "MJD_stop[days]": _MJD,
    "log10(E_nu/GeV)_min": _LOG10_TRUE,
    "log10(E_nu/GeV)_max": _LOG10_TRUE,
    "Dec_nu_min[deg]": _DEC_DEG,
    "Dec_nu_max[deg]": _DEC_DEG,
    "A_Eff[cm^2]": Range(0.0, 1e13, "cm2", (NEGATIVE,)),
    "log10(E/GeV)_min": _LOG10_RECO,
    "log10(E/GeV)_max": _LOG10_RECO,
    "PSF_min[deg]": _ANGLE_DEG,
    "PSF_max[deg]": _ANGLE_DEG,
    "AngErr_min[deg]": _ANGLE_DEG,
    "AngErr_max[deg]": _ANGLE_DEG,
    "Fractional_Counts": Range(0.0, 1.0, "", (A_NUMBER, NEGATIVE), slack=SLACK),
}
# What the greatest magnitude of a column exceeds, and what it is where it does not: no single value tells.
LEAST_GREATEST: Mapping[str, tuple[float, str]] = {
    "RA[deg]": (math.tau, "in rad, or in hours?"),
    "Dec[deg]": (0.5 * math.pi, "in rad?"),
    "Azimuth[deg]": (math.tau, "in rad?"),
    "Zenith[deg]": (math.pi, "in rad?"),
    "Dec_nu_min[deg]": (0.5 * math.pi, "in rad, or its sine?"),
    "Dec_nu_max[deg]": (0.5 * math.pi, "in rad, or its sine?"),
    "A_Eff[cm^2]": (1e5, "in m2?"),
    "PSF_max[deg]": (math.pi, "in rad?"),
    "AngErr_max[deg]": (0.5, "in rad?"),
}
LEAST_ROWS = 20  # of fewer a column says nothing as a whole
# The time of a simulated event is nobody's: many samples leave it 0.
SIMULATED_TIME = Range(0.0, LAST_MJD, "days (MJD)", _TIME)
WORDS: Mapping[str, tuple[str, ...]] = {
    "event_class": EVENT_CLASSES,
    "flavour": FLAVOURS,
    "interaction": INTERACTIONS,
}


def range_of(column: str, kind: str) -> Range | None:
    """Return the range of a column of data or simulation ("mc"), None for one of words or names."""
    if column == "mjd" and kind == "mc":
        return SIMULATED_TIME
    return RANGES.get(column) or POINT_SOURCE_RANGES.get(column)


def problem_of(column: str, value: float, label: str, kind: str = "data") -> str | None:
    """Return what is wrong with a value of a column, called `label`, without the value itself; None if nothing is."""
    allowed = range_of(column, kind)
    if allowed is None or not allowed.is_outside(np.array([value]))[0]:
        return None
    cause = allowed.cause(value)
    return f"{label} is not {allowed.allowed}{f': {cause}' if cause else ''}"


def refuse_impossible(events: pa.Table, kind: str, source: str, labels: Mapping[str, str] | None = None) -> None:
    """Raise InputError for the first column with a value that no event can have; rows are counted from 1.

    `labels`: what columns are called in the source, where that is not as here.
    """
    for field in events.schema:
        column, name = events.column(field.name), field.name
        label = f" ({labels[name]} in the file)" if labels and labels.get(name, name) != name else ""
        where = f"{source}: column {name}"
        if not field.nullable and column.null_count:
            row = int(np.argmax(column.is_null().to_numpy())) + 1
            raise InputError(f"{where} is null in {column.null_count} of {events.num_rows} events, first in row {row}")
        if name in WORDS:
            _refuse_words(column, WORDS[name], where, label)
        allowed = range_of(name, kind)
        if allowed is not None:
            _refuse_outside(column, allowed, where, label)


def refuse_values(name: str, values: NDArray[np.float64], source: str) -> None:
    """Raise InputError for a value (n,) that a column of the point-source release cannot have; rows count from 1.

    Of a column that is in another unit as a whole, each value may be allowed: its greatest tells.
    """
    where = f"{source}: column {name}"
    _refuse_numbers(values, POINT_SOURCE_RANGES[name], where, "", "rows")
    least, cause = LEAST_GREATEST.get(name, (0.0, ""))
    if len(values) >= LEAST_ROWS and not (greatest := float(np.abs(values).max())) > least:
        row = int(np.argmax(np.abs(values))) + 1
        raise InputError(
            f"{where} is {greatest:g} at most in {len(values)} rows, in row {row}: values beyond {least:g} "
            f"{POINT_SOURCE_RANGES[name].unit} are due; {cause}"
        )


def _refuse_outside(column: pa.ChunkedArray, allowed: Range, where: str, label: str) -> None:
    values = column.cast(pa.float64(), safe=False).fill_null(max(allowed.low, 0.0) or 1.0).to_numpy()
    _refuse_numbers(values, allowed, where, label, "events")


def _refuse_numbers(values: NDArray[np.float64], allowed: Range, where: str, label: str, rows: str) -> None:
    outside = allowed.is_outside(values)
    if not outside.any():
        return
    row = int(np.argmax(outside))
    value = float(values[row])
    # Among several values the most telling one: 75 degrees say more than 3.2.
    finite = values[outside & np.isfinite(values)]
    cause = allowed.cause(float(finite[np.argmax(np.abs(finite))])) if len(finite) else ""
    raise InputError(
        f"{where} is {value} in {np.count_nonzero(outside)} of {len(values)} {rows}, first in row {row + 1}{label}: "
        f"{allowed.allowed} are due{f'; {cause}' if cause else ''}"
    )


def _refuse_words(column: pa.ChunkedArray, words: tuple[str, ...], where: str, label: str) -> None:
    unknown = pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, value_set=pa.array(words))))
    if pc.any(unknown).as_py():
        row = int(np.argmax(unknown.to_numpy()))
        word = column[row].as_py()
        meant = next((known for known in words if known == str(word).strip().lower()), None)
        raise InputError(
            f"{where} is {word!r} in {pc.sum(unknown).as_py()} of {len(column)} events, first in row {row + 1}{label}: "
            f"{listed(words)} are due{f'; is it {meant!r}?' if meant else ''}"
        )
    is_class = words is EVENT_CLASSES
    if is_class and 0 < column.null_count < len(column):
        raise InputError(
            f"{where} is null in {column.null_count} of {len(column)} events: either all events have a class, or none"
        )
