"""Rows of results as CSV and as LaTeX, for programs and papers."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.dark_matter.channels import CHANNEL_LABELS
from core.glossary import GLOSSARY

Row = Mapping[str, Any]
# Columns of a table of LaTeX by the stage of its rows, without their strength, each with its heading.
LATEX_COLUMNS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "sensitivity": (("sensitivity", "sensitivity"), ("band_lo68", r"68\,\% from"), ("band_hi68", "to")),
    "asimov": (("sensitivity", "expected"), ("band_lo68", r"68\,\% from"), ("band_hi68", "to")),
    "discovery_potential": (("discovery_3sigma", r"$3\sigma$"), ("discovery_5sigma", r"$5\sigma$")),
    "counts_limit": (("upper_limit", "limit"), ("expected_limit", "expected")),
    "upper_limit": (
        ("upper_limit", "limit"),
        ("upper_limit_unfloored", "without floor"),
        ("upper_limit_marginalised_detector", "detector drawn"),
        ("upper_limit_cls", r"CL$_s$"),
    ),
    "profile_likelihood": (("profile_likelihood_limit", "profile likelihood"), ("trials_limit", "trials")),
}
# What tells rows of one pair apart.
TOLD_APART = ("likelihood", "profile", "method", "confidence_level")
QUANTITIES = {
    "sigma_v": r"$\langle\sigma v\rangle$ [cm$^3$\,s$^{-1}$]",
    "decay_rate": r"$1/\tau$ [s$^{-1}$]",
}


def csv_text(rows: Iterable[Row]) -> str:
    """Return rows as CSV with a line of names; a column that a row lacks is empty."""
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def unit_lines(rows: Sequence[Row]) -> list[str]:
    """Return a line for each column of rows: its name, unit and meaning, as far as the glossary has it."""
    names = dict.fromkeys(name for row in rows for name in row)
    known = [GLOSSARY[name] for name in names if name in GLOSSARY]
    return [f"{column.name} [{column.unit}]: {column.meaning}" if column.unit else _plain(column) for column in known]


def latex_text(rows: Sequence[Row], columns: Sequence[tuple[str, str]], strength: str) -> str:
    """Return rows as a table of LaTeX: channel, mass, what tells rows apart, and columns with their headings.

    columns: names without their strength, "sensitivity" for sigma_v_sensitivity, and headings.
    """
    apart = [name for name in TOLD_APART if len({row.get(name) for row in rows}) > 1]
    (_, first), *others = columns
    heads = ["channel", r"$m_\chi$ [GeV]", *(name.replace("_", " ") for name in apart)]
    heads += [f"{QUANTITIES[strength]}, {first}", *(head for _, head in others)]
    lines = [
        rf"\begin{{tabular}}{{lr{'l' * len(apart)}{'r' * len(columns)}}}",
        " & ".join(heads) + r" \\",
        r"\hline",
    ]
    for row in rows:
        cells = [str(CHANNEL_LABELS.get(row["channel"], row["channel"])), f"{row['mass']:g}"]
        cells += [str(row.get(name)).replace("_", " ") for name in apart]
        cells += [latex_number(row.get(f"{strength}_{name}")) for name, _ in columns]
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\end{tabular}"]) + "\n"


def latex_number(value: float | None) -> str:
    """Return a number to three digits as LaTeX writes it, a dash for none."""
    if value is None:
        return "--"
    digits, exponent = f"{value:.2e}".split("e")
    return rf"${digits}\times10^{{{int(exponent)}}}$"


def _plain(column: Any) -> str:
    return f"{column.name}: {column.meaning}"
