"""Results as a HEPData submission: submission.yaml and a file a table, in the YAML that HEPData asks for.

The format is described at hepdata-submission.readthedocs.io; hepdata-validator checks it in the tests.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.dark_matter.channels import CHANNEL_LABELS
from core.dark_matter.processes import Process
from core.export.provenance import Provenance

Row = Mapping[str, Any]
DIGITS = 7
MISSING = "-"  # what HEPData has for a number that there is not
UNITS = {"sigma_v": "cm$^3$ s$^{-1}$", "decay_rate": "s$^{-1}$"}
SYMBOLS = {"sigma_v": r"$\langle\sigma v\rangle$", "decay_rate": r"$1/\tau$"}
# Columns of each kind of table, without their strength, and what they are called.
HEPDATA_COLUMNS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "sensitivity": (
        ("sensitivity", "sensitivity"),
        ("band_lo95", "95% band, lower edge"),
        ("band_lo68", "68% band, lower edge"),
        ("band_hi68", "68% band, upper edge"),
        ("band_hi95", "95% band, upper edge"),
    ),
    "discovery_potential": (("discovery_3sigma", "3 sigma discovery"), ("discovery_5sigma", "5 sigma discovery")),
    "counts_limit": (("upper_limit", "observed limit"), ("expected_limit", "expected limit")),
    "upper_limit": (
        ("upper_limit", "limit by trials"),
        ("upper_limit_unfloored", "limit by trials without floor"),
        ("upper_limit_marginalised_detector", "limit by trials without floor, detector marginalised"),
        ("upper_limit_cls", "CLs limit"),
        ("upper_limit_likelihood", "profile likelihood limit"),
    ),
}


def submission_files(
    tables: Mapping[str, Sequence[Row]], described: Mapping[str, str], process: Process, origin: Provenance
) -> dict[str, str]:
    """Return the files of a submission by name, a table for each kind of rows and channel.

    tables: rows by a key of HEPDATA_COLUMNS, all of one confidence level and method; described: what each kind is, in a
    sentence.
    """
    licence = {"name": origin.licence, "url": origin.licence_url, "description": "chosen by who handed this on"}
    comment = " ".join(f"{line.rstrip('.')}." for line in origin.lines())
    documents: list[dict[str, Any]] = [{"comment": comment, "data_license": licence}]
    files = {}
    for kind, rows in tables.items():
        for channel in dict.fromkeys(str(row["channel"]) for row in rows):
            own = sorted((row for row in rows if row["channel"] == channel), key=lambda row: float(row["mass"]))
            file = f"{kind}_{channel}.yaml"
            files[file] = _yaml([_table(kind, own, process)])
            caveats = "; ".join(origin.caveats)
            documents.append(
                {
                    "name": f"{kind.replace('_', ' ')} {channel}",
                    "description": f"{described[kind]}, final state {CHANNEL_LABELS.get(channel, channel)}. {caveats}",
                    "location": f"recipe digest {origin.digest}",
                    "keywords": _keywords(process),
                    "data_file": file,
                    "data_license": licence,
                }
            )
    return {"submission.yaml": _yaml(documents), **files}


def _table(kind: str, rows: Sequence[Row], process: Process) -> dict[str, Any]:
    """Return a table: masses, and a column for each strength that any row has."""
    columns = [(f"{process.strength}_{name}", heading) for name, heading in HEPDATA_COLUMNS[kind]]
    masses = [{"value": float(row["mass"])} for row in rows]
    symbol, units = SYMBOLS[process.strength], UNITS[process.strength]
    return {
        "independent_variables": [{"header": {"name": "mass", "units": "GeV"}, "values": masses}],
        "dependent_variables": [
            {
                "header": {"name": f"{symbol}, {heading}", "units": units},
                "values": [{"value": _number(row.get(name))} for row in rows],
            }
            for name, heading in columns
            if any(row.get(name) is not None for row in rows)
        ],
    }


def _number(value: float | None) -> float | str:
    return MISSING if value is None else float(f"{value:.{DIGITS - 1}e}")


def _keywords(process: Process) -> list[dict[str, Any]]:
    return [
        {"name": "observables", "values": [process.strength.upper()]},
        {"name": "phrases", "values": ["dark matter", "dwarf galaxies", "neutrino"]},
    ]


def _yaml(documents: Sequence[Mapping[str, Any]]) -> str:
    import yaml

    return yaml.safe_dump_all(documents, explicit_start=True, sort_keys=False, allow_unicode=True, width=1000)
