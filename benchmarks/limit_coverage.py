"""How often limits by trials cover, in pseudo-skies each of which gives its own background.

    python -m benchmarks.limit_coverage [n_skies]

For four pairs of the public sample and 0.5, 1, 2 and 5 times the sensitivity: limits by trials of each sky's own
background at the truth, and by those of the background that is expected of such skies, as a certificate asks them. The
record is docs/coverage.md.
"""

import sys
import time
from dataclasses import dataclass

import numpy as np
from scipy.stats import kstest

from benchmarks.measure import markdown
from core.inference.certificate import TrialsOfPair, covered
from core.inference.certified_pair import CertifiedPair, SkyFits, fits_of_skies
from tests.core.inference.certified_pairs import certified
from tests.core.pdfs.public_pairs import public_pair

PAIRS = (("tautau", 20.0), ("bb", 50.0), ("mumu", 10.0), ("nunu", 20.0))
MULTIPLES = (0.5, 1.0, 2.0, 5.0)
N_SKIES = 20_000
# Of the first skies of a row each sky's own trials are drawn too.
N_OWN_SKIES = 400
N_OWN_TRIALS = 99  # the rank of a sky among 100 is at most 90 in 90 % of skies
SEED = 20261130
KINDS = ("upper_limit_unfloored", "upper_limit", "upper_limit_cls", "feldman_cousins", "upper_limit_likelihood")


@dataclass(frozen=True)
class Coverage:
    """Of skies of one pair and truth: shares by kind of limit, that by each sky's own trials, bias and flatness."""

    own: float
    kinds: dict[str, float]
    bias: float
    bias_error: float
    flatness: float


def coverage(
    pair: CertifiedPair, spread: float, sensitivity: float, multiple: float, n_skies: int, seed: list[int]
) -> Coverage:
    """Return how often limits cover; `spread` of n_s and `sensitivity` in events."""
    truth = multiple * sensitivity
    strength = truth / pair.n_s_per_strength
    trials = TrialsOfPair.drawn(pair.expected_model(strength), spread, truth, seed[0])
    n_own = min(n_skies, N_OWN_SKIES)
    own = fits_of_skies(pair, strength, n_own, np.random.default_rng([*seed, 0]), n_own_trials=N_OWN_TRIALS)
    more = fits_of_skies(pair, strength, n_skies - n_own, np.random.default_rng([*seed, 1]))
    fits = SkyFits(*(np.concatenate([getattr(part, name) for part in (own, more)]) for name in vars(own)))
    kinds, p_values = covered(fits, trials.background, trials.signal, truth, sensitivity)
    return Coverage(
        float(np.mean(own.exceeding <= 0.9)),
        {kind: float(kinds[kind].mean()) for kind in KINDS},
        float(fits.n_s.mean()) - truth,
        float(fits.n_s.std() / np.sqrt(n_skies)),
        float(kstest(p_values, "uniform").pvalue),
    )


def main() -> None:
    """Print a row a pair and truth."""
    n_skies = int(sys.argv[1]) if len(sys.argv) > 1 else N_SKIES
    rows, own, bare = [], [], []
    began = time.process_time()
    for place, (channel, mass) in enumerate(PAIRS):
        form, pair = public_pair(channel, mass).closed_form(), certified(channel, mass)
        for number, multiple in enumerate(MULTIPLES):
            seed = [SEED, place, number]
            found = coverage(pair, form.n_s_uncertainty, form.sensitivity, multiple, n_skies, seed)
            own.append(found.own)
            bare.append(found.kinds["upper_limit_unfloored"])
            shares = [f"{found.own:.1%}", *(f"{found.kinds[kind]:.1%}" for kind in KINDS)]
            bias = f"{found.bias:+.1f} ± {found.bias_error:.1f}"
            rows.append([f"{channel}/{mass:g}", f"{multiple:g}", *shares, bias, f"{found.flatness:.2g}"])
            print(rows[-1], f"{time.process_time() - began:.0f} CPU s", file=sys.stderr, flush=True)
    headings = ["pair", "true ⟨σv⟩ over sensitivity", "without floor, each sky's own trials", "without floor"]
    headings += ["with floor", "CL_s", "Feldman-Cousins", "profile likelihood", "bias of n_s", "flatness"]
    print(markdown(headings, rows))
    print(f"{n_skies} skies a row, {min(n_skies, N_OWN_SKIES)} of them with own trials")
    print(f"means without floor: {np.mean(own):.2%} by own trials, {np.mean(bare):.2%}")
    print(f"{time.process_time() - began:.0f} CPU s")


if __name__ == "__main__":
    main()
