"""Curves of ⟨σv⟩ against mass under the published naming, which `dwarfnu import` and the published scripts read.

`<channel>_<detector>_<year>_<location>_CL<level>.csv` with mass (GeV) and ⟨σv⟩ (cm³ s⁻¹), as `core.published` reads it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.export.provenance import Provenance
from core.published.limits import PublishedLimit

Row = Mapping[str, Any]


def comparison_name(channel: str, detector: str, year: str, location: str, confidence_level: float) -> str:
    """Return the file name of a curve; what may not stand in it becomes a hyphen, and of several years one is named."""
    detector, location = (re.sub(r"[^A-Za-z0-9.+-]+", "-", part).strip("-") for part in (detector, location))
    return f"{channel}_{detector}_{year[:4]}_{location}_CL{100.0 * confidence_level:g}.csv"


def curve_text(points: Sequence[tuple[float, float]], origin: Provenance) -> str:
    """Return a curve as the file's text: where it comes from, then mass (GeV) and ⟨σv⟩ (cm³ s⁻¹) a line."""
    lines = [f"{mass:g},{value:.6e}" for mass, value in sorted(points)]
    return origin.comment("# ") + "mass,sigma_v\n" + "\n".join(lines) + "\n"


def own_curves(
    rows: Sequence[Row],
    column: str,
    detector: str,
    year: str,
    location: str,
    confidence_level: float,
    origin: Provenance,
) -> dict[str, str]:
    """Return files of a column of rows, one a channel, by name; rows without a value are left out."""
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if row.get(column) is not None:
            found.setdefault(str(row["channel"]), []).append((float(row["mass"]), float(row[column])))
    return {
        comparison_name(channel, detector, year, location, confidence_level): curve_text(points, origin)
        for channel, points in found.items()
    }


def published_curves(limits: Sequence[PublishedLimit], channels: Sequence[str]) -> dict[str, str]:
    """Return files of limits that others published in some channels, by name, each with paper and doubts."""
    found = {}
    for limit in limits:
        if str(limit.channel) not in channels:
            continue
        name = comparison_name(str(limit.channel), limit.experiment, limit.year, limit.target, limit.confidence_level)
        said = [
            f"upper limit of {limit.experiment}, {limit.target}, {limit.confidence_level:.0%} CL, numbers as published",
            f"cite: {limit.reference}",
            *([f"not verified: {limit.note}"] if limit.note else []),
        ]
        lines = [f"{mass:g},{value:.6e}" for mass, value in zip(limit.mass, limit.sigma_v, strict=True)]
        found[name] = "".join(f"# {line}\n" for line in said) + "mass,sigma_v\n" + "\n".join(lines) + "\n"
    return found
