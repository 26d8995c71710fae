"""What a row of a certificate is allowed to be, and whether its skies are enough to say that it is.

A bound holds if what was found is within it and its error is a third of it at most, or if three errors around what was
found are within it. It is broken if what was found is three errors beyond it. Else the skies do not decide.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

MOST_MISCOVERED, MOST_MISCOVERED_INTERVAL = 0.015, 0.03
MOST_BIAS = 0.1  # standard deviations of n_s
LEAST_FLATNESS = 1e-3
N_ERRORS = 3.0
ONE_SIGMA_COVERAGE = 0.6827
# Limits that are meant to cover more, and those that do not claim to cover: fixed is what in truth varies.
COVERING_MORE = ("upper_limit", "upper_limit_cls", "upper_limit_likelihood", "upper_limit_profiled_j")
UNBOUND = ("upper_limit_unfloored_j_drawn", "upper_limit_unfloored_detector_drawn")
# Kinds whose rows tell of the bias of n_s and of p-values of the truth.
TELLING_BIAS = ("upper_limit_unfloored",)
TELLING_FLATNESS = ("upper_limit_unfloored", "upper_limit_marginalised_j", "upper_limit_marginalised_detector")


class Verdict(NamedTuple):
    """Whether a row holds; None where its skies do not decide or nothing is asked, with the reason in words."""

    passed: bool | None
    reason: str


def verdict_of(row: Mapping[str, object], n_s_uncertainty: float, confidence: float) -> Verdict:
    """Return whether the bounds on a row hold: of coverage, of bias and of the flatness of p-values."""
    kind = str(row["limit"])
    if kind in UNBOUND:
        return Verdict(None, "no bound: shown for what it leaves out")
    verdicts = [_of_coverage(kind, _real(row, "coverage"), int(_real(row, "n_skies")), confidence)]
    if kind in TELLING_BIAS:
        verdicts.append(_of_bias(_real(row, "bias"), _real(row, "bias_error"), n_s_uncertainty))
    if kind in TELLING_FLATNESS and _real(row, "p_value_flatness") < LEAST_FLATNESS:
        verdicts.append(Verdict(False, "p-values of the truth are not flat"))
    for passed in (False, None):
        if reasons := [verdict.reason for verdict in verdicts if verdict.passed is passed]:
            return Verdict(passed, "; ".join(reasons))
    return Verdict(True, "")


def enough_skies(kind: str, confidence: float) -> int:
    """Return how many skies decide on a coverage that is well within its bound."""
    wanted, most = _bound(kind, confidence)
    return int(np.ceil(wanted * (1.0 - wanted) * (N_ERRORS / most) ** 2))


def _of_coverage(kind: str, share: float, n_skies: int, confidence: float) -> Verdict:
    wanted, most = _bound(kind, confidence)
    low, high = wanted - most, np.inf if kind in COVERING_MORE else wanted + most
    due = np.sqrt(wanted * (1.0 - wanted) / n_skies)
    error = np.sqrt(max(share * (1.0 - share), 1.0 / n_skies) / n_skies)
    said = f"{kind} covers {share:.1%} ± {error:.1%}, {wanted:.1%} are due"
    if share < low - N_ERRORS * due or share > high + N_ERRORS * due:
        return Verdict(False, said)
    surely = low <= share - N_ERRORS * error and share + N_ERRORS * error <= high
    if surely or (low <= share <= high and n_skies >= enough_skies(kind, confidence)):
        return Verdict(True, "")
    enough = enough_skies(kind, confidence)
    more = f"{enough:,} skies or more decide" if n_skies < enough else "more skies decide"
    return Verdict(None, f"undecided: {said}; {more}")


def _of_bias(bias: float, error: float, n_s_uncertainty: float) -> Verdict:
    most = MOST_BIAS * n_s_uncertainty
    said = f"n_s is {bias:+.1f} ± {error:.1f} from the truth, allowed are {MOST_BIAS} of its spread"
    if abs(bias) > most + N_ERRORS * error:
        return Verdict(False, said)
    if abs(bias) <= most and (N_ERRORS * error <= most or abs(bias) + N_ERRORS * error <= most):
        return Verdict(True, "")
    return Verdict(None, f"undecided: {said}; too few skies")


def _bound(kind: str, confidence: float) -> tuple[float, float]:
    """Return what coverage is due, and by how much it may differ."""
    if kind == "interval":
        return ONE_SIGMA_COVERAGE, MOST_MISCOVERED_INTERVAL
    return confidence, MOST_MISCOVERED


def _real(row: Mapping[str, object], name: str) -> float:
    return float(str(row[name]))
