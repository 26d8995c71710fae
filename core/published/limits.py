"""Published limits on ⟨σv⟩ that a figure shows beside our sensitivities, and the cross section of a thermal relic.

The table `comparison_limits.csv` carries published numbers, 1 to 1000 GeV, each row with its paper. Where a note stands
in a row, something about it could not be verified, and a figure says so.
"""

import csv
import io
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.channels import Channel, canonical_channel
from core.errors import InputError
from core.files import MOST_CATALOGUE, read_text

SHIPPED_TABLE = Path(__file__).with_name("comparison_limits.csv")
COLUMNS: tuple[str, ...] = (
    "experiment",
    "year",
    "target",
    "channel",
    "mass",
    "sigma_v",
    "confidence_level",
    "note",
    "reference",
)

THERMAL_RELIC_REFERENCE = "Steigman, Dasgupta & Beacom 2012, arXiv:1204.3622"
# ⟨σv⟩ (cm³ s⁻¹) against mass (GeV) for the observed relic density, read from Fig. 5 of that paper, two digits: it is
# nearly 2.2e-26 above 10 GeV and rises below, where the universe had fewer degrees of freedom at freeze-out.
THERMAL_RELIC: tuple[tuple[float, float], ...] = (
    (1.0, 4.7e-26),
    (3.0, 4.0e-26),
    (5.0, 2.9e-26),
    (10.0, 2.5e-26),
    (30.0, 2.2e-26),
    (100.0, 2.2e-26),
    (300.0, 2.3e-26),
    (1000.0, 2.3e-26),
)


@dataclass(frozen=True)
class PublishedLimit:
    """One published curve.

    mass (n,) GeV ascending; sigma_v (n,) cm³ s⁻¹, the upper limit at confidence_level; note: what could not be
    verified, empty if nothing.
    """

    experiment: str
    year: str
    target: str
    channel: Channel
    confidence_level: float
    note: str
    reference: str
    mass: NDArray[np.float64]
    sigma_v: NDArray[np.float64]


def published_limits(path: Path = SHIPPED_TABLE) -> tuple[PublishedLimit, ...]:
    """Return every curve of a comparison table; InputError for a missing column or a value not above zero."""
    text = read_text(path, MOST_CATALOGUE)
    mark = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.DictReader(io.StringIO(text), delimiter=mark, restval="")
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise InputError(f"{path} lacks the columns {', '.join(missing)}; a comparison table has {', '.join(COLUMNS)}")
    rows = sorted(reader, key=lambda row: (_curve_of(row), _positive(row, "mass", path)))
    return tuple(_limit(list(curve), path) for _, curve in groupby(rows, key=_curve_of))


def experiments() -> tuple[str, ...]:
    """Return the experiments whose limits the shipped table has, by name."""
    return tuple(sorted({limit.experiment for limit in published_limits()}))


def imported_limits(comparison: pa.Table) -> tuple[PublishedLimit, ...]:
    """Return every curve among rows of the `comparison` product."""
    names = ["experiment", "year", "target", "channel", "confidence_level"]
    curves = comparison.group_by(names, use_threads=False).aggregate([("mass", "list"), ("sigma_v", "list")])
    return tuple(
        PublishedLimit(
            experiment=row["experiment"],
            year=row["year"],
            target=row["target"],
            channel=canonical_channel(row["channel"]),
            confidence_level=row["confidence_level"],
            note="",
            reference="imported",
            mass=np.array(row["mass_list"]),
            sigma_v=np.array(row["sigma_v_list"]),
        )
        for row in curves.to_pylist()
    )


def thermal_relic() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mass (n,) GeV and ⟨σv⟩ (n,) cm³ s⁻¹ that leave the observed relic density (arXiv:1204.3622)."""
    mass, sigma_v = np.array(THERMAL_RELIC).T
    return mass, sigma_v


def _curve_of(row: dict[str, str]) -> tuple[str, ...]:
    names = ("experiment", "year", "target", "channel", "confidence_level", "note", "reference")
    return tuple(row[name] for name in names)


def _positive(row: dict[str, str], column: str, path: Path) -> float:
    try:
        number = float(row[column])
    except (TypeError, ValueError):
        number = float("nan")
    if not 0.0 < number < float("inf"):
        raise InputError(f"{path}: {column} is {row[column]!r} in a row of {row['experiment']}; it must be above zero")
    return number


def _limit(rows: list[dict[str, str]], path: Path) -> PublishedLimit:
    first = rows[0]
    return PublishedLimit(
        experiment=first["experiment"],
        year=first["year"],
        target=first["target"],
        channel=canonical_channel(first["channel"]),
        confidence_level=_positive(first, "confidence_level", path),
        note=first["note"],
        reference=first["reference"],
        mass=np.array([_positive(row, "mass", path) for row in rows]),
        sigma_v=np.array([_positive(row, "sigma_v", path) for row in rows]),
    )
