"""The `counts_limit` product: limits of one pair from the measured counts, a row a profile and method."""

from collections.abc import Collection, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.processes import ANNIHILATION, Process
from core.glossary import GLOSSARY
from core.inference.atmospheric_fit import goodness_of_fit
from core.inference.atmospheric_model import CountsModel
from core.inference.conservative_limit import conservative_limit
from core.inference.counts_limit import BAND_SIGMAS, CONFIDENCE, counts_limit
from core.inference.counts_trials import BackgroundTrials, trials_limit

Reals = NDArray[np.float64]
Row = dict[str, float | int | str | None]

METHODS = ("conservative", "atmospheric_cls", "atmospheric_trials")
DWARFS_ALONE = "none"


def counts_limit_product(
    model: CountsModel,
    counts: Reals,
    signals: Mapping[str, Reals],
    background: BackgroundTrials,
    seed: int,
    by_trials: Collection[str] | None = None,
    process: Process = ANNIHILATION,
    confidence: float = CONFIDENCE,
) -> pa.Table:
    """Return the limits on the strength of a process: a row for each profile and each of METHODS.

    `counts` (128,). `signals`: expected events per strength, (4, 128) or (128,), by the name of the halo's profile,
    DWARFS_ALONE for the dwarfs without it. `background`: trials of the same counts without signal; as many are drawn at
    each of five strengths, for the profiles `by_trials`, None: for all. The numbers depend on the seeds alone.
    PhysicsError where a signal is empty or a limit lies beyond what a fit may take.
    """
    rows: list[Row] = []
    for profile, signal in signals.items():
        n_per_strength = float(signal.sum())
        shape = model.with_signal(signal / n_per_strength)
        has_trials = by_trials is None or profile in by_trials
        found = [
            _conservative(shape.signal_counts, counts, confidence),
            *_with_atmosphere(shape, counts, background, seed, confidence, has_trials),
        ]
        rows += [_named(profile, row, n_per_strength, process) for row in found]
    return pa.table({name: _column(name, [row[name] for row in rows]) for name in rows[0]})


def _conservative(signal: Reals, counts: Reals, confidence: float) -> Row:
    limit = conservative_limit(signal, counts, confidence)
    return _row("conservative", limit.strength, limit.strength) | {"n_bins": len(limit.bins)}


def _with_atmosphere(
    model: CountsModel, counts: Reals, background: BackgroundTrials, seed: int, confidence: float, has_trials: bool
) -> list[Row]:
    """Return the rows by the asymptotic law and, if there are trials, by them."""
    limit = counts_limit(model, counts, confidence, background=background.measured)
    fitted: Row = {
        "best_fit": limit.best_fit,
        "best_fit_error": limit.uncertainty,
        "significance": limit.significance,
        "n_bins": len(counts),
    }
    quality, _ = goodness_of_fit(limit.background)
    asymptotic = _row("atmospheric_cls", limit.upper_limit, limit.upper_limit_plain, limit.expected)
    rows = [asymptotic | fitted | {"goodness_of_fit": quality, "cls": limit.upper_limit}]
    if has_trials:
        trials = trials_limit(model, counts, limit, background, seed, confidence)
        by_trials = _row("atmospheric_trials", trials.upper_limit, trials.upper_limit_plain, trials.expected)
        drawn: Row = {
            "goodness_of_fit": trials.goodness_of_fit,
            "cls": trials.upper_limit_cls,
            "p_value": trials.p_value,
            "n_histograms": trials.n_trials,
            "limit_error": trials.upper_limit_error,
        }
        rows.append(by_trials | fitted | drawn)
    return rows


def _row(method: str, limit: float, unfloored: float | None, expected: Mapping[str, float | None] | None = None) -> Row:
    """Return a row in units of strength, what a method does not tell as None."""
    empty: Row = dict.fromkeys(
        ("cls", "limit_error", "best_fit", "best_fit_error", "significance", "p_value", "goodness_of_fit", "n_bins",
         "n_histograms")
    )  # fmt: skip
    bands: Row = {name: (expected or {}).get(name) for name in BAND_SIGMAS}
    told: Row = {"method": method, "limit": limit, "unfloored": unfloored}
    return told | empty | bands


def _named(profile: str, row: Row, n_per_strength: float, process: Process) -> Row:
    """Return a row under the names of the glossary, numbers of events turned into strengths of the process."""
    strength = process.strength

    def turned(name: str) -> float | None:
        value = row[name]
        return float(value) / n_per_strength if isinstance(value, int | float) else None

    return {
        "profile": profile,
        "method": row["method"],
        f"{strength}_upper_limit": turned("limit"),
        f"{strength}_upper_limit_error": turned("limit_error"),
        f"{strength}_upper_limit_unfloored": turned("unfloored"),
        f"{strength}_upper_limit_cls": turned("cls"),
        f"{strength}_best_fit": turned("best_fit"),
        f"{strength}_best_fit_error": turned("best_fit_error"),
        f"{strength}_expected_limit": turned("median"),
        f"{strength}_expected_limit_lo95": turned("lo95"),
        f"{strength}_expected_limit_lo68": turned("lo68"),
        f"{strength}_expected_limit_hi68": turned("hi68"),
        f"{strength}_expected_limit_hi95": turned("hi95"),
        f"n_s_per_{strength}": n_per_strength,
        "significance": row["significance"],
        "p_value": row["p_value"],
        "goodness_of_fit": row["goodness_of_fit"],
        "n_bins": row["n_bins"],
        "n_histograms": row["n_histograms"],
    }


def _column(name: str, values: list[float | int | str | None]) -> pa.Array:
    """Return values as a column of text, whole numbers or reals, as the glossary has it."""
    return pa.array(values, GLOSSARY[name].dtype if name in GLOSSARY else pa.float64())
