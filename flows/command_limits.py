"""What `dwarfnu limits` prints for other programs and papers: the sensitivities that stand, as CSV, JSON or LaTeX."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TextIO

from core.configuration.config import Config
from core.errors import ConfigError
from core.export.tables import LATEX_COLUMNS, QUANTITIES, csv_text, latex_text
from core.glossary import GLOSSARY
from core.products.recipe import path_text
from core.products.store import ProductStore
from core.stages.selection import pair_of

Form = Literal["table", "csv", "json", "latex"]
Row = Mapping[str, Any]


def form_of(as_csv: bool, as_json: bool, as_latex: bool) -> Form | None:
    """Return the one form that is asked for, None if none is; ConfigError for several."""
    forms: dict[Form, bool] = {"csv": as_csv, "json": as_json, "latex": as_latex}
    asked = [form for form, wanted in forms.items() if wanted]
    if len(asked) > 1:
        raise ConfigError(f"choose one of {', '.join(f'--{form}' for form in asked)}")
    return asked[0] if asked else None


def print_rows(config: Config, store: ProductStore, form: Form, pair: str | None, out: TextIO | None = None) -> None:
    """Print the sensitivities of a run's seed, of all pairs or of one; ProductError if none stands."""
    keys = {} if pair is None else keys_of(pair)
    rows = store.read("sensitivity", seed=config.seed, **keys).to_pylist()
    PRINTERS[form](rows, sys.stdout if out is None else out)


def keys_of(pair: str) -> dict[str, Any]:
    """Return the keys of a pair such as "tautau/20"; ConfigError if it is none."""
    channel, mass = pair_of(pair)
    return {"channel": channel, "mass": mass}


def _print_csv(rows: Iterable[Row], out: TextIO) -> None:
    out.write(csv_text(rows))


def _print_json(rows: Iterable[Row], out: TextIO) -> None:
    out.write(json.dumps(list(rows), indent=1, ensure_ascii=False, default=str) + "\n")


def _print_table(rows: Iterable[Row], out: TextIO) -> None:
    """Print every column of each pair on a line of its own, with its unit."""
    for row in rows:
        out.write(f"{row['channel']}/{path_text(row['mass'])}\n")
        for name, value in row.items():
            out.write(f"  {name:<34} {value} {GLOSSARY[name].unit}".rstrip() + "\n")


def _print_latex(rows: Iterable[Row], out: TextIO) -> None:
    rows = list(rows)
    out.write(latex_text(rows, LATEX_COLUMNS["sensitivity"], _strength(rows[0])))


def _strength(row: Row) -> str:
    return next(strength for strength in QUANTITIES if f"{strength}_sensitivity" in row)


PRINTERS: dict[Form, Callable[[Iterable[Row], TextIO], None]] = {
    "csv": _print_csv,
    "json": _print_json,
    "table": _print_table,
    "latex": _print_latex,
}
