"""How often limits with J factors fixed and profiled cover, where J factors are observed about true ones.

Skies are drawn from the true J factors (those of the catalogue, or others), the background anew from each; the analysis
takes J factors that are drawn about these with each value's own errors. `python -m benchmarks.j_coverage` prints the
table of docs/j-factors.md: some 15 minutes of one core for 2,000 skies a row.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtri

from benchmarks.measure import markdown
from core.inference.j_calibration import calibrated_drop
from core.likelihood.j_profile import FactorErrors, profiled_strength
from tests.core.pdfs.public_pairs import public_pair
from tests.core.pdfs.source_pairs import cells, patterns, skies

N_SKIES = 2000
LIMITS = ("fixed", "profiled, fall of 1.64", "profiled, calibrated fall", "the same, Gaussian skies")


@dataclass(frozen=True)
class Case:
    """A pair, its true strength in sensitivities with J factors fixed, and which true J factors: 0 the catalogue's."""

    channel: str
    mass: float
    multiple: float
    other_truth: int = 0


CASES = (
    *(Case(*pair, multiple) for pair in (("tautau", 20.0), ("bb", 50.0)) for multiple in (1.0, 3.0)),
    *(Case("tautau", 20.0, 1.0, truth) for truth in (1, 2)),
)


def errors(case: Case) -> FactorErrors:
    """Return the errors of ln J of a pair's sources."""
    return FactorErrors.of_sources(public_pair(case.channel, case.mass).expected.sources)


@cache
def drop(channel: str, mass: float) -> float:
    """Return the fall of 2 ln L that covers at every strength, by trials about the catalogue's J factors."""
    known = errors(Case(channel, mass, 1.0))
    return calibrated_drop(patterns(channel, mass).information, known, seed=3).greatest


def limits(case: Case, n_skies: int = N_SKIES) -> np.ndarray:
    """Return upper limits of skies in units of the true strength, (n_skies, 4), in the order of LIMITS."""
    known, calibrated = errors(case), drop(case.channel, case.mass)
    n_sources, generator = known.low.size, np.random.default_rng([17, case.other_truth])
    true_factors = np.ones(n_sources)
    if case.other_truth:
        true_factors = np.exp(known.shifts(np.random.default_rng(case.other_truth).normal(size=n_sources)))
    information = patterns(case.channel, case.mass).information
    strength = case.multiple * float(ndtri(0.9)) / np.sqrt(true_factors @ information @ true_factors)
    excess, fixed = cells(case.channel, case.mass).excess, FactorErrors.none(n_sources)
    found = np.empty((n_skies, len(LIMITS)))
    for row in found:
        sky = skies(case.channel, case.mass).draw(strength * true_factors, generator)
        observed = true_factors * np.exp(-known.shifts(generator.normal(size=n_sources)))
        exact, gaussian = sky.likelihood(excess, observed), sky.gaussian_likelihood(excess, observed)
        row[0] = profiled_strength(exact, fixed).upper_limit
        row[1] = profiled_strength(exact, known).upper_limit
        row[2] = profiled_strength(exact, known, calibrated).upper_limit
        row[3] = profiled_strength(gaussian, known, calibrated).upper_limit
    return np.asarray(found / strength)


def main() -> None:
    """Print a row a case."""
    rows = []
    for case in CASES:
        covered = np.mean(limits(case) >= 1.0, axis=0)
        truth = f", true J factors drawn, set {case.other_truth}" if case.other_truth else ""
        pair = f"{case.channel}/{case.mass:g}{truth}"
        rows.append([f"{case.multiple:g}", pair, *(f"{share:.1%}" for share in covered)])
    print(markdown(["true ⟨σv⟩ over sensitivity", "pair", *LIMITS], rows))


if __name__ == "__main__":
    main()
